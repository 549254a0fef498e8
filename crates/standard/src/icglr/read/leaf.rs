//! One member into one field that needs no other.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{
    At, Fault, Part, Plan, Reader, Shape, Spec, Trail, Value, amount::whole, field_of, path_of,
    rules,
};
use crate::{
    code::List,
    icglr::{plan::Member, shape::Joint},
    model::{ELEMENTS_MAX, Form, day},
    unit,
};

/// More digits than this were rounded by whoever made the number a double.
const DIGITS_SAFE: usize = 15;

impl Reader<'_> {
    /// The value of a field by the shape of its plan.
    pub(super) fn main(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        value: &Json,
        at: &At,
    ) {
        let member = &plan.members[index];
        let (field, trail) = (field_of(plan, index), at.trail_of(member));
        match (member.shape, part.value(index)) {
            (Shape::Words | Shape::Joined(_), Value::Texts(texts)) => {
                self.texts(member, texts, value, at);
            }
            (Shape::Numbers(list), Value::Codes(codes)) => {
                self.codes(plan, index, (list, codes), value, at);
            }
            (Shape::Number(list) | Shape::Name(list), Value::Code(code)) => {
                self.code(field, list, code, value, trail);
            }
            (Shape::Part | Shape::Locality, Value::Part(slot)) => {
                self.part(member, slot, value, at);
            }
            (Shape::Parts | Shape::Inputs, Value::List(items)) => {
                self.list(member, items, value, at);
            }
            (_, Value::Text(text)) => self.text(member, text, value, at),
            (shape, field_value) => self.number(field, shape, field_value, value, trail),
        }
    }

    fn text(&mut self, member: &Member, field: &mut String, value: &Json, at: &At) {
        let Some(text) = value.as_str() else {
            // The standard has one purchase number; older drafts had several.
            if let (Json::Array(list), "purchase_number") = (value, member.spec.name)
                && let Some(texts) = list.iter().map(Json::as_str).collect::<Option<Vec<_>>>()
            {
                *field = texts.join(";");
                return;
            }
            return self.mistyped(member.spec, at.trail_of(member), value);
        };
        if text == crate::icglr::write::WITHHELD && self.is_withheld(&at.field(member).path) {
            return;
        }
        *field = match member.spec.form {
            Form::Text { .. } => text.to_owned(),
            Form::Date => day_text(text.trim()).to_owned(),
            _ => text.trim().to_owned(),
        };
    }

    pub(super) fn texts(
        &mut self,
        member: &Member,
        field: &mut Vec<String>,
        value: &Json,
        at: &At,
    ) {
        let elements = match value {
            Json::Array(list) => list.as_slice(),
            other => std::slice::from_ref(other),
        };
        if elements.len() > ELEMENTS_MAX {
            return self.fault(&rules::ELEMENTS, at.field(member).path, elements.len().to_string());
        }
        let is_list = value.is_array();
        for (index, element) in elements.iter().enumerate() {
            let here = if is_list { at.trail_in(member, index) } else { at.trail_of(member) };
            match element.as_str() {
                Some(text) => field.extend(pieces(member.shape, text)),
                None => self.mistyped(member.spec, here, element),
            }
        }
    }

    fn code(
        &mut self,
        field: (&'static str, &'static Spec),
        list: &'static List,
        code: &mut i32,
        value: &Json,
        trail: Trail,
    ) {
        match number_of(list, value) {
            Some(number) => *code = number,
            None if is_scalar(value) => self.blame(field, Fault::Unlisted, trail, value),
            None => self.mistyped(field.1, trail, value),
        }
    }

    fn codes(
        &mut self,
        plan: &'static Plan,
        index: usize,
        (list, codes): (&'static List, &mut Vec<i32>),
        value: &Json,
        at: &At,
    ) {
        let elements: Vec<Cow<'_, Json>> = match value {
            Json::Array(elements) => elements.iter().map(Cow::Borrowed).collect(),
            // The standard's text writes `2;3;4` for three operations.
            Json::String(text) => {
                text.split([';', ',']).map(|word| Cow::Owned(Json::from(word.trim()))).collect()
            }
            other => vec![Cow::Borrowed(other)],
        };
        if elements.len() > ELEMENTS_MAX {
            let path = at.field(&plan.members[index]).path;
            return self.fault(&rules::ELEMENTS, path, elements.len().to_string());
        }
        for (place, element) in elements.iter().enumerate() {
            let is_list = value.is_array();
            let trail = if is_list {
                at.trail_in(&plan.members[index], place)
            } else {
                at.trail_of(&plan.members[index])
            };
            let mut code = 0;
            self.code(field_of(plan, index), list, &mut code, element, trail);
            if code != 0 {
                codes.push(code);
            }
        }
    }

    fn number(
        &mut self,
        field: (&'static str, &'static Spec),
        shape: Shape,
        into: Value<'_>,
        value: &Json,
        trail: Trail,
    ) {
        let put = counted(shape, value).and_then(|number| store(into, number));
        self.put(field, put, trail, value);
    }

    /// A field given as the integer that we store; the standard's number may stand beside
    /// it, and says the same.
    pub(super) fn stored(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        (index, raw, main): (usize, &Json, Option<&Json>),
        at: &At,
    ) {
        let member = &plan.members[index];
        let read = whole(raw);
        if main.is_some_and(|main| counted(member.shape, main) != read) {
            self.fault(&rules::TWICE, path_of(&at.path, &member.name), String::new());
        }
        let put = read.and_then(|number| store(part.value(index), number));
        self.put(field_of(plan, index), put, at.trail_of(member), raw);
    }

    /// Blames what was not put into its field.
    fn put(
        &mut self,
        field: (&'static str, &'static Spec),
        put: Result<(), Fault>,
        trail: Trail,
        value: &Json,
    ) {
        match put {
            Ok(()) => {}
            Err(_) if !is_scalar(value) => self.mistyped(field.1, trail, value),
            Err(fault) => self.blame(field, fault, trail, value),
        }
    }
}

