-- Rows in quarantine, counted: a Hello every few seconds must not read them all.

-- Rows in quarantine for each record type and refusing rule; the empty rule
-- counts every row once. Moved in the transaction that moves the rows.
CREATE TABLE refused_count (
    entity      TEXT    NOT NULL,
    rule        TEXT    NOT NULL,
    source_rows INTEGER NOT NULL,
    CONSTRAINT refused_count_key PRIMARY KEY (entity, rule)
) WITHOUT ROWID;

INSERT INTO refused_count (entity, rule, source_rows)
SELECT entity, '', COUNT(*)
FROM quarantine
GROUP BY entity;

INSERT INTO refused_count (entity, rule, source_rows)
SELECT q.entity, f.value ->> 'rule', COUNT(DISTINCT q.row_id)
FROM quarantine q
CROSS JOIN json_each(q.findings) f
WHERE f.value ->> 'severity' = 'refuse'
GROUP BY 1, 2;
