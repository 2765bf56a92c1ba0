//! Who people are to identity providers: the name by which each of them last vouched for somebody.
//!
//! By a persistent name somebody is found again, whatever else is called otherwise by then: so another one does not come in its
//! place by itself. Names of other kinds are remembered to be seen, and find nobody.

use base::{Cause, IdentityProviderId, OrgId, Timestamp, UserId};
use saml::message::NameId;
use saml::names::name_id_format;
use serde_json::{Value, json};
use store::sso::subjects::{self, Subject};
use store::{Tx, Write};

use super::error::refuse;
use super::{Error, Provider, person, provider_rows};
use crate::Federation;
use crate::event::{Told, tell};

/// A longer name is not remembered.
const LONGEST: usize = 1_024;

/// A name under which an identity provider knows somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    pub provider: IdentityProviderId,
    pub provider_name: String,
    pub name: String,
    pub format: String,
    /// By it the person is found.
    pub finds: bool,
    /// Since when anything is known.
    pub linked: Timestamp,
}

impl Federation {
    /// All names of somebody, by which identity providers have vouched.
    pub async fn subjects(&self, org: OrgId, user: UserId) -> Result<Vec<Linked>, Error> {
        let mut reader = self.store.reader();
        let providers = provider_rows::all(&mut reader, org).await?;
        let mut found = Vec::new();
        for (subject, linked) in subjects::all_of_user(&mut reader, org, user).await? {
            let provider = providers.iter().find(|one| one.id == subject.provider);
            let (Some(provider), Some(name)) = (provider, subject.name) else {
                continue;
            };
            found.push(Linked {
                provider: provider.id,
                provider_name: provider.name.clone(),
                name,
                format: subject.format.unwrap_or_default(),
                finds: subject.subject.is_some(),
                linked,
            });
        }
        Ok(found)
    }

    /// Forgets who somebody is to an identity provider: the next name that comes is the person's.
    pub async fn unlink_subject(
        &self,
        cause: &Cause,
        org: OrgId,
        (user, user_name): (UserId, &str),
        provider: IdentityProviderId,
    ) -> Result<(), Error> {
        let write = Unlink {
            org,
            user,
            user_name: user_name.to_owned(),
            provider,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// What is known of somebody at an identity provider.
    pub(super) async fn subject(
        &self,
        org: OrgId,
        provider: IdentityProviderId,
        user: UserId,
    ) -> Result<Option<Subject>, Error> {
        Ok(subjects::of_user(&mut self.store.reader(), org, provider, user).await?)
    }

    /// Is somebody known to an identity provider by another name than this one, which finds somebody, too?
    pub(super) async fn is_somebody_else(
        &self,
        org: OrgId,
        provider: IdentityProviderId,
        user: UserId,
        name: &NameId,
    ) -> Result<bool, Error> {
        let Some(subject) = person::subject_of(self, org, name) else {
            return Ok(false);
        };
        let known = self.subject(org, provider, user).await?;
        let known = known.and_then(|known| known.subject);
        Ok(known.is_some_and(|known| known != subject))
    }

    /// Remembers by which name an identity provider has vouched for somebody, and how new what it said was. False: the person
    /// has another name by now, or the name is another person's.
    pub(super) async fn keep_subject(
        &self,
        cause: &Cause,
        org: OrgId,
        provider: &Provider,
        (user, user_name): (UserId, &str),
        name: &NameId,
        updated: Option<Timestamp>,
    ) -> Result<bool, Error> {
        let before = self.subject(org, provider.id, user).await?;
        let nameless = [
            name_id_format::TRANSIENT,
            name_id_format::ENTITY,
            name_id_format::ENCRYPTED,
        ];
        let hash = person::subject_of(self, org, name);
        let known = before.as_ref();
        let finds = known.is_some_and(|known| known.subject.is_some());
        let is_kept = !nameless.contains(&name.format()) && name.value.len() <= LONGEST;
        let mut after = Subject {
            provider: provider.id,
            user,
            subject: known.and_then(|known| known.subject.clone()),
            name: known.and_then(|known| known.name.clone()),
            format: known.and_then(|known| known.format.clone()),
            updated: updated.or_else(|| known.and_then(|known| known.updated)),
        };
        // What finds nobody does not come in the place of what does.
        if is_kept && (hash.is_some() || !finds) {
            after.subject = hash;
            after.name = Some(name.value.clone());
            after.format = Some(name.format().to_owned());
        }
        let is_new = after.name.is_some() || after.updated.is_some();
        if !is_new || before.as_ref() == Some(&after) {
            return Ok(true);
        }
        let write = Keep {
            org,
            subject: after,
            provider_name: provider.name.clone(),
            user_name: user_name.to_owned(),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

fn told(subject: Option<&Subject>) -> Value {
    match subject {
        Some(Subject {
            name: Some(name),
            format,
            ..
        }) => json!({ "name_id": name, "format": format }),
        _ => Value::Null,
    }
}

struct Keep {
    org: OrgId,
    subject: Subject,
    provider_name: String,
    user_name: String,
    cause: Cause,
}

impl Write for Keep {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, after) = (self.org, &self.subject);
        let before = subjects::of_user(tx, org, after.provider, after.user).await?;
        if let Some(hash) = &after.subject {
            // Meanwhile another sign-in may have come first.
            let other = before.as_ref().and_then(|before| before.subject.as_ref());
            let whose = subjects::by_subject(tx, org, after.provider, hash).await?;
            if other.is_some_and(|other| other != hash) || whose.is_some_and(|whose| whose.user != after.user)
            {
                return Ok(false);
            }
        }
        subjects::set(tx, org, after).await?;
        let changes = [("subject", told(before.as_ref()), told(Some(after)))];
        if changes[0].1 != changes[0].2 {
            let event = Told {
                more: json!({ "provider": { "id": after.provider, "name": self.provider_name } }),
                ..Told::new("sso_subject_link", "user", after.user, &self.user_name)
            };
            tell(tx, org, &event, &changes, &self.cause).await?;
        }
        Ok(true)
    }
}

struct Unlink {
    org: OrgId,
    user: UserId,
    user_name: String,
    provider: IdentityProviderId,
    cause: Cause,
}

impl Write for Unlink {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, user, id) = (self.org, self.user, self.provider);
        let before = subjects::of_user(tx, org, id, user).await?;
        if !subjects::remove_one(tx, org, id, user).await? {
            return Err(refuse(Error::UnknownSubject));
        }
        let provider = provider_rows::by_id(tx, org, id).await?;
        let event = Told {
            more: json!({ "provider": { "id": id, "name": provider.map(|one| one.name) } }),
            ..Told::new("sso_subject_unlink", "user", user, &self.user_name)
        };
        let changes = [("subject", told(before.as_ref()), Value::Null)];
        tell(tx, org, &event, &changes, &self.cause).await
    }
}
