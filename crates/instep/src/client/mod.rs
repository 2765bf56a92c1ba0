//! The HTTP client of `/api/v1`.
//!
//! Requests are addressed by path segments, so that a name with a slash stays one segment. What the
//! server answers is handed on as it came; commands read the shape they show from it.

mod args;
mod error;
mod import;
mod list;
mod problem;

use std::time::Duration;

use base::{Ambient, CorrelationId};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response};
use serde::Serialize;
use serde_json::Value;
use url::{Host, Url};

pub(crate) use args::{ServerArgs, server_url};
pub(crate) use error::Error;

use crate::failure::{self, Usage};
use problem::Problem;

pub(crate) type Query<'q> = &'q [(&'q str, &'q str)];

/// By which the server knows a request again.
const KEY: &str = "idempotency-key";

/// Between one try and the next, unless the server says how long to wait.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
];

/// A longer pause is announced.
const WORTH_TELLING: Duration = Duration::from_secs(3);

const NO_QUERY: Query<'static> = &[];

/// Speaks to one server in the name of one token.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    server: Url,
}

impl Client {
    pub(crate) fn new(args: &ServerArgs) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization(args)?);
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("instep/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(args.timeout());
        if is_loopback(&args.url) {
            builder = builder.no_proxy();
        }
        Ok(Self {
            http: builder.build()?,
            server: args.url.clone(),
        })
    }

    pub(crate) async fn get(&self, path: &[&str], query: Query<'_>) -> Result<Value, Error> {
        self.call(self.request(Method::GET, path, query)?).await
    }

    pub(crate) async fn post_json(&self, path: &[&str], body: &impl Serialize) -> Result<Value, Error> {
        self.json(Method::POST, path, NO_QUERY, body).await
    }

    pub(crate) async fn json(
        &self,
        method: Method,
        path: &[&str],
        query: Query<'_>,
        body: &impl Serialize,
    ) -> Result<Value, Error> {
        self.call(self.request(method, path, query)?.json(body)).await
    }

    pub(crate) async fn post(&self, path: &[&str], query: Query<'_>) -> Result<Value, Error> {
        self.call(self.request(Method::POST, path, query)?).await
    }

    pub(crate) async fn put(&self, path: &[&str], body: &impl Serialize) -> Result<Value, Error> {
        self.json(Method::PUT, path, NO_QUERY, body).await
    }

    pub(crate) async fn patch(&self, path: &[&str], body: &impl Serialize) -> Result<Value, Error> {
        self.json(Method::PATCH, path, NO_QUERY, body).await
    }

    pub(crate) async fn delete(&self, path: &[&str], query: Query<'_>) -> Result<Value, Error> {
        self.call(self.request(Method::DELETE, path, query)?).await
    }

    fn request(
        &self,
        method: Method,
        path: &[&str],
        query: Query<'_>,
    ) -> Result<reqwest::RequestBuilder, Error> {
        let url = address(&self.server, path)?;
        let request = self.http.request(method, url);
        Ok(if query.is_empty() {
            request
        } else {
            request.query(query)
        })
    }

    /// What may pass is tried again, which does nothing twice: a POST carries a key by which the server knows it again
    /// (`Idempotency-Key`), and the others come to the same.
    async fn call(&self, request: reqwest::RequestBuilder) -> Result<Value, Error> {
        let mut request = self.built(request)?;
        let key: CorrelationId = Ambient::system().id();
        if let Ok(key) = HeaderValue::from_str(&key.to_string()) {
            request.headers_mut().insert(KEY, key);
        }
        for pause in PAUSES {
            let again = request.try_clone();
            let outcome = self.once(request).await;
            let (Err(error), Some(next)) = (&outcome, again) else {
                return outcome;
            };
            request = next;
            if error.is_without_keys() {
                request.headers_mut().remove(KEY);
                return self.once(request).await;
            }
            let Some(pause) = error.pause(pause) else {
                return outcome;
            };
            if pause >= WORTH_TELLING {
                failure::say(&format!("{error}; trying again in {} seconds", pause.as_secs()));
            } else if matches!(error, Error::TooSlow(_)) {
                failure::say(&format!("{error}; trying again"));
            }
            tokio::time::sleep(pause).await;
        }
        self.once(request).await
    }

    fn built(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Request, Error> {
        request
            .build()
            .map_err(|cause| Error::from_transport(&self.server, cause))
    }

    async fn once(&self, request: reqwest::Request) -> Result<Value, Error> {
        let answered = self.http.execute(request).await;
        let response = answered.map_err(|cause| Error::from_transport(&self.server, cause))?;
        self.read(response).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, Error> {
        request
            .send()
            .await
            .map_err(|cause| Error::from_transport(&self.server, cause))
    }

    /// The JSON of a success (null where there is none), or the problem.
    async fn read(&self, response: Response) -> Result<Value, Error> {
        let status = response.status();
        if status.is_redirection() {
            let location = response
                .headers()
                .get(LOCATION)
                .and_then(|value| value.to_str().ok());
            return Err(Error::Moved {
                server: self.server.clone(),
                to: location.unwrap_or("elsewhere").to_owned(),
            });
        }
        let wait = wanted_wait(response.headers());
        let body = response
            .bytes()
            .await
            .map_err(|cause| Error::from_transport(&self.server, cause))?;
        if status.is_success() && body.is_empty() {
            return Ok(Value::Null);
        }
        let strange = || Error::Strange {
            server: self.server.clone(),
            status,
        };
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|_| strange());
        }
        let mut problem: Problem = serde_json::from_slice(&body).map_err(|_| strange())?;
        problem.wait = wait;
        Err(Error::Problem { status, problem })
    }
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3).
fn wanted_wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn authorization(args: &ServerArgs) -> anyhow::Result<HeaderValue> {
    let Some(token) = args.token()? else {
        return Err(Usage::error(
            "no token was given: make one with `instep token create --org ID --name cli --scope instep:admin`, \
             or signed in at the server's /account/token, then set INSTEP_TOKEN or use --token-file FILE",
        ));
    };
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose())).map_err(|_| {
        Usage::error("the token has characters that no token has: copy it again, in one line")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A proxy set in the environment is for the outside world.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The address of a resource of the API. Names that would change the path are refused: URLs drop
/// `.` and `..` even when they are encoded.
fn address(server: &Url, path: &[&str]) -> Result<Url, Error> {
    if let Some(name) = path.iter().find(|segment| matches!(**segment, "" | "." | "..")) {
        return Err(Error::NoName((*name).to_owned()));
    }
    let mut url = server.clone();
    match url.path_segments_mut() {
        Ok(mut segments) => {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        Err(()) => return Err(Error::NoName(server.to_string())),
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    #[test]
    fn a_name_stays_one_segment() {
        let cases = [
            (
                "http://h",
                "anna@example.com",
                "http://h/api/v1/people/anna@example.com",
            ),
            ("http://h/", "a/b?c#d", "http://h/api/v1/people/a%2Fb%3Fc%23d"),
            (
                "https://h/base/",
                "100% Zoë",
                "https://h/base/api/v1/people/100%25%20Zo%C3%AB",
            ),
        ];
        for (server, name, expected) in cases {
            let found = address(&url(server), &["people", name]).map(String::from);
            assert_eq!(found.ok().as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_name_cannot_climb_out_of_its_place() {
        for name in ["", ".", ".."] {
            assert!(address(&url("http://h"), &["people", name]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn loopback_needs_no_proxy() {
        for near in ["http://127.0.0.1:1", "http://[::1]/", "http://localhost:8080"] {
            assert!(is_loopback(&url(near)), "{near}");
        }
        for far in [
            "http://10.0.0.1",
            "https://instep.example.com",
            "http://localhost.example.com",
        ] {
            assert!(!is_loopback(&url(far)), "{far}");
        }
    }
}
