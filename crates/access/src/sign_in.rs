//! Signing in with an e-mail address and a password.
//!
//! An attempt is counted before the password is compared, and taken back when it was right: so a limit holds however many
//! attempts are made at once, at whichever nodes. Whether an address is anybody's is not told: the same is counted, compared
//! and answered. What others failed with at an address is forgotten by a success only where the password was that of everybody
//! who has it: whoever shares somebody's address cannot wipe out the guesses at that person's password.

use std::time::Duration;

use base::{Cause, OrgId, Secret, Timestamp, UserId, canonical};
use serde_json::Value;
use store::events::{NewEvent, Outcome};
use store::failures;
use store::sign_ins::SignIn;
use store::{StoredId as _, Tx, Write};
use tokio::time::Instant;

use crate::factors::counted_as;
use crate::limits::{self, Step};
use crate::{Access, Error, Evidence, Factors, Federated, Role, Visit};

/// No refusal comes sooner: how many people have an address is not to be read off a clock.
const REFUSAL: Duration = Duration::from_millis(400);

/// How long a password that was made up waits to be changed.
const MADE_UP: Duration = Duration::from_hours(72);

/// Somebody whose password it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub org: OrgId,
    pub org_name: String,
    pub user: UserId,
    pub user_name: String,
    pub role: Role,
    /// Before anything else another password must be chosen.
    pub must_change: bool,
    /// When the password was set: who holds this up has known the password of that time.
    pub password_set: Timestamp,
    /// What was typed to sign in, in canonical form; empty where that is no longer known, or others have it with another
    /// password.
    pub address: String,
    /// Which second factors there are; without having shown one of them nobody gets a session.
    pub factors: Factors,
    /// What was shown.
    pub evidence: Evidence,
    /// Who vouches for the person in the place of a password.
    pub federated: Option<Federated>,
}

impl Access {
    /// Everybody of an address whose password this is, one in each organization in most cases.
    pub async fn sign_in(
        &self,
        visit: &Visit,
        address: &str,
        password: &Secret,
    ) -> Result<Vec<Candidate>, Error> {
        let began = Instant::now();
        let attempt = match visit.device() {
            Some(device) => self.count_by(visit, limits::of_device(device)).await?,
            None => self.count(visit, address).await?,
        };
        let people = self.of_address(address).await?;
        if people.is_empty() {
            visit.note("somebody tried to sign in with an address that is nobody's");
        }
        let hashes = people.iter().map(|one| one.password_hash.clone()).collect();
        let fitting = self.passwords.fitting(password, hashes).await?;
        let success = if fitting.iter().all(|fits| *fits) {
            Success::OfAll
        } else {
            Success::OfSome
        };
        let (mut candidates, mut expired) = (Vec::new(), false);
        for (person, fits) in people.iter().zip(fitting) {
            if fits && person.active && self.has_expired(person) {
                expired = true;
            } else if fits && person.active {
                candidates.push(Candidate {
                    address: match success {
                        Success::OfAll => canonical::email(address),
                        // Whoever shares an address could have guesses at the others counted anew.
                        Success::OfSome => String::new(),
                    },
                    ..self.candidate(person).await?
                });
            }
        }
        if candidates.is_empty() {
            self.note_failures(visit, &people, attempt.standing).await?;
            tokio::time::sleep_until(began + REFUSAL).await;
            return Err(match attempt.standing {
                Some(until) => Error::TooManyAttempts { until },
                None if expired => Error::PasswordExpired,
                None => Error::WrongPassword,
            });
        }
        self.take_back(attempt, success).await?;
        Ok(candidates)
    }

    /// Somebody who was a candidate a moment ago, as of now; over if he or she was disabled or got another password.
    pub async fn candidate_again(
        &self,
        org: OrgId,
        user: UserId,
        password_set: Timestamp,
    ) -> Result<Candidate, Error> {
        let found = store::sign_ins::of_user(&mut self.store.reader(), org, user).await?;
        let person = found.filter(|person| person.active && person.modified == password_set);
        self.candidate(&person.ok_or(Error::SignInOver)?).await
    }

    /// Is this the person's present password? Counted as an attempt to sign in.
    pub(crate) async fn prove(&self, visit: &Visit, person: &SignIn, password: &Secret) -> Result<(), Error> {
        let attempt = self.count(visit, &counted_as(person.org, person.user)).await?;
        let fitting = self
            .passwords
            .fitting(password, vec![person.password_hash.clone()])
            .await?;
        if fitting != [true] {
            self.note_failures(visit, std::slice::from_ref(person), attempt.standing)
                .await?;
            return Err(Error::WrongPassword);
        }
        self.take_back(attempt, Success::OfAll).await
    }

    /// Was it made up, and not used in time?
    fn has_expired(&self, person: &SignIn) -> bool {
        person.must_change && self.ambient.now().since(person.modified) > MADE_UP
    }

    pub(crate) async fn candidate(&self, person: &SignIn) -> Result<Candidate, Error> {
        Ok(Candidate {
            org: person.org,
            org_name: person.org_name.clone(),
            user: person.user,
            user_name: person.user_name.clone(),
            role: self.role_of(person.org, person.user).await?,
            must_change: person.must_change,
            password_set: person.modified,
            address: String::new(),
            factors: self.factors(person.org, person.user).await?,
            evidence: Evidence::Password,
            federated: None,
        })
    }

