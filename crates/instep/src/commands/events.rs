//! `instep log --events`: the event trail, who did what to the directory and its apps.

use serde::Deserialize;
use serde_json::Value;

use crate::output::{table, time};
use crate::plain::plain;

#[derive(Deserialize)]
pub(super) struct Event {
    at: String,
    #[serde(rename = "type")]
    kind: String,
    success: bool,
    resource: Resource,
    actor: Actor,
    #[serde(default)]
    detail: Value,
}

#[derive(Deserialize)]
struct Resource {
    kind: String,
    id: Option<String>,
}

#[derive(Deserialize)]
struct Actor {
    kind: String,
    #[serde(default)]
    name: String,
}

/// Events as a table, in the order in which they are given.
pub(super) fn list_text(events: &[Event]) -> String {
    let row = |event: &Event| {
        let name = event.detail["name"]
            .as_str()
            .or(event.resource.id.as_deref())
            .unwrap_or_default();
        let actor = match event.actor.name.as_str() {
            "" => event.actor.kind.clone(),
            name => format!("{} {name}", event.actor.kind),
        };
        let outcome = if event.success { "success" } else { "failure" };
        [
            time(&event.at),
            event.kind.clone(),
            format!("{} {}", event.resource.kind, plain(name)),
            actor,
            outcome.to_owned(),
        ]
    };
    table(["at", "event", "what", "by", "outcome"], events.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_says_who_did_what() {
        let event = json!({"id": "1", "at": "2026-11-21T09:30:00Z", "type": "user_create", "success": true,
            "resource": {"kind": "user", "id": "7"}, "actor": {"kind": "token", "id": "3", "name": "Entra ID"},
            "detail": {"name": "anna@example.com"}});
        let event: Event = serde_json::from_value(event).expect("an event");
        insta::assert_snapshot!(list_text(&[event]), @r"
        AT                    EVENT        WHAT                   BY              OUTCOME
        2026-11-21 09:30:00Z  user_create  user anna@example.com  token Entra ID  success
        ");
    }
}
