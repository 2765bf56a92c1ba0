//! Everything in a request that can name a thing. What stands in a path is filled in by itself, for every endpoint there
//! is; what stands in a query, a header or a body is written in [`questions`] and [`changes`], and an endpoint that is
//! missing there fails a test.

use http::Method;
use serde_json::Value;

use super::{changes, questions};
use crate::endpoints::{Example, Needs, examples};

/// One request, with `«user»` where the name of a thing goes.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) method: Method,
    /// As the endpoint is registered.
    pub(super) template: String,
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: Body,
}

impl Attempt {
    /// Does it change nothing, whatever it names?
    pub(super) fn only_reads(&self) -> bool {
        let asks = ["/.search", "/events"];
        self.method == Method::GET || asks.iter().any(|end| self.template.ends_with(end))
    }

    /// Would the answer be another one if the names were one's own?
    pub(super) fn names_somebody(&self) -> bool {
        let said = format!("{self:?}").replace("«own.", "");
        // A member has a value, whatever its address says. Something of another kind is not there for its owner either, and
        // nothing is no schema. `/Me` has not the version of the person who is named.
        let blind = [
            "Object {\"$ref\": String(\"../Users/«user»\")}",
            "/Users/«group»",
            "/Groups/«user»",
            "/ResourceTypes/«schema»",
            "\"schema\": Object {}",
        ];
        let of_me = self.template.to_lowercase().ends_with("/me");
        said.contains('«') && !of_me && !blind.iter().any(|part| said.contains(part))
    }
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    None,
    Json(Value),
    Csv(String),
}

/// What a stranger may put in each place of a path, and what is one's own.
const PLACES: &[(&str, &[&str], &str)] = &[
    ("{org}", &["«org»"], "«own.org»"),
    ("{person}", &["«user»", "«user_name»"], "«own.user»"),
    ("{group}", &["«group»", "«group_name»"], "«own.group»"),
    ("{app}", &["«app»", "«app_name»"], "«own.app»"),
    ("{plan}", &["«plan»"], "«own.plan»"),
    ("{cycle}", &["«cycle»"], "«own.cycle»"),
    ("{job}", &["«job»"], "«own.job»"),
    ("{urn}", &["«schema»"], "«own.schema»"),
    ("{entry}", &["«log»"], "«own.log»"),
    ("{token}", &["«token»"], "«own.token»"),
    ("{provider}", &["«provider»", "«provider_name»"], "«own.provider»"),
    ("{certificate}", &["«certificate»"], "«own.certificate»"),
    ("{sso_key}", &["«sso_key»"], "«own.sso_key»"),
    ("{session}", &["«session»"], "«own.session»"),
    ("{grant}", &["«grant»"], "«own.grant»"),
    ("{client}", &["«client»"], "«own.client»"),
    ("{partner}", &["«partner»"], "«own.partner»"),
    ("{run}", &["«run»"], "«own.run»"),
    ("{licence}", &["«licence»", "«licence_name»"], "«own.licence»"),
    ("{license}", &["«licence»"], "«own.licence»"),
    ("{domain}", &["«domain»"], "«own.domain»"),
    ("{target}", &["«attribute»"], "«own.attribute»"),
    ("{key}", &["«key»"], "«own.key»"),
    ("{trace}", &["«trace»"], "«own.trace»"),
    // Whoever knows the address of an app may go there.
    ("{slug}", &[], "nowhere"),
    // Those of the vendors, which everybody has.
    ("{preset}", &[], "scim"),
    ("{name}", &["«schema»"], "User"),
];

/// The same for `{id}`, which is of a person or of a group.
fn place_of(example: &Example, place: &str) -> (&'static [&'static str], &'static str) {
    if place == "{id}" {
        return if example.template.contains("/Groups/") {
            (&["«group»", "«user»"], "«own.group»")
        } else {
            (&["«user»", "«group»"], "«own.user»")
        };
    }
    let known = PLACES.iter().find(|(name, ..)| *name == place);
    // Every browser may open an organization's pages: who knows its id knows that it is there.
    let is_public = place == "{org}" && example.is_page();
    let (_, theirs, own) = known.unwrap_or_else(|| panic!("what would a stranger put at {place}?"));
    (if is_public { &[] } else { theirs }, own)
}

