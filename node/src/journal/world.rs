//! The part of the row state that one batch touches, in memory.
//!
//! Owns the changes until they are written: what was altered is written, what
//! was only read is not. Invariant: the deltas of the published counts follow
//! from the altered rows and records and from nothing else.

mod number;

use std::collections::{BTreeSet, HashMap, HashSet};

use rmd_standard::Entity;

use super::{
    brake::Held,
    entitlement::Level,
    imprint::Imprint,
    state::{RecordState, Refused, RowState, Settled, SourceRow},
};

/// Rows, records and quarantine entries around a batch.
#[derive(Debug)]
pub(super) struct World {
    pub(super) entity: Entity,
    pub(super) level: Level,
    rows: HashMap<i64, SourceRow>,
    records: HashMap<i64, RecordState>,
    refused: HashMap<i64, Refused>,
    held: HashMap<i64, Held>,
    /// What the source gave of the rows of the batch, where that is known.
    imprints: HashMap<i64, Imprint>,
    touched: BTreeSet<i64>,
    rows_altered: BTreeSet<i64>,
    records_altered: BTreeSet<i64>,
    /// Rows that the file does not have.
    rows_new: HashSet<i64>,
    /// Records that the file does not have.
    records_new: HashSet<i64>,
    refused_altered: BTreeSet<i64>,
    refused_left: BTreeSet<i64>,
    /// Change of the number of published records.
    pub(super) published_delta: i64,
    /// Change of the number of rows that are good and may not leave.
    pub(super) off_delta: i64,
    /// Change of the number of rows that are known and not gone.
    pub(super) known_delta: i64,
}

impl World {
    pub(super) fn new(entity: Entity, level: Level) -> Self {
        Self {
            entity,
            level,
            rows: HashMap::new(),
            records: HashMap::new(),
            refused: HashMap::new(),
            held: HashMap::new(),
            imprints: HashMap::new(),
            touched: BTreeSet::new(),
            rows_altered: BTreeSet::new(),
            records_altered: BTreeSet::new(),
            rows_new: HashSet::new(),
            records_new: HashSet::new(),
            refused_altered: BTreeSet::new(),
            refused_left: BTreeSet::new(),
            published_delta: 0,
            off_delta: 0,
            known_delta: 0,
        }
    }

    pub(super) fn know_rows(&mut self, rows: Vec<SourceRow>) {
        for row in rows {
            self.rows.entry(row.id).or_insert(row);
        }
    }

    pub(super) fn know_records(&mut self, records: Vec<RecordState>) {
        for record in records {
            self.records.entry(record.id).or_insert(record);
        }
    }

    pub(super) fn know_refused(&mut self, refused: Vec<Refused>) {
        for entry in refused {
            self.refused.entry(entry.row_id).or_insert(entry);
        }
    }

    pub(super) fn know_held(&mut self, held: Vec<(i64, Held)>) {
        self.held.extend(held);
    }

    pub(super) fn know_imprints(&mut self, imprints: impl Iterator<Item = (i64, Imprint)>) {
        self.imprints.extend(imprints);
    }

    /// What is kept of a row of the batch whose content has this hash.
    pub(super) fn settled(&self, row_id: i64, content_hash: &[u8]) -> Option<Settled> {
        let mut settled = Settled::default();
        settled[..16].copy_from_slice(self.imprints.get(&row_id)?);
        settled[16..].copy_from_slice(content_hash.get(..8)?);
        Some(settled)
    }

    /// What the brake holds of a record.
    pub(super) fn held(&self, record_id: i64) -> Option<&Held> {
        self.held.get(&record_id)
    }

    /// Whether the brake holds nothing that this batch touches.
    pub(super) fn holds_nothing(&self) -> bool {
        self.held.is_empty()
    }

    /// Holds a record; what was held of it before.
    pub(super) fn hold(&mut self, record_id: i64, held: Held) -> Option<Held> {
        self.held.insert(record_id, held)
    }

    /// Holds a record no more; what was held of it.
    pub(super) fn let_go(&mut self, record_id: i64) -> Option<Held> {
        self.held.remove(&record_id)
    }

    /// Adds records about which something may be decided; returns the new ones.
    pub(super) fn touch(&mut self, records: BTreeSet<i64>) -> Vec<i64> {
        records.into_iter().filter(|id| self.touched.insert(*id)).collect()
    }

