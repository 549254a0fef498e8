-- What a node that lost entries of its own feeds must know to get them back.

-- The random number of the start before this one; 0 at the first.
ALTER TABLE boot ADD COLUMN previous_random INTEGER NOT NULL DEFAULT 0;

-- The mark file beside the store, as the last start left it: its random number
-- and what the file system says of it. A copied or restored folder has another.
CREATE TABLE store_mark (
    id     INTEGER CONSTRAINT store_mark_key PRIMARY KEY
           CONSTRAINT store_mark_single CHECK (id = 1),
    random INTEGER NOT NULL,
    file   TEXT    NOT NULL
);

-- A feed of this node to which nothing is appended, and why: `unsure` until the
-- hub has said what it holds, `lacking` until its entries are back, `diverged`
-- until a person has dropped the tail that the hub does not know. Held is what
-- the hub verified; common the last size at which both agree, once it is known.
-- Evidence is the text that others can check.
CREATE TABLE own_recovery (
    feed            TEXT    NOT NULL CONSTRAINT own_recovery_key PRIMARY KEY,
    state           TEXT    NOT NULL
                    CONSTRAINT own_recovery_state CHECK (state IN ('unsure', 'lacking', 'diverged')),
    held_size       INTEGER NOT NULL,
    held_checkpoint TEXT    NOT NULL,
    common_size     INTEGER,
    evidence        TEXT    NOT NULL,
    since_us        INTEGER NOT NULL
) WITHOUT ROWID;

-- The last checkpoint of each own feed that the hub told to have verified.
CREATE TABLE known_checkpoint (
    feed       TEXT    NOT NULL,
    epoch      INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    checkpoint TEXT    NOT NULL,
    seen_at_us INTEGER NOT NULL,
    CONSTRAINT known_checkpoint_key PRIMARY KEY (feed, epoch)
) WITHOUT ROWID;

-- What happened to the feeds beside appends, for `recover status`.
CREATE TABLE recovery_event (
    event_id  INTEGER CONSTRAINT recovery_event_key PRIMARY KEY,
    feed      TEXT    NOT NULL,
    what      TEXT    NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    detail    TEXT    NOT NULL,
    at_us     INTEGER NOT NULL
);

-- Records of the national database that came back with a feed and of which no
-- row was seen yet: after the next whole pass they are gone at the source.
CREATE TABLE adopted_record (
    record_id INTEGER CONSTRAINT adopted_record_key PRIMARY KEY,
    entity    TEXT    NOT NULL,
    since_us  INTEGER NOT NULL
);
CREATE INDEX adopted_record_entity ON adopted_record (entity, since_us);
