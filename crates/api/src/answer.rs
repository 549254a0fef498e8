//! What goes back to the client: records, or a problem in the standard's shape.
//!
//! An answer is written in one piece. No answer may be cached, because the next
//! request may come with another credential.

pub(crate) mod problem;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

/// The plain form.
pub(crate) const JSON: &str = "application/json";
/// The linked form, level 3 of the standard.
pub(crate) const LINKED: &str = "application/ld+json";

/// An answer of that media type.
pub(crate) fn of(status: StatusCode, media: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// A JSON value as an answer.
pub(crate) fn value(
    status: StatusCode,
    media: &'static str,
    value: &serde_json::Value,
) -> Response {
    of(status, media, value.to_string())
}
