//! `instep app sync`

use std::time::Duration;

use anyhow::bail;
use base::{Ambient, Timestamp};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use super::status::{Cycle, Status, status_text};
use crate::client::Client;
use crate::failure::{Reported, say};
use crate::output::{Output, counted, read, time};
use crate::progress::Bar;

const POLL: Duration = Duration::from_millis(300);

/// A target that is to be left alone for longer is not waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// Brings an app in step now
///
/// The initial cycle if there never was one, else an incremental one, which also starts by itself within a
/// second of a change. It runs in the server: this command does not wait for it unless told to.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Id or name
    app: String,

    /// Start over with an initial cycle, in which everyone is compared with the target
    #[arg(long)]
    restart: bool,

    /// Wait until it is done; exit status 1 if someone could not be provisioned
    #[arg(long)]
    wait: bool,
}

/// Starts an app over with an initial cycle
///
/// Everyone is compared with the target anew. Links stay; the place in the change feed moves to its end; a wait
/// or quarantine after failures is over. The same as `app sync --restart`.
#[derive(Debug, Args)]
pub(crate) struct RestartArgs {
    /// Id or name
    app: String,

    /// Wait until it is done; exit status 1 if someone could not be provisioned
    #[arg(long)]
    wait: bool,
}

impl From<RestartArgs> for SyncArgs {
    fn from(RestartArgs { app, wait }: RestartArgs) -> Self {
        Self {
            app,
            restart: true,
            wait,
        }
    }
}

#[derive(Deserialize)]
struct Started {
    cycle: Cycle,
}

pub(super) async fn run(client: &Client, args: &SyncArgs, output: Output) -> anyhow::Result<()> {
    let answer = client
        .post_json(&["apps", &args.app, "sync"], &json!({ "restart": args.restart }))
        .await?;
    if !args.wait {
        return output.answer(&answer, |started: &Started, _| {
            format!(
                "Started: {}. See how far it is with `instep app status {}`.",
                started.cycle.kind, args.app
            )
        });
    }
    let started: Started = read(&answer)?;
    let (answer, status) = wait(client, &args.app, &started.cycle.id).await?;
    output.answer(&answer, |status, _| status_text(status))?;
    let errors = status.cycle.as_ref().map_or(0, |cycle| cycle.counts.errors);
    let unhappy = status.failing_total.max(errors);
    if unhappy == 0 {
        return Ok(());
    }
    let who = counted(unhappy, "person", "people");
    say(&format!(
        "error: {who} could not be provisioned: see why with `instep log --app {} --status failure`",
        args.app
    ));
    Err(Reported.into())
}

/// Waits until the cycle is done and nothing is due.
async fn wait(client: &Client, app: &str, cycle: &str) -> anyhow::Result<(Value, Status)> {
    let bar = Bar::start("syncing");
    loop {
        let answer = client.get(&["apps", app, "status"], &[]).await?;
        let status: Status = read(&answer)?;
        if let Some(progress) = status.progress {
            bar.set(progress);
        }
        match outlook(&status, cycle, now()) {
            Outlook::Done => return Ok((answer, status)),
            Outlook::Stopped(why) => {
                bail!("the cycle does not go on, as {why}: see `instep app status {app}`")
            }
            Outlook::Later => tokio::time::sleep(POLL).await,
        }
    }
}

fn now() -> Timestamp {
    Ambient::system().now()
}

#[derive(Debug, PartialEq, Eq)]
enum Outlook {
    Done,
    Stopped(String),
    Later,
}

