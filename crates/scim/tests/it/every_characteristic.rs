//! Every characteristic of an attribute, flipped alone, is seen in what becomes of requests: at the top of a resource,
//! in an extension, and within complex values. What there is to flip is read off the definitions, so a characteristic
//! that nobody obeys, or that is new, fails here.

use scim::discovery::{self, Audience};
use scim::patch::{self, PatchOptions, PatchRequest};
use scim::projection::Projection;
use scim::resource::{self, Mode};
use scim::schema::{
    Attribute, Extension, Kind, Mutability, Origin, ResourceTypes, Returned, Schema, Uniqueness,
};
use scim::sort::Sort;
use scim::{Error, Object, ResourceType, filter};
use serde_json::{Value, json};

use crate::object;

const URN: &str = "urn:example:test:1.0:User";

/// Where the attribute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Core,
    Extension,
    /// In the one value of a complex attribute.
    Part,
    /// In each value of a complex attribute.
    PartOfMany,
}

const PLACES: [Place; 4] = [Place::Core, Place::Extension, Place::Part, Place::PartOfMany];

/// An attribute with every characteristic, none of them telling.
fn plain() -> Attribute {
    let value = json!({ "name": "value", "type": "string" });
    attribute(&json!({
        "name": "it", "type": "string", "multiValued": false, "description": "Something", "required": false,
        "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
        "canonicalValues": ["Ten"], "referenceTypes": ["User"], "subAttributes": [value],
    }))
}

fn attribute(definition: &Value) -> Attribute {
    serde_json::from_value(definition.clone()).expect("an attribute")
}

fn names<T: serde::Serialize>(all: &[T]) -> Vec<Value> {
    all.iter().map(|one| json!(one)).collect()
}

/// How far a characteristic reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Requests are treated differently.
    Requests,
    /// It is for readers of `/Schemas`.
    Discovery,
}

/// What a characteristic can be, and of which type the attribute is meanwhile.
fn values_of(characteristic: &str) -> (Vec<Value>, Kind, Reach) {
    use Reach::{Discovery, Requests};
    let sub = |name: &str| json!({ "name": name, "type": "string" });
    match characteristic {
        "name" => (vec![json!("it"), json!("other")], Kind::String, Requests),
        "type" => (names(Kind::ALL), Kind::String, Requests),
        "multiValued" | "required" | "caseExact" => (vec![json!(false), json!(true)], Kind::String, Requests),
        "mutability" => (names(Mutability::ALL), Kind::String, Requests),
        "returned" => (names(Returned::ALL), Kind::String, Requests),
        "uniqueness" => (names(Uniqueness::ALL), Kind::String, Requests),
        "referenceTypes" => (
            vec![json!(["User"]), json!(["Group"]), json!(["external"])],
            Kind::Reference,
            Requests,
        ),
        "subAttributes" => (
            vec![json!([sub("value")]), json!([sub("value"), sub("more")])],
            Kind::Complex,
            Requests,
        ),
        "description" => (vec![json!("Something"), json!("Else")], Kind::String, Discovery),
        "canonicalValues" => (vec![json!(["Ten"]), json!(["Eleven"])], Kind::String, Discovery),
        unknown => panic!("{unknown} is a characteristic without a case here: what does it change?"),
    }
}

impl Place {
    fn can_be(self, attribute: &Attribute) -> bool {
        matches!(self, Self::Core | Self::Extension) || !attribute.is_complex()
    }

    /// The resource types with the attribute at this place.
    fn types(self, it: &Attribute) -> ResourceTypes {
        let mut types = ResourceTypes::clone(ResourceTypes::built_in());
        if self == Self::Core {
            types.user.core.attributes.push(it.clone());
            return types;
        }
        let label = attribute(&json!({ "name": "label", "type": "string" }));
        let mut around = plain();
        around.name = "box".into();
        around.kind = Kind::Complex;
        around.multi_valued = self == Self::PartOfMany;
        around.sub_attributes = vec![label.clone(), it.clone()];
        let attributes = if self == Self::Extension {
            vec![label, it.clone()]
        } else {
            vec![around]
        };
        types.user.extensions.push(Extension {
            schema: Schema {
                id: URN.into(),
                name: "Test".into(),
                description: String::new(),
                attributes,
            },
            required: false,
            origin: Origin::Organization,
        });
        types
    }

