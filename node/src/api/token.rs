//! Who may use the API.
//!
//! Owns the table `token` and the form of a token: `rmdn_` and 32 random bytes.
//! Only its SHA-256 is kept, so that nobody who reads the file can use it; it is
//! shown once, when it is made. Every token is compared in constant time. A
//! token that is revoked, by whatever process, is refused within
//! [`KNOWN_FOR`].

use std::{
    collections::HashSet,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{RngCore as _, rngs::OsRng};
use rmd_api::{Access, Denied, Scope};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;

use super::{Error, store::Store};

/// How long the tokens are known before they are read again.
const KNOWN_FOR: Duration = Duration::from_secs(1);

/// How often the last use of a token is written down.
const USE_NOTED_US: i64 = 60 * 1_000_000;

/// What every token begins with, so that one in a log or a repository is found.
const PREFIX: &str = "rmdn_";

/// More than any name that a person gives.
const NAME_BYTES_MAX: usize = 100;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Rights {
    /// GET and GraphQL.
    pub(crate) read: bool,
    /// POST and PUT.
    pub(crate) write: bool,
}

/// A token as it is listed; never the token itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Listed {
    /// Its name.
    pub(crate) name: String,
    /// GET and GraphQL.
    pub(crate) may_read: bool,
    /// POST and PUT.
    pub(crate) may_write: bool,
    /// When it was made, UTC microseconds.
    pub(crate) created_at_us: i64,
    /// When it was last used, to the minute.
    pub(crate) last_used_us: Option<i64>,
    /// When it was revoked.
    pub(crate) revoked_at_us: Option<i64>,
}

/// A secret that is shown once.
pub(crate) struct Secret(String);

impl Secret {
    /// The token, for whoever asked for it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unmade {
    /// A token of that name is in use.
    #[error(
        "a token named `{0}` is in use; revoke it first or choose another name / un jeton de ce nom est en service ; révoquez-le d'abord ou choisissez un autre nom"
    )]
    Taken(String),
    /// The name is empty or too long.
    #[error(
        "a token's name has 1 to {NAME_BYTES_MAX} bytes / un nom de jeton a 1 à {NAME_BYTES_MAX} octets"
    )]
    Name,
    /// The token could do nothing.
    #[error("give the token --read, --write or both / donnez au jeton --read, --write ou les deux")]
    Useless,
    /// The file cannot be written.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Makes a token.
pub(crate) async fn create(store: &Store, name: &str, rights: Rights) -> Result<Secret, Unmade> {
    if name.trim().is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(Unmade::Name);
    }
    if !rights.read && !rights.write {
        return Err(Unmade::Useless);
    }
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let mut writing = store.write().await?;
    let mut transaction = writing.begin().await?;
    let written = sqlx::query(
        "INSERT INTO token (name, hash, may_read, may_write, created_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) WHERE revoked_at_us IS NULL DO NOTHING",
    )
    .bind(name)
    .bind(hash(&secret).as_slice())
    .bind(rights.read)
    .bind(rights.write)
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await
    .map_err(Error::from)?;
    transaction.commit().await.map_err(Error::from)?;
    if written.rows_affected() == 0 {
        return Err(Unmade::Taken(name.to_owned()));
    }
    Ok(Secret(secret))
}

/// Revokes the token of that name; whether there was one.
pub(crate) async fn revoke(store: &Store, name: &str) -> Result<bool, Error> {
    let mut writing = store.write().await?;
    let mut transaction = writing.begin().await?;
    let written = sqlx::query(
        "UPDATE token SET revoked_at_us = ?2 WHERE name = ?1 AND revoked_at_us IS NULL",
    )
    .bind(name)
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(written.rows_affected() > 0)
}

/// Every token, revoked ones included.
pub(crate) async fn list(store: &Store) -> Result<Vec<Listed>, Error> {
    Ok(sqlx::query_as(
        "SELECT name,
                may_read,
                may_write,
                created_at_us,
                last_used_us,
                revoked_at_us
         FROM token
         ORDER BY token_id",
    )
    .fetch_all(store.readers())
    .await?)
}

#[derive(Debug, Clone, FromRow)]
struct Known {
    token_id: i64,
    hash: Vec<u8>,
    may_read: bool,
    may_write: bool,
    last_used_us: Option<i64>,
}

