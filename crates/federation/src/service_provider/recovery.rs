//! A way back for an administrator whom a broken identity provider keeps out: a code by mail, with which single sign-on is switched
//! off, or an identity provider gets other metadata, which is tested before anybody is led there.
//!
//! Whether an address is an administrator's is not told: the answer is the same for everybody. A code is good in the browser that
//! asked for it: whoever else asks, or guesses, takes nothing from anybody.

use std::time::Duration;

use base::{
    Actor, ActorKind, Cause, Field, IdentityProviderId, OrgId, Origin, Secret, Timestamp, UserId, canonical,
};
use directory::domains::domain_of;
use serde_json::json;
use store::outbox::{self, Draft};
use store::sso::recoveries::{self, Recovery};
use store::users::User;
use store::{Lock, Tx, Write};

use super::error::refuse;
use super::organization::{self, What};
use super::providers::{self, Edited};
use super::{Error, Provider, ProviderChange, metadata};
use crate::Federation;
use crate::event::{Told, tell};

/// How long a code is good.
const LASTING: Duration = Duration::from_mins(15);
/// How long one may take behind the right code.
const ACTING: Duration = Duration::from_mins(30);
/// How often it can be guessed.
const MOST_GUESSES: i64 = 5;
/// A browser gets no other code sooner.
const PAUSE: Duration = Duration::from_mins(1);
/// So many browsers of a network can have a code for somebody at a time, and so many of all networks: no mailbox is flooded.
const MOST_OF_NETWORK: usize = 3;
const MOST: usize = 30;
/// Who may do everything.
const FULL_ADMIN: &str = "id_full_admin";

/// The browser that asks, and where it is: hashes.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub browser: &'a [u8],
    pub network: &'a [u8],
}

/// What is done behind the right code.
#[derive(Debug)]
pub enum Remedy<'a> {
    /// Switches single sign-on off.
    SwitchOff,
    /// Gives an identity provider other metadata, and switches it off until it is tested.
    Metadata {
        provider: IdentityProviderId,
        xml: &'a str,
    },
    /// Switches one on that was tested.
    Activate { provider: IdentityProviderId },
}

/// An administrator.
struct Administrator {
    user: UserId,
    name: String,
    /// As it stands in the directory.
    address: String,
}

impl Federation {
    /// Sends a code to a full administrator of the organization who signs in by this address, if single sign-on is on. Nobody
    /// is told whether there is one.
    pub async fn send_recovery_code(
        &self,
        origin: Origin,
        org: OrgId,
        asking: Asking<'_>,
        address: &str,
    ) -> Result<(), Error> {
        if !self.sso(org).await?.active {
            return Ok(());
        }
        let Some(administrator) = self.administrator_of(org, address).await? else {
            return Ok(());
        };
        let number = u64::from_be_bytes(self.ambient().random()) % 100_000_000;
        let code = format!("{number:08}");
        let field = Field {
            org,
            name: outbox::SECRET_FIELD,
        };
        let write = Send {
            org,
            browser: asking.browser.to_vec(),
            network: asking.network.to_vec(),
            hash: self.recovery_hash(org, administrator.user, asking.browser, &code),
            sealed: self.keyring.seal(self.ambient(), field, &Secret::new(code)),
            cause: cause_of(&administrator, origin),
            administrator,
        };
        Ok(self.store.write(write).await?)
    }

    /// Takes a code from the browser that asked for it, which can act from then on.
    pub async fn take_recovery_code(
        &self,
        origin: Origin,
        org: OrgId,
        browser: &[u8],
        code: &Secret,
    ) -> Result<(), Error> {
        let Some((_, administrator)) = self.recovery_of(org, browser).await? else {
            return Err(Error::WrongCode);
        };
        let digits: String = code.expose().chars().filter(char::is_ascii_digit).collect();
        let write = Prove {
            org,
            browser: browser.to_vec(),
            hash: self.recovery_hash(org, administrator.user, browser, &digits),
            cause: cause_of(&administrator, origin),
        };
        if self.store.write(write).await? {
            Ok(())
        } else {
            Err(Error::WrongCode)
        }
    }

    /// Who has brought the right code from this browser, so that it can act still, and by which name they sign in.
    pub async fn recovering(&self, org: OrgId, browser: &[u8]) -> Result<Option<(UserId, String)>, Error> {
        let found = self.recovery_of(org, browser).await?;
        let found = found.filter(|(recovery, _)| recovery.proved.is_some());
        Ok(found.map(|(_, administrator)| (administrator.user, administrator.name)))
    }

