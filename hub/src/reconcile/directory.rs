//! Which records answer to a name: those that are kept, and those of this step.
//!
//! What came since is not yet among the names that are kept; it is looked at beside
//! them, and what is kept of the same records is left aside. Lots are not here: their
//! own tables answer ([`lots`](super::lots)).

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

use rmd_reconcile::{names::Name, pairing::Near};
use rmd_standard::Entity;
use sqlx::AnyConnection;

use super::{kept, shelf::KeySet};
use crate::store;

/// Names of records of this step, beside those that are kept.
#[derive(Debug, Default)]
pub(super) struct Directory {
    touched: BTreeSet<(Entity, Arc<str>)>,
    now: BTreeMap<(Entity, String), KeySet>,
}

impl Directory {
    /// Takes a record of this step with the names that it has now.
    pub(super) fn take(&mut self, entity: Entity, key: &Arc<str>, names: &BTreeSet<Name>) {
        if entity == Entity::Lot {
            return;
        }
        self.touched.insert((entity, Arc::clone(key)));
        for name in names {
            let keys = self.now.entry((entity, name.to_string())).or_default();
            keys.insert(Arc::clone(key));
        }
    }

    /// Records of one type with one of these names.
    pub(super) async fn find(
        &self,
        connection: &mut AnyConnection,
        entity: Entity,
        names: impl IntoIterator<Item = Name>,
    ) -> Result<KeySet, store::Error> {
        let names: BTreeSet<String> = names.into_iter().map(|name| name.to_string()).collect();
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut found = KeySet::new();
        for (_, key) in kept::of_names(connection, entity, &texts).await? {
            if !self.touched.contains(&(entity, Arc::clone(&key))) {
                found.insert(key);
            }
        }
        for name in names {
            found.extend(self.now.get(&(entity, name)).into_iter().flatten().cloned());
        }
        Ok(found)
    }

    /// Records of one type with a name from one text on up to another, with the name.
    async fn between(
        &self,
        connection: &mut AnyConnection,
        entity: Entity,
        (from, to): (&str, &str),
    ) -> Result<Vec<(String, Arc<str>)>, store::Error> {
        let mut found = kept::between_names(connection, entity, (from, to)).await?;
        found.retain(|(_, key)| !self.touched.contains(&(entity, Arc::clone(key))));
        let bounds =
            (Bound::Included((entity, from.to_owned())), Bound::Excluded((entity, to.to_owned())));
        for ((_, name), keys) in self.now.range(bounds) {
            found.extend(keys.iter().map(|key| (name.clone(), Arc::clone(key))));
        }
        Ok(found)
    }

    /// Declared yields of a site, of whatever mineral and month.
    pub(super) async fn yields_of(
        &self,
        connection: &mut AnyConnection,
        site: &str,
    ) -> Result<KeySet, store::Error> {
        let of = |mineral: &str| {
            let (mineral, month) = (mineral.to_owned(), String::new());
            Name::Yield { site: site.to_owned(), mineral, month }.to_string()
        };
        // Without mineral and month the name ends with two slashes.
        let from = of("").trim_end_matches('/').to_owned() + "/";
        let to = format!("{from}{}", char::MAX);
        let entity = Entity::ProductionDeclaration;
        let found = self.between(connection, entity, (&from, &to)).await?;
        Ok(found.into_iter().map(|(_, key)| key).collect())
    }

    /// Lines of declarations that may be the other side of one.
    pub(super) async fn traded(
        &self,
        connection: &mut AnyConnection,
        entity: Entity,
        near: &Near,
    ) -> Result<KeySet, store::Error> {
        let head = format!("traded/{}", near.direction.as_str());
        let parts = [&near.mineral, &near.from, &near.to];
        let head = parts.into_iter().fold(head, |head, part| format!("{head}/{}", written(part)));
        let from = format!("{head}/{}", near.days.0);
        let to = format!("{head}/{}/{}", near.days.1, char::MAX);
        let found = self.between(connection, entity, (&from, &to)).await?;
        let is_near = |name: &str| match name.parse() {
            Ok(Name::Traded(traded)) => {
                (near.masses_mg.0..=near.masses_mg.1).contains(&traded.mass_mg)
                    && (near.days.0..=near.days.1).contains(&traded.day)
            }
            _ => false,
        };
        Ok(found.into_iter().filter(|(name, _)| is_near(name)).map(|(_, key)| key).collect())
    }
}

/// A part as names write it.
fn written(part: &str) -> String {
    part.replace('%', "%25").replace('/', "%2F").replace('\n', "%0A")
}
