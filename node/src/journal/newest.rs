//! How far the revisions of records count, for who compares with them.

use std::collections::HashMap;

use rmd_standard::Entity;

use super::{Error, Store, ids, state::find_records};

/// Keys in one question.
const BATCH: usize = 512;

/// The last revision of each of these records of which one was appended.
pub(crate) async fn revisions(
    store: &Store,
    entity: Entity,
    keys: &[&str],
) -> Result<HashMap<String, u64>, Error> {
    let mut revisions = HashMap::new();
    let mut reader = store.readers().acquire().await?;
    for keys in keys.chunks(BATCH) {
        let hashes: Vec<i64> = keys.iter().map(|key| ids::hash(entity, key)).collect();
        for record in find_records(&mut reader, &hashes).await? {
            // A hash is shared, seldom: the key itself is compared.
            if record.rev > 0 && keys.contains(&record.key.as_str()) {
                revisions.insert(record.key, record.rev);
            }
        }
    }
    Ok(revisions)
}
