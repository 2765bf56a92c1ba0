//! `instep app mapping`: one mapping at a time, and the preset's again.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::mappings::{Kind, Mappings, mappings_text};
use crate::client::Client;
use crate::confirm::confirm;
use crate::output::Output;

/// Adds, changes and removes an app's attribute mappings one by one
///
/// A mapping is named by its target, the attribute of the account that it fills. A change makes everybody be looked
/// at anew; links stay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app mapping add Webex nickName --attribute givenName --when-empty leave
  instep app mapping add Webex locale --constant en_US --apply only-on-create
  instep app mapping change Webex title --expression 'user.title ?: \"Staff\"' --language okta
  instep app mapping remove Webex 'phoneNumbers[type eq \"fax\"].value'
  instep app mapping restore Webex
  instep app mapping add Webex externalId --attribute objectId --kind group")]
pub(crate) struct MappingArgs {
    #[command(subcommand)]
    command: MappingCommand,

    /// Of people or of groups
    #[arg(long, value_enum, default_value_t, global = true)]
    kind: Kind,
}

#[derive(Debug, Subcommand)]
enum MappingCommand {
    Add(AddArgs),
    Change(ChangeArgs),
    /// Removes a mapping: what stands at its target stays there
    Remove {
        /// Id or name
        app: String,
        /// The attribute that it fills
        target: String,
    },
    Restore(RestoreArgs),
}

/// Adds a mapping
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").args(["attribute", "constant", "expression", "none"]).required(true))]
struct AddArgs {
    /// Id or name
    app: String,

    /// The attribute to fill, such as nickName or phoneNumbers[type eq "work"].value
    target: String,

    #[command(flatten)]
    members: Members,

    /// Which row it becomes, counted from 1 [default: the last]
    #[arg(long)]
    row: Option<usize>,
}

/// Changes a mapping; what is not named stays
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").args(["attribute", "constant", "expression", "none"]))]
struct ChangeArgs {
    /// Id or name
    app: String,

    /// The attribute that it fills
    target: String,

    #[command(flatten)]
    members: Members,

    /// Another attribute to fill
    #[arg(long, value_name = "TARGET")]
    to: Option<String>,

    /// It is no matching mapping any more
    #[arg(long, conflicts_with = "matching")]
    no_matching: bool,

    /// It has no default value any more
    #[arg(long, conflicts_with = "default_value")]
    no_default_value: bool,
}

/// Puts the mappings of a preset in place of all; asks first
#[derive(Debug, Args)]
struct RestoreArgs {
    /// Id or name
    app: String,

    /// Of which preset; `instep app presets` lists them [default: the app's own]
    #[arg(long)]
    preset: Option<String>,

    /// What an empty attribute does to the target [default: as the preset says]
    #[arg(long, value_enum)]
    when_empty: Option<WhenEmpty>,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Default, Args)]
struct Members {
    /// The value is this attribute of the person: Entra ID's, Okta's or JumpCloud's name, or a SCIM path
    #[arg(long, value_name = "NAME", help_heading = "Source")]
    attribute: Option<String>,

    /// The value is always this text
    #[arg(long, value_name = "TEXT", help_heading = "Source")]
    constant: Option<String>,

    /// The value is worked out by this expression
    #[arg(long, value_name = "TEXT", help_heading = "Source")]
    expression: Option<String>,

    /// In which language the expression is written
    #[arg(long, value_enum, requires = "expression", help_heading = "Source")]
    language: Option<Language>,

    /// There is no source: the attribute is left as it is, and gets the default value where it has none
    #[arg(long, help_heading = "Source")]
    none: bool,

    /// Accounts that exist are found by it; 1 is tried first
    #[arg(long, value_name = "N")]
    matching: Option<u8>,

    /// Whether accounts that exist get it too
    #[arg(long, value_enum)]
    apply: Option<Apply>,

    /// What a source without a value does to an account that exists
    #[arg(long, value_enum)]
    when_empty: Option<WhenEmpty>,

