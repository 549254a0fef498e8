//! A mine site with the history of its status.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1;
use rmd_standard::effective::{Effective, Policy, SiteHistory, effective};

use crate::Fact;

/// A site as rules about other records read it.
#[derive(Debug, Clone)]
pub struct SiteFacts {
    /// The site.
    pub site: Arc<Fact<v1::MineSite>>,
    /// Its declared revisions and the decisions about it.
    pub history: SiteHistory,
}

impl SiteFacts {
    /// The status that counted on `day`, out of what is known at the end of `known`.
    pub fn status_on(&self, day: Date, known: Date, policy: &Policy) -> Effective {
        effective(&self.history, day, end_of(known), policy)
    }
}

/// The last microsecond of a day, in UTC+2 as everywhere in the network.
fn end_of(day: Date) -> Timestamp {
    let next = day.tomorrow().unwrap_or(day);
    let midnight =
        jiff::tz::Offset::constant(2).to_timestamp(next.to_datetime(jiff::civil::time(0, 0, 0, 0)));
    midnight
        .ok()
        .and_then(|at| at.checked_sub(jiff::Span::new().microseconds(1)).ok())
        .unwrap_or(Timestamp::MAX)
}
