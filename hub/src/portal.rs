//! The pages of the Secretariat.
//!
//! Server-rendered HTML in English and French that works without JavaScript.
//! Read-only, without a login, and therefore on loopback unless configured
//! otherwise. Shows public fields alone: no name, phone, e-mail, TIN, price, tag
//! or text of a person. Every text from a record is escaped by the template. Figures
//! are given to programs in their public form alone.

mod exchange;
mod frame;
mod headers;
mod sites;
mod statistics;
mod text;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use rmd_proto::Code;
use rmd_runtime::{SharedClock, lifecycle::chain};
use rmd_standard::effective::Policy;
use serde::Deserialize;
use tracing::warn;

use self::{
    frame::{Frame, Site, lang},
    text::Lang,
};
use crate::{config::Config, registry, share, status, store::Store};

/// A style sheet changes with the program only.
const STYLE: &str = include_str!("../web/style.css");

/// What the pages read.
#[derive(Debug, Clone)]
pub(crate) struct State {
    store: Store,
    clock: SharedClock,
    site: Arc<Site>,
    policy: Policy,
}

impl State {
    /// The pages of the hub with that store and configuration.
    pub(crate) fn new(store: Store, clock: SharedClock, config: &Config) -> Self {
        let site = Site { network: config.network.name.clone(), portal: config.portal.clone() };
        let policy = config.share.policy();
        Self { store, clock, site: Arc::new(site), policy }
    }
}

/// Every route, with the security headers on each answer.
pub(crate) fn router(state: State) -> Router {
    Router::new()
        .route("/", get(exchange::page))
        .route("/sites", get(sites::page))
        .route("/statistics.json", get(statistics::json))
        .route("/statistics.csv", get(statistics::csv))
        .route("/style.css", get(style))
        .fallback(not_found)
        .with_state(state)
        .layer(middleware::map_response(headers::add))
}

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Status(#[from] status::Error),
    #[error(transparent)]
    Share(#[from] share::Error),
    #[error(transparent)]
    Registry(#[from] registry::Error),
    #[error(transparent)]
    Statistics(#[from] crate::statistics::Error),
    #[error("write the figures as text")]
    Lines(#[from] csv::Error),
    #[error("write the figures as JSON")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    #[error("render the page")]
    Render(#[from] askama::Error),
}

/// The parameter that every page takes.
#[derive(Debug, Default, Deserialize)]
struct LangParameter {
    lang: Option<String>,
}

/// The parameters of a request. Some that cannot be read are as good as none: a
/// link that was cut still shows a page.
fn parameters<T: Default>(query: Result<Query<T>, QueryRejection>) -> T {
    query.map(|Query(query)| query).unwrap_or_default()
}

/// A page without data: what went wrong, in words.
#[derive(Template)]
#[template(path = "notice.html", config = ".askama.toml")]
struct NoticePage {
    frame: Frame,
    heading: &'static str,
    text: &'static str,
}

async fn style() -> impl IntoResponse {
    let kept = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (kept, STYLE)
}

async fn not_found(
    axum::extract::State(state): axum::extract::State<State>,
    query: Result<Query<LangParameter>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let lang = lang(parameters(query).lang.as_deref(), &headers);
    let words = lang.words();
    state.notice(lang, StatusCode::NOT_FOUND, words.not_found, words.not_found_text)
}

impl State {
    /// A page, or the page that says why there is none. The cause stays in our log.
    fn answer<T: Template>(&self, lang: Lang, page: Result<T, Error>) -> Response {
        let rendered = page.and_then(|page| Ok(page.render()?));
        match rendered {
            Ok(html) => (language(lang), Html(html)).into_response(),
            Err(error) => {
                warn!(error = chain(&error), "page cannot be shown");
                let words = lang.words();
                let status = StatusCode::from_u16(Code::StoreUnavailable.http())
                    .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                self.notice(lang, status, words.unavailable, words.unavailable_text)
            }
        }
    }

    fn notice(
        &self,
        lang: Lang,
        status: StatusCode,
        heading: &'static str,
        text: &'static str,
    ) -> Response {
        let frame = Frame::new(lang, "", &self.site, self.clock.today(), "/", "");
        match (NoticePage { frame, heading, text }).render() {
            Ok(html) => (status, language(lang), Html(html)).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

fn language(lang: Lang) -> [(header::HeaderName, &'static str); 1] {
    [(header::CONTENT_LANGUAGE, lang.code())]
}
