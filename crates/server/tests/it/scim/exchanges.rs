//! The recorded exchanges of clients, over HTTP, with the headers of the client; see
//! `crates/scim/tests/it/fixtures/README.md`. Each is sent to the base URL as it is, and with a slash too many at its end
//! and at the end of the path; then once more in an organization as Webex has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use access::Role;
use http::Method;
use serde_json::{Map, Value, json};

use super::{id, place};
use crate::client::{Answer, Call, Client, SCIM, encoded};
use crate::on_both;
use crate::world::{Organization, TRACKING_ID, World};

on_both!(entra_id, okta, jump_cloud, webex);

const WEBEX: [&str; 2] = [
    "urn:scim:schemas:extension:cisco:webexidentity:2.0:User",
    "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group",
];

/// Slashes too many: behind the base URL, and behind the path.
const SLASHES: [(&str, &str); 3] = [("", ""), ("/", ""), ("", "/")];

async fn entra_id(world: &World) {
    let media_type = "application/scim+json; charset=utf-8";
    let client = Organization::scim;
    replay(world, "entra", client, media_type, &|call| call).await;
}

async fn okta(world: &World) {
    let headers = |call: Call| {
        call.header("user-agent", "Okta SCIM Client 1.0.0")
            .header("accept", SCIM)
            .header("accept-charset", "utf-8")
    };
    let media_type = "application/scim+json; charset=utf-8";
    replay(world, "okta", Organization::identity, media_type, &headers).await;
}

async fn jump_cloud(world: &World) {
    let client = Organization::scim;
    replay(world, "jumpcloud", client, "application/json", &|call| call).await;
}

async fn webex(world: &World) {
    let media_type = "application/json;charset=utf-8";
    replay(world, "webex", Organization::webex, media_type, &|call| call).await;
}

fn fixtures(vendor: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../scim/tests/it/fixtures")
        .join(vendor);
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the fixtures")
        .map(|file| file.expect("a file").path())
        .collect();
    files.sort();
    files
}

async fn replay(
    world: &World,
    vendor: &str,
    client: fn(&Organization) -> Client,
    media_type: &'static str,
    headers: &dyn Fn(Call) -> Call,
) {
    let files = fixtures(vendor);
    assert!(files.len() >= 10, "{vendor}: {files:?}");
    for (org, slashes) in [(&world.plain, &SLASHES[..]), (&world.webex, &SLASHES[..1])] {
        for file in &files {
            let text = fs::read_to_string(file).expect("a file");
            for slashes in slashes {
                let exchange = Exchange {
                    name: format!("{} {slashes:?}", file.display()),
                    fixture: serde_json::from_str(&text).expect("JSON"),
                    slashes: *slashes,
                    world,
                    org,
                    client: &client(org),
                    media_type,
                    headers,
                };
                exchange.run().await;
            }
        }
    }
}

struct Exchange<'e> {
    name: String,
    fixture: Value,
    slashes: (&'e str, &'e str),
    world: &'e World,
    org: &'e Organization,
    client: &'e Client,
    media_type: &'static str,
    headers: &'e dyn Fn(Call) -> Call,
}

