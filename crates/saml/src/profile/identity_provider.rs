//! At the identity provider: judging who asks for a sign-in, and answering (SAML profiles §4.1.4.1, §4.1.4.2).

use std::time::Duration;

use base::Timestamp;

use super::{AnswerTo, CheckCode, Clock, Judgement, Trace};
use crate::binding::Incoming;
use crate::message::{
    Assertion, Attribute, AuthnRequest, AuthnStatement, Conditions, Confirmation, Head, NameId,
    RequestedContext, Response, Status, Subject,
};
use crate::metadata::ServiceProviderRole;
use crate::names::{binding_uri, name_id_format};
use crate::security::{
    Algorithms, Certificate, Cipher, Credential, KeyError, KeyTransport, SignatureError, encrypt, sign,
    verify,
};
use crate::xml::{Document, Error, Limits, Node};

/// A service that is registered, and what is demanded of its requests.
#[derive(Debug, Clone, Copy)]
pub struct Registered<'r> {
    pub entity_id: &'r str,
    pub role: &'r ServiceProviderRole,
    pub algorithms: &'r Algorithms,
    /// Refuse requests that are not signed, beyond what its metadata say.
    pub signed: bool,
}

/// What we are and can do.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'o> {
    pub clock: Clock,
    /// The address that the request came in at.
    pub location: &'o str,
    /// Formats of names that we can give.
    pub name_id_formats: &'o [&'o str],
    /// Classes of sign-in that we can do, and the order to compare them by.
    pub contexts: &'o [&'o str],
    pub context_order: &'o [&'o str],
    /// How old a request may be at most.
    pub longest_age: Duration,
}

/// A request that may be answered, once somebody has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub request: AuthnRequest,
    /// Where the answer goes: an address that is registered.
    pub consumer: String,
    /// The format that the name must have; none: whichever is usual for this service.
    pub name_id_format: Option<String>,
    /// Whether it is certain who asks.
    pub was_signed: bool,
}

/// Judges a request for a sign-in.
pub fn judge(incoming: &Incoming, registered: Registered<'_>, offered: Offered<'_>) -> Judgement<Accepted> {
    let mut trace = Trace::default();
    let found = judge_request(incoming, registered, offered, &mut trace);
    trace.end(found)
}

fn judge_request(
    incoming: &Incoming,
    registered: Registered<'_>,
    offered: Offered<'_>,
    trace: &mut Trace,
) -> Option<Accepted> {
    let document = match Document::parse(&incoming.xml, Limits::MESSAGE) {
        Ok(document) => document,
        Err(error) => {
            trace.fail(CheckCode::Parse, Some(error.code()), error.to_string());
            return None;
        }
    };
    trace.check(CheckCode::Parse, true, format!("{} bytes", incoming.xml.len()));
    let root = document.root();
    let request = match AuthnRequest::read(root) {
        Ok(request) => request,
        Err(error) => {
            trace.fail(CheckCode::Form, Some(error.code()), error.to_string());
            return None;
        }
    };
    trace.check(CheckCode::Form, true, format!("AuthnRequest {}", request.head.id));

    let issuer = request.head.issuer.as_deref().unwrap_or("none");
    if !trace.check(CheckCode::Issuer, issuer == registered.entity_id, issuer) {
        return None;
    }
    let certificates = registered.role.signing_certificates();
    let was_signed = is_signed(
        incoming,
        root,
        &document,
        &certificates,
        registered.algorithms,
        trace,
    )?;
    let must_be = registered.signed || registered.role.authn_requests_signed;
    if must_be || was_signed {
        trace.check(
            CheckCode::MessageSigned,
            was_signed,
            if was_signed { "signed" } else { "not signed" },
        );
    } else {
        trace.skip(CheckCode::MessageSigned, "not signed, and need not be");
    }

    let consumer = judge_consumer(&request, registered.role, trace)?;
    trace.answer_to = Some(AnswerTo {
        consumer: consumer.clone(),
        request_id: request.head.id.clone(),
    });

    judge_destination(
        request.head.destination.as_deref(),
        offered.location,
        was_signed,
        trace,
    );
    judge_issued(request.head.issued, offered.clock, offered.longest_age, trace);
    let name_id_format = judge_name_id_policy(&request, registered, offered, trace);
    judge_context(request.requested_context.as_ref(), offered, trace);
    Some(Accepted {
        request,
        consumer,
        name_id_format,
        was_signed,
    })
}

