//! How each store is opened.
//!
//! Owns addresses and session settings. A password comes from its own file and
//! goes to the driver as a parameter; it never stands in an address of ours, a
//! message or a log.

use std::{path::Path, str::FromStr as _};

use sqlx::{AnyConnection, ConnectOptions as _, Connection as _, any::AnyConnectOptions};

use super::{Error, Kind, nodelay};

/// WAL lets pages read while a frame is written; FULL makes each commit
/// durable, because an acknowledged frame is never sent again. The busy
/// timeout covers writers of other processes (`site set-status` beside `run`).
const SQLITE_SETTINGS: [&str; 4] = [
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];

/// Findings in two languages are long; the server's own way to pack them took a
/// third of its time.
const POSTGRES_COMPRESSION: &str = "SET default_toast_compression = 'lz4'";

/// The address of an SQLite file.
pub(crate) fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}", encode(&path.to_string_lossy(), b"/-_."))
}

/// Which store an address names, and how the driver opens it.
pub(super) fn parse(url: &str, password: Option<&str>) -> Result<(Kind, AnyConnectOptions), Error> {
    let kind = if url.starts_with("sqlite:") {
        Kind::Sqlite
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Kind::Postgres
    } else {
        return Err(Error::Address(None));
    };
    let mut full = url.to_owned();
    match (kind, password) {
        (Kind::Sqlite, _) if !url.contains("mode=") => add(&mut full, "mode=rwc"),
        (Kind::Postgres, Some(password)) => {
            add(&mut full, &format!("password={}", encode(password, b"")));
        }
        _ => {}
    }
    // On this machine TLS protects nothing and costs time with every frame.
    if kind == Kind::Postgres && is_this_machine(url) && !url.contains("sslmode=") {
        add(&mut full, "sslmode=disable");
    }
    let options = AnyConnectOptions::from_str(&full)
        .map_err(|error| Error::Address(Some(error)))?
        // A statement of many rows is kilobytes of text; what was written is
        // logged where it is decided.
        .disable_statement_logging();
    Ok((kind, options))
}

/// Sets up a fresh connection.
pub(super) async fn prepare(kind: Kind, connection: &mut AnyConnection) -> sqlx::Result<()> {
    match kind {
        Kind::Sqlite => {
            for setting in SQLITE_SETTINGS {
                sqlx::query(setting).execute(&mut *connection).await?;
            }
        }
        Kind::Postgres => {
            nodelay::set();
            match sqlx::query(POSTGRES_COMPRESSION).execute(connection).await {
                // A server that was built without it packs as it always did.
                Ok(_) | Err(sqlx::Error::Database(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Whether a connection can begin a transaction. SQLite ends one by itself where the
/// disk is full; the driver goes on counting it, its roll-back fails, and the connection
/// is of no more use: the pool then makes another one.
pub(super) async fn is_sound(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // The roll-back of a dropped transaction may only be on its way.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

fn is_this_machine(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || host == "[::1]" || name == "[::1]" || name.starts_with("127.")
}

fn add(url: &mut String, parameter: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(parameter);
}

/// Percent-encodes all but letters, digits and `plain`.
fn encode(text: &str, plain: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_this_machine_is_spoken_to_without_tls_unless_it_is_asked_for() {
        let asked = |url: &str| parse(url, None).unwrap().1.database_url.to_string();
        for host in ["localhost", "127.0.0.1:5433", "[::1]", "[::1]:5433"] {
            let url = format!("postgres://rmd_hub@{host}/regional");
            assert!(asked(&url).contains("sslmode=disable"), "{host}");
            assert!(!asked(&format!("{url}?sslmode=require")).contains("disable"), "{host}");
        }
        for host in ["store", "localhost.example", "10.0.0.7:5432"] {
            assert!(!asked(&format!("postgres://rmd_hub@{host}/regional")).contains("sslmode"));
        }
    }
}
