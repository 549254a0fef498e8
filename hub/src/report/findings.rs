//! What the rules found: counts, what was not testable, and the open findings.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rmd_reconcile::{Measure, Rule, rules::SENTENCES};
use rmd_report::{FindingCount, FindingLine, Findings, Untested};
use sqlx::{AnyConnection, FromRow};

use super::{Error, Occasion};
use crate::store;

/// The findings; none before the first evaluation.
pub(super) async fn read(
    connection: &mut AnyConnection,
    occasion: &Occasion,
) -> Result<Option<Findings>, Error> {
    if !occasion.is_evaluated {
        return Ok(None);
    }
    Ok(Some(Findings {
        counts: counts(connection, occasion).await?,
        untested: untested(connection).await?,
        list: list(connection).await?,
    }))
}

#[derive(FromRow)]
struct Counted {
    rule: String,
    country: String,
    severity: i64,
    count: i64,
}

async fn counts(
    connection: &mut AnyConnection,
    occasion: &Occasion,
) -> Result<Vec<FindingCount>, Error> {
    let open: Vec<Counted> = sqlx::query_as(
        "SELECT rule, country, severity, COUNT(*) AS count
         FROM finding
         WHERE state = 'open'
         GROUP BY rule, country, severity",
    )
    .fetch_all(&mut *connection)
    .await?;
    let opened = moved(connection, occasion, ["opened", "reopened"]).await?;
    let closed = moved(connection, occasion, ["closed", "closed"]).await?;
    let mut counts = BTreeMap::<(String, String, u8), [u64; 3]>::new();
    for (place, rows) in [open, opened, closed].into_iter().enumerate() {
        for row in rows {
            let severity = u8::try_from(row.severity).unwrap_or(u8::MAX);
            let of = counts.entry((row.rule, row.country, severity)).or_default();
            of[place] = row.count.unsigned_abs();
        }
    }
    let mut list = Vec::with_capacity(counts.len());
    for ((rule, country, severity), [open, opened, closed]) in counts {
        list.push(FindingCount { rule, country, severity, open, opened, closed });
    }
    Ok(list)
}

/// Findings with such a change in the month, each once.
async fn moved(
    connection: &mut AnyConnection,
    occasion: &Occasion,
    changes: [&'static str; 2],
) -> Result<Vec<Counted>, Error> {
    Ok(sqlx::query_as(
        "SELECT f.rule, f.country, f.severity, COUNT(DISTINCT e.finding_id) AS count
         FROM finding_event e
         JOIN finding f ON f.finding_id = e.finding_id
         WHERE e.change IN ($1, $2) AND e.day >= $3 AND e.day <= $4
         GROUP BY f.rule, f.country, f.severity",
    )
    .bind(changes[0])
    .bind(changes[1])
    .bind(occasion.month.first_day().to_string())
    .bind(occasion.month.last_day().to_string())
    .fetch_all(connection)
    .await?)
}

#[derive(FromRow)]
struct Bits {
    untested: i64,
    count: i64,
}

/// Subjects that a rule could not test: one bit a rule, the first the lowest.
async fn untested(connection: &mut AnyConnection) -> Result<Vec<Untested>, Error> {
    let rows: Vec<Bits> = sqlx::query_as(
        "SELECT untested, COUNT(*) AS count
         FROM judged_subject
         WHERE untested <> 0
         GROUP BY untested",
    )
    .fetch_all(connection)
    .await?;
    let of = |place: usize| {
        let wanted = rows.iter().filter(|row| row.untested >> place & 1 == 1);
        wanted.map(|row| row.count.unsigned_abs()).sum::<u64>()
    };
    let counted = Rule::ALL.into_iter().enumerate().map(|(place, rule)| (rule, of(place)));
    let some = counted.filter(|(_, subjects)| *subjects > 0);
    Ok(some.map(|(rule, subjects)| Untested { rule: rule.id().to_owned(), subjects }).collect())
}

#[derive(FromRow)]
struct Row {
    finding_id: String,
    rule: String,
    severity: i64,
    country: String,
    subject_kind: String,
    subject_key: String,
    sentence: String,
    measures: String,
    opened_on: String,
}

async fn list(connection: &mut AnyConnection) -> Result<Vec<FindingLine>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT finding_id, rule, severity, country, subject_kind, subject_key, sentence,
                measures, opened_on
         FROM finding
         WHERE state = 'open'
         ORDER BY severity DESC, rule, country, finding_id",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(line).collect()
}

fn line(row: Row) -> Result<FindingLine, Error> {
    let wrong = |column| store::Error::Inconsistent {
        table: "finding",
        column,
        id: row.finding_id.clone(),
    };
    let measures: Vec<Measure> =
        serde_json::from_str(&row.measures).map_err(|_| wrong("measures"))?;
    let sentence = SENTENCES.iter().copied().flatten().find(|one| one.id == row.sentence);
    let sentence = sentence.ok_or_else(|| wrong("sentence"))?;
    let opened_on: Date = row.opened_on.parse().map_err(|_| wrong("opened_on"))?;
    let severity = u8::try_from(row.severity).map_err(|_| wrong("severity"))?;
    Ok(FindingLine {
        en: sentence.english(&measures),
        fr: sentence.french(&measures),
        opened_on,
        severity,
        id: row.finding_id,
        rule: row.rule,
        country: row.country,
        subject_kind: row.subject_kind,
        subject_key: row.subject_key,
    })
}