    /// What a new account gets when the source has no value
    #[arg(long, value_name = "TEXT")]
    default_value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Entra,
    Okta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Apply {
    Always,
    OnlyOnCreate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WhenEmpty {
    Leave,
    Clear,
    Default,
}

impl WhenEmpty {
    fn as_str(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Clear => "clear",
            Self::Default => "default",
        }
    }
}

pub(super) async fn run(client: &Client, args: &MappingArgs, output: Output) -> anyhow::Result<()> {
    let query = args.kind.query();
    let answer = match &args.command {
        MappingCommand::Add(args) => {
            let path = ["apps", &args.app, "mappings"];
            client.json(Method::POST, &path, query, &added(args)).await?
        }
        MappingCommand::Change(args) => {
            let path = ["apps", &args.app, "mappings", &args.target];
            client.json(Method::PATCH, &path, query, &changed(args)).await?
        }
        MappingCommand::Remove { app, target } => {
            client.delete(&["apps", app, "mappings", target], query).await?
        }
        MappingCommand::Restore(args) => {
            let question = format!("Put the preset's mappings in place of all those of {}?", args.app);
            confirm(args.yes.into(), &question)?;
            let path = ["apps", &args.app, "restore-mappings"];
            client.json(Method::POST, &path, query, &restored(args)).await?
        }
    };
    output.answer(&answer, |all: &Mappings, _| mappings_text(all))
}

fn added(args: &AddArgs) -> Value {
    let mut mapping = members(&args.members);
    mapping.insert("target".to_owned(), json!(args.target));
    let mut body = json!({ "mapping": mapping });
    if let Some(row) = args.row {
        body["row"] = json!(row);
    }
    body
}

fn changed(args: &ChangeArgs) -> Value {
    let mut all = members(&args.members);
    if let Some(to) = &args.to {
        all.insert("target".to_owned(), json!(to));
    }
    for (name, is_gone) in [
        ("matching", args.no_matching),
        ("default_value", args.no_default_value),
    ] {
        if is_gone {
            all.insert(name.to_owned(), Value::Null);
        }
    }
    Value::Object(all)
}

fn restored(args: &RestoreArgs) -> Value {
    let mut body = Map::new();
    if let Some(preset) = &args.preset {
        body.insert("preset".to_owned(), json!(preset));
    }
    if let Some(when_empty) = args.when_empty {
        body.insert("when_empty".to_owned(), json!(when_empty.as_str()));
    }
    Value::Object(body)
}

fn members(members: &Members) -> Map<String, Value> {
    let mut all = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(name.to_owned(), value);
        }
    };
    put("source", source(members));
    put("matching", members.matching.map(Value::from));
    put(
        "apply",
        members.apply.map(|apply| {
            json!(match apply {
                Apply::Always => "always",
                Apply::OnlyOnCreate => "only_on_create",
            })
        }),
    );
    put("when_empty", members.when_empty.map(|one| json!(one.as_str())));
    put(
        "default_value",
        members.default_value.as_ref().map(|text| json!(text)),
    );
    all
}

fn source(members: &Members) -> Option<Value> {
    if members.none {
        return Some(json!("none"));
    }
    if let Some(name) = &members.attribute {
        return Some(json!({ "attribute": name }));
    }
    if let Some(text) = &members.constant {
        return Some(json!({ "constant": text }));
    }
    let text = members.expression.as_ref()?;
    Some(match members.language {
        None | Some(Language::Entra) => json!({ "expression": text }),
        Some(Language::Okta) => json!({ "expression": text, "language": "okta" }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent() {
        let members = Members {
            expression: Some("user.title".to_owned()),
            language: Some(Language::Okta),
            apply: Some(Apply::OnlyOnCreate),
            ..Members::default()
        };
        let args = AddArgs {
            app: "Webex".to_owned(),
            target: "title".to_owned(),
            members,
            row: Some(2),
        };
        let source = json!({"expression": "user.title", "language": "okta"});
        let mapping = json!({"source": source, "apply": "only_on_create", "target": "title"});
        assert_eq!(added(&args), json!({"mapping": mapping, "row": 2}));
    }

    #[test]
    fn what_is_not_named_is_not_sent() {
        let args = ChangeArgs {
            app: "Webex".to_owned(),
            target: "title".to_owned(),
            members: Members {
                when_empty: Some(WhenEmpty::Default),
                default_value: Some("Staff".to_owned()),
                ..Members::default()
            },
            to: None,
            no_matching: true,
            no_default_value: false,
        };
        let body = json!({"when_empty": "default", "default_value": "Staff", "matching": null});
        assert_eq!(changed(&args), body);
    }
}
