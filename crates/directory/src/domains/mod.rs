//! E-mail domains: an organization shows by a TXT record that one is its own, and can then claim it for itself.
//!
//! A domain is its name, and no other: one below it is another one. It can be verified in one organization of a server only,
//! whoever else may have asked for it.

mod claim;
mod error;
mod letters;
mod link;
mod name;
mod recheck;
mod records;
mod settle;
mod verify;

use std::sync::Arc;

use base::{Cause, OrgId, Timestamp, UserId};
pub use error::{DomainError, Problem as DnsProblem};
pub use link::domain_of;
pub use name::of_person as domain_of_person;
pub(crate) use name::of_person;
pub use name::shown as shown_domain;
pub use records::{Answer as TxtAnswer, NoAnswer, PREFIX, TxtRecords};
use serde_json::json;
pub use store::domains::Domain;
use store::{Lock, Tx, Write};

use crate::events::Event;
use crate::{Directory, Error};

/// So many domains an organization can have.
pub const MOST: u64 = 500;

/// How a domain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainState {
    /// Asked for, and never shown to be the organization's.
    Pending,
    Verified,
    /// It was, until the DNS had not said so for too long.
    Lapsed,
}

impl DomainState {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Verified, Self::Lapsed];

    pub fn of(domain: &Domain) -> Self {
        match (domain.verified, domain.lapsed) {
            (Some(_), _) => Self::Verified,
            (None, Some(_)) => Self::Lapsed,
            (None, None) => Self::Pending,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Lapsed => "lapsed",
        }
    }
}

/// The TXT record that a domain is to have.
pub fn record(domain: &Domain) -> String {
    format!("{PREFIX}{}", domain.token)
}

/// Where people with addresses of a domain are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inhabitants {
    pub here: u64,
    /// In other organizations of this server, if the domain is the organization's.
    pub elsewhere: Option<u64>,
}

/// People of an organization whose addresses are in a domain that another one has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub user: UserId,
    pub user_name: String,
    pub domain: String,
}

impl Directory {
    /// Lets the DNS be asked.
    #[must_use]
    pub fn with_dns(self, dns: Arc<dyn TxtRecords>) -> Self {
        Self {
            dns: Some(dns),
            ..self
        }
    }

    /// All domains of an organization, in the order of their names.
    pub async fn domains(&self, org: OrgId) -> Result<Vec<Domain>, Error> {
        Ok(store::domains::all(&mut self.store.reader(), org).await?)
    }

    pub async fn domain(&self, org: OrgId, name: &str) -> Result<Domain, Error> {
        // What is no name of a domain is none that the organization has.
        let read = name::read(name).unwrap_or_else(|_| name.to_owned());
        let found = store::domains::by_name(&mut self.store.reader(), org, &read).await?;
        found.ok_or_else(|| unknown(name))
    }

    /// Counts who has an address of a domain. An owner is told of those elsewhere how many they are, and nothing else.
    pub async fn inhabitants(&self, org: OrgId, domain: &Domain) -> Result<Inhabitants, Error> {
        let mut reader = self.store.reader();
        let here = store::domains::count_people(&mut reader, org, &domain.name).await?;
        let mut elsewhere = None;
        if domain.verified.is_some() {
            let mut count = 0;
            for other in self.organizations().await? {
                if other.id != org {
                    count += store::domains::count_people(&mut reader, other.id, &domain.name).await?;
                }
            }
            elsewhere = Some(count);
        }
        Ok(Inhabitants { here, elsewhere })
    }

