//! The first page: per state and feed, what was exchanged and how old it is.
//!
//! All twelve members stand there; "no data yet" is a state of its own and never
//! an empty cell or a zero.

use askama::Template;
use axum::{
    extract::{Query, State as Extract, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use rmd_standard::country::MEMBERS;

use super::{
    Error, LangParameter, State,
    frame::{Frame, lang},
    parameters,
    text::Lang,
};
use crate::{
    cases::ANSWERS,
    registry::{invitation, standing},
    share::{OwnFeed, log, site},
    status::{self, FeedStatus, NodeStatus},
};

/// Hexadecimal digits of a root that a person compares by eye.
const ROOT_DIGITS: usize = 12;

#[derive(Template)]
#[template(path = "exchange.html", config = ".askama.toml")]
pub(super) struct ExchangePage {
    frame: Frame,
    tiles: Vec<Tile>,
    states: Vec<StateRows>,
}

struct Tile {
    label: &'static str,
    value: String,
    note: String,
}

struct StateRows {
    name: &'static str,
    alpha3: &'static str,
    /// Why there are no rows: no node of the state is enrolled.
    note: &'static str,
    rows: Vec<Row>,
}

#[derive(Default)]
struct Row {
    node: String,
    feed: String,
    last_exchange: String,
    last_exchange_iso: String,
    fault: String,
    pause: String,
    age: String,
    size: String,
    behind: String,
    verified: &'static str,
    verified_class: &'static str,
    root: String,
    refused: String,
    refused_note: String,
    held: String,
}

pub(super) async fn page(
    Extract(state): Extract<State>,
    query: Result<Query<LangParameter>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let lang = lang(parameters(query).lang.as_deref(), &headers);
    let page = read(&state, lang).await;
    state.answer(lang, page)
}

async fn read(state: &State, lang: Lang) -> Result<ExchangePage, Error> {
    let now = state.clock.now();
    let mut connection = state.store.acquire().await?;
    let mut nodes = status::nodes(&mut connection).await?;
    // That a state answers to a case is nobody else's to know.
    for node in &mut nodes {
        node.feeds.retain(|feed| feed.feed != ANSWERS);
    }
    let invited = invitation::open(&mut connection, now).await?;
    let sites = site::count(&mut connection, site::Listed(None)).await?;
    let published = log::signed(log::head(&mut connection, &OwnFeed::shared()).await?.size);
    drop(connection);
    let invited = |alpha3: &str| invited.iter().any(|open| open.country == alpha3);
    let states: Vec<StateRows> = MEMBERS
        .iter()
        .map(|member| {
            let own = || nodes.iter().filter(|node| node.country == member.1);
            let words = lang.words();
            let note = if invited(member.1) { words.invited } else { words.not_enrolled };
            StateRows {
                name: if lang == Lang::En { member.2 } else { member.3 },
                alpha3: member.1,
                note,
                rows: own().flat_map(|node| rows(node, lang, now)).collect(),
            }
        })
        .collect();
    Ok(ExchangePage {
        frame: Frame::new(lang, "exchange", &state.site, state.clock.today(), "/", ""),
        tiles: tiles(&nodes, sites, published, lang),
        states,
    })
}

fn tiles(nodes: &[NodeStatus], sites: i64, published: i64, lang: Lang) -> Vec<Tile> {
    let words = lang.words();
    let has_data = |alpha3: &str| {
        nodes
            .iter()
            .any(|node| node.country == alpha3 && node.feeds.iter().any(|feed| feed.cursor > 0))
    };
    let with_data = MEMBERS.iter().filter(|member| has_data(member.1)).count();
    let verified: u64 = nodes
        .iter()
        .flat_map(|node| &node.feeds)
        .filter(|feed| feed.verified)
        .map(|feed| feed.cursor)
        .sum();
    let of_all = |count: fn(&NodeStatus) -> i64| {
        let full = nodes.iter().filter(|node| count(node) >= published).count();
        format!("{full}/{}", nodes.len())
    };
    let delivered = of_all(|node| node.shared.delivered);
    let applied = of_all(|node| node.shared.applied);
    let bulletins = format!("{} {delivered} · {} {applied}", words.delivered, words.applied);
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let tile = |label, value, note: &str| Tile { label, value, note: note.to_owned() };
    vec![
        tile(words.tile_states, lang.number(count(with_data)), words.of_twelve),
        tile(words.tile_entries, lang.number(log::signed(verified)), ""),
        tile(words.tile_sites, lang.number(sites), ""),
        tile(
            words.tile_bulletins,
            lang.number(published),
            if published > 0 && !nodes.is_empty() { &bulletins } else { "" },
        ),
    ]
}

/// The rows of a node: one a feed, or one that says that nothing came yet.
fn rows(node: &NodeStatus, lang: Lang, now: Timestamp) -> Vec<Row> {
    let fault = fault(node, lang);
    let pause = pause(node, lang, now);
    if node.feeds.is_empty() {
        return vec![Row {
            node: node.id.clone(),
            feed: lang.words().enrolled.to_owned(),
            fault,
            pause,
            verified: lang.words().verified_waiting,
            verified_class: "none",
            ..Row::default()
        }];
    }
    let mut rows: Vec<Row> = node.feeds.iter().map(|feed| row(node, feed, lang, now)).collect();
    // The fault is the link's, not each feed's: it stands once.
    (rows[0].fault, rows[0].pause) = (fault, pause);
    rows
}

fn row(node: &NodeStatus, feed: &FeedStatus, lang: Lang, now: Timestamp) -> Row {
    let words = lang.words();
    let number = |count: u64| lang.number(log::signed(count));
    let last = feed.last_exchange_us.and_then(|us| Timestamp::from_microsecond(us).ok());
    let (verified, verified_class) = match (feed.state.as_str(), feed.verified) {
        ("frozen", _) => (words.verified_frozen, "bad"),
        (_, true) => (words.verified_yes, "good"),
        _ => (words.verified_waiting, "none"),
    };
    let behind = feed.owner_size.saturating_sub(feed.cursor);
    let digits = feed.root.get(..ROOT_DIGITS).unwrap_or(&feed.root);
    Row {
        node: node.id.clone(),
        feed: lang.term(&feed.feed).to_owned(),
        last_exchange: last.map(clock_text).unwrap_or_default(),
        last_exchange_iso: last.map(|last| last.to_string()).unwrap_or_default(),
        fault: String::new(),
        pause: String::new(),
        age: last.map(|last| lang.age(last, now)).unwrap_or_default(),
        size: number(feed.cursor),
        behind: if behind > 0 {
            format!("{} {}", number(behind), words.behind)
        } else {
            String::new()
        },
        verified,
        verified_class,
        root: if feed.cursor > 0 { digits.to_owned() } else { String::new() },
        refused: lang.number(feed.refused_by_owner),
        refused_note: if feed.refused > 0 {
            format!("{} {}", number(feed.refused), words.refused_by_hub)
        } else {
            String::new()
        },
        held: lang.number(feed.held),
    }
}

/// Why nothing comes from a node: an officer keeps it out, or the last fault.
fn fault(node: &NodeStatus, lang: Lang) -> String {
    let words = lang.words();
    match node.standing.state {
        standing::State::Suspended => words.suspended.to_owned(),
        standing::State::Revoked => words.revoked.to_owned(),
        standing::State::Active => {
            node.last_error.as_ref().map(|error| error.code.clone()).unwrap_or_default()
        }
    }
}

/// What a node that sends nothing before an hour of its state is waiting for.
fn pause(node: &NodeStatus, lang: Lang, now: Timestamp) -> String {
    let until = node.pauses_until_us.and_then(|us| Timestamp::from_microsecond(us).ok());
    until.filter(|until| *until > now).map_or_else(String::new, |until| {
        format!("{} {}", lang.words().pauses, until.to_zoned(zone()).strftime("%H:%M"))
    })
}

/// An instant as people in the region read their clocks.
fn clock_text(instant: Timestamp) -> String {
    instant.to_zoned(zone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(2))
}
