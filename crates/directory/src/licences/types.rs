//! Licence types: names, and how many there are.

use std::collections::{BTreeMap, BTreeSet};

use base::{Cause, LicenceId, OrgId, Timestamp};
use serde_json::{Value, json};
use store::licences::Licence;
use store::licences::holdings::{self, State};
use store::{Lock, Query, Tx, Write};

use super::LicenceError;
use super::carry::{self, Act, Ledger, Shortage};
use crate::events::Event;
use crate::{Directory, Error};

/// So many types at most.
pub const MAX_LICENCES: usize = 100;

/// How many there are of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    Unlimited,
    Of(u32),
}

impl Total {
    fn stored(self) -> Option<i64> {
        match self {
            Self::Unlimited => None,
            Self::Of(total) => Some(total.into()),
        }
    }
}

/// A type to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLicence {
    pub name: String,
    pub total: Total,
}

/// A type, and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceType {
    pub id: LicenceId,
    pub name: String,
    /// `None`: as many as one likes.
    pub total: Option<i64>,
    /// How many people have one; more than there are, if the total was lowered since.
    pub consumed: i64,
    /// How many more can be given.
    pub available: Option<i64>,
    /// How many people wait for one.
    pub waiting: u64,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

impl LicenceType {
    fn of(licence: Licence, waiting: u64) -> Self {
        Self {
            available: licence.left(),
            id: licence.id,
            name: licence.name,
            total: licence.total,
            consumed: licence.consumed,
            waiting,
            version: licence.version,
            created: licence.created,
            modified: licence.modified,
        }
    }
}

impl Directory {
    /// All types, the oldest first.
    pub async fn licences(&self, org: OrgId) -> Result<Vec<LicenceType>, Error> {
        let mut reader = self.store.reader();
        let mut types = Vec::new();
        for licence in store::licences::all(&mut reader, org).await? {
            types.push(counted(&mut reader, org, licence).await?);
        }
        Ok(types)
    }

    /// The type of an id or name.
    pub async fn licence(&self, org: OrgId, name: &str) -> Result<LicenceType, Error> {
        let mut reader = self.store.reader();
        let licence = find(&mut reader, org, name).await?;
        counted(&mut reader, org, licence).await
    }

    pub async fn add_licence(
        &self,
        cause: &Cause,
        org: OrgId,
        new: NewLicence,
    ) -> Result<LicenceType, Error> {
        let write = Add {
            org,
            id: self.ambient.id(),
            name: checked(&new.name)?,
            total: new.total.stored(),
            cause: cause.clone(),
        };
        let name = write.name.clone();
        let added = self.store.write(write).await;
        Ok(LicenceType::of(added.map_err(|error| taken(error, name))?, 0))
    }

    /// Changes name or total. Whoever waits gets what a higher total brings; a lower one takes nothing away.
    pub async fn change_licence(
        &self,
        cause: &Cause,
        org: OrgId,
        id: LicenceId,
        (name, total): (Option<String>, Option<Total>),
    ) -> Result<LicenceType, Error> {
        let name = name.as_deref().map(checked).transpose()?;
        let write = Alter {
            org,
            id,
            name: name.clone(),
            total,
            cause: cause.clone(),
        };
        let changed = self.store.write(write).await;
        let changed = changed.map_err(|error| taken(error, name.unwrap_or_default()))?;
        counted(&mut self.store.reader(), org, changed).await
    }

    /// Removes a type that is not used.
    pub async fn remove_licence(&self, cause: &Cause, org: OrgId, id: LicenceId) -> Result<(), Error> {
        let cause = cause.clone();
        Ok(self.store.write(Remove { org, id, cause }).await?)
    }

