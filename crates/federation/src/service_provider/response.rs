//! An answer has come in: is it to be believed, and what comes of it?

use std::time::Duration;

use base::{Cause, OrgId, SamlTraceId};
use saml::binding::{Kind, post};
use saml::message::AuthnRequest;
use saml::names::{context_class, ns};
use saml::profile::service_provider::{Encryption, Expected, Signed, SignedIn, judge};
use saml::profile::{Clock, Refusal, label};
use saml::security::{Algorithms, Certificate, DecryptionPolicy};
use saml::webex_error::WebexError;
use saml::{Document, Limits};
use store::sso::requests;
use store::{Tx, Write};

use super::organization::Sso;
use super::request::{Purpose, remembered};
use super::settings::Profile;
use super::way::{Stop, Way};
use super::{Addresses, Error, Fault, Passed, Provider, Received, Welcome, pages, provider_rows};
use crate::{Action, Direction, Federation, KeyOwner, NewTrace, Outcome, TracedMessage};

/// By how much other clocks may differ.
pub(super) const SKEW: Duration = Duration::from_mins(3);
/// How old an answer may be.
pub(super) const LONGEST_AGE: Duration = Duration::from_mins(10);

impl Federation {
    /// Takes the fields of a form that came in at the consumer's address.
    pub async fn receive(
        &self,
        cause: &Cause,
        org: OrgId,
        addresses: &Addresses,
        fields: &[(String, String)],
    ) -> Result<Received, Error> {
        let mut way = Way::default();
        let result = self.judge_arrival(cause, org, addresses, fields, &mut way).await;
        let action = if way.test { Action::Test } else { Action::SignIn };
        let received = match result {
            Ok(received) => received,
            Err(Stop::Fault(fault)) => {
                let refused = self.refuse_with(cause, org, Action::SignIn, way, fault).await?;
                return Ok(Received::Refused(refused));
            }
            Err(Stop::Error(error)) => {
                let trace = NewTrace {
                    message: Some("an error on our side".to_owned()),
                    ..way.trace(action, Outcome::Failed)
                };
                self.keep_trace(cause, org, trace).await?;
                return Err(error);
            }
        };
        let trace = way.trace(action, Outcome::Succeeded);
        let trace = self.keep_trace(cause, org, trace).await?;
        match received {
            Received::Passed(passed) => {
                // Of tests every one is kept.
                let trace = trace.unwrap_or(passed.trace);
                self.note_test(cause, org, &way, trace, None).await?;
                Ok(Received::Passed(Passed { trace, ..passed }))
            }
            received => Ok(received),
        }
    }

