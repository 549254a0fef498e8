//! What the columns of each record type and list are called.

use super::Phrases;

/// The fields of a firm, behind the name of its place.
pub(in super::super) const PARTY: Phrases = &[
    ("identifier", "numero|code|identifiant|identifier|id|matricule|numero agrement|agrement"),
    ("name", "denomination|raison sociale|nom|name|societe|company name|nom entreprise|libelle"),
    ("tin", "nif|tin|numero impot|id fiscal|identification fiscale|tax number"),
    ("legal_address.country", "pays|country|code pays"),
    ("legal_address.subnational_division_l1_text", "province|region|state"),
    ("legal_address.address_locality_text", "adresse|address|ville|city|town|localite|siege"),
    (
        "contact_details.legal_representative",
        "representant|representant legal|gerant|legal representative|responsable|directeur",
    ),
    (
        "contact_details.contact_phone_number",
        "telephone|phone|mobile|gsm|numero telephone|contact telephone",
    ),
    ("contact_details.contact_email", "courriel|email|mail|e mail|adresse email"),
];

/// The site of another record.
pub(in super::super) const SITE_OF: Phrases = &[
    ("mine_site.national_id", "code|numero|identifiant|pcode|code site|site code|matricule|id"),
    ("mine_site.latitude", "latitude|gps latitude|y"),
    ("mine_site.longitude", "longitude|gps longitude|x"),
];

pub(super) const SITE: Phrases = &[
    (
        "icglr_id",
        "icglr id|id icglr|id cirgl|icglr|mine site id|site id|id site|id mine|mine id|id",
    ),
    ("address_country", "pays|country|code pays|country code|country iso|iso country"),
    (
        "site_name",
        "nom|name|nom site|site name|nom mine|mine name|denomination|libelle|designation|site|mine|appellation|lieu dit",
    ),
    (
        "national_id",
        "code|code site|site code|numero|numero site|identifiant|pcode|matricule|reference|national id|site id|id national|code mine|id",
    ),
    (
        "certification_status",
        "statut|status|statut certification|certification status|certification|qualification|couleur|color|classement|validation|statut site|statut validation",
    ),
    (
        "certification_status_since",
        "date statut|date qualification|date certification|date validation|status date|date classement|qualifie le",
    ),
    (
        "activity_status",
        "activite|activity|statut activite|activity status|etat|etat activite|actif|active|en activite|etat site",
    ),
    (
        "workers_declared",
        "creuseur|nombre creuseur|travailleur|nombre travailleur|worker|worker numero|workers numb|effectif|ouvrier|nombre exploitant|digger|nombre ouvrier|effectif creuseur",
    ),
    ("operation_type", "type exploitation|mode exploitation|operation type|type operation|echelle"),
    (
        "mine_site_location.geolocalization.latitude",
        "latitude|gps latitude|coordonnee latitude|y|coord y",
    ),
    (
        "mine_site_location.geolocalization.longitude",
        "longitude|gps longitude|coordonnee longitude|x|coord x",
    ),
    ("mine_site_location.altitude", "altitude|elevation|altitude m"),
    (
        "mine_site_location.national_cadaster_localization",
        "carre|carre minier|cadastre|reference cadastrale|zea",
    ),
    (
        "mineral",
        "minerai|mineral|substance|produit|minerai principal|primary mineral|mineral hs code|primary mineral hs code|commodity|filiere|substance principale",
    ),
    ("mine_site_location.polygon", "polygon|polygone|polygon geojson|geojson|contour|perimetre"),
    ("local_geographic_designation.subnational_division_l1_text", "province|region|admin|adm"),
    (
        "local_geographic_designation.subnational_division_l2",
        "territoire|commune|district|departement|county|prefecture|admin|adm",
    ),
    (
        "local_geographic_designation.subnational_division_l3",
        "collectivite|chefferie|secteur|sub county|sous prefecture",
    ),
    ("local_geographic_designation.subnational_division_l4", "groupement|cellule|parish|quartier"),
    ("local_geographic_designation.address_locality_text", "village|localite|locality|lieu"),
    (
        "owner.identifier",
        "owner id|owner company id|id proprietaire|code proprietaire|id titulaire|code titulaire|code exploitant|id exploitant",
    ),
    ("owner.name", "owner name|owner company name|nom proprietaire|nom titulaire|nom exploitant"),
];

pub(super) const LICENSE: Phrases = &[
    (
        "license_id",
        "numero|numero titre|titre|permis|numero permis|license numero|licence numero|code|reference",
    ),
    ("license_type", "type|type titre|type permis|nature|categorie|license type|licence type"),
    ("applied_date", "date demande|demande le|applied|application date"),
    ("granted_date", "date octroi|octroye le|date delivrance|granted|date debut|delivre le"),
    (
        "expiring_date",
        "date expiration|expire le|echeance|date echeance|expiry|date fin|expiration",
    ),
    ("license_status", "statut|status|etat|validite"),
    ("covered_commodities", "substance|minerai|mineral|commodity|produit"),
];

