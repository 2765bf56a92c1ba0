//! A way back for an administrator whom a broken identity provider keeps out: a code by mail, good once and for a quarter of an
//! hour, with which single sign-on can be switched off.
//!
//! Whether an address is an administrator's is not told: the answer is the same for everybody.

use std::time::Duration;

use base::{Actor, ActorKind, Cause, Field, OrgId, Origin, Secret, UserId, canonical};
use directory::domains::domain_of;
use serde_json::json;
use store::outbox::{self, Draft};
use store::sso::recoveries::{self, Recovery};
use store::{Tx, Write};

use super::error::refuse;
use super::{Error, organization};
use crate::Federation;
use crate::event::{Told, tell};

/// How long a code is good.
const LASTING: Duration = Duration::from_mins(15);
/// How often it can be guessed.
const MOST_GUESSES: i64 = 5;
/// No mail sooner than so long after the one before.
const PAUSE: Duration = Duration::from_mins(1);
/// Who may do everything.
const FULL_ADMIN: &str = "id_full_admin";

impl Federation {
    /// Sends a code to a full administrator of the organization who signs in by this address, if single sign-on is on. Nobody
    /// is told whether there is one.
    pub async fn send_recovery_code(&self, origin: Origin, org: OrgId, address: &str) -> Result<(), Error> {
        if !self.sso(org).await?.active {
            return Ok(());
        }
        let Some(user) = self.administrator(org, address).await? else {
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
            user: user.0,
            name: user.1.clone(),
            address: user.2.clone(),
            hash: self.recovery_hash(org, user.0, &code),
            sealed: self.keyring.seal(self.ambient(), field, &Secret::new(code)),
            cause: Cause::of(Actor::new(ActorKind::User, user.0, user.1), origin),
        };
        Ok(self.store.write(write).await?)
    }

    /// Takes a code, and switches single sign-on off.
    pub async fn recover(
        &self,
        origin: Origin,
        org: OrgId,
        address: &str,
        code: &Secret,
    ) -> Result<(), Error> {
        let Some((user, name, _)) = self.administrator(org, address).await? else {
            return Err(Error::WrongCode);
        };
        let digits: String = code.expose().chars().filter(char::is_ascii_digit).collect();
        let write = Use {
            org,
            user,
            hash: self.recovery_hash(org, user, &digits),
            cause: Cause::of(Actor::new(ActorKind::User, user, name), origin),
        };
        let cause = write.cause.clone();
        if !self.store.write(write).await? {
            return Err(Error::WrongCode);
        }
        self.deactivate_sso(&cause, org).await?;
        Ok(())
    }

    /// Id, name and address. Mail goes to the address that stands in the directory: the one that was typed can be folded to the
    /// same key, and be in somebody else's domain (`ß` and `ss`).
    async fn administrator(
        &self,
        org: OrgId,
        address: &str,
    ) -> Result<Option<(UserId, String, String)>, Error> {
        let by_name = self.directory.user_by_name(org, address).await?;
        let person = match by_name {
            Some(person) => Some(person),
            None => self.directory.user_by_email(org, address).await?,
        };
        let Some(person) = person else {
            return Ok(None);
        };
        let document = directory::document(&person)?;
        let Some(own) = directory::written_sign_in_address(&document) else {
            return Ok(None);
        };
        if canonical::email(own) != canonical::email(address) || domain_of(own) != domain_of(address) {
            return Ok(None);
        }
        let roles = self.directory.roles_of(org, person.id).await?;
        let is_administrator = person.active && roles.iter().any(|role| role == FULL_ADMIN);
        Ok(is_administrator.then(|| (person.id, person.user_name, own.to_owned())))
    }

    fn recovery_hash(&self, org: OrgId, user: UserId, code: &str) -> Vec<u8> {
        self.recoveries
            .bytes_of(org, format!("{user} {code}").as_bytes())
            .to_vec()
    }
}

struct Send {
    org: OrgId,
    user: UserId,
    name: String,
    address: String,
    hash: Vec<u8>,
    /// The code.
    sealed: Vec<u8>,
    cause: Cause,
}

impl Write for Send {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, user, now) = (self.org, self.user, tx.ambient().now());
        let before = recoveries::of_user(tx, org, user).await?;
        if before.is_some_and(|before| now.since(before.created) < PAUSE) {
            return Ok(());
        }
        let recovery = Recovery {
            user,
            hash: self.hash.clone(),
            created: now,
            expires: now + LASTING,
            attempts: 0,
        };
        recoveries::set(tx, org, &recovery).await?;
        let draft = Draft {
            recipient: self.address.clone(),
            subject: "Your code to switch single sign-on off".to_owned(),
            text: format!(
                "Somebody, you it is to be hoped, wants to switch single sign-on of your organization off, as it lets \
                 nobody in. The code is good for a quarter of an hour:\n\n  {}\n\nIf it was not you, do nothing.\n",
                outbox::SECRET
            ),
        };
        outbox::insert_with_secret(tx, org, &draft, &self.sealed, &self.cause).await?;
        let told = Told {
            more: json!({ "user": user }),
            ..Told::new("sso_recovery_send", "user", user, &self.name)
        };
        tell(tx, org, &told, &[], &self.cause).await
    }
}

struct Use {
    org: OrgId,
    user: UserId,
    hash: Vec<u8>,
    cause: Cause,
}

impl Write for Use {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, user, now) = (self.org, self.user, tx.ambient().now());
        let Some(recovery) = recoveries::of_user(tx, org, user).await? else {
            return Ok(false);
        };
        if recovery.expires <= now || recovery.attempts >= MOST_GUESSES {
            return Ok(false);
        }
        recoveries::count(tx, org, user).await?;
        if recovery.hash != self.hash {
            return Ok(false);
        }
        if !organization::read(tx, org).await?.active {
            return Err(refuse(Error::WrongCode));
        }
        recoveries::remove(tx, org, user).await?;
        let told = Told::new("sso_recovery_use", "user", user, &self.cause.actor.name);
        tell(tx, org, &told, &[], &self.cause).await?;
        Ok(true)
    }
}
