//! Asking the DNS for TXT records (RFC 1035 §3.3.14): by the resolver that this machine uses, or one that the operator names.
//!
//! Nothing is kept from one question to the next: whoever asks has just changed what the answer is to be. An answer that was
//! cut short is asked for again over TCP; an alias (CNAME) leads to the records of the name that it stands for.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};

/// How long one server has for one answer, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 2;
/// How long one question takes at most, however many servers there are.
const LONGEST: Duration = Duration::from_secs(12);

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DnsServer {
    /// Those of `/etc/resolv.conf`.
    #[default]
    System,
    At(SocketAddr),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TxtError {
    /// NXDOMAIN.
    #[error("there is no such name")]
    NoSuchName,
    /// SERVFAIL, REFUSED and the like: the server's word, or what was wrong with its answer.
    #[error("the DNS server answered {0}")]
    ServerFailed(String),
    #[error("no DNS server answered in time")]
    TimedOut,
    /// No server is known or can be reached.
    #[error("the DNS cannot be asked: {0}")]
    Unusable(String),
}

/// Asks the DNS; cheap to clone.
#[derive(Clone)]
pub struct Dns {
    /// Or why there is none: a machine without a resolver does all else.
    resolver: Result<Arc<TokioResolver>, String>,
}

impl Dns {
    pub fn new(server: DnsServer) -> Self {
        Self::patient(server, PATIENCE)
    }

    /// The same with another time for one answer.
    pub fn patient(server: DnsServer, patience: Duration) -> Self {
        let resolver = resolver(server, patience).map(Arc::new);
        Self {
            resolver: resolver.map_err(|error| error.to_string()),
        }
    }

    /// The TXT records of a name, the strings of each joined; none if the name has none.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, TxtError> {
        let resolver = self.resolver.as_ref();
        let resolver = resolver.map_err(|error| TxtError::Unusable(error.clone()))?;
        let mut name = Name::from_ascii(name).map_err(|error| TxtError::Unusable(error.to_string()))?;
        // Below no other name, whatever this machine searches.
        name.set_fqdn(true);
        let asked = tokio::time::timeout(LONGEST, resolver.txt_lookup(name)).await;
        let found = match asked.map_err(|_| TxtError::TimedOut)? {
            Ok(found) => found,
            Err(error) => return told(error),
        };
        let text = |data: &RData| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(found
            .answers()
            .iter()
            .filter_map(|record| text(&record.data))
            .collect())
    }
}

fn resolver(server: DnsServer, patience: Duration) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        DnsServer::System => TokioResolver::builder_tokio()?,
        DnsServer::At(address) => {
            let at = |mut connection: ConnectionConfig| {
                connection.port = address.port();
                connection
            };
            let connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
            let server = NameServerConfig::new(address.ip(), true, connections);
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
                .with_options(ResolverOpts::default())
        }
    };
    let options = builder.options_mut();
    options.timeout = patience;
    options.attempts = ATTEMPTS;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

fn told(error: NetError) -> Result<Vec<String>, TxtError> {
    let error = match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NoError => return Ok(Vec::new()),
            ResponseCode::NXDomain => TxtError::NoSuchName,
            other => TxtError::ServerFailed(word(other)),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => TxtError::ServerFailed(word(code)),
        NetError::Timeout => TxtError::TimedOut,
        NetError::Io(error) if error.kind() == io::ErrorKind::TimedOut => TxtError::TimedOut,
        NetError::Io(error) => TxtError::Unusable(error.to_string()),
        other => TxtError::ServerFailed(other.to_string()),
    };
    Err(error)
}

/// As operators know it.
fn word(code: ResponseCode) -> String {
    match code {
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        other => other.to_string(),
    }
}
