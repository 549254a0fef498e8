//! One site's month of one mineral.

use std::sync::Arc;

use jiff::civil::Date;
use rmd_proto::v1;

use super::{SiteFacts, nature};
use crate::{Fact, Named};

/// A production declaration and what is around it.
#[derive(Debug, Clone)]
pub struct SiteMonthView {
    /// The declaration.
    pub production: Arc<Fact<v1::ProductionDeclaration>>,
    /// The site; none if no state has it.
    pub site: Option<Arc<SiteFacts>>,
    /// Declarations of the same mineral and month by other sites of the province.
    pub peers: Vec<Arc<Fact<v1::ProductionDeclaration>>>,
    /// Declarations of the same site and mineral of the twelve months before.
    pub before: Vec<Arc<Fact<v1::ProductionDeclaration>>>,
    /// Sites near by that turned Red or inactive in the three months before.
    pub fallen: Vec<Named>,
    /// Metres from the site to the nearest border of its state, if it is known.
    pub border_m: Option<i64>,
}

impl SiteMonthView {
    /// The first and the last day of the month, if it is readable.
    pub(crate) fn days(&self) -> Option<(Date, Date)> {
        let first = nature::day(&format!("{}-01", self.production.record.period))?;
        Some((first, first.last_of_month()))
    }
}
