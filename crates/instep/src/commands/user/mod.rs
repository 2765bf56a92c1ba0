//! `instep user`: people.

mod change;
mod import;
mod list;
mod sessions;
mod show;
mod write;

use clap::{Args, Subcommand};

use crate::client::{Client, ServerArgs};
use crate::output::Output;

/// Imports, creates, lists and changes people
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
    Create(write::CreateArgs),
    Set(write::SetArgs),
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
    /// Invites people by mail: to confirm their address, and to choose a password
    Invite {
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
    /// Says what somebody may do as an administrator, in place of what it was before
    Role {
        /// Id or user name
        user: String,
        /// id_full_admin, id_user_admin, id_group_admin, id_support_admin, id_readonly_admin, id_compliance_officer or none
        role: String,
    },
    /// Lists who is signed in, and where
    Sessions {
        /// Only those of one person: id or user name
        user: Option<String>,
    },
    /// Ends sessions: their browsers are signed out
    EndSession {
        /// Their ids, as `user sessions` shows them
        #[arg(required = true, value_name = "SESSION")]
        sessions: Vec<String>,
    },
}

pub(crate) async fn run(args: UserArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    match args.command {
        UserCommand::Import(import_args) => import::run(&client, &import_args, output).await,
        UserCommand::Create(create_args) => write::create(&client, &create_args, output).await,
        UserCommand::Set(set_args) => write::set(&client, &set_args, output).await,
        UserCommand::List(list_args) => list::run(&client, &list_args, output).await,
        UserCommand::Show { user } => show::run(&client, &user, output).await,
        UserCommand::Disable { users } => change::disable(&client, &users, output).await,
        UserCommand::Enable { users } => change::enable(&client, &users, output).await,
        UserCommand::Invite { users } => change::invite(&client, &users, output).await,
        UserCommand::Role { user, role } => sessions::give_role(&client, &user, &role, output).await,
        UserCommand::Sessions { user } => sessions::list(&client, user.as_deref(), output).await,
        UserCommand::EndSession { sessions } => sessions::end(&client, &sessions, output).await,
        UserCommand::Delete { users, yes } => change::delete(&client, &users, yes.into(), output).await,
    }
}
