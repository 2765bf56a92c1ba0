//! Reads the change feed for one app: who is touched by what has changed since the watermark.

use std::collections::BTreeSet;

use base::{AppId, Cause, CycleId, GroupId, OrgId, SubjectId};
use mapping::Needs;
use store::changes::{Change, Kind, What};
use store::cycles::Kind as CycleKind;
use store::lanes::{Mark, Verify};
use store::{Tx, Write};

use super::judge::Quick;
use crate::settings::{AppScope, GroupScope};

/// Changes read at a time.
pub(crate) const PAGE: u32 = 500;

/// Who is touched by a page of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    people: BTreeSet<SubjectId>,
    /// Groups whose members are touched, all of them.
    groups: BTreeSet<GroupId>,
    /// Groups that came into another one or left it.
    nested: BTreeSet<GroupId>,
    /// Groups that are no more.
    gone: BTreeSet<GroupId>,
    /// Groups that have another name, maybe.
    renamed: BTreeSet<GroupId>,
    /// Groups that the target is to hold, maybe.
    held: BTreeSet<SubjectId>,
    /// Who came to which group or left it.
    memberships: BTreeSet<(GroupId, SubjectId)>,
    /// Whether an assignment is more than the way into scope: it carries a role that is read.
    roles: bool,
}

impl Touched {
    /// Reads a page. A change of one's membership is told person by person, also when a group is deleted.
    pub(crate) fn read(app: AppId, needs: Needs, changes: &[Change]) -> Result<Self, store::Error> {
        let mut touched = Self {
            roles: needs.roles,
            ..Self::default()
        };
        for change in changes {
            match change.kind {
                Kind::Group => {
                    touched.held.insert(change.id_as()?);
                }
                Kind::Assignment if change.id_as::<AppId>()? == app => {
                    touched.held.insert(change.related_as()?);
                }
                Kind::Member | Kind::MemberGroup => {
                    if change.kind == Kind::MemberGroup {
                        touched.nested.insert(change.related_as()?);
                    }
                    touched.held.insert(change.id_as()?);
                    touched
                        .memberships
                        .insert((change.id_as()?, change.related_as()?));
                }
                _ => {}
            }
            match change.kind {
                Kind::User => {
                    touched.people.insert(change.id_as()?);
                }
                Kind::Member => {
                    touched.people.insert(change.related_as()?);
                }
                Kind::Assignment if change.id_as::<AppId>()? == app => {
                    // The feed does not say which of the two it is: ids are unique among both.
                    touched.people.insert(change.related_as()?);
                    touched.groups.insert(change.related_as()?);
                }
                Kind::Group if change.what == What::Deleted => {
                    touched.gone.insert(change.id_as()?);
                }
                Kind::Group if needs.groups => {
                    touched.renamed.insert(change.id_as()?);
                }
                _ => {}
            }
        }
        Ok(touched)
    }
}

/// Marks the lanes of those who are touched and moves the watermark, in one write.
pub(crate) struct Step {
    pub(crate) org: OrgId,
    pub(crate) app: AppId,
    pub(crate) scope: AppScope,
    pub(crate) groups: GroupScope,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) touched: Touched,
    /// What may pass at once; `None` if more is to come, or nothing is judged.
    pub(crate) quick: Option<Quick>,
    pub(crate) cause: Cause,
}

impl Step {
    /// Marks those of these people whom the app concerns.
    async fn mark(&self, tx: &mut Tx<'_>, people: &[SubjectId], mark: Mark) -> Result<u64, store::Error> {
        match self.scope {
            AppScope::All => store::lanes::mark_known(tx, self.org, self.app, people, mark).await,
            AppScope::Assigned => store::lanes::mark_concerned(tx, self.org, self.app, people, mark).await,
            AppScope::AssignedNested => {
                store::lanes::mark_concerned_nested(tx, self.org, self.app, people, mark).await
            }
        }
    }
}

impl Step {
    /// Marks those of the groups that the target is to hold, or holds.
    async fn mark_groups(&self, tx: &mut Tx<'_>, mark: Mark) -> Result<u64, store::Error> {
        let Self { org, app, .. } = *self;
        let groups: Vec<_> = self.touched.held.iter().copied().collect();
        let marked = match self.groups {
            GroupScope::Off => return Ok(0),
            GroupScope::All => store::lanes::mark_known_groups(tx, org, app, &groups, mark).await?,
            GroupScope::Assigned => store::lanes::mark_concerned_groups(tx, org, app, &groups, mark).await?,
        };
        store::memberships::touch(tx, org, app, self.touched.memberships.iter().copied()).await?;
        Ok(marked)
    }
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// Another one was there first.
    Overtaken,
    /// Nobody of this app was touched.
    Nobody,
    Begun(CycleId),
}

impl Write for Step {
    type Out = Stepped;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Stepped, store::Error> {
        let Self { org, app, .. } = *self;
        if !store::apps::advance(tx, org, app, self.from, self.to).await? {
            return Ok(Stepped::Overtaken);
        }
        let mark = Mark {
            cycle: tx.ambient().id(),
            now: tx.ambient().now(),
            verify: Verify::No,
        };
        let people: Vec<_> = self.touched.people.iter().copied().collect();
        let mut marked = self.mark(tx, &people, mark).await?;
        for group in &self.touched.renamed {
            let mut after = None;
            loop {
                let members = store::members::user_ids(tx, org, *group, after, PAGE).await?;
                let Some(last) = members.last() else { break };
                after = Some(*last);
                let members: Vec<_> = members.into_iter().map(SubjectId::from).collect();
                marked += self.mark(tx, &members, mark).await?;
            }
        }
        if self.scope == AppScope::AssignedNested {
            // Also who is in them through others.
            let mut within = BTreeSet::new();
            for group in self.touched.groups.union(&self.touched.nested) {
                within.append(&mut store::members::below(tx, org, *group).await?);
            }
            for group in within {
                marked += store::lanes::mark_members(tx, org, app, group, mark).await?;
            }
        }
        if self.scope == AppScope::Assigned || self.touched.roles {
            for group in &self.touched.groups {
                marked += store::lanes::mark_members(tx, org, app, *group, mark).await?;
            }
        }
        marked += self.mark_groups(tx, mark).await?;
        for group in &self.touched.gone {
            store::assignments::forget(tx, org, app, (*group).into()).await?;
        }
        if marked == 0 {
            return Ok(Stepped::Nobody);
        }
        if let Some(quick) = self.quick {
            quick.admit(tx, org, app).await?;
        }
        let cycle = (mark.cycle, CycleKind::Incremental);
        store::cycles::start(tx, org, app, cycle, self.to, &self.cause).await?;
        Ok(Stepped::Begun(mark.cycle))
    }
}
