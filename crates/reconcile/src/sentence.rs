//! What a finding says, in English and in French.
//!
//! A sentence is text with the names of measures in braces; the measures are
//! integers with a unit, so that a page, a report and a verdict write the same
//! number in their own way.

use serde::{Deserialize, Serialize};

use crate::amount::MILLION;

/// Text in two languages.
#[derive(Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Names the sentence among those of its rule, as `R16-WEIGHT`.
    pub id: &'static str,
    /// English, with measures in braces.
    pub en: &'static str,
    /// French, with measures in braces.
    pub fr: &'static str,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milligrams, written in kilograms.
    Mass,
    /// Parts per million, written in per cent.
    Share,
    /// Days.
    Days,
    /// Metres.
    Metres,
    /// Minor units of the currency of the sentence, written in units.
    Money,
    /// A plain count, or a plain factor in millionths.
    Count,
    /// A text: a day, a key, a code; the number is unused.
    Text,
}

/// A number or text of a finding, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The name in the sentence.
    pub name: String,
    /// What the number counts.
    pub unit: Unit,
    /// The number.
    #[serde(default)]
    pub number: i64,
    /// The text, where the unit is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

impl Measure {
    /// A number.
    pub fn number(name: &str, unit: Unit, number: i64) -> Self {
        Self { name: name.to_owned(), unit, number, text: String::new() }
    }

    /// A mass in milligrams; beyond 2^63 it is written as that.
    pub fn mass(name: &str, milligrams: i128) -> Self {
        Self::number(name, Unit::Mass, i64::try_from(milligrams).unwrap_or(i64::MAX))
    }

    /// A share in parts per million.
    pub fn share(name: &str, ppm: i64) -> Self {
        Self::number(name, Unit::Share, ppm)
    }

    /// A text.
    pub fn text(name: &str, text: impl Into<String>) -> Self {
        Self { name: name.to_owned(), unit: Unit::Text, number: 0, text: text.into() }
    }

    /// The number as people write it, with a point or a comma before the decimals.
    fn written(&self, comma: char) -> String {
        let decimal = |number: i64, unit: i64, places: usize| {
            let (whole, rest) = (number.unsigned_abs() / unit.unsigned_abs(), number % unit);
            let sign = if number < 0 { "-" } else { "" };
            let rest = format!("{:0places$}", rest.unsigned_abs());
            let rest = rest.trim_end_matches('0');
            let comma = if rest.is_empty() { String::new() } else { comma.to_string() };
            format!("{sign}{whole}{comma}{rest}")
        };
        match self.unit {
            Unit::Mass => format!("{} kg", decimal(self.number, MILLION, 6)),
            Unit::Share => format!("{} %", decimal(self.number, MILLION / 100, 4)),
            Unit::Money => decimal(self.number, 100, 2),
            Unit::Metres => format!("{} m", self.number),
            Unit::Days | Unit::Count => self.number.to_string(),
            Unit::Text => self.text.clone(),
        }
    }
}

impl Sentence {
    /// The sentence in English.
    pub fn english(&self, measures: &[Measure]) -> String {
        filled(self.en, measures, '.')
    }

    /// The sentence in French.
    pub fn french(&self, measures: &[Measure]) -> String {
        filled(self.fr, measures, ',')
    }
}

/// One pass, so that a brace inside a value is never taken for a name.
fn filled(text: &str, measures: &[Measure], comma: char) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        let measure = measures.iter().find(|measure| measure.name == name);
        filled.extend(measure.map(|measure| measure.written(comma)));
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_units_of_people() {
        let sentence = Sentence { id: "T", en: "{mass}, {gap}, {days} days", fr: "{mass}, {gap}" };
        let measures = [
            Measure::mass("mass", 1_250_500_000),
            Measure::share("gap", -35_000),
            Measure::number("days", Unit::Days, 60),
        ];
        assert_eq!(sentence.english(&measures), "1250.5 kg, -3.5 %, 60 days");
        assert_eq!(sentence.french(&measures), "1250,5 kg, -3,5 %");
        assert_eq!(Measure::mass("m", 1_000_000).written('.'), "1 kg");
        assert_eq!(Measure::number("m", Unit::Money, 5).written('.'), "0.05");
    }

    #[test]
    fn a_value_that_looks_like_a_name_stays_as_it_is() {
        let sentence = Sentence { id: "T", en: "{key} of {mass}.", fr: "" };
        let measures = [Measure::text("key", "{mass}"), Measure::mass("mass", 0)];
        assert_eq!(sentence.english(&measures), "{mass} of 0 kg.");
    }
}
