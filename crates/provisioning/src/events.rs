//! Entries of the event trail about apps, under the names that JumpCloud's Directory Insights uses.

use base::{AppId, Cause, OrgId};
use serde_json::json;
use store::events::{NewEvent, Outcome};
use store::{StoredId as _, Tx};

/// What was done to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    Activate,
    Update,
    Reauthorize,
    Delete,
}

impl Note {
    fn event_type(self) -> &'static str {
        match self {
            Self::Activate => "idm_integration_activate",
            Self::Update => "idm_integration_update",
            Self::Reauthorize => "idm_integration_reauth",
            Self::Delete => "idm_integration_delete",
        }
    }
}

pub(crate) async fn note(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    name: &str,
    note: Note,
    cause: &Cause,
) -> Result<(), store::Error> {
    let event = NewEvent {
        event_type: note.event_type().to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "app".to_owned(),
        resource_id: Some(app.stored()),
        doc: json!({ "name": name }).to_string(),
    };
    store::events::append(tx, org, &event, cause).await.map(drop)
}
