//! The row that shows what a cell looks like.

use rmd_standard::Shape;
use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet};

use crate::sheets::{error::Error, labels::Language, layout::Field, words};

/// One value of the example row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Example {
    Text(String),
    Number(f64),
    Day,
}

/// A value of the form that a field wants.
pub(crate) fn of(field: &Field, country: &str, language: Language) -> Example {
    let text = |text: &str| Example::Text(text.to_owned());
    match field.shape {
        Shape::Code(list) => {
            let first = list.codes.first().map_or("", |code| code.word);
            text(words::shown(list, first, language))
        }
        Shape::Country => text(country),
        Shape::Mineral => text(words::minerals(language).first().copied().unwrap_or_default()),
        Shape::Date => Example::Day,
        Shape::Time => text("07:05:00"),
        Shape::Month => text("2018-01"),
        Shape::Instant => text("2018-01-15 07:05:00"),
        Shape::Mass => Example::Number(950.0),
        Shape::Money => Example::Number(85_000.0),
        Shape::Currency => text("USD"),
        Shape::Number if field.alias.ends_with("concentration") => Example::Number(48.5),
        Shape::Number => Example::Number(1.0),
        Shape::Degrees(90) => Example::Number(-1.9403),
        Shape::Degrees(_) => Example::Number(29.8739),
        Shape::Phone => text("+243810000000"),
        Shape::Email => text("contact@example.org"),
        Shape::Formed => text(formed(field.alias)),
        Shape::Text => text(language.pick("text", "texte")),
    }
}

fn formed(alias: &str) -> &'static str {
    match alias.rsplit('.').next().unwrap_or(alias) {
        "icglr_id" | "mine_site_id" => "CD-1.9403+29.8739-00001",
        "feed" => "transactions",
        "polygon" => r#"{"type":"Polygon","coordinates":[[[28,1],[29,1],[29,2],[28,1]]]}"#,
        "subnational_division_l1" => "CD-NK",
        _ => "",
    }
}

/// Writes it, in grey.
pub(crate) fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    example: &Example,
    (plain, day): (&Format, &Format),
) -> Result<(), Error> {
    match example {
        Example::Text(text) => sheet.write_string_with_format(row, column, text, plain)?,
        Example::Number(number) => sheet.write_number_with_format(row, column, *number, plain)?,
        Example::Day => {
            let date = ExcelDateTime::from_ymd(2018, 1, 15)?;
            sheet.write_datetime_with_format(row, column, &date, day)?
        }
    };
    Ok(())
}
