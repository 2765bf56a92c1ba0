//! Slashes too many in a SCIM path. An administrator who ends the base URL with a slash makes many clients send
//! `…//Users`; no SCIM path has an empty part (RFC 7644 §3.2), so there is only one thing that can be meant.

use http::Uri;
use http::uri::PathAndQuery;

use crate::Family;
use crate::middleware::errors;

/// The same address with single slashes, if it is one of the SCIM service and has doubled ones.
pub fn without_doubled(uri: &Uri) -> Option<Uri> {
    if !uri.path().contains("//") {
        return None;
    }
    let mut text = String::with_capacity(uri.path().len());
    for letter in uri.path().chars() {
        if !(letter == '/' && text.ends_with('/')) {
            text.push(letter);
        }
    }
    if let Some(query) = uri.query() {
        text.push('?');
        text.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    let single = Uri::from_parts(parts).ok()?;
    (errors::family(&single) == Family::Scim).then_some(single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scim_paths_lose_slashes() {
        for (given, single) in [
            ("/v1/scim/o//Users", Some("/v1/scim/o/Users")),
            ("//v1///scim/o/Users//u-1//", Some("/v1/scim/o/Users/u-1/")),
            ("/v1/scim/o//Users?a=//&b", Some("/v1/scim/o/Users?a=//&b")),
            (
                "http://host/identity/scim/o/v2//Users",
                Some("http://host/identity/scim/o/v2/Users"),
            ),
            ("/v1/scim/o/Users?filter=a//b", None),
            ("/v1/scim/o/Users/", None),
            ("/api/v1//apps", None),
        ] {
            let uri: Uri = given.parse().expect("an address");
            let found = without_doubled(&uri).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), single, "{given}");
        }
    }
}
