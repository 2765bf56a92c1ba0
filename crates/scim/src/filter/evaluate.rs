//! Whether a filter holds for a resource, decided by the schema.
//!
//! An attribute that is hidden (never returned, or writeOnly) has no value here, so a filter can learn nothing of it.

use serde_json::Value;

use super::{Filter, Literal, Operator, compare};
use crate::path::{self, AttributePath};
use crate::schema::{Attribute, Kind, ResourceType, Schema, Target};
use crate::{Error, Object, dialect};

pub(crate) use compare::{same_number, same_text};

/// Whether the filter holds for the object. `id` and `meta` count only if the caller has put them in.
///
/// Of a multi-valued attribute one value that fits is enough; a complex one without a sub-attribute
/// is compared by its `value`. An absent attribute, or one that there is not, equals `null` and nothing else.
pub fn evaluate(filter: &Filter, object: &Object, resource_type: &ResourceType) -> bool {
    holds(filter, &|path| {
        Candidates::of_resource(path, object, resource_type)
    })
}

/// Whether the filter, whose names are sub-attributes, holds for one value of a multi-valued attribute.
pub(crate) fn matches_element(filter: &Filter, element: &Value, attribute: &Attribute) -> bool {
    holds(filter, &|path| Candidates::of_element(path, element, attribute))
}

/// Refuses what can never be answered: an order among booleans or binaries (RFC 7644 §3.4.2.2), and before or after
/// what is no point in time; also between brackets.
pub fn check(filter: &Filter, resource_type: &ResourceType) -> Result<(), Error> {
    check_terms(filter, &|path, order| {
        let Some(Target::Attribute(target)) = resource_type.resolve_path(path) else {
            return Ok(());
        };
        if let Some(inner) = &path.filter {
            check_element(inner, target.attribute)?;
        }
        order.map_or(Ok(()), |(operator, literal)| {
            refuse_order(path, target.leaf(), operator, literal)
        })
    })
}

/// The same of a filter whose names are sub-attributes.
pub(crate) fn check_element(filter: &Filter, attribute: &Attribute) -> Result<(), Error> {
    check_terms(
        filter,
        &|path, order| match (order, element_part(path, attribute)) {
            (Some((operator, literal)), Some(leaf)) => refuse_order(path, leaf, operator, literal),
            _ => Ok(()),
        },
    )
}

/// An ordering operator with what it compares with.
type Order<'f> = (Operator, &'f Literal);

/// What is said of one term.
type Verdict<'c> = dyn Fn(&AttributePath, Option<Order<'_>>) -> Result<(), Error> + 'c;

fn check_terms(filter: &Filter, check: &Verdict<'_>) -> Result<(), Error> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|part| check_terms(part, check)),
        Filter::Not(inner) => check_terms(inner, check),
        Filter::Present(path) | Filter::ValuePath(path) => check(path, None),
        Filter::Compare {
            path,
            operator,
            value,
        } => check(path, operator.is_ordering().then_some((*operator, value))),
    }
}

fn refuse_order(
    path: &AttributePath,
    leaf: &Attribute,
    operator: Operator,
    literal: &Literal,
) -> Result<(), Error> {
    let kind = compared_by(leaf).map_or(Kind::Complex, |leaf| leaf.kind);
    match kind {
        Kind::Boolean | Kind::Binary => Err(Error::invalid_filter(format!(
            "{path} has no order: {} cannot be used on it",
            operator.as_str()
        ))),
        Kind::DateTime if literal.as_text().and_then(dialect::moment).is_none() => {
            Err(Error::invalid_filter(format!(
                "{path} is compared with a date and time, such as 2026-11-21T09:30:00Z, not with {literal}"
            )))
        }
        _ => Ok(()),
    }
}

/// The attribute itself, or the `value` of a complex one.
fn compared_by(leaf: &Attribute) -> Option<&Attribute> {
    if leaf.is_complex() {
        leaf.sub_attribute("value")
    } else {
        Some(leaf)
    }
}

/// What a name between brackets stands for.
fn element_part<'a>(path: &AttributePath, attribute: &'a Attribute) -> Option<&'a Attribute> {
    if path.schema.is_some() || path.sub.is_some() {
        return None;
    }
    match attribute.sub_attribute(&path.attribute) {
        None if !attribute.is_complex() && path.attribute.eq_ignore_ascii_case("value") => Some(attribute),
        found => found,
    }
}

/// The values that a path leads to, and what they are. None where there is no such attribute (§3.4.2.1), or where
/// nothing may be learnt of it.
struct Candidates<'a> {
    values: Vec<&'a Value>,
    leaf: Leaf<'a>,
}

