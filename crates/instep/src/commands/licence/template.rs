//! `instep licence template`: which licences newcomers get.

use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::confirm::confirm;
use crate::output::{Output, print, print_json, read, table, time};

use super::report;

/// Says which licences newcomers get by themselves
#[derive(Debug, Args)]
pub(super) struct TemplateArgs {
    #[command(subcommand)]
    command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
enum TemplateCommand {
    /// Lists the templates
    List,
    /// Puts a template in place, of the organization or of a group
    #[command(after_help = "\
Examples:
  instep licence template set Messaging Meetings
  instep licence template set Calling --group Sales --existing preserve --wait
  instep licence template set --group Contractors        # they get none")]
    Set {
        /// Ids or names of what it gives
        licences: Vec<String>,
        /// Of this group; without it, of the organization
        #[arg(long)]
        group: Option<String>,
        /// Also for the people who are there: they keep what they have, or lose what no template gives
        #[arg(long, value_enum)]
        existing: Option<Existing>,
        /// Wait until the people who are there are seen to
        #[arg(long)]
        wait: bool,
    },
    /// Removes a template; what it gave stays, unless it is to be taken away
    Remove {
        /// Of this group; without it, of the organization
        #[arg(long)]
        group: Option<String>,
        /// Take away what came from it alone
        #[arg(long)]
        take_away: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Wait until it is taken away
        #[arg(long)]
        wait: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Existing {
    /// They get what it gives, and keep what they have
    Preserve,
    /// They get what it gives, and lose what no template gives them
    TakeAway,
}

impl Existing {
    fn word(self) -> &'static str {
        match self {
            Self::Preserve => "preserve",
            Self::TakeAway => "take_away",
        }
    }
}

#[derive(Deserialize)]
struct Template {
    group: Option<Named>,
    licences: Vec<Called>,
    modified_at: String,
}

#[derive(Deserialize)]
struct Named {
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Called {
    name: String,
}

pub(super) async fn run(client: &Client, args: TemplateArgs, output: Output) -> anyhow::Result<()> {
    match args.command {
        TemplateCommand::List => {
            let templates = client.list_all(&["licence-templates"], &[]).await?;
            let hint = "No templates: newcomers get no licences. Put one in place with `instep licence template set`.";
            output.list(&templates, hint, list_text)
        }
        TemplateCommand::Set {
            licences,
            group,
            existing,
            wait,
        } => {
            let mut body = json!({ "licences": licences });
            if let Some(existing) = existing {
                body["existing_users"] = existing.word().into();
            }
            let answer = client.put(&place(group.as_deref()), &body).await?;
            follow(client, answer, wait, output, |answer| {
                let template: Template = read(answer)?;
                Ok(list_text(&[template]))
            })
            .await
        }
        TemplateCommand::Remove {
            group,
            take_away,
            yes,
            wait,
        } => {
            let of = group.as_deref().unwrap_or("the organization");
            let and = if take_away {
                "What came from it alone is taken away."
            } else {
                "What it gave stays."
            };
            confirm(yes.into(), &format!("Remove the licence template of {of}? {and}"))?;
            let query: &[_] = if take_away {
                &[("existing_users", "take_away")]
            } else {
                &[]
            };
            let answer = client.delete(&place(group.as_deref()), query).await?;
            let said = format!("Removed the licence template of {of}.\n");
            follow(client, answer, wait, output, |_| Ok(said)).await
        }
    }
}

fn place(group: Option<&str>) -> Vec<&str> {
    match group {
        Some(group) => vec!["licence-templates", "groups", group],
        None => vec!["licence-templates", "organization"],
    }
}

/// Says what was done, and what came of the run that it began, if that is waited for.
async fn follow(
    client: &Client,
    mut answer: Value,
    wait: bool,
    output: Output,
    text: impl FnOnce(&Value) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let run = answer["run"]["id"].as_str().map(str::to_owned);
    if let Some(run) = run.as_ref().filter(|_| wait) {
        answer["run"] = report::wait(client, run).await?;
    }
    if output.is_json() {
        return print_json(&answer);
    }
    let mut said = text(&answer)?;
    if run.is_some() {
        let run: report::Run = read(&answer["run"])?;
        said = format!("{}\n\n{}", said.trim_end(), report::run_text(&run));
    }
    print(&said)
}

fn list_text(templates: &[Template]) -> String {
    let row = |one: &Template| {
        let of = match &one.group {
            None => "the organization".to_owned(),
            Some(group) => format!("group {}", group.display_name.as_deref().unwrap_or_default()),
        };
        let licences: Vec<&str> = one.licences.iter().map(|one| one.name.as_str()).collect();
        let gives = if licences.is_empty() {
            "nothing".to_owned()
        } else {
            licences.join(", ")
        };
        [of, gives, time(&one.modified_at)]
    };
    table(["template of", "gives", "modified"], templates.iter().map(row)) + "\n"
}
