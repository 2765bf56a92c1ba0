//! Sorting (RFC 7644 §3.4.2.3): by an attribute's type and `caseExact`, whatever has no value last when ascending.

use std::cmp::Ordering;
use std::fmt;

use base::canonical;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::path::{self, AttributePath};
use crate::schema::{Attribute, AttributeTarget, Kind, ResourceType, Target};
use crate::{Error, Object, dialect};

/// How many bytes of a text count: as many as an index holds.
pub const COMPARED: usize = 512;
/// Where a resource without a value stands among texts: behind all of them, but for those that begin with this, which
/// is no character.
pub const ABSENT: &str = "\u{10ffff}";

/// By which attribute, and which way round.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sort {
    path: AttributePath,
    order: Order,
}

/// Descending is ascending read backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    Ascending,
    Descending,
}

/// What a directory may keep an index by, so that it need not look at everybody to sort them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Indexed {
    Id,
    UserName,
    DisplayName,
    ExternalId,
    /// By the `value` of the primary one, or else of the first.
    Emails,
    Created,
    LastModified,
}

/// What a resource is sorted by, in the order of the attribute's type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Key {
    Boolean(bool),
    /// The order of the number as a float, then the exact integer if it is one.
    Number(i64, i64),
    /// Microseconds since 1970.
    Time(i64),
    Text(String),
}

impl Sort {
    /// From `sortBy` and `sortOrder`; an order without an attribute sorts nothing.
    pub fn parse(by: Option<&str>, order: Option<&str>) -> Result<Option<Self>, Error> {
        let Some(by) = by.filter(|by| !by.trim().is_empty()) else {
            return Ok(None);
        };
        let path = path::parse(by)
            .map_err(|error| Error::invalid_value(format!("sortBy {by:?} is wrong {error}")))?;
        let order = match order.map(str::trim) {
            None => Order::Ascending,
            Some(order) if order.is_empty() || order.eq_ignore_ascii_case("ascending") => Order::Ascending,
            Some(order) if order.eq_ignore_ascii_case("descending") => Order::Descending,
            Some(other) => {
                return Err(Error::invalid_value(format!(
                    "sortOrder is ascending or descending, not {other:?}"
                )));
            }
        };
        Ok(Some(Self { path, order }))
    }

    /// Refuses what has no value to sort by: a whole schema, and a complex attribute without a `value`.
    pub fn check(&self, resource_type: &ResourceType) -> Result<(), Error> {
        let example = match resource_type.resolve_path(&self.path) {
            None => return Ok(()),
            Some(Target::Schema(schema)) => schema.attributes.first(),
            Some(Target::Attribute(target)) => match simple(target.leaf()) {
                Some(_) => return Ok(()),
                None => target.leaf().sub_attributes.first(),
            },
        };
        let example = example.map_or("", |part| part.name.as_str());
        Err(Error::invalid_value(format!(
            "{} has several parts: sort by one of them, such as {}.{example}",
            self.path, self.path
        )))
    }

    /// Is it this attribute, or a part of it?
    pub fn is_by(&self, attribute: &str) -> bool {
        self.path.may_name(attribute)
    }

    /// What the resource is sorted by. Of several values it is the primary one, else the first. What is hidden has no
    /// value here. `id` and `meta` count only if the caller has put them in.
    pub fn key(&self, object: &Object, resource_type: &ResourceType) -> Option<Key> {
        let Target::Attribute(target) = resource_type.resolve_path(&self.path)? else {
            return None;
        };
        if target.is_hidden() {
            return None;
        }
        let keys = path::elements(object, &target, self.path.filter.as_deref())
            .filter_map(|element| Some((element, element_key(element, &target)?)));
        let mut first = None;
        for (element, key) in keys {
            if target.attribute.multi_valued && is_primary(element) {
                return Some(key);
            }
            first = first.or(Some(key));
        }
        first
    }

    pub fn order(&self) -> Order {
        self.order
    }

    /// The index that has the resources in this order of [`Sort::key`], if there may be one.
    pub fn indexed(&self, resource_type: &ResourceType) -> Option<Indexed> {
        let Target::Attribute(target) = resource_type.resolve_path(&self.path)? else {
            return None;
        };
        if target.extension.is_some() || self.path.filter.is_some() {
            return None;
        }
        let sub = target.sub.map(|sub| sub.name.as_str());
        match (target.attribute.name.as_str(), sub) {
            ("id", None) => Some(Indexed::Id),
            ("userName", None) => Some(Indexed::UserName),
            ("displayName", None) => Some(Indexed::DisplayName),
            ("externalId", None) => Some(Indexed::ExternalId),
            ("emails", None | Some("value")) => Some(Indexed::Emails),
            ("meta", Some("created")) => Some(Indexed::Created),
            ("meta", Some("lastModified")) => Some(Indexed::LastModified),
            _ => None,
        }
    }

