//! Closings as they are kept. Owns the tables `month_closing`, `month_feed`,
//! `month_report` and `month_figure`; rows are inserted and read, never changed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{
    Error, Month,
    closing::{Closing, FeedMark, Report},
};
use crate::{
    statistics::{Figure, Flow},
    store::{self, expect_rows},
};

const TABLE: &str = "month_closing";

fn wrong(table: &'static str, column: &'static str, month: Month) -> store::Error {
    store::Error::Inconsistent { table, column, id: month.to_string() }
}

fn listed(joined: &str) -> Vec<String> {
    joined.split(';').filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The last edition of every month that was closed.
pub(super) async fn closed(
    connection: &mut AnyConnection,
) -> Result<BTreeMap<Month, i64>, store::Error> {
    let rows =
        sqlx::query("SELECT month, MAX(edition) AS edition FROM month_closing GROUP BY month")
            .fetch_all(connection)
            .await?;
    let mut closed = BTreeMap::new();
    for row in rows {
        let text: String = row.try_get("month")?;
        let month = text.parse().map_err(|_| store::Error::Inconsistent {
            table: TABLE,
            column: "month",
            id: text.clone(),
        })?;
        closed.insert(month, row.try_get("edition")?);
    }
    Ok(closed)
}

/// What one edition found of a state's month.
#[derive(Debug)]
pub(super) struct OfEdition {
    pub(super) edition: i64,
    pub(super) country: String,
    pub(super) feed: String,
    pub(super) records: u64,
    pub(super) is_stated: bool,
}

/// What each edition of a month found, in the order of the editions.
pub(super) async fn reports(
    connection: &mut AnyConnection,
    month: Month,
) -> Result<Vec<OfEdition>, store::Error> {
    let rows = sqlx::query(
        "SELECT edition, country, feed, records, stated \
         FROM month_report \
         WHERE month = $1 \
         ORDER BY edition, country, feed",
    )
    .bind(month.to_string())
    .fetch_all(connection)
    .await?;
    let of_row = |row: sqlx::any::AnyRow| {
        Ok(OfEdition {
            edition: row.try_get("edition")?,
            country: row.try_get("country")?,
            feed: row.try_get("feed")?,
            records: row.try_get::<i64, _>("records")?.unsigned_abs(),
            is_stated: row.try_get::<i64, _>("stated")? != 0,
        })
    };
    rows.into_iter().map(of_row).collect()
}

#[derive(FromRow)]
struct ClosingRow {
    closed_at_us: i64,
    closed_on: String,
    closed_by: String,
    parameters_version: i64,
    digest: String,
}

/// One edition; none if there is no such.
pub(super) async fn load(
    connection: &mut AnyConnection,
    month: Month,
    edition: i64,
) -> Result<Option<Closing>, Error> {
    let row: Option<ClosingRow> = sqlx::query_as(
        "SELECT closed_at_us, closed_on, closed_by, parameters_version, digest \
         FROM month_closing \
         WHERE month = $1 AND edition = $2",
    )
    .bind(month.to_string())
    .bind(edition)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let closed_on: Date = row.closed_on.parse().map_err(|_| wrong(TABLE, "closed_on", month))?;
    let reports = reports(connection, month).await?.into_iter();
    let reports = reports.filter(|report| report.edition == edition).map(|report| Report {
        country: report.country,
        feed: report.feed,
        records: report.records,
        is_stated: report.is_stated,
    });
    Ok(Some(Closing {
        month,
        edition,
        closed_at_us: row.closed_at_us,
        closed_on,
        closed_by: row.closed_by,
        parameters_version: u32::try_from(row.parameters_version)
            .map_err(|_| wrong(TABLE, "parameters_version", month))?,
        feeds: feeds(connection, month, edition).await?,
        reports: reports.collect(),
        figures: figures(connection, month, edition).await?,
        digest: row.digest,
    }))
}

async fn feeds(
    connection: &mut AnyConnection,
    month: Month,
    edition: i64,
) -> Result<Vec<FeedMark>, Error> {
    let rows = sqlx::query(
        "SELECT node_id, feed, country, epoch, size, root, checkpoint, feed_vkey, levels \
         FROM month_feed \
         WHERE month = $1 AND edition = $2 \
         ORDER BY node_id, feed",
    )
    .bind(month.to_string())
    .bind(edition)
    .fetch_all(connection)
    .await?;
    let of_row = |row: sqlx::any::AnyRow| {
        let epoch = u32::try_from(row.try_get::<i64, _>("epoch")?);
        Ok(FeedMark {
            node_id: row.try_get("node_id")?,
            feed: row.try_get("feed")?,
            country: row.try_get("country")?,
            epoch: epoch.map_err(|_| wrong("month_feed", "epoch", month))?,
            size: row.try_get::<i64, _>("size")?.unsigned_abs(),
            root: hex::encode(row.try_get::<Vec<u8>, _>("root")?),
            checkpoint: row.try_get("checkpoint")?,
            feed_vkey: row.try_get("feed_vkey")?,
            levels: listed(&row.try_get::<String, _>("levels")?),
        })
    };
    rows.into_iter().map(of_row).collect()
}

#[derive(FromRow)]
struct FigureRow {
    country: String,
    flow: String,
    mineral: String,
    mass_mg: i64,
    metal_mg: Option<i64>,
    records: i64,
    contributors: i64,
    few: String,
}

async fn figures(
    connection: &mut AnyConnection,
    month: Month,
    edition: i64,
) -> Result<Vec<Figure>, Error> {
    let rows: Vec<FigureRow> = sqlx::query_as(
        "SELECT country, flow, mineral, mass_mg, metal_mg, records, contributors, few \
         FROM month_figure \
         WHERE month = $1 AND edition = $2",
    )
    .bind(month.to_string())
    .bind(edition)
    .fetch_all(connection)
    .await?;
    let of_row = |row: FigureRow| {
        let wrong = |column| wrong("month_figure", column, month);
        Ok(Figure {
            country: row.country,
            flow: Flow::of(&row.flow).ok_or_else(|| wrong("flow"))?,
            mineral: row.mineral,
            month: month.to_string(),
            mass_mg: row.mass_mg,
            metal_mg: row.metal_mg,
            records: row.records.unsigned_abs(),
            contributors: row.contributors.unsigned_abs(),
            few: serde_json::from_str(&row.few).map_err(|_| wrong("few"))?,
        })
    };
    let mut figures = rows.into_iter().map(of_row).collect::<Result<Vec<_>, Error>>()?;
    figures.sort();
    Ok(figures)
}

/// Keeps an edition whose number is not taken.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    closing: &Closing,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO month_closing \
         (month, edition, closed_at_us, closed_on, closed_by, parameters_version, digest) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(closing.month.to_string())
    .bind(closing.edition)
    .bind(closing.closed_at_us)
    .bind(closing.closed_on.to_string())
    .bind(&closing.closed_by)
    .bind(i64::from(closing.parameters_version))
    .bind(&closing.digest)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows(TABLE, 1, affected)?;
    for feed in &closing.feeds {
        insert_feed(connection, closing, feed).await?;
    }
    for report in &closing.reports {
        insert_report(connection, closing, report).await?;
    }
    for figure in &closing.figures {
        insert_figure(connection, closing, figure).await?;
    }
    Ok(())
}

