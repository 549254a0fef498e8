-- What the regional tables must hold for UGA, read from its national database
-- without the mapping: an independent witness for the demonstration. Each
-- query stands for one regional table; `_source` is the national key, every
-- other name a regional column. A column that is not named must be empty.

-- table: mine_site
SELECT
    s.site_ref AS _source,
    s.rmd_id AS icglr_id,
    'UG' AS address_country,
    s.site_ref AS national_id,
    s.site_name AS site_name,
    CASE s.cert WHEN 'C0' THEN 'blue' WHEN 'C1' THEN 'green' WHEN 'C2' THEN 'yellow' WHEN 'C3' THEN 'red' END AS certification_status,
    s.cert_from AS certification_status_since,
    CASE s.worked WHEN 'Y' THEN 'active' WHEN 'N' THEN 'non_active' WHEN 'X' THEN 'abandoned' END AS activity_status,
    s.lat AS latitude_e7,
    s.lon AS longitude_e7,
    ROUND(s.alt_ft * 30.48) AS altitude_cm,
    CASE s.minerals WHEN 'AU' THEN '7108.12.00' WHEN 'SN' THEN '2609.00.00' WHEN 'W' THEN '2611.00.00' WHEN 'TA' THEN '2615.90.00' WHEN 'SN;W' THEN '2609.00.00;2611.00.00' END AS mineral,
    CASE s.kind WHEN 'IND' THEN 'industrial' WHEN 'ASM' THEN 'artisanal' END AS operation_type,
    s.diggers AS workers_declared,
    'UG' AS local_geographic_designation_country,
    s.district AS local_geographic_designation_subnational_division_l1_text,
    s.parish AS local_geographic_designation_address_locality_text,
    s.own_ref AS owner_identifier, s.own_name AS owner_name, s.own_country AS owner_legal_address_country, s.own_town AS owner_legal_address_address_locality_text
FROM site_register s;

-- table: mine_site_license
SELECT s.site_ref AS _source, CASE s.lic1_kind WHEN 'ML' THEN 'mining_license' WHEN 'AP' THEN 'artisanal_permit' WHEN 'XP' THEN 'exploration_permit' WHEN 'NO' THEN 'unlicensed' END AS license_type, s.lic1_no AS license_id,
       s.lic1_from AS granted_date, s.lic1_to AS expiring_date,
       CASE s.lic1_covers WHEN 'AU' THEN '7108.12.00' WHEN 'SN' THEN '2609.00.00' WHEN 'W' THEN '2611.00.00' WHEN 'TA' THEN '2615.90.00' WHEN 'SN;W' THEN '2609.00.00;2611.00.00' END AS covered_commodities,
       s.own_ref AS owner_identifier, s.own_name AS owner_name, s.own_country AS owner_legal_address_country, s.own_town AS owner_legal_address_address_locality_text
FROM site_register s WHERE s.lic1_kind IS NOT NULL
UNION ALL
SELECT s.site_ref AS _source, CASE s.lic2_kind WHEN 'ML' THEN 'mining_license' WHEN 'AP' THEN 'artisanal_permit' WHEN 'XP' THEN 'exploration_permit' WHEN 'NO' THEN 'unlicensed' END AS license_type, s.lic2_no AS license_id,
       s.lic2_from AS granted_date, s.lic2_to AS expiring_date,
       CASE s.lic2_covers WHEN 'AU' THEN '7108.12.00' WHEN 'SN' THEN '2609.00.00' WHEN 'W' THEN '2611.00.00' WHEN 'TA' THEN '2615.90.00' WHEN 'SN;W' THEN '2609.00.00;2611.00.00' END AS covered_commodities,
       s.own_ref AS owner_identifier, s.own_name AS owner_name, s.own_country AS owner_legal_address_country, s.own_town AS owner_legal_address_address_locality_text
FROM site_register s WHERE s.lic2_kind IS NOT NULL;

-- table: mine_site_inspection
SELECT s.site_ref AS _source, s.insp1_no AS inspection_id, s.insp1_date AS inspection_date,
       CASE s.insp1_found WHEN 'C0' THEN 'blue' WHEN 'C1' THEN 'green' WHEN 'C2' THEN 'yellow' WHEN 'C3' THEN 'red' END AS inspection_result, s.insp1_post AS inspector_position,
       'Directorate of Geological Survey and Mines' AS government_agency
