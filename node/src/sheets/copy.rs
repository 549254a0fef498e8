//! The annotated copy of a file whose rows were not all taken.
//!
//! All rows are there in their places: refused ones coloured, each faulty cell
//! with a note, those that wait in the brake blue, accepted ones grey, and two
//! columns at the end with the result.
//! Corrected, the copy can be dropped as it is: these columns are ignored when
//! read, and the first of them says which file the copy corrects. Written row
//! by row; notes are the only thing that is held, and of those a bounded number.

mod look;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
};

use rmd_sheet::{Raw, Row, TEXT_CHARS_MAX};
use rmd_standard::{Finding, Severity};
use rust_xlsxwriter::{Note, Workbook, Worksheet};

use self::look::{Look, Looks};
use super::{
    error::Error,
    head::{FINDINGS, Head, RESULT, Target, special_label},
    labels::{Language, of_list},
    walk::{Seen, Walk},
};

/// Notes of one copy; each is a shape of about 2 KB. What has no note any more is
/// coloured and stands in the last column.
const NOTES_MAX: usize = 5000;

/// Pixels; a finding has two or three sentences.
const NOTE_WIDTH: u32 = 380;
const NOTE_HEIGHT: u32 = 150;

/// What the journal says of rows that are good in themselves.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Those that it did not take, and why.
    pub(super) declined: HashMap<u32, Vec<Finding>>,
    /// Those whose record waits in the brake.
    pub(super) held: HashSet<u32>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Accepted,
    Held,
    Refused,
}

impl Fate {
    const fn look(self) -> Look {
        match self {
            Self::Accepted => Look::Accepted,
            Self::Held => Look::Held,
            Self::Refused => Look::Refused,
        }
    }

    fn word(self, language: Language) -> &'static str {
        match self {
            Self::Accepted => language.pick("accepted", "acceptée"),
            Self::Held => language.pick("held", "retenue"),
            Self::Refused => language.pick("refused", "refusée"),
        }
    }

    /// What a person has to know beside the findings.
    fn text(self, language: Language) -> Option<&'static str> {
        (self == Self::Held).then(|| {
            language.pick(
                "waits: unusually many records of this type change at once; what is published stays until somebody says that it is no accident (rmd-node brake list)",
                "en attente : un nombre inhabituel de fiches de ce type changent à la fois ; ce qui est publié reste jusqu'à ce que quelqu'un dise que ce n'est pas un accident (rmd-node brake list)",
            )
        })
    }
}

/// Writes the copy; `hash` is the begin of the hash of the file.
pub(super) fn write(
    walk: &mut Walk<'_>,
    answers: &Answers,
    hash: &str,
    path: &Path,
) -> Result<(), Error> {
    let mut workbook = Workbook::new();
    // Rows wait beside the copy until it is saved, not where others may read them.
    workbook.set_tempdir(path.parent().unwrap_or(Path::new(".")))?;
    let plan = &walk.book.plan;
    let (language, head) = (plan.language, plan.records.head.clone());
    let name = language.pick("data", "données");
    let sheet = workbook.add_worksheet_with_constant_memory()?.set_name(name)?;
    let mut page = Page::new(sheet, &head, language, hash)?;
    let mut marks = Marks::default();
    records(walk, answers, &mut page, &mut marks)?;
    let mut notes = page.notes;
    for place in 0..walk.book.plan.lists.len() {
        let (list, sheet) = &walk.book.plan.lists[place];
        let (list, head) = (*list, sheet.head.clone());
        let name = of_list(walk.book.plan.layout.lists[list].name, language);
        let sheet = workbook.add_worksheet_with_constant_memory()?.set_name(name)?;
        let mut page = Page::new(sheet, &head, language, hash)?;
        page.notes = notes;
        list_rows(walk, (place, list), &mut page, &mut marks)?;
        notes = page.notes;
    }
    let of = |source| Error::File { path: path.to_owned(), source };
    workbook.save_to_writer(super::folder::private(path).map_err(of)?)?;
    Ok(())
}

/// What is to be said on the sheets of lists.
#[derive(Default)]
struct Marks {
    refused: BTreeSet<(usize, u32)>,
    held: BTreeSet<(usize, u32)>,
    findings: BTreeMap<(usize, u32), Vec<Said>>,
}

