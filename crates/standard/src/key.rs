//! key
use crate::{Record, finding::Issue};
pub(crate) fn of(record: &Record) -> Result<String, Issue> {
    match record {
        Record::MineSite(s) => Ok(s.icglr_id.clone()),
        Record::Lot(l) => Ok(format!("{}/{}", l.country, l.lot_number)),
        _ => Ok(String::new()),
    }
}
