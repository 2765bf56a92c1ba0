//! Second factors of one's own: an authenticator app, and recovery codes that come with the first factor.
//!
//! Whoever is signed in changes them shortly after a password or a factor was shown ([`Visitor::require_proof`]). Who signs in
//! where a factor is demanded, and has none, gets the first one on the way in.

use base::{Cause, Field, OrgId, SealError, Secret, SessionId, Timestamp, UserId};
use directory::{SecondFactor, Settings};
use serde_json::json;
use store::events::{NewEvent, Outcome};
use store::factors::Authenticator;
use store::{Lock, Tx, Write};

use crate::sessions::goes_on;
use crate::sign_in::event;
use crate::totp::Key;
use crate::{Access, Candidate, Error, Evidence, Role, Visit, Visitor, recovery_code};

/// Which second factors somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Factors {
    /// Since when there is an authenticator app.
    pub authenticator: Option<Timestamp>,
    pub passkeys: u32,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
}

impl Factors {
    /// Is there any? Recovery codes alone are none.
    pub fn any(self) -> bool {
        self.authenticator.is_some() || self.passkeys > 0
    }
}

impl From<store::factors::Held> for Factors {
    fn from(held: store::factors::Held) -> Self {
        Self {
            authenticator: held.authenticator,
            passkeys: held.passkeys,
            recovery_codes: held.recovery_codes,
        }
    }
}

/// What an authenticator app is to know, before it has shown that it does.
#[derive(Debug, Clone)]
pub struct NewAuthenticator(Key);

impl NewAuthenticator {
    /// In base32, to be typed in; [`NewAuthenticator::read`] takes it back.
    pub fn secret(&self) -> Secret {
        self.0.text()
    }

    pub fn read(text: &str) -> Option<Self> {
        Key::read(text).map(Self)
    }

    /// What a QR code shows.
    pub fn address(&self, account: &str) -> Secret {
        self.0.address("Instep", account)
    }
}

/// What came of giving somebody a factor.
#[derive(Debug)]
pub struct Enrolled {
    /// With the first factor: shown this once.
    pub recovery_codes: Option<Vec<Secret>>,
}

impl Access {
    /// Something new for an authenticator app to know; nothing is kept.
    pub fn new_authenticator(&self) -> NewAuthenticator {
        NewAuthenticator(Key::generate(&self.ambient))
    }

    pub async fn factors(&self, org: OrgId, user: UserId) -> Result<Factors, Error> {
        let held = store::factors::held(&mut self.store.reader(), org, user).await?;
        Ok(held.into())
    }

    /// Gives whoever is signed in an authenticator app that has shown a code, in place of the one before.
    pub async fn add_authenticator(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        new: &NewAuthenticator,
        code: &str,
    ) -> Result<Enrolled, Error> {
        visitor.require_proof(self.ambient.now())?;
        let cause = visit.cause(visitor.user, &visitor.user_name);
        let told = visit.told(&visitor.user_name);
        let by = By::Session(visitor.session);
        self.enrol(visitor.org, visitor.user, by, (new, code), &told, cause)
            .await
    }

    /// Gives the first factor to somebody who is about to sign in, and then has shown it.
    pub async fn add_first_authenticator(
        &self,
        visit: &Visit,
        candidate: &Candidate,
        new: &NewAuthenticator,
        code: &str,
    ) -> Result<(Enrolled, Candidate), Error> {
        let cause = visit.cause(candidate.user, &candidate.user_name);
        let told = visit.told(&candidate.user_name);
        let by = match candidate.federated {
            None => By::Password {
                set: candidate.password_set,
            },
            Some(_) => By::Federated,
        };
        let enrolled = self
            .enrol(candidate.org, candidate.user, by, (new, code), &told, cause)
            .await?;
        let again = match &candidate.federated {
            None => {
                self.candidate_again(candidate.org, candidate.user, candidate.password_set)
                    .await?
            }
            Some(federated) => {
                self.federated_candidate(candidate.org, candidate.user, federated.clone())
                    .await?
            }
        };
        let again = Candidate {
            address: candidate.address.clone(),
            ..again
        };
        Ok((enrolled, again.having_shown(Evidence::Code)))
    }

    async fn enrol(
        &self,
        org: OrgId,
        user: UserId,
        by: By,
        (new, code): (&NewAuthenticator, &str),
        told: &serde_json::Value,
        cause: Cause,
    ) -> Result<Enrolled, Error> {
        let steps = new.0.steps(&digits(code), self.ambient.now());
        let step = *steps.first().ok_or(Error::WrongCode)?;
        let codes = recovery_code::generate(&self.ambient);
        let mut told = told.clone();
        told["factor"] = json!("authenticator");
        let write = Enrol {
            org,
            user,
            by,
            secret: self.seal(org, user, &new.0),
            step,
            hashes: hashes(org, user, &codes),
            event: event("user_factor_add", Outcome::Succeeded, user, &told),
            cause,
        };
        match self.store.write(write).await? {
            Done::First => Ok(Enrolled {
                recovery_codes: Some(codes),
            }),
            Done::Another => Ok(Enrolled { recovery_codes: None }),
            Done::Over => Err(Error::SignInOver),
        }
    }

