//! Showing a second factor: at sign-in, and again before what weighs much. A guess counts as an attempt to sign in with the
//! wrong password does.

use std::time::Duration;

use base::{OrgId, Secret, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use store::events::{NewEvent, Outcome};
use store::factors::Authenticator;
use store::{Tx, Write};

use crate::factors::{counted_as, digits};
use crate::sign_in::{Success, event};
use crate::{Access, Candidate, Error, Visit, Visitor, recovery_code};

/// What was shown longer ago must be shown again before tokens are made or factors changed.
const FRESH: Duration = Duration::from_mins(10);

/// What somebody who signs in has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    Password,
    /// And the password: a code of the authenticator app, or a recovery code.
    Code,
    /// And the password: a passkey.
    Passkey,
}

impl Evidence {
    pub const ALL: [Self; 3] = [Self::Password, Self::Code, Self::Passkey];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Passkey => "passkey",
        }
    }

    pub fn has_second_factor(self) -> bool {
        self != Self::Password
    }

    /// As it stands with a session.
    pub(crate) fn read(word: Option<&str>) -> Self {
        let found = Self::ALL.into_iter().find(|own| Some(own.as_str()) == word);
        // Nothing better than a password is known of sessions from before it was kept.
        found.unwrap_or(Self::Password)
    }
}

impl Visitor {
    /// Refused where nothing was shown for a while.
    pub fn require_proof(&self, now: Timestamp) -> Result<(), Error> {
        if now.since(self.proved) <= FRESH {
            Ok(())
        } else {
            Err(Error::NotProved)
        }
    }
}

impl Candidate {
    /// The same with that shown.
    #[must_use]
    pub fn having_shown(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }
}

impl Access {
    /// Takes a code of somebody's authenticator app, or a recovery code.
    pub async fn show_factor(
        &self,
        visit: &Visit,
        candidate: Candidate,
        code: &Secret,
    ) -> Result<Candidate, Error> {
        let whose = (candidate.org, candidate.user, candidate.user_name.as_str());
        self.take_code(visit, whose, code).await?;
        Ok(candidate.having_shown(Evidence::Code))
    }

    /// Takes one of whoever has shown in another way who it is, where there is no sign-in and no session.
    pub async fn show_code(
        &self,
        visit: &Visit,
        (org, user, name): (OrgId, UserId, &str),
        code: &Secret,
    ) -> Result<(), Error> {
        self.take_code(visit, (org, user, name), code).await
    }

    /// Shows again, in a session, who it is: by a code where there is a second factor, else by the password.
    pub async fn prove_again(&self, visit: &Visit, visitor: &Visitor, shown: &Secret) -> Result<(), Error> {
        if self.factors(visitor.org, visitor.user).await?.any() {
            let whose = (visitor.org, visitor.user, visitor.user_name.as_str());
            self.take_code(visit, whose, shown).await?;
        } else {
            let found = store::sign_ins::of_user(&mut self.store.reader(), visitor.org, visitor.user).await?;
            let person = found.ok_or(Error::SignInOver)?;
            self.prove(visit, &person, shown).await?;
        }
        self.note_proof(visitor).await
    }

    pub(crate) async fn note_proof(&self, visitor: &Visitor) -> Result<(), Error> {
        let (org, session) = (visitor.org, visitor.session);
        if self.store.write(Proved { org, session }).await? {
            Ok(())
        } else {
            Err(Error::SignInOver)
        }
    }

    async fn take_code(
        &self,
        visit: &Visit,
        (org, user, name): (OrgId, UserId, &str),
        code: &Secret,
    ) -> Result<(), Error> {
        let attempt = self.count(visit, &counted_as(org, user)).await?;
        let mut told = visit.told(name);
        told["factor"] = "recovery code".into();
        let write = Take {
            org,
            user,
            answer: self.answer(org, user, code).await?,
            used: event("user_recovery_code_use", Outcome::Succeeded, user, &told),
            cause: visit.cause(user, name),
        };
        if self.store.write(write).await? {
            return self.take_back(attempt, Success::OfAll).await;
        }
        self.note_failure(
            visit,
            (org, user, name),
            "the second factor is wrong",
            attempt.standing,
        )
        .await?;
        match attempt.standing {
            Some(until) => Err(Error::TooManyAttempts { until }),
            None => Err(Error::WrongCode),
        }
    }

    async fn answer(&self, org: OrgId, user: UserId, code: &Secret) -> Result<Answer, Error> {
        let found = store::factors::authenticator(&mut self.store.reader(), org, user).await?;
        let steps = match &found {
            Some(authenticator) => {
                let key = self.unseal(org, user, authenticator)?;
                key.steps(&digits(code.expose()), self.ambient.now())
            }
            None => Vec::new(),
        };
        Ok(match (found, steps.as_slice()) {
            (Some(authenticator), [step, ..]) => Answer::Step(authenticator, *step),
            _ => Answer::RecoveryCode(recovery_code::hash(org, user, code.expose())),
        })
    }
}

enum Answer {
    /// Of the app, the code of a step.
    Step(Authenticator, i64),
    RecoveryCode(Vec<u8>),
}

struct Take {
    org: OrgId,
    user: UserId,
    answer: Answer,
    /// That a recovery code was used.
    used: NewEvent,
    cause: base::Cause,
}

impl Write for Take {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, user) = (self.org, self.user);
        match &self.answer {
            Answer::Step(authenticator, step) => {
                store::factors::take_step(tx, org, user, authenticator, *step).await
            }
            Answer::RecoveryCode(hash) => {
                let taken = store::factors::take_recovery_code(tx, org, user, hash).await?;
                if taken {
                    store::events::append(tx, org, &self.used, &self.cause).await?;
                }
                Ok(taken)
            }
        }
    }
}

struct Proved {
    org: OrgId,
    session: SessionId,
}

impl Write for Proved {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        store::sessions::prove(tx, self.org, self.session).await
    }
}
