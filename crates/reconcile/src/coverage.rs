//! Which states report what, and until when.
//!
//! Two questions are kept apart. *Live*: whether records of a type come from a
//! state at all; without it nothing about them can be tested. *Complete through*:
//! the last day of the months that the state has closed; a rule that concludes
//! from a record's absence needs it, because a record may still be on its way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rmd_standard::Entity;

use crate::outcome::{Lack, Missing};

/// What each state's feeds cover on the day of evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    live: BTreeSet<(String, Entity)>,
    complete: BTreeMap<(String, &'static str), Date>,
}

impl Coverage {
    /// Records of the type come from the state (alpha-2) and count.
    pub fn set_live(&mut self, country: &str, entity: Entity) {
        self.live.insert((country.to_owned(), entity));
    }

    /// The state has closed all months of the feed up to this day.
    pub fn set_complete(&mut self, country: &str, feed: &'static str, through: Date) {
        self.complete.insert((country.to_owned(), feed), through);
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
        let through = self.complete.get(&(country.to_owned(), entity.feed()));
        let missing = || Missing::new(entity.name(), country, Lack::NotClosed);
        through.is_none_or(|through| *through < day).then(missing)
    }
}
