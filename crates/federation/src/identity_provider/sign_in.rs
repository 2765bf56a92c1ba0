//! A sign-in at a service: judging who asks, and answering.

use std::time::Duration;

use base::{AppId, Cause, OrgId, SessionId, Timestamp, UserId};
use saml::binding::Incoming;
use saml::message::{AuthnRequest, AuthnStatement, Head, NameId, RequestedContext, Status};
use saml::names::context_class;
use saml::profile::identity_provider::{
    Accepted, Answer, Offered, Protection, Registered, judge, refuse as refused,
};
use saml::profile::{AnswerTo, Clock, Judgement};
use saml::security::{Certificate, Credential};
use saml::{Document, Limits};
use serde_json::json;
use store::events::{NewEvent, Outcome};
use store::sso_app_sessions::AppSession;
use store::users::User;
use store::{StoredId as _, Tx, Write};

use super::apps::Sso;
use super::contexts::{Method, Outside};
use super::settings::{Encryption, NameIdFormat, Saml, Sign};
use super::statement::{About, Naming, Statement};
use crate::clip::clipped;
use crate::event::Tell;
use crate::traces::without_values;
use crate::{Error, Federation, KeyOwner};

/// By how much clocks may differ.
pub const SKEW: Duration = Duration::from_mins(3);
/// How old a request may be.
pub(super) const LONGEST_AGE: Duration = Duration::from_mins(15);
/// From how long before now an answer holds, for clocks that are slow.
const BEFORE: Duration = Duration::from_mins(3);

/// What a service has asked for; what one who begins here asks for by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// None: nobody has asked.
    pub request_id: Option<String>,
    /// Where the answer goes.
    pub consumer: String,
    pub name_id_format: Option<String>,
    /// Whether a persistent name may be made for whoever has none there yet.
    pub may_create: bool,
    /// Who it has to be.
    pub subject: Option<NameId>,
    pub context: Option<RequestedContext>,
}

impl From<&Accepted> for Asked {
    fn from(accepted: &Accepted) -> Self {
        Self {
            request_id: Some(accepted.request.head.id.clone()),
            consumer: accepted.consumer.clone(),
            name_id_format: accepted.name_id_format.clone(),
            // SAML core §3.4.1.1. What is left out would be false there; most leave it out who mean nothing by it.
            may_create: accepted
                .request
                .name_id_policy
                .as_ref()
                .is_none_or(|policy| policy.allow_create != Some(false)),
            subject: accepted.request.subject.clone(),
            context: accepted.request.requested_context.clone(),
        }
    }
}

/// Somebody who has signed in here.
#[derive(Debug, Clone)]
pub struct SignedInPerson {
    pub user: UserId,
    pub session: SessionId,
    /// When it was asked who that is: outside, if somebody outside has vouched.
    pub authenticated: Timestamp,
    pub expires: Timestamp,
    pub method: Method,
    pub outside: Option<Outside>,
}

/// What a service is answered.
#[derive(Debug, Clone)]
pub struct Answered {
    pub consumer: String,
    /// The response.
    pub xml: String,
    /// The same for the trace: without the values of attributes that are not to be shown.
    pub shown: String,
    pub name_id: NameId,
}

/// Why somebody cannot be vouched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    #[error("the name that the app is to be told is empty")]
    NoName,
    #[error("the name that the app is to be told cannot be worked out: {message}")]
    Name { message: String },
    #[error("the attribute {name} cannot be told: {message}")]
    Attribute { name: String, message: String },
    #[error("the app asks for a stronger sign-in, or another one, than there was")]
    Context,
    #[error("the app asks for somebody else")]
    OtherPerson,
    #[error("the app has no name for the person yet, and asks that none be made")]
    NoIdentifier,
    #[error("the person is disabled, or gone")]
    NoPerson,
    #[error(
        "the app asks for a new sign-in, and the identity provider that your organization signs in with has answered from one \
         before"
    )]
    NotAnew,
}

