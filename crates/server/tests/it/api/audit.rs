//! Every endpoint of the admin API that changes something leaves an event that says who did it, and tells no secret.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use server::{Family, Guard};

use super::text;
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(every_act_is_an_event);

/// What must not be told.
const SECRETS: [&str; 2] = ["another-target-token", "instep_"];

/// What makes something, removes it or sets it off: there was nothing before, or there is nothing afterwards, and the type of
/// the event says what happened to what it names.
const NOTHING_BEFORE: [&str; 26] = [
    "DELETE /apps/{app}",
    "DELETE /apps/{app}/sso/keys/{key}",
    "DELETE /clients/{client}",
    "DELETE /grants/{grant}",
    "DELETE /groups/{group}",
    "DELETE /partners/{partner}",
    "DELETE /people/{person}",
    "DELETE /sessions/{session}",
    "DELETE /tokens/{token}",
    "POST /apps",
    "POST /apps/{app}/activate",
    "POST /apps/{app}/plans",
    "POST /apps/{app}/plans/{plan}/approve",
    "POST /apps/{app}/plans/{plan}/discard",
    "POST /apps/{app}/reconcile",
    "POST /apps/{app}/resume",
    "POST /apps/{app}/retry",
    "POST /apps/{app}/sso/keys",
    "POST /apps/{app}/sync",
    "POST /apps/{app}/synchronization-schema",
    "POST /clients",
    "POST /clients/{client}/secret",
    "POST /groups/{group}/members",
    "POST /partners",
    "POST /people/{person}/invitation",
    "POST /tokens",
];

struct Trail {
    api: Client,
    last: String,
    tried: BTreeSet<String>,
    /// Those of which an event says what was before and what is now.
    compared: BTreeSet<String>,
    told: String,
}

