//! What the API asks of the store behind it.
//!
//! One trait with two implementations, a node's and the hub's. It speaks in
//! records and keys of the standard; it knows nothing of HTTP, and gives no
//! record that the credential of the request was not cleared for.

pub(crate) mod access;
pub(crate) mod fault;
pub(crate) mod query;
pub(crate) mod sums;

use std::future::Future;

use rmd_standard::{Context, National, Record, Valid, icglr::Usage};

use access::{Credential, Denied, Scope};
use fault::Fault;
use query::{Listed, Name, Query, Verb, Written};
use sums::{LotFilter, LotSums, StatusCount};

/// A store of records behind the API. Cloned for each request, so it is a handle.
pub trait Backend: Clone + Send + Sync + 'static {
    /// Whether records may be posted; without it POST and PUT do not exist.
    fn writes(&self) -> bool;

    /// The state, the day and the zone of the records.
    fn context(&self) -> Context;

    /// The usage of the standard in which records are written and read.
    fn usage(&self) -> Usage;

    /// Whether the bearer of that credential may do that; asked once a request and scope.
    ///
    /// # Errors
    /// No credential, one that is not known, or one without that scope.
    fn authorise(
        &self,
        credential: Option<&Credential>,
        scope: Scope,
    ) -> impl Future<Output = Result<(), Denied>> + Send;

    /// One page of the records that the query names, in the order of their keys.
    ///
    /// # Errors
    /// The store does not answer.
    fn list(&self, query: &Query) -> impl Future<Output = Result<Listed, Fault>> + Send;

    /// The records of that name: none if there is none, several if the name is
    /// not precise enough to tell them apart.
    ///
    /// # Errors
    /// The store does not answer.
    fn get(&self, name: &Name) -> impl Future<Output = Result<Vec<Record>, Fault>> + Send;

    /// Keeps a record durably. Never called if [`Backend::writes`] is false.
    ///
    /// # Errors
    /// [`Fault::Exists`] for [`Verb::Create`] of a key that there is,
    /// [`Fault::Missing`] for [`Verb::Replace`] of one that there is not.
    fn write(
        &self,
        verb: Verb,
        record: Valid<Record, National>,
    ) -> impl Future<Output = Result<Written, Fault>> + Send;

    /// How many mine sites have each declared status, of one state or of all.
    ///
    /// # Errors
    /// The store does not answer.
    fn count_by_status(
        &self,
        country: Option<&str>,
    ) -> impl Future<Output = Result<Vec<StatusCount>, Fault>> + Send;

    /// Sums over the lots that the filter names.
    ///
    /// # Errors
    /// The store does not answer.
    fn lot_sums(&self, filter: &LotFilter) -> impl Future<Output = Result<LotSums, Fault>> + Send;
}
