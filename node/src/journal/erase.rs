//! Erases the payloads of a record: personal data, or a court's order.
//!
//! Owns the tables `erasure` and `erased_content`, and the one transaction in
//! which a signed entry says what is erased, the blocks are packed again without
//! it, and whatever was made from it goes from every other table. Refuses a record
//! of which nothing was ever published, and content that was erased before when it
//! comes again. Invariant: leaves, roots and checkpoints stay as they are; so does
//! the header of every entry, which is why the words of who asked stay here.

mod clear;
mod execute;
mod finding;
mod keep_out;
mod list;
mod plan;
mod reply;
pub(crate) mod scrub;
mod told;
mod trace;

use rmd_feed::NewEntry;
use rmd_proto::v1;
use rmd_standard::Entity;
use serde::Serialize;

pub(super) use self::{execute::returned, keep_out::keep_out};
pub(crate) use self::{
    list::{Listed, bundle_written, list},
    plan::{BundleFile, Planned},
    reply::ReplyOrder,
    told::told,
};
use super::{Error, Journal, feeds};

/// On which ground something is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ground {
    /// The record tells of a person what it must not · La fiche dit d'une personne ce qu'elle ne doit pas dire
    PersonalData,
    /// A court ordered it · Un tribunal l'a ordonné
    CourtOrder,
}

impl Ground {
    /// The word in tables, entries and on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PersonalData => "personal-data",
            Self::CourtOrder => "court-order",
        }
    }

    const fn number(self) -> v1::ErasureGround {
        match self {
            Self::PersonalData => v1::ErasureGround::PersonalData,
            Self::CourtOrder => v1::ErasureGround::CourtOrder,
        }
    }

    /// The word of a number of the protocol; a later one is told as it is.
    fn word(number: i32) -> String {
        [Self::PersonalData, Self::CourtOrder]
            .into_iter()
            .find(|ground| ground.number() as i32 == number)
            .map_or_else(|| number.to_string(), |ground| ground.as_str().to_owned())
    }
}

/// What is to be erased, and who says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) entity: Entity,
    pub(crate) record_key: &'a str,
    pub(crate) ground: Ground,
    /// SHA-256 of the order or request.
    pub(crate) document: Option<[u8; 32]>,
    pub(crate) by: &'a str,
    pub(crate) reason: &'a str,
}

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EraseError {
    /// No such record is known.
    #[error(
        "no {entity} has the key {key}; `rmd-node quarantine list` and the source tell the keys / aucune fiche {entity} n'a la clé {key} ; `rmd-node quarantine list` et la source disent les clés"
    )]
    Unknown {
        /// The record type.
        entity: Entity,
        /// The key.
        key: String,
    },
    /// Nothing of the record ever left.
    #[error(
        "{entity} {key} was never published, so no entry holds it; correct or delete its row at the source / {entity} {key} n'a jamais été publiée, aucune entrée ne la contient ; corrigez ou supprimez sa ligne à la source"
    )]
    NeverPublished {
        /// The record type.
        entity: Entity,
        /// The key.
        key: String,
    },
    /// No such answer was given.
    #[error(
        "no answer has the key {0}; `rmd-node case show` tells the keys / aucune réponse n'a la clé {0} ; `rmd-node case show` dit les clés"
    )]
    NoAnswer(String),
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] Error),
}

impl From<sqlx::Error> for EraseError {
    fn from(error: sqlx::Error) -> Self {
        Self::Journal(error.into())
    }
}

/// What came of an order.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// The entry that erases; none if nothing was left to erase.
    pub(crate) seq: Option<u64>,
    /// What it took, or would take.
    #[serde(flatten)]
    pub(crate) planned: Planned,
}

impl Journal {
    /// Says what an order would erase.
    pub(crate) async fn plan_erasure(
        &self,
        entity: Entity,
        record_key: &str,
    ) -> Result<Planned, EraseError> {
        let mut snapshot = self.store().readers().begin().await?;
        let subject = plan::subject(&mut snapshot, entity, record_key).await?;
        let planned = plan::plan(&mut snapshot, &subject).await?;
        Ok(planned)
    }

    /// Erases, in one transaction; nothing happens where nothing is left to erase.
    pub(crate) async fn erase(&self, order: Order<'_>) -> Result<Outcome, EraseError> {
        let Order { entity, record_key, .. } = order;
        let mut writing = self.store().write().await;
        let mut transaction = writing.begin().await?;
        let subject = plan::subject(&mut transaction, entity, record_key).await?;
        let planned = plan::plan(&mut transaction, &subject).await?;
        if planned.entries.is_empty() {
            return Ok(Outcome { seq: None, planned });
        }
        let (seq, at) = execute::ordered(&mut transaction, self, order, &subject).await?;
        transaction.commit().await?;
        feeds::forget(self.store(), entity.feed());
        self.announce();
        tracing::info!(
            entity = entity.name(),
            seq,
            at,
            payloads = planned.entries.len(),
            ground = order.ground.as_str(),
            "payloads erased"
        );
        Ok(Outcome { seq: Some(seq), planned })
    }
}

/// The entry that erases.
fn entry(
    order: Order<'_>,
    (rev, previous_seq): (u64, u64),
    captured_at_us: i64,
    payload: Vec<u8>,
) -> NewEntry {
    NewEntry {
        entity: order.entity.name().to_owned(),
        key: order.record_key.to_owned(),
        rev,
        op: v1::Op::Erase,
        // A header is never erased: nothing of who asked, or of what was there.
        reason: reason(order.ground.as_str()),
        event_time_us: 0,
        captured_at_us,
        mapping_id: String::new(),
        previous_seq,
        payload,
    }
}

/// The reason in the header.
fn reason(ground: &str) -> String {
    format!("erased:{ground}")
}
