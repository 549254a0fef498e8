//! Which states report what, and where a report is overdue.
//!
//! Two questions are kept apart. *Live*: whether records of a type come from a
//! state at all; without it nothing about them can be tested. *Overdue*: whether a
//! month was not closed by its deadline; a rule that concludes from a record's
//! absence cannot be tested for such a month, because the record may still come.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rmd_standard::Entity;

use crate::outcome::{Lack, Missing};

/// What each state's feeds cover on the day of evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    live: BTreeSet<(String, Entity)>,
    overdue: BTreeMap<(String, &'static str), Date>,
}

impl Coverage {
    /// Records of the type come from the state (alpha-2) and count.
    pub fn set_live(&mut self, country: &str, entity: Entity) {
        self.live.insert((country.to_owned(), entity));
    }

    /// The state is overdue with the feed, for months from this day on.
    pub fn set_overdue(&mut self, country: &str, feed: &'static str, from: Date) {
        self.overdue.insert((country.to_owned(), feed), from);
    }

    /// Whether records of the type come from the state.
    pub fn is_live(&self, country: &str, entity: Entity) -> bool {
        self.live.contains(&(country.to_owned(), entity))
    }

    /// What is missing, if records of the type do not come from the state.
    pub fn lacks(&self, country: &str, entity: Entity) -> Option<Missing> {
        let missing = || Missing::new(entity.name(), country, Lack::NotLive);
        (!self.is_live(country, entity)).then(missing)
    }

    /// What is missing, if a record of that day may still be on its way.
    pub fn lacks_on(&self, country: &str, entity: Entity, day: Date) -> Option<Missing> {
        if let Some(missing) = self.lacks(country, entity) {
            return Some(missing);
        }
        let from = self.overdue.get(&(country.to_owned(), entity.feed()));
        let missing = || Missing::new(entity.name(), country, Lack::Overdue);
        from.is_some_and(|from| *from <= day).then(missing)
    }
}
