//! Mine sites as statuses see them: the declared history of each, with what may
//! be shown of it in public.
//!
//! Reads the regional tables and never writes them. Names of persons are not
//! read at all. A site that its state withdrew, or that is in shadow, is in no
//! typed table and so does not exist here.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1::{self, CertificationStatus};
use rmd_standard::{
    Record,
    code::CERTIFICATION_STATUS,
    effective::{Effective, Policy, SiteHistory, effective},
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{Error, decision::Decision};
use crate::store;

/// How many ids a message about an unknown site names.
const NEAREST_MAX: usize = 3;

/// One released site.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) record_key: String,
    /// What the clock reads of the record; the rest is empty.
    pub(crate) declared: v1::MineSite,
    pub(crate) known_at: Timestamp,
    /// Declared void by its state.
    pub(crate) is_void: bool,
    pub(crate) district: Option<String>,
    /// Latitude and longitude in ten-millionths of a degree.
    pub(crate) point: Option<(i64, i64)>,
    pub(crate) minerals: String,
}

impl Site {
    /// The status that counts on a day, out of the record and the decisions.
    pub(crate) fn effective(
        &self,
        decisions: &[Decision],
        day: Date,
        known_at: Timestamp,
        policy: &Policy,
    ) -> Effective {
        let history = decisions
            .iter()
            .fold(SiteHistory::new(&self.declared, self.known_at), |history, decision| {
                history.with_decision(decision.event())
            });
        effective(&history, day, known_at, policy)
    }
}

/// Which sites are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which<'a> {
    All,
    /// Of one state, by its alpha-2 code.
    Country(&'a str),
    /// One, by its record key.
    Key(&'a str),
}

/// The site behind an id as somebody wrote it.
pub(crate) async fn find(connection: &mut AnyConnection, id: &str) -> Result<Site, Error> {
    let id = id.trim();
    let named = v1::MineSite { icglr_id: id.to_owned(), ..v1::MineSite::default() };
    // An id is compared on its parsed form; one that cannot be read is looked
    // for as it stands, so that the message can name what resembles it.
    let key = Record::MineSite(Box::new(named)).key().unwrap_or_else(|_| id.to_owned());
    match load(connection, Which::Key(&key)).await?.pop() {
        Some(site) => Ok(site),
        None => Err(Error::SiteUnknown {
            id: id.to_owned(),
            nearest: nearest(id, ids(connection).await?),
        }),
    }
}

/// Sites by state and id.
pub(crate) async fn load(
    connection: &mut AnyConnection,
    which: Which<'_>,
) -> Result<Vec<Site>, Error> {
    let (country, key) = match which {
        Which::All => ("", ""),
        Which::Country(country) => (country, ""),
        Which::Key(key) => ("", key),
    };
    let rows = sqlx::query(
        "SELECT s.record_key, s.icglr_id, s.address_country, s.void,
                s.certification_status, s.certification_status_since,
                s.latitude_e7, s.longitude_e7, s.mineral,
                s.address_subnational_division_l2 AS l2,
                s.address_subnational_division_l1_text AS l1_text,
                r.captured_at_us
         FROM mine_site s
         JOIN record r ON r.entity = 'MineSite' AND r.record_key = s.record_key
         WHERE ($1 = '' OR s.address_country = $1) AND ($2 = '' OR s.record_key = $2)
         ORDER BY s.address_country, s.icglr_id",
    )
    .bind(country)
    .bind(key)
    .fetch_all(&mut *connection)
    .await?;
    let mut sites = rows.iter().map(site).collect::<Result<Vec<_>, _>>()?;
    let places: HashMap<String, usize> =
        sites.iter().enumerate().map(|(place, site)| (site.record_key.clone(), place)).collect();
    for (record_key, inspection) in inspections(connection, country, key).await? {
        if let Some(&place) = places.get(&record_key) {
            sites[place].declared.inspection.push(inspection);
        }
    }
    for (record_key, change) in status_changes(connection, country, key).await? {
        if let Some(&place) = places.get(&record_key) {
            sites[place].declared.status_change.push(change);
        }
    }
    Ok(sites)
}

/// How many released sites there are.
pub(crate) async fn count(connection: &mut AnyConnection) -> Result<i64, Error> {
    let row = sqlx::query("SELECT COUNT(*) FROM mine_site").fetch_one(connection).await?;
    Ok(row.try_get(0)?)
}

fn site(row: &AnyRow) -> Result<Site, Error> {
    let record_key: String = row.try_get("record_key")?;
    let inconsistent =
        |column| store::Error::Inconsistent { table: "mine_site", column, id: record_key.clone() };
    let is_void: i64 = row.try_get("void")?;
    let latitude: Option<i64> = row.try_get("latitude_e7")?;
    let longitude: Option<i64> = row.try_get("longitude_e7")?;
    let districts = [text(row, "l2")?, text(row, "l1_text")?];
    Ok(Site {
        declared: v1::MineSite {
            icglr_id: text(row, "icglr_id")?,
            address_country: text(row, "address_country")?,
            certification_status: status(row, "certification_status")?.into(),
            certification_status_since: text(row, "certification_status_since")?,
            ..v1::MineSite::default()
        },
        known_at: Timestamp::from_microsecond(row.try_get("captured_at_us")?)
            .map_err(|_| inconsistent("captured_at_us"))?,
        is_void: is_void != 0,
        district: districts.into_iter().find(|district| !district.is_empty()),
        point: latitude.zip(longitude),
        minerals: text(row, "mineral")?,
        record_key,
    })
}

async fn inspections(
    connection: &mut AnyConnection,
    country: &str,
    key: &str,
) -> Result<Vec<(String, v1::Inspection)>, Error> {
    let rows = sqlx::query(
        "SELECT i.record_key, i.inspection_id, i.inspection_date, i.inspection_result,
                i.corrective_due_date
         FROM mine_site_inspection i
         JOIN mine_site s ON s.record_key = i.record_key
         WHERE ($1 = '' OR s.address_country = $1) AND ($2 = '' OR s.record_key = $2)
         ORDER BY i.record_key, i.position",
    )
    .bind(country)
    .bind(key)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let inspection = v1::Inspection {
                inspection_id: text(row, "inspection_id")?,
                inspection_date: text(row, "inspection_date")?,
                inspection_result: status(row, "inspection_result")?.into(),
                corrective_due_date: text(row, "corrective_due_date")?,
                ..v1::Inspection::default()
            };
            Ok((row.try_get("record_key")?, inspection))
        })
        .collect()
}

