//! An organization with one of everything, all of it called by names that bear one mark.

use base::{LogEntryId, Message, SubjectId};
use serde_json::{Value, json};
use store::members::SubjectKind;
use store::{Tx, Write, log};

use super::names::{Key, Names};
use crate::client::Client;
use crate::endpoints::{Places, examples};
use crate::scim::{ENTERPRISE, found, hire, id, patch_op, place};
use crate::world::{Organization, World, cause};

/// Furnishes an organization. Its person and group are changed so many times that their versions tell whose they are.
pub(super) async fn furnish(world: &World, org: &Organization, mark: &str, changes: usize) -> Names {
    let (scim, api) = (org.scim(), org.api());
    let urn = format!("urn:example:{mark}hr:1.0:User");
    let schema = json!({ "id": urn, "name": format!("{mark}Hr"), "attributes": [{ "name": "badge" }] });
    let upload = json!({ "resource_type": "User", "schema": schema });
    api.put(&format!("/schemas/{urn}"), &upload).await.expect(201);

    let boss = json!({ "userName": format!("{mark}boss@far.example"), "displayName": format!("{mark}Boss") });
    let boss = hire(&scim, &boss).await;
    let user = hire(&scim, &person(mark, &urn, &boss)).await;
    let team = json!({ "displayName": format!("{mark}Team"), "members": [{ "value": user["id"] }] });
    let team = found(&scim, &team).await;
    let group = json!({
        "displayName": format!("{mark}Group"), "externalId": format!("{mark}ext-g"),
        "members": [{ "value": boss["id"] }, { "value": user["id"] }, { "value": team["id"] }],
    });
    let group = found(&scim, &group).await;
    for change in 0..changes {
        let value = format!("{mark}note-{change}");
        for (resource, name) in [(&user, "nickName"), (&group, "externalId")] {
            let change = patch_op(json!([{ "op": "replace", "path": name, "value": value }]));
            assert!(scim.patch(&place(resource), &change).await.status < 300);
        }
    }
    let mut names = Names::new();
    let mut note = |key: Key, value: &str| assert_eq!(names.insert(key, value.to_owned()), None, "{key}");
    note("org", &org.id.to_string());
    note("schema", &urn);
    for (key, resource) in [
        ("user", &user),
        ("manager", &boss),
        ("team", &team),
        ("group", &group),
    ] {
        note(key, id(resource));
    }
    let group = scim.get(&place(&group)).await;
    note("user_name", text(&user["userName"]));
    note("external_id", text(&user["externalId"]));
    note("email", &format!("{mark}mail@far.example"));
    note("display_name", text(&user["displayName"]));
    note("manager_name", text(&boss["userName"]));
    note("team_name", text(&team["displayName"]));
    note("group_name", text(&group.expect(200)["displayName"]));
    note("group_external_id", text(&group.expect(200)["externalId"]));
    note("etag_user", scim.get(&place(&user)).await.header("etag"));
    note("etag_group", group.header("etag"));
    for (key, path) in [
        ("cursor_users", "/Users"),
        ("cursor_groups", "/Groups"),
        ("cursor_both", ""),
    ] {
        let page = scim.get(&format!("{path}?cursor=&count=1")).await.expect(200);
        note(key, text(&page["nextCursor"]));
    }
    for (key, value) in provisioning(world, org, mark, &user, id(&team)).await {
        note(key, &value);
    }
    let token = api
        .post("/tokens", &json!({ "name": format!("{mark}Token") }))
        .await;
    note("token", id(&token.expect(201)));
    let client = json!({ "name": format!("{mark}Client"), "redirects": ["https://far.example/"] });
    let client = api.post("/clients", &client).await.expect(201);
    note("client", id(&client));
    // Behind it in the list.
    let second = json!({ "name": format!("{mark}Second client") });
    api.post("/clients", &second).await.expect(201);
    // An offer to somebody elsewhere, and one behind it.
    let offer = |name: &str| json!({ "organization_id": world.store.ambient().id::<base::OrgId>(), "user_name": name });
    let partner = api.post("/partners", &offer(&format!("{mark}partner"))).await;
    note("partner", id(&partner.expect(201)));
    api.post("/partners", &offer(&format!("{mark}second")))
        .await
        .expect(201);
    // Somebody without a licence, behind the others in the list.
    hire(&scim, &json!({ "userName": format!("{mark}idle@far.example") })).await;
    let licence = json!({ "name": format!("{mark}Licence"), "total": 5 });
    let licence = api.post("/licences", &licence).await.expect(201);
    note("licence", id(&licence));
    note("licence_name", text(&licence["name"]));
    let domain = json!({ "domain": format!("{mark}domain.example") });
    note(
        "domain",
        text(&api.post("/domains", &domain).await.expect(201)["domain"]),
    );
    let idp = crate::saml::service_provider::Idp::new(world, &format!("https://{mark}idp.example"));
    let provider = json!({
        "name": format!("{mark}IdP"), "entity_id": idp.entity_id, "certificates": [idp.certificate.to_pem()],
        "settings": { "login_url": format!("https://{mark}idp.example/sso") },
    });
    let provider = api.post("/sso/providers", &provider).await.expect(201);
    note("provider", id(&provider));
    note("provider_name", text(&provider["name"]));
    note("certificate", text(&provider["certificates"][0]["fingerprint"]));
    note(
        "sso_key",
        id(&api
            .post("/sso/keys", &json!({ "kind": "ec_p256" }))
            .await
            .expect(201)),
    );
    let routes = json!({ "routes": [{ "group": names["group"], "provider": provider["id"] }] });
    api.put("/sso/routes", &routes).await.expect(200);
    let give = json!({ "add": [licence["id"]] });
    api.post(&format!("/people/{}/licences", id(&user)), &give)
        .await
        .expect(200);
    let template = json!({ "licences": [licence["id"]], "existing_users": "preserve" });
    let of_group = format!("/licence-templates/groups/{}", names["group"]);
    let put = api.put(&of_group, &template).await.expect(202);
    names.insert("run", text(&put["run"]["id"]).to_owned());
    let template = json!({ "licences": [licence["id"]] });
    api.put("/licence-templates/organization", &template)
        .await
        .expect(200);
    world
        .directory
        .carry_on_licence_runs(org.id)
        .await
        .expect("carried on");
    let mut note = |key: Key, value: &str| assert_eq!(names.insert(key, value.to_owned()), None, "{key}");
    let manager = id(&boss).parse().expect("an id");
    crate::pages::give_password(world, org.id, manager).await;
    // Of the two the later one stands behind the other in the list.
    let (session, grant) = crate::pages::begin_session(world, text(&boss["userName"]), id(&client)).await;
    crate::pages::begin_session(world, text(&boss["userName"]), id(&client)).await;
    note("session", &session);
    note("grant", &grant);
    let mail = world.mail(org, &format!("{mark}it@far.example")).await;
    note("mail", &mail.to_string());
    let event = api.get("/events?limit=1").await.expect(200)["items"][0].clone();
    note("event", text(&event["id"]));
    note("correlation", text(&event["correlation_id"]));
    names
}

