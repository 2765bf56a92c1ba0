//! Passkeys as second factors (WebAuthn Level 3): a key that stays in a device, and signs for this server's origin alone.
//!
//! What is asked of a device is a *ceremony*. What the server must still know when the answer comes is carried by the form, sealed,
//! and each ceremony is answered once. The library has random numbers of its own for its challenges.

use std::sync::Arc;

use base::{Cause, CorrelationId, OrgId, SessionId, Timestamp, UserId};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::passkeys::NewPasskey;
use store::{Lock, Tx, Write};
use url::Url;
use webauthn_rs::prelude::{
    Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    Uuid, Webauthn, WebauthnBuilder,
};

use crate::factors::{Factors, Remove, Removed, counted_as, hashes};
use crate::sessions::goes_on;
use crate::sign_in::{Success, event};
use crate::{Access, Candidate, Enrolled, Error, Evidence, Visit, Visitor, demands_factor, recovery_code};

/// So many passkeys somebody can have.
const MOST: usize = 20;

/// For which origin passkeys are made.
#[derive(Debug, Clone)]
pub struct Origin(Arc<Webauthn>);

impl Origin {
    /// Nothing where the server is known by an address only: a passkey needs a name (WebAuthn §5.1.3).
    pub fn of(public_url: &str) -> Option<Self> {
        let url = Url::parse(public_url).ok()?;
        let name = url.domain()?.to_owned();
        let builder = WebauthnBuilder::new(&name, &url).ok()?;
        builder
            .rp_name("Instep")
            .build()
            .ok()
            .map(|own| Self(Arc::new(own)))
    }
}

/// What a device is asked, and what must still be known when its answer comes.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// JSON for `navigator.credentials`.
    pub options: String,
    /// JSON, to be carried where nobody can read or change it.
    pub state: String,
}

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyView {
    /// The credential's, in base64url.
    pub id: String,
    pub name: String,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
}

/// The state of a ceremony.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    /// By which it is known that it was answered.
    id: CorrelationId,
    library: String,
}

impl State {
    fn write(&self) -> String {
        json!({ "id": self.id, "library": self.library }).to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        Some(Self {
            id: value["id"].as_str()?.parse().ok()?,
            library: value["library"].as_str()?.to_owned(),
        })
    }
}

impl Access {
    /// Asks a device of whoever is signed in for a new passkey.
    pub async fn ask_for_new_passkey(&self, origin: &Origin, visitor: &Visitor) -> Result<Ceremony, Error> {
        visitor.require_proof(self.ambient.now())?;
        let known = store::passkeys::of_user(&mut self.store.reader(), visitor.org, visitor.user).await?;
        if known.len() >= MOST {
            return Err(Error::TooManyPasskeys);
        }
        let known = known.iter().map(|passkey| passkey.id.clone()).collect();
        let user = Uuid::from_bytes(*visitor.user.as_bytes());
        let name = &visitor.user_name;
        let begun = origin.0.start_passkey_registration(user, name, name, Some(known));
        let (options, state) = begun.map_err(|_| Error::Passkey)?;
        self.ceremony(&options, &state)
    }

    /// Takes what the device has answered.
    pub async fn add_passkey(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        (origin, state): (&Origin, &str),
        answer: &str,
    ) -> Result<Enrolled, Error> {
        visitor.require_proof(self.ambient.now())?;
        let state = State::read(state).ok_or(Error::Passkey)?;
        let library: PasskeyRegistration = read(&state.library)?;
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let made = origin.0.finish_passkey_registration(&answer, &library);
        let passkey = made.map_err(|error| refused(&error))?;
        let (org, user) = (visitor.org, visitor.user);
        let codes = recovery_code::generate(&self.ambient);
        let mut told = visit.told(&visitor.user_name);
        told["factor"] = json!("passkey");
        let write = Add {
            org,
            user,
            session: visitor.session,
            form: state.id,
            passkey: NewPasskey {
                id: passkey.cred_id().clone(),
                name: device(visit.user_agent()),
                credential: json(&passkey)?,
                counter: 0,
            },
            hashes: hashes(org, user, &codes),
            event: event("user_factor_add", Outcome::Succeeded, user, &told),
            cause: visit.cause(user, &visitor.user_name),
        };
        match self.store.write(write).await? {
            Added::First => Ok(Enrolled {
                recovery_codes: Some(codes),
            }),
            Added::Another => Ok(Enrolled { recovery_codes: None }),
            Added::Over => Err(Error::SignInOver),
        }
    }

