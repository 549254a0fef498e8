//! Which of the waiting requests are written together.
//!
//! Invariant: requests for one key keep their order, and none goes on before it is
//! known what became of the one before.

use std::collections::HashSet;

use rmd_api::Verb;
use rmd_standard::{Entity, National, Record, Valid};

use super::{Admission, Answer, Request};

/// A record, and what is to be done with it.
pub(super) type Writing = (Verb, Valid<Record, National>);

/// Requests of one type, each key once.
#[derive(Debug)]
pub(super) struct Round {
    requests: Vec<Request>,
}

impl Round {
    /// The next that can go on beside a batch on its way; the others wait.
    pub(super) fn next(waiting: &mut Vec<Request>, under_way: Option<&Admission>) -> Option<Self> {
        let busy: HashSet<(Entity, &str)> = under_way
            .iter()
            .flat_map(|batch| batch.admitted.iter().map(|one| (batch.entity, one.record.key())))
            .collect();
        let is_free = |request: &Request| !busy.contains(&(entity(request), request.record.key()));
        let first = waiting.iter().find(|request| is_free(request)).map(entity)?;
        let mut keys = HashSet::with_capacity(waiting.len());
        let (requests, others) = std::mem::take(waiting).into_iter().partition(|request| {
            entity(request) == first
                && keys.insert(request.record.key().to_owned())
                && is_free(request)
        });
        *waiting = others;
        Some(Self { requests })
    }

    /// What is to be written, and who waits for it.
    pub(super) fn split(self) -> (Vec<Writing>, Vec<Answer>) {
        let split = |request: Request| ((request.verb, request.record), request.answer);
        self.requests.into_iter().map(split).unzip()
    }
}

fn entity(request: &Request) -> Entity {
    request.record.record().entity()
}
