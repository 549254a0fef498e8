//! Mine sites as statuses see them: what each revision declared, with what may be
//! shown of the last in public.
//!
//! Reads the regional tables and never writes them. The revision that the tables show
//! counts even where the reading of the ledger is not there yet. Names of persons are not
//! read at all. A site that its state withdrew, or that is in shadow, is in no
//! typed table and so does not exist here.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1::{self, CertificationStatus};
use rmd_standard::{
    Entity, Record,
    code::CERTIFICATION_STATUS,
    effective::{Effective, Policy, SiteHistory, effective},
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{Error, decision::Decision, log::signed, nearest::nearest};
use crate::{
    standing::revision::{self, Revision, Told},
    store::{self, bulk},
};

/// One released site.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) record_key: String,
    /// What the clock reads of the record; the rest is empty.
    pub(crate) declared: v1::MineSite,
    /// When the hub received the revision that is shown.
    pub(crate) known_at: Timestamp,
    /// What every revision declared, and when the hub received it; the shown one last.
    pub(crate) revisions: Vec<Told<v1::MineSite>>,
    /// The node that holds the record, and epoch and seq of the shown revision.
    pub(crate) held: Held,
    /// Declared void by its state.
    pub(crate) is_void: bool,
    pub(crate) district: Option<String>,
    /// Latitude and longitude in ten-millionths of a degree.
    pub(crate) point: Option<(i64, i64)>,
    pub(crate) minerals: String,
}

impl Site {
    /// Where it stands in lists.
    pub(crate) fn place(&self) -> Place {
        let declared = &self.declared;
        Place(declared.address_country.clone(), declared.icglr_id.clone(), self.record_key.clone())
    }

    /// The status that counts on a day, out of every revision and the decisions.
    pub(crate) fn effective(
        &self,
        decisions: &[Decision],
        day: Date,
        known_at: Timestamp,
        policy: &Policy,
    ) -> Effective {
        effective(&history(&self.revisions, decisions), day, known_at, policy)
    }
}

/// Revisions and decisions as the clock of the standard takes them.
pub(crate) fn history(revisions: &[Told<v1::MineSite>], decisions: &[Decision]) -> SiteHistory {
    let history = revisions.iter().fold(SiteHistory::default(), |history, one| {
        history.with_revision_said(&one.says, one.known_at, one.said_at)
    });
    let events = decisions.iter().map(Decision::event);
    events.fold(history, SiteHistory::with_decision)
}

/// Where the revision of a record stands that the typed tables show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) node_id: String,
    epoch: i64,
    seq: i64,
}

impl Held {
    pub(super) fn read(row: &AnyRow) -> Result<Self, Error> {
        Ok(Self {
            node_id: row.try_get("node_id")?,
            epoch: row.try_get("epoch")?,
            seq: row.try_get("seq")?,
        })
    }

    pub(super) fn is(&self, known: &Revision) -> bool {
        (&self.node_id, self.epoch, self.seq) == (&known.node_id, known.epoch, known.seq)
    }
}

/// A place in the order of lists: state, id, record key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place(String, String, String);

/// The sites of one state, by its alpha-2 code, or of all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed<'a>(pub(crate) Option<&'a str>);

impl Listed<'_> {
    /// First and last state of the list; a code is two capitals.
    fn bounds(&self) -> (&str, &str) {
        self.0.map_or(("", "ZZ"), |country| (country, country))
    }
}

/// One site. Each of these goes through an index, whatever the size of the table.
pub(crate) const OF_KEY: &str = "SELECT s.record_key, s.icglr_id, s.address_country, s.void,
            s.certification_status, s.certification_status_since,
            s.latitude_e7, s.longitude_e7, s.mineral,
            s.local_geographic_designation_subnational_division_l2 AS l2,
            s.local_geographic_designation_subnational_division_l1_text AS l1_text,
            r.received_at_us, r.node_id, r.epoch, r.seq
     FROM mine_site s
     JOIN record r ON r.entity = 'MineSite' AND r.record_key = s.record_key
     WHERE s.record_key = $1";