/// A later cycle than the one waited for means that that one is over.
fn outlook(status: &Status, awaited: &str, now: Timestamp) -> Outlook {
    if let Some(plan) = status
        .plan
        .as_ref()
        .filter(|plan| plan.state == "awaiting_approval")
    {
        let because = plan.reason.text().trim_end_matches('.');
        return Outlook::Stopped(format!("the plan {} awaits approval ({because})", plan.id));
    }
    let is_over = status
        .cycle
        .as_ref()
        .is_some_and(|cycle| cycle.id != awaited || cycle.state == "done");
    // Whoever fails is tried again later, by itself: that is not waited for.
    let only_failures = status.failing_total > 0 && status.waiting <= status.failing_total;
    if is_over && (status.in_step || only_failures) {
        return Outlook::Done;
    }
    if status.state != "active" {
        return Outlook::Stopped(format!("the app is {}", status.state));
    }
    match &status.hold {
        Some(hold) if hold.until.since(now) > PATIENCE => {
            let until = time(&hold.until.to_string());
            Outlook::Stopped(format!(
                "nothing is sent before {until} ({})",
                hold.text.trim_end_matches('.')
            ))
        }
        _ => Outlook::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: &str, cycle: &str, cycle_state: &str, in_step: bool) -> Status {
        let status = json!({"state": state, "in_step": in_step, "waiting": 0, "linked": 0,
            "cycle": {"id": cycle, "kind": "initial", "state": cycle_state}});
        serde_json::from_value(status).expect("a status")
    }

    /// One person fails and is tried again later; so many wait in all.
    fn failing(cycle_state: &str, waiting: u64) -> Status {
        let status = json!({"state": "active", "in_step": false, "waiting": waiting, "failing_total": 1,
            "linked": 0, "cycle": {"id": "5", "kind": "initial", "state": cycle_state}});
        serde_json::from_value(status).expect("a status")
    }

    fn planned(state: &str) -> Status {
        let counts = json!({"create": 0, "link": 0, "update": 0, "disable": 30, "enable": 0, "delete": 0,
            "unchanged": 0, "skip": 0, "error": 0});
        let plan = json!({"id": "8", "state": state, "origin": "threshold", "revision": 1, "counts": counts,
            "reason": {"code": "plan.threshold", "text": "too many"}, "items": {"applied": 0, "failed": 0, "stale": 0},
            "created_at": "2026-11-21T09:30:00Z", "expires_at": "2026-11-28T09:30:00Z"});
        let status = json!({"state": "active", "in_step": false, "waiting": 0, "linked": 0, "plan": plan,
            "cycle": {"id": "5", "kind": "initial", "state": "done"}});
        serde_json::from_value(status).expect("a status")
    }

    fn held(until: &str) -> Status {
        let status = json!({"state": "active", "in_step": false, "waiting": 9, "linked": 0, "cycle": null,
            "hold": {"until": until, "code": "target.unauthorized", "text": "The target refuses the token."}});
        serde_json::from_value(status).expect("a status")
    }

    #[test]
    fn waits_until_the_cycle_is_done_and_nothing_is_due() {
        let paused = || Outlook::Stopped("the app is paused".to_owned());
        let refused = "nothing is sent before 2026-11-21 09:40:00Z (The target refuses the token)".to_owned();
        let cases = [
            (status("active", "5", "running", false), Outlook::Later),
            (status("active", "5", "done", false), Outlook::Later),
            (status("active", "5", "done", true), Outlook::Done),
            (status("active", "6", "running", true), Outlook::Done),
            (planned("draft"), Outlook::Later),
            (
                planned("awaiting_approval"),
                Outlook::Stopped("the plan 8 awaits approval (too many)".to_owned()),
            ),
            (failing("running", 1), Outlook::Later),
            (failing("done", 2), Outlook::Later),
            (failing("done", 1), Outlook::Done),
            (status("paused", "5", "running", false), paused()),
            (status("paused", "5", "done", true), Outlook::Done),
            (held("2026-11-21T09:30:30Z"), Outlook::Later),
            (held("2026-11-21T09:40:00Z"), Outlook::Stopped(refused)),
        ];
        let now = "2026-11-21T09:30:00Z".parse().expect("a time");
        for (status, expected) in cases {
            assert_eq!(outlook(&status, "5", now), expected, "{status:?}");
        }
    }
}