    /// Records about which something may be decided; everybody who claims one of
    /// them is known.
    pub(super) fn touched(&self) -> &BTreeSet<i64> {
        &self.touched
    }

    pub(super) fn row(&self, id: i64) -> Option<&SourceRow> {
        self.rows.get(&id)
    }

    pub(super) fn record(&self, id: i64) -> Option<&RecordState> {
        self.records.get(&id)
    }

    pub(super) fn refused(&self, row_id: i64) -> Option<&Refused> {
        self.refused.get(&row_id)
    }

    /// Every quarantine entry that was loaded or made.
    pub(super) fn all_refused(&self) -> impl Iterator<Item = &Refused> {
        self.refused.values()
    }

    /// Sets what a row is.
    pub(super) fn put_row(&mut self, row: SourceRow) {
        let imprint = row.imprint.filter(|_| row.state == RowState::Published);
        let row = SourceRow { imprint, ..row };
        let before = self.rows.get(&row.id);
        if before == Some(&row) {
            return;
        }
        if before.is_none() {
            self.rows_new.insert(row.id);
        }
        let was_off = before.is_some_and(|before| before.state == RowState::Off);
        self.off_delta += i64::from(row.state == RowState::Off) - i64::from(was_off);
        let was_known = before.is_some_and(|before| before.state != RowState::Gone);
        self.known_delta += i64::from(row.state != RowState::Gone) - i64::from(was_known);
        self.rows_altered.insert(row.id);
        self.rows.insert(row.id, row);
    }

    /// Sets what is published of a record.
    pub(super) fn put_record(&mut self, record: RecordState) {
        let before = self.records.get(&record.id);
        if before == Some(&record) {
            return;
        }
        if before.is_none() {
            self.records_new.insert(record.id);
        }
        let was = before.is_some_and(RecordState::is_published);
        self.published_delta += i64::from(record.is_published()) - i64::from(was);
        self.records_altered.insert(record.id);
        self.records.insert(record.id, record);
    }

    /// Puts a row into quarantine, or renews why it is there.
    pub(super) fn put_refused(&mut self, entry: Refused) {
        if self.refused.get(&entry.row_id) == Some(&entry) {
            return;
        }
        // A record that is asked for has its number from then on, whoever asks next.
        let claim = entry.claim.zip(entry.record_key.as_ref());
        if let Some((id, key)) = claim.filter(|(id, _)| !self.records.contains_key(id)) {
            self.put_record(RecordState::new(id, key.clone(), entry.row_id));
        }
        self.refused_left.remove(&entry.row_id);
        self.refused_altered.insert(entry.row_id);
        self.refused.insert(entry.row_id, entry);
    }

    /// Takes a row out of quarantine.
    pub(super) fn absolve(&mut self, row_id: i64) {
        if self.refused.remove(&row_id).is_some() {
            self.refused_altered.remove(&row_id);
            self.refused_left.insert(row_id);
        }
    }

    /// What has to be written, each in the order of ids; none if that is nothing.
    pub(super) fn altered(&self) -> Option<Altered<'_>> {
        let altered =
            [&self.rows_altered, &self.records_altered, &self.refused_altered, &self.refused_left];
        if altered.iter().all(|ids| ids.is_empty()) {
            return None;
        }
        Some(Altered {
            rows: self.rows_altered.iter().filter_map(|id| self.rows.get(id)).collect(),
            records: self.records_altered.iter().filter_map(|id| self.records.get(id)).collect(),
            refused: self.refused_altered.iter().filter_map(|id| self.refused.get(id)).collect(),
            refused_left: self.refused_left.iter().copied().collect(),
            rows_new: &self.rows_new,
            records_new: &self.records_new,
        })
    }
}

/// What a batch changed.
#[derive(Debug)]
pub(super) struct Altered<'w> {
    pub(super) rows: Vec<&'w SourceRow>,
    pub(super) records: Vec<&'w RecordState>,
    pub(super) refused: Vec<&'w Refused>,
    pub(super) refused_left: Vec<i64>,
    /// Those of the rows that the file does not have.
    pub(super) rows_new: &'w HashSet<i64>,
    /// Those of the records that the file does not have.
    pub(super) records_new: &'w HashSet<i64>,
}
