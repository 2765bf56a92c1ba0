//! `instep org`: organizations and their settings, in the database itself; one's own also at a server.

mod far;

use std::path::PathBuf;

use base::{Actor, OrgId};
use clap::{Args, Subcommand, ValueEnum};
use directory::{Admin, NewOrganization, Settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::database::DatabaseArgs;
use super::{conflicts, reset_factors, reset_password};
use crate::arguments::{DEFAULT_LISTEN, key_value};
use crate::client::{Client, ServerArgs, server_url};
use crate::diff::shown;
use crate::failure::Usage;
use crate::output::{Output, details, table, time};
use crate::secrets::{self, Disclosed};
use crate::wiring::House;

/// Creates, lists and sets up organizations
///
/// Opens the database itself, also beside a running server; but `show` and `set` without an id ask the server at --url about
/// the organization of the token.
#[derive(Debug, Args)]
pub(crate) struct OrgArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,

    #[command(subcommand)]
    pub(crate) command: OrgCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Creates an organization and its first administrator
    Create(CreateArgs),
    /// Lists the organizations
    List,
    /// Shows an organization and its settings
    Show {
        /// The organization's id: its database is opened [default: a server is asked about the token's organization]
        id: Option<String>,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Changes settings of an organization, or its name
    #[command(
        override_usage = "instep org set [OPTIONS] [ID] <KEY=VALUE>...",
        after_help = "\
Examples:
  instep org set ID scim.schemas=entra users.user_name_is_email=true
  instep org set ID name=\"Example Ltd\"
  instep org set scim.schemas=entra --url https://directory.example.com --token-file admin-token"
    )]
    Set {
        /// The organization's id, whose database is opened, and settings, such as users.user_name_is_email=true, or name=NAME;
        /// without the id a server is asked about the token's organization
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Lists who has an address of a domain that another organization has claimed
    Conflicts,
    /// Gives somebody a made-up password, and prints it, this once
    ///
    /// For whoever has lost it, and for whoever has none yet. All sessions of the person end, and whoever was kept waiting
    /// for too many attempts can try again at once.
    ResetPassword {
        /// The organization's id
        id: String,
        /// Id or user name
        user: String,
    },
    /// Takes somebody's second factors away
    ///
    /// For whoever has lost them, recovery codes too. All sessions of the person end. Where the organization demands a second
    /// factor, another one is set up at the next sign-in.
    ResetFactors {
        /// The organization's id
        id: String,
        /// Id or user name
        user: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The organization's name
    pub(crate) name: String,

    /// The first administrator's e-mail address
    #[arg(long, value_name = "EMAIL")]
    pub(crate) admin_email: String,

    /// The settings to begin with
    #[arg(long, value_enum, default_value_t = Preset::Plain)]
    pub(crate) preset: Preset,

    /// A file that holds the administrator's password; without it one is made up and printed once
    #[arg(long, value_name = "FILE")]
    pub(crate) admin_password_file: Option<PathBuf>,

    /// The address under which others reach the server, for the console's address
    #[arg(long, value_name = "URL", value_parser = server_url)]
    pub(crate) public_url: Option<Url>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preset {
    /// A directory: user names are free
    Plain,
    /// A hub as Webex is one: user names are e-mail addresses
    Webex,
}

/// What `org create` answers.
#[derive(Debug, Serialize)]
pub(crate) struct Created {
    pub(crate) organization_id: String,
    pub(crate) console_url: String,
    pub(crate) admin_email: String,
    /// Only where it was made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) admin_password: Option<Disclosed>,
}

/// What `org list` answers, one for each organization.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_at: String,
}

/// What `org show` and `org set` answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OrganizationDetails {
    #[serde(flatten)]
    pub(crate) organization: Organization,
    pub(crate) settings: serde_json::Map<String, Value>,
}

pub(crate) async fn run(args: OrgArgs, output: Output) -> anyhow::Result<()> {
    match &args.command {
        OrgCommand::Create(create_args) => {
            output.value(&create(&args.database, create_args).await?, created_text)
        }
        OrgCommand::List => output.value(&list(&args.database).await?, |all| list_text(all)),
        OrgCommand::Show { id, server } => {
            let found = match id {
                Some(id) => show(&args.database, id).await?,
                None => far::show(&Client::new(server)?).await?,
            };
            output.value(&found, details_text)
        }
        OrgCommand::Set { settings, server } => {
            let (id, change) = read_change(settings)?;
            let changed = match id {
                Some(id) => set(&args.database, id, &change).await?,
                None => far::set(&Client::new(server)?, &change).await?,
            };
            output.value(&changed, details_text)
        }
        OrgCommand::Conflicts => {
            let found = conflicts::find(&args.database).await?;
            output.value(&found, |all| conflicts::text(all))
        }
        OrgCommand::ResetPassword { id, user } => {
            let recovered = reset_password::reset(&args.database, organization_id(id)?, user).await?;
            output.value(&recovered, reset_password::recovered_text)
        }
        OrgCommand::ResetFactors { id, user } => {
            let reset = reset_factors::reset(&args.database, organization_id(id)?, user).await?;
            output.value(&reset, reset_factors::reset_text)
        }
    }
}

