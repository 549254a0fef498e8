//! Why a source cannot be read, in words that name the remedy.

use std::path::PathBuf;

use super::session;

/// Why the source cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address is not one of a known database.
    #[error(
        "source address cannot be read: {reason}; write sqlite:/path, postgres://user@host/database or mysql://user@host/database / l'adresse de la source est illisible"
    )]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// The address carries a password.
    #[error(
        "the source address carries a password; put it in a file and name that as password_file / l'adresse de la source contient un mot de passe; placez-le dans un fichier nommé par password_file"
    )]
    PasswordInAddress,
    /// The password file cannot be read.
    #[error(
        "password file {path} cannot be read / le fichier du mot de passe {path} est illisible"
    )]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// No connection could be made.
    #[error("connect to the source: {reason}")]
    Connect {
        /// What the driver said.
        reason: String,
    },
    /// A query failed at the source.
    #[error("query the source: {reason}")]
    Query {
        /// What the server said.
        reason: String,
        /// Whether it ran out of its time.
        slow: bool,
    },
    /// A column has a type that no record can hold.
    #[error(
        "column \"{column}\" has the type {type_name}, which cannot be read; cast it to text or to a number in the mapping / la colonne « {column} » a le type {type_name}, illisible; convertissez-la en texte ou en nombre dans la correspondance"
    )]
    Type {
        /// The alias.
        column: String,
        /// The type in the words of the driver.
        type_name: String,
    },
}

impl Error {
    /// Whether the query ran out of its time, so that a smaller chunk may pass.
    pub(crate) fn is_slow(&self) -> bool {
        matches!(self, Self::Query { slow: true, .. })
    }

    /// What the server or the driver said.
    pub(super) fn query(error: &sqlx::Error) -> Self {
        Self::Query { slow: session::is_timeout(error), reason: reason(error) }
    }
}

/// The message of the server where there is one: the driver's own wrapping adds
/// nothing that a ministry could act on.
pub(super) fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => match database.code() {
            Some(code) => format!("{} (code {code})", database.message()),
            None => database.message().to_owned(),
        },
        other => other.to_string(),
    }
}
