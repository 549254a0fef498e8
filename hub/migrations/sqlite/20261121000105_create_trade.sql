-- What leaves and enters a state, and the periods that it closes.
-- Names are those of the fields of rmd.v1; nested messages are flattened with '_'.
-- NULL = the record does not state it. Codes are the standard's words, as 'green'.
-- Lists of plain values are joined by ';'. Dates are ISO dates.
-- National fields (names of persons, phones, e-mail, TIN, prices) have no column here.
-- position = place in the record's list, from 0, as in the paths of findings.

-- MD.03 ExportCertificate.
CREATE TABLE export_certificate (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    issuing_country TEXT NOT NULL,
    identifier TEXT NOT NULL,
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
    importer_identifier TEXT,
    importer_name TEXT,
    importer_legal_address_country TEXT,
    importer_legal_address_subnational_division_l1 TEXT,
    importer_legal_address_subnational_division_l1_text TEXT,
    importer_legal_address_subnational_division_l2 TEXT,
    importer_legal_address_subnational_division_l3 TEXT,
    importer_legal_address_subnational_division_l4 TEXT,
    importer_legal_address_address_locality_text TEXT,
    importer_legal_address_address_locality_code TEXT,
    importer_physical_address_country TEXT,
    importer_physical_address_subnational_division_l1 TEXT,
    importer_physical_address_subnational_division_l1_text TEXT,
    importer_physical_address_subnational_division_l2 TEXT,
    importer_physical_address_subnational_division_l3 TEXT,
    importer_physical_address_subnational_division_l4 TEXT,
    importer_physical_address_address_locality_text TEXT,
    importer_physical_address_address_locality_code TEXT,
    lot_number TEXT,
    designated_mineral_description TEXT,
    type_of_ore TEXT,
    lot_weight_mg BIGINT,
    lot_weight_uom TEXT,
    lot_grade TEXT,
    concentration_ppm BIGINT,
    mineral_origin TEXT,
    customs_value_minor BIGINT,
    customs_value_currency TEXT,
    date_of_shipment TEXT,
    shipment_route TEXT,
    transport_company TEXT,
    member_state_issuing_authority TEXT,
    position_of_verifier TEXT,
    date_of_verification TEXT,
    date_of_issuance TEXT,
    date_of_expiration TEXT,
    certificate_file TEXT,
    destination_country TEXT,
    void_date TEXT,
    CONSTRAINT export_certificate_pk PRIMARY KEY (record_key)
);
CREATE INDEX export_certificate_issuance ON export_certificate (issuing_country, date_of_issuance);

-- One line of a customs declaration of goods that left.
CREATE TABLE export_declaration (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    declaration_number TEXT NOT NULL,
    line BIGINT NOT NULL,
    exporter_identifier TEXT,
    mineral TEXT,
    net_mass_mg BIGINT,
    customs_value_minor BIGINT,
    customs_value_currency TEXT,
    destination_country TEXT,
    exit_post TEXT,
    exit_date TEXT,
    procedure TEXT,
    certificate_country TEXT,
    certificate_identifier TEXT,
    CONSTRAINT export_declaration_pk PRIMARY KEY (record_key)
);
CREATE INDEX export_declaration_certificate ON export_declaration (certificate_country, certificate_identifier);

-- One line of a customs declaration of goods that entered.
CREATE TABLE import_declaration (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    declaration_number TEXT NOT NULL,
    line BIGINT NOT NULL,
    importer_identifier TEXT,
    mineral TEXT,
    net_mass_mg BIGINT,
    customs_value_minor BIGINT,
    customs_value_currency TEXT,
    consignor_country TEXT,
    origin_country TEXT,
    entry_post TEXT,
    entry_date TEXT,
    procedure TEXT,
    certificate_country TEXT,
    certificate_identifier TEXT,
    CONSTRAINT import_declaration_pk PRIMARY KEY (record_key)
);
CREATE INDEX import_declaration_certificate ON import_declaration (certificate_country, certificate_identifier);

-- The statement of a state that a month is complete.
CREATE TABLE reporting_period (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    period TEXT NOT NULL,
    feed TEXT NOT NULL,
    record_count BIGINT,
    closed_at_us BIGINT,
    CONSTRAINT reporting_period_pk PRIMARY KEY (record_key)
);
