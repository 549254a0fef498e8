//! The second page: every released mine site with its declared and its
//! effective status, never mixed.
//!
//! Public fields alone: id, state, district or position to two decimals,
//! minerals, statuses. The effective status is computed for the day of the
//! clock at each reading, so a page is never older than its record.

mod listing;

use askama::Template;
use axum::{
    extract::{Query, State as Extract, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use rmd_standard::{
    country::{MEMBERS, alpha2_of, alpha3_of},
    effective::Effective,
};
use serde::Deserialize;

use self::listing::Shown;
use super::{
    Error, State,
    frame::{Frame, lang},
    parameters,
    text::Lang,
};
use crate::share::{decision, log, site::Site};

const STATUSES: [&str; 4] = ["green", "blue", "yellow", "red"];
/// A hundredth of a degree in the unit of records.
const HUNDREDTH_E7: i64 = 100_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameters {
    lang: Option<String>,
    state: String,
    status: String,
    page: String,
}

#[derive(Template)]
#[template(path = "sites.html", config = ".askama.toml")]
pub(super) struct SitesPage {
    frame: Frame,
    states: Vec<Choice>,
    statuses: Vec<Choice>,
    rows: Vec<Row>,
    caption: String,
    pages: u64,
    page_text: String,
    previous_href: String,
    next_href: String,
}

struct Choice {
    value: &'static str,
    label: String,
    selected: bool,
}

struct Row {
    icglr_id: String,
    country: String,
    place: String,
    minerals: String,
    declared: String,
    declared_class: &'static str,
    effective: String,
    effective_class: &'static str,
    why: String,
}

/// What is wanted, checked: words that are not ours are as good as none.
#[derive(Debug, Clone, Copy)]
struct Filter {
    alpha3: Option<&'static str>,
    status: Option<&'static str>,
}

impl Filter {
    fn new(parameters: &Parameters) -> Self {
        let alpha3 = MEMBERS.iter().map(|member| member.1).find(|code| *code == parameters.state);
        let status = STATUSES.into_iter().find(|status| *status == parameters.status);
        Self { alpha3, status }
    }

    /// Alpha-2 code of the state.
    fn country(self) -> Option<&'static str> {
        self.alpha3.and_then(alpha2_of)
    }

    /// The parameters of a link that keeps the filter, for an href.
    fn query(self) -> String {
        let part = |name, value: Option<&str>| {
            value.map(|value| format!("{name}={value}&")).unwrap_or_default()
        };
        format!("{}{}", part("state", self.alpha3), part("status", self.status))
    }
}

pub(super) async fn page(
    Extract(state): Extract<State>,
    query: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let parameters: Parameters = parameters(query);
    let lang = lang(parameters.lang.as_deref(), &headers);
    let page = read(&state, lang, &parameters).await;
    state.answer(lang, page)
}

async fn read(state: &State, lang: Lang, parameters: &Parameters) -> Result<SitesPage, Error> {
    let filter = Filter::new(parameters);
    let Shown { sites, total, page, pages } =
        listing::read(state, filter.country(), filter.status, &parameters.page).await?;
    let rows = sites.iter().map(|(site, effective)| row(site, effective.as_ref(), lang)).collect();
    let query = filter.query();
    let href = |page: u64| format!("/sites?{query}page={page}&lang={}", lang.code());
    let words = lang.words();
    let count = |count: u64| lang.number(log::signed(count));
    Ok(SitesPage {
        frame: Frame::new(lang, "sites", &state.site, state.clock.today(), "/sites", &query),
        states: states(filter, lang),
        statuses: statuses(filter, lang),
        caption: format!("{} {}", count(total), words.sites_shown),
        rows,
        pages,
        page_text: format!("{} {} / {}", words.page, count(page), count(pages)),
        previous_href: if page > 1 { href(page - 1) } else { String::new() },
        next_href: if page < pages { href(page + 1) } else { String::new() },
    })
}

fn row(site: &Site, effective: Option<&Effective>, lang: Lang) -> Row {
    let words = lang.words();
    let declared = class(decision::word(site.declared.certification_status()));
    let country = &site.declared.address_country;
    let (effective, effective_class, why) = match effective {
        Some(effective) => {
            let word = class(decision::word(effective.status));
            (word, word, why(effective, lang))
        }
        None => ("void", "none", String::new()),
    };
    let term = |word: &str| match word {
        "none" => words.not_stated.to_owned(),
        word => lang.term(word).to_owned(),
    };
    Row {
        icglr_id: site.declared.icglr_id.clone(),
        country: alpha3_of(country).unwrap_or(country).to_owned(),
        place: place(site, lang),
        minerals: site.minerals.replace(';', ", "),
        declared: term(declared),
        declared_class: declared,
        effective: term(effective),
        effective_class,
        why,
    }
}

/// The style class of a status; `none` for a word without one.
fn class(word: &'static str) -> &'static str {
    STATUSES.into_iter().find(|status| *status == word).unwrap_or("none")
}

/// Why the status counts, and how long if nothing else happens.
fn why(effective: &Effective, lang: Lang) -> String {
    let reason = lang.term(effective.reason.as_str());
    match effective.until {
        Some(until) => format!("{reason}, {} {until}", lang.words().until),
        None => reason.to_owned(),
    }
}

/// The district, or the position to about a kilometre.
fn place(site: &Site, lang: Lang) -> String {
    if let Some(district) = &site.district {
        return district.clone();
    }
    let Some((latitude, longitude)) = site.point else { return String::new() };
    let west = if lang == Lang::En { 'W' } else { 'O' };
    let degrees = |e7: i64, positive: char, negative: char| {
        // Rounded half away from zero, in whole hundredths.
        let hundredths = (e7.abs() + HUNDREDTH_E7 / 2) / HUNDREDTH_E7;
        let point = if lang == Lang::En { '.' } else { ',' };
        let hemisphere = if e7 < 0 { negative } else { positive };
        format!("{}{point}{:02}°\u{a0}{hemisphere}", hundredths / 100, hundredths % 100)
    };
    format!("{} {}", degrees(latitude, 'N', 'S'), degrees(longitude, 'E', west))
}

fn states(filter: Filter, lang: Lang) -> Vec<Choice> {
    MEMBERS
        .iter()
        .map(|member| Choice {
            value: member.1,
            label: lang.country(member.0).to_owned(),
            selected: filter.alpha3 == Some(member.1),
        })
        .collect()
}

fn statuses(filter: Filter, lang: Lang) -> Vec<Choice> {
    STATUSES
        .into_iter()
        .map(|status| Choice {
            value: status,
            label: lang.term(status).to_owned(),
            selected: filter.status == Some(status),
        })
        .collect()
}
