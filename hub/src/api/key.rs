//! Keys of the API: who may read what.
//!
//! Owns the table of keys. A key is 32 random bytes that are shown once; the
//! store has only their SHA-256, and a key is found by it, so that no comparison
//! tells how much of a guess was right. A key is good until it expires or is
//! revoked; it reads the collections of its scopes and the states of its list.

use std::{collections::BTreeSet, fmt};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{Timestamp, civil::Date};
use rand::{RngCore as _, rngs::OsRng};
use rmd_api::{Collection, Scope};
use rmd_runtime::clock::calendar_day;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, FromRow};

use crate::store::{self, expect_rows};

/// What every key begins with, so that one which went astray is recognised.
const PREFIX: &str = "rmdhub_";
/// Random bytes of a key.
const BYTES: usize = 32;
/// More than enough for a name that a person gave.
const NAME_BYTES_MAX: usize = 64;

/// What cannot be done with keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The name cannot stand in tables and logs.
    #[error(
        "key name `{0}`: use 1 to 64 of a-z, A-Z, 0-9, `.`, `_` and `-`\n\
         nom de clé « {0} » : utilisez 1 à 64 de a-z, A-Z, 0-9, `.`, `_` et `-`"
    )]
    NameInvalid(String),
    /// The name belongs to a key, good or revoked.
    #[error(
        "there is a key {0} already, perhaps a revoked one; choose another name\n\
         il y a déjà une clé {0}, peut-être révoquée ; choisissez un autre nom"
    )]
    NameTaken(String),
    /// No key of that name.
    #[error(
        "there is no key {0}; `rmd-hub key list` shows them\n\
         il n'y a pas de clé {0} ; `rmd-hub key list` les montre"
    )]
    Unknown(String),
    /// The state is not one of the twelve members.
    #[error(
        "{0} is no member state; use its alpha-3 code, as COD\n\
         {0} n'est pas un État membre ; utilisez son code alpha-3, comme COD"
    )]
    CountryUnknown(String),
    /// The last day is over.
    #[error("{0} is over; choose a later day\n{0} est passé ; choisissez un jour ultérieur")]
    Expired(Date),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

/// The secret of a key. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// A new one from the system's source of randomness.
    pub(crate) fn generate() -> Self {
        let mut bytes = [0; BYTES];
        OsRng.fill_bytes(&mut bytes);
        Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text that a reader sends.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The name under which the store knows a secret; none for what is no key.
fn sha256(secret: &str) -> Option<Vec<u8>> {
    let random = secret.strip_prefix(PREFIX)?;
    // 32 bytes are 43 characters; nothing longer is hashed.
    let is_key = random.len() == BYTES.div_ceil(3) * 4 - 1;
    is_key.then(|| Sha256::digest(secret.as_bytes()).to_vec())
}

/// A key that is to be made.
#[derive(Debug)]
pub(crate) struct NewKey<'a> {
    pub(crate) name: &'a str,
    pub(crate) scopes: &'a BTreeSet<Scope>,
    /// ISO 3166-1 alpha-3; none for all states.
    pub(crate) countries: &'a [String],
    pub(crate) created_by: &'a str,
    /// The last day on which it is good.
    pub(crate) expires_on: Option<Date>,
}

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Active,
    Expired,
    Revoked,
}

/// A key as it is listed: everything but the key.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) state: State,
    /// As `lots:read`.
    pub(crate) scopes: Vec<String>,
    /// ISO 3166-1 alpha-2; empty for all states.
    pub(crate) countries: Vec<String>,
    pub(crate) created_at_us: i64,
    pub(crate) created_by: String,
    pub(crate) expires_on: Option<String>,
    pub(crate) revoked_at_us: Option<i64>,
    /// Requests that were answered, and records in the answers.
    pub(crate) requests: i64,
    pub(crate) records: i64,
    pub(crate) last_used_us: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    name: String,
    scopes: String,
    countries: String,
    created_at_us: i64,
    created_by: String,
    expires_on: Option<String>,
    revoked_at_us: Option<i64>,
    requests: i64,
    records: i64,
    last_used_us: Option<i64>,
}

impl Row {
    fn key(self, now: Timestamp) -> Key {
        // ISO days are in the order of their text.
        let today = calendar_day(now).to_string();
        let is_over = self.expires_on.as_ref().is_some_and(|last| *last < today);
        let state = match (self.revoked_at_us, is_over) {
            (Some(_), _) => State::Revoked,
            (None, true) => State::Expired,
            (None, false) => State::Active,
        };
        Key {
            name: self.name,
            state,
            scopes: split(&self.scopes),
            countries: split(&self.countries),
            created_at_us: self.created_at_us,
            created_by: self.created_by,
            expires_on: self.expires_on,
            revoked_at_us: self.revoked_at_us,
            requests: self.requests,
            records: self.records,
            last_used_us: self.last_used_us,
        }
    }
}

