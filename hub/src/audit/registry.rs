//! The auditors: who was invited, who enrolled, whose certificates still count.
//!
//! Owns the tables `auditor` and `auditor_certificate`. Denied by default: a call is
//! answered only for a certificate that is here and was not revoked. An invitation is
//! one of those of the registry, of no state.

use jiff::Timestamp;
use rmd_link::{
    Identity,
    authority::Issued,
    enrol::{Secret, Token},
};
use rmd_proto::{Code, Fault};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use crate::{
    config::Config,
    recover::Word,
    registry::{self, network},
    store::{self, Store, expect_rows},
};

/// A fresh invitation. The token exists here and on paper, nowhere else.
#[derive(Debug)]
pub(crate) struct Invited {
    pub(crate) name: String,
    pub(crate) token: Token,
    pub(crate) expires_at: Timestamp,
}

/// An auditor as officers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Auditor {
    pub(crate) name: String,
    pub(crate) identity: String,
    pub(crate) enrolled_at_us: i64,
    /// Epoch of `checkpoints` that it last said to have.
    pub(crate) epoch: i64,
    /// Entries of it.
    pub(crate) cursor: i64,
    pub(crate) seen_at_us: Option<i64>,
    /// Certificates that count.
    pub(crate) certificates: i64,
    /// Certificates that were revoked.
    pub(crate) revoked: i64,
}

/// Makes an invitation for an auditor.
pub(crate) async fn invite(
    store: &Store,
    config: &Config,
    name: &str,
    now: Timestamp,
) -> Result<Invited, registry::Error> {
    let mut transaction = store.begin().await?;
    let network = network::load(&mut transaction, config).await?;
    let identity = Identity::auditor(&network.name, name)
        .map_err(|_| registry::Error::NameInvalid(name.to_owned()))?;
    let secret = Secret::generate();
    let lifetime = jiff::SignedDuration::try_from(config.enrol.invitation_lifetime);
    let expires_at = lifetime.ok().and_then(|lifetime| now.checked_add(lifetime).ok());
    let expires_at = expires_at.unwrap_or(Timestamp::MAX);
    sqlx::query(
        "INSERT INTO invitation
             (secret_sha256, node_id, country, name, created_at_us, expires_at_us)
         VALUES ($1, $2, '', $3, $4, $5)",
    )
    .bind(secret.sha256().to_vec())
    .bind(identity.node_id())
    .bind(name)
    .bind(now.as_microsecond())
    .bind(expires_at.as_microsecond())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let token = Token {
        root_sha256: network.root_sha256()?,
        network: network.name,
        hub_address: network.enrol_address,
        country: String::new(),
        name: name.to_owned(),
        secret,
    };
    Ok(Invited { name: name.to_owned(), token, expires_at })
}

/// Every auditor, by name.
pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<Auditor>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT a.name, a.identity, a.enrolled_at_us, a.epoch, a.cursor, a.seen_at_us,
                (SELECT COUNT(*)
                 FROM auditor_certificate c
                 WHERE c.name = a.name AND c.revoked_at_us IS NULL) AS certificates,
                (SELECT COUNT(*)
                 FROM auditor_certificate c
                 WHERE c.name = a.name AND c.revoked_at_us IS NOT NULL) AS revoked
         FROM auditor a
         ORDER BY a.name",
    )
    .fetch_all(connection)
    .await?)
}

/// Names with an invitation that is neither used nor over, and its end.
pub(crate) async fn invited(
    connection: &mut AnyConnection,
    now: Timestamp,
) -> Result<Vec<(String, i64)>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT name, expires_at_us
         FROM invitation
         WHERE country = '' AND used_at_us IS NULL AND expires_at_us > $1
         ORDER BY name, created_at_us",
    )
    .bind(now.as_microsecond())
    .fetch_all(connection)
    .await?)
}

/// Keeps a certificate that was issued to an auditor.
pub(crate) async fn issued(
    connection: &mut AnyConnection,
    (name, identity): (&str, &Identity),
    issued: &Issued,
    now: Timestamp,
) -> Result<(), store::Error> {
    sqlx::query(
        "INSERT INTO auditor (name, identity, enrolled_at_us, epoch, cursor)
         VALUES ($1, $2, $3, 0, 0)
         ON CONFLICT (name) DO UPDATE SET identity = excluded.identity",
    )
    .bind(name)
    .bind(identity.to_string())
    .bind(now.as_microsecond())
    .execute(&mut *connection)
    .await?;
    let affected = sqlx::query(
        "INSERT INTO auditor_certificate (serial, name, issued_at_us, not_after_us)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(&issued.serial)
    .bind(name)
    .bind(now.as_microsecond())
    .bind(issued.not_after.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("auditor_certificate", 1, affected)
}

/// Revokes every certificate of an auditor, and its open invitations; how many
/// certificates.
pub(crate) async fn revoke(
    connection: &mut AnyConnection,
    name: &str,
    word: &Word,
    now: Timestamp,
) -> Result<u64, registry::Error> {
    let revoked = sqlx::query(
        "UPDATE auditor_certificate SET
             revoked_at_us = $1,
             revoked_by = $2,
             reason = $3
         WHERE name = $4 AND revoked_at_us IS NULL",
    )
    .bind(now.as_microsecond())
    .bind(&word.by)
    .bind(&word.reason)
    .bind(name)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let invitations = sqlx::query(
        "UPDATE invitation SET expires_at_us = $1
         WHERE country = '' AND name = $2 AND used_at_us IS NULL AND expires_at_us > $1",
    )
    .bind(now.as_microsecond())
    .bind(name)
    .execute(connection)
    .await?
    .rows_affected();
    if revoked == 0 && invitations == 0 {
        return Err(registry::Error::AuditorUnknown(name.to_owned()));
    }
    Ok(revoked)
}

/// Refuses a certificate that is not known, or was revoked.
pub(crate) async fn admit(
    connection: &mut AnyConnection,
    name: &str,
    serial: &str,
) -> Result<Result<(), Fault>, store::Error> {
    let row: Option<(Option<i64>,)> = sqlx::query_as(
        "SELECT revoked_at_us
         FROM auditor_certificate
         WHERE serial = $1 AND name = $2",
    )
    .bind(serial)
    .bind(name)
    .fetch_optional(connection)
    .await?;
    Ok(match row {
        Some((None,)) => Ok(()),
        Some((Some(_),)) => Err(Fault::new(
            Code::CertificateRevoked,
            "the certificate was revoked\nle certificat a été révoqué",
        )),
        None => Err(Fault::new(
            Code::RoleForbidden,
            "no auditor is enrolled with this certificate\n\
             aucun auditeur n'est inscrit avec ce certificat",
        )),
    })
}

/// Notes how far an auditor says to be.
pub(crate) async fn seen(
    connection: &mut AnyConnection,
    name: &str,
    (epoch, cursor): (u32, u64),
    now: Timestamp,
) -> Result<(), store::Error> {
    sqlx::query(
        "UPDATE auditor SET epoch = $1, cursor = $2, seen_at_us = $3
         WHERE name = $4",
    )
    .bind(i64::from(epoch))
    .bind(i64::try_from(cursor).unwrap_or(i64::MAX))
    .bind(now.as_microsecond())
    .bind(name)
    .execute(connection)
    .await?;
    Ok(())
}
