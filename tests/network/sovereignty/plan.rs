//! Every record of the test, by its way in and what becomes of it.
//!
//! All are made before anything starts, so that each place is searched for all.

use anyhow::Result;
use serde_json::Value;

use super::{
    needle::{self, Core},
    planted::{Fill, Garden, Made},
    post,
};

/// Record types that the REST API takes, with their collections.
pub(super) const POSTED: [(&str, &str); 3] =
    [("MineSite", "mine-sites"), ("Lot", "lots"), ("ExportCertificate", "export-certificates")];

/// Rows of the national database, of one record type.
#[derive(Debug)]
pub(super) struct Mapped {
    pub(super) kept: Made,
    /// The row `kept` later.
    pub(super) revised: Made,
    pub(super) annulled: Made,
    pub(super) deleted: Made,
    pub(super) faulty: Made,
    pub(super) bad: Made,
    /// Published without phones.
    pub(super) misread: Made,
    /// National texts that are no UTF-8.
    pub(super) unreadable: Made,
    /// Two rows are this record.
    pub(super) doubled: Made,
}

/// Requests to the node's API, of one record type.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) collection: &'static str,
    pub(super) kept: (Made, Value),
    /// The record `kept`, put in its place.
    pub(super) revised: (Made, Value),
    /// Posted although it is there.
    pub(super) doubled: (Made, Value),
    pub(super) faulty: (Made, Value),
    pub(super) bad: (Made, Value),
    /// No JSON, with a string in it.
    pub(super) broken: String,
}

/// Rows of sheets, of one record type.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) kept: Made,
    /// The record `kept` in a later file.
    pub(super) corrected: Made,
    pub(super) annulled: Made,
    pub(super) faulty: Made,
    pub(super) bad: Made,
}

/// Everything.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) garden: Garden,
    pub(super) mapped: Vec<Mapped>,
    pub(super) posted: Vec<Posted>,
    pub(super) sheets: Vec<Sheet>,
    /// Cells of a file that no row of headers explains.
    pub(super) lost: Vec<String>,
}

impl Plan {
    /// Makes all records.
    pub(super) fn new(mut garden: Garden) -> Result<Self> {
        let entities = garden.entities();
        let mapped =
            entities.iter().map(|entity| mapped(&mut garden, entity)).collect::<Result<_>>()?;
        let posted = POSTED.iter().map(|one| posted(&mut garden, *one)).collect::<Result<_>>()?;
        let sheets =
            entities.iter().map(|entity| sheet(&mut garden, entity)).collect::<Result<_>>()?;
        let lost = (0..12)
            .map(|index| {
                let letters = needle::letters(&mut garden.random);
                let core = Core::Text(letters.clone());
                garden.plant("sheet without headers", format!("cell {index}"), core);
                letters
            })
            .collect();
        Ok(Self { garden, mapped, posted, sheets, lost })
    }

    /// Records that stand in a second revision.
    pub(super) fn revised(&self) -> Vec<&Made> {
        let mapped = self.mapped.iter().map(|one| &one.revised);
        let posted = self.posted.iter().map(|one| &one.revised.0);
        mapped.chain(posted).chain(self.sheets.iter().map(|one| &one.corrected)).collect()
    }

    /// Every record that stands.
    pub(super) fn standing(&self) -> Vec<&Made> {
        self.revised().into_iter().chain(self.mapped.iter().map(|one| &one.misread)).collect()
    }
}

fn mapped(garden: &mut Garden, entity: &str) -> Result<Mapped> {
    let mut record = |what: &str, fill| garden.record(entity, &format!("mapped, {what},"), fill);
    let kept = record("kept", Fill::Good)?;
    Ok(Mapped {
        annulled: record("annulled", Fill::Good)?,
        deleted: record("deleted", Fill::Good)?,
        faulty: record("faulty", Fill::BesideFault)?,
        bad: record("bad", Fill::Bad)?,
        misread: record("misread", Fill::Misread)?,
        unreadable: record("unreadable", Fill::Good)?,
        doubled: record("doubled", Fill::Good)?,
        revised: garden.again(&kept, "mapped, revised,")?,
        kept,
    })
}

fn posted(garden: &mut Garden, (entity, collection): (&str, &'static str)) -> Result<Posted> {
    let mut kept = garden.record(entity, "posted, kept,", Fill::Good)?;
    let mut revised = garden.again(&kept, "posted, revised,")?;
    let mut doubled = garden.again(&kept, "posted, doubled,")?;
    let mut faulty = garden.record(entity, "posted, faulty,", Fill::BesideFault)?;
    let mut bad = garden.record(entity, "posted, bad,", Fill::Bad)?;
    let mut document = |made: &mut Made, what: &str| {
        // The attributes of a bad record are longer than any may be.
        let more = if what == "bad" { 9000 } else { 0 };
        post::extend(garden, made, &format!("posted, {what}, {entity}"), more)
    };
    let documents = [
        document(&mut kept, "kept"),
        document(&mut revised, "revised"),
        document(&mut doubled, "doubled"),
        document(&mut faulty, "faulty"),
        document(&mut bad, "bad"),
    ];
    let broken = needle::letters(&mut garden.random);
    let core = Core::Text(broken.clone());
    garden.plant(&format!("posted, broken, {entity}"), "a document".to_owned(), core);
    let [first, second, third, fourth, fifth] = documents;
    Ok(Posted {
        collection,
        kept: (kept, first),
        revised: (revised, second),
        doubled: (doubled, third),
        faulty: (faulty, fourth),
        bad: (bad, fifth),
        broken: format!("{{\"owner\": {{\"name\": \"{broken}\", {broken}"),
    })
}

fn sheet(garden: &mut Garden, entity: &str) -> Result<Sheet> {
    let mut record = |what: &str, fill| garden.record(entity, &format!("sheet, {what},"), fill);
    let kept = record("kept", Fill::Good)?;
    Ok(Sheet {
        annulled: record("annulled", Fill::Good)?,
        faulty: record("faulty", Fill::BesideFault)?,
        bad: record("bad", Fill::Bad)?,
        corrected: garden.again(&kept, "sheet, corrected,")?,
        kept,
    })
}
