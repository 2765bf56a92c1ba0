//! Invitations: a mail with a link that is good once, by which somebody shows that the address is theirs and, without a
//! password, chooses one.
//!
//! What the link carries is kept as a hash, and sealed in the outbox until the mail is sent. Another invitation, another
//! address and the answer end it.

use std::sync::Arc;
use std::time::Duration;

use base::{Cause, Field, Keyring, NewLink, OrgId, Timestamp, UserId};
use serde_json::json;
use store::invitations::Invitation;
use store::outbox::{self, Draft};
use store::users::User;
use store::{Tx, Write};

use crate::events::Event;
use crate::roles::keep_rank;
use crate::{Directory, Error, Invite, Moving, Settings, Source, rendering, rules};

/// How long a link is good.
const LASTING: Duration = Duration::from_hours(7 * 24);

/// Whether mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailing {
    Configured,
    /// Nobody takes mail: nobody is invited.
    Missing,
}

/// Makes invitations.
#[derive(Clone)]
pub(crate) struct Inviter(Arc<Keyring>);

/// Somebody was invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    pub user_name: String,
    pub address: String,
    pub expires: Timestamp,
}

/// Who is to be invited: the person is held by the transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Invitee<'a> {
    pub user: UserId,
    pub user_name: &'a str,
    /// As it is written.
    pub address: &'a str,
    pub needs: Needs,
}

/// What the link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Password,
    Confirmation,
}

impl Directory {
    /// Lets people be invited, by mail whose links are sealed under these keys.
    #[must_use]
    pub fn with_invitations(self, keyring: Arc<Keyring>, mailing: Mailing) -> Self {
        let inviter = match mailing {
            Mailing::Configured => Some(Inviter(keyring)),
            Mailing::Missing => None,
        };
        Self { inviter, ..self }
    }

    /// Invites somebody, again if need be: the link before is good no more.
    pub async fn invite(&self, cause: &Cause, org: OrgId, user: UserId) -> Result<Invited, Error> {
        let inviter = self.inviter.clone().ok_or(Error::NoMailServer)?;
        let write = InviteAgain {
            org,
            user,
            inviter,
            cause: cause.clone(),
        };
        self.store.write(write).await.map_err(|error| match error {
            store::Error::NotFound => Error::UnknownUser { id: user },
            other => other.into(),
        })
    }

    /// When the invitation expires that somebody can still answer.
    pub async fn invited_until(&self, org: OrgId, user: UserId) -> Result<Option<Timestamp>, Error> {
        let found = store::invitations::of_user(&mut self.store.reader(), org, user).await?;
        let expires = found.map(|invitation| invitation.expires);
        Ok(expires.filter(|expires| *expires > self.ambient.now()))
    }

    /// Forgets invitations that nobody has answered in time.
    pub async fn forget_invitations(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient.now();
        Ok(self.store.write(Forget { org, now }).await?)
    }
}

/// Is whoever comes in by a door invited without anybody asking for it?
pub(crate) fn wants(settings: Settings, source: Source) -> bool {
    // Whoever comes by signing in is in already.
    if source == Source::Saml {
        return false;
    }
    match settings.invite {
        Invite::None => false,
        Invite::ExceptScim => source != Source::Scim,
        Invite::All => true,
    }
}

impl Inviter {
    /// Writes the invitation, its mail and its event.
    pub(crate) async fn invite(
        &self,
        tx: &mut Tx<'_>,
        org: OrgId,
        invitee: Invitee<'_>,
        cause: &Cause,
    ) -> Result<Invited, store::Error> {
        let organization = store::organizations::by_id(tx, org)
            .await?
            .ok_or(store::Error::NotFound)?;
        let (link, created) = (NewLink::make(tx.ambient(), org), tx.ambient().now());
        let invitation = Invitation {
            user: invitee.user,
            hash: link.hash,
            address: base::canonical::email(invitee.address),
            created,
            expires: created + LASTING,
        };
        store::invitations::put(tx, org, &invitation, cause).await?;
        let field = Field {
            org,
            name: outbox::SECRET_FIELD,
        };
        let sealed = self.0.seal(tx.ambient(), field, &link.token);
        let draft = letter(&organization.name, invitee, invitation.expires);
        outbox::insert_with_secret(tx, org, &draft, &sealed, cause).await?;
        let told = json!({
            "name": invitee.user_name,
            "address": invitee.address,
            "expires_at": invitation.expires,
        });
        let event = Event::new("user_invite", "user", invitee.user, &told, cause);
        event.append(tx, org).await?;
        Ok(Invited {
            user_name: invitee.user_name.to_owned(),
            address: invitee.address.to_owned(),
            expires: invitation.expires,
        })
    }
}

