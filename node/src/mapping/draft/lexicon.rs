//! What tables and columns are called, in French and English.
//!
//! Phrases are words without accents and plurals, spelt out as `names` does, and
//! stand apart with `|`. An alias that the standard does not have is passed over
//! by who reads this, so the lists may say more than one release knows.

use rmd_standard::Entity;

/// Aliases with the phrases that mean them.
pub(super) type Phrases = &'static [(&'static str, &'static str)];

/// What the tables of a record type are called.
pub(super) fn tables_of(entity: Entity) -> &'static str {
    match entity {
        Entity::MineSite => {
            "site|mine|site minier|mine site|carriere|gisement|chantier|puit|exploitation miniere|concession site"
        }
        Entity::Lot => "lot|batch|production lot|sac|bag|colis",
        Entity::ExportCertificate => {
            "certificat|certificate|certificat export|certificat cirgl|icglr certificate"
        }
        Entity::ExportDeclaration => {
            "exportation|export|declaration exportation|export declaration|sortie"
        }
        Entity::ImportDeclaration => {
            "importation|import|declaration importation|import declaration"
        }
        Entity::ReportingPeriod => "periode|period|reporting period|mois clo",
        Entity::ExporterStatus => "statut exportateur|exporter status|agrement|exportateur agree",
        Entity::ProductionDeclaration => {
            "production|declaration production|production declaration|extraction"
        }
        Entity::StockDeclaration => "stock|declaration stock|inventaire",
        Entity::Audit => "audit|audit tiers",
        Entity::Incident => "incident|alerte",
    }
}

/// What the tables of a list are called.
pub(super) fn tables_of_list(list: &str) -> &'static str {
    match list {
        "license" => "licence|license|permis|permit|titre|titre minier|mining title|autorisation",
        "inspection" => "inspection|visite|visit|controle|mission|verification",
        "status_change" => {
            "historique statut|status history|status change|changement statut|qualification"
        }
        "operator" => "operateur|operator",
        "capacity" => "capacite|capacity",
        "tag_allocation" => "dotation etiquette|tag allocation|allocation",
        "tag" => "etiquette|tag|scelle|seal",
        "input_lot" => "lot entrant|input lot|composition|melange|lot composant|lot source|entrant",
        "tax_paid" => "taxe|tax|paiement|payment|redevance|royalty|impot",
        _ => "",
    }
}

/// The fields of a record type.
pub(super) fn fields_of(entity: Entity) -> Phrases {
    match entity {
        Entity::MineSite => SITE,
        Entity::Lot => LOT,
        Entity::ExportCertificate => CERTIFICATE,
        Entity::ExportDeclaration | Entity::ImportDeclaration => CUSTOMS,
        Entity::ReportingPeriod => PERIOD,
        Entity::ExporterStatus => EXPORTER,
        Entity::ProductionDeclaration => PRODUCTION,
        Entity::StockDeclaration => STOCK,
        Entity::Audit => AUDIT,
        Entity::Incident => INCIDENT,
    }
}

/// The fields of a list.
pub(super) fn fields_of_list(list: &str) -> Phrases {
    match list {
        "license" => LICENSE,
        "inspection" => INSPECTION,
        "status_change" => STATUS_CHANGE,
        "operator" => PARTY,
        "tag" => TAG,
        "input_lot" => INPUT_LOT,
        "tax_paid" => TAX,
        _ => &[],
    }
}

/// References to firms: what the column is called, and where the firm goes.
pub(super) fn parties_of(entity: Entity, list: Option<&str>) -> Phrases {
    match (entity, list) {
        (Entity::MineSite, None) => &[(
            "owner",
            "proprietaire|owner|titulaire|detenteur|exploitant|entite|operateur|cooperative|societe|company|entreprise",
        )],
        (Entity::Lot, None) => &[
            ("recipient", "destinataire|acheteur|client|recipient|buyer|consignee"),
            (
                "creator",
                "createur|creator|entite|exploitant|vendeur|seller|fournisseur|negociant|operateur|producteur|entreprise|societe|company",
            ),
        ],
        (Entity::ExportCertificate, None) => &[
            ("importer", "importateur|importer|destinataire|acheteur|consignee|buyer"),
            ("exporter", "exportateur|exporter|expediteur|entite|societe|company"),
        ],
        (Entity::ExporterStatus, None) => {
            &[("exporter", "exportateur|exporter|entite|societe|company")]
        }
        (Entity::MineSite, Some("license")) => {
            &[("owner", "titulaire|owner|detenteur|proprietaire|entite")]
        }
        _ => &[],
    }
}

