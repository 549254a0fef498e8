//! Empty workbooks to fill in, one per record type.
//!
//! The first row has the labels, the second the technical aliases, by which a
//! sheet is read whatever its language; both are frozen. Rules stand as notes
//! on the labels, words of closed lists as drop-downs. The example row is
//! marked as such and never read.

pub(super) mod example;
mod instructions;

use std::path::Path;

use rmd_standard::{Entity, Severity, Shape, rules};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, Formula, Note, Workbook,
    Worksheet,
};

use super::{
    error::Error,
    head::{ANNULLED_ON, ANNULLED_REASON, KEY, NOTE, PARENT, special_label},
    labels::{self, Language},
    layout::{Field, Layout},
    words,
};

/// The last row of a workbook, from 0.
const LAST_ROW: u32 = 1_048_575;

/// Rows of labels and of aliases.
const HEAD_ROWS: u32 = 2;

/// Letters of a note.
const NOTE_CHARS: usize = 1800;

/// Writes the template of a record type.
pub(crate) fn write(
    entity: Entity,
    language: Language,
    country: &str,
    path: &Path,
) -> Result<(), Error> {
    build(entity, language, country)?.save(path)?;
    Ok(())
}

/// The name that a template has when none is given.
pub(crate) fn file_name(entity: Entity, language: Language) -> String {
    format!("{}-{}.xlsx", entity.name(), language.tag())
}

/// The template, in memory.
pub(super) fn build(entity: Entity, language: Language, country: &str) -> Result<Workbook, Error> {
    let layout = Layout::of(entity);
    let mut workbook = Workbook::new();
    let words = Words::new(language);
    let looks = Looks::new();
    let writer = Writer { entity, language, country, words: &words, looks: &looks };
    let sheet = workbook.add_worksheet().set_name(language.pick("data", "données"))?;
    writer.records(sheet, layout)?;
    for list in &layout.lists {
        let sheet = workbook.add_worksheet().set_name(labels::of_list(list.name, language))?;
        writer.list(sheet, list.name, &list.fields)?;
    }
    instructions::write(workbook.add_worksheet(), entity, language)?;
    words.write(workbook.add_worksheet(), language)?;
    Ok(workbook)
}

struct Looks {
    label: Format,
    wanted: Format,
    vital: Format,
    alias: Format,
    example: Format,
    example_day: Format,
    day: Format,
    text: Format,
}

impl Looks {
    fn new() -> Self {
        let label = |color: u32| {
            let wrapped = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
            wrapped.set_background_color(Color::RGB(color))
        };
        let grey = Format::new().set_italic().set_font_color(Color::RGB(0x0080_8080));
        Self {
            label: label(0x00DD_E3EA),
            wanted: label(0x00FF_E9A8),
            vital: label(0x00F4_B9A8),
            alias: grey.clone().set_background_color(Color::RGB(0x00F2_F2F2)).set_font_size(8),
            example_day: grey.clone().set_num_format("dd/mm/yyyy"),
            example: grey,
            day: Format::new().set_num_format("dd/mm/yyyy"),
            text: Format::new().set_num_format("@"),
        }
    }

    fn of_need(&self, need: Option<Severity>) -> &Format {
        match need {
            None => &self.label,
            Some(Severity::Incomplete) => &self.wanted,
            Some(Severity::Refuse) => &self.vital,
        }
    }
}

struct Writer<'t> {
    entity: Entity,
    language: Language,
    country: &'t str,
    words: &'t Words,
    looks: &'t Looks,
}

