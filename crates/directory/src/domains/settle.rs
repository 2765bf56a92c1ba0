//! Who was there before a domain was verified is verified with it, some at a time. (Whoever comes later comes verified, in the
//! transaction of coming.) Whatever ends this half way, housekeeping goes on with it.

use base::{Cause, OrgId, UserId};
use store::{Attribute, Lock, Lookup, Match, Start, Tx, Write};

use super::Domain;
use crate::{Directory, Error, Moving, rendering};

/// Looked at in one transaction.
const BATCH: u32 = 200;

impl Directory {
    pub(super) async fn settle_domain(
        &self,
        cause: &Cause,
        org: OrgId,
        domain: &Domain,
    ) -> Result<(), Error> {
        if domain.settled {
            return Ok(());
        }
        let lookup = Lookup::Key(
            Attribute::Domain,
            Match::Equal(rendering::indexed(domain.name.clone())),
        );
        let mut start = Start::FIRST;
        loop {
            let mut reader = self.store.reader();
            let people = store::users::page(&mut reader, org, &lookup, start, BATCH).await?;
            let mut ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
            ids.sort_unstable();
            let last = ids.last().copied();
            let write = Settle {
                org,
                name: domain.name.clone(),
                people: ids,
                is_last: people.len() < BATCH as usize,
                cause: cause.clone(),
            };
            let goes_on = self.store.write(write).await?;
            match last {
                Some(last) if goes_on => start = Start::After(last),
                _ => return Ok(()),
            }
        }
    }
}

/// Marks some people of a domain; says whether there are more.
struct Settle {
    org: OrgId,
    name: String,
    people: Vec<UserId>,
    is_last: bool,
    cause: Cause,
}

impl Write for Settle {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, now) = (self.org, tx.ambient().now());
        tx.lock(Lock::Feed(org)).await?;
        let Some(mut domain) = store::domains::held(tx, org, &self.name).await? else {
            return Ok(false);
        };
        if domain.verified.is_none() {
            return Ok(false);
        }
        for user in &self.people {
            let Some(person) = store::users::held(tx, org, *user).await? else {
                continue;
            };
            let document = rendering::document(&person).map_err(store::Error::refuse)?;
            if super::of_person(&document).as_deref() != Some(&*self.name) {
                continue;
            }
            let moving = Moving::of(org, &person);
            let learn = |facts: &mut crate::Facts| facts.verified = facts.verified.or(Some(now));
            moving.learn(tx, &self.cause, learn).await?;
        }
        if self.is_last {
            domain.settled = true;
            store::domains::update(tx, org, &domain).await?;
        }
        Ok(!self.is_last)
    }
}
