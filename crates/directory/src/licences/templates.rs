//! Which licences newcomers get by themselves: templates of the organization and of groups.

use base::{Cause, GroupId, LicenceId, LicenceRunId, OrgId};
use serde_json::json;
use store::licences::runs::{Mode, NewRun, Run};
use store::licences::templates::{self, Scope, Template};
use store::{Query, Tx, Write};

use super::LicenceError;
use super::types::names;
use crate::events::Event;
use crate::{Directory, Error};

/// What becomes of people who are there already when a template is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Nothing: the template is for whoever comes from now on.
    #[default]
    Untouched,
    /// They get what it gives, and keep what they have.
    Preserve,
    /// They get what it gives, and what no template gives them is taken away.
    TakeAway,
}

impl Existing {
    fn mode(self) -> Option<Mode> {
        match self {
            Self::Untouched => None,
            Self::Preserve => Some(Mode::Preserve),
            Self::TakeAway => Some(Mode::TakeAway),
        }
    }
}

/// The same when a template is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inheritance {
    /// What it gave stays.
    #[default]
    Preserve,
    /// What came from it alone is taken away.
    TakeAway,
}

/// A template, with what its group and its licences are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceTemplate {
    pub template: Template,
    /// Of a group's.
    pub group_name: Option<String>,
    pub licences: Vec<(LicenceId, String)>,
}

impl Directory {
    /// All templates: the organization's first, if it has one.
    pub async fn licence_templates(&self, org: OrgId) -> Result<Vec<LicenceTemplate>, Error> {
        let mut reader = self.store.reader();
        let mut all = store::licences::known(&mut reader, org).await?.templates;
        all.sort_by_key(|template| template.scope);
        let mut shown = Vec::with_capacity(all.len());
        for template in all {
            shown.push(named(&mut reader, org, template).await?);
        }
        Ok(shown)
    }

    pub async fn licence_template(&self, org: OrgId, scope: Scope) -> Result<LicenceTemplate, Error> {
        let mut reader = self.store.reader();
        let mut all = store::licences::known(&mut reader, org)
            .await?
            .templates
            .into_iter();
        if let Some(template) = all.find(|template| template.scope == scope) {
            return named(&mut reader, org, template).await;
        }
        let of = called(&mut reader, org, scope).await?;
        Err(LicenceError::UnknownTemplate { of }.into())
    }

