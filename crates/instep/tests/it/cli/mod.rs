//! The command line: exit status, stdout, stderr, and what the server is asked.

mod app_import;
mod apps;
mod configuring;
mod doors;
mod endpoints;
mod errors;
mod groups;
mod help;
mod import;
mod keys;
mod licences;
mod log;
mod people;
mod removal;
mod repeats;
mod schemas;
mod token;
mod tokens;

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::stub::Stub;

const TOKEN: &str = "ist-very-secret";

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn json(&self) -> Value {
        assert_eq!(
            self.stdout.lines().count(),
            1,
            "one line of JSON and nothing else: {}",
            self.stdout
        );
        serde_json::from_str(&self.stdout).expect("JSON on stdout")
    }

    /// The one sentence of a failure, after nothing was printed.
    #[track_caller]
    fn failed(&self, status: i32) -> &str {
        assert_eq!(self.status, status, "{}", self.stderr);
        assert_eq!(self.stdout, "");
        self.stderr
            .strip_prefix("error: ")
            .unwrap_or(&self.stderr)
            .trim_end()
    }

    #[track_caller]
    fn done(self) -> Self {
        assert_eq!(self.status, 0, "{}", self.stderr);
        self
    }
}

/// The command without a terminal and without an environment of its own.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instep"));
    command.args(args).env_clear().stdin(Stdio::null());
    command
}

fn finish(mut command: Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        status: status.code().expect("an exit status"),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

fn run(args: &[&str]) -> Ran {
    finish(command(args))
}

fn command_on(stub: &Stub, args: &[&str]) -> Command {
    let mut command = command(args);
    command.env("INSTEP_URL", stub.url()).env("INSTEP_TOKEN", TOKEN);
    command
}

fn run_on(stub: &Stub, args: &[&str]) -> Ran {
    finish(command_on(stub, args))
}
