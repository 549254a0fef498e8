//! What the Secretariat sends back: decisions, bulletins, and their delivery.
//!
//! Owns the hub's own feeds: `shared`, of which every node gets the same bytes,
//! one `verdicts` a node, which no other node is ever sent, and `checkpoints`, which
//! auditors get; `audit` knows what is in it. A decision and
//! the bulletin that carries it are one transaction; a bulletin whose content did
//! not change is not appended again. For each node is known what it was given and
//! what it applied. It refuses to decide about a site or an exporter that no state
//! released.

pub(crate) mod bulletin;
pub(crate) mod decision;
pub(crate) mod delivery;
pub(crate) mod exporter;
mod feed;
pub(crate) mod log;
mod nearest;
mod publisher;
pub(crate) mod push;
pub(crate) mod renamed;
pub(crate) mod site;
pub(crate) mod subject;
pub(crate) mod verify;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub(crate) use feed::{EPOCH, OwnFeed};
use jiff::Timestamp;
pub(crate) use publisher::Publisher;
use rmd_runtime::exit;

use crate::{recover, registry, standing::appeal, store};

/// Name of the feed that every node gets.
pub(crate) const FEED: &str = OwnFeed::SHARED;
/// The entity of a bulletin about a site.
pub(crate) const ENTITY: &str = "SiteStatusBulletin";
/// The entity of a bulletin about an exporter.
pub(crate) const EXPORTER: &str = "ExporterStatusBulletin";

/// What cannot be shared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No state released a site of that id.
    #[error(
        "site {id} is unknown{near_en}; the list of sites is on the portal\n\
         le site {id} est inconnu{near_fr} ; la liste des sites est sur le portail",
        near_en = suggestion("; did you mean", .nearest),
        near_fr = suggestion(" ; vouliez-vous dire", .nearest)
    )]
    SiteUnknown {
        /// What was asked for.
        id: String,
        /// The ids that look most alike, best first.
        nearest: Vec<String>,
    },
    /// No state released an exporter of that key.
    #[error(
        "exporter {key} is unknown{near_en}; a key is written country/identifier, as CD/CD-EXP-1\n\
         l'exportateur {key} est inconnu{near_fr} ; une clé s'écrit pays/identifiant, comme CD/CD-EXP-1",
        near_en = suggestion("; did you mean", .nearest),
        near_fr = suggestion(" ; vouliez-vous dire", .nearest)
    )]
    ExporterUnknown {
        /// What was asked for.
        key: String,
        /// The keys that look most alike, best first.
        nearest: Vec<String>,
    },
    /// The document of a decision cannot be read.
    #[error(
        "document {} cannot be read: {error}\nle document {} ne peut être lu",
        path.display(), path.display()
    )]
    Document {
        /// The file.
        path: PathBuf,
        /// What the system said; part of the message, so no source.
        error: std::io::Error,
    },
    /// The document of a decision is empty.
    #[error(
        "document {} is empty; name the file that holds the decision\n\
         le document {} est vide ; nommez le fichier qui contient la décision",
        .0.display(), .0.display()
    )]
    DocumentEmpty(PathBuf),
    /// A field of a decision is empty or too long.
    #[error(
        "{field} must have 1 to {limit} characters that can be shown\n\
         {field} doit avoir de 1 à {limit} caractères affichables"
    )]
    Text {
        /// The option.
        field: &'static str,
        /// Characters at most.
        limit: usize,
    },
    /// The clock of the hub is before the last decision about the same record.
    #[error(
        "it is {now} by the clock of the hub, and decision {id} about the same record was \
         recorded at {recorded_at}: set the clock right, then decide\n\
         il est {now} à l'horloge du hub, et la décision {id} au sujet du même enregistrement \
         a été enregistrée à {recorded_at} : réglez l'horloge, puis décidez"
    )]
    ClockBehind {
        /// Number of the last decision.
        id: String,
        /// When it was recorded.
        recorded_at: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// An appeal is not taken, or not ruled on.
    #[error(transparent)]
    Appeal(#[from] appeal::Refusal),
    /// The hub's own feed is not what its key and tables say.
    #[error("the hub's own feed is inconsistent: {0}; restore the store and keys/ from one backup")]
    Inconsistent(&'static str),
    /// The hub's own feed cannot be written or read.
    #[error(transparent)]
    Feed(#[from] rmd_feed::Error),
    /// The hub was restored, or entries that came back were refused.
    #[error(transparent)]
    Recover(#[from] recover::Error),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// The exit code of a command that met it; none if the cause decides.
    pub(crate) const fn exit_code(&self) -> Option<u8> {
        match self {
            Self::SiteUnknown { .. } | Self::ExporterUnknown { .. } => Some(exit::NOT_FOUND),
            Self::Document { .. } | Self::DocumentEmpty(_) => Some(exit::DATA),
            Self::Appeal(refusal) if refusal.is_unknown() => Some(exit::NOT_FOUND),
            Self::Text { .. } | Self::Appeal(_) => Some(exit::USAGE),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

fn suggestion(lead: &str, ids: &[String]) -> String {
    if ids.is_empty() { String::new() } else { format!("{lead} {}?", ids.join(", ")) }
}
