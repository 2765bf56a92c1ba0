//! Writes down what came of the work for one person: link, lane and log in one write, under the lane's fence.
//!
//! What most work comes to is written for many people at a time; whatever is out of the ordinary (a plan, a drift, a
//! failure), for each by itself, in the same write.

use std::collections::HashSet;
use std::sync::Arc;

use base::{Cause, Message, OrgId, PlanId, SubjectId};
use store::lanes::{Completion, Lease, Verify};
use store::links::Draft;
use store::log::Entry;
use store::plan_items::State;
use store::{Durability, Tx};

use super::carry::LinkChange;
use super::ledger::Line;
use super::outcome::{Account, Outcome};
use super::references::Ties;
use super::resolve::Match;
use crate::account_events;
use crate::plans::{Gathered, Gatherer};

/// The write itself.
#[derive(Debug, Clone)]
pub(crate) struct Complete {
    pub(crate) gatherer: Gatherer,
    pub(crate) subject: SubjectId,
    pub(crate) lease: Lease,
    pub(crate) outcome: Outcome,
    pub(crate) active: Option<String>,
    pub(crate) ties: Ties,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Yes,
    /// Yes, and there is something to do again because of it.
    Again,
    /// Somebody else has the lane by now: nothing was written.
    LeaseLost,
}

impl Line for Complete {
    type Out = Written;

    /// What is lost of it is done again. A create finds its account then, as a [`Note`](super::doubt::Note) of it is there.
    const DURABILITY: Durability = Durability::Soon;

    async fn write_all(tx: &mut Tx<'_>, lines: &[Arc<Self>]) -> Result<Vec<Written>, store::Error> {
        // In one order, so that two of them never wait for each other's rows.
        let mut order: Vec<_> = (0..lines.len()).collect();
        order.sort_by_key(|at| lines[*at].subject);
        let (plain, others): (Vec<_>, Vec<_>) = order
            .into_iter()
            .partition(|at| lines[*at].done_plainly().is_some());
        let mut written = vec![Written::LeaseLost; lines.len()];
        let plain_lines: Vec<_> = plain.iter().map(|at| &*lines[*at]).collect();
        for (at, one) in plain.into_iter().zip(write_plain(tx, &plain_lines).await?) {
            written[at] = one;
        }
        for at in others {
            written[at] = lines[at].write(tx).await?;
        }
        Ok(written)
    }
}

/// Those of one app whose work is done and leaves nothing but a link, a lane and an entry in the log.
async fn write_plain(tx: &mut Tx<'_>, lines: &[&Complete]) -> Result<Vec<Written>, store::Error> {
    let Some(Gatherer { org, app, .. }) = lines.first().map(|line| &line.gatherer) else {
        return Ok(Vec::new());
    };
    let done: Vec<_> = lines.iter().filter_map(|line| line.done_plainly()).collect();
    let held = store::lanes::complete_done(tx, *org, *app, &done).await?;
    let held: HashSet<_> = held.into_iter().collect();
    let holds = |line: &Complete| held.contains(&(line.lease.subject, line.lease.fence));
    let holding: Vec<&Complete> = lines.iter().copied().filter(|line| holds(line)).collect();
    write_links(tx, &holding).await?;
    let entries: Vec<_> = holding
        .iter()
        .filter_map(|line| Some((line.outcome.log.as_ref()?, &line.gatherer.cause)))
        .collect();
    write_entries(tx, *org, &entries).await?;
    let moved: Vec<_> = holding
        .iter()
        .filter(|line| line.ties.moved)
        .map(|line| line.subject)
        .collect();
    let referred = store::references::referred(tx, *org, *app, &moved).await?;
    let mut written = Vec::with_capacity(lines.len());
    for line in lines {
        written.push(match (holds(line), referred.contains(&line.subject)) {
            (false, _) => Written::LeaseLost,
            (true, false) => Written::Yes,
            (true, true) => line.tie(tx).await?,
        });
    }
    Ok(written)
}

/// Entries in the log and in the event trail, each with its own cause.
async fn write_entries(
    tx: &mut Tx<'_>,
    org: OrgId,
    entries: &[(&Entry, &Cause)],
) -> Result<(), store::Error> {
    let ids = store::log::append(tx, org, entries).await?;
    let noted = ids.into_iter().zip(entries);
    let noted: Vec<_> = noted.map(|(id, (entry, cause))| (id, *entry, *cause)).collect();
    account_events::note(tx, org, &noted).await
}

