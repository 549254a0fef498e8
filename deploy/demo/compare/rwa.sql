-- What the regional tables must hold for RWA, read from its national database
-- without the mapping: an independent witness for the demonstration. Each
-- query stands for one regional table; `_source` is the national key, every
-- other name a regional column. A column that is not named must be empty.

-- table: mine_site
SELECT
    s.id AS _source,
    COALESCE(s.icglr_id, 'minted') AS icglr_id,
    'RW' AS address_country,
    s.code AS national_id,
    s.name AS site_name,
    CASE s.status WHEN 'B' THEN 'blue' WHEN 'G' THEN 'green' WHEN 'Y' THEN 'yellow' WHEN 'R' THEN 'red' END AS certification_status,
    s.status_since AS certification_status_since,
    CASE s.activity WHEN 'A' THEN 'active' WHEN 'N' THEN 'non_active' WHEN 'X' THEN 'abandoned' END AS activity_status,
    s.activity_since AS activity_since,
    s.lat AS latitude_e7,
    s.lon AS longitude_e7,
    s.altitude_m * 100 AS altitude_cm,
    s.cadastre_ref AS national_cadaster_localization,
    CASE WHEN s.place IS NOT NULL THEN 'RW' END AS local_geographic_designation_country,
    s.place AS local_geographic_designation_address_locality_text,
    CASE s.operation WHEN 'I' THEN 'industrial' WHEN 'S' THEN 'semi_industrial' WHEN 'A' THEN 'artisanal' END AS operation_type,
    s.workers AS workers_declared,
    m.minerals AS mineral,
    o.registration_no AS owner_identifier,
    o.name AS owner_name,
    o.country AS owner_legal_address_country,
    o.province_code AS owner_legal_address_subnational_division_l1,
    o.district AS owner_legal_address_subnational_division_l2,
    o.street AS owner_legal_address_address_locality_text
FROM sites s
LEFT JOIN companies o ON o.id = s.owner_id
LEFT JOIN (
    SELECT a.site_id, CASE WHEN MIN(a.hs_code) = MAX(a.hs_code) THEN MIN(a.hs_code)
                           ELSE MIN(a.hs_code) || ';' || MAX(a.hs_code) END AS minerals
    FROM site_minerals a GROUP BY a.site_id
) m ON m.site_id = s.id;

-- table: mine_site_license
SELECT
    l.site_id AS _source,
    CASE l.kind WHEN 'CL' THEN 'claim' WHEN 'EX' THEN 'exploration_permit' WHEN 'ML' THEN 'mining_license' WHEN 'AP' THEN 'artisanal_permit' END AS license_type,
    l.number AS license_id,
    l.applied_on AS applied_date,
    l.granted_on AS granted_date,
    l.expires_on AS expiring_date,
    CASE WHEN l.active = 1 THEN 'active' ELSE 'not_active' END AS license_status,
    l.commodities AS covered_commodities,
    h.registration_no AS owner_identifier,
    h.name AS owner_name,
    h.country AS owner_legal_address_country,
    h.province_code AS owner_legal_address_subnational_division_l1,
    h.district AS owner_legal_address_subnational_division_l2,
    h.street AS owner_legal_address_address_locality_text
FROM licences l
LEFT JOIN companies h ON h.id = l.holder_id
ORDER BY l.site_id, l.id;

-- table: mine_site_operator
SELECT
    p.site_id AS _source,
    c.registration_no AS identifier,
    c.name AS name,
    c.country AS legal_address_country,
    c.province_code AS legal_address_subnational_division_l1,
    c.district AS legal_address_subnational_division_l2,
    c.street AS legal_address_address_locality_text
FROM site_operators p, companies c
WHERE c.id = p.company_id
ORDER BY p.site_id, c.id;

-- table: mine_site_inspection
SELECT
    i.site_id AS _source,
    i.reference AS inspection_id,
    i.held_on AS inspection_date,
    CASE i.result WHEN 'B' THEN 'blue' WHEN 'G' THEN 'green' WHEN 'Y' THEN 'yellow' WHEN 'R' THEN 'red' END AS inspection_result,
    i.position AS inspector_position,
    i.agency AS government_agency,
    i.report_ref AS inspection_report,
    i.purpose AS inspection_purpose,
    i.summary AS inspection_results,
    i.corrective_due AS corrective_due_date
FROM inspections i
ORDER BY i.site_id, i.held_on, i.id;

-- table: mine_site_status_change
SELECT c.site_id AS _source, c.changed_on AS date_of_change, CASE c.status WHEN 'B' THEN 'blue' WHEN 'G' THEN 'green' WHEN 'Y' THEN 'yellow' WHEN 'R' THEN 'red' END AS new_status,
    CASE c.cause WHEN 'I' THEN 'inspection' WHEN 'L' THEN 'lapse' WHEN 'D' THEN 'decision' WHEN 'N' THEN 'initial' END AS cause, c.inspection_ref AS inspection_id
FROM status_changes c
ORDER BY c.site_id, c.changed_on, c.id;

