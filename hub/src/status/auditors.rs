//! Who follows the hub from outside, for `status`.
//!
//! Owns nothing: reads what audit/ keeps, in one listing, and the address of the
//! configuration. Auditors are few; each was invited by an officer.

use serde::Serialize;
use sqlx::AnyConnection;

use crate::{
    audit::registry::{self, Auditor},
    config::Config,
    share::{OwnFeed, log},
};

/// The auditors, and what they can follow.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AuditStatus {
    /// Where they are answered, as it is configured; none for nowhere.
    pub(crate) listen: Option<String>,
    /// Entries of the feed `checkpoints` in the epoch that is written.
    pub(crate) published: u64,
    /// Those with a certificate that counts.
    pub(crate) auditors: Vec<Auditor>,
    /// How many others there were.
    pub(crate) revoked: usize,
}

/// Reads them.
pub(super) async fn read(
    connection: &mut AnyConnection,
    config: &Config,
) -> Result<AuditStatus, super::Error> {
    let published = match log::epoch(connection, OwnFeed::CHECKPOINTS).await? {
        Some(epoch) => log::head(connection, &OwnFeed::checkpoints(epoch)).await?.size,
        None => 0,
    };
    let all = registry::all(connection).await?;
    let known = all.len();
    let auditors: Vec<Auditor> =
        all.into_iter().filter(|auditor| auditor.certificates > 0).collect();
    let listen = config.audit.listen().map(|address| address.to_string());
    Ok(AuditStatus { listen, published, revoked: known - auditors.len(), auditors })
}
