-- The national database of RWA as the demonstration builds it: normalised
-- tables in English. The text runs on SQLite and on PostgreSQL.

CREATE TABLE companies (
    id INTEGER PRIMARY KEY, registration_no VARCHAR(32) NOT NULL UNIQUE, name VARCHAR(120) NOT NULL,
    tin VARCHAR(20), country CHAR(2) NOT NULL, province_code VARCHAR(6), district VARCHAR(60),
    street VARCHAR(120), representative VARCHAR(80), phone VARCHAR(20), email VARCHAR(80),
    store_lat NUMERIC(9,6), store_lon NUMERIC(9,6), updated_at TIMESTAMP NOT NULL
);
CREATE TABLE sites (
    id INTEGER PRIMARY KEY, code VARCHAR(20) NOT NULL UNIQUE, icglr_id VARCHAR(40), name VARCHAR(80),
    status CHAR(1), status_since DATE, activity CHAR(1), activity_since DATE,
    lat NUMERIC(9,6), lon NUMERIC(9,6), altitude_m NUMERIC(7,2), operation CHAR(1), workers INTEGER,
    owner_id INTEGER REFERENCES companies (id), cadastre_ref VARCHAR(30), place VARCHAR(80),
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX sites_by_update ON sites (updated_at);
CREATE TABLE site_minerals (
    site_id INTEGER NOT NULL REFERENCES sites (id), hs_code VARCHAR(12) NOT NULL,
    updated_at TIMESTAMP NOT NULL, PRIMARY KEY (site_id, hs_code)
);
CREATE TABLE site_operators (
    site_id INTEGER NOT NULL REFERENCES sites (id), company_id INTEGER NOT NULL REFERENCES companies (id),
    updated_at TIMESTAMP NOT NULL, PRIMARY KEY (site_id, company_id)
);
CREATE TABLE licences (
    id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES sites (id), kind CHAR(2) NOT NULL,
    number VARCHAR(30), holder_id INTEGER REFERENCES companies (id), applied_on DATE, granted_on DATE,
    expires_on DATE, active INTEGER, commodities VARCHAR(60), updated_at TIMESTAMP NOT NULL
);
CREATE INDEX licences_by_site ON licences (site_id);
CREATE TABLE inspections (
    id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES sites (id), reference VARCHAR(30) NOT NULL,
    held_on DATE NOT NULL, result CHAR(1), inspector VARCHAR(80), position VARCHAR(60), agency VARCHAR(60),
    report_ref VARCHAR(60), purpose VARCHAR(80), summary VARCHAR(200), corrective_due DATE,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX inspections_by_site ON inspections (site_id);
CREATE TABLE status_changes (
    id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES sites (id), changed_on DATE NOT NULL,
    status CHAR(1) NOT NULL, cause CHAR(1), inspection_ref VARCHAR(30), updated_at TIMESTAMP NOT NULL
);
CREATE INDEX status_changes_by_site ON status_changes (site_id);
CREATE TABLE site_capacities (
    site_id INTEGER NOT NULL REFERENCES sites (id), hs_code VARCHAR(12) NOT NULL, kg_month NUMERIC(12,3) NOT NULL,
    updated_at TIMESTAMP NOT NULL, PRIMARY KEY (site_id, hs_code)
);
CREATE TABLE tag_ranges (
    id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES sites (id), scheme CHAR(1) NOT NULL,
    first_tag VARCHAR(30) NOT NULL, last_tag VARCHAR(30) NOT NULL, quantity INTEGER, updated_at TIMESTAMP NOT NULL
);
CREATE INDEX tag_ranges_by_site ON tag_ranges (site_id);
CREATE TABLE lots (
    id INTEGER PRIMARY KEY, lot_no VARCHAR(30) NOT NULL, company_id INTEGER NOT NULL REFERENCES companies (id),
    site_id INTEGER REFERENCES sites (id), hs_code VARCHAR(12) NOT NULL, grade_pct NUMERIC(7,4),
    mass_kg NUMERIC(14,3) NOT NULL, registered_at TIMESTAMP NOT NULL, roles VARCHAR(40) NOT NULL,
    operations VARCHAR(60) NOT NULL, package VARCHAR(20), packages NUMERIC(8,3),
    recipient_id INTEGER REFERENCES companies (id), sealed_on DATE, shipped_on DATE, purchase_no VARCHAR(20),
    purchased_on DATE, staff VARCHAR(60), date_in DATE, transport VARCHAR(20), route VARCHAR(80),
    carrier VARCHAR(60), certificate_no VARCHAR(20), price_usd_kg NUMERIC(10,2),
    analyte VARCHAR(6), received_at TIMESTAMP, updated_at TIMESTAMP NOT NULL
);
CREATE TABLE lot_inputs (
    lot_id INTEGER NOT NULL REFERENCES lots (id), country CHAR(2), creator_no VARCHAR(32) NOT NULL,
    lot_no VARCHAR(30) NOT NULL, mass_kg NUMERIC(14,3), grade_pct NUMERIC(7,4), updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (lot_id, creator_no, lot_no)
);
CREATE TABLE lot_tags (
    lot_id INTEGER NOT NULL REFERENCES lots (id), tag_no VARCHAR(30) NOT NULL, issuer_no VARCHAR(32),
    issued_on DATE, issued_at VARCHAR(8), scheme CHAR(1), kind CHAR(1), state CHAR(1), state_since TIMESTAMP,
    applied_at TIMESTAMP, updated_at TIMESTAMP NOT NULL, PRIMARY KEY (lot_id, tag_no)
);
CREATE TABLE lot_taxes (
    lot_id INTEGER NOT NULL REFERENCES lots (id), tax VARCHAR(40) NOT NULL, amount NUMERIC(14,2), currency CHAR(3),
    authority VARCHAR(40), paid_on DATE, receipt VARCHAR(30), updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (lot_id, tax)
);
CREATE TABLE certificates (
    id INTEGER PRIMARY KEY, serial VARCHAR(20) NOT NULL UNIQUE, exporter_id INTEGER NOT NULL REFERENCES companies (id),
    importer_id INTEGER NOT NULL REFERENCES companies (id), lot_nos VARCHAR(200) NOT NULL, description VARCHAR(80),
    hs_code VARCHAR(12) NOT NULL, mass_t NUMERIC(12,6) NOT NULL, grade VARCHAR(40), grade_pct NUMERIC(7,4),
    origins VARCHAR(40), value_usd NUMERIC(14,2), ship_on DATE, route VARCHAR(120), carrier VARCHAR(60),
    authority VARCHAR(60), verifier VARCHAR(60), verifier_position VARCHAR(60), verifier_no VARCHAR(20),
    verified_on DATE, validator VARCHAR(60), issued_on DATE, expires_on DATE, scan VARCHAR(60),
    destination CHAR(2), analyte VARCHAR(6), state CHAR(1), updated_at TIMESTAMP NOT NULL
);
CREATE TABLE exports (
    id INTEGER PRIMARY KEY, declaration VARCHAR(30) NOT NULL, line INTEGER NOT NULL, exporter_no VARCHAR(32) NOT NULL,
    hs_code VARCHAR(12) NOT NULL, net_kg NUMERIC(14,3) NOT NULL, value_usd NUMERIC(14,2), destination CHAR(2),
    post VARCHAR(40), left_on DATE, regime VARCHAR(10), certificate_no VARCHAR(20), updated_at TIMESTAMP NOT NULL
);
CREATE TABLE imports (
    id INTEGER PRIMARY KEY, declaration VARCHAR(30) NOT NULL, line INTEGER NOT NULL, importer_no VARCHAR(32) NOT NULL,
    hs_code VARCHAR(12) NOT NULL, net_kg NUMERIC(14,3) NOT NULL, value_usd NUMERIC(14,2), consignor CHAR(2),
    origins VARCHAR(40), post VARCHAR(40), entered_on DATE, regime VARCHAR(10), certificate_country CHAR(2),
    certificate_no VARCHAR(20), updated_at TIMESTAMP NOT NULL
);
CREATE TABLE periods (
    id INTEGER PRIMARY KEY, month CHAR(7) NOT NULL, records INTEGER, closed_at TIMESTAMP, updated_at TIMESTAMP NOT NULL
);
CREATE TABLE exporter_licences (
    company_id INTEGER PRIMARY KEY REFERENCES companies (id), licence_no VARCHAR(30), status CHAR(1), status_since DATE,
    expires_on DATE, suspended_on DATE, last_audit_on DATE, updated_at TIMESTAMP NOT NULL
);
CREATE TABLE production (
    id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES sites (id), month CHAR(7) NOT NULL,
    hs_code VARCHAR(12) NOT NULL, kg NUMERIC(14,3), grade_pct NUMERIC(7,4), analyte VARCHAR(6), workers INTEGER,
    updated_at TIMESTAMP NOT NULL
);
CREATE TABLE stock_returns (
    id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL REFERENCES companies (id), month CHAR(7) NOT NULL,
    hs_code VARCHAR(12) NOT NULL, kg NUMERIC(14,3), grade_pct NUMERIC(7,4), analyte VARCHAR(6),
    updated_at TIMESTAMP NOT NULL
);
CREATE TABLE audits (
    id INTEGER PRIMARY KEY, number VARCHAR(30) NOT NULL, kind CHAR(1), company_id INTEGER REFERENCES companies (id),
    site_id INTEGER REFERENCES sites (id), ended_on DATE, organisation VARCHAR(80), lead_auditor VARCHAR(80),
    conclusion CHAR(1), report_ref VARCHAR(60), updated_at TIMESTAMP NOT NULL
);
