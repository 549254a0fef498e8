-- What owners had erased, and how far the hub is with it. Owned by erase/.

-- erasure: one row an entry that erases. entries: JSON list of epoch and seq of the
-- entries that it names. payloads: how many of them the hub still held. verdicts:
-- JSON list of seq and rev of the entries of its own feed of verdicts that lost
-- their payload with them. executed_at_us: by the hub's clock, in the transaction of
-- the frame. told_seq: the entry of the feed of verdicts that tells the owner; NULL
-- while it does not know. scrubbed_at_us: when the store was written anew without
-- what was erased; NULL while that is due, 0 while it is under way.
CREATE TABLE erasure (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    record_key TEXT NOT NULL,
    entity TEXT NOT NULL,
    ground TEXT NOT NULL,
    document_sha256 TEXT NOT NULL,
    entries TEXT NOT NULL,
    payloads BIGINT NOT NULL,
    verdicts TEXT NOT NULL,
    executed_at_us BIGINT NOT NULL,
    told_seq BIGINT,
    scrubbed_at_us BIGINT,
    CONSTRAINT erasure_pk PRIMARY KEY (node_id, feed, epoch, seq, record_key)
);
CREATE INDEX erasure_untold ON erasure (node_id, executed_at_us) WHERE told_seq IS NULL;
