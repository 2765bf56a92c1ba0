//! Every characteristic at the door: two schemas of one organization that differ in one value of one characteristic of
//! one attribute, and two clients who see the difference. What there is to flip is read off the definitions, so a
//! characteristic that nobody obeys, or that is new, fails here.

use scim::schema::{Attribute, Kind, Mutability, Returned, Uniqueness};
use serde_json::{Value, json};

use super::{id, patch_op};
use crate::client::{Answer, Client, encoded};
use crate::on_both;
use crate::world::{Organization, World};

on_both!(every_one_makes_a_difference);

const ONE: &str = "urn:example:one:1.0:User";
const OTHER: &str = "urn:example:other:1.0:User";

/// An attribute with every characteristic, none of them telling.
fn plain() -> Value {
    json!({
        "name": "it", "type": "string", "multiValued": false, "description": "Something", "required": false,
        "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
        "canonicalValues": ["Ten"], "referenceTypes": ["User"],
        "subAttributes": [{ "name": "value", "type": "string" }],
    })
}

fn names<T: serde::Serialize>(all: &[T]) -> Vec<Value> {
    all.iter().map(|one| json!(one)).collect()
}

/// Where a characteristic is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    InRequests,
    InDiscovery,
}

/// What a characteristic can be, the usual first, and of which type the attribute is meanwhile.
fn values_of(characteristic: &str) -> (Vec<Value>, Kind, Seen) {
    use Seen::{InDiscovery, InRequests};
    let sub = |name: &str| json!({ "name": name });
    let usual_first = |mut all: Vec<Value>, usual: &str| {
        all.sort_by_key(|value| value != usual);
        all
    };
    match characteristic {
        "name" => (vec![json!("it"), json!("other")], Kind::String, InRequests),
        "type" => (usual_first(names(Kind::ALL), "string"), Kind::String, InRequests),
        "multiValued" | "required" | "caseExact" => {
            (vec![json!(false), json!(true)], Kind::String, InRequests)
        }
        "mutability" => (
            usual_first(names(Mutability::ALL), "readWrite"),
            Kind::String,
            InRequests,
        ),
        "returned" => (
            usual_first(names(Returned::ALL), "default"),
            Kind::String,
            InRequests,
        ),
        "uniqueness" => (
            usual_first(names(Uniqueness::ALL), "none"),
            Kind::String,
            InRequests,
        ),
        "referenceTypes" => (
            vec![json!(["User"]), json!(["Group"]), json!(["external"])],
            Kind::Reference,
            InRequests,
        ),
        "subAttributes" => (
            vec![json!([sub("value")]), json!([sub("value"), sub("more")])],
            Kind::Complex,
            InRequests,
        ),
        "description" => (vec![json!("Something"), json!("Else")], Kind::String, InDiscovery),
        "canonicalValues" => (vec![json!(["Ten"]), json!(["Eleven"])], Kind::String, InDiscovery),
        unknown => panic!("{unknown} is a characteristic without a case here: what does it change?"),
    }
}

/// The attribute with one characteristic flipped, without what its type cannot have.
fn flipped(characteristic: &str, value: &Value, kind: Kind) -> Value {
    let mut attribute = plain();
    attribute["type"] = json!(kind);
    attribute[characteristic] = value.clone();
    let kind = attribute["type"].clone();
    let members = attribute.as_object_mut().expect("an object");
    if kind != "complex" {
        members.remove("subAttributes");
    }
    if kind != "reference" {
        members.remove("referenceTypes");
    }
    if kind == "complex" || kind == "boolean" {
        members.remove("canonicalValues");
    }
    attribute
}

/// A client that only knows one of the schemas.
struct Observer<'w> {
    org: &'w Organization,
    scim: Client,
    urn: &'static str,
}

