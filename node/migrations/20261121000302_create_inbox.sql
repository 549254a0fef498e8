-- The inbox of a node: the hub's feeds as they were verified, and what they
-- say in tables that the ministry can read.

-- One followed feed of the hub. A frozen feed keeps its evidence and
-- the frame that was refused.
CREATE TABLE inbox_feed (
    feed           TEXT    NOT NULL CONSTRAINT inbox_feed_key PRIMARY KEY,
    epoch          INTEGER NOT NULL,
    size           INTEGER NOT NULL,
    edge           BLOB    NOT NULL,
    checkpoint     TEXT    NOT NULL,
    state          TEXT    NOT NULL
                   CONSTRAINT inbox_feed_state CHECK (state IN ('following', 'frozen')),
    frozen_code    TEXT    NOT NULL,
    frozen_message TEXT    NOT NULL,
    evidence       BLOB    NOT NULL,
    refused_frame  BLOB    NOT NULL,
    updated_at_us  INTEGER NOT NULL
) WITHOUT ROWID;

-- The frames as they came, one row a frame.
CREATE TABLE inbox_frame (
    feed           TEXT    NOT NULL,
    epoch          INTEGER NOT NULL,
    first_seq      INTEGER NOT NULL,
    last_seq       INTEGER NOT NULL,
    frame          BLOB    NOT NULL,
    received_at_us INTEGER NOT NULL,
    CONSTRAINT inbox_frame_key PRIMARY KEY (feed, epoch, first_seq)
);

-- The status of each mine site as the Secretariat knows it: what was decided,
-- and what counts (`effective`) since and until which day, and why. The key is
-- the identifier in its parsed form.
CREATE TABLE site_status (
    record_key      TEXT    NOT NULL CONSTRAINT site_status_key PRIMARY KEY,
    icglr_id        TEXT    NOT NULL,
    country         TEXT    NOT NULL,
    effective       TEXT    NOT NULL,
    since           TEXT    NOT NULL,
    until           TEXT,
    reason          TEXT    NOT NULL,
    decided         TEXT,
    decision_id     TEXT,
    decided_on      TEXT,
    decided_by      TEXT,
    ground          TEXT,
    document_sha256 TEXT,
    lifts           INTEGER NOT NULL,
    published_on    TEXT    NOT NULL,
    seq             INTEGER NOT NULL,
    received_at_us  INTEGER NOT NULL
) WITHOUT ROWID;

-- Certificates that no side accepts any more.
CREATE TABLE revoked_certificate (
    serial        TEXT    NOT NULL CONSTRAINT revoked_certificate_key PRIMARY KEY,
    identity      TEXT    NOT NULL,
    revoked_at_us INTEGER NOT NULL,
    ground        TEXT    NOT NULL,
    seq           INTEGER NOT NULL
) WITHOUT ROWID;

-- Entries of the hub's feeds that this version cannot read; kept, not applied.
CREATE TABLE inbox_unread (
    feed    TEXT    NOT NULL,
    epoch   INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    entity  TEXT    NOT NULL,
    message TEXT    NOT NULL,
    CONSTRAINT inbox_unread_key PRIMARY KEY (feed, epoch, seq)
) WITHOUT ROWID;
