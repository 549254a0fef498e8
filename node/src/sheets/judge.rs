//! One row of a sheet, with its lists, as a record or as findings.
//!
//! Owns what a sheet alone can get wrong: cells that are errors, rows with one
//! key, lists without a record. Everything else is the standard's to say, in
//! the same draft that every other mode fills. All findings of a row are told
//! at once.

use std::borrow::Cow;

use jiff::civil::Date;
use rmd_sheet::{Raw, Row};
use rmd_standard::{CodeLists, Context, Draft, Entity, Finding, National, Record, Severity, Valid};

use super::{
    book::Plan,
    cell::{self, Point},
    children::{Child, Children, link},
    fold::fold,
    head::{Head, Target},
    layout::{Field, Layout},
};
use crate::journal::Annulment;

/// What a row is judged with.
#[derive(Debug, Clone)]
pub(crate) struct Bench {
    /// State, day and zone.
    pub(crate) context: Context,
    /// The ministry's own words for codes.
    pub(crate) codes: CodeLists,
}

/// What became of a row.
#[derive(Debug)]
pub(super) struct Verdict {
    /// The record, or why there is none.
    pub(super) outcome: Result<Valid<Record, National>, Vec<Finding>>,
    /// Key of the record, where it can be told.
    pub(super) key: Option<String>,
    /// Set when the row says that the record is void.
    pub(super) annulled: Option<Annulment>,
    /// Where the elements of the lists stand: list, element, row on the list's sheet;
    /// none for an element on the row itself.
    pub(super) elements: Vec<(usize, usize, Option<u32>)>,
}

impl Verdict {
    /// The findings of the row, those that refuse first.
    pub(super) fn findings(&self) -> &[Finding] {
        match &self.outcome {
            Ok(valid) => valid.findings(),
            Err(findings) => findings,
        }
    }

    /// Refuses the row for another reason.
    pub(super) fn refuse(&mut self, finding: Finding) {
        match &mut self.outcome {
            Err(findings) => findings.insert(0, finding),
            Ok(_) => self.outcome = Err(vec![finding]),
        }
    }
}

/// Whether a row holds a record: it is not empty, no example, more than remarks, and
/// not the headers once more.
pub(super) fn is_record(head: &Head, row: &Row) -> bool {
    let mut is_record = false;
    for (column, target) in head.columns.iter().enumerate() {
        let raw = row.cell(column);
        match target {
            Some(Target::Note) => {
                let note = fold(&raw.name());
                if note.starts_with("example") || note.starts_with("exemple") {
                    return false;
                }
            }
            Some(Target::Annotation) | None => {}
            Some(_) => is_record |= !raw.is_blank(),
        }
    }
    is_record && !is_header(head, row)
}

fn is_header(head: &Head, row: &Row) -> bool {
    head.is_repeated_in(|column| match row.cell(column) {
        Raw::Text(text) => Cow::from(text),
        other => Cow::from(other.name()),
    })
}

/// The name by which the lists of a row find it; empty where it has none.
pub(super) fn link_of(layout: &Layout, head: &Head, row: &Row) -> String {
    let at = |wanted: Target| head.columns.iter().position(|column| *column == Some(wanted));
    let fields = layout.link_aliases().iter().filter_map(|alias| layout.field(alias));
    let mut columns = std::iter::once(Target::Key).chain(fields.map(Target::Field)).filter_map(at);
    columns
        .find_map(|column| Some(link(row.cell(column))).filter(|name| !name.is_empty()))
        .unwrap_or_default()
}

/// Judges one row of records.
pub(super) fn judge(plan: &Plan, children: &Children, bench: &Bench, row: &Row) -> Verdict {
    let (layout, head) = (plan.layout, &plan.records.head);
    let mut filling = Filling {
        draft: Draft::new(layout.entity),
        bench,
        point: plan.point,
        is_1904: plan.is_1904,
    };
    let (mut day, mut ground) = (None, String::new());
    let mut inline: Vec<Inline<'_>> = Vec::new();
    for (column, target) in head.columns.iter().enumerate() {
        let raw = row.cell(column);
        match target {
            _ if raw.is_blank() => {}
            Some(Target::Field(field)) => filling.set(&layout.fields[*field], raw),
            Some(Target::Element(list, element, field)) => {
                let at = inline.iter().position(|known| (known.0, known.1) == (*list, *element));
                let at = at.unwrap_or_else(|| {
                    inline.push((*list, *element, Vec::new()));
                    inline.len() - 1
                });
                inline[at].2.push((*field, raw));
            }
            Some(Target::AnnulledOn) => day = Some(raw),
            Some(Target::AnnulledReason) => ground = raw.name(),
            _ => {}
        }
    }
    let elements = filling.elements(layout, &inline, children, &link_of(layout, head, row));
    let annulled = day.map(|day| annulment(layout.entity, day, &ground));
    let mut verdict = filling.finish(elements);
    match annulled {
        Some(Ok(annulled)) => verdict.annulled = Some(annulled),
        Some(Err(finding)) => verdict.refuse(*finding),
        None => {}
    }
    if children.is_contested(row.number) {
        verdict.refuse(contested(layout));
    }
    verdict
}

/// An element of a list on the row itself: list, element, columns with their cells.
type Inline<'r> = (usize, usize, Vec<(usize, &'r Raw)>);

/// A draft that is being filled from cells.
struct Filling<'b> {
    draft: Draft,
    bench: &'b Bench,
    point: Point,
    is_1904: bool,
}

