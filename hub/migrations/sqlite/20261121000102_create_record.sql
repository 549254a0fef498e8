-- What is known of every record, whatever its entity, and what was refused.

-- The last accepted revision of each record; a tombstoned record keeps its row.
CREATE TABLE record (
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    -- Node whose feed holds it; a key belongs to one node.
    node_id TEXT NOT NULL,
    -- ISO 3166-1 alpha-2 code of the state that owns it.
    country TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    -- upsert, tombstone or annul.
    op TEXT NOT NULL,
    -- Why, where op is not upsert.
    reason TEXT,
    -- Instant from which the revision holds at the source; NULL if unknown.
    event_time_us BIGINT,
    captured_at_us BIGINT NOT NULL,
    received_at_us BIGINT NOT NULL,
    schema_id TEXT NOT NULL,
    mapping_id TEXT NOT NULL,
    -- JSON list of the incomplete findings.
    findings TEXT NOT NULL,
    -- Paths of the fields that the owner keeps back, joined by ';'.
    withheld TEXT NOT NULL,
    -- 1: checked only; in no typed table, page or statistic.
    shadow BIGINT NOT NULL,
    CONSTRAINT record_pk PRIMARY KEY (entity, record_key),
    CONSTRAINT record_op CHECK (op IN ('upsert', 'tombstone', 'annul')),
    CONSTRAINT record_shadow CHECK (shadow IN (0, 1))
);
-- Finds the records of a type that stand in shadow, or that do not, without a look at the others.
CREATE INDEX record_node ON record (node_id, feed, epoch, entity, shadow, seq);

-- Entries that were verified but not applied: unreadable, refused by a rule, or of another owner.
CREATE TABLE quarantine (
    record_key TEXT NOT NULL,
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    entity TEXT NOT NULL,
    rev BIGINT NOT NULL,
    op TEXT NOT NULL,
    -- Rule of the first refusing finding, for counts.
    rule TEXT NOT NULL,
    -- JSON list of all findings.
    findings TEXT NOT NULL,
    captured_at_us BIGINT NOT NULL,
    received_at_us BIGINT NOT NULL,
    -- seq of the later revision of the same record that took its place; NULL while it stands.
    superseded_by_seq BIGINT,
    CONSTRAINT quarantine_pk PRIMARY KEY (node_id, feed, epoch, seq, record_key)
);
CREATE INDEX quarantine_record ON quarantine (entity, record_key);
CREATE INDEX quarantine_standing ON quarantine (node_id, feed, epoch, seq) WHERE superseded_by_seq IS NULL;
