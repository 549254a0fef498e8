//! One connection to the API, kept open, one request at a time.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use rmd_demo::network::Process;
use serde_json::Value;
use tokio::{net::TcpStream, task::JoinSet};

/// Where an API answers, and what it lets in.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: String,
    pub(crate) token: String,
}

/// What came back, and how long it took from the first byte sent to the last received.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    pub(crate) took: Duration,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).context("read an answer")
    }
}

#[derive(Debug)]
pub(crate) struct Connection {
    target: Target,
    sender: SendRequest<Full<Bytes>>,
    _task: JoinSet<hyper::Result<()>>,
}

impl Connection {
    pub(crate) async fn open(target: &Target) -> Result<Self> {
        let stream = TcpStream::connect(&target.address).await.context("connect")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Ends with this value; what it has to say, the next request says too.
        let mut task = JoinSet::new();
        task.spawn(connection);
        Ok(Self { target: target.clone(), sender, _task: task })
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1{path}"))
            .header(HOST, &self.target.address)
            .header(AUTHORIZATION, format!("Bearer {}", self.target.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        self.sender.ready().await?;
        let begun = Instant::now();
        let response = self.sender.send_request(request).await.context("send a request")?;
        let status = response.status();
        let body = response.into_body().collect().await.context("read an answer")?.to_bytes();
        Ok(Answer { status, body, took: begun.elapsed() })
    }
}

/// How many lots the API says there are.
pub(crate) async fn total(target: &Target) -> Result<u64> {
    let mut connection = Connection::open(target).await?;
    let answer = connection.send(Method::GET, "/lots?limit=1", Bytes::new()).await?;
    ensure!(answer.status == StatusCode::OK, "{}: {:?}", answer.status, answer.body);
    answer.json()?["pagination"]["total"].as_u64().context("read the total")
}

/// Waits until a process listens.
pub(crate) async fn wait_for(address: &str, process: &mut Process) -> Result<()> {
    let ask = || {
        process.check()?;
        Ok(std::net::TcpStream::connect(address).ok())
    };
    rmd_demo::wait::until("the API listens", ask).await.map(drop)
}
