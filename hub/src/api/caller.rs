//! Whose request is being answered.
//!
//! The API asks once a request whether a credential is cleared; every question
//! to the store afterwards is answered for that caller alone. The caller lives
//! as long as the request and in no other: without one, nothing is given.

use std::{cell::OnceCell, collections::BTreeSet, sync::Arc};

use axum::{extract::Request, middleware::Next, response::Response};
use rmd_api::{Collection, Scope};

tokio::task_local! {
    static CALLER: OnceCell<Arc<Caller>>;
}

/// Who asks, and what they may read.
#[derive(Debug)]
pub(super) struct Caller {
    /// Name of the key.
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    /// Alpha-2 codes; empty for all states.
    pub(super) countries: BTreeSet<String>,
}

/// A question that came outside a request, or before its credential was looked at.
#[derive(Debug, thiserror::Error)]
#[error("no caller is known for this question")]
pub(super) struct NoCaller;

impl Caller {
    /// Whether the key has that scope.
    pub(super) fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope.to_string())
    }

    /// Whether the key may see records of a state.
    pub(super) fn sees(&self, country: &str) -> bool {
        self.countries.is_empty() || self.countries.contains(country)
    }
}

/// The caller of this request, if a credential was cleared.
pub(super) fn known() -> Option<Arc<Caller>> {
    CALLER.try_with(|caller| caller.get().cloned()).ok().flatten()
}

/// The caller of this request, cleared to read a collection.
pub(super) fn cleared(collection: Collection) -> Result<Arc<Caller>, NoCaller> {
    known().filter(|caller| caller.may(Scope::read(collection))).ok_or(NoCaller)
}

/// Notes the caller of this request; the first one stays.
pub(super) fn note(caller: Arc<Caller>) -> Result<Arc<Caller>, NoCaller> {
    CALLER.try_with(|cell| cell.get_or_init(|| caller).clone()).map_err(|_| NoCaller)
}

/// Gives a request a place for its caller.
pub(super) async fn remember(request: Request, next: Next) -> Response {
    CALLER.scope(OnceCell::new(), next.run(request)).await
}

#[cfg(test)]
pub(super) async fn as_caller<T>(caller: Caller, work: impl Future<Output = T>) -> T {
    CALLER.scope(OnceCell::from(Arc::new(caller)), work).await
}

/// A request that brings its credential.
#[cfg(test)]
pub(super) async fn in_request<T>(work: impl Future<Output = T>) -> T {
    CALLER.scope(OnceCell::new(), work).await
}
