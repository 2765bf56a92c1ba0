//! A server as a process of its own, and what the kernel says it has used.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Ends when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    /// Starts it and waits for its line `listening on http://ADDR` on standard error.
    pub(crate) async fn start(program: &Path, arguments: &[String]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stderr = child.stderr.take().context("no standard error")?;
        let mut lines = BufReader::new(stderr).lines();
        let mut said = String::new();
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix("listening on http://") {
                let address = address.trim().to_owned();
                // Whoever writes into a pipe that nobody reads stands still.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Self { child, address });
            }
            said.push_str(&line);
            said.push('\n');
        }
        bail!("{} ended before it listened:\n{said}", program.display());
    }

    /// CPU time so far, of all its threads, in user and kernel mode; the kernel counts in hundredths of a second.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let id = self.child.id().context("the server has ended")?;
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        let after_name = stat.rsplit_once(") ").context("unreadable /proc/PID/stat")?.1;
        let ticks: u64 = after_name
            .split(' ')
            .skip(11)
            .take(2)
            .map(|field| field.parse().unwrap_or(0))
            .sum();
        Ok(Duration::from_millis(ticks * 10))
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await.context("cannot stop the server")
    }
}
