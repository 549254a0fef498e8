//! Words of closed lists as people write them in sheets.
//!
//! Owns the French words and a few usual spellings beside the words of the
//! standard. Case, accents and blanks do not count. A word that is not here is
//! left as it is: the mapping's own code lists and the standard judge it.

use rmd_standard::{code::List, country, mineral};

use super::{fold::fold, labels::Language};

/// List, word of the standard, the French word, further spellings.
const FRENCH: &[(&str, &str, &str, &[&str])] = &[
    ("certification_status", "blue", "bleu", &[]),
    ("certification_status", "green", "vert", &[]),
    ("certification_status", "yellow", "jaune", &[]),
    ("certification_status", "red", "rouge", &[]),
    ("activity_status", "abandoned", "abandonné", &[]),
    ("activity_status", "active", "actif", &["en activité"]),
    ("activity_status", "non_active", "non actif", &["inactif", "inactive"]),
    ("license_type", "claim", "concession", &[]),
    ("license_type", "exploration_permit", "permis de recherche", &["permis d'exploration"]),
    ("license_type", "mining_license", "permis d'exploitation", &[]),
    ("license_type", "artisanal_permit", "permis artisanal", &[]),
    ("license_type", "unlicensed", "sans titre", &[]),
    ("license_type", "other", "autre", &[]),
    ("license_status", "not_active", "non valide", &["non actif", "inactif"]),
    ("license_status", "active", "valide", &["actif", "en vigueur"]),
    ("creator_role", "miner", "mineur", &["producteur", "exploitant"]),
    ("creator_role", "trader", "négociant", &[]),
    ("creator_role", "shipper", "expéditeur", &["transporteur"]),
    ("creator_role", "processor", "transformateur", &[]),
    ("creator_role", "warehouse", "entrepôt", &[]),
    ("creator_role", "importer", "importateur", &[]),
    ("creator_role", "exporter", "exportateur", &[]),
    ("creator_role", "government", "État", &["gouvernement"]),
    ("originating_operation", "production", "production", &[]),
    ("originating_operation", "purchase", "achat", &[]),
    ("originating_operation", "combination", "regroupement", &["mélange"]),
    ("originating_operation", "processing", "traitement", &["transformation"]),
    ("originating_operation", "transportation", "transport", &[]),
    ("originating_operation", "storage", "stockage", &["entreposage"]),
    ("originating_operation", "import", "importation", &[]),
    ("originating_operation", "export", "exportation", &[]),
    ("unit_of_measurement", "tne", "tonne", &["t", "tonnes"]),
    ("unit_of_measurement", "kgm", "kg", &["kilogramme", "kilogrammes", "kilogram"]),
    ("unit_of_measurement", "grm", "g", &["gramme", "grammes", "gram"]),
    ("procedure", "normal", "normal", &[]),
    ("procedure", "transit", "transit", &[]),
    ("operation_type", "industrial", "industriel", &[]),
    ("operation_type", "semi_industrial", "semi-industriel", &[]),
    ("operation_type", "artisanal", "artisanal", &[]),
    ("status_cause", "inspection", "inspection", &[]),
    ("status_cause", "lapse", "échéance", &[]),
    ("status_cause", "decision", "décision", &[]),
    ("status_cause", "initial", "initial", &[]),
    ("tag_scheme", "itsci", "ITSCI", &[]),
    ("tag_scheme", "better_mining", "Better Mining", &[]),
    ("tag_scheme", "national", "national", &[]),
    ("tag_scheme", "other", "autre", &[]),
    ("tag_kind", "mine", "mine", &[]),
    ("tag_kind", "trader", "négociant", &[]),
    ("tag_kind", "processor", "transformateur", &[]),
    ("tag_kind", "export", "exportation", &[]),
    ("tag_state", "issued", "émise", &[]),
    ("tag_state", "applied", "apposée", &[]),
    ("tag_state", "consumed", "consommée", &["utilisée"]),
    ("tag_state", "lost", "perdue", &[]),
    ("tag_state", "void", "nulle", &["annulée"]),
    ("certificate_state", "valid", "valable", &["valide"]),
    ("certificate_state", "used", "utilisé", &[]),
    ("certificate_state", "expired", "expiré", &[]),
    ("certificate_state", "revoked", "révoqué", &[]),
    ("certificate_state", "replaced", "remplacé", &[]),
    ("audit_type", "third_party", "tierce partie", &[]),
    ("audit_type", "state", "État", &[]),
    ("audit_type", "secretariat", "Secrétariat", &[]),
    ("audit_type", "other", "autre", &[]),
    ("audit_conclusion", "conformant", "conforme", &[]),
    ("audit_conclusion", "corrective_action", "action corrective", &[]),
    ("audit_conclusion", "non_conformant", "non conforme", &[]),
    ("incident_state", "open", "ouvert", &[]),
    ("incident_state", "under_review", "en examen", &[]),
    ("incident_state", "confirmed", "confirmé", &[]),
    ("incident_state", "dismissed", "écarté", &[]),
    ("incident_state", "closed", "clos", &[]),
];

