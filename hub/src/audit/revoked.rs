//! Revoked certificates of auditors, told to every node.
//!
//! A node may have named an auditor that the Secretariat revokes, so each revoked
//! certificate becomes a bulletin in the feed `shared`, with the row that says so in
//! one transaction. The nodes hold that feed: after the hub's store was put back from
//! a backup it has its bulletins again, and with them what was revoked since.

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::{BLOCK_ENTRIES_MAX, FeedKey, frame};
use rmd_proto::v1::{self, Op};
use sqlx::{AnyConnection, FromRow};

use super::{Error, epoch};
use crate::{
    share::{OwnFeed, log},
    store::Store,
};

/// Entity of the bulletins.
const REVOKED: &str = "RevokedCertificate";

/// A certificate that nodes do not know to be revoked.
#[derive(Debug, FromRow)]
struct Untold {
    serial: String,
    identity: String,
    revoked_at_us: i64,
    reason: Option<String>,
}

/// Publishes what was revoked and not told; how many certificates.
pub(super) async fn tell(
    store: &Store,
    (key, hub): (&FeedKey, &str),
    now: Timestamp,
) -> Result<usize, Error> {
    if untold(&mut *store.acquire().await?).await?.is_empty() {
        return Ok(0);
    }
    let mut transaction = store.begin().await?;
    let mut locked = log::lock(&mut transaction, &OwnFeed::shared(), hub).await?;
    let untold = untold(&mut transaction).await?;
    let entries: Vec<_> = untold
        .iter()
        .map(|one| {
            let revoked = v1::RevokedCertificate {
                serial: one.serial.clone(),
                identity: one.identity.clone(),
                revoked_at_us: one.revoked_at_us,
                ground: one.reason.clone().unwrap_or_default(),
            };
            epoch::entry(REVOKED, one.serial.clone(), revoked.encode_to_vec(), now)
        })
        .collect();
    for block in entries.chunks(BLOCK_ENTRIES_MAX) {
        log::append(&mut transaction, &mut locked, block, key, now).await?;
    }
    for one in &untold {
        sqlx::query("UPDATE auditor_certificate SET told = 1 WHERE serial = $1")
            .bind(&one.serial)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(untold.len())
}

/// Revokes again what the bulletins say, after the hub was restored.
pub(super) async fn keep_again(connection: &mut AnyConnection) -> Result<(), Error> {
    let feed = OwnFeed::shared();
    let mut after = 0;
    loop {
        let blocks = log::blocks_after(connection, &feed, after).await?;
        let Some(block) = blocks.first() else { return Ok(()) };
        after = block.last_seq;
        let frame = frame::build(feed.name(), feed.epoch(), &blocks[..1], block.first_seq - 1)?;
        for entry in frame::open(&frame)? {
            if entry.header.entity != REVOKED || entry.op() != Op::Upsert {
                continue;
            }
            let payload = entry.payload().unwrap_or_default();
            let Ok(revoked) = v1::RevokedCertificate::decode(payload) else { continue };
            sqlx::query(
                "UPDATE auditor_certificate SET
                     revoked_at_us = $1,
                     reason = $2,
                     told = 1
                 WHERE serial = $3 AND revoked_at_us IS NULL",
            )
            .bind(revoked.revoked_at_us)
            .bind(revoked.ground)
            .bind(revoked.serial)
            .execute(&mut *connection)
            .await?;
        }
    }
}

async fn untold(connection: &mut AnyConnection) -> Result<Vec<Untold>, Error> {
    Ok(sqlx::query_as(
        "SELECT c.serial, a.identity, c.revoked_at_us, c.reason
         FROM auditor_certificate c
         JOIN auditor a ON a.name = c.name
         WHERE c.revoked_at_us IS NOT NULL AND c.told = 0
         ORDER BY c.serial",
    )
    .fetch_all(connection)
    .await?)
}
