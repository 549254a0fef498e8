-- What the regional tables must hold for COD, read from its national database
-- without the mapping: an independent witness for the demonstration. Each
-- query stands for one regional table; `_source` is the national key, every
-- other name a regional column. A column that is not named must be empty.

-- table: mine_site
WITH last AS (
    SELECT pcode, MAX(visit_date || printf('%09d', vid)) AS mark FROM visites GROUP BY pcode
), judged AS (
    SELECT pcode, MAX(visit_date || printf('%09d', vid)) AS mark FROM visites
    WHERE qualification IN ('Vert', 'Jaune', 'Rouge') GROUP BY pcode
), first AS (
    SELECT pcode, MIN(visit_date) AS day FROM visites GROUP BY pcode
)
SELECT
    v.pcode AS _source,
    'minted' AS icglr_id,
    'CD' AS address_country,
    v.pcode AS national_id,
    trim(v.name) AS site_name,
    COALESCE(CASE j.qualification WHEN 'Vert' THEN 'green' WHEN 'Jaune' THEN 'yellow' WHEN 'Rouge' THEN 'red' END, 'blue') AS certification_status,
    COALESCE(j.visit_date, first.day) AS certification_status_since,
    CASE WHEN v.workers_numb + 0 > 0 THEN 'active' WHEN v.workers_numb = '0' THEN 'non_active' END AS activity_status,
    nullif(v.workers_numb, '') AS workers_declared,
    v.latitude AS latitude_e7,
    v.longitude AS longitude_e7,
    nullif(ltrim(CASE COALESCE(v.mineral1, '') WHEN '' THEN '' WHEN 'Or' THEN ';7108.12.00' WHEN 'Cassitérite' THEN ';2609.00.00' WHEN 'Coltan' THEN ';2615.90.00' WHEN 'Wolframite' THEN ';2611.00.00' WHEN 'Diamant' THEN ';7102.10.00' WHEN 'Cuivre' THEN ';2603.00.00' WHEN 'Tourmaline' THEN ';7103.10.00' WHEN 'Améthyste' THEN ';7103.10.00' WHEN 'Bauxite' THEN ';2606.00.00' WHEN 'Argent' THEN ';2616.10.00' WHEN 'Plomb' THEN ';2607.00.00' WHEN 'Manganèse' THEN ';2602.00.00' WHEN 'Niobium' THEN ';2615.90.00' END || CASE COALESCE(v.mineral2, '') WHEN '' THEN '' WHEN 'Or' THEN ';7108.12.00' WHEN 'Cassitérite' THEN ';2609.00.00' WHEN 'Coltan' THEN ';2615.90.00' WHEN 'Wolframite' THEN ';2611.00.00' WHEN 'Diamant' THEN ';7102.10.00' WHEN 'Cuivre' THEN ';2603.00.00' WHEN 'Tourmaline' THEN ';7103.10.00' WHEN 'Améthyste' THEN ';7103.10.00' WHEN 'Bauxite' THEN ';2606.00.00' WHEN 'Argent' THEN ';2616.10.00' WHEN 'Plomb' THEN ';2607.00.00' WHEN 'Manganèse' THEN ';2602.00.00' WHEN 'Niobium' THEN ';2615.90.00' END || CASE COALESCE(v.mineral3, '') WHEN '' THEN '' WHEN 'Or' THEN ';7108.12.00' WHEN 'Cassitérite' THEN ';2609.00.00' WHEN 'Coltan' THEN ';2615.90.00' WHEN 'Wolframite' THEN ';2611.00.00' WHEN 'Diamant' THEN ';7102.10.00' WHEN 'Cuivre' THEN ';2603.00.00' WHEN 'Tourmaline' THEN ';7103.10.00' WHEN 'Améthyste' THEN ';7103.10.00' WHEN 'Bauxite' THEN ';2606.00.00' WHEN 'Argent' THEN ';2616.10.00' WHEN 'Plomb' THEN ';2607.00.00' WHEN 'Manganèse' THEN ';2602.00.00' WHEN 'Niobium' THEN ';2615.90.00' END, ';'), '') AS mineral,
    'CD' AS local_geographic_designation_country,
    v.province AS local_geographic_designation_subnational_division_l1_text,
    v.territoire AS local_geographic_designation_subnational_division_l2,
    v.collectivite AS local_geographic_designation_subnational_division_l3,
    v.groupement AS local_geographic_designation_subnational_division_l4,
    v.village AS local_geographic_designation_address_locality_text