    /// Which of two resources comes first, by their keys, and where those are equal by what else tells them apart.
    pub fn compare<T: Ord>(&self, a: (Option<&Key>, T), b: (Option<&Key>, T)) -> Ordering {
        let ascending = match (a.0, b.0) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(Key::Text(text)), None) => text.as_str().cmp(ABSENT),
            (None, Some(Key::Text(text))) => ABSENT.cmp(text),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        let ascending = ascending.then_with(|| a.1.cmp(&b.1));
        match self.order {
            Order::Ascending => ascending,
            Order::Descending => ascending.reverse(),
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = match self.order {
            Order::Ascending => "ascending",
            Order::Descending => "descending",
        };
        write!(f, "{} {order}", self.path)
    }
}

/// The attribute itself, or the `value` of a complex one.
fn simple(leaf: &Attribute) -> Option<&Attribute> {
    if leaf.is_complex() {
        leaf.sub_attribute("value")
    } else {
        Some(leaf)
    }
}

fn is_primary(element: &Value) -> bool {
    element
        .as_object()
        .and_then(|members| path::field(members, "primary"))
        .and_then(dialect::boolean)
        .unwrap_or_default()
}

fn element_key(element: &Value, target: &AttributeTarget<'_>) -> Option<Key> {
    let value = match target.sub {
        None => element,
        Some(sub) => path::element_get(element, sub)?,
    };
    let leaf = simple(target.leaf()).filter(|leaf| !leaf.is_hidden())?;
    let value = if target.leaf().is_complex() {
        path::element_get(value, leaf)?
    } else {
        value
    };
    let fold = folding(target);
    path::each(value).iter().find_map(|value| key(value, leaf, fold))
}

/// How texts that differ in case only become one: as the directory's indexes have them.
fn folding(target: &AttributeTarget<'_>) -> fn(&str) -> String {
    match (target.extension, target.attribute.name.as_str()) {
        (None, "userName") => canonical::user_name,
        (None, "emails") => canonical::email,
        _ => canonical::text,
    }
}

fn key(value: &Value, leaf: &Attribute, fold: fn(&str) -> String) -> Option<Key> {
    match leaf.kind {
        Kind::Boolean => dialect::boolean(value).map(Key::Boolean),
        Kind::Integer | Kind::Decimal => match value {
            Value::Number(number) => number_key(number),
            Value::String(text) => number_key(&dialect::number(text)?),
            _ => None,
        },
        Kind::DateTime => Some(Key::Time(dialect::moment(value.as_str()?)?.as_micros())),
        Kind::String | Kind::Reference | Kind::Binary | Kind::Complex => {
            let text = value.as_str().filter(|text| !text.is_empty())?;
            let mut text = if leaf.is_case_exact() {
                text.to_owned()
            } else {
                fold(text)
            };
            text.truncate(text.floor_char_boundary(COMPARED));
            Some(Key::Text(text))
        }
    }
}

