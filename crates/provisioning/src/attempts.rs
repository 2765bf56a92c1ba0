//! Attempts at changing an app that failed: they stand in the event trail too.

use base::{AppId, Cause, Message, OrgId};
use serde_json::json;
use store::events::{NewEvent, Outcome};
use store::{StoredId as _, Tx, Write};

use crate::error::Error;
use crate::events::Note;
use crate::provisioning::Provisioning;

/// An attempt at changing an app.
pub(crate) struct Attempt<'a> {
    pub(crate) org: OrgId,
    /// `None`: the app is not there yet.
    pub(crate) app: Option<AppId>,
    /// `None`: the name that it has.
    pub(crate) name: Option<&'a str>,
    pub(crate) note: Note,
    pub(crate) cause: &'a Cause,
}

/// What was tried, as the doors know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried<'a> {
    Add { name: &'a str },
    Update,
    Remove,
}

impl Provisioning {
    /// Notes an attempt that failed; what succeeded was noted with the change itself.
    pub(crate) async fn attempted<T>(
        &self,
        attempt: Attempt<'_>,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        // What is not there has no trail, and where the store failed nothing was decided.
        let refused = |error: &&Error| !matches!(error, Error::UnknownApp | Error::Store(_));
        let failed = result.as_ref().err().filter(refused);
        if let Some(error) = failed
            && let Err(error) = self.note_failure(attempt, error).await
        {
            tracing::warn!(%error, "a failed attempt was not noted");
        }
        result
    }

    /// Notes an attempt that was refused at the door, before it came to be one. `why`: a code, with the sentence as `detail`.
    pub async fn note_refusal(
        &self,
        org: OrgId,
        (app, tried): (Option<AppId>, Tried<'_>),
        why: Message,
        cause: &Cause,
    ) -> Result<(), Error> {
        let (note, name) = match tried {
            Tried::Add { name } => (Note::Create, Some(name)),
            Tried::Update => (Note::Update, None),
            Tried::Remove => (Note::Delete, None),
        };
        let attempt = Attempt {
            org,
            app,
            name,
            note,
            cause,
        };
        self.append_failure(attempt, &why).await
    }

    async fn note_failure(&self, attempt: Attempt<'_>, error: &Error) -> Result<(), Error> {
        let message = Message::new(error.code()).with("detail", error);
        self.append_failure(attempt, &message).await
    }

    /// Notes an attempt that came to nothing.
    pub(crate) async fn append_failure(&self, attempt: Attempt<'_>, message: &Message) -> Result<(), Error> {
        let Attempt { org, app, note, .. } = attempt;
        let name = match (attempt.name, app) {
            (Some(name), _) => name.trim().to_owned(),
            (None, Some(app)) => self.app_row(org, app).await?.name,
            (None, None) => String::new(),
        };
        let event = NewEvent {
            event_type: note.event_type().to_owned(),
            outcome: Outcome::Failed,
            resource_kind: "app".to_owned(),
            resource_id: app.map(|app| app.stored()),
            doc: json!({ "name": name, "error": message }).to_string(),
        };
        let write = Failed {
            org,
            event,
            cause: attempt.cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

struct Failed {
    org: OrgId,
    event: NewEvent,
    cause: Cause,
}

impl Write for Failed {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::events::append(tx, self.org, &self.event, &self.cause)
            .await
            .map(drop)
    }
}
