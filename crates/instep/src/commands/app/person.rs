//! `instep app preview`, `why` and `provision-on-demand`: one person at one app.

use std::fmt::Write as _;

use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::mappings::{Mapping, source_text};
use super::supposed::SupposedArgs;
use crate::client::Client;
use crate::failure::Reported;
use crate::output::{Output, details, read, table};

/// One person at one app
#[derive(Debug, Args)]
pub(crate) struct PersonArgs {
    /// Id or name
    app: String,

    /// Id or userName
    person: String,

    /// It is a group, by its id or displayName
    #[arg(long)]
    group: bool,
}

/// Shows what would become of one person's account
///
/// With other mappings or another scoping filter from a file, what would become of it then.
#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    #[command(flatten)]
    who: PersonArgs,

    #[command(flatten)]
    supposed: SupposedArgs,
}

impl PersonArgs {
    fn wanted(&self) -> Map<String, Value> {
        let kind = if self.group { "group" } else { "person" };
        Map::from_iter([(kind.to_owned(), json!(self.person))])
    }
}

#[derive(Deserialize)]
struct Preview {
    subject: Subject,
    action: String,
    reason: String,
    scope: Sentence,
    #[serde(rename = "match")]
    found: Match,
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    kind: Option<String>,
    name: String,
}

#[derive(Deserialize)]
struct Sentence {
    text: String,
}

#[derive(Deserialize)]
struct Match {
    result: String,
    remote_id: Option<String>,
}

#[derive(Deserialize)]
struct Attribute {
    target: String,
    mapping: Mapping,
    sources: Map<String, Value>,
    value: Value,
    sent: bool,
    #[serde(default)]
    new: Value,
    why: Option<String>,
}

