//! Single logout, begun here: whoever signs out is signed out at the identity provider, too. What an identity provider begins
//! is refused.

use base::{Cause, OrgId, canonical};
use saml::binding::{BindingError, Incoming, Kind, Outgoing, brought_back, post, redirect, send};
use saml::message::{Head, LogoutRequest};
use saml::names::logout_reason;
use saml::profile::logout::{Peer as OtherSide, judge_response};
use saml::profile::{Clock, label};
use saml::security::Algorithms;
use saml::webex_error::WebexError;
use store::sso::requests as stored;

use super::request::{PATIENCE, Purpose};
use super::response::{LONGEST_AGE, SKEW};
use super::way::{Stop, Way};
use super::{Addresses, Error, Fault, Refused, Vouched, provider_rows};
use crate::{Action, Direction, Federation, Outcome, TracedMessage};

/// How it went at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOut {
    pub provider: String,
    /// It says that the person is signed out there, of everything.
    pub complete: bool,
    /// The page of ours at which the way out goes on; none: it ends here.
    pub back: Option<String>,
}

/// A sign-out that is not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconfirmed {
    pub refused: Refused,
    /// The page of ours at which the way out goes on nevertheless.
    pub back: Option<String>,
}

impl Federation {
    /// Asks the identity provider that has vouched for somebody to end its session, too; gives its name with the request.
    /// Nothing, if it takes no such requests. `back` is the page of ours at which the way out goes on.
    pub async fn begin_logout(
        &self,
        cause: &Cause,
        org: OrgId,
        addresses: &Addresses,
        vouched: &Vouched,
        (browser, back): (&[u8], Option<&str>),
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
            // By which the answer is known, should it not say what it answers.
            Some(&id),
            Some(&credential),
        )
        .map_err(|error| unwritable(&error))?;
        let message = element.to_xml().map_err(|error| unwritable(&error))?;
        let row = stored::Request {
            id: id.clone(),
            provider: provider.id,
            purpose: Purpose::Logout.name().to_owned(),
            browser: browser.to_vec(),
            target: back.unwrap_or_default().to_owned(),
            message: message.clone(),
            expires: now + PATIENCE,
        };
        self.keep_request(org, row).await?;
        let sent = TracedMessage {
            direction: Direction::Sent,
            binding: format!("{binding:?}").to_lowercase(),
            xml: message,
            relay_state: Some(id),
        };
        let mut way = Way {
            subject: Some(vouched.name_id.clone()),
            messages: vec![sent],
            provider: Some(provider),
            ..Way::default()
        };
        let trace = way.trace(Action::SignOut, Outcome::UnderWay);
        self.keep_trace(cause, org, trace).await?;
        Ok(way.provider.map(|provider| (provider.name, outgoing)))
    }

    /// Tells of a sign-out of which the identity provider could not be told.
    pub async fn refuse_sign_out(
        &self,
        cause: &Cause,
        org: OrgId,
        vouched: &Vouched,
        fault: Fault,
    ) -> Result<Refused, Error> {
        let way = Way {
            provider: self.provider_by_id(org, vouched.provider).await?,
            subject: Some(vouched.name_id.clone()),
            ..Way::default()
        };
        self.refuse_with(cause, org, Action::SignOut, way, fault).await
    }

    /// Takes what came in at the address for logouts: in its query, or as a form. Where it cannot be believed, and is said to answer
    /// a request of ours, the way out goes on all the same: others wait to be told how it went. The request stays as it is, so
    /// that the true answer is still good.
    pub async fn receive_logout(
        &self,
        cause: &Cause,
        org: OrgId,
        addresses: &Addresses,
        came: Came<'_>,
    ) -> Result<Result<SignedOut, Unconfirmed>, Error> {
        let mut way = Way::default();
        let mut back = None;
        match self
            .judge_logout(org, addresses, came, (&mut way, &mut back))
            .await
        {
            Ok(done) => {
                let outcome = if done.complete {
                    Outcome::Succeeded
                } else {
                    Outcome::Failed
                };
                let trace = way.trace(Action::SignOut, outcome);
                self.keep_trace(cause, org, trace).await?;
                Ok(Ok(done))
            }
            Err(Stop::Fault(fault)) => {
                let refused = self.refuse_with(cause, org, Action::SignOut, way, fault).await?;
                Ok(Err(Unconfirmed { refused, back }))
            }
            Err(Stop::Error(error)) => Err(error),
        }
    }

    /// Our request that an answer is about: by what it says itself, else by what it has brought back.
    async fn logout_of(&self, org: OrgId, ids: [Option<&str>; 2]) -> Result<Option<stored::Request>, Error> {
        let now = self.ambient().now();
        // No database is asked for what none can hold.
        for id in ids
            .into_iter()
            .flatten()
            .filter(|id| canonical::refuse_nul(id).is_ok())
        {
            let request = stored::by_id(&mut self.store.reader(), org, id, now).await?;
            if let Some(request) = request.filter(|request| request.purpose == Purpose::Logout.name()) {
                return Ok(Some(request));
            }
        }
        Ok(None)
    }

    async fn judge_logout(
        &self,
        org: OrgId,
        addresses: &Addresses,
        came: Came<'_>,
        (way, back): (&mut Way, &mut Option<String>),
    ) -> Result<SignedOut, Stop> {
        let incoming = match came.read() {
            Ok(incoming) => incoming,
            Err(error) => {
                let carried = came.carried();
                let request = self.logout_of(org, [carried.as_deref(), None]).await?;
                if let Some(request) = request {
                    way.provider = self.provider_by_id(org, request.provider).await?;
                    *back = back_of(&request);
                    way.browser = Some(request.browser);
                }
                return Err(way.fail("message.form", WebexError::InvalidRequest, error.to_string()));
            }
        };
        way.messages.push(TracedMessage {
            direction: Direction::Received,
            binding: came.binding().to_owned(),
            xml: incoming.xml.clone(),
            relay_state: incoming.relay_state.clone(),
        });
        let labelled = label(&incoming.xml);
        if incoming.kind == Kind::Request {
            let issuer = labelled.ok().and_then(|label| label.issuer);
            if let Some(issuer) = issuer {
                way.provider = provider_rows::by_entity_id(&mut self.store.reader(), org, &issuer).await?;
            }
            let reason = "logouts are begun here; an identity provider's request is refused";
            return Err(way.fail("message.kind", WebexError::InvalidRequest, reason));
        }
        let answered = labelled.ok().and_then(|label| label.in_response_to);
        let ids = [answered.as_deref(), incoming.relay_state.as_deref()];
        let Some(request) = self.logout_of(org, ids).await? else {
            let reason = "it answers no logout of ours";
            return Err(way.fail("message.in_response_to", WebexError::InResponseTo, reason));
        };
        *back = back_of(&request);
        way.browser = Some(request.browser.clone());
        let Some(provider) = self.provider_by_id(org, request.provider).await? else {
            let reason = "the identity provider is gone";
            return Err(way.fail("message.issuer", WebexError::UntrustedIssuer, reason));
        };
        way.provider = Some(provider.clone());
        let algorithms = if provider.settings.allow_sha1 {
            Algorithms::with_sha1()
        } else {
            Algorithms::default()
        };
        let location = addresses.logout();
        let peer = OtherSide {
            clock: Clock {
                now: self.ambient().now(),
                skew: SKEW,
            },
            entity_id: &provider.entity_id,
            certificates: &provider.certificates,
            algorithms: &algorithms,
            location: &location,
            signed: true,
            longest_age: LONGEST_AGE,
        };
        let judgement = judge_response(&incoming, peer, &request.id);
        way.judged(&judgement.checks);
        let response = judgement
            .result
            .map_err(|refusal| Stop::Fault(Fault::new(refusal.webex_error(), refusal.to_string())))?;
        self.forget_request(org, &request.id).await?;
        Ok(SignedOut {
            provider: provider.name,
            complete: response.status.is_success(),
            back: back_of(&request),
        })
    }
}

/// The page of ours at which the way out goes on behind an answer to this request.
fn back_of(request: &stored::Request) -> Option<String> {
    Some(request.target.clone()).filter(|back| !back.is_empty())
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

    /// What an answer that cannot be read has brought back.
    fn carried(self) -> Option<String> {
        match self {
            Self::Query(query) => {
                let fields: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
                brought_back(fields.iter().map(|(name, value)| (&**name, &**value))).map(str::to_owned)
            }
            Self::Form(fields) => {
                brought_back(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
                    .map(str::to_owned)
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
