//! Writes down what came of the work for one person: link, lane and log in one write, under the lane's fence.

use base::{Message, PlanId, SubjectId};
use store::lanes::{Completion, Lease, Verify};
use store::plan_items::State;
use store::{Tx, Write};

use super::carry::LinkChange;
use super::references::Ties;
use crate::account_events;
use crate::plans::{Gathered, Gatherer};

use super::outcome::{Account, Outcome};
/// The write itself. `false`: the lease was lost, and nothing was written.
pub(crate) struct Complete {
    pub(crate) gatherer: Gatherer,
    pub(crate) subject: SubjectId,
    pub(crate) lease: Lease,
    pub(crate) outcome: Outcome,
    pub(crate) active: Option<String>,
    pub(crate) ties: Ties,
}

/// Somebody else has the lane by now.
#[derive(Debug, thiserror::Error)]
#[error("the lease was lost")]
pub(crate) struct LeaseLost;

impl Write for Complete {
    /// Whether there is something to do again because of it.
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let Self {
            subject,
            gatherer: Gatherer { org, app, cause, .. },
            ..
        } = self;
        let gathered = match &self.outcome.gathered {
            Gathered::Put(item) => self.gatherer.put(tx, item).await?,
            Gathered::Withdraw => {
                self.gatherer.withdraw(tx, *subject).await?;
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
            return Err(store::Error::refuse(LeaseLost));
        }
        match &self.outcome.link {
            LinkChange::Keep => {}
            LinkChange::Remove => store::links::remove(tx, *org, *app, *subject).await?,
            LinkChange::Put(link) => {
                let draft = store::links::Draft {
                    kind: self.lease.kind,
                    remote_id: link.target.clone(),
                    state: self.state(link),
                    known: serde_json::to_string(&link.known)
                        .map_err(|error| store::Error::Internal(error.into()))?,
                };
                let account = (draft.kind, draft.remote_id.as_str());
                store::links::release(tx, *org, *app, *subject, account).await?;
                store::links::put(tx, *org, *app, *subject, &draft).await?;
            }
        }
        if let (Some(plan), Some((state, error))) = (self.lease.plan, &self.outcome.item) {
            self.settle(tx, plan, *state, error.as_ref()).await?;
        }
        let had_drifted = self.outcome.account == Account::Verified
            && store::drift::clear(tx, *org, *app, *subject).await?;
        if let Some(entry) = &self.outcome.log {
            let mut entry = entry.clone();
            if had_drifted {
                entry.message = Message::new("drift.corrected");
            }
            let id = store::log::append(tx, *org, &entry, cause).await?;
            account_events::note(tx, *org, (id, &entry), cause).await?;
        }
        self.ties
            .write(tx, &self.gatherer, *subject, self.lease.cycle)
            .await
    }
}

impl Complete {
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
}

impl Complete {
    fn state(&self, link: &super::resolve::Match) -> store::links::State {
        match self.active.as_deref().and_then(|path| link.known.value(path)) {
            Some(serde_json::Value::Bool(false)) => store::links::State::Disabled,
            _ => store::links::State::Active,
        }
    }
}
