//! What of a filter an index can serve: a superset of the answer, which [`evaluate`](super::evaluate) then narrows.

use base::Timestamp;

use super::{Filter, Literal, Operator};
use crate::dialect;
use crate::path::AttributePath;
use crate::schema;

/// A search that an index can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    pub attribute: LookupAttribute,
    pub op: LookupOp,
}

/// In the order in which one is preferred to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LookupAttribute {
    Id,
    UserName,
    ExternalId,
    /// The `value` of some e-mail address, of whatever type.
    Email,
    DisplayName,
    /// Groups in which the id is a direct member.
    MemberValue,
    /// People who are in the group of this id, directly or through others.
    GroupValue,
    LastModified,
}

/// Texts are as written: the index brings them into the form of its keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LookupOp {
    Eq(String),
    /// Never empty.
    Sw(String),
    /// Both ends belong to it; only for times.
    Range {
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    },
}

/// The one search whose results include all that the filter can match.
pub fn lookup(filter: &Filter) -> Option<Lookup> {
    let mut all = lookups(filter)?;
    if all.len() == 1 { all.pop() } else { None }
}

/// Searches whose results together include all that the filter can match: one for each branch of an `or`.
pub fn lookups(filter: &Filter) -> Option<Vec<Lookup>> {
    match filter {
        Filter::Compare {
            path,
            operator,
            value,
        } => Some(vec![comparison(path, *operator, value)?]),
        Filter::ValuePath(path) => Some(vec![within_brackets(path)?]),
        Filter::And(parts) => conjunction(parts),
        Filter::Or(parts) => {
            let mut all = Vec::new();
            for part in parts {
                for lookup in lookups(part)? {
                    if !all.contains(&lookup) {
                        all.push(lookup);
                    }
                }
            }
            Some(all)
        }
        Filter::Not(_) | Filter::Present(_) => None,
    }
}

/// The best of the parts; two ends of one range become one search.
fn conjunction(parts: &[Filter]) -> Option<Vec<Lookup>> {
    let candidates: Vec<_> = parts.iter().filter_map(lookups).collect();
    let best = candidates.iter().min_by_key(|all| rank(all))?;
    if !matches!(
        best.as_slice(),
        [Lookup {
            op: LookupOp::Range { .. },
            ..
        }]
    ) {
        return Some(best.clone());
    }
    let mut bounds = (None, None);
    for lookup in candidates.iter().filter(|all| all.len() == 1).flatten() {
        if let LookupOp::Range { from, to } = lookup.op {
            bounds.0 = bounds.0.max(from);
            bounds.1 = match (bounds.1, to) {
                (Some(a), Some(b)) => Some(std::cmp::min(a, b)),
                (a, b) => a.or(b),
            };
        }
    }
    Some(vec![Lookup {
        attribute: LookupAttribute::LastModified,
        op: LookupOp::Range {
            from: bounds.0,
            to: bounds.1,
        },
    }])
}

/// Fewer branches, then equality before beginnings before ranges, then the more telling attribute.
fn rank(all: &[Lookup]) -> (u8, usize, Option<LookupAttribute>) {
    let kind = all.iter().map(|lookup| match lookup.op {
        LookupOp::Eq(_) => 0,
        LookupOp::Sw(_) => 1,
        LookupOp::Range { .. } => 2,
    });
    (
        kind.max().unwrap_or_default(),
        all.len(),
        all.iter().map(|lookup| lookup.attribute).max(),
    )
}

fn comparison(path: &AttributePath, operator: Operator, value: &Literal) -> Option<Lookup> {
    let attribute = attribute(path)?;
    let text = value.as_text()?;
    if attribute == LookupAttribute::LastModified {
        return range(operator, text);
    }
    let op = match operator {
        Operator::Eq => LookupOp::Eq(text.to_owned()),
        Operator::Sw if !text.is_empty() && has_beginnings(attribute) => LookupOp::Sw(text.to_owned()),
        _ => return None,
    };
    Some(Lookup { attribute, op })
}

fn has_beginnings(attribute: LookupAttribute) -> bool {
    !matches!(
        attribute,
        LookupAttribute::Id | LookupAttribute::MemberValue | LookupAttribute::GroupValue
    )
}

fn range(operator: Operator, text: &str) -> Option<Lookup> {
    let moment = dialect::moment(text)?;
    let (from, to) = match operator {
        Operator::Eq => (Some(moment), Some(moment)),
        Operator::Gt | Operator::Ge => (Some(moment), None),
        Operator::Lt | Operator::Le => (None, Some(moment)),
        _ => return None,
    };
    Some(Lookup {
        attribute: LookupAttribute::LastModified,
        op: LookupOp::Range { from, to },
    })
}