impl Filling<'_> {
    fn set(&mut self, field: &Field, raw: &Raw) {
        let shifted = self.shifted(field, raw);
        let raw = shifted.as_ref().unwrap_or(raw);
        match cell::read(raw, (field.shape, field.alias), self.point) {
            Ok(cell) => self.draft.set(field.column, &cell, &self.bench.codes),
            Err(why) => self.draft.misread(field.column, why, &raw.name()),
        }
    }

    /// A bare number of days in a workbook that counts from 1904.
    fn shifted(&self, field: &Field, raw: &Raw) -> Option<Raw> {
        use rmd_standard::Shape::{Date, Instant, Month};
        match (raw, field.shape) {
            (Raw::Number(days), Date | Instant | Month)
                if self.is_1904 && (16_802.0..=108_113.0).contains(days) =>
            {
                Some(Raw::Number(days + 1462.0))
            }
            _ => None,
        }
    }

    /// Fills the lists: elements on the row itself, then the rows of their own sheets.
    fn elements(
        &mut self,
        layout: &Layout,
        inline: &[Inline<'_>],
        children: &Children,
        name: &str,
    ) -> Vec<(usize, usize, Option<u32>)> {
        let mut elements = Vec::new();
        let own: Vec<Child<'_>> =
            if name.is_empty() { Vec::new() } else { children.of(name).collect() };
        for (place, list) in layout.lists.iter().enumerate() {
            let mut element = 0;
            for (_, _, cells) in inline.iter().filter(|known| known.0 == place) {
                self.draft.push(list.name);
                self.row_of(&list.fields, cells.iter().map(|(field, raw)| (*field, *raw)));
                elements.push((place, element, None));
                element += 1;
            }
            for child in own.iter().filter(|child| child.list == place) {
                self.draft.push(list.name);
                let cells = child.cells();
                self.row_of(&list.fields, cells.iter().map(|(field, raw)| (*field, raw)));
                elements.push((place, element, Some(child.row)));
                element += 1;
            }
        }
        elements
    }

    fn row_of<'r>(&mut self, fields: &[Field], cells: impl Iterator<Item = (usize, &'r Raw)>) {
        for (field, raw) in cells {
            self.set(&fields[field], raw);
        }
    }

    fn finish(self, elements: Vec<(usize, usize, Option<u32>)>) -> Verdict {
        let (outcome, key) = match self.draft.finish(&self.bench.context) {
            Ok(valid) => {
                let key = Some(valid.key().to_owned());
                (Ok(valid), key)
            }
            Err(refusal) => (Err(refusal.findings), refusal.key),
        };
        Verdict { outcome, key, annulled: None, elements }
    }
}

fn annulment(entity: Entity, raw: &Raw, ground: &str) -> Result<Annulment, Box<Finding>> {
    let read = cell::read(raw, (rmd_standard::Shape::Date, ""), Point::Unsaid);
    let text = match read {
        Ok(rmd_standard::Cell::Text(text)) => text,
        _ => raw.name(),
    };
    match text.parse::<Date>() {
        Ok(on) => Ok(Annulment { on, reason: ground.trim().to_owned() }),
        Err(_) => Err(Box::new(finding(
            "SHEET-ANNULLED-DAY",
            super::head::ANNULLED_ON,
            &text,
            format!(
                "{entity}: the day of the annulment \"{text}\" is no day; write it as 31/12/2025"
            ),
            format!(
                "{entity} : le jour de l'annulation « {text} » n'est pas un jour ; écrivez-le comme 31/12/2025"
            ),
        ))),
    }
}

/// Two rows of one file with one key.
pub(super) fn doubled(entity: Entity, key: &str, rows: &[u32]) -> Finding {
    let named: Vec<String> = rows.iter().take(10).map(ToString::to_string).collect();
    let named = named.join(", ");
    finding(
        "SHEET-ROWS-DOUBLED",
        "",
        key,
        format!(
            "{entity} {key}: rows {named} of this sheet have the same key; leave only one of them"
        ),
        format!(
            "{entity} {key} : les lignes {named} de cette feuille ont la même clé ; n'en laissez qu'une"
        ),
    )
}

/// A row of a list whose record is not in the file.
pub(super) fn homeless(entity: Entity, list: &str) -> Finding {
    finding(
        "SHEET-LIST-HOMELESS",
        "",
        "",
        format!(
            "{entity} {list}: no record of the sheet has the key of this row; correct the key, or add the record"
        ),
        format!(
            "{entity} {list} : aucune fiche de la feuille n'a la clé de cette ligne ; corrigez la clé, ou ajoutez la fiche"
        ),
    )
}

fn contested(layout: &Layout) -> Finding {
    let entity = layout.entity;
    finding(
        "SHEET-LIST-CONTESTED",
        "",
        "",
        format!(
            "{entity}: another row has the same name for its lists, so their rows cannot be told apart; fill the column _key with a name of its own on each row, and name it in the lists"
        ),
        format!(
            "{entity} : une autre ligne a le même nom pour ses listes, dont les lignes se confondent ; remplissez la colonne _key d'un nom propre à chaque ligne, et reprenez-le dans les listes"
        ),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "every caller formats them for this")]
fn finding(rule: &str, path: &str, value: &str, en: String, fr: String) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Refuse,
        path: path.to_owned(),
        value: value.to_owned(),
        en: format!("{en} (rule {rule})."),
        fr: format!("{fr} (règle {rule})."),
    }
}
