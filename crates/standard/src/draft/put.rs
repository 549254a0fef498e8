//! One cell into one field.
//!
//! Text that does not have the form of its field is kept as it is where the
//! field is text: the check names it with its value. Where the field is a
//! number there is no place for it, and the fault is returned here.

use std::fmt::Write as _;

use jiff::{
    civil::{DateTime, Time},
    tz::Offset,
};

use crate::{
    CodeLists,
    code_lists::Meaning,
    model::{Fault, Form, Value, day, local_time, shortened},
    unit,
};

use super::{Cell, cell::trimmed};

type Outcome = Result<(), (Fault, String)>;

/// Converts the cell, which is not absent, into the field.
pub(super) fn put(cell: &Cell, form: Form, value: &mut Value<'_>, codes: &CodeLists) -> Outcome {
    match value {
        Value::Text(field) => {
            match cell {
                Cell::Text(given) => text(trimmed(given), form, field, codes),
                other => text(&other.text(), form, field, codes),
            }
            Ok(())
        }
        Value::Texts(field) => texts(cell, form, field, codes),
        Value::Code(field) => {
            let Form::Code(list) = form else { return Ok(()) };
            let word = cell.text();
            match number(codes, list, cell, &word) {
                Meaning::Known(number) => **field = number,
                Meaning::Absent => **field = 0,
                Meaning::Unknown => return Err((Fault::Unlisted, shortened(&word))),
            }
            Ok(())
        }
        Value::Codes(field) => {
            let Form::Code(list) = form else { return Ok(()) };
            words(
                &cell.text(),
                |word| Ok(number(codes, list, cell, word)),
                |number| field.push(number),
            )
        }
        Value::Degrees(field) => {
            **field = degrees(cell)?;
            Ok(())
        }
        Value::Height(field) => {
            **field = Some(scaled(cell, |value| unit::nearest(value, 2))?);
            Ok(())
        }
        Value::MaybeSmall(field) => {
            let power = match form {
                // Percent to parts per million.
                Form::Concentration => 4,
                Form::Thousandths => 3,
                _ => 0,
            };
            **field = Some(scaled(cell, |value| whole(value, power))?);
            Ok(())
        }
        Value::Small(field) => {
            **field = scaled(cell, |value| whole(value, 0))?;
            if **field == 0 { Err((Fault::OutOfRange, shortened(&cell.text()))) } else { Ok(()) }
        }
        Value::MaybeCount(field) => {
            **field = Some(scaled(cell, |value| whole(value, 0))?);
            Ok(())
        }
        // Masses, amounts and instants wait in the draft; parts have no cells.
        Value::Whole(_) | Value::MaybeWhole(_) | Value::Part(_) | Value::List(_) => Ok(()),
    }
}

/// Degrees in ten-millionths.
pub(super) fn degrees(cell: &Cell) -> Result<i32, (Fault, String)> {
    scaled(cell, |value| unit::nearest(value, 7))
}

fn whole(value: rust_decimal::Decimal, power: u32) -> Result<i64, Fault> {
    match unit::exact(value, power) {
        // Half a worker is no count; it is not a matter of precision.
        Err(Fault::TooPrecise) if power == 0 => Err(Fault::Unreadable),
        other => other,
    }
}

fn scaled<T: TryFrom<i64>>(
    cell: &Cell,
    convert: impl FnOnce(rust_decimal::Decimal) -> Result<i64, Fault>,
) -> Result<T, (Fault, String)> {
    let wrong = |fault| (fault, shortened(&cell.text()));
    let number = cell.decimal().ok_or_else(|| wrong(Fault::Unreadable))?;
    let number = convert(number).map_err(wrong)?;
    T::try_from(number).map_err(|_| wrong(Fault::OutOfRange))
}

