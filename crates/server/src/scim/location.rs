//! Where resources live: under the base path by which the client came.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use base::OrgId;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use scim::ResourceType;
use scim::webex::{Origin, ProvisionSource};

use crate::State;
use crate::middleware::form::Manner;

/// The base URL by which the client came, and as whom it is answered there.
#[derive(Debug, Clone)]
pub struct Base {
    /// Without a trailing slash.
    pub url: String,
    pub manner: Manner,
}

impl Base {
    /// Webex's own base of an organization, for paths that do not name it.
    pub fn identity(state: &State, org: OrgId, manner: Manner) -> Self {
        let url = format!("{}/identity/scim/{org}/v2", state.config.public_url);
        Self { url, manner }
    }

    /// A resource as it is shown here: Webex's own service says to which organization it belongs and where it came from.
    pub fn shown(
        &self,
        resource: String,
        resource_type: &ResourceType,
        source: Option<ProvisionSource>,
    ) -> String {
        let before = self
            .url
            .strip_suffix("/v2")
            .and_then(|url| url.rsplit('/').next());
        match (self.manner, before.map(str::parse::<OrgId>)) {
            (Manner::Webex, Some(Ok(org))) => {
                let organization = org.to_string();
                scim::webex::with_origin(resource, resource_type, &Origin { organization, source })
            }
            _ => resource,
        }
    }

    pub fn user(&self, id: impl std::fmt::Display) -> String {
        format!("{}/Users/{id}", self.url)
    }

    pub fn group(&self, id: impl std::fmt::Display) -> String {
        format!("{}/Groups/{id}", self.url)
    }
}

impl FromRequestParts<State> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let path = parts.uri.path();
        Ok(Self {
            url: format!("{}{}", state.config.public_url, base_path(path)),
            manner: Manner::of(path, &parts.headers),
        })
    }
}

/// Puts an address into `Location` or `Content-Location`.
pub fn say(headers: &mut HeaderMap, name: HeaderName, address: &str) {
    if let Ok(address) = HeaderValue::from_str(address) {
        headers.insert(name, address);
    }
}

/// `/v1/scim/{org}` or `/identity/scim/{org}/v2` of a path below one of them.
fn base_path(path: &str) -> &str {
    let segments = if path.starts_with("/v1/") { 3 } else { 4 };
    let mut slashes = path.match_indices('/').map(|(at, _)| at).skip(segments);
    slashes.next().map_or(path, |end| &path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bases_are_found() {
        assert_eq!(base_path("/v1/scim/o/Users/1"), "/v1/scim/o");
        assert_eq!(base_path("/v1/scim/o"), "/v1/scim/o");
        assert_eq!(base_path("/identity/scim/o/v2/Users/"), "/identity/scim/o/v2");
        assert_eq!(base_path("/identity/scim/o/v2"), "/identity/scim/o/v2");
    }
}
