//! Whether the API answers; needs no credential and names no record.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::json;

use crate::{
    Backend,
    answer::{self, JSON},
    router::Shared,
};

/// `GET /v1/health`.
pub(crate) async fn health<B: Backend>(State(api): State<Shared<B>>) -> Response {
    let body = json!({
        "status": "healthy",
        "version": api.settings.version,
        "timestamp": api.settings.clock.now().to_string(),
    });
    answer::value(StatusCode::OK, JSON, &body)
}