fn letter(organization: &str, invitee: Invitee<'_>, expires: Timestamp) -> Draft {
    let (organization, user_name) = (one_line(organization), one_line(invitee.user_name));
    let (subject, wanted) = match invitee.needs {
        Needs::Password => (
            format!("You are invited to {organization}"),
            "Choose your password, and you are in:",
        ),
        Needs::Confirmation => (
            format!("Confirm your e-mail address for {organization}"),
            "Confirm that this address is yours:",
        ),
    };
    let text = format!(
        "{organization} has an account for you: {user_name}\n\n\
         {wanted}\n\n\
         {}/invitation?token={}\n\n\
         The link can be used once, until {}. After that ask your administrator for another one.\n\n\
         If you did not expect this, do nothing: without the link nothing happens.\n",
        outbox::PUBLIC_URL,
        outbox::SECRET,
        expires.to_minute(),
    );
    Draft {
        recipient: invitee.address.to_owned(),
        subject,
        text,
    }
}

/// A name that cannot look like more than a name.
fn one_line(name: &str) -> String {
    let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
    name.chars().map(shown).collect()
}

struct InviteAgain {
    org: OrgId,
    user: UserId,
    inviter: Inviter,
    cause: Cause,
}

impl Write for InviteAgain {
    type Out = Invited;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Invited, store::Error> {
        let Self {
            org,
            user,
            inviter,
            cause,
        } = self;
        keep_rank(tx, *org, *user, cause).await?;
        let person = store::users::held(tx, *org, *user)
            .await?
            .ok_or(store::Error::NotFound)?;
        let refused = |error| Err(store::Error::refuse(error));
        let user_name = || person.user_name.clone();
        if !person.active {
            return refused(Error::InviteeInactive {
                user_name: user_name(),
            });
        }
        let document = rendering::document(&person).map_err(store::Error::refuse)?;
        let Some(address) = rules::written_sign_in_address(&document) else {
            return refused(Error::InviteeWithoutAddress {
                user_name: user_name(),
            });
        };
        let facts = store::facts::of_user(tx, *org, *user).await?;
        let needs = needs(tx, *org, *user).await?;
        if facts.verified.is_some() && needs == Needs::Confirmation {
            return refused(Error::NothingToInviteTo {
                user_name: user_name(),
            });
        }
        let invitee = Invitee {
            user: *user,
            user_name: &person.user_name,
            address,
            needs,
        };
        let invited = inviter.invite(tx, *org, invitee, cause).await?;
        learn_of(tx, *org, &person, cause).await?;
        Ok(invited)
    }
}

/// Whether somebody is still to choose a password.
pub(crate) async fn needs(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<Needs, store::Error> {
    let credential = store::credentials::of_user(tx, org, user).await?;
    let has_own = credential.is_some_and(|credential| !credential.must_change);
    Ok(if has_own {
        Needs::Confirmation
    } else {
        Needs::Password
    })
}

pub(crate) async fn learn_of(
    tx: &mut Tx<'_>,
    org: OrgId,
    person: &User,
    cause: &Cause,
) -> Result<(), store::Error> {
    let now = tx.ambient().now();
    let learned = Moving::of(org, person).learn(tx, cause, |facts| facts.invited = Some(now));
    learned.await.map(drop)
}

struct Forget {
    org: OrgId,
    now: Timestamp,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        store::invitations::prune(tx, self.org, self.now).await
    }
}
