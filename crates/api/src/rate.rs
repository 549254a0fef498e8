//! How many requests a credential may make.
//!
//! Counted in this process alone, for each credential as it comes, known or not;
//! requests without one are not counted, because they reach nothing but documents.
//! What is kept is a number for each of [`COUNTS`] buckets of credentials: whoever
//! guesses credentials fills buckets, not memory. Which ones share a bucket nobody
//! outside this process can tell.

use std::{
    hash::{BuildHasher as _, RandomState},
    num::NonZeroU32,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, MonotonicClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};

use crate::{
    Credential,
    answer::problem::{Kind, Problem},
};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
/// Of hundreds of credentials hardly two share one.
const COUNTS: u64 = 1 << 16;

type Limiter = RateLimiter<u64, HashMapStateStore<u64>, MonotonicClock, StateInformationMiddleware>;

/// The counts.
#[derive(Debug)]
pub(crate) struct Rate {
    limiter: Limiter,
    per_minute: NonZeroU32,
    hasher: RandomState,
}

impl Rate {
    pub(crate) fn new(per_minute: NonZeroU32) -> Self {
        let limiter =
            RateLimiter::hashmap_with_clock(Quota::per_minute(per_minute), MonotonicClock);
        Self {
            limiter: limiter.with_middleware::<StateInformationMiddleware>(),
            per_minute,
            hasher: RandomState::new(),
        }
    }

    /// Counts one request: the headers that say so, and whether it may go on.
    pub(crate) fn count(
        &self,
        credential: Option<&Credential>,
    ) -> (HeaderMap, Result<(), Problem>) {
        let mut headers = HeaderMap::new();
        let Some(credential) = credential else { return (headers, Ok(())) };
        let key = self.hasher.hash_one(credential) % COUNTS;
        let (remaining, wait, admitted) = match self.limiter.check_key(&key) {
            Ok(snapshot) => (snapshot.remaining_burst_capacity(), 0, Ok(())),
            Err(refused) => {
                let wait = refused.wait_time_from(MonotonicClock.now()).as_secs() + 1;
                (0, wait, Err(too_many(wait)))
            }
        };
        headers.insert(LIMIT, HeaderValue::from(self.per_minute.get()));
        headers.insert(REMAINING, HeaderValue::from(remaining));
        headers.insert(RESET, HeaderValue::from(wait));
        (headers, admitted)
    }
}

fn too_many(wait: u64) -> Problem {
    Problem::new(
        Kind::TooManyRequests,
        format!("too many requests with this credential; wait {wait} s"),
        format!("trop de requêtes avec ce justificatif ; attendez {wait} s"),
    )
    .header(header::RETRY_AFTER, HeaderValue::from(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_credential_has_its_own_count() {
        let rate = Rate::new(NonZeroU32::new(2).unwrap());
        let (first, second) = (Credential::Key("a".into()), Credential::Key("b".into()));
        let (headers, admitted) = rate.count(Some(&first));
        assert!(admitted.is_ok());
        assert_eq!(
            (&headers[LIMIT], &headers[REMAINING]),
            (&HeaderValue::from(2), &HeaderValue::from(1))
        );
        assert!(rate.count(Some(&first)).1.is_ok());
        let (headers, admitted) = rate.count(Some(&first));
        assert_eq!(admitted.unwrap_err().kind(), Kind::TooManyRequests);
        assert_eq!(headers[REMAINING], HeaderValue::from(0));
        assert!(rate.count(Some(&second)).1.is_ok());
        assert!(rate.count(None).0.is_empty());
    }

    #[test]
    fn credentials_that_are_guessed_fill_no_memory() {
        let rate = Rate::new(NonZeroU32::new(2).unwrap());
        for guess in 0..2 * COUNTS {
            let _ = rate.count(Some(&Credential::Key(guess.to_string())));
        }
        assert!(rate.limiter.len() as u64 <= COUNTS);
    }
}
