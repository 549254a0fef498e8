//! What this node can show to others: about its own feeds as the hub claims
//! them, and about the hub's.

use rmd_feed::evidence::{self, Statement};

use crate::journal::{Error, FEEDS, Store, recovery};

/// The evidence about a feed; none if there is none. `hub_vkey` is the key of the
/// hub that was pinned at the enrolment.
pub(crate) async fn of_feed(
    store: &Store,
    feed: &str,
    hub_vkey: &str,
) -> Result<Option<String>, Error> {
    if FEEDS.contains(&feed) {
        let lost = recovery::find(store.readers(), feed).await?;
        return Ok(lost.map(|lost| lost.evidence).filter(|evidence| !evidence.is_empty()));
    }
    let kept: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT evidence FROM inbox_feed WHERE feed = ?1 AND state = 'frozen'")
            .bind(feed)
            .fetch_optional(store.readers())
            .await?;
    let Some(kept) = kept else { return Ok(None) };
    let pair = evidence::read(&kept);
    Ok(pair.and_then(|(held, offered)| {
        let statement = Statement {
            key: hub_vkey.to_owned(),
            held: held?.to_owned(),
            offered: offered.to_owned(),
            extension: None,
        };
        Some(statement.to_text())
    }))
}
