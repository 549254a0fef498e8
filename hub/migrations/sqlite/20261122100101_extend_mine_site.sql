-- Mine sites: where they are in local terms, what they can yield, whose tags they
-- got, and where parties receive lots.

-- mine_site: the address becomes MD.08 localGeographicDesignation, an address
-- itself; what that held as one text is its locality unless the address had one.
ALTER TABLE mine_site RENAME COLUMN address_address_country TO local_geographic_designation_country;
ALTER TABLE mine_site RENAME COLUMN address_subnational_division_l1 TO local_geographic_designation_subnational_division_l1;
ALTER TABLE mine_site RENAME COLUMN address_subnational_division_l1_text TO local_geographic_designation_subnational_division_l1_text;
ALTER TABLE mine_site RENAME COLUMN address_subnational_division_l2 TO local_geographic_designation_subnational_division_l2;
ALTER TABLE mine_site RENAME COLUMN address_subnational_division_l3 TO local_geographic_designation_subnational_division_l3;
ALTER TABLE mine_site RENAME COLUMN address_subnational_division_l4 TO local_geographic_designation_subnational_division_l4;
ALTER TABLE mine_site RENAME COLUMN address_address_locality_text TO local_geographic_designation_address_locality_text;
ALTER TABLE mine_site RENAME COLUMN address_address_locality_code TO local_geographic_designation_address_locality_code;
UPDATE mine_site
SET local_geographic_designation_address_locality_text = local_geographic_designation
WHERE local_geographic_designation_address_locality_text IS NULL;
ALTER TABLE mine_site DROP COLUMN local_geographic_designation;
-- MD.01 listOfMinerals; the premises of the owner.
ALTER TABLE mine_site ADD COLUMN list_of_minerals TEXT;
ALTER TABLE mine_site ADD COLUMN owner_premises_latitude_e7 BIGINT;
ALTER TABLE mine_site ADD COLUMN owner_premises_longitude_e7 BIGINT;
-- What lists are filtered by, in the order of their pages.
CREATE INDEX mine_site_paged ON mine_site (address_country, record_key);
CREATE INDEX mine_site_certification ON mine_site (certification_status, record_key);
CREATE INDEX mine_site_activity ON mine_site (activity_status, record_key);

-- mine_site_license: MD.02 licenseLocation, ISO 3166-2; the premises of the holder.
ALTER TABLE mine_site_license ADD COLUMN license_location TEXT;
ALTER TABLE mine_site_license ADD COLUMN owner_premises_latitude_e7 BIGINT;
ALTER TABLE mine_site_license ADD COLUMN owner_premises_longitude_e7 BIGINT;

-- mine_site_operator: its premises.
ALTER TABLE mine_site_operator ADD COLUMN premises_latitude_e7 BIGINT;
ALTER TABLE mine_site_operator ADD COLUMN premises_longitude_e7 BIGINT;

-- mine_site_status_change: what led to the change, and the inspection if it was one.
ALTER TABLE mine_site_status_change ADD COLUMN cause TEXT;
ALTER TABLE mine_site_status_change ADD COLUMN inspection_id TEXT;

-- How much of one mineral a site can yield in a month. position = place in the
-- record's list, from 0, as in the paths of findings.
CREATE TABLE mine_site_capacity (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    mineral TEXT,
    monthly_mass_mg BIGINT,
    CONSTRAINT mine_site_capacity_pk PRIMARY KEY (record_key, position),
    CONSTRAINT mine_site_capacity_site FOREIGN KEY (record_key) REFERENCES mine_site (record_key) ON DELETE CASCADE
);

-- Consecutive tag numbers that the state allotted to a site.
CREATE TABLE mine_site_tag_allocation (
    record_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    scheme TEXT,
    from_identifier TEXT,
    to_identifier TEXT,
    tag_count BIGINT,
    CONSTRAINT mine_site_tag_allocation_pk PRIMARY KEY (record_key, position),
    CONSTRAINT mine_site_tag_allocation_site FOREIGN KEY (record_key) REFERENCES mine_site (record_key) ON DELETE CASCADE
);
