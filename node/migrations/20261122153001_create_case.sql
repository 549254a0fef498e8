-- What the Secretariat asks this state about its records, and what was answered.

-- The last notice about each case. `notice` is its bytes as they came; `notice_seq` is
-- its seq in the feed of verdicts.
CREATE TABLE case_notice (
    case_id        TEXT    NOT NULL PRIMARY KEY,
    state          TEXT    NOT NULL,
    severity       INTEGER NOT NULL,
    cause          TEXT    NOT NULL,
    subject_kind   TEXT    NOT NULL,
    subject_key    TEXT    NOT NULL,
    sent_at_us     INTEGER NOT NULL,
    due            TEXT    NOT NULL,
    notice         BLOB    NOT NULL,
    notice_seq     INTEGER NOT NULL,
    received_at_us INTEGER NOT NULL
) WITHOUT ROWID;

-- The own answers, as they stand in the feed `answers`; `reply` is the entry's payload.
CREATE TABLE case_reply (
    epoch         INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    case_id       TEXT    NOT NULL,
    reply_key     TEXT    NOT NULL,
    reply         BLOB    NOT NULL,
    replied_at_us INTEGER NOT NULL,
    CONSTRAINT case_reply_key PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
CREATE INDEX case_reply_case ON case_reply (case_id, replied_at_us);
