//! Which records are asked for.
//!
//! Parameters arrive here parsed: codes are numbers of the protobuf
//! enumerations, sites are keys, minerals are HS subheadings where they can be.

use jiff::civil::Date;
use rmd_standard::Record;

use super::access::Collection;

/// A filter on a mineral or a type of ore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mineral {
    /// An HS code or IMA symbol, as its first six digits; compare with
    /// [`rmd_standard::mineral::hs6`] of the record's code.
    Hs6(String),
    /// Any other text; equal but for upper and lower case.
    Text(String),
}

/// A filter over one collection, and a page of what it leaves. A filter that
/// is absent leaves everything. Texts are equal but for upper and lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Of which records.
    pub collection: Collection,
    /// The state that owns the record, alpha-2 in upper case.
    pub country: Option<String>,
    /// Mine sites: declared status, number of the enumeration.
    pub certification_status: Option<i32>,
    /// Mine sites: activity, number of the enumeration.
    pub activity_status: Option<i32>,
    /// Mine sites: one of their minerals; certificates: the type of ore; lots: the mineral.
    pub mineral: Option<Mineral>,
    /// Certificates: their identifier.
    pub identifier: Option<String>,
    /// Lots: their number; certificates: one of their lots.
    pub lot_number: Option<String>,
    /// Lots: key of their site, as [`rmd_standard::site_id::key_of`] makes it.
    pub mine_site: Option<String>,
    /// Lots: identifier of who made them.
    pub creator_identifier: Option<String>,
    /// Lots: one of the parts of the creator, number of the enumeration.
    pub creator_role: Option<i32>,
    /// Lots: one of their operations, number of the enumeration.
    pub originating_operation: Option<i32>,
    /// Certificates: first day of issuance, included.
    pub issued_from: Option<Date>,
    /// Certificates: last day of issuance, included.
    pub issued_to: Option<Date>,
    /// Lots: first instant of registration, included, in UTC microseconds.
    pub registered_from_us: Option<i64>,
    /// Lots: first instant that is too late, in UTC microseconds.
    pub registered_before_us: Option<i64>,
    /// The page, from 1.
    pub page: u64,
    /// Records on a page, 1 to 100.
    pub limit: u32,
}

impl Query {
    /// The first page of everything.
    pub const fn of(collection: Collection) -> Self {
        Self {
            collection,
            country: None,
            certification_status: None,
            activity_status: None,
            mineral: None,
            identifier: None,
            lot_number: None,
            mine_site: None,
            creator_identifier: None,
            creator_role: None,
            originating_operation: None,
            issued_from: None,
            issued_to: None,
            registered_from_us: None,
            registered_before_us: None,
            page: 1,
            limit: 20,
        }
    }

    /// How many records come before the page; never more than a store can count.
    pub fn offset(&self) -> i64 {
        let before = self.page.saturating_sub(1).saturating_mul(u64::from(self.limit));
        i64::try_from(before).unwrap_or(i64::MAX)
    }
}

/// One page of records.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// The records of the page.
    pub records: Vec<Record>,
    /// How many records there are on all pages.
    pub total: u64,
}

/// The name of one record, as a path gives it. Compared exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A mine site.
    MineSite {
        /// Key of the site, as [`rmd_standard::site_id::key_of`] makes it.
        key: String,
    },
    /// An export certificate.
    ExportCertificate {
        /// The issuing state, alpha-2 in upper case.
        country: String,
        /// Serial within the state.
        identifier: String,
    },
    /// A lot; its number is unique for its creator only.
    Lot {
        /// The creator's number.
        number: String,
        /// The state that records it, alpha-2 in upper case.
        country: Option<String>,
        /// Identifier of the creator.
        creator: Option<String>,
    },
}

/// What to do with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Keep a record that is not there yet.
    Create,
    /// Keep it in the place of the one of that name, which has the same key.
    Replace(Name),
}

/// What was done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    Created,
    /// It took the place of another.
    Replaced,
    /// It equals the one that is there.
    Unchanged,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_far_away_does_not_overflow() {
        let mut query = Query::of(Collection::Lots);
        assert_eq!(query.offset(), 0);
        (query.page, query.limit) = (3, 100);
        assert_eq!(query.offset(), 200);
        query.page = u64::MAX;
        assert_eq!(query.offset(), i64::MAX);
    }
}