    fn user(self, value: Option<&Value>) -> Value {
        let mut it = json!({});
        if let Some(value) = value {
            it["it"] = value.clone();
        }
        let mut labelled = it.clone();
        labelled["label"] = "l".into();
        let mut user = json!({ "userName": "anna" });
        match self {
            Self::Core => user["it"] = it["it"].take(),
            Self::Extension => user[URN] = labelled,
            Self::Part => user[URN] = json!({ "box": labelled }),
            Self::PartOfMany => user[URN] = json!({ "box": [labelled] }),
        }
        user
    }

    fn path(self) -> String {
        match self {
            Self::Core => "it".into(),
            Self::Extension => format!("{URN}:it"),
            Self::Part | Self::PartOfMany => format!("{URN}:box.it"),
        }
    }

    fn patch_path(self) -> String {
        match self {
            Self::PartOfMany => format!("{URN}:box[label eq \"l\"].it"),
            _ => self.path(),
        }
    }
}

fn told(outcome: Result<Object, Error>) -> Value {
    match outcome {
        Ok(object) => Value::Object(object),
        Err(error) => json!(error.scim_type.expect("a kind").as_str()),
    }
}

/// What becomes of requests that speak of the attribute.
fn requests(types: &ResourceTypes, place: Place) -> Value {
    let users = &types.user;
    let bodies = [
        json!("a b"),
        json!("10"),
        json!(7.5),
        json!("TRUE"),
        json!("2026-01-01T00:00:00Z"),
        json!("../Groups/7"),
        json!("https://x.example/y z"),
        json!({ "value": "v", "more": "m" }),
        json!(["Ten", "ten"]),
    ];
    let read = |value: Option<&Value>, mode| resource::read(place.user(value), users, mode);
    let created: Vec<Value> = bodies
        .iter()
        .map(|value| told(read(Some(value), Mode::Create)))
        .chain([told(read(None, Mode::Create))])
        .collect();
    // The same text for all that can be one, else what fits.
    let stored = [
        json!("Ten"),
        json!("10"),
        json!("TRUE"),
        json!("2026-01-01"),
        json!("../Groups/7"),
    ]
    .iter()
    .find_map(|value| {
        let user = read(Some(value), Mode::Create).ok()?;
        users_value(&user, place).is_some().then_some(user)
    })
    .unwrap_or_else(|| object(place.user(Some(&json!("Ten")))));
    let path = place.path();
    let filters = [
        format!("{path} eq \"TEN\""),
        format!("{path} eq \"Ten\""),
        format!("{path} pr"),
        format!("{path} gt \"9\""),
    ]
    .map(|text| {
        let parsed = filter::parse(&text).expect("a filter");
        json!([
            filter::check(&parsed, users).is_ok(),
            filter::evaluate(&parsed, &stored, users)
        ])
    });
    let projected = [
        (None, None),
        (Some(path.as_str()), None),
        (Some("title"), None),
        (None, Some(path.as_str())),
    ]
    .map(|(attributes, excluded)| {
        let projection = Projection::parse(attributes, excluded).expect("a projection");
        Value::Object(projection.apply(&stored, users))
    });
    let sort = Sort::parse(Some(&path), None).expect("a sort").expect("a sort");
    let change = |operation: Value, before: &Object| {
        let request = PatchRequest::parse(json!({ "Operations": [operation] })).expect("a request");
        let mut after = before.clone();
        told(patch::apply(&mut after, &request, users, PatchOptions::default()).map(|_| after))
    };
    let at = place.patch_path();
    let without = object(place.user(None));
    let replace = json!({ "op": "replace", "path": at, "value": "11" });
    let put = |value: Option<&Value>| {
        told(read(value, Mode::Replace).and_then(|body| resource::replace(&stored, body, users)))
    };
    json!({
        "created": created,
        "filters": filters,
        "projected": projected,
        "sorted by": format!("{:?}", sort.key(&stored, users)),
        "patched": [
            change(replace.clone(), &stored),
            change(replace, &without),
            change(json!({ "op": "add", "path": at, "value": "11" }), &stored),
            change(json!({ "op": "remove", "path": at }), &stored),
        ],
        "put": [put(None), put(Some(&json!("11")))],
        "unique": resource::unique_values(&stored, users).expect("short").len(),
    })
}

