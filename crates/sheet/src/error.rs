//! Why a file gives no rows.
//!
//! Each message stands in English and French, with what to do about it.

use std::{io, path::PathBuf};

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system does not let it be read.
    #[error("the file {} cannot be read; check its rights / le fichier est illisible ; vérifiez ses droits", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
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
pub const NO_ROWS: &str = "a sheet without rows · une feuille sans lignes";
