//! `instep app filter`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::file;
use crate::client::Client;
use crate::confirm::confirm;
use crate::output::{Output, read};

/// Shows and sets an app's scoping filter: who of those in scope is let in
///
/// Clauses of a group must all hold; one group that holds is enough. Without groups everybody is let in. A change
/// makes everybody be looked at anew.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app filter show Webex
  instep app filter add Webex 'department EQUALS Sales' 'country & CH,DE' --title Sales
  instep app filter clear Webex
Operators:
  EQUALS, NOT EQUALS, Includes, ENDS_WITH, & (the value holds the attribute), !&, REGEX MATCH, NOT REGEX MATCH,
  Greater_Than, Greater_Than_OR_EQUALS, IS TRUE, IS FALSE, IS NULL, IS NOT NULL")]
pub(crate) struct FilterArgs {
    #[command(subcommand)]
    command: FilterCommand,
}

#[derive(Debug, Subcommand)]
enum FilterCommand {
    /// Shows the filter
    Show {
        /// Id or name
        app: String,
    },
    /// Puts another filter in place
    Set {
        /// Id or name
        app: String,
        /// A JSON file as `filter show --output json` prints it; - for standard input
        file: PathBuf,
    },
    Add(AddArgs),
    Remove(RemoveArgs),
    /// Takes the filter away: everybody in scope is let in; asks first
    Clear {
        /// Id or name
        app: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Adds a group: who satisfies all its clauses is let in, too
#[derive(Debug, Args)]
struct AddArgs {
    /// Id or name
    app: String,

    /// Each an attribute, an operator and a value: 'department EQUALS Sales'
    #[arg(required = true)]
    clauses: Vec<String>,

    /// What to call the group
    #[arg(long, default_value = "")]
    title: String,
}

/// Removes a group
#[derive(Debug, Args)]
struct RemoveArgs {
    /// Id or name
    app: String,

    /// Which, counted from 1 as `filter show` does
    group: usize,
}

#[derive(Debug, Deserialize, Serialize)]
struct Filter {
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Group {
    #[serde(default)]
    title: String,
    clauses: Vec<Clause>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Clause {
    attribute: String,
    operator: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

pub(super) async fn run(client: &Client, args: &FilterArgs, output: Output) -> anyhow::Result<()> {
    let answer = match &args.command {
        FilterCommand::Show { app } => client.get(&["apps", app, "filter"], &[]).await?,
        FilterCommand::Set { app, file } => {
            let wanted = file::json(file)?;
            client.put(&["apps", app, "filter"], &wanted).await?
        }
        FilterCommand::Add(args) => add(client, args).await?,
        FilterCommand::Remove(args) => remove(client, args).await?,
        FilterCommand::Clear { app, yes } => {
            confirm((*yes).into(), &format!("Let everybody in scope of {app} in?"))?;
            client
                .put(&["apps", app, "filter"], &json!({ "groups": [] }))
                .await?
        }
    };
    output.answer(&answer, |filter: &Filter, _| text(filter))
}

async fn add(client: &Client, args: &AddArgs) -> anyhow::Result<Value> {
    let path = ["apps", &args.app, "filter"];
    let mut filter: Value = client.get(&path, &[]).await?;
    if let Some(groups) = filter["groups"].as_array_mut() {
        groups.push(json!({ "title": args.title, "clauses": args.clauses }));
    }
    Ok(client.put(&path, &filter).await?)
}

async fn remove(client: &Client, args: &RemoveArgs) -> anyhow::Result<Value> {
    let path = ["apps", &args.app, "filter"];
    let mut filter: Filter = read(&client.get(&path, &[]).await?)?;
    let count = filter.groups.len();
    anyhow::ensure!(
        (1..=count).contains(&args.group),
        "there is no group {}: the filter has {count}",
        args.group
    );
    anyhow::ensure!(
        count > 1,
        "this is the last group, and without any everybody is let in: if you mean that, use `instep app filter clear`"
    );
    filter.groups.remove(args.group - 1);
    Ok(client.put(&path, &json!(filter)).await?)
}

fn text(filter: &Filter) -> String {
    if filter.groups.is_empty() {
        return "No scoping filter: everybody in scope is let in.".to_owned();
    }
    let mut lines = vec!["Let in is who satisfies all clauses of a group:".to_owned()];
    for (index, group) in filter.groups.iter().enumerate() {
        lines.push(format!("{}. {}", index + 1, group.title).trim_end().to_owned());
        for clause in &group.clauses {
            let parts = [
                Some(&clause.attribute),
                Some(&clause.operator),
                clause.value.as_ref(),
            ];
            let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
            lines.push(format!("     {}", parts.join(" ")));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_numbered() {
        let filter: Filter = read(&json!({"groups": [
            {"title": "Sales", "clauses": [
                {"attribute": "department", "operator": "EQUALS", "value": "Sales"},
                {"attribute": "jobTitle", "operator": "IS NOT NULL"},
            ]},
            {"clauses": [{"attribute": "city", "operator": "EQUALS", "value": "Bern"}]},
        ]}))
        .expect("a filter");
        assert_eq!(
            text(&filter),
            "Let in is who satisfies all clauses of a group:\n1. Sales\n     department EQUALS Sales\n     jobTitle IS NOT \
             NULL\n2.\n     city EQUALS Bern"
        );
        assert!(text(&Filter { groups: vec![] }).starts_with("No scoping filter"));
    }
}
