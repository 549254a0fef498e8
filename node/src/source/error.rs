//! Why a source cannot be read, in words that name the remedy.

use std::path::PathBuf;

use super::{session, tls};

/// Why the source cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address is not one of a known database.
    #[error(
        "source address cannot be read: {reason}; write sqlite:/path, postgres://user@host/database or mysql://user@host/database / l'adresse de la source est illisible ({reason}) ; écrivez-la sous l'une de ces formes"
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
    /// The password file cannot be read, or others can read it too.
    #[error(
        "password file {path} cannot be used; it must exist and be readable by its owner alone (chmod 600) / le fichier du mot de passe {path} est inutilisable ; il doit exister et n'être lisible que par son propriétaire (chmod 600)"
    )]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: rmd_runtime::files::Error,
    },
    /// The file of an authority holds none.
    #[error(
        "the file of the source's authority {path} cannot be used: {reason}; it holds the certificate that signs the server's, in PEM / le fichier de l'autorité de la source {path} est inutilisable ({reason}) ; il contient, en PEM, le certificat qui signe celui du serveur"
    )]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The server is not the one that is meant, or cannot prove it.
    #[error("{}", both(.words.clone()))]
    Untrusted {
        /// Why and what to do, in English and in French.
        words: [String; 2],
    },
    /// No connection could be made.
    #[error("{}", both(unreachable(.reason)))]
    Connect {
        /// What the driver said.
        reason: String,
    },
    /// A query failed at the source.
    #[error("{}", both(if *.slow { too_slow(.reason) } else { refused(.reason) }))]
    Query {
        /// What the server said.
        reason: String,
        /// The code in the server's own numbering; empty if it gave none.
        code: String,
        /// Whether it ran out of its time.
        slow: bool,
    },
    /// A column has a type that no record can hold.
    #[error("{}", both(no_cell(.column, .type_name)))]
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

    /// Whether a value of a row stopped the query: without that row it may run. What
    /// a server refuses whatever the rows are, it refuses by other codes.
    pub(crate) fn is_of_a_row(&self) -> bool {
        match self {
            Self::Query { code, reason, slow: false } => {
                // SQLite has one code for both; what it lacks begins so.
                code.starts_with("22") || (code == "1" && !reason.starts_with("no such"))
            }
            _ => false,
        }
    }

    /// Why no connection could be made.
    pub(super) fn connect(error: &sqlx::Error) -> Self {
        match tls::distrust(error) {
            Some(words) => Self::Untrusted { words },
            None => Self::Connect { reason: reason(error) },
        }
    }

    /// What the server or the driver said.
    pub(super) fn query(error: &sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        Self::Query {
            slow: session::is_timeout(error),
            reason: reason(error),
            code: code.unwrap_or_default().into_owned(),
        }
    }

    /// More rows than a page has room for have keys that the source takes for one.
    pub(crate) fn alike(key: &str, most: usize) -> Self {
        let reason =
            format!("more than {most} keys are the same to it as \"{key}\", differing in bytes");
        Self::Query { reason, code: String::new(), slow: false }
    }

    /// A fault of the session itself that fewer keys at a time may cure.
    pub(crate) fn slow(reason: &str) -> Self {
        Self::Query { reason: reason.to_owned(), code: String::new(), slow: true }
    }

    /// What is wrong and what to do, in English and in French.
    pub(crate) fn words(&self) -> [String; 2] {
        match self {
            Self::Connect { reason } => unreachable(reason),
            Self::Query { reason, slow: true, .. } => too_slow(reason),
            Self::Query { reason, .. } => refused(reason),
            Self::Type { column, type_name } => no_cell(column, type_name),
            Self::Untrusted { words } => words.clone(),
            Self::Address { .. }
            | Self::PasswordInAddress
            | Self::PasswordFile { .. }
            | Self::Authority { .. } => [self.to_string(), self.to_string()],
        }
    }

    /// What may stand in a log: a server quotes values in its messages, and values
    /// may be names of persons. The whole message is in `status`.
    pub(crate) fn for_log(&self) -> String {
        match self {
            Self::Query { slow: true, .. } => "the query ran out of its time".to_owned(),
            Self::Query { code, .. } => format!("the source refuses a query (code {code})"),
            other => other.to_string(),
        }
    }
}

fn both([en, fr]: [String; 2]) -> String {
    format!("{en} / {fr}")
}

fn unreachable(reason: &str) -> [String; 2] {
    [
        format!(
            "the source cannot be reached: {reason}; see that its server runs, or that the file is there and is a database, and that address, account and password are right"
        ),
        format!(
            "la source est injoignable : {reason} ; vérifiez que son serveur tourne, ou que le fichier est là et est une base, et que l'adresse, le compte et le mot de passe sont justes"
        ),
    ]
}

fn refused(reason: &str) -> [String; 2] {
    [
        format!(
            "the source refuses the query: {reason}; correct the query, or the rights of the reading account"
        ),
        format!(
            "la source refuse la requête : {reason} ; corrigez la requête, ou les droits du compte de lecture"
        ),
    ]
}

fn too_slow(reason: &str) -> [String; 2] {
    [
        format!("the query is too slow: {reason}; add an index on its key column"),
        format!("la requête est trop lente : {reason} ; ajoutez un index sur sa colonne clé"),
    ]
}

fn no_cell(column: &str, type_name: &str) -> [String; 2] {
    [
        format!(
            "column \"{column}\" has the type {type_name}, which no record holds; cast it to text or to a number in the mapping"
        ),
        format!(
            "la colonne « {column} » a le type {type_name}, qu'aucune fiche ne contient ; convertissez-la en texte ou en nombre dans la correspondance"
        ),
    ]
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