async fn create(database: &DatabaseArgs, args: &CreateArgs) -> anyhow::Result<Created> {
    let house = House::open(&database.place()?).await?;
    let given = args
        .admin_password_file
        .as_deref()
        .map(secrets::read)
        .transpose()?;
    let made_up = given.is_none();
    let password = given.unwrap_or_else(|| access::generate_password(&house.ambient));
    let admin = Admin {
        email: args.admin_email.clone(),
        password_hash: access::hash_password(&house.ambient, &password)?,
        must_change_password: made_up,
    };
    let preset = match args.preset {
        Preset::Plain => directory::Preset::Plain,
        Preset::Webex => directory::Preset::Webex,
    };
    let new = NewOrganization {
        name: args.name.clone(),
        preset,
        admin,
    };
    let cause = house.ambient.cause(Actor::operator());
    let organization = house.directory.create_organization(&cause, new).await?;
    let public_url = match &args.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{DEFAULT_LISTEN}"),
    };
    Ok(Created {
        organization_id: organization.id.to_string(),
        console_url: format!("{public_url}/console/{}", organization.id),
        admin_email: args.admin_email.clone(),
        admin_password: made_up.then_some(Disclosed(password)),
    })
}

async fn list(database: &DatabaseArgs) -> anyhow::Result<Vec<Organization>> {
    let house = House::open(&database.place()?).await?;
    Ok(house
        .directory
        .organizations()
        .await?
        .iter()
        .map(summary)
        .collect())
}

async fn show(database: &DatabaseArgs, id: &str) -> anyhow::Result<OrganizationDetails> {
    let house = House::open(&database.place()?).await?;
    let organization = house.directory.organization(organization_id(id)?).await?;
    let settings = house.directory.settings(organization.id).await?;
    Ok(with_settings(&organization, settings))
}

async fn set(database: &DatabaseArgs, id: &str, change: &Changing) -> anyhow::Result<OrganizationDetails> {
    let house = House::open(&database.place()?).await?;
    let org = organization_id(id)?;
    let cause = house.ambient.cause(Actor::operator());
    let settings = house
        .directory
        .change_organization(&cause, org, change.name.as_deref(), &change.settings)
        .await?;
    let organization = house.directory.organization(org).await?;
    Ok(with_settings(&organization, settings))
}

/// What is to change of an organization.
struct Changing {
    name: Option<String>,
    settings: Vec<(String, String)>,
}

/// The organization that is meant, unless it is the token's, and what is to change of it.
fn read_change(words: &[String]) -> anyhow::Result<(Option<&str>, Changing)> {
    let (id, pairs) = match words {
        [id, pairs @ ..] if !id.contains('=') => (Some(id.as_str()), pairs),
        pairs => (None, pairs),
    };
    if pairs.is_empty() {
        return Err(Usage::error(
            "say what to set, as KEY=VALUE: `instep org show` lists the settings",
        ));
    }
    let (mut name, mut settings) = (None, Vec::new());
    for pair in pairs {
        let (key, value) = key_value(pair).map_err(|hint| Usage::error(format!("{pair:?}: {hint}")))?;
        if key == "name" {
            name = Some(value);
        } else {
            settings.push((key, value));
        }
    }
    Ok((id, Changing { name, settings }))
}

/// Reads an organization's id.
pub(crate) fn organization_id(text: &str) -> anyhow::Result<OrgId> {
    text.parse()
        .map_err(|_| anyhow::anyhow!("{text:?} is not an organization's id: `instep org list` shows the ids"))
}

fn summary(organization: &store::organizations::Organization) -> Organization {
    Organization {
        id: organization.id.to_string(),
        name: organization.name.clone(),
        created_at: organization.created.to_string(),
    }
}

fn with_settings(
    organization: &store::organizations::Organization,
    settings: Settings,
) -> OrganizationDetails {
    let settings = settings
        .list()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    OrganizationDetails {
        organization: summary(organization),
        settings,
    }
}

