//! A wire that counts what goes through it towards the hub.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Bytes that a piece may have: what one read of a socket gives.
const PIECE_BYTES: usize = 64 << 10;

/// A listener that hands every connection on and counts what comes back.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) address: String,
    bytes: Arc<AtomicU64>,
    /// Ends what it carries with the value.
    _tasks: JoinSet<()>,
}

impl Wire {
    /// Listens on a free port, for the node at `target`.
    pub(super) async fn start(target: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let bytes = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&bytes);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target, counted));
        Ok(Self { address, bytes, _tasks: tasks })
    }

    /// TCP payload from node to hub so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, target: String, counted: Arc<AtomicU64>) {
    let mut connections = JoinSet::new();
    while let Ok((hub, _)) = listener.accept().await {
        let (target, counted) = (target.clone(), Arc::clone(&counted));
        // A connection that ends, ends on both sides; the hub dials again.
        connections.spawn(async move { carry(hub, &target, &counted).await });
        while connections.try_join_next().is_some() {}
    }
}

async fn carry(hub: TcpStream, target: &str, counted: &AtomicU64) -> std::io::Result<()> {
    let node = TcpStream::connect(target).await?;
    hub.set_nodelay(true)?;
    node.set_nodelay(true)?;
    let (mut from_hub, mut to_hub) = hub.into_split();
    let (mut from_node, mut to_node) = node.into_split();
    let back = async {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = from_node.read(&mut piece).await?;
            if read == 0 {
                return to_hub.shutdown().await;
            }
            counted.fetch_add(read as u64, Ordering::Relaxed);
            to_hub.write_all(&piece[..read]).await?;
        }
    };
    tokio::select! {
        ended = back => ended,
        ended = copy(&mut from_hub, &mut to_node) => ended.map(drop),
    }
}
