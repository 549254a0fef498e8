//! A mine site as a subject of its own.

use std::sync::Arc;

use jiff::civil::Date;
use rmd_proto::v1::{CertificationStatus, GeoPoint};

use super::{SiteFacts, nature};
use crate::Named;

/// A site and what is around it.
#[derive(Debug, Clone)]
pub struct SiteView {
    /// The site.
    pub facts: Arc<SiteFacts>,
    /// Days on which the Secretariat decided about it.
    pub decided_on: Vec<Date>,
    /// Mine tags that lots of the site carry, each counted once.
    pub applied_tags: u64,
    /// Other sites near by.
    pub neighbours: Vec<Neighbour>,
    /// Other sites of the state with the same national id.
    pub same_national_id: Vec<Named>,
}

/// A site near another.
#[derive(Debug, Clone)]
pub struct Neighbour {
    /// The other site.
    pub site: Named,
    /// Where it lies.
    pub at: GeoPoint,
    /// Identifier of its owner; empty if it is not told.
    pub owner: String,
}

/// A status that the state declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Day from which it holds.
    pub(crate) on: Date,
    /// The status.
    pub(crate) status: CertificationStatus,
    /// The inspection that it names; empty if none.
    pub(crate) inspection_id: String,
}

impl SiteView {
    /// What the state declared, in the order of days: its list of changes, and the
    /// current status where the list does not have it.
    pub(crate) fn declared(&self) -> Vec<Declared> {
        let site = &self.facts.site.record;
        let listed = site.status_change.iter().filter_map(|change| {
            Some(Declared {
                on: nature::day(&change.date_of_change)?,
                status: change.new_status(),
                inspection_id: change.inspection_id.clone(),
            })
        });
        let mut declared: Vec<Declared> = listed.collect();
        declared.sort_by_key(|one| (one.on, one.status));
        let current = site.certification_status();
        if declared.last().is_none_or(|last| last.status != current)
            && let Some(on) = nature::day(&site.certification_status_since)
        {
            declared.push(Declared { on, status: current, inspection_id: String::new() });
        }
        declared.dedup_by(|next, before| next.status == before.status);
        declared
    }

    /// Days of inspections with that result, after a day and up to another.
    pub(crate) fn is_inspected(
        &self,
        result: CertificationStatus,
        after: Option<Date>,
        to: Date,
    ) -> bool {
        let inspections = &self.facts.site.record.inspection;
        inspections.iter().filter(|one| one.inspection_result() == result).any(|one| {
            nature::day(&one.inspection_date)
                .is_some_and(|day| day <= to && after.is_none_or(|after| day > after))
        })
    }
}