fn places(template: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(from) = rest.find('{') {
        let to = from + rest[from..].find('}').expect("a place ends");
        found.push(&rest[from..=to]);
        rest = &rest[to + 1..];
    }
    found
}

fn own_path(example: &Example) -> String {
    places(&example.template)
        .iter()
        .fold(example.template.clone(), |path, place| {
            path.replace(place, place_of(example, place).1)
        })
}

/// Every endpoint with a stranger's names in its path: in one place, in several, in all.
pub(super) fn in_paths() -> Vec<Attempt> {
    let mut all = Vec::new();
    // Pages for whoever is signed in are tried with a session, by the tests of the console.
    let by_token = examples()
        .into_iter()
        .filter(|example| example.needs != Needs::SignedIn);
    for example in by_token {
        let mut paths = vec![(example.template.clone(), false)];
        for place in places(&example.template) {
            let (theirs, own) = place_of(&example, place);
            paths = paths
                .into_iter()
                .flat_map(|(path, foreign)| {
                    let one = |name: &&str| (path.replace(place, name), true);
                    let mut filled: Vec<_> = theirs.iter().map(one).collect();
                    filled.push((path.replace(place, own), foreign));
                    filled
                })
                .collect();
        }
        let body = example.body.clone().map_or(Body::None, Body::Json);
        let foreign = paths.into_iter().filter(|(_, foreign)| *foreign);
        all.extend(foreign.map(|(path, _)| Attempt {
            method: example.method.clone(),
            template: example.template.clone(),
            path,
            query: Vec::new(),
            headers: Vec::new(),
            body: body.clone(),
        }));
    }
    all
}

