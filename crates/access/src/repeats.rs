//! Requests that may be sent again: whoever sends a key along (`Idempotency-Key`) gets the same answer for a day, and nothing
//! is done twice.
//!
//! A request is noted before it is carried out and its answer after it. If the process ends in between, nobody knows what
//! came of it: the key then says so, instead of having it carried out once more.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base::{OrgId, TokenId};
use store::idempotency::{self, Begun, Known, Request};
use store::{Tx, Write};

use crate::{Access, Error};

/// How long a key stands for its request.
const KEPT: Duration = Duration::from_hours(24);
/// No request is under way for longer.
const LONGEST: Duration = Duration::from_mins(15);
/// Keys of an organization, at most.
pub const MOST_KEYS: u32 = 10_000;

/// One key of one token.
#[derive(Clone, PartialEq, Eq)]
pub struct RepeatKey {
    org: OrgId,
    hash: Vec<u8>,
}

/// What is to be done about a request that was sent with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// It is the first: it is to be carried out.
    First,
    /// It was answered so, sealed.
    Answered(Vec<u8>),
    /// The key stands for another request.
    Other,
    /// It is under way.
    UnderWay,
    /// It was under way when its process ended, or its answer could not be noted.
    Unknown,
    /// The organization has as many keys as it may, and for so long.
    Full(Duration),
}

impl RepeatKey {
    pub fn new(org: OrgId, token: TokenId, key: &str) -> Self {
        let hash = digest(&SHA256, &[token.as_bytes(), key.as_bytes()].concat());
        Self {
            org,
            hash: hash.as_ref().to_vec(),
        }
    }
}

impl Access {
    /// Notes a request that is about to be carried out, or says what came of it before.
    pub async fn begin_repeatable(&self, key: &RepeatKey, request: &[&[u8]]) -> Result<Repeat, Error> {
        // Each part with its length, so that no two requests read alike.
        let mut asked = Vec::new();
        for part in request {
            asked.extend_from_slice(&(part.len() as u64).to_be_bytes());
            asked.extend_from_slice(part);
        }
        let asked = digest(&SHA256, &asked).as_ref().to_vec();
        let now = self.ambient.now();
        let begin = Begin {
            org: key.org,
            request: Request {
                hash: key.hash.clone(),
                request: asked.clone(),
                expires: now + KEPT,
            },
        };
        Ok(match self.store.write(begin).await? {
            Begun::First => Repeat::First,
            Begun::Full { until } => Repeat::Full(until.since(now)),
            Begun::Known(Known { request, .. }) if request != asked => Repeat::Other,
            Begun::Known(Known {
                answer: Some(answer), ..
            }) => Repeat::Answered(answer),
            Begun::Known(Known { begun, .. }) if now.since(begun) < LONGEST => Repeat::UnderWay,
            Begun::Known(_) => Repeat::Unknown,
        })
    }

    /// Notes what was answered, sealed.
    pub async fn note_answer(&self, key: RepeatKey, answer: Vec<u8>) -> Result<(), Error> {
        Ok(self.store.write(Answered { key, answer }).await?)
    }

    /// Nothing was done: the key may be used again.
    pub async fn forget_repeatable(&self, key: RepeatKey) -> Result<(), Error> {
        Ok(self.store.write(Forget { key }).await?)
    }

    /// Forgets keys that have expired; says how many.
    pub async fn forget_repeatables(&self, org: OrgId) -> Result<u64, Error> {
        Ok(self.store.write(Prune { org }).await?)
    }
}

struct Begin {
    org: OrgId,
    request: Request,
}

impl Write for Begin {
    type Out = Begun;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Begun, store::Error> {
        idempotency::begin(tx, self.org, &self.request, MOST_KEYS).await
    }
}

struct Answered {
    key: RepeatKey,
    answer: Vec<u8>,
}

impl Write for Answered {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        idempotency::answer(tx, self.key.org, &self.key.hash, &self.answer).await
    }
}

struct Forget {
    key: RepeatKey,
}

impl Write for Forget {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        idempotency::forget(tx, self.key.org, &self.key.hash).await
    }
}

struct Prune {
    org: OrgId,
}

impl Write for Prune {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        idempotency::prune(tx, self.org).await
    }
}