/// A number of a closed list; a truth value also counts as the standard's 1 or 0.
pub(super) fn number(
    codes: &CodeLists,
    list: &crate::code::List,
    cell: &Cell,
    word: &str,
) -> Meaning<i32> {
    match (codes.number(list, word), cell) {
        (Meaning::Unknown, Cell::Bool(truth)) => codes.number(list, if *truth { "1" } else { "0" }),
        (meaning, _) => meaning,
    }
}

/// Writes the text as the field holds it, in place: a text moved right after it was
/// made stalls the core.
fn text(given: &str, form: Form, field: &mut String, codes: &CodeLists) {
    let text = match form {
        Form::Country => known_or(given, codes.country(given)),
        Form::Mineral => known_or(given, codes.mineral(given)),
        Form::Date => day_text(given),
        // hh:mm:ss and the zone, whichever of the spellings the source has.
        Form::Time => match local_time(given) {
            Some((_, None)) if given.len() == 8 => given,
            Some((time, zone)) => return *field = time_text(time, zone),
            None => given,
        },
        _ => given,
    };
    field.clear();
    field.reserve_exact(text.len());
    field.push_str(text);
}

fn time_text(time: Time, zone: Option<Offset>) -> String {
    let mut text = time.strftime("%H:%M:%S").to_string();
    if let Some(zone) = zone {
        let minutes = zone.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
        // Writing into a String cannot fail.
        let _ = write!(text, "{sign}{hours:02}:{minutes:02}");
    }
    text
}

fn known_or<'a>(given: &'a str, meaning: Meaning<&'a str>) -> &'a str {
    match meaning {
        Meaning::Known(code) => code,
        Meaning::Absent => "",
        Meaning::Unknown => given,
    }
}

/// The day of an ISO date or timestamp; other text as it is.
fn day_text(given: &str) -> &str {
    match given.get(..10) {
        Some(head) if given.len() == 10 || given[10..].starts_with(['T', 't', ' ']) => {
            let rest_is_time = given.len() == 10 || is_timestamp(given);
            if day(head).is_some() && rest_is_time { head } else { given }
        }
        _ => given,
    }
}

fn is_timestamp(given: &str) -> bool {
    given.parse::<DateTime>().is_ok() || given.parse::<jiff::Timestamp>().is_ok()
}

fn texts(cell: &Cell, form: Form, field: &mut Vec<String>, codes: &CodeLists) -> Outcome {
    // Values that came before stay: a child query gives them one by one.
    let given = cell.text();
    match form {
        Form::Mineral => {
            words(&given, |word| Ok(codes.mineral(word)), |code| push_once(field, code))
        }
        Form::Country => {
            words(&given, |word| Ok(codes.country(word)), |code| push_once(field, code))
        }
        Form::Origin => words(&given, |word| Ok(codes.origin(word)), |code| push_once(field, code)),
        _ => {
            let values = given.split([';', ',']).map(str::trim).filter(|value| !value.is_empty());
            field.extend(values.map(str::to_owned));
            Ok(())
        }
    }
}

fn push_once(field: &mut Vec<String>, code: &str) {
    if !field.iter().any(|known| known == code) {
        field.push(code.to_owned());
    }
}

/// Splits a cell of codes: the whole cell may be one national word, else `;`
/// and `,` separate, and within a piece that is no word, blanks do.
fn words<'w, T>(
    given: &'w str,
    look: impl Fn(&'w str) -> Result<Meaning<T>, (Fault, String)>,
    mut take: impl FnMut(T),
) -> Outcome {
    let mut accept = |word: &'w str| -> Result<bool, (Fault, String)> {
        match look(word)? {
            Meaning::Known(code) => take(code),
            Meaning::Absent => {}
            Meaning::Unknown => return Ok(false),
        }
        Ok(true)
    };
    if accept(given)? {
        return Ok(());
    }
    for piece in given.split([';', ',']).map(str::trim).filter(|piece| !piece.is_empty()) {
        if accept(piece)? {
            continue;
        }
        for word in piece.split_whitespace() {
            if word == piece || !accept(word)? {
                return Err((Fault::Unlisted, shortened(piece)));
            }
        }
    }
    Ok(())
}
