//! Whatever a request can name, tried with the names of another organization: the answer is the one for what does not
//! exist, nothing of theirs is in it, and nothing of theirs has changed.

use std::collections::BTreeSet;

use access::Role;
use http::Method;
use serde_json::{Value, json};

use super::attempts::{Attempt, Body, NOTHING_ELSE, elsewhere, in_paths, short};
use super::estate::{export, furnish};
use super::names::{Names, OWN, THEIRS, fill, fill_all, marks, nobody, plain};
use crate::client::{Answer, Client, SCIM};
use crate::endpoints::examples;
use crate::on_both;
use crate::world::{Organization, World};

on_both!(a_strangers_names_are_nobodys);

/// Headers that say something of the answer.
const TELLING: &[&str] = &[
    "content-type",
    "location",
    "etag",
    "allow",
    "www-authenticate",
    "retry-after",
    "x-result-count",
    "x-search_after",
];

#[test]
fn every_endpoint_is_tried() {
    let endpoints: BTreeSet<_> = examples()
        .iter()
        .filter(|example| example.is_guarded())
        .map(|example| short(&example.method, &example.template))
        .collect();
    let tried: BTreeSet<_> = elsewhere()
        .iter()
        .map(|attempt| short(&attempt.method, &attempt.template))
        .collect();
    let excused: BTreeSet<_> = NOTHING_ELSE.iter().map(|(door, _)| (*door).to_owned()).collect();
    let known: BTreeSet<_> = tried.union(&excused).cloned().collect();
    assert_eq!(known, endpoints, "what can a body, query or header name there?");
    assert_eq!(tried.intersection(&excused).next(), None);
}

/// Somebody of an organization, who may do everything there.
struct Somebody {
    scim: Client,
    plain: Client,
    own: Names,
    /// What is there at first, by its path.
    things: Vec<(String, Value)>,
}

impl Somebody {
    async fn of(world: &World, org: &Organization) -> Self {
        let mut own = furnish(world, org, OWN, 0).await;
        let (me, token) = world.token_of(org, Role::FullAdmin).await;
        let client = |media_type| Client::new(world.address.clone(), Some(&token), media_type);
        let (scim, plain) = (client(SCIM), client("application/json"));
        let base = format!("/v1/scim/{}", org.id);
        let mut things = Vec::new();
        for place in [
            format!("{base}/Users/{}", own["user"]),
            format!("{base}/Users/{me}"),
            format!("{base}/Groups/{}", own["group"]),
        ] {
            let thing = scim.get(&place).await.expect(200);
            things.push((place, thing));
        }
        own.insert("me_name", format!("{}@example.com", Role::FullAdmin));
        Self {
            scim,
            plain,
            own,
            things,
        }
    }

    fn client(&self, template: &str) -> &Client {
        if template.contains("/scim/") {
            &self.scim
        } else {
            &self.plain
        }
    }

    /// One's own names, with the versions of now.
    async fn own_now(&self) -> Names {
        let mut own = self.own.clone();
        for (key, at) in [("etag_user", 0), ("etag_group", 2)] {
            let read = self.scim.get(&self.things[at].0).await;
            own.insert(key, read.header("etag").to_owned());
        }
        own
    }

    /// An address without the server's own.
    fn below(&self, location: &str) -> String {
        location.replace(&self.scim.url, "")
    }

    /// Sends a request; answers also all of what was said in it.
    async fn send(&self, attempt: &Attempt, names: &Names) -> (Answer, String) {
        let fill = |text: &str| fill(text, names, &self.own);
        let path = fill(&attempt.path);
        let mut said = path.clone();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &attempt.query {
            let value = fill(value);
            query.append_pair(name, &value);
            said += &value;
        }
        let query = Some(query.finish()).filter(|query| !query.is_empty());
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut call = self.client(&attempt.template).call(
            attempt.method.clone(),
            &format!("{}{query}", path.replace(' ', "%20")),
        );
        for (name, value) in &attempt.headers {
            let value = fill(value);
            call = call.header(name, &value);
            said += &value;
        }
        call = match &attempt.body {
            Body::None => call,
            Body::Json(body) => {
                let body = fill_all(body, names, &self.own);
                said += &body.to_string();
                call.json(&body)
            }
            Body::Csv(text) => {
                said += &fill(text);
                call.body("text/csv", fill(text))
            }
        };
        (call.send().await, said)
    }

