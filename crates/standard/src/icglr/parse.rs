//! Bytes to a tree of JSON, with every bound that a tree cannot show any more.
//!
//! Refuses what is no UTF-8, too large, too deep, or has one member twice in
//! one object, and names the place. A byte-order mark is passed over.

use std::{cell::RefCell, fmt, str};

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::{
    extension,
    rules::{self, BYTES_MAX, DEPTH_MAX, Fault},
};
use crate::{
    Finding,
    model::{RuleText, shortened},
};

/// Reads one document.
#[expect(clippy::result_large_err, reason = "asked once a document, and seldom refused")]
pub(super) fn parse(bytes: &[u8]) -> Result<Json, Finding> {
    tree(bytes).map_err(|fault| fault.render("JSON", "JSON"))
}

fn tree(bytes: &[u8]) -> Result<Json, Fault> {
    let fault = |rule, value| Fault { rule, path: String::new(), value };
    if bytes.len() > BYTES_MAX {
        return Err(fault(&rules::SIZE, format!("{} bytes", bytes.len())));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = str::from_utf8(bytes)
        .map_err(|error| fault(&rules::UTF8, format!("byte {}", error.valid_up_to() + 1)))?;
    let place = RefCell::new(Place::default());
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Node { place: &place, depth: 0 }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let place = place.into_inner();
        let rule = place.rule.unwrap_or(&rules::SYNTAX);
        // What a parser says of its place may quote nothing of the document.
        let value = if place.rule.is_some() {
            format!("line {} column {}", error.line(), error.column())
        } else {
            error.to_string()
        };
        Fault { rule, path: place.path, value }
    })
}

/// Where the reader is, and which rule made it stop.
#[derive(Default)]
struct Place {
    path: String,
    rule: Option<&'static RuleText>,
}

#[derive(Clone, Copy)]
struct Node<'a> {
    place: &'a RefCell<Place>,
    depth: usize,
}

impl Node<'_> {
    fn inner(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn check_depth<E: serde::de::Error>(self) -> Result<(), E> {
        if self.depth < DEPTH_MAX { Ok(()) } else { Err(self.stop(&rules::DEPTH)) }
    }

    fn stop<E: serde::de::Error>(self, rule: &'static RuleText) -> E {
        self.place.borrow_mut().rule = Some(rule);
        E::custom(rule.id)
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        self.check_depth()?;
        let mut list = Vec::new();
        let mark = self.place.borrow().path.len();
        loop {
            let index = format!("[{}]", list.len());
            self.place.borrow_mut().path.push_str(&index);
            let Some(element) = elements.next_element_seed(self.inner())? else { break };
            list.push(element);
            self.place.borrow_mut().path.truncate(mark);
        }
        self.place.borrow_mut().path.truncate(mark);
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        self.check_depth()?;
        let mut map = Map::new();
        let mark = self.place.borrow().path.len();
        while let Some(name) = members.next_key::<String>()? {
            extension::push(&mut self.place.borrow_mut().path, &shortened(&name));
            if map.contains_key(&name) {
                return Err(self.stop(&rules::DUPLICATE));
            }
            let value = members.next_value_seed(self.inner())?;
            map.insert(name, value);
            self.place.borrow_mut().path.truncate(mark);
        }
        Ok(Json::Object(map))
    }
}

/// Whether a tree that came some other way is nested too deep; looks no deeper than that.
pub(super) fn is_too_deep(value: &Json) -> bool {
    fn deeper(value: &Json, left: usize) -> bool {
        let inner = |value: &Json| deeper(value, left - 1);
        match value {
            Json::Array(list) => left == 0 || list.iter().any(inner),
            Json::Object(map) => left == 0 || map.values().any(inner),
            _ => false,
        }
    }
    deeper(value, DEPTH_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> (String, String, String) {
        let finding = parse(bytes).unwrap_err();
        assert!(finding.en.contains(&finding.rule) && finding.fr.contains(&finding.rule));
        (finding.rule, finding.path, finding.value)
    }

    #[test]
    fn good_documents_are_read_as_serde_json_reads_them() {
        for text in [r#"{"a":[1,-2,2.5,"x",null,true,{"b":{}}]}"#, "[]", "12", "\"é\""] {
            assert_eq!(
                parse(text.as_bytes()).unwrap(),
                serde_json::from_str::<Json>(text).unwrap()
            );
        }
        assert_eq!(parse(b"\xEF\xBB\xBF{}").unwrap(), Json::Object(Map::new()));
    }

    #[test]
    fn a_fault_names_its_rule_and_its_place() {
        let (rule, path, value) = refused(br#"{"creator":{"tags":[1,{"name":"a","name":"b"}]}}"#);
        assert_eq!((rule.as_str(), path.as_str()), ("JSON-DUPLICATE", "creator.tags[1].name"));
        assert!(value.starts_with("line 1 column "), "{value}");
        let (rule, path, value) = refused(br#"{"mass":1e400}"#);
        assert_eq!((rule.as_str(), path.as_str()), ("JSON-SYNTAX", "mass"));
        assert!(value.contains("out of range"), "{value}");
        assert_eq!(
            refused(b"{\"a\":\"\xFF\"}"),
            ("JSON-UTF8".to_owned(), String::new(), "byte 7".to_owned())
        );
        for text in ["", "{", "{} {}", "{\"a\":NaN}", "{\"a\":01}", "nothing"] {
            assert_eq!(refused(text.as_bytes()).0, "JSON-SYNTAX", "{text}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(refused(nested(DEPTH_MAX + 1).as_bytes()).0, "JSON-DEPTH");
        assert_eq!(refused("[".repeat(1 << 20).as_bytes()).0, "JSON-DEPTH");
        assert_eq!(refused(&vec![b' '; BYTES_MAX + 1]).0, "JSON-SIZE");
        assert!(!is_too_deep(&parse(nested(DEPTH_MAX).as_bytes()).unwrap()));
        let deep: Json = serde_json::from_str(&nested(DEPTH_MAX + 1)).unwrap();
        assert!(is_too_deep(&deep));
    }
}
