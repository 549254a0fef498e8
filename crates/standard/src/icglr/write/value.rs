//! One field of a record as a member of JSON, or as the few that belong together.

use jiff::{Timestamp, tz::Offset};
use rmd_proto::v1::UnitOfMeasurement;

use super::{
    DOLLAR, Member, Paid, Part, Plan, Shape, UNIT_OF_MEASUREMENT, Usage, Value, Weighed, Writer,
    number, polygon,
};
use crate::{
    code::List,
    icglr::{name, shape::Joint},
    unit,
};

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

    /// The schema takes six digits; the zone, if there is one, is a member of ours.
    fn time(&mut self, member: &Member, text: &str) {
        self.key(member);
        let (time, zone) = text.split_at_checked(8).unwrap_or((text, ""));
        let is_plain = matches!(time.as_bytes(), [_, _, b':', _, _, b':', _, _]);
        if self.usage == Usage::Rwanda || !is_plain {
            return self.string(text);
        }
        let digits: String = time.chars().filter(|letter| *letter != ':').collect();
        self.string(&digits);
        if !zone.is_empty() {
            self.name(&format!("{}Zone", member.name));
            self.string(zone);
        }
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

    pub(super) fn mass(
        &mut self,
        member: &Member,
        weighed: Weighed,
        part: &mut dyn Part,
        index: usize,
    ) {
        let milligrams = match part.value(index) {
            Value::Whole(mass) if *mass != 0 => *mass,
            Value::MaybeWhole(Some(mass)) => *mass,
            _ => return,
        };
        let unit = match weighed {
            Weighed::Here(unit) => match part.value(unit) {
                Value::Code(unit) => *unit,
                _ => 0,
            },
            Weighed::Record => self.unit,
            Weighed::Stated => UnitOfMeasurement::Kgm as i32,
        };
        let places = match UnitOfMeasurement::try_from(unit) {
            Ok(UnitOfMeasurement::Tne) => 9,
            Ok(UnitOfMeasurement::Kgm | UnitOfMeasurement::Grm) => 6,
            // Without its unit a number means nothing.
            _ => return self.raw(member, milligrams),
        };
        self.key(member);
        number::decimal(milligrams, places, self.out);
        if !number::is_safe(milligrams) {
            self.raw(member, milligrams);
        }
        if let Weighed::Stated = weighed {
            self.name("unitOfMeasurement");
            self.string("KGM");
        }
    }

    pub(super) fn money(
        &mut self,
        member: &Member,
        paid: Paid,
        part: &mut dyn Part,
        (index, currency): (usize, usize),
    ) {
        let Value::MaybeWhole(Some(minor)) = part.value(index) else { return };
        let minor = *minor;
        let Value::Text(currency) = part.value(currency) else { return };
        let Some(known) = unit::currency(currency) else { return self.raw(member, minor) };
        let places = known.exponent().map_or(0, u32::from);
        match paid {
            Paid::Joined => {
                self.key(member);
                self.out.push(b'"');
                // Letters of a known currency.
                self.out.extend_from_slice(currency.as_bytes());
                self.out.push(b' ');
                number::fixed(minor, places, self.out);
                self.out.push(b'"');
                return;
            }
            Paid::Price if self.usage == Usage::Rwanda && *currency == DOLLAR => self.name("price"),
            Paid::Price | Paid::Plain => self.key(member),
        }
        number::decimal(minor, places, self.out);
        if !number::is_safe(minor) {
            self.raw(member, minor);
        }
    }

    /// A currency that no amount carries.
    pub(super) fn currency(&mut self, member: &Member, part: &mut dyn Part, index: usize) {
        let amount = (0..part.len()).any(|index| {
            matches!(part.spec(index).form, crate::model::Form::Money)
                && !part.value(index).is_absent()
        });
        if let Value::Text(currency) = part.value(index)
            && !currency.is_empty()
            && (!amount || unit::currency(currency).is_none())
        {
            self.key(member);
            self.string(currency);
        }
    }

    /// Whether this is the currency of a price that Rwanda's name already says.
    pub(super) fn is_price_in_dollars(&self, member: &Member, part: &mut dyn Part) -> bool {
        if self.usage != Usage::Rwanda || member.spec.name != "price_currency" {
            return false;
        }
        let mut has_price = false;
        let mut in_dollars = false;
        for index in 0..part.len() {
            match (part.spec(index).name, part.value(index)) {
                ("price_per_kg_minor", value) => has_price = !value.is_absent(),
                ("price_currency", Value::Text(currency)) => in_dollars = *currency == DOLLAR,
                _ => {}
            }
        }
        has_price && in_dollars
    }

    fn instant(&mut self, member: &Member, microseconds: i64) {
        let instant = Timestamp::from_microsecond(microseconds).ok();
        // Beyond the four digits of a year there is no text of the standard.
        let Some(instant) = instant
            .filter(|instant| (1..=9998).contains(&Offset::UTC.to_datetime(*instant).year()))
        else {
            return self.raw(member, microseconds);
        };
        if let Shape::Registered = member.shape {
            let local = self.zone.to_datetime(instant);
            self.name("dateRegistration");
            self.out.push(b'"');
            self.date(local.date());
            self.out.push(b'"');
            self.name("timeRegistration");
            self.out.push(b'"');
            let colon = self.usage == Usage::Rwanda;
            self.clock(local.time(), colon);
            self.out.push(b'"');
        }
        self.key(member);
        self.out.push(b'"');
        let utc = Offset::UTC.to_datetime(instant);
        self.date(utc.date());
        self.out.push(b'T');
        self.clock(utc.time(), true);
        let micros = utc.time().subsec_nanosecond() / 1000;
        if micros != 0 {
            // `0.000250` without its zero in front.
            let mut fraction = Vec::new();
            number::decimal(i64::from(micros), 6, &mut fraction);
            self.out.extend_from_slice(&fraction[1..]);
        }
        self.out.extend_from_slice(b"Z\"");
    }

    fn date(&mut self, date: jiff::civil::Date) {
        let year = date.year();
        number::two(i8::try_from(year / 100).unwrap_or_default(), self.out);
        number::two(i8::try_from(year % 100).unwrap_or_default(), self.out);
        self.out.push(b'-');
        number::two(date.month(), self.out);
        self.out.push(b'-');
        number::two(date.day(), self.out);
    }

    fn clock(&mut self, time: jiff::civil::Time, colon: bool) {
        for (index, part) in [time.hour(), time.minute(), time.second()].into_iter().enumerate() {
            if colon && index > 0 {
                self.out.push(b':');
            }
            number::two(part, self.out);
        }
    }

    /// The integer that we store, under its own name.
    fn raw(&mut self, member: &Member, value: i64) {
        self.name(&name::raw(member.spec.name));
        self.signed(value);
    }

    /// Attributes of a national usage, at their place.
    pub(super) fn extras(&mut self, plan: &Plan, part: &mut dyn Part) {
        let extras = std::mem::take(&mut self.extras);
        for (name, json) in extras.at(&self.path) {
            // What the tables write is not written twice.
            let is_free = plan.target(name).is_none_or(|target| {
                part.value(target.member).is_absent()
                    && !self.is_withheld(&plan.members[target.member].name)
            });
            if is_free {
                self.name(name);
                self.json(json);
            }
        }
        self.extras = extras;
    }

    pub(super) fn key(&mut self, member: &Member) {
        self.comma();
        self.out.extend_from_slice(&member.key);
    }

    /// The key of a text, some of which have a name of their own in Rwanda.
    pub(super) fn renamed_key(&mut self, member: &Member) {
        if self.usage == Usage::Rwanda && member.spec.name == "miner_name" {
            self.name("miner");
        } else {
            self.key(member);
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        self.comma();
        self.string(name);
        self.out.push(b':');
    }

    fn comma(&mut self) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
    }

    pub(super) fn string(&mut self, text: &str) {
        self.serialize(&text);
    }

    pub(super) fn strings<'s>(&mut self, texts: impl Iterator<Item = &'s str>) {
        self.out.push(b'[');
        for (index, text) in texts.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.string(text);
        }
        self.out.push(b']');
    }

    pub(super) fn integer(&mut self, value: u64) {
        self.serialize(&value);
    }

    fn signed(&mut self, value: i64) {
        self.serialize(&value);
    }

    /// JSON text as it is kept; what is none becomes a string.
    pub(super) fn json(&mut self, text: &str) {
        if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            self.string(text);
        }
    }

    fn serialize(&mut self, value: &impl serde::Serialize) {
        // Writing numbers, text and trees of JSON into memory cannot fail.
        let _ = serde_json::to_writer(&mut *self.out, value);
    }
}
