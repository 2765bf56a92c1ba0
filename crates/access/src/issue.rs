//! Codes, access tokens and refresh tokens for registered clients (RFC 6749 §4.1, §4.4, §6; RFC 7636; RFC 9700 §4.14).
//!
//! Everything that came of one consent is one *grant*. A code and a refresh token are each good for one exchange, judged in
//! the transaction that uses it up; whoever comes with it a second time ends the grant and all its tokens, as one of the two
//! who had it has stolen it.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base::{Actor, ActorKind, Cause, GrantId, OrgId, Origin, Secret, SessionId, Timestamp, UserId};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use store::events::{NewEvent, Outcome};
use store::grants::{self, Exchange, Grant, Kind};
use store::{Lock, StoredId as _, Tx, Write};

use crate::fresh::{Fresh, FreshRows, hash, issue, random_text};
use crate::partners::{owner_held, told_of};
use crate::{Access, Error, GrantType, RegisteredClient, Scopes, Visit, Visitor};

/// How long a code waits for its client.
const CODE: Duration = Duration::from_mins(2);
/// When what somebody has agreed to must be agreed to anew: no refresh token lives longer.
pub(crate) const LONGEST: Duration = Duration::from_hours(365 * 24);
/// What has expired is still known for so long, to tell a second use.
const REMEMBERED: Duration = Duration::from_hours(24);