    /// A page of those who have a licence or wait for one, in the order in which they came to it, each with the cursor of
    /// the next.
    pub async fn licence_holders(
        &self,
        org: OrgId,
        (licence, state): (LicenceId, State),
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(holdings::Holding, String)>, Error> {
        Ok(holdings::page(&mut self.store.reader(), org, (licence, state), after, limit).await?)
    }
}

/// The type of an id or name, which may look like an id.
pub async fn find(q: &mut impl Query, org: OrgId, name: &str) -> Result<Licence, Error> {
    let unknown = || LicenceError::Unknown {
        name: name.to_owned(),
    };
    if base::canonical::refuse_nul(name).is_err() {
        return Err(unknown().into());
    }
    if let Ok(id) = name.parse()
        && let Some(found) = store::licences::by_id(q, org, id).await?
    {
        return Ok(found);
    }
    let found = store::licences::by_name(q, org, name).await?;
    Ok(found.ok_or_else(unknown)?)
}

async fn counted(q: &mut impl Query, org: OrgId, licence: Licence) -> Result<LicenceType, Error> {
    let waiting = match licence.left() {
        Some(0) => holdings::count(q, org, licence.id, State::Waiting).await?,
        _ => 0,
    };
    Ok(LicenceType::of(licence, waiting))
}

fn checked(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || crate::has_unseen(name) {
        return Err(Error::Name);
    }
    Ok(name.to_owned())
}

fn taken(error: store::Error, name: String) -> Error {
    match error {
        store::Error::Conflict { what } if what == "name" => LicenceError::NameTaken { name }.into(),
        other => other.into(),
    }
}

fn event(kind: &str, licence: &Licence, changes: &Value, cause: &Cause) -> Event {
    let detail = json!({ "name": licence.name, "changes": changes });
    Event::new(kind, "licence", licence.id, &detail, cause)
}

struct Add {
    org: OrgId,
    id: LicenceId,
    name: String,
    total: Option<i64>,
    cause: Cause,
}

impl Write for Add {
    type Out = Licence;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Licence, store::Error> {
        store::licences::begin(tx, self.org).await?;
        if store::licences::all(tx, self.org).await?.len() >= MAX_LICENCES {
            return Err(LicenceError::TooMany.refusal());
        }
        let added = store::licences::insert(tx, self.org, (self.id, &self.name), self.total).await?;
        let changes = json!([
            { "field": "name", "from": null, "to": added.name },
            { "field": "total", "from": null, "to": added.total },
        ]);
        let event = event("licence_create", &added, &changes, &self.cause);
        event.append(tx, self.org).await?;
        Ok(added)
    }
}

struct Alter {
    org: OrgId,
    id: LicenceId,
    name: Option<String>,
    total: Option<Total>,
    cause: Cause,
}

impl Write for Alter {
    type Out = Licence;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Licence, store::Error> {
        let (org, cause) = (self.org, &self.cause);
        tx.lock(Lock::Feed(org)).await?;
        tx.lock(Lock::Licences(org)).await?;
        let before = present(tx, org, self.id).await?;
        let name = self.name.clone().unwrap_or_else(|| before.name.clone());
        let total = self.total.map_or(before.total, Total::stored);
        if (&name, total) == (&before.name, before.total) {
            return Ok(before);
        }
        let after = store::licences::update(tx, org, &before, &name, total).await?;
        let mut changes = Vec::new();
        if before.name != after.name {
            changes.push(json!({ "field": "name", "from": before.name, "to": after.name }));
        }
        if before.total != after.total {
            changes.push(json!({ "field": "total", "from": before.total, "to": after.total }));
        }
        let told = event("licence_update", &after, &changes.into(), cause);
        told.append(tx, org).await?;
        let act = Act {
            org,
            cause,
            source: "api",
            shortage: Shortage::Wait,
        };
        let mut ledger = Ledger::open(tx, org).await?;
        carry::heal(tx, act, &mut ledger, &BTreeSet::from([self.id])).await?;
        Ok(ledger.licences.remove(&self.id).unwrap_or(after))
    }
}

struct Remove {
    org: OrgId,
    id: LicenceId,
    cause: Cause,
}

impl Write for Remove {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, id) = (self.org, self.id);
        store::licences::begin(tx, org).await?;
        let licence = present(tx, org, id).await?;
        let given = holdings::count(tx, org, id, State::Given).await?;
        let waiting = holdings::count(tx, org, id, State::Waiting).await?;
        let templates = store::licences::known(tx, org).await?.templates;
        let templates = templates.iter().filter(|one| one.licences.contains(&id)).count() as u64;
        if given + waiting + templates > 0 {
            return Err(LicenceError::InUse {
                name: licence.name,
                given,
                waiting,
                templates,
            }
            .refusal());
        }
        store::licences::delete(tx, org, id).await?;
        let changes = json!([
            { "field": "name", "from": licence.name, "to": null },
            { "field": "total", "from": licence.total, "to": null },
        ]);
        event("licence_delete", &licence, &changes, &self.cause)
            .append(tx, org)
            .await
    }
}

async fn present(tx: &mut Tx<'_>, org: OrgId, id: LicenceId) -> Result<Licence, store::Error> {
    let found = store::licences::by_id(tx, org, id).await?;
    found.ok_or_else(|| LicenceError::Unknown { name: id.to_string() }.refusal())
}

/// Names of licences, by their ids.
pub async fn names(q: &mut impl Query, org: OrgId) -> Result<BTreeMap<LicenceId, String>, store::Error> {
    let all = store::licences::all(q, org).await?.into_iter();
    Ok(all.map(|one| (one.id, one.name)).collect())
}
