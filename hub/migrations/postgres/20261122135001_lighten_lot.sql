-- Lots come by the hundred thousand: what nothing reads is not kept, and what is
-- written in one transaction with its lot is not compared with it again.

-- lot: sites are looked up by mine_site_key, instants by lot_registration.
DROP INDEX lot_mine_site;
DROP INDEX lot_registered;
-- Few lots name a certificate.
DROP INDEX lot_certificate;
CREATE INDEX lot_certificate ON lot (export_certificate_id) WHERE export_certificate_id IS NOT NULL;

-- The lists of a lot, without their foreign keys: the hub writes and removes them
-- together with the lot. position = place in the record's list, from 0.

-- A lot from which another came (MD.12 inputLot).
CREATE TABLE lot_input_next (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    lot_number TEXT,
    country TEXT,
    creator_identifier TEXT,
    contributed_mass_mg BIGINT,
    contributed_concentration_ppm BIGINT,
    CONSTRAINT lot_input_place PRIMARY KEY (record_key, position)
);
INSERT INTO lot_input_next (
    record_key, position, lot_number, country, creator_identifier, contributed_mass_mg,
    contributed_concentration_ppm
)
SELECT
    record_key, position, lot_number, country, creator_identifier, contributed_mass_mg,
    contributed_concentration_ppm
FROM lot_input;
DROP TABLE lot_input;
ALTER TABLE lot_input_next RENAME TO lot_input;
CREATE INDEX lot_input_number ON lot_input (lot_number);

-- MD.11 Tag on a lot.
CREATE TABLE lot_tag_next (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    identifier TEXT,
    issuer_identifier TEXT,
    issuer_name TEXT,
    issuer_legal_address_country TEXT,
    issuer_legal_address_subnational_division_l1 TEXT,
    issuer_legal_address_subnational_division_l1_text TEXT,
    issuer_legal_address_subnational_division_l2 TEXT,
    issuer_legal_address_subnational_division_l3 TEXT,
    issuer_legal_address_subnational_division_l4 TEXT,
    issuer_legal_address_address_locality_text TEXT,
    issuer_legal_address_address_locality_code TEXT,
    issuer_physical_address_country TEXT,
    issuer_physical_address_subnational_division_l1 TEXT,
    issuer_physical_address_subnational_division_l1_text TEXT,
    issuer_physical_address_subnational_division_l2 TEXT,
    issuer_physical_address_subnational_division_l3 TEXT,
    issuer_physical_address_subnational_division_l4 TEXT,
    issuer_physical_address_address_locality_text TEXT,
    issuer_physical_address_address_locality_code TEXT,
    issuer_premises_latitude_e7 BIGINT,
    issuer_premises_longitude_e7 BIGINT,
    issue_date TEXT,
    issue_time TEXT,
    scheme TEXT,
    kind TEXT,
    state TEXT,
    state_since_us BIGINT,
    applied_at_us BIGINT,
    CONSTRAINT lot_tag_place PRIMARY KEY (record_key, position)
);
INSERT INTO lot_tag_next (
    record_key, position, identifier, issuer_identifier, issuer_name,
    issuer_legal_address_country, issuer_legal_address_subnational_division_l1,
    issuer_legal_address_subnational_division_l1_text,
    issuer_legal_address_subnational_division_l2, issuer_legal_address_subnational_division_l3,
    issuer_legal_address_subnational_division_l4, issuer_legal_address_address_locality_text,
    issuer_legal_address_address_locality_code, issuer_physical_address_country,
    issuer_physical_address_subnational_division_l1,
    issuer_physical_address_subnational_division_l1_text,
    issuer_physical_address_subnational_division_l2,
    issuer_physical_address_subnational_division_l3,
    issuer_physical_address_subnational_division_l4,
    issuer_physical_address_address_locality_text,
    issuer_physical_address_address_locality_code, issuer_premises_latitude_e7,
    issuer_premises_longitude_e7, issue_date, issue_time, scheme, kind, state, state_since_us,
    applied_at_us
)
SELECT
    record_key, position, identifier, issuer_identifier, issuer_name,
    issuer_legal_address_country, issuer_legal_address_subnational_division_l1,
    issuer_legal_address_subnational_division_l1_text,
    issuer_legal_address_subnational_division_l2, issuer_legal_address_subnational_division_l3,
    issuer_legal_address_subnational_division_l4, issuer_legal_address_address_locality_text,
    issuer_legal_address_address_locality_code, issuer_physical_address_country,
    issuer_physical_address_subnational_division_l1,
    issuer_physical_address_subnational_division_l1_text,
    issuer_physical_address_subnational_division_l2,
    issuer_physical_address_subnational_division_l3,
    issuer_physical_address_subnational_division_l4,
    issuer_physical_address_address_locality_text,
    issuer_physical_address_address_locality_code, issuer_premises_latitude_e7,
    issuer_premises_longitude_e7, issue_date, issue_time, scheme, kind, state, state_since_us,
    applied_at_us
FROM lot_tag;
DROP TABLE lot_tag;
ALTER TABLE lot_tag_next RENAME TO lot_tag;
CREATE INDEX lot_tag_identifier ON lot_tag (identifier);

-- MD.13 Tax paid on a lot.
CREATE TABLE lot_tax_next (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    tax_type TEXT,
    tax_amount_minor BIGINT,
    currency TEXT,
    tax_authority TEXT,
    tax_paid_date TEXT,
    receipt_reference TEXT,
    CONSTRAINT lot_tax_place PRIMARY KEY (record_key, position)
);
INSERT INTO lot_tax_next (
    record_key, position, tax_type, tax_amount_minor, currency, tax_authority, tax_paid_date,
    receipt_reference
)
SELECT
    record_key, position, tax_type, tax_amount_minor, currency, tax_authority, tax_paid_date,
    receipt_reference
FROM lot_tax;
DROP TABLE lot_tax;
ALTER TABLE lot_tax_next RENAME TO lot_tax;
