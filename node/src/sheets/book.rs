//! A file that is understood: its record type, its sheets, its headers.
//!
//! The record type is the one that a sheet names itself, or the file's name, or
//! the one whose columns the headers fit best. Refuses to choose between two
//! that fit alike.

use std::path::Path;

use rmd_sheet::{Error as SheetError, Grid, NO_ROWS, Row};
use rmd_standard::Entity;

use super::{
    cell::Point,
    error::Error,
    fold::fold,
    head::{HEAD_ROWS_MAX, Head, Top},
    labels::{self, Language},
    layout::Layout,
};

/// The signs that may separate the values of a text.
const DELIMITERS: [u8; 4] = *b";,\t|";

/// A file that is understood.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) grid: Grid,
    pub(super) plan: Plan,
}

/// What its sheets and columns are.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) layout: &'static Layout,
    /// The sheet of the records.
    pub(super) records: Sheet,
    /// The sheets of lists: place of the list, and the sheet.
    pub(super) lists: Vec<(usize, Sheet)>,
    /// Sheets that mean nothing.
    pub(super) unread: Vec<String>,
    pub(super) language: Language,
    pub(super) point: Point,
    /// Whether the workbook counts days from 1904 on.
    pub(super) is_1904: bool,
}

/// One sheet of it.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) head: Head,
}

impl Book {
    /// Opens a file and finds what it holds; `name` is the name that it came under.
    pub(super) fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let mut grid = Grid::open(path)?;
        if grid.delimiter().is_some() {
            separate(&mut grid)?;
        }
        let tops = tops(&mut grid)?;
        let (entity, place, head) = records(&tops, name)?;
        let layout = Layout::of(entity);
        let (mut lists, mut unread) = (Vec::new(), Vec::new());
        for (sheet, top) in tops.iter().filter(|(sheet, _)| *sheet != tops[place].0) {
            match list_of(entity, sheet, top) {
                Some((list, head)) => lists.push((list, Sheet { name: sheet.clone(), head })),
                None if is_ours(sheet) => {}
                None => unread.push(sheet.clone()),
            }
        }
        let language = head.language;
        let is_comma = language == Language::French || grid.delimiter() == Some(b';');
        let point = if is_comma { Point::Comma } else { Point::Unsaid };
        let records = Sheet { name: tops[place].0.clone(), head };
        let is_1904 = grid.is_1904();
        let plan = Plan { layout, records, lists, unread, language, point, is_1904 };
        Ok(Self { grid, plan })
    }
}

impl Plan {
    /// The record type.
    pub(super) const fn entity(&self) -> Entity {
        self.layout.entity
    }

    /// Headers that mean nothing, with the sheet where there are several.
    pub(super) fn unknown(&self) -> Vec<String> {
        let own = self.records.head.unknown.iter().cloned();
        let of_lists = self.lists.iter().flat_map(|(_, sheet)| {
            sheet.head.unknown.iter().map(|column| format!("{}: {column}", sheet.name))
        });
        own.chain(of_lists).collect()
    }
}

/// Finds the sign between values: the one under which most headers are known.
fn separate(grid: &mut Grid) -> Result<(), Error> {
    let mut best = (0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        grid.separate_by(delimiter);
        let top = match top_of(grid, "") {
            // A row without end under one sign may have one under another.
            Err(SheetError::Endless { .. } | SheetError::TooLarge { .. }) => continue,
            top => top?,
        };
        let scores = Entity::ALL.into_iter().filter_map(|entity| top.records(entity));
        let score = scores.map(|head| head.score).max().unwrap_or(0);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    grid.separate_by(best.1);
    Ok(())
}

fn tops(grid: &mut Grid) -> Result<Vec<(String, Top)>, Error> {
    let mut tops = Vec::new();
    for sheet in grid.sheets() {
        match top_of(grid, &sheet) {
            Ok(top) => tops.push((sheet, top)),
            // A sheet of charts has no rows.
            Err(SheetError::Broken { what }) if what == NO_ROWS => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(tops)
}

fn top_of(grid: &mut Grid, sheet: &str) -> Result<Top, SheetError> {
    let (mut top, mut row) = (Top::default(), Row::default());
    let mut rows = grid.rows(sheet)?;
    while rows.next(&mut row)? && top.push(&row) {}
    Ok(top)
}

/// The sheet of the records and their type.
fn records(tops: &[(String, Top)], name: &str) -> Result<(Entity, usize, Head), Error> {
    let mut found: Vec<(Rank, Entity, usize, Head)> = Vec::new();
    for (place, (sheet, top)) in tops.iter().enumerate() {
        for entity in Entity::ALL {
            let Some(head) = top.records(entity) else { continue };
            let is_named = names(entity, sheet) || names(entity, name);
            let rank = (head.is_marked, is_named, head.score, is_data(sheet));
            found.push((rank, entity, place, head));
        }
    }
    let best = found.iter().map(|row| row.0).max();
    let best = best.ok_or(Error::NoHeaders { rows: HEAD_ROWS_MAX })?;
    let mut best: Vec<_> = found.into_iter().filter(|row| row.0 == best).collect();
    if best.iter().any(|row| row.1 != best[0].1) {
        let names: Vec<&str> = best.iter().map(|row| row.1.name()).collect();
        return Err(Error::Ambiguous { found: names.join(", "), example: best[0].1.name() });
    }
    let (_, entity, place, head) = best.swap_remove(0);
    Ok((entity, place, head))
}

/// Whether the sheet says it itself, whether a name does, how many headers fit,
/// whether it is called data.
type Rank = (bool, bool, usize, bool);

fn names(entity: Entity, name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let folded = fold(stem);
    let entity_names = [
        fold(entity.name()),
        fold(&labels::of_entity(entity, Language::English)),
        fold(&labels::of_entity(entity, Language::French)),
    ];
    entity_names.iter().any(|known| folded.starts_with(known.as_str()))
}

fn is_data(sheet: &str) -> bool {
    matches!(fold(sheet).as_str(), "data" | "donnees")
}

/// The instructions and the lists of words of a template.
fn is_ours(sheet: &str) -> bool {
    matches!(fold(sheet).as_str(), "instructions" | "words" | "mots")
}

/// The list that a sheet holds: by its name, or because it says so itself.
fn list_of(entity: Entity, sheet: &str, top: &Top) -> Option<(usize, Head)> {
    let folded = fold(sheet);
    let mut lists = entity.lists().iter().enumerate();
    lists.find_map(|(place, list)| {
        let head = top.list(entity, place)?;
        let mut labels =
            Language::ALL.iter().map(|language| fold(&labels::of_list(list, *language)));
        let is_named = fold(list) == folded || labels.any(|label| label == folded);
        (is_named || head.is_marked).then_some((place, head))
    })
}
