//! How an app stands.

use base::{AppId, Message, OrgId, SubjectId, Timestamp};
use serde::Serialize;

use crate::app::App;
use crate::assignments::SubjectKind;
use crate::cycles::CycleView;
use crate::engine;
use crate::error::Error;
use crate::plans::KeptPlan;
use crate::provisioning::Provisioning;
use crate::reconcile::DriftView;
use crate::removal::AccountCounts;
use crate::target::Ways;

/// People who fail, listed at most.
const FAILING: u32 = 20;

/// A person or group, with the name that people know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectRef {
    #[serde(serialize_with = "word")]
    pub kind: SubjectKind,
    pub id: SubjectId,
    pub name: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn word<S: serde::Serializer>(kind: &SubjectKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.as_str())
}

/// Nothing is sent for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    pub until: Timestamp,
    pub reason: Message,
}

/// The target is tried ever more rarely.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantine {
    pub since: Timestamp,
    pub reason: Message,
    /// When nothing is tried any more, if the target does not work again before.
    pub disabled_at: Timestamp,
}

/// Somebody for whom it does not work.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing {
    pub subject: SubjectRef,
    pub error: Message,
    pub attempts: i64,
    /// `None`: not before something changes.
    pub next_attempt: Option<Timestamp>,
}

/// How an app stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    pub app: App,
    pub hold: Option<Hold>,
    pub quarantine: Option<Quarantine>,
    /// The one that runs, else the last one.
    pub cycle: Option<CycleView>,
    /// The plan in which the engine gathers what awaits approval; while there is one, nothing else is sent.
    pub plan: Option<KeptPlan>,
    /// The feed is read to its head, nobody is left to be worked for, and nothing awaits approval.
    pub in_step: bool,
    /// People still to be worked for, now or later.
    pub waiting: u64,
    /// The first of those who fail.
    pub failing: Vec<Failing>,
    pub failing_total: u64,
    /// People who have an account that is known.
    pub linked: u64,
    /// The same by how their accounts stand.
    pub accounts: AccountCounts,
    /// The first of the memberships that the target would not have, and how many there are.
    pub refused: Vec<RefusedMember>,
    pub refused_total: u64,
    /// What the target has changed by itself, as far as it was looked for.
    pub drift: DriftView,
    pub concurrency: Concurrency,
    pub rate: Rate,
}

/// Somebody who is in a group here, and whom the target would not have in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedMember {
    pub group: SubjectRef,
    pub member: SubjectRef,
}

impl RefusedMember {
    pub(crate) fn of(refused: store::memberships::Refused) -> Self {
        Self {
            group: SubjectRef {
                kind: SubjectKind::Group,
                id: refused.group.into(),
                name: refused.group_name,
            },
            member: SubjectRef {
                kind: refused.kind,
                id: refused.member,
                name: refused.name,
            },
        }
    }
}

/// How many requests at a time are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Concurrency {
    pub now: usize,
    pub most: usize,
    /// Why it is fewer: `throttled` (the target asked for it) or `slow` (its answers took ever longer).
    pub why: Option<String>,
}

/// How many requests a second are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// `None`: as many as the target bears.
    pub now: Option<u32>,
    /// What is set; `None`: nothing.
    pub most: Option<u32>,
    /// Why it is fewer: `throttled` (the target asked for it).
    pub why: Option<String>,
}

