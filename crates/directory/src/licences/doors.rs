//! What people and members who come and go mean for licences, in the transaction of that.

use std::collections::BTreeMap;

use base::{Cause, GroupId, OrgId, UserId};
#[cfg(doc)]
use store::Lock;
use store::Tx;
use store::members::MemberId;

use super::Licensing;
use super::carry::{Act, Reason, Shortage, Turn, carry_out, grounds_of, held};
use super::grounds::Grounds;
use crate::{Error, Settings, Source};

/// Makes sure that a write was prepared by the templates of now. To be called before anything is written; if it is going to
/// give or take licences, [`Lock::Licences`] is the next thing that it takes.
pub async fn prepare(tx: &mut Tx<'_>, org: OrgId, licensing: &Licensing) -> Result<(), store::Error> {
    let outdated = || store::Error::refuse(Error::SchemasChanged);
    store::licences::require_revision(tx, org, licensing.revision, outdated).await
}

fn act(org: OrgId, cause: &Cause, source: Source) -> Act<'_> {
    Act {
        org,
        cause,
        source: source.name(),
        shortage: Shortage::Wait,
    }
}

/// Somebody has come in.
pub async fn arrive(
    tx: &mut Tx<'_>,
    org: OrgId,
    (cause, source): (&Cause, Source),
    licensing: &Licensing,
    (user, user_name): (UserId, &str),
) -> Result<(), store::Error> {
    if !licensing.gives_newcomers() {
        return Ok(());
    }
    let mut after = Grounds::default();
    after.arrive(licensing);
    let turn = Turn {
        user,
        user_name: Some(user_name.to_owned()),
        before: Vec::new(),
        after,
        reason: Reason::GroupTemplate,
    };
    carry_out(tx, act(org, cause, source), &[turn]).await.map(drop)
}

/// Somebody is about to go: what he or she had comes free.
pub async fn depart(
    tx: &mut Tx<'_>,
    org: OrgId,
    (cause, source): (&Cause, Source),
    licensing: &Licensing,
    user: UserId,
) -> Result<(), store::Error> {
    if !licensing.is_used() {
        return Ok(());
    }
    let before = held(tx, org, &[user]).await?.remove(&user).unwrap_or_default();
    if before.is_empty() {
        return Ok(());
    }
    let turn = Turn {
        user,
        user_name: None,
        before,
        after: Grounds::default(),
        reason: Reason::Administrator,
    };
    carry_out(tx, act(org, cause, source), &[turn]).await?;
    store::licences::holdings::forget(tx, org, user).await
}

/// People have joined a group and left it.
pub async fn moved(
    tx: &mut Tx<'_>,
    org: OrgId,
    (cause, source): (&Cause, Source),
    (licensing, settings): (&Licensing, Settings),
    group: GroupId,
    (added, removed): (&[MemberId], &[MemberId]),
) -> Result<(), store::Error> {
    if !licensing.has_group(group) {
        return Ok(());
    }
    let people = |members: &[MemberId]| -> Vec<UserId> {
        let user = |member: &MemberId| match member {
            MemberId::User(user) => Some(*user),
            MemberId::Group(_) => None,
        };
        members.iter().filter_map(user).collect()
    };
    let (joined, left) = (people(added), people(removed));
    let touched: Vec<UserId> = joined.iter().chain(&left).copied().collect();
    let mut before = held(tx, org, &touched).await?;
    let mut others: BTreeMap<UserId, Vec<GroupId>> = BTreeMap::new();
    for (user, other) in store::licences::templates::groups_of(tx, org, &left).await? {
        if other != group {
            others.entry(user).or_default().push(other);
        }
    }
    let mut turn = |user: UserId, reason, change: &dyn Fn(&mut Grounds)| {
        let before = before.remove(&user).unwrap_or_default();
        let mut after = grounds_of(&before);
        change(&mut after);
        Turn {
            user,
            user_name: None,
            before,
            after,
            reason,
        }
    };
    let mut turns = Vec::with_capacity(touched.len());
    for user in left {
        let others = others.get(&user).map(Vec::as_slice).unwrap_or_default();
        turns.push(turn(user, Reason::LeftGroup, &|after| {
            after.leave(licensing, settings, group, others);
        }));
    }
    for user in joined {
        turns.push(turn(user, Reason::GroupTemplate, &|after| {
            after.join(licensing, settings, group);
        }));
    }
    carry_out(tx, act(org, cause, source), &turns).await.map(drop)
}