/// The next sites after a place.
pub(crate) const AFTER: &str = "SELECT s.record_key, s.icglr_id, s.address_country, s.void,
            s.certification_status, s.certification_status_since,
            s.latitude_e7, s.longitude_e7, s.mineral,
            s.local_geographic_designation_subnational_division_l2 AS l2,
            s.local_geographic_designation_subnational_division_l1_text AS l1_text,
            r.received_at_us, r.node_id, r.epoch, r.seq
     FROM mine_site s
     JOIN record r ON r.entity = 'MineSite' AND r.record_key = s.record_key
     WHERE (s.address_country, s.icglr_id, s.record_key) > ($1, $2, $3)
     AND s.address_country <= $4
     ORDER BY s.address_country, s.icglr_id, s.record_key
     LIMIT $5";

/// Sites by their number in the list; the index alone is read up to there.
pub(crate) const FROM: &str = "SELECT s.record_key, s.icglr_id, s.address_country, s.void,
            s.certification_status, s.certification_status_since,
            s.latitude_e7, s.longitude_e7, s.mineral,
            s.local_geographic_designation_subnational_division_l2 AS l2,
            s.local_geographic_designation_subnational_division_l1_text AS l1_text,
            r.received_at_us, r.node_id, r.epoch, r.seq
     FROM mine_site s
     JOIN record r ON r.entity = 'MineSite' AND r.record_key = s.record_key
     WHERE s.record_key IN (
         SELECT record_key
         FROM mine_site
         WHERE address_country BETWEEN $1 AND $2
         ORDER BY address_country, icglr_id, record_key
         LIMIT $3 OFFSET $4)
     ORDER BY s.address_country, s.icglr_id, s.record_key";

/// Sites by their keys, which stand behind it.
const OF_KEYS: &str = "SELECT record_key, icglr_id, address_country, void,
            certification_status, certification_status_since,
            latitude_e7, longitude_e7, mineral, l2, l1_text,
            received_at_us, node_id, epoch, seq
     FROM (
         SELECT s.record_key AS record_key, s.icglr_id, s.address_country, s.void,
             s.certification_status, s.certification_status_since,
             s.latitude_e7, s.longitude_e7, s.mineral,
             s.local_geographic_designation_subnational_division_l2 AS l2,
             s.local_geographic_designation_subnational_division_l1_text AS l1_text,
             r.received_at_us, r.node_id, r.epoch, r.seq
         FROM mine_site s
         JOIN record r ON r.entity = 'MineSite' AND r.record_key = s.record_key) AS listed";

/// The key of the site behind an id as somebody wrote it. An id is compared on its
/// parsed form; one that cannot be read is looked for as it stands, so that the
/// message can name what resembles it.
pub(crate) fn key_of(id: &str) -> String {
    let id = id.trim();
    let named = v1::MineSite { icglr_id: id.to_owned(), ..v1::MineSite::default() };
    Record::MineSite(Box::new(named)).key().unwrap_or_else(|_| id.to_owned())
}

/// The site behind an id as somebody wrote it.
pub(crate) async fn find(connection: &mut AnyConnection, id: &str) -> Result<Site, Error> {
    match of_key(connection, &key_of(id)).await? {
        Some(site) => Ok(site),
        None => Err(unknown(connection, id).await?),
    }
}

/// That no state released a site of that id, with those that look alike.
pub(crate) async fn unknown(connection: &mut AnyConnection, id: &str) -> Result<Error, Error> {
    let id = id.trim().to_owned();
    let nearest = nearest(&id, ids(connection).await?);
    Ok(Error::SiteUnknown { id, nearest })
}

/// The site with that record key; none if no state released it.
pub(crate) async fn of_key(
    connection: &mut AnyConnection,
    key: &str,
) -> Result<Option<Site>, Error> {
    let row = sqlx::query(OF_KEY).bind(key).fetch_optional(&mut *connection).await?;
    Ok(complete(connection, row.as_slice()).await?.pop())
}

/// The sites with these record keys, those that a state released.
pub(crate) async fn of_keys(
    connection: &mut AnyConnection,
    keys: &[&str],
) -> Result<Vec<Site>, Error> {
    let rows = bulk::select_of_keys(connection, OF_KEYS, keys, "").await?;
    complete(connection, &rows).await
}

/// At most so many sites of a list after a place, in the order of the list.
pub(crate) async fn after(
    connection: &mut AnyConnection,
    listed: Listed<'_>,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<Site>, Error> {
    let (first, last) = listed.bounds();
    let Place(country, id, key) =
        after.cloned().unwrap_or_else(|| Place(first.to_owned(), String::new(), String::new()));
    let query = sqlx::query(AFTER).bind(country).bind(id).bind(key);
    let query = query.bind(last).bind(i64::from(limit));
    let rows = query.fetch_all(&mut *connection).await?;
    complete(connection, &rows).await
}

