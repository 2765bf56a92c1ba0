//! Identity providers as they are stored: from rows and back.

use base::{IdentityProviderId, OrgId};
use saml::security::Certificate;
use serde_json::Value;
use store::Query;
use store::sso::{certificates, providers as stored};

use super::Provider;
use super::settings::to_map;

/// All of an organization, with their certificates.
pub(super) async fn all(q: &mut impl Query, org: OrgId) -> Result<Vec<Provider>, store::Error> {
    let mut providers = Vec::new();
    for row in stored::all(q, org).await? {
        providers.push(whole(q, org, row).await?);
    }
    Ok(providers)
}

pub(super) async fn by_id(
    q: &mut impl Query,
    org: OrgId,
    id: IdentityProviderId,
) -> Result<Option<Provider>, store::Error> {
    match stored::by_id(q, org, id).await? {
        Some(row) => whole(q, org, row).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn by_entity_id(
    q: &mut impl Query,
    org: OrgId,
    entity_id: &str,
) -> Result<Option<Provider>, store::Error> {
    match stored::by_entity_id(q, org, entity_id).await? {
        Some(row) => whole(q, org, row).await.map(Some),
        None => Ok(None),
    }
}

async fn whole(q: &mut impl Query, org: OrgId, row: stored::Provider) -> Result<Provider, store::Error> {
    let damaged = |error: &dyn std::fmt::Display| {
        store::Error::internal(format!("the identity provider {}: {error}", row.id))
    };
    let settings = serde_json::from_str(&row.settings).map_err(|error| damaged(&error))?;
    let mut found = Vec::new();
    for certificate in certificates::of_provider(q, org, row.id).await? {
        found.push(Certificate::from_der(&certificate.der).map_err(|error| damaged(&error))?);
    }
    Ok(Provider {
        id: row.id,
        version: row.version,
        name: row.name,
        entity_id: row.entity_id,
        settings,
        active: row.active,
        tested: row.tested,
        position: row.position,
        created: row.created,
        modified: row.modified,
        certificates: found,
    })
}

pub(super) fn row(provider: &Provider) -> stored::Provider {
    stored::Provider {
        id: provider.id,
        version: provider.version,
        name: provider.name.clone(),
        entity_id: provider.entity_id.clone(),
        settings: Value::Object(to_map(&provider.settings)).to_string(),
        active: provider.active,
        tested: provider.tested,
        position: provider.position,
        created: provider.created,
        modified: provider.modified,
    }
}
