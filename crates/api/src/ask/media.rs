//! Which form of an answer a client wants, and which form its body has.
//!
//! An `Accept` that names neither form gets the plain one: a client that asks for
//! `text/html` reads JSON all the same, and a refusal would help nobody.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::answer::{JSON, LINKED};

/// The media type of the answer: the linked form if it is asked for by name and
/// the plain one is not preferred to it.
pub(crate) fn accepted(headers: &HeaderMap) -> &'static str {
    let mut plain = 0.0;
    let mut linked = 0.0;
    let values = headers.get_all(header::ACCEPT).into_iter();
    for range in values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0));
        if name.eq_ignore_ascii_case(LINKED) {
            linked = weight;
        } else if name.eq_ignore_ascii_case(JSON) {
            plain = weight;
        }
    }
    if linked > 0.0 && linked >= plain { LINKED } else { JSON }
}

/// Whether the body is JSON, plain or linked, by its content type.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    // What is packed is not unpacked here: a small body could become a large one.
    let is_plain = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(header::CONTENT_ENCODING).iter().all(is_plain) {
        return false;
    }
    let Some(text) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let is_utf8 = |part: &str| match part.split_once('=') {
        Some((key, value)) if key.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    (name.eq_ignore_ascii_case(JSON) || name.eq_ignore_ascii_case(LINKED)) && parts.all(is_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &str) -> &'static str {
        accepted(&[(header::ACCEPT, text.parse().unwrap())].into_iter().collect())
    }

    #[test]
    fn the_linked_form_is_given_to_who_asks_for_it() {
        assert_eq!(accepted(&HeaderMap::new()), JSON);
        for plain in [
            "*/*",
            "text/html",
            "application/json, application/ld+json;q=0.5",
            "application/ld+json;q=0",
        ] {
            assert_eq!(accept(plain), JSON, "{plain}");
        }
        for linked in [
            "application/ld+json",
            "Application/LD+JSON;q=0.9, */*",
            "application/json;q=0.2, application/ld+json",
        ] {
            assert_eq!(accept(linked), LINKED, "{linked}");
        }
    }

    #[test]
    fn a_body_is_json_in_utf_8() {
        let is = |text: &str| {
            is_json(&[(header::CONTENT_TYPE, text.parse().unwrap())].into_iter().collect())
        };
        assert!(!is_json(&HeaderMap::new()));
        for text in [
            "application/json",
            "application/ld+json; profile=\"x\"",
            "Application/JSON;charset=UTF-8",
        ] {
            assert!(is(text), "{text}");
        }
        let packed = |coding: &str| {
            let headers = [(header::CONTENT_TYPE, JSON), (header::CONTENT_ENCODING, coding)];
            is_json(
                &headers.map(|(name, text)| (name, text.parse().unwrap())).into_iter().collect(),
            )
        };
        assert!(packed("identity") && !packed("gzip"));
        for text in ["text/json", "application/xml", "application/json; charset=latin1", ""] {
            assert!(!is(text), "{text}");
        }
    }
}
