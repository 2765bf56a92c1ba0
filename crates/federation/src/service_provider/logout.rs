//! Single logout, begun here: whoever signs out is signed out at the identity provider, too. What an identity provider begins
//! is refused.

use base::{Cause, OrgId};
use saml::binding::{BindingError, Incoming, Kind, Outgoing, post, redirect, send};
use saml::message::{Head, LogoutRequest};
use saml::names::logout_reason;
use saml::profile::logout::{Peer as OtherSide, judge_response};
use saml::profile::{Clock, label};
use saml::security::Algorithms;
use saml::webex_error::WebexError;
use store::sso::requests as stored;

use super::request::{PATIENCE, Purpose};
use super::response::{LONGEST_AGE, SKEW};
use super::{Addresses, Error, Fault, Provider, Vouched};
use crate::{Action, Direction, End, Federation, NewTrace, Outcome, Peer, TracedCheck, TracedMessage};

/// How it went at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOut {
    pub provider: String,
    /// It says that the person is signed out there, of everything.
    pub complete: bool,
}

impl Federation {
    /// Asks the identity provider that has vouched for somebody to end its session, too; gives its name with the request.
    /// Nothing, if it takes no such requests.
    pub async fn begin_logout(
        &self,
        cause: &Cause,
        org: OrgId,
        addresses: &Addresses,
        vouched: &Vouched,
        browser: &[u8],
    ) -> Result<Option<(String, Outgoing)>, Error> {
        let Some(provider) = self.provider_by_id(org, vouched.provider).await? else {
            return Ok(None);
        };
        let Some(location) = provider.settings.logout_url.clone() else {
            return Ok(None);
        };
        let sso = self.sso(org).await?;
        let (id, now) = (self.message_id(), self.ambient().now());
        let request = LogoutRequest {
            head: Head {
                id: id.clone(),
                issued: now,
                destination: Some(location.clone()),
                consent: None,
                issuer: Some(addresses.entity_id(&sso.settings)),
            },
            not_on_or_after: Some(now + LONGEST_AGE),
            reason: Some(logout_reason::USER.to_owned()),
            name_id: vouched.name(),
            session_indexes: vouched.session_index.iter().cloned().collect(),
        };
        let element = request.to_element();
        let unwritable = |error: &dyn std::fmt::Display| store::Error::internal(error.to_string());
        // Always signed (SAML profiles §4.4.3.1).
        let credential = self.sp_credential(org, addresses, &sso.settings).await?;
        let binding = provider.settings.logout_binding;
        let outgoing = send(
            binding.into(),
            &location,
            Kind::Request,
            &element,
            None,
            Some(&credential),
        )
        .map_err(|error| unwritable(&error))?;
        let message = element.to_xml().map_err(|error| unwritable(&error))?;
        let row = stored::Request {
            id,
            provider: provider.id,
            purpose: Purpose::Logout.name().to_owned(),
            browser: browser.to_vec(),
            target: String::new(),
            message: message.clone(),
            expires: now + PATIENCE,
        };
        self.keep_request(org, row).await?;
        let sent = TracedMessage {
            direction: Direction::Sent,
            binding: format!("{binding:?}").to_lowercase(),
            xml: message,
            relay_state: None,
        };
        let mut trace = trace_of(&provider, Outcome::UnderWay);
        trace.subject = Some(vouched.name_id.clone());
        trace.messages = vec![sent];
        self.keep_trace(cause, org, trace).await?;
        Ok(Some((provider.name, outgoing)))
    }