/// A number of the standard as the integer that we store.
fn counted(shape: Shape, value: &Json) -> Result<i64, Fault> {
    match shape {
        Shape::Decimal(places) => {
            decimal_of(value, Digits::Exact).and_then(|number| unit::exact(number, places))
        }
        Shape::Measured(places) => {
            decimal_of(value, Digits::Measured).and_then(|number| unit::nearest(number, places))
        }
        _ => decimal_of(value, Digits::Exact).and_then(|number| match unit::exact(number, 0) {
            // Half a worker is no count; it is not a matter of precision.
            Err(Fault::TooPrecise) => Err(Fault::Unreadable),
            other => other,
        }),
    }
}

fn store(into: Value<'_>, number: i64) -> Result<(), Fault> {
    let small = |number: i64| u32::try_from(number).map_err(|_| Fault::OutOfRange);
    match into {
        Value::Degrees(field) => *field = i32::try_from(number).map_err(|_| Fault::OutOfRange)?,
        Value::Height(field) => {
            *field = Some(i32::try_from(number).map_err(|_| Fault::OutOfRange)?);
        }
        Value::MaybeSmall(field) => *field = Some(small(number)?),
        Value::MaybeCount(field) => {
            *field = Some(u64::try_from(number).map_err(|_| Fault::OutOfRange)?);
        }
        Value::Small(field) => {
            *field = small(number)?;
            if *field == 0 {
                return Err(Fault::OutOfRange);
            }
        }
        _ => return Err(Fault::Unreadable),
    }
    Ok(())
}

/// Whether a number must be exact, or is a measurement that is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    Exact,
    Measured,
}

/// A JSON number, or a text that is one, as an exact decimal.
pub(super) fn decimal_of(value: &Json, digits: Digits) -> Result<Decimal, Fault> {
    let text = match value {
        Json::String(text) => {
            return unit::decimal(text.trim()).ok_or(Fault::Unreadable);
        }
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), _, _) => return Ok(Decimal::from(whole)),
            (_, Some(whole), _) => return Ok(Decimal::from(whole)),
            // Display gives the shortest digits that read back as the same number.
            (_, _, Some(float)) => float.to_string(),
            _ => return Err(Fault::Unreadable),
        },
        _ => return Err(Fault::Unreadable),
    };
    if digits == Digits::Exact && significant(&text) > DIGITS_SAFE {
        return Err(Fault::TooPrecise);
    }
    // A double that no decimal of 28 digits holds is either huge or next to nothing.
    unit::decimal(&text).ok_or_else(|| {
        if text.trim_start_matches('-').starts_with("0.") {
            Fault::TooPrecise
        } else {
            Fault::OutOfRange
        }
    })
}

fn significant(text: &str) -> usize {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    if text.contains('.') { digits.len() } else { digits.trim_end_matches('0').len() }
}

/// The number of a code given as the standard's number or word.
fn number_of(list: &List, value: &Json) -> Option<i32> {
    match value {
        Json::String(text) => list.number_of(text),
        Json::Bool(truth) if list.name == crate::code::LICENSE_STATUS.name => {
            list.number_of(if *truth { "1" } else { "0" })
        }
        Json::Number(number) => {
            let float = number
                .as_f64()
                .filter(|float| float.fract() == 0.0 && (0.0..256.0).contains(float))?;
            list.number_of(&float.to_string())
        }
        _ => None,
    }
}

pub(super) fn is_scalar(value: &Json) -> bool {
    matches!(value, Json::String(_) | Json::Number(_))
}

/// The day of a date that carries a midnight, as many libraries write dates.
fn day_text(text: &str) -> &str {
    let Some((head, tail)) = text.split_at_checked(10) else { return text };
    let midnight = tail.strip_prefix(['T', ' ']).is_some_and(|time| {
        let time = time.strip_suffix('Z').unwrap_or(time);
        let time = time.split_once('.').map_or(time, |(time, fraction)| {
            if fraction.bytes().all(|byte| byte == b'0') { time } else { "" }
        });
        matches!(time, "00:00:00" | "00:00")
    });
    if midnight && day(head).is_some() { head } else { text }
}

/// What one text holds: one value, or several.
fn pieces(shape: Shape, text: &str) -> Vec<String> {
    let separators: &[char] = match shape {
        Shape::Joined(Joint::Semicolon) => &[';'],
        Shape::Joined(Joint::Origin) => &[';', ',', ' ', '\t', '\n'],
        _ => &[';', ','],
    };
    let is_origin = matches!(shape, Shape::Joined(Joint::Origin));
    let pieces = text.split(separators).map(str::trim).filter(|piece| !piece.is_empty());
    let mut pieces: Vec<String> = pieces
        .map(|piece| if is_origin && piece == "0" { "UNKNOWN" } else { piece }.to_owned())
        .collect();
    if pieces.is_empty() {
        // A blank element is a fault of its own, which the check names.
        pieces.push(String::new());
    }
    pieces
}
