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
    /// The status of a site, with the words of its codes.
    Status(Box<v1::SiteStatusBulletin>, Words),
    /// The Secretariat says no more about a site.
    NoStatus,
    /// The status of an exporter, with the words of its codes.
    Exporter(Box<v1::ExporterStatusBulletin>, Words),
    /// The Secretariat says no more about an exporter.
    NoExporter,
    /// A certificate that no side accepts any more.
    Revoked(v1::RevokedCertificate),
    /// A limit of a rule that was changed.
    Limit(v1::RuleLimit),
}

/// The codes of a status as words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    effective: &'static str,
    decided: Option<&'static str>,
}

impl Bulletin {
    /// Reads an entry; the error says what this version cannot read.
    pub(super) fn read(entry: &StoredEntry) -> Result<Self, String> {
        let payload = entry.payload().unwrap_or_default();
        match (entry.header.entity.as_str(), entry.op()) {
            (STATUS, v1::Op::Upsert) => {
                let status =
                    v1::SiteStatusBulletin::decode(payload).map_err(|error| error.to_string())?;
                let words = Words::of(status.effective_status, status.decision.as_ref())?;
                Ok(Self::Status(Box::new(status), words))
            }
            (STATUS, v1::Op::Tombstone | v1::Op::Annul) => Ok(Self::NoStatus),
            (EXPORTER, v1::Op::Upsert) => {
                let status = v1::ExporterStatusBulletin::decode(payload)
                    .map_err(|error| error.to_string())?;
                let words = Words::of(status.effective_status, status.decision.as_ref())?;
                Ok(Self::Exporter(Box::new(status), words))
            }
            (EXPORTER, v1::Op::Tombstone | v1::Op::Annul) => Ok(Self::NoExporter),
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
            Self::Status(status, words) => {
                let key = &entry.header.key;
                save_status(connection, key, status, *words, (seq, now_us)).await
            }
            Self::NoStatus => {
                // It may be of a site about which nothing was ever said.
                sqlx::query("DELETE FROM site_status WHERE record_key = ?1")
                    .bind(&entry.header.key)
                    .execute(connection)
                    .await?;
                Ok(())
            }
            Self::Exporter(status, words) => {
                let key = &entry.header.key;
                save_exporter(connection, key, status, *words, (seq, now_us)).await
            }
            Self::NoExporter => {
                // It may be of an exporter about whom nothing was ever said.
                sqlx::query("DELETE FROM exporter_status WHERE record_key = ?1")
                    .bind(&entry.header.key)
                    .execute(connection)
                    .await?;
                Ok(())
            }
            Self::Revoked(revoked) => save_revoked(connection, revoked, seq).await,
            Self::Limit(limit) => limit::save(connection, limit, seq).await,
        }
    }
}

impl Words {
    fn of(effective: i32, decision: Option<&v1::Decision>) -> Result<Self, String> {
        let word = |number| {
            code::list("certification_status")
                .and_then(|list| list.word_of(number))
                .ok_or_else(|| format!("{number} is no certification status of this version"))
        };
        let decided = decision.map(|decision| word(decision.status)).transpose()?;
        Ok(Self { effective: word(effective)?, decided })
    }
}

async fn save_status(
    connection: &mut SqliteConnection,
    record_key: &str,
    status: &v1::SiteStatusBulletin,
    words: Words,
    (seq, now_us): (i64, i64),
) -> Result<(), Error> {
    let decision = status.decision.as_ref();
    let until = Some(&status.effective_until).filter(|until| !until.is_empty());
    let written = sqlx::query(
        "INSERT OR REPLACE INTO site_status (
             record_key, icglr_id, country, effective, since, until, reason,
             decided, decision_id, decided_on, decided_by, ground, document_sha256, lifts,
             published_on, seq, received_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )
    .bind(record_key)
    .bind(&status.icglr_id)
    .bind(&status.address_country)
    .bind(words.effective)
    .bind(&status.effective_since)
    .bind(until)
    .bind(&status.effective_reason)
    .bind(words.decided)
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
    Error::expect_rows("site_status", written.rows_affected(), 1)
}

async fn save_exporter(
    connection: &mut SqliteConnection,
    record_key: &str,
    status: &v1::ExporterStatusBulletin,
    words: Words,
    (seq, now_us): (i64, i64),
) -> Result<(), Error> {
    let decision = status.decision.as_ref();
    let until = Some(&status.effective_until).filter(|until| !until.is_empty());
    let written = sqlx::query(
        "INSERT OR REPLACE INTO exporter_status (
             record_key, country, exporter_identifier, effective, since, until, reason,
             decided, decision_id, decided_on, decided_by, ground, document_sha256, lifts,
             published_on, seq, received_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )
    .bind(record_key)
    .bind(&status.country)
    .bind(&status.exporter_identifier)
    .bind(words.effective)
    .bind(&status.effective_since)
    .bind(until)
    .bind(&status.effective_reason)
    .bind(words.decided)
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
    Error::expect_rows("exporter_status", written.rows_affected(), 1)
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
