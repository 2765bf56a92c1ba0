//! Reading the values that a path leads to.

use serde_json::Value;

use super::AttributePath;
use crate::Object;
use crate::filter::{self, Filter};
use crate::schema::{Attribute, AttributeTarget, ResourceType, Schema, Target};

/// The values at a path, those of multi-valued attributes one by one. Empty if there is none or the path is unknown.
///
/// Keys are found in any case, so that resources of other services can be read too.
pub fn get<'o>(object: &'o Object, path: &AttributePath, resource_type: &ResourceType) -> Vec<&'o Value> {
    match resource_type.resolve_path(path) {
        None => Vec::new(),
        Some(Target::Schema(schema)) => field(object, &schema.id).into_iter().collect(),
        Some(Target::Attribute(target)) => select(object, &target, path.filter.as_deref()),
    }
}

/// The value of a key, in any case.
pub(crate) fn field<'o>(object: &'o Object, name: &str) -> Option<&'o Value> {
    object.get(name).or_else(|| {
        object
            .iter()
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    })
}

fn container<'o>(object: &'o Object, extension: Option<&Schema>) -> Option<&'o Object> {
    match extension {
        None => Some(object),
        Some(schema) => field(object, &schema.id)?.as_object(),
    }
}

/// The values of a target, or of its sub-attribute, in those elements that the filter chooses.
pub(crate) fn select<'o>(
    object: &'o Object,
    target: &AttributeTarget<'_>,
    filter: Option<&Filter>,
) -> Vec<&'o Value> {
    elements(object, target, filter)
        .filter_map(|element| match target.sub {
            None => Some(element),
            Some(sub) => element_get(element, sub),
        })
        .flat_map(each)
        .filter(|value| !value.is_null())
        .collect()
}

/// The values of a target's attribute, one by one, that the filter chooses.
pub(crate) fn elements<'o>(
    object: &'o Object,
    target: &AttributeTarget<'_>,
    filter: Option<&Filter>,
) -> impl Iterator<Item = &'o Value> {
    let value = container(object, target.extension).and_then(|within| field(within, &target.attribute.name));
    let elements = match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(elements)) => elements.as_slice(),
        Some(single) => std::slice::from_ref(single),
    };
    elements.iter().filter(move |element| {
        filter.is_none_or(|filter| filter::matches_element(filter, element, target.attribute))
    })
}

/// The values of a sub-attribute that may have several.
pub(crate) fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        single => std::slice::from_ref(single),
    }
}

/// A sub-attribute of an element; the element itself stands for `value` where it is no object.
pub(crate) fn element_get<'o>(element: &'o Value, sub: &Attribute) -> Option<&'o Value> {
    match element {
        Value::Object(members) => field(members, &sub.name),
        scalar if sub.name == "value" => Some(scalar),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_values_of_every_shape() {
        let user = json!({
            "userName": "anna@example.com",
            "NAME": {"FamilyName": "Lind"},
            "emails": [
                {"type": "work", "value": "anna@example.com", "primary": true},
                {"type": "home", "value": "anna@home.example"},
                {"type": "other"},
            ],
            "nickName": null,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "7"}},
            "urn:scim:schemas:extension:cisco:webexidentity:2.0:User": {"accountStatus": ["active"]},
        });
        let user = user.as_object().expect("an object");
        for (path, expected) in [
            ("userName", json!(["anna@example.com"])),
            ("name.familyName", json!(["Lind"])),
            ("emails.value", json!(["anna@example.com", "anna@home.example"])),
            ("emails[type eq \"work\"].value", json!(["anna@example.com"])),
            ("emails[primary eq \"True\"].type", json!(["work"])),
            ("emails[type eq \"pager\"].value", json!([])),
            ("nickName", json!([])),
            ("shoeSize", json!([])),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                json!(["7"]),
            ),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                json!([{"manager": {"value": "7"}}]),
            ),
            ("accountStatus", json!(["active"])),
        ] {
            let path = crate::path::parse(path).expect(path);
            assert_eq!(json!(get(user, &path, ResourceType::user())), expected, "{path}");
        }
    }
}