    async fn judge_arrival(
        &self,
        cause: &Cause,
        org: OrgId,
        addresses: &Addresses,
        fields: &[(String, String)],
        way: &mut Way,
    ) -> Result<Received, Stop> {
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let incoming = match post::decode(fields) {
            Ok(incoming) if incoming.kind == Kind::Response => incoming,
            Ok(_) => {
                return Err(way.fail(
                    "message.form",
                    WebexError::PostData,
                    "a request came, not a response",
                ));
            }
            Err(error) => return Err(way.fail("message.form", WebexError::PostData, error.to_string())),
        };
        way.messages.push(TracedMessage {
            direction: Direction::Received,
            binding: "post".to_owned(),
            xml: incoming.xml.clone(),
            relay_state: incoming.relay_state.clone(),
        });
        let labelled = match label(&incoming.xml) {
            Ok(labelled) => labelled,
            Err(error) => {
                return Err(way.fail("message.parse", WebexError::InvalidResponse, error.to_string()));
            }
        };
        let sso = self.sso(org).await?;
        let now = self.ambient().now();
        let asked = labelled
            .in_response_to
            .as_deref()
            .or_else(|| remembered(incoming.relay_state.as_deref()));
        let request = match asked {
            Some(id) => requests::by_id(&mut self.store.reader(), org, id, now).await?,
            None => None,
        };
        let request = request.filter(|request| request.purpose != Purpose::Logout.name());
        way.browser = request.as_ref().map(|request| request.browser.clone());
        way.test = request
            .as_ref()
            .is_some_and(|request| request.purpose == Purpose::Test.name());
        let provider = match (&request, labelled.issuer.as_deref()) {
            (Some(request), _) => {
                provider_rows::by_id(&mut self.store.reader(), org, request.provider).await?
            }
            (None, Some(issuer)) => {
                provider_rows::by_entity_id(&mut self.store.reader(), org, issuer).await?
            }
            (None, None) => None,
        };
        let Some(provider) = provider else {
            let issuer = labelled.issuer.unwrap_or_else(|| "nobody".to_owned());
            return Err(way.fail(
                "message.issuer",
                WebexError::UntrustedIssuer,
                format!("{issuer} is no identity provider of this organization"),
            ));
        };
        way.provider = Some(provider.clone());
        if !(way.test || sso.active && provider.active) {
            let reason = if sso.active {
                "this identity provider is switched off"
            } else {
                "single sign-on is switched off"
            };
            return Err(way.fail("sso.active", WebexError::NotAllowed, reason));
        }
        let message = request
            .as_ref()
            .map(|request| authn_request(&request.message))
            .transpose()?;
        let is_solicited = labelled.in_response_to.is_some();
        // Where an identity provider begins by itself nothing was sent.
        if let Some(request) = request.as_ref().filter(|_| is_solicited) {
            way.messages.insert(
                0,
                TracedMessage {
                    direction: Direction::Sent,
                    binding: match provider.settings.login_binding.into() {
                        saml::binding::Way::Redirect => "redirect",
                        saml::binding::Way::Post => "post",
                    }
                    .to_owned(),
                    xml: request.message.clone(),
                    relay_state: None,
                },
            );
        }
        let signed_in = self
            .judge_response(
                org,
                addresses,
                &sso,
                &provider,
                (&incoming.xml, message.as_ref().filter(|_| is_solicited)),
                way,
            )
            .await?;
        self.use_up(org, &provider, &signed_in, request.as_ref(), way)
            .await?;

        let welcome = self
            .judge_person(cause, org, (&sso, &provider), &signed_in, way)
            .await?;
        let browser = request.as_ref().map(|request| request.browser.clone());
        if way.test {
            return Ok(Received::Passed(Passed {
                provider: provider.id,
                trace: SamlTraceId::new(now, [0; 10]),
                browser,
            }));
        }
        let target = match &request {
            Some(request) => Some(request.target.clone()),
            None => Self::target_of(&sso, &provider, incoming.relay_state.as_deref()),
        };
        Ok(Received::Welcome(Box::new(Welcome {
            browser,
            target,
            ..welcome
        })))
    }

    /// Where somebody goes who came without a request of ours.
    fn target_of(sso: &Sso, provider: &Provider, relay_state: Option<&str>) -> Option<String> {
        relay_state
            .filter(|wanted| {
                pages::own(wanted).is_some() || pages::is_allowed(wanted, &sso.settings.target_pages)
            })
            .map(str::to_owned)
            .or_else(|| provider.settings.default_target_page.clone())
    }