FROM site_register s WHERE s.insp1_no IS NOT NULL
UNION ALL
SELECT s.site_ref AS _source, s.insp2_no AS inspection_id, s.insp2_date AS inspection_date,
       CASE s.insp2_found WHEN 'C0' THEN 'blue' WHEN 'C1' THEN 'green' WHEN 'C2' THEN 'yellow' WHEN 'C3' THEN 'red' END AS inspection_result, s.insp2_post AS inspector_position,
       'Directorate of Geological Survey and Mines' AS government_agency
FROM site_register s WHERE s.insp2_no IS NOT NULL;

-- table: lot
SELECT
    l.lot_ref AS _source,
    'UG' AS country,
    l.lot_ref AS lot_number,
    CONCAT(l.booked_date, ' ', l.booked_time) AS registered_at_us,
    l.dealer_ref AS creator_identifier,
    l.dealer_name AS creator_name,
    l.dealer_country AS creator_legal_address_country,
    l.dealer_town AS creator_legal_address_address_locality_text,
    CASE l.ore WHEN 'AU' THEN '7108.12.00' WHEN 'SN' THEN '2609.00.00' WHEN 'W' THEN '2611.00.00' WHEN 'TA' THEN '2615.90.00' END AS mineral,
    ROUND(l.assay_pct * 10000) AS concentration_ppm,
    CASE l.qty_unit WHEN 't' THEN ROUND(l.qty * 1000000000) WHEN 'g' THEN ROUND(l.qty * 1000) END AS mass_mg,
    CASE l.qty_unit WHEN 't' THEN 'tne' WHEN 'g' THEN 'grm' END AS unit_of_measurement,
    CASE l.roles WHEN 'MIN' THEN 'miner' WHEN 'IMP,REF' THEN 'importer;processor' WHEN 'REF,EXP' THEN 'processor;exporter' END AS creator_role,
    CASE l.steps WHEN 'PROD' THEN 'production' WHEN 'IMPO' THEN 'import' WHEN 'COMB,PROC,EXPO' THEN 'combination;processing;export' END AS originating_operation,
    l.site_rmd_id AS mine_site_id,
    l.bags * 1000 AS nr_of_packages_e3,
    l.sealed AS date_sealed,
    l.sent AS date_shipped,
    l.cert_no AS export_certificate_id
FROM lot_register l;

-- table: lot_tag
SELECT l.lot_ref AS _source, l.tag_a AS identifier, l.tag_issuer AS issuer_identifier, l.tag_date AS issue_date, l.tag_time AS issue_time
FROM lot_register l WHERE l.tag_a IS NOT NULL
UNION ALL
SELECT l.lot_ref, l.tag_b, l.tag_issuer, l.tag_date, l.tag_time
FROM lot_register l WHERE l.tag_b IS NOT NULL;

-- table: lot_input
SELECT l.lot_ref AS _source, l.in1_lot AS lot_number, l.in1_country AS country, l.in1_dealer AS creator_identifier,
       CASE l.qty_unit WHEN 't' THEN ROUND(l.in1_qty * 1000000000) WHEN 'g' THEN ROUND(l.in1_qty * 1000) END AS contributed_mass_mg
FROM lot_register l WHERE l.in1_lot IS NOT NULL
UNION ALL
SELECT l.lot_ref, l.in2_lot, l.in2_country, l.in2_dealer, CASE l.qty_unit WHEN 't' THEN ROUND(l.in2_qty * 1000000000) WHEN 'g' THEN ROUND(l.in2_qty * 1000) END
FROM lot_register l WHERE l.in2_lot IS NOT NULL;

-- table: lot_tax
SELECT l.lot_ref AS _source, 'royalty' AS tax_type, ROUND(l.royalty_ugx) AS tax_amount_minor, 'UGX' AS currency,
       l.royalty_date AS tax_paid_date, l.royalty_receipt AS receipt_reference
FROM lot_register l WHERE l.royalty_ugx IS NOT NULL;

