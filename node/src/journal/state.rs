//! What became of source rows and records, as the file knows it.
//!
//! Owns the tables `source_row`, `record`, `quarantine` and `refused_count`: loading the part
//! that a batch touches and writing what changed, many rows a statement, and where
//! each key has its number. Invariant: rows are written in the order of their ids.

pub(crate) mod bulk;
mod load;
mod place;
mod save;

use rmd_feed::NewEntry;
use rmd_proto::v1::Op;
use rmd_standard::{Entity, Finding};
use sha2::{Digest as _, Sha256};

pub(super) use self::{
    load::{find_records, find_rows, json, load_records, load_refused, load_rows},
    place::{Numbered, allocate},
    save::{save_records, save_refused, save_rows},
};

/// What a source row is to the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowState {
    /// Its record is the last revision of its key, or waits in the brake to be.
    Published,
    /// It is in quarantine; an earlier revision may still be published.
    Refused,
    /// It is good, and its entity may not leave.
    Off,
    /// It is gone; kept only because another row's number follows.
    Gone,
}

impl RowState {
    /// The word in the table.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Refused => "refused",
            Self::Off => "off",
            Self::Gone => "gone",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Published, Self::Refused, Self::Off, Self::Gone]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// One row of `source_row`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceRow {
    pub(super) id: i64,
    pub(super) source_key: String,
    /// The record whose last revision came from this row.
    pub(super) record_id: Option<i64>,
    pub(super) state: RowState,
    /// What the row was when its record was published; none unless it is.
    pub(super) imprint: Option<Settled>,
}

/// The imprint of a row, and the beginning of the hash of the content that came of it.
pub(super) type Settled = [u8; 24];

/// One row of `record`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordState {
    pub(super) id: i64,
    pub(super) key: String,
    /// The source row of the last revision.
    pub(super) row_id: i64,
    pub(super) rev: u64,
    pub(super) seq: u64,
    /// None while nothing was appended.
    pub(super) op: Option<Op>,
    pub(super) content_hash: Vec<u8>,
}

impl RecordState {
    /// A record of which nothing was appended yet.
    pub(super) const fn new(id: i64, key: String, row_id: i64) -> Self {
        Self { id, key, row_id, rev: 0, seq: 0, op: None, content_hash: Vec::new() }
    }

    /// Whether followers hold a revision that is not a tombstone.
    pub(super) const fn is_published(&self) -> bool {
        matches!(self.op, Some(Op::Upsert | Op::Annul))
    }
}

/// What a row would publish: the released bytes and what the entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Revision {
    pub(super) payload: Vec<u8>,
    pub(super) op: Op,
    pub(super) reason: String,
    pub(super) event_time_us: i64,
    pub(super) mapping_id: String,
}

impl Revision {
    /// The end of a record.
    pub(super) fn tombstone(reason: String, mapping_id: &str) -> Self {
        Self {
            payload: Vec::new(),
            op: Op::Tombstone,
            reason,
            event_time_us: 0,
            mapping_id: mapping_id.to_owned(),
        }
    }

    /// The record with this revision at a seq, and the entry for the feed.
    pub(super) fn append_to(
        self,
        entity: Entity,
        record: RecordState,
        seq: u64,
        captured_at_us: i64,
    ) -> (RecordState, NewEntry) {
        let (rev, op, content_hash) = (record.rev + 1, Some(self.op), self.content_hash());
        let entry = NewEntry {
            entity: entity.name().to_owned(),
            key: record.key.clone(),
            rev,
            op: self.op,
            reason: self.reason,
            event_time_us: self.event_time_us,
            captured_at_us,
            mapping_id: self.mapping_id,
            previous_seq: record.seq,
            payload: self.payload,
        };
        (RecordState { rev, seq, op, content_hash, ..record }, entry)
    }

    /// SHA-256 over the released bytes; an annulment counts as content. Never
    /// leaves the row state: without a salt it would confirm a guess.
    pub(super) fn content_hash(&self) -> Vec<u8> {
        let mut digest = Sha256::new().chain_update(&self.payload);
        if self.op != Op::Upsert {
            digest.update([0]);
            digest.update((self.op as i32).to_be_bytes());
            digest.update(self.event_time_us.to_be_bytes());
            digest.update(&self.reason);
        }
        digest.finalize().to_vec()
    }
}

/// One row of `quarantine`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    pub(super) row_id: i64,
    pub(super) entity: Entity,
    pub(super) source_key: String,
    pub(super) record_key: Option<String>,
    /// The record that the row asks for.
    pub(super) claim: Option<i64>,
    pub(super) fault: Fault,
    pub(super) findings: Vec<Finding>,
}

/// Why a row is in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The row itself is no record.
    Findings,
    /// Another row has the same key. What the row would publish once it is
    /// alone; none if that is what is published already.
    Clash(Option<Revision>),
}
