//! What happens in the directory, as the writes by which it does.

use base::{AppId, Cause, GroupId, OrgId, UserId};
use serde_json::json;
use store::members::MemberRef;
use store::{Tx, Write};

pub(super) struct AddOrganization {
    pub(super) org: OrgId,
    pub(super) cause: Cause,
}

impl Write for AddOrganization {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::organizations::insert(tx, self.org, "Example", &self.cause)
            .await
            .map(drop)
    }
}

pub(super) struct Damage {
    pub(super) org: OrgId,
    pub(super) app: AppId,
    pub(super) cause: Cause,
}

impl Write for Damage {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let app = store::apps::by_id(tx, self.org, self.app)
            .await?
            .ok_or(store::Error::NotFound)?;
        let draft = store::apps::Draft {
            name: app.name,
            template: app.template,
            state: app.state,
            settings: "{".to_owned(),
        };
        store::apps::update(tx, self.org, self.app, app.version, &draft, &self.cause)
            .await
            .map(drop)
    }
}

pub(super) struct PutUser {
    pub(super) org: OrgId,
    pub(super) id: Option<UserId>,
    pub(super) draft: store::users::Draft,
    pub(super) cause: Cause,
}

impl Write for PutUser {
    type Out = UserId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<UserId, store::Error> {
        let user = match self.id {
            None => {
                let id = tx.ambient().id();
                store::users::insert(tx, self.org, id, &self.draft, &self.cause).await?
            }
            Some(id) => store::users::update(tx, self.org, id, None, &self.draft, &self.cause).await?,
        };
        Ok(user.id)
    }
}

pub(super) struct InsertUsers {
    pub(super) org: OrgId,
    pub(super) people: Vec<(UserId, store::users::Draft)>,
    pub(super) cause: Cause,
}

impl Write for InsertUsers {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        for (id, draft) in &self.people {
            store::users::insert(tx, self.org, *id, draft, &self.cause).await?;
        }
        Ok(())
    }
}

pub(super) struct DeleteUser {
    pub(super) org: OrgId,
    pub(super) id: UserId,
    pub(super) cause: Cause,
}

impl Write for DeleteUser {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::users::delete(tx, self.org, self.id, None, &self.cause)
            .await
            .map(drop)
    }
}

pub(super) struct InsertGroup {
    pub(super) org: OrgId,
    pub(super) name: String,
    pub(super) members: Vec<UserId>,
    pub(super) cause: Cause,
}

impl Write for InsertGroup {
    type Out = GroupId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<GroupId, store::Error> {
        let id: GroupId = tx.ambient().id();
        let draft = group_draft(&self.name);
        store::groups::insert(tx, self.org, id, &draft, &self.cause).await?;
        store::members::add(tx, self.org, id, &self.members, &self.cause).await?;
        Ok(id)
    }
}

pub enum GroupChange {
    Add(GroupId, MemberRef),
    Remove(GroupId, MemberRef),
    Rename(GroupId, String),
    Delete(GroupId),
}

pub(super) struct ChangeGroup {
    pub(super) org: OrgId,
    pub(super) change: GroupChange,
    pub(super) cause: Cause,
}

impl Write for ChangeGroup {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        match &self.change {
            GroupChange::Add(group, member) => {
                store::members::add(tx, self.org, *group, &[*member], &self.cause).await?;
            }
            GroupChange::Remove(group, member) => {
                store::members::remove(tx, self.org, *group, &[*member], &self.cause).await?;
            }
            GroupChange::Rename(group, name) => {
                let draft = group_draft(name);
                store::groups::update(tx, self.org, *group, None, &draft, &self.cause).await?;
            }
            GroupChange::Delete(group) => {
                store::groups::delete(tx, self.org, *group, None, &self.cause).await?;
            }
        }
        Ok(())
    }
}

fn group_draft(name: &str) -> store::groups::Draft {
    store::groups::Draft {
        display_name: name.to_owned(),
        doc: json!({ "displayName": name }).to_string(),
        rendering: 1,
        provenance: "{}".to_owned(),
        keys: Vec::new(),
    }
}
