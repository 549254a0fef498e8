-- The flat columns of a pilot in which one table holds a mine site: PostgreSQL,
-- status and activity as words, coordinates with five decimals, a list of
-- further minerals in one text, the polygon as GeoJSON text, ids of companies
-- without the companies.

CREATE TABLE mine_site (
    mine_site_id                 TEXT PRIMARY KEY,
    mine_site_name               TEXT,
    country_iso2                 CHAR(2),
    national_id                  TEXT,
    certification_status         TEXT,
    activity_status              TEXT,
    primary_mineral_hs_code      TEXT,
    additional_minerals_hs_codes TEXT,
    latitude                     NUMERIC(8, 5),
    longitude                    NUMERIC(8, 5),
    polygon_geojson              TEXT,
    admin1                       TEXT,
    admin2                       TEXT,
    license_id                   TEXT,
    license_type                 TEXT,
    owner_company_id             TEXT,
    operator_company_id          TEXT,
    last_inspection_date         DATE,
    notes                        TEXT,
    updated_at                   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX mine_site_updated ON mine_site (updated_at);
