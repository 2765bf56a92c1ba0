//! The program under test with a database of its own: organizations, tokens, people.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::server::{Server, program};

/// A running `instep serve` with one organization in it.
pub struct House {
    pub server: Server,
    pub org: String,
    pub token: String,
    pub client: Client,
    _folder: TempDir,
}

impl House {
    /// Starts it on SQLite, in a folder of its own.
    pub async fn start(preset: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let created = json_of(
            folder.path(),
            &[
                "org",
                "create",
                "Bench",
                "--admin-email",
                "a@b.example",
                "--preset",
                preset,
            ],
        )
        .await?;
        let org = created["organization_id"].as_str().context("an id")?.to_owned();
        let scopes = "Identity:SCIM instep:admin";
        let token = json_of(
            folder.path(),
            &[
                "token", "create", "--org", &org, "--name", "bench", "--scope", scopes,
            ],
        )
        .await?;
        let token = token["token"].as_str().context("a token")?.to_owned();
        let mut command = Command::new(program()?);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .env("INSTEP_LOG", "warn");
        Ok(Self {
            server: Server::start(command).await?,
            org,
            token,
            client: Client::new(),
            _folder: folder,
        })
    }

    pub fn scim(&self) -> String {
        format!("{}/v1/scim/{}", self.server.url, self.org)
    }

    pub fn api(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.server.url)
    }

    pub async fn post(&self, url: &str, body: &Value) -> Result<Value> {
        read(
            self.client
                .post(url)
                .bearer_auth(&self.token)
                .json(body)
                .send()
                .await?,
        )
        .await
    }

    pub async fn get(&self, url: &str) -> Result<Value> {
        read(self.client.get(url).bearer_auth(&self.token).send().await?).await
    }

    /// Imports so many people in one file.
    pub async fn import(&self, people: usize) -> Result<()> {
        let mut csv = "userName,name.givenName,name.familyName,displayName,title,active\n".to_owned();
        for at in 0..people {
            use std::fmt::Write as _;
            writeln!(
                csv,
                "person{at}@people.example,Given{at},Family{at},Given{at} Family{at},Engineer,true"
            )?;
        }
        let request = self
            .client
            .post(self.api("/people/import"))
            .bearer_auth(&self.token);
        let report = read(
            request
                .header("content-type", "text/csv")
                .body(csv)
                .send()
                .await?,
        )
        .await?;
        if report["created"] != people {
            bail!("not everybody came in: {report}");
        }
        Ok(())
    }
}

/// The document of one person, as the benches create it.
pub fn person(at: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("person{at}@people.example"),
        "externalId": format!("external-{at}"),
        "name": { "givenName": format!("Given{at}"), "familyName": format!("Family{at}") },
        "displayName": format!("Given{at} Family{at}"),
        "title": "Engineer",
        "emails": [{ "value": format!("person{at}@people.example"), "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": "+44 114 496 0178", "type": "work" }],
        "addresses": [{ "type": "work", "country": "GB", "locality": "Sheffield", "streetAddress": "18 Kelham Bank" }],
        "active": true,
    })
}

pub async fn read(response: Response) -> Result<Value> {
    let status = response.status();
    let body = response.bytes().await?;
    if !status.is_success() {
        bail!("answered {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body)?
    })
}

async fn json_of(folder: &Path, arguments: &[&str]) -> Result<Value> {
    let mut command = Command::new(program()?);
    let output = command
        .args(arguments)
        .args(["--output", "json", "--data"])
        .arg(folder)
        .output()
        .await?;
    if !output.status.success() {
        bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