impl Writer<'_> {
    fn records(&self, sheet: &mut Worksheet, layout: &Layout) -> Result<(), Error> {
        freeze(sheet)?;
        let mut column = self.remark(sheet, self.entity.name())?;
        if !layout.lists.is_empty() {
            let about = self.language.pick(
                "Only where two rows would have the same name in the lists: any name of your own. The lists then use it.",
                "Seulement si deux lignes portaient le même nom dans les listes : un nom de votre choix, que les listes reprennent.",
            );
            self.special(sheet, column, KEY, about)?;
            column += 1;
        }
        for field in &layout.fields {
            self.field(sheet, column, field)?;
            column += 1;
        }
        let about = self.language.pick(
            "The day on which this record was declared void. The row stays in the sheet.",
            "Le jour où cette fiche a été déclarée nulle. La ligne reste dans la feuille.",
        );
        self.special(sheet, column, ANNULLED_ON, about)?;
        sheet.set_column_format(column, &self.looks.day)?;
        let about = self.language.pick("Why the record is void.", "Pourquoi la fiche est nulle.");
        self.special(sheet, column + 1, ANNULLED_REASON, about)
    }

    fn list(&self, sheet: &mut Worksheet, list: &str, fields: &[Field]) -> Result<(), Error> {
        freeze(sheet)?;
        let mut column = self.remark(sheet, &format!("{}.{list}", self.entity.name()))?;
        let own = Layout::of(self.entity).link_aliases().first().copied().unwrap_or_default();
        let name = labels::of_alias(own, self.language);
        let about = self.language.pick(
            "To which record this row belongs, as in the sheet of records:",
            "À quelle fiche cette ligne appartient, comme dans la feuille des fiches :",
        );
        self.special(sheet, column, PARENT, &format!("{about} {name}"))?;
        sheet.set_column_format(column, &self.looks.text)?;
        column += 1;
        for field in fields {
            self.field(sheet, column, field)?;
            column += 1;
        }
        Ok(())
    }

    /// The first column: remarks, and in the row of aliases what the sheet is.
    fn remark(&self, sheet: &mut Worksheet, marker: &str) -> Result<u16, Error> {
        let label = special_label(NOTE, self.language);
        sheet.write_string_with_format(0, 0, label, &self.looks.label)?;
        sheet.write_string_with_format(1, 0, marker, &self.looks.alias)?;
        let example =
            self.language.pick("EXAMPLE: this row is ignored", "EXEMPLE : cette ligne est ignorée");
        sheet.write_string_with_format(HEAD_ROWS, 0, example, &self.looks.example)?;
        sheet.set_column_width(0, 26)?;
        Ok(1)
    }

    fn special(
        &self,
        sheet: &mut Worksheet,
        column: u16,
        alias: &str,
        about: &str,
    ) -> Result<(), Error> {
        let label = special_label(alias, self.language);
        sheet.write_string_with_format(0, column, label, &self.looks.label)?;
        sheet.write_string_with_format(1, column, alias, &self.looks.alias)?;
        sheet.insert_note(0, column, &note(about))?;
        sheet.set_column_width(column, 18)?;
        Ok(())
    }

    fn field(&self, sheet: &mut Worksheet, column: u16, field: &Field) -> Result<(), Error> {
        let star = if field.need.is_some() { " *" } else { "" };
        let label = format!("{}{star}", labels::of_alias(field.alias, self.language));
        sheet.write_string_with_format(0, column, &label, self.looks.of_need(field.need))?;
        sheet.write_string_with_format(1, column, field.alias, &self.looks.alias)?;
        sheet.insert_note(0, column, &note(&self.rules_of(field)))?;
        sheet.set_column_width(column, 18)?;
        match field.shape {
            Shape::Date => sheet.set_column_format(column, &self.looks.day)?,
            Shape::Mass | Shape::Money | Shape::Number | Shape::Degrees(_) => sheet,
            _ => sheet.set_column_format(column, &self.looks.text)?,
        };
        if let Some(range) = self.words.range_of(field.shape) {
            let is_several = self.entity.values().contains(&field.alias);
            let open = is_several || matches!(field.shape, Shape::Mineral | Shape::Country);
            // Where other words are right as well, a spreadsheet must let them through.
            let style = if open {
                DataValidationErrorStyle::Information
            } else {
                DataValidationErrorStyle::Stop
            };
            let validation = DataValidation::new()
                .allow_list_formula(Formula::new(range))
                .set_error_style(style)
                .show_error_message(!open);
            sheet.add_data_validation(HEAD_ROWS, column, LAST_ROW, column, &validation)?;
        }
        let value = example::of(field, self.country, self.language);
        example::write(
            sheet,
            (HEAD_ROWS, column),
            &value,
            (&self.looks.example, &self.looks.example_day),
        )
    }

    /// What the rules say of a field, and what its unit is.
    fn rules_of(&self, field: &Field) -> String {
        let own = |rule: &rules::RuleInfo| rule.entity == self.entity && rule.path == field.path;
        let lines: Vec<String> = rules::all()
            .filter(own)
            .map(|rule| format!("{}: {}", rule.id, self.language.pick(&rule.en, &rule.fr)))
            .collect();
        if lines.is_empty() { field.alias.to_owned() } else { lines.join("\n") }
    }
}

