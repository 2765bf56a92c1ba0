//! Verifying: the DNS is asked outside of every transaction, for the token that was the organization's then, and what it said
//! counts if that is still so when it is written down.

use std::time::Duration;

use base::{Cause, OrgId, Timestamp};
use store::{Lock, Tx, Write};

use super::error::Problem;
use super::{Domain, DomainError, DomainState, event, held, letters, recheck, records, refuse};
use crate::{Directory, Error};

/// So many domains of an organization are looked for in a minute, and each at most every five seconds.
const PER_MINUTE: u64 = 20;
const MINUTE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_secs(5);

/// Why the DNS is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Somebody wants to know: as often as there is leave.
    Asked,
    /// It was asked last before this time, and the domain is verified; otherwise it is not asked.
    Due(Timestamp),
}

impl Directory {
    /// Asks the DNS whether a domain is the organization's. If so it is verified, and everybody who has an address of it; if it
    /// was verified and is not said to be any more, that is noted too.
    pub async fn verify_domain(&self, cause: &Cause, org: OrgId, name: &str) -> Result<Domain, Error> {
        let name = self.domain(org, name).await?.name;
        let asked = self.ask_dns(cause, org, &name, Occasion::Asked).await?;
        let (domain, said) = asked.ok_or_else(|| super::unknown(&name))?;
        said.map_err(|problem| DomainError::Record { problem })?;
        self.settle_domain(cause, org, &domain).await?;
        Ok(domain)
    }

    /// Asks the DNS, if there is leave to, and writes down what it said.
    pub(super) async fn ask_dns(
        &self,
        cause: &Cause,
        org: OrgId,
        name: &str,
        occasion: Occasion,
    ) -> Result<Option<(Domain, Result<(), Problem>)>, Error> {
        let begin = Begin {
            org,
            name: name.to_owned(),
            occasion,
        };
        let Some(domain) = self.store.write(begin).await? else {
            return Ok(None);
        };
        let answer = match &self.dns {
            Some(dns) => dns.txt(&domain.name).await,
            None => Err(records::NoAnswer::Unusable("nobody has said how".to_owned())),
        };
        let said = records::judge(&domain.name, &domain.token, answer);
        let write = Conclude {
            org,
            asked: domain,
            said: said.clone(),
            recipients: self.administrators(org).await?,
            cause: cause.clone(),
        };
        let domain = self.store.write(write).await?;
        Ok(Some((domain, said)))
    }
}

/// Notes that the DNS is being asked, so that nobody has it asked too often; gives what is looked for.
struct Begin {
    org: OrgId,
    name: String,
    occasion: Occasion,
}

impl Write for Begin {
    type Out = Option<Domain>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Domain>, store::Error> {
        let org = self.org;
        tx.lock(Lock::Settings(org)).await?;
        let mut domain = held(tx, org, &self.name).await?;
        let now = tx.ambient().now();
        match self.occasion {
            Occasion::Due(before) => {
                if domain.verified.is_none() || domain.checked.is_some_and(|checked| checked >= before) {
                    return Ok(None);
                }
            }
            Occasion::Asked => {
                let too_soon = |wait: Duration| {
                    Err(refuse(DomainError::TooSoon {
                        seconds: wait.as_secs(),
                    }))
                };
                if domain.checked.is_some_and(|checked| checked > now - PAUSE) {
                    return too_soon(PAUSE);
                }
                if store::domains::count_checked(tx, org, now - MINUTE).await? >= PER_MINUTE {
                    return too_soon(MINUTE);
                }
            }
        }
        domain.checked = Some(now);
        store::domains::update(tx, org, &domain).await?;
        Ok(Some(domain))
    }
}

struct Conclude {
    org: OrgId,
    /// As it was when the DNS was asked.
    asked: Domain,
    said: Result<(), Problem>,
    /// Who is told when a verified domain is not said to be the organization's any more.
    recipients: Vec<String>,
    cause: Cause,
}

impl Write for Conclude {
    type Out = Domain;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Domain, store::Error> {
        let (org, name) = (self.org, &self.asked.name);
        // Whoever is coming comes first, and everybody else as to a verified domain: nobody slips through in between.
        tx.lock(Lock::Alone(org)).await?;
        let before = held(tx, org, name).await?;
        if before.token != self.asked.token {
            return Err(refuse(DomainError::Renewed));
        }
        let (mut after, now) = (before.clone(), tx.ambient().now());
        after.problem = self.said.as_ref().err().map(|problem| problem.code().to_owned());
        let event_type = match &self.said {
            Ok(()) => {
                if !store::domains::take(tx, org, name).await? {
                    return Err(refuse(DomainError::Taken { name: name.clone() }));
                }
                after.missing = None;
                if before.verified.is_some() {
                    before.missing.map(|_| "domain_record_found")
                } else {
                    (after.verified, after.lapsed, after.settled) = (Some(now), None, false);
                    Some("domain_verify")
                }
            }
            Err(problem) if before.verified.is_some() && problem.is_certain() => {
                let missing = before.missing.unwrap_or(now);
                after.missing = Some(missing);
                if now >= missing + recheck::GRACE {
                    (after.verified, after.claimed, after.missing) = (None, None, None);
                    after.lapsed = Some(now);
                    store::domains::leave(tx, org, name).await?;
                    Some("domain_lapse")
                } else {
                    before.missing.is_none().then_some("domain_record_missing")
                }
            }
            Err(_) if before.verified.is_some() => None,
            Err(_) => Some("domain_verify"),
        };
        store::domains::update(tx, org, &after).await?;
        if let Some(event_type) = event_type {
            let told = event(event_type, org, Some(&before), Some(&after), &self.cause);
            let told = if event_type == "domain_verify" && self.said.is_err() {
                told.failed()
            } else {
                told
            };
            told.append(tx, org).await?;
        }
        if matches!(event_type, Some("domain_record_missing" | "domain_lapse")) {
            letters::send(tx, org, &after, &self.recipients, &self.cause).await?;
        }
        debug_assert!(after.claimed.is_none() || DomainState::of(&after) == DomainState::Verified);
        Ok(after)
    }
}
