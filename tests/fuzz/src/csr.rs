//! Requests to sign, as a node that enrols sends them.

use std::{sync::LazyLock, time::Duration};

use jiff::Timestamp;
use rmd_link::{Identity, authority::Authority};

use crate::{
    Answer,
    owner::{NETWORK, SENDER},
};

/// Any: it is made anew in each process.
static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let keys = folder.path().join("keys");
    Authority::create(NETWORK, keys, Timestamp::UNIX_EPOCH).expect("an authority can be made")
});

/// A PKCS#10 request, DER.
pub fn csr(bytes: &[u8]) -> Answer {
    let node: Identity = SENDER.parse().expect("it is an identity");
    match AUTHORITY.issue(bytes, &node, Timestamp::UNIX_EPOCH, Duration::from_hours(1)) {
        Ok(_) => Answer::Taken,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            Answer::Refused
        }
    }
}