    /// Does what whoever has shown the code has chosen; of what is done to an identity provider, what it is then.
    pub async fn recover(
        &self,
        origin: Origin,
        org: OrgId,
        browser: &[u8],
        remedy: Remedy<'_>,
    ) -> Result<Option<Provider>, Error> {
        let found = self.recovery_of(org, browser).await?;
        let Some((_, administrator)) = found.filter(|(recovery, _)| recovery.proved.is_some()) else {
            return Err(Error::RecoveryOver);
        };
        let what = match remedy {
            Remedy::SwitchOff => Act::SwitchOff,
            Remedy::Activate { provider } => Act::Activate(provider),
            Remedy::Metadata { provider, xml } => {
                let read = crate::metadata::read(xml, None)?;
                let found = metadata::import(&read, None, self.ambient().now())?.provider;
                let change = ProviderChange {
                    entity_id: Some(found.entity_id),
                    settings: found.settings,
                    certificates: Some(found.certificates),
                    ..ProviderChange::default()
                };
                Act::Metadata(provider, Box::new(change))
            }
        };
        let write = Recover {
            org,
            browser: browser.to_vec(),
            what,
            told: self.directory.administrators(org).await?,
            cause: cause_of(&administrator, origin),
        };
        Ok(self.store.write(write).await?)
    }

    /// Forgets codes that are good no more; says how many.
    pub async fn forget_recoveries(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        Ok(self.store.write(Forget { org, now }).await?)
    }

    /// What this browser has asked for, if it is good still, and who is meant, if that is an administrator still.
    async fn recovery_of(
        &self,
        org: OrgId,
        browser: &[u8],
    ) -> Result<Option<(Recovery, Administrator)>, Error> {
        let mut reader = self.store.reader();
        let found = recoveries::of_browser(&mut reader, org, browser).await?;
        let Some(recovery) = found.filter(|found| found.expires > self.ambient().now()) else {
            return Ok(None);
        };
        let Some(person) = store::users::by_id(&mut reader, org, recovery.user).await? else {
            return Ok(None);
        };
        let administrator = self.administrator(org, person).await?;
        Ok(administrator.map(|administrator| (recovery, administrator)))
    }

    /// Mail goes to the address that stands in the directory: the one that was typed can be folded to the same key, and be in
    /// somebody else's domain (`ß` and `ss`).
    async fn administrator_of(&self, org: OrgId, address: &str) -> Result<Option<Administrator>, Error> {
        let by_name = self.directory.user_by_name(org, address).await?;
        let person = match by_name {
            Some(person) => Some(person),
            None => self.directory.user_by_email(org, address).await?,
        };
        let Some(person) = person else {
            return Ok(None);
        };
        let found = self.administrator(org, person).await?;
        let is_meant = |own: &str| {
            canonical::email(own) == canonical::email(address) && domain_of(own) == domain_of(address)
        };
        Ok(found.filter(|found| is_meant(&found.address)))
    }

    async fn administrator(&self, org: OrgId, person: User) -> Result<Option<Administrator>, Error> {
        let document = directory::document(&person)?;
        let Some(address) = directory::written_sign_in_address(&document) else {
            return Ok(None);
        };
        let roles = self.directory.roles_of(org, person.id).await?;
        let is_one = person.active && roles.iter().any(|role| role == FULL_ADMIN);
        Ok(is_one.then(|| Administrator {
            user: person.id,
            address: address.to_owned(),
            name: person.user_name,
        }))
    }

    fn recovery_hash(&self, org: OrgId, user: UserId, browser: &[u8], code: &str) -> Vec<u8> {
        let mut text = format!("{user} {code} ").into_bytes();
        text.extend(browser);
        self.recoveries.bytes_of(org, &text).to_vec()
    }
}

fn cause_of(administrator: &Administrator, origin: Origin) -> Cause {
    let actor = Actor::new(ActorKind::User, administrator.user, administrator.name.clone());
    Cause::of(actor, origin)
}

struct Send {
    org: OrgId,
    browser: Vec<u8>,
    network: Vec<u8>,
    administrator: Administrator,
    hash: Vec<u8>,
    /// The code.
    sealed: Vec<u8>,
    cause: Cause,
}

