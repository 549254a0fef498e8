//! The certificates that nodes were given, and those of them that are void.
//!
//! Owns the tables `issued_certificate` and `denied_certificate`. Several certificates
//! of a node are good at a time, because each is renewed long before its end; a
//! revocation takes them all.

use jiff::Timestamp;
use rmd_link::{Credentials, Peer};
use rmd_proto::{Code, Fault};
use rmd_runtime::lifecycle::chain;
use sqlx::AnyConnection;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{LOOK_INTERVAL, Standing};
use crate::{
    registry::Error,
    store::{self, Store, expect_rows},
};

/// Notes a certificate that a node gets.
pub(crate) async fn issued(
    connection: &mut AnyConnection,
    node_id: &str,
    serial: &str,
    not_after: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO issued_certificate (serial, node_id, issued_at_us, not_after_us)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(serial)
    .bind(node_id)
    .bind(now.as_microsecond())
    .bind(not_after.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("issued_certificate", 1, affected)?)
}

/// Puts every certificate that a node has on the deny-list.
pub(in crate::registry) async fn deny_issued(
    connection: &mut AnyConnection,
    node_id: &str,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO denied_certificate (serial, node_id, denied_at_us)
         SELECT serial, node_id, $1 FROM issued_certificate WHERE node_id = $2
         ON CONFLICT (serial) DO NOTHING",
    )
    .bind(now.as_microsecond())
    .bind(node_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Hands the deny-list of the store to the acceptors and the dials.
pub(crate) async fn deny(store: &Store, credentials: &Credentials) -> Result<(), Error> {
    let serials: Vec<(String,)> = sqlx::query_as("SELECT serial FROM denied_certificate")
        .fetch_all(&mut *store.acquire().await?)
        .await?;
    credentials.deny(serials.into_iter().map(|(serial,)| serial));
    Ok(())
}

/// Keeps the deny-list of a running hub that of the store.
pub(crate) async fn watch(
    store: Store,
    credentials: Credentials,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    loop {
        if let Err(error) = deny(&store, &credentials).await {
            warn!(error = chain(&error), "deny-list cannot be read, the last one holds");
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(LOOK_INTERVAL) => {}
        }
    }
}

/// Refuses a peer whose certificate is on the list of the store, which the acceptor may
/// not have yet, or is from before the last revocation of its node.
pub(crate) async fn check(
    connection: &mut AnyConnection,
    peer: &Peer,
    standing: &Standing,
) -> Result<Result<(), Fault>, store::Error> {
    let denied: Option<(String,)> =
        sqlx::query_as("SELECT serial FROM denied_certificate WHERE serial = $1")
            .bind(&peer.serial)
            .fetch_optional(connection)
            .await?;
    if denied.is_none() && !standing.voids(peer.not_after) {
        return Ok(Ok(()));
    }
    let message = "the node's certificate was revoked\nle certificat du nœud a été révoqué";
    Ok(Err(Fault::new(Code::CertificateRevoked, message)))
}