/// `emails[value eq "x" and …]`, `members[value eq "x"]`
fn within_brackets(path: &AttributePath) -> Option<Lookup> {
    let attribute = attribute(path)?;
    let parts = match path.filter.as_deref()? {
        Filter::And(parts) => parts.as_slice(),
        single => std::slice::from_ref(single),
    };
    parts.iter().find_map(|part| {
        let Filter::Compare {
            path: inner,
            operator,
            value,
        } = part
        else {
            return None;
        };
        let op = match operator {
            _ if !inner.is_plain("value") => return None,
            Operator::Eq => LookupOp::Eq(value.as_text()?.to_owned()),
            Operator::Sw if has_beginnings(attribute) => {
                LookupOp::Sw(value.as_text().filter(|text| !text.is_empty())?.to_owned())
            }
            _ => return None,
        };
        Some(Lookup { attribute, op })
    })
}

fn attribute(path: &AttributePath) -> Option<LookupAttribute> {
    let core = path
        .schema
        .as_deref()
        .is_none_or(|urn| urn.eq_ignore_ascii_case(schema::USER) || urn.eq_ignore_ascii_case(schema::GROUP));
    if !core {
        return None;
    }
    let name = path.attribute.to_ascii_lowercase();
    let sub = path.sub.as_deref().map(str::to_ascii_lowercase);
    match (name.as_str(), sub.as_deref()) {
        ("emails", None | Some("value")) => Some(LookupAttribute::Email),
        ("members", None | Some("value")) => Some(LookupAttribute::MemberValue),
        ("groups", None | Some("value")) => Some(LookupAttribute::GroupValue),
        _ if path.filter.is_some() => None,
        ("id", None) => Some(LookupAttribute::Id),
        ("username", None) => Some(LookupAttribute::UserName),
        ("externalid", None) => Some(LookupAttribute::ExternalId),
        ("displayname", None) => Some(LookupAttribute::DisplayName),
        ("meta", Some("lastmodified")) => Some(LookupAttribute::LastModified),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(filter: &str) -> Option<Vec<String>> {
        let all = lookups(&super::super::parse(filter).expect(filter))?;
        Some(
            all.into_iter()
                .map(|lookup| match lookup.op {
                    LookupOp::Eq(text) => format!("{:?} = {text}", lookup.attribute),
                    LookupOp::Sw(text) => format!("{:?} ^ {text}", lookup.attribute),
                    LookupOp::Range { from, to } => format!(
                        "{:?} {}..{}",
                        lookup.attribute,
                        from.map_or(String::new(), |time| time.to_string()),
                        to.map_or(String::new(), |time| time.to_string()),
                    ),
                })
                .collect(),
        )
    }

    #[test]
    fn finds_what_an_index_can_serve() {
        for (filter, expected) in [
            ("userName eq \"Anna\"", &["UserName = Anna"][..]),
            ("USERNAME sw \"a\"", &["UserName ^ a"]),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:userName eq a",
                &["UserName = a"],
            ),
            ("externalId eq 701984", &["ExternalId = 701984"]),
            ("id eq 7 and manager eq 8", &["Id = 7"]),
            (
                "active eq true and (userName sw \"a\" and emails eq \"b\")",
                &["Email = b"],
            ),
            ("emails.value eq \"b\"", &["Email = b"]),
            ("emails[type eq \"work\"].value eq \"b\"", &["Email = b"]),
            ("emails[type eq \"work\" and value sw \"b\"]", &["Email ^ b"]),
            ("members[value eq \"m\"]", &["MemberValue = m"]),
            ("members.value eq \"m\"", &["MemberValue = m"]),
            ("groups eq \"g\"", &["GroupValue = g"]),
            (
                "groups[value eq \"g\" and type eq \"direct\"]",
                &["GroupValue = g"],
            ),
            (
                "displayName Eq \"a\" or displayName Eq \"b\" or displayName eq \"a\"",
                &["DisplayName = a", "DisplayName = b"],
            ),
            (
                "meta.lastModified gt \"2026-01-01T00:00:00Z\"",
                &["LastModified 2026-01-01T00:00:00Z.."],
            ),
            (
                "meta.lastModified ge \"2026-01-01T00:00:00Z\" and meta.lastModified lt \"2026-02-01\" and active eq true",
                &["LastModified 2026-01-01T00:00:00Z..2026-02-01T00:00:00Z"],
            ),
        ] {
            assert_eq!(
                found(filter).as_deref(),
                Some(
                    expected
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .as_slice()
                ),
                "{filter}"
            );
        }
    }

    #[test]
    fn the_rest_is_for_a_scan() {
        for filter in [
            "userName ne \"a\"",
            "userName sw \"\"",
            "userName co \"a\"",
            "not (userName eq \"a\")",
            "userName pr",
            "userName eq null",
            "userName eq \"a\" or active eq true",
            "title eq \"a\"",
            "emails.type eq \"work\"",
            "emails[type eq \"work\"]",
            "emails[not (value eq \"a\")]",
            "emails[value eq \"a\" or value eq \"b\"]",
            "id sw \"a\"",
            "groups.value sw \"a\"",
            "groups.display eq \"a\"",
            "meta.lastModified gt \"soon\"",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:displayName eq \"a\"",
        ] {
            assert_eq!(found(filter), None, "{filter}");
        }
    }
}
