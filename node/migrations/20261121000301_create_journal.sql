-- The journal of a node. Instants are UTC microseconds; hashes are 32 bytes.
-- Times of writing come from the node's clock, never from SQLite.

-- Where this node was enrolled; one row, none before `rmd-node enrol`.
CREATE TABLE enrolment (
    id             INTEGER CONSTRAINT enrolment_key PRIMARY KEY
                   CONSTRAINT enrolment_single CHECK (id = 1),
    identity       TEXT    NOT NULL,
    hub_identity   TEXT    NOT NULL,
    hub_feed_vkey  TEXT    NOT NULL,
    hub_address    TEXT    NOT NULL,
    advertise      TEXT    NOT NULL,
    not_after_us   INTEGER NOT NULL,
    enrolled_at_us INTEGER NOT NULL
);

-- The counter of starts and the random number of the last one; one row.
CREATE TABLE boot (
    id            INTEGER CONSTRAINT boot_key PRIMARY KEY
                  CONSTRAINT boot_single CHECK (id = 1),
    number        INTEGER NOT NULL,
    random        INTEGER NOT NULL,
    pid           INTEGER NOT NULL,
    started_at_us INTEGER NOT NULL
);

-- Each epoch of each feed and the origin in its checkpoints; `follows` is the
-- last checkpoint of the epoch before it, where that is known.
CREATE TABLE epoch (
    feed        TEXT    NOT NULL,
    epoch       INTEGER NOT NULL,
    origin      TEXT    NOT NULL,
    follows     TEXT    NOT NULL,
    began_at_us INTEGER NOT NULL,
    CONSTRAINT epoch_key PRIMARY KEY (feed, epoch)
) WITHOUT ROWID;

-- The feed as it is written now: its size is the seq of its last entry, its
-- edge the right edge of the tree at that size. `last_entry_us` is the instant
-- of that entry: a clock far behind it must not append.
CREATE TABLE feed (
    feed          TEXT    NOT NULL CONSTRAINT feed_key PRIMARY KEY,
    epoch         INTEGER NOT NULL,
    size          INTEGER NOT NULL,
    edge          BLOB    NOT NULL,
    checkpoint    TEXT    NOT NULL,
    last_entry_us INTEGER NOT NULL,
    CONSTRAINT feed_epoch FOREIGN KEY (feed, epoch) REFERENCES epoch (feed, epoch)
) WITHOUT ROWID;

-- Entries in blocks of up to 256, exactly as they are served, with the stored
-- hashes of the tree that the block completed.
CREATE TABLE block (
    feed       TEXT    NOT NULL,
    epoch      INTEGER NOT NULL,
    first_seq  INTEGER NOT NULL,
    last_seq   INTEGER NOT NULL,
    body       BLOB    NOT NULL,
    checkpoint TEXT    NOT NULL,
    hash_first INTEGER NOT NULL,
    hashes     BLOB    NOT NULL,
    CONSTRAINT block_key PRIMARY KEY (feed, epoch, first_seq),
    CONSTRAINT block_hash UNIQUE (feed, epoch, hash_first),
    CONSTRAINT block_epoch FOREIGN KEY (feed, epoch) REFERENCES epoch (feed, epoch)
);

-- What leaves of each record type. `generation` is raised with every change,
-- so that a capture pass that began before it cannot save its mark.
CREATE TABLE entitlement (
    entity        TEXT    NOT NULL CONSTRAINT entitlement_key PRIMARY KEY,
    feed          TEXT    NOT NULL,
    level         TEXT    NOT NULL
                  CONSTRAINT entitlement_level CHECK (level IN ('off', 'shadow', 'live')),
    generation    INTEGER NOT NULL,
    published     INTEGER NOT NULL,
    rows_off      INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL
) WITHOUT ROWID;

