//! One field of a record as a member of JSON, or as the few that belong together.

use rmd_proto::v1::UnitOfMeasurement;

use super::{Member, Part, Shape, UNIT_OF_MEASUREMENT, Usage, Value, Writer, number, polygon};
use crate::{code::List, icglr::shape::Joint};

/// Decimals of a coordinate in Rwanda's derivation, and what is left of ours.
const SHORT_PLACES: u32 = 4;
const SHORT_FACTOR: i32 = 1000;

impl Writer<'_> {
    /// A field that holds something and needs no other to be written.
    pub(super) fn leaf(&mut self, member: &Member, value: &Value<'_>) {
        match value {
            Value::Text(text) => self.text(member, text),
            Value::Texts(texts) => self.texts(member, texts),
            Value::Code(number) => self.code(member, **number),
            Value::Codes(numbers) => self.codes(member, numbers),
            Value::Height(Some(height)) => self.scaled(member, i64::from(*height)),
            Value::MaybeSmall(Some(small)) => self.scaled(member, i64::from(*small)),
            Value::Whole(whole) => self.instant(member, **whole),
            Value::MaybeWhole(Some(whole)) => self.instant(member, *whole),
            Value::Small(small) => {
                self.key(member);
                self.integer(u64::from(**small));
            }
            Value::MaybeCount(Some(count)) => {
                self.key(member);
                self.integer(*count);
            }
            // Absent ones do not come here; the others are written by their own functions.
            _ => {}
        }
    }

    fn text(&mut self, member: &Member, text: &str) {
        match member.shape {
            Shape::Time => return self.time(member, text),
            Shape::Polygon => return self.polygon(member, text),
            _ => self.renamed_key(member),
        }
        self.string(text);
    }

    fn polygon(&mut self, member: &Member, text: &str) {
        let Some((strict, whole)) = polygon::strict(text) else {
            self.key(member);
            return self.string(text);
        };
        self.key(member);
        self.serialize(&strict);
        if !whole {
            self.name("polygonAsGiven");
            self.json(text);
        }
    }

    fn texts(&mut self, member: &Member, texts: &[String]) {
        self.key(member);
        match member.shape {
            Shape::Joined(joint) => {
                let known = texts.iter().map(|text| match (joint, text.as_str()) {
                    (Joint::Origin, "UNKNOWN") => "0",
                    (_, text) => text,
                });
                let joined = known.collect::<Vec<_>>().join(";");
                self.string(&joined);
            }
            Shape::Phones => {
                self.string(&texts[0]);
                if texts.len() > 1 {
                    self.name("otherPhoneNumber");
                    self.strings(texts[1..].iter().map(String::as_str));
                }
            }
            _ => self.strings(texts.iter().map(String::as_str)),
        }
    }

    fn code(&mut self, member: &Member, number: i32) {
        self.key(member);
        match member.shape {
            Shape::Unit => {
                // The standard knows no gram, in which gold is weighed.
                let word = match UNIT_OF_MEASUREMENT.word_of(number) {
                    Some("tne") => "TNE",
                    _ => "KGM",
                };
                self.string(word);
                if number == UnitOfMeasurement::Grm as i32 {
                    self.name("sourceUnitOfMeasurement");
                    self.string("GRM");
                }
            }
            Shape::Number(list) => self.number(list, number),
            Shape::Name(list) => match list.word_of(number) {
                Some(word) => self.string(word),
                None => self.signed(i64::from(number)),
            },
            _ => self.signed(i64::from(number)),
        }
    }

    fn codes(&mut self, member: &Member, numbers: &[i32]) {
        let Shape::Numbers(list) = member.shape else { return };
        self.key(member);
        self.out.push(b'[');
        for (index, number) in numbers.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.number(list, *number);
        }
        self.out.push(b']');
    }

    /// The standard's integer of a code; a number that is no code stays what it is.
    fn number(&mut self, list: &List, number: i32) {
        let code = list.codes.iter().find(|code| code.number == number);
        let standard = code.and_then(|code| code.standard).map(i64::from);
        self.signed(standard.unwrap_or_else(|| i64::from(number)));
    }

    fn scaled(&mut self, member: &Member, value: i64) {
        self.key(member);
        let places = match member.shape {
            Shape::Decimal(places) | Shape::Measured(places) => places,
            _ => 0,
        };
        number::decimal(value, places, self.out);
    }

    /// A coordinate; a point at zero, zero says no more than none.
    pub(super) fn degrees(&mut self, member: &Member, part: &mut dyn Part, index: usize) {
        let is_zero = |part: &mut dyn Part, index| matches!(part.value(index), Value::Degrees(0));
        if (0..part.len()).all(|index| is_zero(part, index)) {
            return;
        }
        let Value::Degrees(degrees) = part.value(index) else { return };
        let degrees = *degrees;
        if self.usage == Usage::Rwanda {
            self.name(if member.spec.name == "latitude_e7" { "lat" } else { "long" });
            let half = if degrees < 0 { -SHORT_FACTOR / 2 } else { SHORT_FACTOR / 2 };
            let short = (i64::from(degrees) + i64::from(half)) / i64::from(SHORT_FACTOR);
            number::decimal(short, SHORT_PLACES, self.out);
            if degrees % SHORT_FACTOR == 0 {
                return;
            }
        }
        self.scaled(member, i64::from(degrees));
    }
}
