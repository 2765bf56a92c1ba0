//! PATCH of a group's members (RFC 7644 §3.5.2, RFC 7643 §4.2), read plainly: members are a set, and come and go as a whole.
//!
//! Where the RFCs leave a choice:
//!
//! - `remove` with a `value` takes out those members only, and where their `type` is said only if it is theirs.
//! - `add` and `replace` with a filter that names members by their `value` (with or without their `type`) put these in; with
//!   any other filter they can only say again whom it chooses, for within a member nothing changes.
//! - `replace` by nothing of what a filter chooses takes it out.

use std::collections::BTreeSet;
use std::fmt;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::{Op, Refusal};
use crate::filter::{Filter, Literal, Operator, holds_for_element, plain};
use crate::schema::GROUP;

/// Who can be a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: String,
    /// `User` or `Group`.
    pub kind: &'static str,
    pub display: String,
    /// The `$ref` that is shown.
    pub address: String,
}

/// One operation on members.
#[derive(Clone, PartialEq)]
pub struct MemberOperation {
    op: Op,
    place: Place,
    given: Given,
}

#[derive(Debug, Clone, PartialEq)]
enum Place {
    /// As the path is spelled.
    All(&'static str),
    Chosen(Filter),
    /// A key of a value without a path.
    Key(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
enum Given {
    Missing,
    Null,
    Bare(String),
    One(Named),
    Many(Vec<Named>),
}

/// An id, and the `type` that is said to be its.
type Named = (String, Option<&'static str>);

impl MemberOperation {
    pub fn to_json(&self) -> Value {
        let op = match self.op {
            Op::Add => "add",
            Op::Replace => "Replace",
            Op::Remove => "remove",
        };
        let mut operation = json!({ "op": op });
        let value = match &self.given {
            Given::Missing => None,
            Given::Null => Some(Value::Null),
            Given::Bare(id) => Some(json!(id)),
            Given::One(named) => Some(member(named)),
            Given::Many(all) => Some(all.iter().map(member).collect()),
        };
        let value = match &self.place {
            Place::All(path) => {
                operation["path"] = json!(path);
                value
            }
            Place::Chosen(filter) => {
                operation["path"] = json!(format!("members[{filter}]"));
                value
            }
            Place::Key(key) => Some(json!({ *key: value.unwrap_or_default() })),
        };
        if let Some(value) = value {
            operation["value"] = value;
        }
        operation
    }

    /// Those who are named, each once.
    fn named(&self) -> Vec<Named> {
        match &self.given {
            Given::Missing | Given::Null => Vec::new(),
            Given::Bare(id) => vec![(id.clone(), None)],
            Given::One(named) => vec![named.clone()],
            Given::Many(all) => all.clone(),
        }
    }
}

/// As it is sent: so a test that fails shows it.
impl fmt::Debug for MemberOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_json())
    }
}

fn member((id, kind): &Named) -> Value {
    match kind {
        Some(kind) => json!({ "value": id, "type": kind }),
        None => json!({ "value": id }),
    }
}

/// Who is in the group after all operations, or the first refusal.
pub fn apply(
    members: &BTreeSet<String>,
    operations: &[MemberOperation],
    known: &[Known],
) -> Result<BTreeSet<String>, Refusal> {
    let mut members = members.clone();
    for operation in operations {
        one(&mut members, operation, known)?;
    }
    Ok(members)
}

fn one(members: &mut BTreeSet<String>, operation: &MemberOperation, known: &[Known]) -> Result<(), Refusal> {
    let (op, named) = (operation.op, operation.named());
    match &operation.place {
        Place::Key(_) if op == Op::Remove => return Err("noTarget"),
        Place::Chosen(filter) => return chosen(members, op, filter, operation, known),
        Place::All(_) | Place::Key(_) => {}
    }
    let is_missing = operation.given == Given::Missing && matches!(operation.place, Place::All(_));
    match op {
        Op::Remove if matches!(operation.given, Given::Missing | Given::Null) => members.clear(),
        Op::Remove => {
            let is_meant = |id: &String| {
                let kind = known.iter().find(|one| one.id == *id).map(|one| one.kind);
                named
                    .iter()
                    .any(|(named, said)| named == id && said.is_none_or(|said| Some(said) == kind))
            };
            members.retain(|id| !is_meant(id));
        }
        Op::Add | Op::Replace if is_missing => return Err("invalidValue"),
        Op::Add => put(members, &named, known)?,
        Op::Replace => {
            members.clear();
            put(members, &named, known)?;
        }
    }
    Ok(())
}

fn put(members: &mut BTreeSet<String>, named: &[Named], known: &[Known]) -> Result<(), Refusal> {
    for (id, said) in named {
        let is_it = |one: &Known| one.id == *id && said.is_none_or(|said| said == one.kind);
        if !known.iter().any(is_it) {
            return Err("invalidValue");
        }
        members.insert(id.clone());
    }
    Ok(())
}

fn chosen(
    members: &mut BTreeSet<String>,
    op: Op,
    filter: &Filter,
    operation: &MemberOperation,
    known: &[Known],
) -> Result<(), Refusal> {
    let chosen: BTreeSet<String> = known
        .iter()
        .filter(|one| members.contains(&one.id) && is_chosen(one, filter))
        .map(|one| one.id.clone())
        .collect();
    let given: BTreeSet<String> = operation.named().into_iter().map(|(id, _)| id).collect();
    let by_nothing = given.is_empty() && operation.given != Given::Missing;
    if op == Op::Remove || op == Op::Replace && by_nothing {
        members.retain(|id| !chosen.contains(id));
        return Ok(());
    }
    match named_by(filter) {
        Some(named) => {
            let ids: BTreeSet<String> = named.iter().map(|(id, _)| id.clone()).collect();
            if !given.is_subset(&ids) {
                return Err("mutability");
            }
            put(members, &named, known)
        }
        None if chosen.is_empty() => Err("noTarget"),
        None if given.is_empty() || given == chosen => Ok(()),
        None => Err("mutability"),
    }
}

fn is_chosen(one: &Known, filter: &Filter) -> bool {
    let shown = json!({ "value": one.id, "type": one.kind, "display": one.display, "$ref": one.address });
    let members = GROUP.attribute(None, "members");
    members.is_some_and(|members| holds_for_element(filter, &shown, members))
}

/// Whom a filter names by `value eq`, each perhaps with a `type`; several between `or`.
fn named_by(filter: &Filter) -> Option<Vec<Named>> {
    if let Filter::Or(a, b) = filter {
        let (mut named, more) = (named_by(a)?, named_by(b)?);
        named.extend(more);
        return Some(named);
    }
    let (mut ids, mut kinds) = (Vec::new(), BTreeSet::new());
    for part in parts(filter) {
        let Filter::Compare(path, Operator::Eq, Literal::Text(text)) = part else {
            return None;
        };
        match path.attribute.as_str() {
            "value" => ids.push(text.clone()),
            "type" => {
                kinds.insert(KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(text))?);
            }
            _ => return None,
        }
    }
    match (ids.as_slice(), kinds.len()) {
        ([id], 0 | 1) => Some(vec![(id.clone(), kinds.first().copied())]),
        // Nobody is of two kinds.
        ([] | [_], 2) => Some(Vec::new()),
        _ => None,
    }
}

