//! Decisions of the Secretariat about the status of a site or an exporter.
//!
//! A decision is never edited or deleted; a later one takes its place. The
//! document on which it rests stays with the Secretariat; its SHA-256 is
//! published, so that the document can be recognised.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date};
use rmd_feed::StoredEntry;
use rmd_proto::v1::{self, CertificationStatus};
use rmd_runtime::output;
use rmd_standard::{Entity, effective::DecisionEvent};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Error,
    bulletin::{self, Bulletin},
    renamed,
    subject::Subject,
};
use crate::{
    standing,
    store::{self, bulk},
};

/// Characters of `--by` and `--reason`; both go to every node.
pub(crate) const BY_CHARS_MAX: usize = 200;
const GROUND_CHARS_MAX: usize = 2_000;

/// A status that can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Status {
    /// All criteria met · Tous les critères remplis
    Green,
    /// Not yet inspected · Pas encore inspecté
    Blue,
    /// To be corrected · À corriger
    Yellow,
    /// Suspended · Suspendu
    Red,
}

impl Status {
    const ALL: [Self; 4] = [Self::Green, Self::Blue, Self::Yellow, Self::Red];

    /// The standard's word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// The number in records.
    pub(crate) const fn code(self) -> CertificationStatus {
        match self {
            Self::Green => CertificationStatus::Green,
            Self::Blue => CertificationStatus::Blue,
            Self::Yellow => CertificationStatus::Yellow,
            Self::Red => CertificationStatus::Red,
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// The standard's word for a status in a record; `unknown` for none.
pub(crate) fn word(status: CertificationStatus) -> &'static str {
    let known = Status::ALL.into_iter().find(|known| known.code() == status);
    known.map_or("unknown", Status::as_str)
}

/// A decision as an officer states it.
#[derive(Debug, Clone)]
pub(crate) struct NewDecision {
    pub(crate) status: Status,
    pub(crate) decided_by: String,
    pub(crate) ground: String,
    pub(crate) document_name: String,
    pub(crate) document_sha256: [u8; 32],
    pub(crate) lifts: bool,
}

impl NewDecision {
    /// Refuses what nobody could read later.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_text(&self.decided_by, &self.ground)
    }
}

/// Refuses an author or a ground that nobody could read later.
pub(crate) fn check_text(by: &str, ground: &str) -> Result<(), Error> {
    check_word("--by", by, BY_CHARS_MAX)?;
    check_word("--reason", ground, GROUND_CHARS_MAX)
}

/// Refuses words of an officer that nobody could read later, or that a terminal obeys.
pub(crate) fn check_word(field: &'static str, text: &str, limit: usize) -> Result<(), Error> {
    let is_said = !text.trim().is_empty() && text.chars().count() <= limit;
    if is_said && output::is_harmless(text) { Ok(()) } else { Err(Error::Text { field, limit }) }
}

/// A decision as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// Year and count within it.
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) decided_on: Date,
    pub(crate) decided_by: String,
    pub(crate) ground: String,
    pub(crate) document_name: String,
    pub(crate) document_sha256: Vec<u8>,
    pub(crate) lifts: bool,
    pub(crate) recorded_at: Timestamp,
}

impl Decision {
    /// As the clock of the standard takes it.
    pub(crate) fn event(&self) -> DecisionEvent {
        DecisionEvent {
            decision_id: self.id.clone(),
            status: self.status.code(),
            decided_on: self.decided_on,
            known_at: self.recorded_at,
            lifts: self.lifts,
        }
    }

    /// As a bulletin carries it.
    pub(crate) fn message(&self) -> v1::Decision {
        v1::Decision {
            decision_id: self.id.clone(),
            status: self.status.code().into(),
            decided_on: self.decided_on.to_string(),
            decided_by: self.decided_by.clone(),
            ground: self.ground.clone(),
            document_sha256: self.document_sha256.clone(),
            lifts: self.lifts,
        }
    }
}

/// Keeps a decision. Its number is the year and a count within it.
pub(crate) async fn record(
    connection: &mut AnyConnection,
    subject: &Subject,
    new: NewDecision,
    day: Date,
    now: Timestamp,
) -> Result<Decision, Error> {
    let decision = Decision {
        id: next_id(connection, day).await?,
        status: new.status,
        decided_on: day,
        decided_by: new.decided_by,
        ground: new.ground,
        document_name: new.document_name,
        document_sha256: new.document_sha256.to_vec(),
        lifts: new.lifts,
        recorded_at: now,
    };
    sqlx::query(
        "INSERT INTO decision
             (decision_id, record_key, icglr_id, status, decided_on, decided_by, ground,
              document_name, document_sha256, lifts, recorded_at_us, entity)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&decision.id)
    .bind(subject.record_key())
    .bind(subject.name())
    .bind(decision.status.as_str())
    .bind(decision.decided_on.to_string())
    .bind(&decision.decided_by)
    .bind(&decision.ground)
    .bind(&decision.document_name)
    .bind(decision.document_sha256.clone())
    .bind(i64::from(decision.lifts))
    .bind(now.as_microsecond())
    .bind(subject.entity().name())
    .execute(connection)
    .await?;
    Ok(decision)
}

