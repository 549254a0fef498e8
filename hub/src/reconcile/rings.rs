//! Lots that were in a ring when they were judged last.
//!
//! A ring that comes about is seen by what goes round in it: the rank of its lots. One of
//! which a lot is judged is judged with all of its lots at once, which are found here: it
//! may have ended, or grown.

use rmd_standard::Entity;

use super::{
    Reader, kept,
    load::inputs_of,
    lots::{self, Numbers},
    shelf::{Held, KeySet},
};
use crate::store;

/// Every lot of the rings in which these are, and of rings beside them.
pub(super) async fn of(reader: &mut Reader, ringed: KeySet) -> Result<KeySet, store::Error> {
    let (mut found, mut level) = (KeySet::new(), ringed);
    while !level.is_empty() {
        let mut next = before(reader, &level).await?;
        next.extend(after(reader, &level).await?);
        found.append(&mut level);
        next.retain(|key| !found.contains(key));
        level = ringed_of(reader, &next).await?;
    }
    Ok(found)
}

/// Lots from which these may take.
pub(super) async fn before(reader: &mut Reader, lots: &KeySet) -> Result<KeySet, store::Error> {
    let held = reader.shelf.fetch(&mut reader.records, Entity::Lot, lots.iter().cloned()).await?;
    let lots = held.iter().filter_map(|held| match held {
        Held::Lot(lot) => Some(lot),
        _ => None,
    });
    let named: Numbers = lots.flat_map(|lot| inputs_of(lot)).collect();
    let found = lots::of_numbers(&mut reader.records, &named).await?;
    Ok(found.into_iter().map(|one| one.key).collect())
}

/// Lots that may take from these, also from such that are gone.
async fn after(reader: &mut Reader, lots: &KeySet) -> Result<KeySet, store::Error> {
    let numbers: Numbers = lots.iter().map(|key| lots::number_in(key)).collect();
    lots::of_inputs(&mut reader.records, &numbers).await
}

async fn ringed_of(reader: &mut Reader, lots: &KeySet) -> Result<KeySet, store::Error> {
    let keys: Vec<&str> = lots.iter().map(|key| &**key).collect();
    let kept = kept::custody(&mut reader.own, &keys).await?;
    Ok(kept.into_iter().filter(|(_, (_, is_in_ring))| *is_in_ring).map(|(key, _)| key).collect())
}
