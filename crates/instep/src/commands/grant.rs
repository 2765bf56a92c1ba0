//! `instep grant`: the OAuth clients that people have let in.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::json;

use crate::client::{Client, ServerArgs};
use crate::confirm::confirm;
use crate::output::{Output, table, time};

/// Shows which OAuth clients people have let in, and ends that
#[derive(Debug, Args)]
pub(crate) struct GrantArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: GrantCommand,
}

#[derive(Debug, Subcommand)]
enum GrantCommand {
    /// Lists who has let in which client, and for what
    List {
        /// Only what this person has let in: id or user name
        #[arg(long, value_name = "USER")]
        user: Option<String>,
    },
    /// Ends a grant: the client's tokens of this person open nothing from then on
    End {
        /// The id, as `grant list` shows it
        grant: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Deserialize)]
struct Grant {
    id: String,
    person: Person,
    client: LetIn,
    scopes: Vec<String>,
    created_at: String,
}

#[derive(Deserialize)]
struct Person {
    user_name: String,
}

#[derive(Deserialize)]
struct LetIn {
    name: String,
}

pub(crate) async fn run(args: GrantArgs, output: Output) -> anyhow::Result<()> {
    let server = Client::new(&args.server)?;
    match args.command {
        GrantCommand::List { user } => {
            let query: Vec<_> = user.iter().map(|user| ("person", user.as_str())).collect();
            let grants = server.list_all(&["grants"], &query).await?;
            output.list(&grants, "Nobody has let a client in.", list_text)
        }
        GrantCommand::End { grant, yes } => {
            let question = format!(
                "End the grant {grant}? The client's tokens that came of it open nothing from then on."
            );
            confirm(yes.into(), &question)?;
            server.delete(&["grants", &grant], &[]).await?;
            output.value(&json!({ "grant": grant, "ended": true }), |_| {
                format!("Ended the grant {grant}.\n")
            })
        }
    }
}

fn list_text(grants: &[Grant]) -> String {
    let row = |grant: &Grant| {
        [
            grant.person.user_name.clone(),
            grant.client.name.clone(),
            grant.scopes.join(" "),
            time(&grant.created_at),
            grant.id.clone(),
        ]
    };
    table(
        ["person", "client", "scopes", "since", "id"],
        grants.iter().map(row),
    )
}
