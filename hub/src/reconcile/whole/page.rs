//! Records page after page, in an order that does not change.

use std::{collections::BTreeMap, sync::Arc};

use rmd_reconcile::{part::Wanted, region::Region};
use rmd_standard::Entity;
use sqlx::Row as _;

use super::LOTS;
use crate::{
    reconcile::{
        Reader,
        shelf::{self, Held},
    },
    store,
};

/// Leaves the tags of which another page has the first lot: each is judged once.
pub(super) fn tell_once(wanted: &mut Wanted, region: &Region) {
    let mut first = BTreeMap::<(i32, &str), (i64, &Arc<str>)>::new();
    for lot in region.lots.values().filter(|lot| !lot.is_void) {
        let place = (lot.record.registered_at_us, &lot.named.key);
        for tag in &lot.record.tag {
            let known = first.entry((tag.scheme, &tag.identifier)).or_insert(place);
            *known = place.min(*known);
        }
    }
    let is_here = |(scheme, identifier): &(i32, String)| {
        first
            .get(&(*scheme, identifier.as_str()))
            .is_some_and(|(_, key)| wanted.lots.contains(*key))
    };
    let tags = wanted.tags.iter().filter(|tag| is_here(tag)).cloned().collect();
    wanted.tags = tags;
}

/// Records of a type after a key, in the order of keys.
pub(super) async fn page(
    reader: &mut Reader,
    entity: Entity,
    last: &str,
    limit: i64,
) -> Result<Vec<Held>, store::Error> {
    let rows = sqlx::query(
        "SELECT record_key, country, rev, op, payload
         FROM record
         WHERE entity = $1 AND record_key > $2 AND shadow = 0 AND op <> 'tombstone'
           AND payload IS NOT NULL
         ORDER BY record_key
         LIMIT $3",
    )
    .bind(entity.name())
    .bind(last)
    .bind(limit)
    .fetch_all(&mut *reader.records)
    .await?;
    let held = rows.iter().map(|row| shelf::held(entity, row));
    Ok(held.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// The next lots in the order of registration.
pub(super) async fn lots_after(
    reader: &mut Reader,
    last: &mut (i64, String),
) -> Result<Vec<Held>, store::Error> {
    let rows = sqlx::query(
        "SELECT l.record_key, r.country, r.rev, r.op, r.payload, l.registered_at_us
         FROM (SELECT record_key, registered_at_us
               FROM lot
               WHERE registered_at_us >= $1 AND (registered_at_us, record_key) > ($1, $2)
               ORDER BY registered_at_us, record_key
               LIMIT $3) l
         JOIN record r ON r.entity = 'Lot' AND r.record_key = l.record_key
         WHERE r.payload IS NOT NULL
         ORDER BY l.registered_at_us, l.record_key",
    )
    .bind(last.0)
    .bind(last.1.as_str())
    .bind(LOTS)
    .fetch_all(&mut *reader.records)
    .await?;
    if let Some(row) = rows.last() {
        *last = (row.try_get("registered_at_us")?, row.try_get("record_key")?);
    }
    let held = rows.iter().map(|row| shelf::held(Entity::Lot, row));
    Ok(held.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}
