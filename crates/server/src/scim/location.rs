//! Where resources live: under the base path by which the client came.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use base::OrgId;
use http::request::Parts;

use crate::State;

/// The base URL by which the client came, without a trailing slash.
#[derive(Debug, Clone)]
pub struct Base(pub String);

impl Base {
    /// Webex's own base of an organization, for paths that do not name it.
    pub fn identity(state: &State, org: OrgId) -> Self {
        Self(format!("{}/identity/scim/{org}/v2", state.config.public_url))
    }

    pub fn user(&self, id: impl std::fmt::Display) -> String {
        format!("{}/Users/{id}", self.0)
    }

    pub fn group(&self, id: impl std::fmt::Display) -> String {
        format!("{}/Groups/{id}", self.0)
    }
}

impl FromRequestParts<State> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let path = parts.uri.path();
        Ok(Self(format!("{}{}", state.config.public_url, base_path(path))))
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
