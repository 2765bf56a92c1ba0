//! `instep app drift` and `instep app reconcile`

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::output::{Output, count, counted, optional_time, print, read, table, time};
use crate::progress::{Bar, Progress};
use crate::said::Said;

const POLL: Duration = Duration::from_millis(300);
const KINDS: [&str; 5] = ["changed", "enabled", "disabled", "vanished", "unlinked"];

/// Compares all accounts and groups with what they should be, now
///
/// Lists them all, and who is in the groups, so it takes as many requests as the target has pages. What differs is reported, or brought back too,
/// as the app's setting `drift` says; it runs in the server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app reconcile Webex --wait
  instep app reconcile Webex --correct
  instep app set Webex drift=report drift_hours=24")]
pub(crate) struct ReconcileArgs {
    /// Id or name
    app: String,

    /// Bring back what the target has changed
    #[arg(long, conflicts_with = "report")]
    correct: bool,

    /// Only say what the target has changed
    #[arg(long)]
    report: bool,

    /// Wait until everything is compared; exit status 1 if accounts are not as they should be
    #[arg(long)]
    wait: bool,
}

/// Shows what the target has changed by itself
#[derive(Debug, Args)]
pub(crate) struct DriftArgs {
    /// Id or name
    app: String,

    /// Only accounts to which this has happened
    #[arg(long, value_parser = KINDS)]
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Drift {
    pub(super) counts: Counts,
    pub(super) reconciliation: Option<Reconciliation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    changed: u64,
    enabled: u64,
    disabled: u64,
    vanished: u64,
    unlinked: u64,
    groups: GroupCounts,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(default)]
struct GroupCounts {
    changed: u64,
    vanished: u64,
    unlinked: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reconciliation {
    id: String,
    state: String,
    mode: String,
    started_at: String,
    finished_at: Option<String>,
    #[serde(default)]
    listed: u64,
    #[serde(default)]
    total: Option<u64>,
    #[serde(default)]
    groups_listed: u64,
    #[serde(default)]
    recent: u64,
    #[serde(default)]
    corrected: u64,
    error: Option<Said>,
}

#[derive(Debug, Deserialize)]
struct Item {
    #[serde(default)]
    resource: String,
    remote_id: String,
    name: String,
    kind: String,
    #[serde(default)]
    changes: Vec<Change>,
    found_at: String,
}

#[derive(Debug, Deserialize)]
struct Change {
    attribute: String,
    ours: Value,
    theirs: Value,
}

#[derive(Deserialize)]
struct Begun {
    reconciliation: Reconciliation,
}

impl Counts {
    fn drifted(&self) -> u64 {
        let accounts = self.changed + self.enabled + self.disabled + self.vanished;
        accounts + self.groups.changed + self.groups.vanished
    }
}

pub(super) async fn reconcile(client: &Client, args: &ReconcileArgs, output: Output) -> anyhow::Result<()> {
    let body = match (args.correct, args.report) {
        (true, _) => json!({ "mode": "correct" }),
        (_, true) => json!({ "mode": "report" }),
        _ => json!({}),
    };
    let answer = client.post_json(&["apps", &args.app, "reconcile"], &body).await?;
    let begun: Begun = read(&answer)?;
    if !args.wait {
        return output.answer(&answer, |begun: &Begun, _| {
            let what = if begun.reconciliation.mode == "correct" {
                "brought back"
            } else {
                "reported"
            };
            format!(
                "Started: what the target has changed is {what}. See it with `instep app drift {}`.",
                args.app
            )
        });
    }
    let (answer, drift) = wait(client, &args.app, &begun.reconciliation.id).await?;
    output.answer(&answer, |drift: &Drift, _| text(drift))?;
    match drift.reconciliation {
        Some(Reconciliation {
            error: Some(error), ..
        }) => {
            bail!("the accounts could not be compared: {}", error.text())
        }
        Some(run) if run.mode == "report" && drift.counts.drifted() > 0 => {
            let who = if drift.counts.groups.changed + drift.counts.groups.vanished > 0 {
                counted(
                    drift.counts.drifted(),
                    "account or group is",
                    "accounts and groups are",
                )
            } else {
                counted(drift.counts.drifted(), "account is", "accounts are")
            };
            bail!(
                "{who} not as they should be: see `instep app drift {}`, and bring them back with \
                 `instep app reconcile {} --correct`",
                args.app,
                args.app
            )
        }
        _ => Ok(()),
    }
}

async fn wait(client: &Client, app: &str, awaited: &str) -> anyhow::Result<(Value, Drift)> {
    let bar = Bar::start("comparing");
    loop {
        let answer = client.get(&["apps", app, "drift"], &[("limit", "1")]).await?;
        let drift: Drift = read(&answer)?;
        let Some(run) = drift.reconciliation.as_ref().filter(|run| run.id == awaited) else {
            bail!("another reconciliation has begun: see `instep app drift {app}`");
        };
        if run.state != "running" {
            return Ok((answer, drift));
        }
        bar.set(Progress {
            done: run.listed + run.groups_listed,
            total: run.total.unwrap_or(run.listed) + run.groups_listed,
        });
        tokio::time::sleep(POLL).await;
    }
}

pub(super) async fn list(client: &Client, args: &DriftArgs, output: Output) -> anyhow::Result<()> {
    let path = ["apps", args.app.as_str(), "drift"];
    let query: Vec<_> = args
        .kind
        .as_deref()
        .map(|kind| ("kind", kind))
        .into_iter()
        .collect();
    let items = client.list_all(&path, &query).await?;
    if !output.is_json() {
        let summary: Drift = read(&client.get(&path, &[("limit", "1")]).await?)?;
        print(&text(&summary))?;
    }
    output.list(&items, "No account is known to differ.", |items: &[Item]| {
        let rows = items.iter().map(|item| {
            [
                item.name.clone(),
                match item.resource.as_str() {
                    "group" => format!("group {}", item.kind),
                    _ => item.kind.clone(),
                },
                item.changes
                    .iter()
                    .map(|change| {
                        format!(
                            "{}: {} → {}",
                            change.attribute,
                            shown(&change.ours),
                            shown(&change.theirs)
                        )
                    })
                    .collect::<Vec<_>>()
                    .join("\n"),
                item.remote_id.clone(),
                time(&item.found_at),
            ]
        });
        table(
            ["ACCOUNT OR GROUP", "WHAT", "OURS → THEIRS", "ID THERE", "FOUND"],
            rows,
        )
    })
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `2 accounts changed, 1 vanished; 3 belong to nobody here (reported 2026-11-21 09:30)`
pub(super) fn text(drift: &Drift) -> String {
    let Some(run) = &drift.reconciliation else {
        return "never looked for: `instep app reconcile`, or the setting drift".to_owned();
    };
    let Counts {
        changed,
        enabled,
        disabled,
        vanished,
        unlinked,
        groups,
    } = drift.counts;
    let many = |number, one, many| if number == 1 { one } else { many };
    let mut parts: Vec<_> = [
        (changed, "changed"),
        (enabled, "enabled"),
        (disabled, "disabled"),
        (vanished, "vanished"),
        (
            groups.changed,
            many(groups.changed, "group changed", "groups changed"),
        ),
        (
            groups.vanished,
            many(groups.vanished, "group vanished", "groups vanished"),
        ),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{} {what}", count(number)))
    .collect();
    if parts.is_empty() {
        parts.push("none".to_owned());
    }
    if unlinked > 0 {
        let whose = counted(unlinked, "account belongs", "accounts belong");
        parts.push(format!("{whose} to nobody here (see `instep app import`)"));
    }
    if groups.unlinked > 0 {
        let whose = counted(groups.unlinked, "group is", "groups are");
        parts.push(format!("{whose} of nobody here"));
    }
    if run.recent > 0 {
        let recent = counted(run.recent, "was written", "were written");
        parts.push(format!("{recent} a moment before and not compared"));
    }
    if run.corrected > 0 {
        parts.push(format!("{} brought back", count(run.corrected)));
    }
    let when = match (run.state.as_str(), &run.error) {
        ("running", None) => format!(
            "looking since {}, {} listed",
            time(&run.started_at),
            count(run.listed)
        ),
        ("running", Some(error)) => format!("held up: {}", error.text()),
        (_, Some(error)) => format!("failed: {}", error.text()),
        _ => format!("as of {}", optional_time(run.finished_at.as_ref())),
    };
    format!("{} ({when})", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_in_a_line() {
        for (drift, expected) in [
            (
                json!({"counts": {}, "reconciliation": null}),
                "never looked for: `instep app reconcile`, or the setting drift",
            ),
            (
                json!({"counts": {"changed": 2, "vanished": 1, "unlinked": 1}, "reconciliation": {
                    "id": "1", "state": "running", "mode": "report", "started_at": "2026-11-21T09:30:00Z",
                    "finished_at": null, "listed": 400, "error": {"code": "target.broken", "text": "it failed"}}}),
                "2 changed, 1 vanished, 1 account belongs to nobody here (see `instep app import`) (held up: it failed)",
            ),
            (
                json!({"counts": {"changed": 1, "groups": {"changed": 2, "vanished": 1, "unlinked": 3}},
                    "reconciliation": {"id": "1", "state": "running", "mode": "report", "finished_at": null,
                    "started_at": "2026-11-21T09:30:00Z", "listed": 400, "error": {"code": "x", "text": "it failed"}}}),
                "1 changed, 2 groups changed, 1 group vanished, 3 groups are of nobody here (held up: it failed)",
            ),
        ] {
            let drift: Drift = serde_json::from_value(drift).expect("a drift");
            assert_eq!(text(&drift), expected);
        }
    }
}