pub(super) const INSPECTION: Phrases = &[
    ("inspection_id", "numero|id|code|reference|numero visite|numero inspection|vid"),
    (
        "inspection_date",
        "date|jour|date visite|date inspection|visit date|date mission|inspection date",
    ),
    ("inspection_result", "resultat|result|qualification|conclusion|couleur|statut|avis"),
    ("inspector_name", "inspecteur|nom inspecteur|inspector|inspector name|agent|controleur"),
    ("inspector_position", "fonction|grade|qualite|position|poste"),
    ("government_agency", "service|agence|agency|organisme|institution|source"),
    ("inspection_purpose", "objet|motif|purpose|but|projet"),
];

pub(super) const STATUS_CHANGE: Phrases = &[
    ("date_of_change", "date|jour|date changement|date statut|change date|date qualification"),
    ("new_status", "statut|status|nouveau statut|new status|qualification|couleur"),
];

pub(super) const LOT: Phrases = &[
    ("lot_number", "numero|numero lot|lot|lot numero|code lot|reference lot|code|reference"),
    (
        "registered_at",
        "date enregistrement|enregistre le|date creation|date lot|registration date|cree le|created at|date saisie|date",
    ),
    ("mineral", "minerai|mineral|substance|produit|type minerai|filiere"),
    ("concentration", "teneur|concentration|grade|pourcentage|titre|teneur pourcentage"),
    (
        "mass",
        "poids|masse|mass|weight|poids net|poids kg|quantite|tonnage|net weight|poid|poids t|quantite kg",
    ),
    ("unit_of_measurement", "unite|unit|unite mesure|uom"),
    ("creator_role", "role|type acteur|categorie|qualite|role createur"),
    (
        "originating_operation",
        "operation|type operation|nature operation|transaction|provenance type",
    ),
    ("package_type", "emballage|type emballage|conditionnement|package type|type colis|colis"),
    (
        "nr_of_packages",
        "nombre colis|nombre sac|nombre emballage|package|bag|nombre fut|numero package",
    ),
    ("mine_site_id", "site icglr|icglr site id"),
    ("date_sealed", "scelle le|date scelle|date scellage|sealed|date scellement"),
    ("date_shipped", "expedie le|date expedition|shipped|shipping date|date envoi"),
    ("purchase_number", "numero achat|bon achat|purchase numero|bordereau"),
    ("purchase_date", "date achat|achete le|purchase date"),
    ("responsible_staff", "agent|responsable|agent responsable|staff|prepose"),
    ("date_in", "date entree|entre le|date reception|recu le"),
    ("transportation_method", "transport|moyen transport|mode transport|vehicule"),
    ("transportation_route", "itineraire|route|trajet|axe"),
    ("transport_company", "transporteur|societe transport|carrier"),
    ("export_certificate_id", "certificat|numero certificat|certificat export|certificate numero"),
    ("price_per_kg", "prix kg|prix|prix unitaire|price"),
];

pub(super) const TAG: Phrases = &[
    ("identifier", "numero|etiquette|tag|code|numero etiquette|numero tag|serie"),
    ("issuer.identifier", "emetteur|issuer|service|organisme"),
    ("issue_date", "date|date pose|posee le|pose le|issue date|date emission"),
    ("issue_time", "heure|time|heure pose"),
];

pub(super) const INPUT_LOT: Phrases = &[
    ("lot_number", "numero lot|lot entrant|lot source|numero|lot|lot origine"),
    ("contributed_mass", "poids|masse|quantite|weight|poids kg|mass"),
    ("contributed_concentration", "teneur|grade|concentration"),
];

pub(super) const TAX: Phrases = &[
    ("tax_type", "libelle|type taxe|taxe|nature|tax type|type|designation"),
    ("tax_amount", "montant|amount|valeur|somme"),
    ("currency", "devise|monnaie|currency"),
    ("tax_authority", "service|percepteur|autorite|regie|authority|beneficiaire"),
    ("tax_paid_date", "date paiement|payee le|paye le|date|paid date"),
    ("receipt_reference", "quittance|recu|reference|receipt|numero quittance|bordereau"),
];