/// Words for the designated minerals beside those of the standard.
const MINERALS: &[(&str, &str, &[&str])] = &[
    ("cassiterite", "cassitérite", &["étain", "tin"]),
    ("wolframite", "wolframite", &["tungstène", "tungsten", "wolfram"]),
    ("coltan", "coltan", &["tantale", "tantalum", "tantalite"]),
    ("gold", "or", &[]),
];

/// The word of a list in a language, for drop-downs.
pub(super) fn shown(list: &List, word: &'static str, language: Language) -> &'static str {
    let known = || FRENCH.iter().find(|row| row.0 == list.name && row.1 == word);
    match language {
        Language::English => word,
        Language::French => known().map_or(word, |row| row.2),
    }
}

/// Every word of a list in a language.
pub(super) fn all(list: &List, language: Language) -> Vec<&'static str> {
    list.codes.iter().map(|code| shown(list, code.word, language)).collect()
}

/// The minerals in a language.
pub(super) fn minerals(language: Language) -> Vec<&'static str> {
    MINERALS.iter().map(|(en, fr, _)| language.pick(en, fr)).collect()
}

/// The word of the standard that a cell means; several stand between `;` or `,`.
pub(super) fn code(list: &List, text: &str) -> String {
    each(text, |word| {
        let folded = fold(word);
        let own = list.codes.iter().find(|code| fold(code.word) == folded).map(|code| code.word);
        let spelt = |row: &&(&str, &'static str, &str, &[&str])| {
            row.0 == list.name
                && (fold(row.2) == folded || row.3.iter().any(|other| fold(other) == folded))
        };
        own.or_else(|| FRENCH.iter().find(spelt).map(|row| row.1))
    })
}

/// The word of the standard for minerals.
pub(super) fn mineral(text: &str) -> String {
    each(text, |word| {
        let folded = fold(word);
        let own = mineral::DESIGNATED.iter().map(|known| known.0).find(|known| *known == folded);
        let spelt = |row: &&(&'static str, &str, &[&str])| {
            fold(row.1) == folded || row.2.iter().any(|other| fold(other) == folded)
        };
        own.or_else(|| MINERALS.iter().find(spelt).map(|row| row.0))
    })
}

/// The alpha-2 code for a member's code or name.
pub(super) fn country(text: &str) -> String {
    each(text, |word| {
        let folded = fold(word);
        let named = |member: &&(&'static str, &str, &str, &str)| {
            [member.0, member.1, member.2, member.3].iter().any(|name| fold(name) == folded)
        };
        country::MEMBERS.iter().find(named).map(|member| member.0)
    })
}

/// Each word replaced by what it means, or left as it is.
fn each(text: &str, meaning: impl Fn(&str) -> Option<&'static str>) -> String {
    if let Some(word) = meaning(text) {
        return word.to_owned();
    }
    let pieces = text.split([';', ',']).map(str::trim).filter(|piece| !piece.is_empty());
    let words: Vec<&str> = pieces.map(|piece| meaning(piece).unwrap_or(piece)).collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use rmd_standard::code::{self, ALL};

    use super::*;

    #[test]
    fn every_row_names_a_word_of_its_list_and_no_word_means_two() {
        for (name, word, ..) in FRENCH {
            let list = code::list(name).unwrap();
            assert!(list.number_of(word).is_some(), "{name} {word}");
        }
        for list in ALL {
            for known in list.codes {
                assert_eq!(code(list, known.word), known.word);
                let french = shown(list, known.word, Language::French);
                assert_eq!(code(list, french), known.word, "{} {french}", list.name);
            }
        }
    }

    #[test]
    fn words_are_read_in_both_languages_one_or_several() {
        let roles = &code::CREATOR_ROLE;
        assert_eq!(code(roles, "Négociant ; exporter"), "trader; exporter");
        assert_eq!(code(roles, "NEGOCIANT"), "trader");
        assert_eq!(code(roles, "pirate"), "pirate");
        assert_eq!(code(&code::UNIT_OF_MEASUREMENT, "KG"), "kgm");
        assert_eq!(mineral("Étain"), "cassiterite");
        assert_eq!(mineral("2609.00.00"), "2609.00.00");
        assert_eq!(country("RDC; République démocratique du Congo; rwa"), "RDC; CD; RW");
    }
}
