//! Reading a schema that an organization adds: RFC 7643 §7's form, and what is asked beyond it so that every name in a
//! request means one thing.

use serde_json::Value;

use super::place::{Place, Result};
use super::{Attribute, Kind, Mutability, Returned, Schema, Uniqueness};
use crate::syntax;

/// Attributes of one schema.
pub const MAX_ATTRIBUTES: usize = 100;
/// Sub-attributes of one attribute.
pub const MAX_SUB_ATTRIBUTES: usize = 50;
/// Characters of a URN.
pub const MAX_URN: usize = 200;
const MAX_NAME: usize = 64;
const MAX_TITLE: usize = 200;
const MAX_DESCRIPTION: usize = 2_000;
const MAX_CANONICAL_VALUES: usize = 200;

/// The schema that a definition describes. `schemas` and `meta`, which a copy from a `/Schemas` has, are passed over.
pub fn read(definition: &Value) -> Result<Schema> {
    const KEYS: [&str; 6] = ["id", "name", "description", "attributes", "schemas", "meta"];
    let place = Place::top(definition)?;
    place.refuse_unknown(&KEYS)?;
    let id = place.text("id", MAX_URN)?;
    let Some(id) = id else {
        return Err(place.wrong("id", "id is required: the URN of the schema"));
    };
    refuse_urn(&id).map_err(|detail| place.wrong("id", detail))?;
    let name = match place.text("name", MAX_TITLE)? {
        Some(name) => name,
        None => id.rsplit(':').next().unwrap_or_default().to_owned(),
    };
    let description = place.text("description", MAX_DESCRIPTION)?.unwrap_or_default();
    let attributes = attributes(&place, "attributes", Level::Top)?;
    Ok(Schema {
        id,
        name,
        description,
        attributes,
    })
}

/// Says why a text cannot be the URN of an organization's own schema.
fn refuse_urn(urn: &str) -> std::result::Result<(), String> {
    let example = "such as urn:example:hr:1.0:User";
    let mut parts = urn.split(':');
    let is_urn = parts.next().is_some_and(|part| part.eq_ignore_ascii_case("urn"));
    let (namespace, rest) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>());
    let in_namespace = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let in_rest = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_' | '~');
    if !is_urn
        || !(2..=32).contains(&namespace.len())
        || !namespace.chars().all(in_namespace)
        || namespace.starts_with('-')
        || namespace.ends_with('-')
        || rest.is_empty()
        || !rest
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(in_rest))
    {
        return Err(format!(
            "{urn:?} is no URN of letters, digits and -._~ between colons, {example}"
        ));
    }
    // The last part is read as a name, for an attribute's name follows it just so.
    let last = rest.last().copied().unwrap_or_default();
    if !is_name(last) {
        return Err(format!(
            "The last part of {urn:?} must be a name of letters, digits, - and _, {example}"
        ));
    }
    let urn = urn.to_ascii_lowercase();
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:";
    let entra_id = "urn:ietf:params:scim:schemas:extension:";
    if urn.starts_with("urn:ietf:") && (!urn.starts_with(entra_id) || urn.starts_with(enterprise)) {
        return Err(format!(
            "{urn:?} belongs to the IETF: take a namespace of your own, {example}"
        ));
    }
    if urn.starts_with("urn:scim:schemas:extension:cisco:webexidentity:") {
        return Err(format!(
            "{urn:?} belongs to Webex: take a namespace of your own, {example}"
        ));
    }
    Ok(())
}

/// RFC 7643 §2.1: `ATTRNAME`.
fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && !text.contains('$')
        && syntax::is_attribute_name(text)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Sub,
}

fn attributes(place: &Place<'_>, key: &str, level: Level) -> Result<Vec<Attribute>> {
    let (most, what) = match level {
        Level::Top => (MAX_ATTRIBUTES, "attributes"),
        Level::Sub => (MAX_SUB_ATTRIBUTES, "sub-attributes"),
    };
    let definitions = match place.object.get(key) {
        Some(Value::Array(definitions)) if !definitions.is_empty() => definitions,
        _ => return Err(place.wrong(key, format!("{key} must be a list of one or more {what}"))),
    };
    if definitions.len() > most {
        let detail = format!("There can be up to {most} {what}, not {}", definitions.len());
        return Err(place.wrong(key, detail));
    }
    let mut read: Vec<Attribute> = Vec::with_capacity(definitions.len());
    for (index, definition) in definitions.iter().enumerate() {
        let place = Place::within(definition, format!("{}/{key}/{index}", place.pointer))?;
        let attribute = attribute(&place, level)?;
        if read
            .iter()
            .any(|other| other.name.eq_ignore_ascii_case(&attribute.name))
        {
            let detail = format!(
                "There already is an attribute {:?}, in this or another case",
                attribute.name
            );
            return Err(place.wrong("name", detail));
        }
        read.push(attribute);
    }
    Ok(read)
}

