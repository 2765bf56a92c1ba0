//! Every endpoint of the API's book has a command that asks it, or stands in a written list of those that need none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::command_on;
use crate::stub::Stub;

/// Endpoints that no command asks, and why.
const WITHOUT_COMMAND: [(&str, &str); 5] = [
    (
        "GET /openapi.json",
        "the book itself, for programs that make clients",
    ),
    (
        "GET /people/{person}/licences",
        "`user show` has them: they come with the person",
    ),
    (
        "GET /licence-templates/organization",
        "`licence template list` shows all of them",
    ),
    (
        "GET /licence-templates/groups/{group}",
        "`licence template list` shows all of them",
    ),
    (
        "GET /apps/{app}/cycles/{cycle}",
        "`app cycles` shows them with all that there is to one",
    ),
];

/// A command that asks an endpoint; `«…»` is a file of that content.
const COMMANDS: &[(&str, &str)] = &[
    ("GET /organization", "org show"),
    ("PATCH /organization", "org set scim.schemas=entra"),
    ("GET /people", "user list"),
    ("POST /people", "user create anna"),
    ("POST /people/import", "user import «userName»"),
    ("GET /people/{person}", "user show anna"),
    ("PATCH /people/{person}", "user set anna title=Cook"),
    ("DELETE /people/{person}", "user delete anna --yes"),
    ("PUT /people/{person}/role", "user role anna none"),
    ("POST /people/{person}/invitation", "user invite anna"),
    ("POST /people/{person}/licences", "licence give anna Calling"),
    ("GET /licences", "licence list"),
    ("POST /licences", "licence add Calling"),
    ("GET /licences/{licence}", "licence show Calling"),
    ("PATCH /licences/{licence}", "licence set Calling --total 5"),
    ("DELETE /licences/{licence}", "licence remove Calling --yes"),
    ("GET /licences/{licence}/people", "licence show Calling"),
    ("GET /licence-templates", "licence template list"),
    (
        "PUT /licence-templates/organization",
        "licence template set Calling",
    ),
    (
        "DELETE /licence-templates/organization",
        "licence template remove --yes",
    ),
    (
        "PUT /licence-templates/groups/{group}",
        "licence template set Calling --group Staff",
    ),
    (
        "DELETE /licence-templates/groups/{group}",
        "licence template remove --group Staff --yes",
    ),
    ("GET /licence-report", "licence report"),
    ("GET /licence-runs", "licence runs"),
    ("GET /licence-runs/{run}", "licence runs 7"),
    ("GET /licence-runs/{run}/items", "licence runs 7"),
    ("GET /domains", "domain list"),
    ("POST /domains", "domain add example.com"),
    ("GET /domains/{domain}", "domain show example.com"),
    ("DELETE /domains/{domain}", "domain remove example.com --yes"),
    ("POST /domains/{domain}/token", "domain token example.com --renew"),
    ("POST /domains/{domain}/verify", "domain verify example.com"),
    ("POST /domains/{domain}/claim", "domain claim example.com"),
    ("DELETE /domains/{domain}/claim", "domain release example.com"),
    ("GET /claimed-people", "domain conflicts"),
    ("GET /sso", "sso show"),
    ("PATCH /sso", "sso set attendees=true"),
    ("POST /sso/activate", "sso activate"),
    ("POST /sso/deactivate", "sso deactivate --yes"),
    ("GET /sso/metadata", "sso metadata"),
    ("GET /sso/providers", "sso provider list"),
    ("POST /sso/providers", "sso provider add --metadata «<x/>»"),
    ("GET /sso/providers/{provider}", "sso provider show IdP"),
    (
        "PATCH /sso/providers/{provider}",
        "sso provider set IdP auto_create=true",
    ),
    (
        "DELETE /sso/providers/{provider}",
        "sso provider remove IdP --yes",
    ),
    ("POST /sso/providers/{provider}/test", "sso test IdP"),
    (
        "POST /sso/providers/{provider}/activate",
        "sso provider activate IdP",
    ),
    (
        "POST /sso/providers/{provider}/deactivate",
        "sso provider deactivate IdP",
    ),
    (
        "GET /sso/providers/{provider}/configuration",
        "sso provider configuration IdP",
    ),
    (
        "PUT /sso/providers/{provider}/configuration",
        "sso provider configuration IdP --import «{}»",
    ),
    (
        "POST /sso/providers/{provider}/certificates",
        "sso provider certificate add IdP «x»",
    ),
    (
        "DELETE /sso/providers/{provider}/certificates/{certificate}",
        "sso provider certificate remove IdP AA:BB",
    ),
    ("GET /sso/routes", "sso route list"),
    ("PUT /sso/routes", "sso route set domain:example.com=IdP"),
    ("GET /people/{person}/sso-subjects", "sso subject list anna"),
    (
        "DELETE /people/{person}/sso-subjects/{provider}",
        "sso subject remove anna IdP --yes",
    ),
    ("GET /sso/keys", "sso key list"),
    ("POST /sso/keys", "sso key add"),
    ("POST /sso/keys/{sso_key}/promote", "sso key promote 7"),
    ("DELETE /sso/keys/{sso_key}", "sso key remove 7 --yes"),
    ("GET /grants", "grant list"),
    ("DELETE /grants/{grant}", "grant end 7 --yes"),
    ("GET /sessions", "user sessions"),
    ("DELETE /sessions/{session}", "user end-session 7"),
    ("GET /groups", "group list"),
    ("POST /groups", "group create Staff"),
    ("GET /groups/{group}", "group show Staff"),
    ("PATCH /groups/{group}", "group rename Staff Crew"),
    ("DELETE /groups/{group}", "group delete Staff --yes"),
    ("GET /groups/{group}/members", "group show Staff"),
    ("POST /groups/{group}/members", "group add Staff anna"),
    ("GET /apps", "app list"),
    (
        "POST /apps",
        "app add scim --name Hub --base-url http://h --target-token t",
    ),
    ("GET /apps/{app}", "app ways Hub"),
    ("PATCH /apps/{app}", "app set Hub concurrency=8"),
    ("DELETE /apps/{app}", "app remove Hub --yes --count 0"),
    ("POST /apps/{app}/pause", "app pause Hub"),
    ("POST /apps/{app}/resume", "app resume Hub"),
    ("POST /apps/{app}/deactivate", "app deactivate Hub --yes"),
    ("POST /apps/{app}/activate", "app activate Hub"),
    ("POST /apps/{app}/test", "app test Hub"),
    ("GET /apps/{app}/status", "app status Hub"),
    ("POST /apps/{app}/plan", "app plan Hub"),
    ("POST /apps/{app}/preview", "app preview Hub anna"),
    ("GET /apps/{app}/why/{person}", "app why Hub anna"),
    (
        "POST /apps/{app}/provision-on-demand",
        "app provision-on-demand Hub anna",
    ),
    ("GET /apps/{app}/plans", "app plans list Hub"),
    ("POST /apps/{app}/plans", "app plan Hub --save"),
    ("GET /apps/{app}/plans/{plan}", "app plans show Hub 7"),
    ("GET /apps/{app}/plans/{plan}/items", "app plans show Hub 7"),
    ("POST /apps/{app}/plans/{plan}/approve", "app plans approve Hub 7"),
    ("POST /apps/{app}/plans/{plan}/discard", "app plans discard Hub 7"),
    ("POST /apps/{app}/retry", "app retry Hub"),
    ("POST /apps/{app}/sync", "app sync Hub"),
    ("POST /apps/{app}/reconcile", "app reconcile Hub"),
    ("GET /apps/{app}/drift", "app drift Hub"),
    ("GET /apps/{app}/import/accounts", "app import Hub --list"),
    ("POST /apps/{app}/import", "app import Hub --all --yes"),
    ("GET /apps/{app}/import", "app import Hub --result"),
    ("GET /apps/{app}/import/{job}", "app import Hub --result 7"),
    ("GET /apps/{app}/import/{job}/items", "app import Hub --result 7"),
    ("GET /apps/{app}/cycles", "app cycles Hub"),
    ("GET /apps/{app}/mappings", "app mappings Hub"),
    ("PUT /apps/{app}/mappings", "app mappings Hub --set «[]»"),
    ("POST /apps/{app}/mappings", "app mapping add Hub title --none"),
    (
        "PATCH /apps/{app}/mappings/{target}",
        "app mapping change Hub title --none",
    ),
    (
        "DELETE /apps/{app}/mappings/{target}",
        "app mapping remove Hub title",
    ),
    (
        "POST /apps/{app}/restore-mappings",
        "app mapping restore Hub --yes",
    ),
    ("GET /apps/{app}/attributes", "app attributes show Hub"),
    ("PUT /apps/{app}/attributes", "app attributes add Hub badge"),
    (
        "GET /apps/{app}/synchronization-schema",
        "app synchronization-schema export Hub",
    ),
    (
        "POST /apps/{app}/synchronization-schema",
        "app synchronization-schema import Hub «{}»",
    ),
    ("GET /apps/{app}/filter", "app filter show Hub"),
    ("PUT /apps/{app}/filter", "app filter clear Hub --yes"),
    ("GET /apps/{app}/assignments", "app assign Hub"),
    ("POST /apps/{app}/assignments", "app assign Hub --user anna"),
    ("GET /apps/{app}/sso", "app sso show Hub"),
    ("PUT /apps/{app}/sso", "app sso set Hub --yes --from «{}»"),
    ("PATCH /apps/{app}/sso", "app sso set Hub sign=both"),
    ("POST /apps/{app}/sso/activate", "app sso activate Hub"),
    ("POST /apps/{app}/sso/deactivate", "app sso deactivate Hub --yes"),
    ("POST /apps/{app}/sso/import", "app sso import Hub --yes «x»"),
    ("GET /apps/{app}/sso/metadata", "app sso metadata Hub"),
    ("POST /apps/{app}/sso/preview", "app sso preview Hub anna"),
    ("GET /apps/{app}/sso/keys", "app sso key list Hub"),
    ("POST /apps/{app}/sso/keys", "app sso key add Hub"),
    (
        "POST /apps/{app}/sso/keys/{key}/promote",
        "app sso key promote Hub 7",
    ),
    (
        "DELETE /apps/{app}/sso/keys/{key}",
        "app sso key remove Hub 7 --yes",
    ),
    ("GET /saml-traces", "sso trace"),
    ("GET /saml-traces/{trace}", "sso trace 7"),
    ("GET /presets", "app presets"),
    ("GET /presets/{preset}", "app presets okta"),
    ("GET /schemas", "schema list"),
    ("GET /schemas/{urn}", "schema show urn:example:hr"),
    (
        "PUT /schemas/{urn}",
        "schema add «{\"id\":\"urn:example:hr\",\"attributes\":[]}»",
    ),
    ("DELETE /schemas/{urn}", "schema remove urn:example:hr --yes"),
    ("GET /clients", "client list"),
    ("POST /clients", "client add Portal"),
    ("GET /clients/{client}", "client show 7"),
    ("PATCH /clients/{client}", "client set 7 --name Portal"),
    ("POST /clients/{client}/secret", "client rotate-secret 7"),
    ("DELETE /clients/{client}", "client remove 7 --yes"),
    ("GET /tokens", "token list"),
    ("POST /tokens", "token create --name Okta"),
    ("POST /tokens/{token}/successor", "token roll 7"),
    ("GET /tokens/{token}", "token revoke 7 --yes"),
    ("DELETE /tokens/{token}", "token revoke 7 --yes"),
    ("GET /partners", "partner list"),
    ("POST /partners", "partner offer 7 anna"),
    ("GET /partners/{partner}", "partner show 7"),
    ("DELETE /partners/{partner}", "partner withdraw 7 --yes"),
    ("GET /log", "log"),
    ("GET /log/{entry}", "log --entry 7"),
    ("GET /events", "log --events"),
    ("GET /mails", "log --mails"),
];

