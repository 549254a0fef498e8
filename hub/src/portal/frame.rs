//! What surrounds every page: language, banner, navigation.
//!
//! The language comes from `?lang=`, else from Accept-Language, else it is
//! English. An unknown one is never an error.

use axum::http::{HeaderMap, header};
use jiff::civil::Date;

use super::text::{Lang, Words};
use crate::config;

/// The surroundings of one page.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) lang: Lang,
    pub(crate) words: &'static Words,
    /// `exchange`, `sites`, or empty.
    pub(crate) page: &'static str,
    pub(crate) network: String,
    pub(crate) banner: String,
    /// ISO day for which statuses are computed.
    pub(crate) day: Date,
    /// The same page in the other language.
    pub(crate) other_lang_href: String,
}

impl Frame {
    /// The surroundings of the page at `path`; `query` are the parameters that
    /// the link to the other language keeps, encoded.
    pub(crate) fn new(
        lang: Lang,
        page: &'static str,
        site: &Site,
        day: Date,
        path: &str,
        query: &str,
    ) -> Self {
        let banner = match lang {
            Lang::En => &site.portal.banner_en,
            Lang::Fr => &site.portal.banner_fr,
        };
        Self {
            lang,
            words: lang.words(),
            page,
            network: format!("rmd.{}", site.network),
            banner: banner.clone(),
            day,
            other_lang_href: format!("{path}?{query}lang={}", lang.other().code()),
        }
    }
}

/// What all pages of this hub have in common.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) network: String,
    pub(crate) portal: config::Portal,
}

/// The language of a request.
pub(crate) fn lang(parameter: Option<&str>, headers: &HeaderMap) -> Lang {
    let known = |tag: &str| match tag.trim().split('-').next() {
        Some(tag) if tag.eq_ignore_ascii_case("fr") => Some(Lang::Fr),
        Some(tag) if tag.eq_ignore_ascii_case("en") => Some(Lang::En),
        _ => None,
    };
    parameter.and_then(known).or_else(|| accepted(headers, known)).unwrap_or(Lang::En)
}

/// The known language with the highest weight; the first one among equals.
fn accepted(headers: &HeaderMap, known: impl Fn(&str) -> Option<Lang>) -> Option<Lang> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Lang)> = None;
    for part in text.split(',') {
        let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
        let weight: f32 = weight.trim().parse().unwrap_or(0.0);
        if let Some(lang) = known(tag)
            && weight > best.map_or(0.0, |best| best.0)
        {
            best = Some((weight, lang));
        }
    }
    best.map(|best| best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(header: &str) -> Lang {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, header.parse().unwrap());
        lang(None, &headers)
    }

    #[test]
    fn the_browser_chooses_the_language() {
        assert_eq!(asked("fr-CD,fr;q=0.9,en;q=0.5"), Lang::Fr);
        assert_eq!(asked("sw;q=1.0, en;q=0.4, fr;q=0.8"), Lang::Fr);
        assert_eq!(asked("sw, de"), Lang::En);
        assert_eq!(asked("fr;q=0, en;q=0.1"), Lang::En);
    }

    #[test]
    fn the_parameter_goes_before_the_browser() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
        assert_eq!(lang(Some("fr"), &headers), Lang::Fr);
        assert_eq!(lang(Some("<script>"), &headers), Lang::En);
    }
}