/// A finding with its column.
type Said = (Option<usize>, Finding);

fn records(
    walk: &mut Walk<'_>,
    answers: &Answers,
    page: &mut Page<'_>,
    marks: &mut Marks,
) -> Result<(), Error> {
    let layout = walk.book.plan.layout;
    walk.each(&mut |row, seen| {
        let Seen::Record(mut verdict) = seen else { return page.other(row) };
        for finding in answers.declined.get(&row.number).into_iter().flatten() {
            verdict.refuse(finding.clone());
        }
        let is_refused = verdict.outcome.is_err();
        let mut own = Vec::new();
        for finding in verdict.findings() {
            let place = layout.locate(&finding.path);
            let row_of = place.element.and_then(|(list, element)| {
                let found = verdict.elements.iter();
                let mut found = found.filter(|known| (known.0, known.1) == (list, element));
                found.next().map(|known| (list, element, known.2))
            });
            match row_of {
                Some((list, _, Some(child))) if is_refused => {
                    let said = marks.findings.entry((list, child)).or_default();
                    said.push((place.field, finding.clone()));
                }
                Some((list, element, None)) => {
                    let target = place.field.map(|field| Target::Element(list, element, field));
                    own.push((target, finding.clone()));
                }
                _ => own.push((
                    place.field.filter(|_| place.element.is_none()).map(Target::Field),
                    finding.clone(),
                )),
            }
        }
        let children = verdict.elements.iter();
        let children = children.filter_map(|known| Some((known.0, known.2?)));
        let fate = if is_refused {
            marks.refused.extend(children);
            Fate::Refused
        } else if answers.held.contains(&row.number) {
            marks.held.extend(children);
            Fate::Held
        } else {
            Fate::Accepted
        };
        let all = verdict.findings().to_vec();
        page.row(row, fate, &own, &all)
    })
}

fn list_rows(
    walk: &mut Walk<'_>,
    (place, list): (usize, usize),
    page: &mut Page<'_>,
    marks: &mut Marks,
) -> Result<(), Error> {
    let homeless = walk.homeless_finding(list);
    let homeless_rows: BTreeSet<u32> =
        walk.homeless.iter().filter(|known| known.0 == list).map(|known| known.1).collect();
    walk.each_of_list(place, &mut |row| {
        if row.number <= page.head.row || !super::judge::is_record(page.head, row) {
            return page.other(row);
        }
        let mut own: Vec<(Option<Target>, Finding)> = Vec::new();
        if homeless_rows.contains(&row.number) {
            own.push((Some(Target::Parent), homeless.clone()));
        }
        let said = marks.findings.remove(&(list, row.number)).unwrap_or_default();
        own.extend(said.into_iter().map(|(field, finding)| (field.map(Target::Field), finding)));
        let place = (list, row.number);
        let fate = if !own.is_empty() || marks.refused.contains(&place) {
            Fate::Refused
        } else if marks.held.contains(&place) {
            Fate::Held
        } else {
            Fate::Accepted
        };
        let all: Vec<Finding> = own.iter().map(|(_, finding)| finding.clone()).collect();
        page.row(row, fate, &own, &all)
    })
}

/// One sheet of the copy.
struct Page<'w> {
    sheet: &'w mut Worksheet,
    head: &'w Head,
    language: Language,
    hash: &'w str,
    looks: Looks,
    /// The first of the two columns at the end.
    end: usize,
    notes: usize,
}

impl<'w> Page<'w> {
    fn new(
        sheet: &'w mut Worksheet,
        head: &'w Head,
        language: Language,
        hash: &'w str,
    ) -> Result<Self, Error> {
        let used = |target: &Option<Target>| *target != Some(Target::Annotation);
        let end = head.columns.iter().rposition(used).map_or(0, |last| last + 1);
        let (result, findings) = (column(end), column(end + 1));
        sheet.set_column_width(result, 14)?;
        sheet.set_column_width(findings, 90)?;
        sheet.set_freeze_panes(head.row, 0)?;
        Ok(Self { sheet, head, language, hash, looks: Looks::new(), end, notes: 0 })
    }

