//! Bearer tokens: made once, shown once, kept as a hash.
//!
//! A token is `instep_` and 32 random bytes in base64url. Being random through and through it needs no slow hash:
//! SHA-256 is what is stored, and what a request's token is looked up by.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base::{Ambient, Cause, Keyring, OrgId, Secret, SessionId, Timestamp, TokenId, UserId};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use store::revisions::Revisions;
use store::tokens::NewToken as Row;
use store::users::User;
use store::{Lock, Store, Tx, Write};

use crate::password::Passwords;
use crate::registered::is_name;
use crate::sessions::goes_on;
use crate::vouched::{Vouched, VouchedTokens};
use crate::{Error, Principal, Role, Scopes, Visit, Visitor, partners, tokens};

pub(crate) const PREFIX: &str = "instep_";
const MAX_DAYS: u32 = 3_650;

/// Whose rights a token carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The organization's operator account: full rights.
    Operator,
    /// A person: whatever role he or she has when the token is used.
    User(UserId),
    /// A person of another organization who administers this one: the same.
    Partner(UserId),
}

impl Owner {
    /// As the database holds it.
    pub(crate) fn user(self) -> Option<UserId> {
        match self {
            Self::Operator => None,
            Self::User(user) | Self::Partner(user) => Some(user),
        }
    }
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub org: OrgId,
    pub name: String,
    pub owner: Owner,
    pub scopes: Scopes,
    pub days: u32,
}

/// A token just made; the only moment its text is there.
#[derive(Debug)]
pub struct IssuedToken {
    pub id: TokenId,
    pub token: Secret,
    pub expires: Timestamp,
}

/// Makes tokens and tells whose they are; cheap to clone.
#[derive(Clone)]
pub struct Access {
    pub(crate) store: Store,
    pub(crate) ambient: Ambient,
    vouched: Arc<VouchedTokens>,
    pub(crate) passwords: Passwords,
    /// Seals what authenticator apps know.
    pub(crate) keyring: Arc<Keyring>,
}

impl Access {
    pub fn new(store: Store, ambient: Ambient, keyring: Arc<Keyring>) -> Self {
        Self {
            store,
            ambient,
            keyring,
            vouched: Arc::default(),
            passwords: Passwords::default(),
        }
    }

    /// Makes a token that lives for 1 to 3,650 days.
    pub async fn create_token(&self, cause: &Cause, new: NewToken) -> Result<IssuedToken, Error> {
        self.create(cause, new, None).await
    }

    /// The same by somebody who is signed in, in the own organization or one that he or she administers: refused if the
    /// session has ended, or that was withdrawn, by the moment when the token is written.
    pub async fn create_token_in_session(
        &self,
        visit: &Visit,
        visitor: &Visitor,
        new: NewToken,
    ) -> Result<IssuedToken, Error> {
        let cause = visit.cause(visitor.user, &visitor.user_name);
        let session = Some((visitor.org, visitor.session));
        self.create(&cause, new, session).await
    }

    async fn create(
        &self,
        cause: &Cause,
        new: NewToken,
        session: Option<(OrgId, SessionId)>,
    ) -> Result<IssuedToken, Error> {
        let name = new.name.trim();
        if !is_name(name) {
            return Err(Error::Name);
        }
        judge_days(new.days)?;
        if store::organizations::by_id(&mut self.store.reader(), new.org)
            .await?
            .is_none()
        {
            return Err(Error::UnknownOrganization);
        }
        let (issued, row) = self.fresh(name, new.owner, new.scopes.to_string(), new.days);
        let write = Insert {
            org: new.org,
            row,
            owner: new.owner,
            session,
            replaces: None,
            cause: cause.clone(),
        };
        self.store.write(write).await?.judged()?;
        Ok(issued)
    }