/// Whether the whole of a message is signed, in itself or in the query that it came in; a signature that is not well
/// refuses the message.
pub(super) fn is_signed(
    incoming: &Incoming,
    root: Node<'_>,
    document: &Document<'_>,
    certificates: &[Certificate],
    algorithms: &Algorithms,
    trace: &mut Trace,
) -> Option<bool> {
    let within = match verify(document, certificates, algorithms) {
        Ok(verified) => verified.iter().any(|verified| verified.node().id() == root.id()),
        Err(error) => {
            trace.fail(CheckCode::Signature, Some(error.code()), error.to_string());
            return None;
        }
    };
    let around = match &incoming.signature {
        None => false,
        Some(signature) => match signature.verify(certificates, algorithms) {
            Ok(_) => true,
            Err(error) => {
                trace.fail(CheckCode::Signature, Some(error.code()), error.to_string());
                return None;
            }
        },
    };
    match (within, around) {
        (false, false) => trace.skip(CheckCode::Signature, "there is none"),
        (true, _) => {
            trace.check(CheckCode::Signature, true, "in the message");
        }
        (false, true) => {
            trace.check(CheckCode::Signature, true, "in the query");
        }
    }
    Some(within || around)
}

pub(super) fn judge_destination(
    destination: Option<&str>,
    location: &str,
    was_signed: bool,
    trace: &mut Trace,
) {
    match destination {
        Some(destination) => {
            trace.check(CheckCode::Destination, destination == location, destination);
        }
        // SAML bindings §3.4.5.2, §3.5.5.2.
        None if was_signed => {
            trace.check(
                CheckCode::Destination,
                false,
                "a signed message has to name its destination",
            );
        }
        None => trace.skip(CheckCode::Destination, "none is named"),
    }
}

pub(super) fn judge_issued(issued: Timestamp, clock: Clock, longest_age: Duration, trace: &mut Trace) {
    let fresh = clock.has_begun(issued) && clock.has_not_ended(issued + longest_age);
    trace.check(CheckCode::Issued, fresh, crate::xml::format_time(issued));
}

/// Answers go to registered addresses only, in the one binding that carries them.
fn judge_consumer(request: &AuthnRequest, role: &ServiceProviderRole, trace: &mut Trace) -> Option<String> {
    let other_binding = request
        .protocol_binding
        .as_deref()
        .filter(|binding| *binding != binding_uri::HTTP_POST);
    if let Some(binding) = other_binding {
        trace.check(
            CheckCode::Consumer,
            false,
            format!("answers do not go by {binding}"),
        );
        return None;
    }
    let (found, asked) = match (request.acs_url.as_deref(), request.acs_index) {
        (Some(_), Some(_)) => {
            trace.check(CheckCode::Consumer, false, "an address and a number are given");
            return None;
        }
        (Some(url), None) => {
            let found = role
                .assertion_consumers
                .iter()
                .find(|consumer| consumer.is_post() && consumer.endpoint.location == url);
            (found, url.to_owned())
        }
        (None, Some(index)) => {
            let found = role
                .assertion_consumers
                .iter()
                .find(|consumer| consumer.is_post() && consumer.index == index);
            (found, format!("number {index}"))
        }
        (None, None) => (role.default_consumer(), "the default".to_owned()),
    };
    let location = found.map(|consumer| consumer.endpoint.location.clone());
    trace.check(CheckCode::Consumer, location.is_some(), asked);
    location
}

fn judge_name_id_policy(
    request: &AuthnRequest,
    registered: Registered<'_>,
    offered: Offered<'_>,
    trace: &mut Trace,
) -> Option<String> {
    let Some(policy) = &request.name_id_policy else {
        trace.skip(CheckCode::NameIdPolicy, "none");
        return None;
    };
    // Names that were made for somebody else are that one's (SAML core §3.4.1.1).
    let qualifier = policy
        .sp_name_qualifier
        .as_deref()
        .filter(|qualifier| !qualifier.is_empty());
    if let Some(other) = qualifier.filter(|qualifier| *qualifier != registered.entity_id) {
        trace.check(CheckCode::NameIdPolicy, false, format!("names made for {other}"));
        return None;
    }
    let format = policy.format.as_deref().map(name_id_format::canonical);
    let Some(format) = format.filter(|format| *format != name_id_format::UNSPECIFIED) else {
        trace.check(CheckCode::NameIdPolicy, true, "any");
        return None;
    };
    let can = offered
        .name_id_formats
        .iter()
        .any(|own| name_id_format::canonical(own) == format);
    trace.check(CheckCode::NameIdPolicy, can, format);
    Some(format.to_owned())
}