fn person(mark: &str, urn: &str, boss: &Value) -> Value {
    json!({
        "userName": format!("{mark}anna@far.example"),
        "externalId": format!("{mark}ext-1"),
        "displayName": format!("{mark}Anna"),
        "title": format!("{mark}Secretary"),
        "emails": [{ "value": format!("{mark}mail@far.example"), "type": "home" }],
        ENTERPRISE: { "manager": { "value": boss["id"] }, "department": format!("{mark}Department") },
        urn: { "badge": format!("{mark}badge") },
    })
}

/// An app with assignments, a plan, a cycle and an entry of the log; its target is the organization itself.
async fn provisioning(
    world: &World,
    org: &Organization,
    mark: &str,
    user: &Value,
    team: &str,
) -> Vec<(Key, String)> {
    let api = org.api();
    let name = format!("{mark}App");
    let app =
        json!({ "template": "scim", "name": name, "base_url": org.scim().url, "token": org.token.as_str() });
    let app = api.post("/apps", &app).await.expect(201)["id"].clone();
    let app = text(&app);
    let add = json!({ "add": [{ "user": user["id"] }, { "group": team }] });
    api.post(&format!("/apps/{app}/assignments"), &add)
        .await
        .expect(200);
    let attribute = format!("{mark}Custom");
    let custom = json!({ "custom": [{ "name": attribute }] });
    api.put(&format!("/apps/{app}/attributes"), &custom)
        .await
        .expect(200);
    let mapping = json!({ "mapping": { "source": "none", "target": attribute } });
    api.post(&format!("/apps/{app}/mappings"), &mapping)
        .await
        .expect(201);
    let plan = api
        .post(&format!("/apps/{app}/plans"), &json!({}))
        .await
        .expect(201);
    let cycle = api
        .post(&format!("/apps/{app}/sync"), &json!({}))
        .await
        .expect(202);
    let logged = Logged {
        org: org.id,
        entry: log::Entry {
            app: app.parse().expect("an id"),
            app_name: name.clone(),
            cycle: Some(text(&cycle["cycle"]["id"]).parse().expect("an id")),
            subject: subject(user),
            kind: SubjectKind::User,
            subject_name: text(&user["userName"]).to_owned(),
            action: "create".to_owned(),
            status: log::Status::Success,
            duration: 1_000,
            remote_id: Some(format!("{mark}remote")),
            changes: "[]".to_owned(),
            exchanges: "[]".to_owned(),
            attempt: 1,
            next_attempt: None,
            message: Message::new("created"),
            explanation: json!({
                "source": null, "in_scope": true, "scope": Message::new("scope.everybody"), "match": "absent", "mappings": [],
            })
            .to_string(),
        },
    };
    let entry = world.store.write(logged).await.expect("an entry of the log");
    let imported = Imported {
        org: org.id,
        app: app.parse().expect("an id"),
        name: format!("{mark}remote"),
    };
    let import = world.store.write(imported).await.expect("an import");
    let slug = format!("{mark}app");
    let settings =
        json!({ "entity_id": "urn:far", "consumers": [{ "url": "https://far.example/", "index": 0 }] });
    let sso = json!({ "slug": slug, "settings": settings });
    api.put(&format!("/apps/{app}/sso"), &sso).await.expect(201);
    let keys = format!("/apps/{app}/sso/keys");
    api.post(&keys, &json!({})).await.expect(201);
    let key = api.post(&keys, &json!({})).await.expect(201);
    let trace = world.trace(org).await;
    // Behind it in the list.
    world.trace(org).await;
    vec![
        ("app", app.to_owned()),
        ("app_name", name),
        ("attribute", attribute),
        ("plan", text(&plan["plan"]["id"]).to_owned()),
        ("cycle", text(&cycle["cycle"]["id"]).to_owned()),
        ("log", entry.to_string()),
        ("job", import.to_string()),
        ("slug", slug),
        ("key", text(&key["id"]).to_owned()),
        ("trace", trace.to_string()),
    ]
}

