//! The paths of the API, and what is shared by its requests.
//!
//! A backend that does not write has no POST and no PUT: the paths answer 405
//! with the methods that there are.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware,
    routing::{MethodFilter, MethodRouter, get, on, post},
};
use tokio::sync::Semaphore;

use crate::{
    Backend, Collection, Scope, Settings,
    answer::problem::{Kind, Problem},
    ask::{credential, names},
    collection::{list, one, required::Required, write},
    docs, edge, graphql, health, linked, openapi,
    rate::Rate,
};

/// What the requests share.
pub(crate) struct Api<B> {
    /// The store behind.
    pub(crate) backend: B,
    /// What the binary decided.
    pub(crate) settings: Settings,
    /// Counts of the rate limit.
    pub(crate) rate: Option<Rate>,
    /// One permit for each request that is worked on.
    pub(crate) permits: Arc<Semaphore>,
    /// Names of requests.
    pub(crate) tickets: edge::Tickets,
    /// What a posted record must have.
    pub(crate) required: Required,
    /// The types of the query language.
    pub(crate) query: async_graphql::dynamic::Schema,
    /// The OpenAPI document.
    pub(crate) openapi: String,
}

/// What a handler gets.
pub(crate) type Shared<B> = Arc<Api<B>>;

impl<B: Backend> Api<B> {
    /// Whether the request may do that.
    pub(crate) async fn authorise(&self, headers: &HeaderMap, scope: Scope) -> Result<(), Problem> {
        let credential = credential::of(headers);
        Ok(self.backend.authorise(credential.as_ref(), scope).await?)
    }
}

/// Everything below `/v1`, answered from that backend.
pub fn router<B: Backend>(backend: B, settings: Settings) -> Router {
    let writes = backend.writes();
    let api = Arc::new(Api {
        rate: settings.requests_per_minute.map(Rate::new),
        permits: Arc::new(Semaphore::new(settings.concurrency_max)),
        tickets: edge::Tickets::new(),
        required: Required::of(backend.usage()),
        query: graphql::schema::<B>(),
        openapi: openapi::document(backend.usage(), writes, settings.version).to_string(),
        backend,
        settings,
    });
    let mut router = Router::new()
        .route("/v1/health", plain(get(health::health::<B>)))
        .route("/v1/openapi.json", plain(get(openapi::serve::<B>)))
        .route("/v1/context.jsonld", plain(get(linked::context)))
        .route("/v1/graphql", with_options(post(graphql::query::<B>), "POST,OPTIONS"));
    for collection in Collection::ALL {
        let name = collection.as_str();
        let one = format!("/v1/{name}/{{{}}}", names::segment(collection));
        router = router
            .route(&format!("/v1/{name}"), all(collection, writes))
            .route(&one, single(collection, writes));
    }
    docs::mount(router)
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .layer(middleware::from_fn_with_state(api.clone(), edge::edge::<B>))
        .with_state(api)
}

fn all<B: Backend>(collection: Collection, writes: bool) -> MethodRouter<Shared<B>> {
    let methods = get(move |api, headers, query| list::list::<B>(api, collection, headers, query));
    if !writes {
        return plain(methods);
    }
    let create = move |api, request| write::create::<B>(api, collection, request);
    with_options(methods.post(create), "GET,HEAD,POST,OPTIONS")
}

fn single<B: Backend>(collection: Collection, writes: bool) -> MethodRouter<Shared<B>> {
    let methods =
        get(move |api, headers, query, name| one::one::<B>(api, collection, headers, query, name));
    if !writes {
        return plain(methods);
    }
    let replace =
        move |api, query, name, request| write::replace::<B>(api, collection, query, name, request);
    with_options(methods.put(replace), "GET,HEAD,PUT,OPTIONS")
}

/// A path that is only read.
pub(crate) fn plain<S: Clone + Send + Sync + 'static>(
    methods: MethodRouter<S, Infallible>,
) -> MethodRouter<S, Infallible> {
    with_options(methods, "GET,HEAD,OPTIONS")
}

fn with_options<S: Clone + Send + Sync + 'static>(
    methods: MethodRouter<S, Infallible>,
    allowed: &'static str,
) -> MethodRouter<S, Infallible> {
    let answer = move || async move {
        (StatusCode::NO_CONTENT, [(header::ALLOW, HeaderValue::from_static(allowed))])
    };
    methods.merge(on(MethodFilter::OPTIONS, answer))
}

async fn unknown_path() -> Problem {
    Problem::new(
        Kind::NotFound,
        "there is no such path; /v1/openapi.json lists them",
        "ce chemin n'existe pas ; /v1/openapi.json les énumère",
    )
}

async fn unknown_method(method: Method) -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        format!("this path does not know {method}; the header Allow names what it knows"),
        format!("ce chemin ne connaît pas {method} ; l'en-tête Allow dit ce qu'il connaît"),
    )
}
