//! The identity providers that an organization lets vouch for its people.

use std::sync::Arc;

use base::{Cause, IdentityProviderId, OrgId, Timestamp};
use saml::security::Certificate;
use serde_json::{Map, Value, json};
use store::sso::{certificates, providers as stored};
use store::{Lock, Tx, Write};

use super::Error;
use super::error::refuse;
use super::organization::{borrowed, differences};
use super::provider_rows::{all, by_id, row};
use super::settings::{ProviderSettings, changed, check_entity_id, to_map};
use crate::Federation;
use crate::event::{Told, tell};

/// So many an organization can have.
const MOST: usize = 50;
/// So many certificates each can have.
const MOST_CERTIFICATES: usize = 10;

const KIND: &str = "sso_provider";

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub id: IdentityProviderId,
    pub version: i64,
    pub name: String,
    pub entity_id: String,
    pub settings: ProviderSettings,
    /// Whether anybody is sent there.
    pub active: bool,
    /// When a test of these very settings went well last.
    pub tested: Option<Timestamp>,
    /// The first one is where people go to whom no route leads elsewhere.
    pub position: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
    /// The one that lasts longest first.
    pub certificates: Vec<Certificate>,
}

/// One that is to be added.
#[derive(Debug, Clone)]
pub struct NewProvider {
    pub name: String,
    pub entity_id: String,
    /// Beside what they are without having been set.
    pub settings: Map<String, Value>,
    pub certificates: Vec<Certificate>,
}

/// What is to be another; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct ProviderChange {
    pub name: Option<String>,
    pub entity_id: Option<String>,
    /// Which it is in the order, from 0.
    pub position: Option<i64>,
    pub settings: Map<String, Value>,
    /// In place of those that were there.
    pub certificates: Option<Vec<Certificate>>,
}

impl Federation {
    /// All of an organization, in their order.
    pub async fn providers(&self, org: OrgId) -> Result<Vec<Provider>, Error> {
        Ok(all(&mut self.store.reader(), org).await?)
    }

    /// One by its id, or by its name.
    pub async fn provider(&self, org: OrgId, name: &str) -> Result<Provider, Error> {
        let unknown = || Error::UnknownProvider {
            name: name.chars().take(200).collect(),
        };
        let mut reader = self.store.reader();
        if let Ok(id) = name.parse() {
            return by_id(&mut reader, org, id).await?.ok_or_else(unknown);
        }
        let providers = all(&mut reader, org).await?;
        providers
            .into_iter()
            .find(|one| one.name == name)
            .ok_or_else(unknown)
    }

    pub async fn provider_by_id(
        &self,
        org: OrgId,
        id: IdentityProviderId,
    ) -> Result<Option<Provider>, Error> {
        Ok(by_id(&mut self.store.reader(), org, id).await?)
    }

