//! What one person has, and giving and taking it by hand.

use base::{Cause, GroupId, LicenceId, OrgId, SubjectId, Timestamp, UserId};
use store::licences::holdings::{self, State};
use store::{Lock, Query, Tx, Write};

use super::LicenceError;
use super::carry::{Act, Reason, Shortage, Turn, carry_out, grounds_of, held};
use super::grounds::{self, Ground};
use super::types::names;
use crate::roles::keep_rank;
use crate::{Directory, Error, Source};

/// A licence that somebody has, waits for, or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLicence {
    pub licence: LicenceId,
    pub name: String,
    pub state: State,
    /// From where it comes, groups with their names; nowhere once it was taken away.
    pub grounds: Vec<(Ground, Option<String>)>,
    /// Why it was taken away.
    pub taken: Option<Taken>,
    pub since: Timestamp,
}

/// Why a licence was taken away, as a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken(pub String);

impl Taken {
    /// For people.
    pub fn text(&self) -> &'static str {
        match self.0.as_str() {
            "administrator" => "an administrator took it away",
            "left_group" => "the person has left the group by whose template it came",
            "group_template" => {
                "the template of a group holds in place of the organization's, and does not give it"
            }
            "not_in_template" => "a template was applied to those who were there, and does not give it",
            "template_removed" => "the template by which it came was removed",
            _ => "it was taken away",
        }
    }
}

impl Directory {
    /// What somebody has, waits for, or had, in the order of the types.
    pub async fn licences_of(&self, org: OrgId, user: UserId) -> Result<Vec<PersonLicence>, Error> {
        let mut reader = self.store.reader();
        let held = holdings::of_users(&mut reader, org, &[user]).await?;
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let names = names(&mut reader, org).await?;
        let all: Vec<_> = held.iter().map(|one| grounds::read(&one.sources)).collect();
        let groups: Vec<SubjectId> = all
            .iter()
            .flatten()
            .filter_map(|ground| match ground {
                Ground::Group(group) => Some((*group).into()),
                Ground::Direct | Ground::Organization => None,
            })
            .collect();
        let called = group_names(&mut reader, org, &groups).await?;
        let named = |ground: Ground| match ground {
            Ground::Group(group) => (ground, called(group)),
            Ground::Direct | Ground::Organization => (ground, None),
        };
        let licences = held.into_iter().zip(all).map(|(one, grounds)| PersonLicence {
            licence: one.licence,
            name: names.get(&one.licence).cloned().unwrap_or_default(),
            state: one.state,
            grounds: grounds.into_iter().map(named).collect(),
            taken: one.reason.map(Taken),
            since: one.modified,
        });
        Ok(licences.collect())
    }

    /// Gives licences to a person and takes others away, all or none.
    pub async fn change_licences_of(
        &self,
        cause: &Cause,
        org: OrgId,
        user: UserId,
        (add, remove): (&[LicenceId], &[LicenceId]),
    ) -> Result<(), Error> {
        let write = ByHand {
            org,
            user,
            add: add.to_vec(),
            remove: remove.to_vec(),
            cause: cause.clone(),
        };
        self.store.write(write).await.map_err(|error| match error {
            store::Error::NotFound => Error::UnknownUser { id: user },
            other => other.into(),
        })
    }
}

/// What groups are called; those that are gone have no name.
async fn group_names(
    q: &mut impl Query,
    org: OrgId,
    groups: &[SubjectId],
) -> Result<impl Fn(GroupId) -> Option<String>, Error> {
    let named = store::members::named(q, org, groups).await?;
    Ok(move |group: GroupId| {
        let found = named.iter().find(|one| one.id.subject() == group.into());
        found.and_then(|one| one.display_name.clone())
    })
}

struct ByHand {
    org: OrgId,
    user: UserId,
    add: Vec<LicenceId>,
    remove: Vec<LicenceId>,
    cause: Cause,
}

impl Write for ByHand {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, user) = (self.org, self.user);
        tx.lock(Lock::Feed(org)).await?;
        // Before the licences: it may take the lock of the roles.
        keep_rank(tx, org, user, &self.cause).await?;
        tx.lock(Lock::Licences(org)).await?;
        let person = store::users::by_id(tx, org, user)
            .await?
            .ok_or(store::Error::NotFound)?;
        let before = held(tx, org, &[user]).await?.remove(&user).unwrap_or_default();
        let mut after = grounds_of(&before);
        for licence in &self.remove {
            after.drop_licence(*licence);
        }
        for licence in &self.add {
            if store::licences::by_id(tx, org, *licence).await?.is_none() {
                let name = licence.to_string();
                return Err(LicenceError::Unknown { name }.refusal());
            }
            after.add(Ground::Direct, &[*licence]);
        }
        let act = Act {
            org,
            cause: &self.cause,
            source: Source::Api.name(),
            shortage: Shortage::Refuse,
        };
        let turn = Turn {
            user,
            user_name: Some(person.user_name),
            before,
            after,
            reason: Reason::Administrator,
        };
        carry_out(tx, act, &[turn]).await.map(drop)
    }
}
