//! What holds for the whole organization, and the switch.

use base::{Cause, OrgId, Timestamp};
use saml::security::SignatureAlgorithm;
use serde_json::{Map, Value, json};
use store::sso::settings as stored;
use store::{Lock, Query, Tx, Write};

use super::error::refuse;
use super::settings::{OrganizationSettings, RequestAlgorithm, WrongSetting, changed, to_map};
use super::{Error, provider_rows};
use crate::event::{Told, tell};
use crate::key_algorithms::unable;
use crate::{Federation, KeyOwner};

/// How signing in through identity providers stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sso {
    /// 0: nothing has been set yet.
    pub version: i64,
    pub settings: OrganizationSettings,
    pub active: bool,
    pub modified: Option<Timestamp>,
}

impl Federation {
    pub async fn sso(&self, org: OrgId) -> Result<Sso, Error> {
        Ok(read(&mut self.store.reader(), org).await?)
    }

    /// Refuses an algorithm that a key cannot carry out which signs, or is to from a date on.
    async fn check_algorithm_of_requests(
        &self,
        org: OrgId,
        changes: &Map<String, Value>,
    ) -> Result<(), Error> {
        const FIELD: &str = "signature_algorithm";
        let chosen = changes.get(FIELD).cloned().map(serde_json::from_value);
        // One that is none is refused with the others.
        let Some(Ok(Some(chosen))) = chosen else {
            return Ok(());
        };
        let Some(algorithm) = RequestAlgorithm::algorithm(chosen) else {
            return Ok(());
        };
        match self.unable_key(org, KeyOwner::ServiceProvider, algorithm).await? {
            Some(key) => Err(WrongSetting::new(FIELD, unable(&key)).into()),
            None => Ok(()),
        }
    }

    /// By what the organization has said that its messages are signed.
    pub(crate) async fn algorithm_of_requests(
        &self,
        org: OrgId,
    ) -> Result<Option<SignatureAlgorithm>, store::Error> {
        let sso = read(&mut self.store.reader(), org).await?;
        Ok(sso.settings.signature_algorithm.algorithm())
    }

    /// Has the organization switched it on?
    pub(crate) async fn is_sso_active(&self, org: OrgId) -> Result<bool, store::Error> {
        Ok(read(&mut self.store.reader(), org).await?.active)
    }

    /// Has any organization of the server switched it on?
    pub async fn is_sso_anywhere(&self) -> Result<bool, Error> {
        Ok(stored::is_active_anywhere(&mut self.store.reader()).await?)
    }

    /// Changes settings; one that is null is what it is without having been set.
    pub async fn change_sso(
        &self,
        cause: &Cause,
        org: OrgId,
        changes: &Map<String, Value>,
    ) -> Result<Sso, Error> {
        self.check_algorithm_of_requests(org, changes).await?;
        let write = Change {
            org,
            what: What::Settings(changes.clone()),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Switches it on: from now on whoever a route leads to an identity provider signs in there.
    pub async fn activate_sso(&self, cause: &Cause, org: OrgId) -> Result<Sso, Error> {
        self.switch_sso(cause, org, true).await
    }

    /// Switches it off: everybody signs in with a password again.
    pub async fn deactivate_sso(&self, cause: &Cause, org: OrgId) -> Result<Sso, Error> {
        self.switch_sso(cause, org, false).await
    }

    async fn switch_sso(&self, cause: &Cause, org: OrgId, active: bool) -> Result<Sso, Error> {
        let write = Change {
            org,
            what: What::Active(active),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

pub(super) async fn read(q: &mut impl Query, org: OrgId) -> Result<Sso, store::Error> {
    let Some(found) = stored::of_org(q, org).await? else {
        return Ok(Sso {
            version: 0,
            settings: OrganizationSettings::default(),
            active: false,
            modified: None,
        });
    };
    let settings = serde_json::from_str(&found.doc)
        .map_err(|error| store::Error::internal(format!("the SSO settings of {org}: {error}")))?;
    Ok(Sso {
        version: found.version,
        settings,
        active: found.active,
        modified: Some(found.modified),
    })
}

pub(super) enum What {
    Settings(Map<String, Value>),
    Active(bool),
}

struct Change {
    org: OrgId,
    what: What,
    cause: Cause,
}

impl Write for Change {
    type Out = Sso;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Sso, store::Error> {
        change(tx, self.org, &self.what, &self.cause).await
    }
}

/// Changes it within a write of whatever else.
pub(super) async fn change(
    tx: &mut Tx<'_>,
    org: OrgId,
    what: &What,
    cause: &Cause,
) -> Result<Sso, store::Error> {
    tx.lock(Lock::Federation(org)).await?;
    let before = read(tx, org).await?;
    let mut after = before.clone();
    let event_type = match what {
        What::Settings(changes) => {
            after.settings = changed(&before.settings, changes).map_err(refuse)?;
            "organization_sso_update"
        }
        What::Active(active) => {
            let any = provider_rows::all(tx, org).await?.iter().any(|one| one.active);
            if *active && !any {
                return Err(refuse(Error::NothingActive));
            }
            after.active = *active;
            if *active {
                "organization_sso_activate"
            } else {
                "organization_sso_deactivate"
            }
        }
    };
    if after == before {
        return Ok(before);
    }
    let now = tx.ambient().now();
    after.version += 1;
    after.modified = Some(now);
    let doc = Value::Object(to_map(&after.settings)).to_string();
    let row = stored::Settings {
        version: after.version,
        doc,
        active: after.active,
        modified: now,
    };
    stored::set(tx, org, &row).await?;
    let mut changes = differences(&to_map(&before.settings), &to_map(&after.settings));
    if before.active != after.active {
        changes.push(("active".to_owned(), json!(before.active), json!(after.active)));
    }
    let told = Told::new(event_type, "sso", org, "single sign-on");
    tell(tx, org, &told, &borrowed(&changes), cause).await?;
    Ok(after)
}

/// Which members differ: their names, what they were and what they are.
pub(super) fn differences(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Vec<(String, Value, Value)> {
    after
        .iter()
        .filter(|(field, value)| before.get(*field) != Some(value))
        .map(|(field, value)| {
            let from = before.get(field).cloned().unwrap_or_default();
            (field.clone(), from, value.clone())
        })
        .collect()
}

pub(super) fn borrowed(changes: &[(String, Value, Value)]) -> Vec<(&str, Value, Value)> {
    changes
        .iter()
        .map(|(field, from, to)| (field.as_str(), from.clone(), to.clone()))
        .collect()
}