impl Write for Send {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, user, now) = (self.org, self.administrator.user, tx.ambient().now());
        tx.lock(Lock::Federation(org)).await?;
        recoveries::prune(tx, org, now).await?;
        let own = recoveries::of_browser(tx, org, &self.browser).await?;
        if own.is_some_and(|own| own.proved.is_some() || now.since(own.created) < PAUSE) {
            return Ok(());
        }
        let mut others = recoveries::of_user(tx, org, user).await?;
        others.retain(|other| other.browser != self.browser);
        let here = others.iter().filter(|other| other.network == self.network);
        if here.count() >= MOST_OF_NETWORK || others.len() >= MOST {
            return Ok(());
        }
        let recovery = Recovery {
            browser: self.browser.clone(),
            user,
            network: self.network.clone(),
            hash: self.hash.clone(),
            proved: None,
            created: now,
            expires: now + LASTING,
            attempts: 0,
        };
        recoveries::set(tx, org, &recovery).await?;
        let draft = Draft {
            recipient: self.administrator.address.clone(),
            subject: "Your code to repair single sign-on".to_owned(),
            text: format!(
                "Somebody, you it is to be hoped, wants to repair single sign-on of your organization, as it lets nobody in. \
                 The code is good for a quarter of an hour, in the browser that has asked for it and in no other:\n\n  {}\n\n\
                 Tell it to nobody. If it was not you, do nothing.\n",
                outbox::SECRET
            ),
        };
        outbox::insert_with_secret(tx, org, &draft, &self.sealed, &self.cause).await?;
        let told = Told {
            more: json!({ "user": user }),
            ..Told::new("sso_recovery_send", "user", user, &self.administrator.name)
        };
        tell(tx, org, &told, &[], &self.cause).await
    }
}

struct Prove {
    org: OrgId,
    browser: Vec<u8>,
    hash: Vec<u8>,
    cause: Cause,
}

impl Write for Prove {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, now) = (self.org, tx.ambient().now());
        tx.lock(Lock::Federation(org)).await?;
        let Some(recovery) = recoveries::of_browser(tx, org, &self.browser).await? else {
            return Ok(false);
        };
        if recovery.expires <= now || recovery.attempts >= MOST_GUESSES || recovery.proved.is_some() {
            return Ok(false);
        }
        recoveries::count(tx, org, &self.browser).await?;
        if recovery.hash != self.hash || !organization::read(tx, org).await?.active {
            return Ok(false);
        }
        let user = recovery.user;
        let proved = Recovery {
            proved: Some(now),
            expires: now + ACTING,
            ..recovery
        };
        recoveries::set(tx, org, &proved).await?;
        let told = Told::new("sso_recovery_use", "user", user, &self.cause.actor.name);
        tell(tx, org, &told, &[], &self.cause).await?;
        Ok(true)
    }
}

enum Act {
    SwitchOff,
    Metadata(IdentityProviderId, Box<ProviderChange>),
    Activate(IdentityProviderId),
}

struct Recover {
    org: OrgId,
    browser: Vec<u8>,
    what: Act,
    /// The administrators, who are told by mail.
    told: Vec<String>,
    cause: Cause,
}

impl Write for Recover {
    type Out = Option<Provider>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Provider>, store::Error> {
        let (org, cause, now) = (self.org, &self.cause, tx.ambient().now());
        tx.lock(Lock::Federation(org)).await?;
        let known = recoveries::of_browser(tx, org, &self.browser).await?;
        if !known.is_some_and(|known| known.proved.is_some() && known.expires > now) {
            return Err(refuse(Error::RecoveryOver));
        }
        let provider = match &self.what {
            Act::SwitchOff => {
                organization::change(tx, org, &What::Active(false), cause).await?;
                None
            }
            Act::Metadata(id, change) => {
                let how = |provider: &mut Provider| {
                    provider.active = false;
                    provider.tested = None;
                    providers::apply(change, provider)
                };
                let how: Edited<'_> = &how;
                Some(providers::edit(tx, (org, *id), how, "sso_provider_update", cause).await?)
            }
            Act::Activate(id) => {
                let how: Edited<'_> = &|provider: &mut Provider| providers::switch_on(provider, false);
                Some(providers::edit(tx, (org, *id), how, "sso_provider_activate", cause).await?)
            }
        };
        if !matches!(self.what, Act::Metadata(..)) {
            recoveries::finish(tx, org, &self.browser).await?;
        }
        let name = provider.as_ref().map_or("", |provider| provider.name.as_str());
        let (subject, what) = match self.what {
            Act::SwitchOff => (
                "Single sign-on was switched off",
                "has switched single sign-on of your organization off: everybody signs in with a password"
                    .to_owned(),
            ),
            Act::Metadata(..) => (
                "An identity provider got other metadata",
                format!(
                    "has given the identity provider {name} other metadata; it is switched off until it is tested"
                ),
            ),
            Act::Activate(_) => (
                "An identity provider was switched on",
                format!("has switched the identity provider {name} on, after a test"),
            ),
        };
        let who = &cause.actor.name;
        for recipient in &self.told {
            let draft = Draft {
                recipient: recipient.clone(),
                subject: subject.to_owned(),
                text: format!(
                    "{who} {what}. This was done by a code that came by mail. If you know nothing of it, look at the events of \
                     your organization, and at who reads the mail of {who}.\n"
                ),
            };
            outbox::insert(tx, org, &draft, cause).await?;
        }
        Ok(provider)
    }
}

struct Forget {
    org: OrgId,
    now: Timestamp,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        recoveries::prune(tx, self.org, self.now).await
    }
}
