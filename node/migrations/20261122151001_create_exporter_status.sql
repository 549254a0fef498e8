-- What the Secretariat says of exporters, and of statuses of this state that end soon.

-- The status of each exporter as the Secretariat knows it: what was decided, and what
-- counts (`effective`) since and until which day, and why. The key is that of the
-- exporter's record, country / identifier.
CREATE TABLE exporter_status (
    record_key          TEXT    NOT NULL CONSTRAINT exporter_status_key PRIMARY KEY,
    country             TEXT    NOT NULL,
    exporter_identifier TEXT    NOT NULL,
    effective           TEXT    NOT NULL,
    since               TEXT    NOT NULL,
    until               TEXT,
    reason              TEXT    NOT NULL,
    decided             TEXT,
    decision_id         TEXT,
    decided_on          TEXT,
    decided_by          TEXT,
    ground              TEXT,
    document_sha256     TEXT,
    lifts               INTEGER NOT NULL,
    published_on        TEXT    NOT NULL,
    seq                 INTEGER NOT NULL,
    received_at_us      INTEGER NOT NULL
) WITHOUT ROWID;

-- Statuses of the own sites and exporters that end soon if nothing happens: `until` is
-- the last day, `days` how many days before it was reminded, `next` what follows.
CREATE TABLE status_reminder (
    entity         TEXT    NOT NULL,
    record_key     TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    until          TEXT    NOT NULL,
    next           TEXT    NOT NULL,
    next_reason    TEXT    NOT NULL,
    days           INTEGER NOT NULL,
    sent_on        TEXT    NOT NULL,
    seq            INTEGER NOT NULL,
    received_at_us INTEGER NOT NULL,
    CONSTRAINT status_reminder_key PRIMARY KEY (entity, record_key)
) WITHOUT ROWID;