/// What the values at the end of a path are values of.
#[derive(Clone, Copy)]
enum Leaf<'a> {
    Nothing,
    Schema(&'a Schema),
    Attribute(&'a Attribute),
}

impl<'a> Candidates<'a> {
    const NONE: Self = Self {
        values: Vec::new(),
        leaf: Leaf::Nothing,
    };

    fn of_resource(path: &AttributePath, object: &'a Object, resource_type: &'a ResourceType) -> Self {
        match resource_type.resolve_path(path) {
            None => Self::NONE,
            Some(Target::Schema(schema)) => Self {
                values: path::field(object, &schema.id).into_iter().collect(),
                leaf: Leaf::Schema(schema),
            },
            Some(Target::Attribute(target)) if target.is_hidden() => Self::NONE,
            Some(Target::Attribute(target)) => Self {
                values: path::select(object, &target, path.filter.as_deref()),
                leaf: Leaf::Attribute(target.leaf()),
            },
        }
    }

    fn of_element(path: &AttributePath, element: &'a Value, attribute: &'a Attribute) -> Self {
        let Some(part) = element_part(path, attribute).filter(|part| !part.is_hidden()) else {
            return Self::NONE;
        };
        let value = if attribute.is_complex() {
            path::element_get(element, part)
        } else {
            Some(element)
        };
        let values = match value {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => vec![value],
        };
        Self {
            values,
            leaf: Leaf::Attribute(part),
        }
    }

    fn present(&self) -> bool {
        self.values.iter().any(|value| has_content(value, self.leaf))
    }

    fn compare(&self, operator: Operator, literal: &Literal) -> bool {
        if *literal == Literal::Null {
            return match operator {
                Operator::Eq => !self.present(),
                Operator::Ne => self.present(),
                _ => false,
            };
        }
        let leaf = match self.leaf {
            Leaf::Attribute(attribute) => Some(attribute),
            Leaf::Nothing | Leaf::Schema(_) => None,
        };
        let mut values = leaf
            .into_iter()
            .flat_map(|leaf| self.values.iter().filter_map(move |value| simple(value, leaf)))
            .peekable();
        if values.peek().is_none() {
            return operator == Operator::Ne;
        }
        values.any(|(value, leaf)| compare::holds(value, leaf, operator, literal))
    }
}

/// The value itself, or the `value` of a complex one.
fn simple<'a>(value: &'a Value, leaf: &'a Attribute) -> Option<(&'a Value, &'a Attribute)> {
    let by = compared_by(leaf).filter(|by| !by.is_hidden())?;
    if leaf.is_complex() {
        Some((path::element_get(value, by)?, by))
    } else {
        Some((value, by))
    }
}