    async fn judge_response(
        &self,
        org: OrgId,
        addresses: &Addresses,
        sso: &Sso,
        provider: &Provider,
        (xml, request): (&str, Option<&AuthnRequest>),
        way: &mut Way,
    ) -> Result<SignedIn, Stop> {
        let settings = &provider.settings;
        let (entity_id, consumer) = (addresses.entity_id(&sso.settings), addresses.consumer());
        let algorithms = if settings.allow_sha1 {
            Algorithms::with_sha1()
        } else {
            Algorithms::default()
        };
        let keys = self.decryption_keys(org, KeyOwner::ServiceProvider).await?;
        let context = settings.requested_context();
        let expected = Expected {
            clock: Clock {
                now: self.ambient().now(),
                skew: SKEW,
            },
            entity_id: &entity_id,
            consumer: &consumer,
            identity_provider: &provider.entity_id,
            certificates: &provider.certificates,
            algorithms: &algorithms,
            signed: Signed {
                response: settings.require_signed_response,
                assertion: settings.require_signed_assertion,
            },
            refuse_expired_certificates: settings.refuse_expired_certificates,
            encryption: Encryption {
                keys: &keys,
                policy: DecryptionPolicy {
                    cbc: settings.allow_cbc,
                },
                required: settings.require_encrypted_assertion,
            },
            request,
            unsolicited: settings.profile == Profile::IdpInitiated,
            name_id_formats: &[settings.name_id_format.uri()],
            context: context.as_ref(),
            context_order: context_class::USUAL_ORDER,
            longest_age: LONGEST_AGE,
        };
        let judgement = judge(xml, &expected);
        way.judged(&judgement.checks);
        let signed_in = judgement.result.map_err(|refusal| {
            let error = webex_error(&refusal, xml, &provider.certificates);
            Stop::Fault(Fault::new(error, refusal.to_string()))
        })?;
        let name = signed_in.assertion.subject.name_id.as_ref();
        let qualifier = name.and_then(|name| name.sp_name_qualifier.as_deref());
        if let Some(qualifier) = qualifier.filter(|qualifier| *qualifier != entity_id) {
            let reason = format!("the name was made for {qualifier}");
            return Err(way.fail("subject.name_qualifier", WebexError::NameQualifier, reason));
        }
        Ok(signed_in)
    }

    /// An assertion is good once, and so is a request.
    async fn use_up(
        &self,
        org: OrgId,
        provider: &Provider,
        signed_in: &SignedIn,
        request: Option<&requests::Request>,
        way: &mut Way,
    ) -> Result<(), Stop> {
        let remember = &signed_in.remember;
        let scope = format!("assertion {}", provider.entity_id);
        if !self
            .first_time(org, &scope, &remember.assertion_id, remember.until)
            .await?
        {
            let reason = "the assertion was used before";
            return Err(way.fail("assertion.once", WebexError::InvalidAssertion, reason));
        }
        way.note("assertion.once", true, remember.assertion_id.clone());
        if let Some(request) = request {
            let id = request.id.clone();
            if !self.store.write(Answered { org, id }).await? {
                let reason = "the request was answered before";
                return Err(way.fail("request.once", WebexError::InResponseTo, reason));
            }
        }
        Ok(())
    }
}

/// The request, as it was sent.
fn authn_request(xml: &str) -> Result<AuthnRequest, Error> {
    let damaged =
        |error: saml::XmlError| Error::Store(store::Error::internal(format!("a stored request: {error}")));
    let document = Document::parse(xml, Limits::MESSAGE).map_err(damaged)?;
    AuthnRequest::read(document.root()).map_err(damaged)
}

/// Webex's number, told more exactly where a signature fits none of the certificates: whether the message names another one.
fn webex_error(refusal: &Refusal, xml: &str, certificates: &[Certificate]) -> WebexError {
    let error = refusal.webex_error();
    if error != WebexError::InvalidSignature || refusal.cause != Some("signature.invalid") {
        return error;
    }
    let Ok(document) = Document::parse(xml, Limits::MESSAGE) else {
        return error;
    };
    let named: Vec<Certificate> = document
        .root()
        .with_descendants()
        .into_iter()
        .filter(|node| node.is(ns::DSIG, "X509Certificate"))
        .filter_map(|node| Certificate::from_text(&node.text().ok()?).ok())
        .collect();
    if !named.is_empty() && named.iter().all(|one| !certificates.contains(one)) {
        WebexError::WrongCertificate
    } else {
        error
    }
}

struct Answered {
    org: OrgId,
    id: String,
}

impl Write for Answered {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        requests::take(tx, self.org, &self.id).await
    }
}
