//! `instep user`: people.

mod change;
mod import;
mod list;
mod show;

use clap::{Args, Subcommand};

use crate::client::{Client, ServerArgs};
use crate::output::Output;

/// Imports, lists and changes people
///
/// A person is named by id or user name.
#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    Import(import::ImportArgs),
    List(list::ListArgs),
    /// Shows a person: attributes, groups, and the accounts in the apps
    Show {
        /// Id or user name
        user: String,
    },
    /// Makes people inactive; the apps follow
    Disable {
        /// Ids or user names
        #[arg(required = true)]
        users: Vec<String>,
    },
    /// Makes people active again; the apps follow
    Enable {
        /// Ids or user names
        #[arg(required = true)]
        users: Vec<String>,
    },
    /// Removes people from the directory for good; asks first
    Delete {
        /// Ids or user names
        #[arg(required = true)]
        users: Vec<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(args: UserArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    match args.command {
        UserCommand::Import(import_args) => import::run(&client, &import_args, output).await,
        UserCommand::List(list_args) => list::run(&client, &list_args, output).await,
        UserCommand::Show { user } => show::run(&client, &user, output).await,
        UserCommand::Disable { users } => change::disable(&client, &users, output).await,
        UserCommand::Enable { users } => change::enable(&client, &users, output).await,
        UserCommand::Delete { users, yes } => change::delete(&client, &users, yes.into(), output).await,
    }
}
