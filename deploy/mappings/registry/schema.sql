-- A normalised national schema: PostgreSQL, one table a thing, foreign keys,
-- parties once, statuses in a reference table, tags allotted to sites
-- and bound to lots, an instant of change on every table.

CREATE TABLE province (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE party (
    party_id      BIGINT PRIMARY KEY,
    registration  TEXT UNIQUE NOT NULL,
    name          TEXT NOT NULL,
    tin           TEXT,
    business_type TEXT,
    province_code TEXT REFERENCES province,
    district      TEXT,
    locality      TEXT,
    representative TEXT,
    phone         TEXT,
    email         TEXT,
    premises_lat  DOUBLE PRECISION,
    premises_long DOUBLE PRECISION,
    changed_at    TIMESTAMPTZ NOT NULL
);
CREATE TABLE site_status (
    id SMALLINT PRIMARY KEY,
    label TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE site (
    site_id       BIGINT PRIMARY KEY,
    national_code TEXT UNIQUE NOT NULL,
    icglr_id      TEXT,
    name          TEXT,
    lat           NUMERIC(8, 5) NOT NULL,
    long          NUMERIC(8, 5) NOT NULL,
    altitude_m    INTEGER,
    status_id     SMALLINT REFERENCES site_status,
    status_since  DATE,
    is_active     BOOLEAN,
    workers       INTEGER,
    owner_id      BIGINT REFERENCES party,
    province_code TEXT REFERENCES province,
    district      TEXT,
    sector        TEXT,
    cell          TEXT,
    allowed_tags  INTEGER,
    changed_at    TIMESTAMPTZ NOT NULL
);
CREATE TABLE site_mineral (
    site_id BIGINT REFERENCES site,
    hs_code TEXT,
    capacity_kg_month NUMERIC(10, 1),
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, hs_code)
);
CREATE TABLE tag_range (
    range_id BIGINT PRIMARY KEY,
    site_id BIGINT REFERENCES site,
    first_tag TEXT NOT NULL,
    last_tag TEXT NOT NULL,
    number_of_tags INTEGER,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE licence (
    licence_no TEXT PRIMARY KEY,
    site_id BIGINT REFERENCES site,
    kind TEXT NOT NULL,
    holder_id BIGINT REFERENCES party,
    granted DATE,
    expires DATE,
    active BOOLEAN,
    hs_codes TEXT,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE inspection (
    inspection_no TEXT PRIMARY KEY,
    site_id BIGINT REFERENCES site,
    held_on DATE NOT NULL,
    result_id SMALLINT REFERENCES site_status,
    inspector TEXT,
    position TEXT,
    agency TEXT,
    due DATE,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE lot (
    lot_id        BIGINT PRIMARY KEY,
    lot_number    TEXT NOT NULL,
    registered    TIMESTAMPTZ NOT NULL,
    creator_id    BIGINT REFERENCES party NOT NULL,
    recipient_id  BIGINT REFERENCES party,
    hs_code       TEXT,
    grade_percent NUMERIC(6, 3),
    mass_kg       NUMERIC(12, 3),
    creator_role  TEXT,
    operation     TEXT,
    site_id       BIGINT REFERENCES site,
    miner         TEXT,
    price_usd_kg  NUMERIC(10, 2),
    sealed        DATE,
    shipped       DATE,
    void_on       DATE,
    void_reason   TEXT,
    changed_at    TIMESTAMPTZ NOT NULL,
    UNIQUE (creator_id, lot_number)
);
CREATE TABLE lot_source (
    lot_id BIGINT REFERENCES lot,
    source_id BIGINT REFERENCES lot,
    mass_kg NUMERIC(12, 3),
    grade_percent NUMERIC(6, 3),
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (lot_id, source_id)
);
CREATE TABLE tag (
    tag_no TEXT PRIMARY KEY,
    lot_id BIGINT REFERENCES lot,
    issuer_id BIGINT REFERENCES party,
    issued TIMESTAMPTZ,
    applied TIMESTAMPTZ,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE tax (
    tax_id BIGINT PRIMARY KEY,
    lot_id BIGINT REFERENCES lot,
    kind TEXT,
    amount NUMERIC(12, 2),
    currency CHAR(3),
    paid DATE,
    receipt TEXT,
    changed_at TIMESTAMPTZ NOT NULL
);
-- One for each way in which the node looks rows up: by the key of the record that
-- they belong to, and by the instant of their change.
CREATE INDEX site_owner ON site (owner_id);
CREATE INDEX licence_site ON licence (site_id);
CREATE INDEX licence_holder ON licence (holder_id);
CREATE INDEX inspection_site ON inspection (site_id);
CREATE INDEX tag_range_site ON tag_range (site_id);
CREATE INDEX lot_creator ON lot (creator_id);
CREATE INDEX lot_recipient ON lot (recipient_id);
CREATE INDEX lot_site ON lot (site_id);
CREATE INDEX lot_source_source ON lot_source (source_id);
CREATE INDEX tag_lot ON tag (lot_id);
CREATE INDEX tag_issuer ON tag (issuer_id);
CREATE INDEX tax_lot ON tax (lot_id);
CREATE INDEX province_changed ON province (changed_at);
CREATE INDEX party_changed ON party (changed_at);
CREATE INDEX site_status_changed ON site_status (changed_at);
CREATE INDEX site_changed ON site (changed_at);
CREATE INDEX site_mineral_changed ON site_mineral (changed_at);
CREATE INDEX tag_range_changed ON tag_range (changed_at);
CREATE INDEX licence_changed ON licence (changed_at);
CREATE INDEX inspection_changed ON inspection (changed_at);
CREATE INDEX lot_changed ON lot (changed_at);
CREATE INDEX lot_source_changed ON lot_source (changed_at);
CREATE INDEX tag_changed ON tag (changed_at);
CREATE INDEX tax_changed ON tax (changed_at);
