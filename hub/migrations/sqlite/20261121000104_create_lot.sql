-- Lots with their inputs, tags and taxes.
-- Names are those of the fields of rmd.v1; nested messages are flattened with '_'.
-- NULL = the record does not state it. Codes are the standard's words, as 'green'.
-- Lists of plain values are joined by ';'. Dates are ISO dates.
-- National fields (names of persons, phones, e-mail, TIN, prices) have no column here.
-- position = place in the record's list, from 0, as in the paths of findings.

-- MD.12 Lot.
CREATE TABLE lot (
    record_key TEXT NOT NULL,
    -- Revision of the record that the row shows.
    rev BIGINT NOT NULL,
    -- 1: declared void by its owner (op annul); stays visible as void.
    void BIGINT NOT NULL,
    country TEXT NOT NULL,
    lot_number TEXT NOT NULL,
    registered_at_us BIGINT,
    creator_identifier TEXT,
    creator_name TEXT,
    creator_legal_address_country TEXT,
    creator_legal_address_subnational_division_l1 TEXT,
    creator_legal_address_subnational_division_l1_text TEXT,
    creator_legal_address_subnational_division_l2 TEXT,
    creator_legal_address_subnational_division_l3 TEXT,
    creator_legal_address_subnational_division_l4 TEXT,
    creator_legal_address_address_locality_text TEXT,
    creator_legal_address_address_locality_code TEXT,
    creator_physical_address_country TEXT,
    creator_physical_address_subnational_division_l1 TEXT,
    creator_physical_address_subnational_division_l1_text TEXT,
    creator_physical_address_subnational_division_l2 TEXT,
    creator_physical_address_subnational_division_l3 TEXT,
    creator_physical_address_subnational_division_l4 TEXT,
    creator_physical_address_address_locality_text TEXT,
    creator_physical_address_address_locality_code TEXT,
    mineral TEXT,
    concentration_ppm BIGINT,
    mass_mg BIGINT,
    unit_of_measurement TEXT,
    creator_role TEXT,
    originating_operation TEXT,
    package_type TEXT,
    nr_of_packages BIGINT,
    mine_site_id TEXT,
    recipient_identifier TEXT,
    recipient_name TEXT,
    recipient_legal_address_country TEXT,
    recipient_legal_address_subnational_division_l1 TEXT,
    recipient_legal_address_subnational_division_l1_text TEXT,
    recipient_legal_address_subnational_division_l2 TEXT,
    recipient_legal_address_subnational_division_l3 TEXT,
    recipient_legal_address_subnational_division_l4 TEXT,
    recipient_legal_address_address_locality_text TEXT,
    recipient_legal_address_address_locality_code TEXT,
    recipient_physical_address_country TEXT,
    recipient_physical_address_subnational_division_l1 TEXT,
    recipient_physical_address_subnational_division_l1_text TEXT,
    recipient_physical_address_subnational_division_l2 TEXT,
    recipient_physical_address_subnational_division_l3 TEXT,
    recipient_physical_address_subnational_division_l4 TEXT,
    recipient_physical_address_address_locality_text TEXT,
    recipient_physical_address_address_locality_code TEXT,
    date_sealed TEXT,
    date_shipped TEXT,
    purchase_number TEXT,
    purchase_date TEXT,
    date_in TEXT,
    transportation_method TEXT,
    transportation_route TEXT,
    transport_company TEXT,
    export_certificate_id TEXT,
    CONSTRAINT lot_pk PRIMARY KEY (record_key)
);
CREATE INDEX lot_mine_site ON lot (mine_site_id);
CREATE INDEX lot_registered ON lot (country, registered_at_us);

-- A lot from which another came (MD.12 inputLot).
CREATE TABLE lot_input (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    lot_number TEXT,
    country TEXT,
    creator_identifier TEXT,
    contributed_mass_mg BIGINT,
    contributed_concentration_ppm BIGINT,
    CONSTRAINT lot_input_pk PRIMARY KEY (record_key, position),
    CONSTRAINT lot_input_lot FOREIGN KEY (record_key) REFERENCES lot (record_key) ON DELETE CASCADE
);
CREATE INDEX lot_input_number ON lot_input (lot_number);

-- MD.11 Tag on a lot.
CREATE TABLE lot_tag (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    identifier TEXT,
    issuer TEXT,
    issue_date TEXT,
    issue_time TEXT,
    CONSTRAINT lot_tag_pk PRIMARY KEY (record_key, position),
    CONSTRAINT lot_tag_lot FOREIGN KEY (record_key) REFERENCES lot (record_key) ON DELETE CASCADE
);
CREATE INDEX lot_tag_identifier ON lot_tag (identifier);

-- MD.13 Tax paid on a lot.
CREATE TABLE lot_tax (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    tax_type TEXT,
    tax_amount_minor BIGINT,
    currency TEXT,
    tax_authority TEXT,
    tax_paid_date TEXT,
    receipt_reference TEXT,
    CONSTRAINT lot_tax_pk PRIMARY KEY (record_key, position),
    CONSTRAINT lot_tax_lot FOREIGN KEY (record_key) REFERENCES lot (record_key) ON DELETE CASCADE
);
