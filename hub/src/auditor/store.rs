//! The file of an auditor: one SQLite, one writer.
//!
//! Owns how it is made (0600), opened and migrated, and its rows. Invariant: the
//! entries of a frame, what was made of them, and the cursor are one transaction.

use std::{os::unix::fs::OpenOptionsExt as _, path::Path};

use rmd_feed::{FeedVerifier, Follower, Origin, RightEdge};
use rmd_runtime::SharedClock;
use serde::Serialize;
use sqlx::{
    FromRow, Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Error, STORE, finding::Kept};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations-auditor");

/// Name of the feed that is followed.
pub(super) const FEED: &str = "checkpoints";

/// The file; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(super) pool: SqlitePool,
    pub(super) clock: SharedClock,
}

/// Who this auditor is, and the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Enrolment {
    pub(crate) identity: String,
    pub(crate) hub_identity: String,
    pub(crate) hub_feed_vkey: String,
    /// Of the enrolment listener.
    pub(crate) hub_address: String,
    /// Of the listener for auditors; empty if the hub did not say.
    pub(crate) audit_address: String,
}

/// How far an epoch of the hub's feed was followed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Followed {
    pub(crate) epoch: u32,
    pub(crate) size: i64,
    edge: Vec<u8>,
    pub(crate) checkpoint: String,
    pub(crate) frozen: bool,
}

/// A checkpoint of a node as the hub showed it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Seen {
    pub(crate) origin: String,
    pub(crate) size: i64,
    pub(crate) root: Vec<u8>,
    pub(crate) node_id: String,
    pub(crate) feed: String,
    pub(crate) epoch: u32,
    pub(crate) note: String,
    pub(crate) proven: bool,
}

impl Followed {
    /// The follower that goes on from here.
    pub(super) fn follower(&self, hub: &str, key: &FeedVerifier) -> Result<Follower, Error> {
        let size = self.size.unsigned_abs();
        let (origin, edge) =
            (Origin::new(hub, FEED, self.epoch), RightEdge::from_bytes(size, &self.edge)?);
        let checkpoint = Some(self.checkpoint.clone()).filter(|note| !note.is_empty());
        Ok(Follower::restore(FEED, self.epoch, origin, key.clone(), size, edge, checkpoint)?)
    }
}

impl Store {
    /// Opens the file of an auditor in a folder; makes it where `is_new`.
    pub(crate) async fn open(dir: &Path, clock: SharedClock, is_new: bool) -> Result<Self, Error> {
        let path = dir.join(STORE);
        if !path.is_file() {
            if !is_new {
                return Err(Error::Absent(dir.to_owned()));
            }
            std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)
                .map_err(|source| Error::File { path: path.clone(), source })?;
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(std::time::Duration::from_secs(30));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self { pool, clock })
    }

    /// A transaction that may write.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    pub(super) fn now_us(&self) -> i64 {
        self.clock.now().as_microsecond()
    }

    /// Who this auditor is; none before it enrolled.
    pub(crate) async fn enrolment(&self) -> Result<Option<Enrolment>, Error> {
        Ok(sqlx::query_as(
            "SELECT identity, hub_identity, hub_feed_vkey, hub_address, audit_address
             FROM enrolment
             WHERE id = 1",
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Keeps who this auditor is. The key of the hub is written once.
    pub(super) async fn enrolled(&self, enrolment: &Enrolment) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        let written = sqlx::query(
            "INSERT INTO enrolment (id, identity, hub_identity, hub_feed_vkey, hub_address,
                 audit_address, enrolled_at_us)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET
                 hub_address = excluded.hub_address,
                 audit_address = excluded.audit_address,
                 enrolled_at_us = excluded.enrolled_at_us
             WHERE identity = excluded.identity AND hub_feed_vkey = excluded.hub_feed_vkey",
        )
        .bind(&enrolment.identity)
        .bind(&enrolment.hub_identity)
        .bind(&enrolment.hub_feed_vkey)
        .bind(&enrolment.hub_address)
        .bind(&enrolment.audit_address)
        .bind(self.now_us())
        .execute(&mut *transaction)
        .await?;
        if written.rows_affected() != 1 {
            let en = "this folder belongs to another auditor or another hub; use a new one";
            let fr =
                "ce répertoire est d'un autre auditeur ou d'un autre pivot ; prenez-en un nouveau";
            return Err(Error::Token { en: en.to_owned(), fr: fr.to_owned() });
        }
        Ok(transaction.commit().await?)
    }

    /// The epochs of the hub's feed that were followed, oldest first.
    pub(crate) async fn followed(&self) -> Result<Vec<Followed>, Error> {
        Ok(sqlx::query_as(
            "SELECT epoch, size, edge, checkpoint, frozen FROM hub_epoch ORDER BY epoch",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The leaves of an epoch of the hub's feed, with the key of each entry.
    pub(crate) async fn leaves(&self, epoch: u32) -> Result<Vec<(Vec<u8>, String)>, Error> {
        Ok(sqlx::query_as("SELECT leaf, key FROM entry WHERE epoch = ?1 ORDER BY seq")
            .bind(epoch)
            .fetch_all(&self.pool)
            .await?)
    }

    /// Every checkpoint that was shown, by origin and size.
    pub(crate) async fn seen(&self) -> Result<Vec<Seen>, Error> {
        Ok(sqlx::query_as(
            "SELECT origin, size, root, node_id, feed, epoch, note, proven
             FROM seen
             ORDER BY origin, size",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The checkpoints of which it is not known how they stand to the largest.
    pub(super) async fn pending(&self) -> Result<Vec<Seen>, Error> {
        Ok(sqlx::query_as(
            "SELECT origin, size, root, node_id, feed, epoch, note, proven
             FROM seen
             WHERE proven = 0
             ORDER BY origin, size",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The largest checkpoint of an origin of which it is known.
    pub(super) async fn tip(&self, origin: &str) -> Result<Option<Seen>, Error> {
        Ok(sqlx::query_as(
            "SELECT origin, size, root, node_id, feed, epoch, note, proven
             FROM seen
             WHERE origin = ?1 AND proven = 1
             ORDER BY size DESC
             LIMIT 1",
        )
        .bind(origin)
        .fetch_optional(&self.pool)
        .await?)
    }

    /// How many origins and checkpoints there are, and how many are pending.
    pub(super) async fn counts(&self) -> Result<(i64, i64, i64), Error> {
        Ok(sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM owner_key),
                    (SELECT COUNT(*) FROM seen),
                    (SELECT COUNT(*) FROM seen WHERE proven = 0)",
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The key that was first seen for each origin.
    pub(crate) async fn keys(&self) -> Result<Vec<(String, String)>, Error> {
        Ok(sqlx::query_as("SELECT origin, vkey FROM owner_key ORDER BY origin")
            .fetch_all(&self.pool)
            .await?)
    }

    /// What was found, oldest first.
    pub(crate) async fn findings(&self) -> Result<Vec<Kept>, Error> {
        Ok(sqlx::query_as(
            "SELECT finding_id, what, grave, origin, en, fr, evidence, found_at_us
             FROM finding
             ORDER BY finding_id",
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
