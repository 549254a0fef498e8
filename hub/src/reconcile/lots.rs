//! Which lots answer to a name, asked of their own tables.
//!
//! Lots come by the million: of them alone the names are not kept a second time. What
//! is found may be more than what answers, never less; who loads a lot reads it anyway.

use std::{collections::BTreeSet, sync::Arc};

use rmd_reconcile::rules::tag_series;
use rmd_standard::code;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::shelf::KeySet;
use crate::store::{self, bulk};

/// State, alpha-2, and a number in it: of a lot, or of a certificate.
pub(super) type Numbers = BTreeSet<(String, String)>;

/// A lot that has one of the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) key: Arc<str>,
    /// Its state and number.
    pub(super) number: (String, String),
    /// The certificate of its state that it names.
    pub(super) paper: Option<String>,
}

/// Lots by their own number.
pub(super) async fn of_numbers(
    connection: &mut AnyConnection,
    numbers: &Numbers,
) -> Result<Vec<Numbered>, store::Error> {
    let head = "SELECT record_key, lot_number, export_certificate_id FROM lot \
                WHERE LOWER(lot_number) IN (";
    // What small letters are outside of ASCII depends on how the database was made.
    let lower: BTreeSet<String> = numbers
        .iter()
        .flat_map(|(_, number)| [number.to_ascii_lowercase(), number.to_lowercase()])
        .collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for row in bulk::select_in(connection, (head, None), &lower, ")").await? {
        let (key, number): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let number = (state_of(&key).to_owned(), number);
        if numbers.contains(&number) {
            found.push(Numbered { key: key.into(), number, paper: row.try_get(2)? });
        }
    }
    Ok(found)
}

/// Lots by the number of one of their inputs.
pub(super) async fn of_inputs(
    connection: &mut AnyConnection,
    numbers: &Numbers,
) -> Result<KeySet, store::Error> {
    let head = "SELECT record_key, lot_number, country FROM lot_input WHERE lot_number IN (";
    let rows = bulk::select_in(connection, (head, None), &seconds(numbers), ")").await?;
    let mut found = KeySet::new();
    for row in rows {
        let (key, number): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let stated: Option<String> = row.try_get(2)?;
        let state = stated.unwrap_or_else(|| state_of(&key).to_owned());
        if numbers.contains(&(state, number)) {
            found.insert(key.into());
        }
    }
    Ok(found)
}

/// Lots by the certificate that they name.
pub(super) async fn of_papers(
    connection: &mut AnyConnection,
    papers: &Numbers,
) -> Result<KeySet, store::Error> {
    let head = "SELECT record_key, export_certificate_id FROM lot WHERE export_certificate_id IN (";
    let rows = bulk::select_in(connection, (head, None), &seconds(papers), ")").await?;
    let mut found = KeySet::new();
    for row in rows {
        let (key, paper): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        if papers.contains(&(state_of(&key).to_owned(), paper)) {
            found.insert(key.into());
        }
    }
    Ok(found)
}

/// Lots by the identifier of a tag, of whatever scheme.
pub(super) async fn of_tags(
    connection: &mut AnyConnection,
    identifiers: &BTreeSet<&str>,
) -> Result<KeySet, store::Error> {
    let head = "SELECT record_key FROM lot_tag WHERE identifier IN (";
    let identifiers: Vec<&str> = identifiers.iter().copied().collect();
    keys(&bulk::select_in(connection, (head, None), &identifiers, ")").await?)
}

/// The tags of lots that stand, by their identifiers.
pub(super) async fn standing_tags(
    connection: &mut AnyConnection,
    identifiers: &BTreeSet<&str>,
) -> Result<BTreeSet<(i32, String)>, store::Error> {
    let head = "SELECT t.scheme, t.identifier \
                FROM lot_tag t \
                JOIN lot l ON l.record_key = t.record_key \
                WHERE l.void = 0 AND t.identifier IN (";
    let identifiers: Vec<&str> = identifiers.iter().copied().collect();
    let mut found = BTreeSet::new();
    for row in bulk::select_in(connection, (head, None), &identifiers, ")").await? {
        let (scheme, identifier): (Option<String>, String) = (row.try_get(0)?, row.try_get(1)?);
        let scheme = scheme.and_then(|word| code::TAG_SCHEME.number_of(&word));
        found.insert((scheme.unwrap_or_default(), identifier));
    }
    Ok(found)
}

/// Lots by the key of the site that they name.
pub(super) async fn of_sites(
    connection: &mut AnyConnection,
    sites: &BTreeSet<String>,
) -> Result<KeySet, store::Error> {
    let head = "SELECT record_key FROM lot WHERE mine_site_key IN (";
    let sites: Vec<&str> = sites.iter().map(String::as_str).collect();
    keys(&bulk::select_in(connection, (head, None), &sites, ")").await?)
}

/// Identifiers of the tags of some lots.
pub(super) async fn identifiers(
    connection: &mut AnyConnection,
    lots: &KeySet,
) -> Result<BTreeSet<String>, store::Error> {
    let head = "SELECT identifier FROM lot_tag WHERE identifier IS NOT NULL AND record_key IN (";
    let lots: Vec<&str> = lots.iter().map(|key| &**key).collect();
    let rows = bulk::select_in(connection, (head, None), &lots, ")").await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Lots with a tag of a series.
pub(super) async fn of_series(
    connection: &mut AnyConnection,
    series: &str,
) -> Result<KeySet, store::Error> {
    // A series is how its tags begin.
    let rows = sqlx::query(
        "SELECT record_key, identifier FROM lot_tag WHERE identifier >= $1 AND identifier < $2",
    )
    .bind(series)
    .bind(format!("{series}{}", char::MAX))
    .fetch_all(connection)
    .await?;
    let mut found = KeySet::new();
    for row in rows {
        let (key, identifier): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        if tag_series(&identifier) == series {
            found.insert(key.into());
        }
    }
    Ok(found)
}

fn keys(rows: &[AnyRow]) -> Result<KeySet, store::Error> {
    let key = |row: &AnyRow| Ok::<_, sqlx::Error>(Arc::<str>::from(row.try_get::<String, _>(0)?));
    Ok(rows.iter().map(key).collect::<Result<_, _>>()?)
}

/// The state in a key that begins with it.
fn state_of(key: &str) -> &str {
    key.split('/').next().unwrap_or_default()
}

/// State and number in the key of a lot.
pub(super) fn number_in(key: &str) -> (String, String) {
    let number = key.rsplit('/').next().unwrap_or_default();
    (state_of(key).to_owned(), number.replace("%2F", "/").replace("%25", "%"))
}

fn seconds(numbers: &Numbers) -> Vec<&str> {
    let seconds: BTreeSet<&str> = numbers.iter().map(|(_, number)| number.as_str()).collect();
    seconds.into_iter().collect()
}
