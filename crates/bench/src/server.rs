//! Servers in processes of their own.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A process that serves, and goes when this value goes.
pub struct Server {
    pub url: String,
    /// From the start of the process until it listened.
    pub start: Duration,
    child: Child,
}

impl Server {
    /// Starts a program that says `listening on URL` on stderr when it is ready.
    pub async fn start(mut command: Command) -> Result<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let started = Instant::now();
        let mut child = command.spawn().context("the program cannot be started")?;
        let stderr = child.stderr.take().context("stderr is piped")?;
        let mut lines = BufReader::new(stderr).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some((_, url)) = line.split_once("listening on ") {
                let (url, start) = (url.trim().to_owned(), started.elapsed());
                // Whatever it says from now on is read, so that it never waits for us.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Self { url, start, child });
            }
            eprintln!("{line}");
        }
        bail!("the program ended before it was ready")
    }

    /// This program, started for another part of itself.
    pub async fn of_our_own(part: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(part).envs(environment.iter().copied());
        Self::start(command).await
    }

    /// The CPU time of the process so far, of user and kernel.
    pub fn cpu(&self) -> Result<Duration> {
        cpu_in(&self.proc("stat")?)
    }

    /// Its anonymous memory: what is not backed by a file. In bytes.
    pub fn anonymous_memory(&self) -> Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(kilobytes.context("/proc has another form")? * 1024)
    }

    fn proc(&self, file: &str) -> Result<String> {
        let pid = self.child.id().context("the server is gone")?;
        Ok(std::fs::read_to_string(format!("/proc/{pid}/{file}"))?)
    }
}

/// The CPU time of this process so far.
pub fn own_cpu() -> Result<Duration> {
    cpu_in(&std::fs::read_to_string("/proc/self/stat")?)
}

fn cpu_in(stat: &str) -> Result<Duration> {
    // The name, in parentheses, may hold anything; the fields after it do not.
    let (_, fields) = stat.rsplit_once(')').context("/proc has another form")?;
    let ticks = |at: usize| {
        fields
            .split_whitespace()
            .nth(at)
            .and_then(|field| field.parse::<u64>().ok())
    };
    let (Some(user), Some(kernel)) = (ticks(11), ticks(12)) else {
        bail!("/proc has another form")
    };
    // USER_HZ is 100 on every Linux that there is.
    Ok(Duration::from_millis((user + kernel) * 10))
}

/// The `instep` program that `cargo xtask bench` built.
pub fn program() -> Result<PathBuf> {
    let path = std::env::var_os("INSTEP_BENCH_PROGRAM");
    path.map(PathBuf::from)
        .context("run this by `cargo xtask bench`, which builds the program that is measured")
}