FROM last
JOIN visites v ON v.pcode = last.pcode AND v.visit_date || printf('%09d', v.vid) = last.mark
JOIN first ON first.pcode = v.pcode
LEFT JOIN judged ON judged.pcode = v.pcode
LEFT JOIN visites j ON j.pcode = judged.pcode AND j.visit_date || printf('%09d', j.vid) = judged.mark;

-- table: mine_site_inspection
SELECT
    v.pcode AS _source,
    v.vid AS inspection_id,
    v.visit_date AS inspection_date,
    CASE v.qualification WHEN 'Vert' THEN 'green' WHEN 'Jaune' THEN 'yellow' WHEN 'Rouge' THEN 'red' END AS inspection_result,
    v.source AS government_agency,
    v.project AS inspection_purpose
FROM visites v
ORDER BY v.pcode, v.visit_date, v.vid;

-- table: mine_site_status_change
SELECT
    v.pcode AS _source,
    v.visit_date AS date_of_change,
    CASE v.qualification WHEN 'Vert' THEN 'green' WHEN 'Jaune' THEN 'yellow' WHEN 'Rouge' THEN 'red' END AS new_status
FROM visites v
WHERE CASE v.qualification WHEN 'Vert' THEN 'green' WHEN 'Jaune' THEN 'yellow' WHEN 'Rouge' THEN 'red' END IS NOT NULL
ORDER BY v.pcode, v.visit_date, v.vid;

-- table: lot
SELECT
    l.id AS _source,
    'CD' AS country,
    l.numero AS lot_number,
    l.enregistre_le AS registered_at_us,
    c.numero AS creator_identifier,
    c.denomination AS creator_name,
    c.pays AS creator_legal_address_country,
    c.province AS creator_legal_address_subnational_division_l1_text,
    c.adresse AS creator_legal_address_address_locality_text,
    d.numero AS recipient_identifier,
    d.denomination AS recipient_name,
    d.pays AS recipient_legal_address_country,
    d.adresse AS recipient_legal_address_address_locality_text,
    CASE l.substance WHEN 'Or' THEN '7108.12.00' WHEN 'Cassitérite' THEN '2609.00.00' WHEN 'Coltan' THEN '2615.90.00' WHEN 'Wolframite' THEN '2611.00.00' WHEN 'Diamant' THEN '7102.10.00' WHEN 'Cuivre' THEN '2603.00.00' WHEN 'Tourmaline' THEN '7103.10.00' WHEN 'Améthyste' THEN '7103.10.00' WHEN 'Bauxite' THEN '2606.00.00' WHEN 'Argent' THEN '2616.10.00' WHEN 'Plomb' THEN '2607.00.00' WHEN 'Manganèse' THEN '2602.00.00' WHEN 'Niobium' THEN '2615.90.00' END AS mineral,
    ROUND(l.teneur * 10000) AS concentration_ppm,
    ROUND(l.poids_kg * 1000000) AS mass_mg,
    'kgm' AS unit_of_measurement,
    CASE l.role WHEN 'Exploitant' THEN 'miner' WHEN 'Négociant' THEN 'trader' WHEN 'Exportateur' THEN 'exporter' END AS creator_role,
    CASE l.operation WHEN 'Production' THEN 'production' WHEN 'Achat;Mélange' THEN 'purchase;combination' WHEN 'Achat;Exportation' THEN 'purchase;export' END AS originating_operation,
    l.colis AS package_type,
    l.nombre_colis * 1000 AS nr_of_packages_e3,
    CASE WHEN l.site IS NOT NULL THEN 'minted:' || s.latitude || ':' || s.longitude || ':' || s.pcode END AS mine_site_id,
    l.scelle_le AS date_sealed,
    l.expedie_le AS date_shipped,
    l.transport AS transportation_method,
    l.certificat AS export_certificate_id
