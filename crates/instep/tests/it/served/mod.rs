//! The command against a server that it has started itself: a directory and a hub, and an app that keeps the hub in step.

mod configuring;
mod limits;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A server with two organizations. It ends with the test.
struct Served {
    dir: TempDir,
    server: Child,
    url: String,
    /// Of the directory and of the hub.
    tokens: [String; 2],
    hub: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instep"));
    command.args(args).env_clear().stdin(Stdio::null());
    command
}

/// What a command prints, which must succeed.
#[track_caller]
fn output(mut command: Command) -> String {
    let ran = command.output().expect("the command starts");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{command:?}: {said}");
    String::from_utf8(ran.stdout).expect("UTF-8")
}

#[track_caller]
fn json(command: Command) -> Value {
    serde_json::from_str(&output(command)).expect("JSON on stdout")
}

impl Served {
    fn start() -> Self {
        Self::configured(|_| String::new())
    }

    /// With a configuration file, if there is something in it.
    fn configured(config: impl FnOnce(&Path) -> String) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let data = dir.path().to_str().expect("UTF-8").to_owned();
        let made = |args: &[&str]| {
            let mut command = command(args);
            command.args(["--data", &data, "--output", "json"]);
            json(command)
        };
        let organization = |name: &str, preset: &str| {
            let email = "admin@example.com";
            let made = made(&["org", "create", name, "--admin-email", email, "--preset", preset]);
            made["organization_id"].as_str().expect("an id").to_owned()
        };
        let directory = organization("Example", "plain");
        let hub = organization("Hub", "webex");
        let token = |org: &str, scope: &str| {
            let made = made(&[
                "token", "create", "--org", org, "--name", "test", "--scope", scope,
            ]);
            made["token"].as_str().expect("a token").to_owned()
        };
        let tokens = [token(&directory, "instep:admin"), token(&hub, "Identity:SCIM")];
        let config = config(dir.path());
        let file = dir.path().join("instep.toml");
        std::fs::write(&file, config).expect("written");
        let mut server = command(&["serve", "--listen", "127.0.0.1:0", "--data", &data]);
        server.args(["--config", file.to_str().expect("UTF-8")]);
        let mut server = server.stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(server.stderr.take().expect("piped")).lines();
        let mut said = Vec::new();
        let url = loop {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {said:?}"));
            let line = line.expect("a line");
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
            said.push(line);
        };
        // Nobody reads it any more, and it must not fill up.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            dir,
            server,
            url,
            tokens,
            hub,
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        let [token, _] = &self.tokens;
        command.env("INSTEP_URL", &self.url).env("INSTEP_TOKEN", token);
        command
    }

    /// What a command prints.
    #[track_caller]
    fn run(&self, args: &[&str]) -> String {
        output(self.command(args))
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        let mut command = self.command(args);
        command.args(["--output", "json"]);
        json(command)
    }

    /// What a command says that fails.
    #[track_caller]
    fn refused(&self, args: &[&str]) -> String {
        let ran = self.command(args).output().expect("the command starts");
        assert!(!ran.status.success(), "{args:?}");
        String::from_utf8(ran.stderr).expect("UTF-8")
    }

    /// A file beside the database.
    fn file(&self, name: &str, content: &str) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// Three people from a staff file.
    fn staff(&self) {
        let staff = "userPrincipalName,displayName,surname,givenName,mail,jobTitle,telephoneNumber,accountEnabled\n\
            anna@example.com,Anna Lind,Lind,Anna,anna@example.com,Engineer,+46 8 1,True\n\
            bo@example.com,Bo Meier,Meier,Bo,bo@example.com,,,True\n\
            carl@example.com,Carl Berg,Berg,Carl,carl@example.com,Cook,,True\n";
        let file = self.file("staff.csv", staff);
        self.run(&["user", "import", &file]);
    }

    /// An app that keeps the hub in step with everybody.
    fn app(&self, template: &str) {
        let [_, token] = &self.tokens;
        let token = self.file("hub-token", token);
        let base_url = format!("{}/v1/scim/{}", self.url, self.hub);
        self.run(&[
            "app",
            "add",
            template,
            "--name",
            "Hub",
            "--base-url",
            &base_url,
            "--target-token-file",
            &token,
            "--scope",
            "all",
        ]);
    }
}