    /// Asks the devices of somebody for one of their passkeys; nothing for somebody who has none.
    pub async fn ask_for_passkey(
        &self,
        origin: &Origin,
        org: OrgId,
        user: UserId,
    ) -> Result<Option<Ceremony>, Error> {
        let known = store::passkeys::of_user(&mut self.store.reader(), org, user).await?;
        let known = known.iter().map(|passkey| read(&passkey.credential));
        let known = known.collect::<Result<Vec<Passkey>, _>>()?;
        if known.is_empty() {
            return Ok(None);
        }
        let begun = origin.0.start_passkey_authentication(&known);
        let (options, state) = begun.map_err(|_| Error::Passkey)?;
        self.ceremony(&options, &state).map(Some)
    }

    /// Takes a passkey as the second factor behind the password.
    pub async fn show_passkey(
        &self,
        visit: &Visit,
        candidate: Candidate,
        ceremony: (&Origin, &str),
        answer: &str,
    ) -> Result<Candidate, Error> {
        let whose = (candidate.org, candidate.user, candidate.user_name.as_str());
        self.take_passkey(visit, whose, ceremony, answer).await?;
        Ok(candidate.having_shown(Evidence::Passkey))
    }

    /// Takes one of whoever has shown in another way who it is, where there is no sign-in and no session.
    pub async fn prove_by_passkey(
        &self,
        visit: &Visit,
        whose: (OrgId, UserId, &str),
        ceremony: (&Origin, &str),
        answer: &str,
    ) -> Result<(), Error> {
        self.take_passkey(visit, whose, ceremony, answer).await
    }

    /// Shows again, in a session, who it is.
    pub async fn prove_again_by_passkey(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        ceremony: (&Origin, &str),
        answer: &str,
    ) -> Result<(), Error> {
        let whose = (visitor.org, visitor.user, visitor.user_name.as_str());
        self.take_passkey(visit, whose, ceremony, answer).await?;
        self.note_proof(visitor).await
    }

    async fn take_passkey(
        &self,
        visit: &Visit,
        (org, user, name): (OrgId, UserId, &str),
        (origin, state): (&Origin, &str),
        answer: &str,
    ) -> Result<(), Error> {
        let attempt = self.count(visit, &counted_as(org, user)).await?;
        if self.is_good(org, user, (origin, state), answer).await? {
            return self.take_back(attempt, Success::OfAll).await;
        }
        self.note_failure(
            visit,
            (org, user, name),
            "the passkey is not good",
            attempt.standing,
        )
        .await?;
        match attempt.standing {
            Some(until) => Err(Error::TooManyAttempts { until }),
            None => Err(Error::WrongPasskey),
        }
    }

    async fn is_good(
        &self,
        org: OrgId,
        user: UserId,
        (origin, state): (&Origin, &str),
        answer: &str,
    ) -> Result<bool, Error> {
        let state = State::read(state).ok_or(Error::Passkey)?;
        let library: PasskeyAuthentication = read(&state.library)?;
        let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(answer) else {
            return Ok(false);
        };
        let signed = match origin.0.finish_passkey_authentication(&answer, &library) {
            Ok(signed) => signed,
            Err(error) => {
                tracing::debug!(%error, "a passkey's answer was refused");
                return Ok(false);
            }
        };
        // The person's own only: what was asked for may have gone meanwhile.
        let known = store::passkeys::of_user(&mut self.store.reader(), org, user).await?;
        let id: &[u8] = signed.cred_id();
        let Some(known) = known.into_iter().find(|known| known.id == id) else {
            return Ok(false);
        };
        let mut passkey: Passkey = read(&known.credential)?;
        passkey.update_credential(&signed);
        let write = Used {
            org,
            user,
            form: state.id,
            id: known.id,
            credential: json(&passkey)?,
            counter: i64::from(signed.counter()),
        };
        match self.store.write(write).await {
            Err(store::Error::Overtaken) => Ok(false),
            done => Ok(done.map(|()| true)?),
        }
    }

