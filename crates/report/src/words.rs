//! The words of the report for what it counts, in English and French.
//!
//! Tables, workbook and pages take them from here, so that one thing has one name.

mod causes;

use rmd_standard::{country::MEMBERS, mineral::DESIGNATED};

use crate::{
    CaseState, CaseStep, Edition, Figure, Flow, Lang, MatchOutcome, Reported, Status, StatusReason,
    Unit, Whose,
};

pub use causes::{CAUSES, cause};

/// A code with its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// As files for machines have it.
    pub code: &'static str,
    /// English.
    pub en: &'static str,
    /// French.
    pub fr: &'static str,
}

impl Word {
    /// The word of a language.
    pub const fn of(self, lang: Lang) -> &'static str {
        lang.pick(self.en, self.fr)
    }
}

const fn word(code: &'static str, en: &'static str, fr: &'static str) -> Word {
    Word { code, en, fr }
}

/// The states of the region, alpha-2, in the order of tables.
pub fn states() -> impl Iterator<Item = &'static str> {
    MEMBERS.iter().map(|member| member.0)
}

/// A state as files name it: alpha-3; what is no member stays as it is.
pub fn alpha3(alpha2: &str) -> &str {
    rmd_standard::country::alpha3_of(alpha2).unwrap_or(alpha2)
}

/// Where nobody reported.
pub const NO_DATA: Word = word("no_data_yet", "no data yet", "pas encore de données");

impl Reported {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::OnTime => word("on_time", "on time", "à temps"),
            Self::Late => word("late", "late", "en retard"),
            Self::Missing => word("missing", "missing", "manquant"),
            Self::Zero => word("zero", "zero report", "déclaration néant"),
            Self::Rewritten => {
                word("rewritten", "changed after closing", "changé après la clôture")
            }
            Self::NotDue => word("not_due", "not due yet", "pas encore dû"),
            Self::NoDataYet => NO_DATA,
        }
    }

    /// One sign for it, which no other has in that language.
    pub const fn letter(self, lang: Lang) -> &'static str {
        match self {
            Self::OnTime => "T",
            Self::Late => lang.pick("L", "R"),
            Self::Missing => "M",
            Self::Zero => lang.pick("Z", "N"),
            Self::Rewritten => "C",
            Self::NotDue => "·",
            Self::NoDataYet => "–",
        }
    }
}

impl Flow {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::Production => word("production", "Production", "Production"),
            Self::Export => word("export", "Exports", "Exportations"),
            Self::Import => word("import", "Imports", "Importations"),
            Self::Stock => word("stock", "Stock", "Stock"),
        }
    }
}

impl Figure {
    /// Why it is not shown; nothing where it is.
    pub const fn word(self) -> Option<Word> {
        match self {
            Self::Mg(_) => None,
            Self::Suppressed => Some(word("suppressed", "suppressed", "confidentiel")),
            Self::Unknown => Some(word("unknown", "not known", "non connu")),
        }
    }
}

impl MatchOutcome {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::Matched => word("matched", "Matched", "Concordants"),
            Self::WeightDifference => {
                word("weight_difference", "Weights differ", "Poids différents")
            }
            Self::ValueDifference => {
                word("value_difference", "Values differ", "Valeurs différentes")
            }
            Self::MineralDifference => {
                word("mineral_difference", "Minerals differ", "Minerais différents")
            }
            Self::ExportUnmatched => {
                word("export_unmatched", "Export without import", "Exportation sans importation")
            }
            Self::ImportUnmatched => {
                word("import_unmatched", "Import without export", "Importation sans exportation")
            }
            Self::Awaited => word("awaited", "Still awaited", "Encore attendus"),
            Self::NotTestable => word("not_testable", "Not testable yet", "Pas encore vérifiable"),
        }
    }
}

impl Status {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::Green => word("green", "Green", "Vert"),
            Self::Blue => word("blue", "Blue", "Bleu"),
            Self::Yellow => word("yellow", "Yellow", "Jaune"),
            Self::Red => word("red", "Red", "Rouge"),
            Self::Unknown => word("unknown", "Not stated", "Non indiqué"),
        }
    }
}

impl Whose {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::Site => word("site", "site", "site"),
            Self::Exporter => word("exporter", "exporter", "exportateur"),
        }
    }
}

impl StatusReason {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::Inspection => word("inspection", "inspection", "inspection"),
            Self::Lapse => word("lapse", "not inspected in time", "non inspecté à temps"),
            Self::Overdue => word("overdue", "deadline passed", "délai dépassé"),
            Self::Declaration => word("declaration", "declared by the state", "déclaré par l'État"),
            Self::Suspension => word("suspension", "suspended by the state", "suspendu par l'État"),
            Self::Licence => word("licence", "licence expired", "licence expirée"),
            Self::Decision => {
                word("decision", "decision of the Secretariat", "décision du Secrétariat")
            }
            Self::Unknown => word("unknown", "not declared any more", "n'est plus déclaré"),
        }
    }
}

