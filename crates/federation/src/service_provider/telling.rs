//! What events tell of sign-ins that did not go well, and of tests.

use base::{Actor, Cause, IdentityProviderId, OrgId, SamlTraceId};
use serde_json::json;
use store::events::{NewEvent, Outcome as EventOutcome};
use store::{StoredId as _, Tx, Write};

use super::way::Way;
use super::{Error, Fault, Provider, Refused};
use crate::clip::clipped;
use crate::event::Tell;
use crate::{Action, Federation, NewTrace, Outcome};

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
            event: event_of("sso_test", Some(provider), way, trace, fault),
            cause: cause.clone(),
            passed: fault.is_none(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Keeps a trace of what did not go well, and tells of it.
    pub(super) async fn refuse_with(
        &self,
        cause: &Cause,
        org: OrgId,
        action: Action,
        mut way: Way,
        fault: Fault,
    ) -> Result<Refused, Error> {
        let action = if way.test { Action::Test } else { action };
        let proof = way.proof();
        let trace = NewTrace {
            code: Some(fault.error.code().to_string()),
            message: Some(fault.reason.clone()),
            ..way.trace(action, Outcome::Failed)
        };
        let trace = self.keep_trace(cause, org, trace).await?;
        // None is kept once strangers have sent too much.
        if let Some(trace) = trace {
            self.note_refusal(cause, org, (action, &way), trace, &fault)
                .await?;
        }
        Ok(Refused {
            fault,
            error_url: self.error_page(org, way.provider).await?,
            proof,
            trace,
            action,
        })
    }

    async fn note_refusal(
        &self,
        cause: &Cause,
        org: OrgId,
        (action, way): (Action, &Way),
        trace: SamlTraceId,
        fault: &Fault,
    ) -> Result<(), Error> {
        let event_type = match action {
            Action::Test => return self.note_test(cause, org, way, trace, Some(fault)).await,
            Action::SignIn => "sso_sign_in",
            Action::SignOut => "sso_sign_out",
        };
        let write = Tell {
            org,
            event: event_of(event_type, way.provider.as_ref(), way, trace, Some(fault)),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// The organization's own page for errors: of the identity provider, or, where it is not known which it is, of the only one,
    /// or of the first one that is switched on.
    async fn error_page(&self, org: OrgId, provider: Option<Provider>) -> Result<Option<String>, Error> {
        if let Some(provider) = provider {
            return Ok(provider.settings.error_url);
        }
        let mut providers = self.providers(org).await?;
        let meant = match providers.len() {
            1 => providers.pop(),
            _ => providers.into_iter().find(|one| one.active),
        };
        Ok(meant.and_then(|one| one.settings.error_url))
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
        self.refuse_with(cause, org, Action::SignIn, way, fault).await
    }

    /// As whom a sign-in is put down before it is known whose it is.
    pub fn nobody(&self, origin: base::Origin) -> Cause {
        Cause::of(Actor::system(), origin)
    }
}

fn event_of(
    event_type: &str,
    provider: Option<&Provider>,
    way: &Way,
    trace: SamlTraceId,
    fault: Option<&Fault>,
) -> NewEvent {
    let mut doc = json!({
        "name": provider.map_or("single sign-on", |one| one.name.as_str()),
        "trace": trace,
        "subject": way.subject.as_deref().map(clipped),
        "user": way.user,
    });
    if let Some(fault) = fault {
        doc["code"] = fault.error.code().into();
        doc["error"] = fault.error.text().into();
        doc["reason"] = clipped(&fault.reason).into();
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