    /// Puts a template in place. Whoever comes from then on gets what it gives; the people who are there are seen to by the
    /// run that is answered, if they are to be.
    pub async fn put_licence_template(
        &self,
        cause: &Cause,
        org: OrgId,
        (scope, licences): (Scope, Vec<LicenceId>),
        existing: Existing,
    ) -> Result<Option<Run>, Error> {
        let mut unique = Vec::with_capacity(licences.len());
        for licence in licences {
            if !unique.contains(&licence) {
                unique.push(licence);
            }
        }
        let write = Put {
            org,
            scope,
            licences: unique,
            mode: existing.mode(),
            run: self.ambient.id(),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Removes a template. What it gave stays, or is taken away by the run that is answered.
    pub async fn remove_licence_template(
        &self,
        cause: &Cause,
        org: OrgId,
        scope: Scope,
        inheritance: Inheritance,
    ) -> Result<Option<Run>, Error> {
        let write = Remove {
            org,
            scope,
            inheritance,
            run: self.ambient.id(),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

async fn named(q: &mut impl Query, org: OrgId, template: Template) -> Result<LicenceTemplate, Error> {
    let names = names(q, org).await?;
    let licences = template.licences.iter();
    let licences = licences
        .map(|id| (*id, names.get(id).cloned().unwrap_or_default()))
        .collect();
    let group_name = match template.scope {
        Scope::Organization => None,
        Scope::Group(group) => Some(group_name(q, org, group).await?),
    };
    Ok(LicenceTemplate {
        template,
        group_name,
        licences,
    })
}

async fn group_name(q: &mut impl Query, org: OrgId, group: GroupId) -> Result<String, store::Error> {
    let found = store::groups::by_id(q, org, group).await?;
    Ok(found.map(|group| group.display_name).unwrap_or_default())
}

/// What a template's scope is called, in a sentence.
async fn called(q: &mut impl Query, org: OrgId, scope: Scope) -> Result<String, store::Error> {
    Ok(match scope {
        Scope::Organization => "The organization".to_owned(),
        Scope::Group(group) => format!("The group {:?}", group_name(q, org, group).await?),
    })
}

/// The event of a template that is put or removed.
async fn event(
    tx: &mut Tx<'_>,
    org: OrgId,
    kind: &str,
    scope: Scope,
    (before, after): (Option<&[LicenceId]>, Option<&[LicenceId]>),
    cause: &Cause,
) -> Result<(), store::Error> {
    let names = names(tx, org).await?;
    let names = |ids: Option<&[LicenceId]>| {
        ids.map(|ids| {
            let named = ids.iter().map(|id| names.get(id).map(String::as_str));
            named.map(Option::unwrap_or_default).collect::<Vec<_>>()
        })
    };
    let changes = json!([{ "field": "licences", "from": names(before), "to": names(after) }]);
    let event = match scope {
        Scope::Organization => {
            let name = store::organizations::by_id(tx, org).await?.map(|one| one.name);
            let detail = json!({ "name": name, "changes": changes });
            Event::new(kind, "organization", org, &detail, cause)
        }
        Scope::Group(group) => {
            let detail = json!({ "name": group_name(tx, org, group).await?, "changes": changes });
            Event::new(kind, "group", group, &detail, cause)
        }
    };
    event.append(tx, org).await
}

/// How many people a run looks at.
async fn people(tx: &mut Tx<'_>, org: OrgId, scope: Scope, mode: Mode) -> Result<u64, store::Error> {
    match (scope, mode) {
        (Scope::Organization, _) | (_, Mode::Withdraw) => {
            store::users::count(tx, org, &store::Lookup::All).await
        }
        (Scope::Group(group), _) => {
            store::members::count(tx, org, group, Some(store::members::SubjectKind::User)).await
        }
    }
}

/// Begins a run over the people whom a template is for.
async fn begin_run(
    tx: &mut Tx<'_>,
    org: OrgId,
    (id, scope, mode): (LicenceRunId, Scope, Mode),
    cause: &Cause,
) -> Result<Run, store::Error> {
    let name = match scope {
        Scope::Organization => String::new(),
        Scope::Group(group) => group_name(tx, org, group).await?,
    };
    let new = NewRun {
        id,
        scope,
        name: &name,
        mode,
        total: people(tx, org, scope, mode).await?,
    };
    store::licences::runs::insert(tx, org, &new, cause).await
}

struct Put {
    org: OrgId,
    scope: Scope,
    licences: Vec<LicenceId>,
    mode: Option<Mode>,
    run: LicenceRunId,
    cause: Cause,
}

impl Write for Put {
    type Out = Option<Run>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Run>, store::Error> {
        let (org, scope, cause) = (self.org, self.scope, &self.cause);
        store::licences::begin(tx, org).await?;
        if let Scope::Group(id) = scope
            && store::groups::by_id(tx, org, id).await?.is_none()
        {
            return Err(store::Error::refuse(Error::UnknownGroup { id }));
        }
        let known = names(tx, org).await?;
        if let Some(unknown) = self.licences.iter().find(|id| !known.contains_key(id)) {
            let name = unknown.to_string();
            return Err(LicenceError::Unknown { name }.refusal());
        }
        let mut before = store::licences::known(tx, org).await?.templates.into_iter();
        let before = before.find(|template| template.scope == scope);
        let before = before.as_ref().map(|template| template.licences.as_slice());
        if before != Some(self.licences.as_slice()) {
            templates::put(tx, org, scope, &self.licences).await?;
            let changed = (before, Some(self.licences.as_slice()));
            event(tx, org, "licence_template_update", scope, changed, cause).await?;
        }
        match self.mode {
            None => Ok(None),
            Some(mode) => begin_run(tx, org, (self.run, scope, mode), cause).await.map(Some),
        }
    }
}

struct Remove {
    org: OrgId,
    scope: Scope,
    inheritance: Inheritance,
    run: LicenceRunId,
    cause: Cause,
}

impl Write for Remove {
    type Out = Option<Run>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Run>, store::Error> {
        let (org, scope, cause) = (self.org, self.scope, &self.cause);
        store::licences::begin(tx, org).await?;
        let mut before = store::licences::known(tx, org).await?.templates.into_iter();
        let Some(before) = before.find(|template| template.scope == scope) else {
            let of = called(tx, org, scope).await?;
            return Err(LicenceError::UnknownTemplate { of }.refusal());
        };
        let changed = (Some(before.licences.as_slice()), None);
        event(tx, org, "licence_template_delete", scope, changed, cause).await?;
        templates::remove(tx, org, scope).await?;
        match self.inheritance {
            Inheritance::Preserve => Ok(None),
            Inheritance::TakeAway => {
                let run = (self.run, scope, Mode::Withdraw);
                begin_run(tx, org, run, cause).await.map(Some)
            }
        }
    }
}