FROM lots l
JOIN entites c ON c.numero = l.entite
LEFT JOIN entites d ON d.numero = l.destinataire
LEFT JOIN visites s ON s.pcode = l.site
GROUP BY l.id;

-- table: lot_tag
SELECT lot AS _source, numero AS identifier, emetteur AS issuer_identifier, posee_le AS issue_date, heure AS issue_time
FROM etiquettes ORDER BY lot, numero;

-- table: lot_input
SELECT
    lot AS _source, numero AS lot_number, 'CD' AS country, entite AS creator_identifier,
    ROUND(poids_kg * 1000000) AS contributed_mass_mg,
    ROUND(teneur * 10000) AS contributed_concentration_ppm
FROM lots_entrants ORDER BY lot, numero;

-- table: lot_tax
SELECT
    lot AS _source, libelle AS tax_type, ROUND(montant * 100) AS tax_amount_minor, devise AS currency,
    service AS tax_authority, payee_le AS tax_paid_date, quittance AS receipt_reference
FROM taxes ORDER BY lot, libelle;

-- table: export_certificate
SELECT
    c.numero AS _source,
    'CD' AS issuing_country,
    c.numero AS identifier,
    x.numero AS exporter_identifier,
    x.denomination AS exporter_name,
    x.pays AS exporter_legal_address_country,
    x.adresse AS exporter_legal_address_address_locality_text,
    m.numero AS importer_identifier,
    m.denomination AS importer_name,
    m.pays AS importer_legal_address_country,
    m.adresse AS importer_legal_address_address_locality_text,
    c.lots AS lot_number,
    CASE c.substance WHEN 'Or' THEN '7108.12.00' WHEN 'Cassitérite' THEN '2609.00.00' WHEN 'Coltan' THEN '2615.90.00' WHEN 'Wolframite' THEN '2611.00.00' WHEN 'Diamant' THEN '7102.10.00' WHEN 'Cuivre' THEN '2603.00.00' WHEN 'Tourmaline' THEN '7103.10.00' WHEN 'Améthyste' THEN '7103.10.00' WHEN 'Bauxite' THEN '2606.00.00' WHEN 'Argent' THEN '2616.10.00' WHEN 'Plomb' THEN '2607.00.00' WHEN 'Manganèse' THEN '2602.00.00' WHEN 'Niobium' THEN '2615.90.00' END AS type_of_ore,
    ROUND(c.poids_kg * 1000000) AS lot_weight_mg,
    'kgm' AS lot_weight_uom,
    c.teneur AS lot_grade,
    ROUND(c.teneur_pct * 10000) AS concentration_ppm,
    c.origines AS mineral_origin,
    ROUND(c.valeur_usd * 100) AS customs_value_minor,
    'USD' AS customs_value_currency,
    c.depart_prevu AS date_of_shipment,
    c.itineraire AS shipment_route,
    c.autorite AS member_state_issuing_authority,
    c.fonction AS position_of_verifier,
    c.verifie_le AS date_of_verification,
    c.delivre_le AS date_of_issuance,
    c.expire_le AS date_of_expiration,
    c.fichier AS certificate_file,
    c.destination AS destination_country
FROM certificats c, entites x, entites m
WHERE x.numero = c.exportateur AND m.numero = c.importateur;

