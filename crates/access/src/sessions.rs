//! Sessions: being signed in at a browser.
//!
//! The cookie holds the organization's id and 32 random bytes; the database holds the SHA-256 hash of both. A session is over
//! when it is ended, some time after it was used last and after it began, as the organization has it, and when its person is
//! disabled, removed or gets another password.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base::{Cause, OrgId, Secret, SessionId, Timestamp, UserId};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use directory::{Facts, Moving};
use serde_json::json;
use store::events::{NewEvent, Outcome};
use store::sessions::{Going, NewSession, Session};
use store::{Tx, Write};

use crate::sign_in::event;
use crate::{Access, Candidate, Error, Evidence, Factors, Role, Visit};

/// `last_used` is written at most this often.
const TOUCH_EVERY: Duration = Duration::from_mins(1);

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub org: OrgId,
    pub session: SessionId,
    pub user: UserId,
    pub user_name: String,
    /// As of now.
    pub role: Role,
    /// When the session is over, whatever happens.
    pub expires: Timestamp,
    /// When a password or a second factor was shown last.
    pub proved: Timestamp,
    /// What an identity provider said when the session began: JSON. `None`: a password was shown.
    pub vouched: Option<String>,
    /// When the session began.
    pub began: Timestamp,
    /// What was shown then.
    pub method: Evidence,
}

/// A session as its person and admins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    pub id: SessionId,
    pub user: UserId,
    pub user_name: String,
    pub created: Timestamp,
    /// To a minute.
    pub last_used: Timestamp,
    /// When it is over, whatever happens.
    pub expires: Timestamp,
    pub network_address: String,
    pub user_agent: String,
}

impl Access {
    /// Begins a session of somebody whose password was right, and who has shown a second factor if there is one; gives what
    /// the cookie is to hold. The person may have been disabled, or given another password or a factor, meanwhile: then it is
    /// refused.
    pub async fn begin_session(&self, visit: &Visit, candidate: &Candidate) -> Result<Secret, Error> {
        let random: [u8; 32] = self.ambient.random();
        let text = format!("{}.{}", candidate.org, BASE64_URL_SAFE_NO_PAD.encode(random));
        let (now, federated) = (self.ambient.now(), candidate.federated.as_ref());
        let usual = now + self.lifetimes(candidate.org).await?.session;
        let until = federated.and_then(|federated| federated.until);
        let authenticated = federated.map_or(now, |federated| federated.authenticated.min(now));
        let session = NewSession {
            id: self.ambient.id(),
            user: candidate.user,
            hash: hash(&text),
            expires: until.map_or(usual, |until| until.min(usual)),
            network_address: visit.from.to_string(),
            user_agent: visit.user_agent().to_owned(),
            proved: if candidate.evidence.has_second_factor() {
                // It was shown just now.
                now
            } else {
                authenticated
            },
            vouched: federated.map(|federated| federated.vouched.clone()),
            method: candidate.evidence.as_str(),
        };
        let mut told = visit.told(&candidate.user_name);
        told["session"] = json!(session.id);
        if let Some(vouched) = &session.vouched {
            told["vouched"] = serde_json::from_str(vouched).unwrap_or_default();
        }
        let write = Begin {
            org: candidate.org,
            by: match federated {
                None => By::Password {
                    set: candidate.password_set,
                },
                Some(federated) => By::Federated {
                    trusts_second_factor: federated.trusts_second_factor,
                },
            },
            evidence: candidate.evidence,
            session,
            event: event("user_login_attempt", Outcome::Succeeded, candidate.user, &told),
            cause: visit.cause(candidate.user, &candidate.user_name),
        };
        if self.store.write(write).await? {
            Ok(Secret::new(text))
        } else {
            Err(Error::SignInOver)
        }
    }

    /// Whose session is it? Judged anew at each call.
    pub async fn visitor(&self, cookie: &str) -> Result<Option<Visitor>, Error> {
        let Some(session) = self.presented(cookie).await? else {
            return Ok(None);
        };
        let now = self.ambient.now();
        if now.since(session.last_used) >= TOUCH_EVERY {
            let (org, id) = (session.org, session.id);
            // Nobody is kept out because the time cannot be noted.
            if let Err(error) = self.store.write(Touch { org, id }).await {
                tracing::warn!(%error, "the last use of a session was not noted");
            }
        }
        let role = self.role_of(session.org, session.user).await?;
        Ok(Some(Visitor {
            org: session.org,
            session: session.id,
            user: session.user,
            user_name: session.user_name,
            role,
            expires: session.expires,
            proved: session.proved,
            vouched: session.vouched,
            began: session.created,
            method: Evidence::read(session.method.as_deref()),
        }))
    }

    /// What an identity provider said when a session began: JSON.
    pub async fn vouched(&self, org: OrgId, session: SessionId) -> Result<Option<String>, Error> {
        let found = store::sessions::by_id(&mut self.store.reader(), org, session).await?;
        Ok(found.and_then(|session| session.vouched))
    }

    async fn presented(&self, cookie: &str) -> Result<Option<Session>, Error> {
        let org = cookie.split_once('.').and_then(|(org, _)| org.parse().ok());
        let Some(org) = org.filter(|_| cookie.len() <= 100) else {
            return Ok(None);
        };
        let found = store::sessions::presented(&mut self.store.reader(), org, &hash(cookie)).await?;
        let going = self.going(org).await?;
        Ok(found.filter(|session| {
            session.active && session.expires > going.now && session.last_used > going.used_since
        }))
    }

