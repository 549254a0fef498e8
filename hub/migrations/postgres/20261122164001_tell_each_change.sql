-- Statuses are computed when they are due, and each change is told. Owned by standing/.

-- status_revision.said_at_us: when the node took it from its source, at the latest when
-- it became known; what has no day of its own counts from there. The rows follow from
-- the ledger and are read again.
DELETE FROM status_revision;
DELETE FROM status_intake;
ALTER TABLE status_revision ADD COLUMN said_at_us BIGINT NOT NULL DEFAULT 0;

-- standing.course: the days on which the status changed, as they were told, oldest
-- first, as `2017-10-28 green;2018-10-29 blue`. Empty: not known. revisions: of how many
-- revisions it was computed. next_on: the first day on which the clock alone may change
-- what is to be told; empty: at once.
ALTER TABLE standing ADD COLUMN course TEXT NOT NULL DEFAULT '';
ALTER TABLE standing ADD COLUMN revisions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE standing ADD COLUMN next_on TEXT NOT NULL DEFAULT '';
CREATE INDEX standing_next ON standing (entity, next_on, record_key);

-- status_turn.policy: the periods of the clock under which all was computed.
ALTER TABLE status_turn ADD COLUMN policy TEXT NOT NULL DEFAULT '';
ALTER TABLE status_turn DROP COLUMN yellow_months;

-- record: a record that got another key is found by the new one: its tombstone names it.
CREATE INDEX record_renamed ON record (reason) WHERE op = 'tombstone';

-- lot_input: whoever names a lot is found by all that the name tells, so that a number
-- under which goods change hands a thousand times is read once.
DROP INDEX lot_input_number;
CREATE INDEX lot_input_number ON lot_input (lot_number, COALESCE(creator_identifier, ''));
