//! The only way to hold a checked record.
//!
//! `Valid<T, P>` can be made in this crate alone, and its type says in which
//! profile the record was checked: national (everything the state has) or
//! regional (without what stays national, with the paths of that in
//! `withheld`). There are no setters: who changes a record checks it again.

use std::{marker::PhantomData, sync::OnceLock};

use jiff::{civil::Date, tz::TimeZone};

use crate::{
    Finding, Record, Refusal, check,
    finding::{Issue, render_all},
    release,
};

/// The profile of a record as the state holds it: names, phones and prices included.
#[derive(Debug, Clone, Copy)]
pub struct National;

/// The profile of a record as it leaves the state.
#[derive(Debug, Clone, Copy)]
pub struct Regional;

/// One of the two profiles.
pub trait Profile: sealed::Sealed {}

impl Profile for National {}
impl Profile for Regional {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::National {}
    impl Sealed for super::Regional {}
}

/// What a check must know and cannot find in the record.
#[derive(Debug, Clone)]
pub struct Context {
    /// The state whose records these are, ISO 3166-1 alpha-2.
    pub country: String,
    /// The day of evaluation, a calendar day in UTC+2.
    pub today: Date,
    /// The zone of zone-less times at the source; unused by the regional check.
    pub zone: TimeZone,
}

/// A record that passed every rule of severity refuse in profile `P`.
#[derive(Debug, Clone)]
pub struct Valid<T, P> {
    record: T,
    key: String,
    issues: Vec<Issue>,
    // Messages in two languages cost more than the checks; most are never read.
    findings: OnceLock<Vec<Finding>>,
    profile: PhantomData<P>,
}

impl<P: Profile> Valid<Record, P> {
    pub(crate) fn new(record: Record, key: String, issues: Vec<Issue>) -> Self {
        Self { record, key, issues, findings: OnceLock::new(), profile: PhantomData }
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The key of the record within its type.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What the standard requires and the source lacks; all of severity incomplete.
    pub fn findings(&self) -> &[Finding] {
        self.findings
            .get_or_init(|| render_all(&self.issues, self.record.entity(), Some(&self.key)))
    }

    /// The same without their messages, see [`Finding::complete`].
    pub fn brief(&self) -> Vec<Finding> {
        self.issues.iter().map(|issue| issue.brief(self.record.entity())).collect()
    }

    /// How many findings there are, without writing their messages.
    pub fn finding_count(&self) -> usize {
        self.issues.len()
    }
}

impl Valid<Record, National> {
    /// Checks a record again that the state has kept, as the rules and the day are now.
    ///
    /// # Errors
    /// A rule of severity refuse is broken.
    pub fn recheck(mut record: Record, ctx: &Context) -> Result<Self, Refusal> {
        let (key, issues) = check::national(&mut record, ctx, Vec::new())?;
        Ok(Self::new(record, key, issues))
    }

    /// Removes the national fields and lists their paths in `withheld`.
    ///
    /// A field that the source does not have is not withheld.
    pub fn release(self) -> Valid<Record, Regional> {
        let mut record = self.record;
        release::strip(&mut record);
        Valid::new(record, self.key, self.issues)
    }
}

impl Valid<Record, Regional> {
    /// Checks a record as it arrived from the state that `ctx` names.
    ///
    /// A withheld field counts as present.
    ///
    /// # Errors
    /// A rule of severity refuse is broken, or a national value is in the record.
    pub fn check(mut record: Record, ctx: &Context) -> Result<Self, Refusal> {
        let (key, issues) = check::regional(&mut record, ctx)?;
        Ok(Self::new(record, key, issues))
    }

    /// The record, unwrapped.
    pub fn into_record(self) -> Record {
        self.record
    }
}
