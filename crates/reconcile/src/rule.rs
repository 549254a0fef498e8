//! The twenty-eight rules by name.

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
    pub const ALL: [Self; 28] = [
        Self::OverAllocation,
        Self::CombinationBalance,
        Self::ProcessingBalance,
        Self::TransitWeight,
        Self::DuplicateTag,
        Self::TagOutOfAllocation,
        Self::TagChronology,
        Self::SiteNotEligible,
        Self::ContaminatedAncestry,
        Self::UntraceableShare,
        Self::CertificateValidity,
        Self::CertificateReuse,
        Self::CertificateAgainstLots,
        Self::OriginMismatch,
        Self::ExportWithoutCertificate,
        Self::Pairing,
        Self::MirrorStatistics,
        Self::CountryBalance,
        Self::Capacity,
        Self::ProductionSpike,
        Self::ImpossibleSite,
        Self::Outlier,
        Self::Route,
        Self::Location,
        Self::Graph,
        Self::Reporting,
        Self::InspectionClock,
        Self::Exporter,
    ];

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

const fn rule(id: &'static str, en: &'static str, fr: &'static str) -> RuleInfo {
    RuleInfo { id, version: 1, en, fr }
}

const RULES: [RuleInfo; 28] = [
    rule("R01", "More leaves a lot than it holds", "Il sort d'un lot plus qu'il ne contient"),
    rule("R02", "Combined lot against its inputs", "Lot combiné face à ses apports"),
    rule("R03", "Processed lot against its inputs", "Lot traité face à ses apports"),
    rule("R04", "Weight changed on the way", "Poids changé en route"),
    rule("R05", "One tag on two lots", "Une étiquette sur deux lots"),
    rule("R06", "Tag outside its site's allocation", "Étiquette hors de l'allocation de son site"),
    rule("R07", "Order of a tag's events", "Ordre des événements d'une étiquette"),
    rule("R08", "Site that may not trade", "Site qui ne peut pas commercer"),
    rule(
        "R09",
        "Certificate that leads back to such a site",
        "Certificat qui remonte à un tel site",
    ),
    rule("R10", "Share that leads back to no site", "Part qui ne remonte à aucun site"),
    rule("R11", "Validity of a certificate", "Validité d'un certificat"),
    rule("R12", "Certificate used again or copied", "Certificat réutilisé ou copié"),
    rule("R13", "Certificate against its lots", "Certificat face à ses lots"),
    rule(
        "R14",
        "Declared origins against those of the lots",
        "Origines déclarées face à celles des lots",
    ),
    rule("R15", "Export without a certificate", "Exportation sans certificat"),
    rule("R16", "Exports against imports", "Exportations face aux importations"),
    rule("R17", "Mirror statistics of third countries", "Statistiques miroir de pays tiers"),
    rule("R18", "A state's balance", "Bilan d'un État"),
    rule("R19", "Production against capacity", "Production face à la capacité"),
    rule("R20", "Sudden rise of production", "Hausse soudaine de la production"),
    rule("R21", "Production where there can be none", "Production là où il ne peut y en avoir"),
    rule(
        "R22",
        "Value or concentration out of line",
        "Valeur ou concentration hors de l'ordinaire",
    ),
    rule("R23", "Route", "Itinéraire"),
    rule("R24", "Location and identity of a site", "Lieu et identité d'un site"),
    rule("R25", "Graph of lots", "Graphe des lots"),
    rule("R26", "Reporting of a state", "Déclarations d'un État"),
    rule("R27", "Clock of inspections", "Échéances des inspections"),
    rule("R28", "Standing of an exporter", "Situation d'un exportateur"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_found_by_its_id() {
        for (place, rule) in Rule::ALL.into_iter().enumerate() {
            assert_eq!(rule.id(), format!("R{:02}", place + 1));
            assert_eq!(Rule::of(rule.id()), Some(rule));
        }
        assert_eq!(Rule::of("R29"), None);
    }
}
