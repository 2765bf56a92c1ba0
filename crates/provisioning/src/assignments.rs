//! Assigning people and groups to apps.

use base::{AppId, Cause, GroupId, OrgId, SubjectId, Timestamp, UserId};
use serde_json::json;
use store::{Tx, Write};

pub use store::assignments::SubjectKind;

use crate::app::App;
use crate::attempts::Attempt;
use crate::error::Error;
use crate::events::{self, Note};
use crate::provisioning::Provisioning;
use crate::settings::AppScope;

/// Who is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    User(UserId),
    /// Stands for its direct members.
    Group(GroupId),
}

impl Subject {
    pub(crate) fn parts(self) -> (SubjectKind, SubjectId) {
        match self {
            Self::User(id) => (SubjectKind::User, id.into()),
            Self::Group(id) => (SubjectKind::Group, id.into()),
        }
    }
}

/// A subject that is assigned, and maybe a role with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Assignee {
    pub subject: Subject,
    /// `None` leaves the role as it is; an empty one takes it away.
    pub role: Option<String>,
}

impl From<Subject> for Assignee {
    fn from(subject: Subject) -> Self {
        Self { subject, role: None }
    }
}

/// An assignment, with its subject's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentView {
    pub kind: SubjectKind,
    pub id: SubjectId,
    /// The userName, or the group's display name; `None` if the subject is gone.
    pub name: Option<String>,
    pub role: Option<String>,
    pub created: Timestamp,
}

impl Provisioning {
    /// Assigns; says how many were not assigned before. All or none.
    pub async fn assign(
        &self,
        org: OrgId,
        id: AppId,
        subjects: &[Subject],
        cause: &Cause,
    ) -> Result<u64, Error> {
        let assignees: Vec<Assignee> = subjects.iter().copied().map(Assignee::from).collect();
        self.assign_with_roles(org, id, &assignees, cause).await
    }

    /// The same, with roles.
    pub async fn assign_with_roles(
        &self,
        org: OrgId,
        id: AppId,
        assignees: &[Assignee],
        cause: &Cause,
    ) -> Result<u64, Error> {
        let name = self.app_row(org, id).await?.name;
        let attempt = Attempt {
            org,
            app: Some(id),
            name: Some(&name),
            note: Note::Update,
            cause,
        };
        for Assignee { subject, role } in assignees {
            let checked = check_role(role.as_deref()).and(self.check_subject(org, *subject).await);
            if let Err(error) = checked {
                return self.attempted(attempt, Err(error)).await;
            }
        }
        self.change_assignments(org, id, name, Step::Add, assignees, cause)
            .await
    }

    /// Whether somebody may sign in to an app: who is assigned, in the way that the app's scope has it. The scoping filter says
    /// who has an account, and not who may sign in.
    pub async fn lets_in(&self, org: OrgId, app: &App, user: UserId) -> Result<bool, Error> {
        let mut reader = self.reader();
        Ok(match app.settings.scope {
            AppScope::All => true,
            AppScope::Assigned => store::assignments::via(&mut reader, org, app.id, user)
                .await?
                .is_some(),
            AppScope::AssignedNested => !store::assignments::ways_nested(&mut reader, org, app.id, user)
                .await?
                .is_empty(),
        })
    }

    /// Takes assignments back; says how many there were.
    pub async fn unassign(
        &self,
        org: OrgId,
        id: AppId,
        subjects: &[Subject],
        cause: &Cause,
    ) -> Result<u64, Error> {
        let name = self.app_row(org, id).await?.name;
        let assignees: Vec<Assignee> = subjects.iter().copied().map(Assignee::from).collect();
        self.change_assignments(org, id, name, Step::Remove, &assignees, cause)
            .await
    }

