//! What somebody has asked the engine to do with an app: it stands in the event trail before it is done, whatever comes of it.

use base::{AppId, Cause, OrgId};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::{StoredId as _, Tx, Write};

use crate::error::Error;
use crate::provisioning::Provisioning;

impl Provisioning {
    /// Notes a request: `sync`, `retry`, `reconcile`, `import`, `provision_on_demand`, with what was said along with it.
    pub async fn note_request(
        &self,
        org: OrgId,
        app: AppId,
        (request, said): (&'static str, Value),
        cause: &Cause,
    ) -> Result<(), Error> {
        let name = self.app_row(org, app).await?.name;
        let event = NewEvent {
            event_type: "idm_integration_request".to_owned(),
            outcome: Outcome::Succeeded,
            resource_kind: "app".to_owned(),
            resource_id: Some(app.stored()),
            doc: json!({ "name": name, "request": request, "parameters": said }).to_string(),
        };
        let write = Noted {
            org,
            event,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

struct Noted {
    org: OrgId,
    event: NewEvent,
    cause: Cause,
}

impl Write for Noted {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::events::append(tx, self.org, &self.event, &self.cause)
            .await
            .map(drop)
    }
}
