//! Strings that no record has by chance, and every form in which they could leave.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand::{Rng as _, rngs::StdRng};

/// Random letters of a string.
const LETTERS: usize = 16;

/// A currency that no regional field of the test has.
pub(super) const CURRENCY: &str = "FJD";

/// What kind of value a field demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// name@host.
    Email,
    /// E.164.
    Phone,
    /// An amount in minor units.
    Price,
    /// ISO 4217; three letters are found only where a field ends.
    Currency,
}

impl Kind {
    /// What a field of that path demands.
    pub(super) fn of(path: &str) -> Self {
        match path.rsplit('.').next().unwrap_or(path) {
            "contact_email" => Self::Email,
            "contact_phone_number" => Self::Phone,
            "price_per_kg_minor" => Self::Price,
            "price_currency" => Self::Currency,
            _ => Self::Text,
        }
    }
}

/// Sixteen random letters.
pub(super) fn letters(random: &mut StdRng) -> String {
    (0..LETTERS).map(|_| char::from(random.gen_range(b'a'..=b'z'))).collect()
}

/// A value that a field of this kind takes, and what is looked for.
pub(super) fn good(kind: Kind, random: &mut StdRng) -> (String, Core) {
    match kind {
        Kind::Text => {
            let core = letters(random);
            (format!("Né {core} d'Été"), Core::Text(core))
        }
        Kind::Email => {
            let core = letters(random);
            (format!("{core}@example.org"), Core::Text(core))
        }
        Kind::Phone => {
            // A number of the plan of Rwanda, which the mapping's normaliser knows.
            let network = [72, 73, 78, 79][random.gen_range(0..4)];
            let digits = format!("250{network}{:07}", random.gen_range(0..10_000_000));
            (format!("+{digits}"), Core::Text(digits))
        }
        Kind::Price => {
            let minor = random.gen_range(10_000_000_000_i64..99_999_999_999) / 10 * 10 + 7;
            (format!("{}.{:02}", minor / 100, minor % 100), Core::Price(minor))
        }
        Kind::Currency => (CURRENCY.to_owned(), Core::Currency),
    }
}

/// A value that a field of this kind refuses.
pub(super) fn bad(kind: Kind, random: &mut StdRng) -> (String, Core) {
    let core = letters(random);
    let value = match kind {
        // Longer than any text may be.
        Kind::Text => format!("{core}{}", "x".repeat(9000)),
        Kind::Email => format!("{core} at example"),
        Kind::Phone => format!("+25078 {core}"),
        Kind::Price | Kind::Currency => core.clone(),
    };
    (value, Core::Text(core))
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Core {
    Text(String),
    Price(i64),
    Currency,
}

impl Core {
    /// Every form, with its name. Case does not count where forms are looked for.
    pub(super) fn forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        match self {
            Self::Text(text) => forms_of(text.as_bytes()),
            Self::Price(minor) => {
                let decimal = format!("{}.{:02}", minor / 100, minor % 100);
                let mut forms = forms_of(minor.to_string().as_bytes());
                forms.extend(forms_of(decimal.as_bytes()));
                forms.push(("decimal comma", decimal.replace('.', ",").into_bytes()));
                forms.push(("varint", varint(minor.unsigned_abs())));
                forms.push(("zigzag varint", varint(minor.unsigned_abs() * 2)));
                forms.push(("integer of SQLite", minor.to_be_bytes()[2..].to_vec()));
                forms.push(("little-endian integer", minor.to_le_bytes().to_vec()));
                #[expect(clippy::cast_precision_loss, reason = "eleven digits fit")]
                let major = *minor as f64 / 100.0;
                forms.push(("little-endian number", major.to_le_bytes().to_vec()));
                forms.push(("number of SQLite", major.to_be_bytes().to_vec()));
                forms
            }
            Self::Currency => vec![
                ("JSON", format!("\"{CURRENCY}\"").into_bytes()),
                ("protobuf", [&[0xCA, 0x02, 0x03], CURRENCY.as_bytes()].concat()),
            ],
        }
    }
}

fn forms_of(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        bytes.iter().flat_map(|byte| order(u16::from(*byte))).collect()
    };
    let mut forms = vec![
        ("text", bytes.to_vec()),
        ("UTF-16LE", wide(u16::to_le_bytes)),
        ("UTF-16BE", wide(u16::to_be_bytes)),
        ("hexadecimal", hex(bytes)),
    ];
    forms.extend((0..3).map(|offset| ("base64", base64(bytes, offset))));
    forms
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

/// The letters of base64 that these bytes alone decide, where so many bytes stand before them.
fn base64(bytes: &[u8], offset: usize) -> Vec<u8> {
    let mut padded = vec![0; offset];
    padded.extend(bytes);
    let whole = STANDARD.encode(&padded);
    let from = (offset * 8).div_ceil(6);
    let to = padded.len() * 8 / 6;
    whole.as_bytes()[from..to].to_vec()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7F).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
