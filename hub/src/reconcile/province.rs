//! Which sites lie in one province.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rmd_reconcile::names::Name;
use rmd_standard::Entity;

use super::{Reader, directory::Directory, shelf::Held};
use crate::store;

/// What a site yielded: site, mineral and month.
pub(super) type Yields = BTreeSet<(String, String, String)>;

/// The names under which the sites of the provinces declare the same minerals and months.
pub(super) async fn peers(
    reader: &mut Reader,
    directory: &Directory,
    yields: &Yields,
) -> Result<BTreeSet<Name>, store::Error> {
    let mut months = BTreeMap::<&str, BTreeSet<(&str, &str)>>::new();
    for (site, mineral, month) in yields {
        months.entry(site).or_default().insert((mineral, month));
    }
    let keys = months.keys().map(|site| Arc::<str>::from(*site));
    let sites = reader.shelf.fetch(&mut reader.records, Entity::MineSite, keys).await?;
    // Every site of a province is asked for the months of all of them.
    let mut of_province = BTreeMap::<Name, BTreeSet<(&str, &str)>>::new();
    for held in &sites {
        let Held::MineSite(site) = held else { continue };
        let Some(asked) = months.get(site.key()) else { continue };
        for name in held.names().into_iter().filter(|name| matches!(name, Name::Province { .. })) {
            of_province.entry(name).or_default().extend(asked);
        }
    }
    let mut found = BTreeSet::new();
    for (province, asked) in of_province {
        let entity = Entity::MineSite;
        for site in directory.find(&mut reader.own, entity, [province]).await? {
            found.extend(asked.iter().map(|(mineral, month)| Name::Yield {
                site: site.to_string(),
                mineral: (*mineral).to_owned(),
                month: (*month).to_owned(),
            }));
        }
    }
    Ok(found)
}
