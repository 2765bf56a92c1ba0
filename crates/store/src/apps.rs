//! Applications.

use base::{AppId, Cause, OrgId, PlanId, Timestamp, canonical};

use crate::changes::{self, Entry, Kind, What};
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::saml_keys::{self, Owner};
use crate::tx::{Query, Tx};

macro_rules! columns {
    () => {
        "id, name, template, state, settings, credentials, credentials_expire, watermark, hold_until, hold_count, \
         hold_reason, version, created, modified, plan, quarantine_since, quarantine_reason, removal"
    };
}

/// An application as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub id: AppId,
    pub name: String,
    pub template: String,
    pub state: State,
    /// JSON.
    pub settings: String,
    /// Sealed.
    pub credentials: Option<Vec<u8>>,
    pub credentials_expire: Option<Timestamp>,
    /// Up to where the feed was read; `None` before the first cycle.
    pub watermark: Option<i64>,
    pub hold: Option<Hold>,
    pub quarantine: Option<Quarantine>,
    /// The plan that gathers what awaits approval.
    pub plan: Option<PlanId>,
    /// What becomes of the accounts of an application that is being removed.
    pub removal: Option<String>,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Active,
    Paused,
    /// Until it is activated again, with everybody anew.
    Inactive,
    /// After too long a quarantine.
    Disabled,
    /// Once its accounts have gone, it goes too.
    Removing,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Inactive => "inactive",
            Self::Disabled => "disabled",
            Self::Removing => "removing",
        }
    }

    fn read(word: &str) -> Result<Self, Error> {
        match word {
            "active" => Ok(Self::Active),
            "paused" => Ok(Self::Paused),
            "inactive" => Ok(Self::Inactive),
            "disabled" => Ok(Self::Disabled),
            "removing" => Ok(Self::Removing),
            _ => Err(Error::internal(format!("an app has the state {word:?}"))),
        }
    }
}

/// Nothing is sent to the target for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub until: Timestamp,
    /// How often in a row.
    pub count: i64,
    /// A message, as JSON.
    pub reason: String,
}

/// The target is tried ever more rarely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    pub since: Timestamp,
    /// A message, as JSON.
    pub reason: String,
}

/// What an application is to be, in all that admins set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub name: String,
    pub template: String,
    pub state: State,
    pub settings: String,
}

impl App {
    fn read(mut row: Row) -> Result<Self, Error> {
        let hold = match row.opt_time(8)? {
            None => None,
            Some(until) => Some(Hold {
                until,
                count: row.int(9)?,
                reason: row.take_opt_text(10)?.unwrap_or_default(),
            }),
        };
        let quarantine = match row.opt_time(15)? {
            None => None,
            Some(since) => Some(Quarantine {
                since,
                reason: row.take_opt_text(16)?.unwrap_or_default(),
            }),
        };
        Ok(Self {
            id: row.id(0)?,
            name: row.take_text(1)?,
            template: row.take_text(2)?,
            state: State::read(row.text(3)?)?,
            settings: row.take_text(4)?,
            credentials: row.opt_bytes(5)?.map(<[u8]>::to_vec),
            credentials_expire: row.opt_time(6)?,
            watermark: row.opt_int(7)?,
            hold,
            quarantine,
            version: row.int(11)?,
            created: row.time(12)?,
            modified: row.time(13)?,
            plan: row.opt_id(14)?,
            removal: row.take_opt_text(17)?,
        })
    }
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: AppId) -> Result<Option<App>, Error> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM apps WHERE org = ?1 AND id = ?2");
    q.first(SQL, params![org, id]).await?.map(App::read).transpose()
}

/// Finds by name, in whichever case it is written.
pub async fn by_name(q: &mut impl Query, org: OrgId, name: &str) -> Result<Option<App>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM apps WHERE org = ?1 AND name_key = ?2"
    );
    let key = canonical::text(name);
    q.first(SQL, params![org, key]).await?.map(App::read).transpose()
}

/// All applications of an organization, the oldest first.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<Vec<App>, Error> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM apps WHERE org = ?1 ORDER BY id");
    q.query(SQL, params![org])
        .await?
        .into_iter()
        .map(App::read)
        .collect()
}