-- table: export_declaration
SELECT
    e.id AS _source,
    'CD' AS country,
    e.declaration AS declaration_number,
    e.article AS line,
    e.exportateur AS exporter_identifier,
    CASE e.substance WHEN 'Or' THEN '7108.12.00' WHEN 'Cassitérite' THEN '2609.00.00' WHEN 'Coltan' THEN '2615.90.00' WHEN 'Wolframite' THEN '2611.00.00' WHEN 'Diamant' THEN '7102.10.00' WHEN 'Cuivre' THEN '2603.00.00' WHEN 'Tourmaline' THEN '7103.10.00' WHEN 'Améthyste' THEN '7103.10.00' WHEN 'Bauxite' THEN '2606.00.00' WHEN 'Argent' THEN '2616.10.00' WHEN 'Plomb' THEN '2607.00.00' WHEN 'Manganèse' THEN '2602.00.00' WHEN 'Niobium' THEN '2615.90.00' END AS mineral,
    ROUND(e.poids_kg * 1000000) AS net_mass_mg,
    ROUND(e.valeur_usd * 100) AS customs_value_minor,
    'USD' AS customs_value_currency,
    e.destination AS destination_country,
    e.poste AS exit_post,
    e.sortie_le AS exit_date,
    CASE e.regime WHEN 'définitive' THEN 'normal' WHEN 'transit' THEN 'transit' END AS procedure,
    substr(e.certificat, 1, 2) AS certificate_country,
    e.certificat AS certificate_identifier
FROM exportations e;

-- table: exporter_status
SELECT
    a.entite AS _source,
    'CD' AS country,
    a.entite AS exporter_identifier,
    x.denomination AS exporter_name,
    x.pays AS exporter_legal_address_country,
    x.province AS exporter_legal_address_subnational_division_l1_text,
    x.adresse AS exporter_legal_address_address_locality_text,
    CASE a.statut WHEN 'Vert' THEN 'green' WHEN 'Jaune' THEN 'yellow' WHEN 'Rouge' THEN 'red' WHEN 'Bleu' THEN 'blue' END AS certification_status,
    a.statut_le AS certification_status_since,
    a.numero AS license_id,
    a.expire_le AS license_expiring_date,
    a.suspendu_le AS suspended_since,
    a.audite_le AS last_audit_date
FROM agrements a, entites x
WHERE x.numero = a.entite;

-- table: stock_declaration
SELECT
    k.id AS _source,
    'CD' AS country,
    k.entite AS party_identifier,
    CASE k.substance WHEN 'Or' THEN '7108.12.00' WHEN 'Cassitérite' THEN '2609.00.00' WHEN 'Coltan' THEN '2615.90.00' WHEN 'Wolframite' THEN '2611.00.00' WHEN 'Diamant' THEN '7102.10.00' WHEN 'Cuivre' THEN '2603.00.00' WHEN 'Tourmaline' THEN '7103.10.00' WHEN 'Améthyste' THEN '7103.10.00' WHEN 'Bauxite' THEN '2606.00.00' WHEN 'Argent' THEN '2616.10.00' WHEN 'Plomb' THEN '2607.00.00' WHEN 'Manganèse' THEN '2602.00.00' WHEN 'Niobium' THEN '2615.90.00' END AS mineral,
    k.mois AS period,
    ROUND(k.poids_kg * 1000000) AS closing_mass_mg,
    ROUND(k.teneur * 10000) AS concentration_ppm
FROM stocks k;

-- table: incident
SELECT
    i.numero AS _source,
    'CD' AS country,
    i.numero AS incident_number,
    CASE i.risque WHEN 'Groupes armés' THEN 'A2-2' WHEN 'Forces de sécurité' THEN 'A2-3' WHEN 'Corruption' THEN 'A2-4' END AS risk,
    i.gravite AS level,
    i.survenu_le AS incident_date,
    i.entite AS exporter_identifier,
    CASE i.etat WHEN 'Ouvert' THEN 'open' WHEN 'En examen' THEN 'under_review' WHEN 'Confirmé' THEN 'confirmed' WHEN 'Clos' THEN 'closed' END AS state,
    i.resume AS summary
FROM incidents i;

-- table: reporting_period
SELECT mois AS _source, 'CD' AS country, mois AS period, 'transactions' AS feed, nombre AS record_count, clos_le AS closed_at_us
FROM periodes;
