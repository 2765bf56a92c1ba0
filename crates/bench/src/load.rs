//! Load: so many workers, each sending its next request when the last one is answered.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;
use reqwest::RequestBuilder;

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
pub async fn send(
    server: &Server,
    workers: usize,
    count: usize,
    request: impl Fn(usize) -> RequestBuilder + Clone + Send + 'static,
) -> Result<Side> {
    let before = server.cpu()?;
    let side = drive(workers, count, move |at| {
        let request = request(at);
        async move {
            request.send().await?.error_for_status()?.bytes().await?;
            Ok(())
        }
    })
    .await?;
    Ok(Side {
        cpu: server.cpu()?.saturating_sub(before),
        ..side
    })
}
