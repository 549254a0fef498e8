-- Lots: what a concentration counts, when they were received, and who issued
-- their tags under which scheme.

-- lot: packages are counted in thousandths, because the standard has a decimal there.
ALTER TABLE lot RENAME COLUMN nr_of_packages TO nr_of_packages_e3;
UPDATE lot SET nr_of_packages_e3 = nr_of_packages_e3 * 1000;
ALTER TABLE lot ADD COLUMN analyte TEXT;
ALTER TABLE lot ADD COLUMN received_at_us BIGINT;
ALTER TABLE lot ADD COLUMN creator_premises_latitude_e7 BIGINT;
ALTER TABLE lot ADD COLUMN creator_premises_longitude_e7 BIGINT;
ALTER TABLE lot ADD COLUMN recipient_premises_latitude_e7 BIGINT;
ALTER TABLE lot ADD COLUMN recipient_premises_longitude_e7 BIGINT;
-- Record key of the site that mine_site_id names, because ids are compared on
-- their parsed form; NULL if it is no id of a site.
ALTER TABLE lot ADD COLUMN mine_site_key TEXT;
-- What lists are filtered by, in the order of their pages. Letters count in
-- either case there.
CREATE INDEX lot_paged ON lot (country, record_key);
CREATE INDEX lot_number ON lot (LOWER(lot_number), record_key);
CREATE INDEX lot_mine_site_key ON lot (mine_site_key, record_key);
CREATE INDEX lot_mineral ON lot (mineral, record_key);
CREATE INDEX lot_registration ON lot (registered_at_us, record_key);
CREATE INDEX lot_certificate ON lot (export_certificate_id);

-- lot_tag: the issuer was an identifier alone and becomes a party.
ALTER TABLE lot_tag RENAME COLUMN issuer TO issuer_identifier;
ALTER TABLE lot_tag ADD COLUMN issuer_name TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_legal_address_country TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_legal_address_subnational_division_l1 TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_legal_address_subnational_division_l1_text TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_legal_address_subnational_division_l2 TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_legal_address_subnational_division_l3 TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_legal_address_subnational_division_l4 TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_legal_address_address_locality_text TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_legal_address_address_locality_code TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_physical_address_country TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_physical_address_subnational_division_l1 TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_physical_address_subnational_division_l1_text TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_physical_address_subnational_division_l2 TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_physical_address_subnational_division_l3 TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_physical_address_subnational_division_l4 TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_physical_address_address_locality_text TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_physical_address_address_locality_code TEXT;
ALTER TABLE lot_tag ADD COLUMN issuer_premises_latitude_e7 BIGINT;
ALTER TABLE lot_tag ADD COLUMN issuer_premises_longitude_e7 BIGINT;
-- Scheme, step of the chain, what has become of the tag and since when, when it was applied.
ALTER TABLE lot_tag ADD COLUMN scheme TEXT;
ALTER TABLE lot_tag ADD COLUMN kind TEXT;
ALTER TABLE lot_tag ADD COLUMN state TEXT;
ALTER TABLE lot_tag ADD COLUMN state_since_us BIGINT;
ALTER TABLE lot_tag ADD COLUMN applied_at_us BIGINT;
