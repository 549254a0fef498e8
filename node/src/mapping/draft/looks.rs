//! What the sample values of a column look like.
//!
//! All of a few values must fit, and nine of ten of many: a wrong day among many
//! makes no column of texts.

use jiff::civil::{Date, DateTime};

use crate::mapping::normalisers::folded;

/// What all values of a column have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Looks {
    /// There is none.
    Nothing,
    /// Whole numbers.
    Whole,
    /// Numbers with a decimal point.
    Decimal,
    /// Numbers with a decimal comma or marks of thousands.
    Comma,
    /// Masses with their unit.
    MassWithUnit,
    /// Degrees, minutes and seconds.
    Degrees,
    /// ISO days.
    Day,
    /// ISO days with a time.
    Moment,
    /// Days in another format; whether the order of day and month is certain.
    OtherDay(&'static str, bool),
    /// Times of day.
    Time,
    /// Months.
    Month,
    /// Telephone numbers.
    Phone,
    /// E-mail addresses.
    Email,
    /// Anything else.
    Text,
}

/// The values of one column.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// What they look like, without those that mean nothing.
    pub(super) looks: Looks,
    /// How many have a value.
    pub(super) filled: usize,
    /// How many lack one.
    pub(super) empty: usize,
    /// Different values among them.
    pub(super) distinct: usize,
    /// Words that mean nothing, as they stand there.
    pub(super) void: Vec<String>,
    /// Whether some were read in another encoding than they were written in.
    pub(super) is_misread: bool,
    /// Whether some hold entities of HTML.
    pub(super) has_entities: bool,
    /// The least and the greatest number.
    pub(super) range: Option<(f64, f64)>,
    /// The first of them that differ.
    pub(super) values: Vec<String>,
}

/// Words that mean that there is no value, folded.
const VOID: [&str; 16] = [
    "neant",
    "n/d",
    "nd",
    "n/a",
    "na",
    "-",
    "--",
    "?",
    "inconnu",
    "inconnue",
    "unknown",
    "null",
    "none",
    "vide",
    "non renseigne",
    "sans objet",
];

/// Values that are kept to be shown.
const VALUES_MAX: usize = 4;

impl Profile {
    /// Looks at the values of one column.
    pub(super) fn of<'v>(values: impl Iterator<Item = Option<&'v str>>) -> Self {
        let (mut filled, mut void, mut empty) = (Vec::new(), Vec::<String>::new(), 0);
        for value in values {
            match value.map(str::trim).filter(|value| !value.is_empty()) {
                None => empty += 1,
                Some(value) if !VOID.contains(&folded(value).as_str()) => filled.push(value),
                Some(value) => void.push(value.to_owned()),
            }
        }
        void.sort();
        void.dedup();
        let mut different: Vec<&str> = filled.clone();
        different.sort_unstable();
        different.dedup();
        let mut shown: Vec<String> = Vec::new();
        for value in &filled {
            if shown.len() < VALUES_MAX && !shown.iter().any(|known| known == value) {
                shown.push((*value).to_owned());
            }
        }
        Self {
            looks: looks(&filled),
            filled: filled.len(),
            empty,
            distinct: different.len(),
            void,
            is_misread: filled.iter().any(|value| is_misread(value)),
            has_entities: filled
                .iter()
                .any(|value| html_escape::decode_html_entities(value) != *value),
            range: range(&filled),
            values: shown,
        }
    }

    /// Whether every value was another one.
    pub(super) fn is_distinct(&self) -> bool {
        self.filled > 1 && self.distinct == self.filled && self.empty == 0
    }

    /// Whether short words stand there again and again: a code, and nobody's name.
    pub(super) fn is_code(&self) -> bool {
        self.filled >= 10
            && self.distinct * 3 <= self.filled
            && self.values.iter().all(|value| value.chars().count() <= 20)
    }
}

fn looks(values: &[&str]) -> Looks {
    if values.is_empty() {
        return Looks::Nothing;
    }
    let all = |test: fn(&str) -> bool| mostly(values, test);
    if all(is_month) {
        return Looks::Month;
    }
    if all(|value| value.len() == 10 && value.parse::<Date>().is_ok()) {
        return Looks::Day;
    }
    if all(is_moment) {
        return Looks::Moment;
    }
    if let Some(other) = other_day(values) {
        return other;
    }
    if all(is_time) {
        return Looks::Time;
    }
    if all(|value| value.contains('@') && value.contains('.') && !value.contains(' ')) {
        return Looks::Email;
    }
    if all(is_phone) {
        return Looks::Phone;
    }
    if all(|value| value.parse::<i64>().is_ok()) {
        return Looks::Whole;
    }
    if all(|value| value.parse::<f64>().is_ok_and(f64::is_finite)) {
        return Looks::Decimal;
    }
    if all(is_comma_number) {
        return Looks::Comma;
    }
    if all(is_mass) {
        return Looks::MassWithUnit;
    }
    if all(is_degrees) {
        return Looks::Degrees;
    }
    Looks::Text
}

/// Values of which none may be wrong.
const FEW: usize = 3;

/// Whether a test holds for all of a few values, or for all but a tenth.
fn mostly(values: &[&str], test: impl Fn(&str) -> bool) -> bool {
    let wrong = values.iter().filter(|value| !test(value)).count();
    wrong == 0 || values.len() > FEW && wrong * 10 <= values.len().max(10)
}

fn is_month(value: &str) -> bool {
    value.len() == 7
        && value.as_bytes()[4] == b'-'
        && value.parse::<jiff::civil::Date>().is_err()
        && format!("{value}-01").parse::<Date>().is_ok()
}