/// Endpoints that name nothing but in their path, and why.
pub(super) const NOTHING_ELSE: &[(&str, &str)] = &[
    ("GET /Groups/{id}/Members", "numbers, and a kind"),
    ("GET /ServiceProviderConfig", "nothing is asked"),
    ("GET /ResourceTypes", "filters are refused"),
    ("GET /ResourceTypes/{name}", "nothing is asked"),
    ("GET /Schemas", "filters are refused"),
    ("GET /Schemas/{urn}", "nothing is asked"),
    ("GET /organization", "nothing is asked"),
    ("PATCH /organization", "settings, and a name that others may have"),
    ("GET /people/{person}", "nothing is asked"),
    ("DELETE /people/{person}", "nothing is said"),
    ("POST /people/{person}/invitation", "nothing is said"),
    ("GET /groups/{group}", "nothing is asked"),
    ("DELETE /groups/{group}", "nothing is said"),
    ("GET /apps", "nothing is asked"),
    ("GET /apps/{app}", "nothing is asked"),
    ("POST /apps/{app}/pause", "nothing is said"),
    ("POST /apps/{app}/resume", "nothing is said"),
    ("POST /apps/{app}/deactivate", "nothing is said"),
    ("POST /apps/{app}/activate", "nothing is said"),
    ("POST /apps/{app}/test", "nothing is said"),
    ("GET /apps/{app}/status", "nothing is asked"),
    ("POST /apps/{app}/plan", "true or false"),
    ("POST /apps/{app}/plans", "nothing is said"),
    ("GET /apps/{app}/plans/{plan}", "nothing is asked"),
    ("POST /apps/{app}/plans/{plan}/approve", "a number"),
    ("POST /apps/{app}/plans/{plan}/discard", "nothing is said"),
    ("POST /apps/{app}/sync", "true or false"),
    ("POST /apps/{app}/reconcile", "a word"),
    (
        "GET /apps/{app}/drift",
        "a word, and places in the target's own list",
    ),
    ("GET /log/{entry}", "nothing is asked"),
    ("GET /apps/{app}/cycles", "a number"),
    ("GET /apps/{app}/cycles/{cycle}", "nothing is asked"),
    ("GET /apps/{app}/filter", "nothing is asked"),
    ("GET /apps/{app}/mappings", "nothing is asked"),
    ("PUT /apps/{app}/mappings", "attributes of the person at hand"),
    (
        "PATCH /apps/{app}/mappings/{target}",
        "attributes of the person at hand",
    ),
    ("DELETE /apps/{app}/mappings/{target}", "nothing is said"),
    ("POST /apps/{app}/restore-mappings", "the vendors' presets"),
    ("GET /apps/{app}/attributes", "nothing is asked"),
    ("GET /apps/{app}/synchronization-schema", "nothing is asked"),
    (
        "POST /apps/{app}/synchronization-schema",
        "attributes of the person at hand",
    ),
    ("GET /apps/{app}/why/{person}", "nothing is asked"),
    (
        "GET /apps/{app}/import/accounts",
        "true or false, and places in the target's own list",
    ),
    ("POST /apps/{app}/import", "accounts of the app's own target"),
    ("GET /apps/{app}/import/{job}", "nothing is asked"),
    (
        "GET /apps/{app}/import/{job}/items",
        "a word, and places in the target's own list",
    ),
    ("GET /apps/{app}/sso", "nothing is asked"),
    ("POST /apps/{app}/sso/activate", "nothing is said"),
    ("POST /apps/{app}/sso/import", "a service's own metadata"),
    ("GET /apps/{app}/sso/metadata", "nothing is asked"),
    ("GET /apps/{app}/sso/keys", "nothing is asked"),
    ("POST /apps/{app}/sso/keys", "words, numbers and times"),
    ("POST /apps/{app}/sso/keys/{key}/promote", "a time"),
    ("DELETE /apps/{app}/sso/keys/{key}", "nothing is said"),
    ("GET /saml-traces/{trace}", "nothing is asked"),
    ("GET /presets", "nothing is asked"),
    ("GET /presets/{preset}", "nothing is asked"),
    ("GET /schemas", "nothing is asked"),
    ("GET /schemas/{urn}", "nothing is asked"),
    ("DELETE /schemas/{urn}", "nothing is said"),
    ("GET /v1/authorizations/tokenExpiry", "nothing is asked"),
    ("GET /v1/licenses/{license}", "a word, and a number"),
    ("PUT /people/{person}/role", "a word"),
    ("DELETE /sessions/{session}", "nothing is said"),
    ("GET /people/{person}/licences", "nothing is asked"),
    ("GET /people/{person}/sso-subjects", "nothing is asked"),
    (
        "DELETE /people/{person}/sso-subjects/{provider}",
        "nothing is said",
    ),
    ("GET /licences", "nothing is asked"),
    ("GET /licences/{licence}", "nothing is asked"),
    ("DELETE /licences/{licence}", "nothing is said"),
    ("GET /licences/{licence}/people", "a word, and a number"),
    ("GET /licence-templates", "nothing is asked"),
    ("GET /licence-templates/organization", "nothing is asked"),
    ("DELETE /licence-templates/organization", "a word"),
    ("GET /licence-templates/groups/{group}", "nothing is asked"),
    ("DELETE /licence-templates/groups/{group}", "a word"),
    ("GET /licence-runs/{run}", "nothing is asked"),
    ("GET /claimed-people", "a place in one's own list"),
    ("GET /domains", "nothing is asked"),
    ("GET /domains/{domain}", "nothing is asked"),
    ("DELETE /domains/{domain}", "nothing is said"),
    ("POST /domains/{domain}/token", "nothing is said"),
    ("POST /domains/{domain}/verify", "nothing is said"),
    ("POST /domains/{domain}/claim", "nothing is said"),
    ("DELETE /domains/{domain}/claim", "nothing is said"),
    ("DELETE /grants/{grant}", "nothing is said"),
    ("GET /sso", "nothing is asked"),
    ("PATCH /sso", "settings, and addresses of one's own"),
    ("POST /sso/activate", "nothing is said"),
    ("POST /sso/deactivate", "the name of one's own organization"),
    ("GET /sso/metadata", "nothing is asked"),
    ("GET /sso/providers", "nothing is asked"),
    ("POST /sso/providers", "names and addresses that others may have"),
    ("GET /sso/providers/{provider}", "nothing is asked"),
    (
        "PATCH /sso/providers/{provider}",
        "names and addresses that others may have",
    ),
    ("DELETE /sso/providers/{provider}", "nothing is said"),
    ("POST /sso/providers/{provider}/test", "nothing is said"),
    ("POST /sso/providers/{provider}/activate", "true or false"),
    ("POST /sso/providers/{provider}/deactivate", "nothing is said"),
    ("GET /sso/providers/{provider}/configuration", "nothing is asked"),
    (
        "PUT /sso/providers/{provider}/configuration",
        "names and addresses that others may have",
    ),
    (
        "POST /sso/providers/{provider}/certificates",
        "certificates that others may have",
    ),
    (
        "DELETE /sso/providers/{provider}/certificates/{certificate}",
        "nothing is said",
    ),
    ("GET /sso/routes", "nothing is asked"),
    ("GET /sso/keys", "nothing is asked"),
    ("POST /sso/keys", "a word, and times"),
    ("POST /sso/keys/{sso_key}/promote", "a time"),
    ("DELETE /sso/keys/{sso_key}", "nothing is said"),
    ("POST /clients", "addresses of the client's own"),
    ("GET /clients/{client}", "nothing is asked"),
    (
        "PATCH /clients/{client}",
        "words, and addresses of the client's own",
    ),
    ("POST /clients/{client}/secret", "a number"),
    ("DELETE /clients/{client}", "nothing is said"),
    ("GET /partners/{partner}", "nothing is asked"),
    ("DELETE /partners/{partner}", "nothing is said"),
    ("POST /tokens", "one's own owner, as ever"),
    ("GET /tokens/{token}", "nothing is asked"),
    ("DELETE /tokens/{token}", "nothing is said"),
    ("POST /tokens/{token}/successor", "numbers"),
];