async fn status_changes(
    connection: &mut AnyConnection,
    country: &str,
    key: &str,
) -> Result<Vec<(String, v1::StatusChange)>, Error> {
    let rows = sqlx::query(
        "SELECT c.record_key, c.date_of_change, c.new_status
         FROM mine_site_status_change c
         JOIN mine_site s ON s.record_key = c.record_key
         WHERE ($1 = '' OR s.address_country = $1) AND ($2 = '' OR s.record_key = $2)
         ORDER BY c.record_key, c.position",
    )
    .bind(country)
    .bind(key)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let change = v1::StatusChange {
                date_of_change: text(row, "date_of_change")?,
                new_status: status(row, "new_status")?.into(),
            };
            Ok((row.try_get("record_key")?, change))
        })
        .collect()
}

async fn ids(connection: &mut AnyConnection) -> Result<Vec<String>, Error> {
    let rows = sqlx::query("SELECT icglr_id FROM mine_site").fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// A text; NULL is empty, as in the message.
fn text(row: &AnyRow, column: &str) -> Result<String, Error> {
    Ok(row.try_get::<Option<String>, _>(column)?.unwrap_or_default())
}

/// A status by its word; NULL is unspecified.
fn status(row: &AnyRow, column: &str) -> Result<CertificationStatus, Error> {
    let number = CERTIFICATION_STATUS.number_of(&text(row, column)?).unwrap_or_default();
    Ok(CertificationStatus::try_from(number).unwrap_or_default())
}

/// The ids that look most like the one that was asked for.
fn nearest(id: &str, ids: Vec<String>) -> Vec<String> {
    // More than half of the letters wrong is no misspelling.
    let limit = id.chars().count() / 2;
    let mut near: Vec<(usize, String)> = ids
        .into_iter()
        .map(|other| (distance(id, &other), other))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    near.sort();
    near.into_iter().take(NEAREST_MAX).map(|(_, id)| id).collect()
}

/// Letters to insert, delete or replace, whatever their case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_ids_come_first() {
        let ids = ["CD-1", "CD-000-12", "CD-000-22", "RW-999-99"].map(str::to_owned).to_vec();
        assert_eq!(nearest("cd-000-13", ids), ["CD-000-12", "CD-000-22"]);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