#[derive(Deserialize)]
struct Why {
    subject: Subject,
    in_scope: bool,
    reasons: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Done {
    result: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    status: String,
    text: String,
    #[serde(default)]
    exchanges: Vec<Exchange>,
}

#[derive(Deserialize)]
struct Exchange {
    method: String,
    url: String,
    status: Option<u16>,
}

pub(super) async fn preview(client: &Client, args: &PreviewArgs, output: Output) -> anyhow::Result<()> {
    let PreviewArgs { who, supposed } = args;
    let mut body = supposed.members()?;
    body.extend(who.wanted());
    let answer = client.post_json(&["apps", &who.app, "preview"], &body).await?;
    output.answer(&answer, |preview: &Preview, _| preview_text(preview))
}

pub(super) async fn why(client: &Client, args: &PersonArgs, output: Output) -> anyhow::Result<()> {
    let query: &[(&str, &str)] = if args.group { &[("kind", "group")] } else { &[] };
    let answer = client
        .get(&["apps", &args.app, "why", &args.person], query)
        .await?;
    output.answer(&answer, |why: &Why, _| why_text(why))
}

pub(super) async fn provision_on_demand(
    client: &Client,
    args: &PersonArgs,
    output: Output,
) -> anyhow::Result<()> {
    let body = args.wanted();
    let path = ["apps", &args.app, "provision-on-demand"];
    let answer = client.post_json(&path, &body).await?;
    let done: Done = read(&answer)?;
    output.answer(&answer, |done: &Done, _| done_text(done))?;
    if done.result == "failure" {
        return Err(Reported.into());
    }
    Ok(())
}

fn preview_text(preview: &Preview) -> String {
    let head = details(&[
        (
            match preview.subject.kind.as_deref() {
                Some("group") => "Group",
                _ => "Person",
            },
            preview.subject.name.clone(),
        ),
        ("Scope", preview.scope.text.clone()),
        ("Match", matched(&preview.found)),
        ("Action", format!("{} ({})", preview.action, preview.reason)),
    ]);
    let row = |one: &Attribute| {
        [
            one.target.clone(),
            source_text(&one.mapping.source),
            sources(&one.sources),
            text(&one.value),
            match &one.why {
                _ if one.sent && one.new.is_null() => "removed".to_owned(),
                _ if one.sent => format!("sent: {}", text(&one.new)),
                Some(why) => format!("not sent: {why}"),
                None => String::new(),
            },
        ]
    };
    let rows = preview.attributes.iter().map(row);
    format!(
        "{head}\n{}",
        table(["target", "mapping", "source", "value", "what happens"], rows)
    )
}

fn matched(found: &Match) -> String {
    match &found.remote_id {
        Some(id) => format!("{} ({id})", found.result),
        None => found.result.clone(),
    }
}

fn sources(all: &Map<String, Value>) -> String {
    match all.iter().next() {
        Some((_, value)) if all.len() == 1 => text(value),
        _ => {
            let pairs: Vec<String> = all
                .iter()
                .map(|(name, value)| format!("{name}={}", text(value)))
                .collect();
            pairs.join(", ")
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn why_text(why: &Why) -> String {
    let verdict = if why.in_scope { "in scope" } else { "not in scope" };
    let mut lines = format!("{} is {verdict}:", why.subject.name);
    let (_, reasons) = why
        .reasons
        .split_last()
        .unwrap_or((&Sentence { text: String::new() }, &[]));
    for reason in reasons {
        let _ = write!(lines, "\n- {}", reason.text);
    }
    lines
}

fn done_text(done: &Done) -> String {
    let mut lines = Vec::new();
    for step in &done.steps {
        lines.push(format!("{:8} {:8} {}", step.name, step.status, step.text));
        for exchange in &step.exchanges {
            let status = exchange
                .status
                .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            lines.push(format!(
                "         {} {} -> {status}",
                exchange.method, exchange.url
            ));
        }
    }
    lines.push(format!("Result: {}", done.result.replace('_', " ")));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_with_its_reason() {
        let preview = json!({
            "subject": {"id": "1", "name": "anna@x"}, "action": "update", "reason": "assigned in person",
            "scope": {"in_scope": true, "text": "assigned in person"}, "match": {"result": "linked", "remote_id": "a1"},
            "attributes": [
                {"target": "title", "mapping": {"source": {"attribute": "jobTitle"}, "target": "title"},
                 "sources": {"jobTitle": "Chemist"}, "value": "Chemist", "held": null, "sent": true, "new": "Chemist"},
                {"target": "nickName", "mapping": {"source": {"attribute": "nickName"}, "target": "nickName"},
                 "sources": {"nickName": null}, "value": null, "held": "x", "sent": true, "new": null},
                {"target": "locale", "mapping": {"source": "none", "target": "locale"}, "sources": {}, "value": null,
                 "held": null, "sent": false, "why": "there is no value, and no default"}
            ]
        });
        let preview: Preview = serde_json::from_value(preview).expect("a preview");
        insta::assert_snapshot!(preview_text(&preview), @r"
        Person:  anna@x
        Scope:   assigned in person
        Match:   linked (a1)
        Action:  update (assigned in person)

        TARGET    MAPPING   SOURCE   VALUE    WHAT HAPPENS
        title     jobTitle  Chemist  Chemist  sent: Chemist
        nickName  nickName                    removed
        locale    (none)                      not sent: there is no value, and no default
        ");
    }

    #[test]
    fn reasons_and_steps() {
        let why = json!({"subject": {"name": "anna@x"}, "in_scope": false, "reasons": [
            {"text": "the app takes everybody in the directory"}, {"text": "not in scope"}]});
        let why: Why = serde_json::from_value(why).expect("reasons");
        insta::assert_snapshot!(why_text(&why), @r"
        anna@x is not in scope:
        - the app takes everybody in the directory
        ");
        let done = json!({"result": "success", "steps": [
            {"name": "read", "status": "success", "text": "read as of version 1"},
            {"name": "perform", "status": "success", "text": "done", "exchanges": [
                {"method": "POST", "url": "http://h/Users", "status": 201}]}]});
        let done: Done = serde_json::from_value(done).expect("steps");
        insta::assert_snapshot!(done_text(&done), @r"
        read     success  read as of version 1
        perform  success  done
                 POST http://h/Users -> 201
        Result: success
        ");
    }
}