/// An endpoint as [`NOTHING_ELSE`] and the table below write it: without what all of its kind begin with.
pub(super) fn short(method: &Method, template: &str) -> String {
    let bases = ["/v1/scim/{org}", "/identity/scim/{org}/v2", "/api/v1"];
    let path = bases.iter().find_map(|base| template.strip_prefix(base));
    format!("{method} {}", path.unwrap_or(template))
}

/// What is tried at an endpoint, beside its path.
#[derive(Default)]
pub(super) struct Row {
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: Option<Body>,
}

/// Endpoints, as [`short`] writes them, and what is tried there.
pub(super) type Table = Vec<(&'static str, Vec<Row>)>;

impl Row {
    pub(super) fn query(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            query: vec![(name, value.into())],
            ..Self::default()
        }
    }

    pub(super) fn json(body: Value) -> Self {
        Self {
            body: Some(Body::Json(body)),
            ..Self::default()
        }
    }

    pub(super) fn header(name: &'static str, value: &'static str, body: Option<Value>) -> Self {
        Self {
            headers: vec![(name, value)],
            body: body.map(Body::Json),
            ..Self::default()
        }
    }
}

/// What names a thing elsewhere, by endpoint: first what reads, then what writes.
pub(super) fn elsewhere() -> Vec<Attempt> {
    let mut table = questions::table();
    table.extend(changes::table());
    let examples = examples();
    let mut all = Vec::new();
    for (door, rows) in table {
        let doors: Vec<_> = examples
            .iter()
            .filter(|example| short(&example.method, &example.template) == door)
            .collect();
        assert!(!doors.is_empty(), "there is no endpoint {door}");
        for row in rows {
            all.extend(doors.iter().map(|example| Attempt {
                method: example.method.clone(),
                template: example.template.clone(),
                path: own_path(example),
                query: row.query.clone(),
                headers: row.headers.clone(),
                body: row.body.clone().unwrap_or(Body::None),
            }));
        }
    }
    all
}
