-- What was erased by order, and what must not be published again. Owned by
-- journal/erase/.

-- Each entry of this node that erases. `entries` is a JSON list of epoch, seq and
-- rev of what it names. Who asked and in which words stays here and never leaves.
-- `executed_at_us` is when the hub had executed it, by the hub's clock;
-- `scrubbed_at_us` when the file was written anew without what lay in free pages, 0
-- while that is under way.
CREATE TABLE erasure (
    feed            TEXT    NOT NULL,
    epoch           INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    entity          TEXT    NOT NULL,
    record_key      TEXT    NOT NULL,
    ground          TEXT    NOT NULL,
    document_sha256 TEXT    NOT NULL,
    entries         TEXT    NOT NULL,
    erased_by       TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    erased_at_us    INTEGER NOT NULL,
    executed_at_us  INTEGER,
    scrubbed_at_us  INTEGER,
    CONSTRAINT erasure_key PRIMARY KEY (feed, epoch, seq)
) WITHOUT ROWID;

-- By what erased content is known again: under a secret of the feed key, which is
-- not in this file, so that it confirms no guess.
CREATE TABLE erased_content (
    entity     TEXT NOT NULL,
    record_key TEXT NOT NULL,
    seal       BLOB NOT NULL,
    CONSTRAINT erased_content_key PRIMARY KEY (entity, record_key, seal)
) WITHOUT ROWID;

-- The bundles that were written, so that those can be named which hold what was
-- erased later.
CREATE TABLE bundle_file (
    feed          TEXT    NOT NULL,
    epoch         INTEGER NOT NULL,
    first_seq     INTEGER NOT NULL,
    last_seq      INTEGER NOT NULL,
    file          TEXT    NOT NULL,
    written_at_us INTEGER NOT NULL,
    CONSTRAINT bundle_file_key PRIMARY KEY (feed, epoch, first_seq, file)
) WITHOUT ROWID;