struct Logged {
    org: base::OrgId,
    entry: log::Entry,
}

impl Write for Logged {
    type Out = LogEntryId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<LogEntryId, store::Error> {
        let ids = log::append(tx, self.org, &[(&self.entry, &cause())]).await?;
        Ok(ids[0])
    }
}

/// An import that is over.
struct Imported {
    org: base::OrgId,
    app: base::AppId,
    name: String,
}

impl Write for Imported {
    type Out = base::JobId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<base::JobId, store::Error> {
        use store::import_items::{Item, State};
        let job: base::JobId = tx.ambient().id();
        let key = (self.org, self.app, job);
        let progress = json!({ "stage": "over", "listed": 1 }).to_string();
        let options = json!({ "chosen": "all", "tell": null }).to_string();
        let kind = store::jobs::Kind::Import;
        store::jobs::insert(tx, key, kind, (&options, &progress), &cause()).await?;
        store::jobs::end_all(
            tx,
            self.org,
            self.app,
            &json!({ "code": "job.moved" }).to_string(),
        )
        .await?;
        let item = Item {
            remote_id: self.name.clone(),
            name: self.name.clone(),
            doc: String::new(),
            subject: None,
            state: State::Failed,
            error: None,
        };
        store::import_items::insert(tx, key, &[item]).await?;
        Ok(job)
    }
}

fn subject(resource: &Value) -> SubjectId {
    id(resource).parse().expect("an id")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}"))
}

/// Everything that an organization can read of itself: what each GET there is answers to its own token.
pub(super) async fn export(world: &World, org: &Organization, names: &Names) -> Vec<(String, Value)> {
    let client = Client::new(world.address.clone(), Some(&org.token), "application/json");
    let places = Places {
        org,
        user: &names["user"],
        group: &names["group"],
        app: &names["app"],
        cycle: "",
    };
    let mut all = Vec::new();
    for example in examples() {
        if example.method != http::Method::GET || !example.is_guarded() {
            continue;
        }
        let mut here = example.clone();
        for (place, key) in [
            ("{cycle}", "cycle"),
            ("{plan}", "plan"),
            ("{job}", "job"),
            ("{urn}", "schema"),
            ("{entry}", "log"),
            ("{token}", "token"),
            ("{provider}", "provider"),
            ("{certificate}", "certificate"),
            ("{sso_key}", "sso_key"),
            ("{session}", "session"),
            ("{grant}", "grant"),
            ("{client}", "client"),
            ("{partner}", "partner"),
            ("{licence}", "licence"),
            ("{license}", "licence"),
            ("{run}", "run"),
            ("{domain}", "domain"),
            ("{key}", "key"),
            ("{trace}", "trace"),
            ("{slug}", "slug"),
        ] {
            here.template = here.template.replace(place, &names[key]);
        }
        let path = here.path(&places);
        let answer = client.get(&path).await;
        let me = path.ends_with("/Me") || path.ends_with("/me");
        assert!(answer.status == 200 || me, "{path}: {}", answer.text);
        // Who has none of it is told so, each time with another TrackingID.
        if answer.status == 200 {
            all.push((path, answer.json()));
        }
    }
    all
}
