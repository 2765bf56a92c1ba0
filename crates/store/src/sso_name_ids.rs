//! The persistent names that applications know people by: one for each person at each application, made up once.

use base::{AppId, OrgId, UserId};

use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

pub async fn of_user(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    user: UserId,
) -> Result<Option<String>, Error> {
    let sql = "SELECT name FROM sso_name_ids WHERE org = ?1 AND app = ?2 AND user_id = ?3";
    let row = q.first(sql, params![org, app, user]).await?;
    row.map_or(Ok(None), |mut row| row.take_opt_text(0))
}

/// Gives somebody a name who has none yet; gives the one that he or she has then.
pub async fn give(
    tx: &mut Tx<'_>,
    org: OrgId,
    (app, user): (AppId, UserId),
    name: &str,
) -> Result<String, Error> {
    let now = tx.ambient().now();
    let sql = "INSERT INTO sso_name_ids (org, app, user_id, name, created) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (org, app, user_id) DO NOTHING";
    tx.execute(sql, params![org, app, user, name, now]).await?;
    of_user(tx, org, app, user).await?.ok_or(Error::NotFound)
}

/// Forgets those of a person who goes, and where he or she was signed in to.
pub(crate) async fn forget(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    for sql in [
        "DELETE FROM sso_name_ids WHERE org = ?1 AND user_id = ?2",
        "DELETE FROM sso_app_sessions WHERE org = ?1 AND user_id = ?2",
    ] {
        tx.send(sql, params![org, user].to_vec()).await?;
    }
    Ok(())
}
