//! Erases what this state answered to a case.
//!
//! An answer is no record: no row at a source holds it, and nothing brings it again. So an
//! order takes it out of the blocks of its feed and out of the table of answers, and what
//! was signed stays: that there was an answer, to which case, and when.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use rmd_feed::{Body, NewEntry, StoredEntry, erase};
use rmd_proto::v1::{self, EntryHeader, Op};
use sqlx::SqliteConnection;

use super::{
    super::{
        Error, Journal,
        answers::REPLY,
        block,
        feeds::{self, ANSWERS, OpenFeed},
    },
    EraseError, Ground, Outcome,
    execute::{Note, pack_again},
    plan::{Leaves, Planned, bundles},
    reason,
};

/// Which answer is to be erased, and who says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplyOrder<'a> {
    /// Key of the answer: case / number.
    pub(crate) reply_key: &'a str,
    pub(crate) ground: Ground,
    /// SHA-256 of the order or request.
    pub(crate) document: Option<[u8; 32]>,
    pub(crate) by: &'a str,
    pub(crate) reason: &'a str,
}

impl Journal {
    /// Says what an order would take of an answer.
    pub(crate) async fn plan_reply_erasure(&self, reply_key: &str) -> Result<Planned, EraseError> {
        let mut snapshot = self.store().readers().begin().await?;
        let given = Given::find(&mut snapshot, reply_key).await?;
        Ok(given.plan(&mut snapshot).await?)
    }

    /// Erases an answer, in one transaction; nothing happens where nothing is left of it.
    pub(crate) async fn erase_reply(&self, order: ReplyOrder<'_>) -> Result<Outcome, EraseError> {
        let mut writing = self.store().write().await;
        let mut transaction = writing.begin().await?;
        let given = Given::find(&mut transaction, order.reply_key).await?;
        let planned = given.plan(&mut transaction).await?;
        if planned.entries.is_empty() {
            return Ok(Outcome { seq: None, planned });
        }
        let seq = ordered(&mut transaction, self, order, &given).await?;
        transaction.commit().await?;
        feeds::forget(self.store(), ANSWERS);
        self.announce();
        tracing::info!(
            entity = REPLY,
            seq,
            payloads = planned.entries.len(),
            ground = order.ground.as_str(),
            "payloads erased"
        );
        Ok(Outcome { seq: Some(seq), planned })
    }
}

/// An answer, and the orders about it.
struct Given {
    key: String,
    /// The entries that say it: one in each epoch in which it was written.
    said: Vec<StoredEntry>,
    orders: Vec<StoredEntry>,
}

impl Given {
    async fn find(connection: &mut SqliteConnection, reply_key: &str) -> Result<Self, EraseError> {
        let said = entries(connection, SAID, reply_key).await?;
        if said.is_empty() {
            return Err(EraseError::NoAnswer(reply_key.to_owned()));
        }
        let mut orders = entries(connection, ORDERED, reply_key).await?;
        // One in a tail that was given up is in no feed any more.
        orders.retain(|order| order.op() == Op::Erase);
        Ok(Self { key: reply_key.to_owned(), said, orders })
    }

    /// The entries that an order names.
    fn meant(&self) -> impl Iterator<Item = &StoredEntry> {
        let orders = self.orders.iter().filter_map(|order| erase::read(order).ok());
        let named: BTreeSet<(u32, u64)> = orders
            .flat_map(|order| order.erased)
            .map(|erased| (erased.epoch, erased.seq))
            .collect();
        self.said.iter().filter(move |entry| match &entry.body {
            Body::Released { payload, .. } => !payload.is_empty(),
            Body::Erased => !named.contains(&(entry.header.epoch, entry.seq())),
        })
    }

    async fn plan(&self, connection: &mut SqliteConnection) -> Result<Planned, Error> {
        let leaves = |entry: &StoredEntry| Leaves {
            epoch: entry.header.epoch,
            seq: entry.seq(),
            rev: entry.header.rev,
            written_at_us: entry.header.captured_at_us,
            bytes: entry.payload().map_or(0, <[u8]>::len),
        };
        let entries: Vec<Leaves> = self.meant().map(leaves).collect();
        let places: Vec<(u32, u64)> = entries.iter().map(|one| (one.epoch, one.seq)).collect();
        let erased = self.said.iter().filter(|entry| entry.body == Body::Erased).count();
        let again = self.meant().filter(|entry| entry.body == Body::Erased).count();
        Ok(Planned {
            entity: REPLY,
            record_key: self.key.clone(),
            feed: ANSWERS,
            erased_before: erased - again,
            held: false,
            source_rows: Vec::new(),
            bundles: bundles(connection, ANSWERS, &places, i64::MAX).await?,
            entries,
        })
    }