    /// A row that holds no record, as it is; the row of headers names the new columns.
    fn other(&mut self, row: &Row) -> Result<(), Error> {
        let look = if row.number <= self.head.row { Look::Head } else { Look::Plain };
        self.cells(row, &|_| look)?;
        if row.number == self.head.row {
            let language = self.language;
            let is_marked = self.head.is_marked;
            let of = |alias| if is_marked { alias } else { special_label(alias, language) };
            let result = format!("{}@{}", of(RESULT), self.hash);
            let (line, format) = (row.number - 1, self.looks.of(Look::Head, &Raw::Empty));
            self.sheet.write_string_with_format(line, column(self.end), &result, format)?;
            let findings = of(FINDINGS);
            self.sheet.write_string_with_format(line, column(self.end + 1), findings, format)?;
        }
        Ok(())
    }

    fn row(
        &mut self,
        row: &Row,
        fate: Fate,
        own: &[(Option<Target>, Finding)],
        all: &[Finding],
    ) -> Result<(), Error> {
        let mut faults: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
        for (target, finding) in own {
            let at = self.head.columns.iter().position(|known| known.is_some() && known == target);
            if let Some(at) = at {
                faults.entry(at).or_default().push(finding);
            }
        }
        let base = fate.look();
        let look = |column: usize| match faults.get(&column) {
            Some(found) if found.iter().any(|finding| finding.severity == Severity::Refuse) => {
                Look::Fault
            }
            Some(_) => Look::Incomplete,
            None => base,
        };
        self.cells(row, &look)?;
        let line = row.number - 1;
        for (at, found) in &faults {
            if row.cell(*at).is_blank() {
                let format = self.looks.of(look(*at), &Raw::Empty);
                self.sheet.write_blank(line, column(*at), format)?;
            }
            // What is merely incomplete on an accepted row stands in the last column.
            if fate == Fate::Refused && self.notes < NOTES_MAX {
                self.notes += 1;
                self.note(line, *at, found)?;
            }
        }
        let word = fate.word(self.language);
        let format = self.looks.of(base, &Raw::Empty);
        self.sheet.write_string_with_format(line, column(self.end), word, format)?;
        let texts = all.iter().map(|finding| self.language.pick(&finding.en, &finding.fr));
        let texts: Vec<&str> = fate.text(self.language).into_iter().chain(texts).collect();
        let text: String = texts.join("\n").chars().take(TEXT_CHARS_MAX / 2).collect();
        if !text.is_empty() {
            self.sheet.write_string_with_format(line, column(self.end + 1), &text, format)?;
        }
        Ok(())
    }

    fn note(&mut self, line: u32, at: usize, found: &[&Finding]) -> Result<(), Error> {
        let texts = found.iter().map(|finding| {
            let text = self.language.pick(&finding.en, &finding.fr);
            format!("{}\n{text}", finding.rule)
        });
        let text = texts.collect::<Vec<_>>().join("\n\n");
        let text: String = text.chars().take(TEXT_CHARS_MAX / 4).collect();
        let note = Note::new(text).set_author("rmd-node").add_author_prefix(false);
        let note = note.set_width(NOTE_WIDTH).set_height(NOTE_HEIGHT);
        self.sheet.insert_note(line, column(at), &note)?;
        Ok(())
    }

    /// The cells of a row in their places, but for those of an earlier copy.
    fn cells(&mut self, row: &Row, look: &dyn Fn(usize) -> Look) -> Result<(), Error> {
        let line = row.number - 1;
        for (at, raw) in row.cells.iter().enumerate() {
            // Beyond the end stand results of an earlier copy, or cells without a header.
            if at >= self.end || self.head.columns[at] == Some(Target::Annotation) {
                continue;
            }
            let format = self.looks.of(look(at), raw);
            let at = column(at);
            match raw {
                Raw::Empty => continue,
                Raw::Text(text) | Raw::Fault(text) => {
                    let text: String = text.chars().take(TEXT_CHARS_MAX).collect();
                    self.sheet.write_string_with_format(line, at, &text, format)?
                }
                Raw::Number(number) | Raw::Percent(number) | Raw::Stamp(number) => {
                    self.sheet.write_number_with_format(line, at, *number, format)?
                }
                Raw::Bool(truth) => {
                    self.sheet.write_boolean_with_format(line, at, *truth, format)?
                }
            };
        }
        Ok(())
    }
}

fn column(at: usize) -> u16 {
    // A sheet that was read has at most 500 columns.
    u16::try_from(at).unwrap_or(u16::MAX)
}
