//! That this node's certificate was refused as revoked, and by whom.
//!
//! Owns the table `own_revocation`. Whoever can reach the port can dial and say so; it
//! is proven once the hub says it on a connection that this node made itself.

use serde::Serialize;
use sqlx::FromRow;

use super::{Error, store::Store};

/// What was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Revocation {
    /// When it was first said, UTC microseconds.
    pub(crate) since_us: i64,
    /// When it was last said.
    pub(crate) last_us: i64,
    /// Whether the hub itself said so.
    pub(crate) is_proven: bool,
}

/// Keeps that it was said; what is proven stays proven.
pub(crate) async fn said(store: &Store, is_proven: bool) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let written = sqlx::query(
        "INSERT INTO own_revocation (id, since_us, last_us, is_proven) VALUES (1, ?1, ?1, ?2)
         ON CONFLICT (id) DO UPDATE SET
             last_us = excluded.last_us,
             is_proven = max(is_proven, excluded.is_proven)",
    )
    .bind(store.now_us())
    .bind(is_proven)
    .execute(&mut *transaction)
    .await?;
    Error::expect_rows("own_revocation", written.rows_affected(), 1)?;
    Ok(transaction.commit().await?)
}

/// There is a new certificate.
pub(crate) async fn over(store: &Store) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query("DELETE FROM own_revocation").execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// What was said; none if nobody refused the certificate.
pub(crate) async fn find(store: &Store) -> Result<Option<Revocation>, Error> {
    Ok(sqlx::query_as("SELECT since_us, last_us, is_proven FROM own_revocation WHERE id = 1")
        .fetch_optional(store.readers())
        .await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::TestJournal;

    #[tokio::test]
    async fn what_the_hub_said_stands_until_there_is_a_new_certificate() {
        let test = TestJournal::live().await;
        let store = test.journal.store();
        assert_eq!(find(store).await.unwrap(), None);
        let first = store.now_us();
        for (is_proven, stands) in [(false, false), (true, true), (false, true)] {
            said(store, is_proven).await.unwrap();
            let found = find(store).await.unwrap().unwrap();
            assert_eq!((found.since_us, found.is_proven), (first, stands));
            test.clock.advance(jiff::SignedDuration::from_hours(1));
        }
        over(store).await.unwrap();
        assert_eq!(find(store).await.unwrap(), None);
    }
}