fn attribute(place: &Place<'_>, level: Level) -> Result<Attribute> {
    const KEYS: [&str; 12] = [
        "name",
        "type",
        "multiValued",
        "description",
        "required",
        "caseExact",
        "mutability",
        "returned",
        "uniqueness",
        "canonicalValues",
        "referenceTypes",
        "subAttributes",
    ];
    place.refuse_unknown(&KEYS)?;
    let kind = place.choice("type", Kind::ALL)?.unwrap_or(Kind::String);
    let mut attribute = Attribute {
        name: name(place, level)?,
        kind,
        multi_valued: place.boolean("multiValued")?.unwrap_or_default(),
        description: place.text("description", MAX_DESCRIPTION)?.unwrap_or_default(),
        required: place.boolean("required")?.unwrap_or_default(),
        // RFC 7643 §2.3.6 and §2.3.7: these two are case exact.
        case_exact: place
            .boolean("caseExact")?
            .unwrap_or(matches!(kind, Kind::Binary | Kind::Reference)),
        mutability: place.choice("mutability", Mutability::ALL)?.unwrap_or_default(),
        returned: Returned::default(),
        uniqueness: place.choice("uniqueness", Uniqueness::ALL)?.unwrap_or_default(),
        canonical_values: place.texts("canonicalValues", MAX_CANONICAL_VALUES, MAX_TITLE)?,
        reference_types: place.texts("referenceTypes", 4, MAX_TITLE)?,
        sub_attributes: Vec::new(),
    };
    attribute.returned = returned(place, attribute.mutability)?;
    refuse_what_its_type_has_not(place, &attribute)?;
    if attribute.is_complex() {
        if level == Level::Sub {
            return Err(place.wrong(
                "type",
                "A sub-attribute cannot be complex (RFC 7643 section 2.3.8)",
            ));
        }
        attribute.sub_attributes = attributes(place, "subAttributes", Level::Sub)?;
    }
    Ok(attribute)
}

fn name(place: &Place<'_>, level: Level) -> Result<String> {
    let Some(name) = place.text("name", MAX_NAME)? else {
        return Err(place.wrong("name", "An attribute needs a name"));
    };
    let reserved = ["id", "externalId", "meta", "schemas"];
    match level {
        Level::Sub if name == "$ref" => Ok(name),
        _ if !is_name(&name) => Err(place.wrong(
            "name",
            format!("{name:?} is no attribute name: a letter, then letters, digits, - and _"),
        )),
        Level::Top
            if reserved
                .iter()
                .any(|reserved| reserved.eq_ignore_ascii_case(&name)) =>
        {
            Err(place.wrong("name", format!("{name:?} is an attribute of every resource")))
        }
        _ => Ok(name),
    }
}

/// What can only be written is never returned, whether or not the definition says so.
fn returned(place: &Place<'_>, mutability: Mutability) -> Result<Returned> {
    let returned = place.choice("returned", Returned::ALL)?;
    match (mutability, returned) {
        (Mutability::WriteOnly, None | Some(Returned::Never | Returned::Default)) => Ok(Returned::Never),
        (Mutability::WriteOnly, Some(_)) => {
            Err(place.wrong("returned", "What is writeOnly is never returned: write \"never\""))
        }
        (_, returned) => Ok(returned.unwrap_or_default()),
    }
}

