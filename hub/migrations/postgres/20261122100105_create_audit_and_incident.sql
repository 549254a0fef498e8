-- Audits and incidents, as far as the states share them.
-- Names are those of the fields of rmd.v1; nested messages are flattened with '_'.
-- NULL = the record does not state it. Codes are the standard's words, as 'green'.
-- National fields (names of persons, reports as they were made) have no column here.

-- An audit of an exporter or of a site.
CREATE TABLE audit (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    audit_number TEXT NOT NULL,
    audit_type TEXT,
    exporter_identifier TEXT,
    mine_site_id TEXT,
    -- Record key of the site that mine_site_id names; NULL if it is no id of a site.
    mine_site_key TEXT,
    audit_date TEXT,
    auditor TEXT,
    conclusion TEXT,
    report_reference TEXT,
    CONSTRAINT audit_pk PRIMARY KEY (record_key)
);
CREATE INDEX audit_paged ON audit (country, record_key);
CREATE INDEX audit_exporter ON audit (exporter_identifier, audit_date);
CREATE INDEX audit_site ON audit (mine_site_key, audit_date);

-- Something that was reported; risk is one of Annex II of the OECD guidance.
CREATE TABLE incident (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    incident_number TEXT NOT NULL,
    risk TEXT,
    -- From 1, minor, to 3, severe.
    level BIGINT,
    incident_date TEXT,
    mine_site_id TEXT,
    -- Record key of the site that mine_site_id names; NULL if it is no id of a site.
    mine_site_key TEXT,
    exporter_identifier TEXT,
    state TEXT,
    summary TEXT,
    CONSTRAINT incident_pk PRIMARY KEY (record_key)
);
CREATE INDEX incident_paged ON incident (country, record_key);
CREATE INDEX incident_exporter ON incident (exporter_identifier, incident_date);
CREATE INDEX incident_site ON incident (mine_site_key, incident_date);
