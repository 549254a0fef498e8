//! How far every node is: one reading for the command line and the pages.
//!
//! Reads what follow, registry and share keep and adds nothing, with one
//! exception: `verified` is not remembered but computed at each reading. The
//! signature under the kept checkpoint is checked with the pinned key, and its
//! root compared with that of the kept edge.

pub(crate) mod auditors;

use std::{net::SocketAddr, path::Path};

use jiff::civil::Date;
use rmd_feed::{Checkpoint, FeedVerifier, Origin};
use rmd_link::Identity;
use rmd_runtime::SharedClock;
use serde::Serialize;
use sqlx::AnyConnection;

use crate::{
    api::key,
    config::Config,
    follow::{cursor, exchange},
    registry::{
        node::{self, Node},
        standing::{self, Standing},
    },
    server::lock,
    share::{OwnFeed, delivery, log},
    store::Store,
    verdict::{self, parked},
};

/// Everything that `rmd-hub status` shows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Status {
    /// Day for which statuses count.
    pub(crate) as_of: Date,
    pub(crate) network: String,
    /// The banner of the pages; empty for none.
    pub(crate) notice: Notice,
    pub(crate) store: StoreStatus,
    /// Process that runs the hub; none if it does not run on this state directory.
    pub(crate) pid: Option<u32>,
    pub(crate) nodes: Vec<NodeStatus>,
    pub(crate) bulletins: Bulletins,
    pub(crate) api: ApiStatus,
    pub(crate) audit: auditors::AuditStatus,
}

/// The REST API.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ApiStatus {
    /// As it is configured.
    pub(crate) listen: SocketAddr,
    pub(crate) keys: KeyCounts,
}

/// How many keys there are.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct KeyCounts {
    pub(crate) active: u64,
    pub(crate) expired: u64,
    pub(crate) revoked: u64,
}

/// The banner in both languages.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Notice {
    pub(crate) en: String,
    pub(crate) fr: String,
}

/// The regional store.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StoreStatus {
    pub(crate) kind: &'static str,
    /// As the store itself says it.
    pub(crate) server_version: String,
}

/// One enrolled node.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NodeStatus {
    pub(crate) id: String,
    pub(crate) country: String,
    pub(crate) identity: String,
    pub(crate) address: String,
    /// Whether it is taken, and by whose word.
    pub(crate) standing: Standing,
    /// The other end of the last exchange, as its certificate named it.
    pub(crate) peer: Option<PeerStatus>,
    pub(crate) software_version: Option<String>,
    pub(crate) next_attempt_us: Option<i64>,
    /// Until when the node sends nothing, outside of its state's hours.
    pub(crate) pauses_until_us: Option<i64>,
    pub(crate) last_error: Option<ErrorStatus>,
    pub(crate) feeds: Vec<FeedStatus>,
    pub(crate) shared: SharedStatus,
    /// What the hub finds on the node's own records, and how far it came.
    pub(crate) verdicts: VerdictStatus,
    /// Records that name another one which never came.
    pub(crate) parked: i64,
}

/// The verdicts about the records of one node.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct VerdictStatus {
    /// Records about which one stands, by the gravest finding.
    pub(crate) standing: verdict::Standing,
    #[serde(flatten)]
    pub(crate) delivery: SharedStatus,
}

/// The verified peer.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PeerStatus {
    pub(crate) identity: String,
    pub(crate) tls_version: String,
}

/// A fault as its code and sentence.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ErrorStatus {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// One followed feed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FeedStatus {
    pub(crate) feed: String,
    pub(crate) epoch: u32,
    pub(crate) cursor: u64,
    /// Root at the cursor, lower-case hexadecimal.
    pub(crate) root: String,
    pub(crate) owner_size: u64,
    /// `following` or `frozen`.
    pub(crate) state: String,
    /// The kept checkpoint is signed by the pinned key and has the kept root.
    pub(crate) verified: bool,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) entries: u64,
    /// Entries that the hub refused since the feed began.
    pub(crate) refused: u64,
    /// Records that the owner says it refuses now.
    pub(crate) refused_by_owner: i64,
    /// Records that the owner's brake holds now.
    pub(crate) held: i64,
    /// Rows that the owner knows at its source.
    pub(crate) captured: i64,
    /// Records that the owner says it publishes.
    pub(crate) published: i64,
    /// Rows that are good and do not leave.
    pub(crate) withheld: i64,
    /// Records that the owner publishes in an earlier revision than its source has.
    pub(crate) outdated: i64,
    pub(crate) last_exchange_us: Option<i64>,
}

