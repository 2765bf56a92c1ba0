//! Asking an identity provider to authenticate somebody.

use std::time::Duration;

use base::{Actor, OrgId, canonical};
use saml::binding::{Kind, Outgoing, send};
use saml::message::{AuthnRequest, Head, NameIdPolicy};
use saml::names::binding_uri;
use saml::security::Credential;
use serde::{Deserialize, Serialize};
use store::sso::requests as stored;
use store::{Tx, Write};
use url::Url;

use super::settings::{OrganizationSettings, Profile};
use super::{Addresses, Error, Provider, provider_rows};
use crate::{Action, Direction, End, Federation, KeyOwner, NewTrace, Outcome, Peer, TracedMessage};

/// How long somebody may take to sign in there.
pub(super) const PATIENCE: Duration = Duration::from_mins(30);

/// Of so many requests that nobody has answered a trace is kept at once.
const MOST_UNANSWERED: u32 = 200;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    SignIn,
    /// Nobody is let in by the answer.
    Test,
    Logout,
}

impl Purpose {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Test => "test",
            Self::Logout => "logout",
        }
    }
}

/// A sign-in that is to begin.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    pub purpose: Purpose,
    /// A hash of what the browser holds: the answer is good in no other one.
    pub browser: &'w [u8],
    /// Where it goes afterwards: checked by the caller.
    pub target: &'w str,
    /// Somebody who is signed in there already is to show anew who it is.
    pub again: bool,
}

/// Before the name of somebody's way on that is kept here: what is longer than this, in bytes, an identity provider that begins by
/// itself may not hand back whole.
const KEPT: &str = "to:";
const LONGEST_TARGET: usize = 512;

/// Before a test of an identity provider that begins by itself: what its page hands back.
const TEST: &str = "test:";

impl Federation {
    /// What signs for the organization's service provider.
    pub(super) async fn sp_credential(
        &self,
        org: OrgId,
        addresses: &Addresses,
        settings: &OrganizationSettings,
    ) -> Result<Credential, Error> {
        let name = addresses.entity_id(settings);
        let mut credential = self.credential(org, KeyOwner::ServiceProvider, &name).await?;
        if let Some(wanted) = settings.signature_algorithm.algorithm() {
            // Never another one in silence.
            let able = credential.key.check(wanted);
            able.map_err(|error| crate::Error::unsignable(&error))?;
            credential.algorithm = wanted;
        }
        Ok(credential)
    }

    /// Sends a browser to an identity provider.
    pub async fn begin_sign_in(
        &self,
        org: OrgId,
        addresses: &Addresses,
        provider: &Provider,
        wanted: Wanted<'_>,
    ) -> Result<Outgoing, Error> {
        let (sso, settings) = (self.sso(org).await?, &provider.settings);
        let id = self.message_id();
        let now = self.ambient().now();
        let request = AuthnRequest {
            force_authn: settings.force_authn || wanted.again,
            acs_url: Some(addresses.consumer()),
            protocol_binding: Some(binding_uri::HTTP_POST.to_owned()),
            name_id_policy: Some(NameIdPolicy {
                format: Some(settings.name_id_format.uri().to_owned()),
                sp_name_qualifier: None,
                allow_create: Some(true),
            }),
            requested_context: settings.requested_context(),
            ..AuthnRequest::new(Head {
                id: id.clone(),
                issued: now,
                destination: Some(
                    settings
                        .destination
                        .clone()
                        .unwrap_or_else(|| settings.login_url.clone()),
                ),
                consent: None,
                issuer: Some(addresses.entity_id(&sso.settings)),
            })
        };
        let element = request.to_element();
        let unwritable = |error: &dyn std::fmt::Display| store::Error::internal(error.to_string());
        let row = stored::Request {
            id: id.clone(),
            provider: provider.id,
            purpose: wanted.purpose.name().to_owned(),
            browser: wanted.browser.to_vec(),
            target: wanted.target.to_owned(),
            message: element.to_xml().map_err(|error| unwritable(&error))?,
            expires: now + PATIENCE,
        };
        // Only a request asks for somebody to be authenticated anew.
        if settings.profile == Profile::IdpInitiated && !request.force_authn {
            // Nothing is asked: remembered is what could not come back otherwise.
            let target = match wanted.purpose {
                Purpose::Test => {
                    self.store.write(Keep { org, row }).await?;
                    format!("{TEST}{id}")
                }
                // Such as that of an app's request that waits, sealed.
                _ if wanted.target.len() > LONGEST_TARGET => {
                    self.store.write(Keep { org, row }).await?;
                    format!("{KEPT}{id}")
                }
                _ => wanted.target.to_owned(),
            };
            return Ok(Outgoing::Redirect(with_parameter(
                &settings.login_url,
                &settings.target_parameter,
                &target,
            )));
        }
        let credential = if sso.settings.sign_requests {
            Some(self.sp_credential(org, addresses, &sso.settings).await?)
        } else {
            None
        };
        let outgoing = send(
            settings.login_binding.into(),
            &settings.login_url,
            Kind::Request,
            &element,
            None,
            credential.as_ref(),
        )
        .map_err(|error| unwritable(&error))?;
        self.store.write(Keep { org, row }).await?;
        Ok(outgoing)
    }