    async fn of_address(&self, address: &str) -> Result<Vec<SignIn>, Error> {
        let address = canonical::email(address);
        // No database is asked for what none can hold.
        if canonical::refuse_nul(&address).is_err() {
            return Ok(Vec::new());
        }
        Ok(store::sign_ins::of_address(&mut self.store.reader(), &address).await?)
    }

    /// Counts an attempt, if it is let in.
    pub(crate) async fn count(&self, visit: &Visit, address: &str) -> Result<Attempt, Error> {
        self.count_by(visit, limits::of_account(address)).await
    }

    async fn count_by(&self, visit: &Visit, account: Vec<u8>) -> Result<Attempt, Error> {
        let write = Count {
            account,
            network: limits::of_network(visit.from),
        };
        match self.store.write(write).await? {
            Counted::Let(attempt) => Ok(attempt),
            Counted::Kept { until } => {
                visit.note("an attempt was kept waiting, as there were too many before");
                Err(Error::TooManyAttempts { until })
            }
        }
    }

    /// It was no failure: it counts neither at the network nor at the account, whose count ends if that is safe.
    pub(crate) async fn take_back(&self, attempt: Attempt, success: Success) -> Result<(), Error> {
        Ok(self.store.write(TakeBack { attempt, success }).await?)
    }

    async fn note_failures(
        &self,
        visit: &Visit,
        people: &[SignIn],
        standing: Option<Timestamp>,
    ) -> Result<(), Error> {
        for person in people {
            let reason = if person.active {
                "the password is wrong"
            } else {
                "the account is disabled, or the password is wrong"
            };
            let whose = (person.org, person.user, person.user_name.as_str());
            self.note_failure(visit, whose, reason, standing).await?;
        }
        Ok(())
    }

    pub(crate) async fn note_failure(
        &self,
        visit: &Visit,
        (org, user, name): (OrgId, UserId, &str),
        reason: &str,
        standing: Option<Timestamp>,
    ) -> Result<(), Error> {
        let mut told = visit.told(name);
        told["reason"] = reason.into();
        let mut events = vec![event("user_login_attempt", Outcome::Failed, user, &told)];
        if let Some(until) = standing {
            told["reason"] = format!("too many failed attempts: nobody is let in before {until}").into();
            events.push(event("user_lockout", Outcome::Succeeded, user, &told));
        }
        let cause = visit.cause(user, name);
        Ok(self.store.write(Tell { org, events, cause }).await?)
    }

    /// Forgets failures that no longer count.
    pub async fn forget_failures(&self) -> Result<u64, Error> {
        let before = self.ambient.now() - limits::FORGOTTEN;
        Ok(self.store.write(Prune { before }).await?)
    }
}

/// An event of somebody.
pub(crate) fn event(event_type: &str, outcome: Outcome, user: UserId, told: &Value) -> NewEvent {
    NewEvent {
        event_type: event_type.to_owned(),
        outcome,
        resource_kind: "user".to_owned(),
        resource_id: Some(user.stored()),
        doc: told.to_string(),
    }
}

/// An attempt that was counted.
pub(crate) struct Attempt {
    account: Entry,
    network: Entry,
    /// Until when the next one has to wait, if it has to.
    pub(crate) standing: Option<Timestamp>,
}

/// What it has changed of one count.
struct Entry {
    counted_by: Vec<u8>,
    step: Step,
}

/// Whose password it was, of those who have the address.
pub(crate) enum Success {
    OfAll,
    /// The count still guards the others.
    OfSome,
}

enum Counted {
    Let(Attempt),
    Kept { until: Timestamp },
}

struct Count {
    account: Vec<u8>,
    network: Vec<u8>,
}

impl Write for Count {
    type Out = Counted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Counted, store::Error> {
        let account = failures::hold(tx, &self.account).await?;
        let network = failures::hold(tx, &self.network).await?;
        let now = tx.ambient().now();
        let counted = limits::ACCOUNT
            .count(account, now)
            .and_then(|account| Ok((account, limits::NETWORK.count(network, now)?)));
        let (account, network) = match counted {
            Ok(counted) => counted,
            Err(until) => return Ok(Counted::Kept { until }),
        };
        failures::set(tx, &self.account, account.after).await?;
        failures::set(tx, &self.network, network.after).await?;
        let until = account.after.until.max(network.after.until);
        let entry = |counted_by: &[u8], step| Entry {
            counted_by: counted_by.to_vec(),
            step,
        };
        Ok(Counted::Let(Attempt {
            account: entry(&self.account, account),
            network: entry(&self.network, network),
            standing: Some(until).filter(|until| *until > now),
        }))
    }
}

struct TakeBack {
    attempt: Attempt,
    success: Success,
}

impl Write for TakeBack {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Attempt { account, network, .. } = &self.attempt;
        match self.success {
            Success::OfAll => failures::forget(tx, &account.counted_by).await?,
            Success::OfSome => take_back(tx, account).await?,
        }
        take_back(tx, network).await
    }
}

async fn take_back(tx: &mut Tx<'_>, entry: &Entry) -> Result<(), store::Error> {
    let present = failures::hold(tx, &entry.counted_by).await?;
    failures::set(tx, &entry.counted_by, entry.step.undone(present)).await
}

struct Prune {
    before: Timestamp,
}

impl Write for Prune {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        failures::prune(tx, self.before).await
    }
}

struct Tell {
    org: OrgId,
    events: Vec<NewEvent>,
    cause: Cause,
}

impl Write for Tell {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        for event in &self.events {
            store::events::append(tx, self.org, event, &self.cause).await?;
        }
        Ok(())
    }
}
