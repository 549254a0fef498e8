//! The name of a log on its checkpoints.
//!
//! An origin names owner, feed and epoch, so that a checkpoint of one feed or
//! epoch can never be shown as one of another (C2SP tlog-checkpoint, "origin").

use std::fmt;

/// First line of a checkpoint: `rmd.net/COD/cod-mines/master-data/1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of one epoch of one feed of an owner, where `owner` is
    /// `rmd.<network>/COD/cod-mines` or `rmd.<network>/hub`.
    pub fn new(owner: &str, feed: &str, epoch: u32) -> Self {
        Self(format!("{owner}/{feed}/{epoch}"))
    }

    /// The origin that a checkpoint claims, for a reader that holds it against a key.
    pub(crate) fn claimed(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The origin as it stands on a checkpoint.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
