//! A small HTTP client: a place in the service, a token, and answers that say what they are when they are not what
//! was expected.

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::{document, record};

pub(crate) const SCIM: &str = "application/scim+json";
const WEBEX_ERROR: &str = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error";
const PROBLEM: &str = "application/problem+json";

/// A client that knows no authority: to read the machine's takes longer than most tests, and none goes by TLS.
pub(crate) fn without_certificates() -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_certs_only([])
}

/// Somebody who comes in by a door: a prefix of paths and a token.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// Such as `http://127.0.0.1:1234/v1/scim/{org}`.
    pub(crate) url: String,
    token: Option<String>,
    media_type: &'static str,
    tracking_id: Option<&'static str>,
}

impl Client {
    pub(crate) fn new(url: String, token: Option<&str>, media_type: &'static str) -> Self {
        Self {
            http: without_certificates().build().expect("a client"),
            url,
            token: token.map(ToOwned::to_owned),
            media_type,
            tracking_id: None,
        }
    }

    /// The same door, with a TrackingID in every request.
    pub(crate) fn tracked(self, tracking_id: &'static str) -> Self {
        Self {
            tracking_id: Some(tracking_id),
            ..self
        }
    }

    /// The same door, with another token.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(tracking_id) = self.tracking_id {
            request = request.header("TrackingID", tracking_id);
        }
        Call {
            request,
            media_type: self.media_type,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).json(body).send().await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path).json(body).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path).json(body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }
}

/// A request that is being made up.
pub(crate) struct Call {
    request: reqwest::RequestBuilder,
    media_type: &'static str,
}

impl Call {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        let media_type = self.media_type;
        self.body(media_type, body.to_string())
    }

    pub(crate) fn body(mut self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", media_type).body(body);
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let (http, request) = self.request.build_split();
        let request = request.expect("a request");
        let asked = Asked::of(&request);
        let response = http.execute(request).await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a text");
        let answer = Answer {
            status,
            headers,
            text,
            asked,
        };
        record::note(&answer);
        document::judge(&answer);
        answer
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) asked: Asked,
}

/// What of a request its answer depends on.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// With the query.
    pub(crate) path: String,
    media_type: String,
    accept: String,
    has_tracking_id: bool,
    /// A body that is a text.
    pub(crate) body: Option<String>,
}

impl Asked {
    fn of(request: &reqwest::Request) -> Self {
        let url = request.url();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let header = |name| {
            let value = request.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            method: request.method().clone(),
            path: format!("{}{query}", url.path()),
            media_type: header("content-type"),
            accept: header("accept"),
            has_tracking_id: request.headers().contains_key("trackingid"),
            body: request
                .body()
                .and_then(reqwest::Body::as_bytes)
                .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()),
        }
    }

    /// Is it answered as Webex's own service answers?
    pub(crate) fn is_webex(&self) -> bool {
        let is_such_a_client = self.has_tracking_id || self.media_type.starts_with("application/json");
        self.path.starts_with("/identity/scim") && !self.accept.contains(SCIM) && is_such_a_client
    }

    /// Does an error come with Webex's extension?
    fn has_webex_errors(&self) -> bool {
        self.path.starts_with("/identity/scim") && !self.accept.contains(SCIM)
    }

    /// The media type of a SCIM answer: at Webex's base whoever sends `application/json` gets it.
    pub(crate) fn scim(&self) -> &'static str {
        if self.is_webex() && self.media_type.starts_with("application/json") {
            "application/json"
        } else {
            SCIM
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body, which must be JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error} in the body of a {}: {}", self.status, self.text))
    }

    /// The body of an answer with this status; `Null` if it has none.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() {
            return Value::Null;
        }
        self.json()
    }

    /// The detail of a SCIM error (RFC 7644 §3.12) in its full form, at Webex's own base with Webex's extension.
    #[track_caller]
    pub(crate) fn scim_error(&self, status: u16, scim_type: &str) -> String {
        let body = self.expect(status);
        assert_eq!(self.header("content-type"), self.asked.scim());
        let mut expected = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.to_string(),
            "detail": body["detail"],
        });
        if !scim_type.is_empty() {
            expected["scimType"] = scim_type.into();
        }
        if self.asked.has_webex_errors() {
            expected["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:Error", WEBEX_ERROR]);
            let code = body[WEBEX_ERROR]["errorCode"].as_str().unwrap_or_default();
            assert!(code.len() == 6 && code.starts_with(&status.to_string()), "{body}");
            expected[WEBEX_ERROR] = json!({
                "trackingId": self.header("trackingid"), "errorCode": code, "details": body["detail"],
            });
        }
        assert_eq!(body, expected);
        sentence(&body)
    }

    /// The sentence and the number of an error in the form of Webex's REST APIs.
    #[track_caller]
    pub(crate) fn webex_error(&self, status: u16) -> (String, Value) {
        let body = self.expect(status);
        assert_eq!(self.header("content-type"), "application/json");
        let message = body["message"].as_str().unwrap_or_default().to_owned();
        assert!(!message.is_empty(), "an error says what to do: {body}");
        let error = &body["errors"][0];
        assert_eq!(error["description"], message.as_str(), "{body}");
        assert_eq!(body["trackingId"], self.header("trackingid"), "{body}");
        (message, error["errorCode"].clone())
    }

    /// The sentence of an error in Directory Insights' form, which is nothing but that.
    #[track_caller]
    pub(crate) fn message(&self, status: u16) -> String {
        let body = self.expect(status);
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(body.as_object().map(serde_json::Map::len), Some(1), "{body}");
        let message = body["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "an error says what to do: {body}");
        message.to_owned()
    }

    /// The whole of a problem (RFC 9457) with this code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(self.header("content-type"), PROBLEM);
        assert_eq!(body["type"], "about:blank");
        assert_eq!(body["status"], status);
        assert!(
            body["title"].as_str().is_some_and(|title| !title.is_empty()),
            "{body}"
        );
        assert_eq!(body["code"], code, "{body}");
        sentence(&body);
        body
    }
}

#[track_caller]
fn sentence(body: &Value) -> String {
    let detail = body["detail"].as_str().unwrap_or_default();
    assert!(!detail.is_empty(), "an error says what to do: {body}");
    detail.to_owned()
}

/// A value for a query string.
pub(crate) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
