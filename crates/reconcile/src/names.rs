//! By what names records find each other.
//!
//! [`names`] tells what a record answers to and what it mentions. A record that changes
//! affects the subjects that are reached from its names before and after: each name
//! says which those are. What is reached is more than what really changes; it is never
//! less, as a test shows over every single change of a region.
//!
//! Invariant: a name is written and read back as the same text ([`Name`]'s `Display` and
//! `FromStr`), whatever stands in its parts.

mod of_record;
mod text;

use jiff::civil::Date;

use crate::pairing::Traded;

pub use of_record::{names, names_of_lot};
pub use text::Unreadable;

/// One name.
///
/// *Affects* means: these subjects are judged again. The subject that a changed record
/// is itself always is, and whatever inherits from a lot whose
/// [`Custody`](crate::view::Custody) became another: the lots with an input that names its
/// number, and the certificates as for [`Name::Lot`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Name {
    /// The number of a lot, in its state.
    ///
    /// Affects the lots of that number, the lots with an input that names it, the tags of
    /// all of those, the certificates of the state that have it among their lot numbers,
    /// and those that a lot of the number names.
    Lot {
        /// The state, alpha-2.
        country: String,
        /// The number.
        number: String,
    },
    /// A lot number that an input or a certificate names.
    ///
    /// Affects the lots of that number.
    LotNamed {
        /// The state in which the lot is looked for, alpha-2.
        country: String,
        /// The number.
        number: String,
    },
    /// A tag on a lot.
    ///
    /// Affects the tag and the lots that carry it.
    Tag {
        /// The scheme, by its number.
        scheme: i32,
        /// The identifier.
        identifier: String,
    },
    /// The number of a certificate, in its state.
    ///
    /// Affects the certificate, the lots that name it, the lines of exports that quote it,
    /// and the balances of the lines of both directions that quote it, for they read its
    /// concentration.
    Certificate {
        /// The state that issued it, alpha-2.
        country: String,
        /// Its number.
        identifier: String,
    },
    /// A certificate that a lot names, or a line of a declaration quotes.
    ///
    /// Affects the certificate. Where a line changed, also the pairing of the lines that
    /// quote it: see [`pairing::component`](crate::pairing::component).
    CertificateNamed {
        /// The state that issued it, alpha-2.
        country: String,
        /// Its number.
        identifier: String,
    },
    /// A site, by its key.
    ///
    /// Affects the site, the lots that name it, all lots that carry a tag of one of those
    /// that are production lots, and the productions of the site. A decision about a site
    /// affects the same, and what the other names of the site do.
    Site {
        /// Key of the record.
        key: String,
    },
    /// The site of a production lot.
    ///
    /// Affects the site: it counts the tags.
    SiteNamed {
        /// Key of the record.
        key: String,
    },
    /// A series of tags that is allocated to a site.
    ///
    /// Affects the production lots with a tag of the series.
    TagSeries {
        /// The series, as `rules::tag_series` tells it.
        series: String,
    },
    /// The national id of a site.
    ///
    /// Affects the sites of the state with that id.
    NationalId {
        /// The state, alpha-2.
        country: String,
        /// The id.
        id: String,
    },
    /// The cell of a hundredth of a degree in which a site lies.
    ///
    /// Affects the sites in this cell and those around it, and the productions of the
    /// sites within as many cells as [`cells_for`](crate::region::cells_for) tells of the
    /// most that `spike_neighbour` is anywhere.
    Place {
        /// Hundredths of a degree of latitude, rounded down.
        row: i32,
        /// Hundredths of a degree of longitude, rounded down.
        column: i32,
    },
    /// The province of a site.
    ///
    /// Affects the productions of the sites of that province.
    Province {
        /// The state, alpha-2.
        country: String,
        /// The province, as the site writes it.
        province: String,
    },
    /// What a site yielded in a month.
    ///
    /// Affects the productions of the site and the mineral of the month and of the twelve
    /// after it, and those of the mineral and the month by sites of its province.
    Yield {
        /// Key of the site; what is written, if it is no id of a site.
        site: String,
        /// HS6; empty if unreadable.
        mineral: String,
        /// The month, as `2026-09`.
        month: String,
    },
    /// An exporter whose standing is told, or who was audited.
    ///
    /// Affects the certificates of the state with that exporter.
    Exporter {
        /// The state, alpha-2.
        country: String,
        /// His identifier.
        identifier: String,
    },
    /// What a certificate is worth.
    ///
    /// Affects the certificates of the mineral issued from that day to as many days later
    /// as `value_days` is at most anywhere.
    Worth {
        /// HS6.
        mineral: String,
        /// Day of issuance.
        issued: Date,
    },
    /// What a line of a declaration is paired by, beside its certificate.
    ///
    /// Affects the pairing of the lines near it: see
    /// [`pairing::component`](crate::pairing::component).
    Traded(Traded),
    /// A state's balance of a mineral. Affects it.
    Balance {
        /// The state, alpha-2.
        country: String,
        /// HS6.
        mineral: String,
    },
    /// A state's trade with a partner. Affects that year and the next.
    Mirror {
        /// The state, alpha-2.
        country: String,
        /// The partner, alpha-2.
        partner: String,
        /// HS6.
        mineral: String,
        /// The year.
        year: i16,
    },
}
