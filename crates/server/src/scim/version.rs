//! Versions and their preconditions: ETag, If-Match, If-None-Match (RFC 7644 §3.14, RFC 9110 §13).

use axum::extract::FromRequestParts;
use directory::Concurrency;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::Failure;

/// The ETag of a version.
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// The same as a header.
pub fn etag_header(version: i64) -> HeaderValue {
    HeaderValue::from_str(&etag(version)).unwrap_or(HeaderValue::from_static("*"))
}

/// What the client wants to be true of the version.
#[derive(Debug, Default)]
pub struct Preconditions {
    if_match: Option<Wanted>,
    if_none_match: Option<Wanted>,
}

#[derive(Debug)]
enum Wanted {
    Any,
    OneOf(Vec<String>),
}

impl Preconditions {
    /// As if this version were in `If-Match`; any will do without one.
    pub fn of_version(version: Option<&str>) -> Self {
        Self {
            if_match: version.and_then(|version| tags([version].into_iter())),
            if_none_match: None,
        }
    }

    /// May a resource of this version be written? 412 if not.
    pub fn check(&self, version: i64) -> Result<(), Failure> {
        let matches = |wanted: &Wanted| wanted.matches(version);
        if self.if_match.as_ref().is_some_and(|wanted| !matches(wanted))
            || self.if_none_match.as_ref().is_some_and(matches)
        {
            let detail = format!(
                "The resource is at version {}, which the request's condition refuses",
                etag(version)
            );
            return Err(Failure(scim::Error::new(412, detail)));
        }
        Ok(())
    }

    /// Has the client this version already? Then a read is answered 304.
    pub fn not_modified(&self, version: i64) -> bool {
        self.if_none_match
            .as_ref()
            .is_some_and(|wanted| wanted.matches(version))
    }

    /// Must the write fail if somebody else comes first? Not if any version is fine with the client.
    pub fn concurrency(&self) -> Concurrency {
        match self.if_match {
            Some(Wanted::OneOf(_)) => Concurrency::Strict,
            Some(Wanted::Any) | None => Concurrency::Retry,
        }
    }
}

impl Wanted {
    /// Weak comparison (RFC 9110 §8.8.3.2): `W/` and quotes do not count.
    fn matches(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| opaque(tag) == version.to_string()),
        }
    }
}

fn opaque(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/").trim_matches('"')
}

fn wanted(parts: &Parts, name: HeaderName) -> Option<Wanted> {
    let values = parts.headers.get_all(name).iter();
    tags(values.map(|value| value.to_str().unwrap_or_default()))
}

fn tags<'v>(values: impl Iterator<Item = &'v str>) -> Option<Wanted> {
    let tags: Vec<String> = values
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().to_owned())
        .collect();
    if tags.is_empty() {
        return None;
    }
    Some(if tags.iter().any(|tag| tag == "*") {
        Wanted::Any
    } else {
        Wanted::OneOf(tags)
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Preconditions {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            if_match: wanted(parts, IF_MATCH),
            if_none_match: wanted(parts, IF_NONE_MATCH),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preconditions(name: HeaderName, value: &str) -> Preconditions {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.headers.insert(&name, value.parse().expect("a header"));
        Preconditions {
            if_match: wanted(&parts, IF_MATCH),
            if_none_match: wanted(&parts, IF_NONE_MATCH),
        }
    }

    #[test]
    fn versions_are_compared_weakly() {
        for (value, matches) in [
            ("W/\"3\"", true),
            ("\"3\"", true),
            ("\"1\", W/\"3\"", true),
            ("*", true),
            ("W/\"33\"", false),
            ("x", false),
        ] {
            assert_eq!(
                preconditions(IF_MATCH, value).check(3).is_ok(),
                matches,
                "If-Match: {value}"
            );
            assert_eq!(
                preconditions(IF_NONE_MATCH, value).not_modified(3),
                matches,
                "If-None-Match: {value}"
            );
            assert_eq!(
                preconditions(IF_NONE_MATCH, value).check(3).is_err(),
                matches,
                "If-None-Match: {value}"
            );
        }
        assert!(Preconditions::default().check(3).is_ok());
    }
}
