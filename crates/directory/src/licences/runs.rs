//! Applying a template to people who were there before it, a few at a time, in the background.
//!
//! Each step is one transaction: what it does, what came of it for whom, and how far the run has come. So a run that is
//! interrupted goes on where it was, and several processes may take its steps in turn.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::{GroupId, LicenceId, LicenceRunId, OrgId, SubjectId, UserId};
use serde_json::json;
use store::licences::runs::{self, Item, Mode, Outcome, Run};
use store::licences::templates::{self, Scope};
use store::{Lock, Lookup, Start, Tx, Write};

use super::carry::{Act, Done, Reason, Shortage, Turn, carry_out, grounds_of, held};
use super::grounds::Grounds;
use super::types::names;
use super::{LicenceError, Licensing};
use crate::events::Event;
use crate::{Directory, Error, Settings};

/// People in one step.
const BATCH: u32 = 200;

/// The longest wait after a step that failed.
const LONGEST: u64 = 3_600;

impl Directory {
    /// The latest runs, from behind one on.
    pub async fn licence_runs(
        &self,
        org: OrgId,
        after: Option<LicenceRunId>,
        limit: u32,
    ) -> Result<Vec<Run>, Error> {
        Ok(runs::page(&mut self.store.reader(), org, after, limit).await?)
    }

    pub async fn licence_run(&self, org: OrgId, id: LicenceRunId) -> Result<Run, Error> {
        let found = runs::by_id(&mut self.store.reader(), org, id).await?;
        let name = id.to_string();
        Ok(found.ok_or(LicenceError::UnknownRun { name })?)
    }

    /// How often a run came to what.
    pub async fn licence_run_counts(
        &self,
        org: OrgId,
        id: LicenceRunId,
    ) -> Result<Vec<(Outcome, u64)>, Error> {
        Ok(runs::counts(&mut self.store.reader(), (org, id)).await?)
    }

    /// A page of what a run came to for whom.
    pub async fn licence_run_items(
        &self,
        org: OrgId,
        id: LicenceRunId,
        of: Option<Outcome>,
        after: Option<(UserId, LicenceId)>,
        limit: u32,
    ) -> Result<Vec<Item>, Error> {
        Ok(runs::items(&mut self.store.reader(), (org, id), of, after, limit).await?)
    }

    /// Takes steps until no run of the organization may go on. One that fails is tried again later.
    pub async fn carry_on_licence_runs(&self, org: OrgId) -> Result<(), Error> {
        while let Some(run) = runs::next(&mut self.store.reader(), org, self.ambient.now()).await? {
            if let Err(error) = self.step(org, &run).await {
                tracing::warn!(%error, run = %run.id, "a step of a licence run failed");
                let wait = Duration::from_secs(
                    2_u64
                        .saturating_pow(run.attempts.try_into().unwrap_or(12))
                        .min(LONGEST),
                );
                let postpone = Postpone {
                    org,
                    run: run.id,
                    due: self.ambient.now() + wait,
                    error: error.to_string(),
                };
                self.store.write(postpone).await?;
            }
        }
        Ok(())
    }

    async fn step(&self, org: OrgId, run: &Run) -> Result<(), Error> {
        let settings = self.settings(org).await?;
        let id = run.id;
        Ok(self.store.write(Step { org, id, settings }).await?)
    }
}

struct Postpone {
    org: OrgId,
    run: LicenceRunId,
    due: base::Timestamp,
    error: String,
}

impl Write for Postpone {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        runs::postpone(tx, self.org, self.run, (self.due, &self.error)).await
    }
}

struct Step {
    org: OrgId,
    id: LicenceRunId,
    settings: Settings,
}

impl Write for Step {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let org = self.org;
        tx.lock(Lock::Feed(org)).await?;
        tx.lock(Lock::Licences(org)).await?;
        let Some(run) = runs::by_id(tx, org, self.id)
            .await?
            .filter(|run| run.due.is_some())
        else {
            return Ok(());
        };
        let licensing: Licensing = store::licences::known(tx, org).await?.into();
        if run.mode != Mode::Withdraw && licensing.of(run.scope).is_none() {
            return finish(tx, org, &run, Some("the template was removed meanwhile")).await;
        }
        let people = people(tx, org, &run).await?;
        let Some((last, _)) = people.last() else {
            return finish(tx, org, &run, None).await;
        };
        let place = (*last, people.len() as u64);
        let items = self.look_at(tx, &run, &licensing, people).await?;
        runs::note(tx, org, run.id, &items).await?;
        runs::advance(tx, org, &run, place).await
    }
}

