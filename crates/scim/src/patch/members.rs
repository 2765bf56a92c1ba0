//! Operations on the members of a group, split off so that nobody ever has to read the list of them.

use serde_json::Value;

use super::{Member, MemberKind, Op, Operation, PatchRequest};
use crate::filter::{self, Filter, Literal, Operator};
use crate::path::AttributePath;
use crate::resource::{member_list, take_what_names_members};
use crate::schema::{Attribute, GROUP, ResourceType};
use crate::{Error, Object, dialect};

/// A change of who is in a group. Ids are as the client wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberOp {
    Add(Vec<Member>),
    Remove(Vec<Member>),
    /// All of one kind.
    RemoveKind(MemberKind),
    RemoveAll,
    Replace(Vec<Member>),
    /// Those whom the filter chooses by more than their ids or kinds: see [`is_chosen`].
    RemoveWhere(Filter),
    /// Such ones are said to be these, as `add` and `replace` do: they must be, for within a member nothing changes.
    RestateWhere(Filter, Vec<Member>),
}

impl MemberOp {
    /// By what members are chosen who are not named.
    pub fn filter(&self) -> Option<&Filter> {
        match self {
            Self::RemoveWhere(filter) | Self::RestateWhere(filter, _) => Some(filter),
            Self::Add(_) | Self::Remove(_) | Self::RemoveKind(_) | Self::RemoveAll | Self::Replace(_) => None,
        }
    }
}

/// Whether the filter of a path chooses a member, who is given as an answer shows members.
pub fn is_chosen(filter: &Filter, member: &Value) -> bool {
    members_of_a_group().is_some_and(|members| filter::matches_element(filter, member, members))
}

fn members_of_a_group() -> Option<&'static Attribute> {
    ResourceType::group().core.attribute("members")
}

/// Takes the operations on `members` out of the request, in their order.
///
/// Understood are `members`, `members.value`, `members[…]` with any filter, the group schema's URN before them, and all
/// of these as keys of a path-less value. Filters that name members by `value eq "…"` and `type eq "…"` (the two joined
/// by `and`, several of them by `or`) need no look at the members.
pub fn split_members(request: &mut PatchRequest) -> Result<Vec<MemberOp>, Error> {
    let mut changes = Vec::new();
    let mut others = Vec::new();
    for mut operation in std::mem::take(&mut request.operations) {
        match &operation.path {
            Some(path) if is_members(path) => changes.extend(change(path, &operation)?),
            Some(path) if !is_the_group(path) => others.push(operation),
            _ => {
                let op = operation.op;
                if let Some(Value::Object(value)) = &mut operation.value {
                    changes.extend(take_from_value(op, value)?);
                }
                if operation
                    .value
                    .as_ref()
                    .is_none_or(|value| *value != Value::Object(Object::new()))
                {
                    others.push(operation);
                }
            }
        }
    }
    request.operations = others;
    Ok(changes)
}

pub(crate) fn is_members(path: &AttributePath) -> bool {
    let of_the_group = path
        .schema
        .as_deref()
        .is_none_or(|urn| urn.eq_ignore_ascii_case(GROUP));
    let dotted = path
        .schema
        .as_deref()
        .is_some_and(|urn| format!("{urn}:{}", path.attribute).eq_ignore_ascii_case(GROUP));
    (of_the_group && path.attribute.eq_ignore_ascii_case("members"))
        || (dotted
            && path
                .sub
                .as_deref()
                .is_some_and(|sub| sub.eq_ignore_ascii_case("members")))
}

/// The group's own schema, which names the group as a whole.
fn is_the_group(path: &AttributePath) -> bool {
    let urn = path.schema.as_deref();
    path.sub.is_none()
        && path.filter.is_none()
        && urn.is_some_and(|urn| format!("{urn}:{}", path.attribute).eq_ignore_ascii_case(GROUP))
}

/// What the keys of a path-less value say of the members: each is a path, and one at most speaks of them.
fn take_from_value(op: Op, value: &mut Object) -> Result<Vec<MemberOp>, Error> {
    let found = take_what_names_members(value)?;
    let Some((path, value)) = found else {
        return Ok(Vec::new());
    };
    if op == Op::Remove {
        return Err(Error::no_target("remove needs a path"));
    }
    let operation = Operation {
        op,
        path: None,
        value: Some(value),
    };
    change(&path, &operation)
}

fn some_if_any<T>(all: Vec<T>, op: fn(Vec<T>) -> MemberOp) -> Option<MemberOp> {
    if all.is_empty() { None } else { Some(op(all)) }
}