fn judge_context(wanted: Option<&RequestedContext>, offered: Offered<'_>, trace: &mut Trace) {
    let Some(wanted) = wanted else {
        trace.skip(CheckCode::RequestedContext, "none");
        return;
    };
    let can = offered
        .contexts
        .iter()
        .any(|class| wanted.is_met_by(class, offered.context_order));
    let classes = wanted.classes.join(" ");
    trace.check(
        CheckCode::RequestedContext,
        can,
        format!("{} {classes}", wanted.comparison.as_str()),
    );
}

/// What an answer says, and to whom.
#[derive(Debug, Clone)]
pub struct Answer {
    pub response_id: String,
    pub assertion_id: String,
    pub now: Timestamp,
    /// Our entity ID, and that of the service.
    pub issuer: String,
    pub audience: String,
    /// Where it goes.
    pub consumer: String,
    /// None: nobody asked.
    pub in_response_to: Option<String>,
    pub name_id: NameId,
    pub attributes: Vec<Attribute>,
    pub statement: AuthnStatement,
    /// From how long before now, for clocks that are slow, until how long after.
    pub valid_before: Duration,
    pub valid_for: Duration,
    pub one_time_use: bool,
}

/// How an answer is protected.
#[derive(Debug, Clone, Copy)]
pub struct Protection<'p> {
    pub credential: &'p Credential,
    pub sign_response: bool,
    pub sign_assertion: bool,
    pub encrypt_for: Option<(&'p Certificate, Cipher, KeyTransport)>,
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    #[error("an answer has to be signed, as a whole or in its assertion")]
    Unsigned,
    #[error(transparent)]
    Xml(#[from] Error),
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error(transparent)]
    Encryption(#[from] KeyError),
}

impl Answer {
    fn head(&self) -> Head {
        Head {
            id: self.response_id.clone(),
            issued: self.now,
            destination: Some(self.consumer.clone()),
            consent: None,
            issuer: Some(self.issuer.clone()),
        }
    }

    pub fn assertion(&self) -> Assertion {
        let until = self.now + self.valid_for;
        Assertion {
            id: self.assertion_id.clone(),
            issued: self.now,
            issuer: self.issuer.clone(),
            subject: Subject {
                name_id: Some(self.name_id.clone()),
                confirmations: vec![Confirmation::bearer(
                    &self.consumer,
                    until,
                    self.in_response_to.clone(),
                )],
            },
            conditions: Conditions {
                not_before: Some(self.now - self.valid_before),
                not_on_or_after: Some(until),
                audience_restrictions: vec![vec![self.audience.clone()]],
                one_time_use: self.one_time_use,
                ..Conditions::default()
            },
            authn_statements: vec![self.statement.clone()],
            attributes: self.attributes.clone(),
        }
    }

    /// The response, as XML.
    pub fn to_xml(&self, protection: Protection<'_>) -> Result<String, AnswerError> {
        if !protection.sign_response && !protection.sign_assertion {
            return Err(AnswerError::Unsigned);
        }
        let assertion = self.assertion().to_element();
        let mut xml = if protection.sign_assertion {
            sign(&assertion, protection.credential)?
        } else {
            assertion.to_xml()?
        };
        if let Some((certificate, cipher, transport)) = protection.encrypt_for {
            xml = encrypt(&xml, certificate, cipher, transport)?;
        }
        let response = Response {
            head: self.head(),
            in_response_to: self.in_response_to.clone(),
            status: Status::success(),
        };
        let element = response.to_element(Some(xml));
        if protection.sign_response {
            Ok(sign(&element, protection.credential)?)
        } else {
            Ok(element.to_xml()?)
        }
    }
}

/// The answer to a request that is not granted, signed.
pub fn refuse(
    head: Head,
    in_response_to: Option<String>,
    status: Status,
    credential: &Credential,
) -> Result<String, AnswerError> {
    let response = Response {
        head,
        in_response_to,
        status,
    };
    Ok(sign(&response.to_element(None), credential)?)
}