/// The fields of a firm, behind the name of its place.
pub(super) const PARTY: Phrases = &[
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
pub(super) const SITE_OF: Phrases = &[
    ("mine_site.national_id", "code|numero|identifiant|pcode|code site|site code|matricule|id"),
    ("mine_site.latitude", "latitude|gps latitude|y"),
    ("mine_site.longitude", "longitude|gps longitude|x"),
];

const SITE: Phrases = &[
    ("icglr_id", "icglr id|id icglr|id cirgl|icglr"),
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
        "minerai|mineral|substance|produit|minerai principal|commodity|filiere|substance principale",
    ),
    ("local_geographic_designation.subnational_division_l1_text", "province|region"),
    (
        "local_geographic_designation.subnational_division_l2",
        "territoire|commune|district|departement|county|prefecture",
    ),
    (
        "local_geographic_designation.subnational_division_l3",
        "collectivite|chefferie|secteur|sub county|sous prefecture",
    ),
    ("local_geographic_designation.subnational_division_l4", "groupement|cellule|parish|quartier"),
    ("local_geographic_designation.address_locality_text", "village|localite|locality|lieu"),
];

const LICENSE: Phrases = &[
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

const INSPECTION: Phrases = &[
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

const STATUS_CHANGE: Phrases = &[
    ("date_of_change", "date|jour|date changement|date statut|change date|date qualification"),
    ("new_status", "statut|status|nouveau statut|new status|qualification|couleur"),
];

const LOT: Phrases = &[
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

const TAG: Phrases = &[
    ("identifier", "numero|etiquette|tag|code|numero etiquette|numero tag|serie"),
    ("issuer.identifier", "emetteur|issuer|service|organisme"),
    ("issue_date", "date|date pose|posee le|pose le|issue date|date emission"),
    ("issue_time", "heure|time|heure pose"),
];

const INPUT_LOT: Phrases = &[
    ("lot_number", "numero lot|lot entrant|lot source|numero|lot|lot origine"),
    ("contributed_mass", "poids|masse|quantite|weight|poids kg|mass"),
    ("contributed_concentration", "teneur|grade|concentration"),
];

const TAX: Phrases = &[
    ("tax_type", "libelle|type taxe|taxe|nature|tax type|type|designation"),
    ("tax_amount", "montant|amount|valeur|somme"),
    ("currency", "devise|monnaie|currency"),
    ("tax_authority", "service|percepteur|autorite|regie|authority|beneficiaire"),
    ("tax_paid_date", "date paiement|payee le|paye le|date|paid date"),
    ("receipt_reference", "quittance|recu|reference|receipt|numero quittance|bordereau"),
];

const CERTIFICATE: Phrases = &[
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

const CUSTOMS: Phrases = &[
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

const PERIOD: Phrases = &[
    ("period", "mois|periode|month|period"),
    ("record_count", "nombre|nombre fiche|count|nombre enregistrement"),
    ("closed_at", "clos le|clo le|date cloture|closed at|cloture"),
];

const EXPORTER: Phrases = &[
    ("certification_status", "statut|status|qualification|couleur"),
    ("license_id", "agrement|numero agrement|licence"),
    ("license_expiring_date", "date expiration|expire le|echeance"),
    ("suspended_since", "suspendu le|date suspension"),
    ("last_audit_date", "date audit|dernier audit"),
];

const PRODUCTION: Phrases = &[
    ("mine_site_id", "site icglr|site"),
    ("mineral", "substance|minerai|mineral|produit"),
    ("period", "mois|periode|month|period"),
    ("mass", "poids|quantite|production|tonnage|masse"),
    ("unit_of_measurement", "unite|unit"),
    ("concentration", "teneur|grade"),
    ("workers_declared", "creuseur|nombre creuseur|travailleur|effectif"),
];

const STOCK: Phrases = &[
    ("party_identifier", "entite|exportateur|comptoir|societe|detenteur"),
    ("mineral", "substance|minerai|mineral|produit"),
    ("period", "mois|periode|month|period"),
    ("closing_mass", "stock final|poids|quantite|stock|closing stock"),
    ("unit_of_measurement", "unite|unit"),
    ("concentration", "teneur|grade"),
];

const AUDIT: Phrases = &[
    ("audit_number", "numero|reference|code|numero audit"),
    ("audit_date", "date|date audit"),
    ("auditor", "auditeur|cabinet|auditor"),
    ("exporter_identifier", "exportateur|entite|audite"),
    ("report_reference", "rapport|reference rapport|report"),
];

const INCIDENT: Phrases = &[
    ("incident_number", "numero|reference|code|numero incident"),
    ("level", "niveau|level|gravite"),
    ("incident_date", "date|date incident|survenu le"),
    ("summary", "resume|objet|summary|titre"),
    ("description", "description|detail"),
];

/// Words of a code list and what they mean, folded.
pub(super) fn meaning_of(list: &str, word: &str) -> Option<&'static str> {
    let words: Phrases = match list {
        "certification_status" => &[
            ("green", "vert|verte|green|valide|certifie|conforme"),
            ("yellow", "jaune|yellow|orange"),
            ("red", "rouge|red|non conforme|suspendu"),
            ("blue", "bleu|bleue|blue|non inspecte|en attente"),
        ],
        "activity_status" => &[
            ("active", "actif|active|en activite|oui|en exploitation|operationnel|ouvert"),
            (
                "non_active",
                "inactif|inactive|non actif|en arret|arrete|suspendu|non|non active|ferme",
            ),
            ("abandoned", "abandonne|abandonnee|abandoned"),
        ],
        "mineral" => &[
            ("gold", "or|gold|au|or brut"),
            ("cassiterite", "cassiterite|etain|tin|sn|stannifere"),
            ("coltan", "coltan|tantale|tantalum|ta|tantalite|columbite|columbo tantalite"),
            ("wolframite", "wolframite|wolfram|tungstene|tungsten|w"),
        ],
        "creator_role" => &[
            ("miner", "exploitant|mineur|miner|producteur|cooperative|creuseur"),
            ("trader", "negociant|trader|acheteur"),
            ("processor", "transformateur|entite de traitement|processor|traitement"),
            ("exporter", "exportateur|exporter|comptoir"),
            ("importer", "importateur|importer"),
            ("shipper", "transporteur|shipper"),
            ("warehouse", "entrepot|depot|warehouse"),
            ("government", "etat|gouvernement|government"),
        ],
        "originating_operation" => &[
            ("production", "production|extraction"),
            ("purchase", "achat|purchase"),
            ("combination", "melange|combination|regroupement"),
            ("processing", "traitement|processing|transformation"),
            ("transportation", "transport|transportation"),
            ("storage", "stockage|entreposage|storage"),
            ("import", "importation|import"),
            ("export", "exportation|export"),
        ],
        "license_type" => &[
            (
                "mining_license",
                "permis d'exploitation|pe|mining license|concession|licence d'exploitation",
            ),
            ("exploration_permit", "permis de recherche|permis de recherches|pr|exploration"),
            ("artisanal_permit", "zea|carte d'exploitant artisanal|permis artisanal|artisanal"),
            ("unlicensed", "sans titre|aucun|unlicensed"),
        ],
        "license_status" => &[
            ("active", "actif|valide|en vigueur|oui|active"),
            ("not_active", "expire|inactif|dechu|non|annule|inactive"),
        ],
        "unit_of_measurement" => &[
            ("kgm", "kg|kgs|kilo|kilogramme|kgm"),
            ("tne", "t|tonne|tonnes|tne"),
            ("grm", "g|gr|gramme|grammes"),
        ],
        "operation_type" => &[
            ("artisanal", "artisanal|artisanale|asm|petite echelle"),
            ("semi_industrial", "semi industriel|semi industrielle"),
            ("industrial", "industriel|industrielle|lsm"),
        ],
        "procedure" => &[("normal", "definitive|normal|normale"), ("transit", "transit")],
        "country" => &[
            ("CD", "rdc|congo kinshasa|drc|rd congo|republique democratique du congo|cod"),
            ("RW", "rwanda|rwa"),
            ("UG", "ouganda|uganda|uga"),
            ("BI", "burundi|bdi"),
            ("TZ", "tanzanie|tanzania|tza"),
            ("KE", "kenya|ken"),
            ("AO", "angola|ago"),
            ("ZM", "zambie|zambia|zmb"),
            ("CG", "congo|congo brazzaville|cog"),
            ("CF", "rca|centrafrique|caf"),
            ("SS", "soudan du sud|south sudan|ssd"),
            ("SD", "soudan|sudan|sdn"),
            ("CN", "chine|china"),
            ("AE", "emirats arabes unis|eau|uae|dubai"),
            ("BE", "belgique|belgium"),
            ("TH", "thailande|thailand"),
            ("MY", "malaisie|malaysia"),
        ],
        _ => &[],
    };
    words.iter().find(|entry| entry.1.split('|').any(|known| known == word)).map(|entry| entry.0)
}
