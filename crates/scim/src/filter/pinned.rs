//! Which elements of an attribute a filter asks for by their `value`: no others need be read to decide it.

use super::{Filter, Operator};
use crate::path::AttributePath;

/// The values that a filter asks a multi-valued attribute for by `value eq "…"`. `None` if it asks anything else of the
/// attribute; else elements with other values do not count for the answer.
pub fn pinned<'f>(filter: &'f Filter, attribute: &str) -> Option<Vec<&'f str>> {
    let mut values = Vec::new();
    pin(filter, attribute, &mut values).then_some(values)
}

fn pin<'f>(filter: &'f Filter, attribute: &str, values: &mut Vec<&'f str>) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().all(|part| pin(part, attribute, values)),
        Filter::Not(inner) => pin(inner, attribute, values),
        Filter::Present(path) => !path.may_name(attribute),
        Filter::Compare { path, .. } if !path.may_name(attribute) => true,
        // Behind a URN and a dot: not told apart here.
        Filter::Compare { path, .. } if !is(path, attribute) => false,
        Filter::Compare {
            path,
            operator: Operator::Eq,
            value,
        } => match (path.sub.as_deref(), value.as_text()) {
            (None, Some(value)) => {
                values.push(value);
                true
            }
            (Some(sub), Some(value)) if sub.eq_ignore_ascii_case("value") => {
                values.push(value);
                true
            }
            _ => false,
        },
        Filter::Compare { .. } => false,
        Filter::ValuePath(path) if !path.may_name(attribute) => true,
        Filter::ValuePath(path) if !is(path, attribute) => false,
        Filter::ValuePath(path) => match path.filter.as_deref().and_then(value_of_element) {
            Some(value) => {
                values.push(value);
                true
            }
            None => false,
        },
    }
}

fn is(path: &AttributePath, attribute: &str) -> bool {
    path.attribute.eq_ignore_ascii_case(attribute)
}

/// The `x` of `value eq "x"`, alone or beside other conditions on the same element.
fn value_of_element(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::And(parts) => parts.iter().find_map(value_of_element),
        Filter::Compare {
            path,
            operator: Operator::Eq,
            value,
        } if path.is_plain("value") => value.as_text(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_by_value_alone() {
        for (filter, expected) in [
            ("members.value eq \"a\"", Some(&["a"][..])),
            ("MEMBERS eq \"a\"", Some(&["a"])),
            ("members[value eq \"a\"]", Some(&["a"])),
            ("members[type eq \"Group\" and value eq \"a\"]", Some(&["a"])),
            ("members[type eq \"Group\"].value eq \"a\"", Some(&["a"])),
            (
                "not (members.value eq \"a\") or members eq \"b\" and title sw \"x\"",
                Some(&["a", "b"]),
            ),
            ("displayName pr", Some(&[])),
            ("members pr", None),
            ("members.value ne \"a\"", None),
            (
                "urn:ietf:params:scim:schemas:core:2.0:Group.members eq \"a\"",
                None,
            ),
            (
                "members eq \"a\" and urn:ietf:params:scim:schemas:core:2.0:Group.members pr",
                None,
            ),
            ("members.value sw \"a\"", None),
            ("members.type eq \"User\"", None),
            ("members.value eq null", None),
            ("members[type eq \"Group\"]", None),
            ("members[value eq \"a\" or type eq \"Group\"]", None),
            ("members[not (value eq \"a\")]", None),
            ("members.value eq \"a\" or members.display eq \"b\"", None),
        ] {
            let parsed = super::super::parse(filter).expect(filter);
            assert_eq!(pinned(&parsed, "members").as_deref(), expected, "{filter}");
        }
    }
}
