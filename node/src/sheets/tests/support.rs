//! A folder with a journal behind it, and files for it.

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::tz::{TimeZone, offset};
use rmd_sheet::{Grid, Raw, Row};
use rmd_standard::{CodeLists, Entity};
use rust_xlsxwriter::Workbook;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::{
    journal::{
        Journal,
        entitlement::{self, Level},
        report::{self, EntityReport},
        testing::TestJournal,
    },
    sheets::{
        Context, Error, Folder, Language, Outcome,
        folder::Sizes,
        ledger,
        template::{self, example::Example},
    },
};

/// A drop folder in a folder of its own.
pub(super) struct Drop {
    pub(super) context: Context,
    pub(super) test: TestJournal,
    dir: TempDir,
}

impl Drop {
    /// Everything may leave.
    pub(super) async fn live() -> Self {
        let drop = Self::new().await;
        drop.set(&Entity::ALL, Level::Live).await;
        drop
    }

    /// With the default entitlements.
    pub(super) async fn new() -> Self {
        let test = TestJournal::new().await;
        test.clock.set("2018-02-01T10:00:00Z".parse().unwrap());
        let dir = tempfile::tempdir().unwrap();
        let context = Context {
            folder: Folder::new(dir.path().join("sheets")),
            journal: test.journal.clone(),
            country: "CD".to_owned(),
            zone: TimeZone::fixed(offset(2)),
            codes: CodeLists::default(),
            interval: Duration::from_secs(1),
            shutdown: CancellationToken::new(),
        };
        context.folder.make().unwrap();
        Self { context, test, dir }
    }

    pub(super) async fn set(&self, entities: &[Entity], level: Level) {
        let journal = self.journal();
        let owner = Some(journal.owner());
        entitlement::set(journal.store(), owner, entities, level, &|_| ()).await.unwrap();
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.context.journal
    }

    /// A path outside the drop folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Takes a file by hand.
    pub(super) async fn import(&self, path: &Path) -> Result<Outcome, Error> {
        let bench = self.context.bench();
        let folder = &self.context.folder;
        let progress: crate::sheets::SharedProgress = std::sync::Arc::new(|_| true);
        crate::sheets::import_file(self.journal(), folder, path, bench, progress).await
    }

    /// Takes a file that is expected to be readable.
    pub(super) async fn taken(&self, path: &Path) -> crate::sheets::Report {
        match self.import(path).await.unwrap() {
            Outcome::Taken(report) => *report,
            other => panic!("{other:?}"),
        }
    }

    /// Takes a text under a name.
    pub(super) async fn text(&self, name: &str, bytes: &[u8]) -> crate::sheets::Report {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        self.taken(&path).await
    }

    /// Two looks into the folder: files are taken once they have stopped growing.
    pub(super) async fn turn(&self) {
        let mut sizes = Sizes::new();
        for _ in 0..2 {
            crate::sheets::turn(&self.context, &mut sizes).await.unwrap();
        }
    }

    pub(super) async fn counts(&self, entity: Entity) -> EntityReport {
        let reports = report::entities(self.journal().store()).await.unwrap();
        reports.into_iter().find(|report| report.entity == entity.name()).unwrap()
    }

    pub(super) async fn ledger(&self) -> Vec<ledger::Taken> {
        ledger::list(self.journal().store(), None, 100).await.unwrap()
    }

    pub(super) fn returned(&self, name: &str) -> PathBuf {
        self.context.folder.returned().join(name)
    }
}

/// Values of one row by alias; what is not named is left empty.
pub(super) type Values<'v> = &'v [(&'v str, &'v str)];

/// A lot that is complete enough to be taken.
pub(super) const LOT: Values<'static> = &[
    ("country", "CD"),
    ("lot_number", "L-1"),
    ("date_registration", "15/01/2018"),
    ("time_registration", "07:05"),
    ("creator.identifier", "TR-7"),
    ("mineral", "cassiterite"),
    ("concentration", "61,25"),
    ("mass", "950,5"),
    ("unit_of_measurement", "kg"),
    ("creator_role", "négociant"),
    ("originating_operation", "achat"),
];

/// The lot with some values changed.
pub(super) fn lot<'v>(changes: &[(&'v str, &'v str)]) -> BTreeMap<&'v str, &'v str> {
    let mut values: BTreeMap<&str, &str> = LOT.iter().copied().collect();
    values.extend(changes.iter().copied());
    values
}

/// A text of lots, with the aliases as headers.
pub(super) fn csv(rows: &[BTreeMap<&str, &str>], delimiter: char) -> String {
    let mut aliases: Vec<&str> = rows.iter().flat_map(|row| row.keys().copied()).collect();
    aliases.sort_unstable();
    aliases.dedup();
    let line = |cells: Vec<&str>| {
        let quoted = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        quoted.collect::<Vec<_>>().join(&delimiter.to_string())
    };
    let mut lines = vec![line(aliases.clone())];
    for row in rows {
        lines.push(line(
            aliases.iter().map(|alias| row.get(alias).copied().unwrap_or("")).collect(),
        ));
    }
    lines.join("\r\n") + "\r\n"
}

/// A workbook of one sheet out of texts; what reads as a number is one.
pub(super) fn workbook(path: &Path, sheet: &str, rows: &[Vec<&str>]) {
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet().set_name(sheet).unwrap();
    for (line, cells) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell.parse::<f64>() {
                Ok(number) => page.write_number(line, column, number).unwrap(),
                Err(_) => page.write_string(line, column, *cell).unwrap(),
            };
        }
    }
    workbook.save(path).unwrap();
}

/// The template of a record type, filled in with its own examples.
pub(super) fn filled(entity: Entity, language: Language, path: &Path) {
    let mut workbook = template::build(entity, language, "CD").unwrap();
    let layout = crate::sheets::layout::Layout::of(entity);
    let plain = rust_xlsxwriter::Format::new();
    let day = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
    let link = layout.link_aliases().first().copied();
    let skip = u16::from(!layout.lists.is_empty());
    let sheet = workbook.worksheet_from_index(0).unwrap();
    for (column, field) in (1 + skip..).zip(&layout.fields) {
        let value = template::example::of(field, "CD", language);
        template::example::write(sheet, (3, column), &value, (&plain, &day)).unwrap();
    }
    let name = link.map(|alias| {
        let field = &layout.fields[layout.field(alias).unwrap()];
        template::example::of(field, "CD", language)
    });
    for (index, list) in (1_usize..).zip(&layout.lists) {
        let sheet = workbook.worksheet_from_index(index).unwrap();
        let Some(Example::Text(name)) = &name else { panic!("lists are linked by text") };
        sheet.write_string(3, 1, name).unwrap();
        for (column, field) in (2_u16..).zip(&list.fields) {
            let value = template::example::of(field, "CD", language);
            template::example::write(sheet, (3, column), &value, (&plain, &day)).unwrap();
        }
    }
    workbook.save(path).unwrap();
}

/// Every cell of a sheet, as text.
pub(super) fn cells(path: &Path, sheet: usize) -> Vec<Vec<String>> {
    let mut grid = Grid::open(path).unwrap();
    let name = grid.sheets()[sheet].clone();
    let (mut rows, mut row, mut all) = (grid.rows(&name).unwrap(), Row::default(), Vec::new());
    while rows.next(&mut row).unwrap() {
        all.resize(row.number as usize, Vec::new());
        all[row.number as usize - 1] = row.cells.iter().map(Raw::name).collect();
    }
    all
}

/// The text of a part of a workbook.
pub(super) fn part(path: &Path, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}
