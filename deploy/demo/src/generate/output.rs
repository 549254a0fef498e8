//! The files of a set, written as they come: nothing is kept.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use jiff::{civil::Date, tz::TimeZone};
use rmd_standard::{Entity, Record, icglr};

use super::{label::Label, state::state};

/// The files of a state, by record type.
pub const FILES: [(Entity, &str); 9] = [
    (Entity::MineSite, "mine-sites"),
    (Entity::ExporterStatus, "exporter-statuses"),
    (Entity::Lot, "lots"),
    (Entity::ExportCertificate, "export-certificates"),
    (Entity::ExportDeclaration, "export-declarations"),
    (Entity::ImportDeclaration, "import-declarations"),
    (Entity::ProductionDeclaration, "production"),
    (Entity::StockDeclaration, "stock"),
    (Entity::ReportingPeriod, "periods"),
];

/// Writes a set.
#[derive(Debug)]
pub(crate) struct Output {
    folder: PathBuf,
    files: BTreeMap<Entity, BTreeMap<&'static str, BufWriter<File>>>,
    labels: BufWriter<File>,
    near: BufWriter<File>,
    zone: TimeZone,
    line: Vec<u8>,
    /// Records written, by type.
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// Labels written.
    pub(crate) labelled: u64,
}

impl Output {
    /// Makes the folder and the files that every state of a set has.
    pub(crate) fn create(folder: &Path, states: &[&'static str], as_of: Date) -> Result<Self> {
        let is_empty = fs::read_dir(folder).map_or(true, |mut found| found.next().is_none());
        ensure!(
            is_empty,
            "{0} is not empty; choose another folder / {0} n'est pas vide ; choisissez un autre dossier",
            folder.display()
        );
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        fs::write(folder.join("as-of"), format!("{as_of}\n"))?;
        let labels = File::create(folder.join("labels.jsonl"))?;
        let near = File::create(folder.join("near-misses.jsonl"))?;
        let mut files = BTreeMap::<_, BTreeMap<_, _>>::new();
        for code in states {
            let of_state = folder.join(state(code).alpha3);
            fs::create_dir_all(&of_state)?;
            for (entity, name) in FILES {
                let file = File::create(of_state.join(format!("{name}.jsonl")))?;
                let file = BufWriter::with_capacity(1 << 16, file);
                files.entry(entity).or_default().insert(*code, file);
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            files,
            labels: BufWriter::new(labels),
            near: BufWriter::new(near),
            zone: TimeZone::fixed(jiff::tz::offset(2)),
            line: Vec::new(),
            counts: BTreeMap::new(),
            labelled: 0,
        })
    }

    /// Writes a record to the file of its state; of a state that is not in the set
    /// nothing is known.
    pub(crate) fn put(&mut self, record: &Record) -> Result<()> {
        let entity = record.entity();
        let country = record.country();
        let of_type = self.files.get_mut(&entity);
        let Some(file) = of_type.and_then(|files| files.get_mut(country)) else { return Ok(()) };
        self.line.clear();
        icglr::write_to(record, icglr::Usage::Icglr, &self.zone, &mut self.line);
        self.line.push(b'\n');
        file.write_all(&self.line)?;
        *self.counts.entry(entity.name()).or_default() += 1;
        Ok(())
    }

    /// Writes a label.
    pub(crate) fn label(&mut self, label: &Label) -> Result<()> {
        serde_json::to_writer(&mut self.labels, label)?;
        self.labels.write_all(b"\n")?;
        self.labelled += 1;
        Ok(())
    }

    /// Writes what is just inside a limit, like a label.
    pub(crate) fn near(&mut self, label: &Label) -> Result<()> {
        serde_json::to_writer(&mut self.near, label)?;
        self.near.write_all(b"\n")?;
        Ok(())
    }

    /// Writes a file beside those of the states.
    pub(crate) fn beside(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.folder.join(name), text).with_context(|| format!("write {name}"))
    }

    /// Writes what is still held back.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.labels.flush()?;
        self.near.flush()?;
        self.files.values_mut().flat_map(BTreeMap::values_mut).try_for_each(BufWriter::flush)?;
        Ok(())
    }
}
