//! Letting go of the row of a sheet.
//!
//! A file that lacks a row says nothing of its record, so a person has to say
//! that it is gone, or that it comes from the database from now on. Owns the
//! order: first the note that what earlier files say counts no more, then the
//! tombstone, so that a crash in between is repaired by the same command.
//! Refuses a key that no sheet gave. A later file may bring the record again.

use rmd_standard::Entity;

use super::{error::Error, import, ledger};
use crate::journal::{Applied, Item, Journal, Mode, report};

/// Lets go of a record that came in a sheet; one that was published gets a tombstone,
/// unless a row of the database waits for it.
pub(crate) async fn forget(
    journal: &Journal,
    entity: Option<Entity>,
    key: &str,
) -> Result<(Entity, Applied), Error> {
    let mut found = Vec::new();
    for candidate in Entity::ALL.into_iter().filter(|known| entity.is_none_or(|own| own == *known))
    {
        if report::is_there(journal.store(), candidate, Mode::Sheet, key).await? {
            found.push(candidate);
        }
    }
    let entity = match found.as_slice() {
        [] => return Err(Error::NoRow { key: key.to_owned() }),
        [one] => *one,
        several => {
            let names: Vec<&str> = several.iter().map(|entity| entity.name()).collect();
            return Err(Error::SeveralRows { key: key.to_owned(), found: names.join(", ") });
        }
    };
    ledger::forget(journal.store(), entity, key).await?;
    let gone = Item::Gone { source_key: key.to_owned() };
    let applied = journal.apply(import::batch(entity, vec![gone], None)).await?;
    Ok((entity, applied))
}
