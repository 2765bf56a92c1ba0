//! Webex's addresses.

use crate::settings::choices::Offer;

/// The base URL of the Webex gallery app for an organization.
pub fn base_url(offer: Offer, org_id: &str) -> String {
    let host = match offer {
        Offer::Default => "api.ciscospark.com",
        Offer::Government => GOVERNMENT,
    };
    format!("https://{host}/v1/scim/{org_id}")
}

const GOVERNMENT: &str = "api-usgov.webex.com";

/// Whether the gallery apps' service is there.
pub(super) fn is_legacy(host: &str) -> bool {
    matches!(host, "api.ciscospark.com" | GOVERNMENT)
}

/// Where the service at this host tells when a token expires (developer.webex.com, "Authorizations").
pub(crate) fn token_expiry(host: &str) -> Option<String> {
    let host = match host {
        "api.ciscospark.com" | "webexapis.com" | "identity.webex.com" => "webexapis.com",
        GOVERNMENT => GOVERNMENT,
        _ => return None,
    };
    Some(format!("https://{host}/v1/authorizations/tokenExpiry"))
}
