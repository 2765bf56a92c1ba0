//! What the parameters of addresses look like; which of them an endpoint takes says [`crate::api::parameters`].

use super::directory::states;
use super::licences;
use super::shape::{Shape, between, count, flag, id, name, text, time, words};
use super::words as w;
use crate::api::{app_import, drift, log, people, plans, saml_traces};

/// What a parameter is, by the path below `/api/v1` and its name. `None`: nobody has said.
pub fn of(path: &str, parameter: &str) -> Option<(Shape, &'static str)> {
    Some(match (path, parameter) {
        (_, "limit") => (between(1, 1_000), "Items on a page at most; 100 if left out"),
        (_, "after") => (text(), "The `next` of the page before"),
        (_, "order") => (words(["asc", "desc"]), "The latest first unless `asc`"),
        (_, "from") => (time(), "Not before this time"),
        (_, "until") => (time(), "Before this time"),
        ("/people", "state") => (states(), "Those in this state"),
        ("/people", "role") => {
            let names = people::administrators().map(access::Role::name);
            let names = names.chain([people::ANY_ROLE]);
            (words(names), "Those with this role, or with any")
        }
        ("/people", "filter") => (text(), "A SCIM filter (RFC 7644 §3.4.2.2)"),
        ("/sessions" | "/grants", "person") | ("/log" | "/saml-traces", "user") => {
            (text(), "Of this person, by id or userName")
        }
        ("/licences/{licence}/people", "state") => {
            (licences::states(), "Those of this state; who has one if left out")
        }
        ("/licence-runs/{run}/items", "state") => (licences::outcomes(), "Only these"),
        ("/licence-templates/organization" | "/licence-templates/groups/{group}", "existing_users") => (
            words(["preserve", "take_away"]),
            "What becomes of what it gave to people who are there: it stays unless `take_away`",
        ),
        ("/people/import", "dry_run") => (flag(), "Changes nothing, and says what would change"),
        ("/apps/{app}" | "/apps/{app}/sso/deactivate", "confirm") => (name(), "The app's name"),
        ("/sso/deactivate", "confirm") => (name(), "The organization's name"),
        ("/apps/{app}" | "/apps/{app}/plan", "accounts") => (
            words(["keep", "disable", "delete"]),
            "What becomes of the accounts at the target",
        ),
        ("/apps/{app}" | "/apps/{app}/plan", "groups") => (
            words(["keep", "delete"]),
            "What becomes of the groups at the target; `delete` only with accounts that go",
        ),
        ("/apps/{app}", "count") => (count(), "How many accounts and groups that concerns"),
        ("/apps/{app}/plan", "all") => (flag(), "Also those with whom nothing is to be done"),
        ("/apps/{app}/plans/{plan}/items", "action") => (words(plans::ACTIONS), "Only these"),
        ("/apps/{app}/plans/{plan}/items", "state") => (
            words(["open", "approved", "applied", "failed", "stale"]),
            "Only these",
        ),
        ("/apps/{app}/drift", "kind") => (drift::kinds(), "Only these"),
        ("/apps/{app}/import/accounts", "new_only") => {
            (flag(), "Only accounts of which people would be made")
        }
        ("/apps/{app}/import/{job}/items", "state") => (app_import::item_states(), "Only these"),
        (_, "kind") => (w::subject(), "Of people, or of groups"),
        ("/log" | "/saml-traces", "app") => (text(), "Of this app, by id or name"),
        ("/saml-traces", "role") => (words(saml_traces::ROLES), "Where we were this, or that"),
        ("/saml-traces", "outcome") => (words(saml_traces::OUTCOMES), "Only these"),
        ("/log", "group") => (
            text(),
            "Of this group, by id or displayName; not together with `user`",
        ),
        ("/log", "cycle") => (id(), "Of this cycle"),
        ("/log", "action") => (words(log::ACTIONS), "Only these"),
        ("/log", "status") => (words(["success", "failure"]), "Only these"),
        ("/events", "type") => (text(), "Only events of this type"),
        _ => return None,
    })
}

/// Must it be there?
pub fn is_required(path: &str, parameter: &str) -> bool {
    let is_confirmed = ["/apps/{app}", "/apps/{app}/sso/deactivate", "/sso/deactivate"].contains(&path);
    is_confirmed && parameter == "confirm"
}

/// What a place in a path stands for. `None`: nobody has said.
pub fn place(place: &str) -> Option<&'static str> {
    Some(match place {
        "person" => "A person, by id or userName; a group where `kind=group` is said",
        "group" => "A group, by id or display name",
        "app" => "An app, by id or name",
        "plan" => "A plan's id, or `latest`",
        "cycle" => "A cycle's id",
        "job" => "An import's id",
        "target" => "An attribute of the target, however it is spelt",
        "preset" => "A preset's name",
        "urn" => "A schema's URN, in any case",
        "licence" => "A licence, by id or name",
        "run" => "A licence run's id",
        "grant" => "A grant's id",
        "client" => "An OAuth client's id",
        "partner" => "The id of a partner, or of an offer to become one",
        "token" => "A token's id",
        "domain" => "A domain of the organization, in any spelling",
        "session" => "A session's id",
        "entry" => "A log entry's id",
        "provider" => "An identity provider, by id or name",
        "certificate" => "A certificate's fingerprint",
        "key" => "A key's id",
        "sso_key" => "The id of a key of the service provider",
        "trace" => "A trace's id",
        _ => return None,
    })
}