impl Step {
    async fn look_at(
        &self,
        tx: &mut Tx<'_>,
        run: &Run,
        licensing: &Licensing,
        people: Vec<(UserId, String)>,
    ) -> Result<Vec<Item>, store::Error> {
        let ids: Vec<UserId> = people.iter().map(|(user, _)| *user).collect();
        let mut before = held(tx, self.org, &ids).await?;
        let mut groups: BTreeMap<UserId, Vec<GroupId>> = BTreeMap::new();
        for (user, group) in templates::groups_of(tx, self.org, &ids).await? {
            groups.entry(user).or_default().push(group);
        }
        let (mut turns, mut passed) = (Vec::with_capacity(people.len()), BTreeSet::new());
        for (user, user_name) in people {
            let groups = groups.get(&user).map(Vec::as_slice).unwrap_or_default();
            let before = before.remove(&user).unwrap_or_default();
            let mut after = grounds_of(&before);
            let reason = match run.mode {
                Mode::Withdraw => {
                    after.withdraw(licensing, self.settings, run.scope, groups);
                    Reason::TemplateRemoved
                }
                mode => {
                    if !after.reapply(licensing, self.settings, (run.scope, mode), groups) {
                        passed.insert(user);
                    }
                    Reason::NotInTemplate
                }
            };
            turns.push(Turn {
                user,
                user_name: Some(user_name),
                before,
                after,
                reason,
            });
        }
        let cause = run.cause();
        let act = Act {
            org: self.org,
            cause: &cause,
            source: "licence_run",
            shortage: Shortage::Wait,
        };
        let done = carry_out(tx, act, &turns).await?;
        let names = names(tx, self.org).await?;
        let wanted = licensing.of(run.scope).unwrap_or_default();
        let mut items = Vec::new();
        for (turn, done) in turns.iter().zip(&done) {
            let outcomes = if passed.contains(&turn.user) {
                wanted.iter().map(|one| (*one, Outcome::PassedOver)).collect()
            } else {
                outcomes(done, wanted)
            };
            items.extend(outcomes.into_iter().map(|(licence, outcome)| Item {
                user: turn.user,
                user_name: turn.user_name.clone().unwrap_or_default(),
                licence,
                licence_name: names.get(&licence).cloned().unwrap_or_default(),
                outcome,
            }));
        }
        Ok(items)
    }
}

/// What is told: all that was given or taken, and of the rest what the template gives.
fn outcomes(done: &Done, wanted: &[LicenceId]) -> Vec<(LicenceId, Outcome)> {
    let all =
        |licences: &[LicenceId], outcome| -> Vec<_> { licences.iter().map(|one| (*one, outcome)).collect() };
    let mut outcomes = all(&done.given, Outcome::Given);
    outcomes.extend(all(&done.taken, Outcome::TakenAway));
    let rest = [(&done.had, Outcome::Had), (&done.none_left, Outcome::NoneLeft)];
    for (licences, outcome) in rest {
        let of_template = licences.iter().filter(|one| wanted.contains(one));
        outcomes.extend(of_template.map(|one| (*one, outcome)));
    }
    outcomes
}

/// The next people, with their userNames.
async fn people(tx: &mut Tx<'_>, org: OrgId, run: &Run) -> Result<Vec<(UserId, String)>, store::Error> {
    match (run.scope, run.mode) {
        // What came from a group's template that is gone, also those have who have left the group since.
        (Scope::Organization, _) | (_, Mode::Withdraw) => {
            let start = run.place.map_or(Start::FIRST, Start::After);
            let page = store::users::page(tx, org, &Lookup::All, start, BATCH).await?;
            Ok(page.into_iter().map(|user| (user.id, user.user_name)).collect())
        }
        (Scope::Group(group), _) => {
            let ids = store::members::user_ids(tx, org, group, run.place, BATCH).await?;
            let subjects: Vec<SubjectId> = ids.iter().map(|id| (*id).into()).collect();
            let named = store::members::named(tx, org, &subjects).await?;
            let names: BTreeMap<SubjectId, String> = named
                .into_iter()
                .filter_map(|one| Some((one.id.subject(), one.user_name?)))
                .collect();
            let name = |id: &UserId| names.get(&(*id).into()).cloned().unwrap_or_default();
            Ok(ids.iter().map(|id| (*id, name(id))).collect())
        }
    }
}

async fn finish(tx: &mut Tx<'_>, org: OrgId, run: &Run, error: Option<&str>) -> Result<(), store::Error> {
    runs::finish(tx, org, run.id, error).await?;
    let counts = runs::counts(tx, (org, run.id)).await?;
    let counts: BTreeMap<&str, u64> = counts
        .into_iter()
        .map(|(outcome, count)| (outcome.as_str(), count))
        .collect();
    let mut detail = json!({
        "name": run.name, "run": run.id, "mode": run.mode.as_str(), "people": run.done, "counts": counts,
    });
    if let Some(error) = error {
        detail["reason"] = error.into();
    }
    let cause = run.cause();
    let event = match run.scope {
        Scope::Organization => Event::new("licence_run_finish", "organization", org, &detail, &cause),
        Scope::Group(group) => Event::new("licence_run_finish", "group", group, &detail, &cause),
    };
    let event = if error.is_some() { event.failed() } else { event };
    event.append(tx, org).await
}

impl Grounds {
    /// A template is applied to somebody who was there before it. Says whether it holds for the person at all.
    fn reapply(
        &mut self,
        licensing: &Licensing,
        settings: Settings,
        (scope, mode): (Scope, Mode),
        groups: &[GroupId],
    ) -> bool {
        let instead = settings.licence_precedence == crate::LicencePrecedence::Group && !groups.is_empty();
        if instead && scope == Scope::Organization {
            return false;
        }
        self.add(scope.into(), licensing.of(scope).unwrap_or_default());
        if mode == Mode::TakeAway {
            let mut scopes: Vec<Scope> = groups.iter().copied().map(Scope::Group).collect();
            if instead {
                self.drop_ground(super::Ground::Organization);
            } else {
                scopes.push(Scope::Organization);
            }
            let entitled: BTreeSet<LicenceId> = scopes
                .into_iter()
                .flat_map(|scope| licensing.of(scope).unwrap_or_default())
                .copied()
                .collect();
            self.0.retain(|licence, _| entitled.contains(licence));
        }
        true
    }

    /// A template that gave something is gone.
    fn withdraw(&mut self, licensing: &Licensing, settings: Settings, scope: Scope, groups: &[GroupId]) {
        self.drop_ground(scope.into());
        let instead = settings.licence_precedence == crate::LicencePrecedence::Group;
        if scope != Scope::Organization && instead && groups.is_empty() {
            self.arrive(licensing);
        }
    }
}