    /// Revision and seq of the last entry about it in an epoch; none before the first.
    fn last(&self, epoch: u32) -> (u64, u64) {
        let all = self.said.iter().chain(&self.orders);
        let of_epoch = all.filter(|entry| entry.header.epoch == epoch);
        let last = of_epoch.max_by_key(|entry| entry.seq());
        last.map_or((1, 0), |entry| (entry.header.rev, entry.seq()))
    }
}

/// Where an answer was written.
const SAID: &str = "SELECT epoch, seq FROM case_reply WHERE reply_key = ?1 ORDER BY epoch, seq";

/// Where orders about it were written.
const ORDERED: &str = "SELECT epoch, seq FROM erasure \
     WHERE feed = 'answers' AND entity = 'CaseReply' AND record_key = ?1 \
     ORDER BY epoch, seq";

/// The entries about an answer at the places that a query finds.
async fn entries(
    connection: &mut SqliteConnection,
    places: &'static str,
    reply_key: &str,
) -> Result<Vec<StoredEntry>, Error> {
    let places: Vec<(u32, i64)> =
        sqlx::query_as(places).bind(reply_key).fetch_all(&mut *connection).await?;
    let mut entries = Vec::new();
    for (epoch, seq) in places {
        let entry = block::entry_at(connection, (ANSWERS, epoch), seq.cast_unsigned()).await?;
        entries.extend(entry.filter(|entry| entry.header.key == reply_key));
    }
    Ok(entries)
}

/// Appends the entry of an order and carries it out: the entry's seq.
async fn ordered(
    connection: &mut SqliteConnection,
    journal: &Journal,
    order: ReplyOrder<'_>,
    given: &Given,
) -> Result<u64, Error> {
    let named = |entry: &StoredEntry| v1::ErasedEntry {
        epoch: entry.header.epoch,
        seq: entry.seq(),
        rev: entry.header.rev,
        // Nothing brings it again.
        seal: Vec::new(),
    };
    let message = v1::Erasure {
        ground: order.ground.number().into(),
        document_sha256: order.document.map(Vec::from).unwrap_or_default(),
        erased: given.meant().map(named).collect(),
        executed: None,
    };
    let mut feed = OpenFeed::open(connection, journal.store(), journal.owner(), ANSWERS).await?;
    let (seq, epoch, at) = (feed.size() + 1, feed.epoch(), feed.captured_at_us);
    let (rev, previous_seq) = given.last(epoch);
    let entry = NewEntry {
        entity: REPLY.to_owned(),
        key: given.key.clone(),
        rev: rev + 1,
        op: Op::Erase,
        reason: reason(order.ground.as_str()),
        event_time_us: 0,
        captured_at_us: at,
        mapping_id: String::new(),
        previous_seq,
        payload: message.encode_to_vec(),
    };
    feed.append(connection, journal.owner(), &[entry]).await?;
    let note = Note {
        named: (ANSWERS, REPLY, &given.key),
        epoch,
        seq,
        words: (order.by, order.reason),
        at,
    };
    carry_out(connection, &note, &message).await?;
    Ok(seq)
}

/// Carries out an order that came back from the hub.
pub(super) async fn returned(
    connection: &mut SqliteConnection,
    header: &EntryHeader,
    message: &v1::Erasure,
) -> Result<(), Error> {
    let note = Note {
        named: (ANSWERS, REPLY, &header.key),
        epoch: header.epoch,
        seq: header.seq,
        words: ("", ""),
        at: header.captured_at_us,
    };
    carry_out(connection, &note, message).await
}

async fn carry_out(
    connection: &mut SqliteConnection,
    note: &Note<'_>,
    message: &v1::Erasure,
) -> Result<(), Error> {
    let mut places: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for erased in &message.erased {
        places.entry(erased.epoch).or_default().insert(erased.seq);
        sqlx::query(
            "UPDATE case_reply SET reply = x'' WHERE epoch = ?1 AND seq = ?2 AND reply_key = ?3",
        )
        .bind(erased.epoch)
        .bind(feeds::number(erased.seq)?)
        .bind(note.named.2)
        .execute(&mut *connection)
        .await?;
    }
    for (epoch, seqs) in places {
        pack_again(connection, note.named, epoch, seqs).await?;
    }
    note.keep(connection, message).await
}
