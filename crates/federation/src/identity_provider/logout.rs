//! Single logout (SAML profiles §4.4): services ask us to end sessions, and we ask them.

use base::{AppId, OrgId, SessionId};
use saml::Element;
use saml::binding::{Incoming, Kind, Outgoing, Way, send};
use saml::message::{Head, LogoutRequest, LogoutResponse, NameId, Status};
use saml::names::logout_reason;
use saml::profile::Judgement;
use saml::profile::logout::{Peer, judge_request, judge_response};
use saml::security::{Algorithms, Certificate};
use serde_json::Value;
use store::sso_app_sessions::{self, AppSession};
use store::{Tx, Write};

use super::apps::Sso;
use super::settings::{Logout, LogoutBinding, Saml};
use super::sign_in::{LONGEST_AGE, SKEW};
use crate::{Error, Federation};

/// A message that is to go to a service.
#[derive(Debug, Clone)]
pub struct Sent {
    pub outgoing: Outgoing,
    /// Without its signature.
    pub xml: String,
    /// `redirect`, `post`.
    pub binding: &'static str,
}

/// What judging a message of a service takes.
struct Known {
    certificates: Vec<Certificate>,
    algorithms: Algorithms,
}

impl Known {
    fn of(saml: &Saml) -> Self {
        Self {
            certificates: saml.role().signing_certificates(),
            algorithms: saml.algorithms(),
        }
    }

    fn peer<'p>(&'p self, federation: &Federation, saml: &'p Saml, location: &'p str) -> Peer<'p> {
        Peer {
            clock: federation.clock(),
            entity_id: &saml.entity_id,
            certificates: &self.certificates,
            algorithms: &self.algorithms,
            location,
            // Whoever has never signed anything cannot be asked to.
            signed: !self.certificates.is_empty(),
            longest_age: LONGEST_AGE,
        }
    }
}

impl Federation {
    /// Judges a service's request to end sessions.
    pub fn judge_logout_request(
        &self,
        sso: &Sso,
        saml: &Saml,
        incoming: &Incoming,
    ) -> Judgement<LogoutRequest> {
        let (known, location) = (Known::of(saml), sso.logout_address());
        judge_request(incoming, known.peer(self, saml, &location))
    }

    /// Judges a service's answer to ours.
    pub fn judge_logout_response(
        &self,
        sso: &Sso,
        saml: &Saml,
        incoming: &Incoming,
        request_id: &str,
    ) -> Judgement<LogoutResponse> {
        let (known, location) = (Known::of(saml), sso.logout_address());
        judge_response(incoming, known.peer(self, saml, &location), request_id)
    }

    /// Uses up a service's request, which is good once; says whether that was the first time.
    pub async fn use_logout_request(
        &self,
        org: OrgId,
        app: AppId,
        request: &LogoutRequest,
    ) -> Result<bool, Error> {
        let head = &request.head;
        let until = head.issued + LONGEST_AGE + SKEW;
        self.first_time(org, &format!("logout {app}"), &head.id, until)
            .await
    }

    /// The sessions at an application that a request means: of a name, all of them or those of the indexes.
    pub async fn sessions_of_request(
        &self,
        org: OrgId,
        app: AppId,
        (name, indexes): (&str, &[String]),
    ) -> Result<Vec<AppSession>, Error> {
        let mut found = sso_app_sessions::by_name(&mut self.store.reader(), org, app, name).await?;
        found.retain(|session| indexes.is_empty() || indexes.contains(&session.id));
        Ok(found)
    }

    /// Where somebody was signed in to from a session of ours.
    pub async fn app_sessions(&self, org: OrgId, session: SessionId) -> Result<Vec<AppSession>, Error> {
        Ok(sso_app_sessions::of_session(&mut self.store.reader(), org, session).await?)
    }

    /// The one of an index, if it is still known.
    pub async fn app_session(&self, org: OrgId, id: &str) -> Result<Option<AppSession>, Error> {
        Ok(sso_app_sessions::by_id(&mut self.store.reader(), org, id).await?)
    }