/// The methods and paths that the book has.
fn book() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(server::openapi()).expect("the book is JSON");
    let paths = document["paths"].as_object().expect("paths");
    let endpoint = |path: &str, method: &String| {
        let path = path.strip_prefix("/api/v1").expect("all are below it");
        format!("{} {path}", method.to_uppercase())
    };
    paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods");
            let methods = methods.keys().filter(|key| key.as_str() != "parameters");
            methods.map(move |method| endpoint(path, method))
        })
        .collect()
}

#[test]
fn every_endpoint_has_a_command_or_a_reason() {
    let listed: Vec<_> = COMMANDS.iter().chain(&WITHOUT_COMMAND).collect();
    let names: BTreeSet<_> = listed
        .iter()
        .map(|(endpoint, _)| (*endpoint).to_owned())
        .collect();
    assert_eq!(names.len(), listed.len(), "one is listed twice");
    assert_eq!(names, book(), "left: the list here");
}

/// Whatever a command reads of an answer on its way.
fn anything() -> Value {
    json!({
        "items": [], "next": null, "id": "7", "name": "Hub", "user_name": "anna", "state": "done", "revision": 1,
        "scopes": [], "created_at": "2026-11-21T09:30:00Z", "started_at": "2026-11-21T09:30:00Z", "expires_at": null,
        "owner": null, "settings": {}, "template": "scim", "scope": "all",
    })
}

