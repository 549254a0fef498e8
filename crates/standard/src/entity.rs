//! The record types of the network.
//!
//! Owns their names, the feed that carries each, and the names of the lists
//! inside each. A name here is the name of the protobuf message.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One record type of the regional standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Entity {
    /// MD.01: a place where designated minerals are dug.
    MineSite,
    /// Whether an exporter may export.
    ExporterStatus,
    /// MD.12: a tagged quantity of one mineral.
    Lot,
    /// MD.03: the certificate of one exported shipment.
    ExportCertificate,
    /// One line of a customs declaration of goods that left.
    ExportDeclaration,
    /// One line of a customs declaration of goods that entered.
    ImportDeclaration,
    /// What one site yielded of one mineral in one month.
    ProductionDeclaration,
    /// What one party holds of one mineral at the end of a month.
    StockDeclaration,
    /// The statement of a state that a month is complete.
    ReportingPeriod,
    /// An audit of an exporter or a site.
    Audit,
    /// Something that was reported.
    Incident,
}

impl Entity {
    /// Every record type, in the order of the feeds.
    pub const ALL: [Self; 11] = [
        Self::MineSite,
        Self::ExporterStatus,
        Self::Lot,
        Self::ExportCertificate,
        Self::ExportDeclaration,
        Self::ImportDeclaration,
        Self::ProductionDeclaration,
        Self::StockDeclaration,
        Self::ReportingPeriod,
        Self::Audit,
        Self::Incident,
    ];

    /// The name of the protobuf message, such as `MineSite`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MineSite => "MineSite",
            Self::ExporterStatus => "ExporterStatus",
            Self::Lot => "Lot",
            Self::ExportCertificate => "ExportCertificate",
            Self::ExportDeclaration => "ExportDeclaration",
            Self::ImportDeclaration => "ImportDeclaration",
            Self::ProductionDeclaration => "ProductionDeclaration",
            Self::StockDeclaration => "StockDeclaration",
            Self::ReportingPeriod => "ReportingPeriod",
            Self::Audit => "Audit",
            Self::Incident => "Incident",
        }
    }

    /// The record type of that exact name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.name() == name)
    }

    /// The feed that carries the records: `master-data` or `transactions`.
    pub const fn feed(self) -> &'static str {
        match self {
            Self::MineSite | Self::ExporterStatus => "master-data",
            _ => "transactions",
        }
    }

    /// The lists of child messages, each filled by a child query of a mapping.
    ///
    /// `extension` is none of them: it holds what only JSON of the standard can say.
    pub const fn lists(self) -> &'static [&'static str] {
        match self {
            Self::MineSite => &[
                "license",
                "operator",
                "inspection",
                "status_change",
                "capacity",
                "tag_allocation",
            ],
            Self::Lot => &["input_lot", "tag", "tax_paid"],
            _ => &[],
        }
    }

    /// The fields that hold several values; a child query may give them one
    /// by one, under an alias of the same name.
    pub const fn values(self) -> &'static [&'static str] {
        match self {
            Self::MineSite => &["mineral"],
            Self::Lot => &["creator_role", "originating_operation"],
            Self::ExportCertificate => &["lot_number", "mineral_origin"],
            Self::ImportDeclaration => &["origin_country"],
            _ => &[],
        }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
