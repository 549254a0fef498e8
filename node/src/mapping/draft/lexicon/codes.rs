//! What words of national code lists mean, folded.

use super::Phrases;

/// The words of a code list of the standard, each with the national ones.
pub(super) fn words_of(list: &str) -> Phrases {
    match list {
        "certification_status" => CERTIFICATION_STATUS,
        "activity_status" => ACTIVITY_STATUS,
        "mineral" => MINERAL,
        "creator_role" => CREATOR_ROLE,
        "originating_operation" => ORIGINATING_OPERATION,
        "license_type" => LICENSE_TYPE,
        "license_status" => LICENSE_STATUS,
        "unit_of_measurement" => UNIT_OF_MEASUREMENT,
        "operation_type" => OPERATION_TYPE,
        "procedure" => PROCEDURE,
        "country" => COUNTRY,
        _ => &[],
    }
}

const CERTIFICATION_STATUS: Phrases = &[
    ("green", "vert|verte|green|valide|certifie|conforme"),
    ("yellow", "jaune|yellow|orange"),
    ("red", "rouge|red|non conforme|suspendu"),
    ("blue", "bleu|bleue|blue|non inspecte|not inspected"),
];

const ACTIVITY_STATUS: Phrases = &[
    ("active", "actif|active|en activite|oui|en exploitation|operationnel|ouvert"),
    ("non_active", "inactif|inactive|non actif|en arret|arrete|suspendu|non|non active|ferme"),
    ("abandoned", "abandonne|abandonnee|abandoned"),
];

const MINERAL: Phrases = &[
    ("gold", "or|gold|au|or brut"),
    ("cassiterite", "cassiterite|etain|tin|sn|stannifere"),
    ("coltan", "coltan|tantale|tantalum|ta|tantalite|columbite|columbo tantalite"),
    ("wolframite", "wolframite|wolfram|tungstene|tungsten|w"),
];

const CREATOR_ROLE: Phrases = &[
    ("miner", "exploitant|mineur|miner|producteur|cooperative|creuseur"),
    ("trader", "negociant|trader|acheteur"),
    ("processor", "transformateur|entite de traitement|processor|traitement"),
    ("exporter", "exportateur|exporter|comptoir"),
    ("importer", "importateur|importer"),
    ("shipper", "transporteur|shipper"),
    ("warehouse", "entrepot|depot|warehouse"),
    ("government", "etat|gouvernement|government"),
];

const ORIGINATING_OPERATION: Phrases = &[
    ("production", "production|extraction"),
    ("purchase", "achat|purchase"),
    ("combination", "melange|combination|regroupement"),
    ("processing", "traitement|processing|transformation"),
    ("transportation", "transport|transportation"),
    ("storage", "stockage|entreposage|storage"),
    ("import", "importation|import"),
    ("export", "exportation|export"),
];

const LICENSE_TYPE: Phrases = &[
    ("mining_license", "permis d'exploitation|pe|mining license|concession|licence d'exploitation"),
    ("exploration_permit", "permis de recherche|permis de recherches|pr|exploration"),
    ("artisanal_permit", "zea|carte d'exploitant artisanal|permis artisanal|artisanal"),
    ("unlicensed", "sans titre|aucun|unlicensed"),
];

const LICENSE_STATUS: Phrases = &[
    ("active", "actif|valide|en vigueur|oui|active"),
    ("not_active", "expire|inactif|dechu|non|annule|inactive"),
];

const UNIT_OF_MEASUREMENT: Phrases = &[
    ("kgm", "kg|kgs|kilo|kilogramme|kgm"),
    ("tne", "t|tonne|tonnes|tne"),
    ("grm", "g|gr|gramme|grammes"),
];

const OPERATION_TYPE: Phrases = &[
    ("artisanal", "artisanal|artisanale|asm|petite echelle"),
    ("semi_industrial", "semi industriel|semi industrielle"),
    ("industrial", "industriel|industrielle|lsm"),
];

const PROCEDURE: Phrases = &[("normal", "definitive|normal|normale"), ("transit", "transit")];

const COUNTRY: Phrases = &[
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
];