    /// Takes the authenticator app of whoever is signed in away, unless the organization demands it; with the last factor the
    /// recovery codes go.
    pub async fn remove_authenticator(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        settings: &Settings,
    ) -> Result<(), Error> {
        visitor.require_proof(self.ambient.now())?;
        let mut told = visit.told(&visitor.user_name);
        told["factor"] = json!("authenticator");
        let write = Remove {
            org: visitor.org,
            user: visitor.user,
            session: visitor.session,
            what: Removed::Authenticator,
            is_demanded: demands_factor(settings, visitor.role),
            event: event("user_factor_remove", Outcome::Succeeded, visitor.user, &told),
            cause: visit.cause(visitor.user, &visitor.user_name),
        };
        self.remove(write).await
    }

    pub(crate) async fn remove(&self, write: Remove) -> Result<(), Error> {
        match self.store.write(write).await? {
            Removal::Done => Ok(()),
            Removal::Demanded => Err(Error::FactorDemanded),
            Removal::Over => Err(Error::SignInOver),
        }
    }

    /// New recovery codes in place of those that are left, for whoever is signed in and has a factor.
    pub async fn renew_recovery_codes(&self, visit: &Visit, visitor: &Visitor) -> Result<Vec<Secret>, Error> {
        visitor.require_proof(self.ambient.now())?;
        let codes = recovery_code::generate(&self.ambient);
        let told = visit.told(&visitor.user_name);
        let write = Renew {
            org: visitor.org,
            user: visitor.user,
            session: visitor.session,
            hashes: hashes(visitor.org, visitor.user, &codes),
            event: event("user_recovery_codes", Outcome::Succeeded, visitor.user, &told),
            cause: visit.cause(visitor.user, &visitor.user_name),
        };
        if self.store.write(write).await? {
            Ok(codes)
        } else {
            Err(Error::NoFactor)
        }
    }

