//! What came of a step of an import, in one write under the job's fence; of the last one, everybody is told.

use base::{AppId, JobId, Message, OrgId, SubjectId, Timestamp};
use serde_json::json;
use store::events::{NewEvent, Outcome as Ended};
use store::import_items::{Item, State};
use store::jobs::{Lease, Outcome};
use store::links::Draft;
use store::log::Entry;
use store::{StoredId as _, Tx, Write};

use super::{LARGE, Progress, Stage};
use crate::engine::errands::{Next, cause, complete};

/// What became of an item.
pub(super) struct Settled {
    pub(super) item: Item,
    pub(super) link: Option<Draft>,
    pub(super) entry: Option<Entry>,
}

/// Writes a step down; the last one ends the import.
pub(super) struct Step {
    pub(super) org: OrgId,
    pub(super) app: AppId,
    pub(super) name: String,
    pub(super) lease: Lease,
    pub(super) progress: Progress,
    pub(super) tell: Option<String>,
    pub(super) fresh: Vec<Item>,
    pub(super) planned: Vec<(String, SubjectId)>,
    pub(super) settled: Vec<Settled>,
    pub(super) until: Timestamp,
}

impl Step {
    fn key(&self) -> (OrgId, AppId, JobId) {
        (self.org, self.app, self.lease.job.id)
    }

    /// The same step, of which only the plan is written.
    pub(super) fn note(&self, planned: Vec<(String, SubjectId)>) -> Self {
        Self {
            name: self.name.clone(),
            lease: self.lease.clone(),
            progress: self.progress.clone(),
            tell: None,
            fresh: Vec::new(),
            planned,
            settled: Vec::new(),
            ..*self
        }
    }
}

impl Write for Step {
    type Out = Next;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Next, store::Error> {
        let Self { org, app, .. } = *self;
        store::import_items::insert(tx, self.key(), &self.fresh).await?;
        store::import_items::plan(tx, self.key(), &self.planned).await?;
        for settled in &self.settled {
            self.write_settled(tx, settled).await?;
        }
        let progress =
            serde_json::to_string(&self.progress).map_err(|error| store::Error::Internal(error.into()))?;
        let is_over = self.progress.stage == Stage::Over;
        if is_over {
            self.finish(tx).await?;
        }
        let outcome = if is_over {
            Outcome::Done {
                progress: progress.clone(),
            }
        } else {
            Outcome::Goes {
                progress: progress.clone(),
                until: self.until,
            }
        };
        complete(tx, (org, app), &self.lease, &outcome).await?;
        Ok(if is_over { Next::Over } else { Next::Goes(progress) })
    }
}

impl Step {
    async fn write_settled(&self, tx: &mut Tx<'_>, settled: &Settled) -> Result<(), store::Error> {
        let Self { org, app, .. } = *self;
        let mut item = settled.item.clone();
        if let (Some(draft), Some(subject)) = (&settled.link, item.subject)
            && !store::links::adopt(tx, org, app, subject, draft).await?
            && store::links::owner(tx, org, app, (draft.kind, &draft.remote_id)).await? != Some(subject)
        {
            // Somebody else was quicker, or the person has got another account meanwhile.
            let taken = Message::new("import.taken");
            item.state = State::Failed;
            item.error = serde_json::to_string(&taken).ok();
            return store::import_items::settle(tx, self.key(), &item).await;
        }
        store::import_items::settle(tx, self.key(), &item).await?;
        if let Some(entry) = &settled.entry {
            store::log::append(tx, org, &[(entry, &cause(&self.lease.job))]).await?;
        }
        Ok(())
    }

    /// Tells that it is over.
    async fn finish(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, .. } = *self;
        let cause = cause(&self.lease.job);
        let counted = store::import_items::counts(tx, self.key()).await?;
        let counts: serde_json::Map<_, _> = counted
            .iter()
            .map(|(state, number)| (state.as_str().to_owned(), json!(number)))
            .collect();
        let event = NewEvent {
            event_type: "idm_import_finish".to_owned(),
            outcome: Ended::Succeeded,
            resource_kind: "app".to_owned(),
            resource_id: Some(app.stored()),
            doc: json!({ "name": self.name, "import": self.lease.job.id, "counts": counts }).to_string(),
        };
        store::events::append(tx, org, &event, &cause).await?;
        let people: u64 = counted.iter().map(|(_, number)| number).sum();
        let Some(recipient) = self.tell.clone().filter(|_| people >= LARGE) else {
            return Ok(());
        };
        let failed = store::import_items::page(tx, self.key(), Some(State::Failed), None, 20).await?;
        let draft = store::outbox::Draft {
            recipient,
            subject: format!("{}: the import is over", self.name),
            text: self.letter(&counted, &failed),
        };
        store::outbox::insert(tx, org, &draft, &cause).await.map(drop)
    }

    fn letter(&self, counted: &[(State, u64)], failed: &[Item]) -> String {
        let number = |state| {
            let found = counted.iter().find(|(known, _)| *known == state);
            found.map_or(0, |(_, number)| *number)
        };
        let (app, job) = (&self.name, self.lease.job.id);
        let mut text = format!(
            "The import of accounts from {app} is over.\n\n\
             New people:               {}\nLinked to people here:    {}\nLinked before:            {}\n\
             Could not be imported:    {}\n\n\
             See it:  instep app import {app:?} --result {job}\n",
            number(State::Created),
            number(State::Linked),
            number(State::Known),
            number(State::Failed),
        );
        for item in failed {
            let reason = item
                .error
                .as_deref()
                .and_then(|error| serde_json::from_str(error).ok());
            let reason = reason.as_ref().map(crate::text).unwrap_or_default();
            text.extend([
                "
", &item.name, ": ", &reason,
            ]);
        }
        text
    }
}
