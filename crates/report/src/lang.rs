//! How a language writes numbers, masses, days and months.
//!
//! French has a comma before decimals, a narrow space that does not break between
//! thousands and before high punctuation, and `1er` for the first of a month.

use jiff::civil::Date;
use rmd_standard::country::MEMBERS;
use serde::{Deserialize, Serialize};

use crate::Month;

/// Narrow space that does not break.
const THIN: &str = "\u{202f}";
/// Space that does not break.
const HARD: char = '\u{a0}';
/// Milligrams in a kilogram.
const KILOGRAM: u64 = 1_000_000;

/// English, short; French, short.
const MONTHS: [[&str; 4]; 12] = [
    ["January", "Jan", "janvier", "janv."],
    ["February", "Feb", "février", "févr."],
    ["March", "Mar", "mars", "mars"],
    ["April", "Apr", "avril", "avr."],
    ["May", "May", "mai", "mai"],
    ["June", "Jun", "juin", "juin"],
    ["July", "Jul", "juillet", "juil."],
    ["August", "Aug", "août", "août"],
    ["September", "Sep", "septembre", "sept."],
    ["October", "Oct", "octobre", "oct."],
    ["November", "Nov", "novembre", "nov."],
    ["December", "Dec", "décembre", "déc."],
];

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

impl Lang {
    /// Both.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// `en` or `fr`.
    pub const fn code(self) -> &'static str {
        self.pick("en", "fr")
    }

    /// The text of this language.
    pub const fn pick<'t>(self, en: &'t str, fr: &'t str) -> &'t str {
        match self {
            Self::En => en,
            Self::Fr => fr,
        }
    }

    /// The name of a member by its alpha-2 code; the code itself if it is none.
    pub fn country(self, alpha2: &str) -> &str {
        let member = MEMBERS.iter().find(|member| member.0 == alpha2);
        member.map_or(alpha2, |member| self.pick(member.2, member.3))
    }

    /// A count with its thousands apart.
    pub fn count(self, count: u64) -> String {
        let digits = count.to_string();
        let apart = self.pick(",", THIN);
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(apart);
            }
            text.push(digit);
        }
        text
    }

    /// Milligrams as kilograms with so many decimals (at most 6), rounded half away from
    /// zero. What is there and would be written as zero is written as less than the
    /// least that can be.
    pub fn kilograms(self, mg: i64, decimals: u32) -> String {
        let scale = 10_u64.pow(decimals.min(6));
        let step = KILOGRAM / scale;
        let steps = mg.unsigned_abs().saturating_add(step / 2) / step;
        if steps == 0 && mg != 0 {
            return format!("<{HARD}{}", self.decimal(1, scale));
        }
        let sign = if mg < 0 { "\u{2212}" } else { "" };
        format!("{sign}{}", self.decimal(steps, scale))
    }

    /// Parts per million as per cent, with the decimals that it has.
    pub fn percent(self, ppm: i64) -> String {
        let sign = if ppm < 0 { "\u{2212}" } else { "" };
        let space = self.pick("", THIN);
        format!("{sign}{}{space}%", self.trimmed(ppm.unsigned_abs(), 10_000))
    }

    /// A whole number of `1 / scale`, with the decimals that it has.
    pub fn trimmed(self, number: u64, scale: u64) -> String {
        let text = self.decimal(number, scale);
        let Some((whole, rest)) = text.split_once(self.comma()) else { return text };
        // A comma of thousands is no comma before decimals.
        if scale == 1 {
            return text;
        }
        match rest.trim_end_matches('0') {
            "" => whole.to_owned(),
            rest => format!("{whole}{}{rest}", self.comma()),
        }
    }

    const fn comma(self) -> char {
        match self {
            Self::En => '.',
            Self::Fr => ',',
        }
    }

    /// A number of `1 / scale`, where `scale` is a power of ten.
    fn decimal(self, number: u64, scale: u64) -> String {
        let whole = self.count(number / scale);
        let places = scale.ilog10() as usize;
        if places == 0 {
            return whole;
        }
        format!("{whole}{}{:0places$}", self.comma(), number % scale)
    }

    /// `4 October 2026`, `1er octobre 2026`.
    pub fn day(self, day: Date) -> String {
        let month = self.month(Month::of(day));
        match (self, day.day()) {
            (Self::Fr, 1) => format!("1er{HARD}{month}"),
            (_, number) => format!("{number}{HARD}{month}"),
        }
    }

    /// `October 2026`, `octobre 2026`.
    pub fn month(self, month: Month) -> String {
        format!("{}{HARD}{}", self.month_name(month), month.year())
    }

    /// `4 Oct 2026`, `4 oct. 2026`: for tables.
    pub fn short_day(self, day: Date) -> String {
        let [_, en, _, fr] = names(Month::of(day));
        let number = match (self, day.day()) {
            (Self::Fr, 1) => "1er".to_owned(),
            (_, number) => number.to_string(),
        };
        format!("{number}{HARD}{}{HARD}{}", self.pick(en, fr), day.year())
    }

    /// `October`, `octobre`.
    pub fn month_name(self, month: Month) -> &'static str {
        let [en, _, fr, _] = names(month);
        self.pick(en, fr)
    }

    /// Text with the spaces that the language wants not to break.
    pub fn set(self, text: &str) -> String {
        if self == Self::En {
            return text.to_owned();
        }
        let hard = HARD.to_string();
        let mut set = text.replace("« ", &format!("«{hard}")).replace(" »", &format!("{hard}»"));
        set = set.replace(" :", &format!("{hard}:"));
        for mark in [";", "!", "?", "%"] {
            set = set.replace(&format!(" {mark}"), &format!("{THIN}{mark}"));
        }
        set.replace('\'', "\u{2019}")
    }
}

