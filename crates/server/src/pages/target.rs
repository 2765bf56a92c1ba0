//! Where somebody wanted to go who had to sign in first.

use base::OrgId;

use crate::console;
use crate::doors::AUTHORIZE;
use crate::saml;

/// The pages that one can be sent on to.
const PLACES: &[&str] = &[
    "/account",
    "/account/authenticator",
    "/account/confirm",
    "/account/passkey",
    "/account/token",
    "/portal",
    AUTHORIZE[0],
    AUTHORIZE[1],
];

/// A place of our own, with its query; nothing else is ever gone to.
pub fn place(text: &str) -> Option<&str> {
    let path = text.split('?').next().unwrap_or_default();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_known =
        PLACES.contains(&path) || console::is_place(path) || saml::is_place(path) || is_way_out(path);
    (is_known && is_plain && !text.contains('#')).then_some(text)
}

/// `/idb/saml2/{org}/target`, which leads on to what the organization has allowed, and to nothing else.
fn is_way_out(path: &str) -> bool {
    let org = path
        .strip_prefix("/idb/saml2/")
        .and_then(|rest| rest.strip_suffix("/target"));
    org.is_some_and(|org| org.parse::<OrgId>().is_ok())
}

/// The place of ours that leads on to a page of others.
pub fn outside(org: OrgId, to: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("to", to)
        .finish();
    format!("/idb/saml2/{org}/target?{query}")
}

/// The sign-in page that leads on to a place.
pub fn sign_in(to: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("to", to)
        .finish();
    format!("/sign-in?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_away() {
        for (to, goes) in [
            ("/account", true),
            ("/account?a=b%20c", true),
            ("/console", true),
            ("/console/01a204e0-eeba-7231-8b12-6c10661f5115/sso/routes", true),
            ("/console/../sign-out", false),
            ("/console//evil.example", false),
            ("/consoles", false),
            (
                "/idb/oauth2/v1/authorize?redirect_uri=http%3A%2F%2Flocalhost",
                true,
            ),
            ("/v1/authorize?a", true),
            (
                "/idb/saml2/0198c5d4-7b1e-7c3a-9f27-5d1a64c0e9b2/target?to=https%3A%2F%2Fa.example",
                true,
            ),
            ("/idb/saml2/x/target", false),
            ("/idb/saml2/../target", false),
            ("/saml2/wiki/continue?state=a_b-c", true),
            ("/saml2/wiki", false),
            ("/saml2//continue", false),
            ("/saml2/../continue", false),
            ("/saml2/a/b/continue", false),
            ("/v1/authorizations/tokenExpiry", false),
            ("", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example/account", false),
            ("/account/../x", false),
            ("/account#x", false),
            ("/account?\r\nSet-Cookie: a=b", false),
            ("/api/v1/people", false),
        ] {
            assert_eq!(place(to).is_some(), goes, "{to:?}");
        }
    }
}
