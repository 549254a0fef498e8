//! Documents out of bytes: each byte chooses, and where they end the plainest
//! choice is taken, so that a failing document shrinks with its bytes.

use rmd_standard::icglr::Usage;
use serde_json::{Map, Value as Json, json};

/// Names that no attribute of the standard has.
const UNKNOWN: [&str; 8] =
    ["rdbNumber", "streetAddress", "a.b", "x[0]", "%", "tagType", "é\u{85}", "otherInfo"];

/// A document, and what must be found in the one that is written.
#[derive(Debug, Default)]
pub(crate) struct Pair {
    pub(crate) given: Map<String, Json>,
    pub(crate) expected: Map<String, Json>,
}

/// Where choices come from.
pub(crate) struct Source {
    bytes: std::vec::IntoIter<u8>,
    pub(crate) usage: Usage,
}

impl Source {
    pub(crate) fn new(bytes: Vec<u8>, usage: Usage) -> Self {
        Self { bytes: bytes.into_iter(), usage }
    }

    /// A number below `count`.
    pub(crate) fn pick(&mut self, count: usize) -> usize {
        usize::from(self.bytes.next().unwrap_or_default()) % count
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.pick(of.len())].clone()
    }

    /// Seldom without bytes: what is optional is left out.
    pub(crate) fn chance(&mut self) -> bool {
        self.pick(2) == 1
    }

    pub(crate) fn text(&mut self) -> String {
        let texts = [
            "Rugazi",
            "Mine nº 3 – Bisié",
            "a\"b\\c",
            "two\nlines\tand a tab",
            " blanks around ",
            "N/A",
            "{\"a\":1}",
            "鉱山 🪨",
            "0",
            "null",
            "2024-01-01",
            "x; y, z",
        ];
        self.one(&texts).to_owned()
    }

    pub(crate) fn identifier(&mut self) -> String {
        format!("{}-{}", self.one(&["COOP", "ID/7", "№", "a%b", "17"]), self.pick(200))
    }

    /// A decimal of at most so many places, as number or as text, and as number.
    pub(crate) fn decimal(&mut self, places: u32) -> (Json, Json) {
        let whole = self.pick(90) + 1;
        let fraction: String = (0..places)
            .map(|_| char::from(b'0' + u8::try_from(self.pick(10)).expect("a digit")))
            .collect();
        let text = if places > 0 && self.chance() {
            format!("{whole}.{fraction}")
        } else {
            whole.to_string()
        };
        let number: Json = serde_json::from_str(&text).expect("a number");
        let given = match self.pick(3) {
            0 => number.clone(),
            1 => Json::from(text),
            _ => json!(number.as_f64()),
        };
        (given, number)
    }

    /// A number of a closed list in one of its spellings.
    pub(crate) fn code(&mut self, words: &[(u8, &str)]) -> (Json, Json) {
        let (number, word) = self.one(words);
        let given = match self.pick(5) {
            0 => json!(number),
            1 => json!(number.to_string()),
            2 => json!(word),
            3 => json!(word.to_uppercase().replace('_', "-")),
            _ => json!(f64::from(number)),
        };
        (given, json!(number))
    }

    pub(crate) fn date(&mut self) -> (Json, Json) {
        let date = format!("20{:02}-0{}-1{}", self.pick(6) + 19, self.pick(9) + 1, self.pick(10));
        let given = match self.pick(3) {
            0 => date.clone(),
            1 => format!("{date}T00:00:00Z"),
            _ => format!(" {date} "),
        };
        (json!(given), json!(date))
    }

    /// A time of day in one of its spellings, as `hh:mm:ss`, and its zone.
    pub(crate) fn time(&mut self) -> (String, String, &'static str) {
        let (hour, minute, second) = (self.pick(24), self.pick(60), self.pick(60));
        let zone = self.one(&[
            ("", ""),
            ("Z", "Z"),
            ("+02:00", "+02:00"),
            ("-0330", "-03:30"),
            ("+02", "+02:00"),
        ]);
        let (time, second) = match self.pick(3) {
            0 => (format!("{hour:02}{minute:02}{second:02}"), second),
            1 => (format!("{hour:02}:{minute:02}:{second:02}"), second),
            _ => (format!("{hour:02}:{minute:02}"), 0),
        };
        (format!("{time}{}", zone.0), format!("{hour:02}:{minute:02}:{second:02}"), zone.1)
    }

    /// Any JSON, not too deep.
    pub(crate) fn any(&mut self, depth: usize) -> Json {
        match self.pick(if depth == 0 { 8 } else { 11 }) {
            0 => json!("text"),
            1 => Json::Null,
            2 => json!(true),
            3 => json!(self.pick(256)),
            4 => json!(-1.5e-7),
            5 => json!(0.1 + 0.2),
            6 => json!(u64::MAX),
            7 => json!("\u{7f}\u{0}é\"\\"),
            8 => Json::Array((0..self.pick(4)).map(|_| self.any(depth - 1)).collect()),
            _ => Json::Object(
                (0..self.pick(4)).map(|index| (format!("m{index}"), self.any(depth - 1))).collect(),
            ),
        }
    }

    /// A few mineral codes.
    pub(crate) fn minerals(&mut self) -> (Json, Json) {
        let all = ["2609.00.00", "2611.00.00", "26159000", "IMA1960-A"];
        let count = self.pick(3) + 1;
        let chosen: Vec<&str> = (0..count).map(|_| self.one(&all)).collect();
        let given = if self.chance() { json!(chosen.join(";")) } else { json!(chosen) };
        (given, json!(chosen))
    }
}

