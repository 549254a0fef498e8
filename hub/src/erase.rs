//! Erasure: what an owner had erased goes from everything that the hub keeps of it.
//!
//! Owns the table `erasure` and the execution of an owner's order: the frames of the
//! ledger are packed again without the payloads, refusals lose the values in their
//! findings, and what the hub itself said of the record loses them in the hub's own
//! feed. The record's rows go the way of every withdrawn record. It all happens in
//! the transaction of the frame that brought the order. Refuses nothing of its own:
//! an order that cannot be read is refused as an entry. Invariant: headers, leaves,
//! roots and checkpoints stay as they are, so every proof goes on to hold.

mod execute;
mod list;
mod scrub;
#[cfg(test)]
mod tests;

use rmd_proto::v1;

pub(crate) use self::{
    execute::execute,
    list::{Listed, Untold, list, tell, untold},
    scrub::{Scrubbed, run, scrub},
};

/// An entry that erases, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    /// Type of the record.
    pub(crate) entity: String,
    /// Its key.
    pub(crate) record_key: String,
    /// Number of the entry.
    pub(crate) seq: u64,
    /// What it names.
    pub(crate) message: v1::Erasure,
}

/// The word of a ground in tables and messages; a later one is its number.
pub(crate) fn ground_word(ground: i32) -> String {
    match v1::ErasureGround::try_from(ground) {
        Ok(v1::ErasureGround::PersonalData) => "personal-data".to_owned(),
        Ok(v1::ErasureGround::CourtOrder) => "court-order".to_owned(),
        Ok(v1::ErasureGround::Unspecified) | Err(_) => ground.to_string(),
    }
}

/// The ground that a word stands for.
pub(crate) fn ground_of(word: &str) -> i32 {
    match word {
        "personal-data" => v1::ErasureGround::PersonalData.into(),
        "court-order" => v1::ErasureGround::CourtOrder.into(),
        number => number.parse().unwrap_or_default(),
    }
}