fn names(month: Month) -> [&'static str; 4] {
    let place = usize::from(month.number().unsigned_abs()).saturating_sub(1);
    MONTHS[place.min(MONTHS.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        assert_eq!(Lang::En.count(1_234_567), "1,234,567");
        assert_eq!(Lang::Fr.count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(Lang::En.kilograms(1_234_567_890_000, 1), "1,234,567.9");
        assert_eq!(Lang::Fr.kilograms(1_234_567_890_000, 3), "1\u{202f}234\u{202f}567,890");
        assert_eq!(Lang::En.kilograms(-1_500_000, 0), "\u{2212}2");
    }

    #[test]
    fn what_is_there_is_never_written_as_zero() {
        assert_eq!(Lang::En.kilograms(0, 0), "0");
        assert_eq!(Lang::En.kilograms(1, 0), "<\u{a0}1");
        assert_eq!(Lang::Fr.kilograms(499, 3), "<\u{a0}0,001");
        assert_eq!(Lang::Fr.kilograms(500, 3), "0,001");
    }

    #[test]
    fn shares_keep_the_decimals_that_they_have() {
        assert_eq!(Lang::En.percent(5_000), "0.5%");
        assert_eq!(Lang::Fr.percent(200_000), "20\u{202f}%");
        assert_eq!(Lang::En.trimmed(1_234_000, 1), "1,234,000");
        assert_eq!(Lang::En.trimmed(1_500_000, 1_000_000), "1.5");
        assert_eq!(Lang::Fr.trimmed(50_000_000, 1_000_000), "50");
    }

    #[test]
    fn days_are_written_as_the_language_writes_them() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(Lang::En.day(day("2026-10-01")), "1\u{a0}October\u{a0}2026");
        assert_eq!(Lang::Fr.day(day("2026-10-01")), "1er\u{a0}octobre\u{a0}2026");
        assert_eq!(Lang::Fr.day(day("2026-08-15")), "15\u{a0}août\u{a0}2026");
        assert_eq!(Lang::En.short_day(day("2026-10-01")), "1\u{a0}Oct\u{a0}2026");
        assert_eq!(Lang::Fr.short_day(day("2026-07-04")), "4\u{a0}juil.\u{a0}2026");
    }

    #[test]
    fn french_punctuation_does_not_begin_a_line() {
        assert_eq!(
            Lang::Fr.set("l'État : « néant » ; 5 %"),
            "l’État\u{a0}: «\u{a0}néant\u{a0}»\u{202f}; 5\u{202f}%"
        );
        assert_eq!(Lang::En.set("a : b"), "a : b");
    }
}