impl Pair {
    /// One attribute, under the name of the standard or of an older draft.
    pub(crate) fn put(&mut self, source: &mut Source, name: &str, (given, expected): (Json, Json)) {
        let old = source.pick(4) == 1;
        let called = if old { snake(name) } else { name.to_owned() };
        self.given.insert(called, given);
        self.expected.insert(name.to_owned(), expected);
    }

    /// An attribute that is the same before and after.
    pub(crate) fn same(&mut self, source: &mut Source, name: &str, value: impl Into<Json>) {
        let value = value.into();
        self.put(source, name, (value.clone(), value));
    }

    /// An attribute that may be absent, or present without saying anything.
    pub(crate) fn maybe(
        &mut self,
        source: &mut Source,
        name: &str,
        make: impl FnOnce(&mut Source) -> (Json, Json),
    ) {
        match source.pick(4) {
            0 | 1 => {}
            2 => {
                let blank = source.one(&[Json::Null, json!(""), json!("  ")]);
                self.given.insert(name.to_owned(), blank);
            }
            _ => {
                let value = make(source);
                self.put(source, name, value);
            }
        }
    }

    pub(crate) fn texts(&mut self, source: &mut Source, names: &[&str]) {
        for name in names {
            self.maybe(source, name, |source| {
                let text = source.text();
                (json!(text), json!(text))
            });
        }
    }

    pub(crate) fn dates(&mut self, source: &mut Source, names: &[&str]) {
        for name in names {
            self.maybe(source, name, Source::date);
        }
    }

    /// Attributes that nobody knows.
    pub(crate) fn unknown(&mut self, source: &mut Source) {
        for _ in 0..source.pick(3) {
            let name = source.one(&UNKNOWN);
            let value = source.any(3);
            self.given.insert(name.to_owned(), value.clone());
            self.expected.insert(name.to_owned(), value);
        }
    }

    /// An entity inside this one.
    pub(crate) fn embed(&mut self, source: &mut Source, name: &str, inner: Self) {
        self.put(source, name, (Json::Object(inner.given), Json::Object(inner.expected)));
    }

