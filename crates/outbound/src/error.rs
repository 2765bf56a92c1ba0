//! Why no answer came, told apart by what the caller must do about it.

use std::error::Error as _;
use std::net::IpAddr;

/// Whether the other side may have acted on a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nothing left this machine.
    No,
    /// Some or all of it may have arrived.
    Perhaps,
}

/// No answer. (An answer of any status is a [`crate::Response`].)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not a usable address: {0}")]
    Url(String),
    #[error("requests to {address} are refused: {why}")]
    Refused { address: IpAddr, why: &'static str },
    #[error("the host name {host} cannot be resolved: {cause}")]
    Dns { host: String, cause: String },
    #[error("no connection to {host}: {cause}")]
    Connect { host: String, cause: String },
    #[error("no TLS connection to {host}: {cause}")]
    Tls { host: String, cause: String },
    #[error("no answer from {host} within the time allowed")]
    Timeout { host: String, sent: Sent },
    #[error("the connection to {host} was lost: {cause}")]
    Lost { host: String, cause: String },
    #[error("the answer of {host} is larger than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

impl Error {
    /// Whether the other side may have acted on it.
    pub fn sent(&self) -> Sent {
        match self {
            Self::Timeout { sent, .. } => *sent,
            Self::Lost { .. } | Self::TooLarge { .. } => Sent::Perhaps,
            _ => Sent::No,
        }
    }

    pub(crate) fn from_client(host: &str, error: &reqwest::Error) -> Self {
        if let Some(refused) = find::<Self>(error) {
            return refused.clone();
        }
        let (host, cause) = (host.to_owned(), innermost(error));
        if error.is_dns() {
            return Self::Dns { host, cause };
        }
        if error.is_timeout() {
            let sent = if error.is_connect() {
                Sent::No
            } else {
                Sent::Perhaps
            };
            return Self::Timeout { host, sent };
        }
        if error.is_builder() {
            return Self::Url(cause);
        }
        if !error.is_connect() {
            return Self::Lost { host, cause };
        }
        match find::<std::io::Error>(error).map(std::io::Error::kind) {
            Some(std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof) => {
                Self::Tls { host, cause }
            }
            _ => Self::Connect { host, cause },
        }
    }
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |error| (*error).source())
}

fn find<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    chain(error).find_map(|error| error.downcast_ref::<E>())
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}
