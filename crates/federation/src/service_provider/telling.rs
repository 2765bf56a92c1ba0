//! What events tell of sign-ins that did not go well, and of tests.

use base::{Actor, Cause, IdentityProviderId, OrgId, SamlTraceId};
use serde_json::json;
use store::events::{NewEvent, Outcome as EventOutcome};
use store::{StoredId as _, Tx, Write};

use super::way::Way;
use super::{Error, Fault, Provider, Refused};
use crate::event::Tell;
use crate::{Action, End, Federation, NewTrace, Outcome, Peer};

impl Federation {
    pub(super) async fn note_test(
        &self,
        cause: &Cause,
        org: OrgId,
        way: &Way,
        trace: SamlTraceId,
        fault: Option<&Fault>,
    ) -> Result<(), Error> {
        let Some(provider) = &way.provider else {
            return Ok(());
        };
        let write = Tested {
            org,
            provider: provider.id,
            version: provider.version,
            event: sign_in_event("sso_test", Some(provider), way, trace, fault),
            cause: cause.clone(),
            passed: fault.is_none(),
        };
        Ok(self.store.write(write).await?)
    }

    pub(super) async fn note_refusal(
        &self,
        cause: &Cause,
        org: OrgId,
        way: &Way,
        trace: SamlTraceId,
        fault: &Fault,
    ) -> Result<(), Error> {
        if way.test {
            return self.note_test(cause, org, way, trace, Some(fault)).await;
        }
        let write = Tell {
            org,
            event: sign_in_event("sso_sign_in", way.provider.as_ref(), way, trace, Some(fault)),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Tells of a sign-in that failed before anything came in: a request that was no form, an organization without SSO.
    pub async fn refuse_sign_in(
        &self,
        cause: &Cause,
        org: OrgId,
        provider: Option<&Provider>,
        fault: Fault,
    ) -> Result<Refused, Error> {
        let way = Way {
            provider: provider.cloned(),
            ..Way::default()
        };
        let trace = NewTrace {
            end: End::ServiceProvider,
            action: Action::SignIn,
            outcome: Outcome::Failed,
            peer: provider.map(|one| Peer::IdentityProvider(one.id)),
            user: None,
            subject: None,
            code: Some(fault.error.code().to_string()),
            message: Some(fault.reason.clone()),
            messages: Vec::new(),
            checks: Vec::new(),
        };
        let trace = self.keep_trace(cause, org, trace).await?;
        self.note_refusal(cause, org, &way, trace, &fault).await?;
        Ok(Refused {
            fault,
            error_url: provider.and_then(|one| one.settings.error_url.clone()),
            trace: Some(trace),
            test: false,
        })
    }

    /// As whom a sign-in is put down before it is known whose it is.
    pub fn nobody(&self, origin: base::Origin) -> Cause {
        Cause::of(Actor::system(), origin)
    }
}

fn sign_in_event(
    event_type: &str,
    provider: Option<&Provider>,
    way: &Way,
    trace: SamlTraceId,
    fault: Option<&Fault>,
) -> NewEvent {
    let mut doc = json!({
        "name": provider.map_or("single sign-on", |one| one.name.as_str()),
        "trace": trace,
        "subject": way.subject,
        "user": way.user,
    });
    if let Some(fault) = fault {
        doc["code"] = fault.error.code().into();
        doc["error"] = fault.error.text().into();
        doc["reason"] = fault.reason.as_str().into();
    }
    NewEvent {
        event_type: event_type.to_owned(),
        outcome: match fault {
            None => EventOutcome::Succeeded,
            Some(_) => EventOutcome::Failed,
        },
        resource_kind: if provider.is_some() { "sso_provider" } else { "sso" }.to_owned(),
        resource_id: provider.map(|one| one.id.stored()),
        doc: doc.to_string(),
    }
}

struct Tested {
    org: OrgId,
    provider: IdentityProviderId,
    version: i64,
    event: NewEvent,
    cause: Cause,
    passed: bool,
}

impl Write for Tested {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        if self.passed {
            store::sso::providers::note_test(tx, self.org, self.provider, self.version).await?;
        }
        store::events::append(tx, self.org, &self.event, &self.cause)
            .await
            .map(drop)
    }
}
