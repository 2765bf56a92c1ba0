//! Removing an app, and what becomes of the accounts: they stay, are disabled, or are deleted. The latter two are a cycle over
//! everybody who has an account; the app goes when that is done, and stays while somebody fails.
//!
//! Whoever was only found by an import keeps their account: it was never kept in step.

use base::{AppId, Cause, CycleId, Message, OrgId};
use serde::Serialize;
use serde_json::json;
use store::cycles::Kind as CycleKind;
use store::lanes::{Mark, Verify};
use store::links::State as LinkState;
use store::{Tx, Write};

use crate::app::State;
use crate::apps::revision::unknown;
use crate::attempts::Attempt;
use crate::cycles::{CycleView, finish};
use crate::engine::Ready;
use crate::error::Error;
use crate::events::{self, Note};
use crate::plans::PlanState;
use crate::provisioning::Provisioning;
use crate::settings::{AccountFate, Approval, Settings};

impl AccountFate {
    /// The settings under which the accounts go: nobody is asked any more, and nothing else is done.
    pub(crate) fn settings(self, mut settings: Settings) -> Settings {
        settings.switches.create = false;
        settings.switches.update = false;
        settings.switches.deactivate = self == Self::Disable;
        settings.switches.delete = self == Self::Delete;
        settings.approval = Approval::Never;
        settings
    }
}

/// How many accounts of an app are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AccountCounts {
    pub active: u64,
    pub disabled: u64,
    /// Found by an import, and not kept in step yet.
    pub imported: u64,
}

impl AccountCounts {
    pub(crate) fn of(counted: &[(LinkState, u64)]) -> Self {
        let mut counts = Self::default();
        for (state, number) in counted {
            *match state {
                LinkState::Active => &mut counts.active,
                LinkState::Disabled => &mut counts.disabled,
                LinkState::Imported => &mut counts.imported,
            } += number;
        }
        counts
    }

    /// Those to which it would happen.
    pub fn going(&self, fate: AccountFate) -> u64 {
        match fate {
            AccountFate::Disable => self.active,
            AccountFate::Delete => self.active + self.disabled,
        }
    }
}

impl Provisioning {
    /// Removes an app at once, with what it knows of accounts. The accounts themselves stay as they are.
    pub async fn remove_app(&self, org: OrgId, id: AppId, confirm: &str, cause: &Cause) -> Result<(), Error> {
        let attempt = removal_attempt(org, id, cause);
        let removed = self.try_remove(org, id, confirm, cause).await;
        self.attempted(attempt, removed).await
    }

    async fn try_remove(&self, org: OrgId, id: AppId, confirm: &str, cause: &Cause) -> Result<(), Error> {
        let app = self.confirmed(org, id, confirm).await?;
        let write = Remove {
            org,
            id,
            name: app.name,
            cause: cause.clone(),
        };
        self.store.write(write).await.map_err(unknown)?;
        self.waker.wake(org);
        Ok(())
    }

    async fn confirmed(&self, org: OrgId, id: AppId, confirm: &str) -> Result<store::apps::App, Error> {
        let app = self.app_row(org, id).await?;
        if app.name == confirm {
            Ok(app)
        } else {
            Err(Error::NotConfirmed { name: app.name })
        }
    }

    /// Disables or deletes an app's accounts, and then removes the app. `count`: how many accounts that are, as whoever asks
    /// for it has said. `None`: there was nothing to be done, and the app is gone.
    pub async fn remove_with_accounts(
        &self,
        org: OrgId,
        id: AppId,
        (confirm, fate, count): (&str, AccountFate, u64),
        cause: &Cause,
    ) -> Result<Option<CycleView>, Error> {
        let attempt = removal_attempt(org, id, cause);
        let begun = self
            .try_begin_removal(org, id, (confirm, fate, count), cause)
            .await;
        let begun = self.attempted(attempt, begun).await?;
        self.waker.wake(org);
        match begun {
            Some(cycle) => self.cycle(org, id, cycle).await.map(Some),
            None => Ok(None),
        }
    }

