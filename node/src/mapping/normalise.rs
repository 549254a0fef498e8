//! From rows to checked records: the one normaliser of every capture mode.
//!
//! Owns the joining of rows with their children, and what is said of a row that
//! cannot be read. Invariant: the same rows give the same record, in whatever
//! order the source gave them; a fault of one row is a refusal of that row.

use std::collections::HashMap;

use jiff::civil::Date;
use rmd_standard::{
    Cell, CodeLists, Context, Draft, Entity, Finding, National, Record, Refusal, Valid,
};

use super::children::{Children, group};
use super::findings;
use super::imprint::{Basis, Imprint, Imprinter};
use super::normalisers::{Pipeline, StepCount, is_absent};
use super::plan::{Plan, QueryPlan, Target};
use super::read::{Read, key_text};
use crate::source::Row;

/// What became of one source row.
#[derive(Debug)]
pub(crate) struct Output {
    /// Key of the row at the source, as text.
    pub(crate) source_key: String,
    /// The whole record, or why there is none.
    pub(crate) outcome: Result<Valid<Record, National>, Refusal>,
    /// Day and ground, when the row says that the record is void.
    pub(crate) annulled: Option<(Date, String)>,
    /// What the source gave, as a hash; none unless it was asked for.
    pub(crate) imprint: Option<Imprint>,
}

/// What is known of rows before they are mapped, by their places.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sieve<'a> {
    /// The imprints.
    pub(crate) imprints: &'a [Option<Imprint>],
    /// Rows that are as they were, which are left out.
    pub(crate) unchanged: &'a [bool],
}

/// Turns what was read of one record type into records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Normaliser<'a> {
    /// The resolved queries.
    pub(crate) plan: &'a Plan<'a>,
    /// National words for codes.
    pub(crate) codes: &'a CodeLists,
    /// State, day and zone.
    pub(crate) context: &'a Context,
}

/// What was counted of the cells of one record type.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// One per column of the rows query.
    pub(crate) rows: Vec<ColumnCount>,
    /// One list per child query, in its order.
    pub(crate) children: Vec<Vec<ColumnCount>>,
}

/// The cells of one column.
#[derive(Debug, Default, Clone)]
pub(crate) struct ColumnCount {
    /// Cells with a value.
    pub(crate) filled: u64,
    /// Cells without one.
    pub(crate) empty: u64,
    /// What each normaliser did.
    pub(crate) steps: Vec<StepCount>,
}

impl Tally {
    /// Nothing counted yet.
    pub(crate) fn of(plan: &Plan<'_>) -> Self {
        let columns = |plan: &QueryPlan<'_>| {
            let steps = |pipeline: Option<&Pipeline>| {
                let steps = pipeline.map_or(0, |pipeline| pipeline.steps.len());
                ColumnCount { steps: vec![StepCount::default(); steps], ..ColumnCount::default() }
            };
            plan.pipelines.iter().copied().map(steps).collect()
        };
        Self { rows: columns(&plan.rows), children: plan.children.iter().map(columns).collect() }
    }
}

/// The rows of a chunk, with what belongs to them.
#[derive(Debug)]
pub(crate) struct Gathered<'r> {
    rows: &'r [Row],
    keys: &'r [Option<String>],
    /// How often the key of a row comes, at the first row of the key; 0 at the others.
    times: Vec<usize>,
    /// One per child query, in its order.
    children: Vec<Children<'r>>,
}

impl Gathered<'_> {
    /// The imprint of each row that stands alone under its key.
    pub(crate) fn imprints(&self, basis: &Basis) -> Vec<Option<Imprint>> {
        let mut imprinter = Imprinter::default();
        let imprint = |(place, row): (usize, &Row)| {
            if self.times[place] != 1 {
                return None;
            }
            imprinter.begin(basis);
            imprinter.row(row);
            for list in &self.children {
                let rows = list.of(place);
                imprinter.list(rows.len());
                rows.for_each(|row| imprinter.row(row));
            }
            Some(imprinter.finish())
        };
        self.rows.iter().enumerate().map(imprint).collect()
    }
}

