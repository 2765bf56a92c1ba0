//! `instep sso trace`

use std::fmt::Write as _;

use std::num::NonZeroUsize;

use clap::Args;
use serde::Deserialize;

use crate::client::Client;
use crate::output::{Output, details, optional_time, table, time};
use crate::plain::plain;

/// Shows how sign-ins and sign-outs by SAML went
///
/// The newest first; one of them, by its id, with every check and every message.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep sso trace --app Wiki --outcome failed
  instep sso trace 0192f3c4-0000-7000-8000-000000000000")]
pub(crate) struct TraceArgs {
    /// One of them
    id: Option<String>,

    /// Only of this app: id or name
    #[arg(long, conflicts_with = "id")]
    app: Option<String>,

    /// Only of this person: id or user name
    #[arg(long, conflicts_with = "id")]
    user: Option<String>,

    /// Only these
    #[arg(long, value_parser = ["succeeded", "failed", "under_way"], conflicts_with = "id")]
    outcome: Option<String>,

    /// How many to show at most
    #[arg(long, value_name = "N", default_value = "50")]
    limit: NonZeroUsize,
}

#[derive(Deserialize)]
struct Trace {
    id: String,
    at: String,
    role: String,
    action: String,
    outcome: String,
    subject: Option<String>,
    code: Option<String>,
    message: Option<String>,
    client_ip: Option<String>,
    #[serde(default)]
    checks: Vec<Check>,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Check {
    #[serde(rename = "check")]
    name: String,
    outcome: String,
    detail: String,
}

#[derive(Deserialize)]
struct Message {
    direction: String,
    binding: String,
    xml: String,
    relay_state: Option<String>,
}

pub(super) async fn run(client: &Client, args: &TraceArgs, output: Output) -> anyhow::Result<()> {
    if let Some(id) = &args.id {
        let trace = client.get(&["saml-traces", id], &[]).await?;
        return output.answer(&trace, |trace: &Trace, _| trace_text(trace));
    }
    let mut query = Vec::new();
    for (name, value) in [
        ("app", &args.app),
        ("user", &args.user),
        ("outcome", &args.outcome),
    ] {
        query.extend(value.as_deref().map(|value| (name, value)));
    }
    let listing = client.list(&["saml-traces"], &query, args.limit.get()).await?;
    output.list(
        &listing.items,
        "Nobody has signed in or out by SAML yet.",
        list_text,
    )
}

fn list_text(traces: &[Trace]) -> String {
    let row = |trace: &Trace| {
        [
            time(&trace.at),
            trace.action.clone(),
            trace.outcome.clone(),
            plain(&trace.subject.clone().unwrap_or_default()).into_owned(),
            trace.code.clone().unwrap_or_default(),
            trace.id.clone(),
        ]
    };
    table(
        ["at", "action", "outcome", "subject", "code", "id"],
        traces.iter().map(row),
    )
}

fn trace_text(trace: &Trace) -> String {
    let known = |text: &Option<String>| plain(&text.clone().unwrap_or_default()).into_owned();
    let mut text = details(&[
        ("At", optional_time(Some(&trace.at))),
        ("As", trace.role.replace('_', " ")),
        ("Action", trace.action.clone()),
        ("Outcome", trace.outcome.clone()),
        ("Subject", known(&trace.subject)),
        ("Code", known(&trace.code)),
        ("Reason", known(&trace.message)),
        ("From", known(&trace.client_ip)),
    ]);
    for check in &trace.checks {
        let line = format!(
            "  {:<14} {:<32} {}\n",
            check.outcome,
            check.name,
            plain(&check.detail)
        );
        text.push_str(&line);
    }
    for message in &trace.messages {
        let _ = write!(text, "\n{} by {}", message.direction, message.binding);
        if let Some(state) = &message.relay_state {
            let _ = write!(text, ", with the RelayState {}", plain(state));
        }
        let _ = write!(text, ":\n{}\n", plain(&message.xml));
    }
    text
}