impl Observer<'_> {
    async fn learn(&self, attribute: &Value) {
        let schema =
            json!({ "id": self.urn, "name": "Test", "attributes": [attribute, { "name": "label" }] });
        let body = json!({ "resource_type": "User", "schema": schema });
        let answer = self.org.api().put(&format!("/schemas/{}", self.urn), &body).await;
        assert!(
            [200, 201].contains(&answer.status),
            "{attribute}: {}",
            answer.text
        );
    }

    fn body(&self, name: &str, value: Option<&Value>) -> Value {
        let mut own = json!({ "label": "l" });
        if let Some(value) = value {
            own["it"] = value.clone();
        }
        json!({ "userName": format!("{name}@{}", self.urn), (self.urn): own })
    }

    /// What an answer says of the attribute, or why there is none.
    fn told(&self, answer: &Answer) -> Value {
        match answer.status {
            200 | 201 => answer.json()[self.urn].clone(),
            status => json!([status, answer.json()["scimType"]]),
        }
    }

    async fn put(&self, place: &str, name: &str, value: Option<&Value>) -> Value {
        self.told(&self.scim.put(place, &self.body(name, value)).await)
    }

    async fn change(&self, place: &str, op: &str, value: Option<&str>) -> Value {
        let mut operation = json!({ "op": op, "path": format!("{}:it", self.urn) });
        if let Some(value) = value {
            operation["value"] = value.into();
        }
        self.told(&self.scim.patch(place, &patch_op(json!([operation]))).await)
    }

    /// What becomes of requests that speak of the attribute.
    async fn requests(&self) -> Value {
        let (scim, urn) = (&self.scim, self.urn);
        let mut created = Vec::new();
        for (number, value) in [
            Some(json!("a b")),
            Some(json!("10")),
            Some(json!(7.5)),
            Some(json!("TRUE")),
            Some(json!("2026-01-01T00:00:00Z")),
            Some(json!("../Groups/7")),
            Some(json!("https://x.example/y z")),
            Some(json!({ "value": "v", "more": "m" })),
            Some(json!(["Ten", "ten"])),
            None,
        ]
        .iter()
        .enumerate()
        {
            let answer = scim
                .post("/Users", &self.body(&format!("n{number}"), value.as_ref()))
                .await;
            created.push(self.told(&answer));
        }
        // Somebody who has a value: the same text for all types that can have it, else what fits.
        let mut stored = None;
        for value in ["Ten", "11", "FALSE", "2026-02-01", "../Groups/8"] {
            let answer = scim
                .post("/Users", &self.body("stored", Some(&json!(value))))
                .await;
            if answer.status == 201 {
                stored = Some(answer.json());
                break;
            }
        }
        let stored = stored.unwrap_or_else(|| json!({ "id": "nobody" }));
        let place = format!("/Users/{}", id(&stored));
        let mut shown = Vec::new();
        for query in [
            String::new(),
            format!("?attributes={urn}:it"),
            "?attributes=title".to_owned(),
            format!("?excludedAttributes={urn}:it"),
        ] {
            shown.push(self.told(&scim.get(&format!("{place}{query}")).await));
        }
        let mut found = Vec::new();
        for filter in ["eq \"TEN\"", "eq \"Ten\"", "pr", "gt \"105\""] {
            let filter = encoded(&format!("{urn}:it {filter} and userName ew \"{urn}\""));
            let answer = scim
                .get(&format!("/Users?filter={filter}&attributes=userName"))
                .await;
            found.push(match answer.status {
                200 => answer.json()["totalResults"].clone(),
                _ => self.told(&answer),
            });
        }
        let filter = encoded(&format!("userName ew \"{urn}\""));
        let sorted = scim
            .get(&format!(
                "/Users?filter={filter}&sortBy={urn}:it&attributes=userName"
            ))
            .await;
        let sorted: Vec<_> = match sorted.status {
            200 => {
                let all = sorted.json()["Resources"].as_array().cloned().unwrap_or_default();
                all.iter()
                    .map(|user| user["userName"].to_string().replace(urn, ""))
                    .collect()
            }
            status => vec![status.to_string()],
        };
        let twin = scim.post("/Users", &self.body("twin", Some(&json!("tEn")))).await;
        let changed = [
            self.change(&place, "replace", Some("12")).await,
            self.change(&place, "add", Some("13")).await,
            self.change(&place, "remove", None).await,
            self.put(&place, "stored", Some(&json!("14"))).await,
            self.put(&place, "stored", None).await,
        ];
        json!({
            "created": created, "shown": shown, "found": found, "sorted": sorted, "twin": self.told(&twin),
            "changed": changed,
        })
    }

    async fn discovered(&self) -> Value {
        self.scim.get(&format!("/Schemas/{}", self.urn)).await.expect(200)["attributes"].clone()
    }

    /// Everybody goes, and then the schema can.
    async fn forget(&self) {
        let filter = encoded(&format!("userName ew \"{}\"", self.urn));
        let page = self
            .scim
            .get(&format!("/Users?filter={filter}&attributes=id"))
            .await
            .expect(200);
        for user in page["Resources"].as_array().expect("Resources") {
            self.scim
                .delete(&format!("/Users/{}", id(user)))
                .await
                .expect(204);
        }
        self.org
            .api()
            .delete(&format!("/schemas/{}", self.urn))
            .await
            .expect(204);
    }
}

async fn every_one_makes_a_difference(world: &World) {
    let attribute: Attribute = serde_json::from_value(plain()).expect("an attribute");
    let definition = json!(attribute);
    let all: Vec<_> = definition.as_object().expect("an object").keys().collect();
    assert!(all.len() >= 12, "{all:?}");
    let observer = |urn| Observer {
        org: &world.plain,
        scim: world.plain.scim(),
        urn,
    };
    let (one, other) = (observer(ONE), observer(OTHER));
    for characteristic in all {
        let (values, kind, seen) = values_of(characteristic);
        let usual = flipped(characteristic, &values[0], kind);
        for value in &values[1..] {
            one.learn(&usual).await;
            other.learn(&flipped(characteristic, value, kind)).await;
            let (before, after) = (one.requests().await, other.requests().await);
            let what = format!("{characteristic}: {} and {value}", values[0]);
            assert_eq!(
                before != after,
                seen == Seen::InRequests,
                "{what}\n{before}\n{after}"
            );
            assert_ne!(one.discovered().await, other.discovered().await, "{what}");
            one.forget().await;
            other.forget().await;
        }
    }
    // Two that differ in nothing but their URNs are treated alike.
    one.learn(&flipped("type", &json!("string"), Kind::String)).await;
    other
        .learn(&flipped("type", &json!("string"), Kind::String))
        .await;
    assert_eq!(one.requests().await, other.requests().await);
    assert_eq!(one.discovered().await, other.discovered().await);
}
