//! Limits of the rules that the Secretariat changed, as the ministry can read them.
//!
//! Owns the table `rule_limit`.

use rmd_proto::v1;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use crate::journal::{Error, Store};

/// Entity of a changed limit.
pub(super) const LIMIT: &str = "RuleLimit";

/// A limit that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Limit {
    /// Version of the Secretariat's table.
    pub(crate) version: i64,
    /// Name of the limit.
    pub(crate) parameter: String,
    /// ISO 3166-1 alpha-2; empty for every state.
    pub(crate) country: String,
    /// HS6; empty for every mineral.
    pub(crate) mineral: String,
    /// In the unit of the limit.
    pub(crate) value: i64,
    /// Who proposed it.
    pub(crate) proposed_by: String,
    /// Who approved it.
    pub(crate) approved_by: String,
    /// Why.
    pub(crate) ground: String,
}

pub(super) async fn save(
    connection: &mut SqliteConnection,
    limit: &v1::RuleLimit,
    seq: i64,
) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT OR REPLACE INTO rule_limit (
             version, parameter, country, mineral, value, proposed_by, approved_by, ground, seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(limit.version)
    .bind(&limit.parameter)
    .bind(&limit.country)
    .bind(&limit.mineral)
    .bind(limit.value)
    .bind(&limit.proposed_by)
    .bind(&limit.approved_by)
    .bind(&limit.ground)
    .bind(seq)
    .execute(connection)
    .await?;
    Error::expect_rows("rule_limit", written.rows_affected(), 1)
}

/// Every change, the first version first.
pub(crate) async fn limits(store: &Store) -> Result<Vec<Limit>, Error> {
    Ok(sqlx::query_as(
        "SELECT version, parameter, country, mineral, value, proposed_by, approved_by, ground
         FROM rule_limit
         ORDER BY version",
    )
    .fetch_all(store.readers())
    .await?)
}