pub(super) const CERTIFICATE: Phrases = &[
    (
        "identifier",
        "numero|numero certificat|certificat|code|reference|serial|certificate numero|numero serie",
    ),
    ("lot_number", "lot|numero lot|lot numero"),
    ("type_of_ore", "substance|minerai|mineral|type minerai|produit|ore"),
    ("lot_weight", "poids|masse|weight|poids net|poids kg|quantite"),
    ("lot_weight_uom", "unite|unit|uom"),
    ("lot_grade", "teneur|grade|titre"),
    ("mineral_origin", "origine|pays origine|origin|provenance"),
    ("customs_value", "valeur|valeur douane|valeur usd|customs value|valeur fob|valeur declaree"),
    ("customs_value_currency", "devise|monnaie|currency"),
    (
        "date_of_shipment",
        "date expedition|depart prevu|date depart|shipment date|date embarquement",
    ),
    ("shipment_route", "itineraire|route|trajet"),
    ("transport_company", "transporteur|carrier"),
    (
        "member_state_issuing_authority",
        "autorite|autorite emettrice|issuing authority|service emetteur|organisme",
    ),
    ("name_of_verifier", "verificateur|nom verificateur|verifier"),
    ("position_of_verifier", "fonction|fonction verificateur|position verificateur"),
    ("date_of_verification", "date verification|verifie le"),
    ("name_of_validator", "validateur|nom validateur|signataire|validator"),
    (
        "date_of_issuance",
        "delivre le|date delivrance|date emission|issue date|date certificat|emis le|date",
    ),
    ("date_of_expiration", "expire le|date expiration|expiration|validite|expiry date"),
    ("certificate_file", "fichier|scan|document|file|piece jointe"),
    ("destination_country", "destination|pays destination|destination country"),
];

pub(super) const CUSTOMS: Phrases = &[
    (
        "declaration_number",
        "numero declaration|declaration|numero|reference declaration|declaration numero",
    ),
    ("line", "article|ligne|line|numero article"),
    ("exporter_identifier", "exportateur|exporter|expediteur"),
    ("importer_identifier", "importateur|importer"),
    ("mineral", "substance|minerai|mineral|code sh|hs code|position tarifaire|produit"),
    ("net_mass", "poids net|poids|masse|masse nette|net mass|net weight|poids kg"),
    ("unit_of_measurement", "unite|unit|uom"),
    ("customs_value", "valeur|valeur douane|valeur usd|customs value|valeur fob"),
    ("customs_value_currency", "devise|monnaie|currency"),
    ("destination_country", "destination|pays destination"),
    ("origin_country", "origine|pays origine|provenance"),
    ("exit_post", "poste|poste sortie|bureau|bureau douane|bureau sortie"),
    ("entry_post", "poste entree|bureau entree"),
    ("exit_date", "date sortie|sortie le|date"),
    ("entry_date", "date entree|entree le"),
    ("procedure", "regime|procedure|regime douanier"),
    ("certificate_identifier", "certificat|numero certificat"),
];

pub(super) const PERIOD: Phrases = &[
    ("period", "mois|periode|month|period"),
    ("record_count", "nombre|nombre fiche|count|nombre enregistrement"),
    ("closed_at", "clos le|clo le|date cloture|closed at|cloture"),
];

pub(super) const EXPORTER: Phrases = &[
    ("certification_status", "statut|status|qualification|couleur"),
    ("license_id", "agrement|numero agrement|licence"),
    ("license_expiring_date", "date expiration|expire le|echeance"),
    ("suspended_since", "suspendu le|date suspension"),
    ("last_audit_date", "date audit|dernier audit"),
];

pub(super) const PRODUCTION: Phrases = &[
    ("mine_site_id", "site icglr|site"),
    ("mineral", "substance|minerai|mineral|produit"),
    ("period", "mois|periode|month|period"),
    ("mass", "poids|quantite|production|tonnage|masse"),
    ("unit_of_measurement", "unite|unit"),
    ("concentration", "teneur|grade"),
    ("workers_declared", "creuseur|nombre creuseur|travailleur|effectif"),
];

pub(super) const STOCK: Phrases = &[
    ("party_identifier", "entite|exportateur|comptoir|societe|detenteur"),
    ("mineral", "substance|minerai|mineral|produit"),
    ("period", "mois|periode|month|period"),
    ("closing_mass", "stock final|poids|quantite|stock|closing stock"),
    ("unit_of_measurement", "unite|unit"),
    ("concentration", "teneur|grade"),
];

pub(super) const AUDIT: Phrases = &[
    ("audit_number", "numero|reference|code|numero audit"),
    ("audit_date", "date|date audit"),
    ("auditor", "auditeur|cabinet|auditor"),
    ("exporter_identifier", "exportateur|entite|audite"),
    ("report_reference", "rapport|reference rapport|report"),
];

pub(super) const INCIDENT: Phrases = &[
    ("incident_number", "numero|reference|code|numero incident"),
    ("level", "niveau|level|gravite"),
    ("incident_date", "date|date incident|survenu le"),
    ("summary", "resume|objet|summary|titre"),
    ("description", "description|detail"),
];
