-- What a state declares of exporters, production and stocks.
-- Names are those of the fields of rmd.v1; nested messages are flattened with '_'.
-- NULL = the record does not state it. Codes are the standard's words, as 'green'.
-- National fields (names of persons, reports as they were made) have no column here.

-- Whether an exporter may export.
CREATE TABLE exporter_status (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    exporter_identifier TEXT,
    exporter_name TEXT,
    exporter_legal_address_country TEXT,
    exporter_legal_address_subnational_division_l1 TEXT,
    exporter_legal_address_subnational_division_l1_text TEXT,
    exporter_legal_address_subnational_division_l2 TEXT,
    exporter_legal_address_subnational_division_l3 TEXT,
    exporter_legal_address_subnational_division_l4 TEXT,
    exporter_legal_address_address_locality_text TEXT,
    exporter_legal_address_address_locality_code TEXT,
    exporter_physical_address_country TEXT,
    exporter_physical_address_subnational_division_l1 TEXT,
    exporter_physical_address_subnational_division_l1_text TEXT,
    exporter_physical_address_subnational_division_l2 TEXT,
    exporter_physical_address_subnational_division_l3 TEXT,
    exporter_physical_address_subnational_division_l4 TEXT,
    exporter_physical_address_address_locality_text TEXT,
    exporter_physical_address_address_locality_code TEXT,
    exporter_premises_latitude_e7 BIGINT,
    exporter_premises_longitude_e7 BIGINT,
    certification_status TEXT,
    certification_status_since TEXT,
    license_id TEXT,
    license_expiring_date TEXT,
    suspended_since TEXT,
    last_audit_date TEXT,
    CONSTRAINT exporter_status_pk PRIMARY KEY (record_key)
);
CREATE INDEX exporter_status_paged ON exporter_status (country, record_key);
CREATE INDEX exporter_status_certification ON exporter_status (certification_status, record_key);

-- What one site yielded of one mineral in one month.
CREATE TABLE production_declaration (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    mine_site_id TEXT,
    -- Record key of the site that mine_site_id names; NULL if it is no id of a site.
    mine_site_key TEXT,
    mineral TEXT,
    period TEXT,
    mass_mg BIGINT,
    concentration_ppm BIGINT,
    analyte TEXT,
    workers_declared BIGINT,
    CONSTRAINT production_declaration_pk PRIMARY KEY (record_key)
);
CREATE INDEX production_declaration_paged ON production_declaration (country, record_key);
CREATE INDEX production_declaration_period ON production_declaration (period, mineral, record_key);
CREATE INDEX production_declaration_site ON production_declaration (mine_site_key, period);

-- What one party holds of one mineral at the end of a month.
CREATE TABLE stock_declaration (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    party_identifier TEXT,
    mineral TEXT,
    period TEXT,
    closing_mass_mg BIGINT,
    concentration_ppm BIGINT,
    analyte TEXT,
    CONSTRAINT stock_declaration_pk PRIMARY KEY (record_key)
);
CREATE INDEX stock_declaration_paged ON stock_declaration (country, record_key);
CREATE INDEX stock_declaration_period ON stock_declaration (period, mineral, record_key);
CREATE INDEX stock_declaration_party ON stock_declaration (party_identifier, period);
