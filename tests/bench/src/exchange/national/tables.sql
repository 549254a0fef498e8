CREATE TABLE companies (
    id INTEGER PRIMARY KEY, registration_no VARCHAR(32) NOT NULL UNIQUE, name VARCHAR(120) NOT NULL,
    tin VARCHAR(20), town VARCHAR(60), representative VARCHAR(80), phone VARCHAR(20), email VARCHAR(80)
);
CREATE TABLE sites (
    id INTEGER PRIMARY KEY, icglr_id VARCHAR(40) NOT NULL, code VARCHAR(20) NOT NULL, lat NUMERIC(9,6), lon NUMERIC(9,6),
    owner_id INTEGER NOT NULL REFERENCES companies (id)
);
CREATE TABLE lots (
    id INTEGER PRIMARY KEY, lot_no VARCHAR(40) NOT NULL, company_id INTEGER NOT NULL, recipient_id INTEGER,
    site_id INTEGER NOT NULL, hs_code VARCHAR(12) NOT NULL, grade_pct NUMERIC(7,4), mass_kg NUMERIC(14,3) NOT NULL,
    registered_at TIMESTAMP NOT NULL, sealed_on DATE, shipped_on DATE, packages INTEGER, carrier VARCHAR(60),
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX lots_by_update ON lots (updated_at);
CREATE INDEX lots_by_site ON lots (site_id);
CREATE TABLE lot_tags (
    lot_id INTEGER NOT NULL, tag_no VARCHAR(40) NOT NULL, issued_on DATE,
    updated_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (lot_id, tag_no)
);
CREATE INDEX lot_tags_by_update ON lot_tags (updated_at);
