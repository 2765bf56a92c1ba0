//! `instep app synchronization-schema`: an app's configuration in the form of Microsoft Graph.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::file;
use super::mappings::{Mapping, rows_text};
use crate::client::Client;
use crate::failure::say;
use crate::output::Output;

/// Brings a configuration along from Entra ID, or takes one there
///
/// The form is Microsoft Graph's synchronizationSchema: mappings, scoping filter, switches and the attributes that an
/// admin has added. What it is in Entra ID, `GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema` shows.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app synchronization-schema import Webex schema.json --dry-run
  instep app synchronization-schema export Webex > schema.json")]
pub(crate) struct SchemaArgs {
    #[command(subcommand)]
    command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
enum SchemaCommand {
    /// Prints the app's configuration as JSON
    Export {
        /// Id or name
        app: String,
    },
    Import(ImportArgs),
}

/// Puts a configuration in place of the app's own
#[derive(Debug, Args)]
struct ImportArgs {
    /// Id or name
    app: String,

    /// A file with the schema; - for standard input
    file: PathBuf,

    /// Leave out mappings that read or fill what is not there, and say which
    #[arg(long)]
    skip_unfit: bool,

    /// Only show what it would come to
    #[arg(long)]
    dry_run: bool,
}

#[derive(Deserialize)]
struct Brought {
    mappings: Vec<Mapping>,
    notes: Vec<String>,
}

pub(super) async fn run(client: &Client, args: &SchemaArgs, output: Output) -> anyhow::Result<()> {
    match &args.command {
        SchemaCommand::Export { app } => {
            let schema = client.get(&["apps", app, "synchronization-schema"], &[]).await?;
            output.answer(&schema, |schema: &Value, _| format!("{schema:#}"))
        }
        SchemaCommand::Import(args) => {
            let body = json!({
                "schema": file::json(&args.file)?,
                "unfit": if args.skip_unfit { "leave_out" } else { "refuse" },
                "dry_run": args.dry_run,
            });
            let path = ["apps", &args.app, "synchronization-schema"];
            let brought = client.post_json(&path, &body).await?;
            let found: Brought = crate::output::read(&brought)?;
            for note in &found.notes {
                say(note);
            }
            output.answer(&brought, |brought: &Brought, _| rows_text(&brought.mappings))
        }
    }
}
