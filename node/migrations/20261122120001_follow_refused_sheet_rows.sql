-- What a person has to know of refused rows of sheets, and what was let go.

-- Refused rows of each file for each refusing rule; the empty rule counts every
-- row once. They are told to the hub until the file is settled.
CREATE TABLE sheet_refused (
    file_id     INTEGER NOT NULL,
    rule        TEXT    NOT NULL,
    source_rows INTEGER NOT NULL,
    CONSTRAINT sheet_refused_key PRIMARY KEY (file_id, rule)
) WITHOUT ROWID;

INSERT INTO sheet_refused (file_id, rule, source_rows)
SELECT file_id, '', refused
FROM sheet_file
WHERE fault = '' AND refused > 0;

-- When a corrected copy came or a person said that none will; 0 before that.
ALTER TABLE sheet_file ADD COLUMN settled_at_us INTEGER NOT NULL DEFAULT 0;

UPDATE sheet_file
SET settled_at_us = COALESCE((
    SELECT MIN(c.taken_at_us)
    FROM sheet_file c
    WHERE c.corrects <> ''
      AND c.file_id > sheet_file.file_id
      AND substr(sheet_file.sha256, 1, length(c.corrects)) = c.corrects), 0)
WHERE refused > 0;

CREATE INDEX sheet_file_waiting ON sheet_file (entity)
WHERE refused > 0 AND settled_at_us = 0;

-- Records that somebody let go: what files up to `file_id` say of them is not
-- offered again.
CREATE TABLE sheet_forgotten (
    entity          TEXT    NOT NULL,
    record_key      TEXT    NOT NULL,
    file_id         INTEGER NOT NULL,
    forgotten_at_us INTEGER NOT NULL,
    CONSTRAINT sheet_forgotten_key PRIMARY KEY (entity, record_key)
) WITHOUT ROWID;
