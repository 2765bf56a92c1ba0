//! Whom each identity provider vouches for: the first route that fits.

use base::{IdentityProviderId, OrgId};

use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// One as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `domain` or `group`.
    pub kind: String,
    /// The domain's name, or the group's id.
    pub value: String,
    pub provider: IdentityProviderId,
}

/// All of an organization, in their order.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<Vec<Route>, Error> {
    let sql = "SELECT kind, value, provider FROM sso_routes WHERE org = ?1 ORDER BY position";
    let rows = q.query(sql, params![org]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Route {
                kind: row.take_text(0)?,
                value: row.take_text(1)?,
                provider: row.id(2)?,
            })
        })
        .collect()
}

/// Puts these in the place of all that were there; `Conflict` where one is there twice.
pub async fn replace(tx: &mut Tx<'_>, org: OrgId, routes: &[Route]) -> Result<(), Error> {
    let sql = "DELETE FROM sso_routes WHERE org = ?1";
    tx.execute(sql, params![org]).await?;
    for (position, route) in routes.iter().enumerate() {
        let sql = "INSERT INTO sso_routes (org, position, kind, value, provider) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![
            org,
            position,
            route.kind.as_str(),
            route.value.as_str(),
            route.provider
        ];
        tx.execute(sql, values).await?;
    }
    Ok(())
}
