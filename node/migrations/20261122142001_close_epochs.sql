-- `closed`: the epoch that the store is in has ended, as the file beside the key or the
-- hub says; the store was put back from before a new epoch.
CREATE TABLE own_recovery_with_closed (
    feed            TEXT    NOT NULL CONSTRAINT own_recovery_key PRIMARY KEY,
    state           TEXT    NOT NULL
                    CONSTRAINT own_recovery_state
                    CHECK (state IN ('unsure', 'lacking', 'diverged', 'closed')),
    held_size       INTEGER NOT NULL,
    held_checkpoint TEXT    NOT NULL,
    common_size     INTEGER,
    evidence        TEXT    NOT NULL,
    since_us        INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO own_recovery_with_closed
SELECT feed, state, held_size, held_checkpoint, common_size, evidence, since_us FROM own_recovery;
DROP TABLE own_recovery;
ALTER TABLE own_recovery_with_closed RENAME TO own_recovery;
