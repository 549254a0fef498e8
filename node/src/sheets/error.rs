//! Why a file cannot be taken at all.
//!
//! What is wrong with one row is a finding; these are about the file. Each
//! message stands in English and French, because it goes into the folder
//! beside the file.

use std::{io, path::PathBuf};

use rust_xlsxwriter::XlsxError;

use crate::journal;

/// Why a file cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read, or nothing written beside it.
    #[error("the file {} cannot be used; check its rights and the space on the disk / le fichier est inutilisable ; vérifiez ses droits et la place sur le disque", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It gives no rows.
    #[error(transparent)]
    Sheet(#[from] rmd_sheet::Error),
    /// It was saved anew while it was read.
    #[error(
        "the file was changed while it was read; it is read again / le fichier a changé pendant sa lecture ; il sera relu"
    )]
    Changed,
    /// No row of headers is recognised.
    #[error(
        "no row of headers is recognised in the first {rows} rows; begin with `rmd-node sheet template` / aucune ligne d'en-têtes n'est reconnue dans les {rows} premières lignes ; partez de `rmd-node sheet template`"
    )]
    NoHeaders {
        /// How many rows were looked at.
        rows: u32,
    },
    /// The headers fit several record types.
    #[error(
        "the headers fit {found}; name the record type in the name of the file, as {example}-2026-01.csv / les en-têtes conviennent à {found} ; nommez le type de fiche dans le nom du fichier, comme {example}-2026-01.csv"
    )]
    Ambiguous {
        /// The record types.
        found: String,
        /// One of them.
        example: &'static str,
    },
    /// No sheet gave a record of that key.
    #[error(
        "no record came from a sheet under the key {key}; `rmd-node preview` shows keys / aucune fiche n'est venue d'une feuille sous la clé {key} ; `rmd-node preview` montre les clés"
    )]
    NoRow {
        /// The key.
        key: String,
    },
    /// Records of several types have that key.
    #[error(
        "the key {key} is that of {found}; choose one with --entity / la clé {key} est celle de {found} ; choisissez avec --entity"
    )]
    SeveralRows {
        /// The key.
        key: String,
        /// The record types.
        found: String,
    },
    /// The journal does not take it.
    #[error("the journal cannot be written / le journal ne peut pas être écrit")]
    Journal(#[from] journal::Error),
    /// The annotated copy cannot be written.
    #[error("the annotated copy cannot be written / la copie annotée ne peut pas être écrite")]
    Copy(#[from] XlsxError),
    /// The reader of the format failed in itself.
    #[error(
        "the file cannot be read: its reader failed / le fichier est illisible : son lecteur a échoué"
    )]
    Reader,
    /// The process is shutting down.
    #[error("shutting down / arrêt en cours")]
    Stopped,
}

impl Error {
    /// Whether the same file may be taken at another time: nothing is wrong with it.
    pub(crate) const fn is_passing(&self) -> bool {
        match self {
            Self::Journal(_)
            | Self::Stopped
            | Self::Changed
            | Self::File { .. }
            | Self::Sheet(rmd_sheet::Error::File { .. }) => true,
            // A full disk is no fault of the file.
            Self::Copy(error) => matches!(error, XlsxError::IoError(_) | XlsxError::ZipError(_)),
            _ => false,
        }
    }

    /// The message with its causes.
    pub(crate) fn whole(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }
}