    /// Takes all second factors of somebody away who has lost them, and ends the sessions; gives what there was.
    pub async fn reset_factors(&self, cause: &Cause, org: OrgId, user: UserId) -> Result<Factors, Error> {
        let person = store::users::by_id(&mut self.store.reader(), org, user)
            .await?
            .ok_or(directory::Error::UnknownUser { id: user })?;
        let write = Reset {
            org,
            user,
            account: crate::limits::of_account(&counted_as(org, user)),
            event: event(
                "user_factor_reset",
                Outcome::Succeeded,
                user,
                &json!({ "name": person.user_name }),
            ),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    fn seal(&self, org: OrgId, user: UserId, key: &Key) -> Vec<u8> {
        let text = Secret::new(format!("{user} {}", key.text().expose()));
        self.keyring.seal(&self.ambient, field(org), &text)
    }

    /// What an authenticator app knows.
    pub(crate) fn unseal(
        &self,
        org: OrgId,
        user: UserId,
        authenticator: &Authenticator,
    ) -> Result<Key, Error> {
        let text = self.keyring.open(field(org), &authenticator.secret)?;
        let own = text.expose().split_once(' ');
        let secret = own.filter(|(of, _)| *of == user.to_string());
        let key = secret.and_then(|(_, secret)| Key::read(secret));
        Ok(key.ok_or(SealError::Damaged)?)
    }
}

/// Does an organization demand a second factor of whoever has this role?
pub fn demands_factor(settings: &Settings, role: Role) -> bool {
    match settings.second_factor {
        SecondFactor::Optional => false,
        SecondFactor::Administrators => role != Role::None,
        SecondFactor::All => true,
    }
}

/// What is sealed names whose it is: it opens for nobody else.
fn field(org: OrgId) -> Field {
    Field {
        org,
        name: store::sealed::AUTHENTICATOR,
    }
}

/// Under what the failures of somebody are counted who has shown a password.
pub(crate) fn counted_as(org: OrgId, user: UserId) -> String {
    format!("{org}/{user}")
}

/// As people type codes: in two halves, for one.
pub(crate) fn digits(code: &str) -> String {
    code.chars().filter(|letter| !letter.is_whitespace()).collect()
}

pub(crate) fn hashes(org: OrgId, user: UserId, codes: &[Secret]) -> Vec<Vec<u8>> {
    let hash = |code: &Secret| recovery_code::hash(org, user, code.expose());
    codes.iter().map(hash).collect()
}

/// On what ground somebody adds a factor.
enum By {
    Session(SessionId),
    /// Of the password alone: then it is the first one, or none.
    Password {
        set: Timestamp,
    },
    /// Of an identity provider's word alone: the same.
    Federated,
}

enum Done {
    First,
    Another,
    /// Somebody was disabled, got another password or a factor meanwhile.
    Over,
}

struct Enrol {
    org: OrgId,
    user: UserId,
    by: By,
    secret: Vec<u8>,
    step: i64,
    hashes: Vec<Vec<u8>>,
    event: NewEvent,
    cause: Cause,
}

impl Write for Enrol {
    type Out = Done;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Done, store::Error> {
        let (org, user) = (self.org, self.user);
        tx.lock(Lock::Feed(org)).await?;
        let person = store::users::held(tx, org, user).await?;
        let had = Factors::from(store::factors::held(tx, org, user).await?);
        let may = match self.by {
            By::Session(session) => goes_on(tx, org, (session, user)).await?,
            By::Password { set } => {
                let credential = store::credentials::of_user(tx, org, user).await?;
                !had.any() && credential.is_some_and(|credential| credential.modified == set)
            }
            By::Federated => !had.any(),
        };
        if !may || person.is_none_or(|person| !person.active) {
            return Ok(Done::Over);
        }
        store::factors::set_authenticator(tx, org, user, &self.secret, self.step, &self.cause).await?;
        store::events::append(tx, org, &self.event, &self.cause).await?;
        if had.any() {
            return Ok(Done::Another);
        }
        store::factors::set_recovery_codes(tx, org, user, &self.hashes).await?;
        Ok(Done::First)
    }
}

/// Which factor goes.
pub(crate) enum Removed {
    Authenticator,
    /// By the credential's id.
    Passkey(Vec<u8>),
}

pub(crate) struct Remove {
    pub(crate) org: OrgId,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) what: Removed,
    /// Then the last one stays.
    pub(crate) is_demanded: bool,
    pub(crate) event: NewEvent,
    pub(crate) cause: Cause,
}

pub(crate) enum Removal {
    Done,
    /// It is the last one, and one is demanded.
    Demanded,
    /// The session has ended.
    Over,
}

impl Write for Remove {
    type Out = Removal;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Removal, store::Error> {
        let (org, user) = (self.org, self.user);
        store::users::held(tx, org, user).await?;
        if !goes_on(tx, org, (self.session, user)).await? {
            return Ok(Removal::Over);
        }
        let had = Factors::from(store::factors::held(tx, org, user).await?);
        let count = had.passkeys + u32::from(had.authenticator.is_some());
        if self.is_demanded && count <= 1 {
            return Ok(Removal::Demanded);
        }
        let removed = match &self.what {
            Removed::Authenticator => store::factors::remove_authenticator(tx, org, user).await?,
            Removed::Passkey(id) => store::passkeys::remove(tx, org, user, id).await?,
        };
        if !removed {
            return Ok(Removal::Done);
        }
        if count <= 1 {
            store::factors::remove_recovery_codes(tx, org, user).await?;
        }
        store::events::append(tx, org, &self.event, &self.cause).await?;
        Ok(Removal::Done)
    }
}

struct Renew {
    org: OrgId,
    user: UserId,
    session: SessionId,
    hashes: Vec<Vec<u8>>,
    event: NewEvent,
    cause: Cause,
}

impl Write for Renew {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, user) = (self.org, self.user);
        store::users::held(tx, org, user).await?;
        let goes_on = goes_on(tx, org, (self.session, user)).await?;
        if !goes_on || !Factors::from(store::factors::held(tx, org, user).await?).any() {
            return Ok(false);
        }
        store::factors::set_recovery_codes(tx, org, user, &self.hashes).await?;
        store::events::append(tx, org, &self.event, &self.cause).await?;
        Ok(true)
    }
}

struct Reset {
    org: OrgId,
    user: UserId,
    /// Under what wrong codes are counted.
    account: Vec<u8>,
    event: NewEvent,
    cause: Cause,
}

impl Write for Reset {
    type Out = Factors;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Factors, store::Error> {
        let (org, user) = (self.org, self.user);
        store::users::held(tx, org, user)
            .await?
            .ok_or(store::Error::NotFound)?;
        let had = store::factors::held(tx, org, user).await?;
        store::factors::remove_all(tx, org, user).await?;
        store::sessions::end_all(tx, org, user).await?;
        store::failures::forget(tx, &self.account).await?;
        store::events::append(tx, org, &self.event, &self.cause).await?;
        Ok(had.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_must_have_a_factor() {
        let of = |policy| {
            let settings = Settings {
                second_factor: policy,
                ..Settings::default()
            };
            Role::ALL.map(|role| demands_factor(&settings, role))
        };
        assert_eq!(of(SecondFactor::Optional), [false; 7]);
        assert_eq!(
            of(SecondFactor::Administrators),
            [true, true, true, true, true, true, false]
        );
        assert_eq!(of(SecondFactor::All), [true; 7]);
    }
}