/// At most so many sites of a list from a number on, counted from 0.
pub(crate) async fn from(
    connection: &mut AnyConnection,
    listed: Listed<'_>,
    number: u64,
    limit: u32,
) -> Result<Vec<Site>, Error> {
    let (first, last) = listed.bounds();
    let query = sqlx::query(FROM).bind(first).bind(last);
    let query = query.bind(i64::from(limit)).bind(signed(number));
    let rows = query.fetch_all(&mut *connection).await?;
    complete(connection, &rows).await
}

/// How many released sites there are in a list.
pub(crate) async fn count(
    connection: &mut AnyConnection,
    listed: Listed<'_>,
) -> Result<i64, Error> {
    let (first, last) = listed.bounds();
    let row = sqlx::query("SELECT COUNT(*) FROM mine_site WHERE address_country BETWEEN $1 AND $2")
        .bind(first)
        .bind(last)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// The sites of these rows with their inspections, declared changes and revisions.
async fn complete(connection: &mut AnyConnection, rows: &[AnyRow]) -> Result<Vec<Site>, Error> {
    let mut sites = rows.iter().map(site).collect::<Result<Vec<_>, _>>()?;
    let places: HashMap<String, usize> =
        sites.iter().enumerate().map(|(place, site)| (site.record_key.clone(), place)).collect();
    let keys: Vec<&str> = places.keys().map(String::as_str).collect();
    for (record_key, inspection) in inspections(connection, &keys).await? {
        if let Some(&place) = places.get(&record_key) {
            sites[place].declared.inspection.push(inspection);
        }
    }
    for (record_key, change) in status_changes(connection, &keys).await? {
        if let Some(&place) = places.get(&record_key) {
            sites[place].declared.status_change.push(change);
        }
    }
    let mut known = revision::of_keys(connection, Entity::MineSite, &keys).await?;
    for site in &mut sites {
        let known = known.remove(&site.record_key).unwrap_or_default();
        for one in &known {
            site.revisions.push(one.told(Revision::site)?);
        }
        if !known.iter().any(|one| site.held.is(one)) {
            let says = if site.is_void { v1::MineSite::default() } else { site.declared.clone() };
            let (known_at, said_at) = (site.known_at, site.known_at);
            site.revisions.push(Told { known_at, said_at, says });
        }
    }
    Ok(sites)
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
        known_at: Timestamp::from_microsecond(row.try_get("received_at_us")?)
            .map_err(|_| inconsistent("received_at_us"))?,
        revisions: Vec::new(),
        held: Held::read(row)?,
        is_void: is_void != 0,
        district: districts.into_iter().find(|district| !district.is_empty()),
        point: latitude.zip(longitude),
        minerals: text(row, "mineral")?,
        record_key,
    })
}

async fn inspections(
    connection: &mut AnyConnection,
    keys: &[&str],
) -> Result<Vec<(String, v1::Inspection)>, Error> {
    let rows = bulk::select_of_keys(
        connection,
        "SELECT record_key, inspection_id, inspection_date, inspection_result,
                corrective_due_date
         FROM mine_site_inspection",
        keys,
        " ORDER BY record_key, position",
    )
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
    keys: &[&str],
) -> Result<Vec<(String, v1::StatusChange)>, Error> {
    let rows = bulk::select_of_keys(
        connection,
        "SELECT record_key, date_of_change, new_status
         FROM mine_site_status_change",
        keys,
        " ORDER BY record_key, position",
    )
    .await?;
    rows.iter()
        .map(|row| {
            let change = v1::StatusChange {
                date_of_change: text(row, "date_of_change")?,
                new_status: status(row, "new_status")?.into(),
                ..v1::StatusChange::default()
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
pub(super) fn text(row: &AnyRow, column: &str) -> Result<String, Error> {
    Ok(row.try_get::<Option<String>, _>(column)?.unwrap_or_default())
}

/// A status by its word; NULL is unspecified.
pub(super) fn status(row: &AnyRow, column: &str) -> Result<CertificationStatus, Error> {
    let number = CERTIFICATION_STATUS.number_of(&text(row, column)?).unwrap_or_default();
    Ok(CertificationStatus::try_from(number).unwrap_or_default())
}