fn split(words: &str) -> Vec<String> {
    words.split(';').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The scopes in which the hub is read: it takes nothing over HTTP.
pub(crate) fn scopes() -> [Scope; 3] {
    Collection::ALL.map(Scope::read)
}

/// Makes a key; its secret exists in the answer and nowhere else.
pub(crate) async fn create(
    connection: &mut AnyConnection,
    new: &NewKey<'_>,
    now: Timestamp,
) -> Result<(Key, Secret), Error> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !(1..=NAME_BYTES_MAX).contains(&new.name.len()) || !new.name.bytes().all(is_name) {
        return Err(Error::NameInvalid(new.name.to_owned()));
    }
    if let Some(day) = new.expires_on.filter(|day| *day < calendar_day(now)) {
        return Err(Error::Expired(day));
    }
    if find(&mut *connection, new.name, now).await?.is_some() {
        return Err(Error::NameTaken(new.name.to_owned()));
    }
    let alpha2 = |alpha3: &String| {
        rmd_standard::country::alpha2_of(alpha3)
            .ok_or_else(|| Error::CountryUnknown(alpha3.clone()))
    };
    let countries = new.countries.iter().map(alpha2).collect::<Result<BTreeSet<_>, _>>()?;
    let scopes: Vec<String> = new.scopes.iter().map(Scope::to_string).collect();
    let secret = Secret::generate();
    let digest = sha256(secret.expose()).expect("a new secret has the form of a key");
    let affected = sqlx::query(
        "INSERT INTO api_key
             (name, key_sha256, scopes, countries, created_at_us, created_by, expires_on,
              requests, records)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)",
    )
    .bind(new.name)
    .bind(digest)
    .bind(scopes.join(";"))
    .bind(countries.into_iter().collect::<Vec<_>>().join(";"))
    .bind(now.as_microsecond())
    .bind(new.created_by)
    .bind(new.expires_on.map(|day| day.to_string()))
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows("api_key", 1, affected)?;
    let key = find(connection, new.name, now).await?;
    Ok((key.ok_or_else(|| Error::Unknown(new.name.to_owned()))?, secret))
}

/// Every key, by name.
pub(crate) async fn all(
    connection: &mut AnyConnection,
    now: Timestamp,
) -> Result<Vec<Key>, store::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT name, scopes, countries, created_at_us, created_by, expires_on, revoked_at_us,
                requests, records, last_used_us
         FROM api_key
         ORDER BY name",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.key(now)).collect())
}

/// The key of that name.
async fn find(
    connection: &mut AnyConnection,
    name: &str,
    now: Timestamp,
) -> Result<Option<Key>, store::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT name, scopes, countries, created_at_us, created_by, expires_on, revoked_at_us,
                requests, records, last_used_us
         FROM api_key
         WHERE name = $1",
    )
    .bind(name)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.key(now)))
}

/// The key behind a secret, whatever its state.
pub(crate) async fn of_secret(
    connection: &mut AnyConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Key>, store::Error> {
    let Some(digest) = sha256(secret) else { return Ok(None) };
    let row: Option<Row> = sqlx::query_as(
        "SELECT name, scopes, countries, created_at_us, created_by, expires_on, revoked_at_us,
                requests, records, last_used_us
         FROM api_key
         WHERE key_sha256 = $1",
    )
    .bind(digest)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.key(now)))
}

/// Ends a key, in force at the next request. One that is revoked stays as it is.
pub(crate) async fn revoke(
    connection: &mut AnyConnection,
    name: &str,
    now: Timestamp,
) -> Result<Key, Error> {
    sqlx::query("UPDATE api_key SET revoked_at_us = $1 WHERE name = $2 AND revoked_at_us IS NULL")
        .bind(now.as_microsecond())
        .bind(name)
        .execute(&mut *connection)
        .await?;
    find(connection, name, now).await?.ok_or_else(|| Error::Unknown(name.to_owned()))
}

/// Adds what was read with a key.
pub(crate) async fn add_usage(
    connection: &mut AnyConnection,
    name: &str,
    (requests, records): (i64, i64),
    last_used_us: i64,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "UPDATE api_key SET
             requests = requests + $1,
             records = records + $2,
             last_used_us = $3
         WHERE name = $4",
    )
    .bind(requests)
    .bind(records)
    .bind(last_used_us)
    .bind(name)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("api_key", 1, affected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_random_and_not_shown() {
        let (first, second) = (Secret::generate(), Secret::generate());
        assert_ne!(first, second);
        assert_eq!(first.expose().len(), PREFIX.len() + 43);
        assert!(sha256(first.expose()).is_some());
        assert!(!format!("{first:?}").contains(&first.expose()[8..]));
    }

    #[test]
    fn what_has_not_the_form_of_a_key_is_not_looked_up() {
        let secret = Secret::generate();
        let text = secret.expose();
        for text in ["", PREFIX, &text[1..], &text[..text.len() - 1], &format!("{text}x")] {
            assert_eq!(sha256(text), None, "{text}");
        }
    }
}