    /// A token that is not written yet, and what is to be.
    pub(crate) fn fresh(&self, name: &str, owner: Owner, scopes: String, days: u32) -> (IssuedToken, Row) {
        let (id, now) = (self.ambient.id::<TokenId>(), self.ambient.now());
        let expires = now + Duration::from_secs(u64::from(days) * 86_400);
        let token = Secret::new(format!(
            "{PREFIX}{}",
            BASE64_URL_SAFE_NO_PAD.encode(self.ambient.random::<32>())
        ));
        let row = Row {
            id,
            name: name.to_owned(),
            owner: owner.user(),
            scopes,
            expires: Some(expires),
            hash: hash(token.expose()),
            grant: None,
        };
        (IssuedToken { id, token, expires }, row)
    }

    /// What somebody may do at most.
    pub async fn role_of(&self, org: OrgId, user: UserId) -> Result<Role, Error> {
        let roles = store::roles::of_user(&mut self.store.reader(), org, user).await?;
        Ok(highest(&roles))
    }

    /// The same of several people, in their order.
    pub async fn roles_of(&self, org: OrgId, users: &[UserId]) -> Result<Vec<Role>, Error> {
        let roles = store::roles::of_users(&mut self.store.reader(), org, users).await?;
        let role = |user| roles.get(user).map_or(Role::None, |roles| highest(roles));
        Ok(users.iter().map(role).collect())
    }

    /// Whose token is it? Judged anew at each call: expiry, revocation, and the owner's present role. Of a token that was
    /// let in lately only that is asked, together with the person whom the request is about, if `about` names one.
    pub async fn authenticate(
        &self,
        token: &str,
        about: Option<(OrgId, UserId)>,
    ) -> Result<Authenticated, Error> {
        // A cheap look keeps other people's tokens (and very long texts) away from the database.
        if !token.starts_with(PREFIX) || token.len() > 100 {
            return Err(Error::InvalidToken);
        }
        let hash = hash(token);
        let (vouched, revisions, person) = match self.still_vouched(&hash, about).await? {
            Some(still) => still,
            None => self.look_up(hash).await?,
        };
        let now = self.ambient.now();
        if let Some(at) = vouched.principal.expires
            && at <= now
        {
            return Err(Error::ExpiredToken { at });
        }
        if vouched.is_to_be_touched(now) {
            let (org, id) = (vouched.principal.org, vouched.principal.token);
            // Nobody is kept out because the time cannot be noted.
            if let Err(error) = self.store.write(Touch { org, id }).await {
                tracing::warn!(%error, "the last use of a token was not noted");
            }
        }
        Ok(Authenticated {
            principal: Arc::clone(&vouched.principal),
            revisions,
            person,
        })
    }

    /// What is remembered of a token, if nothing has changed since that decides who is let in.
    async fn still_vouched(
        &self,
        hash: &[u8],
        about: Option<(OrgId, UserId)>,
    ) -> Result<Option<(Arc<Vouched>, Revisions, Person)>, Error> {
        let Some(vouched) = self.vouched.get(hash) else {
            return Ok(None);
        };
        let (org, mut reader) = (vouched.principal.org, self.store.reader());
        let found = match about {
            Some((of, id)) if of == org => {
                let found = store::users::by_id_with_revisions(&mut reader, org, id).await?;
                found.map(|(revisions, user)| (revisions, user.map_or(Person::Unknown, Person::found)))
            }
            _ => {
                let found = store::revisions::of(&mut reader, org).await?;
                found.map(|revisions| (revisions, Person::NotAsked))
            }
        };
        let still = found.filter(|(revisions, _)| revisions.access == vouched.access_revision);
        Ok(still.map(|(revisions, person)| (vouched, revisions, person)))
    }

    async fn look_up(&self, hash: Vec<u8>) -> Result<(Arc<Vouched>, Revisions, Person), Error> {
        let found = store::tokens::presented(&mut self.store.reader(), &hash).await?;
        let row = found
            .filter(|row| row.revoked.is_none())
            .ok_or(Error::InvalidToken)?;
        let home = row.owner.as_ref().and_then(|owner| owner.home);
        let principal = Principal {
            role: role(row.owner.as_ref())?,
            scopes: row.scopes.parse().map_err(|_| Error::InvalidToken)?,
            org: row.org,
            token: row.id,
            token_name: row.name,
            owner: row.owner.map(|owner| owner.user),
            expires: row.expires,
            grant: row.grant,
            home,
        };
        let vouched = Vouched::new(principal, row.revisions.access, row.last_used);
        let vouched = Arc::new(vouched);
        // What becomes of a partner at home does not show in this organization's number: it is asked for every time.
        if home.is_none() {
            self.vouched.put(hash, Arc::clone(&vouched));
        }
        Ok((vouched, row.revisions, Person::NotAsked))
    }
}

