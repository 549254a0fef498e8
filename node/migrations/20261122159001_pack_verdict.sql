-- Findings stand in the row of their verdict: a dozen rows beside it, each with the
-- record's key and a place in an index, took ten times as much. `findings` is a JSON list,
-- the gravest first; each is a list of rule, severity, path, value, English, French and a
-- JSON object of the rule's parameters. The two messages are empty where they follow from
-- the rest, as they mostly do.
ALTER TABLE verdict ADD COLUMN findings TEXT NOT NULL DEFAULT '[]';

UPDATE verdict
SET findings = COALESCE(
    (
        SELECT json_group_array(
            json_array(f.rule, f.severity, f.path, f.value, f.en, f.fr, json(f.params)))
        FROM (
            SELECT *
            FROM verdict_finding o
            WHERE o.entity = verdict.entity AND o.record_key = verdict.record_key
            ORDER BY o.position
        ) f
    ),
    '[]');

DROP TABLE verdict_finding;