    pub(super) async fn keep_request(&self, org: OrgId, row: stored::Request) -> Result<(), Error> {
        Ok(self.store.write(Keep { org, row }).await?)
    }

    pub(super) async fn forget_request(&self, org: OrgId, id: &str) -> Result<(), Error> {
        let id = id.to_owned();
        Ok(self.store.write(Answered { org, id }).await.map(drop)?)
    }

    /// Forgets requests that nobody has answered, and keeps a trace of those that asked for a sign-in; says how many.
    pub async fn forget_requests(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        for request in stored::expired(&mut self.store.reader(), org, now, MOST_UNANSWERED).await? {
            self.note_unanswered(org, request).await?;
        }
        Ok(self.store.write(Forget { org, now }).await?)
    }
}

impl Federation {
    async fn note_unanswered(&self, org: OrgId, request: stored::Request) -> Result<(), Error> {
        let provider = provider_rows::by_id(&mut self.store.reader(), org, request.provider).await?;
        // Of an identity provider that begins by itself nothing was asked.
        let provider = provider.filter(|one| one.settings.profile != Profile::IdpInitiated);
        let action = [(Purpose::SignIn, Action::SignIn), (Purpose::Test, Action::Test)]
            .into_iter()
            .find(|(purpose, _)| purpose.name() == request.purpose);
        let (Some(provider), Some((_, action))) = (provider, action) else {
            return Ok(());
        };
        let trace = NewTrace {
            end: End::ServiceProvider,
            action,
            outcome: Outcome::Failed,
            peer: Some(Peer::IdentityProvider(provider.id)),
            user: None,
            subject: None,
            code: Some("request.unanswered".to_owned()),
            message: Some("no answer came to the request in time".to_owned()),
            messages: vec![TracedMessage {
                direction: Direction::Sent,
                binding: match provider.settings.login_binding.into() {
                    saml::binding::Way::Redirect => "redirect",
                    saml::binding::Way::Post => "post",
                }
                .to_owned(),
                xml: request.message,
                relay_state: None,
            }],
            checks: Vec::new(),
        };
        let cause = self.ambient().cause(Actor::system());
        self.keep_trace(&cause, org, trace).await?;
        Ok(())
    }
}

/// The name of what is remembered of a browser that was sent to an identity provider without a request.
pub(super) fn remembered(relay_state: Option<&str>) -> Option<&str> {
    // No database is asked for what none can hold.
    relay_state
        .filter(|state| canonical::refuse_nul(state).is_ok())
        .and_then(|state| state.strip_prefix(TEST).or_else(|| state.strip_prefix(KEPT)))
}

/// An address with one more parameter.
fn with_parameter(address: &str, name: &str, value: &str) -> String {
    match Url::parse(address) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair(name, value);
            url.to_string()
        }
        Err(_) => address.to_owned(),
    }
}

struct Keep {
    org: OrgId,
    row: stored::Request,
}

impl Write for Keep {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        stored::insert(tx, self.org, &self.row).await
    }
}

struct Answered {
    org: OrgId,
    id: String,
}

impl Write for Answered {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        stored::take(tx, self.org, &self.id).await
    }
}

struct Forget {
    org: OrgId,
    now: base::Timestamp,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        stored::prune(tx, self.org, self.now).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_parameter() {
        for (address, with) in [
            (
                "https://idp.example/start",
                "https://idp.example/start?TARGET=%2Faccount",
            ),
            (
                "https://idp.example/start?sp=7",
                "https://idp.example/start?sp=7&TARGET=%2Faccount",
            ),
        ] {
            assert_eq!(with_parameter(address, "TARGET", "/account"), with);
        }
    }
}
