//! Attributes of a national usage: where they stand, as text.
//!
//! The path of an attribute is the path of the object that holds it, in the
//! names of the standard, a dot, and its own name. A dot, bracket or percent
//! sign in its own name, and what cannot be printed, is written `%2E` and so
//! on, so that a path means one place only.

use std::{collections::BTreeMap, fmt::Write as _};

use rmd_proto::v1::Extension;
use serde_json::Value as Json;

use crate::Record;

/// Stands for the empty name, which no other name is written as.
const EMPTY: &str = "%";

/// The path of a member of that name in the object at `path`.
pub(super) fn path_of(path: &str, name: &str) -> String {
    let mut whole = String::with_capacity(path.len() + name.len() + 1);
    whole.push_str(path);
    push(&mut whole, name);
    whole
}

/// Goes from the object at `path` to its member of that name.
pub(super) fn push(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    if name.is_empty() {
        path.push_str(EMPTY);
    }
    for letter in name.chars() {
        if matches!(letter, '.' | '[' | ']' | '%') || letter.is_control() {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                // Writing into a String cannot fail.
                let _ = write!(path, "%{byte:02X}");
            }
        } else {
            path.push(letter);
        }
    }
}

/// The JSON text of a value, without a character that cannot be printed.
pub(super) fn text_of(value: &Json) -> String {
    let text = value.to_string();
    if !text.contains(char::is_control) {
        return text;
    }
    // What JSON lets stand unescaped in a string: DEL and the controls above it.
    let mut plain = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if letter.is_control() {
            // Writing into a String cannot fail.
            let _ = write!(plain, "\\u{:04x}", u32::from(letter));
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// The attributes of a record by the path of the object that holds them.
#[derive(Debug, Default)]
pub(super) struct Extras<'a> {
    by_path: BTreeMap<&'a str, Vec<(String, &'a str)>>,
}

impl<'a> Extras<'a> {
    /// Those of a record; of those without a readable path none.
    pub(super) fn of(record: &'a Record) -> Self {
        let mut by_path: BTreeMap<&str, Vec<(String, &str)>> = BTreeMap::new();
        for Extension { path, json } in extensions(record) {
            let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
            if let Some(name) = decoded(name) {
                by_path.entry(parent).or_default().push((name, json));
            }
        }
        Self { by_path }
    }

    /// Those of the object at `path`.
    pub(super) fn at(&self, path: &str) -> &[(String, &'a str)] {
        if self.by_path.is_empty() {
            &[]
        } else {
            self.by_path.get(path).map_or(&[], Vec::as_slice)
        }
    }

    /// Whether there are any at `path` or inside it.
    pub(super) fn within(&self, path: &str) -> bool {
        if self.by_path.is_empty() {
            return false;
        }
        let inside = format!("{path}.");
        let next = self.by_path.range(inside.as_str()..).next();
        self.by_path.contains_key(path) || next.is_some_and(|(known, _)| known.starts_with(&inside))
    }
}

/// The attributes that a record keeps.
pub(super) fn extensions(record: &Record) -> &[Extension] {
    match record {
        Record::MineSite(site) => &site.extension,
        Record::Lot(lot) => &lot.extension,
        Record::ExportCertificate(certificate) => &certificate.extension,
        _ => &[],
    }
}

/// Where a record keeps attributes; other record types keep none.
pub(super) fn extensions_mut(record: &mut Record) -> Option<&mut Vec<Extension>> {
    match record {
        Record::MineSite(site) => Some(&mut site.extension),
        Record::Lot(lot) => Some(&mut lot.extension),
        Record::ExportCertificate(certificate) => Some(&mut certificate.extension),
        _ => None,
    }
}

fn decoded(name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    if name == EMPTY {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let code = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(code).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_one_place_only() {
        assert_eq!(path_of("creator", "rdbNumber"), "creator.rdbNumber");
        assert_eq!(path_of("", "a.b[0]%\u{85}"), "a%2Eb%5B0%5D%25%C2%85");
        for name in ["", "%", "a.b", "%2E", "é\u{7f}", "x[0]", "."] {
            let path = path_of("tag[0]", name);
            let (parent, last) = path.rsplit_once('.').unwrap();
            assert_eq!((parent, decoded(last).as_deref()), ("tag[0]", Some(name)), "{path}");
        }
        assert_eq!(decoded("%2"), None);
        assert_eq!(decoded("%FF"), None);
    }

    #[test]
    fn json_text_can_be_printed() {
        let value = Json::from("a\u{7f}\u{9f}\n\"");
        let text = text_of(&value);
        assert!(!text.contains(char::is_control));
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), value);
    }
}
