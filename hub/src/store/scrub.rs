//! Writes the store anew, so that no free space holds what was erased.
//!
//! SQLite leaves what a statement replaced in free space of its pages: VACUUM copies
//! what is there into a new file, through the write-ahead log, which is then cut to
//! nothing. PostgreSQL keeps the old version of every row that was changed; a plain
//! VACUUM marks its place as free and leaves the bytes, VACUUM FULL writes the table
//! into new files and locks it meanwhile. Neither reaches the server's write-ahead
//! log, replicas or backups.

use sqlx::{AssertSqlSafe, Row as _};

use super::{Error, Kind, Store};

impl Store {
    /// Writes these tables anew, on SQLite everything; false while somebody reads what
    /// was there before.
    pub(crate) async fn scrub(&self, tables: &[&'static str]) -> Result<bool, Error> {
        let _turn = match &self.turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        let mut connection = self.acquire().await?;
        match self.kind {
            Kind::Sqlite => {
                sqlx::query("VACUUM").execute(&mut *connection).await?;
                let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                    .fetch_one(&mut *connection)
                    .await?;
                Ok(row.try_get::<i64, _>(0)? == 0)
            }
            Kind::Postgres => {
                for table in tables {
                    let statement = AssertSqlSafe(format!("VACUUM (FULL) {table}"));
                    sqlx::query(statement).execute(&mut *connection).await?;
                }
                Ok(true)
            }
        }
    }
}