impl CaseState {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::Open => word("open", "To be sent", "À envoyer"),
            Self::Sent => word("sent", "Sent", "Envoyés"),
            Self::Answered => word("answered", "Answered", "Avec réponse"),
            Self::Explained => word("explained", "Explained", "Expliqués"),
            Self::Confirmed => word("confirmed", "Confirmed", "Confirmés"),
            Self::FalseAlarm => word("false_alarm", "False alarm", "Fausse alerte"),
            Self::Resolved => word("resolved", "Ended", "Éteints"),
        }
    }
}

impl CaseStep {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::Opened => word("opened", "opened", "ouverts"),
            Self::Asked => word("asked", "sent", "envoyés"),
            Self::Answered => word("answered", "answered", "avec réponse"),
            Self::Decided => word("decided", "decided", "décidés"),
            Self::Resolved => word("resolved", "ended", "éteints"),
        }
    }
}

impl Edition {
    /// What it is called.
    pub const fn word(self) -> Word {
        match self {
            Self::Full => word("full", "Edition for the Secretariat", "Édition du Secrétariat"),
            Self::Public => word("public", "Public edition", "Édition publique"),
        }
    }
}

impl Unit {
    /// The unit of a value in files.
    pub const fn word(self) -> Word {
        match self {
            Self::Mass => word("mg", "milligrams", "milligrammes"),
            Self::Share => word("ppm", "parts per million", "parties par million"),
            Self::Days => word("days", "days", "jours"),
            Self::Metres => word("m", "metres", "mètres"),
            Self::Count => word("count", "count", "nombre"),
        }
    }
}

/// What a severity is called.
pub const fn severity(number: u8) -> Word {
    match number {
        3 => word("3", "serious", "grave"),
        2 => word("2", "warning", "avertissement"),
        _ => word("1", "information", "information"),
    }
}

/// The name of a mineral by its HS6 code; the code itself if it is none of the designated.
pub fn mineral(hs6: &str, lang: Lang) -> String {
    let same = |code: &str| rmd_standard::mineral::hs6(code).as_deref() == Some(hs6);
    let named = DESIGNATED.iter().find(|mineral| same(mineral.1)).map(|mineral| mineral.0);
    let name = match named {
        Some("cassiterite") => lang.pick("Cassiterite (tin)", "Cassitérite (étain)"),
        Some("wolframite") => lang.pick("Wolframite (tungsten)", "Wolframite (tungstène)"),
        Some("coltan") => lang.pick("Coltan (tantalum)", "Coltan (tantale)"),
        Some("gold") => lang.pick("Gold", "Or"),
        _ => hs6,
    };
    name.to_owned()
}

/// Decimals of a kilogram that matter for a mineral: gold is weighed by the gram.
pub fn decimals(hs6: &str) -> u32 {
    if hs6.starts_with("7108") { 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_letter_means_one_thing_in_a_language() {
        for lang in Lang::ALL {
            let letters: BTreeSet<&str> =
                Reported::ALL.iter().map(|reported| reported.letter(lang)).collect();
            assert_eq!(letters.len(), Reported::ALL.len());
        }
    }

    #[test]
    fn codes_are_those_of_the_data() {
        for reported in Reported::ALL {
            assert_eq!(serde_json::json!(reported), reported.word().code);
        }
        for outcome in MatchOutcome::ALL {
            assert_eq!(serde_json::json!(outcome), outcome.word().code);
        }
        for flow in Flow::ALL {
            assert_eq!(serde_json::json!(flow), flow.word().code);
        }
        for status in Status::ALL {
            assert_eq!(serde_json::json!(status), status.word().code);
        }
        for reason in StatusReason::ALL {
            assert_eq!(serde_json::json!(reason), reason.word().code);
        }
        for state in CaseState::ALL {
            assert_eq!(serde_json::json!(state), state.word().code);
        }
        for step in CaseStep::ALL {
            assert_eq!(serde_json::json!(step), step.word().code);
        }
        for whose in [Whose::Site, Whose::Exporter] {
            assert_eq!(serde_json::json!(whose), whose.word().code);
        }
    }

    #[test]
    fn minerals_have_a_name_in_both_languages() {
        assert_eq!(mineral("260900", Lang::Fr), "Cassitérite (étain)");
        assert_eq!(mineral("710812", Lang::En), "Gold");
        assert_eq!(mineral("710221", Lang::En), "710221");
        assert_eq!((decimals("710812"), decimals("260900")), (3, 0));
    }
}
