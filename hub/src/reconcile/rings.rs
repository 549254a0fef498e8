//! Lots that were in a ring when they were judged last.
//!
//! A ring that comes about is seen by what goes round in it. One that may have ended is
//! judged with all of its lots at once, which are found here.

use rmd_standard::Entity;

use super::{
    Reader, kept,
    load::{inputs_of, number_of},
    lots::{self, Numbers},
    shelf::{Held, KeySet},
};
use crate::store;

/// Lots that were in a ring with one of these, those among them.
pub(super) async fn of(reader: &mut Reader, lots: &KeySet) -> Result<KeySet, store::Error> {
    let mut found = KeySet::new();
    let mut level: KeySet = ringed(reader, lots).await?;
    while !level.is_empty() {
        let entity = Entity::Lot;
        let held = reader.shelf.fetch(&mut reader.records, entity, level.clone()).await?;
        let (mut own, mut named) = (Numbers::new(), Numbers::new());
        for held in &held {
            let Held::Lot(lot) = held else { continue };
            own.insert(number_of(lot));
            named.extend(inputs_of(lot));
        }
        let mut next = lots::of_inputs(&mut reader.records, &own).await?;
        let before = lots::of_numbers(&mut reader.records, &named).await?;
        next.extend(before.into_iter().map(|one| one.key));
        found.append(&mut level);
        next.retain(|key| !found.contains(key));
        level = ringed(reader, &next).await?;
    }
    Ok(found)
}

async fn ringed(reader: &mut Reader, lots: &KeySet) -> Result<KeySet, store::Error> {
    let keys: Vec<&str> = lots.iter().map(|key| &**key).collect();
    let kept = kept::custody(&mut reader.own, &keys).await?;
    Ok(kept.into_iter().filter(|(_, (_, is_in_ring))| *is_in_ring).map(|(key, _)| key).collect())
}
