//! What differs between targets on the sending side, in one place: plain SCIM, and Webex's two services.
//!
//! | | plain SCIM | Webex, first (`/v1/scim/{orgId}`) | Webex, second (`/identity/scim/{orgId}/v2`) |
//! |---|---|---|---|
//! | errors | `detail`, `scimType` | also `message` with `errors`, or `error.message[]` | also an extension with `details` |
//! | bulk requests | `Operations`, any method | none that are documented | `operations`, 100 of them, no PUT, `failOnErrors` |
//! | pages asked for | 200 | 100 | 100 |
//! | groups | as announced | none that are documented | yes |
//! | when a token expires | not told | at `webexapis.com` | at `webexapis.com` |
//!
//! Everything else is sent alike, in the one form that all of them take: lower-case `op`, typed values, `type` with every
//! member of a group. What is read is read alike too, so that a target at an unknown address that speaks like Webex is
//! understood. Source: Webex's OpenAPI (`webex-admin.json`, "SCIM 2 Users", "Groups", "Bulk") and its guides for
//! Entra ID and Okta.

mod error;
mod webex;

pub(super) use error::error;
pub use webex::base_url as webex_base_url;
pub(crate) use webex::token_expiry;

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
            ["v1", "scim", _] if webex::is_legacy(host) => Self::WebexLegacy,
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

    /// Accounts asked for at a time, in a list.
    pub(super) fn page(self) -> u64 {
        match self {
            // Its default, and all that is documented.
            Self::WebexV2 | Self::WebexLegacy => 100,
            Self::Scim => 200,
        }
    }

    /// Whether this kind of target is known to have people only.
    pub(crate) fn has_no_groups(self) -> bool {
        self == Self::WebexLegacy
    }

    /// Whether a bulk request may hold PUT.
    pub(crate) fn replaces_in_bulk(self) -> bool {
        self != Self::WebexV2
    }
}

/// Whether there are people only at this address, as far as is documented.
pub(crate) fn has_no_groups(base_url: &str) -> bool {
    BaseUrl::parse(base_url).is_ok_and(|base| Dialect::of(&base).has_no_groups())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_it() {
        for (address, dialect) in [
            ("https://api.ciscospark.com/v1/scim/o1", Dialect::WebexLegacy),
            ("https://api-usgov.webex.com/v1/scim/o1/", Dialect::WebexLegacy),
            ("https://webexapis.com/identity/scim/o1/v2", Dialect::WebexV2),
            (
                "https://identity.webex.com/identity/scim/o1/v2/",
                Dialect::WebexV2,
            ),
            ("https://hub.example.com/identity/scim/o1/v2", Dialect::WebexV2),
            ("https://hub.example.com/v1/scim/o1", Dialect::Scim),
            ("https://wiki.example.com/scim/v2", Dialect::Scim),
            ("https://wiki.example.com", Dialect::Scim),
        ] {
            let base = BaseUrl::parse(address).expect("an address");
            assert_eq!(Dialect::of(&base), dialect, "{address}");
        }
    }

    #[test]
    fn each_has_its_bulk_requests_and_pages() {
        use Dialect::{Scim, WebexLegacy, WebexV2};
        for (dialect, key, errors, most, put, page) in [
            (Scim, "Operations", None, usize::MAX, true, 200),
            (WebexLegacy, "Operations", None, 100, true, 100),
            (WebexV2, "operations", Some(7), 100, false, 100),
        ] {
            let bulk = (
                dialect.bulk_key(),
                dialect.fail_on_errors(7),
                dialect.most_in_bulk(),
            );
            assert_eq!(bulk, (key, errors, most), "{dialect:?}");
            assert_eq!(
                (dialect.replaces_in_bulk(), dialect.page()),
                (put, page),
                "{dialect:?}"
            );
        }
    }
}
