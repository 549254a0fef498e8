-- Mine sites with their licences, operators, inspections and declared status changes.
-- Names are those of the fields of rmd.v1; nested messages are flattened with '_'.
-- NULL = the record does not state it. Codes are the standard's words, as 'green'.
-- Lists of plain values are joined by ';'. Dates are ISO dates.
-- National fields (names of persons, phones, e-mail, TIN, prices) have no column here.
-- position = place in the record's list, from 0, as in the paths of findings.

-- MD.01 MineSite. The fields of mine_site_location stand without a prefix.
CREATE TABLE mine_site (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    icglr_id TEXT NOT NULL,
    address_country TEXT NOT NULL,
    national_id TEXT,
    certification_status TEXT,
    certification_status_since TEXT,
    activity_status TEXT,
    activity_since TEXT,
    latitude_e7 BIGINT,
    longitude_e7 BIGINT,
    national_cadaster_localization TEXT,
    local_geographic_designation TEXT,
    polygon TEXT,
    altitude_cm BIGINT,
    mineral TEXT,
    owner_identifier TEXT,
    owner_name TEXT,
    owner_legal_address_country TEXT,
    owner_legal_address_subnational_division_l1 TEXT,
    owner_legal_address_subnational_division_l1_text TEXT,
    owner_legal_address_subnational_division_l2 TEXT,
    owner_legal_address_subnational_division_l3 TEXT,
    owner_legal_address_subnational_division_l4 TEXT,
    owner_legal_address_address_locality_text TEXT,
    owner_legal_address_address_locality_code TEXT,
    owner_physical_address_country TEXT,
    owner_physical_address_subnational_division_l1 TEXT,
    owner_physical_address_subnational_division_l1_text TEXT,
    owner_physical_address_subnational_division_l2 TEXT,
    owner_physical_address_subnational_division_l3 TEXT,
    owner_physical_address_subnational_division_l4 TEXT,
    owner_physical_address_address_locality_text TEXT,
    owner_physical_address_address_locality_code TEXT,
    site_name TEXT,
    operation_type TEXT,
    workers_declared BIGINT,
    -- address.country; address_country above is the state of the site.
    address_address_country TEXT,
    address_subnational_division_l1 TEXT,
    address_subnational_division_l1_text TEXT,
    address_subnational_division_l2 TEXT,
    address_subnational_division_l3 TEXT,
    address_subnational_division_l4 TEXT,
    address_address_locality_text TEXT,
    address_address_locality_code TEXT,
    CONSTRAINT mine_site_pk PRIMARY KEY (record_key)
);
-- The order of lists of sites.
CREATE INDEX mine_site_listed ON mine_site (address_country, icglr_id, record_key);

-- MD.02 License of a site.
CREATE TABLE mine_site_license (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    license_type TEXT,
    license_id TEXT,
    owner_identifier TEXT,
    owner_name TEXT,
    owner_legal_address_country TEXT,
    owner_legal_address_subnational_division_l1 TEXT,
    owner_legal_address_subnational_division_l1_text TEXT,
    owner_legal_address_subnational_division_l2 TEXT,
    owner_legal_address_subnational_division_l3 TEXT,
    owner_legal_address_subnational_division_l4 TEXT,
    owner_legal_address_address_locality_text TEXT,
    owner_legal_address_address_locality_code TEXT,
    owner_physical_address_country TEXT,
    owner_physical_address_subnational_division_l1 TEXT,
    owner_physical_address_subnational_division_l1_text TEXT,
    owner_physical_address_subnational_division_l2 TEXT,
    owner_physical_address_subnational_division_l3 TEXT,
    owner_physical_address_subnational_division_l4 TEXT,
    owner_physical_address_address_locality_text TEXT,
    owner_physical_address_address_locality_code TEXT,
    applied_date TEXT,
    granted_date TEXT,
    expiring_date TEXT,
    license_status TEXT,
    covered_commodities TEXT,
    CONSTRAINT mine_site_license_pk PRIMARY KEY (record_key, position),
    CONSTRAINT mine_site_license_site FOREIGN KEY (record_key) REFERENCES mine_site (record_key) ON DELETE CASCADE
);

-- MD.04 BusinessEntity that works a site.
CREATE TABLE mine_site_operator (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    identifier TEXT,
    name TEXT,
    legal_address_country TEXT,
    legal_address_subnational_division_l1 TEXT,
    legal_address_subnational_division_l1_text TEXT,
    legal_address_subnational_division_l2 TEXT,
    legal_address_subnational_division_l3 TEXT,
    legal_address_subnational_division_l4 TEXT,
    legal_address_address_locality_text TEXT,
    legal_address_address_locality_code TEXT,
    physical_address_country TEXT,
    physical_address_subnational_division_l1 TEXT,
    physical_address_subnational_division_l1_text TEXT,
    physical_address_subnational_division_l2 TEXT,
    physical_address_subnational_division_l3 TEXT,
    physical_address_subnational_division_l4 TEXT,
    physical_address_address_locality_text TEXT,
    physical_address_address_locality_code TEXT,
    CONSTRAINT mine_site_operator_pk PRIMARY KEY (record_key, position),
    CONSTRAINT mine_site_operator_site FOREIGN KEY (record_key) REFERENCES mine_site (record_key) ON DELETE CASCADE
);

-- MD.07 Inspection of a site.
CREATE TABLE mine_site_inspection (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    inspection_id TEXT,
    inspection_date TEXT,
    inspection_result TEXT,
    inspector_position TEXT,
    government_agency TEXT,
    inspection_report TEXT,
    inspection_purpose TEXT,
    inspection_results TEXT,
    corrective_due_date TEXT,
    CONSTRAINT mine_site_inspection_pk PRIMARY KEY (record_key, position),
    CONSTRAINT mine_site_inspection_site FOREIGN KEY (record_key) REFERENCES mine_site (record_key) ON DELETE CASCADE
);

-- MD.10 StatusChange that the state declares.
CREATE TABLE mine_site_status_change (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    date_of_change TEXT,
    new_status TEXT,
    CONSTRAINT mine_site_status_change_pk PRIMARY KEY (record_key, position),
    CONSTRAINT mine_site_status_change_site FOREIGN KEY (record_key) REFERENCES mine_site (record_key) ON DELETE CASCADE
);
