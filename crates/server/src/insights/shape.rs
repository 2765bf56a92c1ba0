//! An event in Directory Insights' shape.

use base::{Actor, ActorKind, Message, OrgId};
use serde_json::{Map, Value, json};
use store::StoredId as _;
use store::events::{Event, Outcome};

/// What is done with the organization, its people and its settings, signing in here included.
pub const DIRECTORY: &str = "directory";
/// Sign-ins to apps by SAML, and nothing else: `sso_auth`.
pub const SSO: &str = "sso";
pub const SSO_AUTH: &str = "sso_auth";

/// Of which service of Directory Insights an event is.
fn service(event_type: &str) -> &'static str {
    if event_type == SSO_AUTH { SSO } else { DIRECTORY }
}

/// Every field that an event can have.
pub const FIELDS: &[&str] = &[
    "id",
    "event_type",
    "timestamp",
    "service",
    "organization",
    "@version",
    "provider",
    "success",
    "resource",
    "application",
    "idm_client_id",
    "initiated_by",
    "auth_method",
    "changes",
    "members",
    "correlation",
    "error_message",
    "message_chain",
    "plan",
    "provisioning",
    "idp_initiated",
    "sso_token_success",
    "client_ip",
    "useragent",
];

/// What is not known is left out.
pub fn render(org: OrgId, event: &Event) -> Value {
    let detail: Value = serde_json::from_str(&event.doc).unwrap_or_default();
    let mut row = json!({
        "id": event.id,
        "event_type": event.event_type,
        "timestamp": event.at,
        "service": service(&event.event_type),
        "organization": org,
        "@version": "1",
        "provider": null,
        "success": event.outcome == Outcome::Succeeded,
        "resource": resource(org, event, &detail),
        "initiated_by": initiated_by(&event.actor, &detail),
        "correlation": { "id": event.correlation },
        "error_message": error_message(&detail),
    });
    if let Some(application) = application(event, &detail) {
        row["idm_client_id"] = application["id"].clone();
        row["application"] = application;
    }
    if let Some(method) = auth_method(&event.actor) {
        row["auth_method"] = method.into();
    }
    if let Some(changes) = changes(&detail) {
        row["changes"] = changes;
    }
    if detail["members"].is_object() {
        row["members"] = detail["members"].clone();
    }
    if let Some(status) = detail["status"].as_u64() {
        row["message_chain"] = json!({
            "response_code": status.to_string(),
            "response_message": row["error_message"],
        });
    }
    if event.event_type == SSO_AUTH {
        row["idp_initiated"] = detail["idp_initiated"].clone();
        row["sso_token_success"] = detail["sso_token_success"].clone();
    }
    if let Some(address) = &event.client_ip {
        row["client_ip"] = address.as_str().into();
    }
    if detail["useragent"].is_string() {
        row["useragent"] = detail["useragent"].clone();
    }
    if detail["plan"].is_string() {
        row["plan"] = json!({ "id": detail["plan"], "counts": detail["counts"] });
    }
    if detail["action"].is_string() {
        row["provisioning"] = json!({
            "action": detail["action"],
            "remote_id": detail["remote_id"],
            "attempt": detail["attempt"],
            "log_id": detail["log_id"],
        });
    }
    row
}

fn resource(org: OrgId, event: &Event, detail: &Value) -> Value {
    let id = event
        .resource_id
        .and_then(|id| base::SubjectId::from_stored(&id).ok());
    let mut resource = Map::from_iter([
        ("type".to_owned(), kind(event).into()),
        ("id".to_owned(), json!(id)),
    ]);
    match event.resource_kind.as_str() {
        "user" => resource.insert("username".to_owned(), detail["name"].clone()),
        "organization" => resource.insert("id".to_owned(), json!(org)),
        _ => resource.insert("name".to_owned(), detail["name"].clone()),
    };
    Value::Object(resource)
}

fn kind(event: &Event) -> &str {
    match event.resource_kind.as_str() {
        "app" => "application",
        other => other,
    }
}

