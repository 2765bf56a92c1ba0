//! Versions and their preconditions: ETag, If-Match, If-None-Match (RFC 7644 §3.14, RFC 9110 §13).
//!
//! A resource's version is a number. The version of a person in groups, as an answer shows it that has them in it, goes
//! on with what stands for the groups (`3-9ae16a3b2f90404f`): so a read is not answered 304 when they have changed. A
//! write cannot change them, and compares the number alone.

use std::fmt;

use axum::extract::FromRequestParts;
use directory::Concurrency;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use store::members::Membership;

use super::Failure;

/// The version of a person with these groups in the answer.
pub fn with_groups(version: i64, groups: &[Membership]) -> String {
    if groups.is_empty() {
        return version.to_string();
    }
    let bytes = groups.iter().flat_map(|group| {
        let id = group.group.as_bytes().iter();
        let texts = [group.nesting.as_str(), &group.display_name];
        id.chain(
            texts
                .into_iter()
                .flat_map(|text| text.as_bytes().iter().chain(&[0xff])),
        )
    });
    // FNV-1a: the same on every server.
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{version}-{hash:016x}")
}

/// The ETag of a version.
pub fn etag(version: impl fmt::Display) -> String {
    format!("W/\"{version}\"")
}

/// The same as a header.
pub fn etag_header(version: impl fmt::Display) -> HeaderValue {
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
        let text = version.to_string();
        if self
            .if_none_match
            .as_ref()
            .is_some_and(|wanted| wanted.matches(&text, number))
        {
            return Err(refused(version));
        }
        self.check_read(version)
    }

    /// May it be read? 412 if `If-Match` names other versions (RFC 9110 §13.1.1).
    pub fn check_read(&self, version: i64) -> Result<(), Failure> {
        let text = version.to_string();
        match &self.if_match {
            Some(wanted) if !wanted.matches(&text, number) => Err(refused(version)),
            _ => Ok(()),
        }
    }

    /// Has the client this version already, as it would be shown? Then a read is answered 304.
    pub fn not_modified(&self, shown: impl fmt::Display) -> bool {
        let shown = shown.to_string();
        self.if_none_match
            .as_ref()
            .is_some_and(|wanted| wanted.matches(&shown, str::trim))
    }

    /// Must the write fail if somebody else comes first? Not if any version is fine with the client.
    pub fn concurrency(&self) -> Concurrency {
        match self.if_match {
            Some(Wanted::OneOf(_)) => Concurrency::Strict,
            Some(Wanted::Any) | None => Concurrency::Retry,
        }
    }
}

fn refused(version: i64) -> Failure {
    let detail = format!(
        "The resource is at version {}, which the request's condition refuses",
        etag(version)
    );
    Failure(scim::Error::new(412, detail))
}

impl Wanted {
    /// Weak comparison (RFC 9110 §8.8.3.2): `W/` and quotes do not count. `part` is what of a tag does.
    fn matches(&self, version: &str, part: fn(&str) -> &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| part(opaque(tag)) == version),
        }
    }
}

fn opaque(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/").trim_matches('"')
}

/// The resource's own version, without what stands for groups.
fn number(opaque: &str) -> &str {
    opaque.split_once('-').map_or(opaque, |(number, _)| number)
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
    use base::GroupId;
    use store::members::Nesting;

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

    #[test]
    fn a_read_compares_groups_too() {
        let group = |name: &str, nesting| Membership {
            group: GroupId::from_bytes(&[7; 16]).expect("an id"),
            display_name: name.to_owned(),
            nesting,
        };
        let tags: Vec<String> = [
            vec![],
            vec![group("A", Nesting::Direct)],
            vec![group("B", Nesting::Direct)],
            vec![group("A", Nesting::Indirect)],
            vec![group("A", Nesting::Direct), group("A", Nesting::Direct)],
        ]
        .iter()
        .map(|groups| with_groups(3, groups))
        .collect();
        for (at, tag) in tags.iter().enumerate() {
            let header = etag(tag);
            let equal: Vec<usize> = (0..tags.len())
                .filter(|other| preconditions(IF_NONE_MATCH, &header).not_modified(&tags[*other]))
                .collect();
            assert_eq!(equal, [at], "{header}");
            assert!(preconditions(IF_MATCH, &header).check(3).is_ok(), "{header}");
            assert!(preconditions(IF_MATCH, &header).check(4).is_err(), "{header}");
        }
    }
}