/// Links that are put there, in place of what was there.
async fn write_links(tx: &mut Tx<'_>, lines: &[&Complete]) -> Result<(), store::Error> {
    let Some(Gatherer { org, app, .. }) = lines.first().map(|line| &line.gatherer) else {
        return Ok(());
    };
    let drafts = lines.iter().filter_map(|line| match &line.outcome.link {
        LinkChange::Put(link) => Some(line.draft(link).map(|draft| (line.subject, draft))),
        LinkChange::Keep | LinkChange::Remove => None,
    });
    let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
    store::links::release(tx, *org, *app, &drafts).await?;
    store::links::put(tx, *org, *app, &drafts).await
}

impl Complete {
    /// What is written of the lane, if nothing else is to be done than is done for everybody.
    fn done_plainly(&self) -> Option<(&Lease, &str, store::lanes::Struck)> {
        let Completion::Done { outcome, struck } = &self.outcome.completion else {
            return None;
        };
        let plain = self.outcome.gathered == Gathered::No
            && self.outcome.account == Account::AsKnown
            && self.outcome.link != LinkChange::Remove
            && (self.lease.plan.is_none() || self.outcome.item.is_none())
            && self.ties.are_plain();
        plain.then_some((&self.lease, outcome.as_str(), *struck))
    }

    async fn write(&self, tx: &mut Tx<'_>) -> Result<Written, store::Error> {
        let Gatherer { org, app, cause, .. } = &self.gatherer;
        let subject = self.subject;
        let gathered = match &self.outcome.gathered {
            Gathered::Put(item) => self.gatherer.put(tx, item).await?,
            Gathered::Withdraw => {
                self.gatherer.withdraw(tx, subject).await?;
                true
            }
            Gathered::No => true,
        };
        let put_back = Completion::Released {
            due: tx.ambient().now(),
            hold: None,
            verify: Verify::No,
        };
        // Nothing is gathered any more: what was planned goes the ordinary way.
        let completion = if gathered {
            &self.outcome.completion
        } else {
            &put_back
        };
        if !store::lanes::complete(tx, *org, *app, &self.lease, completion).await? {
            return match self.outcome.gathered {
                Gathered::No => Ok(Written::LeaseLost),
                // What was gathered must not stay.
                Gathered::Put(_) | Gathered::Withdraw => Err(store::Error::refuse(LeaseLost)),
            };
        }
        if self.outcome.link == LinkChange::Remove {
            store::links::remove(tx, *org, *app, subject).await?;
        }
        write_links(tx, &[self]).await?;
        if let (Some(plan), Some((state, error))) = (self.lease.plan, &self.outcome.item) {
            self.settle(tx, plan, *state, error.as_ref()).await?;
        }
        let had_drifted =
            self.outcome.account == Account::Verified && store::drift::clear(tx, *org, *app, subject).await?;
        if let Some(entry) = &self.outcome.log {
            let mut entry = entry.clone();
            if had_drifted {
                entry.message = Message::new("drift.corrected");
            }
            write_entries(tx, *org, &[(&entry, cause)]).await?;
        }
        self.tie(tx).await
    }

    async fn tie(&self, tx: &mut Tx<'_>) -> Result<Written, store::Error> {
        let again = self
            .ties
            .write(tx, &self.gatherer, self.subject, self.lease.cycle)
            .await?;
        Ok(if again { Written::Again } else { Written::Yes })
    }

    /// Notes what came of an approved item.
    async fn settle(
        &self,
        tx: &mut Tx<'_>,
        plan: PlanId,
        state: State,
        error: Option<&Message>,
    ) -> Result<(), store::Error> {
        let Gatherer { org, app, .. } = self.gatherer;
        let error = error
            .map(serde_json::to_string)
            .transpose()
            .map_err(|error| store::Error::Internal(error.into()))?;
        let item = (plan, self.subject);
        store::plan_items::settle(tx, org, app, item, state, error.as_deref()).await?;
        store::plans::begin(tx, org, app, plan).await?;
        // What has failed is tried again under the same approval.
        if state != State::Failed {
            store::lanes::forget_plan(tx, org, app, self.subject, plan).await?;
        }
        Ok(())
    }

    fn draft(&self, link: &Match) -> Result<Draft, store::Error> {
        Ok(Draft {
            kind: self.lease.kind,
            remote_id: link.target.clone(),
            state: self.state(link),
            known: serde_json::to_string(&link.known)
                .map_err(|error| store::Error::Internal(error.into()))?,
        })
    }

    fn state(&self, link: &Match) -> store::links::State {
        match self.active.as_deref().and_then(|path| link.known.value(path)) {
            Some(serde_json::Value::Bool(false)) => store::links::State::Disabled,
            _ => store::links::State::Active,
        }
    }
}

/// Somebody else has the lane by now, and something was written for it already.
#[derive(Debug, thiserror::Error)]
#[error("the lease was lost")]
pub(crate) struct LeaseLost;