/// Keeps a decision of which only the bulletin is left; the name of its document
/// did not travel.
pub(crate) async fn keep_again(
    connection: &mut AnyConnection,
    entry: &StoredEntry,
) -> Result<(), Error> {
    let Some(bulletin) = bulletin::of_entry(entry)? else { return Ok(()) };
    let Some(decision) = bulletin.decision() else { return Ok(()) };
    let (entity, name) = match &bulletin {
        Bulletin::Site(site) => (Entity::MineSite, &site.icglr_id),
        Bulletin::Exporter(_) => (Entity::ExporterStatus, &entry.header.key),
    };
    sqlx::query(
        "INSERT INTO decision
             (decision_id, record_key, icglr_id, status, decided_on, decided_by, ground,
              document_name, document_sha256, lifts, recorded_at_us, entity)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $10, $11)
         ON CONFLICT (decision_id) DO NOTHING",
    )
    .bind(&decision.decision_id)
    .bind(&entry.header.key)
    .bind(name)
    .bind(word(decision.status()))
    .bind(&decision.decided_on)
    .bind(&decision.decided_by)
    .bind(&decision.ground)
    .bind(decision.document_sha256.clone())
    .bind(i64::from(decision.lifts))
    .bind(entry.header.captured_at_us)
    .bind(entity.name())
    .execute(&mut *connection)
    .await?;
    Ok(standing::due(connection, entity.name(), &entry.header.key).await?)
}

/// What a decision is about: type and key of the record; none if there is no such decision.
pub(crate) async fn about(
    connection: &mut AnyConnection,
    decision_id: &str,
) -> Result<Option<(Entity, String)>, Error> {
    let row = sqlx::query("SELECT entity, record_key FROM decision WHERE decision_id = $1")
        .bind(decision_id)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let entity: String = row.try_get("entity")?;
    let wrong = || store::Error::Inconsistent {
        table: "decision",
        column: "entity",
        id: decision_id.to_owned(),
    };
    let entity = Entity::from_name(&entity).ok_or_else(wrong)?;
    Ok(Some((entity, row.try_get("record_key")?)))
}

/// The decisions about a site or an exporter, oldest first.
pub(crate) async fn of_site(
    connection: &mut AnyConnection,
    record_key: &str,
) -> Result<Vec<Decision>, Error> {
    Ok(of_sites(connection, &[record_key]).await?.remove(record_key).unwrap_or_default())
}

/// The decisions about these records by their keys, oldest first; with those about them
/// under a key that they had before.
pub(crate) async fn of_sites(
    connection: &mut AnyConnection,
    keys: &[&str],
) -> Result<HashMap<String, Vec<Decision>>, Error> {
    let earlier = renamed::before(connection, keys).await?;
    let all: BTreeSet<&str> =
        keys.iter().copied().chain(earlier.keys().map(String::as_str)).collect();
    let all: Vec<&str> = all.into_iter().collect();
    let rows = bulk::select_of_keys(
        connection,
        "SELECT record_key, decision_id, status, decided_on, decided_by, ground,
                document_name, document_sha256, lifts, recorded_at_us
         FROM decision",
        &all,
        " ORDER BY recorded_at_us, decision_id",
    )
    .await?;
    let mut decisions: HashMap<String, Vec<Decision>> = HashMap::new();
    for row in &rows {
        let key: String = row.try_get("record_key")?;
        let decision = decision(row)?;
        if let Some(now) = earlier.get(&key) {
            decisions.entry(now.clone()).or_default().push(decision.clone());
        }
        if keys.contains(&key.as_str()) {
            decisions.entry(key).or_default().push(decision);
        }
    }
    for own in decisions.values_mut() {
        own.sort_by(|one, other| (one.recorded_at, &one.id).cmp(&(other.recorded_at, &other.id)));
    }
    Ok(decisions)
}

/// Refuses a decision before the last one about the same record: it would be in force
/// before what it follows, and would not lift it.
pub(super) async fn check_clock(
    connection: &mut AnyConnection,
    record_key: &str,
    today: Date,
    now: Timestamp,
) -> Result<(), Error> {
    let last = of_site(connection, record_key).await?.pop();
    match last.filter(|last| last.recorded_at > now || last.decided_on > today) {
        Some(Decision { id, recorded_at, .. }) => Err(Error::ClockBehind { id, recorded_at, now }),
        None => Ok(()),
    }
}

/// The number after the last one of the year; some may be missing after a restore.
async fn next_id(connection: &mut AnyConnection, day: Date) -> Result<String, Error> {
    let year = format!("{:04}-", day.year());
    let row = sqlx::query(
        "SELECT decision_id FROM decision
         WHERE decision_id LIKE $1
         ORDER BY LENGTH(decision_id) DESC, decision_id DESC
         LIMIT 1",
    )
    .bind(format!("{year}%"))
    .fetch_optional(connection)
    .await?;
    let last: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
    let last = last.and_then(|last| last.strip_prefix(&year)?.parse::<u32>().ok());
    Ok(format!("{year}{:04}", last.unwrap_or(0) + 1))
}

fn decision(row: &AnyRow) -> Result<Decision, Error> {
    let id: String = row.try_get("decision_id")?;
    let inconsistent =
        |column| store::Error::Inconsistent { table: "decision", column, id: id.clone() };
    let status: String = row.try_get("status")?;
    let decided_on: String = row.try_get("decided_on")?;
    let lifts: i64 = row.try_get("lifts")?;
    Ok(Decision {
        status: Status::parse(&status).ok_or_else(|| inconsistent("status"))?,
        decided_on: decided_on.parse().map_err(|_| inconsistent("decided_on"))?,
        decided_by: row.try_get("decided_by")?,
        ground: row.try_get("ground")?,
        document_name: row.try_get("document_name")?,
        document_sha256: row.try_get("document_sha256")?,
        lifts: lifts != 0,
        recorded_at: Timestamp::from_microsecond(row.try_get("recorded_at_us")?)
            .map_err(|_| inconsistent("recorded_at_us"))?,
        id,
    })
}
