//! Carries an order out: the entry, the blocks, and every table.
//!
//! An order of this node appends its entry; one that came back from the hub, after
//! the store was restored from an older copy, is in the feed already. Both go the
//! same way from there. Nothing here commits.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use rmd_feed::{StoredEntry, erase};
use rmd_proto::v1::{self, Op};
use rmd_standard::Entity;
use sqlx::SqliteConnection;

use super::{
    super::{
        Error, Journal,
        answers::REPLY,
        block,
        feeds::{OpenFeed, number},
        state::RecordState,
    },
    Ground, Order,
    clear::{self, Standing},
    entry,
    plan::Subject,
    reply,
};

/// Appends the entry of an order and carries it out: the entry's seq and instant.
pub(super) async fn ordered(
    connection: &mut SqliteConnection,
    journal: &Journal,
    order: Order<'_>,
    subject: &Subject,
) -> Result<(u64, i64), Error> {
    let Subject { entity, record, .. } = subject;
    let (store, owner) = (journal.store(), journal.owner());
    let sealed = |entry: &StoredEntry| v1::ErasedEntry {
        epoch: entry.header.epoch,
        seq: entry.seq(),
        rev: entry.header.rev,
        // What was erased before has its seal in the table.
        seal: entry.payload().map_or_else(Vec::new, |payload| {
            erase::seal(&owner.key, entity.name(), &record.key, payload).to_vec()
        }),
    };
    let message = v1::Erasure {
        ground: order.ground.number().into(),
        document_sha256: order.document.map(Vec::from).unwrap_or_default(),
        erased: subject.meant().map(sealed).collect(),
        executed: None,
    };
    let mut feed = OpenFeed::open(connection, store, owner, entity.feed()).await?;
    let (seq, at) = (feed.size() + 1, feed.captured_at_us);
    let new = entry(order, (record.rev + 1, record.seq), at, message.encode_to_vec());
    feed.append(connection, owner, &[new]).await?;
    let after = RecordState {
        rev: record.rev + 1,
        seq,
        op: Some(Op::Erase),
        content_hash: Vec::new(),
        ..record.clone()
    };
    let standing = Standing { entity: *entity, before: record.clone(), after };
    carry_out(connection, journal, &standing, &message).await?;
    let note = Note {
        named: (entity.feed(), entity.name(), &record.key),
        epoch: subject.epoch,
        seq,
        words: (order.by, order.reason),
        at,
    };
    note.keep(connection, &message).await?;
    Ok((seq, at))
}

/// Carries out the orders among entries that came back from the hub; the records
/// stand where their last entries put them.
pub(in crate::journal) async fn returned(
    connection: &mut SqliteConnection,
    journal: &Journal,
    orders: &[StoredEntry],
) -> Result<(), Error> {
    for order in orders {
        let header = &order.header;
        // An order of a later version: the hub keeps what it names erased.
        let Ok(message) = erase::read(order) else { continue };
        if header.entity == REPLY {
            reply::returned(connection, header, &message).await?;
            continue;
        }
        let Some(entity) = Entity::from_name(&header.entity) else { continue };
        let Some(record) = clear::record(connection, entity, &header.key).await? else { continue };
        let standing = Standing { entity, before: record.clone(), after: record };
        carry_out(connection, journal, &standing, &message).await?;
        let note = Note {
            named: (entity.feed(), entity.name(), &header.key),
            epoch: header.epoch,
            seq: header.seq,
            words: ("", ""),
            at: header.captured_at_us,
        };
        note.keep(connection, &message).await?;
    }
    Ok(())
}

async fn carry_out(
    connection: &mut SqliteConnection,
    journal: &Journal,
    standing: &Standing,
    message: &v1::Erasure,
) -> Result<(), Error> {
    let Standing { entity, after, .. } = standing;
    let mut places: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for erased in &message.erased {
        places.entry(erased.epoch).or_default().insert(erased.seq);
        keep_seal(connection, *entity, &after.key, &erased.seal).await?;
    }
    for (epoch, seqs) in places {
        let named = (entity.feed(), entity.name(), &*after.key);
        pack_again(connection, named, epoch, seqs).await?;
    }
    clear::clear(connection, journal, standing).await
}

/// Feed, type and key of what is erased.
pub(super) type Named<'a> = (&'a str, &'a str, &'a str);

/// Takes the payloads out of the blocks that hold these entries.
pub(super) async fn pack_again(
    connection: &mut SqliteConnection,
    (feed, entity, record_key): Named<'_>,
    epoch: u32,
    mut seqs: BTreeSet<u64>,
) -> Result<(), Error> {
    while let Some(first) = seqs.first().copied() {
        let Some(block) = block::at(connection, (feed, epoch), first).await? else {
            seqs.remove(&first);
            continue;
        };
        let later = seqs.split_off(&(block.last_seq + 1));
        let is_meant = |entry: &StoredEntry| {
            let header = &entry.header;
            seqs.contains(&entry.seq()) && header.entity == entity && header.key == record_key
        };
        if let Some(erased) = erase::block(feed, epoch, &block, is_meant)? {
            let written = sqlx::query(
                "UPDATE block SET body = ?4 WHERE feed = ?1 AND epoch = ?2 AND first_seq = ?3",
            )
            .bind(feed)
            .bind(epoch)
            .bind(number(block.first_seq)?)
            .bind(erased.now)
            .execute(&mut *connection)
            .await?;
            Error::expect_rows("block", written.rows_affected(), 1)?;
        }
        seqs = later;
    }
    Ok(())
}

/// Keeps by what the content is known again.
pub(super) async fn keep_seal(
    connection: &mut SqliteConnection,
    entity: Entity,
    record_key: &str,
    seal: &[u8],
) -> Result<(), Error> {
    if seal.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO erased_content (entity, record_key, seal) VALUES (?1, ?2, ?3)
         ON CONFLICT (entity, record_key, seal) DO NOTHING",
    )
    .bind(entity.name())
    .bind(record_key)
    .bind(seal)
    .execute(connection)
    .await?;
    Ok(())
}

/// A row of `erasure`.
pub(super) struct Note<'a> {
    pub(super) named: Named<'a>,
    pub(super) epoch: u32,
    pub(super) seq: u64,
    /// By whom, and why.
    pub(super) words: (&'a str, &'a str),
    pub(super) at: i64,
}

impl Note<'_> {
    pub(super) async fn keep(
        &self,
        connection: &mut SqliteConnection,
        message: &v1::Erasure,
    ) -> Result<(), Error> {
        let entries: Vec<(u32, u64, u64)> =
            message.erased.iter().map(|erased| (erased.epoch, erased.seq, erased.rev)).collect();
        // The seq may be that of an entry in a tail that was given up.
        let written = sqlx::query(
            "INSERT OR REPLACE INTO erasure (
                 feed, epoch, seq, entity, record_key, ground, document_sha256, entries,
                 erased_by, reason, erased_at_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )
        .bind(self.named.0)
        .bind(self.epoch)
        .bind(number(self.seq)?)
        .bind(self.named.1)
        .bind(self.named.2)
        .bind(Ground::word(message.ground))
        .bind(hex::encode(&message.document_sha256))
        .bind(serde_json::json!(entries).to_string())
        .bind(self.words.0)
        .bind(self.words.1)
        .bind(self.at)
        .execute(connection)
        .await?;
        Error::expect_rows("erasure", written.rows_affected(), 1)
    }
}
