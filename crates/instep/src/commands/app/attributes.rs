//! `instep app attributes`: what attributes accounts at the target have.

use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::failure::Usage;
use crate::output::{Output, read, table};

/// Shows the attributes that mappings can fill, and declares more
///
/// The target's schemas are known. What it has beside them, an admin declares, as in Entra ID's list of attributes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app attributes show Webex
  instep app attributes add Webex urn:example:2.0:User:badge --type integer
  instep app attributes remove Webex urn:example:2.0:User:badge")]
pub(crate) struct AttributesArgs {
    #[command(subcommand)]
    command: AttributesCommand,
}

#[derive(Debug, Subcommand)]
enum AttributesCommand {
    /// Shows all of them
    Show {
        /// Id or name
        app: String,
    },
    /// Declares one
    Add {
        /// Id or name
        app: String,
        /// Its path, such as urn:example:2.0:User:badge
        name: String,
        /// What values it takes
        #[arg(long = "type", value_enum, default_value_t)]
        kind: Kind,
        /// It takes several values
        #[arg(long)]
        multi_valued: bool,
    },
    /// Takes a declaration back; refused while a mapping fills the attribute
    Remove {
        /// Id or name
        app: String,
        /// Its path
        name: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
#[value(rename_all = "camelCase")]
enum Kind {
    #[default]
    String,
    Boolean,
    Integer,
    Decimal,
    DateTime,
    Reference,
    Binary,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::DateTime => "dateTime",
            Self::Reference => "reference",
            Self::Binary => "binary",
        }
    }
}

#[derive(Deserialize)]
struct App {
    settings: Settings,
}

#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    custom_attributes: Vec<Value>,
}

#[derive(Deserialize)]
struct Attributes {
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    multi_valued: bool,
    custom: bool,
}

pub(super) async fn run(client: &Client, args: &AttributesArgs, output: Output) -> anyhow::Result<()> {
    let answer = match &args.command {
        AttributesCommand::Show { app } => client.get(&["apps", app, "attributes"], &[]).await?,
        AttributesCommand::Add {
            app,
            name,
            kind,
            multi_valued,
        } => {
            let mut custom = declared(client, app).await?;
            custom.push(json!({ "name": name, "type": kind.as_str(), "multi_valued": multi_valued }));
            declare(client, app, &custom).await?
        }
        AttributesCommand::Remove { app, name } => {
            let mut custom = declared(client, app).await?;
            let before = custom.len();
            custom.retain(|one| !is_named(one, name));
            if custom.len() == before {
                return Err(Usage::error(format!(
                    "{name} is not among those that are declared"
                )));
            }
            declare(client, app, &custom).await?
        }
    };
    output.answer(&answer, |all: &Attributes, _| text(&all.attributes))
}

async fn declared(client: &Client, app: &str) -> anyhow::Result<Vec<Value>> {
    let app: App = read(&client.get(&["apps", app], &[]).await?)?;
    Ok(app.settings.custom_attributes)
}

async fn declare(client: &Client, app: &str, custom: &[Value]) -> anyhow::Result<Value> {
    let body = json!({ "custom": custom });
    Ok(client.put(&["apps", app, "attributes"], &body).await?)
}

fn is_named(one: &Value, name: &str) -> bool {
    one["name"]
        .as_str()
        .is_some_and(|known| known.eq_ignore_ascii_case(name))
}

fn text(attributes: &[Attribute]) -> String {
    let row = |one: &Attribute| {
        let word = |is: bool, word: &str| if is { word.to_owned() } else { String::new() };
        [
            one.name.clone(),
            one.kind.clone(),
            word(one.multi_valued, "several"),
            word(one.custom, "declared"),
        ]
    };
    table(["name", "type", "values", ""], attributes.iter().map(row))
}
