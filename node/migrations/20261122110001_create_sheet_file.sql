-- The sheets that somebody dropped. Holds no cell of them: the files themselves
-- lie in the folder of sheets.

-- One file by the hash of its bytes. `stored` is its name among those that are
-- done, `corrects` the begin of the hash of the file whose annotated copy it is,
-- `returned` the name of its own copy; all empty where there is none. A file
-- that could not be taken has a fault and may be tried again.
CREATE TABLE sheet_file (
    file_id      INTEGER CONSTRAINT sheet_file_key PRIMARY KEY,
    sha256       TEXT    NOT NULL CONSTRAINT sheet_file_hash UNIQUE,
    name         TEXT    NOT NULL,
    stored       TEXT    NOT NULL,
    entity       TEXT    NOT NULL,
    source_rows  INTEGER NOT NULL,
    appended     INTEGER NOT NULL,
    unchanged    INTEGER NOT NULL,
    withheld     INTEGER NOT NULL,
    refused      INTEGER NOT NULL,
    incomplete   INTEGER NOT NULL,
    corrects     TEXT    NOT NULL,
    returned     TEXT    NOT NULL,
    fault        TEXT    NOT NULL,
    taken_at_us  INTEGER NOT NULL
);
CREATE INDEX sheet_file_entity ON sheet_file (entity, file_id);