    /// A page of the sessions that are going in the organization, or of one person: the oldest first.
    pub async fn sessions(
        &self,
        org: OrgId,
        user: Option<UserId>,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionView>, Error> {
        let (mut reader, going) = (self.store.reader(), self.going(org).await?);
        let page = match user {
            Some(user) => store::sessions::of_user(&mut reader, org, user, going, after, limit).await?,
            None => store::sessions::page(&mut reader, org, going, after, limit).await?,
        };
        Ok(page.into_iter().map(view).collect())
    }

    /// Ends a session, at once and at every server; of somebody whose role allows more than the caller's only full
    /// administrators do.
    pub async fn end_session(&self, cause: &Cause, org: OrgId, id: SessionId) -> Result<(), Error> {
        let found = store::sessions::by_id(&mut self.store.reader(), org, id).await?;
        let session = found.ok_or(Error::UnknownSession)?;
        let told = json!({ "name": session.user_name, "session": id });
        let write = End {
            org,
            id,
            of: session.user,
            event: event("user_session_end", Outcome::Succeeded, session.user, &told),
            cause: cause.clone(),
        };
        let ended = self.store.write(write).await;
        Ok(ended.map_err(directory::Error::from)?)
    }

    /// Ends the session of somebody who signs out.
    pub async fn sign_out(&self, visit: &Visit, visitor: &Visitor) -> Result<(), Error> {
        let mut told = visit.told(&visitor.user_name);
        told["session"] = json!(visitor.session);
        let write = End {
            org: visitor.org,
            id: visitor.session,
            of: visitor.user,
            event: event("user_logout", Outcome::Succeeded, visitor.user, &told),
            cause: visit.cause(visitor.user, &visitor.user_name),
        };
        Ok(self.store.write(write).await?)
    }

    /// Forgets sessions that are over.
    pub async fn forget_sessions(&self, org: OrgId) -> Result<u64, Error> {
        let going = self.going(org).await?;
        Ok(self.store.write(Forget { org, going }).await?)
    }

    async fn going(&self, org: OrgId) -> Result<Going, Error> {
        let (now, lifetimes) = (self.ambient.now(), self.lifetimes(org).await?);
        Ok(Going {
            used_since: now - lifetimes.idle,
            now,
        })
    }
}

fn view(session: Session) -> SessionView {
    SessionView {
        id: session.id,
        user: session.user,
        user_name: session.user_name,
        created: session.created,
        last_used: session.last_used,
        expires: session.expires,
        network_address: session.network_address,
        user_agent: session.user_agent,
    }
}

fn hash(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

/// What a form must bring along that was made for the browser with this cookie: nobody else's page can know it.
pub fn form_token(cookie: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(hash(&format!("form {cookie}")))
}

/// Is it the one? Takes as long whichever letter differs.
pub fn is_form_token(cookie: &str, token: &str) -> bool {
    verify_slices_are_equal(form_token(cookie).as_bytes(), token.as_bytes()).is_ok()
}

/// Does a session go on, at this very moment of the transaction? Whoever ends it holds its person, or waits.
pub(crate) async fn goes_on(
    tx: &mut Tx<'_>,
    org: OrgId,
    (id, user): (SessionId, UserId),
) -> Result<bool, store::Error> {
    let session = store::sessions::by_id(tx, org, id).await?;
    Ok(session.is_some_and(|session| session.user == user && session.active))
}

/// On what ground somebody is let in.
#[derive(Debug, Clone, Copy)]
enum By {
    Password { set: Timestamp },
    Federated { trusts_second_factor: bool },
}

struct Begin {
    org: OrgId,
    by: By,
    evidence: Evidence,
    session: NewSession,
    event: NewEvent,
    cause: Cause,
}

impl Write for Begin {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let user = self.session.user;
        let Some(person) = store::users::held(tx, self.org, user).await? else {
            return Ok(false);
        };
        let factors = Factors::from(store::factors::held(tx, self.org, user).await?);
        let shown = factors.any() == self.evidence.has_second_factor();
        let (same, enough) = match self.by {
            By::Password { set } => {
                let credential = store::credentials::of_user(tx, self.org, user).await?;
                let same = credential
                    .is_some_and(|credential| credential.modified == set && !credential.must_change);
                (same, shown)
            }
            By::Federated { trusts_second_factor } => (true, shown || trusts_second_factor),
        };
        if !person.active || !same || !enough {
            return Ok(false);
        }
        store::sessions::insert(tx, self.org, &self.session).await?;
        store::events::append(tx, self.org, &self.event, &self.cause).await?;
        let now = Some(tx.ambient().now());
        let learn = |facts: &mut Facts| {
            facts.first_sign_in = facts.first_sign_in.or(now);
            facts.last_sign_in = now;
        };
        Moving::of(self.org, &person)
            .learn(tx, &self.cause, learn)
            .await?;
        Ok(true)
    }
}

struct Touch {
    org: OrgId,
    id: SessionId,
}

impl Write for Touch {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::sessions::touch(tx, self.org, self.id).await
    }
}

struct End {
    org: OrgId,
    id: SessionId,
    of: UserId,
    event: NewEvent,
    cause: Cause,
}

impl Write for End {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        directory::keep_rank(tx, self.org, self.of, &self.cause).await?;
        if store::sessions::end(tx, self.org, self.id).await? {
            store::events::append(tx, self.org, &self.event, &self.cause).await?;
        }
        Ok(())
    }
}

struct Forget {
    org: OrgId,
    going: Going,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        store::sessions::prune(tx, self.org, self.going).await
    }
}
