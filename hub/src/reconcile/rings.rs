//! Lots that were in a ring when they were judged last.
//!
//! A ring that comes about is seen by what goes round in it: by lots that inherit something
//! else. Where none of them does, and none lay in a ring or beside one, a run over everything
//! sees it. One that may have ended or grown is judged with all of its lots at once, which
//! are found here.

use rmd_standard::Entity;

use super::{
    Reader, kept,
    load::{inputs_of, number_of},
    lots::{self, Numbers},
    shelf::{Held, KeySet},
};
use crate::store;

/// Lots that were in a ring with one of these, or beside one: what joins a ring changes
/// nothing that the ring hands on, and would not be seen to come round.
pub(super) async fn of(reader: &mut Reader, lots: &KeySet) -> Result<KeySet, store::Error> {
    let mut beside = around(reader, lots).await?;
    beside.extend(lots.iter().cloned());
    let mut found = KeySet::new();
    let mut level = ringed(reader, &beside).await?;
    while !level.is_empty() {
        let mut next = around(reader, &level).await?;
        found.append(&mut level);
        next.retain(|key| !found.contains(key));
        level = ringed(reader, &next).await?;
    }
    Ok(found)
}

/// Lots that may take from these, and those from which these may take.
async fn around(reader: &mut Reader, lots: &KeySet) -> Result<KeySet, store::Error> {
    let held = reader.shelf.fetch(&mut reader.records, Entity::Lot, lots.clone()).await?;
    let (mut own, mut named) = (Numbers::new(), Numbers::new());
    for held in &held {
        let Held::Lot(lot) = held else { continue };
        own.insert(number_of(lot));
        named.extend(inputs_of(lot));
    }
    let mut found = lots::of_inputs(&mut reader.records, &own).await?;
    let before = lots::of_numbers(&mut reader.records, &named).await?;
    found.extend(before.into_iter().map(|one| one.key));
    Ok(found)
}

async fn ringed(reader: &mut Reader, lots: &KeySet) -> Result<KeySet, store::Error> {
    let keys: Vec<&str> = lots.iter().map(|key| &**key).collect();
    let kept = kept::custody(&mut reader.own, &keys).await?;
    Ok(kept.into_iter().filter(|(_, (_, is_in_ring))| *is_in_ring).map(|(key, _)| key).collect())
}