-- table: export_certificate
SELECT
    c.cert_no AS _source, 'UG' AS issuing_country, c.cert_no AS identifier,
    c.exp_ref AS exporter_identifier, c.exp_name AS exporter_name, 'UG' AS exporter_legal_address_country,
    c.exp_town AS exporter_legal_address_address_locality_text,
    c.imp_ref AS importer_identifier, c.imp_name AS importer_name, c.imp_country AS importer_legal_address_country,
    c.imp_town AS importer_legal_address_address_locality_text,
    c.lots AS lot_number, CASE c.ore WHEN 'AU' THEN '7108.12.00' WHEN 'SN' THEN '2609.00.00' WHEN 'W' THEN '2611.00.00' WHEN 'TA' THEN '2615.90.00' END AS type_of_ore, CASE c.qty_unit WHEN 't' THEN ROUND(c.qty * 1000000000) WHEN 'g' THEN ROUND(c.qty * 1000) END AS lot_weight_mg,
    CASE c.qty_unit WHEN 't' THEN 'tne' WHEN 'g' THEN 'grm' END AS lot_weight_uom, c.grade_text AS lot_grade,
    ROUND(c.assay_pct * 10000) AS concentration_ppm, c.origin AS mineral_origin,
    ROUND(c.value_usd * 100) AS customs_value_minor, 'USD' AS customs_value_currency, c.ship_date AS date_of_shipment,
    c.route AS shipment_route, c.issuer AS member_state_issuing_authority, c.checked_post AS position_of_verifier,
    c.checked_on AS date_of_verification, c.issued AS date_of_issuance, c.expires AS date_of_expiration,
    c.scan AS certificate_file, c.goes_to AS destination_country
FROM certificate_register c;

-- table: export_declaration
SELECT
    e.row_no AS _source, 'UG' AS country, e.entry_no AS declaration_number, e.item AS line, e.party_ref AS exporter_identifier,
    CASE e.ore WHEN 'AU' THEN '7108.12.00' WHEN 'SN' THEN '2609.00.00' WHEN 'W' THEN '2611.00.00' WHEN 'TA' THEN '2615.90.00' END AS mineral, CASE e.net_unit WHEN 't' THEN ROUND(e.net * 1000000000) WHEN 'g' THEN ROUND(e.net * 1000) END AS net_mass_mg, ROUND(e.value_ugx) AS customs_value_minor,
    'UGX' AS customs_value_currency, e.other_country AS destination_country, e.post AS exit_post, e.day AS exit_date,
    CASE e.regime WHEN 'N' THEN 'normal' WHEN 'T' THEN 'transit' END AS "procedure", e.cert_country AS certificate_country, e.cert_no AS certificate_identifier
FROM customs_register e WHERE e.way = 'EXP';

-- table: import_declaration
SELECT
    i.row_no AS _source, 'UG' AS country, i.entry_no AS declaration_number, i.item AS line, i.party_ref AS importer_identifier,
    CASE i.ore WHEN 'AU' THEN '7108.12.00' WHEN 'SN' THEN '2609.00.00' WHEN 'W' THEN '2611.00.00' WHEN 'TA' THEN '2615.90.00' END AS mineral, CASE i.net_unit WHEN 't' THEN ROUND(i.net * 1000000000) WHEN 'g' THEN ROUND(i.net * 1000) END AS net_mass_mg, ROUND(i.value_ugx) AS customs_value_minor,
    'UGX' AS customs_value_currency, i.other_country AS consignor_country, i.origin AS origin_country, i.post AS entry_post,
    i.day AS entry_date, CASE i.regime WHEN 'N' THEN 'normal' WHEN 'T' THEN 'transit' END AS "procedure",
    i.cert_country AS certificate_country, i.cert_no AS certificate_identifier
FROM customs_register i WHERE i.way = 'IMP';

-- table: production_declaration
SELECT
    o.row_no AS _source, 'UG' AS country, o.site_rmd_id AS mine_site_id, CASE o.ore WHEN 'AU' THEN '7108.12.00' WHEN 'SN' THEN '2609.00.00' WHEN 'W' THEN '2611.00.00' WHEN 'TA' THEN '2615.90.00' END AS mineral, o.ym AS period,
    CASE o.qty_unit WHEN 't' THEN ROUND(o.qty * 1000000000) WHEN 'g' THEN ROUND(o.qty * 1000) END AS mass_mg,
    ROUND(o.assay_pct * 10000) AS concentration_ppm, o.diggers AS workers_declared
FROM output_register o;

-- table: reporting_period
SELECT month_no AS _source, 'UG' AS country, month_no AS period, 'transactions' AS feed, rows_sent AS record_count, closed AS closed_at_us
FROM month_register;
