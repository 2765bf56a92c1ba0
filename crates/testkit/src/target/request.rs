//! What was asked: the request, its address, its query.

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::protocol::Refusal;

/// A request with its body read.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) host: String,
    pub(super) authorization: Option<String>,
    pub(super) if_match: Option<String>,
    pub(super) body: String,
}

impl Request {
    /// Path and query, as sent.
    pub(super) fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    fn parameter(&self, name: &str) -> Option<String> {
        self.query.as_deref()?.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            let value = value.replace('+', " ");
            key.eq_ignore_ascii_case(name)
                .then(|| percent_decode_str(&value).decode_utf8_lossy().into_owned())
        })
    }

    fn cursor(&self) -> Option<String> {
        let bare = self.query.as_deref()?.split('&').any(|pair| pair == "cursor");
        self.parameter("cursor").or(bare.then(String::new))
    }

    pub(super) fn json(&self) -> Result<Value, Refusal> {
        serde_json::from_str(&self.body)
            .map_err(|error| Refusal::new(400, "invalidSyntax", format!("the body is not JSON: {error}")))
    }
}

/// What comes before the endpoint, the endpoint, and what comes after it.
pub(super) fn split(path: &str) -> (&str, &str, Option<&str>) {
    const ENDPOINTS: [&str; 6] = [
        "Users",
        "Groups",
        "ServiceProviderConfig",
        "ResourceTypes",
        "Schemas",
        "Bulk",
    ];
    let mut end = path.len();
    let path = path.trim_end_matches('/');
    while let Some(at) = path[..end.min(path.len())].rfind('/') {
        let segment = path[at + 1..].split('/').next().unwrap_or_default();
        if let Some(endpoint) = ENDPOINTS.into_iter().find(|endpoint| *endpoint == segment) {
            let rest = &path[at + 1 + segment.len()..];
            return (
                &path[..at],
                endpoint,
                rest.strip_prefix('/').filter(|id| !id.is_empty()),
            );
        }
        end = at;
    }
    (path, "", None)
}

#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) filter: Option<String>,
    pub(super) start: usize,
    pub(super) count: Option<usize>,
    /// `Some("")` asks for the first page.
    pub(super) cursor: Option<String>,
    pub(super) attributes: Option<Vec<String>>,
    pub(super) excluded: Vec<String>,
}

impl Query {
    pub(super) fn of_url(request: &Request) -> Self {
        let names = |text: String| {
            text.split(',')
                .map(|name| name.trim().to_owned())
                .collect::<Vec<_>>()
        };
        Self {
            filter: request.parameter("filter"),
            start: request
                .parameter("startIndex")
                .and_then(|text| text.parse().ok())
                .unwrap_or(1),
            count: request.parameter("count").map(|text| text.parse().unwrap_or(0)),
            cursor: request.cursor(),
            attributes: request.parameter("attributes").map(names),
            excluded: request
                .parameter("excludedAttributes")
                .map(names)
                .unwrap_or_default(),
        }
    }

    pub(super) fn of_body(body: &Value) -> Self {
        let number = |name: &str| {
            body[name]
                .as_u64()
                .and_then(|number| usize::try_from(number).ok())
        };
        Self {
            filter: body["filter"].as_str().map(str::to_owned),
            start: number("startIndex").unwrap_or(1),
            count: number("count"),
            cursor: body["cursor"].as_str().map(str::to_owned),
            attributes: None,
            excluded: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_found_below_any_prefix() {
        assert_eq!(split("/scim/v2/Users"), ("/scim/v2", "Users", None));
        assert_eq!(split("/Users/a1/"), ("", "Users", Some("a1")));
        assert_eq!(
            split("/identity/scim/o1/v2/Groups/.search"),
            ("/identity/scim/o1/v2", "Groups", Some(".search"))
        );
        assert_eq!(split("/other"), ("/other", "", None));
    }
}
