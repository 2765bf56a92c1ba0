//! Answering an invitation: whoever has the link has the mail, so the address is theirs. Without a password of one's own one
//! chooses it, and comes in by it; with one the address is confirmed, and nothing else.

use base::{Cause, OrgId, Secret, UserId, read_link};
use serde_json::json;
use store::credentials::{NewCredential, Validity};
use store::events::{NewEvent, Outcome};
use store::invitations::Invitation;
use store::users::User;
use store::{Tx, Write};

use crate::password;
use crate::sign_in::event;
use crate::{Access, Candidate, Error, Visit};

/// What somebody is asked who follows the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answerable {
    pub org_name: String,
    pub user_name: String,
    pub address: String,
    pub asked: Asked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To choose a password.
    Password,
    /// To confirm that the address is theirs.
    Confirmation,
}

impl Access {
    /// What the link leads to; [`Error::InvitationOver`] if it is good no more.
    pub async fn invitation(&self, token: &str) -> Result<Answerable, Error> {
        let (org, person, _) = self.invited(token).await?;
        let organization = store::organizations::by_id(&mut self.store.reader(), org).await?;
        let credential = store::credentials::of_user(&mut self.store.reader(), org, person.id).await?;
        let has_own = credential.is_some_and(|credential| !credential.must_change);
        let address = address(&person)?.unwrap_or_default();
        Ok(Answerable {
            org_name: organization.ok_or(Error::InvitationOver)?.name,
            user_name: person.user_name,
            address,
            asked: if has_own {
                Asked::Confirmation
            } else {
                Asked::Password
            },
        })
    }

    /// Confirms the address of somebody who has a password.
    pub async fn confirm_address(&self, visit: &Visit, token: &str) -> Result<(), Error> {
        let (org, person, invitation) = self.invited(token).await?;
        self.answer_invitation(visit, org, &person, invitation, None)
            .await
    }

    /// Chooses the first password; the candidate may then begin a session.
    pub async fn choose_first_password(
        &self,
        visit: &Visit,
        token: &str,
        new: &Secret,
    ) -> Result<Candidate, Error> {
        let (org, person, invitation) = self.invited(token).await?;
        let address = address(&person)?.unwrap_or_default();
        let organization = store::organizations::by_id(&mut self.store.reader(), org).await?;
        let organization = organization.ok_or(Error::InvitationOver)?.name;
        password::judge(new.expose(), &[&person.user_name, &address], &organization)?;
        let hash = self.passwords.hash(&self.ambient, new).await?;
        self.answer_invitation(visit, org, &person, invitation, Some(hash))
            .await?;
        let found = store::sign_ins::of_user(&mut self.store.reader(), org, person.id).await?;
        self.candidate(&found.ok_or(Error::SignInOver)?).await
    }

    async fn invited(&self, token: &str) -> Result<(OrgId, User, Invitation), Error> {
        let (org, hash) = read_link(token).ok_or(Error::InvitationOver)?;
        let mut reader = self.store.reader();
        let found = store::invitations::of_hash(&mut reader, org, &hash).await?;
        let now = self.ambient.now();
        let invitation = found
            .filter(|invitation| invitation.expires > now)
            .ok_or(Error::InvitationOver)?;
        let person = store::users::by_id(&mut reader, org, invitation.user).await?;
        let person = person
            .filter(|person| person.active)
            .ok_or(Error::InvitationOver)?;
        if address(&person)?.as_ref() != Some(&invitation.address) {
            return Err(Error::InvitationOver);
        }
        Ok((org, person, invitation))
    }

    async fn answer_invitation(
        &self,
        visit: &Visit,
        org: OrgId,
        person: &User,
        invitation: Invitation,
        password_hash: Option<String>,
    ) -> Result<(), Error> {
        let told = |event_type| {
            let mut told = visit.told(&person.user_name);
            told["address"] = json!(invitation.address);
            event(event_type, Outcome::Succeeded, person.id, &told)
        };
        let mut events = vec![told("user_invitation_accept")];
        if password_hash.is_some() {
            events.push(told("user_password_change"));
        }
        let write = Answer {
            org,
            user: person.id,
            events,
            invitation,
            password_hash,
            cause: visit.cause(person.id, &person.user_name),
        };
        if self.store.write(write).await? {
            Ok(())
        } else {
            Err(Error::InvitationOver)
        }
    }
}

/// By which the person signs in, in canonical form.
fn address(person: &User) -> Result<Option<String>, Error> {
    Ok(directory::sign_in_address(&directory::document(person)?))
}

struct Answer {
    org: OrgId,
    user: UserId,
    invitation: Invitation,
    /// Of whoever has no password.
    password_hash: Option<String>,
    events: Vec<NewEvent>,
    cause: Cause,
}

impl Write for Answer {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, user) = (self.org, self.user);
        let Some(person) = store::users::held(tx, org, user).await? else {
            return Ok(false);
        };
        let present = store::invitations::of_user(tx, org, user).await?;
        let is_present = present.as_ref() == Some(&self.invitation);
        let credential = store::credentials::of_user(tx, org, user).await?;
        let has_own = credential.is_some_and(|credential| !credential.must_change);
        if !person.active || !is_present || has_own == self.password_hash.is_some() {
            return Ok(false);
        }
        store::invitations::remove(tx, org, user).await?;
        if let Some(password_hash) = &self.password_hash {
            let new = NewCredential {
                password_hash,
                validity: Validity::Lasting,
                address: Some(&self.invitation.address),
            };
            store::credentials::set(tx, org, user, new, &self.cause).await?;
            store::sessions::end_all(tx, org, user).await?;
        }
        for event in &self.events {
            store::events::append(tx, org, event, &self.cause).await?;
        }
        let now = tx.ambient().now();
        let moving = directory::Moving::of(org, &person);
        moving
            .learn(tx, &self.cause, |facts| facts.verified = Some(now))
            .await?;
        Ok(true)
    }
}
