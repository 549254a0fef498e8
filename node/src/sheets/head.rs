//! The row of headers: which column is what, in which language.
//!
//! A header is an alias, the standard's own name, or a label in English or
//! French; case, accents and signs do not count. A merged header above a group
//! of columns is put before each of them. Columns that mean nothing are left
//! out and named once. Invariant: no two columns mean the same.

mod names;

use std::borrow::Cow;

use rmd_sheet::{COLUMNS_MAX, Raw, Row};
use rmd_standard::Entity;

use self::names::Names;
use super::{fold::fold, labels::Language};

pub(super) use self::names::{
    ANNULLED_ON, ANNULLED_REASON, FINDINGS, KEY, NOTE, PARENT, RESULT, special_label,
};

/// Rows among which the headers are looked for.
pub(super) const HEAD_ROWS_MAX: u32 = 20;

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// A column of the record, or of the element of a list on the list's own sheet.
    Field(usize),
    /// A column of an element of a list, on the sheet of the records: list, element, column.
    Element(usize, usize, usize),
    /// The row's own name, by which its lists find it.
    Key,
    /// On the sheet of a list: the name of the row it belongs to.
    Parent,
    /// Day of the annulment.
    AnnulledOn,
    /// Ground of the annulment.
    AnnulledReason,
    /// A remark; one that begins with EXAMPLE makes the row an example.
    Note,
    /// Written by an annotated copy, ignored.
    Annotation,
}

/// The headers of one sheet.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// Number of the row of headers; rows behind it are data.
    pub(super) row: u32,
    /// The row itself, folded: further down it is a header again and no record.
    pub(super) texts: Vec<String>,
    /// What each column is; none is unknown or empty.
    pub(super) columns: Vec<Option<Target>>,
    /// Headers that mean nothing.
    pub(super) unknown: Vec<String>,
    /// The language of the labels.
    pub(super) language: Language,
    /// Begin of the hash of the file that this one corrects.
    pub(super) corrects: Option<String>,
    /// How many columns are known.
    pub(super) score: usize,
    /// Whether the sheet names its record type or list itself.
    pub(super) is_marked: bool,
}

impl Head {
    /// Whether a row says what the row of headers says, as on each page of a print.
    pub(super) fn is_repeated_in<'t>(&self, text: impl Fn(usize) -> Cow<'t, str>) -> bool {
        let known = |target: &Option<Target>| target.is_some_and(|of| of != Target::Annotation);
        let own = |column: usize| self.texts.get(column).map_or("", String::as_str);
        let columns = || (0..self.columns.len()).filter(|column| known(&self.columns[*column]));
        columns().all(|column| own(column) == fold(&text(column)))
            && columns().any(|column| !own(column).is_empty())
    }
}

/// The first rows of a sheet, as text.
#[derive(Debug, Default)]
pub(super) struct Top {
    rows: Vec<(u32, Vec<String>)>,
}

impl Top {
    /// Adds a row, if it is among the first ones.
    pub(super) fn push(&mut self, row: &Row) -> bool {
        if row.number > HEAD_ROWS_MAX {
            return false;
        }
        let texts = row.cells.iter().take(COLUMNS_MAX).map(Raw::name).collect();
        self.rows.push((row.number, texts));
        true
    }

    /// The headers of the records of a type; none where no row looks like them.
    pub(super) fn records(&self, entity: Entity) -> Option<Head> {
        self.best(Names::of_records(entity), entity.name())
    }

    /// The headers of a list.
    pub(super) fn list(&self, entity: Entity, list: usize) -> Option<Head> {
        let marker = format!("{}.{}", entity.name(), entity.lists()[list]);
        self.best(Names::of_list(entity, list), &marker)
    }

    fn best(&self, names: &Names, marker: &str) -> Option<Head> {
        let mut best: Option<Head> = None;
        for index in 0..self.rows.len() {
            let Some(head) = self.head(index, names, marker) else { continue };
            // The later of two is the row of aliases below the labels, unless it is the
            // same again: then the rows between them are records.
            let texts = &self.rows[index].1;
            let text = |column: usize| texts.get(column).map_or(Cow::Borrowed(""), Cow::from);
            let is_better = |best: &Head| head.score >= best.score && !best.is_repeated_in(text);
            if best.as_ref().is_none_or(is_better) {
                best = Some(head);
            }
        }
        let mut best = best?;
        best.language = self.language(best.row, names);
        Some(best)
    }

    fn head(&self, index: usize, names: &Names, marker: &str) -> Option<Head> {
        let (row, texts) = &self.rows[index];
        let width = self.rows[..=index].iter().map(|row| row.1.len()).max().unwrap_or(0);
        let mut head = Head {
            row: *row,
            texts: texts.iter().map(|text| fold(text)).collect(),
            columns: vec![None; width],
            unknown: Vec::new(),
            language: Language::English,
            corrects: None,
            score: 0,
            is_marked: false,
        };
        let (mut filled, mut own) = (0, 0);
        for column in 0..width {
            let text = texts.get(column).map_or("", String::as_str);
            let (text, after) = text.split_once('@').unwrap_or((text, ""));
            filled += usize::from(!text.is_empty());
            if text == marker {
                head.is_marked = true;
                head.score += 1;
                own += 1;
                head.columns[column] = Some(Target::Note);
                continue;
            }
            let target = self.target(index, column, text, names);
            // A second column of one meaning means nothing.
            let is_free = |target: &Target| {
                *target == Target::Annotation || !head.columns.contains(&Some(*target))
            };
            let Some(target) = target.filter(is_free) else {
                head.unknown.extend((!text.is_empty()).then(|| text.to_owned()));
                continue;
            };
            head.columns[column] = Some(target);
            head.score += usize::from(target != Target::Annotation);
            own += usize::from(!text.is_empty());
            if target == Target::Annotation && !after.is_empty() {
                head.corrects = Some(after.to_owned());
            }
        }
        let enough = head.is_marked || head.score >= 3 || head.score * 2 > filled;
        // Headers merged downwards count, but a row of nothing else is no row of headers.
        (own > 0 && enough).then_some(head)
    }

    /// What a header means: with the group above it, by itself, or, where it is empty
    /// because the header is merged downwards, the one above.
    fn target(&self, index: usize, column: usize, text: &str, names: &Names) -> Option<Target> {
        let above = (index.saturating_sub(2)..index).rev();
        for up in above.clone() {
            let row = &self.rows[up].1;
            let group = row.iter().take(column + 1).rev().find(|text| !text.is_empty());
            let Some(group) = group.filter(|_| !text.is_empty()) else { continue };
            if let Some(target) = names.get(&format!("{}{}", fold(group), fold(text))) {
                return Some(target);
            }
        }
        if !text.is_empty() {
            return names.get(&fold(text));
        }
        let mut above = above.filter_map(|up| self.rows[up].1.get(column));
        above.find(|text| !text.is_empty()).and_then(|text| names.get(&fold(text)))
    }

    /// The language that more labels are in, down to the row of headers.
    fn language(&self, last: u32, names: &Names) -> Language {
        let rows = self.rows.iter().filter(|(number, _)| *number <= last);
        let texts = rows.flat_map(|(_, texts)| texts).filter(|text| !text.is_empty());
        let (mut english, mut french) = (0, 0);
        for text in texts {
            match names.language(&fold(text)) {
                Some(Language::English) => english += 1,
                Some(Language::French) => french += 1,
                None => {}
            }
        }
        if french > english { Language::French } else { Language::English }
    }
}
