//! The program under test with an organization, a token and a server, set up by its command line.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use tokio_postgres::NoTls;

use crate::load::{Connection, Plain};
use crate::process::Server;

pub(crate) struct Installation {
    program: PathBuf,
    directory: TempDir,
    /// The PostgreSQL database, if it is not SQLite.
    pub(crate) database: Option<String>,
    pub(crate) org: String,
    pub(crate) token: String,
}

impl Installation {
    /// `postgres`: a superuser's URL; a new database is made there.
    pub(crate) async fn new(program: &Path, postgres: Option<&str>) -> Result<Self> {
        let database = match postgres {
            Some(url) => Some(new_database(url).await?),
            None => None,
        };
        let directory = TempDir::new()?;
        let mut made = Self {
            program: program.to_owned(),
            directory,
            database,
            org: String::new(),
            token: String::new(),
        };
        let org = made
            .command(&["org", "create", "Bench", "--admin-email", "admin@bench.example"])
            .await?;
        made.org = text(&org, "organization_id")?;
        let scopes = ["--scope", "Identity:SCIM", "--scope", "instep:admin"];
        let org = made.org.clone();
        let words = [
            &["token", "create", "--org", &org, "--name", "bench"],
            &scopes[..],
        ]
        .concat();
        made.token = text(&made.command(&words).await?, "token")?;
        Ok(made)
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("instep.db")
    }

    fn place(&self) -> Vec<String> {
        let mut words = vec!["--data".to_owned(), self.directory.path().display().to_string()];
        if let Some(url) = &self.database {
            words.extend(["--database".to_owned(), url.clone()]);
        }
        words
    }

    async fn command(&self, words: &[&str]) -> Result<Value> {
        let done = Command::new(&self.program)
            .args(words)
            .args(self.place())
            .args(["--output", "json"])
            .output()
            .await?;
        if !done.status.success() {
            bail!(
                "instep {}: {}",
                words.join(" "),
                String::from_utf8_lossy(&done.stderr)
            );
        }
        Ok(serde_json::from_slice(&done.stdout)?)
    }

    pub(crate) async fn serve(&self) -> Result<Server> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut words = vec![
            "serve".to_owned(),
            "--listen".to_owned(),
            format!("127.0.0.1:{port}"),
        ];
        words.extend(self.place());
        Server::start(&self.program, &words).await
    }

    pub(crate) fn users(&self) -> String {
        format!("/v1/scim/{}/Users", self.org)
    }
}

async fn new_database(superuser: &str) -> Result<String> {
    let (client, connection) = tokio_postgres::connect(superuser, NoTls).await?;
    tokio::spawn(connection);
    let unique = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_nanos();
    let name = format!("bench_{unique}");
    client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
    let (server, _) = superuser.rsplit_once('/').context("the URL names no database")?;
    Ok(format!("{server}/{name}"))
}

pub(crate) fn text(value: &Value, name: &str) -> Result<String> {
    value[name]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("no {name} in {value}"))
}

/// Talks to `/api/v1` of a server.
pub(crate) struct Api {
    connection: Connection,
}

impl Api {
    pub(crate) async fn open(server: &Server, token: &str) -> Result<Self> {
        Ok(Self {
            connection: Connection::open(&server.address, token).await?,
        })
    }

    pub(crate) async fn send(&mut self, plain: Plain) -> Result<Value> {
        let (status, body) = self.connection.send(&plain).await?;
        if !status.is_success() {
            bail!(
                "{} {}: {status} {}",
                plain.method,
                plain.path,
                String::from_utf8_lossy(&body)
            );
        }
        Ok(if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body)?
        })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Value> {
        self.send(Plain::get(path)).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.send(Plain::post(path, body.to_string())).await
    }

    pub(crate) async fn import(&mut self, csv: String) -> Result<()> {
        let report = self
            .send(Plain::post("/api/v1/people/import?dry_run=false", csv))
            .await?;
        match report["problems"].as_array() {
            Some(problems) if problems.is_empty() => Ok(()),
            _ => bail!("the import has problems: {report}"),
        }
    }

    /// An app for everybody in the directory, which starts at once.
    pub(crate) async fn add_app(&mut self, base_url: &str, token: &str, concurrency: usize) -> Result<()> {
        let app = json!({
            "template": "scim", "name": "Target", "base_url": base_url, "token": token, "scope": "all",
            "activate": true, "settings": {"concurrency": concurrency},
        });
        self.post("/api/v1/apps", &app).await?;
        self.post("/api/v1/apps/Target/sync", &json!({"restart": false}))
            .await?;
        Ok(())
    }

    /// Waits until the feed is read to its head and no work is due.
    pub(crate) async fn in_step(&mut self) -> Result<Value> {
        loop {
            let status = self.get("/api/v1/apps/Target/status").await?;
            if status["failing_total"]
                .as_u64()
                .is_some_and(|failing| failing > 0)
            {
                bail!("people fail: {status}");
            }
            if status["in_step"] == true && status["waiting"] == 0 && status["cycle"]["state"] != "running" {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
