//! The client itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base::Secret;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::error::Error;
use crate::guard::{GuardedResolver, Rules, Scheme};
use crate::wire::Wire;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_CONNECTIONS: usize = 64;

/// The client. Cheap to clone; connections are kept and shared.
#[derive(Clone)]
pub struct Outbound {
    rules: Rules,
    tls: reqwest::Client,
    plain: reqwest::Client,
    wire: Arc<Wire>,
}

/// What is to be sent.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    /// Goes into `Authorization`, and nowhere else.
    pub bearer: Option<Secret>,
    /// `user:password` (RFC 7617); goes there instead.
    pub basic: Option<Secret>,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
    /// From the first byte out to the last byte in.
    pub timeout: Duration,
    /// The greatest size of the answer's body, in bytes.
    pub largest_answer: usize,
}

/// Without the body and the other headers: credentials may be in either.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url.as_str())
            .field("body_bytes", &self.body.as_ref().map(Bytes::len))
            .finish_non_exhaustive()
    }
}

impl Request {
    /// A request without body, headers or credentials: 30 seconds, 8 MiB.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            bearer: None,
            basic: None,
            headers: HeaderMap::new(),
            body: None,
            timeout: Duration::from_secs(30),
            largest_answer: 8 << 20,
        }
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

/// An answer of any status.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// An answer whose body is still to come.
#[derive(Debug)]
pub struct Opened {
    pub status: StatusCode,
    pub headers: HeaderMap,
    host: String,
    response: reqwest::Response,
    limit: usize,
    left: usize,
}

impl Opened {
    /// The next piece of the body; `None`: that was all.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.response.chunk().await;
        let chunk = chunk.map_err(|error| Error::from_client(&self.host, &error))?;
        let size = chunk.as_ref().map_or(0, Bytes::len);
        match self.left.checked_sub(size) {
            Some(left) => {
                self.left = left;
                Ok(chunk)
            }
            None => Err(Error::TooLarge {
                host: std::mem::take(&mut self.host),
                limit: self.limit,
            }),
        }
    }

    /// The whole answer.
    pub async fn whole(mut self) -> Result<Response, Error> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status: self.status,
            headers: self.headers,
            body: body.freeze(),
        })
    }
}

impl Outbound {
    pub fn new(rules: Rules) -> Result<Self, Error> {
        Ok(Self {
            rules,
            tls: client(rules, Scheme::Tls)?,
            plain: client(rules, Scheme::Plain)?,
            wire: Arc::new(Wire::start()?),
        })
    }

    /// Whether a request to this URL would be refused by the rules, as far as that is seen without resolving its host.
    pub fn check_url(&self, url: &Url) -> Result<(), Error> {
        self.rules.check_url(url).map(|_| ())
    }

    /// Runs something where requests are sent: on a thread that does nothing else. It ends when nobody waits for it any
    /// more.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Error> {
        self.wire.run(work).await
    }

    /// Sends one request, once. A redirect is an answer like any other.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        self.open(request).await?.whole().await
    }

    /// The same, and the body is read by whoever asked, piece by piece.
    pub async fn open(&self, request: Request) -> Result<Opened, Error> {
        let client = match self.rules.check_url(&request.url)? {
            Scheme::Tls => &self.tls,
            Scheme::Plain => &self.plain,
        };
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let mut builder = client
            .request(request.method, request.url)
            .headers(request.headers)
            .timeout(request.timeout);
        if let Some(bearer) = request.bearer {
            builder = builder.header(header::AUTHORIZATION, credentials("Bearer", bearer.expose())?);
        }
        if let Some(basic) = request.basic {
            let encoded = BASE64_STANDARD.encode(basic.expose());
            builder = builder.header(header::AUTHORIZATION, credentials("Basic", &encoded)?);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let response = builder.send().await;
        let mut response = response.map_err(|error| Error::from_client(&host, &error))?;
        Ok(Opened {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            host,
            response,
            limit: request.largest_answer,
            left: request.largest_answer,
        })
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

fn client(rules: Rules, scheme: Scheme) -> Result<reqwest::Client, Error> {
    let builder = match scheme {
        Scheme::Tls => reqwest::Client::builder(),
        // Who goes without TLS asks no authority.
        Scheme::Plain => reqwest::Client::builder().tls_certs_only([]),
    };
    builder
        .user_agent(concat!("Instep/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .https_only(scheme == Scheme::Tls)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_idle_timeout(Duration::from_secs(30))
        .tcp_nodelay(true)
        .dns_resolver(Arc::new(GuardedResolver { rules, scheme }))
        .build()
        .map_err(|error| Error::Setup(error.to_string()))
}

fn credentials(scheme: &str, text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(&format!("{scheme} {text}"))
        .map_err(|_| Error::Url("the token holds characters that no header may hold".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