fn created_text(created: &Created) -> String {
    let password = created
        .admin_password
        .as_ref()
        .map(|password| password.0.expose().to_owned());
    let hint = match password {
        Some(_) => "The password is shown this once, and is to be changed at the first sign-in.\n",
        None => "",
    };
    let lines = details(&[
        ("Organization", created.organization_id.clone()),
        ("Console", created.console_url.clone()),
        ("Administrator", created.admin_email.clone()),
        ("Password", password.unwrap_or_default()),
    ]);
    lines + hint
}

fn list_text(all: &[Organization]) -> String {
    if all.is_empty() {
        return "No organizations yet: create one with `instep org create NAME --admin-email EMAIL`."
            .to_owned();
    }
    let row = |one: &Organization| [one.name.clone(), time(&one.created_at), one.id.clone()];
    table(["name", "created", "id"], all.iter().map(row))
}

fn details_text(one: &OrganizationDetails) -> String {
    let Organization { id, name, created_at } = &one.organization;
    let head = details(&[
        ("Name", name.clone()),
        ("Id", id.clone()),
        ("Created", time(created_at)),
    ]);
    if one.settings.is_empty() {
        return head;
    }
    let row = |(key, value): (&String, &Value)| [key.clone(), shown(value)];
    format!(
        "{head}\n{}",
        table(["setting", "value"], one.settings.iter().map(row))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Secret;
    use serde_json::json;

    fn created(password: Option<&str>) -> Created {
        Created {
            organization_id: "0193".to_owned(),
            console_url: "http://127.0.0.1:8080/console/0193".to_owned(),
            admin_email: "ada@example.com".to_owned(),
            admin_password: password.map(|text| Disclosed(Secret::new(text))),
        }
    }

    fn organization() -> Organization {
        Organization {
            id: "0193".to_owned(),
            name: "Example".to_owned(),
            created_at: "2026-11-21T09:30:00Z".to_owned(),
        }
    }

    #[test]
    fn a_made_up_password_is_shown_once() {
        insta::assert_snapshot!(created_text(&created(Some("quiet-otter"))), @r"
        Organization:   0193
        Console:        http://127.0.0.1:8080/console/0193
        Administrator:  ada@example.com
        Password:       quiet-otter
        The password is shown this once, and is to be changed at the first sign-in.
        ");
        assert_eq!(
            serde_json::to_value(created(Some("x"))).expect("JSON")["admin_password"],
            json!("x")
        );
    }

    #[test]
    fn a_password_that_was_given_is_not_repeated() {
        insta::assert_snapshot!(created_text(&created(None)), @r"
        Organization:   0193
        Console:        http://127.0.0.1:8080/console/0193
        Administrator:  ada@example.com
        ");
        assert!(
            serde_json::to_value(created(None))
                .expect("JSON")
                .get("admin_password")
                .is_none()
        );
    }

    #[test]
    fn lists() {
        insta::assert_snapshot!(list_text(&[organization()]), @r"
        NAME     CREATED               ID
        Example  2026-11-21 09:30:00Z  0193
        ");
        insta::assert_snapshot!(list_text(&[]), @"No organizations yet: create one with `instep org create NAME --admin-email EMAIL`.");
    }

    #[test]
    fn an_id_is_what_is_no_setting() {
        let read = |given: &[&str]| {
            let given: Vec<_> = given.iter().map(|word| (*word).to_owned()).collect();
            read_change(&given)
                .map(|(id, change)| (id.map(str::to_owned), change.name, change.settings.len()))
                .map_err(|error| error.to_string())
        };
        let id = || Some("0193".to_owned());
        assert_eq!(read(&["0193", "a=b", "c=d"]), Ok((id(), None, 2)));
        assert_eq!(read(&["a=b"]), Ok((None, None, 1)));
        assert_eq!(
            read(&["0193", "name=Lab=2"]),
            Ok((id(), Some("Lab=2".to_owned()), 0))
        );
        assert!(read(&["0193"]).is_err_and(|said| said.contains("say what to set")));
        assert!(read(&["a=b", "0193"]).is_err_and(|said| said.contains("KEY=VALUE")));
        assert!(read(&["=b"]).is_err_and(|said| said.contains("KEY=VALUE")));
    }

    #[test]
    fn settings_are_shown_with_their_values() {
        let settings = json!({"users.user_name_is_email": true, "scim.schemas": "entra"});
        let settings = settings.as_object().cloned().unwrap_or_default();
        let one = OrganizationDetails {
            organization: organization(),
            settings,
        };
        insta::assert_snapshot!(details_text(&one), @r"
        Name:     Example
        Id:       0193
        Created:  2026-11-21 09:30:00Z

        SETTING                   VALUE
        users.user_name_is_email  true
        scim.schemas              entra
        ");
    }
}