/// Adds an application. `Conflict { what: "name" }` when the name is taken.
pub async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: AppId,
    draft: &Draft,
    cause: &Cause,
) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO apps (org, id, name, name_key, template, state, settings, hold_count, version, created, modified) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 1, ?8, ?8)",
        params![
            org,
            id,
            &draft.name,
            canonical::text(&draft.name),
            &draft.template,
            draft.state.as_str(),
            &draft.settings,
            now
        ],
    )
    .await?;
    changes::append(tx, org, Entry::new(Kind::App, id, What::Created), cause).await
}

/// Changes an application, if its version is still the expected one.
pub async fn update(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: AppId,
    expected: i64,
    draft: &Draft,
    cause: &Cause,
) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let updated = tx
        .execute(
            "UPDATE apps SET name = ?3, name_key = ?4, template = ?5, state = ?6, settings = ?7, \
             version = version + 1, modified = ?8 WHERE org = ?1 AND id = ?2 AND version = ?9",
            params![
                org,
                id,
                &draft.name,
                canonical::text(&draft.name),
                &draft.template,
                draft.state.as_str(),
                &draft.settings,
                now,
                expected
            ],
        )
        .await?;
    if updated == 0
        && let Some(app) = by_id(tx, org, id).await?
    {
        return Err(Error::VersionMismatch { current: app.version });
    }
    noted(tx, org, id, updated, What::Updated, cause).await
}

/// Sets the sealed credentials; sending is tried again at once.
pub async fn set_credentials(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: AppId,
    credentials: &[u8],
    expire: Option<Timestamp>,
    cause: &Cause,
) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let updated = tx
        .execute(
            "UPDATE apps SET credentials = ?3, credentials_expire = ?4, hold_until = NULL, hold_count = 0, \
             hold_reason = NULL, version = version + 1, modified = ?5 WHERE org = ?1 AND id = ?2",
            params![org, id, credentials, expire, now],
        )
        .await?;
    noted(tx, org, id, updated, What::Updated, cause).await
}

/// Notes when the credentials expire, as the target says.
pub async fn note_expiry(tx: &mut Tx<'_>, org: OrgId, id: AppId, expire: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE apps SET credentials_expire = ?3 WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, id, expire]).await.map(drop)
}

/// What decides how lanes may be worked on: the application's version, and the plan that gathers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stance {
    pub version: i64,
    pub plan: Option<PlanId>,
    pub watermark: Option<i64>,
}

pub async fn stance(q: &mut impl Query, org: OrgId, id: AppId) -> Result<Option<Stance>, Error> {
    let sql = "SELECT version, plan, watermark FROM apps WHERE org = ?1 AND id = ?2";
    let row = q.first(sql, params![org, id]).await?;
    row.map(|row| {
        Ok(Stance {
            version: row.int(0)?,
            plan: row.opt_id(1)?,
            watermark: row.opt_int(2)?,
        })
    })
    .transpose()
}

/// Holds the application's row until the write ends, if it has this version still and no plan gathers; says whether
/// that is so.
pub async fn hold_free(tx: &mut Tx<'_>, org: OrgId, id: AppId, version: i64) -> Result<bool, Error> {
    let sql =
        "UPDATE apps SET watermark = watermark WHERE org = ?1 AND id = ?2 AND version = ?3 AND plan IS NULL";
    Ok(tx.execute(sql, params![org, id, version]).await? == 1)
}

/// Holds the application's row until the write ends.
pub async fn hold(tx: &mut Tx<'_>, org: OrgId, id: AppId) -> Result<(), Error> {
    let sql = "UPDATE apps SET watermark = watermark WHERE org = ?1 AND id = ?2";
    match tx.execute(sql, params![org, id]).await? {
        1 => Ok(()),
        _ => Err(Error::NotFound),
    }
}

/// Lets a plan gather what awaits approval, if none does; says whether it now does.
pub async fn gather(tx: &mut Tx<'_>, org: OrgId, id: AppId, plan: PlanId) -> Result<bool, Error> {
    let sql = "UPDATE apps SET plan = ?3 WHERE org = ?1 AND id = ?2 AND plan IS NULL";
    Ok(tx.execute(sql, params![org, id, plan]).await? == 1)
}