fn parts(filter: &Filter) -> Vec<&Filter> {
    match filter {
        Filter::And(a, b) => [parts(a), parts(b)].concat(),
        other => vec![other],
    }
}

const KINDS: [&str; 2] = ["User", "Group"];
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Up to five operations on members of whom these are known.
pub fn member_operations(known: &[Known]) -> BoxedStrategy<Vec<MemberOperation>> {
    let op = select(vec![Op::Add, Op::Add, Op::Replace, Op::Remove, Op::Remove]);
    let paths = vec![
        "members",
        "MEMBERS",
        "members.value",
        "urn:ietf:params:scim:schemas:core:2.0:Group:members",
    ];
    let keys = vec![
        "members",
        "Members",
        "urn:ietf:params:scim:schemas:core:2.0:Group:members",
    ];
    let place = prop_oneof![
        5 => select(paths).prop_map(Place::All),
        5 => filter(known).prop_map(Place::Chosen),
        1 => select(keys).prop_map(Place::Key),
    ];
    let one = (op, place, given(known)).prop_map(|(op, place, given)| MemberOperation { op, place, given });
    prop::collection::vec(one, 1..6).boxed()
}

fn given(known: &[Known]) -> BoxedStrategy<Given> {
    let bare: Vec<Named> = known.iter().map(|one| (one.id.clone(), None)).collect();
    let typed: Vec<Named> = known.iter().map(|one| (one.id.clone(), Some(one.kind))).collect();
    let odd: Vec<Named> = vec![(NOBODY.to_owned(), None), (known[0].id.clone(), Some("Group"))];
    let several = subsequence(bare.clone(), 0..=known.len());
    prop_oneof![
        2 => Just(Given::Missing),
        1 => Just(Given::Null),
        2 => select(known.iter().map(|one| one.id.clone()).collect::<Vec<_>>()).prop_map(Given::Bare),
        2 => select(bare).prop_map(Given::One),
        8 => several.prop_map(Given::Many),
        2 => subsequence(typed, 0..3).prop_map(Given::Many),
        1 => subsequence(odd, 1..=2).prop_map(Given::Many),
    ]
    .boxed()
}

fn filter(known: &[Known]) -> BoxedStrategy<Filter> {
    let compare = |name: &'static str, operator: Operator, text: String| {
        Filter::Compare(plain(name), operator, Literal::Text(text))
    };
    let known = || select(known.to_vec());
    let id = known().prop_map(move |one| compare("value", Operator::Eq, one.id));
    let kind = select(vec!["User", "group", "GROUP"])
        .prop_map(move |kind| compare("type", Operator::Eq, kind.to_owned()));
    let other = (known(), 0_u8..5).prop_map(move |(one, which)| match which {
        0 => compare("display", Operator::Eq, one.display.to_uppercase()),
        1 => compare("display", Operator::Sw, one.display.chars().take(1).collect()),
        2 => compare("$ref", Operator::Ew, one.id),
        3 => compare("value", Operator::Ne, one.id),
        _ => Filter::Present(plain("display")),
    });
    let leaf = prop_oneof![6 => id, 2 => kind, 3 => other];
    leaf.prop_recursive(2, 5, 2, |inner| {
        let two = || (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            2 => two().prop_map(|(a, b)| Filter::And(a, b)),
            2 => two().prop_map(|(a, b)| Filter::Or(a, b)),
            1 => inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
    .boxed()
}
