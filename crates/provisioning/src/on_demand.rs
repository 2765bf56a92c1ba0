//! Provisioning on demand: one person or one group, now, with every step shown.

use base::{AppId, Cause, Message, OrgId, SubjectId, Timestamp};
use store::log::{Filter, Order, Status};

use crate::app::State;
use crate::engine::{Mode, Ready, Worked, gate_of};
use crate::error::Error;
use crate::log::LogEntry;
use crate::person_preview::{PersonPreview, preview};
use crate::plan::Action;
use crate::provisioning::Provisioning;
use crate::{Subject, SubjectKind};

/// How often a group is taken up again at once, to bring its members in.
const PASSES: usize = 20;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct OnDemand {
    pub result: OnDemandResult,
    /// One sentence, as a message.
    pub reason: Message,
    /// Read, scope, match, mappings and plan, as they were just before.
    pub preview: PersonPreview,
    /// What was sent and answered; `None` if nothing had to be.
    pub entry: Option<LogEntry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDemandResult {
    /// It was done.
    Success,
    /// It was tried; the log entry says what was wrong and when it is tried again.
    Failure,
    /// The account is in step already.
    Unchanged,
    /// Nothing is to be done at this app.
    Skipped,
    /// It stands in a plan that somebody must approve.
    AwaitsApproval,
    /// Others are at work for this person, or it has to wait; the engine goes on with it.
    Waits,
}

impl OnDemandResult {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::AwaitsApproval => "awaits_approval",
            Self::Waits => "waits",
        }
    }
}

impl Provisioning {
    /// Provisions one person or group now, also before the initial cycle; not while the app is paused.
    pub async fn provision_on_demand(
        &self,
        org: OrgId,
        id: AppId,
        subject: Subject,
        cause: &Cause,
    ) -> Result<OnDemand, Error> {
        let row = self.app_row(org, id).await?;
        match row.state {
            State::Active | State::Disabled => {}
            state @ (State::Paused | State::Inactive) => return Err(Error::Paused { state }),
            State::Removing => return Err(Error::Removing),
        }
        let config = match self.config(org, &row).await? {
            Ready::Yes(config) => *config,
            Ready::No(reason) => return Err(Error::Target(reason)),
        };
        let (kind, subject) = subject.parts();
        let before = self.newest(org, id, subject).await?.map(|entry| entry.id);
        let planned = self.plan_for(config.of(kind), &gate_of(&row), subject).await?;
        let active = config.of(kind).mappings.active();
        let goes = planned
            .plan
            .as_ref()
            .is_ok_and(|plan| plan.is_destructive(active));
        let put_back = Message::new(match (goes, row.watermark) {
            (false, _) => "demand.waits",
            (true, Some(_)) => "demand.judged",
            // Whether it is within the threshold is judged in cycles, and none has begun.
            (true, None) => "demand.not_synchronized",
        });
        let preview = preview(config.of(kind), &planned);
        let mut worked = Box::pin(self.work_for(&row, config, (kind, subject), cause)).await?;
        for _ in 0..PASSES {
            if !self.has_more(org, id, (kind, subject)).await? {
                break;
            }
            if let Ready::Yes(config) = self.config(org, &row).await? {
                worked = Box::pin(self.work_for(&row, *config, (kind, subject), cause)).await?;
            }
        }
        let newest = self.newest(org, id, subject).await?;
        let entry = newest.filter(|entry| Some(entry.id) != before);
        let (result, reason) = outcome(&preview, entry.as_ref(), (worked, put_back));
        Ok(OnDemand {
            result,
            reason,
            preview,
            entry,
        })
    }

    /// Whether a group that was just worked for has members still to come, and nothing to wait for.
    async fn has_more(
        &self,
        org: OrgId,
        app: AppId,
        (kind, subject): (SubjectKind, SubjectId),
    ) -> Result<bool, Error> {
        if kind == SubjectKind::User {
            return Ok(false);
        }
        let due = store::lanes::due(&mut self.reader(), org, app, subject).await?;
        Ok(due.is_some_and(|due| due <= self.ambient().now()))
    }

    async fn newest(&self, org: OrgId, app: AppId, subject: SubjectId) -> Result<Option<LogEntry>, Error> {
        let filter = Filter {
            app: Some(app),
            subject: Some(subject),
            order: Order::NewestFirst,
            ..Filter::default()
        };
        Ok(self.log(org, &filter, 1).await?.pop())
    }
}

/// `put_back`: what is said if it was tried, and nothing was decided.
fn outcome(
    preview: &PersonPreview,
    entry: Option<&LogEntry>,
    (worked, put_back): (Worked, Message),
) -> (OnDemandResult, Message) {
    use OnDemandResult::{AwaitsApproval, Failure, Skipped, Success, Unchanged, Waits};
    if let Some(entry) = entry {
        let result = match entry.status {
            Status::Success => Success,
            Status::Failure => Failure,
        };
        return (result, entry.message.clone());
    }
    match (worked, preview.action) {
        (Worked::No(due), _) => (Waits, waits(due)),
        // Nothing is sent to the target at the moment.
        (_, None) if preview.reason.code == "target.throttled" => (Waits, preview.reason.clone()),
        (_, None) => (Failure, preview.reason.clone()),
        (_, Some(Action::Unchanged)) => (Unchanged, Message::new("demand.unchanged")),
        (_, Some(Action::Skip)) => (Skipped, preview.reason.clone()),
        (Worked::Yes(Mode::Gather), _) => (AwaitsApproval, Message::new("demand.awaits_approval")),
        (Worked::Yes(_), _) => (Waits, put_back),
    }
}

fn waits(due: Option<Timestamp>) -> Message {
    match due {
        Some(due) => Message::new("demand.waits_until").with("until", due),
        None => Message::new("demand.waits"),
    }
}
