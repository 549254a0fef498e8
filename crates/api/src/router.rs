//! The paths of the API.

use axum::{Router, routing::get};

use crate::{Backend, Settings};

/// Everything below `/v1`, answered from that backend.
pub fn router<B: Backend>(backend: B, settings: Settings) -> Router {
    Router::new().route("/v1/health", get(async || "")).with_state((backend, settings))
}
