//! The public statistics, for programs: as JSON and as comma-separated values.
//!
//! Both are the public form of `rmd-hub statistics --public`, byte for byte: closed
//! months alone, as they left with the last closing, and nothing that is held back. No
//! other figure is within reach here.

#[cfg(test)]
mod tests;

use axum::{
    extract::{Query, State as Extract, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rmd_runtime::lifecycle::chain;
use serde::Deserialize;
use tracing::warn;

use super::{Error, State, parameters};
use crate::statistics::{self, lines, public::Public};

/// An edition changes with a closing only.
const KEPT: &str = "public, max-age=300";

const NO_YEAR: &str = "year: give four digits, from 2000 to 2999, as /statistics.json?year=2026\n\
                       year : donnez quatre chiffres, de 2000 à 2999, comme /statistics.json?year=2026\n";

const AWAY: &str = "no answer for the moment; ask again later\n\
                    pas de réponse pour le moment ; redemandez plus tard\n";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameters {
    year: Option<String>,
}

pub(super) async fn json(
    Extract(state): Extract<State>,
    query: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    answer(&state, &parameters(query), "application/json", |public| Ok(serde_json::to_vec(public)?))
        .await
}

pub(super) async fn csv(
    Extract(state): Extract<State>,
    query: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    answer(&state, &parameters(query), "text/csv; charset=utf-8", |public| {
        Ok(lines::public_csv(public)?)
    })
    .await
}

async fn answer(
    state: &State,
    parameters: &Parameters,
    kind: &'static str,
    write: impl FnOnce(&Public) -> Result<Vec<u8>, Error>,
) -> Response {
    let Some(year) = year(state, parameters) else {
        return (StatusCode::BAD_REQUEST, NO_YEAR).into_response();
    };
    match read(state, &year).await.and_then(|public| write(&public)) {
        Ok(bytes) => {
            let heads = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT)];
            (heads, bytes).into_response()
        }
        Err(error) => {
            warn!(error = chain(&error), "statistics cannot be given");
            (StatusCode::SERVICE_UNAVAILABLE, AWAY).into_response()
        }
    }
}

/// The year that is asked for, else that of the day; none if it is no year.
fn year(state: &State, parameters: &Parameters) -> Option<String> {
    let Some(text) = &parameters.year else {
        return Some(format!("{:04}", state.clock.today().year()));
    };
    let is_year = text.len() == 4
        && text.starts_with('2')
        && text.bytes().all(|digit| digit.is_ascii_digit());
    is_year.then(|| text.clone())
}

async fn read(state: &State, year: &str) -> Result<Public, Error> {
    let mut connection = state.store.acquire().await?;
    Ok(statistics::public(&mut connection, year).await?)
}
