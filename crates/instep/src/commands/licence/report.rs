//! What templates did to people who were there before, and who has no licence.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::output::{Output, count, details, optional_time, print, print_json, read, table, time, yes_no};

/// Between two looks at a run that is waited for.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
pub(super) struct Run {
    id: String,
    state: String,
    mode: String,
    group: Option<Group>,
    progress: Progress,
    counts: Counts,
    error: Option<String>,
    started_at: String,
    finished_at: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Progress {
    done: u64,
    total: u64,
}

#[derive(Deserialize)]
struct Counts {
    given: u64,
    had: u64,
    none_left: u64,
    taken_away: u64,
    passed_over: u64,
}

#[derive(Deserialize)]
struct Item {
    person: Person,
    licence: Called,
    state: String,
}

#[derive(Deserialize)]
struct Person {
    user_name: String,
}

#[derive(Deserialize)]
struct Called {
    name: String,
}

#[derive(Deserialize)]
struct Unlicensed {
    user_name: String,
    active: bool,
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    text: String,
}

/// Waits until a run is over.
pub(super) async fn wait(client: &Client, run: &str) -> anyhow::Result<Value> {
    loop {
        let answer = client.get(&["licence-runs", run], &[]).await?;
        if answer["state"] != "running" {
            return Ok(answer);
        }
        tokio::time::sleep(LOOK).await;
    }
}

pub(super) async fn runs(client: &Client, output: Output) -> anyhow::Result<()> {
    let runs = client.list_all(&["licence-runs"], &[]).await?;
    output.list(
        &runs,
        "No template was applied to existing users yet.",
        |runs: &[Run]| {
            let row = |run: &Run| {
                [
                    time(&run.started_at),
                    of(run),
                    run.mode.clone(),
                    run.state.clone(),
                    format!("{} of {}", count(run.progress.done), count(run.progress.total)),
                    run.id.clone(),
                ]
            };
            table(
                ["started", "template of", "mode", "state", "people", "id"],
                runs.iter().map(row),
            )
        },
    )
}

pub(super) async fn run(client: &Client, run: &str, output: Output) -> anyhow::Result<()> {
    let mut answer = client.get(&["licence-runs", run], &[]).await?;
    let items = client.list_all(&["licence-runs", run, "items"], &[]).await?;
    if output.is_json() {
        answer["items"] = items.into();
        return print_json(&answer);
    }
    let items: Vec<Item> = items.iter().map(read).collect::<anyhow::Result<_>>()?;
    let row = |item: &Item| {
        [
            item.person.user_name.clone(),
            item.licence.name.clone(),
            item.state.replace('_', " "),
        ]
    };
    let text = run_text(&read(&answer)?);
    print(&format!(
        "{text}\n{}",
        table(["person", "licence", "outcome"], items.iter().map(row))
    ))
}

pub(super) fn run_text(run: &Run) -> String {
    let counts = &run.counts;
    details(&[
        ("Run", run.id.clone()),
        ("Template of", of(run)),
        ("Mode", run.mode.replace('_', " ")),
        ("State", run.state.clone()),
        (
            "People",
            format!("{} of {}", count(run.progress.done), count(run.progress.total)),
        ),
        ("Given", count(counts.given)),
        ("Had it", count(counts.had)),
        ("None left", count(counts.none_left)),
        ("Taken away", count(counts.taken_away)),
        ("Passed over", count(counts.passed_over)),
        ("Error", run.error.clone().unwrap_or_default()),
        ("Started", time(&run.started_at)),
        ("Finished", optional_time(run.finished_at.as_ref())),
    ])
}

fn of(run: &Run) -> String {
    match &run.group {
        None => "the organization".to_owned(),
        Some(group) => format!("group {}", group.display_name.as_deref().unwrap_or_default()),
    }
}

pub(super) async fn report(client: &Client, output: Output) -> anyhow::Result<()> {
    let people = client.list_all(&["licence-report"], &[]).await?;
    output.list(&people, "Everybody has a licence.", |people: &[Unlicensed]| {
        let row = |one: &Unlicensed| {
            let reasons: Vec<&str> = one.reasons.iter().map(|reason| reason.text.as_str()).collect();
            [one.user_name.clone(), yes_no(one.active), reasons.join("; ")]
        };
        table(["user name", "active", "why no licence"], people.iter().map(row))
    })
}