    /// Takes what came in at the address for logouts: in its query, or as a form.
    pub async fn receive_logout(
        &self,
        cause: &Cause,
        org: OrgId,
        addresses: &Addresses,
        came: Came<'_>,
    ) -> Result<Result<SignedOut, Fault>, Error> {
        let incoming = match came.read() {
            Ok(incoming) => incoming,
            Err(error) => {
                return self
                    .refuse_logout(cause, org, WebexError::InvalidRequest, error.to_string())
                    .await;
            }
        };
        if incoming.kind == Kind::Request {
            let reason = "logouts are begun here; an identity provider's request is refused".to_owned();
            return self
                .refuse_logout(cause, org, WebexError::InvalidRequest, reason)
                .await;
        }
        let answered = label(&incoming.xml).ok().and_then(|label| label.in_response_to);
        let now = self.ambient().now();
        let request = match &answered {
            Some(id) => stored::by_id(&mut self.store.reader(), org, id, now).await?,
            None => None,
        };
        let request = request.filter(|request| request.purpose == Purpose::Logout.name());
        let Some(request) = request else {
            let reason = "it answers no logout of ours".to_owned();
            return self
                .refuse_logout(cause, org, WebexError::InResponseTo, reason)
                .await;
        };
        let Some(provider) = self.provider_by_id(org, request.provider).await? else {
            let reason = "the identity provider is gone".to_owned();
            return self
                .refuse_logout(cause, org, WebexError::UntrustedIssuer, reason)
                .await;
        };
        let algorithms = if provider.settings.allow_sha1 {
            Algorithms::with_sha1()
        } else {
            Algorithms::default()
        };
        let location = addresses.logout();
        let peer = OtherSide {
            clock: Clock { now, skew: SKEW },
            entity_id: &provider.entity_id,
            certificates: &provider.certificates,
            algorithms: &algorithms,
            location: &location,
            signed: true,
            longest_age: LONGEST_AGE,
        };
        let judgement = judge_response(&incoming, peer, &request.id);
        let (outcome, fault) = match &judgement.result {
            Ok(response) if response.status.is_success() => (Outcome::Succeeded, None),
            Ok(_) => (Outcome::Failed, None),
            Err(refusal) => {
                let fault = Fault::new(refusal.webex_error(), refusal.to_string());
                (Outcome::Failed, Some(fault))
            }
        };
        let received = TracedMessage {
            direction: Direction::Received,
            binding: came.binding().to_owned(),
            xml: incoming.xml.clone(),
            relay_state: incoming.relay_state.clone(),
        };
        let mut trace = trace_of(&provider, outcome);
        trace.code = fault.as_ref().map(|fault| fault.error.code().to_string());
        trace.message = fault.as_ref().map(|fault| fault.reason.clone());
        trace.messages = vec![received];
        trace.checks = judgement.checks.iter().map(TracedCheck::from).collect();
        self.keep_trace(cause, org, trace).await?;
        if let Some(fault) = fault {
            return Ok(Err(fault));
        }
        self.forget_request(org, &request.id).await?;
        Ok(Ok(SignedOut {
            provider: provider.name,
            complete: outcome == Outcome::Succeeded,
        }))
    }

    async fn refuse_logout(
        &self,
        cause: &Cause,
        org: OrgId,
        error: WebexError,
        reason: String,
    ) -> Result<Result<SignedOut, Fault>, Error> {
        let trace = NewTrace {
            end: End::ServiceProvider,
            action: Action::SignOut,
            outcome: Outcome::Failed,
            peer: None,
            user: None,
            subject: None,
            code: Some(error.code().to_string()),
            message: Some(reason.clone()),
            messages: Vec::new(),
            checks: Vec::new(),
        };
        self.keep_trace(cause, org, trace).await?;
        Ok(Err(Fault::new(error, reason)))
    }
}

/// How a message came in.
#[derive(Debug, Clone, Copy)]
pub enum Came<'c> {
    /// In the query of an address, as it was received.
    Query(&'c str),
    Form(&'c [(String, String)]),
}

impl Came<'_> {
    fn read(self) -> Result<Incoming, BindingError> {
        match self {
            Self::Query(query) => redirect::decode(query),
            Self::Form(fields) => {
                post::decode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            }
        }
    }

    fn binding(self) -> &'static str {
        match self {
            Self::Query(_) => "redirect",
            Self::Form(_) => "post",
        }
    }
}

fn trace_of(provider: &Provider, outcome: Outcome) -> NewTrace {
    NewTrace {
        end: End::ServiceProvider,
        action: Action::SignOut,
        outcome,
        peer: Some(Peer::IdentityProvider(provider.id)),
        user: None,
        subject: None,
        code: None,
        message: None,
        messages: Vec::new(),
        checks: Vec::new(),
    }
}
