//! Operations on the members of a group, split off so that nobody ever has to read the list of them.

use serde_json::Value;

use super::{Member, Op, Operation, PatchRequest};
use crate::filter::{Filter, Literal, Operator};
use crate::path::AttributePath;
use crate::resource::member_list;
use crate::schema::GROUP;
use crate::{Error, dialect};

/// A change of who is in a group. Ids are as the client wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberOp {
    Add(Vec<Member>),
    Remove(Vec<String>),
    RemoveAll,
    Replace(Vec<Member>),
}

/// Takes the operations on `members` out of the request, in their order.
///
/// Understood are `members`, `members.value`, `members[value eq "…"]` also with several ids joined by `or`, the
/// group schema's URN before them, and a `members` key in a path-less value.
pub fn split_members(request: &mut PatchRequest) -> Result<Vec<MemberOp>, Error> {
    let mut changes = Vec::new();
    let mut others = Vec::new();
    for mut operation in std::mem::take(&mut request.operations) {
        match &operation.path {
            Some(path) if is_members(path) => changes.extend(change(path, &operation)?),
            Some(_) => others.push(operation),
            None => {
                changes.extend(take_from_value(&mut operation)?);
                if operation
                    .value
                    .as_ref()
                    .is_none_or(|value| *value != Value::Object(crate::Object::new()))
                {
                    others.push(operation);
                }
            }
        }
    }
    request.operations = others;
    Ok(changes)
}

fn is_members(path: &AttributePath) -> bool {
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

/// A `members` key of a path-less value.
fn take_from_value(operation: &mut Operation) -> Result<Option<MemberOp>, Error> {
    let Some(Value::Object(value)) = &mut operation.value else {
        return Ok(None);
    };
    dialect::refuse_twins(value)?;
    let qualified = format!("{GROUP}:members");
    let key = value
        .keys()
        .find(|key| key.eq_ignore_ascii_case("members") || key.eq_ignore_ascii_case(&qualified))
        .cloned();
    let Some(members) = key.and_then(|key| value.shift_remove(&key)) else {
        return Ok(None);
    };
    match operation.op {
        Op::Add => Ok(some_if_any(member_list(&members)?, MemberOp::Add)),
        Op::Replace => Ok(Some(MemberOp::Replace(member_list(&members)?))),
        Op::Remove => Err(Error::no_target("remove needs a path")),
    }
}

fn some_if_any<T>(all: Vec<T>, op: fn(Vec<T>) -> MemberOp) -> Option<MemberOp> {
    if all.is_empty() { None } else { Some(op(all)) }
}

fn change(path: &AttributePath, operation: &Operation) -> Result<Option<MemberOp>, Error> {
    refuse_parts(path)?;
    if let Some(filter) = &path.filter {
        return chosen(&ids(filter)?, operation);
    }
    match (operation.op, &operation.value) {
        (Op::Remove, None | Some(Value::Null)) => Ok(Some(MemberOp::RemoveAll)),
        (Op::Remove, Some(value)) => {
            let ids = member_list(value)?
                .into_iter()
                .map(|member| member.value)
                .collect();
            Ok(some_if_any(ids, MemberOp::Remove))
        }
        (_, None) => Err(Error::invalid_value(format!(
            "{} of members needs a value",
            operation.op.as_str()
        ))),
        (Op::Add, Some(value)) => Ok(some_if_any(member_list(value)?, MemberOp::Add)),
        (Op::Replace, Some(value)) => Ok(Some(MemberOp::Replace(member_list(value)?))),
    }
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

/// `members[value eq "x"]` with an operation: remove takes these out, add puts them in.
fn chosen(ids: &[String], operation: &Operation) -> Result<Option<MemberOp>, Error> {
    match operation.op {
        Op::Remove => Ok(some_if_any(ids.to_vec(), MemberOp::Remove)),
        Op::Add | Op::Replace => {
            let given = operation
                .value
                .as_ref()
                .map(member_list)
                .transpose()?
                .unwrap_or_default();
            if given.iter().any(|member| !ids.contains(&member.value)) {
                return Err(Error::mutability(
                    "members.value cannot be changed: remove the member and add the other",
                ));
            }
            let kind = given.first().and_then(|member| member.kind);
            let members = ids
                .iter()
                .map(|id| Member {
                    value: id.clone(),
                    kind,
                })
                .collect();
            Ok(some_if_any(members, MemberOp::Add))
        }
    }
}

fn ids(filter: &Filter) -> Result<Vec<String>, Error> {
    let understood = match filter {
        Filter::Or(parts) => parts.iter().map(id).collect(),
        single => id(single).map(|id| vec![id]),
    };
    understood.ok_or_else(|| {
        Error::invalid_filter("In members[…] only value eq \"…\" is understood, several of them joined by or")
    })
}

/// The id in `value eq "x"`, also beside a `type eq "User"`.
fn id(filter: &Filter) -> Option<String> {
    match filter {
        Filter::Compare {
            path,
            operator: Operator::Eq,
            value: Literal::Text(text) | Literal::Number(text),
        } if path.is_plain("value") => Some(text.clone()),
        Filter::And(parts) => {
            let mut found = parts.iter().filter(|part| !is_type(part)).map(id);
            match (found.next(), found.next()) {
                (Some(id), None) => id,
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_type(filter: &Filter) -> bool {
    matches!(
        filter,
        Filter::Compare { path, operator: Operator::Eq, .. } if path.is_plain("type")
    )
}
