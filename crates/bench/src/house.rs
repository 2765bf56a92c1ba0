//! The program under test with a database of its own: an organization, a token, people.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base::UserId;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::database::{Fresh, Kind};
use crate::people;
use crate::server::{Server, program};

/// A database with one organization in it, not yet served.
pub struct Plot {
    pub fresh: Fresh,
    pub org: String,
    token: String,
}

impl Plot {
    pub async fn new(preset: &str, kind: Kind) -> Result<Self> {
        let fresh = Fresh::new(kind).await?;
        let make = [
            "org",
            "create",
            "Bench",
            "--admin-email",
            "a@b.example",
            "--preset",
            preset,
        ];
        let created = json_of(&fresh, &make).await?;
        let org = created["organization_id"].as_str().context("an id")?.to_owned();
        let scopes = "Identity:SCIM instep:admin";
        let issue = [
            "token", "create", "--org", &org, "--name", "bench", "--scope", scopes,
        ];
        let token = json_of(&fresh, &issue).await?;
        let token = token["token"].as_str().context("a token")?.to_owned();
        Ok(Self { fresh, org, token })
    }

    /// Brings so many people in; see [`people::load`].
    pub async fn load(&self, people: usize) -> Result<Vec<UserId>> {
        people::load(&self.fresh.url, &self.org, people).await
    }

    /// Opens the doors.
    pub async fn serve(self) -> Result<House> {
        let mut command = instep(&self.fresh, &["serve", "--listen", "127.0.0.1:0"])?;
        command.env("INSTEP_LOG", "warn");
        Ok(House {
            server: Server::start(command).await?,
            client: Client::new(),
            plot: self,
        })
    }
}

/// A running `instep serve`.
pub struct House {
    pub server: Server,
    pub client: Client,
    pub plot: Plot,
}

impl House {
    pub async fn start(preset: &str, kind: Kind) -> Result<Self> {
        Plot::new(preset, kind).await?.serve().await
    }

    pub fn token(&self) -> &str {
        &self.plot.token
    }

    pub fn scim(&self) -> String {
        format!("{}/v1/scim/{}", self.server.url, self.plot.org)
    }

    pub fn user(&self, id: UserId) -> String {
        format!("{}/Users/{id}", self.scim())
    }

    pub fn api(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.server.url)
    }

    pub async fn post(&self, url: &str, body: &Value) -> Result<Value> {
        self.ask(self.client.post(url).json(body)).await
    }

    pub async fn get(&self, url: &str) -> Result<Value> {
        self.ask(self.client.get(url)).await
    }

    /// Imports so many people in one file.
    pub async fn import(&self, people: usize) -> Result<()> {
        let mut csv = "userName,name.givenName,name.familyName,displayName,title,active\n".to_owned();
        for at in 0..people {
            use std::fmt::Write as _;
            let name = people::user_name(at);
            writeln!(
                csv,
                "{name},Given{at},Family{at},Given{at} Family{at},Engineer,true"
            )?;
        }
        let request = self.client.post(self.api("/people/import"));
        let report = self
            .ask(request.header("content-type", "text/csv").body(csv))
            .await?;
        if report["created"] != people {
            bail!("not everybody came in: {report}");
        }
        Ok(())
    }

    /// Adds a hub as the app `Hub`. `bulk`: `auto` or `off`, whether changes travel together.
    pub async fn add_app(&self, hub: &House, concurrency: usize, ways: Value) -> Result<()> {
        let app = json!({
            "template": "webex", "name": "Hub", "base_url": hub.scim(), "token": hub.token(), "scope": "all",
            "settings": { "concurrency": concurrency, "ways": ways },
        });
        self.post(&self.api("/apps"), &app).await.map(drop)
    }

    /// Brings the app `Hub` into step, everybody.
    pub async fn sync(&self) -> Result<()> {
        self.post(&self.api("/apps/Hub/sync"), &json!({})).await?;
        // Seldom: it counts everybody each time.
        self.until(Duration::from_millis(200), |status| status["in_step"] == true)
            .await
    }

    /// Waits until the app `Hub` stands like that.
    pub async fn until(&self, every: Duration, stands: impl Fn(&Value) -> bool) -> Result<()> {
        while !stands(&self.get(&self.api("/apps/Hub/status")).await?) {
            tokio::time::sleep(every).await;
        }
        Ok(())
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Value> {
        read(request.bearer_auth(self.token()).send().await?).await
    }
}

async fn read(response: Response) -> Result<Value> {
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

fn instep(fresh: &Fresh, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(program()?);
    command
        .args(arguments)
        .arg("--data")
        .arg(fresh.folder.path())
        .args(["--database", &fresh.url]);
    Ok(command)
}

async fn json_of(fresh: &Fresh, arguments: &[&str]) -> Result<Value> {
    let mut command = instep(fresh, arguments)?;
    let output = command.args(["--output", "json"]).output().await?;
    if !output.status.success() {
        bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
