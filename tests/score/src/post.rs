//! Records to the REST API of a node, many at a time, as national software posts them.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

/// Connections to one node: it writes what waits at the same time as one.
const CONNECTIONS: usize = 24;

/// Where an API answers, and what it lets in.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Host and port.
    pub(crate) address: String,
    /// The token.
    pub(crate) token: String,
}

/// What became of records.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    /// Records that the node took.
    pub(crate) taken: u64,
    /// The first answers that refused one.
    pub(crate) refused: Vec<String>,
}

/// Posts records of one collection.
pub(crate) async fn all(
    target: &Target,
    collection: &'static str,
    bodies: Vec<Bytes>,
) -> Result<Posted> {
    let mut tasks = JoinSet::new();
    let each = bodies.len().div_ceil(CONNECTIONS).max(1);
    for part in bodies.chunks(each) {
        let (target, part) = (target.clone(), part.to_vec());
        tasks.spawn(async move { some(&target, collection, part).await });
    }
    let mut posted = Posted::default();
    while let Some(part) = tasks.join_next().await {
        let part = part.context("post records")??;
        posted.taken += part.taken;
        posted.refused.extend(part.refused);
    }
    Ok(posted)
}

async fn some(target: &Target, collection: &str, bodies: Vec<Bytes>) -> Result<Posted> {
    let stream = TcpStream::connect(&target.address).await.context("connect to a node")?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with this value; what it has to say, the next request says too.
    let mut task = JoinSet::new();
    task.spawn(connection);
    let mut posted = Posted::default();
    for body in bodies {
        match one(&mut sender, target, collection, body).await? {
            None => posted.taken += 1,
            Some(reason) => posted.refused.push(reason),
        }
    }
    Ok(posted)
}

/// Posts a record; the answer, if it was refused.
async fn one(
    sender: &mut SendRequest<Full<Bytes>>,
    target: &Target,
    collection: &str,
    body: Bytes,
) -> Result<Option<String>> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/v1/{collection}"))
        .header(HOST, &target.address)
        .header(AUTHORIZATION, format!("Bearer {}", target.token))
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body))?;
    sender.ready().await?;
    let response = sender.send_request(request).await.context("post a record")?;
    let status = response.status();
    let body = response.into_body().collect().await.context("read an answer")?.to_bytes();
    let text = || String::from_utf8_lossy(&body).chars().take(400).collect::<String>();
    match status {
        StatusCode::CREATED => Ok(None),
        status if status.is_client_error() => Ok(Some(format!("{status} {}", text()))),
        status => bail!("the node answers {status}: {}", text()),
    }
}