impl Exchange<'_> {
    async fn run(mut self) {
        let kind = format!("/{}s", self.fixture["kind"].as_str().expect("a kind"));
        let cast = self.cast().await;
        let is_group = kind == "/Groups";
        let there = ["before", "resource"]
            .iter()
            .find_map(|name| self.fixture.get(name));
        let there = match there.cloned() {
            None => None,
            Some(mut there) => {
                if is_group {
                    there["members"] = cast.initial.iter().map(|id| json!({ "value": id })).collect();
                }
                Some(self.client.post(&kind, &there).await.expect(201))
            }
        };
        // A filter may speak of the resource's own id.
        if let (Some(there), Some(own)) = (&there, self.fixture["resource"]["id"].as_str()) {
            let text = self.fixture.to_string().replace(own, id(there));
            self.fixture = serde_json::from_str(&text).expect("JSON");
        }
        let method = self.fixture["method"].as_str().expect("a method").to_owned();
        let now = match (method.as_str(), there) {
            ("GET", Some(there)) if self.fixture["me"] == true => self.me(there).await,
            ("GET", Some(there)) if self.fixture["one"] == true => self.read(there).await,
            ("GET", Some(there)) => self.look(&kind, there).await,
            ("POST", Some(there)) => self.refused(&kind, there).await,
            ("POST", None) => {
                let answer = self.send(Method::POST, &kind).await;
                let now = self.shown(&answer, 201, None).await;
                assert_eq!(
                    answer.header("location"),
                    now["meta"]["location"],
                    "{}",
                    self.name
                );
                now
            }
            ("PUT", Some(there)) => {
                let answer = self.send(Method::PUT, &place(&there)).await;
                self.shown(&answer, 200, Some(there)).await
            }
            ("PATCH", Some(there)) => {
                let answer = self.send(Method::PATCH, &place(&there)).await;
                let status = if is_group && !answer.asked.is_webex() {
                    204
                } else {
                    200
                };
                self.shown(&answer, status, Some(there)).await
            }
            ("DELETE", Some(there)) => {
                let answer = self.send(Method::DELETE, &place(&there)).await;
                assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{}", self.name);
                self.client.get(&place(&there)).await.scim_error(404, "");
                Value::Null
            }
            other => panic!("{}: {other:?}", self.name),
        };
        if ["POST", "PUT", "PATCH"].contains(&method.as_str()) && self.fixture.get("status").is_none() {
            assert_eq!(bare(&now), self.expected(), "{}", self.name);
            if is_group {
                assert_eq!(members(&now), self.members(&cast), "{}", self.name);
            }
        }
        if !now.is_null() {
            self.client.delete(&place(&now)).await.expect(204);
        }
        for gone in cast.places {
            self.client.delete(&gone).await.expect(204);
        }
    }

    /// What the next GET shows after a write with this status; an answer with a body has shown the same.
    async fn shown(&self, answer: &Answer, status: u16, there: Option<Value>) -> Value {
        assert_eq!(answer.status, status, "{}: {}", self.name, answer.text);
        let there = there.unwrap_or_else(|| answer.json());
        let now = self.client.get(&place(&there)).await.expect(200);
        assert_eq!(answer.text.is_empty(), status == 204, "{}", self.name);
        if status != 204 {
            assert_eq!(
                answer.header("content-type"),
                answer.asked.scim(),
                "{}",
                self.name
            );
            assert_eq!(answer.json(), now, "{}", self.name);
        }
        assert_eq!(answer.header("etag"), now["meta"]["version"], "{}", self.name);
        now
    }

    /// A create that is refused changes nothing of what is there.
    async fn refused(&self, kind: &str, there: Value) -> Value {
        let status = self.fixture["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let scim_type = self.fixture["scimType"].as_str().unwrap_or_default();
        let answer = self.send(Method::POST, kind).await;
        answer.scim_error(status.expect("a status"), scim_type);
        if answer.asked.is_webex() {
            assert_eq!(answer.header("trackingid"), TRACKING_ID, "{}", self.name);
        }
        assert_eq!(
            self.client.get(&place(&there)).await.expect(200),
            there,
            "{}",
            self.name
        );
        there
    }

    /// The resource itself.
    async fn read(&self, there: Value) -> Value {
        let query = self.fixture["query"].as_str().unwrap_or_default();
        let below = self.fixture["below"].as_str().unwrap_or_default();
        let answer = self.ask(&format!("{}{below}", place(&there)), query).await;
        if let Some(expected) = self.fixture.get("answer") {
            assert_eq!(&answer.expect(200), expected, "{}", self.name);
            return there;
        }
        let mut expected = there.clone();
        if query == "excludedAttributes=members" {
            let members = expected.as_object_mut().expect("an object").remove("members");
            assert_eq!(
                members.expect("members").as_array().map(Vec::len),
                Some(1),
                "{}",
                self.name
            );
        }
        assert_eq!(answer.expect(200), expected, "{}", self.name);
        there
    }

    /// The resource as the owner of a token, at the address that names no organization.
    async fn me(&self, there: Value) -> Value {
        let token = self
            .world
            .token_for(self.org, id(&there), Role::ReadOnlyAdmin)
            .await;
        let anywhere = Client::new(self.world.address.clone(), Some(&token), self.media_type);
        let anywhere = anywhere.tracked(TRACKING_ID);
        let call = anywhere.call(Method::GET, "/identity/scim/v2/Users/me");
        let answer = call.body(self.media_type, "").send().await;
        let location = format!("{}{}", self.client.url, place(&there));
        assert_eq!(answer.header("location"), location, "{}", self.name);
        assert_eq!(answer.expect(200), there, "{}", self.name);
        there
    }

    /// People and groups in the places of `u-1` and `g-1`.
    async fn cast(&mut self) -> Cast {
        let mut cast = Cast::default();
        let mut text = self.fixture.to_string();
        for (letter, kind) in [("u", "/Users"), ("g", "/Groups")] {
            for number in 0..9 {
                let name = format!("{letter}-{number}");
                let own = self.fixture["resource"]["id"] == name.as_str();
                let bystander = name == "u-0" && self.fixture["kind"] == "Group";
                if own || !(bystander || text.contains(&format!("\"{name}\""))) {
                    continue;
                }
                let body = json!({
                    "userName": format!("{name}@cast.example"), "displayName": format!("{name} of the cast"),
                });
                let made = self.client.post(kind, &body).await.expect(201);
                text = text.replace(&format!("\"{name}\""), &format!("\"{}\"", id(&made)));
                text = text.replace(&format!("\\\"{name}\\\""), &format!("\\\"{}\\\"", id(&made)));
                cast.places.push(place(&made));
                if bystander {
                    cast.initial.push(id(&made).to_owned());
                }
            }
        }
        self.fixture = serde_json::from_str(&text).expect("JSON");
        let operations = self.fixture["members"].as_array().into_iter().flatten();
        for operation in operations {
            cast.initial.extend(texts(&operation["remove"]));
        }
        cast
    }

    /// Sends the body, if there is one.
    async fn send(&self, method: Method, path: &str) -> Answer {
        let (behind_base, behind_path) = self.slashes;
        let call = self
            .client
            .call(method, &format!("{behind_base}{path}{behind_path}"));
        let call = (self.headers)(call);
        match self.fixture.get("body") {
            Some(body) => call.body(self.media_type, body.to_string()).send().await,
            None => call.send().await,
        }
    }

    async fn ask(&self, path: &str, query: &str) -> Answer {
        let (behind_base, behind_path) = self.slashes;
        let path = format!("{behind_base}{path}{behind_path}?{query}");
        (self.headers)(self.client.call(Method::GET, &path)).send().await
    }

    /// Does the list hold the resource if it should?
    async fn look(&self, kind: &str, there: Value) -> Value {
        let filter = self.fixture["filter"].as_str().unwrap_or_default();
        let query = self.fixture["query"].as_str();
        let query = query.map_or_else(|| format!("filter={}", encoded(filter)), ToOwned::to_owned);
        let answer = self.ask(kind, &query).await;
        let list = answer.expect(200);
        assert_eq!(
            answer.header("content-type"),
            answer.asked.scim(),
            "{}",
            self.name
        );
        assert_eq!(
            list["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"])
        );
        let resources = list["Resources"].as_array().expect("Resources");
        let found = resources.iter().find(|one| one["id"] == there["id"]);
        assert_eq!(
            json!(found.is_some()),
            self.fixture["matches"],
            "{}: {list}",
            self.name
        );
        if !filter.is_empty() {
            assert_eq!(list["totalResults"], u64::from(found.is_some()), "{}", self.name);
        }
        let without_members = query.contains("excludedAttributes=members");
        assert!(
            !without_members || !answer.text.contains("members"),
            "{}: {list}",
            self.name
        );
        let whole = !without_members && !query.contains("attributes=");
        if let Some(found) = found.filter(|_| whole && !answer.asked.is_webex()) {
            assert_eq!(found, &there, "{}", self.name);
        }
        there
    }

    fn expected(&self) -> Value {
        let mut expected = self.fixture["stored"].clone();
        let attributes = expected.as_object_mut().expect("an object");
        attributes.remove("password");
        if self.org.id == self.world.webex.id && self.fixture["kind"] == "User" {
            keep_address(attributes);
        }
        expected
    }

    /// The members after the operations of a PATCH, or those of a body.
    fn members(&self, cast: &Cast) -> BTreeSet<String> {
        let told = &self.fixture["members"];
        if self.fixture["method"] != "PATCH" {
            return texts(told).collect();
        }
        let mut members: BTreeSet<String> = cast.initial.iter().cloned().collect();
        for operation in told.as_array().into_iter().flatten() {
            members.extend(texts(&operation["add"]));
            for id in texts(&operation["remove"]) {
                members.remove(&id);
            }
            if operation.get("replace").is_some() || operation.get("removeAll").is_some() {
                members = texts(&operation["replace"]).collect();
            }
        }
        members
    }
}

