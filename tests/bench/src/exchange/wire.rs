//! A wire that counts what goes through it, both ways.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

/// Bytes that a piece may have: what one read of a socket gives.
const PIECE_BYTES: usize = 64 << 10;

/// A listener that hands every connection on and counts what goes either way.
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

    /// TCP payload so far.
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
    let ((from_hub, to_hub), (from_node, to_node)) = (hub.into_split(), node.into_split());
    tokio::select! {
        ended = one_way(from_node, to_hub, counted) => ended,
        ended = one_way(from_hub, to_node, counted) => ended,
    }
}

async fn one_way(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    counted: &AtomicU64,
) -> std::io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        counted.fetch_add(read as u64, Ordering::Relaxed);
        to.write_all(&piece[..read]).await?;
    }
}
