//! What can go wrong behind the API.

use std::{io, path::PathBuf};

use crate::journal;

/// Why the store of the API could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read or written.
    #[error("use api.sqlite / utiliser api.sqlite")]
    Store(#[from] sqlx::Error),
    /// The file cannot be made.
    #[error("make {} / créer ce fichier", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read the records.
    #[error(
        "{} holds personal data and can be read by others (mode {mode:04o}); take that away with `chmod 600` / ce fichier contient des données personnelles et d'autres peuvent le lire ; corrigez par `chmod 600`",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds what this program never writes.
    #[error(
        "api.sqlite has an impossible {column} in table {table}; restore it from a backup / api.sqlite contient une valeur impossible ({table}.{column}) ; restaurez-le depuis une sauvegarde"
    )]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A statement wrote another number of rows than it was given.
    #[error("table {table} took {written} of {given} rows")]
    Unwritten {
        /// The table.
        table: &'static str,
        /// Rows given.
        given: usize,
        /// Rows written.
        written: u64,
    },
    /// The journal does not take it.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// The node's own feed cannot be opened.
    #[error("read the node's own feed / lire le flux du nœud")]
    Feed(#[from] rmd_feed::Error),
    /// A posted record does not come to its end; the log says why.
    #[error(
        "a posted record is still under way; it is tried again / une fiche reçue est encore en route ; nouvel essai"
    )]
    UnderWay,
    /// The part that writes has ended.
    #[error("the node is shutting down / le nœud s'arrête")]
    Stopped,
}

impl Error {
    /// Holds a statement to the number of rows it was given.
    pub(super) fn expect_rows(table: &'static str, written: u64, given: usize) -> Result<(), Self> {
        if usize::try_from(written) == Ok(given) {
            return Ok(());
        }
        Err(Self::Unwritten { table, given, written })
    }
}
