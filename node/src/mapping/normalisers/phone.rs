//! Telephone numbers in E.164.
//!
//! A number without a country is one of the country that the mapping names. The
//! numbering plans are those of libphonenumber: a table of our own would be wrong
//! the day a state opens a new range. Refuses a number that is not valid there.

use std::str::FromStr as _;

use phonenumber::{Mode, country::Id};
use rmd_standard::{Cell, Misread};

use super::Outcome;

static NO_PHONE: Misread = Misread {
    rule: "NORMALISE-PHONE-E164",
    en: [
        "is no valid telephone number of its country (normaliser phone_e164)",
        "Write it with its country as +243…; several numbers stand apart with ; or /",
    ],
    fr: [
        "n'est pas un numéro de téléphone valable dans son pays (normaliseur phone_e164)",
        "Écrivez-le avec son pays comme +243… ; séparez plusieurs numéros par ; ou /",
    ],
};

/// Longest text of one number; fifteen digits and what people put between them.
const BYTES_MAX: usize = 40;

/// The country of numbers that name none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phone(Id);

impl Phone {
    /// ISO 3166-1 alpha-2; none if it has no numbering plan.
    pub(crate) fn of_country(alpha2: &str) -> Option<Self> {
        Id::from_str(alpha2).ok().map(Self)
    }

    pub(super) fn read(self, cell: &Cell) -> Outcome {
        let text = match cell {
            Cell::Text(text) => text.clone(),
            // Leading zeros are gone, which the plan of the country makes up for.
            Cell::Integer(number) => number.to_string(),
            _ => return Err(&NO_PHONE),
        };
        let mut numbers: Vec<String> = Vec::new();
        for one in text.split([';', ',', '/', '|', '\n']).map(str::trim) {
            if one.is_empty() {
                continue;
            }
            let number = self.one(one).ok_or(&NO_PHONE)?;
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        if numbers.is_empty() { Err(&NO_PHONE) } else { Ok(Cell::Text(numbers.join(";"))) }
    }

    fn one(self, text: &str) -> Option<String> {
        let is_plain = |c: char| c.is_ascii_digit() || " +-.()\u{a0}\u{202f}".contains(c);
        if text.len() > BYTES_MAX || !text.chars().all(is_plain) {
            return None;
        }
        let plain: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        // 00 is how one dials abroad from every state of the region.
        let plain = plain.strip_prefix("00").map_or(plain.clone(), |rest| format!("+{rest}"));
        let plain = self.with_country(plain);
        let number = phonenumber::parse(Some(self.0), &plain).ok()?;
        let written = number.format().mode(Mode::E164).to_string();
        phonenumber::is_valid(&number).then_some(written)
    }

    /// A number that begins with the code of its own country, without a plus sign.
    fn with_country(self, plain: String) -> String {
        let code = phonenumber::metadata::DATABASE
            .by_id(self.0.as_ref())
            .map(phonenumber::Metadata::country_code);
        match code.map(|code| code.to_string()) {
            Some(code) if plain.len() >= 11 && plain.starts_with(&code) => format!("+{plain}"),
            _ => plain,
        }
    }
}