async fn insert_feed(
    connection: &mut AnyConnection,
    closing: &Closing,
    feed: &FeedMark,
) -> Result<(), store::Error> {
    let root = hex::decode(&feed.root).map_err(|_| wrong("month_feed", "root", closing.month))?;
    let affected = sqlx::query(
        "INSERT INTO month_feed \
         (month, edition, node_id, feed, country, epoch, size, root, checkpoint, feed_vkey, \
         levels) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(closing.month.to_string())
    .bind(closing.edition)
    .bind(&feed.node_id)
    .bind(&feed.feed)
    .bind(&feed.country)
    .bind(i64::from(feed.epoch))
    .bind(signed(feed.size))
    .bind(root)
    .bind(&feed.checkpoint)
    .bind(&feed.feed_vkey)
    .bind(feed.levels.join(";"))
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("month_feed", 1, affected)
}

async fn insert_report(
    connection: &mut AnyConnection,
    closing: &Closing,
    report: &Report,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO month_report (month, edition, country, feed, records, stated) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(closing.month.to_string())
    .bind(closing.edition)
    .bind(&report.country)
    .bind(&report.feed)
    .bind(signed(report.records))
    .bind(i64::from(report.is_stated))
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("month_report", 1, affected)
}

async fn insert_figure(
    connection: &mut AnyConnection,
    closing: &Closing,
    figure: &Figure,
) -> Result<(), store::Error> {
    let few = serde_json::to_string(&figure.few).expect("a list of texts is JSON");
    let affected = sqlx::query(
        "INSERT INTO month_figure \
         (month, edition, country, flow, mineral, mass_mg, metal_mg, records, contributors, few) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(closing.month.to_string())
    .bind(closing.edition)
    .bind(&figure.country)
    .bind(figure.flow.as_str())
    .bind(&figure.mineral)
    .bind(figure.mass_mg)
    .bind(figure.metal_mg)
    .bind(signed(figure.records))
    .bind(signed(figure.contributors))
    .bind(few)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("month_figure", 1, affected)
}