    /// Several entities inside this one.
    pub(crate) fn list(&mut self, source: &mut Source, name: &str, inner: Vec<Self>) {
        let bare = inner.len() == 1 && !inner[0].expected.is_empty() && source.chance();
        let (given, expected): (Vec<Json>, Vec<Json>) = inner
            .into_iter()
            .map(|pair| (Json::Object(pair.given), Json::Object(pair.expected)))
            .unzip();
        let given = if bare { given[0].clone() } else { json!(given) };
        self.put(source, name, (given, json!(expected)));
    }
}

/// The name in the older drafts.
fn snake(name: &str) -> String {
    if name == "lotWeightUOM" {
        return "lot_weight_uom".to_owned();
    }
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// MD.04.
pub(crate) fn business(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    let identifier = source.identifier();
    pair.same(source, "identifier", identifier);
    pair.texts(source, &["name"]);
    pair.maybe(source, "tin", |source| {
        let number = json!((source.pick(250) + 1).to_string());
        (number.clone(), number)
    });
    for name in ["legalAddress", "physicalAddress"] {
        if source.chance() {
            let address = address(source);
            pair.embed(source, name, address);
        }
    }
    if source.chance() {
        let contact = contact(source);
        pair.embed(source, "contactDetails", contact);
    }
    if source.pick(4) == 1 {
        let point = point(source);
        pair.embed(source, "premises", point);
    }
    pair.unknown(source);
    pair
}

/// MD.05.
pub(crate) fn address(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    let country = source.one(&["RW", "BE", "CD"]);
    pair.same(source, "country", country);
    pair.texts(
        source,
        &[
            "subnationalDivisionL1Text",
            "subnationalDivisionL2",
            "subnationalDivisionL3",
            "subnationalDivisionL4",
            "addressLocalityText",
            "addressLocalityCode",
        ],
    );
    pair.unknown(source);
    pair
}

fn contact(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    pair.texts(source, &["legalRepresentative"]);
    let phones: Vec<String> =
        (0..=source.pick(3)).map(|index| format!("+25078812345{index}")).collect();
    match source.pick(4) {
        0 if phones.len() == 1 => {
            drop(pair.given.insert("contactPhoneNumber".to_owned(), json!(phones[0])));
        }
        0 | 1 => drop(pair.given.insert("contactPhoneNumber".to_owned(), json!(phones))),
        2 => drop(pair.given.insert("contact_phone_number".to_owned(), json!(phones.join("; ")))),
        _ => {
            pair.given.insert("contactPhoneNumber".to_owned(), json!(phones[0]));
            pair.given.insert("otherPhoneNumber".to_owned(), json!(phones[1..]));
        }
    }
    pair.expected.insert("contactPhoneNumber".to_owned(), json!(phones[0]));
    if phones.len() > 1 {
        pair.expected.insert("otherPhoneNumber".to_owned(), json!(phones[1..]));
    }
    pair.maybe(source, "contactEmail", |_| (json!(" a.b@mines.rw "), json!("a.b@mines.rw")));
    pair.unknown(source);
    pair
}

/// MD.06, under either pair of names, with up to seven decimals.
pub(crate) fn point(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    let short = source.chance();
    for (name, rwandan, sign, base) in [("latitude", "lat", "-", 1), ("longitude", "long", "", 26)]
    {
        let decimals = if source.chance() { 4 } else { 7 };
        let fraction: usize = (0..decimals).fold(0, |sum, _| sum * 10 + source.pick(10));
        let degrees: Json =
            serde_json::from_str(&format!("{sign}{}.{fraction:0decimals$}", source.pick(5) + base))
                .expect("a number");
        let given = if source.chance() { json!(degrees.to_string()) } else { degrees.clone() };
        pair.given.insert(if short { rwandan } else { name }.to_owned(), given);
        let scaled = degrees.as_f64().expect("a number") * 1e4;
        let plain = (scaled - scaled.round()).abs() < 1e-6;
        let written = if source.usage == Usage::Rwanda && plain { rwandan } else { name };
        pair.expected.insert(written.to_owned(), degrees);
    }
    pair.unknown(source);
    pair
}
