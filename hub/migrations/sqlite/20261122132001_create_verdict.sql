-- What the hub tells each node about its own records, and the records that wait
-- for another one. Owned by verdict/.

-- verdict_turn: one row; raised by each step that judges, so that two processes
-- on one store judge one after the other.
CREATE TABLE verdict_turn (
    turn_id BIGINT NOT NULL,
    steps BIGINT NOT NULL,
    CONSTRAINT verdict_turn_pk PRIMARY KEY (turn_id),
    CONSTRAINT verdict_turn_is_one CHECK (turn_id = 1)
);
INSERT INTO verdict_turn (turn_id, steps) VALUES (1, 0);

-- verdict_cursor: up to which seq a followed feed is judged, and under which
-- levels. The rows of record and quarantine after it are the queue.
CREATE TABLE verdict_cursor (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    -- Level in force of each record type, as Lot=live joined by ';'.
    levels TEXT NOT NULL,
    judged_at_us BIGINT NOT NULL,
    CONSTRAINT verdict_cursor_pk PRIMARY KEY (node_id, feed)
);

-- verdict_due: records to be judged again although no entry about them came.
CREATE TABLE verdict_due (
    node_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    CONSTRAINT verdict_due_pk PRIMARY KEY (node_id, entity, record_key)
);

-- verdict_source: record types of a state whose absence may be told: its nodes
-- release them and were once caught up with.
CREATE TABLE verdict_source (
    country TEXT NOT NULL,
    entity TEXT NOT NULL,
    level TEXT NOT NULL,
    CONSTRAINT verdict_source_pk PRIMARY KEY (country, entity)
);

-- verdict: the last entry about each record in its node's feed of verdicts. The
-- same bytes are not appended again.
CREATE TABLE verdict (
    node_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    -- Revision and seq of the entry in the feed of verdicts.
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    -- upsert: it stands; tombstone: it was cleared.
    op TEXT NOT NULL,
    -- refuse, incomplete or parked: the gravest finding.
    severity TEXT NOT NULL,
    payload BLOB NOT NULL,
    published_at_us BIGINT NOT NULL,
    CONSTRAINT verdict_pk PRIMARY KEY (node_id, entity, record_key),
    CONSTRAINT verdict_op CHECK (op IN ('upsert', 'tombstone'))
);

-- parked: a record that names another one which never came. One row a reference.
CREATE TABLE parked (
    node_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    -- Path of the field that names it.
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    country TEXT NOT NULL,
    target_entity TEXT NOT NULL,
    target_country TEXT NOT NULL,
    -- Key of the missing record; country//number for a lot named by its number alone.
    target_key TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    CONSTRAINT parked_pk PRIMARY KEY (node_id, entity, record_key, path)
);
CREATE INDEX parked_target ON parked (target_entity, target_key);
CREATE INDEX parked_country ON parked (target_country, target_entity);

-- What an owner counts: rows known at the source, good rows that do not leave,
-- and records that are published in an earlier revision.
ALTER TABLE owner_entity ADD COLUMN captured BIGINT NOT NULL DEFAULT 0;
ALTER TABLE owner_entity ADD COLUMN withheld BIGINT NOT NULL DEFAULT 0;
ALTER TABLE owner_entity ADD COLUMN outdated BIGINT NOT NULL DEFAULT 0;