    pub async fn add_provider(&self, cause: &Cause, org: OrgId, new: NewProvider) -> Result<Provider, Error> {
        let write = Add {
            org,
            new,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Changes one. Who was tested with other settings is not tested any more.
    pub async fn change_provider(
        &self,
        cause: &Cause,
        org: OrgId,
        id: IdentityProviderId,
        change: ProviderChange,
    ) -> Result<Provider, Error> {
        let edit = move |provider: &mut Provider| apply(&change, provider);
        self.edit_provider(cause, org, id, "sso_provider_update", edit)
            .await
    }

    /// Adds a certificate beside those that are there.
    pub async fn add_provider_certificate(
        &self,
        cause: &Cause,
        org: OrgId,
        id: IdentityProviderId,
        certificate: Certificate,
    ) -> Result<Provider, Error> {
        let edit = move |provider: &mut Provider| {
            if !provider.certificates.contains(&certificate) {
                provider.certificates.push(certificate.clone());
            }
            Ok(())
        };
        self.edit_provider(cause, org, id, "sso_certificate_add", edit)
            .await
    }

    /// Removes a certificate, by its fingerprint.
    pub async fn remove_provider_certificate(
        &self,
        cause: &Cause,
        org: OrgId,
        id: IdentityProviderId,
        fingerprint: &str,
    ) -> Result<Provider, Error> {
        let wanted = plain(fingerprint);
        let edit = move |provider: &mut Provider| {
            let before = provider.certificates.len();
            let is_other = |one: &Certificate| plain(&one.fingerprint()) != wanted;
            provider.certificates.retain(is_other);
            match provider.certificates.len() {
                after if after == before => Err(Error::UnknownCertificate),
                0 if provider.active => Err(Error::NoCertificate),
                _ => Ok(()),
            }
        };
        self.edit_provider(cause, org, id, "sso_certificate_remove", edit)
            .await
    }

    /// Switches one on; without a test that went well only if that is said.
    pub async fn activate_provider(
        &self,
        cause: &Cause,
        org: OrgId,
        id: IdentityProviderId,
        untested: bool,
    ) -> Result<Provider, Error> {
        let edit = move |provider: &mut Provider| switch_on(provider, untested);
        self.edit_provider(cause, org, id, "sso_provider_activate", edit)
            .await
    }

    pub async fn deactivate_provider(
        &self,
        cause: &Cause,
        org: OrgId,
        id: IdentityProviderId,
    ) -> Result<Provider, Error> {
        let edit = |provider: &mut Provider| {
            provider.active = false;
            Ok(())
        };
        self.edit_provider(cause, org, id, "sso_provider_deactivate", edit)
            .await
    }

    /// Removes one, with its routes. Who is signed in through it stays so.
    pub async fn remove_provider(
        &self,
        cause: &Cause,
        org: OrgId,
        id: IdentityProviderId,
    ) -> Result<(), Error> {
        let cause = cause.clone();
        Ok(self.store.write(Remove { org, id, cause }).await?)
    }

    async fn edit_provider(
        &self,
        cause: &Cause,
        org: OrgId,
        id: IdentityProviderId,
        event_type: &'static str,
        edit: impl Fn(&mut Provider) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<Provider, Error> {
        let write = Edit {
            org,
            id,
            how: Arc::new(edit),
            event_type,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

/// As it is compared.
fn plain(fingerprint: &str) -> String {
    let digits = fingerprint.chars().filter(char::is_ascii_alphanumeric);
    digits.map(|digit| digit.to_ascii_lowercase()).collect()
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let is_well = !name.is_empty()
        && name.chars().count() <= 100
        && !directory::has_unseen(name)
        // It would be taken for an id.
        && name.parse::<IdentityProviderId>().is_err();
    is_well.then(|| name.to_owned()).ok_or(Error::Name)
}

/// All that can be another, for events.
fn told_of(provider: &Provider) -> Map<String, Value> {
    let mut told = to_map(&provider.settings);
    let fingerprints: Vec<String> = provider
        .certificates
        .iter()
        .map(Certificate::fingerprint)
        .collect();
    for (field, value) in [
        ("name", json!(provider.name)),
        ("entity_id", json!(provider.entity_id)),
        ("active", json!(provider.active)),
        ("position", json!(provider.position)),
        ("certificates", json!(fingerprints)),
    ] {
        told.insert(field.to_owned(), value);
    }
    told
}

/// Brings the certificates that are kept to those of the provider.
async fn keep_certificates(
    tx: &mut Tx<'_>,
    org: OrgId,
    before: &[Certificate],
    provider: &Provider,
) -> Result<(), store::Error> {
    if provider.certificates.len() > MOST_CERTIFICATES {
        let most = MOST_CERTIFICATES;
        return Err(refuse(Error::TooManyCertificates { most }));
    }
    for gone in before.iter().filter(|one| !provider.certificates.contains(one)) {
        certificates::delete(tx, org, provider.id, &fingerprint(gone)).await?;
    }
    for new in provider.certificates.iter().filter(|one| !before.contains(one)) {
        let certificate = certificates::Certificate {
            provider: provider.id,
            fingerprint: fingerprint(new),
            der: new.der().to_vec(),
            added: tx.ambient().now(),
            expires: new.not_after(),
        };
        certificates::insert(tx, org, &certificate).await?;
    }
    Ok(())
}

/// The bytes of a fingerprint.
pub(super) fn fingerprint(certificate: &Certificate) -> Vec<u8> {
    let text = certificate.fingerprint();
    text.split(':')
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

/// Makes of a provider what it is to be.
pub(super) fn apply(change: &ProviderChange, provider: &mut Provider) -> Result<(), Error> {
    if let Some(name) = &change.name {
        provider.name = checked_name(name)?;
    }
    if let Some(entity_id) = &change.entity_id {
        check_entity_id("entity_id", entity_id)?;
        provider.entity_id.clone_from(entity_id);
    }
    if let Some(position) = change.position {
        provider.position = position;
    }
    provider.settings = changed(&provider.settings, &change.settings)?;
    if let Some(certificates) = &change.certificates {
        provider.certificates.clone_from(certificates);
    }
    Ok(())
}

/// Nobody else has the name or the entity ID.
fn refuse_twins(others: &[Provider], provider: &Provider) -> Result<(), Error> {
    for other in others.iter().filter(|other| other.id != provider.id) {
        if other.name == provider.name {
            let name = provider.name.clone();
            return Err(Error::NameTaken { name });
        }
        if other.entity_id == provider.entity_id {
            let entity_id = provider.entity_id.clone();
            return Err(Error::EntityTaken { entity_id });
        }
    }
    Ok(())
}

struct Add {
    org: OrgId,
    new: NewProvider,
    cause: Cause,
}

impl Write for Add {
    type Out = Provider;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Provider, store::Error> {
        let (org, new) = (self.org, &self.new);
        tx.lock(Lock::Federation(org)).await?;
        let others = all(tx, org).await?;
        if others.len() >= MOST {
            return Err(refuse(Error::TooManyProviders { most: MOST }));
        }
        check_entity_id("entity_id", &new.entity_id).map_err(refuse)?;
        let now = tx.ambient().now();
        let provider = Provider {
            id: tx.ambient().id(),
            version: 1,
            name: checked_name(&new.name).map_err(refuse)?,
            entity_id: new.entity_id.clone(),
            settings: changed(&ProviderSettings::default(), &new.settings).map_err(refuse)?,
            active: false,
            tested: None,
            position: others
                .iter()
                .map(|one| one.position + 1)
                .max()
                .unwrap_or_default(),
            created: now,
            modified: now,
            certificates: new.certificates.clone(),
        };
        refuse_twins(&others, &provider).map_err(refuse)?;
        stored::insert(tx, org, &row(&provider)).await?;
        keep_certificates(tx, org, &[], &provider).await?;
        let changes = differences(&Map::new(), &told_of(&provider));
        let told = Told::new("sso_provider_create", KIND, provider.id, &provider.name);
        tell(tx, org, &told, &borrowed(&changes), &self.cause).await?;
        Ok(provider)
    }
}

/// Makes something else of one, or says why not.
type Change = Arc<dyn Fn(&mut Provider) -> Result<(), Error> + Send + Sync>;

struct Edit {
    org: OrgId,
    id: IdentityProviderId,
    how: Change,
    event_type: &'static str,
    cause: Cause,
}

impl Write for Edit {
    type Out = Provider;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Provider, store::Error> {
        let how: Edited<'_> = &*self.how;
        edit(tx, (self.org, self.id), how, self.event_type, &self.cause).await
    }
}

/// What makes something else of a provider.
pub(super) type Edited<'e> = &'e (dyn Fn(&mut Provider) -> Result<(), Error> + Send + Sync);

/// Edits one within a write of whatever else.
pub(super) async fn edit(
    tx: &mut Tx<'_>,
    (org, id): (OrgId, IdentityProviderId),
    how: Edited<'_>,
    event_type: &str,
    cause: &Cause,
) -> Result<Provider, store::Error> {
    tx.lock(Lock::Federation(org)).await?;
    let others = all(tx, org).await?;
    let Some(before) = others.iter().find(|one| one.id == id) else {
        let name = id.to_string();
        return Err(refuse(Error::UnknownProvider { name }));
    };
    let mut after = before.clone();
    how(&mut after).map_err(refuse)?;
    let rest = others.iter().filter(|one| one.id != id);
    let moved = if after.position == before.position {
        Vec::new()
    } else {
        make_room(rest, &mut after)
    };
    if after == *before {
        return Ok(after);
    }
    refuse_twins(&others, &after).map_err(refuse)?;
    after.version += 1;
    after.modified = tx.ambient().now();
    let same = after.settings == before.settings
        && after.entity_id == before.entity_id
        && before
            .certificates
            .iter()
            .all(|one| after.certificates.contains(one));
    if !same {
        after.tested = None;
    }
    keep_certificates(tx, org, &before.certificates, &after).await?;
    stored::update(tx, org, &row(&after)).await?;
    for other in &moved {
        stored::update(tx, org, &row(other)).await?;
    }
    let changes = differences(&told_of(before), &told_of(&after));
    let told = Told::new(event_type, KIND, id, &after.name);
    tell(tx, org, &told, &borrowed(&changes), cause).await?;
    Ok(after)
}

/// Puts one at its place in the order; gives those of the rest that move because of it.
fn make_room<'p>(rest: impl Iterator<Item = &'p Provider>, moved: &mut Provider) -> Vec<Provider> {
    let rest: Vec<_> = rest.collect();
    let last = i64::try_from(rest.len()).unwrap_or(i64::MAX);
    moved.position = moved.position.clamp(0, last);
    let places = (0..).filter(|place| *place != moved.position);
    let other = |(one, position): (&Provider, i64)| Provider {
        position,
        ..one.clone()
    };
    rest.into_iter()
        .zip(places)
        .filter(|(one, position)| one.position != *position)
        .map(other)
        .collect()
}

/// Switches one on; without a test that went well only if that is said.
pub(super) fn switch_on(provider: &mut Provider, untested: bool) -> Result<(), Error> {
    if provider.certificates.is_empty() {
        return Err(Error::NoCertificate);
    }
    if provider.tested.is_none() && !untested {
        return Err(Error::NotTested);
    }
    provider.active = true;
    Ok(())
}

struct Remove {
    org: OrgId,
    id: IdentityProviderId,
    cause: Cause,
}

impl Write for Remove {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, id) = (self.org, self.id);
        tx.lock(Lock::Federation(org)).await?;
        let Some(provider) = by_id(tx, org, id).await? else {
            let name = id.to_string();
            return Err(refuse(Error::UnknownProvider { name }));
        };
        stored::delete(tx, org, id).await?;
        let gone: Vec<_> = told_of(&provider)
            .into_iter()
            .map(|(field, value)| (field, value, Value::Null))
            .collect();
        let told = Told::new("sso_provider_delete", KIND, id, &provider.name);
        tell(tx, org, &told, &borrowed(&gone), &self.cause).await
    }
}