fn number_key(number: &Number) -> Option<Key> {
    let bits = number.as_f64()?.to_bits().cast_signed();
    // As `f64::total_cmp` does: the bits of negative numbers run the other way.
    let ordered = bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed();
    Some(Key::Number(ordered, number.as_i64().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::ENTERPRISE_USER;

    fn people() -> Vec<Object> {
        let people = json!([
            { "id": "1", "userName": "bert", "externalId": "b", "active": true,
              "emails": [{ "value": "z@x.example" }, { "value": "a@x.example", "primary": true }],
              "meta": { "created": "2026-03-01T12:00:00Z" }, "name": { "familyName": "Ödegård" },
              (ENTERPRISE_USER): { "department": "research", "manager": { "value": "7" } } },
            { "id": "2", "userName": "Anna", "externalId": "B", "active": false,
              "emails": [{ "type": "home" }, { "value": "M@x.example", "type": "work" }],
              "meta": { "created": "2026-03-01T12:00:00+01:00" }, "name": { "familyName": "Zorn" },
              "roles": [], "password": "b" },
            { "id": "3", "userName": "cleo", "externalId": "a", "title": "", "password": "a",
              "meta": { "created": "2026-02-28T23:59:59.5Z" }, "name": { "familyName": "odell" },
              (ENTERPRISE_USER): { "department": "Art" } },
        ]);
        let people = people.as_array().cloned().unwrap_or_default();
        people.iter().filter_map(Value::as_object).cloned().collect()
    }

    fn sorted(by: &str, order: Option<&str>) -> String {
        let sort = Sort::parse(Some(by), order).expect(by).expect("a sort");
        sort.check(ResourceType::user()).expect(by);
        let mut people = people();
        people.sort_by(|a, b| {
            let key = |object| sort.key(object, ResourceType::user());
            let id = |object: &Object| object["id"].to_string();
            sort.compare((key(a).as_ref(), id(a)), (key(b).as_ref(), id(b)))
        });
        people.iter().filter_map(|one| one["id"].as_str()).collect()
    }

    #[test]
    fn sorts_by_the_schema() {
        for (by, expected) in [
            ("userName", "213"),
            ("USERNAME", "213"),
            ("id", "123"),
            // caseExact
            ("externalId", "231"),
            ("active", "213"),
            ("meta.created", "321"),
            ("name.familyName", "321"),
            // The primary one, or the first with such a part; none at all comes last.
            ("emails", "123"),
            ("emails.value", "123"),
            ("emails.type", "213"),
            ("emails[type eq \"work\"].value", "213"),
            ("department", "312"),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                "312",
            ),
            ("manager.value", "123"),
            // Nothing to sort by, or nothing that may be known.
            ("title", "123"),
            ("roles", "123"),
            ("password", "123"),
            ("shoeSize", "123"),
        ] {
            assert_eq!(sorted(by, None), expected, "{by}");
            assert_eq!(sorted(by, Some("Ascending")), expected, "{by}");
            let backwards: String = expected.chars().rev().collect();
            assert_eq!(sorted(by, Some("descending")), backwards, "{by} descending");
        }
    }

    #[test]
    fn names_and_addresses_are_sorted_as_they_are_looked_up() {
        let person = |name: &str| {
            let person = json!({ "userName": name, "emails": [{ "value": name }], "displayName": name });
            person.as_object().cloned().expect("an object")
        };
        let spaced = person(" Zo\u{eb} ");
        for (by, expected) in [
            ("userName", "zo\u{eb}"),
            ("emails.value", "zo\u{eb}"),
            ("displayName", " zo\u{eb} "),
        ] {
            let sort = Sort::parse(Some(by), None).expect(by).expect("a sort");
            let key = sort.key(&spaced, ResourceType::user());
            assert_eq!(key, Some(Key::Text(expected.to_owned())), "{by}");
        }
    }

    #[test]
    fn what_an_index_may_serve() {
        for (by, index) in [
            ("USERNAME", Some(Indexed::UserName)),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:displayName",
                Some(Indexed::DisplayName),
            ),
            ("emails", Some(Indexed::Emails)),
            ("emails.value", Some(Indexed::Emails)),
            ("emails.type", None),
            ("emails[type eq \"work\"].value", None),
            ("meta.lastModified", Some(Indexed::LastModified)),
            ("meta.version", None),
            ("manager.value", None),
            ("shoeSize", None),
        ] {
            let sort = Sort::parse(Some(by), None).expect(by).expect("a sort");
            assert_eq!(sort.indexed(ResourceType::user()), index, "{by}");
        }
        let by_name = Sort::parse(Some("userName"), None)
            .expect("parses")
            .expect("a sort");
        assert_eq!(by_name.indexed(ResourceType::group()), None);
    }

    #[test]
    fn numbers_sort_as_numbers() {
        let mut leaf = ResourceType::user()
            .core
            .attribute("title")
            .cloned()
            .expect("title");
        leaf.kind = Kind::Decimal;
        let values = [
            json!(-10),
            json!(-2.5),
            json!(0),
            json!("9"),
            json!(9.5),
            json!(10),
            json!(9_007_199_254_740_992_i64),
            json!(9_007_199_254_740_993_i64),
        ];
        let keys: Vec<_> = values
            .iter()
            .map(|value| key(value, &leaf, canonical::text))
            .collect();
        assert!(keys.iter().all(Option::is_some));
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        assert_eq!(key(&json!("many"), &leaf, canonical::text), None);
    }

    #[test]
    fn what_cannot_be_sorted_by_is_refused() {
        for (by, order) in [
            ("name..x", None),
            ("userName eq", None),
            ("userName", Some("upwards")),
        ] {
            assert!(Sort::parse(Some(by), order).is_err(), "{by} {order:?}");
        }
        for (by, order) in [(None, Some("descending")), (Some(" "), None), (None, None)] {
            assert_eq!(Sort::parse(by, order), Ok(None));
        }
        for by in ["name", "addresses", ENTERPRISE_USER, "meta"] {
            let sort = Sort::parse(Some(by), None).expect(by).expect("a sort");
            let error = sort.check(ResourceType::user()).expect_err(by);
            assert!(error.detail.contains(&format!("such as {by}.")), "{error}");
        }
    }
}