fn is_moment(value: &str) -> bool {
    value.len() >= 10
        && (value.parse::<DateTime>().is_ok() || value.parse::<jiff::Timestamp>().is_ok())
        && value.as_bytes().get(4) == Some(&b'-')
}

fn is_time(value: &str) -> bool {
    matches!(value.len(), 5 | 8)
        && value.contains(':')
        && value.parse::<jiff::civil::Time>().is_ok()
}

/// Days with slashes, dots or hyphens, the year last or first.
fn other_day(values: &[&str]) -> Option<Looks> {
    let candidates: [(&str, &str, char); 6] = [
        ("%d/%m/%Y", "%m/%d/%Y", '/'),
        ("%d-%m-%Y", "%m-%d-%Y", '-'),
        ("%d.%m.%Y", "%m.%d.%Y", '.'),
        ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", '/'),
        ("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", '/'),
        ("%Y/%m/%d", "%Y/%d/%m", '/'),
    ];
    for (day_first, month_first, _) in candidates {
        let fits = |format: &str| mostly(values, |value| is_day(format, value));
        match (fits(day_first), fits(month_first)) {
            (true, false) => return Some(Looks::OtherDay(day_first, true)),
            (false, true) => return Some(Looks::OtherDay(month_first, true)),
            (true, true) => return Some(Looks::OtherDay(day_first, false)),
            (false, false) => {}
        }
    }
    None
}

fn is_day(format: &str, value: &str) -> bool {
    jiff::fmt::strtime::parse(format, value)
        .and_then(|parsed| parsed.to_date())
        .is_ok_and(|day| (1900..2100).contains(&day.year()))
}

fn is_phone(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = |c: char| c.is_ascii_digit() || " +-.()/;".contains(c);
    (8..=40).contains(&digits)
        && value.chars().all(is_plain)
        && (value.starts_with('+') || value.starts_with('0'))
        && value.parse::<f64>().map_or(true, |_| digits >= 9 && !value.contains('.'))
}

fn is_comma_number(value: &str) -> bool {
    let is_mark = |c: char| c.is_ascii_digit() || ",. '\u{a0}\u{202f}-+".contains(c);
    value.chars().all(is_mark)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.matches(',').count() <= 1
}

fn is_mass(value: &str) -> bool {
    let Some(at) = value.find(char::is_alphabetic) else {
        return is_comma_number(value);
    };
    at > 0
        && is_comma_number(value[..at].trim())
        && crate::mapping::normalisers::unit_of(&value[at..]).is_some()
}

fn is_degrees(value: &str) -> bool {
    let is_mark = |c: char| "°º˚'′’\"″”".contains(c);
    value.bytes().any(|byte| byte.is_ascii_digit())
        && (value.contains(is_mark)
            || value.trim_end().ends_with(['N', 'S', 'E', 'W', 'O'])
                && value.split([' ', ':']).count() >= 2)
        && value.chars().filter(|c| c.is_alphabetic() && !is_mark(*c)).count() <= 5
}

fn is_misread(value: &str) -> bool {
    value.contains('\u{c3}')
        && value.chars().any(|c| ('\u{80}'..='\u{bf}').contains(&c) || c == '\u{192}')
}

fn range(values: &[&str]) -> Option<(f64, f64)> {
    let numbers: Option<Vec<f64>> =
        values.iter().map(|value| value.replace(',', ".").parse().ok()).collect();
    let numbers = numbers.filter(|numbers| !numbers.is_empty())?;
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    Some((least, numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)))
}

/// A value of which only the form is left: letters are x, digits are 9.
pub(super) fn masked(value: &str) -> String {
    let mask = |c: char| match c {
        c if c.is_uppercase() => 'X',
        c if c.is_alphabetic() => 'x',
        c if c.is_numeric() => '9',
        c => c,
    };
    value.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_by_their_form() {
        for (values, expected) in [
            (vec!["2017-05-01", "2016-02-29"], Looks::Day),
            (vec!["2017-05-01 10:11:12", "2016-02-29T00:00:00"], Looks::Moment),
            (vec!["2017-05", "2017-12"], Looks::Month),
            (vec!["28/11/2017", "03/04/2017"], Looks::OtherDay("%d/%m/%Y", true)),
            (vec!["11/28/2017"], Looks::OtherDay("%m/%d/%Y", true)),
            (vec!["03/04/2017"], Looks::OtherDay("%d/%m/%Y", false)),
            (vec!["10:15", "23:59"], Looks::Time),
            (vec!["0812345678", "+243 81 234 56 78"], Looks::Phone),
            (vec!["a@b.cd"], Looks::Email),
            (vec!["12", "-3"], Looks::Whole),
            (vec!["12", "1.5"], Looks::Decimal),
            (vec!["12,5", "1 200"], Looks::Comma),
            (vec!["350 kg", "1,2 t"], Looks::MassWithUnit),
            (vec!["1°56'25\"S", "2° 3' S"], Looks::Degrees),
            (vec!["Vert", "12"], Looks::Text),
            (
                vec!["28/11/2017", "13/04/2017", "14/04/2017", "31/02/2017"],
                Looks::OtherDay("%d/%m/%Y", true),
            ),
            (vec!["28/11/2017", "31/02/2017"], Looks::Text),
            (vec![], Looks::Nothing),
            (vec!["néant", "N/D"], Looks::Nothing),
        ] {
            let profile = Profile::of(values.iter().map(|value| Some(*value)));
            assert_eq!(profile.looks, expected, "{values:?}");
        }
        let profile = Profile::of([Some("CassitÃ©rite &amp; or"), None].into_iter());
        assert!(profile.is_misread && profile.has_entities && profile.empty == 1);
        assert_eq!(masked("Jean-Pierre 12é"), "Xxxx-Xxxxxx 99x");
    }
}