-- table: mine_site_capacity
SELECT site_id AS _source, hs_code AS mineral, kg_month * 1000000 AS monthly_mass_mg
FROM site_capacities ORDER BY site_id, hs_code;

-- table: mine_site_tag_allocation
SELECT site_id AS _source, CASE scheme WHEN 'N' THEN 'national' WHEN 'I' THEN 'itsci' END AS scheme,
    first_tag AS from_identifier, last_tag AS to_identifier, quantity AS tag_count
FROM tag_ranges ORDER BY site_id, id;

-- table: lot
SELECT
    l.id AS _source,
    'RW' AS country,
    l.lot_no AS lot_number,
    l.registered_at AS registered_at_us,
    c.registration_no AS creator_identifier,
    c.name AS creator_name,
    c.country AS creator_legal_address_country,
    c.province_code AS creator_legal_address_subnational_division_l1,
    c.district AS creator_legal_address_subnational_division_l2,
    c.street AS creator_legal_address_address_locality_text,
    c.store_lat AS creator_premises_latitude_e7,
    c.store_lon AS creator_premises_longitude_e7,
    r.registration_no AS recipient_identifier,
    r.name AS recipient_name,
    r.country AS recipient_legal_address_country,
    r.province_code AS recipient_legal_address_subnational_division_l1,
    r.district AS recipient_legal_address_subnational_division_l2,
    r.street AS recipient_legal_address_address_locality_text,
    r.store_lat AS recipient_premises_latitude_e7,
    r.store_lon AS recipient_premises_longitude_e7,
    l.hs_code AS mineral,
    l.grade_pct * 10000 AS concentration_ppm,
    l.analyte AS analyte,
    l.mass_kg * 1000000 AS mass_mg,
    'kgm' AS unit_of_measurement,
    l.roles AS creator_role,
    l.operations AS originating_operation,
    l.package AS package_type,
    l.packages * 1000 AS nr_of_packages_e3,
    s.icglr_id AS mine_site_id,
    l.sealed_on AS date_sealed,
    l.shipped_on AS date_shipped,
    l.purchase_no AS purchase_number,
    l.purchased_on AS purchase_date,
    l.date_in AS date_in,
    l.received_at AS received_at_us,
    l.transport AS transportation_method,
    l.route AS transportation_route,
    l.carrier AS transport_company,
    l.certificate_no AS export_certificate_id
FROM lots l
JOIN companies c ON c.id = l.company_id
LEFT JOIN companies r ON r.id = l.recipient_id
LEFT JOIN sites s ON s.id = l.site_id;

-- table: lot_input
SELECT
    lot_id AS _source, lot_no AS lot_number, country AS country, creator_no AS creator_identifier,
    mass_kg * 1000000 AS contributed_mass_mg, grade_pct * 10000 AS contributed_concentration_ppm
FROM lot_inputs ORDER BY lot_id, creator_no, lot_no;

-- table: lot_tag
SELECT
    lot_id AS _source, tag_no AS identifier, issuer_no AS issuer_identifier, issued_on AS issue_date, issued_at AS issue_time,
    CASE scheme WHEN 'N' THEN 'national' WHEN 'I' THEN 'itsci' END AS scheme,
    CASE kind WHEN 'M' THEN 'mine' WHEN 'T' THEN 'trader' WHEN 'P' THEN 'processor' WHEN 'E' THEN 'export' END AS kind,
    CASE state WHEN 'I' THEN 'issued' WHEN 'A' THEN 'applied' WHEN 'C' THEN 'consumed' WHEN 'L' THEN 'lost' WHEN 'V' THEN 'void' END AS state,
    state_since AS state_since_us, applied_at AS applied_at_us
FROM lot_tags ORDER BY lot_id, tag_no;

-- table: lot_tax
SELECT
    lot_id AS _source, tax AS tax_type,
    CASE currency WHEN 'RWF' THEN amount ELSE amount * 100 END AS tax_amount_minor, currency AS currency,
    authority AS tax_authority, paid_on AS tax_paid_date, receipt AS receipt_reference
FROM lot_taxes ORDER BY lot_id, tax;

-- table: export_certificate
SELECT
    c.id AS _source,
    'RW' AS issuing_country,
    c.serial AS identifier,
    x.registration_no AS exporter_identifier,
    x.name AS exporter_name,
    x.country AS exporter_legal_address_country,
    x.province_code AS exporter_legal_address_subnational_division_l1,
    x.district AS exporter_legal_address_subnational_division_l2,
    x.street AS exporter_legal_address_address_locality_text,
    m.registration_no AS importer_identifier,
    m.name AS importer_name,
    m.country AS importer_legal_address_country,
    m.province_code AS importer_legal_address_subnational_division_l1,
    m.district AS importer_legal_address_subnational_division_l2,
    m.street AS importer_legal_address_address_locality_text,
    c.lot_nos AS lot_number,
    c.description AS designated_mineral_description,
    c.hs_code AS type_of_ore,
    c.mass_t * 1000000000 AS lot_weight_mg,
    'tne' AS lot_weight_uom,
    c.grade AS lot_grade,
    c.grade_pct * 10000 AS concentration_ppm,
    c.analyte AS analyte,
    c.origins AS mineral_origin,
    c.value_usd * 100 AS customs_value_minor,
    'USD' AS customs_value_currency,
    c.ship_on AS date_of_shipment,
    c.route AS shipment_route,
    c.carrier AS transport_company,
    c.authority AS member_state_issuing_authority,
    c.verifier_position AS position_of_verifier,
    c.verified_on AS date_of_verification,
    c.issued_on AS date_of_issuance,
    c.expires_on AS date_of_expiration,
    c.scan AS certificate_file,
    c.destination AS destination_country,
    CASE c.state WHEN 'V' THEN 'valid' WHEN 'U' THEN 'used' WHEN 'E' THEN 'expired' WHEN 'R' THEN 'revoked' WHEN 'P' THEN 'replaced' END AS state
