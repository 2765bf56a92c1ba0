//! Cycles: beginning them, ending them, and what they came to.

use base::{AppId, Cause, CycleId, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use store::lanes::{Mark, Verify};
use store::{Query, Tx, Write};

pub use store::cycles::Kind as CycleKind;

use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::settings::{AppScope, GroupScope};

/// What the people of a cycle came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub created: u64,
    pub linked: u64,
    pub updated: u64,
    pub disabled: u64,
    pub enabled: u64,
    pub deleted: u64,
    pub unchanged: u64,
    pub skipped: u64,
    /// Gathered in a plan that awaits approval.
    pub planned: u64,
    pub errors: u64,
}

/// A run over an app.
#[derive(Debug, Clone, PartialEq)]
pub struct CycleView {
    pub id: CycleId,
    pub kind: CycleKind,
    pub started: Timestamp,
    pub finished: Option<Timestamp>,
    /// People in it.
    pub total: u64,
    /// People who have been tried.
    pub done: u64,
    pub counts: Counts,
}

/// What a synchronization begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sync {
    /// With everybody the first time, then with what has changed.
    #[default]
    Continue,
    /// With everybody again; linked accounts are read anew.
    Restart,
}

impl Counts {
    fn place(&mut self, outcome: &str) -> &mut u64 {
        match outcome {
            "created" => &mut self.created,
            "linked" => &mut self.linked,
            "updated" => &mut self.updated,
            "disabled" => &mut self.disabled,
            "enabled" => &mut self.enabled,
            "deleted" => &mut self.deleted,
            "unchanged" => &mut self.unchanged,
            "skipped" => &mut self.skipped,
            "planned" => &mut self.planned,
            _ => &mut self.errors,
        }
    }

    pub fn total(&self) -> u64 {
        let Self {
            created,
            linked,
            updated,
            disabled,
            enabled,
            deleted,
            unchanged,
            skipped,
            planned,
            errors,
        } = self;
        created + linked + updated + disabled + enabled + deleted + unchanged + skipped + planned + errors
    }
}

impl Provisioning {
    /// Synchronizes an app: begins the initial cycle if there was none or a restart is asked for, and wakes the engine.
    pub async fn sync(&self, org: OrgId, id: AppId, sync: Sync, cause: &Cause) -> Result<CycleView, Error> {
        let app = self.app(org, id).await?;
        app.refuse_unless_active()?;
        if sync == Sync::Continue && app.started {
            self.waker.wake(org);
            let latest = store::cycles::latest(&mut self.reader(), org, id, 1).await?;
            return match latest.into_iter().next() {
                Some(cycle) => self.view(org, id, cycle).await,
                None => Err(Error::UnknownCycle),
            };
        }
        let everybody = Everybody {
            scope: app.settings.scope,
            groups: app.settings.groups,
            head: store::changes::head(&self.store, org, 0).await?,
        };
        let write = Begin {
            org,
            id,
            everybody,
            cause: cause.clone(),
        };
        let cycle = self.store.write(write).await?;
        self.waker.wake(org);
        self.cycle(org, id, cycle).await
    }

    pub async fn cycle(&self, org: OrgId, id: AppId, cycle: CycleId) -> Result<CycleView, Error> {
        let row = store::cycles::by_id(&mut self.reader(), org, id, cycle).await?;
        self.view(org, id, row.ok_or(Error::UnknownCycle)?).await
    }

    /// The latest cycles, the newest first.
    pub async fn cycles(&self, org: OrgId, id: AppId, limit: u32) -> Result<Vec<CycleView>, Error> {
        let rows = store::cycles::latest(&mut self.reader(), org, id, limit).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.view(org, id, row).await?);
        }
        Ok(views)
    }

    pub(crate) async fn view(
        &self,
        org: OrgId,
        id: AppId,
        row: store::cycles::Cycle,
    ) -> Result<CycleView, Error> {
        let (counts, total) = match &row.counts {
            Some(counts) => {
                let counts: Counts =
                    serde_json::from_str(counts).map_err(|error| Error::damaged("count", &error))?;
                (counts, counts.total())
            }
            None => count(&mut self.reader(), org, id, row.id).await?,
        };
        Ok(CycleView {
            id: row.id,
            kind: row.kind,
            started: row.started,
            finished: row.finished,
            total,
            done: counts.total(),
            counts,
        })
    }
}

/// What the lanes of a cycle came to so far, and how many there are.
async fn count(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    cycle: CycleId,
) -> Result<(Counts, u64), store::Error> {
    let mut counts = Counts::default();
    let mut total = 0;
    for (pending, outcome, number) in store::lanes::outcomes(q, org, app, cycle).await? {
        total += number;
        if let (false, Some(outcome)) = (pending, outcome) {
            *counts.place(&outcome) += number;
        }
    }
    Ok((counts, total))
}

/// What an initial cycle starts from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Everybody {
    pub(crate) scope: AppScope,
    pub(crate) groups: GroupScope,
    /// The feed's head, read before the write: what comes behind it is fed as a change.
    pub(crate) head: i64,
}

struct Begin {
    org: OrgId,
    id: AppId,
    everybody: Everybody,
    cause: Cause,
}

impl Write for Begin {
    type Out = CycleId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<CycleId, store::Error> {
        // Whoever begins anew has decided to try again.
        store::apps::lift_hold(tx, self.org, self.id).await?;
        store::apps::heal(tx, self.org, self.id).await?;
        begin_initial(tx, self.org, self.id, self.everybody, &self.cause).await
    }
}

/// Begins an initial cycle: marks everybody in scope and everybody who has an account. Running cycles end here.
pub(crate) async fn begin_initial(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    Everybody { scope, groups, head }: Everybody,
    cause: &Cause,
) -> Result<CycleId, store::Error> {
    let running = store::cycles::running(tx, org, app).await?;
    store::lanes::detach(tx, org, app).await?;
    for cycle in running {
        finish(tx, org, app, cycle.id).await?;
    }
    let mark = Mark {
        cycle: tx.ambient().id(),
        now: tx.ambient().now(),
        verify: Verify::Yes,
    };
    store::apps::set_watermark(tx, org, app, head).await?;
    store::cycles::start(tx, org, app, (mark.cycle, CycleKind::Initial), head, cause).await?;
    match scope {
        AppScope::All => store::lanes::mark_everybody(tx, org, app, mark).await?,
        AppScope::Assigned => store::lanes::mark_assigned(tx, org, app, mark).await?,
        AppScope::AssignedNested => store::lanes::mark_assigned_nested(tx, org, app, mark).await?,
    };
    match groups {
        GroupScope::Off => 0,
        GroupScope::Assigned => store::lanes::mark_assigned_groups(tx, org, app, mark).await?,
        GroupScope::All => store::lanes::mark_every_group(tx, org, app, mark).await?,
    };
    store::lanes::mark_linked(tx, org, app, mark).await?;
    Ok(mark.cycle)
}

/// Ends a cycle if no lane is pending for it; says whether it did.
pub(crate) async fn finish(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    cycle: CycleId,
) -> Result<bool, store::Error> {
    let (counts, _) = count(tx, org, app, cycle).await?;
    let counts = serde_json::to_string(&counts).map_err(|error| store::Error::Internal(error.into()))?;
    store::cycles::finish(tx, org, app, cycle, &counts).await
}
