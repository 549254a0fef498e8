-- What the hub finds on this node's own records, and how many rows are known.

-- The last verdict about each record. `seq` and `rev` are those of the revision
-- of the record that it is about; a newer revision answers it, and the hub
-- clears it. `severity` is the gravest finding's.
CREATE TABLE verdict (
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
    CONSTRAINT verdict_key PRIMARY KEY (entity, record_key)
) WITHOUT ROWID;

-- Its findings, the gravest first. `params` is a JSON object of texts.
CREATE TABLE verdict_finding (
    entity     TEXT    NOT NULL,
    record_key TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    rule       TEXT    NOT NULL,
    severity   TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    en         TEXT    NOT NULL,
    fr         TEXT    NOT NULL,
    params     TEXT    NOT NULL,
    CONSTRAINT verdict_finding_key PRIMARY KEY (entity, record_key, position),
    CONSTRAINT verdict_finding_verdict FOREIGN KEY (entity, record_key)
        REFERENCES verdict (entity, record_key) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX verdict_finding_rule ON verdict_finding (rule, entity, record_key);

-- Source rows that are known and not gone, in every way of capture. Moved in the
-- transaction that moves the rows: a Hello every few seconds must not count them.
ALTER TABLE entitlement ADD COLUMN rows_known INTEGER NOT NULL DEFAULT 0;

UPDATE entitlement
SET rows_known = (
    SELECT COUNT(*)
    FROM source_row r
    WHERE r.state <> 'gone'
      AND ((r.row_id >> 60) & 15) = CASE entitlement.entity
          WHEN 'MineSite' THEN 1
          WHEN 'Lot' THEN 2
          WHEN 'ExportCertificate' THEN 3
          WHEN 'ExportDeclaration' THEN 4
          WHEN 'ImportDeclaration' THEN 5
          WHEN 'ReportingPeriod' THEN 6
          WHEN 'ExporterStatus' THEN 7
          WHEN 'ProductionDeclaration' THEN 9
          WHEN 'StockDeclaration' THEN 10
          WHEN 'Audit' THEN 11
          WHEN 'Incident' THEN 12
      END
);
