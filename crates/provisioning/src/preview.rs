//! The plan of a whole app, for people to read before anything happens. Reads the directory, and at the target only
//! what it must: accounts of people without a link are looked for. Nothing is written, at either end.

use std::collections::BTreeSet;

use base::{AppId, GroupId, Message, OrgId, SubjectId, UserId};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use scim::ResourceTypes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::links::{Link, State as LinkState};
use store::{Lookup, Start};

use crate::assignments::SubjectKind;
use crate::engine::{Config, Gate, Match, Source, Unresolved, own_link, resolve};
use crate::error::Error;
use crate::plan::{Action, AttributeChange, Plan};
use crate::proposal::Proposal;
use crate::provisioning::Provisioning;
use crate::settings::{AppScope, GroupScope};
use crate::status::SubjectRef;

/// Rows read at a time.
const PAGE: u32 = 500;

/// Which people are listed one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanItems {
    /// Those for whom something would happen or go wrong, or who are passed over.
    #[default]
    Touched,
    /// Those who are in step, too.
    All,
}

/// What would happen now.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AppPlan {
    pub counts: PlanCounts,
    /// In the order of the people's ids.
    pub items: Vec<PlanItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PlanCounts {
    pub create: u64,
    pub link: u64,
    pub update: u64,
    pub disable: u64,
    pub enable: u64,
    pub delete: u64,
    pub unchanged: u64,
    pub skip: u64,
    pub error: u64,
}

/// What would happen to one person's account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanItem {
    pub subject: SubjectRef,
    /// `None`: it cannot be told; `reason` says why.
    pub action: Option<Action>,
    pub reason: Message,
    pub changes: Vec<AttributeChange>,
    pub requests: Vec<PlannedRequest>,
}

/// A request that would be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedRequest {
    pub method: String,
    /// Below the base URL.
    pub path: String,
    pub body: Option<Value>,
}

/// What was planned for one person, and on what.
pub(crate) struct Planned {
    pub(crate) source: Source,
    pub(crate) link: Option<Match>,
    /// Or why it cannot be told.
    pub(crate) plan: Result<Plan, Message>,
}

impl Planned {
    /// The account.
    pub(crate) fn target(&self) -> Option<&str> {
        let found = self.plan.as_ref().ok().and_then(|plan| plan.target.as_deref());
        found.or(self.link.as_ref().map(|link| link.target.as_str()))
    }
}

impl PlannedRequest {
    /// The request of a plan as people see it: without what must not be shown.
    pub(crate) fn of(plan: &Plan) -> Option<Self> {
        let request = plan.request.as_ref()?;
        Some(Self {
            method: request.method().to_owned(),
            path: request.path(plan.kind),
            body: plan.shown_body(),
        })
    }
}

impl PlanCounts {
    pub(crate) fn place(&mut self, action: Option<Action>) -> &mut u64 {
        match action {
            Some(Action::Create) => &mut self.create,
            Some(Action::Link) => &mut self.link,
            Some(Action::Update) => &mut self.update,
            Some(Action::Disable) => &mut self.disable,
            Some(Action::Enable) => &mut self.enable,
            Some(Action::Delete) => &mut self.delete,
            Some(Action::Unchanged) => &mut self.unchanged,
            Some(Action::Skip) => &mut self.skip,
            None => &mut self.error,
        }
    }
}

impl Provisioning {
    /// Plans for everybody whom the app concerns.
    pub async fn plan(&self, org: OrgId, id: AppId, items: PlanItems) -> Result<AppPlan, Error> {
        let nothing = (&Proposal::Nothing, &**ResourceTypes::built_in());
        self.plan_supposing(org, id, items, nothing).await
    }

    /// The same, if that were so. `types` are the organization's.
    pub async fn plan_supposing(
        &self,
        org: OrgId,
        id: AppId,
        items: PlanItems,
        (proposal, types): (&Proposal, &ResourceTypes),
    ) -> Result<AppPlan, Error> {
        let config = self.supposed(org, id, (proposal, types)).await?;
        let concurrency = usize::try_from(config.settings.concurrency).unwrap_or(1);
        let gate = Gate::new(concurrency, None, None);
        let subjects = self.concerned(&config).await?;
        let mut planned = stream::iter(subjects)
            .map(|subject| self.plan_one(&config, &gate, subject))
            .buffered(2 * concurrency);
        let mut plan = AppPlan::default();
        while let Some(item) = planned.try_next().await? {
            *plan.counts.place(item.action) += 1;
            if items == PlanItems::All || item.action != Some(Action::Unchanged) {
                plan.items.push(item);
            }
        }
        Ok(plan)
    }

    async fn plan_one(
        &self,
        config: &Config,
        gate: &Gate,
        (kind, subject): (SubjectKind, SubjectId),
    ) -> Result<PlanItem, Error> {
        let Planned { source, plan, .. } = self.plan_for(config.of(kind), gate, subject).await?;
        let about = SubjectRef {
            kind,
            id: subject,
            name: source.name,
        };
        Ok(match plan {
            Ok(plan) => item(about, plan),
            Err(reason) => PlanItem {
                subject: about,
                action: None,
                reason,
                changes: Vec::new(),
                requests: Vec::new(),
            },
        })
    }

