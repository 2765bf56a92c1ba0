//! The demo's own client: what it does, it does over HTTP, as anybody else would.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base::Secret;
use reqwest::Method;
use serde_json::{Value, json};

/// People on a page of a list.
const PAGE: usize = 500;

/// One base URL in the name of one token.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    base: String,
    token: Secret,
}

impl Http {
    pub(super) fn new(base: String, token: Secret) -> Result<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_mins(10))
            .build()?;
        Ok(Self { client, base, token })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<Value> {
        self.call(Method::DELETE, path, None).await
    }

    /// `replace` on single attributes of a SCIM resource.
    pub(super) async fn replace(&self, path: &str, changes: &[(&str, Value)]) -> Result<Value> {
        let operations: Vec<_> = changes
            .iter()
            .map(|(path, value)| json!({ "op": "replace", "path": path, "value": value }))
            .collect();
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.patch(path, json!({ "schemas": schemas, "Operations": operations }))
            .await
    }

    /// All users of a SCIM service, page by page.
    pub(super) async fn all_users(&self) -> Result<Vec<Value>> {
        let mut users = Vec::new();
        loop {
            let page = self
                .get(&format!("/Users?startIndex={}&count={PAGE}", users.len() + 1))
                .await?;
            let resources = page["Resources"].as_array().cloned().unwrap_or_default();
            let is_last = resources.is_empty();
            users.extend(resources);
            if is_last || users.len() as u64 >= page["totalResults"].as_u64().unwrap_or_default() {
                return Ok(users);
            }
        }
    }

    /// All items of a list of the admin API.
    pub(super) async fn all_items(&self, path: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.get(&format!("{path}?limit={PAGE}{after}")).await?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(items),
            }
        }
    }

    /// Imports a staff file; an error if a row was refused.
    pub(super) async fn import(&self, csv: String) -> Result<Value> {
        let request = self
            .client
            .post(format!("{}/people/import", self.base))
            .bearer_auth(self.token.expose())
            .header(reqwest::header::CONTENT_TYPE, "text/csv")
            .body(csv);
        let report = read(request.send().await?).await?;
        match report["problems"].as_array().map(Vec::as_slice) {
            Some([]) => Ok(report),
            problems => bail!("the bundled staff list has rows that were refused: {problems:?}"),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let named = format!("{method} {path}");
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(self.token.expose());
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await?).await.context(named)
    }
}

async fn read(response: reqwest::Response) -> Result<Value> {
    let status = response.status();
    let body = response.bytes().await?;
    if !status.is_success() {
        bail!("answered {status}: {}", String::from_utf8_lossy(&body));
    }
    if body.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&body)?)
}
