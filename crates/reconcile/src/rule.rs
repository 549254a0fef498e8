//! The twenty-eight rules by name.

mod formula;

use serde::Serialize;

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is described by its module in rules")]
pub enum Rule {
    OverAllocation,
    CombinationBalance,
    ProcessingBalance,
    TransitWeight,
    DuplicateTag,
    TagOutOfAllocation,
    TagChronology,
    SiteNotEligible,
    ContaminatedAncestry,
    UntraceableShare,
    CertificateValidity,
    CertificateReuse,
    CertificateAgainstLots,
    OriginMismatch,
    ExportWithoutCertificate,
    Pairing,
    MirrorStatistics,
    CountryBalance,
    Capacity,
    ProductionSpike,
    ImpossibleSite,
    Outlier,
    Route,
    Location,
    Graph,
    Reporting,
    InspectionClock,
    Exporter,
}

/// What is known about a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// The rule.
    pub rule: Rule,
    /// `R01` to `R28`.
    pub id: &'static str,
    /// Counts up when the formula changes.
    pub version: u32,
    /// What it is about, in English.
    pub en: &'static str,
    /// What it is about, in French.
    pub fr: &'static str,
}

impl Rule {
    /// Every rule, in order.
    pub const ALL: [Self; 28] = {
        let mut all = [Self::OverAllocation; 28];
        let mut place = 0;
        while place < all.len() {
            all[place] = RULES[place].rule;
            place += 1;
        }
        all
    };

    /// What is known about it.
    pub fn info(self) -> &'static RuleInfo {
        &RULES[self as usize]
    }

    /// `R01` to `R28`.
    pub fn id(self) -> &'static str {
        self.info().id
    }

    /// The rule of that id.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.id() == id)
    }
}

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

const fn rule(rule: Rule, id: &'static str, en: &'static str, fr: &'static str) -> RuleInfo {
    RuleInfo { rule, id, version: 1, en, fr }
}

/// One row a rule, in the order of the enum, as a test shows.
const RULES: &[RuleInfo; 28] = &[
    rule(
        Rule::OverAllocation,
        "R01",
        "More leaves a lot than it holds",
        "Il sort d'un lot plus qu'il ne contient",
    ),
    rule(
        Rule::CombinationBalance,
        "R02",
        "Combined lot against its inputs",
        "Lot combiné face à ses apports",
    ),
    rule(
        Rule::ProcessingBalance,
        "R03",
        "Processed lot against its inputs",
        "Lot traité face à ses apports",
    ),
    rule(Rule::TransitWeight, "R04", "Weight changed on the way", "Poids changé en route"),
    rule(Rule::DuplicateTag, "R05", "One tag on two lots", "Une étiquette sur deux lots"),
    rule(
        Rule::TagOutOfAllocation,
        "R06",
        "Tag outside its site's allocation",
        "Étiquette hors de l'allocation de son site",
    ),
    rule(
        Rule::TagChronology,
        "R07",
        "Order of a tag's events",
        "Ordre des événements d'une étiquette",
    ),
    rule(Rule::SiteNotEligible, "R08", "Site that may not trade", "Site qui ne peut pas commercer"),
    rule(
        Rule::ContaminatedAncestry,
        "R09",
        "Certificate that leads back to such a site",
        "Certificat qui remonte à un tel site",
    ),
    rule(
        Rule::UntraceableShare,
        "R10",
        "Share that leads back to no site",
        "Part qui ne remonte à aucun site",
    ),
    rule(Rule::CertificateValidity, "R11", "Validity of a certificate", "Validité d'un certificat"),
    rule(
        Rule::CertificateReuse,
        "R12",
        "Certificate used again or copied",
        "Certificat réutilisé ou copié",
    ),
    rule(
        Rule::CertificateAgainstLots,
        "R13",
        "Certificate against its lots",
        "Certificat face à ses lots",
    ),
    rule(
        Rule::OriginMismatch,
        "R14",
        "Declared origins against those of the lots",
        "Origines déclarées face à celles des lots",
    ),
    rule(
        Rule::ExportWithoutCertificate,
        "R15",
        "Export without a certificate",
        "Exportation sans certificat",
    ),
    rule(Rule::Pairing, "R16", "Exports against imports", "Exportations face aux importations"),
    rule(
        Rule::MirrorStatistics,
        "R17",
        "Mirror statistics of third countries",
        "Statistiques miroir de pays tiers",
    ),
    rule(Rule::CountryBalance, "R18", "A state's balance", "Bilan d'un État"),
    rule(Rule::Capacity, "R19", "Production against capacity", "Production face à la capacité"),
    rule(
        Rule::ProductionSpike,
        "R20",
        "Sudden rise of production",
        "Hausse soudaine de la production",
    ),
    rule(
        Rule::ImpossibleSite,
        "R21",
        "Production where there can be none",
        "Production là où il ne peut y en avoir",
    ),
    rule(
        Rule::Outlier,
        "R22",
        "Value or concentration out of line",
        "Valeur ou concentration hors de l'ordinaire",
    ),
    rule(Rule::Route, "R23", "Route", "Itinéraire"),
    rule(Rule::Location, "R24", "Location and identity of a site", "Lieu et identité d'un site"),
    rule(Rule::Graph, "R25", "Graph of lots", "Graphe des lots"),
    rule(Rule::Reporting, "R26", "Reporting of a state", "Déclarations d'un État"),
    rule(Rule::InspectionClock, "R27", "Clock of inspections", "Échéances des inspections"),
    rule(Rule::Exporter, "R28", "Standing of an exporter", "Situation d'un exportateur"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_found_by_its_id() {
        for (place, rule) in Rule::ALL.into_iter().enumerate() {
            assert_eq!(rule as usize, place);
            assert_eq!(rule.info().rule, rule);
            assert_eq!(rule.id(), format!("R{:02}", place + 1));
            assert_eq!(Rule::of(rule.id()), Some(rule));
        }
        assert_eq!(Rule::of("R29"), None);
    }
}
