-- Receipts: the hub's cosignatures under checkpoints of this node.

-- The keys that the hub's pinned feed key vouches for.
CREATE TABLE receipt_key (
    vkey       TEXT    NOT NULL CONSTRAINT receipt_key_key PRIMARY KEY,
    seen_at_us INTEGER NOT NULL
) WITHOUT ROWID;

-- The largest receipt of each day (UTC+2, counted from 1970-01-01) for each feed and
-- epoch. Standing is what the journal said when it came: `held` where it has that root
-- at that size, `beyond` where it has fewer entries, `other-root`, or `unsigned` where
-- the note is not signed by this node's key. Each standing has a row of its own, so
-- that a good receipt never takes the place of an alarming one.
CREATE TABLE receipt (
    feed           TEXT    NOT NULL,
    epoch          INTEGER NOT NULL,
    day            INTEGER NOT NULL,
    standing       TEXT    NOT NULL
                   CONSTRAINT receipt_standing
                   CHECK (standing IN ('held', 'beyond', 'other-root', 'unsigned')),
    size           INTEGER NOT NULL,
    root           BLOB    NOT NULL,
    cosigned_at_s  INTEGER NOT NULL,
    vkey           TEXT    NOT NULL,
    note           TEXT    NOT NULL,
    received_at_us INTEGER NOT NULL,
    CONSTRAINT receipt_day PRIMARY KEY (feed, epoch, day, standing)
) WITHOUT ROWID;
