-- Limits of the rules between states that the Secretariat changed; those that it never
-- changed are the defaults of the rules.
CREATE TABLE rule_limit (
    -- Version of the Secretariat's table; of two rows of one place the higher counts.
    version     INTEGER NOT NULL PRIMARY KEY,
    parameter   TEXT    NOT NULL,
    -- ISO 3166-1 alpha-2 and HS6; empty: every state, every mineral.
    country     TEXT    NOT NULL,
    mineral     TEXT    NOT NULL,
    -- Milligrams, parts per million, metres, days or a count, by the limit.
    value       INTEGER NOT NULL,
    proposed_by TEXT    NOT NULL,
    approved_by TEXT    NOT NULL,
    ground      TEXT    NOT NULL,
    seq         INTEGER NOT NULL
) WITHOUT ROWID;
