//! Connections of HTTP, bounded in number and time.
//!
//! Owns a listener until the end is asked for. Whoever connects may say nothing,
//! or a byte a minute, or read no answer: a place is taken for that long and no
//! longer. Refuses nothing by address; that is the business of a proxy.

use std::{convert::Infallible, future::Future, io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// What connections may take, at most.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// Open connections; the next ones wait to be accepted.
    connections: usize,
    /// Until the head of a request, the first or the next, must be there.
    head_time: Duration,
    /// How long a connection is used; its client opens another.
    age: Duration,
    /// How long a connection at its end may take to send the last answer.
    leave_time: Duration,
}

impl Default for Bounds {
    /// Twice the requests that are worked on at once, and half of the files that a
    /// process may usually open.
    fn default() -> Self {
        Self {
            connections: 512,
            head_time: Duration::from_secs(30),
            age: Duration::from_mins(10),
            leave_time: Duration::from_mins(1),
        }
    }
}

/// Before the next try, when the system has no more files to open.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves until the end is asked for and every begun request is answered.
///
/// # Errors
/// None: the type is what a lifecycle takes.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
) -> Result<(), Infallible> {
    serve_within(Bounds::default(), listener, router, shutdown).await;
    Ok(())
}

async fn serve_within(
    bounds: Bounds,
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let mut connections = JoinSet::new();
    while let Some((socket, place)) = next(&listener, &places, &shutdown).await {
        while connections.try_join_next().is_some() {}
        connections.spawn(serve_one(bounds, socket, router.clone(), place, shutdown.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// The next connection and its place; none at the end.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    shutdown: &CancellationToken,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = before(shutdown, places.clone().acquire_owned()).await?.ok()?;
    loop {
        match before(shutdown, listener.accept()).await? {
            Ok((socket, _)) => {
                // What an answer ends with must not wait until what it begins with has arrived.
                let _ = socket.set_nodelay(true);
                return Some((socket, place));
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::warn!(error = %error, "connection not accepted");
                before(shutdown, sleep(ACCEPT_PAUSE)).await?;
            }
        }
    }
}

async fn before<T>(shutdown: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    shutdown.run_until_cancelled(work).await
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve_one(
    bounds: Bounds,
    socket: TcpStream,
    router: Router,
    place: OwnedSemaphorePermit,
    shutdown: CancellationToken,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let is_over = tokio::select! {
        // How a connection ended is the client's matter.
        _ = connection.as_mut() => true,
        () = shutdown.cancelled() => false,
        () = sleep(bounds.age) => false,
    };
    if !is_over {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(bounds.leave_time, connection).await;
    }
    drop(place);
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Far longer than any of this takes; a test that hangs fails.
    const PATIENCE: Duration = Duration::from_secs(20);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

    struct Server {
        address: std::net::SocketAddr,
        shutdown: CancellationToken,
        tasks: JoinSet<()>,
    }

    async fn start(bounds: Bounds) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(async || "here"));
        let (shutdown, mut tasks) = (CancellationToken::new(), JoinSet::new());
        tasks.spawn(serve_within(bounds, listener, router, shutdown.clone()));
        Server { address, shutdown, tasks }
    }

    /// What comes until the connection is closed.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut text)).await.unwrap().unwrap();
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn who_says_nothing_or_half_is_let_go_and_the_next_is_served() {
        let head_time = Duration::from_millis(100);
        let server = start(Bounds { connections: 2, head_time, ..Bounds::default() }).await;
        let mut silent = TcpStream::connect(server.address).await.unwrap();
        let mut slow = TcpStream::connect(server.address).await.unwrap();
        slow.write_all(&REQUEST[..20]).await.unwrap();
        let mut third = TcpStream::connect(server.address).await.unwrap();
        third.write_all(REQUEST).await.unwrap();
        assert!(rest(&mut third).await.ends_with("here"));
        assert_eq!(rest(&mut silent).await, "");
        assert!(!rest(&mut slow).await.contains("here"));
    }

    #[tokio::test]
    async fn an_old_connection_ends_and_so_do_all_at_the_end() {
        let age = Duration::from_millis(50);
        let server = start(Bounds { age, ..Bounds::default() }).await;
        let mut old = TcpStream::connect(server.address).await.unwrap();
        assert_eq!(rest(&mut old).await, "");
        let mut server = start(Bounds::default()).await;
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        idle.write_all(REQUEST).await.unwrap();
        let mut begun = [0; 8];
        idle.read_exact(&mut begun).await.unwrap();
        server.shutdown.cancel();
        assert!(rest(&mut idle).await.ends_with("here"));
        timeout(PATIENCE, server.tasks.join_next()).await.unwrap().unwrap().unwrap();
    }
}
