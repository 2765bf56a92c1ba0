//! Load: so many workers, each sending its next request when the last one is answered.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use http::header::HOST;
use http::{HeaderValue, Uri};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use reqwest::RequestBuilder;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::report::Side;
use crate::server::Server;

/// Does `count` pieces of work with `workers` at a time; the piece is told its number.
pub async fn drive<F, W>(workers: usize, count: usize, work: W) -> Result<Side>
where
    W: Fn(usize) -> F + Clone + Send + 'static,
    F: Future<Output = Result<()>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..workers)
        .map(|_| {
            let (next, work) = (next.clone(), work.clone());
            tokio::spawn(async move {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        return Ok::<_, anyhow::Error>(());
                    }
                    work(at).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(Side {
        done: count as u64,
        wall: started.elapsed(),
        ..Side::default()
    })
}

/// Sends requests to a server; counts its CPU time too.
///
/// Each worker has a connection and nothing else around it: client and server share the machine, and what the client
/// costs is taken from the server's rate.
pub async fn send(
    server: &Server,
    workers: usize,
    count: usize,
    request: impl Fn(usize) -> RequestBuilder + Clone + Send + 'static,
) -> Result<Side> {
    let mut lines = Vec::new();
    for _ in 0..workers {
        lines.push(Mutex::new(Line::to(&server.url).await?));
    }
    let lines = Arc::new(lines);
    let before = server.cpu()?;
    let side = drive(workers, count, move |at| {
        let (lines, request) = (Arc::clone(&lines), request(at));
        // Whoever has one of so many connections is one of so many workers: some line is free.
        async move {
            let free = lines.iter().find_map(|line| line.try_lock().ok());
            free.context("a connection for each worker")?.ask(request).await
        }
    })
    .await?;
    Ok(Side {
        cpu: server.cpu()?.saturating_sub(before),
        ..side
    })
}

/// A connection to a server.
struct Line {
    host: HeaderValue,
    sender: SendRequest<reqwest::Body>,
}

impl Line {
    async fn to(url: &str) -> Result<Self> {
        let uri: Uri = url.parse()?;
        let host = uri.authority().context("an address")?.as_str();
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let host = HeaderValue::from_str(host)?;
        Ok(Self { host, sender })
    }

    async fn ask(&mut self, request: RequestBuilder) -> Result<()> {
        let mut request: http::Request<reqwest::Body> = request.build()?.try_into()?;
        let target = request.uri().path_and_query().context("a path")?.as_str();
        *request.uri_mut() = target.parse()?;
        request.headers_mut().insert(HOST, self.host.clone());
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        if !answer.status().is_success() {
            bail!("answered {}", answer.status());
        }
        answer.into_body().collect().await?;
        Ok(())
    }
}