/// Why a client gets no token (RFC 6749 §5.2).
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Which of the two is not told.
    #[error("there is no such client, or its secret is wrong")]
    Client,
    #[error("{0}")]
    Grant(&'static str),
    #[error("{0}")]
    Scope(&'static str),
    #[error("{0}")]
    Unauthorized(&'static str),
    #[error(transparent)]
    Inner(#[from] Error),
}

impl From<store::Error> for GrantError {
    fn from(error: store::Error) -> Self {
        Self::Inner(error.into())
    }
}

/// What somebody has agreed to.
#[derive(Debug, Clone)]
pub struct Allowed {
    /// The redirect that the request named; empty where it named none.
    pub redirect: String,
    /// The S256 challenge.
    pub challenge: String,
    pub scopes: Scopes,
}

/// What a client gets.
#[derive(Debug)]
pub struct Issued {
    pub access_token: Secret,
    /// In seconds.
    pub expires_in: u64,
    /// With the seconds for which it is good.
    pub refresh_token: Option<(Secret, u64)>,
    pub scopes: String,
}

/// What a client comes with.
#[derive(Debug)]
pub enum Presented {
    Code {
        code: Secret,
        redirect: Option<String>,
        /// The PKCE verifier.
        verifier: Secret,
    },
    RefreshToken(Secret),
}

/// When what was agreed to must be agreed to anew.
pub(crate) fn to_be_renewed(created: Timestamp) -> Timestamp {
    created + LONGEST
}

impl Access {
    /// A code for what somebody has agreed to.
    pub async fn issue_code(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        client: &RegisteredClient,
        allowed: Allowed,
    ) -> Result<Secret, Error> {
        let code = random_text(&self.ambient);
        let grant = Grant {
            id: self.ambient.id(),
            client: client.id,
            user: Some(visitor.user),
            scopes: allowed.scopes.to_string(),
            created: self.ambient.now(),
        };
        let exchange = Exchange {
            grant: grant.id,
            kind: Kind::Code,
            redirect: allowed.redirect,
            challenge: allowed.challenge,
            expires: self.ambient.now() + CODE,
            used: None,
        };
        let mut told = visit.told(&client.name);
        told["scopes"] = json!(grant.scopes);
        let write = Allow {
            org: client.org,
            user: visitor.user,
            home: visitor.org,
            session: visitor.session,
            hash: hash(&code),
            told,
            cause: visit.cause(visitor.user, &visitor.user_name),
            grant,
            exchange,
        };
        match self.store.write(write).await? {
            Agreed::Noted => Ok(Secret::new(code)),
            Agreed::NoClient => Err(Error::UnknownClient),
            Agreed::SignedOut => Err(Error::SignInOver),
            Agreed::NoPartner => Err(Error::UnknownPartner),
        }
    }

    /// Tokens for a code or a refresh token, for all of its scopes or for some.
    pub async fn redeem(
        &self,
        origin: Origin,
        client: &RegisteredClient,
        presented: Presented,
        scopes: Option<Scopes>,
    ) -> Result<Issued, GrantError> {
        let (text, proof) = match presented {
            Presented::Code {
                code,
                redirect,
                verifier,
            } => {
                let challenge = challenge(verifier.expose());
                (code, Proof::Code { redirect, challenge })
            }
            Presented::RefreshToken(token) => (token, Proof::RefreshToken),
        };
        client.require(proof.grant_type())?;
        let fresh = Fresh::new(&self.ambient, self.lifetimes(client.org).await?);
        let write = Redeem {
            client: client.clone(),
            hash: hash(text.expose()),
            proof,
            scopes,
            fresh: fresh.rows(),
            origin,
        };
        match self.store.write(write).await? {
            Redeemed::Issued {
                scopes,
                refresh_expires,
            } => Ok(Issued {
                expires_in: fresh.expires_in(),
                access_token: fresh.access,
                refresh_token: refresh_expires.map(|at| (fresh.refresh, at.since(fresh.now).as_secs())),
                scopes,
            }),
            Redeemed::Refused(why) => Err(GrantError::Grant(why)),
            Redeemed::TooMuch => Err(GrantError::Scope("more scopes are asked for than were allowed")),
        }
    }

    /// Forgets codes and refresh tokens that expired a day ago.
    pub async fn forget_exchanges(&self, org: OrgId) -> Result<u64, Error> {
        let before = self.ambient.now() - REMEMBERED;
        Ok(self.store.write(Forget { org, before }).await?)
    }
}

/// Are these scopes all among those? Both as stored.
pub(crate) fn is_within(scopes: &str, all: &str) -> bool {
    scopes
        .split_whitespace()
        .all(|scope| all.split_whitespace().any(|one| one == scope))
}

/// S256 (RFC 7636 §4.6).
fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(hash(verifier))
}

pub(crate) fn event(event_type: &str, id: GrantId, told: &serde_json::Value) -> NewEvent {
    NewEvent {
        event_type: event_type.to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "oauth_grant".to_owned(),
        resource_id: Some(id.stored()),
        doc: told.to_string(),
    }
}

struct Allow {
    org: OrgId,
    user: UserId,
    /// Where the person is signed in.
    home: OrgId,
    /// In which it was agreed to.
    session: SessionId,
    grant: Grant,
    hash: Vec<u8>,
    exchange: Exchange,
    /// By its event.
    told: serde_json::Value,
    cause: Cause,
}

enum Agreed {
    Noted,
    /// Any more; or none that may ask for so much.
    NoClient,
    /// By a new password, for one, which ends what was agreed to before.
    SignedOut,
    /// Of the client's organization, any more.
    NoPartner,
}

impl Write for Allow {
    type Out = Agreed;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Agreed, store::Error> {
        let may_ask = store::oauth_clients::hold(tx, self.org, self.grant.client).await?;
        if !may_ask.is_some_and(|may_ask| is_within(&self.grant.scopes, &may_ask)) {
            return Ok(Agreed::NoClient);
        }
        let mut told = self.told.clone();
        if self.home != self.org {
            let partner = store::partners::hold_of_user(tx, self.org, self.user).await?;
            let Some(partner) = partner.filter(|partner| partner.home == self.home) else {
                return Ok(Agreed::NoPartner);
            };
            told["partner"] = told_of(&partner);
        }
        store::users::held(tx, self.home, self.user).await?;
        let session = store::sessions::by_id(tx, self.home, self.session).await?;
        if session.is_none_or(|session| session.user != self.user) {
            return Ok(Agreed::SignedOut);
        }
        grants::insert(tx, self.org, &self.grant).await?;
        grants::insert_exchange(tx, self.org, &self.hash, &self.exchange).await?;
        let event = event("oauth_grant", self.grant.id, &told);
        store::events::append(tx, self.org, &event, &self.cause).await?;
        Ok(Agreed::Noted)
    }
}

enum Proof {
    Code {
        redirect: Option<String>,
        challenge: String,
    },
    RefreshToken,
}

impl Proof {
    fn kind(&self) -> Kind {
        match self {
            Self::Code { .. } => Kind::Code,
            Self::RefreshToken => Kind::RefreshToken,
        }
    }

    fn grant_type(&self) -> GrantType {
        match self {
            Self::Code { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken => GrantType::RefreshToken,
        }
    }

    /// Is it the one who asked?
    fn judge(&self, found: &Exchange) -> Result<(), &'static str> {
        let Self::Code { redirect, challenge } = self else {
            return Ok(());
        };
        let same_redirect = match redirect {
            Some(redirect) => *redirect == found.redirect,
            None => found.redirect.is_empty(),
        };
        if !same_redirect {
            return Err("redirect_uri is not the one of the authorization request");
        }
        verify_slices_are_equal(challenge.as_bytes(), found.challenge.as_bytes())
            .map_err(|_| "code_verifier is not that of code_challenge")
    }
}

struct Redeem {
    client: RegisteredClient,
    hash: Vec<u8>,
    proof: Proof,
    scopes: Option<Scopes>,
    fresh: FreshRows,
    origin: Origin,
}

enum Redeemed {
    Issued {
        scopes: String,
        /// Nothing where the client gets no refresh token.
        refresh_expires: Option<Timestamp>,
    },
    Refused(&'static str),
    TooMuch,
}

impl Redeem {
    /// The grant, and the person who has allowed it, if the client may come with this at all. Nothing is held yet.
    async fn whose(&self, tx: &mut Tx<'_>) -> Result<Option<(GrantId, UserId)>, store::Error> {
        let org = self.client.org;
        let found = grants::exchange(tx, org, &self.hash).await?;
        let Some(found) = found.filter(|found| found.kind == self.proof.kind()) else {
            return Ok(None);
        };
        let grant = grants::valid(tx, org, found.grant).await?;
        Ok(grant
            .filter(|grant| grant.client == self.client.id)
            .and_then(|grant| Some((grant.id, grant.user?))))
    }
}

impl Write for Redeem {
    type Out = Redeemed;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Redeemed, store::Error> {
        const UNKNOWN: &str = "it is unknown, was issued to another client, or has been revoked";
        let org = self.client.org;
        tx.lock(Lock::Feed(org)).await?;
        let Some((id, user)) = self.whose(tx).await? else {
            return Ok(Redeemed::Refused(UNKNOWN));
        };
        let Some(person) = owner_held(tx, org, user).await? else {
            return Ok(Redeemed::Refused("whoever allowed it is disabled or gone"));
        };
        // Whoever ends the grant meanwhile is waited for, or finds what comes of it here.
        let grant = grants::hold(tx, org, id).await?;
        let found = grants::hold_exchange(tx, org, &self.hash).await?;
        let (Some(grant), Some(found)) = (grant, found) else {
            return Ok(Redeemed::Refused(UNKNOWN));
        };
        let cause = Cause::of(Actor::new(ActorKind::User, user, person.user_name), self.origin);
        if found.used.is_some() {
            grants::revoke(tx, org, grant.id, &cause).await?;
            let told = json!({ "name": self.client.name, "reason": "a code or refresh token was used a second time" });
            store::events::append(tx, org, &event("oauth_grant_revoke", grant.id, &told), &cause).await?;
            return Ok(Redeemed::Refused(
                "it was used before: all tokens that came of it are revoked",
            ));
        }
        let end = to_be_renewed(grant.created);
        let now = tx.ambient().now();
        if found.expires <= now || end <= now {
            return Ok(Redeemed::Refused("it has expired"));
        }
        if let Err(why) = self.proof.judge(&found) {
            return Ok(Redeemed::Refused(why));
        }
        let allowed: Scopes = grant
            .scopes
            .parse()
            .map_err(|error| store::Error::internal(format!("a grant's scopes: {error}")))?;
        let scopes = self.scopes.as_ref().unwrap_or(&allowed);
        if !scopes.iter().all(|scope| allowed.contains(scope)) {
            return Ok(Redeemed::TooMuch);
        }
        let scopes = scopes.to_string();
        grants::use_up(tx, org, &self.hash).await?;
        issue(tx, org, &self.fresh.row(&self.client, &grant, &scopes), &cause).await?;
        if !self.client.grant_types.contains(GrantType::RefreshToken) {
            let refresh_expires = None;
            return Ok(Redeemed::Issued {
                scopes,
                refresh_expires,
            });
        }
        let next = Exchange {
            grant: grant.id,
            kind: Kind::RefreshToken,
            redirect: String::new(),
            challenge: String::new(),
            expires: self.fresh.refresh_expires.min(end),
            used: None,
        };
        grants::insert_exchange(tx, org, &self.fresh.refresh, &next).await?;
        Ok(Redeemed::Issued {
            scopes,
            refresh_expires: Some(next.expires),
        })
    }
}

struct Forget {
    org: OrgId,
    before: Timestamp,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        grants::prune(tx, self.org, self.before).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_rfcs_challenge_is_met() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
