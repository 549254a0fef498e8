//! What was restored, cloned, rewritten or lost, and how it goes on.
//!
//! Owns the starts of the nodes, feeds whose history does not go on from what was
//! verified, epochs that ended, and the hub's own way back after a restored
//! backup. It decides nothing that costs entries: where each side holds some that
//! the other lacks, an officer does.

pub(crate) mod acknowledged;
pub(crate) mod ahead;
pub(crate) mod boot;
pub(crate) mod dispute;
pub(crate) mod diverged;
pub(crate) mod epoch;
pub(crate) mod event;
pub(crate) mod evidence;
pub(crate) mod hold;
pub(crate) mod mark;
pub(crate) mod recall;
pub(crate) mod tree;

/// Most characters of `--by` and `--reason`.
const WORD_CHARS_MAX: usize = 500;

/// What cannot be done about a recovery.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// An officer's word is empty or too long.
    #[error(
        "{field} must have 1 to {WORD_CHARS_MAX} characters, on one line\n\
         {field} doit avoir de 1 à {WORD_CHARS_MAX} caractères, sur une ligne"
    )]
    Word {
        /// The option.
        field: &'static str,
    },
    /// No start of that number is known.
    #[error(
        "node {node_id} never said hello with the boot random number {random}; known are {known}\n\
         le nœud {node_id} ne s'est jamais présenté avec le nombre de démarrage {random} ; connus : {known}"
    )]
    BootUnknown {
        /// The node.
        node_id: String,
        /// The number.
        random: u64,
        /// The numbers that are known.
        known: String,
    },
    /// Nothing waits for an officer.
    #[error("no feed of {0} waits for a confirmation\naucun flux de {0} n'attend de confirmation")]
    NothingToConfirm(String),
    /// The hub was restored and does not publish yet.
    #[error(
        "the hub's store was restored; nothing is published until these nodes have said what they \
         hold of its feeds: {nodes}; `rmd-hub recover release` goes on without them\n\
         la base du pivot a été restaurée ; rien n'est publié avant que ces nœuds aient dit ce qu'ils \
         détiennent de ses flux : {nodes} ; `rmd-hub recover release` continue sans eux"
    )]
    Held {
        /// The nodes that have not been heard.
        nodes: String,
    },
    /// The mark file of the state directory cannot be used.
    #[error("write {}", path.display())]
    Mark {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Entries that came back are not those that the hub signed.
    #[error("the node's copy of feed {feed} was refused: {message}")]
    Refused {
        /// The feed.
        feed: String,
        /// Why.
        message: String,
    },
    /// The feed's bytes or numbers.
    #[error(transparent)]
    Feed(#[from] rmd_feed::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(crate::store::Error::Query(error))
    }
}

/// An officer's name and ground, as they are kept.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) by: String,
    pub(crate) reason: String,
}

impl Word {
    /// Refuses what nobody could read later.
    pub(crate) fn new(by: &str, reason: &str) -> Result<Self, Error> {
        for (field, text) in [("--by", by), ("--reason", reason)] {
            let is_odd = text.trim().is_empty() || text.chars().any(char::is_control);
            if is_odd || text.chars().count() > WORD_CHARS_MAX {
                return Err(Error::Word { field });
            }
        }
        Ok(Self { by: by.to_owned(), reason: reason.to_owned() })
    }
}