    async fn try_begin_removal(
        &self,
        org: OrgId,
        id: AppId,
        (confirm, fate, count): (&str, AccountFate, u64),
        cause: &Cause,
    ) -> Result<Option<CycleId>, Error> {
        let row = self.confirmed(org, id, confirm).await?;
        if row.state == State::Removing {
            return Err(Error::Removing);
        }
        let config = match self.config(org, &row).await? {
            Ready::Yes(config) => config,
            Ready::No(reason) => return Err(Error::Target(reason)),
        };
        let switches = config.settings.switches;
        let allowed = match fate {
            AccountFate::Disable => switches.deactivate,
            AccountFate::Delete => switches.delete,
        };
        if !allowed {
            return Err(Error::FateSwitchedOff { fate });
        }
        if fate == AccountFate::Disable && config.mappings.active().is_none() {
            return Err(Error::Target(Message::new("plan.no_active_mapping")));
        }
        let counts = store::links::counts(&mut self.reader(), org, id).await?;
        let going = AccountCounts::of(&counts).going(fate);
        if going != count {
            return Err(Error::WrongCount { count: going });
        }
        if going == 0 {
            return self.try_remove(org, id, confirm, cause).await.map(|()| None);
        }
        let write = Begin {
            org,
            id,
            name: row.name,
            from: row.state,
            expected: row.version,
            fate,
            count,
            cause: cause.clone(),
        };
        match self.store.write(write).await {
            Ok(cycle) => Ok(Some(cycle)),
            Err(store::Error::VersionMismatch { .. }) => Err(Error::Store(store::Error::Busy)),
            Err(error @ store::Error::Refused(_)) => {
                let OtherCount(count) = error.refusal()?;
                Err(Error::WrongCount { count })
            }
            Err(error) => Err(unknown(error)),
        }
    }
}

fn removal_attempt(org: OrgId, id: AppId, cause: &Cause) -> Attempt<'_> {
    Attempt {
        org,
        app: Some(id),
        name: None,
        note: Note::Delete,
        cause,
    }
}

/// Lets go of all that is under way or was planned for an app; jobs end for this reason.
pub(crate) async fn let_go(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    reason: &str,
) -> Result<(), store::Error> {
    store::plans::close_all(tx, org, app, PlanState::Stale).await?;
    store::apps::gather_nothing(tx, org, app).await?;
    let reason = serde_json::to_string(&Message::new(reason)).unwrap_or_default();
    store::jobs::end_all(tx, org, app, &reason).await?;
    store::drift::clear_all(tx, org, app).await?;
    let running = store::cycles::running(tx, org, app).await?;
    store::lanes::detach(tx, org, app).await?;
    for cycle in running {
        finish(tx, org, app, cycle.id).await?;
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("there are {0} accounts")]
struct OtherCount(u64);

struct Begin {
    org: OrgId,
    id: AppId,
    name: String,
    from: State,
    expected: i64,
    fate: AccountFate,
    count: u64,
    cause: Cause,
}

impl Write for Begin {
    type Out = CycleId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<CycleId, store::Error> {
        let Self {
            org,
            id,
            fate,
            ref cause,
            ..
        } = *self;
        store::apps::begin_removal(tx, org, id, self.expected, fate.as_str(), cause).await?;
        let counts = store::links::counts(tx, org, id).await?;
        let going = AccountCounts::of(&counts).going(fate);
        if going != self.count {
            return Err(store::Error::refuse(OtherCount(going)));
        }
        let_go(tx, org, id, "job.removed").await?;
        let mark = Mark {
            cycle: tx.ambient().id(),
            now: tx.ambient().now(),
            verify: Verify::No,
        };
        let stance = store::apps::stance(tx, org, id).await?;
        let watermark = stance.and_then(|stance| stance.watermark).unwrap_or_default();
        store::cycles::start(tx, org, id, (mark.cycle, CycleKind::Removal), watermark, cause).await?;
        store::lanes::mark_linked(tx, org, id, mark).await?;
        let changes = [
            json!({ "field": "state", "from": self.from.as_str(), "to": State::Removing.as_str() }),
            json!({ "field": "removal", "from": null, "to": fate }),
        ];
        events::note_changes(tx, (org, id), &self.name, Note::Update, &changes, cause).await?;
        Ok(mark.cycle)
    }
}

struct Remove {
    org: OrgId,
    id: AppId,
    name: String,
    cause: Cause,
}

impl Write for Remove {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::apps::delete(tx, self.org, self.id, &self.cause).await?;
        events::note(tx, self.org, self.id, &self.name, Note::Delete, &self.cause).await
    }
}
