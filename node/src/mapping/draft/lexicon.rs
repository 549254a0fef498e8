//! What tables and columns are called, in French and English.
//!
//! Phrases are words without accents and plurals, spelt out as `names` does, and
//! stand apart with `|`. An alias that the standard does not have is passed over
//! by who reads this, so the lists may say more than one release knows.

mod codes;
mod fields;

use rmd_standard::Entity;

use fields::{
    AUDIT, CERTIFICATE, CUSTOMS, EXPORTER, INCIDENT, INPUT_LOT, INSPECTION, LICENSE, LOT, PERIOD,
    PRODUCTION, SITE, STATUS_CHANGE, STOCK, TAG, TAX,
};
pub(super) use fields::{PARTY, SITE_OF};

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

/// What a folded word of a code list means.
pub(super) fn meaning_of(list: &str, word: &str) -> Option<&'static str> {
    let known = |entry: &&(&str, &str)| entry.1.split('|').any(|known| known == word);
    codes::words_of(list).iter().find(known).map(|entry| entry.0)
}
