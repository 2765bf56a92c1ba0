//! What a client sends: a form (RFC 6749 §3.2), and who it is (§2.3.1).

use access::RegisteredClient;
use axum::extract::Request;
use base::{Origin, Secret};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};

use super::failure::Failure;
use crate::State;
use crate::body::{self, Unreadable};
use crate::middleware::context::RequestIds;
use crate::middleware::errors::SECURITY;

/// Nothing that a client has to say is longer, in bytes.
const MOST: usize = 16 * 1024;

/// A form from a client that is known.
pub struct Form {
    pub client: RegisteredClient,
    pub origin: Origin,
    fields: Fields,
}

impl Form {
    /// Reads it, and asks whether the client is who it says.
    pub async fn read(state: &State, request: Request) -> Result<Self, Failure> {
        let headers = request.headers().clone();
        let ids = request.extensions().get::<RequestIds>();
        let origin = ids.map_or_else(
            || Origin {
                correlation: state.ambient.id(),
                client_ip: None,
            },
            RequestIds::origin,
        );
        let bytes = body::read(request, MOST)
            .await
            .map_err(|unreadable| match unreadable {
                Unreadable::TooLarge(most) => {
                    Failure::request(format!("the form has more than {most} bytes"))
                }
                Unreadable::Slow => Failure::request("the form did not come in time"),
                Unreadable::Broken(_) => Failure::request("the form could not be read"),
            })?;
        if !bytes.is_empty() && !is_form(&headers) {
            return Err(Failure::request(
                "send the form as application/x-www-form-urlencoded",
            ));
        }
        let fields = Fields::read(&bytes);
        let (id, secret) = credentials(&headers, &fields)?;
        let shown = state.access.authenticate_client(&id, secret.as_ref()).await;
        let client = shown.inspect_err(|_| {
            let client_ip = origin.client_ip.map(tracing::field::display);
            tracing::info!(target: SECURITY, client_ip, client = id, "a client could not show who it is");
        })?;
        Ok(Self {
            client,
            origin,
            fields,
        })
    }

    pub fn one(&self, name: &str) -> Result<Option<&Secret>, Failure> {
        self.fields.one(name)
    }

    pub fn needed(&self, name: &str) -> Result<&Secret, Failure> {
        self.one(name)?
            .ok_or_else(|| Failure::request(format!("{name} is missing")))
    }
}

/// The form's fields; an empty one counts as left out (§3.2).
struct Fields(Vec<(String, Secret)>);

impl Fields {
    fn read(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes).filter(|(_, value)| !value.is_empty());
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), Secret::new(value)))
                .collect(),
        )
    }

    /// A field that must not be there twice.
    fn one(&self, name: &str) -> Result<Option<&Secret>, Failure> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        let first = found.next().map(|(_, value)| value);
        if found.next().is_some() {
            return Err(Failure::request(format!("{name} is there twice")));
        }
        Ok(first)
    }
}

/// A page of another site can send `text/plain` in a browser's name without asking; a client sends what it is (§3.2).
fn is_form(headers: &HeaderMap) -> bool {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = text.and_then(|text| text.split(';').next()).unwrap_or_default();
    media_type
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// In the header or in the form, and not in both.
fn credentials(headers: &HeaderMap, fields: &Fields) -> Result<(String, Option<Secret>), Failure> {
    let id = fields.one("client_id")?;
    let secret = fields.one("client_secret")?;
    if let Some(header) = headers.get(AUTHORIZATION) {
        let read = header.to_str().ok().and_then(basic);
        let (user, password) =
            read.ok_or_else(|| Failure::client("the Authorization header is not Basic's"))?;
        if secret.is_some() || id.is_some_and(|id| id.expose() != user) {
            return Err(Failure::request("the client says twice who it is"));
        }
        return Ok((user, Some(password)));
    }
    let id = id.ok_or_else(|| Failure::client("the client does not say who it is"))?;
    Ok((id.expose().to_owned(), secret.cloned()))
}

/// User and password, of which each is encoded as in a form.
fn basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, text) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(text.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((decoded(user)?, Secret::new(decoded(password)?)))
}

fn decoded(text: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    let (name, value) = pairs.next()?;
    (value.is_empty() && pairs.next().is_none()).then(|| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read() {
        let read = |text: &str| {
            let header = format!("Basic {}", BASE64_STANDARD.encode(text));
            basic(&header).map(|(user, password)| (user, password.expose().to_owned()))
        };
        assert_eq!(read("C1:s-_2"), Some(("C1".to_owned(), "s-_2".to_owned())));
        assert_eq!(read("a%3Ab:c+d"), Some(("a:b".to_owned(), "c d".to_owned())));
        assert_eq!(read("nothing"), None);
        assert!(basic("Bearer x").is_none());
        assert!(basic("Basic ===").is_none());
    }

    #[test]
    fn only_forms_are_read() {
        for (media_type, good) in [
            ("application/x-www-form-urlencoded", true),
            ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", true),
            ("text/plain", false),
            ("application/json", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, media_type.parse().expect("a header"));
            assert_eq!(is_form(&headers), good, "{media_type}");
        }
        assert!(!is_form(&HeaderMap::new()));
    }

    #[test]
    fn who_it_is_is_said_once() {
        let fields = |text: &str| Fields::read(text.as_bytes());
        let mut headers = HeaderMap::new();
        assert!(credentials(&headers, &fields("")).is_err());
        assert!(credentials(&headers, &fields("client_id=a&client_id=a")).is_err());
        let (id, secret) = credentials(&headers, &fields("client_id=a")).expect("public");
        assert_eq!((id.as_str(), secret.is_none()), ("a", true));
        let header = format!("Basic {}", BASE64_STANDARD.encode("a:b"));
        headers.insert(AUTHORIZATION, header.parse().expect("a header"));
        assert!(credentials(&headers, &fields("client_id=a")).is_ok());
        assert!(credentials(&headers, &fields("client_id=b")).is_err());
        assert!(credentials(&headers, &fields("client_id=a&client_secret=b")).is_err());
    }
}
