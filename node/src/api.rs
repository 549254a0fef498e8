//! The standard's REST API of a node: the records of one state, for its own software.
//!
//! Owns `api.sqlite`: what was posted, complete, and the released form of what
//! the node published of the national database. It is for the state alone, so it
//! listens on this machine unless it is told otherwise, and knows every caller
//! by a token. Refuses to be a second way around the journal: what is posted
//! takes the path of every other row, through entitlement, release and hash
//! gate. Invariant: the personal data of a posted record is in `api.sqlite` and
//! in no other file.

mod backend;
mod error;
mod findings;
mod follow;
mod intake;
mod list;
pub(crate) mod report;
mod shelf;
mod store;
mod strides;
mod sums;
mod terms;
pub(crate) mod token;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, future::Future, net::SocketAddr, time::Duration};

use jiff::tz::TimeZone;
use rmd_api::Settings;
use rmd_standard::{Context, icglr::Usage};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) use self::{error::Error, shelf::forget, store::Store};
use crate::journal::Journal;

/// What entries of posted records carry in the place of a mapping.
pub(crate) const MAPPING_ID: &str = "api";

/// Whose records these are, and how their times are read.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The state, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// The zone of zone-less times.
    pub(crate) zone: TimeZone,
}

impl Place {
    /// The context of a check today.
    fn context(&self, store: &Store) -> Context {
        let (country, zone) = (self.country.clone(), self.zone.clone());
        Context { country, today: store.clock().today(), zone }
    }
}

/// An API that has its port and does nothing yet.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) listener: TcpListener,
    pub(crate) local_addr: SocketAddr,
    pub(crate) store: Store,
    pub(crate) place: Place,
    pub(crate) usage: Usage,
    pub(crate) poll_interval: Duration,
}

/// The three tasks of a running API.
pub(crate) struct Tasks<S, I, F> {
    /// Answers requests.
    pub(crate) serve: S,
    /// Writes what is posted; ends after `serve`.
    pub(crate) intake: I,
    /// Follows the journal.
    pub(crate) follow: F,
}

impl Api {
    /// The tasks; each ends once `shutdown` is cancelled and what it does is done.
    pub(crate) fn tasks(
        self,
        journal: Journal,
        shutdown: CancellationToken,
    ) -> Tasks<
        impl Future<Output = Result<(), Infallible>> + Send + 'static,
        impl Future<Output = Result<(), Error>> + Send + 'static,
        impl Future<Output = ()> + Send + 'static,
    > {
        let Self { listener, store, place, usage, poll_interval, .. } = self;
        let (service, handle) = intake::Service::new(store.clone(), journal.clone(), place.clone());
        let clock = store.clock().clone();
        let node = backend::Node::new(store.clone(), handle, place.clone(), usage);
        let router = rmd_api::router(node, Settings::new(env!("CARGO_PKG_VERSION"), clock));
        let serve = rmd_api::serve(listener, router, shutdown.clone());
        let follower = follow::Follower { store, journal, place, poll_interval, shutdown };
        Tasks { serve, intake: service.run(), follow: follower.run() }
    }
}
