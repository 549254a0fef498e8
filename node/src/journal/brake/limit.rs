//! What is taken for an accident, and the hours over which it is counted; pure.

use rmd_standard::Entity;
use serde::Serialize;

/// Hours that stay in the window: one is forgotten once all of it is that old.
pub(super) const WINDOW_HOURS: i64 = 24;

/// What happens to a published record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// It ceases to be published.
    Delete,
    /// It gets other bytes.
    Change,
}

impl Kind {
    /// The word in the tables.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Change => "change",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Delete, Self::Change].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The most records that may be counted in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// So many in any case.
    pub(crate) records: u32,
    /// Or this part of those that were published when the window began.
    pub(crate) percent: u32,
}

impl Limit {
    /// The number that may just be counted.
    pub(super) fn allowed(self, base: i64) -> i64 {
        let part = base.max(0).saturating_mul(i64::from(self.percent)) / 100;
        part.max(i64::from(self.records))
    }
}

/// The limits of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Of deletions.
    pub(crate) deletes: Limit,
    /// Of changes.
    pub(crate) changes: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deletes: Limit { records: 3, percent: 2 },
            changes: Limit { records: 50, percent: 10 },
        }
    }
}

impl Limits {
    pub(super) const fn of(self, kind: Kind) -> Limit {
        match kind {
            Kind::Delete => self.deletes,
            Kind::Change => self.changes,
        }
    }
}

/// Counts of an hour, or of several.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// Records that came to be published.
    pub(super) added: i64,
    /// Records that ceased to be published.
    pub(super) ended: i64,
    /// Records whose deletion counts.
    pub(super) deletes: i64,
    /// Records whose change counts.
    pub(super) changes: i64,
}

impl Tally {
    pub(super) const fn of(&self, kind: Kind) -> i64 {
        match kind {
            Kind::Delete => self.deletes,
            Kind::Change => self.changes,
        }
    }

    pub(super) const fn raise(&mut self, kind: Kind, by: i64) {
        match kind {
            Kind::Delete => self.deletes += by,
            Kind::Change => self.changes += by,
        }
    }

    pub(super) const fn join(&mut self, other: &Self) {
        self.added += other.added;
        self.ended += other.ended;
        self.deletes += other.deletes;
        self.changes += other.changes;
    }

    /// The number of which the percentages are: records published when the window
    /// began, and those of the first load where that is younger than the window.
    pub(super) const fn base(&self, published: i64) -> i64 {
        let start = published - self.added + self.ended;
        if start > 0 { start } else { self.added }
    }
}

/// The hour of an instant.
pub(super) const fn hour_of(now_us: i64) -> i64 {
    const HOUR_US: i64 = 3_600 * 1_000_000;
    now_us.div_euclid(HOUR_US)
}

/// Where and when something is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) entity: Entity,
    /// The current hour.
    pub(super) hour: i64,
}

impl Place {
    /// The oldest hour that counts.
    pub(super) const fn oldest(self) -> i64 {
        self.hour - WINDOW_HOURS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_types_have_a_number_and_large_ones_a_part() {
        let limits = Limits::default();
        let allowed = |base| (limits.deletes.allowed(base), limits.changes.allowed(base));
        assert_eq!(allowed(0), (3, 50));
        assert_eq!(allowed(30), (3, 50));
        assert_eq!(allowed(199), (3, 50));
        assert_eq!(allowed(200), (4, 50));
        assert_eq!(allowed(509), (10, 50));
        assert_eq!(allowed(1000), (20, 100));
        assert_eq!(allowed(1_000_000), (20_000, 100_000));
    }

    #[test]
    fn the_base_is_what_was_there_and_for_a_first_load_what_it_brought() {
        let grown = Tally { added: 40, ended: 10, deletes: 10, changes: 0 };
        assert_eq!(grown.base(130), 100);
        let first = Tally { added: 1000, ended: 5, deletes: 5, changes: 0 };
        assert_eq!(first.base(995), 1000);
        assert_eq!(Tally::default().base(0), 0);
    }

    #[test]
    fn hours_before_1970_are_hours_too() {
        assert_eq!((hour_of(0), hour_of(-1), hour_of(3_599_999_999)), (0, -1, 0));
    }
}