fn freeze(sheet: &mut Worksheet) -> Result<(), Error> {
    sheet.set_freeze_panes(HEAD_ROWS, 0)?;
    sheet.set_row_height(0, 46)?;
    Ok(())
}

fn note(text: &str) -> Note {
    let text: String = text.chars().take(NOTE_CHARS).collect();
    Note::new(text).set_author("rmd-node").add_author_prefix(false).set_width(420).set_height(220)
}

/// The words of drop-downs, each list a column of a sheet of its own.
struct Words {
    lists: Vec<(Key, Vec<&'static str>)>,
    sheet: &'static str,
}

/// What a drop-down is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Code(&'static str),
    Mineral,
    Country,
}

impl Words {
    fn new(language: Language) -> Self {
        let codes = rmd_standard::code::ALL.iter();
        let mut lists: Vec<_> =
            codes.map(|list| (Key::Code(list.name), words::all(list, language))).collect();
        lists.push((Key::Mineral, words::minerals(language)));
        let members = rmd_standard::country::MEMBERS.iter().map(|member| member.0);
        lists.push((Key::Country, members.collect()));
        Self { lists, sheet: language.pick("words", "mots") }
    }

    fn range_of(&self, shape: Shape) -> Option<String> {
        let key = match shape {
            Shape::Code(list) => Key::Code(list.name),
            Shape::Mineral => Key::Mineral,
            Shape::Country => Key::Country,
            _ => return None,
        };
        let place = self.lists.iter().position(|(known, _)| *known == key)?;
        let letter = rust_xlsxwriter::utility::column_number_to_name(u16::try_from(place).ok()?);
        let last = self.lists[place].1.len();
        Some(format!("={}!${letter}$1:${letter}${last}", self.sheet))
    }

    fn write(&self, sheet: &mut Worksheet, language: Language) -> Result<(), Error> {
        let sheet = sheet.set_name(language.pick("words", "mots"))?.set_hidden(true);
        for (column, (_, words)) in (0_u16..).zip(&self.lists) {
            for (row, word) in (0_u32..).zip(words) {
                sheet.write_string(row, column, *word)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::book::Book;

    #[test]
    fn every_template_is_read_back_as_itself_and_holds_no_record() {
        let dir = tempfile::tempdir().unwrap();
        for entity in Entity::ALL {
            for language in Language::ALL {
                let path = dir.path().join(file_name(entity, language));
                write(entity, language, "CD", &path).unwrap();
                let book = Book::open(&path, "anything.xlsx").unwrap();
                assert_eq!(book.plan.entity(), entity);
                assert_eq!(book.plan.language, language, "{entity}");
                assert_eq!(book.plan.lists.len(), entity.lists().len(), "{entity}");
                assert!(book.plan.unknown().is_empty(), "{entity} {:?}", book.plan.unknown());
                assert!(book.plan.unread.is_empty(), "{entity} {:?}", book.plan.unread);
                let layout = Layout::of(entity);
                assert!(book.plan.records.head.score > layout.fields.len());
            }
        }
    }
}
