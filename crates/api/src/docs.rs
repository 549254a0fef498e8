//! The interactive page of the API, and nothing from elsewhere.
//!
//! Swagger UI comes out of the binary and reads our own document, so the page
//! works without a network. Its policy lets it load and ask this service only.

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::get,
};
use swagger_ui_dist::{ApiDefinition, OpenApiSource};

use crate::{answer, router::plain};

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ICGLR data standard: API</title>
<link rel="stylesheet" href="/v1/docs/swagger-ui.css">
</head>
<body>
<noscript>This page needs JavaScript; the document itself is /v1/openapi.json.
Cette page exige JavaScript ; le document lui-même est /v1/openapi.json.</noscript>
<div id="swagger-ui"></div>
<script src="/v1/docs/swagger-ui-bundle.js"></script>
<script src="/v1/docs/start.js"></script>
</body>
</html>
"#;

const START: &str = r##"window.ui = SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
});
"##;

/// Scripts and styles of this service only, and no style or script inside the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Adds the page and its files.
pub(crate) fn mount<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let files: Router<()> = swagger_ui_dist::generate_routes(ApiDefinition {
        uri_prefix: "/v1/docs",
        api_definition: OpenApiSource::Uri("/v1/openapi.json"),
        title: None,
    });
    router
        .route("/v1/docs", plain(get(page)))
        .route("/v1/docs/start.js", plain(get(start)))
        .route_service("/v1/docs/swagger-ui.css", files.clone())
        .route_service("/v1/docs/swagger-ui-bundle.js", files)
}

async fn page() -> Response {
    let mut response = answer::of(StatusCode::OK, "text/html; charset=utf-8", PAGE);
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

async fn start() -> Response {
    answer::of(StatusCode::OK, "text/javascript; charset=utf-8", START)
}