    /// Forgets sessions at applications that have ended.
    pub async fn forget_app_session(&self, org: OrgId, id: &str) -> Result<(), Error> {
        let write = End {
            org,
            id: id.to_owned(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Forgets those that are over.
    pub async fn forget_old_app_sessions(&self, org: OrgId) -> Result<u64, Error> {
        Ok(self.store.write(Prune { org }).await?)
    }

    /// Our request to a service to end a session of somebody, under an ID of ours, which is its RelayState, too; nothing where
    /// it has no address for that.
    pub async fn logout_request(
        &self,
        org: OrgId,
        (sso, saml): (&Sso, &Saml),
        (session, id): (&AppSession, &str),
    ) -> Result<Option<Sent>, Error> {
        let Some(logout) = &saml.logout else {
            return Ok(None);
        };
        let request = LogoutRequest {
            head: self.logout_head(sso, id, &logout.url),
            not_on_or_after: None,
            reason: Some(logout_reason::USER.to_owned()),
            name_id: name(session)?,
            session_indexes: vec![session.id.clone()],
        };
        let what = (Kind::Request, request.to_element(), Some(id));
        self.sent(org, (sso, saml), (logout, &logout.url), what)
            .await
            .map(Some)
    }

    /// Our answer to a service's request; nothing where it has no address for that.
    pub async fn logout_response(
        &self,
        org: OrgId,
        (sso, saml): (&Sso, &Saml),
        (in_response_to, status): (&str, Status),
        relay_state: Option<&str>,
    ) -> Result<Option<Sent>, Error> {
        let Some(logout) = &saml.logout else {
            return Ok(None);
        };
        let location = logout.response_url.as_deref().unwrap_or(&logout.url);
        let response = LogoutResponse {
            head: self.logout_head(sso, &self.message_id(), location),
            in_response_to: Some(in_response_to.to_owned()),
            status,
        };
        let what = (Kind::Response, response.to_element(), relay_state);
        self.sent(org, (sso, saml), (logout, location), what)
            .await
            .map(Some)
    }

    async fn sent(
        &self,
        org: OrgId,
        (sso, saml): (&Sso, &Saml),
        (logout, location): (&Logout, &str),
        (kind, element, relay_state): (Kind, Element, Option<&str>),
    ) -> Result<Sent, Error> {
        let credential = self.app_credential(org, sso.app, &sso.name, saml).await?;
        let xml = element.to_xml().map_err(|error| Error::unsignable(&error))?;
        let sent = send(
            way(logout),
            location,
            kind,
            &element,
            relay_state,
            Some(&credential),
        );
        Ok(Sent {
            outgoing: sent.map_err(|error| Error::unsignable(&error))?,
            xml,
            binding: match logout.binding {
                LogoutBinding::Redirect => "redirect",
                LogoutBinding::Post => "post",
            },
        })
    }

    fn logout_head(&self, sso: &Sso, id: &str, location: &str) -> Head {
        Head {
            id: id.to_owned(),
            issued: self.ambient().now(),
            destination: Some(location.to_owned()),
            consent: None,
            issuer: Some(sso.issuer.clone()),
        }
    }
}

fn way(logout: &Logout) -> Way {
    match logout.binding {
        LogoutBinding::Redirect => Way::Redirect,
        LogoutBinding::Post => Way::Post,
    }
}

/// As it was told at the sign-in.
fn name(session: &AppSession) -> Result<NameId, store::Error> {
    let doc: Value = serde_json::from_str(&session.name_doc).map_err(|error| {
        store::Error::internal(format!("the name in the session {}: {error}", session.id))
    })?;
    let text = |name: &str| doc[name].as_str().map(str::to_owned);
    Ok(NameId {
        value: session.name.clone(),
        format: text("format"),
        name_qualifier: text("name_qualifier"),
        sp_name_qualifier: text("sp_name_qualifier"),
        sp_provided_id: None,
    })
}

struct End {
    org: OrgId,
    id: String,
}

impl Write for End {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        sso_app_sessions::end(tx, self.org, &self.id).await.map(drop)
    }
}

struct Prune {
    org: OrgId,
}

impl Write for Prune {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        sso_app_sessions::prune(tx, self.org).await
    }
}
