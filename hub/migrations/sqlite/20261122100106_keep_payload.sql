-- The records themselves, so that they can be given on as they came.

-- record: the released bytes of the revision that the record shows, exactly as
-- its owner wrote them: of the last upsert, or of an annulment that carries a
-- record. NULL for a tombstone, and for what came before this column was there.
ALTER TABLE record ADD COLUMN payload BLOB;
-- Finds the records of which the bytes are still in the ledger alone.
CREATE INDEX record_unread ON record (node_id, feed, epoch, entity, seq) WHERE payload IS NULL AND op = 'upsert';
