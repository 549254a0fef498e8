//! The OpenAPI 3.0.3 document of the API, made of the tables that answer requests.
//!
//! Schemas come out of `rmd-standard`, parameters out of the table that reads them,
//! statuses out of the list of problems. A backend that does not write has a
//! document without POST and PUT.

mod envelope;
pub(crate) mod examples;
mod operations;
mod schemas;

use axum::{extract::State, http::StatusCode, response::Response};
use rmd_standard::icglr::Usage;
use serde_json::{Map, Value, json};

use crate::{
    Backend,
    answer::{self, JSON, problem::Kind},
    router::Shared,
};

const DESCRIPTION: &str = "Mine sites, export certificates and lots in the ICGLR data standard, \
conformance levels 1 to 4. Additions to the standard: the parameters country and \
creatorIdentifier of lots, PUT for certificates and lots, 409 where a lot number fits several \
lots, the members of records that the standard's schemas do not name, and the member withheld, \
which lists what the owning state keeps back; such a member reads \"N/A\". Answers may lack \
values that the source does not have; a posted record must have what the standard requires. \
Error messages are English in message and French in details.messageFr; details.findings names \
each fault with rule, path, value and remedy in both languages.";

/// `GET /v1/openapi.json`.
pub(crate) async fn serve<B: Backend>(State(api): State<Shared<B>>) -> Response {
    answer::of(StatusCode::OK, JSON, api.openapi.clone())
}

/// The document.
pub(crate) fn document(usage: Usage, writes: bool, version: &str) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "ICGLR data standard",
            "version": version,
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0" },
        },
        "servers": [{ "url": "/v1" }],
        "tags": [
            { "name": "mine-sites", "description": "MD.01" },
            { "name": "export-certificates", "description": "MD.03" },
            { "name": "lots", "description": "MD.12" },
            { "name": "query", "description": "GraphQL, read only" },
            { "name": "service", "description": "Health and documents" },
        ],
        "security": [{ "bearerAuth": [] }, { "apiKeyAuth": [] }],
        "paths": operations::paths(writes),
        "components": {
            "securitySchemes": {
                "bearerAuth": { "type": "http", "scheme": "bearer" },
                "apiKeyAuth": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
            },
            "schemas": schemas::components(usage),
            "responses": problems(),
            "headers": headers(),
        },
    })
}

/// One response for each kind of problem, under the kind's code.
fn problems() -> Map<String, Value> {
    let one = |kind: Kind| {
        let example = json!({
            "code": kind.code(),
            "message": "what is wrong, and what to do",
            "details": { "messageFr": "ce qui ne va pas, et que faire" },
            "timestamp": "2018-01-31T08:00:00Z",
        });
        let mut headers = common_headers();
        for name in own_headers(kind) {
            headers.insert((*name).to_owned(), json!({ "schema": { "type": "string" } }));
        }
        let response = json!({
            "description": description(kind),
            "headers": headers,
            "content": { JSON: {
                "schema": { "$ref": "#/components/schemas/Error" },
                "example": example,
            } },
        });
        (kind.code().to_owned(), response)
    };
    Kind::ALL.into_iter().map(one).collect()
}

const fn own_headers(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Unauthorized => &["WWW-Authenticate"],
        Kind::MethodNotAllowed => &["Allow"],
        Kind::TooManyRequests | Kind::Unavailable => &["Retry-After"],
        _ => &[],
    }
}

const fn description(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "A parameter or the body breaks a rule; details.findings has every fault",
        Kind::Unauthorized => "No credential, or one that is not valid",
        Kind::Forbidden => "The credential is not cleared for this",
        Kind::NotFound => "There is no such record or path",
        Kind::MethodNotAllowed => "The path does not know the method",
        Kind::Conflict => "The record exists already, or the name fits several records",
        Kind::TooLarge => "The body is longer than the limit",
        Kind::UnsupportedMedia => "The body is of another media type",
        Kind::TooManyRequests => "The credential made too many requests",
        Kind::Internal => "A fault of the service",
        Kind::Unavailable => "The service cannot answer now",
    }
}

/// References to the headers that every answer has.
fn common_headers() -> Map<String, Value> {
    let names = headers();
    let reference =
        |name: &String| (name.clone(), json!({ "$ref": format!("#/components/headers/{name}") }));
    names.keys().map(reference).collect()
}

fn headers() -> Map<String, Value> {
    let header = |name: &str, text: &str, kind: &str| {
        (name.to_owned(), json!({ "description": text, "schema": { "type": kind } }))
    };
    Map::from_iter([
        header("X-Request-Id", "Name of the request; a client may give its own", "string"),
        header("X-Schema-Version", "Version of the data standard", "string"),
        header("RateLimit-Limit", "Requests of the credential in a minute, if limited", "integer"),
        header("RateLimit-Remaining", "Requests left now", "integer"),
        header("RateLimit-Reset", "Seconds until the next request is taken", "integer"),
    ])
}

#[cfg(test)]
mod tests;
