//! The organization that a token opens, at a server.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Changing, OrganizationDetails};
use crate::client::Client;
use crate::output::read;

pub(super) async fn show(server: &Client) -> anyhow::Result<OrganizationDetails> {
    read(&server.get(&["organization"], &[]).await?)
}

pub(super) async fn set(server: &Client, change: &Changing) -> anyhow::Result<OrganizationDetails> {
    let settings: BTreeMap<_, _> = change.settings.iter().map(|(key, value)| (key, value)).collect();
    let mut body = json!({ "settings": settings });
    if let Some(name) = &change.name {
        body["name"] = name.as_str().into();
    }
    read(&server.patch(&["organization"], &body).await?)
}