impl Normaliser<'_> {
    /// One output per source key, in the order of the rows.
    pub(crate) fn outputs(&self, read: &Read) -> Vec<Output> {
        self.counted(read, None)
    }

    /// The same, with every cell counted.
    pub(crate) fn counted(&self, read: &Read, tally: Option<&mut Tally>) -> Vec<Output> {
        let keys = self.keys(read);
        let mut outputs = Vec::with_capacity(keys.len());
        let push = |output| outputs.push(output);
        self.each(&self.gather(read, &keys), Sieve::default(), tally, push);
        outputs
    }

    /// The key of each row; none where it is null or cannot be read.
    pub(crate) fn keys(&self, read: &Read) -> Vec<Option<String>> {
        let key_index = self.plan.rows.key_index();
        read.parents.rows.iter().map(|row| key_text(&row.cells[key_index])).collect()
    }

    /// Brings rows of one key, and the rows of lists and their parents, together.
    pub(crate) fn gather<'r>(&self, read: &'r Read, keys: &'r [Option<String>]) -> Gathered<'r> {
        let mut places: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
        let mut times = vec![0_usize; keys.len()];
        for (place, key) in keys.iter().enumerate() {
            if let Some(key) = key {
                times[*places.entry(key).or_insert(place)] += 1;
            }
        }
        let lists = self.plan.children.iter().zip(&read.children);
        let children = lists.map(|(plan, rows)| group(plan, &rows.rows, &places)).collect();
        Gathered { rows: &read.parents.rows, keys, times, children }
    }

    /// Gives one output per source key, in the order of the rows, but for those that are
    /// as they were. Records are large: who takes one should have done with it before the
    /// next is made.
    pub(crate) fn each(
        &self,
        gathered: &Gathered<'_>,
        sieve: Sieve<'_>,
        mut tally: Option<&mut Tally>,
        mut take: impl FnMut(Output),
    ) {
        let rows = gathered.rows;
        self.unnamed(rows, self.plan.rows.key_index()).into_iter().for_each(&mut take);
        for (place, (row, key)) in rows.iter().zip(gathered.keys).enumerate() {
            let Some(key) = key else { continue };
            if sieve.unchanged.get(place).copied().unwrap_or(false) {
                continue;
            }
            match gathered.times[place] {
                // Said of all rows of the key at the place of the first.
                0 => {}
                1 => {
                    let at = (place, key.as_str());
                    let output = self.output(at, row, &gathered.children, tally.as_deref_mut());
                    let imprint = sieve.imprints.get(place).copied().flatten();
                    take(Output { imprint, ..output });
                }
                _ => take(refused(key, findings::twice(self.entity(), key))),
            }
        }
    }

    /// The first row whose key cannot be read: it stands for all of them, since
    /// nothing tells them apart.
    fn unnamed(&self, rows: &[Row], key_index: usize) -> Option<Output> {
        let is_unnamed = |row: &&Row| row.faults.iter().any(|(index, _)| *index == key_index);
        let row = rows.iter().find(is_unnamed)?;
        let findings = self.row_faults("", &self.plan.rows, row, "");
        let outcome = Err(Refusal { key: None, findings });
        Some(Output { source_key: String::new(), outcome, annulled: None, imprint: None })
    }

    fn output(
        &self,
        (place, key): (usize, &str),
        row: &Row,
        children: &[Children<'_>],
        mut tally: Option<&mut Tally>,
    ) -> Output {
        let mut faults = self.row_faults(key, &self.plan.rows, row, "");
        let mut draft = Draft::new(self.entity());
        let counts = tally.as_deref_mut().map(|tally| tally.rows.as_mut_slice());
        self.fill(&mut draft, &self.plan.rows, row, counts);
        let lists = self.plan.record.children.iter().zip(&self.plan.children).zip(children);
        for (index, ((map, plan), rows)) in lists.enumerate() {
            for child in rows.of(place) {
                draft.push(map.list);
                let counts = tally.as_deref_mut().and_then(|tally| tally.children.get_mut(index));
                self.fill(&mut draft, plan, child, counts.map(Vec::as_mut_slice));
                faults.extend(self.row_faults(key, plan, child, map.list));
            }
        }
        let annulled = match self.annulment(key, row) {
            Ok(annulled) => annulled,
            Err(finding) => {
                faults.push(*finding);
                None
            }
        };
        let outcome = if faults.is_empty() {
            draft.finish(self.context)
        } else {
            Err(Refusal { key: None, findings: faults })
        };
        Output { source_key: key.to_owned(), outcome, annulled, imprint: None }
    }

    fn fill(
        &self,
        draft: &mut Draft,
        plan: &QueryPlan<'_>,
        row: &Row,
        mut counts: Option<&mut [ColumnCount]>,
    ) {
        let mut units = Vec::new();
        for (index, (target, cell)) in plan.targets.iter().zip(&row.cells).enumerate() {
            let Target::Field(column) = target else { continue };
            let count = counts.as_deref_mut().and_then(|counts| counts.get_mut(index));
            let Some(pipeline) = plan.pipelines[index] else {
                count_cell(count, is_absent(cell));
                draft.set(*column, cell, self.codes);
                continue;
            };
            let decoded = row.bytes_of(index).and_then(|bytes| pipeline.text_of(bytes));
            let given = decoded.as_ref().unwrap_or(cell);
            let steps = count.map(|count| {
                count_cell(Some(&mut *count), is_absent(given));
                count.steps.as_mut_slice()
            });
            match pipeline.counted(given, steps) {
                Ok(read) => {
                    draft.set(*column, &read.cell, self.codes);
                    units.extend(pipeline.unit.zip(read.unit));
                }
                Err(unread) => {
                    draft.misread(*column, unread.why, &key_text(given).unwrap_or_default());
                }
            }
        }
        // The unit in the text of a mass is nearer to it than a column beside it.
        for (column, unit) in units {
            draft.set(column, &Cell::Text(unit.to_owned()), self.codes);
        }
    }

    fn annulment(&self, key: &str, row: &Row) -> Result<Option<(Date, String)>, Box<Finding>> {
        let mut on = None;
        let mut reason = String::new();
        let plan = &self.plan.rows;
        for ((target, cell), pipeline) in plan.targets.iter().zip(&row.cells).zip(&plan.pipelines) {
            // A day that no format fits is told as what it is: no day.
            let text = || key_text(&read_or_as_it_is(*pipeline, cell));
            match target {
                Target::AnnulledOn => on = text().filter(|text| !text.trim().is_empty()),
                Target::AnnulledReason => reason = text().unwrap_or_default(),
                Target::Key | Target::Field(_) => {}
            }
        }
        let Some(text) = on else { return Ok(None) };
        let day = text.trim().get(..10).and_then(|day| day.parse::<Date>().ok());
        day.map(|day| Some((day, reason.trim().to_owned())))
            .ok_or_else(|| Box::new(findings::no_day(self.entity(), key, &text)))
    }

    /// What is said of each value of a row that the source could not give.
    fn row_faults(&self, key: &str, plan: &QueryPlan<'_>, row: &Row, list: &str) -> Vec<Finding> {
        let path = |index: usize| {
            let name = plan.fields.get(index).map_or("?", |field| field.name.as_str());
            if list.is_empty() { name.to_owned() } else { format!("{list}.{name}") }
        };
        let is_mended = |index: usize| {
            let pipeline = plan.pipelines.get(index).copied().flatten();
            let bytes = row.bytes_of(index);
            pipeline.zip(bytes).is_some_and(|(pipeline, bytes)| pipeline.text_of(bytes).is_some())
        };
        row.faults
            .iter()
            .filter(|(index, _)| !is_mended(*index))
            .map(|(index, fault)| findings::unreadable(self.entity(), key, &path(*index), fault))
            .collect()
    }

    fn entity(&self) -> Entity {
        self.plan.entity()
    }
}

fn count_cell(count: Option<&mut ColumnCount>, is_empty: bool) {
    if let Some(count) = count {
        count.filled += u64::from(!is_empty);
        count.empty += u64::from(is_empty);
    }
}

fn read_or_as_it_is(pipeline: Option<&Pipeline>, cell: &Cell) -> Cell {
    let read = pipeline.and_then(|pipeline| pipeline.read(cell).ok());
    read.map_or_else(|| cell.clone(), |read| read.cell)
}

fn refused(source_key: &str, finding: Finding) -> Output {
    Output {
        source_key: source_key.to_owned(),
        outcome: Err(Refusal { key: None, findings: vec![finding] }),
        annulled: None,
        imprint: None,
    }
}

/// The source has rows whose key is null: they cannot be followed.
pub(crate) fn keyless(entity: Entity) -> Output {
    refused("", findings::keyless(entity))
}