/// The tokens in force, as they were read last.
#[derive(Debug, Clone)]
pub(super) struct Tokens {
    store: Store,
    cache: Arc<Mutex<Cache>>,
}

#[derive(Debug, Default)]
struct Cache {
    read_at: Option<Instant>,
    known: Arc<[Known]>,
    used: HashSet<i64>,
}

impl Tokens {
    pub(super) fn new(store: Store) -> Self {
        Self { store, cache: Arc::default() }
    }

    /// Whether the bearer of a secret may do that.
    pub(super) async fn check(&self, secret: &str, scope: Scope) -> Result<(), Denied> {
        let known = self.known().await.map_err(|error| Denied::Unavailable(error.into()))?;
        let hash = hash(secret);
        let mut found = None;
        // All of them, whichever it is: the time must not tell.
        for token in known.iter() {
            if bool::from(token.hash.as_slice().ct_eq(&hash)) {
                found = Some(token);
            }
        }
        let token = found.ok_or(Denied::Invalid)?;
        let may = match scope.access {
            Access::Read => token.may_read,
            Access::Write => token.may_write,
        };
        if !may {
            return Err(Denied::Forbidden(scope));
        }
        self.cache.lock().await.used.insert(token.token_id);
        Ok(())
    }

    async fn known(&self) -> Result<Arc<[Known]>, Error> {
        let mut cache = self.cache.lock().await;
        if cache.read_at.is_none_or(|read_at| read_at.elapsed() > KNOWN_FOR) {
            let known: Vec<Known> = sqlx::query_as(
                "SELECT token_id,
                        hash,
                        may_read,
                        may_write,
                        last_used_us
                 FROM token
                 WHERE revoked_at_us IS NULL",
            )
            .fetch_all(self.store.readers())
            .await?;
            // Who may read is not refused because a date cannot be written: the disk may
            // be full, or the file copied. It is noted the next time.
            match note_used(&self.store, &known, &cache.used).await {
                Ok(()) => cache.used.clear(),
                Err(error) => {
                    let error = rmd_runtime::lifecycle::chain(&error);
                    tracing::warn!(error, "use of api tokens not written");
                }
            }
            cache.known = known.into();
            cache.read_at = Some(Instant::now());
        }
        Ok(Arc::clone(&cache.known))
    }
}

/// Writes down which tokens were used, each once a minute.
async fn note_used(store: &Store, known: &[Known], used: &HashSet<i64>) -> Result<(), Error> {
    let now_us = store.now_us();
    let is_due = |token: &&Known| {
        used.contains(&token.token_id)
            && token.last_used_us.is_none_or(|last| now_us - last >= USE_NOTED_US)
    };
    let due: Vec<i64> = known.iter().filter(is_due).map(|token| token.token_id).collect();
    if due.is_empty() {
        return Ok(());
    }
    let mut writing = store.write_soft().await?;
    let mut transaction = writing.begin().await?;
    sqlx::query(
        "UPDATE token SET last_used_us = ?2
         WHERE token_id IN (SELECT value FROM json_each(?1))",
    )
    .bind(serde_json::Value::from(due).to_string())
    .bind(now_us)
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use rmd_api::Collection;

    use super::{super::testing::World, *};

    #[tokio::test]
    async fn who_may_read_reads_while_nothing_can_be_written() {
        let world = World::live().await;
        let rights = Rights { read: true, write: false };
        let secret = create(&world.store, "reader", rights).await.unwrap();
        let mut writing = world.store.write().await.unwrap();
        let mut transaction = writing.begin().await.unwrap();
        sqlx::query(
            "CREATE TRIGGER full BEFORE UPDATE ON token BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        drop(writing);
        let tokens = Tokens::new(world.store.clone());
        // The only token was used since the tokens were read last.
        tokens.cache.lock().await.used.insert(1);
        let scope = Scope::read(Collection::Lots);
        assert!(tokens.check(secret.reveal(), scope).await.is_ok());
        assert_eq!(list(&world.store).await.unwrap()[0].last_used_us, None);
        assert!(tokens.cache.lock().await.used.contains(&1), "it is noted later");
    }
}