impl Provisioning {
    pub async fn status(&self, org: OrgId, id: AppId) -> Result<Status, Error> {
        let mut reader = self.reader();
        let row = self.app_row(org, id).await?;
        let waiting = store::lanes::count_due(&mut reader, org, id).await?;
        // After the lanes: whatever left its lane by then stands in the plan.
        let plan = store::apps::stance(&mut reader, org, id)
            .await?
            .and_then(|stance| stance.plan);
        let in_step = match row.watermark {
            None => false,
            Some(watermark) => {
                waiting == 0
                    && plan.is_none()
                    && store::changes::head(&self.store, org, watermark).await? == watermark
            }
        };
        let mut failing = Vec::new();
        for lane in store::lanes::failing(&mut reader, org, id, FAILING).await? {
            failing.push(Failing {
                subject: self.subject_ref(org, (lane.kind, lane.subject)).await?,
                error: read_message(&lane.error)?,
                attempts: lane.attempts,
                next_attempt: lane.next_attempt,
            });
        }
        // Counted later there may be more than the list has: only a full list is counted on.
        let failing_total = if failing.len() < FAILING as usize {
            failing.len() as u64
        } else {
            store::lanes::count_failing(&mut reader, org, id).await?
        };
        let mut running = store::cycles::running(&mut reader, org, id).await?;
        let mut latest = store::cycles::latest(&mut reader, org, id, 1).await?;
        let cycle = match running.pop().or_else(|| latest.pop()) {
            Some(cycle) => Some(self.view(org, id, cycle).await?),
            None => None,
        };
        let plan = match plan {
            Some(plan) => Some(self.kept_plan(org, id, plan).await?),
            None => None,
        };
        let refused = store::memberships::refused(&mut reader, org, id, None, FAILING).await?;
        let refused_total = if refused.len() < FAILING as usize {
            refused.len() as u64
        } else {
            store::memberships::count_refused(&mut reader, org, id).await?
        };
        let app = App::read(&row)?;
        let ways = self.read_ways(org, &app).await?;
        let concurrency = Concurrency::of(&app, &ways);
        let rate = Rate::of(&app, &ways);
        Ok(Status {
            app,
            quarantine: engine::Quarantine::read(&row).map(Quarantine::of),
            hold: row.hold.map(read_hold).transpose()?,
            cycle,
            plan,
            in_step,
            waiting,
            failing,
            failing_total,
            linked: store::links::count(&mut reader, org, id).await?,
            accounts: AccountCounts::read(&mut reader, org, id).await?,
            refused: refused.into_iter().map(RefusedMember::of).collect(),
            refused_total,
            concurrency,
            rate,
            drift: self.drift(org, id).await?,
        })
    }

    pub(crate) async fn subject_ref(
        &self,
        org: OrgId,
        (kind, subject): (SubjectKind, SubjectId),
    ) -> Result<SubjectRef, Error> {
        let mut reader = self.reader();
        let name = match kind {
            SubjectKind::User => store::users::by_id(&mut reader, org, subject.as_user())
                .await?
                .map(|user| user.user_name),
            SubjectKind::Group => store::groups::by_id(&mut reader, org, subject.as_group())
                .await?
                .map(|group| group.display_name),
        };
        Ok(SubjectRef {
            kind,
            id: subject,
            name: name.unwrap_or_else(|| subject.to_string()),
        })
    }
}

impl Concurrency {
    fn of(app: &App, ways: &Ways) -> Self {
        let (least, most) = app.settings.concurrency();
        let (now, why) = ways.concurrency().unwrap_or((most, None));
        let now = now.clamp(least.min(most), most);
        Self {
            now,
            most,
            why: why.filter(|_| now < most),
        }
    }
}

impl Rate {
    fn of(app: &App, ways: &Ways) -> Self {
        let most = Some(app.settings.rate).filter(|rate| *rate > 0);
        let limited = ways.rate().filter(|now| most.is_none_or(|most| *now < most));
        Self {
            now: limited.or(most),
            most,
            why: limited.map(|_| "throttled".to_owned()),
        }
    }
}

impl Quarantine {
    fn of(quarantine: engine::Quarantine) -> Self {
        Self {
            since: quarantine.since,
            disabled_at: quarantine.disabled_at(),
            reason: quarantine.reason,
        }
    }
}

fn read_hold(hold: store::apps::Hold) -> Result<Hold, Error> {
    Ok(Hold {
        until: hold.until,
        reason: read_message(&hold.reason)?,
    })
}

pub(crate) fn read_message(text: &str) -> Result<Message, Error> {
    serde_json::from_str(text).map_err(|error| Error::damaged("message", &error))
}
