//! What an auditor found, for people and for courts.

use rmd_feed::evidence::{Extension, Statement};
use rmd_feed::{Checkpoint, FeedVerifier};
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

/// One finding on its way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// In a word.
    pub(crate) what: &'static str,
    /// Whether it contradicts what was signed.
    pub(crate) grave: bool,
    /// Of which feed.
    pub(crate) origin: String,
    pub(crate) en: String,
    pub(crate) fr: String,
    /// A statement that others can check; empty where there is none.
    pub(crate) evidence: String,
}

/// A kept finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Kept {
    pub(crate) finding_id: i64,
    pub(crate) what: String,
    pub(crate) grave: bool,
    pub(crate) origin: String,
    pub(crate) en: String,
    pub(crate) fr: String,
    /// Written by `auditor export`.
    #[serde(skip)]
    pub(crate) evidence: String,
    pub(crate) found_at_us: i64,
}

impl Finding {
    /// The owner of a key signed two histories of a feed, and this proves it. None if
    /// it does not.
    pub(crate) fn proven(
        what: &'static str,
        origin: &str,
        key: &FeedVerifier,
        (held, offered): (&str, &str),
        extension: Option<Extension>,
    ) -> Option<Self> {
        let statement = Statement {
            key: key.vkey().to_owned(),
            held: held.to_owned(),
            offered: offered.to_owned(),
            extension,
        };
        let proven = statement.check(key).ok()?;
        Some(Self {
            what,
            grave: true,
            origin: origin.to_owned(),
            en: proven.english(),
            fr: proven.french(),
            evidence: statement.to_text(),
        })
    }

    /// Something that only the auditor itself can vouch for.
    pub(crate) fn told(
        what: &'static str,
        grave: bool,
        origin: &str,
        (en, fr): (String, String),
    ) -> Self {
        Self { what, grave, origin: origin.to_owned(), en, fr, evidence: String::new() }
    }

    /// Two notes that may contradict each other, with nothing that proves it.
    pub(crate) fn unproven(
        origin: &str,
        key: &FeedVerifier,
        (held, offered): (&str, &str),
        sizes: (Checkpoint, Checkpoint),
    ) -> Self {
        let statement = Statement {
            key: key.vkey().to_owned(),
            held: held.to_owned(),
            offered: offered.to_owned(),
            extension: None,
        };
        let (old, new) = (sizes.0.size, sizes.1.size);
        Self {
            what: "unproven",
            grave: true,
            origin: origin.to_owned(),
            en: format!(
                "the hub shows sizes {old} and {new} of {origin} and cannot prove that one extends the other"
            ),
            fr: format!(
                "le pivot montre les tailles {old} et {new} de {origin} sans pouvoir prouver que l'une prolonge l'autre"
            ),
            evidence: statement.to_text(),
        }
    }

    /// Keeps it, once.
    pub(super) async fn keep(
        &self,
        connection: &mut SqliteConnection,
        now_us: i64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO finding (what, grave, origin, en, fr, evidence, found_at_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (what, origin, en) DO NOTHING",
        )
        .bind(self.what)
        .bind(self.grave)
        .bind(&self.origin)
        .bind(&self.en)
        .bind(&self.fr)
        .bind(&self.evidence)
        .bind(now_us)
        .execute(connection)
        .await?;
        Ok(())
    }
}
