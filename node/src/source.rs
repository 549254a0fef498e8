//! The national database, read and never written.
//!
//! Owns the connection to SQLite, PostgreSQL or MySQL/MariaDB, its read-only
//! snapshots, TLS to it, and the decoding of driver rows into cells of the standard.
//! Refuses every statement outside a read-only transaction, a password in an address,
//! and an SQLite file opened as immutable. Invariant: a query that failed is an
//! error, never zero rows.

mod decode;
mod dialect;
mod error;
mod mysql;
mod names;
mod postgres;
pub(crate) mod schema;
mod session;
pub(crate) mod side;
pub(crate) mod slot;
mod sqlite;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, atomic::AtomicBool};
use std::time::Duration;

use jiff::tz::TimeZone;
use rmd_standard::Cell;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

pub(crate) use dialect::{Bind, Statement};
pub(crate) use error::Error;
use error::reason;
pub(crate) use names::strict_names;
pub(crate) use session::Session;
pub(crate) use tls::IN_THE_CLEAR;

/// How politely the database is read.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// One statement, and one snapshot, may last this long.
    pub(crate) statement: Duration,
    /// Waiting for a writer of an SQLite file, or for a connection.
    pub(crate) wait: Duration,
    /// Rows read per second, averaged over a chunk; none = as fast as it goes.
    pub(crate) rows_per_second: Option<NonZeroU32>,
}

impl Default for Limits {
    /// Five seconds is the longest that one snapshot is held.
    fn default() -> Self {
        Self {
            statement: Duration::from_secs(5),
            wait: Duration::from_secs(10),
            rows_per_second: None,
        }
    }
}

/// The dialect that a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
    /// A MySQL or a MariaDB server.
    MySql,
}

/// Who answered: the kind and the version in the server's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// `sqlite`, `postgresql`, `mysql` or `mariadb`.
    pub(crate) kind: &'static str,
    /// The version as the server says it.
    pub(crate) version: String,
}

/// One result column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The alias.
    pub(crate) name: String,
    /// The type in the words of the driver.
    pub(crate) type_name: String,
}

impl Field {
    /// A column of which the server says nothing.
    pub(crate) fn unknown(name: &str) -> Self {
        Self { name: name.to_owned(), type_name: String::new() }
    }
}

/// The rows of one query, bounded by its LIMIT.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the rows of a query are its rows")]
pub(crate) struct Rows {
    /// The result columns; empty when there is no row.
    pub(crate) fields: Vec<Field>,
    /// The rows in the order in which the source gave them.
    pub(crate) rows: Vec<Row>,
    /// Bytes of their cells and of the texts in them.
    pub(crate) bytes: usize,
    /// Rows of earlier answers, whose room is used again, those of each query by themselves.
    spare: Vec<Vec<Row>>,
}

/// One row; a value that cannot be read is a fault of its row alone.
#[derive(Debug)]
pub(crate) struct Row {
    /// One cell a column; null where the value could not be read.
    pub(crate) cells: Vec<Cell>,
    /// Columns whose value could not be read, and why.
    pub(crate) faults: Vec<(usize, String)>,
    /// The bytes of texts among them that are no UTF-8: a mapping may know their
    /// encoding.
    pub(crate) bytes: Vec<(usize, Vec<u8>)>,
}

impl Row {
    /// The bytes of a column whose text is no UTF-8.
    pub(crate) fn bytes_of(&self, index: usize) -> Option<&[u8]> {
        self.bytes.iter().find(|found| found.0 == index).map(|found| found.1.as_slice())
    }
}

/// A configured national database; cheap to clone, connects on demand.
#[derive(Clone)]
pub(crate) struct Source {
    options: Options,
    asked: tls::Asked,
    tls: tls::Tls,
    /// Whether it was told that others can listen.
    told: Arc<AtomicBool>,
    zone: TimeZone,
    limits: Limits,
}

#[derive(Clone)]
enum Options {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
    MySql(Box<MySqlConnectOptions>),
}

impl Source {
    /// Reads the address; the password comes from its file alone.
    ///
    /// `zone` is the zone of the source's zone-less times.
    pub(crate) fn new(
        url: &str,
        password_file: Option<&Path>,
        zone: TimeZone,
        limits: Limits,
    ) -> Result<Self, Error> {
        if carries_password(url) {
            return Err(Error::PasswordInAddress);
        }
        let password = password_file.map(read_password).transpose()?;
        let (asked, url) = tls::Asked::take(url)?;
        let url = url.as_str();
        let options = match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            "sqlite" => Options::Sqlite(Box::new(sqlite::options(url, &limits)?)),
            "postgres" | "postgresql" => {
                Options::Postgres(Box::new(postgres::options(url, password.as_deref())?))
            }
            "mysql" | "mariadb" => {
                Options::MySql(Box::new(mysql::options(url, password.as_deref())?))
            }
            other => {
                return Err(Error::Address { reason: format!("`{other}` is no known database") });
            }
        };
        let source =
            Self { options, asked, tls: tls::Tls::NONE, told: Arc::default(), zone, limits };
        source.secured()
    }

    /// The same, believing only a server whose certificate the authority in a file signed.
    pub(crate) fn trusting(mut self, authority: &Path) -> Result<Self, Error> {
        self.asked.trust(authority)?;
        self.secured()
    }

    /// The same, with what is asked of another connection to the same server, unless its
    /// own address asks for something.
    pub(crate) fn no_laxer_than(mut self, other: &Self) -> Result<Self, Error> {
        if self.asked == tls::Asked::default() {
            self.asked = other.asked.clone();
        }
        self.secured()
    }

    /// Gives the options what was asked of TLS.
    fn secured(mut self) -> Result<Self, Error> {
        match &mut self.options {
            Options::Sqlite(_) => {}
            Options::Postgres(options) => {
                (**options, self.tls) = self.asked.postgres(PgConnectOptions::clone(options))?;
            }
            Options::MySql(options) => {
                (**options, self.tls) = self.asked.mysql(MySqlConnectOptions::clone(options))?;
            }
        }
        Ok(self)
    }

    /// The dialect of the address.
    pub(crate) fn kind(&self) -> Kind {
        match self.options {
            Options::Sqlite(_) => Kind::Sqlite,
            Options::Postgres(_) => Kind::Postgres,
            Options::MySql(_) => Kind::MySql,
        }
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.options {
            Options::Sqlite(options) => Some(options.get_filename()),
            Options::Postgres(_) | Options::MySql(_) => None,
        }
    }

    /// How politely it is read.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Opens one read-only connection.
    pub(crate) async fn connect(&self) -> Result<Session, Error> {
        Session::open(self).await
    }
}

impl fmt::Debug for Source {
    /// Leaves out the options: they hold the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Source").field("kind", &self.kind()).finish_non_exhaustive()
    }
}

fn carries_password(url: &str) -> bool {
    let after_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    let (authority, rest) = after_scheme.split_once(['/', '?']).unwrap_or((after_scheme, ""));
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    let rest = percent_encoding::percent_decode_str(rest).decode_utf8_lossy();
    user.contains(':') || rest.contains("password=")
}

fn read_password(path: &Path) -> Result<String, Error> {
    rmd_runtime::files::read_secret_text(path)
        .map_err(|source| Error::PasswordFile { path: path.to_owned(), source })
}
