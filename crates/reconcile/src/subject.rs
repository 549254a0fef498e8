//! What a finding is about.
//!
//! A subject is a record, or something that only several records make: a tag
//! seen in two states, a pair of declarations, a state's year. It is named by its
//! kind and a key that the records alone determine.

use std::fmt;

use rmd_standard::Entity;
use serde::{Deserialize, Serialize};

/// The kinds of subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A lot, by its record key.
    Lot,
    /// A tag, by its scheme and identifier, in whatever states it is seen.
    Tag,
    /// A certificate, by its record key.
    Certificate,
    /// A line of an export declaration, by its record key.
    Export,
    /// A line of an import declaration, by its record key.
    Import,
    /// A mine site, by its record key.
    MineSite,
    /// One site's month of one mineral, by the key of the production declaration.
    SiteMonth,
    /// A state's twelve months of one mineral: country, HS6.
    Balance,
    /// A state's trade with one partner: country, partner, HS6, year.
    Mirror,
    /// A state's reporting month: country, month, feed.
    Period,
    /// A state's feeds themselves: node, feed.
    Feed,
    /// An exporter, by the key of its status record.
    Exporter,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Lot,
        Self::Tag,
        Self::Certificate,
        Self::Export,
        Self::Import,
        Self::MineSite,
        Self::SiteMonth,
        Self::Balance,
        Self::Mirror,
        Self::Period,
        Self::Feed,
        Self::Exporter,
    ];

    /// The word in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lot => "lot",
            Self::Tag => "tag",
            Self::Certificate => "certificate",
            Self::Export => "export",
            Self::Import => "import",
            Self::MineSite => "mine_site",
            Self::SiteMonth => "site_month",
            Self::Balance => "balance",
            Self::Mirror => "mirror",
            Self::Period => "period",
            Self::Feed => "feed",
            Self::Exporter => "exporter",
        }
    }

    /// The kind that a word names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The record type, where the subject is one record.
    pub const fn entity(self) -> Option<Entity> {
        match self {
            Self::Lot => Some(Entity::Lot),
            Self::Certificate => Some(Entity::ExportCertificate),
            Self::Export => Some(Entity::ExportDeclaration),
            Self::Import => Some(Entity::ImportDeclaration),
            Self::MineSite => Some(Entity::MineSite),
            Self::SiteMonth => Some(Entity::ProductionDeclaration),
            Self::Period => Some(Entity::ReportingPeriod),
            Self::Exporter => Some(Entity::ExporterStatus),
            Self::Tag | Self::Balance | Self::Mirror | Self::Feed => None,
        }
    }
}

/// One subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its name among those of its kind.
    pub key: String,
}

impl Subject {
    /// The subject of that kind and key.
    pub fn new(kind: SubjectKind, key: impl Into<String>) -> Self {
        Self { kind, key: key.into() }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind.as_str(), self.key)
    }
}
