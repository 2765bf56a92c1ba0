//! Index tables of canonical values: how they are written. How they are read is in `lookup` and `order`.

use std::collections::BTreeMap;

use base::OrgId;

use crate::error::Error;
use crate::tx::{Query, Tx};
use crate::value::Value;

/// The attributes that have an index of canonical values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    ExternalId,
    /// The e-mail address by which a person is sorted.
    Email,
    /// Any other one.
    OtherEmail,
    DisplayName,
    /// Those of the organization's own schemas of which the resource has values: their URNs.
    Schema,
    /// The domain of the address by which a person signs in.
    Domain,
}

impl Attribute {
    /// The word that the database holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "externalId",
            Self::Email => "email",
            Self::OtherEmail => "otherEmail",
            Self::DisplayName => "displayName",
            Self::Schema => "schema",
            Self::Domain => "domain",
        }
    }

    /// Under which names a value of it may stand.
    pub(crate) fn searched(self) -> &'static [Self] {
        match self {
            Self::ExternalId => &[Self::ExternalId],
            Self::Email => &[Self::Email, Self::OtherEmail],
            Self::OtherEmail => &[Self::OtherEmail],
            Self::DisplayName => &[Self::DisplayName],
            Self::Schema => &[Self::Schema],
            Self::Domain => &[Self::Domain],
        }
    }
}

/// One canonical value of one attribute. Of a resource's keys, equal ones count once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub attribute: Attribute,
    /// Canonical already: see `base::canonical`; an externalId as it is.
    pub value: String,
}

impl Key {
    pub fn new(attribute: Attribute, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { attribute, value }
    }
}

/// How many index rows one statement inserts at most: each number of them has a text of its own.
const ROWS: usize = 8;

/// The names of a kind of resource in SQL.
pub(crate) struct Table {
    pub(crate) rows: &'static str,
    pub(crate) keys: &'static str,
    /// The column of `keys` that holds the resource's id.
    pub(crate) id: &'static str,
    pub(crate) columns: &'static str,
}

impl Table {
    /// Brings a resource's index rows to what they should be, touching only what differs.
    pub(crate) async fn write_keys(
        &self,
        tx: &mut Tx<'_>,
        org: OrgId,
        id: &Value,
        wanted: &[Key],
    ) -> Result<(), Error> {
        let (keys, id_column) = (self.keys, self.id);
        let read = format!("SELECT attribute, value FROM {keys} WHERE org = ?1 AND {id_column} = ?2");
        let rows = tx.query(&read, &[org.into(), id.clone()]).await?;
        let mut missing: BTreeMap<(&str, &str), &Key> = wanted
            .iter()
            .map(|key| ((key.attribute.as_str(), key.value.as_str()), key))
            .collect();
        let mut stale = Vec::new();
        for row in &rows {
            let (attribute, value) = (row.text(0)?, row.text(1)?);
            if missing.remove(&(attribute, value)).is_none() {
                stale.push(vec![org.into(), attribute.into(), value.into(), id.clone()]);
            }
        }
        self.delete_stale(tx, stale).await?;
        let missing: Vec<&Key> = missing.into_values().collect();
        self.insert_keys(tx, org, id, &missing).await
    }

    /// The same for a resource of which the caller knows what its index rows are.
    pub(crate) async fn change_keys(
        &self,
        tx: &mut Tx<'_>,
        org: OrgId,
        id: &Value,
        known: &[Key],
        wanted: &[Key],
    ) -> Result<(), Error> {
        let stale = known.iter().filter(|key| !wanted.contains(key));
        let stale = stale.map(|key| {
            vec![
                org.into(),
                key.attribute.as_str().into(),
                (&key.value).into(),
                id.clone(),
            ]
        });
        self.delete_stale(tx, stale.collect()).await?;
        let missing: Vec<&Key> = wanted.iter().filter(|key| !known.contains(key)).collect();
        self.insert_keys(tx, org, id, &missing).await
    }

    async fn delete_stale(&self, tx: &mut Tx<'_>, stale: Vec<Vec<Value>>) -> Result<(), Error> {
        if stale.is_empty() {
            return Ok(());
        }
        let (keys, id_column) = (self.keys, self.id);
        let delete = format!(
            "DELETE FROM {keys} WHERE org = ?1 AND attribute = ?2 AND value = ?3 AND {id_column} = ?4"
        );
        tx.send_many(&delete, stale).await
    }

    /// Index rows of a resource that has none yet.
    pub(crate) async fn insert_keys(
        &self,
        tx: &mut Tx<'_>,
        org: OrgId,
        id: &Value,
        wanted: &[&Key],
    ) -> Result<(), Error> {
        let (keys, id_column) = (self.keys, self.id);
        for some in wanted.chunks(ROWS) {
            let rows: Vec<String> = (0..some.len())
                .map(|row| format!("(?1, ?{}, ?{}, ?2)", 2 * row + 3, 2 * row + 4))
                .collect();
            let insert = format!(
                "INSERT INTO {keys} (org, attribute, value, {id_column}) VALUES {} ON CONFLICT DO NOTHING",
                rows.join(", ")
            );
            let named = [org.into(), id.clone()].into_iter();
            let values = some
                .iter()
                .flat_map(|key| [key.attribute.as_str().into(), Value::from(&key.value)]);
            tx.send(&insert, named.chain(values).collect()).await?;
        }
        Ok(())
    }

    pub(crate) async fn delete_keys(&self, tx: &mut Tx<'_>, org: OrgId, id: &Value) -> Result<(), Error> {
        let (keys, id_column) = (self.keys, self.id);
        let delete = format!("DELETE FROM {keys} WHERE org = ?1 AND {id_column} = ?2");
        tx.send(&delete, vec![org.into(), id.clone()]).await
    }

    /// Why a change with an expected version found no row.
    pub(crate) async fn why_not(&self, tx: &mut Tx<'_>, org: OrgId, id: &Value) -> Error {
        let read = format!("SELECT version FROM {} WHERE org = ?1 AND id = ?2", self.rows);
        let found = tx.first(&read, &[org.into(), id.clone()]).await;
        let current = found.and_then(|row| row.map(|row| row.int(0)).transpose());
        match current {
            Ok(Some(current)) => Error::VersionMismatch { current },
            Ok(None) => Error::NotFound,
            Err(error) => error,
        }
    }
}
