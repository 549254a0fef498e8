//! The one crypto provider and the one TLS version, passed explicitly everywhere.
//!
//! Nothing depends on a process-wide default, so a dependency that installs one,
//! or that switches on TLS 1.2 in rustls, changes nothing here.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use rmd_runtime::clock::SharedClock;
use rustls::{
    SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    pki_types::UnixTime,
    time_provider::TimeProvider,
};

static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(ring::default_provider()));

pub(crate) const VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
pub(crate) const VERSIONS_HOLD: &str = "ring has cipher suites for TLS 1.3";
/// HTTP/2, the one protocol that we speak inside.
pub(crate) const ALPN: &[u8] = b"h2";

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::clone(&PROVIDER)
}

/// Our clock as rustls reads it.
#[derive(Debug)]
pub(crate) struct ClockTime(pub(crate) SharedClock);

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        // Before 1970 there is no validity; rustls then refuses the handshake.
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
