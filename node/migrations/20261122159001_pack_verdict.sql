-- Findings stand in the row of their verdict: a dozen rows beside it, each with the
-- record's key and a place in an index, took five times as much. `findings` is a JSON list,
-- the gravest first; each is a list of rule, severity, path, value, English, French and a
-- JSON object of the rule's parameters. The two messages are empty where they follow from
-- the rest, as they mostly do. The rows have a number: by their key alone each would take
-- a page of its own for what goes beyond a quarter of one.
CREATE TABLE packed_verdict (
    entity         TEXT    NOT NULL,
    record_key     TEXT    NOT NULL,
    feed           TEXT    NOT NULL,
    epoch          INTEGER NOT NULL,
    seq            INTEGER NOT NULL,
    rev            INTEGER NOT NULL,
    severity       TEXT    NOT NULL,
    found          INTEGER NOT NULL,
    raised_at_us   INTEGER NOT NULL,
    verdict_seq    INTEGER NOT NULL,
    received_at_us INTEGER NOT NULL,
    findings       TEXT    NOT NULL,
    CONSTRAINT verdict_key PRIMARY KEY (entity, record_key)
);

INSERT INTO packed_verdict
SELECT v.*,
       COALESCE(
           (
               SELECT json_group_array(
                   json_array(f.rule, f.severity, f.path, f.value, f.en, f.fr, json(f.params)))
               FROM (
                   SELECT *
                   FROM verdict_finding o
                   WHERE o.entity = v.entity AND o.record_key = v.record_key
                   ORDER BY o.position
               ) f
           ),
           '[]')
FROM verdict v;

DROP TABLE verdict_finding;
DROP TABLE verdict;
ALTER TABLE packed_verdict RENAME TO verdict;
