//! `instep app sso`: how people sign in to an app.

use std::fmt::Write as _;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{file, sso_keys};
use crate::arguments::key_value;
use crate::client::{Client, Error};
use crate::confirm::confirm;
use crate::failure::{Usage, say};
use crate::output::{Output, details, print, yes_no};

/// Says how people sign in to an app, by SAML or by a bookmark
///
/// An app has an address of its own, /saml2/NAME, which is fixed once it is set. Nobody gets in who is not assigned.
#[derive(Debug, Args)]
pub(crate) struct SsoArgs {
    #[command(subcommand)]
    command: SsoCommand,
}

#[derive(Debug, Subcommand)]
enum SsoCommand {
    /// Shows what is set, and the addresses that the service is to be told
    Show {
        /// Id or name
        app: String,
    },
    Set(SetArgs),
    Import(ImportArgs),
    /// Prints the metadata that the service is to be given
    Metadata {
        /// Id or name
        app: String,
    },
    /// Shows what the service would be told of somebody; nothing is changed
    Preview {
        /// Id or name
        app: String,
        /// Id or user name
        person: String,
    },
    Key(sso_keys::KeyArgs),
    /// Lets people in who are assigned
    Activate {
        /// Id or name
        app: String,
    },
    /// Lets nobody in any more; what is set stays
    Deactivate {
        /// Id or name
        app: String,

        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Sets up how people sign in, or changes it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app sso set Webex --slug webex --webex-org-id ORG
  instep app sso set Wiki --slug wiki entity_id=https://wiki.example/saml \\
      'consumers=[{\"url\":\"https://wiki.example/saml/acs\",\"index\":0}]' --attribute mail=mail
  instep app sso set Wiki sign=assertion session_minutes=60
  instep app sso set Canteen url=https://canteen.example/")]
struct SetArgs {
    /// Id or name
    app: String,

    /// Settings, such as name_id_format=persistent; lists and objects as JSON
    #[arg(value_name = "KEY=VALUE", value_parser = key_value)]
    settings: Vec<(String, String)>,

    /// The app's part of its address [default: made of its name]; it cannot be changed later
    #[arg(long)]
    slug: Option<String>,

    /// Webex as the service: the organization's id in Control Hub
    #[arg(long, value_name = "ID", conflicts_with = "webex_subdomain")]
    webex_org_id: Option<String>,

    /// Webex as the service: a site's name, as in front of .webex.com
    #[arg(long, value_name = "NAME")]
    webex_subdomain: Option<String>,

    /// Webex for Government as the service: what it is told; its addresses come with `import`, or by hand
    #[arg(long, conflicts_with_all = ["webex_org_id", "webex_subdomain"])]
    webex_government: bool,

    /// An attribute that the service is told, from one of the person's; replaces all that are set; repeatable
    #[arg(long = "attribute", value_name = "NAME=ATTRIBUTE", value_parser = key_value)]
    attributes: Vec<(String, String)>,

    /// All settings, as JSON from a file; what is left out is as at the beginning
    #[arg(long, value_name = "FILE", conflicts_with_all = ["settings", "attributes"])]
    from: Option<PathBuf>,

    /// Do not ask before an address is made of the app's name
    #[arg(long)]
    yes: bool,
}

/// Takes what a service's metadata say, and leaves the rest
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app sso import Wiki metadata.xml --slug wiki
  instep app sso import Wiki --metadata-url https://wiki.example/saml/metadata")]
struct ImportArgs {
    /// Id or name
    app: String,

    /// The metadata; - is standard input
    #[arg(required_unless_present = "metadata_url")]
    file: Option<PathBuf>,

    /// Where the metadata are
    #[arg(long, value_name = "URL", conflicts_with = "file")]
    metadata_url: Option<String>,

    /// Which service, where there are several
    #[arg(long, value_name = "NAME")]
    entity_id: Option<String>,

    /// The app's part of its address, if it has none yet [default: made of its name]; it cannot be changed later
    #[arg(long)]
    slug: Option<String>,

    /// Do not ask before an address is made of the app's name
    #[arg(long)]
    yes: bool,
}

#[derive(Deserialize)]
struct Sso {
    kind: String,
    active: bool,
    settings: Map<String, Value>,
    entity_id: Option<String>,
    login_url: Option<String>,
    logout_url: Option<String>,
    metadata_url: Option<String>,
    #[serde(default)]
    left_out: Vec<String>,
}

#[derive(Deserialize)]
struct Preview {
    let_in: bool,
    assigned: bool,
    name_id: Option<Name>,
    attributes: Vec<Attribute>,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Name {
    format: String,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    values: Vec<String>,
    left_out: bool,
}

#[derive(Deserialize)]
struct Problem {
    text: String,
}

pub(super) async fn run(client: &Client, args: SsoArgs, output: Output) -> anyhow::Result<()> {
    match args.command {
        SsoCommand::Show { app } => {
            let found = client.get(&["apps", &app, "sso"], &[]).await?;
            output.answer(&found, |sso: &Sso, _| sso_text(sso))
        }
        SsoCommand::Set(args) => {
            let set = set(client, &args).await?;
            output.answer(&set, |sso: &Sso, _| sso_text(sso))
        }
        SsoCommand::Import(args) => import(client, &args, output).await,
        SsoCommand::Metadata { app } => {
            let found = client.get(&["apps", &app, "sso", "metadata"], &[]).await?;
            if output.is_json() {
                return output.value(&found, |_| String::new());
            }
            print(&format!("{}\n", found["metadata"].as_str().unwrap_or_default()))
        }
        SsoCommand::Preview { app, person } => {
            let body = json!({ "person": person });
            let told = client.post_json(&["apps", &app, "sso", "preview"], &body).await?;
            output.answer(&told, |preview: &Preview, _| preview_text(preview))
        }
        SsoCommand::Key(args) => sso_keys::run(client, args, output).await,
        SsoCommand::Activate { app } => {
            let sso = client.post(&["apps", &app, "sso", "activate"], &[]).await?;
            output.answer(&sso, |sso: &Sso, _| sso_text(sso))
        }
        SsoCommand::Deactivate { app, yes } => {
            let question = format!(
                "Deactivate the sign-in to {app}? Nobody gets in from here any more until it is activated."
            );
            confirm(yes.into(), &question)?;
            let found = client.get(&["apps", &app], &[]).await?;
            let name = found["name"].as_str().unwrap_or_default();
            let path = ["apps", &app, "sso", "deactivate"];
            let sso = client.post(&path, &[("confirm", name)]).await?;
            output.answer(&sso, |sso: &Sso, _| sso_text(sso))
        }
    }
}

/// Changes what there is; where there is nothing, sets it up.
async fn set(client: &Client, args: &SetArgs) -> anyhow::Result<Value> {
    let body = request(args)?;
    let path = ["apps", &args.app, "sso"];
    if args.from.is_some() {
        ask_for_slug(client, &args.app, args.slug.as_ref(), args.yes).await?;
        return Ok(client.put(&path, &body).await?);
    }
    match client.patch(&path, &body).await {
        Err(error) if error.is_refusal("sso.unset") => {
            ask_for_slug(client, &args.app, args.slug.as_ref(), args.yes).await?;
            Ok(client.put(&path, &body).await?)
        }
        answer => answer.map_err(Error::into),
    }
}

/// Asks before an app gets an address that nobody has chosen: it is fixed from then on.
async fn ask_for_slug(client: &Client, app: &str, slug: Option<&String>, yes: bool) -> anyhow::Result<()> {
    if slug.is_some() || yes {
        return Ok(());
    }
    match client.get(&["apps", app, "sso"], &[]).await {
        Err(error) if error.is_refusal("sso.unset") => {}
        answer => return answer.map(drop).map_err(Error::into),
    }
    let found = client.get(&["apps", app], &[]).await?;
    if found["template"] == "bookmark" {
        return Ok(());
    }
    let question = format!(
        "Make an address for {app} of its name? People and the service will know it, and it cannot be changed later: say --slug \
         NAME for one of your choice, which becomes /saml2/NAME."
    );
    confirm(false.into(), &question)
}

fn request(args: &SetArgs) -> anyhow::Result<Value> {
    let mut body = Map::new();
    for (key, value) in [
        ("slug", &args.slug),
        ("webex_org_id", &args.webex_org_id),
        ("webex_subdomain", &args.webex_subdomain),
    ] {
        if let Some(value) = value {
            body.insert(key.to_owned(), json!(value));
        }
    }
    if args.webex_government {
        body.insert("webex_government".to_owned(), json!(true));
    }
    let mut settings = match &args.from {
        Some(path) => file::json(path)?,
        None => super::add::settings(&args.settings),
    };
    if !args.attributes.is_empty() {
        let attribute =
            |(name, source): &(String, String)| json!({ "name": name, "source": { "attribute": source } });
        settings["attributes"] = args.attributes.iter().map(attribute).collect();
    }
    let says_something = settings.as_object().is_some_and(|settings| !settings.is_empty());
    if says_something || args.from.is_some() {
        body.insert("settings".to_owned(), settings);
    }
    if body.is_empty() {
        return Err(Usage::error(
            "nothing to change was given: say KEY=VALUE, --attribute, --slug, --webex-org-id, --webex-subdomain or \
             --webex-government",
        ));
    }
    Ok(Value::Object(body))
}

async fn import(client: &Client, args: &ImportArgs, output: Output) -> anyhow::Result<()> {
    ask_for_slug(client, &args.app, args.slug.as_ref(), args.yes).await?;
    let mut body = Map::new();
    if let Some(path) = &args.file {
        body.insert("metadata".to_owned(), json!(file::contents(path)?));
    }
    for (key, value) in [
        ("url", &args.metadata_url),
        ("entity_id", &args.entity_id),
        ("slug", &args.slug),
    ] {
        if let Some(value) = value {
            body.insert(key.to_owned(), json!(value));
        }
    }
    let imported = client
        .post_json(&["apps", &args.app, "sso", "import"], &body)
        .await?;
    output.answer(&imported, |sso: &Sso, _| {
        for one in &sso.left_out {
            say(&format!("left out: {one}"));
        }
        sso_text(sso)
    })
}

fn sso_text(sso: &Sso) -> String {
    let known = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut pairs = vec![
        ("Kind", sso.kind.clone()),
        ("Active", yes_no(sso.active)),
        ("Address", known(&sso.login_url)),
        ("We are called", known(&sso.entity_id)),
        ("Metadata", known(&sso.metadata_url)),
        ("Sign-outs", known(&sso.logout_url)),
    ];
    pairs.retain(|(_, value)| !value.is_empty());
    let mut text = details(&pairs);
    text.push('\n');
    for (name, value) in &sso.settings {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // Pictures and certificates are long.
        let short: String = value.chars().take(100).collect();
        let more = if short.len() < value.len() { "…" } else { "" };
        let _ = writeln!(text, "  {name}={short}{more}");
    }
    text
}

fn preview_text(preview: &Preview) -> String {
    let mut pairs = vec![
        ("Assigned", yes_no(preview.assigned)),
        ("Let in", yes_no(preview.let_in)),
    ];
    if let Some(problem) = &preview.problem {
        pairs.push(("Problem", problem.text.clone()));
    }
    if let Some(name) = &preview.name_id {
        let value = name.value.clone();
        pairs.push((
            "Name",
            value.unwrap_or_else(|| "made up at the sign-in".to_owned()),
        ));
        pairs.push(("Its format", name.format.clone()));
    }
    let mut text = details(&pairs);
    for attribute in &preview.attributes {
        let values = if attribute.left_out {
            "(left out)".to_owned()
        } else {
            attribute.values.join(", ")
        };
        let _ = writeln!(text, "  {}={values}", attribute.name);
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: SetArgs,
    }

    #[test]
    fn only_what_was_said_is_sent() {
        let body = |words: &[&str]| {
            let line = Line::try_parse_from(["set", "Wiki"].iter().chain(words)).expect("parses");
            request(&line.args)
        };
        assert_eq!(
            body(&[
                "--slug",
                "wiki",
                "sign=assertion",
                "contexts.code=urn:x",
                "--attribute",
                "mail=mail"
            ])
            .expect("a body"),
            json!({ "slug": "wiki", "settings": {
                "sign": "assertion", "contexts": { "code": "urn:x" },
                "attributes": [{ "name": "mail", "source": { "attribute": "mail" } }],
            } })
        );
        assert_eq!(
            body(&["--webex-org-id", "o-1"]).expect("a body"),
            json!({ "webex_org_id": "o-1" })
        );
        assert_eq!(
            body(&["--webex-government"]).expect("a body"),
            json!({ "webex_government": true })
        );
        assert!(body(&[]).is_err());
    }
}