/// Who it is, and what was learned by the way.
#[derive(Debug)]
pub struct Authenticated {
    pub principal: Arc<Principal>,
    /// The organization's, as of now.
    pub revisions: Revisions,
    pub person: Person,
}

/// The person whom a request is about, as of the moment when its token was found good.
#[derive(Debug, Clone)]
pub enum Person {
    NotAsked,
    Unknown,
    Found(Box<User>),
}

impl Person {
    fn found(user: User) -> Self {
        Self::Found(Box::new(user))
    }
}

/// The role of a token's owner as of now; a disabled or deleted owner's token is worth nothing.
fn role(owner: Option<&store::tokens::Owner>) -> Result<Role, Error> {
    let Some(owner) = owner else {
        return Ok(Role::FullAdmin);
    };
    if !owner.active {
        return Err(Error::InvalidToken);
    }
    Ok(highest(&owner.roles))
}

/// The one of somebody's roles that allows most.
fn highest(roles: &[String]) -> Role {
    let highest = Role::ALL
        .into_iter()
        .find(|role| roles.iter().any(|name| name == role.name()));
    highest.unwrap_or(Role::None)
}

fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// How long a token may live.
pub(crate) fn judge_days(days: u32) -> Result<(), Error> {
    if (1..=MAX_DAYS).contains(&days) {
        Ok(())
    } else {
        Err(Error::Lifetime(days))
    }
}

pub(crate) struct Insert {
    pub(crate) org: OrgId,
    pub(crate) row: Row,
    pub(crate) owner: Owner,
    /// The owner's in which it is made, and in which organization he or she is signed in.
    pub(crate) session: Option<(OrgId, SessionId)>,
    /// In whose place it comes.
    pub(crate) replaces: Option<TokenId>,
    pub(crate) cause: Cause,
}

pub(crate) enum Inserted {
    Done,
    SignedOut,
    /// Any more.
    NoPartner,
}

impl Inserted {
    pub(crate) fn judged(self) -> Result<(), Error> {
        match self {
            Self::Done => Ok(()),
            Self::SignedOut => Err(Error::SignInOver),
            Self::NoPartner => Err(Error::UnknownPartner),
        }
    }
}

impl Write for Insert {
    type Out = Inserted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Inserted, store::Error> {
        let mut told = json!({
            "name": self.row.name,
            "owner": self.row.owner,
            "scopes": self.row.scopes,
            "expires_at": self.row.expires,
        });
        if let Some(former) = self.replaces {
            told["replaces"] = json!(former);
        }
        if let Owner::Partner(user) = self.owner {
            tx.lock(Lock::Feed(self.org)).await?;
            let Some(partner) = store::partners::hold_of_user(tx, self.org, user).await? else {
                return Ok(Inserted::NoPartner);
            };
            told["partner"] = partners::told_of(&partner);
        }
        if let (Some((home, id)), Some(user)) = (self.session, self.row.owner) {
            tx.lock(Lock::Feed(self.org)).await?;
            store::users::held(tx, home, user).await?;
            if !goes_on(tx, home, (id, user)).await? {
                return Ok(Inserted::SignedOut);
            }
        }
        store::tokens::insert(tx, self.org, &self.row, &self.cause).await?;
        tokens::tell(tx, self.org, "token_create", self.row.id, &told, &self.cause).await?;
        Ok(Inserted::Done)
    }
}

struct Touch {
    org: OrgId,
    id: TokenId,
}

impl Write for Touch {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::tokens::touch(tx, self.org, self.id).await
    }
}