fn application(event: &Event, detail: &Value) -> Option<Value> {
    if detail["application"].is_object() {
        return Some(detail["application"].clone());
    }
    let id = event.resource_id.filter(|_| event.resource_kind == "app")?;
    let id = base::SubjectId::from_stored(&id).ok()?;
    Some(json!({ "id": id, "name": detail["name"] }))
}

fn initiated_by(actor: &Actor, detail: &Value) -> Value {
    let kind = match actor.kind {
        ActorKind::System => "system",
        // Whoever holds a token, or sits at the machine, acts as an admin.
        ActorKind::Operator | ActorKind::Token => "admin",
        ActorKind::User => "user",
        ActorKind::App | ActorKind::Client => "application",
    };
    let mut by = json!({ "type": kind });
    if !actor.id.is_empty() {
        by["id"] = actor.id.clone().into();
    }
    if !actor.name.is_empty() {
        by["name"] = actor.name.clone().into();
    }
    if let Some(source) = detail["source"].as_str() {
        by["source"] = format!("instep:{source}").into();
    }
    by
}

fn auth_method(actor: &Actor) -> Option<&'static str> {
    match actor.kind {
        ActorKind::Token => Some("api-key"),
        ActorKind::User => Some("session"),
        ActorKind::System | ActorKind::Operator | ActorKind::App | ActorKind::Client => None,
    }
}

fn changes(detail: &Value) -> Option<Value> {
    if detail["changes"].is_array() {
        return Some(detail["changes"].clone());
    }
    let settings = detail["settings"].as_object()?;
    let one = |(field, to): (&String, &Value)| json!({ "field": field, "to": to });
    Some(settings.iter().map(one).collect())
}

fn error_message(detail: &Value) -> Option<String> {
    if let Some(reason) = detail["reason"].as_str() {
        return Some(reason.to_owned());
    }
    if let Some(text) = detail["error"].as_str() {
        return Some(text.to_owned());
    }
    let message: Message = serde_json::from_value(detail["error"].clone()).ok()?;
    Some(provisioning::text(&message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Ambient;

    #[test]
    fn every_field_is_in_the_list() {
        let ambient = Ambient::system();
        let event = Event {
            id: ambient.id(),
            at: ambient.now(),
            event_type: "user_create_provision".to_owned(),
            outcome: Outcome::Failed,
            resource_kind: "user".to_owned(),
            resource_id: Some([7; 16]),
            doc: json!({
                "name": "anna", "application": { "id": "1", "name": "Webex" }, "action": "create", "source": "scim", "plan": "5",
                "changes": [], "members": {}, "status": 409, "error": { "code": "target.conflict", "params": { "status": "409" } },
                "useragent": "Mozilla",
            })
            .to_string(),
            actor: Actor::new(ActorKind::Token, "3", "Entra ID"),
            correlation: ambient.id(),
            client_ip: Some("192.0.2.1".to_owned()),
        };
        let row = render(ambient.id(), &event);
        let row = row.as_object().expect("an object");
        let sign_in = Event {
            event_type: SSO_AUTH.to_owned(),
            doc: json!({ "name": "wiki", "idp_initiated": true, "sso_token_success": false, "error": "not assigned" })
                .to_string(),
            ..event.clone()
        };
        let sign_in = render(ambient.id(), &sign_in);
        assert_eq!(
            (&row["service"], &sign_in["service"]),
            (&json!("directory"), &json!("sso"))
        );
        assert_eq!(sign_in["error_message"], "not assigned");
        let sign_in = sign_in.as_object().expect("an object");
        let mut names: Vec<_> = row.keys().chain(sign_in.keys()).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        let mut listed = FIELDS.to_vec();
        listed.sort_unstable();
        assert_eq!(names, listed);
        assert_eq!(row["initiated_by"]["source"], "instep:scim");
        assert_eq!(row["resource"]["username"], "anna");
        assert_eq!(row["message_chain"]["response_code"], "409");
        assert_eq!(row["message_chain"]["response_message"], row["error_message"]);
    }
}
