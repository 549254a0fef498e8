-- The national database of UGA as the demonstration builds it: flat registers,
-- one wide row each, with codes and units of its own and no change times. The
-- text runs on SQLite and on MariaDB.

CREATE TABLE site_register (
    site_ref VARCHAR(20) NOT NULL PRIMARY KEY, rmd_id VARCHAR(40), site_name VARCHAR(80), cert VARCHAR(4),
    cert_from VARCHAR(10), worked CHAR(1), lat DOUBLE, lon DOUBLE, alt_ft DOUBLE, minerals VARCHAR(60), kind VARCHAR(4),
    diggers INTEGER, district VARCHAR(40), parish VARCHAR(40),
    lic1_kind VARCHAR(4), lic1_no VARCHAR(30), lic1_from VARCHAR(10), lic1_to VARCHAR(10), lic1_covers VARCHAR(40),
    lic2_kind VARCHAR(4), lic2_no VARCHAR(30), lic2_from VARCHAR(10), lic2_to VARCHAR(10), lic2_covers VARCHAR(40),
    own_ref VARCHAR(20), own_name VARCHAR(80), own_tin VARCHAR(20), own_country CHAR(2), own_town VARCHAR(60),
    own_person VARCHAR(60), own_phone VARCHAR(20), own_mail VARCHAR(60),
    insp1_no VARCHAR(20), insp1_date VARCHAR(10), insp1_found VARCHAR(4), insp1_by VARCHAR(60), insp1_post VARCHAR(40),
    insp2_no VARCHAR(20), insp2_date VARCHAR(10), insp2_found VARCHAR(4), insp2_by VARCHAR(60), insp2_post VARCHAR(40)
);
CREATE TABLE lot_register (
    lot_ref VARCHAR(30) NOT NULL PRIMARY KEY, dealer_ref VARCHAR(20), dealer_name VARCHAR(80), dealer_tin VARCHAR(20),
    dealer_country CHAR(2), dealer_town VARCHAR(60), dealer_person VARCHAR(60), dealer_phone VARCHAR(20), dealer_mail VARCHAR(60),
    booked_date VARCHAR(10), booked_time VARCHAR(8), ore VARCHAR(8), assay_pct VARCHAR(12), qty VARCHAR(16), qty_unit VARCHAR(2),
    roles VARCHAR(40), steps VARCHAR(40), site_rmd_id VARCHAR(40), bags INTEGER, sealed VARCHAR(10), sent VARCHAR(10),
    tag_a VARCHAR(20), tag_b VARCHAR(20), tag_issuer VARCHAR(20), tag_date VARCHAR(10), tag_time VARCHAR(8),
    in1_country CHAR(2), in1_dealer VARCHAR(20), in1_lot VARCHAR(30), in1_qty VARCHAR(16),
    in2_country CHAR(2), in2_dealer VARCHAR(20), in2_lot VARCHAR(30), in2_qty VARCHAR(16),
    royalty_ugx VARCHAR(16), royalty_date VARCHAR(10), royalty_receipt VARCHAR(20), cert_no VARCHAR(20)
);
CREATE TABLE certificate_register (
    cert_no VARCHAR(20) NOT NULL PRIMARY KEY, exp_ref VARCHAR(20), exp_name VARCHAR(80), exp_tin VARCHAR(20), exp_town VARCHAR(60),
    exp_person VARCHAR(60), exp_phone VARCHAR(20), exp_mail VARCHAR(60), imp_ref VARCHAR(20), imp_name VARCHAR(80),
    imp_country CHAR(2), imp_town VARCHAR(60), imp_person VARCHAR(60), imp_phone VARCHAR(20), imp_mail VARCHAR(60),
    lots VARCHAR(120), ore VARCHAR(8), qty VARCHAR(16), qty_unit VARCHAR(2), grade_text VARCHAR(30), assay_pct VARCHAR(12),
    origin VARCHAR(30), value_usd VARCHAR(16), ship_date VARCHAR(10), route VARCHAR(80), issuer VARCHAR(60),
    checked_by VARCHAR(60), checked_post VARCHAR(40), checked_on VARCHAR(10), signed_by VARCHAR(60), issued VARCHAR(10),
    expires VARCHAR(10), scan VARCHAR(40), goes_to CHAR(2)
);
CREATE TABLE customs_register (
    row_no INTEGER NOT NULL PRIMARY KEY, way CHAR(3) NOT NULL, entry_no VARCHAR(30), item INTEGER, party_ref VARCHAR(20), ore VARCHAR(8),
    net VARCHAR(16), net_unit VARCHAR(2), value_ugx VARCHAR(20), other_country CHAR(2), origin VARCHAR(30), post VARCHAR(40),
    day VARCHAR(10), regime VARCHAR(4), cert_country CHAR(2), cert_no VARCHAR(20)
);
CREATE INDEX customs_register_by_way ON customs_register (way, row_no);
CREATE TABLE month_register (
    month_no CHAR(7) NOT NULL PRIMARY KEY, rows_sent INTEGER, closed VARCHAR(19)
);
CREATE TABLE output_register (
    row_no INTEGER NOT NULL PRIMARY KEY, site_rmd_id VARCHAR(40), ym CHAR(7), ore VARCHAR(8), qty VARCHAR(16), qty_unit VARCHAR(2),
    assay_pct VARCHAR(12), diggers INTEGER
);
