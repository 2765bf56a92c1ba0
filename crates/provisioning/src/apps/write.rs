//! The writes: an app with its credentials, mappings and all that follows from a change.

use base::{AppId, Cause, Message, OrgId};
use serde_json::Value;
use store::apps::{Draft, State};
use store::assignments::SubjectKind;
use store::{Tx, Write};

use crate::credentials::Sealed;
use crate::cycles::{Everybody, begin_initial};
use crate::events::{self, Note};
use crate::plans::{Gatherer, PlanState};

pub(super) struct Add {
    pub(super) org: OrgId,
    pub(super) id: AppId,
    pub(super) draft: Draft,
    pub(super) credentials: Option<Sealed>,
    pub(super) mappings: Vec<String>,
    pub(super) group_mappings: Vec<String>,
    pub(super) cause: Cause,
}

impl Write for Add {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, id, cause, .. } = self;
        store::apps::insert(tx, *org, *id, &self.draft, cause).await?;
        Sealed::set(self.credentials.as_ref(), tx, (*org, *id), cause).await?;
        let (people, groups) = (&self.mappings, &self.group_mappings);
        store::mappings::replace(tx, *org, *id, SubjectKind::User, people, cause).await?;
        store::mappings::replace(tx, *org, *id, SubjectKind::Group, groups, cause).await?;
        events::note(tx, *org, *id, &self.draft.name, Note::Create, cause).await?;
        match self.draft.state {
            State::Active => events::note(tx, *org, *id, &self.draft.name, Note::Activate, cause).await,
            State::Paused | State::Inactive | State::Disabled | State::Removing => Ok(()),
        }
    }
}

pub(super) struct Update {
    pub(super) org: OrgId,
    pub(super) id: AppId,
    /// The version on which the change was worked out.
    pub(super) expected: i64,
    pub(super) draft: Draft,
    pub(super) credentials: Option<Sealed>,
    pub(super) everybody: Option<Everybody>,
    /// Whether the target is another one now: what is known of accounts there means nothing.
    pub(super) moved: bool,
    /// What the trail says about it, each with what has changed.
    pub(super) notes: Vec<(Note, Vec<Value>)>,
    /// Whether another answer would be given to what awaits approval.
    pub(super) reopened: Option<Gatherer>,
    /// Whether it is to begin anew after whatever stopped it.
    pub(super) resumed: bool,
    pub(super) cause: Cause,
}

impl Write for Update {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, id, cause, .. } = self;
        store::apps::update(tx, *org, *id, self.expected, &self.draft, cause).await?;
        Sealed::set(self.credentials.as_ref(), tx, (*org, *id), cause).await?;
        if self.moved {
            store::links::clear(tx, *org, *id).await?;
            store::references::clear(tx, *org, *id).await?;
            store::ways::forget(tx, *org, *id).await?;
            store::memberships::clear(tx, *org, *id).await?;
            store::lanes::forget_doubts(tx, *org, *id).await?;
            store::drift::clear_all(tx, *org, *id).await?;
            let moved = serde_json::to_string(&Message::new("job.moved")).unwrap_or_default();
            store::jobs::end_all(tx, *org, *id, &moved).await?;
            store::plans::close_all(tx, *org, *id, PlanState::Stale).await?;
            store::apps::gather_nothing(tx, *org, *id).await?;
        }
        if let Some(gatherer) = &self.reopened
            && let Some(stance) = store::apps::stance(tx, *org, *id).await?
            && let Some(plan) = stance.plan
        {
            gatherer.reopen(tx, plan, PlanState::Stale).await?;
        }
        // A new start: whatever the target asked for before, the admin has decided.
        store::apps::set_hold(tx, *org, *id, None).await?;
        if self.draft.state == State::Inactive {
            crate::removal::let_go(tx, *org, *id, "job.deactivated").await?;
        }
        if self.resumed {
            store::apps::heal(tx, *org, *id).await?;
        }
        if let Some(everybody) = self.everybody {
            begin_initial(tx, *org, *id, everybody, cause).await?;
        }
        for (note, changes) in &self.notes {
            events::note_changes(tx, (*org, *id), &self.draft.name, *note, changes, cause).await?;
        }
        Ok(())
    }
}