    pub async fn passkeys(&self, org: OrgId, user: UserId) -> Result<Vec<PasskeyView>, Error> {
        let known = store::passkeys::of_user(&mut self.store.reader(), org, user).await?;
        let view = |passkey: store::passkeys::Passkey| PasskeyView {
            id: BASE64_URL_SAFE_NO_PAD.encode(&passkey.id),
            name: passkey.name,
            created: passkey.created,
            last_used: passkey.last_used,
        };
        Ok(known.into_iter().map(view).collect())
    }

    /// Takes a passkey of whoever is signed in away, as an authenticator app is.
    pub async fn remove_passkey(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        settings: &directory::Settings,
        id: &str,
    ) -> Result<(), Error> {
        visitor.require_proof(self.ambient.now())?;
        let Ok(id) = BASE64_URL_SAFE_NO_PAD.decode(id) else {
            return Ok(());
        };
        let mut told = visit.told(&visitor.user_name);
        told["factor"] = json!("passkey");
        let write = Remove {
            org: visitor.org,
            user: visitor.user,
            session: visitor.session,
            what: Removed::Passkey(id),
            is_demanded: demands_factor(settings, visitor.role),
            event: event("user_factor_remove", Outcome::Succeeded, visitor.user, &told),
            cause: visit.cause(visitor.user, &visitor.user_name),
        };
        self.remove(write).await
    }

    fn ceremony(
        &self,
        options: &impl serde::Serialize,
        state: &impl serde::Serialize,
    ) -> Result<Ceremony, Error> {
        let state = State {
            id: self.ambient.id(),
            library: json(state)?,
        };
        Ok(Ceremony {
            options: json(options)?,
            state: state.write(),
        })
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| Error::Passkey)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|_| Error::Passkey)
}

fn refused(error: &webauthn_rs::prelude::WebauthnError) -> Error {
    tracing::debug!(%error, "a new passkey was refused");
    Error::WrongPasskey
}

/// By what its owner knows a passkey: the browser that it was made with.
fn device(user_agent: &str) -> String {
    let mut name: String = user_agent.to_owned();
    name.truncate(name.floor_char_boundary(200));
    name
}

enum Added {
    First,
    Another,
    /// It was answered before, or is somebody's.
    Over,
}

struct Add {
    org: OrgId,
    user: UserId,
    session: SessionId,
    form: CorrelationId,
    passkey: NewPasskey,
    hashes: Vec<Vec<u8>>,
    event: NewEvent,
    cause: Cause,
}

impl Write for Add {
    type Out = Added;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Added, store::Error> {
        let (org, user) = (self.org, self.user);
        tx.lock(Lock::Feed(org)).await?;
        let person = store::users::held(tx, org, user).await?;
        if person.is_none_or(|person| !person.active)
            || !goes_on(tx, org, (self.session, user)).await?
            || !store::used_forms::insert(tx, org, self.form).await?
        {
            return Ok(Added::Over);
        }
        let had = Factors::from(store::factors::held(tx, org, user).await?);
        if !store::passkeys::insert(tx, org, user, &self.passkey, &self.cause).await? {
            return Ok(Added::Over);
        }
        store::events::append(tx, org, &self.event, &self.cause).await?;
        if had.any() {
            return Ok(Added::Another);
        }
        store::factors::set_recovery_codes(tx, org, user, &self.hashes).await?;
        Ok(Added::First)
    }
}

struct Used {
    org: OrgId,
    user: UserId,
    form: CorrelationId,
    id: Vec<u8>,
    credential: String,
    counter: i64,
}

impl Write for Used {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, user) = (self.org, self.user);
        if !store::used_forms::insert(tx, org, self.form).await? {
            return Err(store::Error::Overtaken);
        }
        let taken = store::passkeys::used(tx, org, user, &self.id, &self.credential, self.counter).await?;
        if taken {
            Ok(())
        } else {
            Err(store::Error::Overtaken)
        }
    }
}
