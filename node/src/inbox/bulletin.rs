//! Bulletins as rows that the ministry can read.
//!
//! Owns the tables `site_status`, `exporter_status` and `revoked_certificate`. Codes are written as
//! the words of the standard. Refuses to guess: a bulletin with a code outside
//! its list is not applied.

use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1;
use rmd_standard::code;
use sqlx::SqliteConnection;

use super::limit::{self, LIMIT};
use crate::journal::{Error, Store};

/// Entity of the status of a site.
const STATUS: &str = "SiteStatusBulletin";

/// Entity of the status of an exporter.
const EXPORTER: &str = "ExporterStatusBulletin";

/// Entity of a revoked certificate.
pub(super) const REVOKED: &str = "RevokedCertificate";

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bulletin {
    /// The status of a site or of an exporter.
    Status(Box<Status>),
    /// The Secretariat says no more about one.
    NoStatus(About),
    /// A certificate that no side accepts any more.
    Revoked(v1::RevokedCertificate),
    /// A limit of a rule that was changed.
    Limit(v1::RuleLimit),
}

/// What a status is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Site,
    Exporter,
}

/// A status with the words of its codes, whatever it is of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Status {
    about: About,
    country: String,
    /// The id of a site as issued, the identifier of an exporter.
    name: String,
    effective: &'static str,
    since: String,
    /// Empty if without end.
    until: String,
    reason: String,
    /// With the word of the status decided.
    decision: Option<(v1::Decision, &'static str)>,
    published_on: String,
}

impl Bulletin {
    /// Reads an entry; the error says what this version cannot read.
    pub(super) fn read(entry: &StoredEntry) -> Result<Self, String> {
        let payload = entry.payload().unwrap_or_default();
        match (entry.header.entity.as_str(), entry.op()) {
            (STATUS, v1::Op::Upsert) => {
                let told =
                    v1::SiteStatusBulletin::decode(payload).map_err(|error| error.to_string())?;
                Ok(Self::Status(Box::new(Status {
                    about: About::Site,
                    country: told.address_country,
                    name: told.icglr_id,
                    effective: word(told.effective_status)?,
                    since: told.effective_since,
                    until: told.effective_until,
                    reason: told.effective_reason,
                    decision: decided(told.decision)?,
                    published_on: told.published_on,
                })))
            }
            (EXPORTER, v1::Op::Upsert) => {
                let told = v1::ExporterStatusBulletin::decode(payload)
                    .map_err(|error| error.to_string())?;
                Ok(Self::Status(Box::new(Status {
                    about: About::Exporter,
                    country: told.country,
                    name: told.exporter_identifier,
                    effective: word(told.effective_status)?,
                    since: told.effective_since,
                    until: told.effective_until,
                    reason: told.effective_reason,
                    decision: decided(told.decision)?,
                    published_on: told.published_on,
                })))
            }
            (STATUS, v1::Op::Tombstone | v1::Op::Annul) => Ok(Self::NoStatus(About::Site)),
            (EXPORTER, v1::Op::Tombstone | v1::Op::Annul) => Ok(Self::NoStatus(About::Exporter)),
            (REVOKED, v1::Op::Upsert) => v1::RevokedCertificate::decode(payload)
                .map(Self::Revoked)
                .map_err(|error| error.to_string()),
            (LIMIT, v1::Op::Upsert) => {
                v1::RuleLimit::decode(payload).map(Self::Limit).map_err(|error| error.to_string())
            }
            (entity, op) => Err(format!("{} of {entity} is not known here", op.as_str_name())),
        }
    }

