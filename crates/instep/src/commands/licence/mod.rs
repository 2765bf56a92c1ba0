//! `instep licence`: what licences there are, who has them, and what templates give.

mod list;
mod report;
mod template;

use clap::{Args, Subcommand};
pub(crate) use list::{OfPerson, of_person_text};
use serde_json::{Value, json};

use crate::client::{Client, ServerArgs};
use crate::confirm::confirm;
use crate::output::{Output, read};

/// Says what licences there are, who has them, and what newcomers get
///
/// A licence is named by its id or its name, a person by id or user name, a group by id or display name.
#[derive(Debug, Args)]
pub(crate) struct LicenceArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: LicenceCommand,
}

#[derive(Debug, Subcommand)]
enum LicenceCommand {
    /// Lists the licences: how many there are, how many are used, how many people wait
    List,
    /// Shows a licence, who has it and who waits for it
    Show {
        /// Id or name
        licence: String,
    },
    /// Adds a licence
    #[command(after_help = "\
Examples:
  instep licence add Messaging
  instep licence add \"Webex Calling\" --total 250")]
    Add {
        /// What it is called
        name: String,
        /// How many there are [default: as many as one likes]
        #[arg(long, value_name = "N")]
        total: Option<u32>,
    },
    /// Changes a licence's name, or how many there are
    Set {
        /// Id or name
        licence: String,
        /// Another name
        #[arg(long)]
        name: Option<String>,
        /// How many there are, or unlimited; who has one keeps it
        #[arg(long, value_name = "N|unlimited")]
        total: Option<String>,
    },
    /// Removes a licence that is not used
    Remove {
        /// Id or name
        licence: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Gives licences to a person
    Give {
        /// Id or user name
        user: String,
        /// Ids or names
        #[arg(required = true)]
        licences: Vec<String>,
    },
    /// Takes licences away from a person, wherever they came from
    Take {
        /// Id or user name
        user: String,
        /// Ids or names
        #[arg(required = true)]
        licences: Vec<String>,
    },
    Template(template::TemplateArgs),
    /// Lists what templates did to people who were there before, or shows one such run
    Runs {
        /// The run's id
        run: Option<String>,
    },
    /// Lists who has no licence, and why
    Report,
}

pub(crate) async fn run(args: LicenceArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    match args.command {
        LicenceCommand::List => list::list(&client, output).await,
        LicenceCommand::Show { licence } => list::show(&client, &licence, output).await,
        LicenceCommand::Add { name, total } => {
            let body = json!({ "name": name, "total": total });
            let added = client.post_json(&["licences"], &body).await?;
            output.answer(&added, |one: &list::Licence, _| list::licence_text(one))
        }
        LicenceCommand::Set { licence, name, total } => {
            let mut body = json!({});
            if let Some(name) = name {
                body["name"] = name.into();
            }
            if let Some(total) = total {
                body["total"] = read_total(&total)?;
            }
            let changed = client.patch(&["licences", &licence], &body).await?;
            output.answer(&changed, |one: &list::Licence, _| list::licence_text(one))
        }
        LicenceCommand::Remove { licence, yes } => {
            confirm(yes.into(), &format!("Remove the licence {licence}?"))?;
            client.delete(&["licences", &licence], &[]).await?;
            output.value(&json!({ "licence": licence, "removed": true }), |_| {
                format!("Removed the licence {licence}.\n")
            })
        }
        LicenceCommand::Give { user, licences } => {
            change(&client, &user, &json!({ "add": licences }), output).await
        }
        LicenceCommand::Take { user, licences } => {
            change(&client, &user, &json!({ "remove": licences }), output).await
        }
        LicenceCommand::Template(args) => template::run(&client, args, output).await,
        LicenceCommand::Runs { run: None } => report::runs(&client, output).await,
        LicenceCommand::Runs { run: Some(run) } => report::run(&client, &run, output).await,
        LicenceCommand::Report => report::report(&client, output).await,
    }
}

async fn change(client: &Client, user: &str, body: &Value, output: Output) -> anyhow::Result<()> {
    let answer = client.post_json(&["people", user, "licences"], body).await?;
    if output.is_json() {
        return crate::output::print_json(&answer["items"]);
    }
    let licences: Vec<OfPerson> = read(&answer["items"])?;
    crate::output::print(&of_person_text(&licences))
}

fn read_total(text: &str) -> anyhow::Result<Value> {
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(Value::Null);
    }
    let total: Result<u32, _> = text.parse();
    total
        .map(Value::from)
        .map_err(|_| crate::failure::Usage::error("--total is a number, or unlimited"))
}
