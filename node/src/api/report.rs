//! What the API can tell about itself: sizes and counts.

use std::path::Path;

use rmd_runtime::clock::SharedClock;
use rmd_standard::Entity;
use serde::Serialize;

use super::{
    Error, list,
    shelf::{Origin, origin_word},
    store::Store,
    terms,
};

/// One record type as the API has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EntityReport {
    /// Name of the entity.
    pub(crate) entity: &'static str,
    /// Records that were posted.
    pub(crate) posted: u64,
    /// Records of the national database that the node published.
    pub(crate) published: u64,
    /// Posted records that are not in the journal yet.
    pub(crate) pending: u64,
}

/// Every record type that the API shows; none if the API was never used here.
pub(crate) async fn entities(
    path: &Path,
    clock: SharedClock,
) -> Result<Option<Vec<EntityReport>>, Error> {
    if !path.is_file() {
        return Ok(None);
    }
    let store = Store::open(path, clock).await?;
    let mut reports = Vec::new();
    for entity in Entity::ALL.into_iter().filter(|entity| terms::is_shown(*entity)) {
        let words = [Origin::Posted, Origin::Published].map(|o| origin_word(entity.name(), o));
        let counts = list::counts(&store, &words).await?;
        let count = |word: &str| {
            counts.iter().find(|(term, _)| term == word).map_or(0, |(_, records)| *records)
        };
        let pending: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM intake WHERE entity = ?1")
            .bind(entity.name())
            .fetch_one(store.readers())
            .await?;
        reports.push(EntityReport {
            entity: entity.name(),
            posted: count(&words[0]),
            published: count(&words[1]),
            pending: u64::try_from(pending).unwrap_or(0),
        });
    }
    Ok(Some(reports))
}