/// The same of a plan, whose items are counted.
fn plan() -> Value {
    json!({
        "id": "7", "state": "draft", "origin": "asked", "reason": "asked for", "revision": 1,
        "counts": {
            "create": 0, "link": 0, "update": 0, "disable": 0, "enable": 0, "delete": 0, "unchanged": 0, "skip": 0,
            "error": 0,
        },
        "items": { "applied": 0, "failed": 0, "stale": 0 }, "created_at": "2026-11-21T09:30:00Z",
        "expires_at": "2026-11-28T09:30:00Z",
    })
}

/// Does a request go to this endpoint?
fn goes_to(line: &str, endpoint: &str) -> bool {
    let (wanted, template) = endpoint.split_once(' ').expect("a method");
    let (method, address) = line.split_once(' ').expect("a method");
    let path = address.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/api/v1").unwrap_or_default();
    let steps = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (path, template) = (steps(path), steps(template));
    let fits = |(step, wanted): (&String, &String)| wanted.starts_with('{') || step == wanted;
    method == wanted && path.len() == template.len() && path.iter().zip(&template).all(fits)
}

#[test]
fn a_command_asks_its_endpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut asked: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (_, line) in COMMANDS {
        if asked.contains_key(line) {
            continue;
        }
        let file = folder.path().join("file");
        let arg = |word: &'static str| match word.strip_prefix('«') {
            Some(content) => {
                std::fs::write(&file, content.trim_end_matches('»')).expect("written");
                file.to_str().expect("UTF-8")
            }
            None => word,
        };
        let args: Vec<&str> = line.split(' ').map(arg).collect();
        let stub = Stub::start();
        stub.json("GET /api/v1/apps/Hub/plans/7", 200, plan());
        stub.otherwise(anything());
        let ran = super::finish(command_on(&stub, &[&args[..], &["--output", "json"]].concat()));
        let lines = stub.lines();
        assert!(!lines.is_empty(), "{line}: {}", ran.stderr);
        asked.insert(line, lines);
    }
    let missed: Vec<_> = COMMANDS
        .iter()
        .filter(|(endpoint, line)| !asked[line].iter().any(|asked| goes_to(asked, endpoint)))
        .map(|(endpoint, line)| format!("{endpoint}: `{line}` asks {:?}", asked[line]))
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
