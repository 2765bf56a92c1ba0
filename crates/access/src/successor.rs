//! Another token in the place of one that is to end: with the same owner, name and scopes. For a while both are good, so that
//! whoever uses it can be given the new one without a gap.

use std::time::Duration;

use base::{Cause, OrgId, SessionId, Timestamp, TokenId};
use serde_json::json;
use store::{Lock, Tx, Write};

use crate::token::{Insert, Inserted, judge_days};
use crate::{Access, Error, IssuedToken, MOST_OVERLAP_HOURS, Owner, Standing, Visit, Visitor, tokens};

/// How long a token that was replaced is good yet if nothing else is said, in hours.
pub const USUAL_OVERLAP_HOURS: u32 = 7 * 24;

/// A token that is to be replaced.
#[derive(Debug, Clone)]
pub struct Replacement {
    pub org: OrgId,
    pub token: TokenId,
    /// Whose it must be.
    pub owner: Owner,
    /// How long it is good yet; never longer than before.
    pub overlap_hours: u32,
    /// How long the new one lives.
    pub days: u32,
}

/// What came of it; the only moment when the new token's text is there.
#[derive(Debug)]
pub struct Replaced {
    pub issued: IssuedToken,
    pub name: String,
    /// When the one before ends.
    pub former_expires: Timestamp,
}

impl Access {
    /// Makes a token in the place of another one. Whoever may make one for its owner may do so.
    pub async fn replace_token(&self, cause: &Cause, wanted: Replacement) -> Result<Replaced, Error> {
        self.replace(cause, wanted, None).await
    }

    /// The same by somebody who is signed in, as [`Access::create_token_in_session`].
    pub async fn replace_token_in_session(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        wanted: Replacement,
    ) -> Result<Replaced, Error> {
        let cause = visit.cause(visitor.user, &visitor.user_name);
        let session = Some((visitor.org, visitor.session));
        self.replace(&cause, wanted, session).await
    }

    async fn replace(
        &self,
        cause: &Cause,
        wanted: Replacement,
        session: Option<(OrgId, SessionId)>,
    ) -> Result<Replaced, Error> {
        let Replacement {
            org, token, owner, ..
        } = wanted;
        judge_days(wanted.days)?;
        if wanted.overlap_hours > MOST_OVERLAP_HOURS {
            return Err(Error::TokenOverlap(wanted.overlap_hours));
        }
        let former = self.token(org, token).await?;
        if former.owner.map(|(id, _)| id) != owner.user() {
            return Err(Error::OthersToken);
        }
        if former.grant.is_some() {
            return Err(Error::ClientsToken);
        }
        if former.standing != Standing::Active {
            return Err(Error::TokenOver);
        }
        let (issued, row) = self.fresh(&former.name, owner, former.scopes.join(" "), wanted.days);
        let until = self.ambient.now() + Duration::from_hours(wanted.overlap_hours.into());
        let write = Replace {
            insert: Insert {
                org,
                row,
                owner,
                session,
                replaces: Some(token),
                cause: cause.clone(),
            },
            former: token,
            before: former.expires,
            until: former.expires.map_or(until, |end| end.min(until)),
        };
        let former_expires = write.until;
        let inserted = self.store.write(write).await.map_err(|error| match error {
            store::Error::NotFound => Error::TokenOver,
            other => other.into(),
        })?;
        inserted.judged()?;
        Ok(Replaced {
            issued,
            name: former.name,
            former_expires,
        })
    }
}

struct Replace {
    insert: Insert,
    former: TokenId,
    before: Option<Timestamp>,
    until: Timestamp,
}

impl Write for Replace {
    type Out = Inserted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Inserted, store::Error> {
        let Insert { org, row, cause, .. } = &self.insert;
        tx.lock(Lock::Feed(*org)).await?;
        // Its owner first, as whoever ends all of a person's tokens does.
        match self.insert.run(tx).await? {
            Inserted::Done => {}
            refused => return Ok(refused),
        }
        // What ends with a sign-in does so in its successor, whoever asked for that, and what lasts goes on.
        store::tokens::inherit_maker(tx, *org, row.id, self.former).await?;
        if !store::tokens::end_at(tx, *org, self.former, self.until, cause).await? {
            return Err(store::Error::NotFound);
        }
        let told = json!({
            "name": row.name,
            "successor": row.id,
            "changes": [{ "field": "expires_at", "from": self.before, "to": self.until }],
        });
        tokens::tell(tx, *org, "token_replace", self.former, &told, cause).await?;
        Ok(Inserted::Done)
    }
}
