//! Invitations: a single-use right to enrol one node of one state.
//!
//! Only the SHA-256 of the secret is kept: who reads the store can enrol
//! nobody. A used invitation keeps the SHA-256 of the request and the answer, so
//! that the same request gets the same answer and any other is refused.

use jiff::Timestamp;
use rmd_link::{
    Identity,
    enrol::{Secret, Token},
};
use rmd_standard::country;
use serde::Serialize;
use sqlx::{AnyConnection, Row as _};

use super::{Error, malformed, network};
use crate::{config::Config, store::Store};

/// A fresh invitation. The token exists here and on paper, nowhere else.
#[derive(Debug)]
pub(crate) struct Invited {
    pub(crate) node_id: String,
    pub(crate) token: Token,
    pub(crate) expires_at: Timestamp,
}

/// An invitation that can still be used.
#[derive(Debug, Serialize)]
pub(crate) struct Open {
    pub(crate) node: String,
    pub(crate) country: String,
    pub(crate) created_at_us: i64,
    pub(crate) expires_at_us: i64,
}

/// An invitation as the enrolment service finds it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) country: String,
    pub(super) name: String,
    pub(super) expires_at: Timestamp,
    /// SHA-256 of the request and the answer, once used.
    pub(super) used: Option<(Vec<u8>, Vec<u8>)>,
}

/// Makes an invitation for a node of a member state.
pub(crate) async fn invite(
    store: &Store,
    config: &Config,
    (alpha3, name): (&str, &str),
    is_new_epoch: bool,
    now: Timestamp,
) -> Result<Invited, Error> {
    if country::alpha2_of(alpha3).is_none() {
        return Err(Error::CountryUnknown(alpha3.to_owned()));
    }
    let mut transaction = store.begin().await?;
    let network = network::load(&mut transaction, config).await?;
    let identity = Identity::node(&network.name, alpha3, name)
        .map_err(|_| Error::NameInvalid(name.to_owned()))?;
    let secret = Secret::generate();
    let lifetime = config.enrol.invitation_lifetime;
    let expires_at = now.saturating_add(lifetime).map_err(malformed("lifetime"))?;
    insert(&mut transaction, secret, &identity.node_id(), (alpha3, name), now, expires_at).await?;
    if is_new_epoch {
        sqlx::query("UPDATE invitation SET new_epoch = 1 WHERE secret_sha256 = $1")
            .bind(secret.sha256().to_vec())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    let token = Token {
        root_sha256: network.root_sha256()?,
        network: network.name,
        hub_address: network.enrol_address,
        country: alpha3.to_owned(),
        name: name.to_owned(),
        secret,
    };
    Ok(Invited { node_id: identity.node_id(), token, expires_at })
}

async fn insert(
    connection: &mut AnyConnection,
    secret: Secret,
    node_id: &str,
    (country, name): (&str, &str),
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO invitation
             (secret_sha256, node_id, country, name, created_at_us, expires_at_us)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(secret.sha256().to_vec())
    .bind(node_id)
    .bind(country)
    .bind(name)
    .bind(now.as_microsecond())
    .bind(expires_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Invitations that are neither used nor over.
pub(crate) async fn open(
    connection: &mut AnyConnection,
    now: Timestamp,
) -> Result<Vec<Open>, Error> {
    let rows = sqlx::query(
        "SELECT node_id, country, created_at_us, expires_at_us
         FROM invitation
         WHERE used_at_us IS NULL AND expires_at_us > $1 AND country <> ''
         ORDER BY node_id, created_at_us",
    )
    .bind(now.as_microsecond())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Open {
                node: row.try_get("node_id")?,
                country: row.try_get("country")?,
                created_at_us: row.try_get("created_at_us")?,
                expires_at_us: row.try_get("expires_at_us")?,
            })
        })
        .collect()
}

/// The invitation behind a secret; none if nobody was invited with it.
pub(super) async fn find(
    connection: &mut AnyConnection,
    secret: Secret,
) -> Result<Option<Found>, Error> {
    let row = sqlx::query(
        "SELECT country, name, expires_at_us, request_sha256, response
         FROM invitation
         WHERE secret_sha256 = $1",
    )
    .bind(secret.sha256().to_vec())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let request: Option<Vec<u8>> = row.try_get("request_sha256")?;
    let response: Option<Vec<u8>> = row.try_get("response")?;
    Ok(Some(Found {
        country: row.try_get("country")?,
        name: row.try_get("name")?,
        expires_at: Timestamp::from_microsecond(row.try_get("expires_at_us")?)
            .map_err(malformed("invitation.expires_at_us"))?,
        used: request.zip(response),
    }))
}

/// Whether an invitation lets a known node come with a new feed key.
pub(super) async fn is_new_epoch(
    connection: &mut AnyConnection,
    secret: Secret,
) -> Result<bool, Error> {
    let row = sqlx::query("SELECT new_epoch FROM invitation WHERE secret_sha256 = $1")
        .bind(secret.sha256().to_vec())
        .fetch_optional(connection)
        .await?;
    let new_epoch: i64 = row.map(|row| row.try_get("new_epoch")).transpose()?.unwrap_or(0);
    Ok(new_epoch != 0)
}

/// Uses an invitation up. False if somebody else was faster, or it was withdrawn.
pub(super) async fn use_up(
    connection: &mut AnyConnection,
    secret: Secret,
    request_sha256: &[u8],
    response: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let affected = sqlx::query(
        "UPDATE invitation SET
             used_at_us = $1,
             request_sha256 = $2,
             response = $3
         WHERE secret_sha256 = $4 AND used_at_us IS NULL AND expires_at_us >= $1",
    )
    .bind(now.as_microsecond())
    .bind(request_sha256.to_vec())
    .bind(response.to_vec())
    .bind(secret.sha256().to_vec())
    .execute(connection)
    .await?
    .rows_affected();
    Ok(affected == 1)
}
