//! What a binary decides about its API.

use std::{num::NonZeroU32, time::Duration};

use rmd_runtime::clock::SharedClock;

/// How the API behaves; no key, no address and no path, which are the binary's.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The version that `/health` names.
    pub version: &'static str,
    /// Where the time in answers comes from.
    pub clock: SharedClock,
    /// Until when a request must be answered; then it is 503.
    pub timeout: Duration,
    /// How many requests are worked on at once; the next are 503.
    pub concurrency_max: usize,
    /// How many requests a credential may make in a minute; none is without limit.
    pub requests_per_minute: Option<NonZeroU32>,
}

impl Settings {
    /// 30 seconds, 256 requests at once, no rate limit.
    pub fn new(version: &'static str, clock: SharedClock) -> Self {
        Self {
            version,
            clock,
            timeout: Duration::from_secs(30),
            concurrency_max: 256,
            requests_per_minute: None,
        }
    }
}
