//! What a bundle says beside its frames.
//!
//! Which of two bundles of a feed is the later is said by the feed itself: its epoch
//! and size only grow. The instant in a manifest is by the clock of the node, which may
//! be years ahead; it decides between two of one size alone, and counts for no later
//! than the import.

use rmd_feed::{FeedVerifier, bundle::Manifest};
use sqlx::AnyConnection;

use super::{Bundles, Error, read::Checked};
use crate::{
    follow::exchange,
    recover::acknowledged,
    share::{self, OwnFeed, delivery, log},
};

impl Bundles {
    /// Keeps what a newer bundle says beside its frames: the counts of the node, and
    /// how far it is in the hub's feeds. An older one changes nothing. Sentences where
    /// it tells that the hub lost entries of its own.
    pub(super) async fn note(&self, file: &Checked) -> Result<Vec<String>, Error> {
        let (node_id, message) = (&file.node.id, file.manifest.message());
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        if is_newer(&mut transaction, file, now.as_microsecond()).await? {
            let state = file.manifest.state();
            exchange::write_counts(&mut transaction, node_id, state, now.as_microsecond()).await?;
        }
        for cursor in &message.acknowledged {
            let feeds = OwnFeed::of_node(node_id);
            let Some(feed) = feeds.iter().find(|feed| feed.name() == cursor.feed) else { continue };
            let known = delivery::find(&mut transaction, node_id, feed).await?;
            let known = known.map_or(0, |known| known.cursor.cast_unsigned());
            let ours = log::checkpoint_at(&mut transaction, feed, cursor.cursor).await?;
            // Ed25519 signs deterministically: the same root is the same note.
            if cursor.cursor > known && ours.as_ref() == Some(&cursor.checkpoint) {
                let applied = cursor.cursor;
                let outcome = delivery::Outcome { from: known, delivered: applied, applied };
                delivery::succeeded(&mut transaction, node_id, feed, outcome, now).await?;
            }
        }
        let hub = self.network.identity.owner();
        let verifier =
            FeedVerifier::parse(&self.network.hub_feed_vkey).map_err(share::Error::Feed)?;
        let signer = (hub.as_str(), &verifier);
        let now_us = now.as_microsecond();
        let told = acknowledged::heard(&mut transaction, node_id, message, signer, now_us).await?;
        transaction.commit().await?;
        Ok(told)
    }
}

/// By what bundles of one feed are ordered.
pub(super) fn order(manifest: &Manifest) -> (u32, u64, i64) {
    let state = manifest.state();
    (state.epoch, state.size, manifest.message().created_at_us)
}

/// Whether a bundle was made after everything that is known of its feed.
async fn is_newer(
    connection: &mut AnyConnection,
    file: &Checked,
    now_us: i64,
) -> Result<bool, Error> {
    let (epoch, size, made_at_us) = order(&file.manifest);
    let made_at_us = made_at_us.min(now_us);
    let greeted: Option<(Option<i64>,)> =
        sqlx::query_as("SELECT last_success_us FROM exchange WHERE node_id = $1")
            .bind(&file.node.id)
            .fetch_optional(&mut *connection)
            .await?;
    if greeted.and_then(|(at,)| at).is_some_and(|at| at >= made_at_us) {
        return Ok(false);
    }
    let affected = sqlx::query(
        "INSERT INTO bundle_state (node_id, feed, made_at_us, epoch, size)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (node_id, feed) DO UPDATE SET
             made_at_us = excluded.made_at_us,
             epoch = excluded.epoch,
             size = excluded.size
         WHERE bundle_state.epoch < excluded.epoch
            OR (bundle_state.epoch = excluded.epoch
                AND (bundle_state.size < excluded.size
                     OR (bundle_state.size = excluded.size
                         AND bundle_state.made_at_us < excluded.made_at_us)))",
    )
    .bind(&file.node.id)
    .bind(&file.manifest.state().feed)
    .bind(made_at_us)
    .bind(i64::from(epoch))
    .bind(i64::try_from(size).unwrap_or(i64::MAX))
    .execute(connection)
    .await?
    .rows_affected();
    Ok(affected == 1)
}
