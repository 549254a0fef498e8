//! Where requests come in and answers go out.
//!
//! Owns what is the same for all of them: the name of a request, the bounds on
//! their number and time, the headers of every answer, and the text of every
//! problem. Causes are logged here, once, and nowhere shown.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt as _;
use rand::{RngCore as _, rngs::OsRng};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    Backend, Cause,
    answer::{
        JSON,
        problem::{Kind, Problem, internal, unavailable},
    },
    ask::credential,
    router::{Api, Shared},
};

/// The version of the data standard that answers follow.
pub(crate) const SCHEMA_VERSION: &str = "1.0.0";

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SCHEMA_VERSION_HEADER: HeaderName = HeaderName::from_static("x-schema-version");
/// A client's own name of a request is taken over if it is no longer.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Makes the names of requests: a random part for each start, then a number.
#[derive(Debug)]
pub(crate) struct Tickets {
    start: u64,
    next: AtomicU64,
}

impl Tickets {
    pub(crate) fn new() -> Self {
        Self { start: OsRng.next_u64(), next: AtomicU64::new(1) }
    }

    /// The name that the client gave, or one of ours.
    fn of(&self, headers: &HeaderMap) -> HeaderValue {
        let is_name = |value: &&HeaderValue| {
            let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
            !value.is_empty()
                && value.len() <= REQUEST_ID_BYTES_MAX
                && value.as_bytes().iter().all(is_plain)
        };
        if let Some(given) = headers.get(REQUEST_ID).filter(is_name) {
            return given.clone();
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:016x}-{number:x}", self.start);
        HeaderValue::try_from(name).unwrap_or_else(|_| HeaderValue::from_static("unnamed"))
    }
}

/// The one middleware of the API.
pub(crate) async fn edge<B: Backend>(
    State(api): State<Shared<B>>,
    request: Request,
    next: Next,
) -> Response {
    let ticket = api.tickets.of(request.headers());
    let is_head = request.method() == Method::HEAD;
    let (counts, admitted) = match &api.rate {
        Some(rate) => rate.count(credential::of(request.headers()).as_ref()),
        None => (HeaderMap::new(), Ok(())),
    };
    let mut response = match admitted {
        Ok(()) => work(&api, request, next).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        log(&problem, &ticket);
        let text = problem.body(api.settings.clock.now()).to_string();
        *response.body_mut() = if is_head { Body::empty() } else { Body::from(text) };
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    }
    let headers = response.headers_mut();
    headers.extend(counts);
    headers.insert(REQUEST_ID, ticket);
    headers.insert(SCHEMA_VERSION_HEADER, HeaderValue::from_static(SCHEMA_VERSION));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The place of a request among those that are worked on. Given back when the request
/// is answered, or before, when all that is left of it is to read what nobody wants.
#[derive(Debug, Clone)]
pub(crate) struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Place {
    /// Gives the place back.
    pub(crate) fn leave(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Answers within the bounds on number and time. A request that panics is answered
/// too, and takes no other with it.
async fn work<B: Backend>(api: &Api<B>, mut request: Request, next: Next) -> Response {
    let Ok(permit) = api.permits.clone().try_acquire_owned() else {
        return unavailable().into_response();
    };
    let place = Place(Arc::new(Mutex::new(Some(permit))));
    request.extensions_mut().insert(place.clone());
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answered = tokio::time::timeout(api.settings.timeout, run).await;
    place.leave();
    match answered {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => internal().because(Cause::from("the request panicked")).into_response(),
        Err(_elapsed) => unavailable().into_response(),
    }
}

fn log(problem: &Problem, ticket: &HeaderValue) {
    let request = ticket.to_str().unwrap_or_default();
    let cause = problem.cause().unwrap_or_default();
    match problem.kind() {
        Kind::Internal => {
            tracing::error!(request.id = request, error = cause, "api request failed");
        }
        Kind::Unavailable => {
            tracing::warn!(request.id = request, error = cause, "api request put off");
        }
        kind => {
            tracing::debug!(request.id = request, code = kind.code(), "api request refused");
        }
    }
}