    /// People of an organization whose addresses are in a domain that another one has claimed, in the order of their ids.
    pub async fn people_claimed_elsewhere(
        &self,
        org: OrgId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Claimed>, Error> {
        let mut reader = self.store.reader();
        let found = store::domains::people_of_others(&mut reader, org, after, limit).await?;
        let ids: Vec<UserId> = found.iter().map(|(id, _)| *id).collect();
        let people = store::users::by_ids(&mut reader, org, &ids).await?;
        let with_name = |(user, domain): (UserId, String)| {
            let person = people.iter().find(|person| person.id == user)?;
            Some(Claimed {
                user,
                user_name: person.user_name.clone(),
                domain,
            })
        };
        Ok(found.into_iter().filter_map(with_name).collect())
    }

    /// Whose a verified domain is: for the operator of the server, and nobody else.
    pub async fn domain_holder(&self, name: &str) -> Result<Option<OrgId>, Error> {
        Ok(store::domains::holder(&mut self.store.reader(), name).await?)
    }

    /// Whether another organization of this server has claimed a domain.
    pub async fn is_domain_claimed_elsewhere(&self, org: OrgId, name: &str) -> Result<bool, Error> {
        let name = name::read(name)?;
        Ok(store::domains::is_claimed_elsewhere(&mut self.store.reader(), org, &name).await?)
    }

    /// Asks for a domain: it is pending until the DNS says that it is the organization's.
    pub async fn add_domain(&self, cause: &Cause, org: OrgId, name: &str) -> Result<Domain, Error> {
        let write = Add {
            org,
            name: name::read(name)?,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Makes another token. What the DNS says with the one before counts no more; a verified domain stays so until then.
    pub async fn renew_domain_token(&self, cause: &Cause, org: OrgId, name: &str) -> Result<Domain, Error> {
        let domain = self.domain(org, name).await?;
        let write = Renew {
            org,
            name: domain.name,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Removes a domain that is not claimed. Who was verified by it stays so.
    pub async fn remove_domain(&self, cause: &Cause, org: OrgId, name: &str) -> Result<(), Error> {
        let domain = self.domain(org, name).await?;
        let write = Remove {
            org,
            name: domain.name,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

fn unknown(name: &str) -> Error {
    let name = name.chars().take(300).collect();
    Error::Domain(DomainError::Unknown { name })
}

fn refuse(error: DomainError) -> store::Error {
    store::Error::refuse(Error::Domain(error))
}

/// The domain, held.
async fn held(tx: &mut Tx<'_>, org: OrgId, name: &str) -> Result<Domain, store::Error> {
    let found = store::domains::held(tx, org, name).await?;
    found.ok_or_else(|| store::Error::refuse(unknown(name)))
}

/// 256 bits, in letters that no form for DNS records changes the case of with any effect.
fn new_token(tx: &Tx<'_>) -> String {
    let half = || u128::from_be_bytes(tx.ambient().random());
    format!("{:032x}{:032x}", half(), half())
}

/// An event about a domain, with what was before and what is now.
fn event(
    event_type: &str,
    org: OrgId,
    before: Option<&Domain>,
    after: Option<&Domain>,
    cause: &Cause,
) -> Event {
    let name = after.or(before).map_or("", |domain| domain.name.as_str());
    let told = |domain: Option<&Domain>| {
        domain.map(|domain| {
            json!({
                "state": DomainState::of(domain).as_str(),
                "claimed": domain.claimed.is_some(),
                "token_created_at": domain.token_created,
                "record_missing_since": domain.missing,
                "problem": domain.problem,
            })
        })
    };
    let (before, after) = (told(before), told(after));
    let of = |side: &Option<serde_json::Value>, field: &str| side.as_ref().map(|side| side[field].clone());
    let fields = [
        "state",
        "claimed",
        "token_created_at",
        "record_missing_since",
        "problem",
    ];
    let changes: Vec<_> = fields
        .iter()
        .map(|field| json!({ "field": field, "from": of(&before, field), "to": of(&after, field) }))
        .filter(|change| change["from"] != change["to"])
        .collect();
    let detail = json!({ "name": name, "changes": changes });
    Event::new(event_type, "domain", org, &detail, cause)
}

struct Add {
    org: OrgId,
    name: String,
    cause: Cause,
}

impl Write for Add {
    type Out = Domain;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Domain, store::Error> {
        let Self { org, name, cause } = self;
        // Nobody else adds one meanwhile: they are counted.
        tx.lock(Lock::Settings(*org)).await?;
        if store::domains::by_name(tx, *org, name).await?.is_some() {
            return Err(refuse(DomainError::Exists { name: name.clone() }));
        }
        if store::domains::count(tx, *org).await? >= MOST {
            return Err(refuse(DomainError::TooMany));
        }
        let now = tx.ambient().now();
        let domain = Domain {
            name: name.clone(),
            token: new_token(tx),
            created: now,
            token_created: now,
            verified: None,
            claimed: None,
            lapsed: None,
            missing: None,
            checked: None,
            problem: None,
            settled: false,
        };
        store::domains::insert(tx, *org, &domain).await?;
        event("domain_add", *org, None, Some(&domain), cause)
            .append(tx, *org)
            .await?;
        Ok(domain)
    }
}

struct Renew {
    org: OrgId,
    name: String,
    cause: Cause,
}

impl Write for Renew {
    type Out = Domain;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Domain, store::Error> {
        let before = held(tx, self.org, &self.name).await?;
        let domain = Domain {
            token: new_token(tx),
            token_created: tx.ambient().now(),
            ..before.clone()
        };
        store::domains::update(tx, self.org, &domain).await?;
        event(
            "domain_token_renew",
            self.org,
            Some(&before),
            Some(&domain),
            &self.cause,
        )
        .append(tx, self.org)
        .await?;
        Ok(domain)
    }
}

struct Remove {
    org: OrgId,
    name: String,
    cause: Cause,
}

impl Write for Remove {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let before = held(tx, self.org, &self.name).await?;
        if before.claimed.is_some() {
            let name = before.name;
            return Err(refuse(DomainError::Claimed { name }));
        }
        store::domains::leave(tx, self.org, &self.name).await?;
        store::domains::delete(tx, self.org, &self.name).await?;
        event("domain_remove", self.org, Some(&before), None, &self.cause)
            .append(tx, self.org)
            .await
    }
}

/// When the record must have been seen again, before the domain lapses.
pub fn lapses(missing: Timestamp) -> Timestamp {
    missing + recheck::GRACE
}