fn change(path: &AttributePath, operation: &Operation) -> Result<Vec<MemberOp>, Error> {
    refuse_parts(path)?;
    if let Some(filter) = &path.filter {
        if let Some(members) = members_of_a_group() {
            filter::check_element(filter, members)?;
        }
        return chosen(filter, operation);
    }
    let change = match (operation.op, &operation.value) {
        (Op::Remove, None | Some(Value::Null)) => Some(MemberOp::RemoveAll),
        (Op::Remove, Some(value)) => some_if_any(member_list(value)?, MemberOp::Remove),
        (_, None) => {
            let detail = format!("{} of members needs a value", operation.op.as_str());
            return Err(Error::invalid_value(detail));
        }
        (Op::Add, Some(value)) => some_if_any(member_list(value)?, MemberOp::Add),
        (Op::Replace, Some(value)) => Some(MemberOp::Replace(member_list(value)?)),
    };
    Ok(change.into_iter().collect())
}

/// A member as a whole comes or goes: none of its parts can be written.
fn refuse_parts(path: &AttributePath) -> Result<(), Error> {
    let part = path
        .sub
        .as_deref()
        .filter(|sub| !sub.eq_ignore_ascii_case("members") || path.filter.is_some());
    match part {
        None => Ok(()),
        Some(sub) if sub.eq_ignore_ascii_case("value") && path.filter.is_none() => Ok(()),
        Some(sub) => Err(Error::mutability(format!(
            "members.{sub} cannot be changed: add or remove the member"
        ))),
    }
}

/// What a filter in brackets chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    One(Member),
    Kind(MemberKind),
    /// No member is of such a type, or of two.
    Nothing,
}

/// `members[…]` with an operation: remove takes the chosen out, as does replacing them by nobody; add puts in those who
/// are named.
fn chosen(filter: &Filter, operation: &Operation) -> Result<Vec<MemberOp>, Error> {
    let choices = choices(filter);
    let by_nobody = operation.value.as_ref().is_some_and(dialect::is_no_value);
    if operation.op == Op::Remove || (operation.op == Op::Replace && by_nobody) {
        let by_looking = || vec![MemberOp::RemoveWhere(filter.clone())];
        return Ok(choices.map_or_else(by_looking, |choices| removals(&choices)));
    }
    let given = match &operation.value {
        Some(value) => member_list(value)?,
        None => Vec::new(),
    };
    let Some(members) = choices.and_then(named) else {
        return Ok(vec![MemberOp::RestateWhere(filter.clone(), given)]);
    };
    if given
        .iter()
        .any(|member| members.iter().all(|one| one.value != member.value))
    {
        return Err(Error::mutability(
            "members.value cannot be changed: remove the member and add the other",
        ));
    }
    let kind = given.first().and_then(|member| member.kind);
    let members = members.into_iter().map(|member| Member {
        kind: member.kind.or(kind),
        ..member
    });
    Ok(some_if_any(members.collect(), MemberOp::Add)
        .into_iter()
        .collect())
}

/// The members that are chosen by their ids; none if others are, too.
fn named(choices: Vec<Choice>) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    for choice in choices {
        match choice {
            Choice::One(member) => members.push(member),
            Choice::Kind(_) => return None,
            Choice::Nothing => {}
        }
    }
    Some(members)
}

fn removals(choices: &[Choice]) -> Vec<MemberOp> {
    let (mut ones, mut kinds) = (Vec::new(), Vec::new());
    for choice in choices {
        match choice {
            Choice::One(member) => ones.push(member.clone()),
            Choice::Kind(kind) => kinds.push(MemberOp::RemoveKind(*kind)),
            Choice::Nothing => {}
        }
    }
    let ones = some_if_any(ones, MemberOp::Remove);
    ones.into_iter().chain(kinds).collect()
}

/// What a filter chooses, if it need not be held against the members.
fn choices(filter: &Filter) -> Option<Vec<Choice>> {
    match filter {
        Filter::Or(parts) => parts.iter().map(choice).collect(),
        single => Some(vec![choice(single)?]),
    }
}

/// `value eq "x"`, `type eq "User"`, or both.
fn choice(filter: &Filter) -> Option<Choice> {
    let parts = match filter {
        Filter::And(parts) => parts.as_slice(),
        single => std::slice::from_ref(single),
    };
    let (mut values, mut kinds) = (Vec::new(), Vec::new());
    for part in parts {
        let Filter::Compare {
            path,
            operator: Operator::Eq,
            value: Literal::Text(text) | Literal::Number(text),
        } = part
        else {
            return None;
        };
        if path.is_plain("value") {
            values.push(text.clone());
        } else if path.is_plain("type") {
            kinds.push(MemberKind::read(text));
        } else {
            return None;
        }
    }
    kinds.dedup();
    Some(match (values.as_slice(), kinds.as_slice()) {
        ([value], []) => Choice::One(Member {
            value: value.clone(),
            kind: None,
        }),
        ([value], [Some(kind)]) => Choice::One(Member {
            value: value.clone(),
            kind: Some(*kind),
        }),
        ([], [Some(kind)]) => Choice::Kind(*kind),
        ([] | [_], _) => Choice::Nothing,
        _ => return None,
    })
}
