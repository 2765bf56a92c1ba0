//! Keys that sign and decrypt, with overlap: the next one is made and published before it signs, at once or from a date on,
//! and the last one stays published until somebody removes it.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base::{Cause, Field, OrgId, SamlKeyId, Secret, Timestamp};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use saml::security::{Certificate, Credential, DecryptionKey, KeyKind, SigningKey};
use serde_json::json;
use store::saml_keys::{self, Owner};
use store::{Lock, Tx, Write};
use zeroize::Zeroizing;

use crate::error::refuse;
use crate::event::{Told, tell};
use crate::key_algorithms::can;
use crate::{Error, Federation};

/// For how many days a certificate can be good.
pub const DAYS: RangeInclusive<u32> = 1..=3_650;
/// What one is good for unless somebody says so: three years.
const USUAL_DAYS: u32 = 3 * 365;
/// The one that signs, the next, the last, and some that wait.
const MOST: usize = 10;
/// As what events name keys.
pub(crate) const KIND: &str = "saml_key";
/// So many keys are kept ready.
const READY: usize = 10_000;

/// A key, as whoever administers it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub id: SamlKeyId,
    pub certificate: Certificate,
    pub created: Timestamp,
    pub standing: Standing,
}

/// What a key is for at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It signs.
    Current,
    /// It is published, and signs later: from then on, or when somebody says so.
    Next { from: Option<Timestamp> },
    /// It has signed.
    Previous,
}

impl Standing {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next { .. } => "next",
            Self::Previous => "previous",
        }
    }
}

impl Key {
    /// Does it sign, or is it to?
    pub fn is_needed(&self) -> bool {
        self.standing != Standing::Previous
    }
}

/// What a new key is to be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewKey {
    pub kind: KeyKind,
    /// How long its certificate is good for.
    pub days: u32,
    /// From when on it signs; `None`: when somebody says so.
    pub from: Option<Timestamp>,
}

impl Default for NewKey {
    fn default() -> Self {
        Self {
            kind: KeyKind::Rsa2048,
            days: USUAL_DAYS,
            from: None,
        }
    }
}

/// Keys that have been opened, by their ids: what a key is never changes.
#[derive(Clone, Default)]
pub(crate) struct Ready(Arc<RwLock<HashMap<SamlKeyId, Opened>>>);

#[derive(Clone)]
struct Opened {
    signing: SigningKey,
    /// Keys on curves decrypt nothing.
    decryption: Option<DecryptionKey>,
}