FROM certificates c, companies x, companies m
WHERE x.id = c.exporter_id AND m.id = c.importer_id;

-- table: export_declaration
SELECT
    e.id AS _source, 'RW' AS country, e.declaration AS declaration_number, e.line AS line,
    e.exporter_no AS exporter_identifier, e.hs_code AS mineral, e.net_kg * 1000000 AS net_mass_mg,
    e.value_usd * 100 AS customs_value_minor, 'USD' AS customs_value_currency, e.destination AS destination_country,
    e.post AS exit_post, e.left_on AS exit_date, CASE e.regime WHEN 'C1' THEN 'normal' WHEN 'C4' THEN 'normal' WHEN 'T1' THEN 'transit' END AS procedure,
    substr(e.certificate_no, 1, 2) AS certificate_country, e.certificate_no AS certificate_identifier
FROM exports e;

-- table: import_declaration
SELECT
    i.id AS _source, 'RW' AS country, i.declaration AS declaration_number, i.line AS line,
    i.importer_no AS importer_identifier, i.hs_code AS mineral, i.net_kg * 1000000 AS net_mass_mg,
    i.value_usd * 100 AS customs_value_minor, 'USD' AS customs_value_currency, i.consignor AS consignor_country,
    i.origins AS origin_country, i.post AS entry_post, i.entered_on AS entry_date,
    CASE i.regime WHEN 'C1' THEN 'normal' WHEN 'C4' THEN 'normal' WHEN 'T1' THEN 'transit' END AS procedure,
    i.certificate_country AS certificate_country, i.certificate_no AS certificate_identifier
FROM imports i;

-- table: exporter_status
SELECT
    e.company_id AS _source,
    'RW' AS country,
    x.registration_no AS exporter_identifier,
    x.name AS exporter_name,
    x.country AS exporter_legal_address_country,
    x.province_code AS exporter_legal_address_subnational_division_l1,
    x.district AS exporter_legal_address_subnational_division_l2,
    x.street AS exporter_legal_address_address_locality_text,
    x.store_lat AS exporter_premises_latitude_e7,
    x.store_lon AS exporter_premises_longitude_e7,
    CASE e.status WHEN 'B' THEN 'blue' WHEN 'G' THEN 'green' WHEN 'Y' THEN 'yellow' WHEN 'R' THEN 'red' END AS certification_status,
    e.status_since AS certification_status_since,
    e.licence_no AS license_id,
    e.expires_on AS license_expiring_date,
    e.suspended_on AS suspended_since,
    e.last_audit_on AS last_audit_date
FROM exporter_licences e, companies x
WHERE x.id = e.company_id;

-- table: production_declaration
SELECT
    p.id AS _source, 'RW' AS country, s.icglr_id AS mine_site_id, p.hs_code AS mineral, p.month AS period,
    p.kg * 1000000 AS mass_mg, p.grade_pct * 10000 AS concentration_ppm, p.analyte AS analyte, p.workers AS workers_declared
FROM production p, sites s
WHERE s.id = p.site_id;

-- table: stock_declaration
SELECT
    k.id AS _source, 'RW' AS country, c.registration_no AS party_identifier, k.hs_code AS mineral, k.month AS period,
    k.kg * 1000000 AS closing_mass_mg, k.grade_pct * 10000 AS concentration_ppm, k.analyte AS analyte
FROM stock_returns k, companies c
WHERE c.id = k.company_id;

-- table: audit
SELECT
    a.id AS _source, 'RW' AS country, a.number AS audit_number,
    CASE a.kind WHEN 'T' THEN 'third_party' WHEN 'S' THEN 'state' END AS audit_type,
    (SELECT c.registration_no FROM companies c WHERE c.id = a.company_id) AS exporter_identifier,
    (SELECT s.icglr_id FROM sites s WHERE s.id = a.site_id) AS mine_site_id,
    a.ended_on AS audit_date, a.organisation AS auditor,
    CASE a.conclusion WHEN 'C' THEN 'conformant' WHEN 'A' THEN 'corrective_action' WHEN 'X' THEN 'non_conformant' END AS conclusion,
    a.report_ref AS report_reference
FROM audits a;

-- table: reporting_period
SELECT id AS _source, 'RW' AS country, month AS period, 'transactions' AS feed, records AS record_count, closed_at AS closed_at_us
FROM periods;
