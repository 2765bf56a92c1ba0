//! What differs between targets on the sending side, in one place.

use super::url::BaseUrl;

/// How a target is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// RFC 7643 and RFC 7644, to the letter.
    Scim,
    /// `/v1/scim/{orgId}` at Webex: people only.
    WebexLegacy,
    /// `/identity/scim/{orgId}/v2`, "Webex Identity SCIM 2".
    WebexV2,
}

/// Operations of a bulk request at Webex (webex-admin OpenAPI, "Bulk").
const WEBEX_BULK: usize = 100;

impl Dialect {
    /// Which one is spoken at this address.
    pub(super) fn of(base: &BaseUrl) -> Self {
        let host = base.host();
        let path: Vec<_> = base.path().trim_matches('/').split('/').collect();
        match path.as_slice() {
            [.., "identity", "scim", _, "v2"] => Self::WebexV2,
            ["v1", "scim", _] if matches!(host, "api.ciscospark.com" | "api-usgov.webex.com") => {
                Self::WebexLegacy
            }
            _ => Self::Scim,
        }
    }

    /// What the operations of a bulk request are called.
    pub(super) fn bulk_key(self) -> &'static str {
        match self {
            Self::WebexV2 => "operations",
            Self::Scim | Self::WebexLegacy => "Operations",
        }
    }

    /// The failures after which the rest of a bulk request is not tried; `None`: all is tried.
    pub(super) fn fail_on_errors(self, operations: usize) -> Option<usize> {
        match self {
            // Webex's reference calls it required: more than can fail.
            Self::WebexV2 => Some(operations),
            Self::Scim | Self::WebexLegacy => None,
        }
    }

    /// The most operations of a bulk request, whatever else is known.
    pub(crate) fn most_in_bulk(self) -> usize {
        match self {
            Self::WebexV2 | Self::WebexLegacy => WEBEX_BULK,
            Self::Scim => usize::MAX,
        }
    }

    /// Whether a bulk request may hold PUT.
    pub(crate) fn replaces_in_bulk(self) -> bool {
        self != Self::WebexV2
    }
}
