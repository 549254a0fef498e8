//! The limits in force, and the changes that led to them.

use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1;
use rmd_reconcile::{Parameters, parameter::Row};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::{
    share,
    store::{self, expect_rows},
};

/// One version of the table: a change and who made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Changed {
    /// The version that it made.
    pub(crate) version: i64,
    /// Name of the limit.
    pub(crate) parameter: String,
    /// State, alpha-2; every state if none.
    pub(crate) country: Option<String>,
    /// Mineral, HS6; every mineral if none.
    pub(crate) mineral: Option<String>,
    /// In the unit of the limit.
    pub(crate) value: i64,
    /// Who approved it.
    pub(crate) decided_by: String,
    /// Why.
    pub(crate) reason: String,
    /// When, UTC microseconds.
    pub(crate) at_us: i64,
}

/// Every change, the first version first.
pub(crate) async fn changes(connection: &mut AnyConnection) -> Result<Vec<Changed>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT version, parameter, country, mineral, value, decided_by, reason, at_us
         FROM parameter_change
         ORDER BY version",
    )
    .fetch_all(connection)
    .await?)
}

/// The limits in force.
pub(crate) async fn in_force(connection: &mut AnyConnection) -> Result<Parameters, Error> {
    let (version, rows) = table(connection, None).await?;
    Ok(Parameters::with(version, &rows)?)
}

/// A version of the table of limits, else the last one: its number, and every change
/// that led to it.
pub(crate) async fn table(
    connection: &mut AnyConnection,
    version: Option<i64>,
) -> Result<(u32, Vec<Row>), store::Error> {
    let changes = changes(connection).await?.into_iter();
    let (mut last, mut rows) = (0, Vec::new());
    for change in changes.take_while(|change| version.is_none_or(|most| change.version <= most)) {
        last = change.version;
        rows.push(Row {
            parameter: change.parameter,
            country: change.country,
            mineral: change.mineral,
            value: change.value,
        });
    }
    let last = u32::try_from(last).map_err(|_| store::Error::Inconsistent {
        table: "parameter_change",
        column: "version",
        id: last.to_string(),
    })?;
    Ok((last, rows))
}

/// Writes the next version.
pub(super) async fn write(
    connection: &mut AnyConnection,
    change: &Changed,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO parameter_change
             (version, parameter, country, mineral, value, decided_by, reason, at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (version) DO NOTHING",
    )
    .bind(change.version)
    .bind(&change.parameter)
    .bind(change.country.as_deref())
    .bind(change.mineral.as_deref())
    .bind(change.value)
    .bind(&change.decided_by)
    .bind(&change.reason)
    .bind(change.at_us)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("parameter_change", 1, affected)
}

/// Writes again what a bulletin says, after the hub was restored.
pub(crate) async fn keep_again(
    connection: &mut AnyConnection,
    entry: &StoredEntry,
) -> Result<(), share::Error> {
    let told = v1::RuleLimit::decode(entry.payload().unwrap_or_default())
        .map_err(|_| share::Error::Inconsistent("a bulletin cannot be read"))?;
    let known = changes(connection).await?;
    if known.iter().any(|one| one.version == i64::from(told.version)) {
        return Ok(());
    }
    let named = |text: String| Some(text).filter(|text| !text.is_empty());
    let change = Changed {
        version: i64::from(told.version),
        parameter: told.parameter,
        country: named(told.country),
        mineral: named(told.mineral),
        value: told.value,
        decided_by: told.approved_by,
        reason: told.ground,
        at_us: entry.header.captured_at_us,
    };
    Ok(write(connection, &change).await?)
}