-- What became of each source row. The id is the entity in 4 bits and 60 bits
-- of a hash of the key; the key itself is compared. `record_id` is the record
-- whose last revision came from this row.
CREATE TABLE source_row (
    row_id     INTEGER CONSTRAINT source_row_key PRIMARY KEY,
    source_key TEXT    NOT NULL,
    record_id  INTEGER,
    state      TEXT    NOT NULL
               CONSTRAINT source_row_state CHECK (state IN ('published', 'refused', 'off', 'gone'))
);

-- The last revision of each record. `op` is the number of the protocol, 0
-- while nothing was appended; `row_id` is the source row of the last revision.
CREATE TABLE record (
    record_id    INTEGER CONSTRAINT record_key PRIMARY KEY,
    record_key   TEXT    NOT NULL,
    row_id       INTEGER NOT NULL,
    rev          INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    op           INTEGER NOT NULL,
    content_hash BLOB    NOT NULL
);

-- Source rows that are refused now, with their findings as JSON. A row whose
-- only fault is that another has the same key keeps what it would publish.
CREATE TABLE quarantine (
    row_id        INTEGER CONSTRAINT quarantine_key PRIMARY KEY,
    entity        TEXT    NOT NULL,
    source_key    TEXT    NOT NULL,
    record_key    TEXT,
    claim_id      INTEGER,
    clash         INTEGER NOT NULL,
    findings      TEXT    NOT NULL,
    payload       BLOB,
    op            INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    event_time_us INTEGER NOT NULL,
    mapping_id    TEXT    NOT NULL,
    refused_at_us INTEGER NOT NULL
);
CREATE INDEX quarantine_claim ON quarantine (claim_id) WHERE claim_id IS NOT NULL;

-- How far capture is with each watched table, in capture's own words.
CREATE TABLE capture_mark (
    entity        TEXT    NOT NULL,
    watched_table TEXT    NOT NULL,
    mark          TEXT    NOT NULL,
    marked_at_us  INTEGER NOT NULL,
    CONSTRAINT capture_mark_key PRIMARY KEY (entity, watched_table)
) WITHOUT ROWID;

-- Capture passes over each watched table, for `status`.
CREATE TABLE capture_pass (
    entity           TEXT    NOT NULL,
    watched_table    TEXT    NOT NULL,
    mode             TEXT    NOT NULL,
    passes           INTEGER NOT NULL,
    rows_read        INTEGER NOT NULL,
    last_started_us  INTEGER,
    last_finished_us INTEGER,
    last_error       TEXT,
    CONSTRAINT capture_pass_key PRIMARY KEY (entity, watched_table)
) WITHOUT ROWID;

-- The source as its server names itself; one row.
CREATE TABLE source (
    id             INTEGER CONSTRAINT source_key PRIMARY KEY
                   CONSTRAINT source_single CHECK (id = 1),
    kind           TEXT    NOT NULL,
    server_version TEXT    NOT NULL,
    seen_at_us     INTEGER NOT NULL
);

-- What left: one row a call, raised before each frame is handed to the network.
CREATE TABLE audit (
    audit_id      INTEGER CONSTRAINT audit_key PRIMARY KEY,
    peer          TEXT    NOT NULL,
    serial        TEXT    NOT NULL,
    call          TEXT    NOT NULL,
    feed          TEXT    NOT NULL,
    epoch         INTEGER NOT NULL,
    first_seq     INTEGER NOT NULL,
    last_seq      INTEGER NOT NULL,
    frames        INTEGER NOT NULL,
    bytes         INTEGER NOT NULL,
    began_at_us   INTEGER NOT NULL,
    last_at_us    INTEGER NOT NULL
);

-- Peers that said hello, with what their certificate and session proved.
CREATE TABLE peer (
    identity     TEXT    NOT NULL CONSTRAINT peer_key PRIMARY KEY,
    tls_version  TEXT    NOT NULL,
    serial       TEXT    NOT NULL,
    last_seen_us INTEGER NOT NULL
) WITHOUT ROWID;