impl Unanswerable {
    /// For programs and traces.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoName => "sso.no_name",
            Self::Name { .. } => "sso.name",
            Self::Attribute { .. } => "sso.attribute_value",
            Self::Context => "sso.context",
            Self::OtherPerson => "sso.other_person",
            Self::NoIdentifier => "sso.no_identifier",
            Self::NoPerson => "sso.no_person",
            Self::NotAnew => "sso.not_anew",
        }
    }

    /// What the service is answered, where that is for it to know.
    pub fn status(&self) -> Status {
        use saml::names::status_code as status;
        let why = match self {
            Self::Context => status::NO_AUTHN_CONTEXT,
            Self::OtherPerson => status::UNKNOWN_PRINCIPAL,
            Self::NotAnew => status::AUTHN_FAILED,
            Self::NoIdentifier => status::INVALID_NAME_ID_POLICY,
            Self::NoName | Self::Name { .. } | Self::Attribute { .. } | Self::NoPerson => {
                status::REQUEST_DENIED
            }
        };
        // What is wrong with our settings is not for the service to know.
        let message = match self {
            Self::Context | Self::OtherPerson | Self::NoIdentifier => self.to_string(),
            Self::NotAnew => "nobody could be had to sign in anew".to_owned(),
            _ => "the person could not be vouched for".to_owned(),
        };
        let who = match self {
            Self::NoIdentifier => status::REQUESTER,
            _ => status::RESPONDER,
        };
        Status::failure(who, why, message)
    }
}

impl Federation {
    /// Judges a request that came in at `location`.
    pub async fn judge_request(
        &self,
        org: OrgId,
        saml: &Saml,
        incoming: &Incoming,
        location: &str,
    ) -> Result<Judgement<Accepted>, Error> {
        let (role, algorithms) = (saml.role(), saml.algorithms());
        let registered = Registered {
            entity_id: &saml.entity_id,
            role: &role,
            algorithms: &algorithms,
            signed: saml.signed_requests,
        };
        let mut contexts: Vec<&str> = Method::ALL
            .into_iter()
            .flat_map(|method| saml.contexts.true_of(method, None))
            .collect();
        // What identity providers outside may say is known once they have said it.
        let from_outside = if self.is_sso_active(org).await? {
            classes_asked_for(incoming)
        } else {
            Vec::new()
        };
        contexts.extend(from_outside.iter().map(String::as_str));
        let offered = Offered {
            clock: self.clock(),
            location,
            name_id_formats: &saml.name_id_formats(),
            contexts: &contexts,
            context_order: context_class::USUAL_ORDER,
            longest_age: LONGEST_AGE,
        };
        Ok(judge(incoming, registered, offered))
    }

    pub(super) fn clock(&self) -> Clock {
        Clock {
            now: self.ambient().now(),
            skew: SKEW,
        }
    }

    /// What signs for an application, by the algorithm that is set.
    pub(super) async fn app_credential(
        &self,
        org: OrgId,
        app: AppId,
        name: &str,
        saml: &Saml,
    ) -> Result<Credential, Error> {
        let mut credential = self.credential(org, KeyOwner::App(app), name).await?;
        if let Some(algorithm) = saml.signature_algorithm.algorithm() {
            // Never another one in silence.
            let able = credential.key.check(algorithm);
            able.map_err(|error| Error::unsignable(&error))?;
            credential.algorithm = algorithm;
        }
        Ok(credential)
    }