impl Federation {
    /// All keys of an owner: the one that signs first, then those to come, then those before. None: none was needed yet.
    pub async fn keys(&self, org: OrgId, owner: Owner) -> Result<Vec<Key>, Error> {
        let stored = saml_keys::of_owner(&mut self.store.reader(), org, owner).await?;
        let now = self.ambient().now();
        let mut keys = stored
            .iter()
            .map(|key| {
                Ok(Key {
                    id: key.id,
                    certificate: Certificate::from_der(&key.certificate)?,
                    created: key.created,
                    standing: standing(key, &stored, now),
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        keys.sort_by_key(|key| match key.standing {
            Standing::Current => 0,
            Standing::Next { .. } => 1,
            Standing::Previous => 2,
        });
        Ok(keys)
    }

    /// What signs for an owner at the moment; `name` is what the first certificate is for, which is made if there is none.
    pub async fn credential(&self, org: OrgId, owner: Owner, name: &str) -> Result<Credential, Error> {
        let now = self.ambient().now();
        let mut stored = saml_keys::of_owner(&mut self.store.reader(), org, owner).await?;
        if current(&stored, now).is_none() {
            let cause = self.ambient().cause(base::Actor::system());
            let new = NewKey {
                from: Some(now),
                ..NewKey::default()
            };
            self.make_key(&cause, org, owner, name, new, Occasion::First)
                .await?;
            stored = saml_keys::of_owner(&mut self.store.reader(), org, owner).await?;
        }
        let now = self.ambient().now();
        let key = current(&stored, now)
            .ok_or_else(|| store::Error::internal("a key that was made is not there"))?;
        let certificate = Certificate::from_der(&key.certificate)?;
        Ok(Credential::new(self.opened(org, key)?.signing, certificate))
    }

    /// What opens messages to an owner: all of its keys that can, the one that signs first.
    pub async fn decryption_keys(&self, org: OrgId, owner: Owner) -> Result<Vec<DecryptionKey>, Error> {
        let mut stored = saml_keys::of_owner(&mut self.store.reader(), org, owner).await?;
        let now = self.ambient().now();
        let signs = current(&stored, now).map(|key| key.id);
        stored.sort_by_key(|key| Some(key.id) != signs);
        let mut keys = Vec::new();
        for key in &stored {
            keys.extend(self.opened(org, key)?.decryption);
        }
        Ok(keys)
    }

    /// Makes a key, to sign later or from a date on. The first one signs at once.
    pub async fn add_key(
        &self,
        cause: &Cause,
        org: OrgId,
        owner: Owner,
        name: &str,
        new: NewKey,
    ) -> Result<Key, Error> {
        if !DAYS.contains(&new.days) {
            return Err(Error::Days);
        }
        // The first one signs at once.
        if new.from.is_some() || self.keys(org, owner).await?.is_empty() {
            self.refuse_unable(org, owner, |algorithm| can(new.kind, algorithm))
                .await?;
        }
        let id = self
            .make_key(cause, org, owner, name, new, Occasion::Asked)
            .await?;
        self.key(org, owner, id).await
    }

    pub async fn key(&self, org: OrgId, owner: Owner, id: SamlKeyId) -> Result<Key, Error> {
        let keys = self.keys(org, owner).await?;
        keys.into_iter()
            .find(|key| key.id == id)
            .ok_or(Error::UnknownKey { id })
    }

    /// Lets a key sign: from a date on, or at once.
    pub async fn promote_key(
        &self,
        cause: &Cause,
        org: OrgId,
        owner: Owner,
        id: SamlKeyId,
        from: Option<Timestamp>,
    ) -> Result<Key, Error> {
        let cause = cause.clone();
        let stored = saml_keys::of_owner(&mut self.store.reader(), org, owner).await?;
        if let Some(key) = stored.iter().find(|key| key.id == id) {
            let key = self.signing_key(org, key)?;
            self.refuse_unable(org, owner, |algorithm| key.check(algorithm).is_ok())
                .await?;
        }
        self.store
            .write(Promote {
                org,
                owner,
                id,
                from,
                cause,
            })
            .await?;
        self.key(org, owner, id).await
    }

    /// Removes a key that does not sign.
    pub async fn remove_key(
        &self,
        cause: &Cause,
        org: OrgId,
        owner: Owner,
        id: SamlKeyId,
    ) -> Result<(), Error> {
        let cause = cause.clone();
        Ok(self
            .store
            .write(Remove {
                org,
                owner,
                id,
                cause,
            })
            .await?)
    }

    async fn make_key(
        &self,
        cause: &Cause,
        org: OrgId,
        owner: Owner,
        name: &str,
        new: NewKey,
        occasion: Occasion,
    ) -> Result<SamlKeyId, Error> {
        let now = self.ambient().now();
        let until = now + Duration::from_hours(24 * u64::from(new.days));
        let (serial, name) = (self.ambient().random(), common_name(name));
        // Looking for primes takes a while.
        let made = tokio::task::spawn_blocking(move || {
            let (_, private) = SigningKey::generate(new.kind)?;
            let certificate = SigningKey::self_signed(&private, &name, now, until, serial)?;
            Ok::<_, saml::security::KeyError>((private, certificate))
        });
        let (private, certificate) = made
            .await
            .map_err(|_| store::Error::internal("a key could not be made"))??;
        let secret = Secret::new(BASE64_STANDARD.encode(&*private));
        let write = Make {
            org,
            occasion,
            key: saml_keys::Key {
                id: self.ambient().id(),
                owner,
                private_key: self.keyring.seal(self.ambient(), field(org), &secret),
                created: now,
                expires: certificate.not_after(),
                certificate: certificate.der().to_vec(),
                active_from: new.from,
                announced: false,
            },
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// What signs with a stored key.
    pub(crate) fn signing_key(&self, org: OrgId, key: &saml_keys::Key) -> Result<SigningKey, Error> {
        Ok(self.opened(org, key)?.signing)
    }

    fn opened(&self, org: OrgId, key: &saml_keys::Key) -> Result<Opened, Error> {
        let ready = self.ready.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = ready.get(&key.id) {
            return Ok(opened.clone());
        }
        drop(ready);
        let unusable = |error: &dyn std::fmt::Display| {
            store::Error::internal(format!("the key {} cannot be opened: {error}", key.id))
        };
        let secret = self
            .keyring
            .open(field(org), &key.private_key)
            .map_err(|error| unusable(&error))?;
        let private = BASE64_STANDARD
            .decode(secret.expose())
            .map(Zeroizing::new)
            .map_err(|error| unusable(&error))?;
        let opened = Opened {
            signing: SigningKey::from_pkcs8(&private)?,
            decryption: DecryptionKey::from_pkcs8(&private).ok(),
        };
        let mut ready = self.ready.0.write().unwrap_or_else(PoisonError::into_inner);
        if ready.len() >= READY {
            ready.clear();
        }
        ready.insert(key.id, opened.clone());
        Ok(opened)
    }
}

fn field(org: OrgId) -> Field {
    Field {
        org,
        name: store::sealed::SAML_KEY,
    }
}

/// Of those that have begun the one that began last.
fn current(keys: &[saml_keys::Key], now: Timestamp) -> Option<&saml_keys::Key> {
    keys.iter()
        .filter(|key| key.active_from.is_some_and(|from| from <= now))
        .max_by_key(|key| (key.active_from, key.id))
}

fn standing(key: &saml_keys::Key, all: &[saml_keys::Key], now: Timestamp) -> Standing {
    match key.active_from {
        Some(from) if from <= now => {
            if current(all, now).is_some_and(|current| current.id == key.id) {
                Standing::Current
            } else {
                Standing::Previous
            }
        }
        from => Standing::Next { from },
    }
}

/// At most 64 characters (RFC 5280, ub-common-name).
fn common_name(name: &str) -> String {
    let visible = name.chars().filter(|letter| !letter.is_control());
    visible.take(64).collect()
}

/// The application's name, or what the organization's service provider is called.
pub(crate) async fn owner_name(tx: &mut Tx<'_>, org: OrgId, owner: Owner) -> Result<String, store::Error> {
    Ok(match owner {
        Owner::ServiceProvider => "the service provider".to_owned(),
        Owner::App(app) => match store::apps::by_id(tx, org, app).await? {
            Some(app) => app.name,
            None => app.to_string(),
        },
    })
}

/// Why a key is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// There is none that signs. Of two who find that out at once, one makes it.
    First,
    Asked,
}

struct Make {
    org: OrgId,
    occasion: Occasion,
    key: saml_keys::Key,
    cause: Cause,
}

impl Write for Make {
    type Out = SamlKeyId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<SamlKeyId, store::Error> {
        let (org, mut key) = (self.org, self.key.clone());
        tx.lock(Lock::Apps(org)).await?;
        let now = tx.ambient().now();
        let stored = saml_keys::of_owner(tx, org, key.owner).await?;
        match current(&stored, now) {
            Some(current) if self.occasion == Occasion::First => return Ok(current.id),
            Some(_) => {}
            None => key.active_from = Some(now),
        }
        if stored.len() >= MOST {
            return Err(refuse(Error::TooManyKeys { most: MOST }));
        }
        check_end(&key, key.active_from)?;
        key.announced = key.active_from.is_some_and(|from| from <= now);
        saml_keys::insert(tx, org, &key).await?;
        let name = owner_name(tx, org, key.owner).await?;
        let told = Told::new("saml_key_create", KIND, key.id, &name);
        let changes = [
            ("expires_at", json!(null), json!(key.expires)),
            ("active_from", json!(null), json!(key.active_from)),
        ];
        tell(tx, org, &told, &changes, &self.cause).await?;
        Ok(key.id)
    }
}

fn check_end(key: &saml_keys::Key, from: Option<Timestamp>) -> Result<(), store::Error> {
    if from.is_some_and(|from| from >= key.expires) {
        return Err(refuse(Error::KeyEnds { id: key.id }));
    }
    Ok(())
}

struct Promote {
    org: OrgId,
    owner: Owner,
    id: SamlKeyId,
    from: Option<Timestamp>,
    cause: Cause,
}

impl Write for Promote {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, owner, id, .. } = *self;
        tx.lock(Lock::Apps(org)).await?;
        let now = tx.ambient().now();
        // What was asked for in the past is meant for now: a key never signed before somebody said so.
        let from = self.from.map_or(now, |from| from.max(now));
        let stored = saml_keys::of_owner(tx, org, owner).await?;
        let Some(key) = stored.iter().find(|key| key.id == id) else {
            return Err(refuse(Error::UnknownKey { id }));
        };
        let is_current = current(&stored, now).is_some_and(|current| current.id == id);
        if is_current {
            // It would stop to sign until then.
            return if from <= now {
                Ok(())
            } else {
                Err(refuse(Error::KeyInUse { id }))
            };
        }
        check_end(key, Some(from))?;
        let at_once = from <= now;
        saml_keys::set_active_from(tx, org, id, Some(from), at_once).await?;
        let name = owner_name(tx, org, owner).await?;
        let event_type = if at_once {
            "saml_key_promote"
        } else {
            "saml_key_schedule"
        };
        let told = Told::new(event_type, KIND, id, &name);
        let change = ("active_from", json!(key.active_from), json!(from));
        tell(tx, org, &told, &[change], &self.cause).await
    }
}

struct Remove {
    org: OrgId,
    owner: Owner,
    id: SamlKeyId,
    cause: Cause,
}

impl Write for Remove {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, owner, id, .. } = *self;
        tx.lock(Lock::Apps(org)).await?;
        let now = tx.ambient().now();
        let stored = saml_keys::of_owner(tx, org, owner).await?;
        let Some(key) = stored.iter().find(|key| key.id == id) else {
            return Err(refuse(Error::UnknownKey { id }));
        };
        if current(&stored, now).is_some_and(|current| current.id == id) {
            return Err(refuse(Error::KeyInUse { id }));
        }
        saml_keys::delete(tx, org, id).await?;
        let name = owner_name(tx, org, owner).await?;
        let told = Told::new("saml_key_delete", KIND, id, &name);
        let change = ("expires_at", json!(key.expires), json!(null));
        tell(tx, org, &told, &[change], &self.cause).await
    }
}
