//! The steps of `cargo xtask test` and `cargo xtask soak`: all are run, whatever fails, and counted at the end.

use std::fs;
use std::io::{IsTerminal, stdout};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::outside::{Database, script};
use crate::place;
use crate::postgres::{self, Durability, Postgres};
use crate::process::{cargo, command, output, run as run_command, shown, watched};
use crate::scenarios;
use crate::tally::Tally;
use crate::tools;

pub(crate) struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&mut Machine) -> Result<Tally>,
}

/// What several steps share, made when it is first asked for.
#[derive(Default)]
pub(crate) struct Machine {
    postgres: Option<Postgres>,
    built: bool,
    released: bool,
    /// Where the server's tests have written their SCIM exchanges down.
    exchanges: Option<PathBuf>,
}

impl Machine {
    pub(crate) fn postgres(&mut self) -> Result<String> {
        let server = match self.postgres.take() {
            Some(server) => server,
            None => Postgres::start(Durability::Lax)?,
        };
        Ok(self.postgres.insert(server).url().to_owned())
    }

    /// A fresh file for the server's tests to write their SCIM exchanges to.
    fn record(&mut self) -> Result<&Path> {
        let file = place::target().join("scim-exchanges.jsonl");
        if file.exists() {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        Ok(self.exchanges.insert(file))
    }

    /// Our programs, built for development.
    pub(crate) fn programs(&mut self) -> Result<()> {
        if !self.built {
            run_command(cargo().args([
                "build",
                "--locked",
                "--package",
                "instep",
                "--package",
                "testkit",
                "--bins",
            ]))?;
            self.built = true;
        }
        Ok(())
    }

    /// The program as people run it: what `--instep` is to name.
    pub(crate) fn release(&mut self) -> Result<String> {
        if !self.released {
            run_command(cargo().args(["build", "--locked", "--release", "--package", "instep"]))?;
            self.released = true;
        }
        let path = place::released("instep").into_os_string().into_string();
        path.ok().context("the target directory has an odd name")
    }
}

pub(crate) const TEST: &[Step] = &[
    Step {
        name: "fmt",
        what: "the code is formatted",
        run: fmt,
    },
    Step {
        name: "clippy",
        what: "no warning from the compiler and Clippy",
        run: clippy,
    },
    Step {
        name: "deny",
        what: "dependencies: bans, licences, sources",
        run: deny,
    },
    Step {
        name: "test",
        what: "all crates, on SQLite and PostgreSQL",
        run: test,
    },
    Step {
        name: "saml",
        what: "SAML's signatures and encryption against xmlsec1, messages by the schemas of OASIS",
        run: saml,
    },
    Step {
        name: "answers",
        what: "every SCIM answer of the server's tests, judged by scim2-models",
        run: answers,
    },
    Step {
        name: "demo",
        what: "the demo with 2,000 people",
        run: demo,
    },
    Step {
        name: "in-step-sqlite",
        what: "hub and directory compared from outside, changes in bulk, SQLite",
        run: scenarios::in_step_sqlite,
    },
    Step {
        name: "in-step-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::in_step_postgres,
    },
    Step {
        name: "in-step-alone",
        what: "the same with each change sent by itself, SQLite",
        run: scenarios::in_step_alone,
    },
    Step {
        name: "kills-sqlite",
        what: "the engine's process is killed 20 times in an initial cycle, SQLite",
        run: scenarios::kills_sqlite,
    },
    Step {
        name: "kills-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::kills_postgres,
    },
    Step {
        name: "licence-kills",
        what: "the process is killed in the middle of a licence run, SQLite",
        run: scenarios::licence_kills_sqlite,
    },
    Step {
        name: "licence-kills-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::licence_kills_postgres,
    },
    Step {
        name: "two-nodes",
        what: "two servers on one PostgreSQL, each killed once in an initial cycle",
        run: scenarios::two_nodes,
    },
    Step {
        name: "soak-sqlite",
        what: "64 clients, and the server killed in the middle of their writes, SQLite",
        run: scenarios::soak_sqlite,
    },
    Step {
        name: "soak-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::soak_postgres,
    },
    Step {
        name: "bad-input",
        what: "bad input is a clear error at each door",
        run: scenarios::bad_input,
    },
    Step {
        name: "foreign-target",
        what: "the engine keeps scim2-server in step, people and groups",
        run: scenarios::foreign_target,
    },
    Step {
        name: "foreign-target-node",
        what: "the engine keeps scimmy-routers in step, people and groups",
        run: scenarios::foreign_target_node,
    },
    Step {
        name: "foreign-client",
        what: "scim2-tester against the service, SQLite",
        run: scenarios::foreign_client_sqlite,
    },
    Step {
        name: "foreign-client-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::foreign_client_postgres,
    },
    Step {
        name: "post",
        what: "mail arrives at a sink by another author",
        run: scenarios::post,
    },
    Step {
        name: "post-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::post_postgres,
    },
    Step {
        name: "domains",
        what: "a domain is verified by a DNS server of our own, and claimed",
        run: scenarios::domains,
    },
    Step {
        name: "post-tls",
        what: "mail under TLS arrives there, and at nobody else",
        run: scenarios::post_tls,
    },
    Step {
        name: "ritual",
        what: "Chromium gets a token as the Webex guides say, and provisions with it",
        run: scenarios::ritual,
    },
    Step {
        name: "oauth-client",
        what: "requests-oauthlib as a client of the authorization server, every grant",
        run: scenarios::oauth_client,
    },
    Step {
        name: "saml-idp",
        what: "pysaml2 as an identity provider: sign-ins of every kind, accounts, logout, judged by schemas and xmlsec1",
        run: scenarios::saml_idp,
    },
    Step {
        name: "saml-both-ends",
        what: "our identity provider signs people in at our service provider, in two installations, over HTTP alone",
        run: scenarios::saml_both_ends,
    },
    Step {
        name: "saml-pysaml2",
        what: "pysaml2 as the service of an app: signed and encrypted in every way, by passkey in Chromium; judged by schemas and xmlsec1",
        run: scenarios::saml_pysaml2,
    },
    Step {
        name: "saml-node",
        what: "node-saml as the service of an app, sign-in and sign-out",
        run: scenarios::saml_node,
    },
    Step {
        name: "saml-mellon",
        what: "Chromium signs in to an Apache with mod_auth_mellon, and out",
        run: scenarios::saml_mellon,
    },
    Step {
        name: "schemathesis",
        what: "schemathesis against the admin API, by its OpenAPI document",
        run: scenarios::schemathesis,
    },
    Step {
        name: "webex-client",
        what: "wxc_sdk against the service, SQLite",
        run: scenarios::webex_client_sqlite,
    },
    Step {
        name: "webex-client-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::webex_client_postgres,
    },
];

pub(crate) const SOAK: &[Step] = &[
    Step {
        name: "soak",
        what: "the tests named soak_…, built for release",
        run: soak,
    },
    Step {
        name: "soak-sqlite",
        what: "64 clients for 60 s, and the server killed in the middle of their writes, SQLite",
        run: scenarios::soak_sqlite_long,
    },
    Step {
        name: "soak-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::soak_postgres_long,
    },
    Step {
        name: "in-step-long",
        what: "hub and directory compared from outside, 5,000 people",
        run: scenarios::in_step_long,
    },
    Step {
        name: "foreign-target-long",
        what: "scim2-server, 2,000 people",
        run: scenarios::foreign_target_long,
    },
];

/// Runs the steps in their order (those named, if any are) and sums up.
pub(crate) fn run(steps: &'static [Step], only: &[String], list: bool) -> Result<ExitCode> {
    if list {
        for step in steps {
            println!("{:24} {}", step.name, step.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) = only
        .iter()
        .find(|name| steps.iter().all(|step| step.name != name.as_str()))
    {
        bail!("there is no step {unknown}; --list names them");
    }
    let mut machine = Machine::default();
    let mut results = Vec::new();
    for step in steps
        .iter()
        .filter(|step| only.is_empty() || only.iter().any(|name| name == step.name))
    {
        println!("\n{} {}: {}", mark("==>"), step.name, step.what);
        let started = Instant::now();
        let tally = (step.run)(&mut machine).unwrap_or_else(|error| {
            println!("{} {}: {error:#}", mark("FAILED"), step.name);
            Tally::one_failed()
        });
        results.push((step, tally, started.elapsed()));
    }
    drop(machine);
    Ok(sum_up(&results))
}

fn mark(text: &str) -> String {
    if stdout().is_terminal() {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

fn sum_up(results: &[(&'static Step, Tally, Duration)]) -> ExitCode {
    let mut all = Tally::default();
    println!(
        "\n{:26} {:>7} {:>7} {:>8} {:>9}",
        "step", "passed", "failed", "skipped", "seconds"
    );
    for (step, tally, time) in results {
        let Tally {
            passed,
            failed,
            skipped,
            again,
        } = *tally;
        let verdict = match (failed, again) {
            (0, 0) => "",
            (0, _) => "  AGAIN",
            _ => "  FAILED",
        };
        println!(
            "{:26} {passed:>7} {failed:>7} {skipped:>8} {:>9.1}{verdict}",
            step.name,
            time.as_secs_f64()
        );
        all.add(*tally);
    }
    if all.skipped > 0 {
        println!("\nskipped: the long forms, which `cargo xtask soak` runs");
    }
    println!("\n{all}");
    if all.failed == 0 && all.passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn fmt(_: &mut Machine) -> Result<Tally> {
    run_command(cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Tally::one_passed())
}

fn clippy(_: &mut Machine) -> Result<Tally> {
    run_command(cargo().args([
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--features",
        POSTGRES_TESTS,
        "--features",
        SAML_TESTS,
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Tally::one_passed())
}

fn deny(_: &mut Machine) -> Result<Tally> {
    let mut deny = tools::cargo_deny()?;
    run_command(deny.args([
        "--locked",
        "--all-features",
        "--workspace",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    Ok(Tally::one_passed())
}

/// What plain `cargo test` leaves out, as it needs another program.
const POSTGRES_TESTS: &str = "store/postgres-tests,directory/postgres-tests,server/postgres-tests,provisioning/postgres-tests,federation/postgres-tests";

fn test(machine: &mut Machine) -> Result<Tally> {
    let url = machine.postgres()?;
    let tests = || {
        let mut tests = cargo();
        tests.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
        tests
            .args(["--features", POSTGRES_TESTS])
            .env(postgres::VARIABLE, &url);
        tests
    };
    let mut failed = Vec::new();
    let all = cargo_test(
        tests().env(RECORD, machine.record()?).env(THREADS, threads()),
        &mut failed,
    )?;
    if failed.is_empty() || failed.len() as u64 != all.failed {
        return Ok(all);
    }
    again(tests(), all, &failed)
}

/// Runs those that failed once more, one after another. What passes by itself needed more of the machine than there was
/// beside the others; that it did is told.
fn again(mut tests: std::process::Command, all: Tally, failed: &[String]) -> Result<Tally> {
    println!(
        "\n{} {} failed, and run again by themselves:",
        mark("==>"),
        failed.len()
    );
    tests.args(["--", "--exact"]).args(failed).env(THREADS, "1");
    let alone = cargo_test(&mut tests, &mut Vec::new())?;
    if alone.failed > 0 || alone.passed < failed.len() as u64 {
        return Ok(all);
    }
    for name in failed {
        println!("{} {name}: it passed by itself only", mark("AGAIN"));
    }
    Ok(Tally {
        passed: all.passed + all.failed,
        failed: 0,
        again: all.failed,
        ..all
    })
}

const THREADS: &str = "RUST_TEST_THREADS";

/// How many tests run at the same time, unless it is said: most of them wait most of the time.
fn threads() -> String {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::env::var(THREADS).unwrap_or_else(|_| (2 * processors).to_string())
}

/// Left out likewise.
const SAML_TESTS: &str = "saml/outside-tests";

fn saml(_: &mut Machine) -> Result<Tally> {
    tools::xml_security()?;
    cargo_test(
        cargo().args([
            "test",
            "--locked",
            "--package",
            "saml",
            "--features",
            SAML_TESTS,
            "--test",
            "it",
            "outside",
        ]),
        &mut Vec::new(),
    )
}

/// What makes the server's tests write their SCIM exchanges down.
const RECORD: &str = "INSTEP_RECORD_SCIM";

fn answers(machine: &mut Machine) -> Result<Tally> {
    if machine.exchanges.is_none() {
        let url = machine.postgres()?;
        let exchanges = machine.record()?;
        let mut tests = cargo();
        tests.args([
            "test",
            "--locked",
            "--package",
            "server",
            "--features",
            "server/postgres-tests",
        ]);
        run_command(tests.env(postgres::VARIABLE, url).env(RECORD, exchanges))?;
    }
    let Some(exchanges) = machine.exchanges.take() else {
        bail!("nothing was recorded");
    };
    let path = exchanges
        .to_str()
        .context("the target directory has an odd name")?;
    let tally = script("answers.py", Database::Sqlite, &["--exchanges", path])?;
    fs::remove_file(&exchanges).with_context(|| format!("cannot remove {path}"))?;
    Ok(tally)
}

fn soak(machine: &mut Machine) -> Result<Tally> {
    let url = machine.postgres()?;
    let mut tests = cargo();
    tests.args([
        "test",
        "--locked",
        "--release",
        "--workspace",
        "--no-fail-fast",
        "--features",
        POSTGRES_TESTS,
        "soak_",
        "--",
        "--ignored",
    ]);
    tests.args(["--test-threads", "1"]);
    cargo_test(tests.env(postgres::VARIABLE, url), &mut Vec::new())
}

/// Counts them; `failed` gets the names of those that failed.
fn cargo_test(tests: &mut std::process::Command, failed: &mut Vec<String>) -> Result<Tally> {
    let mut tally = Tally::default();
    // Binaries that have begun and not ended.
    let mut open = 0_u64;
    let well = watched(tests, |line| {
        failed.extend(Tally::failed_of_cargo(line).map(str::to_owned));
        open += u64::from(Tally::is_begun_by_cargo(line));
        if let Some(more) = Tally::of_cargo(line) {
            tally.add(more);
            open = open.saturating_sub(1);
        }
    })?;
    // A test that kills its process counts nothing by itself, nor does a crate that does not compile.
    tally.failed += open;
    if !well && tally.failed == 0 {
        tally.failed = 1;
    }
    if tally.passed == 0 && tally.failed == 0 {
        bail!("{} ran no test", shown(tests));
    }
    Ok(tally)
}

fn demo(machine: &mut Machine) -> Result<Tally> {
    machine.programs()?;
    let mut demo = command(place::program("instep"));
    demo.args([
        "demo",
        "--users",
        "2000",
        "--exit",
        "--listen",
        "127.0.0.1:0",
        "--output",
        "json",
    ]);
    let printed = output(&mut demo)?;
    println!("{}", printed.trim());
    if printed.trim().lines().count() != 1 {
        bail!("the demo must print one line on its standard output");
    }
    for wanted in ["\"errors\":0,", "\"hub_matches_directory\":true"] {
        if !printed.replace(' ', "").contains(wanted) {
            bail!("the demo's closing line lacks {wanted}");
        }
    }
    Ok(Tally::one_passed())
}
