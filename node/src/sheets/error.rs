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
    /// It was saved anew while it was read.
    #[error(
        "the file was changed while it was read; it is read again / le fichier a changé pendant sa lecture ; il sera relu"
    )]
    Changed,
    /// Another format than the two that are read.
    #[error(
        "the file is {found}, not an XLSX workbook or a CSV text; save it as one of these / le fichier est au format {found} et non un classeur XLSX ou un texte CSV ; enregistrez-le sous l'un de ces formats"
    )]
    Format {
        /// What it seems to be.
        found: String,
    },
    /// The content does not fit the name.
    #[error(
        "the name ends in .{extension} and the content is {found}; rename the file or save it again / le nom se termine par .{extension} et le contenu est {found} ; renommez le fichier ou enregistrez-le de nouveau"
    )]
    Extension {
        /// The end of the name.
        extension: String,
        /// What the content is.
        found: &'static str,
    },
    /// A password protects it.
    #[error(
        "the workbook is protected by a password; save it without one / le classeur est protégé par un mot de passe ; enregistrez-le sans mot de passe"
    )]
    Encrypted,
    /// It carries programs.
    #[error(
        "the workbook holds macros; save it as .xlsx, without them / le classeur contient des macros ; enregistrez-le en .xlsx, sans macros"
    )]
    Macros,
    /// The archive or a sheet is damaged.
    #[error(
        "the file is damaged ({what}); open it in a spreadsheet and save it again / le fichier est endommagé ({what}) ; ouvrez-le dans un tableur et enregistrez-le de nouveau"
    )]
    Broken {
        /// What the reader said.
        what: String,
    },
    /// It is larger than is read.
    #[error(
        "{what}: {found}, and at most {most} are read; split the file / {what} : {found}, et {most} au plus sont lus ; divisez le fichier"
    )]
    TooLarge {
        /// What is counted.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much is read.
        most: u64,
    },
    /// It unpacks to far more than a sheet holds.
    #[error(
        "the part {part} of the workbook unpacks to far more than a sheet holds; it is not read / la partie {part} du classeur se décompresse bien au-delà de ce que contient une feuille ; elle n'est pas lue"
    )]
    Bomb {
        /// Name within the archive.
        part: String,
    },
    /// A quotation mark is not closed, or a row is no row.
    #[error(
        "row {row} has no end: a quotation mark is not closed / la ligne {row} n'a pas de fin : un guillemet n'est pas fermé"
    )]
    Endless {
        /// Number of the row.
        row: u32,
    },
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
            Self::Journal(_) | Self::Stopped | Self::File { .. } | Self::Changed => true,
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

impl From<calamine::XlsxError> for Error {
    fn from(error: calamine::XlsxError) -> Self {
        match error {
            calamine::XlsxError::Password => Self::Encrypted,
            // The reader quotes cells in its messages; those must not reach logs.
            other => Self::Broken { what: place_of(&other).to_owned() },
        }
    }
}

/// What is damaged, without a word of what stands there.
const fn place_of(error: &calamine::XlsxError) -> &'static str {
    use calamine::XlsxError as X;
    match error {
        X::Io(_) | X::Zip(_) => "archive",
        X::Xml(_) | X::XmlAttr(_) | X::XmlEof(_) | X::UnexpectedNode(_) => "XML",
        X::FileNotFound(_) | X::RelationshipNotFound => "a part is missing · une partie manque",
        X::NotAWorksheet(_) => NO_ROWS,
        _ => "a cell · une cellule",
    }
}

/// Said of a sheet that holds no rows, such as one of charts.
pub(super) const NO_ROWS: &str = "a sheet without rows · une feuille sans lignes";