    /// Vouches for somebody who may sign in at the service. `Err` within: why not.
    pub async fn answer(
        &self,
        cause: &Cause,
        org: OrgId,
        (sso, saml): (&Sso, &Saml),
        (asked, person): (&Asked, &SignedInPerson),
        default_domain: &str,
    ) -> Result<Result<Answered, Unanswerable>, Error> {
        let now = self.ambient().now();
        let user = store::users::by_id(&mut self.store.reader(), org, person.user).await?;
        let Some(user) = user.filter(|user| user.active) else {
            return Ok(Err(Unanswerable::NoPerson));
        };
        let Some(context) = context(saml, asked.context.as_ref(), person) else {
            return Ok(Err(Unanswerable::Context));
        };
        let about = About {
            org,
            app: sso.app,
            user: &user,
            now,
            default_domain,
            issuer: &sso.issuer,
        };
        let naming = if asked.may_create {
            Naming::Make
        } else {
            Naming::Known
        };
        let statement = match self
            .statement(&about, saml, (name_format(saml, asked), naming))
            .await?
        {
            Ok(statement) => statement,
            Err(why) => return Ok(Err(why)),
        };
        if asked
            .subject
            .as_ref()
            .is_some_and(|wanted| !is_same(wanted, &statement.name_id))
        {
            return Ok(Err(Unanswerable::OtherPerson));
        }
        // One index for as long as somebody is the same person in the same session here, however often the service asks.
        let known = self.app_sessions(org, person.session).await?;
        let known = known
            .into_iter()
            .find(|session| session.app == sso.app && session.name == statement.name_id.value);
        let (index, since) = match known {
            Some(session) => (session.id, session.created),
            None => (self.message_id(), now),
        };
        let session_ends = (saml.session_minutes > 0).then(|| {
            person
                .expires
                .min(now + Duration::from_mins(saml.session_minutes.into()))
        });
        let answer = Answer {
            response_id: self.message_id(),
            assertion_id: self.message_id(),
            now,
            issuer: sso.issuer.clone(),
            audience: saml.entity_id.clone(),
            consumer: asked.consumer.clone(),
            in_response_to: asked.request_id.clone(),
            name_id: statement.name_id.clone(),
            attributes: statement.attributes(),
            statement: AuthnStatement {
                instant: person.authenticated,
                session_index: Some(index.clone()),
                session_not_on_or_after: session_ends,
                context_class: Some(context),
                context_declaration: None,
                authorities: Vec::new(),
            },
            valid_before: BEFORE,
            valid_for: Duration::from_mins(saml.valid_minutes.into()),
            one_time_use: false,
        };
        let credential = self.app_credential(org, sso.app, &sso.name, saml).await?;
        let xml = protected(&answer, saml, &credential)?;
        let write = Note {
            org,
            session: AppSession {
                id: index,
                app: sso.app,
                user: person.user,
                session: person.session,
                name: statement.name_id.value.clone(),
                name_doc: name_document(&statement.name_id),
                created: since,
                until: session_ends
                    .unwrap_or(person.expires)
                    .max(now + Duration::from_hours(1)),
            },
            event: event(sso, (user.id, &user.user_name), asked, None),
            cause: cause.clone(),
        };
        self.store.write(write).await?;
        Ok(Ok(Answered {
            consumer: asked.consumer.clone(),
            shown: without_values(&xml, &statement.secrets()),
            xml,
            name_id: statement.name_id,
        }))
    }

    /// What a service would be told of somebody who signed in now. A name that would be made up is empty.
    pub async fn preview_statement(
        &self,
        org: OrgId,
        (sso, saml): (&Sso, &Saml),
        user: &User,
        default_domain: &str,
    ) -> Result<Result<Statement, Unanswerable>, Error> {
        let about = About {
            org,
            app: sso.app,
            user,
            now: self.ambient().now(),
            default_domain,
            issuer: &sso.issuer,
        };
        self.statement(&about, saml, (saml.name_id_format, Naming::Show))
            .await
    }

    /// Answers a request that is not granted.
    pub async fn refuse(
        &self,
        org: OrgId,
        (sso, saml): (&Sso, &Saml),
        to: &AnswerTo,
        status: Status,
    ) -> Result<String, Error> {
        let credential = self.app_credential(org, sso.app, &sso.name, saml).await?;
        let head = Head {
            id: self.message_id(),
            issued: self.ambient().now(),
            destination: Some(to.consumer.clone()),
            consent: None,
            issuer: Some(sso.issuer.clone()),
        };
        refused(head, Some(to.request_id.clone()), status, &credential)
            .map_err(|error| Error::unsignable(&error))
    }