    async fn change_assignments(
        &self,
        org: OrgId,
        id: AppId,
        name: String,
        step: Step,
        assignees: &[Assignee],
        cause: &Cause,
    ) -> Result<u64, Error> {
        let mut names = Vec::with_capacity(assignees.len());
        for assignee in assignees {
            names.push(self.subject_name(org, assignee.subject).await?);
        }
        let write = Assign {
            org,
            id,
            name,
            step,
            assignees: assignees.to_vec(),
            names,
            cause: cause.clone(),
        };
        let changed = self.store.write(write).await?;
        self.waker.wake(org);
        Ok(changed)
    }

    async fn check_subject(&self, org: OrgId, subject: Subject) -> Result<(), Error> {
        match self.subject_name(org, subject).await? {
            Some(_) => Ok(()),
            None => Err(Error::UnknownSubject {
                id: subject.parts().1,
            }),
        }
    }

    async fn subject_name(&self, org: OrgId, subject: Subject) -> Result<Option<String>, Error> {
        let mut reader = self.reader();
        Ok(match subject {
            Subject::User(id) => store::users::by_id(&mut reader, org, id)
                .await?
                .map(|user| user.user_name),
            Subject::Group(id) => store::groups::by_id(&mut reader, org, id)
                .await?
                .map(|group| group.display_name),
        })
    }

    /// The apps to which a group itself is assigned, the oldest first.
    pub async fn apps_of_group(&self, org: OrgId, group: GroupId) -> Result<Vec<App>, Error> {
        let mut found = Vec::new();
        for app in self.apps(org).await? {
            if store::assignments::is_assigned(&mut self.reader(), org, app.id, group.into()).await? {
                found.push(app);
            }
        }
        Ok(found)
    }

    /// A page of assignments in the order of the subjects' ids.
    pub async fn assignments(
        &self,
        org: OrgId,
        id: AppId,
        after: Option<SubjectId>,
        limit: u32,
    ) -> Result<Vec<AssignmentView>, Error> {
        let rows = store::assignments::page(&mut self.reader(), org, id, after, limit).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let subject = match row.kind {
                SubjectKind::User => Subject::User(row.subject.as_user()),
                SubjectKind::Group => Subject::Group(row.subject.as_group()),
            };
            views.push(AssignmentView {
                kind: row.kind,
                id: row.subject,
                name: self.subject_name(org, subject).await?,
                role: row.role,
                created: row.created,
            });
        }
        Ok(views)
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Add,
    Remove,
}

struct Assign {
    org: OrgId,
    id: AppId,
    name: String,
    step: Step,
    assignees: Vec<Assignee>,
    /// Theirs, in the same order.
    names: Vec<Option<String>>,
    cause: Cause,
}

impl Write for Assign {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        let Self { org, id, cause, .. } = self;
        let mut changed = 0;
        let mut changes = Vec::new();
        for (Assignee { subject, role }, name) in self.assignees.iter().zip(&self.names) {
            let (kind, subject) = subject.parts();
            let about = json!({ "kind": kind.as_str(), "id": subject, "name": name });
            let done = match self.step {
                Step::Add => store::assignments::add(tx, *org, *id, (kind, subject), cause).await?,
                Step::Remove => store::assignments::remove(tx, *org, *id, subject, cause).await?,
            };
            if done {
                changed += 1;
                changes.push(match self.step {
                    Step::Add => json!({ "field": "assignment", "from": null, "to": about }),
                    Step::Remove => json!({ "field": "assignment", "from": about, "to": null }),
                });
            }
            if let Some(role) = role {
                let before = store::assignments::role(tx, *org, *id, subject).await?;
                let set = (subject, Some(role.as_str()));
                if store::assignments::set_role(tx, *org, *id, set, cause).await? {
                    changes.push(json!({ "field": "role", "of": about, "from": before, "to": role }));
                }
            }
        }
        if !changes.is_empty() {
            events::note_changes(tx, (*org, *id), &self.name, Note::Update, &changes, cause).await?;
        }
        Ok(changed)
    }
}

fn check_role(role: Option<&str>) -> Result<(), Error> {
    match role {
        Some(role) if role.chars().count() > 200 || base::canonical::refuse_nul(role).is_err() => {
            Err(Error::Role)
        }
        _ => Ok(()),
    }
}
