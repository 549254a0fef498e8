//! Level 4 of the standard: queries in GraphQL, read only.
//!
//! The types are data, with the standard's names; a resolver reads the same JSON
//! that the REST answers hold. Values may be null where a source lacks them or a
//! state keeps them back. A caller that may not read a collection gets the answer
//! that REST would give, not a page with holes.

mod arguments;
mod bounds;
mod enums;
mod fields;
mod roots;
mod summaries;
mod types;

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{
    ErrorExtensions as _, Request as Query, ServerError, Variables,
    dynamic::{Scalar, Schema},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::Response,
};
use serde_json::{Value, json};

use crate::{
    Backend, Collection, Scope,
    answer::{
        self, JSON,
        problem::{Kind, Problem},
    },
    ask::{
        Complaint,
        body::{Incoming, QUERY_BYTES_MAX},
        parameters::Parameters,
    },
    router::{Api, Shared},
};

/// The introspection of a client reaches 15; records end at 6.
const DEPTH_MAX: usize = 20;
/// Every field of every type once is 160.
const COMPLEXITY_MAX: usize = 1_000;
/// How often one query may ask the backend; each is a page of up to 100 records.
const CALLS_MAX: usize = 10;

/// The types and their resolvers over that kind of backend.
pub(crate) fn schema<B: Backend>() -> Schema {
    let mut builder = Schema::build("Query", None, None)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COMPLEXITY_MAX)
        .limit_directives(4);
    for scalar in ["Date", "DateTime", "Time"] {
        builder = builder.register(Scalar::new(scalar));
    }
    for item in enums::all() {
        builder = builder.register(item);
    }
    for object in types::all() {
        builder = builder.register(object);
    }
    let schema = builder.register(roots::query::<B>()).finish();
    schema.expect("the tables name each type once and no unknown one, which a test builds")
}

/// Who asks, and what the backend said that ends the whole request.
pub(crate) struct Caller {
    headers: HeaderMap,
    calls: AtomicUsize,
    ended: Mutex<Option<Problem>>,
}

impl Caller {
    /// Before the backend is asked: within the bound, and cleared for that scope.
    async fn admit<B: Backend>(&self, api: &Api<B>, scope: Scope) -> Result<(), Problem> {
        if self.calls.fetch_add(1, Ordering::Relaxed) >= CALLS_MAX {
            return Err(Problem::new(
                Kind::Invalid,
                format!("one query may have {CALLS_MAX} fields of Query; send the rest in another"),
                format!(
                    "une requête peut avoir {CALLS_MAX} champs de Query ; envoyez le reste à part"
                ),
            ));
        }
        api.authorise(&self.headers, scope).await
    }

    /// An error of the query language; what is no fault of the query ends the request.
    fn report(&self, problem: Problem) -> async_graphql::Error {
        let code = problem.kind().code();
        let error = async_graphql::Error::new(problem.message());
        if !matches!(problem.kind(), Kind::Invalid | Kind::NotFound | Kind::Conflict) {
            let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            ended.get_or_insert(problem);
        }
        error.extend_with(|_, values| values.set("code", code))
    }
}

/// `POST /v1/graphql`.
pub(crate) async fn query<B: Backend>(
    State(api): State<Shared<B>>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let mut incoming = Incoming::new(&parts, body);
    let document = match document(&api, &parts, &mut incoming).await {
        Ok(document) => document,
        Err(problem) => {
            incoming.drain().await;
            return Err(problem);
        }
    };
    let caller = std::sync::Arc::new(Caller {
        headers: parts.headers,
        calls: AtomicUsize::new(0),
        ended: Mutex::new(None),
    });
    let query = read(document)?.data(api.clone()).data(caller.clone());
    let response = api.query.execute(query).await;
    if let Some(problem) = caller.ended.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(problem);
    }
    Ok(answered(&api, &response))
}

/// The body, of a caller who may read something: nobody else has us parse a query.
async fn document<B: Backend>(
    api: &Api<B>,
    parts: &Parts,
    incoming: &mut Incoming,
) -> Result<Value, Problem> {
    let mut denied = None;
    for collection in Collection::ALL {
        match api.authorise(&parts.headers, Scope::read(collection)).await {
            Ok(()) => {
                denied = None;
                break;
            }
            Err(problem) if problem.kind() == Kind::Forbidden => denied = Some(problem),
            Err(problem) => return Err(problem),
        }
    }
    if let Some(problem) = denied {
        return Err(problem);
    }
    Parameters::parse(parts.uri.query(), &[]).finish()?;
    incoming.json(&parts.headers, QUERY_BYTES_MAX).await
}

fn read(mut document: Value) -> Result<Query, Problem> {
    let mut findings = Vec::new();
    let mut blame = |path, wrong: [&str; 2], remedy: [&str; 2]| {
        let complaint = Complaint { rule: "GRAPHQL-BODY", path, value: "", wrong, remedy };
        findings.push(complaint.finding());
    };
    let text = document["query"].as_str().unwrap_or_default().to_owned();
    if text.is_empty() {
        let remedy = ["Send {\"query\": \"{ … }\"}", "Envoyez {\"query\": \"{ … }\"}"];
        blame("query", ["is no text", "n'est pas un texte"], remedy);
    }
    let variables = document.get_mut("variables").map(Value::take).unwrap_or_default();
    if !variables.is_object() && !variables.is_null() {
        let remedy = ["Send an object, or leave it out", "Envoyez un objet, ou omettez-le"];
        blame("variables", ["is no object", "n'est pas un objet"], remedy);
    }
    let operation = document.get_mut("operationName").map(Value::take).unwrap_or_default();
    if !operation.is_string() && !operation.is_null() {
        let remedy = ["Send a name, or leave it out", "Envoyez un nom, ou omettez-le"];
        blame("operationName", ["is no text", "n'est pas un texte"], remedy);
    }
    if !findings.is_empty() {
        return Err(Problem::invalid(findings));
    }
    bounds::check(&text)?;
    let query = Query::new(text).variables(Variables::from_json(variables));
    Ok(match operation.as_str() {
        Some(name) => query.operation_name(name),
        None => query,
    })
}

/// 200 with data; 400 for a query that was not carried out at all, in both shapes of error.
fn answered<B: Backend>(api: &Api<B>, response: &async_graphql::Response) -> Response {
    let value = json!(response);
    // An error of a field has a code of ours, or the path of the field.
    let is_refused = |error: &ServerError| error.path.is_empty() && error.extensions.is_none();
    if response.errors.is_empty() || !response.errors.iter().all(is_refused) {
        return answer::value(StatusCode::OK, JSON, &value);
    }
    let problem = Problem::new(
        Kind::Invalid,
        "the query was not carried out; errors says where and why",
        "la requête n'a pas été exécutée ; errors dit où et pourquoi",
    );
    let mut body = problem.body(api.settings.clock.now());
    body["errors"] = value["errors"].clone();
    answer::value(StatusCode::BAD_REQUEST, JSON, &body)
}
