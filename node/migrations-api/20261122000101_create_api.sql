-- The records behind the node's API. This file holds what stays in the state:
-- records as they were posted, with names, phones and prices. It never leaves
-- the ministry. Instants are UTC microseconds from the node's clock.

-- The records that the API shows: complete as somebody posted them, or in the
-- released form that the node published of a row of the national database.
CREATE TABLE record (
    record_id     INTEGER CONSTRAINT record_number PRIMARY KEY,
    entity        TEXT    NOT NULL,
    record_key    TEXT    NOT NULL,
    origin        TEXT    NOT NULL
                  CONSTRAINT record_origin CHECK (origin IN ('posted', 'published')),
    annulled      INTEGER NOT NULL,
    payload       BLOB    NOT NULL,
    changed_at_us INTEGER NOT NULL,
    CONSTRAINT record_name UNIQUE (entity, record_key)
);

-- By what a record is found: one row for its type, which carries the instant or
-- day that ranges are over, and one for each value of a filter.
CREATE TABLE term (
    term      TEXT    NOT NULL,
    record_id INTEGER NOT NULL,
    at        INTEGER,
    CONSTRAINT term_key PRIMARY KEY (term, record_id)
) WITHOUT ROWID;
CREATE INDEX term_at ON term (term, at) WHERE at IS NOT NULL;

-- How many records each term has, so that a total costs no counting. `moves` is
-- raised when a record came or went anywhere but at the end.
CREATE TABLE term_count (
    term    TEXT    NOT NULL CONSTRAINT term_count_key PRIMARY KEY,
    records INTEGER NOT NULL,
    moves   INTEGER NOT NULL
) WITHOUT ROWID;

-- Posted records on their way into the journal. What a crash leaves here is
-- taken up again at the next start.
CREATE TABLE intake (
    entity         TEXT    NOT NULL,
    record_key     TEXT    NOT NULL,
    payload        BLOB    NOT NULL,
    received_at_us INTEGER NOT NULL,
    CONSTRAINT intake_key PRIMARY KEY (entity, record_key)
);

-- How far the node's own feeds were read into `record`.
CREATE TABLE followed (
    feed  TEXT    NOT NULL CONSTRAINT followed_key PRIMARY KEY,
    epoch INTEGER NOT NULL,
    seq   INTEGER NOT NULL
) WITHOUT ROWID;

-- Under which generation of its entitlement the posted records of a type were
-- last handed to the journal.
CREATE TABLE reapplied (
    entity     TEXT    NOT NULL CONSTRAINT reapplied_key PRIMARY KEY,
    generation INTEGER NOT NULL
) WITHOUT ROWID;

-- Who may use the API. Of a token only its SHA-256 is kept.
CREATE TABLE token (
    token_id      INTEGER CONSTRAINT token_key PRIMARY KEY,
    name          TEXT    NOT NULL,
    hash          BLOB    NOT NULL CONSTRAINT token_hash UNIQUE,
    may_read      INTEGER NOT NULL,
    may_write     INTEGER NOT NULL,
    created_at_us INTEGER NOT NULL,
    last_used_us  INTEGER,
    revoked_at_us INTEGER
);
CREATE UNIQUE INDEX token_name ON token (name) WHERE revoked_at_us IS NULL;
