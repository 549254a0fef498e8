//! An owner and a receiver that never change, so that inputs which were kept go on
//! to reach what they reached. The keys are no secrets and sign nothing else.

use rmd_feed::{FeedKey, Follower, Origin, bundle::BundleKey};

pub(crate) const NETWORK: &str = "net";
pub(crate) const OWNER: &str = "rmd.net/COD/cod-mines";
pub(crate) const FEED: &str = "master-data";
pub(crate) const SENDER: &str = "spiffe://rmd.net/node/COD/cod-mines";
pub(crate) const RECEIVER: &str = "spiffe://rmd.net/hub";

/// 32 bytes of 7.
const FEED_SECRET: &str =
    "PRIVATE+KEY+rmd.net/COD/cod-mines+5a8d1a7c+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const BUNDLE_SECRET: &str =
    "AGE-SECRET-KEY-1QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSKMP32K";

pub(crate) fn key() -> FeedKey {
    FeedKey::from_secret(FEED_SECRET).expect("it was written by this crate")
}

pub(crate) fn bundle_key() -> BundleKey {
    BundleKey::from_secret(BUNDLE_SECRET).expect("it was written by this crate")
}

pub(crate) fn origin() -> Origin {
    Origin::new(OWNER, FEED, 1)
}

pub(crate) fn follower() -> Follower {
    Follower::new(FEED, 1, origin(), key().verifier())
}

/// A refusal says what is wrong in both languages, on one screen: texts of a peer
/// are cut, and no control character of theirs reaches a terminal.
pub(crate) fn named(english: &str, french: &str) {
    for text in [english, french] {
        assert!(!text.trim().is_empty(), "a refusal without a reason");
        assert!(text.len() < 4000, "a refusal of {} bytes", text.len());
        let is_plain = |letter: char| letter == '\n' || !letter.is_control();
        assert!(text.chars().all(is_plain), "a refusal with control characters: {text:?}");
    }
}
