-- The status of sites and exporters in time: what each revision said of it and since
-- when that is known, what was told of it, reminders, and appeals. Owned by standing/.

-- status_revision: what a revision of a site or an exporter says about its status. No
-- row is changed by a later revision; the ledger holds the same and more.
CREATE TABLE status_revision (
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    node_id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    -- upsert; tombstone or annul: from then on nothing is declared.
    op TEXT NOT NULL,
    -- When the hub received it.
    known_at_us BIGINT NOT NULL,
    -- The message of the record with the fields of its status alone.
    declared BLOB NOT NULL,
    CONSTRAINT status_revision_pk PRIMARY KEY (entity, record_key, node_id, epoch, seq)
);

-- status_intake: the frame of the ledger that was read last, of each feed of master data.
CREATE TABLE status_intake (
    node_id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    CONSTRAINT status_intake_pk PRIMARY KEY (node_id)
);

-- status_due: sites and exporters of which something new is known.
CREATE TABLE status_due (
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    CONSTRAINT status_due_pk PRIMARY KEY (entity, record_key)
);

-- status_turn: one row; the day for which all was computed, under which policy. Raised
-- by each step, so that two processes on one store compute one after the other.
CREATE TABLE status_turn (
    turn_id BIGINT NOT NULL,
    steps BIGINT NOT NULL,
    -- ISO day; empty before the first.
    day TEXT NOT NULL,
    yellow_months BIGINT NOT NULL,
    CONSTRAINT status_turn_pk PRIMARY KEY (turn_id),
    CONSTRAINT status_turn_is_one CHECK (turn_id = 1)
);
INSERT INTO status_turn (turn_id, steps, day, yellow_months) VALUES (1, 0, '', 0);

-- standing: the effective status of each released site and exporter as it was computed
-- last; what differs from it next time is a change, and is told.
CREATE TABLE standing (
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    -- green, blue, yellow, red or unknown.
    status TEXT NOT NULL,
    since TEXT NOT NULL,
    -- Last day on which it holds if nothing else happens; NULL if without end.
    until TEXT,
    reason TEXT NOT NULL,
    computed_on TEXT NOT NULL,
    CONSTRAINT standing_pk PRIMARY KEY (entity, record_key)
);

-- reminder: what was said of a lapse before it, to the node that holds the record.
CREATE TABLE reminder (
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    -- Last day of the status that ends.
    until TEXT NOT NULL,
    -- 90, 60 or 30 days before.
    days BIGINT NOT NULL,
    country TEXT NOT NULL,
    node_id TEXT NOT NULL,
    status TEXT NOT NULL,
    -- What follows by itself.
    next_status TEXT NOT NULL,
    -- Revision and seq of the entry in the node's feed of verdicts.
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    sent_on TEXT NOT NULL,
    sent_at_us BIGINT NOT NULL,
    -- Day on which it held no more: averted, or the status ended; NULL while it stands.
    cleared_on TEXT,
    CONSTRAINT reminder_pk PRIMARY KEY (entity, record_key, until, days)
);
CREATE INDEX reminder_sent ON reminder (sent_at_us);

-- appeal: one appeal against a decision, as it was lodged; never changed.
CREATE TABLE appeal (
    appeal_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    -- Who appeals: a state or a party.
    appellant TEXT NOT NULL,
    ground TEXT NOT NULL,
    document_name TEXT NOT NULL,
    document_sha256 BLOB NOT NULL,
    lodged_on TEXT NOT NULL,
    -- Last day on which it is to be decided.
    deadline TEXT NOT NULL,
    recorded_at_us BIGINT NOT NULL,
    CONSTRAINT appeal_pk PRIMARY KEY (appeal_id)
);
CREATE INDEX appeal_decision ON appeal (decision_id);

-- appeal_ruling: what became of an appeal; at most one, never changed.
CREATE TABLE appeal_ruling (
    appeal_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    ruled_on TEXT NOT NULL,
    ruled_by TEXT NOT NULL,
    ground TEXT NOT NULL,
    document_name TEXT NOT NULL,
    document_sha256 BLOB NOT NULL,
    -- The decision that lifts the one appealed against; NULL where the appeal failed.
    lifting_decision_id TEXT,
    recorded_at_us BIGINT NOT NULL,
    CONSTRAINT appeal_ruling_pk PRIMARY KEY (appeal_id),
    CONSTRAINT appeal_ruling_outcome CHECK (outcome IN ('upheld', 'dismissed', 'withdrawn'))
);

-- Decisions and bulletins are about exporters as well; keys of the two never meet.
ALTER TABLE decision ADD COLUMN entity TEXT NOT NULL DEFAULT 'MineSite';
ALTER TABLE bulletin ADD COLUMN entity TEXT NOT NULL DEFAULT 'SiteStatusBulletin';