    /// Plans for one person, on what is known of the account.
    pub(crate) async fn plan_for(
        &self,
        config: &Config,
        gate: &Gate,
        subject: SubjectId,
    ) -> Result<Planned, Error> {
        let mut reader = self.reader();
        let mut source = Source::read(&mut reader, config, subject).await?;
        source.read_members(&mut reader, config, 0).await?;
        let link = store::links::by_subject(&mut reader, config.org, config.app, subject).await?;
        let link = own_link(link.as_ref(), &source)?;
        let planned = resolve(&mut reader, config, gate, &source, link.as_ref(), &mut Vec::new()).await;
        let plan = match planned {
            Ok(plan) => Ok(plan),
            Err(Unresolved::Store(error)) => return Err(error),
            // Whatever else was asked would meet the same.
            Err(Unresolved::Target(failure)) if failure.is_everybodys() => {
                return Err(Error::Target(failure.message));
            }
            Err(Unresolved::Target(failure)) => Err(failure.message),
            Err(Unresolved::Match(reason) | Unresolved::Mapping(reason)) => Err(reason),
            Err(Unresolved::Gone) => Err(Message::new("target.gone")),
            Err(Unresolved::Shut) => Err(Message::new("target.throttled")),
        };
        self.remember_ways(config).await;
        Ok(Planned { source, link, plan })
    }

    /// Everybody in scope and everybody who has an account, and the groups; each in the order of their ids.
    pub(crate) async fn concerned(
        &self,
        config: &Config,
    ) -> Result<BTreeSet<(SubjectKind, SubjectId)>, Error> {
        let Config { org, app, .. } = *config;
        let mut reader = self.reader();
        let mut subjects = BTreeSet::new();
        let mut after = None;
        loop {
            let page = store::links::page(&mut reader, org, app, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.subject);
            // What was only found by an import stays when the app goes.
            let kept = |link: &&Link| config.removal.is_none() || link.state != LinkState::Imported;
            subjects.extend(page.iter().filter(kept).map(|link| (link.kind, link.subject)));
        }
        if config.removal.is_some() {
            return Ok(subjects);
        }
        match config.settings.scope {
            AppScope::All => self.add_everybody(org, &mut subjects).await?,
            AppScope::Assigned => self.add_assigned(org, app, Within::No, &mut subjects).await?,
            AppScope::AssignedNested => self.add_assigned(org, app, Within::Yes, &mut subjects).await?,
        }
        match config.settings.groups {
            GroupScope::Off => subjects.retain(|(kind, _)| *kind == SubjectKind::User),
            GroupScope::All => self.add_every_group(org, &mut subjects).await?,
            GroupScope::Assigned => {
                for group in store::assignments::groups(&mut reader, org, app).await? {
                    subjects.insert((SubjectKind::Group, group.into()));
                }
            }
        }
        Ok(subjects)
    }

    async fn add_every_group(
        &self,
        org: OrgId,
        subjects: &mut BTreeSet<(SubjectKind, SubjectId)>,
    ) -> Result<(), Error> {
        let mut start = Start::FIRST;
        loop {
            let page = store::groups::page(&mut self.reader(), org, &Lookup::All, start, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            start = Start::After(last.id);
            subjects.extend(page.iter().map(|group| (SubjectKind::Group, group.id.into())));
        }
    }

    async fn add_everybody(
        &self,
        org: OrgId,
        subjects: &mut BTreeSet<(SubjectKind, SubjectId)>,
    ) -> Result<(), Error> {
        let mut start = Start::FIRST;
        loop {
            let page = store::users::page(&mut self.reader(), org, &Lookup::All, start, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            start = Start::After(last.id);
            subjects.extend(page.iter().map(|user| (SubjectKind::User, user.id.into())));
        }
    }

    async fn add_members(
        &self,
        org: OrgId,
        group: GroupId,
        subjects: &mut BTreeSet<(SubjectKind, SubjectId)>,
    ) -> Result<(), Error> {
        let mut behind: Option<UserId> = None;
        loop {
            let members = store::members::user_ids(&mut self.reader(), org, group, behind, PAGE).await?;
            let Some(last) = members.last() else { return Ok(()) };
            behind = Some(*last);
            subjects.extend(members.into_iter().map(|id| (SubjectKind::User, id.into())));
        }
    }

    async fn add_assigned(
        &self,
        org: OrgId,
        app: AppId,
        within: Within,
        subjects: &mut BTreeSet<(SubjectKind, SubjectId)>,
    ) -> Result<(), Error> {
        let mut reader = self.reader();
        let mut after = None;
        loop {
            let page = store::assignments::page(&mut reader, org, app, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.subject);
            for assignment in &page {
                match assignment.kind {
                    SubjectKind::User => {
                        subjects.insert((SubjectKind::User, assignment.subject));
                    }
                    SubjectKind::Group => {
                        let group = assignment.subject.as_group();
                        let groups = match within {
                            Within::Yes => store::members::below(&mut reader, org, group).await?,
                            Within::No => BTreeSet::from([group]),
                        };
                        for group in groups {
                            self.add_members(org, group, subjects).await?;
                        }
                    }
                }
            }
        }
    }
}

/// Whether groups within a group count.
#[derive(Clone, Copy)]
enum Within {
    Yes,
    No,
}

fn item(subject: SubjectRef, plan: Plan) -> PlanItem {
    let requests = PlannedRequest::of(&plan);
    PlanItem {
        subject,
        action: Some(plan.action),
        reason: plan.reason,
        changes: plan.changes,
        requests: requests.into_iter().collect(),
    }
}
