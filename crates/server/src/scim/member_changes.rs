//! What a PATCH asks of a group's members, as changes by id (RFC 7644 §3.5.2).

use std::collections::BTreeMap;

use base::{OrgId, SubjectId};
use directory::{MemberChange, subject_kind};
use scim::filter::Filter;
use scim::patch::MemberOp;
use scim::resource::Member;
use store::groups::Group;
use store::members::MemberRef;

use super::failure::Failure;
use super::location::Base;
use crate::State;

/// The changes, in their order. Only where members are chosen by a filter of more than ids are they looked at.
pub async fn of(
    state: &State,
    org: OrgId,
    group: &Group,
    base: &Base,
    ops: &[MemberOp],
) -> Result<Vec<MemberChange>, Failure> {
    let filters: Vec<&Filter> = ops.iter().filter_map(MemberOp::filter).collect();
    let restates = |op: &MemberOp| matches!(op, MemberOp::RestateWhere(..));
    let choose = async |joining: Vec<SubjectId>| {
        let directory = &state.directory;
        directory
            .choose_members(org, group.id, &joining, &filters, &base.url)
            .await
    };
    let mut chosen = Vec::new().into_iter();
    if !filters.is_empty() {
        chosen = choose(joining(ops)).await?.into_iter();
    }
    let mut before = Vec::new().into_iter();
    if ops.iter().any(restates) {
        before = choose(Vec::new()).await?.into_iter();
    }
    let mut changes = Vec::with_capacity(ops.len());
    for op in ops {
        let next = |lists: &mut std::vec::IntoIter<Vec<MemberRef>>| {
            op.filter().and_then(|_| lists.next()).unwrap_or_default()
        };
        let (chosen, before) = (next(&mut chosen), next(&mut before));
        let chosen = if restates(op) {
            present(&chosen, &before, &changes)
        } else {
            chosen
        };
        changes.extend(change(op, chosen)?);
    }
    Ok(changes)
}

/// Who of those chosen is a member behind the changes so far, as some were before them.
fn present(chosen: &[MemberRef], before: &[MemberRef], changes: &[MemberChange]) -> Vec<MemberRef> {
    let mut there: BTreeMap<SubjectId, (MemberRef, bool)> =
        chosen.iter().map(|one| (one.id, (*one, false))).collect();
    let mut put = |members: &[MemberRef], is_there: bool| {
        for member in members {
            if let Some((one, there)) = there.get_mut(&member.id)
                && (is_there || member.kind.is_none_or(|kind| one.kind == Some(kind)))
            {
                *there = is_there;
            }
        }
    };
    put(before, true);
    for change in changes {
        match change {
            MemberChange::Add(members) => put(members, true),
            MemberChange::Remove(members) => put(members, false),
            MemberChange::Clear(kind) => {
                let gone = chosen.iter().filter(|one| kind.is_none() || one.kind == *kind);
                put(&gone.copied().collect::<Vec<_>>(), false);
            }
            MemberChange::Replace(members) => {
                put(chosen, false);
                put(members, true);
            }
        }
    }
    let there = there.into_values().filter(|(_, there)| *there);
    there.map(|(member, _)| member).collect()
}

/// Whoever is named in the request may be chosen by a later operation of it.
fn joining(ops: &[MemberOp]) -> Vec<SubjectId> {
    let named = ops.iter().flat_map(|op| match op {
        MemberOp::Add(members) | MemberOp::Replace(members) => members.as_slice(),
        _ => &[],
    });
    named.filter_map(reference).map(|member| member.id).collect()
}

fn change(op: &MemberOp, chosen: Vec<MemberRef>) -> Result<Option<MemberChange>, Failure> {
    Ok(Some(match op {
        MemberOp::Add(members) => MemberChange::Add(references(members)?),
        MemberOp::Replace(members) => MemberChange::Replace(references(members)?),
        // Whoever is no member need not be removed, so an unreadable id is no error here.
        MemberOp::Remove(members) => MemberChange::Remove(members.iter().filter_map(reference).collect()),
        MemberOp::RemoveKind(kind) => MemberChange::Clear(Some(subject_kind(*kind))),
        MemberOp::RemoveAll => MemberChange::Clear(None),
        MemberOp::RemoveWhere(_) => MemberChange::Remove(chosen),
        MemberOp::RestateWhere(filter, given) => {
            refuse_others(filter, &chosen, given)?;
            return Ok(None);
        }
    }))
}

/// Within a member nothing changes: whoever is chosen must be who is given, if anybody is.
fn refuse_others(filter: &Filter, chosen: &[MemberRef], given: &[Member]) -> Result<(), scim::Error> {
    if chosen.is_empty() {
        return Err(scim::Error::no_target(format!(
            "members has no value with {filter}"
        )));
    }
    let mut given: Vec<Option<SubjectId>> = given.iter().map(|one| Some(reference(one)?.id)).collect();
    let mut chosen: Vec<Option<SubjectId>> = chosen.iter().map(|one| Some(one.id)).collect();
    given.sort_unstable();
    chosen.sort_unstable();
    if given.is_empty() || given == chosen {
        return Ok(());
    }
    Err(scim::Error::mutability(
        "members cannot be changed into others: remove those and add these",
    ))
}

/// Members of a body, who must be there.
pub fn references(members: &[Member]) -> Result<Vec<MemberRef>, Failure> {
    let unreadable = |member: &Member| {
        let detail = format!(
            "members.value is not the id of a user or group: {:?}",
            member.value
        );
        Failure(scim::Error::invalid_value(detail))
    };
    members
        .iter()
        .map(|member| reference(member).ok_or_else(|| unreadable(member)))
        .collect()
}

fn reference(member: &Member) -> Option<MemberRef> {
    Some(MemberRef {
        id: member.value.parse().ok()?,
        kind: member.kind.map(subject_kind),
    })
}
