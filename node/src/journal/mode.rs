//! How a source row came to the node, and its name in the row state.
//!
//! Owns the prefixes that keep the rows of one mode apart from those of
//! another: each mode looks for what is gone among its own rows alone.
//! Invariant: two rows of different modes never share a stored key, whatever
//! keys the ministry's tables have.

/// The way by which a row came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// Read from the national database through the mapping.
    Mapped,
    /// Posted to the node's API.
    Api,
    /// Read from a sheet that somebody dropped.
    Sheet,
}

/// Before a key of the national database that looks like one of another mode.
const ESCAPE: &str = "db:";

impl Mode {
    /// The mode's word, as `report::rows_after` has it in its statement.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::Api => "api",
            Self::Sheet => "sheet",
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Mapped => "",
            Self::Api => "api:",
            Self::Sheet => "sheet:",
        }
    }

    /// The key under which a row of this mode is kept.
    pub(super) fn stored(self, key: String) -> String {
        let taken = [Self::Api.prefix(), Self::Sheet.prefix(), ESCAPE];
        match self {
            Self::Mapped if taken.iter().any(|taken| key.starts_with(taken)) => {
                format!("{ESCAPE}{key}")
            }
            Self::Mapped => key,
            Self::Api | Self::Sheet => format!("{}{key}", self.prefix()),
        }
    }

    /// The key that the row has where it came from.
    pub(super) fn native(self, stored: &str) -> &str {
        let prefix = if self == Self::Mapped { ESCAPE } else { self.prefix() };
        stored.strip_prefix(prefix).unwrap_or(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rows_share_a_stored_key_and_each_gets_its_own_back() {
        let mut stored = std::collections::BTreeSet::new();
        let keys = ["", "1", "api:1", "sheet:1", "db:1", "db:api:1", "db:db:api:1", "API:1"];
        for mode in [Mode::Mapped, Mode::Api, Mode::Sheet] {
            for key in keys {
                let kept = mode.stored(key.to_owned());
                assert_eq!(mode.native(&kept), key, "{mode:?}");
                assert!(stored.insert(kept), "{mode:?} {key}");
            }
        }
        assert_eq!(Mode::Mapped.stored("RW-1".to_owned()), "RW-1");
        assert_eq!(Mode::Api.stored("RW/1".to_owned()), "api:RW/1");
    }
}
