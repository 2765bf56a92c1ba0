//! Removing an app, and what becomes of the accounts: they stay, are disabled, or are deleted. The latter two are a cycle over
//! everybody who has an account; the app goes when that is done, and stays while somebody fails. Groups that are held at the
//! target stay or are deleted in the same cycle.
//!
//! Whoever was only found by an import keeps their account: it was never kept in step.

use base::{AppId, Cause, CycleId, Message, OrgId};
use serde::Serialize;
use serde_json::json;
use store::assignments::SubjectKind;
use store::cycles::Kind as CycleKind;
use store::lanes::{Mark, Verify};
use store::links::State as LinkState;
use store::{Query, Tx, Write};

use crate::app::State;
use crate::apps::revision::unknown;
use crate::attempts::Attempt;
use crate::cycles::{CycleView, finish};
use crate::engine::{Config, Ready};
use crate::error::Error;
use crate::events::{self, Note};
use crate::plans::PlanState;
use crate::provisioning::Provisioning;
use crate::settings::{AccountFate, Approval, GroupFate, Removal, Settings};

impl Removal {
    /// The settings under which accounts go, or groups: nobody is asked any more, and nothing else is done.
    pub(crate) fn settings(self, mut settings: Settings, of: SubjectKind) -> Settings {
        settings.switches.create = false;
        settings.switches.update = false;
        settings.switches.deactivate = self.accounts == AccountFate::Disable;
        settings.switches.delete = match of {
            SubjectKind::User => self.accounts == AccountFate::Delete,
            SubjectKind::Group => self.groups == GroupFate::Delete,
        };
        settings.approval = Approval::Never;
        settings
    }

    /// Refuses what the app's switches or mappings do not allow.
    pub(crate) fn refuse_if_switched_off(self, config: &Config) -> Result<(), Error> {
        let switches = config.settings.switches;
        let deletes = self.accounts == AccountFate::Delete || self.groups == GroupFate::Delete;
        let forbidden = [
            (deletes && !switches.delete, AccountFate::Delete),
            (
                self.accounts == AccountFate::Disable && !switches.deactivate,
                AccountFate::Disable,
            ),
        ];
        if let Some((_, fate)) = forbidden.into_iter().find(|(is_so, _)| *is_so) {
            return Err(Error::FateSwitchedOff { fate });
        }
        if self.accounts == AccountFate::Disable && config.mappings.active().is_none() {
            return Err(Error::Target(Message::new("plan.no_active_mapping")));
        }
        Ok(())
    }
}

/// How many accounts of an app are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AccountCounts {
    pub active: u64,
    pub disabled: u64,
    /// Found by an import, and not kept in step yet.
    pub imported: u64,
    /// Groups that are held at the target.
    pub groups: u64,
}

impl AccountCounts {
    pub(crate) async fn read(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Self, store::Error> {
        let counted = store::links::counts(q, org, app).await?;
        let mut counts = Self {
            groups: store::links::count_groups(q, org, app).await?,
            ..Self::default()
        };
        for (state, number) in counted {
            *match state {
                LinkState::Active => &mut counts.active,
                LinkState::Disabled => &mut counts.disabled,
                LinkState::Imported => &mut counts.imported,
            } += number;
        }
        Ok(counts)
    }

    /// Those that stay behind if only the app goes, accounts and groups.
    pub fn staying(&self) -> u64 {
        self.active + self.disabled + self.imported + self.groups
    }

    /// Those to which it would happen, accounts and groups.
    pub fn going(&self, removal: Removal) -> u64 {
        let accounts = match removal.accounts {
            AccountFate::Disable => self.active,
            AccountFate::Delete => self.active + self.disabled,
        };
        let groups = match removal.groups {
            GroupFate::Keep => 0,
            GroupFate::Delete => self.groups,
        };
        accounts + groups
    }
}

impl Provisioning {
    /// Removes an app at once, with what it knows of accounts. The accounts themselves stay as they are.
    pub async fn remove_app(&self, org: OrgId, id: AppId, confirm: &str, cause: &Cause) -> Result<(), Error> {
        let attempt = removal_attempt(org, id, cause);
        let removed = self.try_remove(org, id, confirm, cause).await;
        self.attempted(attempt, removed).await
    }

    /// The same, if it is as many accounts and groups that stay behind as whoever asks for it has said.
    pub async fn remove_leaving(
        &self,
        org: OrgId,
        id: AppId,
        (confirm, count): (&str, u64),
        cause: &Cause,
    ) -> Result<(), Error> {
        let attempt = removal_attempt(org, id, cause);
        let staying = AccountCounts::read(&mut self.reader(), org, id).await?.staying();
        let removed = if staying == count {
            self.try_remove(org, id, confirm, cause).await
        } else {
            Err(Error::WrongStayingCount { count: staying })
        };
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

    /// Disables or deletes an app's accounts, and perhaps its groups, and then removes the app. `count`: how many accounts
    /// and groups that are, as whoever asks for it has said. `None`: there was nothing to be done, and the app is gone.
    pub async fn remove_with_accounts(
        &self,
        org: OrgId,
        id: AppId,
        (confirm, removal, count): (&str, Removal, u64),
        cause: &Cause,
    ) -> Result<Option<CycleView>, Error> {
        let attempt = removal_attempt(org, id, cause);
        let begun = self
            .try_begin_removal(org, id, (confirm, removal, count), cause)
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
        (confirm, removal, count): (&str, Removal, u64),
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
        removal.refuse_if_switched_off(&config)?;
        let counts = AccountCounts::read(&mut self.reader(), org, id).await?;
        let going = counts.going(removal);
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
            removal,
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
    removal: Removal,
    count: u64,
    cause: Cause,
}

impl Write for Begin {
    type Out = CycleId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<CycleId, store::Error> {
        let Self {
            org,
            id,
            removal,
            ref cause,
            ..
        } = *self;
        store::apps::begin_removal(tx, org, id, self.expected, &removal.stored(), cause).await?;
        let going = AccountCounts::read(tx, org, id).await?.going(removal);
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
            json!({ "field": "removal", "from": null, "to": removal.accounts }),
            json!({ "field": "removal_groups", "from": null, "to": removal.groups }),
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
