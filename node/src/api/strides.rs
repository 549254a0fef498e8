//! Where the pages of a term begin, so that a far page costs what a near one does.
//!
//! Owns the record id at every thousandth place of a term, learnt when somebody
//! asks for it. New records come behind all others and move nothing; whatever
//! else changes a term raises its `moves`, and what was learnt before that is
//! forgotten. Invariant: an answer holds for the snapshot that is asked with it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sqlx::SqliteConnection;

use super::Error;

/// Records from one known place to the next: so many index rows are skipped at most.
const STRIDE: usize = 1000;

/// Terms of which places are known; a node has some dozens that anybody lists.
const TERMS_MAX: usize = 256;

/// The places that are known.
#[derive(Debug, Default)]
pub(super) struct Strides {
    by_term: Mutex<HashMap<String, Places>>,
}

/// The record ids at the places 1000, 2000 … of a term.
#[derive(Debug, Clone, Default)]
struct Places {
    moves: i64,
    ids: Vec<i64>,
}

impl Strides {
    /// From which record id on to read a term, and how many records to skip there,
    /// to come to a place.
    pub(super) async fn seek(
        &self,
        snapshot: &mut SqliteConnection,
        (term, moves): (&str, i64),
        place: i64,
    ) -> Result<(i64, i64), Error> {
        let Some((wanted, rest)) = split(place) else { return Ok((i64::MIN, place)) };
        let mut places = match self.known(term, moves, wanted) {
            Ok(id) => return Ok((id, rest)),
            Err(places) => places,
        };
        while places.ids.len() < wanted {
            let from = places.ids.last().copied().unwrap_or(i64::MIN);
            match next(snapshot, term, from).await? {
                Some(id) => places.ids.push(id),
                // Behind the end: any id is as good.
                None => return Ok((i64::MAX, 0)),
            }
        }
        let id = places.ids[wanted - 1];
        self.learn(term, places);
        Ok((id, rest))
    }

    /// The id at a known place, or what is known to go on from.
    fn known(&self, term: &str, moves: i64, wanted: usize) -> Result<i64, Places> {
        let by_term = self.by_term.lock().unwrap_or_else(PoisonError::into_inner);
        match by_term.get(term).filter(|places| places.moves == moves) {
            Some(places) => places.ids.get(wanted - 1).copied().ok_or_else(|| places.clone()),
            None => Err(Places { moves, ids: Vec::new() }),
        }
    }

    fn learn(&self, term: &str, places: Places) {
        let mut by_term = self.by_term.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = by_term
            .get(term)
            .is_none_or(|known| (known.moves, known.ids.len()) < (places.moves, places.ids.len()));
        if by_term.len() >= TERMS_MAX && !by_term.contains_key(term) {
            by_term.clear();
        }
        if is_news {
            by_term.insert(term.to_owned(), places);
        }
    }
}

/// How many known places to pass and how many records after them; none near the beginning.
fn split(place: i64) -> Option<(usize, i64)> {
    let place = usize::try_from(place).ok()?;
    let rest = i64::try_from(place % STRIDE).ok()?;
    (place >= STRIDE).then_some((place / STRIDE, rest))
}

/// The record id one stride behind another.
async fn next(
    snapshot: &mut SqliteConnection,
    term: &str,
    from: i64,
) -> Result<Option<i64>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT record_id
         FROM term
         WHERE term = ?1 AND record_id >= ?2
         ORDER BY record_id
         LIMIT 1 OFFSET ?3",
    )
    .bind(term)
    .bind(from)
    .bind(i64::try_from(STRIDE).unwrap_or(i64::MAX))
    .fetch_optional(snapshot)
    .await?)
}
