//! Another password: chosen by its owner, or made up by whoever runs the server.

use base::{Cause, OrgId, Secret, Timestamp, UserId};
use serde_json::json;
use store::credentials::{NewCredential, Validity};
use store::events::{NewEvent, Outcome};
use store::{Lock, Tx, Write};

use crate::password::{self, Weakness};
use crate::sign_in::event;
use crate::{Access, Candidate, Error, Evidence, Visit, Visitor, generate_password, limits, partners};

/// What an operator's reset has made.
#[derive(Debug)]
pub struct Reset {
    pub user_name: String,
    /// By what the person signs in; nothing for somebody without an e-mail address, who cannot.
    pub address: Option<String>,
    /// To be changed at the next sign-in.
    pub password: Secret,
}

/// What goes on when somebody changes the own password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Whoever had the old password may have let anything in.
    Nothing,
    /// What clients were allowed, and the tokens made by signing in.
    GivenAway,
}

impl Access {
    /// Chooses another password in place of one that was made up; the candidate may then begin a session.
    pub async fn choose_password(
        &self,
        visit: &Visit,
        candidate: &Candidate,
        new: &Secret,
    ) -> Result<Candidate, Error> {
        let org = candidate.org;
        let found = store::sign_ins::of_user(&mut self.store.reader(), org, candidate.user).await?;
        let person = found
            .filter(|person| person.modified == candidate.password_set && person.active)
            .ok_or(Error::SignInOver)?;
        // Nobody has had a session with a password that was made up: nothing came of it.
        let chosen = self.set_own(visit, &person, new, Kept::GivenAway).await?;
        Ok(Candidate {
            address: candidate.address.clone(),
            evidence: candidate.evidence,
            ..chosen
        })
    }

    /// Changes one's own password, which one must know. All sessions end; the one at hand is to begin anew. What was given away
    /// ends, too, unless it is to be kept.
    pub async fn change_password(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        current: &Secret,
        new: &Secret,
        kept: Kept,
    ) -> Result<Candidate, Error> {
        let found = store::sign_ins::of_user(&mut self.store.reader(), visitor.org, visitor.user).await?;
        let person = found.ok_or(Error::SignInOver)?;
        self.prove(visit, &person, current).await?;
        let changed = self.set_own(visit, &person, new, kept).await?;
        // The session at hand has begun with a factor, if there is one.
        Ok(match (changed.factors.any(), visitor.method) {
            (false, _) => changed,
            (true, Evidence::Password) => changed.having_shown(Evidence::Code),
            (true, shown) => changed.having_shown(shown),
        })
    }

    async fn set_own(
        &self,
        visit: &Visit,
        person: &store::sign_ins::SignIn,
        new: &Secret,
        kept: Kept,
    ) -> Result<Candidate, Error> {
        let user = store::users::by_id(&mut self.store.reader(), person.org, person.user)
            .await?
            .ok_or(Error::SignInOver)?;
        let address = directory::sign_in_address(&directory::document(&user)?);
        password::judge(
            new.expose(),
            &[&person.user_name, address.as_deref().unwrap_or_default()],
            &person.org_name,
        )?;
        let fits = self
            .passwords
            .fitting(new, vec![person.password_hash.clone()])
            .await?;
        if fits == [true] {
            return Err(Weakness::Same.into());
        }
        let write = SetPassword {
            org: person.org,
            user: person.user,
            expected: Some(person.modified),
            password_hash: self.passwords.hash(&self.ambient, new).await?,
            validity: Validity::Lasting,
            ends: match kept {
                Kept::Nothing => Some("the password was changed"),
                Kept::GivenAway => None,
            },
            event: event(
                "user_password_change",
                Outcome::Succeeded,
                person.user,
                &visit.told(&person.user_name),
            ),
            cause: visit.cause(person.user, &person.user_name),
        };
        self.store.write(write).await?;
        let found = store::sign_ins::of_user(&mut self.store.reader(), person.org, person.user).await?;
        self.candidate(&found.ok_or(Error::SignInOver)?).await
    }

    /// Gives somebody a made-up password, to be changed at the next sign-in; ends all sessions, all that the person has allowed
    /// clients, and the tokens made by signing in; and lets try again at once whoever had tried too often.
    pub async fn reset_password(&self, cause: &Cause, org: OrgId, user: UserId) -> Result<Reset, Error> {
        let person = store::users::by_id(&mut self.store.reader(), org, user)
            .await?
            .ok_or(directory::Error::UnknownUser { id: user })?;
        let password = generate_password(&self.ambient);
        let address = directory::sign_in_address(&directory::document(&person)?);
        let write = SetPassword {
            org,
            user,
            expected: None,
            password_hash: self.passwords.hash(&self.ambient, &password).await?,
            validity: Validity::MustChange,
            ends: Some("the password was reset"),
            event: event(
                "user_password_reset",
                Outcome::Succeeded,
                user,
                &json!({ "name": person.user_name }),
            ),
            cause: cause.clone(),
        };
        self.store.write(write).await?;
        Ok(Reset {
            user_name: person.user_name,
            address,
            password,
        })
    }
}

struct SetPassword {
    org: OrgId,
    user: UserId,
    /// When the password was set that is to go, if that matters.
    expected: Option<Timestamp>,
    password_hash: String,
    validity: Validity,
    /// Why what came of signing in ends, if it does.
    ends: Option<&'static str>,
    event: NewEvent,
    cause: Cause,
}

impl Write for SetPassword {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, user) = (self.org, self.user);
        tx.lock(Lock::Feed(org)).await?;
        let person = store::users::held(tx, org, user)
            .await?
            .ok_or(store::Error::NotFound)?;
        if let Some(expected) = self.expected {
            let present = store::credentials::of_user(tx, org, user).await?;
            if present.is_none_or(|present| present.modified != expected) {
                return Err(store::Error::Overtaken);
            }
        }
        let document =
            directory::document(&person).map_err(|error| store::Error::internal(error.to_string()))?;
        let address = directory::sign_in_address(&document);
        let new = NewCredential {
            password_hash: &self.password_hash,
            validity: self.validity,
            address: address.as_deref(),
        };
        store::credentials::set(tx, org, user, new, &self.cause).await?;
        store::sessions::end_all(tx, org, user).await?;
        if let (Validity::MustChange, Some(address)) = (self.validity, &address) {
            store::failures::forget(tx, &limits::of_account(address)).await?;
        }
        store::events::append(tx, org, &self.event, &self.cause).await?;
        if let Some(reason) = self.ends {
            self.end_what_came_of_signing_in(tx, &person.user_name, reason)
                .await?;
        }
        Ok(())
    }
}

impl SetPassword {
    async fn end_what_came_of_signing_in(
        &self,
        tx: &mut Tx<'_>,
        name: &str,
        reason: &str,
    ) -> Result<(), store::Error> {
        let (org, told) = (self.org, json!({ "name": name, "reason": reason }));
        let (grants, ended) = store::grants::revoke_all_of(tx, org, self.user, &self.cause).await?;
        partners::tell_of_ended(tx, org, (&grants, &ended), &told, &self.cause).await?;
        partners::end_what_came_of_signing_in(tx, (org, self.user), &told, &self.cause).await
    }
}
