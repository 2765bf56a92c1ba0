//! Serving: the doors open, the engine running, until told to stop.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use anyhow::{Context as _, Result, bail};
use provisioning::{Engine, Peers};
use server::{Config, Proxy, State};
use store::ServeLock;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::wiring::House;
use crate::{housekeeping, licence_runs};

/// A running server with its engine.
pub struct Running {
    pub address: SocketAddr,
    pub public_url: String,
    /// What whoever runs the server should know.
    pub warning: Option<&'static str>,
    engine: Engine,
    housekeeping: JoinHandle<()>,
    post: JoinHandle<()>,
    licence_runs: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
    _lock: ServeLock,
}

/// What `serve` and `demo` say about the way in.
#[derive(Debug, Clone)]
pub struct Doorway {
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    /// TLS ends at a proxy in front, so plain HTTP on any address is meant.
    pub behind_proxy: bool,
    /// So many requests a token may send a minute; nought: as many as it likes.
    pub requests_per_minute: u32,
}

impl Doorway {
    /// TLS that this program does not do is done by a proxy, and then it matters to know that there is one.
    fn warning(&self) -> Option<&'static str> {
        let is_https = self
            .public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"));
        match (is_https, self.behind_proxy) {
            (true, false) => Some(
                "the public URL begins with https://, so a proxy does TLS, but --behind-proxy is not said: all people count as \
                 one network, and share its limit of failed sign-ins",
            ),
            (false, true) => Some(
                "--behind-proxy is said, but --public-url does not begin with https://: cookies are not kept to TLS, and links \
                 lead past it",
            ),
            _ => None,
        }
    }

    /// Plain HTTP is for this machine, or for a proxy that does TLS.
    fn refusal(&self) -> Option<String> {
        let is_open = !self.listen.ip().is_loopback() && !self.behind_proxy;
        is_open.then(|| {
            format!(
                "{} can be reached from other machines and this is plain HTTP: put a TLS proxy in front and say --behind-proxy, \
                 or listen on 127.0.0.1",
                self.listen
            )
        })
    }
}

/// Opens the doors and starts the engine.
pub async fn start(house: &House, doorway: &Doorway) -> Result<Running> {
    if let Some(refusal) = doorway.refusal() {
        bail!(refusal);
    }
    let lock = house.store.serve_lock()?;
    let listener = TcpListener::bind(doorway.listen).await.with_context(|| {
        format!(
            "cannot listen on {}: choose another address with --listen",
            doorway.listen
        )
    })?;
    let address = listener.local_addr()?;
    let public_url = match &doorway.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    let state = State::new(
        Config {
            public_url: public_url.clone(),
            proxy: if doorway.behind_proxy {
                Proxy::InFront
            } else {
                Proxy::None
            },
            requests_per_minute: NonZeroU32::new(doorway.requests_per_minute),
        },
        house.ambient.clone(),
        house.directory.clone(),
        house.access.clone(),
        house.provisioning.clone(),
        house.federation.clone(),
        house.sealers.clone(),
    );
    // Whoever holds the lock on an SQLite file serves it alone; on PostgreSQL others may.
    let peers = if lock.is_exclusive() {
        Peers::None
    } else {
        Peers::Possible
    };
    let engine = Engine::start(house.provisioning.clone(), peers);
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(async move {
        let stopped = async {
            // A dropped sender means the same as a sent word.
            let _ = stopped.await;
        };
        server::serve(listener, &state, stopped).await
    });
    Ok(Running {
        address,
        public_url: public_url.clone(),
        warning: doorway.warning(),
        engine,
        post: house.post.clone().start(public_url),
        licence_runs: licence_runs::start(house.directory.clone()),
        housekeeping: housekeeping::start(
            house.directory.clone(),
            house.access.clone(),
            house.provisioning.clone(),
            house.federation.clone(),
        ),
        stop,
        server,
        _lock: lock,
    })
}

impl Running {
    /// Finishes what is under way, then ends.
    pub async fn stop(self) -> Result<()> {
        let _ = self.stop.send(());
        // What it forgets, it forgets in whole transactions.
        self.housekeeping.abort();
        self.post.abort();
        self.licence_runs.abort();
        self.engine.stop().await;
        self.server.await??;
        Ok(())
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn told_to_stop() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_is_not_said_is_warned_of() {
        for (public_url, behind_proxy, warned) in [
            (Some("https://id.example"), false, true),
            (Some("https://id.example"), true, false),
            (Some("http://id.example"), false, false),
            (None, false, false),
            (None, true, true),
            (Some("http://id.example"), true, true),
        ] {
            let doorway = Doorway {
                listen: crate::arguments::DEFAULT_LISTEN,
                public_url: public_url.map(str::to_owned),
                behind_proxy,
                requests_per_minute: 0,
            };
            assert_eq!(
                doorway.warning().is_some(),
                warned,
                "{public_url:?} {behind_proxy}"
            );
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_or_a_proxy() {
        for (listen, behind_proxy, refused) in [
            ("127.0.0.1:8080", false, false),
            ("[::1]:8080", false, false),
            ("0.0.0.0:8080", false, true),
            ("[::]:8080", false, true),
            ("192.0.2.1:8080", false, true),
            ("0.0.0.0:8080", true, false),
        ] {
            let doorway = Doorway {
                listen: listen.parse().expect("an address"),
                public_url: None,
                behind_proxy,
                requests_per_minute: 0,
            };
            assert_eq!(doorway.refusal().is_some(), refused, "{listen} {behind_proxy}");
        }
    }
}