/// No plan gathers any longer.
pub async fn gather_nothing(tx: &mut Tx<'_>, org: OrgId, id: AppId) -> Result<(), Error> {
    let sql = "UPDATE apps SET plan = NULL WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, id]).await.map(drop)
}

/// The plan gathers no longer; says whether it did.
pub async fn gathered(tx: &mut Tx<'_>, org: OrgId, id: AppId, plan: PlanId) -> Result<bool, Error> {
    let sql = "UPDATE apps SET plan = NULL WHERE org = ?1 AND id = ?2 AND plan = ?3";
    Ok(tx.execute(sql, params![org, id, plan]).await? == 1)
}

/// Moves the watermark if it still stands where it was read; says whether it did.
pub async fn advance(tx: &mut Tx<'_>, org: OrgId, id: AppId, from: i64, to: i64) -> Result<bool, Error> {
    let moved = tx
        .execute(
            "UPDATE apps SET watermark = ?4 WHERE org = ?1 AND id = ?2 AND watermark = ?3",
            params![org, id, from, to],
        )
        .await?;
    Ok(moved == 1)
}

/// Sets the watermark, wherever it stood.
pub async fn set_watermark(tx: &mut Tx<'_>, org: OrgId, id: AppId, to: i64) -> Result<(), Error> {
    let sql = "UPDATE apps SET watermark = ?3 WHERE org = ?1 AND id = ?2";
    match tx.execute(sql, params![org, id, to]).await? {
        1 => Ok(()),
        _ => Err(Error::NotFound),
    }
}

/// Sets the watermark of an application that has none yet.
pub async fn start(tx: &mut Tx<'_>, org: OrgId, id: AppId, at: i64) -> Result<(), Error> {
    let sql = "UPDATE apps SET watermark = ?3 WHERE org = ?1 AND id = ?2 AND watermark IS NULL";
    tx.execute(sql, params![org, id, at]).await.map(drop)
}

/// Sends nothing before a time, or again from now on.
pub async fn set_hold(tx: &mut Tx<'_>, org: OrgId, id: AppId, hold: Option<&Hold>) -> Result<(), Error> {
    tx.execute(
        "UPDATE apps SET hold_until = ?3, hold_count = ?4, hold_reason = ?5 WHERE org = ?1 AND id = ?2",
        params![
            org,
            id,
            hold.map(|hold| hold.until),
            hold.map_or(0, |hold| hold.count),
            hold.map(|hold| hold.reason.as_str())
        ],
    )
    .await
    .map(drop)
}

/// Puts the application into quarantine for a reason of this kind, or changes the reason; says whether it is a new one.
/// Since when it is in quarantine stays.
pub async fn quarantine(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: AppId,
    (code, reason): (&str, &str),
) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE apps SET quarantine_since = COALESCE(quarantine_since, ?5), quarantine_code = ?3, \
               quarantine_reason = ?4 \
               WHERE org = ?1 AND id = ?2 AND (quarantine_code IS NULL OR quarantine_code <> ?3)";
    Ok(tx.execute(sql, params![org, id, code, reason, now]).await? == 1)
}

/// Ends the quarantine; says whether there was one.
pub async fn heal(tx: &mut Tx<'_>, org: OrgId, id: AppId) -> Result<bool, Error> {
    let sql = "UPDATE apps SET quarantine_since = NULL, quarantine_code = NULL, quarantine_reason = NULL \
               WHERE org = ?1 AND id = ?2 AND quarantine_since IS NOT NULL";
    Ok(tx.execute(sql, params![org, id]).await? == 1)
}

/// Disables an active application that has been in quarantine since before a time; says whether it does.
pub async fn disable(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: AppId,
    before: Timestamp,
    cause: &Cause,
) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let sql = "UPDATE apps SET state = 'disabled', hold_until = NULL, hold_count = 0, hold_reason = NULL, \
               version = version + 1, modified = ?4 \
               WHERE org = ?1 AND id = ?2 AND state = 'active' AND quarantine_since <= ?3";
    match tx.execute(sql, params![org, id, before, now]).await? {
        0 => Ok(false),
        disabled => noted(tx, org, id, disabled, What::Updated, cause)
            .await
            .map(|()| true),
    }
}

