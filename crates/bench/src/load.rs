//! A plain closed-loop client: so many connections, each sends its next request when the last one is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::process::Server;

/// A request without its host and token.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Bytes,
}

impl Plain {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn post(path: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            body: body.into(),
        }
    }
}

/// One connection, kept open.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    address: String,
    token: String,
}

impl Connection {
    pub(crate) async fn open(address: &str, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            address: address.to_owned(),
            token: token.to_owned(),
        })
    }

    pub(crate) async fn send(&mut self, plain: &Plain) -> Result<(StatusCode, Bytes)> {
        let request = Request::builder()
            .method(plain.method.clone())
            .uri(&plain.path)
            .header(http::header::HOST, &self.address)
            .header(http::header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(http::header::CONTENT_TYPE, "application/scim+json")
            .body(Full::new(plain.body.clone()))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) requests: usize,
    pub(crate) wall: Duration,
    /// Of the server's process.
    pub(crate) cpu: Duration,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        ratio(self.requests, self.wall)
    }

    /// Microseconds of the server's CPU.
    pub(crate) fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / count(self.requests)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
pub(crate) fn count(number: usize) -> f64 {
    number as f64
}

pub(crate) fn ratio(number: usize, time: Duration) -> f64 {
    count(number) / time.as_secs_f64()
}

/// Runs chains of requests, each chain's in order, so many chains at a time; every answer must be a success.
pub(crate) async fn chains(
    server: &Server,
    token: &str,
    concurrency: usize,
    chains: Vec<Vec<Plain>>,
) -> Result<Measured> {
    let mut connections = Vec::new();
    for _ in 0..concurrency {
        connections.push(Connection::open(&server.address, token).await?);
    }
    let (chains, next) = (Arc::new(chains), Arc::new(AtomicUsize::new(0)));
    let (cpu_before, started) = (server.cpu()?, Instant::now());
    let mut workers = JoinSet::new();
    for mut connection in connections {
        let (chains, next) = (Arc::clone(&chains), Arc::clone(&next));
        workers.spawn(async move {
            let mut times = Vec::new();
            while let Some(chain) = chains.get(next.fetch_add(1, Ordering::Relaxed)) {
                for plain in chain {
                    let sent = Instant::now();
                    let (status, body) = connection.send(plain).await?;
                    times.push(sent.elapsed());
                    if !status.is_success() {
                        bail!(
                            "{} {}: {status} {}",
                            plain.method,
                            plain.path,
                            String::from_utf8_lossy(&body)
                        );
                    }
                }
            }
            Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = workers.join_next().await {
        times.extend(done??);
    }
    let (wall, cpu) = (started.elapsed(), server.cpu()?.saturating_sub(cpu_before));
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .context("nothing was sent")
    };
    Ok(Measured {
        requests: times.len(),
        wall,
        cpu,
        median: at(50)?,
        p99: at(99)?,
    })
}

pub(crate) async fn all(
    server: &Server,
    token: &str,
    concurrency: usize,
    requests: Vec<Plain>,
) -> Result<Measured> {
    chains(
        server,
        token,
        concurrency,
        requests.into_iter().map(|plain| vec![plain]).collect(),
    )
    .await
}
