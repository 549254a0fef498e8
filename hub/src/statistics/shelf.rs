//! Public editions as they are kept. Owns the table `publication`.

use std::collections::BTreeMap;

use sqlx::{AnyConnection, FromRow};

use super::{Error, Flow, disclosure::Grid};
use crate::store::{self, expect_rows};

const TABLE: &str = "publication";

/// A public edition of a table.
#[derive(Debug, Clone)]
pub(super) struct Edition {
    /// Counts up from 1.
    pub(super) number: i64,
    pub(super) published_at_us: i64,
    pub(super) grid: Grid,
}

/// Editions of the tables of one year, in their order.
pub(super) type Editions = BTreeMap<(Flow, String), Vec<Edition>>;

#[derive(FromRow)]
struct Row {
    flow: String,
    mineral: String,
    edition: i64,
    published_at_us: i64,
    grid: String,
}

/// Every edition of a year's tables.
pub(super) async fn of_year(connection: &mut AnyConnection, year: &str) -> Result<Editions, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT flow, mineral, edition, published_at_us, grid \
         FROM publication \
         WHERE year = $1 \
         ORDER BY flow, mineral, edition",
    )
    .bind(year)
    .fetch_all(connection)
    .await?;
    let mut editions = Editions::new();
    for row in rows {
        let wrong = |column| {
            let id = format!("{year} {} {} {}", row.flow, row.mineral, row.edition);
            store::Error::Inconsistent { table: TABLE, column, id }
        };
        let flow = Flow::of(&row.flow).ok_or_else(|| wrong("flow"))?;
        let grid = serde_json::from_str(&row.grid).map_err(|_| wrong("grid"))?;
        let edition = Edition { number: row.edition, published_at_us: row.published_at_us, grid };
        editions.entry((flow, row.mineral)).or_default().push(edition);
    }
    Ok(editions)
}

/// Keeps an edition, whose number is not taken.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    year: &str,
    (flow, mineral): (Flow, &str),
    edition: &Edition,
) -> Result<(), Error> {
    let grid = serde_json::to_string(&edition.grid).expect("a table is texts and numbers");
    let affected = sqlx::query(
        "INSERT INTO publication (year, flow, mineral, edition, published_at_us, grid) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(year)
    .bind(flow.as_str())
    .bind(mineral)
    .bind(edition.number)
    .bind(edition.published_at_us)
    .bind(grid)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows(TABLE, 1, affected)?)
}