/// Lets an application go once its accounts have, if its version is still the expected one. Nothing holds it up any more.
pub async fn begin_removal(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: AppId,
    expected: i64,
    fate: &str,
    cause: &Cause,
) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let sql = "UPDATE apps SET state = 'removing', removal = ?3, plan = NULL, hold_until = NULL, hold_count = 0, \
               hold_reason = NULL, quarantine_since = NULL, quarantine_code = NULL, quarantine_reason = NULL, \
               version = version + 1, modified = ?4 WHERE org = ?1 AND id = ?2 AND version = ?5";
    let updated = tx.execute(sql, params![org, id, fate, now, expected]).await?;
    if updated == 0
        && let Some(app) = by_id(tx, org, id).await?
    {
        return Err(Error::VersionMismatch { current: app.version });
    }
    noted(tx, org, id, updated, What::Updated, cause).await
}

/// Lifts a hold that failures brought about, so that sending is tried at once; says whether there was one. A time that
/// the target itself asked for stays.
pub async fn lift_hold(tx: &mut Tx<'_>, org: OrgId, id: AppId) -> Result<bool, Error> {
    // The version tells the engine to read the hold anew.
    let sql = "UPDATE apps SET hold_until = NULL, hold_count = 0, hold_reason = NULL, version = version + 1 \
               WHERE org = ?1 AND id = ?2 AND hold_until IS NOT NULL AND hold_count > 0";
    Ok(tx.execute(sql, params![org, id]).await? == 1)
}

/// Removes an application with everything that hangs on it. Its log stays.
pub async fn delete(tx: &mut Tx<'_>, org: OrgId, id: AppId, cause: &Cause) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    for sql in [
        "DELETE FROM lanes WHERE org = ?1 AND app = ?2",
        "DELETE FROM memberships WHERE org = ?1 AND app = ?2",
        "DELETE FROM account_references WHERE org = ?1 AND app = ?2",
        "DELETE FROM import_items WHERE org = ?1 AND app = ?2",
        "DELETE FROM jobs WHERE org = ?1 AND app = ?2",
        "DELETE FROM drift WHERE org = ?1 AND app = ?2",
        "DELETE FROM plan_items WHERE org = ?1 AND app = ?2",
        "DELETE FROM plans WHERE org = ?1 AND app = ?2",
        "DELETE FROM links WHERE org = ?1 AND app = ?2",
        "DELETE FROM cycles WHERE org = ?1 AND app = ?2",
        "DELETE FROM assignments WHERE org = ?1 AND app = ?2",
        "DELETE FROM mappings WHERE org = ?1 AND app = ?2",
        "DELETE FROM notices WHERE org = ?1 AND app = ?2",
        "DELETE FROM target_tokens WHERE org = ?1 AND app = ?2",
        "DELETE FROM target_ways WHERE org = ?1 AND app = ?2",
        "DELETE FROM sso_app_sessions WHERE org = ?1 AND app = ?2",
        "DELETE FROM sso_name_ids WHERE org = ?1 AND app = ?2",
        "DELETE FROM sso_addresses WHERE org = ?1 AND app = ?2",
        "DELETE FROM sso_apps WHERE org = ?1 AND app = ?2",
    ] {
        tx.execute(sql, params![org, id]).await?;
    }
    saml_keys::delete_all(tx, org, Owner::App(id)).await?;
    let sql = "DELETE FROM apps WHERE org = ?1 AND id = ?2";
    let deleted = tx.execute(sql, params![org, id]).await?;
    noted(tx, org, id, deleted, What::Deleted, cause).await
}

async fn noted(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: AppId,
    rows: u64,
    what: What,
    cause: &Cause,
) -> Result<(), Error> {
    if rows == 0 {
        return Err(Error::NotFound);
    }
    changes::append(tx, org, Entry::new(Kind::App, id, what), cause).await
}
