//! The program as it is: a server on a port of its own, its database in a folder, and the commands that speak to it.

mod schemas;
mod settings;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A server with one organization, and a token for everything in it.
struct House {
    data: TempDir,
    server: Child,
    url: String,
    org: String,
    token: String,
    runtime: Runtime,
}

/// What a SCIM request is answered.
struct Answer {
    status: u16,
    body: Value,
}

impl House {
    fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let place = data.path().to_str().expect("a path");
        let made = printed(
            program()
                .args(["org", "create", "Example", "--admin-email", "admin@example.com"])
                .args(["--data", place]),
        );
        let org = made["organization_id"].as_str().expect("an id").to_owned();
        let scopes = ["--scope", "Identity:SCIM", "--scope", "instep:admin"];
        let token = printed(
            program()
                .args([
                    "token", "create", "--org", &org, "--name", "test", "--data", place,
                ])
                .args(scopes),
        );
        let mut server = program()
            .args(["serve", "--listen", "127.0.0.1:0", "--data", place])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let stderr = BufReader::new(server.stderr.take().expect("stderr"));
        let mut lines = stderr.lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned));
        // Nobody waits for the other end of a pipe that is full.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            url: url.expect("it says where it listens"),
            token: token["token"].as_str().expect("a token").to_owned(),
            org,
            data,
            server,
            runtime: Runtime::new().expect("a runtime"),
        }
    }

    /// A command that opens the database itself, beside the server.
    fn set(&self, setting: &str) {
        let place = self.data.path().to_str().expect("a path");
        printed(program().args(["org", "set", &self.org, setting, "--data", place]));
    }

    /// A command that speaks to the server.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = program();
        command
            .args(words)
            .env("INSTEP_URL", &self.url)
            .env("INSTEP_TOKEN", &self.token);
        command
    }

    fn scim(&self, method: &str, path: &str, body: &Value) -> Answer {
        let url = format!("{}/v1/scim/{}{path}", self.url, self.org);
        self.runtime.block_on(async {
            let method = method.parse().expect("a method");
            let request = reqwest::Client::builder()
                .tls_certs_only([])
                .build()
                .expect("a client")
                .request(method, url)
                .bearer_auth(&self.token)
                .header("content-type", "application/scim+json");
            let request = if body.is_null() {
                request
            } else {
                request.body(body.to_string())
            };
            let response = request.send().await.expect("an answer");
            let status = response.status().as_u16();
            let text = response.text().await.expect("a text");
            Answer {
                status,
                body: serde_json::from_str(&text).unwrap_or_default(),
            }
        })
    }

    /// Creates a person or a group; the path of it.
    fn make(&self, kind: &str, body: &Value) -> String {
        let made = self.scim("POST", kind, body);
        assert_eq!(made.status, 201, "{}", made.body);
        format!("{kind}/{}", made.body["id"].as_str().expect("an id"))
    }

    fn patch(&self, path: &str, operation: &Value) -> Answer {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
        self.scim("PATCH", path, &body)
    }

    fn get(&self, path: &str) -> Answer {
        self.scim("GET", path, &Value::Null)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instep"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// What a command that must succeed prints as JSON.
#[track_caller]
fn printed(command: &mut Command) -> Value {
    let done = command.args(["--output", "json"]).output().expect("it starts");
    let stderr = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {stderr}");
    serde_json::from_slice(&done.stdout).unwrap_or_default()
}