impl Trail {
    /// Does it, and wants an event of it; gives the answer.
    async fn act(&mut self, template: &str, path: &str, body: Value) -> Value {
        let (method, _) = template.split_once(' ').expect("a method");
        let method: Method = method.parse().expect("a method");
        let call = self.api.call(method, path);
        let call = match &body {
            Value::Null => call,
            Value::String(csv) => call.body("text/csv", csv.clone()),
            body => call.json(body),
        };
        let answer = call.send().await;
        assert!((200..300).contains(&answer.status), "{template}: {}", answer.text);
        self.tried.insert(template.to_owned());
        let events = self.api.get("/events?limit=20").await.expect(200);
        let fresh: Vec<_> = events["items"]
            .as_array()
            .expect("a list")
            .iter()
            .take_while(|event| event["id"] != self.last.as_str())
            .collect();
        let by_us = |event: &&&Value| event["actor"]["kind"] == "token" && event["success"] == true;
        assert!(
            fresh.iter().any(|event| by_us(&event)),
            "{template} leaves no event: {fresh:#?}"
        );
        let changes = |event: &&Value| event["detail"]["changes"].as_array().cloned();
        let differs = |change: &Value| change["field"].is_string() && change["from"] != change["to"];
        if fresh
            .iter()
            .copied()
            .filter_map(|event| changes(&event))
            .flatten()
            .any(|change| differs(&change))
        {
            self.compared.insert(template.to_owned());
        }
        text(&fresh[0]["id"]).clone_into(&mut self.last);
        self.told += &fresh.iter().map(ToString::to_string).collect::<String>();
        if answer.text.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    /// Passes over what others have done.
    async fn skip(&mut self) {
        let events = self.api.get("/events?limit=1").await.expect(200);
        text(&events["items"][0]["id"]).clone_into(&mut self.last);
    }
}

async fn every_act_is_an_event(world: &World) {
    let mut trail = Trail {
        last: String::new(),
        api: world.plain.api(),
        tried: BTreeSet::new(),
        compared: BTreeSet::new(),
        told: String::new(),
    };
    trail.skip().await;
    directory(&mut trail).await;
    licences(&mut trail).await;
    domains(&mut trail, world).await;
    sso(&mut trail, world).await;
    app(&mut trail, world).await;
    app_sso(&mut trail).await;
    entrance(&mut trail, world).await;
    for secret in SECRETS {
        assert!(!trail.told.contains(secret), "an event tells a secret");
    }
    assert!(
        !trail.told.contains(&world.webex.token),
        "an event tells a secret"
    );
    let changing: BTreeSet<_> = server::endpoints()
        .into_iter()
        .filter(|endpoint| endpoint.family == Family::Api)
        .filter(|endpoint| endpoint.method != Method::GET)
        .filter(|endpoint| matches!(endpoint.guard, Guard::Needs(permission) if permission.is_to_change()))
        .filter_map(|endpoint| {
            Some(format!(
                "{} {}",
                endpoint.method,
                endpoint.path.strip_prefix("/api/v1")?
            ))
        })
        .collect();
    assert_eq!(trail.tried, changing, "left: what is tried here");
    let silent = changing.difference(&trail.compared);
    let silent: Vec<_> = silent
        .filter(|endpoint| !NOTHING_BEFORE.contains(&endpoint.as_str()))
        .collect();
    assert!(silent.is_empty(), "what was there before is not told: {silent:?}");
}

async fn directory(trail: &mut Trail) {
    let settings = json!({ "settings": { "scim.schemas": "entra" } });
    trail.act("PATCH /organization", "/organization", settings).await;
    let file = "userName,displayName\nanna@example.com,Anna\nbert@example.com,Bert\n";
    trail
        .act("POST /people/import", "/people/import", file.into())
        .await;
    let carla = json!({ "user_name": "carla@example.com", "first_name": "Carla" });
    trail.act("POST /people", "/people", carla).await;
    let anna = "/people/anna@example.com";
    trail
        .act("PATCH /people/{person}", anna, json!({ "active": false }))
        .await;
    trail
        .act(
            "POST /people/{person}/invitation",
            "/people/bert@example.com/invitation",
            Value::Null,
        )
        .await;
    let role = json!({ "role": "id_readonly_admin" });
    trail
        .act("PUT /people/{person}/role", "/people/bert@example.com/role", role)
        .await;
    trail.act("DELETE /people/{person}", anna, Value::Null).await;
    trail
        .act("POST /groups", "/groups", json!({ "display_name": "Staff" }))
        .await;
    let members = json!({ "add": ["bert@example.com"] });
    trail
        .act("POST /groups/{group}/members", "/groups/Staff/members", members)
        .await;
    for (path, name) in [("/groups/Staff", "Crew"), ("/groups/Crew", "Staff")] {
        let name = json!({ "display_name": name });
        trail.act("PATCH /groups/{group}", path, name).await;
    }
    let urn = "/schemas/urn:example:2.0:Badge";
    let schema = json!({ "resource_type": "User", "schema": {
        "id": "urn:example:2.0:Badge", "name": "Badge",
        "attributes": [{ "name": "badge", "type": "string", "multiValued": false }],
    } });
    trail.act("PUT /schemas/{urn}", urn, schema).await;
    trail.act("DELETE /schemas/{urn}", urn, Value::Null).await;
}

async fn licences(trail: &mut Trail) {
    let new = json!({ "name": "Calling", "total": 5 });
    trail.act("POST /licences", "/licences", new).await;
    let change = json!({ "name": "Meetings", "total": 6 });
    trail
        .act("PATCH /licences/{licence}", "/licences/Calling", change)
        .await;
    let of_bert = "/people/bert@example.com/licences";
    for change in [json!({ "add": ["Meetings"] }), json!({ "remove": ["Meetings"] })] {
        trail.act("POST /people/{person}/licences", of_bert, change).await;
    }
    for (template, path) in [
        (
            "/licence-templates/organization",
            "/licence-templates/organization",
        ),
        (
            "/licence-templates/groups/{group}",
            "/licence-templates/groups/Staff",
        ),
    ] {
        let gives = json!({ "licences": ["Meetings"] });
        trail.act(&format!("PUT {template}"), path, gives).await;
        trail.act(&format!("DELETE {template}"), path, Value::Null).await;
    }
    trail
        .act("DELETE /licences/{licence}", "/licences/Meetings", Value::Null)
        .await;
}

async fn domains(trail: &mut Trail, world: &World) {
    let new = json!({ "domain": "northwind.example" });
    trail.act("POST /domains", "/domains", new).await;
    let at = |what: &str| format!("/domains/northwind.example/{what}");
    let renewed = trail
        .act("POST /domains/{domain}/token", &at("token"), Value::Null)
        .await;
    let record = text(&renewed["record"]["value"]);
    world
        .dns
        .set("northwind.example", testkit::dns::Act::txt(&[record]));
    trail
        .act("POST /domains/{domain}/verify", &at("verify"), Value::Null)
        .await;
    let claim = "/domains/{domain}/claim";
    trail
        .act(&format!("POST {claim}"), &at("claim"), Value::Null)
        .await;
    trail
        .act(&format!("DELETE {claim}"), &at("claim"), Value::Null)
        .await;
    trail
        .act(
            "DELETE /domains/{domain}",
            "/domains/northwind.example",
            Value::Null,
        )
        .await;
}

async fn sso(trail: &mut Trail, world: &World) {
    use crate::saml::service_provider::Idp;
    let idp = Idp::new(world, "https://idp.example");
    let new = json!({
        "name": "IdP", "entity_id": idp.entity_id, "certificates": [idp.certificate.to_pem()],
        "settings": { "login_url": "https://idp.example/sso" },
    });
    trail.act("POST /sso/providers", "/sso/providers", new).await;
    let one = "/sso/providers/{provider}";
    let change = json!({ "settings": { "auto_create": true } });
    trail
        .act(&format!("PATCH {one}"), "/sso/providers/IdP", change)
        .await;
    let configuration = json!({ "idp_issuer": "https://other.example" });
    trail
        .act(
            &format!("PUT {one}/configuration"),
            "/sso/providers/IdP/configuration",
            configuration,
        )
        .await;
    let other = Idp::new(world, "https://another.example").certificate;
    let certificate = json!({ "certificate": other.to_pem() });
    trail
        .act(
            &format!("POST {one}/certificates"),
            "/sso/providers/IdP/certificates",
            certificate,
        )
        .await;
    let path = format!("/sso/providers/IdP/certificates/{}", other.fingerprint());
    trail
        .act(
            &format!("DELETE {one}/certificates/{{certificate}}"),
            &path,
            Value::Null,
        )
        .await;
    let untested = json!({ "untested": true });
    trail
        .act(
            &format!("POST {one}/activate"),
            "/sso/providers/IdP/activate",
            untested,
        )
        .await;
    let routes = json!({ "routes": [{ "group": "Staff", "provider": "IdP" }] });
    trail.act("PUT /sso/routes", "/sso/routes", routes).await;
    world.link_subject(&world.plain, "bert@example.com", "IdP").await;
    trail
        .act(
            "DELETE /people/{person}/sso-subjects/{provider}",
            "/people/bert@example.com/sso-subjects/IdP",
            Value::Null,
        )
        .await;
    let settings = json!({ "settings": { "attendees": true } });
    trail.act("PATCH /sso", "/sso", settings).await;
    trail
        .act("POST /sso/activate", "/sso/activate", Value::Null)
        .await;
    trail
        .act(
            "POST /sso/deactivate",
            "/sso/deactivate?confirm=Northwind",
            Value::Null,
        )
        .await;
    trail
        .act(
            &format!("POST {one}/deactivate"),
            "/sso/providers/IdP/deactivate",
            Value::Null,
        )
        .await;
    trail
        .act(&format!("DELETE {one}"), "/sso/providers/IdP", Value::Null)
        .await;
    let kind = json!({ "kind": "ec_p256" });
    let first = trail.act("POST /sso/keys", "/sso/keys", kind.clone()).await;
    let second = trail.act("POST /sso/keys", "/sso/keys", kind).await;
    let promote = format!("/sso/keys/{}/promote", text(&second["id"]));
    trail
        .act("POST /sso/keys/{sso_key}/promote", &promote, Value::Null)
        .await;
    let gone = format!("/sso/keys/{}", text(&first["id"]));
    trail.act("DELETE /sso/keys/{sso_key}", &gone, Value::Null).await;
}

async fn app_sso(trail: &mut Trail) {
    let new = json!({ "template": "saml", "name": "Wiki" });
    trail.act("POST /apps", "/apps", new).await;
    let settings =
        json!({ "entity_id": "urn:wiki", "consumers": [{ "url": "https://wiki.example/", "index": 0 }] });
    let at = |what: &str| format!("/apps/Wiki/sso{what}");
    let sso = "/apps/{app}/sso";
    trail
        .act(&format!("PUT {sso}"), &at(""), json!({ "settings": settings }))
        .await;
    let change = json!({ "settings": { "label": "The wiki" } });
    trail.act(&format!("PATCH {sso}"), &at(""), change).await;
    for (state, confirmed) in [("deactivate", "?confirm=Wiki"), ("activate", "")] {
        let template = format!("POST {sso}/{state}");
        let path = at(&format!("/{state}{confirmed}"));
        trail.act(&template, &path, Value::Null).await;
    }
    let metadata = r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:new"><SPSSODescriptor
        protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0"
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://new.example/"/></SPSSODescriptor></EntityDescriptor>"#;
    let import = format!("POST {sso}/import");
    trail
        .act(&import, &at("/import"), json!({ "metadata": metadata }))
        .await;
    let keys = format!("POST {sso}/keys");
    trail.act(&keys, &at("/keys"), json!({})).await;
    let second = trail.act(&keys, &at("/keys"), json!({ "kind": "ec_p256" })).await;
    let key = format!("/keys/{}", text(&second["id"]));
    let promote = format!("POST {sso}/keys/{{key}}/promote");
    trail
        .act(&promote, &at(&format!("{key}/promote")), json!({}))
        .await;
    let third = trail.act(&keys, &at("/keys"), json!({})).await;
    let key = format!("/keys/{}", text(&third["id"]));
    let remove = format!("DELETE {sso}/keys/{{key}}");
    trail.act(&remove, &at(&key), Value::Null).await;
}

async fn app(trail: &mut Trail, world: &World) {
    let new = json!({
        "template": "scim", "name": "Hub", "base_url": world.webex.scim().url, "token": world.webex.token, "scope": "all",
    });
    trail.act("POST /apps", "/apps", new).await;
    let change = json!({ "settings": { "rate": 100 }, "token": "another-target-token" });
    trail.act("PATCH /apps/{app}", "/apps/Hub", change).await;
    let back = json!({ "token": world.webex.token });
    trail.act("PATCH /apps/{app}", "/apps/Hub", back).await;
    for state in ["pause", "resume", "deactivate", "activate"] {
        let template = format!("POST /apps/{{app}}/{state}");
        trail
            .act(&template, &format!("/apps/Hub/{state}"), Value::Null)
            .await;
    }
    let assigned = json!({ "add": [{ "group": "Staff" }] });
    trail
        .act("POST /apps/{app}/assignments", "/apps/Hub/assignments", assigned)
        .await;
    mappings(trail).await;
    let filter = json!({ "groups": [{ "title": "All", "clauses": ["userName IS NOT NULL"] }] });
    trail
        .act("PUT /apps/{app}/filter", "/apps/Hub/filter", filter)
        .await;
    let plans = "POST /apps/{app}/plans";
    let plan = trail.act(plans, "/apps/Hub/plans", Value::Null).await;
    let decided = |what: &str| format!("/apps/Hub/plans/{}/{what}", text(&plan["plan"]["id"]));
    trail
        .act(
            "POST /apps/{app}/plans/{plan}/discard",
            &decided("discard"),
            Value::Null,
        )
        .await;
    let plan = trail.act(plans, "/apps/Hub/plans", Value::Null).await;
    let approve = format!("/apps/Hub/plans/{}/approve", text(&plan["plan"]["id"]));
    let revision = json!({ "revision": plan["plan"]["revision"] });
    trail
        .act("POST /apps/{app}/plans/{plan}/approve", &approve, revision)
        .await;
    trail
        .act(
            "POST /apps/{app}/sync",
            "/apps/Hub/sync",
            json!({ "restart": true }),
        )
        .await;
    trail
        .act("POST /apps/{app}/retry", "/apps/Hub/retry", json!({}))
        .await;
    trail
        .act(
            "POST /apps/{app}/reconcile",
            "/apps/Hub/reconcile",
            json!({ "mode": "report" }),
        )
        .await;
    let person = json!({ "person": "bert@example.com" });
    let demand = "POST /apps/{app}/provision-on-demand";
    trail.act(demand, "/apps/Hub/provision-on-demand", person).await;
    let engine = provisioning::Engine::start(world.provisioning.clone(), provisioning::Peers::None);
    let accounts = json!({ "accounts": ["bert@example.com"] });
    trail
        .act("POST /apps/{app}/import", "/apps/Hub/import", accounts)
        .await;
    engine.stop().await;
    trail
        .act("DELETE /apps/{app}", "/apps/Hub?confirm=Hub", Value::Null)
        .await;
    trail
        .act("DELETE /groups/{group}", "/groups/Staff", Value::Null)
        .await;
}

async fn mappings(trail: &mut Trail) {
    let at = "/apps/Hub/mappings";
    let row = |target: &str, constant: &str| json!({ "source": { "constant": constant }, "target": target });
    let add = json!({ "mapping": row("nickName", "x") });
    trail.act("POST /apps/{app}/mappings", at, add).await;
    let one = "/apps/Hub/mappings/nickName";
    let change = json!({ "apply": "only_on_create" });
    trail
        .act("PATCH /apps/{app}/mappings/{target}", one, change)
        .await;
    trail
        .act("DELETE /apps/{app}/mappings/{target}", one, Value::Null)
        .await;
    let table = trail.api.get(at).await.expect(200);
    let mut rows = table["mappings"].as_array().expect("a list").clone();
    rows.push(row("nickName", "y"));
    trail
        .act("PUT /apps/{app}/mappings", at, json!({ "mappings": rows }))
        .await;
    let restore = "POST /apps/{app}/restore-mappings";
    trail.act(restore, "/apps/Hub/restore-mappings", json!({})).await;
    let declared = json!({ "custom": [{ "name": "urn:example:2.0:User:badge" }] });
    trail
        .act("PUT /apps/{app}/attributes", "/apps/Hub/attributes", declared)
        .await;
    let schema = "/apps/Hub/synchronization-schema";
    let exported = trail.api.get(schema).await.expect(200);
    let import = json!({ "schema": exported, "unfit": "leave_out" });
    trail
        .act("POST /apps/{app}/synchronization-schema", schema, import)
        .await;
}

async fn entrance(trail: &mut Trail, world: &World) {
    let client = json!({ "name": "Client", "redirects": ["https://client.example/callback"] });
    let made = trail.act("POST /clients", "/clients", client).await;
    let client = format!("/clients/{}", text(&made["id"]));
    crate::pages::somebody(world, &world.plain, "carl@example.com").await;
    let (session, grant) = crate::pages::begin_session(world, "carl@example.com", text(&made["id"])).await;
    trail.skip().await;
    trail
        .act("DELETE /grants/{grant}", &format!("/grants/{grant}"), Value::Null)
        .await;
    let session = format!("/sessions/{session}");
    trail
        .act("DELETE /sessions/{session}", &session, Value::Null)
        .await;
    let types = json!({ "grant_types": ["authorization_code"] });
    trail.act("PATCH /clients/{client}", &client, types).await;
    let secret = format!("{client}/secret");
    trail
        .act("POST /clients/{client}/secret", &secret, json!({}))
        .await;
    trail.act("DELETE /clients/{client}", &client, Value::Null).await;
    let offer = json!({ "organization_id": world.webex.id, "user_name": "anna" });
    let offer = trail.act("POST /partners", "/partners", offer).await;
    let offer = format!("/partners/{}", text(&offer["id"]));
    trail.act("DELETE /partners/{partner}", &offer, Value::Null).await;
    let token = trail
        .act("POST /tokens", "/tokens", json!({ "name": "Other" }))
        .await;
    let token = format!("/tokens/{}", text(&token["id"]));
    let successor = format!("{token}/successor");
    trail
        .act("POST /tokens/{token}/successor", &successor, json!({}))
        .await;
    trail.act("DELETE /tokens/{token}", &token, Value::Null).await;
}