    /// Writes it into its table.
    pub(super) async fn save(
        &self,
        connection: &mut SqliteConnection,
        entry: &StoredEntry,
        now_us: i64,
    ) -> Result<(), Error> {
        let seq = entry.seq().cast_signed();
        match self {
            Self::Status(status) => {
                save_status(connection, &entry.header.key, status, (seq, now_us)).await
            }
            Self::NoStatus(about) => {
                // It may be of a record about which nothing was ever said.
                sqlx::query(about.delete()).bind(&entry.header.key).execute(connection).await?;
                Ok(())
            }
            Self::Revoked(revoked) => save_revoked(connection, revoked, seq).await,
            Self::Limit(limit) => limit::save(connection, limit, seq).await,
        }
    }
}

impl About {
    const fn table(self) -> &'static str {
        match self {
            Self::Site => "site_status",
            Self::Exporter => "exporter_status",
        }
    }

    /// The columns are the same but for the name.
    const fn insert(self) -> &'static str {
        match self {
            Self::Site => {
                "INSERT OR REPLACE INTO site_status (
                     record_key, icglr_id, country, effective, since, until, reason,
                     decided, decision_id, decided_on, decided_by, ground, document_sha256,
                     lifts, published_on, seq, received_at_us)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
            }
            Self::Exporter => {
                "INSERT OR REPLACE INTO exporter_status (
                     record_key, exporter_identifier, country, effective, since, until, reason,
                     decided, decision_id, decided_on, decided_by, ground, document_sha256,
                     lifts, published_on, seq, received_at_us)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
            }
        }
    }

    const fn delete(self) -> &'static str {
        match self {
            Self::Site => "DELETE FROM site_status WHERE record_key = ?1",
            Self::Exporter => "DELETE FROM exporter_status WHERE record_key = ?1",
        }
    }
}

/// The standard's word for a status.
fn word(number: i32) -> Result<&'static str, String> {
    code::list("certification_status")
        .and_then(|list| list.word_of(number))
        .ok_or_else(|| format!("{number} is no certification status of this version"))
}

fn decided(decision: Option<v1::Decision>) -> Result<Option<(v1::Decision, &'static str)>, String> {
    let Some(decision) = decision else { return Ok(None) };
    let word = word(decision.status)?;
    Ok(Some((decision, word)))
}

async fn save_status(
    connection: &mut SqliteConnection,
    record_key: &str,
    status: &Status,
    (seq, now_us): (i64, i64),
) -> Result<(), Error> {
    let decision = status.decision.as_ref().map(|decided| &decided.0);
    let until = Some(&status.until).filter(|until| !until.is_empty());
    let written = sqlx::query(status.about.insert())
        .bind(record_key)
        .bind(&status.name)
        .bind(&status.country)
        .bind(status.effective)
        .bind(&status.since)
        .bind(until)
        .bind(&status.reason)
        .bind(status.decision.as_ref().map(|decided| decided.1))
        .bind(decision.map(|decision| &decision.decision_id))
        .bind(decision.map(|decision| &decision.decided_on))
        .bind(decision.map(|decision| &decision.decided_by))
        .bind(decision.map(|decision| &decision.ground))
        .bind(decision.map(|decision| hex::encode(&decision.document_sha256)))
        .bind(decision.is_some_and(|decision| decision.lifts))
        .bind(&status.published_on)
        .bind(seq)
        .bind(now_us)
        .execute(connection)
        .await?;
    Error::expect_rows(status.about.table(), written.rows_affected(), 1)
}

async fn save_revoked(
    connection: &mut SqliteConnection,
    revoked: &v1::RevokedCertificate,
    seq: i64,
) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT OR REPLACE INTO revoked_certificate (serial, identity, revoked_at_us, ground, seq)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(&revoked.serial)
    .bind(&revoked.identity)
    .bind(revoked.revoked_at_us)
    .bind(&revoked.ground)
    .bind(seq)
    .execute(connection)
    .await?;
    Error::expect_rows("revoked_certificate", written.rows_affected(), 1)
}

/// Serials of every certificate that was revoked so far.
pub(super) async fn revoked_serials(store: &Store) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar("SELECT serial FROM revoked_certificate")
        .fetch_all(store.readers())
        .await?)
}