    /// Tells of somebody who was not let in.
    pub async fn note_app_refusal(
        &self,
        cause: &Cause,
        org: OrgId,
        sso: &Sso,
        user: (UserId, &str),
        (asked, why): (&Asked, &str),
    ) -> Result<(), Error> {
        let event = event(sso, user, asked, Some(why));
        let write = Tell {
            org,
            event,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

/// The classes that a request names; none if it cannot be read, which its judge says.
fn classes_asked_for(incoming: &Incoming) -> Vec<String> {
    let Ok(document) = Document::parse(&incoming.xml, Limits::MESSAGE) else {
        return Vec::new();
    };
    let request = AuthnRequest::read(document.root()).ok();
    let context = request.and_then(|request| request.requested_context);
    context.map(|context| context.classes).unwrap_or_default()
}

fn name_format(saml: &Saml, asked: &Asked) -> NameIdFormat {
    let wanted = asked.name_id_format.as_deref().and_then(NameIdFormat::of_uri);
    wanted.unwrap_or(saml.name_id_format)
}

/// Which class is said: of those that are true the first that will do.
fn context(saml: &Saml, wanted: Option<&RequestedContext>, person: &SignedInPerson) -> Option<String> {
    let classes = saml.contexts.true_of(person.method, person.outside.as_ref());
    let mut classes = classes.into_iter();
    let found = match wanted {
        None => classes.next(),
        Some(wanted) => classes.find(|class| wanted.is_met_by(class, context_class::USUAL_ORDER)),
    };
    found.map(str::to_owned)
}

/// SAML core §3.3.4: what is left out matches anything.
fn is_same(wanted: &NameId, given: &NameId) -> bool {
    wanted.value == given.value && (wanted.format.is_none() || wanted.format() == given.format())
}

fn protected(answer: &Answer, saml: &Saml, credential: &Credential) -> Result<String, Error> {
    let certificate = match saml.encryption {
        Encryption::Off => None,
        _ => Certificate::from_text(&saml.encryption_certificate).map(Some)?,
    };
    let encrypt_for = certificate
        .as_ref()
        .zip(saml.encryption.cipher())
        .map(|(certificate, cipher)| (certificate, cipher, saml.key_transport.transport()));
    let protection = Protection {
        credential,
        sign_response: saml.sign != Sign::Assertion,
        sign_assertion: saml.sign != Sign::Response,
        encrypt_for,
    };
    answer
        .to_xml(protection)
        .map_err(|error| Error::unsignable(&error))
}

/// The whole of a name, to be sent back in a request for a sign-out.
fn name_document(name: &NameId) -> String {
    json!({
        "value": name.value,
        "format": name.format,
        "name_qualifier": name.name_qualifier,
        "sp_name_qualifier": name.sp_name_qualifier,
    })
    .to_string()
}

/// Under the name that Directory Insights gives it.
fn event(sso: &Sso, (user, user_name): (UserId, &str), asked: &Asked, why: Option<&str>) -> NewEvent {
    let mut told = json!({
        "name": sso.name,
        "user": user,
        "user_name": user_name,
        "idp_initiated": asked.request_id.is_none(),
        "sso_token_success": why.is_none(),
    });
    if let Some(why) = why {
        told["error"] = clipped(why).into();
    }
    NewEvent {
        event_type: "sso_auth".to_owned(),
        outcome: if why.is_none() {
            Outcome::Succeeded
        } else {
            Outcome::Failed
        },
        resource_kind: "app".to_owned(),
        resource_id: Some(sso.app.stored()),
        doc: told.to_string(),
    }
}

struct Note {
    org: OrgId,
    session: AppSession,
    event: NewEvent,
    cause: Cause,
}

impl Write for Note {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::sso_app_sessions::put(tx, self.org, &self.session).await?;
        store::events::append(tx, self.org, &self.event, &self.cause)
            .await
            .map(drop)
    }
}
