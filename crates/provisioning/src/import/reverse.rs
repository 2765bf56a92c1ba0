//! The person that an account would be: the mappings read backwards, where a mapping is a direct one. The rest is as in the
//! account, where the two mean the same. Pure.

use mapping::{Person, Source};
use scim::Object;
use serde_json::{Value, json};
use store::assignments::SubjectKind;

use crate::account::{Known, TargetPath, member};
use crate::desired::Mappings;
use crate::plan::put;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What means the same in every directory. `externalId` and ids do not: they are the other side's.
const ALIKE: [&str; 14] = [
    "userName",
    "name",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "active",
    "emails",
    "phoneNumbers",
    "addresses",
];
const ALIKE_AT_WORK: [&str; 5] = [
    "employeeNumber",
    "costCenter",
    "organization",
    "division",
    "department",
];

pub(crate) fn person(mappings: &Mappings, account: &Object) -> Object {
    let mut person = alike(account, &ALIKE);
    if let Some(enterprise) = member(account, ENTERPRISE).and_then(Value::as_object) {
        let enterprise = alike(enterprise, &ALIKE_AT_WORK);
        if !enterprise.is_empty() {
            person.insert(ENTERPRISE.to_owned(), Value::Object(enterprise));
        }
    }
    let known = Known::read(account, mappings.paths());
    for (place, path) in direct(mappings) {
        if let Some(value) = known.get(path) {
            put(&mut person, (SubjectKind::User, &place), value);
        }
    }
    let extensions = person.keys().filter(|key| key.starts_with("urn:"));
    let schemas: Vec<_> = std::iter::once(CORE)
        .chain(extensions.map(String::as_str))
        .collect();
    let schemas = json!(schemas);
    person.insert("schemas".to_owned(), schemas);
    person
}

/// Mappings that lay one attribute of the person into one place of the account: from where, and where to.
pub(crate) fn direct(mappings: &Mappings) -> impl Iterator<Item = (TargetPath, &TargetPath)> {
    let rows = mappings.set().rows().zip(mappings.paths());
    rows.filter_map(|(row, path)| {
        let Source::Attribute(name) = &row.source else {
            return None;
        };
        let place = TargetPath::parse(&Person::place_of(name)?).ok()?;
        let read_only = ["id", "meta", "groups"].iter().any(|name| place.is(name));
        let refers = place.is_reference() || path.is_reference();
        (!read_only && !refers && place.shape.multi_valued == path.shape.multi_valued)
            .then_some((place, path))
    })
}

fn alike(object: &Object, names: &[&str]) -> Object {
    let found = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), member(object, name)?.clone())));
    found.filter(|(_, value)| !value.is_null()).collect()
}

#[cfg(test)]
mod tests {
    use mapping::{AttributeMapping, MappingSet};

    use super::*;

    fn reversed(rows: &Value, account: &Value) -> Value {
        let rows: Vec<AttributeMapping> = serde_json::from_value(rows.clone()).expect("rows");
        let mappings = Mappings::new(MappingSet::check(rows).expect("a set")).expect("places");
        Value::Object(person(&mappings, account.as_object().expect("an object")))
    }

    #[test]
    fn direct_mappings_are_read_backwards_and_the_rest_is_alike() {
        let rows = json!([
            {"source": {"attribute": "mail"}, "target": "userName", "matching": 1},
            {"source": {"attribute": "jobTitle"}, "target": "nickName"},
            {"source": {"attribute": "employeeId"}, "target": "externalId"},
            {"source": {"expression": "Join(\" \", [givenName], [surname])"}, "target": "displayName"},
            {"source": {"attribute": "objectId"}, "target": "profileUrl"},
            {"source": {"constant": "x"}, "target": "userType"},
        ]);
        let account = json!({
            "schemas": [CORE], "id": "4711", "meta": {"version": "1"}, "groups": [{"value": "g"}],
            "USERNAME": "anna@example.com", "nickName": "Head", "externalId": "E1", "displayName": "Anna M.",
            "active": false, "password": "secret", "title": null,
            "emails": [{"value": "old@example.com", "type": "work"}, {"value": "home@example.com", "type": "home"}],
            ENTERPRISE: {"department": "Lab", "manager": {"value": "4712"}},
        });
        assert_eq!(
            reversed(&rows, &account),
            json!({
                "schemas": [CORE, ENTERPRISE],
                "userName": "anna@example.com", "displayName": "Anna M.", "nickName": "Head", "title": "Head",
                "active": false,
                "emails": [{"value": "anna@example.com", "type": "work"}, {"value": "home@example.com", "type": "home"}],
                ENTERPRISE: {"department": "Lab", "employeeNumber": "E1"},
            })
        );
    }
}