fn refuse_what_its_type_has_not(place: &Place<'_>, attribute: &Attribute) -> Result<()> {
    let subs = place.object.get("subAttributes");
    let has_subs =
        subs.is_some_and(|subs| !subs.is_null() && subs.as_array().is_none_or(|subs| !subs.is_empty()));
    if !attribute.is_complex() && has_subs {
        return Err(place.wrong(
            "subAttributes",
            "Only an attribute of type complex has sub-attributes",
        ));
    }
    if attribute.kind != Kind::Reference && !attribute.reference_types.is_empty() {
        return Err(place.wrong(
            "referenceTypes",
            "Only an attribute of type reference has reference types",
        ));
    }
    for (index, kind) in attribute.reference_types.iter().enumerate() {
        if !["User", "Group", "external", "uri"].contains(&kind.as_str()) {
            let detail = format!("{kind:?} is none of the reference types: User, Group, external, uri");
            return Err(place.wrong(&format!("referenceTypes/{index}"), detail));
        }
    }
    if matches!(attribute.kind, Kind::Complex | Kind::Boolean) {
        if attribute.uniqueness != Uniqueness::None {
            let detail = "No complex and no boolean attribute can be unique; a sub-attribute can";
            return Err(place.wrong("uniqueness", detail));
        }
        if !attribute.canonical_values.is_empty() {
            let detail = "No complex and no boolean attribute has canonical values; a sub-attribute can";
            return Err(place.wrong("canonicalValues", detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(attributes: Value) -> Value {
        json!({ "id": "urn:example:hr:1.0:User", "name": "HR", "attributes": attributes })
    }

    fn refused(definition: &Value) -> String {
        let error = read(definition).expect_err("wrong");
        assert!(!error.detail.is_empty());
        error.pointer
    }

    #[test]
    fn what_is_left_out_is_as_the_rfc_has_it() {
        let schema = read(&json!({
            "id": "urn:example:hr:1.0:Person", "schemas": ["x"], "meta": {},
            "attributes": [{ "name": "badge" }, { "name": "photo", "type": "binary" },
                           { "name": "pin", "mutability": "writeOnly" }],
        }))
        .expect("a schema");
        assert_eq!(
            (schema.name.as_str(), schema.description.as_str()),
            ("Person", "")
        );
        let [badge, photo, pin] = schema.attributes.as_slice() else {
            panic!("three attributes")
        };
        assert_eq!(
            (badge.kind, badge.case_exact, badge.required),
            (Kind::String, false, false)
        );
        assert_eq!(
            (badge.mutability, badge.returned),
            (Mutability::ReadWrite, Returned::Default)
        );
        assert!(photo.case_exact);
        assert_eq!(pin.returned, Returned::Never);
    }

    #[test]
    fn urns_that_can_be_taken_and_those_that_cannot() {
        for (urn, fine) in [
            ("urn:example:hr:1.0:User", true),
            ("URN:okta:acme_app-1:1.0:user:custom", true),
            ("urn:ietf:params:scim:schemas:extension:Acme:2.0:User", true),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                false,
            ),
            ("urn:ietf:params:scim:schemas:core:2.0:Robot", false),
            ("urn:ietf:params:scim:api:messages:2.0:Error", false),
            ("URN:SCIM:schemas:extension:cisco:webexidentity:2.0:Room", false),
            ("http://example.com/hr", false),
            ("urn:example", false),
            ("urn:e:hr", false),
            ("urn:-ex:hr", false),
            ("urn:example:", false),
            ("urn:example:h r", false),
            ("urn:example:hr:1.0", false),
            ("urn:example:hr.User", false),
            ("urn:example:hr(1):User", false),
            ("urn:example:hr,x:User", false),
            ("urn:exämple:User", false),
            ("", false),
        ] {
            let definition = json!({ "id": urn, "attributes": [{ "name": "a" }] });
            assert_eq!(read(&definition).is_ok(), fine, "{urn}");
            if !fine {
                assert_eq!(refused(&definition), "/id", "{urn}");
            }
        }
        let long = format!("urn:example:{}", "a".repeat(MAX_URN));
        assert_eq!(
            refused(&json!({ "id": long, "attributes": [{ "name": "a" }] })),
            "/id"
        );
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let sub = json!({ "name": "value" });
        for (definition, pointer) in [
            (json!([]), ""),
            (json!({ "attributes": [{ "name": "a" }] }), "/id"),
            (json!({ "id": 7, "attributes": [] }), "/id"),
            (with(json!([])), "/attributes"),
            (with(json!({})), "/attributes"),
            (with(json!(null)), "/attributes"),
            (with(json!(["a"])), "/attributes/0"),
            (with(json!([{}])), "/attributes/0/name"),
            (with(json!([{ "name": "a b" }])), "/attributes/0/name"),
            (with(json!([{ "name": "1a" }])), "/attributes/0/name"),
            (with(json!([{ "name": "_a" }])), "/attributes/0/name"),
            (with(json!([{ "name": "$ref" }])), "/attributes/0/name"),
            (with(json!([{ "name": "x".repeat(65) }])), "/attributes/0/name"),
            (with(json!([{ "name": "ID" }])), "/attributes/0/name"),
            (with(json!([{ "name": "schemas" }])), "/attributes/0/name"),
            (
                with(json!([{ "name": "a" }, { "name": "A" }])),
                "/attributes/1/name",
            ),
            (
                with(json!([{ "name": "a", "type": "text" }])),
                "/attributes/0/type",
            ),
            (
                with(json!([{ "name": "a", "type": "String" }])),
                "/attributes/0/type",
            ),
            (
                with(json!([{ "name": "a", "required": "true" }])),
                "/attributes/0/required",
            ),
            (
                with(json!([{ "name": "a", "mutability": "readwrite" }])),
                "/attributes/0/mutability",
            ),
            (
                with(json!([{ "name": "a", "returned": 1 }])),
                "/attributes/0/returned",
            ),
            (
                with(json!([{ "name": "a", "uniqueness": "local" }])),
                "/attributes/0/uniqueness",
            ),
            (
                with(json!([{ "name": "a", "multivalued": true }])),
                "/attributes/0/multivalued",
            ),
            (
                with(json!([{ "name": "a", "a/b~": true }])),
                "/attributes/0/a~1b~0",
            ),
            (
                with(json!([{ "name": "a", "canonicalValues": "x" }])),
                "/attributes/0/canonicalValues",
            ),
            (
                with(json!([{ "name": "a", "canonicalValues": ["x", 1] }])),
                "/attributes/0/canonicalValues/1",
            ),
            (
                with(json!([{ "name": "a", "referenceTypes": ["User"] }])),
                "/attributes/0/referenceTypes",
            ),
            (
                with(json!([{ "name": "a", "type": "reference", "referenceTypes": ["User", "Robot"] }])),
                "/attributes/0/referenceTypes/1",
            ),
            (
                with(json!([{ "name": "a", "subAttributes": [sub] }])),
                "/attributes/0/subAttributes",
            ),
            (
                with(json!([{ "name": "a", "type": "complex" }])),
                "/attributes/0/subAttributes",
            ),
            (
                with(
                    json!([{ "name": "a", "type": "complex", "uniqueness": "server", "subAttributes": [sub] }]),
                ),
                "/attributes/0/uniqueness",
            ),
            (
                with(json!([{ "name": "a", "type": "complex", "subAttributes": [
                    { "name": "b", "type": "complex", "subAttributes": [sub] }] }])),
                "/attributes/0/subAttributes/0/type",
            ),
            (
                with(
                    json!([{ "name": "a", "type": "complex", "subAttributes": [sub, { "name": "VALUE" }] }]),
                ),
                "/attributes/0/subAttributes/1/name",
            ),
            (
                with(json!([{ "name": "a", "mutability": "writeOnly", "returned": "always" }])),
                "/attributes/0/returned",
            ),
            (
                with(json!([{ "name": "a", "description": "a\u{0}" }])),
                "/attributes/0/description",
            ),
        ] {
            assert_eq!(refused(&definition), pointer, "{definition}");
        }
        let many: Value = (0..=MAX_ATTRIBUTES)
            .map(|index| json!({ "name": format!("a{index}") }))
            .collect();
        assert_eq!(refused(&with(many)), "/attributes");
    }

    #[test]
    fn what_it_publishes_it_also_reads() {
        for kind in crate::ResourceType::all() {
            for schema in kind.schemas() {
                let mut definition = json!(schema);
                definition["id"] = "urn:example:copy:1.0:User".into();
                let attributes = definition["attributes"].as_array_mut().expect("attributes");
                attributes
                    .retain(|one| !["meta", "schemas"].contains(&one["name"].as_str().unwrap_or_default()));
                // Ours name a type that only they can refer to.
                let read = read(&definition).map(|read| read.attributes.len());
                let expected = definition["attributes"].as_array().map(Vec::len);
                assert_eq!(read.as_ref().ok(), expected.as_ref(), "{}: {read:?}", schema.id);
            }
        }
    }
}