/// One of the hub's own feeds at one node.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct SharedStatus {
    /// Last seq that the node applied.
    pub(crate) cursor: i64,
    /// Entries given to the node.
    pub(crate) delivered: i64,
    /// Entries that it applied.
    pub(crate) applied: i64,
    pub(crate) next_attempt_us: Option<i64>,
    pub(crate) last_error: Option<ErrorStatus>,
}

/// All bulletins; `delivered` and `applied` count each bulletin once a node.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Bulletins {
    pub(crate) published: i64,
    pub(crate) delivered: i64,
    pub(crate) applied: i64,
}

/// Why there is no status.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The registry.
    #[error(transparent)]
    Registry(#[from] crate::registry::Error),
    /// Bulletins.
    #[error(transparent)]
    Share(#[from] crate::share::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}

/// Reads the status of the hub in `dir`.
pub(crate) async fn read(
    store: &Store,
    dir: &Path,
    config: &Config,
    clock: &SharedClock,
) -> Result<Status, Error> {
    let server_version = store.server_version().await?;
    let mut connection = store.acquire().await?;
    let nodes = nodes(&mut connection).await?;
    let keys = key_counts(&mut connection, clock).await?;
    let audit = auditors::read(&mut connection, config).await?;
    let published = log::signed(log::head(&mut connection, &OwnFeed::shared()).await?.size);
    Ok(Status {
        as_of: clock.today(),
        network: config.network.name.clone(),
        notice: Notice { en: config.portal.banner_en.clone(), fr: config.portal.banner_fr.clone() },
        store: StoreStatus { kind: store.kind().as_str(), server_version },
        pid: lock::holder(dir),
        bulletins: Bulletins {
            published,
            delivered: nodes.iter().map(|node| node.shared.delivered).sum(),
            applied: nodes.iter().map(|node| node.shared.applied).sum(),
        },
        api: ApiStatus { listen: config.api.listen, keys },
        audit,
        nodes,
    })
}

async fn key_counts(
    connection: &mut AnyConnection,
    clock: &SharedClock,
) -> Result<KeyCounts, crate::store::Error> {
    let mut counts = KeyCounts::default();
    for key in key::all(connection, clock.now()).await? {
        *match key.state {
            key::State::Active => &mut counts.active,
            key::State::Expired => &mut counts.expired,
            key::State::Revoked => &mut counts.revoked,
        } += 1;
    }
    Ok(counts)
}

/// Every enrolled node with its feeds.
pub(crate) async fn nodes(connection: &mut AnyConnection) -> Result<Vec<NodeStatus>, Error> {
    let exchanges = exchange::all(connection).await?;
    let deliveries = delivery::all(connection).await?;
    let nodes = node::all(connection).await?;
    let mut standings = standing::all(connection).await?;
    let mut standing = verdict::standing(connection).await?;
    let parked = parked::of_nodes(connection).await?;
    let mut feeds = feeds(connection, &nodes).await?;
    let mut all = Vec::new();
    for node in nodes {
        let exchange = exchanges.iter().find(|exchange| exchange.node_id == node.id);
        let delivery = |feed| {
            deliveries.iter().find(|row| row.node_id == node.id && row.feed == feed).map(shared)
        };
        let (own, rest) = feeds.into_iter().partition(|(id, _)| *id == node.id);
        feeds = rest;
        let own: Vec<(String, FeedStatus)> = own;
        all.push(NodeStatus {
            peer: exchange.and_then(peer),
            software_version: exchange.and_then(|exchange| exchange.software_version.clone()),
            next_attempt_us: exchange.and_then(|exchange| exchange.next_attempt_us),
            pauses_until_us: exchange.and_then(|exchange| exchange.pauses_until_us),
            last_error: exchange.and_then(|exchange| {
                error(exchange.last_error_code.as_ref(), exchange.last_error_message.as_ref())
            }),
            feeds: own.into_iter().map(|(_, feed)| feed).collect(),
            shared: delivery(OwnFeed::SHARED).unwrap_or_default(),
            verdicts: VerdictStatus {
                standing: standing.remove(&node.id).unwrap_or_default(),
                delivery: delivery(OwnFeed::VERDICTS).unwrap_or_default(),
            },
            parked: parked.get(&node.id).copied().unwrap_or_default(),
            standing: standings.remove(&node.id).unwrap_or_default(),
            id: node.id,
            country: node.country,
            identity: node.identity,
            address: node.address,
        });
    }
    Ok(all)
}

async fn feeds(
    connection: &mut AnyConnection,
    nodes: &[Node],
) -> Result<Vec<(String, FeedStatus)>, Error> {
    let entities = exchange::owner_entities(connection).await?;
    let mut feeds = Vec::new();
    for feed in cursor::all(connection).await? {
        let of_feed = || {
            entities
                .iter()
                .filter(|entity| entity.node_id == feed.node_id && entity.feed == feed.feed)
        };
        let node = nodes.iter().find(|node| node.id == feed.node_id);
        let is_verified = node.is_some_and(|node| is_verified(node, &feed.feed, &feed.position));
        feeds.push((
            feed.node_id.clone(),
            FeedStatus {
                verified: is_verified && feed.frozen.is_none(),
                refused_by_owner: of_feed().map(|entity| entity.refused).sum(),
                held: of_feed().map(|entity| entity.held).sum(),
                captured: of_feed().map(|entity| entity.captured).sum(),
                published: of_feed().map(|entity| entity.published).sum(),
                withheld: of_feed().map(|entity| entity.withheld).sum(),
                outdated: of_feed().map(|entity| entity.outdated).sum(),
                feed: feed.feed.clone(),
                epoch: feed.epoch,
                cursor: feed.cursor,
                root: feed.root.clone(),
                owner_size: feed.owner_size,
                state: feed.state.clone(),
                frames: feed.frames,
                bytes: feed.bytes,
                entries: feed.entries,
                refused: feed.refused,
                last_exchange_us: feed.last_exchange_us,
            },
        ));
    }
    Ok(feeds)
}

/// Whether the kept checkpoint proves the kept root. An empty feed proves nothing.
fn is_verified(node: &Node, feed: &str, position: &cursor::Position) -> bool {
    let Some(checkpoint) = &position.checkpoint else { return false };
    let Ok(identity) = node.identity.parse::<Identity>() else { return false };
    let Ok(verifier) = FeedVerifier::parse(&node.feed_vkey) else { return false };
    let origin = Origin::new(&identity.owner(), feed, position.epoch);
    Checkpoint::open(checkpoint, &origin, &verifier, position.cursor).is_ok_and(|checkpoint| {
        checkpoint.size == position.cursor && checkpoint.root == position.edge.root()
    })
}

fn peer(exchange: &exchange::Exchange) -> Option<PeerStatus> {
    Some(PeerStatus {
        identity: exchange.peer_identity.clone()?,
        tls_version: exchange.tls_version.clone()?,
    })
}

fn error(code: Option<&String>, message: Option<&String>) -> Option<ErrorStatus> {
    Some(ErrorStatus { code: code?.clone(), message: message.cloned().unwrap_or_default() })
}

fn shared(delivery: &delivery::Delivery) -> SharedStatus {
    SharedStatus {
        cursor: delivery.cursor,
        delivered: delivery.delivered_seq,
        applied: delivery.cursor,
        next_attempt_us: delivery.next_attempt_us,
        last_error: error(delivery.error_code.as_ref(), delivery.error_message.as_ref()),
    }
}
