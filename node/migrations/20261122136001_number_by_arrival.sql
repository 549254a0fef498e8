-- Rows and records are numbered in the order in which they arrive, so that a
-- first load writes each page of the file once and a scan reads them in turn.
-- The hash of a key says where its number may lie; the key itself is compared.

-- The next number of rows and of records, and how many hashes are fresh.
CREATE TABLE numbering (
    kind  TEXT    NOT NULL
          CONSTRAINT numbering_kind CHECK (kind IN ('row', 'record'))
          CONSTRAINT numbering_key PRIMARY KEY,
    next  INTEGER NOT NULL,
    fresh INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO numbering (kind, next, fresh) VALUES ('row', 1, 0), ('record', 1, 0);

-- Numbers by hash. Fresh ones lie in a small table of their own and are moved
-- together, in the order of their hashes: each by itself would cost a page.
CREATE TABLE row_place (
    hash   INTEGER NOT NULL,
    row_id INTEGER NOT NULL,
    CONSTRAINT row_place_key PRIMARY KEY (hash, row_id)
) WITHOUT ROWID;

CREATE TABLE row_place_fresh (
    hash   INTEGER NOT NULL,
    row_id INTEGER NOT NULL,
    CONSTRAINT row_place_fresh_key PRIMARY KEY (hash, row_id)
) WITHOUT ROWID;

CREATE TABLE record_place (
    hash      INTEGER NOT NULL,
    record_id INTEGER NOT NULL,
    CONSTRAINT record_place_key PRIMARY KEY (hash, record_id)
) WITHOUT ROWID;

CREATE TABLE record_place_fresh (
    hash      INTEGER NOT NULL,
    record_id INTEGER NOT NULL,
    CONSTRAINT record_place_fresh_key PRIMARY KEY (hash, record_id)
) WITHOUT ROWID;

-- What is there keeps its number, which was the hash of its key, or the number
-- after it where another key had that one.
DELETE FROM source_row WHERE state = 'gone';

INSERT INTO row_place (hash, row_id)
SELECT row_id, row_id FROM source_row
UNION
SELECT row_id - 1, row_id FROM source_row
WHERE row_id - 1 IN (SELECT row_id FROM source_row);

INSERT INTO record_place (hash, record_id)
SELECT record_id, record_id FROM record
UNION
SELECT record_id - 1, record_id FROM record
WHERE record_id - 1 IN (SELECT record_id FROM record);
