//! What cases are about: findings of several rules that ask the same question.

use super::{Word, word};

/// What cases are about, in the order of the rules, each with the rules that ask it.
pub const CAUSES: [Word; 18] = [
    word("allocation", "More leaves a lot than it holds (R01)", "Sorties d'un lot (R01)"),
    word("mass", "Masses on the way (R02–R04)", "Masses en route (R02–R04)"),
    word("tag", "Tags (R05–R07)", "Étiquettes (R05–R07)"),
    word("site", "Site that may not trade (R08, R21)", "Site sans droit de commerce (R08, R21)"),
    word("origin", "Origin (R09, R10, R14)", "Origine (R09, R10, R14)"),
    word("certificate", "Certificate (R11–R13)", "Certificat (R11–R13)"),
    word(
        "uncertified-export",
        "Export without a certificate (R15)",
        "Exportation sans certificat (R15)",
    ),
    word("pairing", "Export against import (R16)", "Exportation face à l'importation (R16)"),
    word("mirror", "Statistics of partners (R17)", "Statistiques de partenaires (R17)"),
    word("balance", "Balance of a state (R18)", "Bilan d'un État (R18)"),
    word("production", "Production of a site (R19, R20)", "Production d'un site (R19, R20)"),
    word("value", "Value or concentration (R22)", "Valeur ou concentration (R22)"),
    word("route", "Route (R23)", "Itinéraire (R23)"),
    word("location", "Place of a site (R24)", "Lieu d'un site (R24)"),
    word("graph", "Chain of lots (R25)", "Chaîne des lots (R25)"),
    word("reporting", "Reporting (R26)", "Déclarations (R26)"),
    word("inspection", "Inspection (R27)", "Inspection (R27)"),
    word("exporter", "Exporter (R28)", "Exportateur (R28)"),
];

/// What a case is about, by its word; none for a word that is not known.
pub fn cause(code: &str) -> Option<Word> {
    CAUSES.into_iter().find(|cause| cause.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules in brackets at the end of a text.
    fn rules(text: &str) -> Vec<u8> {
        let (_, inside) = text.trim_end_matches(')').rsplit_once('(').unwrap();
        let number = |rule: &str| rule.trim_start_matches('R').parse::<u8>().unwrap();
        let range = |part: &str| match part.split_once('–') {
            Some((first, last)) => (number(first)..=number(last)).collect(),
            None => vec![number(part)],
        };
        inside.split(", ").flat_map(range).collect()
    }

    #[test]
    fn every_rule_asks_about_one_cause_in_both_languages() {
        let mut all: Vec<u8> = CAUSES.iter().flat_map(|cause| rules(cause.en)).collect();
        all.sort_unstable();
        assert_eq!(all, (1..=28).collect::<Vec<_>>());
        for cause in CAUSES {
            assert_eq!(rules(cause.en), rules(cause.fr), "{}", cause.code);
        }
    }
}