/// What stands in an organization as Webex has them: the userName is the work address, and no other is primary.
fn keep_address(user: &mut Map<String, Value>) {
    let name = user["userName"].clone();
    let emails = user.entry("emails").or_insert(json!([]));
    let emails = emails.as_array_mut().expect("a list");
    for email in emails.iter_mut() {
        email.as_object_mut().expect("an address").remove("primary");
    }
    match emails.iter_mut().find(|email| email["type"] == "work") {
        Some(work) => {
            work["value"] = name;
            work["primary"] = true.into();
        }
        None => emails.push(json!({ "value": name, "type": "work", "primary": true })),
    }
}

/// Who else is on the stage.
#[derive(Default)]
struct Cast {
    places: Vec<String>,
    /// The members of a group to begin with: a bystander, and those who are to be removed.
    initial: Vec<String>,
}

fn texts(list: &Value) -> impl Iterator<Item = String> + '_ {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(ToOwned::to_owned)
}

fn members(group: &Value) -> BTreeSet<String> {
    let members = group["members"].as_array().expect("members").iter();
    members
        .map(|one| one["value"].as_str().expect("an id").to_owned())
        .collect()
}

/// A resource without what the service adds.
fn bare(resource: &Value) -> Value {
    let mut attributes: BTreeMap<String, Value> =
        serde_json::from_value(resource.clone()).expect("an object");
    for added in ["id", "meta", "groups", "members"] {
        attributes.remove(added);
    }
    for extension in WEBEX {
        let Some(kept) = attributes.get_mut(extension).and_then(Value::as_object_mut) else {
            continue;
        };
        kept.remove("meta");
        kept.remove("provisionSource");
        if kept.is_empty() {
            attributes.remove(extension);
            let schemas = attributes.get_mut("schemas").and_then(Value::as_array_mut);
            schemas.expect("schemas").retain(|urn| urn != extension);
        }
    }
    json!(attributes)
}