fn users_value(user: &Object, place: Place) -> Option<Value> {
    let path = scim::path::parse(&place.path()).expect("a path");
    let types = place.types(&plain());
    scim::path::get(user, &path, &types.user)
        .first()
        .map(|value| (*value).clone())
}

fn discovered(types: &ResourceTypes) -> Value {
    discovery::schemas("https://x.example", types, Audience::Everyone)
}

#[test]
fn every_characteristic_makes_a_difference_everywhere() {
    let definition = json!(plain());
    let all: Vec<_> = definition.as_object().expect("an object").keys().collect();
    assert!(all.len() >= 12, "{all:?}");
    for characteristic in all {
        let (values, kind, reach) = values_of(characteristic);
        for place in PLACES {
            let mut seen: Vec<(Value, Value, Value)> = Vec::new();
            for value in &values {
                let mut flipped = definition.clone();
                flipped["type"] = json!(kind);
                flipped[characteristic] = value.clone();
                let flipped = attribute(&flipped);
                if !place.can_be(&flipped) {
                    continue;
                }
                let types = place.types(&flipped);
                let now = (value.clone(), requests(&types, place), discovered(&types));
                for before in &seen {
                    let what = format!("{characteristic}: {} and {} at {place:?}", before.0, now.0);
                    let is_seen = before.1 != now.1;
                    // An organization is a world of its own, so there is nothing more global than it.
                    let scope_alone =
                        before.0 == json!(Uniqueness::Server) && now.0 == json!(Uniqueness::Global);
                    let expected = reach == Reach::Requests && !scope_alone;
                    assert_eq!(is_seen, expected, "{what}: {} {}", before.1, now.1);
                    assert!(before.2 != now.2, "{what}: unseen in /Schemas");
                }
                seen.push(now);
            }
        }
    }
}

#[test]
fn an_extension_that_is_required_must_be_there() {
    for required in [false, true] {
        let mut types = Place::Extension.types(&plain());
        for extension in &mut types.user.extensions {
            extension.required = required && extension.schema.id == URN;
        }
        let users: &ResourceType = &types.user;
        let without = json!({ "userName": "anna" });
        let with = || object(json!({ "userName": "anna", URN: { "it": "x" } }));
        for mode in [Mode::Create, Mode::Replace] {
            assert_eq!(resource::read(without.clone(), users, mode).is_err(), required);
        }
        for operation in [
            json!({ "op": "remove", "path": URN }),
            json!({ "op": "remove", "path": format!("{URN}:it") }),
        ] {
            let request = PatchRequest::parse(json!({ "Operations": [operation] })).expect("a request");
            let outcome = patch::apply(&mut with(), &request, users, PatchOptions::default());
            let refused = outcome
                .err()
                .map(|error| error.scim_type.expect("a kind").as_str());
            assert_eq!(refused, required.then_some("mutability"), "{request:?}");
        }
        // Whoever came before the schema can still be changed.
        let request = json!({ "Operations": [{ "op": "add", "path": "title", "value": "t" }] });
        let request = PatchRequest::parse(request).expect("a request");
        let outcome = patch::apply(&mut object(without), &request, users, PatchOptions::default());
        assert!(outcome.is_ok());
    }
}
