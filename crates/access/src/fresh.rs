//! Tokens as they are made, and what of them is stored: hashes (an access token is checked, a refresh token exchanged).

use aws_lc_rs::digest::{SHA256, digest};
use base::{Ambient, Cause, OrgId, Secret, Timestamp, TokenId};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use store::Tx;
use store::grants::Grant;
use store::tokens::NewToken as Row;

use crate::lifetimes::Lifetimes;
use crate::{RegisteredClient, tokens};

const REFRESH_PREFIX: &str = "instep_refresh_";

pub(crate) fn hash(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

/// 32 random bytes as text.
pub(crate) fn random_text(ambient: &Ambient) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(ambient.random::<32>())
}

/// Tokens that are made before the transaction, which may run more than once.
pub(super) struct Fresh {
    pub(super) access: Secret,
    pub(super) refresh: Secret,
    id: TokenId,
    pub(super) now: Timestamp,
    lifetimes: Lifetimes,
}

/// What of them is stored.
pub(super) struct FreshRows {
    id: TokenId,
    access: Vec<u8>,
    access_expires: Timestamp,
    pub(super) refresh: Vec<u8>,
    pub(super) refresh_expires: Timestamp,
}

impl Fresh {
    pub(super) fn new(ambient: &Ambient, lifetimes: Lifetimes) -> Self {
        Self {
            access: Secret::new(format!("{}{}", crate::token::PREFIX, random_text(ambient))),
            refresh: Secret::new(format!("{REFRESH_PREFIX}{}", random_text(ambient))),
            id: ambient.id(),
            now: ambient.now(),
            lifetimes,
        }
    }

    /// For how many seconds the access token is good.
    pub(super) fn expires_in(&self) -> u64 {
        self.lifetimes.access.as_secs()
    }

    pub(super) fn rows(&self) -> FreshRows {
        FreshRows {
            id: self.id,
            access: hash(self.access.expose()),
            access_expires: self.now + self.lifetimes.access,
            refresh: hash(self.refresh.expose()),
            refresh_expires: self.now + self.lifetimes.refresh,
        }
    }
}

impl FreshRows {
    pub(super) fn row(&self, client: &RegisteredClient, grant: &Grant, scopes: &str) -> Row {
        Row {
            id: self.id,
            name: client.name.clone(),
            owner: grant.user.or_else(|| client.owner.as_ref().map(|(id, _)| *id)),
            scopes: scopes.to_owned(),
            expires: Some(self.access_expires),
            hash: self.access.clone(),
            grant: Some(grant.id),
        }
    }
}

pub(super) async fn issue(tx: &mut Tx<'_>, org: OrgId, row: &Row, cause: &Cause) -> Result<(), store::Error> {
    store::tokens::insert(tx, org, row, cause).await?;
    let told = json!({
        "name": row.name,
        "owner": row.owner,
        "scopes": row.scopes,
        "expires_at": row.expires,
    });
    tokens::tell(tx, org, "token_create", row.id, &told, cause).await
}
