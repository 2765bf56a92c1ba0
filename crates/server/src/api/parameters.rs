//! Which parameters the endpoints of the admin API take in their addresses. Any other is refused: one that is misspelt
//! would otherwise change nothing, without a word.

use axum::response::{IntoResponse as _, Response};
use http::{Method, Uri};

use super::{Problem, page};
use crate::middleware::context::Params;

/// Those of an endpoint, by its method and its path below `/api/v1`. Every list takes those of a page.
pub fn of(method: &Method, path: &str) -> &'static [&'static str] {
    match (method.as_str(), path) {
        ("GET", "/people") => &["limit", "after", "filter", "state", "role"],
        ("DELETE", "/licence-templates/organization" | "/licence-templates/groups/{group}") => {
            &["existing_users"]
        }
        ("GET", "/grants" | "/sessions") => &["limit", "after", "person"],
        ("POST", "/people/import") => &["dry_run"],
        ("DELETE", "/apps/{app}") => &["confirm", "accounts", "groups", "count"],
        ("POST", "/apps/{app}/sso/deactivate" | "/sso/deactivate") => &["confirm"],
        ("POST", "/apps/{app}/plan") => &["all", "accounts", "groups"],
        ("GET", "/apps/{app}/plans/{plan}/items") => &["limit", "after", "action", "state"],
        ("GET", "/apps/{app}/why/{person}") => &["kind"],
        ("GET", "/apps/{app}/drift") => &["limit", "after", "kind"],
        ("GET", "/apps/{app}/import/accounts") => &["limit", "after", "new_only"],
        (
            "GET",
            "/apps/{app}/import/{job}/items" | "/licences/{licence}/people" | "/licence-runs/{run}/items",
        ) => &["limit", "after", "state"],
        (_, "/apps/{app}/mappings" | "/apps/{app}/mappings/{target}" | "/apps/{app}/restore-mappings") => {
            &["kind"]
        }
        ("GET", "/log") => &[
            "limit", "after", "order", "app", "user", "group", "cycle", "action", "status", "from", "until",
        ],
        ("GET", "/saml-traces") => &[
            "limit", "after", "role", "app", "user", "outcome", "from", "until",
        ],
        ("GET", "/events") => &["limit", "after", "order", "type", "from", "until"],
        (
            "GET",
            "/groups"
            | "/groups/{group}/members"
            | "/apps"
            | "/apps/{app}/plans"
            | "/apps/{app}/import"
            | "/apps/{app}/cycles"
            | "/apps/{app}/assignments"
            | "/apps/{app}/sso/keys"
            | "/presets"
            | "/schemas"
            | "/licences"
            | "/licence-templates"
            | "/licence-runs"
            | "/licence-report"
            | "/people/{person}/licences"
            | "/people/{person}/sso-subjects"
            | "/clients"
            | "/tokens"
            | "/partners"
            | "/domains"
            | "/claimed-people"
            | "/mails"
            | "/sso/providers"
            | "/sso/routes"
            | "/sso/keys",
        ) => &["limit", "after"],
        _ => &[],
    }
}

/// Not every list has so many items that it reads the limit.
fn wrong_limit(uri: &Uri, known: &[&str]) -> Option<Response> {
    let wrong = page::limit(&Params::of(uri)).err()?;
    known.contains(&"limit").then(|| wrong.into_response())
}

/// What is answered where an address has another parameter than those, or a page that is none.
pub fn refuse_others(uri: &Uri, known: &[&str]) -> Option<Response> {
    let query = uri.query().unwrap_or_default();
    let mut names = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    let other = names.find(|name| !known.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let Some(other) = other else {
        return wrong_limit(uri, known);
    };
    let there_are = match known {
        [] => "it takes none".to_owned(),
        [only] => format!("it takes {only}"),
        [others @ .., last] => format!("it takes {} and {last}", others.join(", ")),
    };
    let detail = format!("This address takes no parameter {other:?}: {there_are}");
    let problem = Problem::bad_request("parameter.unknown", detail).param("parameter", other);
    Some(problem.into_response())
}
