//! Serving: connections come in, are bounded in number and patience, and are let finish at the end.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::State;
use crate::pages::Peer;
use crate::request_line::Mended;
use crate::service::Service;

/// Connections at one time; more wait to be accepted.
const CONNECTIONS: usize = 4_096;
/// How long the head of a request may take, and an idle connection stay without one.
const HEAD: Duration = Duration::from_secs(45);
/// How long requests under way may take to end once the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// The pause after a connection could not be accepted, for want of file descriptors most likely.
const BREATHER: Duration = Duration::from_millis(100);

/// Serves until `stop` completes, then finishes the requests under way, for ten seconds at most.
pub async fn serve(
    listener: TcpListener,
    state: &State,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = Arc::new(Service::new(state));
    let builder = Arc::new(builder());
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = pin!(stop);
    loop {
        let (stream, place) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        connect(stream, place, &builder, &graceful, &service);
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and are cut off");
    }
    Ok(())
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD);
    builder
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}

fn connect(
    stream: TcpStream,
    place: Option<OwnedSemaphorePermit>,
    builder: &Arc<Builder<TokioExecutor>>,
    graceful: &GracefulShutdown,
    service: &Arc<Service>,
) {
    // Only slower without: answers of two packets would wait for each other's acknowledgement.
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().ok().map(Peer);
    let watcher = graceful.watcher();
    let (builder, service) = (Arc::clone(builder), Arc::clone(service));
    tokio::spawn(async move {
        let mended = Arc::new(AtomicBool::new(false));
        let stream = Mended::new(stream, Arc::clone(&mended));
        let answer = service_fn(|mut request: Request<Incoming>| {
            let (service, mended) = (Arc::clone(&service), Arc::clone(&mended));
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            async move {
                let mut response = service.answer(request).await;
                if mended.load(Ordering::Relaxed) {
                    let headers = response.headers_mut();
                    headers.insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response)
            }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), answer);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(error = %error, "a connection ended badly");
        }
        drop(place);
    });
}