/// Whether there is something in a value that may be seen.
fn has_content(value: &Value, leaf: Leaf<'_>) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(|value| has_content(value, leaf)),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let part = match leaf {
                Leaf::Nothing => None,
                Leaf::Schema(schema) => schema.attribute(name),
                Leaf::Attribute(attribute) => attribute.sub_attribute(name),
            };
            part.is_none_or(|part| !part.is_hidden())
                && has_content(value, part.map_or(Leaf::Nothing, Leaf::Attribute))
        }),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn holds<'a>(filter: &Filter, candidates: &impl Fn(&AttributePath) -> Candidates<'a>) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| holds(part, candidates)),
        Filter::Or(parts) => parts.iter().any(|part| holds(part, candidates)),
        Filter::Not(inner) => !holds(inner, candidates),
        Filter::Present(path) => candidates(path).present(),
        Filter::ValuePath(path) => !candidates(path).values.is_empty(),
        Filter::Compare {
            path,
            operator,
            value,
        } => candidates(path).compare(*operator, value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn anna() -> Object {
        let anna = json!({
            "schemas": [crate::schema::USER, crate::schema::ENTERPRISE_USER],
            "id": "018f-Ab",
            "userName": "Anna@Example.com",
            "externalId": "E-701984",
            "name": {"familyName": "Lind", "givenName": "Änna"},
            "active": true,
            "title": "",
            "password": "secret",
            "profileUrl": "https://example.com/anna",
            "emails": [
                {"type": "work", "value": "anna@example.com", "primary": true},
                {"type": "home", "value": "anna@home.example"},
            ],
            "phoneNumbers": [],
            "addresses": [{"type": "work", "country": "SE"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "Research", "manager": {"value": "271"},
            },
            "urn:scim:schemas:extension:cisco:webexidentity:2.0:User": {"accountStatus": ["active", "pending"]},
            "meta": {"resourceType": "User", "lastModified": "2026-03-01T12:00:00Z"},
        });
        anna.as_object().cloned().expect("an object")
    }

    #[test]
    fn decides_by_the_schema() {
        let anna = anna();
        for (filter, expected) in [
            // caseExact
            ("userName eq \"anna@EXAMPLE.com\"", true),
            ("externalId eq \"e-701984\"", false),
            ("externalId eq E-701984", true),
            ("id eq \"018f-ab\"", false),
            ("name.givenName eq \"ÄNNA\"", true),
            // texts
            (
                "userName sw \"anna@\" and userName ew \".COM\" and userName co \"EXAMPLE\"",
                true,
            ),
            ("userName co \"nobody\"", false),
            ("name.familyName gt \"Lima\" and name.familyName lt \"lo\"", true),
            (
                "name.familyName ge \"lind\" and name.familyName le \"LIND\"",
                true,
            ),
            ("name.familyName gt \"lind\"", false),
            // ne, null and absence
            ("userName ne \"bert\"", true),
            ("userName ne \"anna@example.com\"", false),
            ("nickName ne \"x\"", true),
            ("nickName eq null", true),
            ("userName eq null", false),
            ("userName ne null", true),
            ("nickName eq \"\"", false),
            // presence
            ("userName pr", true),
            ("title pr", false),
            ("phoneNumbers pr", false),
            ("nickName pr", false),
            ("emails pr and name pr", true),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
                true,
            ),
            // booleans, also as texts
            ("active eq true", true),
            ("active eq \"True\"", true),
            ("active eq False", false),
            ("active ne false", true),
            ("emails[primary eq \"True\"].value eq \"anna@example.com\"", true),
            // times as times
            ("meta.lastModified gt \"2026-03-01T12:30:00+01:00\"", true),
            ("meta.lastModified eq \"2026-03-01T13:00:00+01:00\"", true),
            ("meta.lastModified ge \"2026-03-01\"", true),
            ("meta.lastModified lt \"2026-03-01T12:00:00.000001Z\"", true),
            ("meta.lastModified gt \"yesterday\"", false),
            ("meta.lastModified sw \"2026\"", true),
            // multi-valued and complex
            ("emails eq \"anna@home.example\"", true),
            ("emails.value co \"@home\"", true),
            ("emails.type eq \"work\" and emails.value co \"@home\"", true),
            ("emails[type eq \"work\" and value co \"@home\"]", false),
            ("emails[type.x eq \"work\"]", false),
            ("emails[type eq \"WORK\" and not (value co \"@home\")]", true),
            ("emails[type eq \"work\"] or nickName pr", true),
            ("emails.value ne \"anna@example.com\"", true),
            ("not (emails.value eq \"anna@example.com\")", false),
            ("phoneNumbers.value ne \"1\"", true),
            ("accountStatus eq \"PENDING\"", true),
            ("accountStatus[value eq \"pending\"]", true),
            ("schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"", true),
            // extensions
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"research\"",
                true,
            ),
            ("manager eq 271", true),
            ("manager.value eq \"271\"", true),
            ("department eq \"sales\"", false),
            // hidden and unknown
            ("password eq \"secret\"", false),
            ("password ne \"secret\"", true),
            ("password ne \"x\"", true),
            ("password pr", false),
            ("password eq null", true),
            ("shoeSize eq 42", false),
            ("shoeSize pr", false),
            ("shoeSize ne 42", true),
            ("name.nick ne \"x\"", true),
            ("emails[shoe ne \"x\" and type eq \"home\"]", true),
        ] {
            let parsed = super::super::parse(filter).expect(filter);
            assert_eq!(
                evaluate(&parsed, &anna, ResourceType::user()),
                expected,
                "{filter}"
            );
        }
    }

    #[test]
    fn an_order_that_cannot_be_is_refused() {
        for (filter, fine) in [
            ("active gt true", false),
            ("not (a pr and x509Certificates.value lt \"x\")", false),
            ("meta.created gt \"2026-01-01\"", true),
            ("meta.lastModified ge \"2026-01-01T00:00:00\"", true),
            ("meta.lastModified gt \"yesterday\"", false),
            ("userName pr or not (meta.created lt 5)", false),
            ("meta.created le null", false),
            ("meta.created sw \"2026\"", true),
            ("active eq true", true),
            ("shoeSize gt 1", true),
            ("emails[primary gt true]", false),
            (
                "emails[type eq \"work\" and not (primary le true)].value eq \"x\"",
                false,
            ),
            ("emails[primary gt true] pr", false),
            ("emails[value gt \"a\"]", true),
            ("x509Certificates gt \"x\"", false),
            ("loginIds[lastValidated lt \"soon\"]", false),
            ("loginIds[lastValidated lt \"2026-01-01\"]", true),
        ] {
            let parsed = super::super::parse(filter).expect(filter);
            assert_eq!(check(&parsed, ResourceType::user()).is_ok(), fine, "{filter}");
        }
    }
}
