//! The work for one person at once, without waiting for the queue: the same lane, lease, plan and log as ever, so that
//! nothing is done twice. What the app demands of approval holds, and so does what the target asked to wait for.

use std::sync::Arc;

use base::{AppId, Cause, CycleId, OrgId, ProcessId, SubjectId, Timestamp};
use store::assignments::SubjectKind;
use store::cycles::Kind as CycleKind;
use store::lanes::{Judged, Lease, Mark, Verify};
use store::{Tx, Write};

use super::claim::{Mode, Piece};
use super::config::Config;
use super::gate::Gate;
use super::holds::read_hold;
use super::judge::Quick;
use super::quarantine::Quarantine;
use super::task::{AppQueue, Current};
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::settings::Approval;

/// Whether the person could be worked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worked {
    /// The lane says what came of it.
    Yes(Mode),
    /// Somebody else is at it, or it has to wait: until then.
    No(Option<Timestamp>),
}

/// A gate for one person, shut as long as nothing is to be sent to the app's target.
pub(crate) fn gate_of(row: &store::apps::App) -> Gate {
    Gate::new(1, read_hold(row), Quarantine::read(row))
}

impl Provisioning {
    /// Works for one person now.
    pub(crate) async fn work_for(
        &self,
        row: &store::apps::App,
        config: Config,
        (kind, subject): (SubjectKind, SubjectId),
        cause: &Cause,
    ) -> Result<Worked, Error> {
        let (org, app) = (config.org, config.app);
        let queue = AppQueue::new(self.clone(), org, app);
        let write = Begin {
            org,
            app,
            kind,
            subject,
            version: config.version,
            approval: config.settings.approval,
            quick: Quick::of(&config, self.ambient().now()),
            holder: self.process,
            until: self.ambient().now() + config.settings.lease(),
            cause: cause.clone(),
        };
        let begun = self.store.write(write).await?;
        self.waker.wake(org);
        let Some((lease, mode)) = begun.lease else {
            return Ok(Worked::No(begun.due));
        };
        let current = Current {
            config,
            gate: gate_of(row),
        };
        let piece = Piece {
            lease,
            mode,
            rows: None,
        };
        queue.work_at(Arc::new(current), piece).await?;
        Ok(Worked::Yes(mode))
    }
}

/// Marks the person's lane and leases it, if nobody else has it and nothing has to be waited for.
struct Begin {
    org: OrgId,
    app: AppId,
    kind: SubjectKind,
    subject: SubjectId,
    version: i64,
    approval: Approval,
    quick: Option<Quick>,
    holder: ProcessId,
    until: Timestamp,
    cause: Cause,
}

struct Begun {
    lease: Option<(Lease, Mode)>,
    /// When the lane is due, if it could not be leased.
    due: Option<Timestamp>,
}

impl Write for Begin {
    type Out = Begun;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Begun, store::Error> {
        let Self {
            org, app, subject, ..
        } = *self;
        let nothing = Begun {
            lease: None,
            due: None,
        };
        let Some(stance) = store::apps::stance(tx, org, app).await? else {
            return Ok(nothing);
        };
        // Somebody has changed the app meanwhile.
        if stance.version != self.version {
            return Ok(nothing);
        }
        let mode = match self.approval {
            Approval::Always => Mode::Gather,
            _ if stance.plan.is_some() => Mode::Gather,
            Approval::OverThreshold => Mode::Judged,
            Approval::Never => Mode::Free,
        };
        let mark = Mark {
            cycle: tx.ambient().id::<CycleId>(),
            now: tx.ambient().now(),
            verify: Verify::Yes,
        };
        match self.kind {
            SubjectKind::User => store::lanes::mark_known(tx, org, app, &[subject], mark).await?,
            SubjectKind::Group => store::lanes::mark_known_groups(tx, org, app, &[subject], mark).await?,
        };
        let judged = match self.quick {
            Some(quick) if quick.has_room(tx, org, app).await? => Judged::Counted,
            _ => Judged::Harmless,
        };
        let times = (self.holder, mark.now, self.until);
        let lease = store::lanes::claim_one(tx, org, app, subject, times, judged).await?;
        let watermark = stance.watermark.unwrap_or_default();
        let cycle = (mark.cycle, CycleKind::OnDemand);
        store::cycles::start(tx, org, app, cycle, watermark, &self.cause).await?;
        Ok(Begun {
            due: match lease {
                Some(_) => None,
                None => store::lanes::due(tx, org, app, subject).await?,
            },
            lease: lease.map(|lease| (lease, mode)),
        })
    }
}