    /// Takes back what a request has done, so that the next one finds everything as this one did.
    async fn tidy(&self, attempt: &Attempt, answer: &Answer) {
        if !(200..300).contains(&answer.status) || attempt.only_reads() {
            return;
        }
        for (place, thing) in &self.things {
            self.scim.put(place, thing).await.expect(200);
        }
        if attempt.template.starts_with("/api/v1/apps/{app}") {
            let app = format!("/api/v1/apps/{}", self.own["app"]);
            let name = json!({ "name": self.own["app_name"] });
            self.plain.patch(&app, &name).await.expect(200);
            let custom = json!({ "custom": [{ "name": self.own["attribute"] }] });
            self.plain
                .put(&format!("{app}/attributes"), &custom)
                .await
                .expect(200);
        }
        let removed = attempt.template == "/api/v1/domains/{domain}" && attempt.method == Method::DELETE;
        if removed || attempt.template.ends_with("/actions/unverifyDomain") {
            let domain = json!({ "domain": self.own["domain"] });
            self.plain.post("/api/v1/domains", &domain).await;
        }
        if attempt.template.starts_with("/api/v1/licences/{licence}") {
            let licence = format!("/api/v1/licences/{}", self.own["licence"]);
            let name = json!({ "name": self.own["licence_name"] });
            self.plain.patch(&licence, &name).await.expect(200);
        }
        let Ok(made) = serde_json::from_str::<Value>(&answer.text) else {
            return;
        };
        let client = self.client(&attempt.template);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if attempt.template.ends_with("/actions/getDomainVerificationToken")
            && made["domain"] != self.own["domain"]
        {
            let place = format!("/api/v1/domains/{}", text(&made["domain"]));
            self.plain.delete(&place).await.expect(204);
        }
        for one in made["Operations"].as_array().into_iter().flatten() {
            if one["method"] == "POST" && one["status"] == "201" {
                let place = self.below(&text(&one["location"]));
                client.delete(&place).await.expect(204);
            }
        }
        if answer.status != 201 {
            return;
        }
        let place = match short(&attempt.method, &attempt.template).as_str() {
            "POST /apps" => format!(
                "/api/v1/apps/{}?confirm={}",
                text(&made["id"]),
                text(&made["name"])
            ),
            "POST /groups" => format!("/api/v1/groups/{}", text(&made["id"])),
            "POST /people" => format!("/api/v1/people/{}", text(&made["id"])),
            "POST /apps/{app}/sso/keys" => {
                format!("/api/v1/apps/{}/sso/keys/{}", self.own["app"], text(&made["id"]))
            }
            "POST /partners" => format!("/api/v1/partners/{}", text(&made["id"])),
            "POST /licences" => format!("/api/v1/licences/{}", text(&made["id"])),
            "POST /domains" => format!("/api/v1/domains/{}", text(&made["domain"])),
            "POST /tokens" | "POST /tokens/{token}/successor" => {
                format!("/api/v1/tokens/{}", text(&made["id"]))
            }
            "PUT /schemas/{urn}" => format!("/api/v1/schemas/{}", text(&made["urn"])),
            "POST /Users" | "POST /Groups" => self.below(&text(&made["meta"]["location"])),
            // It is there for good, and in nobody's way.
            "POST /apps/{app}/plans" | "POST /apps/{app}/mappings" => return,
            other => panic!("how is undone what {other} makes?"),
        };
        client.delete(&place).await.expect(204);
    }
}

/// Where two answers differ first.
fn difference(expected: &str, found: &str) -> String {
    let same = expected
        .chars()
        .zip(found.chars())
        .take_while(|(one, other)| one == other);
    let from = same.count().saturating_sub(60);
    let part = |text: &str| text.chars().skip(from).take(400).collect::<String>();
    format!("  of nobody: …{}\n  of theirs: …{}", part(expected), part(found))
}

/// What an answer says, less what differs from one request to the next.
fn shown(answer: &Answer, names: &[&Names]) -> String {
    let headers: Vec<_> = TELLING
        .iter()
        .map(|name| format!("{name}: {}", plain(answer.header(name), names)))
        .collect();
    format!(
        "{}\n{}\n{}",
        answer.status,
        headers.join("\n"),
        plain(&answer.text, names)
    )
}

fn everything_in(answer: &Answer) -> String {
    let headers = answer.headers.values().filter_map(|value| value.to_str().ok());
    let headers: Vec<_> = headers.collect();
    format!("{}\n{}", answer.text, headers.join("\n"))
}

async fn a_strangers_names_are_nobodys(world: &World) {
    let stranger: &Organization = &world.plain;
    let somebody = Somebody::of(world, &world.webex).await;
    let theirs = furnish(world, stranger, THEIRS, 4).await;
    let nobody = nobody(&theirs);
    let before = export(world, stranger, &theirs).await;
    let texts: Vec<_> = before.iter().map(|(_, json)| json.to_string()).collect();
    let marks = marks(texts.iter().map(String::as_str));
    assert!(marks.len() > 40, "{marks:?}");

    let (mut said, mut wrong, mut blind) = (String::new(), Vec::new(), Vec::new());
    for attempt in in_paths().iter().chain(&elsewhere()) {
        let (random, _) = somebody.send(attempt, &nobody).await;
        somebody.tidy(attempt, &random).await;
        let (answer, words) = somebody.send(attempt, &theirs).await;
        somebody.tidy(attempt, &answer).await;
        said += &words;
        // Both, as what was tried before stands in the trail of one's own events.
        let names = [&nobody, &theirs];
        let (expected, found) = (shown(&random, &names), shown(&answer, &names));
        // What is refused whatever is named, and what takes one's own things away for good, tell nothing.
        let refused = random.status >= 400 && !random.text.contains("\"mutability\"");
        let tells = attempt.only_reads() || (refused && attempt.method != Method::DELETE);
        if tells && attempt.names_somebody() {
            let own = somebody.own_now().await;
            let (mine, _) = somebody.send(attempt, &own).await;
            somebody.tidy(attempt, &mine).await;
            if shown(&mine, &[&own]) == expected {
                blind.push(format!("{attempt:?}"));
            }
        }
        if expected != found || answer.status >= 500 {
            wrong.push(format!("{attempt:?}\n{}", difference(&expected, &found)));
        }
        // Whoever said a name may hear it again; all else of theirs may nobody hear.
        let heard = everything_in(&answer);
        let leak = marks
            .iter()
            .find(|mark| heard.contains(mark.as_str()) && !said.contains(mark.as_str()));
        if let Some(leak) = leak {
            wrong.push(format!("{attempt:?}\n  {leak} is in the answer: {heard}"));
        }
    }
    assert!(blind.is_empty(), "one's own names make no difference: {blind:#?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    let after = export(world, stranger, &theirs).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
}
