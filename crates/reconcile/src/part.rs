//! A part of the region, judged as the whole would be.
//!
//! Whoever keeps the findings loads the records around some subjects into a
//! [`Region`](crate::region::Region) and has those subjects judged: the same views, the
//! same rules, the same outcomes as of all records at once. What only the whole can tell
//! comes beside the part, in [`Known`].
//!
//! Each field of [`Wanted`] says which records must be in the part for its subjects to
//! come out as in the whole. More may be in it, of whatever kind: the rest is read, or
//! left alone, and never judged. Records that are void are loaded like others; those in
//! shadow are not. *Of that number* is always: of that number in that state.
//!
//! What a lot inherits changes with what the lots before it inherit. After a change, want
//! the lots that are affected, then those with an input that names one of which
//! [`Judgement::custody`] became another, and so on until nothing changes; many at once, for
//! a long chain goes by one step a round. A ring that closes shows: [`Custody::rank`] of its
//! lots grows with every round. Want those that come again and again together, and the ring
//! is found. One that is known is wanted as a whole whenever one of its lots is: it may have
//! opened, and all of its lots have one rank, over every lot before the ring, without which
//! a lot that joins it would not be seen to come round.
//!
//! Invariant: [`Region::judge`](crate::region::Region::judge) is this with everything
//! wanted and known, so there is one way only.

mod known;
#[cfg(test)]
mod tests;
mod wanted;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;

pub use known::{Known, Prices};
pub use wanted::{MirrorKey, Wanted};

use crate::{Subject, region::Judged, view::Custody};

/// What came out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// Every rule on every wanted subject, in the order of rules and subjects, without
    /// what passed. A wanted subject of which nothing stands here passed every rule, or
    /// is not there, or is void.
    pub judged: Vec<Judged>,
    /// What each wanted lot inherits.
    pub custody: BTreeMap<Arc<str>, Custody>,
    /// Rings among the wanted lots, each with all of its lots: those that feed each
    /// other and are all wanted. A ring of which a lot is not wanted is not seen.
    pub rings: Vec<BTreeSet<Arc<str>>>,
    /// Wanted lots and certificates of which nothing is said, because what they inherit
    /// is not known: a lot before them is neither wanted nor in [`Known::custody`]. Want
    /// them again when it is. If no lot of those that wait can be told any more, want
    /// all of them at once: what held them up is a ring, and it is found then.
    pub waiting: BTreeSet<Subject>,
    /// The first day on which the clock alone may change the outcome of a wanted
    /// subject. Until then, with the same records, coverage, limits and policies, each
    /// day has the same outcome. A subject that stands here not at all keeps its own.
    pub due: BTreeMap<Subject, Date>,
}
