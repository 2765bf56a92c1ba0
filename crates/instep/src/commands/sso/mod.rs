//! `instep sso`: signing the organization's people in through identity providers.

mod subject;
mod text;
mod trace;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::arguments::key_value;
use crate::client::{Client, ServerArgs};
use crate::commands::saml_keys::{self, NewKey, Start};
use crate::confirm::confirm;
use crate::failure::say;
use crate::output::Output;
use text::{Provider, Sso, certificates_text, list_text, provider_text, routes_text, sso_text};

/// Signs people in through identity providers outside, by SAML
///
/// Give the identity provider what `metadata` prints, add it with `provider add`, run `test`, then switch the provider and the
/// whole on with `provider activate` and `activate`.
#[derive(Debug, Args)]
pub(crate) struct SsoArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: SsoCommand,
}

#[derive(Debug, Subcommand)]
enum SsoCommand {
    /// Shows the switch, our addresses and the settings
    Show,
    Trace(trace::TraceArgs),
    /// Changes settings that hold for the whole organization
    #[command(
        after_help = "Example:\n  instep sso set signature_algorithm=rsa_sha512 target_pages='[\"https://meet.example/\"]'"
    )]
    Set {
        /// A setting and its value, repeatable; null: as it was at first
        #[arg(value_name = "KEY=VALUE", value_parser = key_value, required = true)]
        settings: Vec<(String, String)>,
    },
    /// Switches single sign-on on
    Activate,
    /// Switches single sign-on off: everybody signs in with a password
    Deactivate {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Prints our metadata, for an identity provider to import
    Metadata,
    /// Prints an address at which somebody signs in by way of trial; it is good for an hour
    Test {
        /// By id or name
        provider: String,
    },
    /// The identity providers
    #[command(subcommand)]
    Provider(ProviderCommand),
    /// Whom each identity provider vouches for
    #[command(subcommand)]
    Route(RouteCommand),
    /// By which names identity providers know somebody
    #[command(subcommand)]
    Subject(subject::SubjectCommand),
    /// Our keys, which sign requests and open encrypted assertions
    #[command(subcommand)]
    Key(KeyCommand),
}

#[derive(Debug, Subcommand)]
enum ProviderCommand {
    /// Lists them, in their order
    List,
    /// Shows one with all of its settings
    Show {
        /// By id or name
        provider: String,
    },
    /// Adds one, by its metadata or by hand
    #[command(
        after_help = "Examples:\n  instep sso provider add --name Okta --metadata-url https://idp.example/metadata\n  \
                            instep sso provider add --name ADFS --metadata FederationMetadata.xml auto_create=true"
    )]
    Add {
        /// What it is called here
        #[arg(long)]
        name: Option<String>,
        /// A file with its metadata
        #[arg(long, value_name = "FILE", conflicts_with = "metadata_url")]
        metadata: Option<PathBuf>,
        /// Where its metadata are
        #[arg(long, value_name = "URL")]
        metadata_url: Option<String>,
        /// Without metadata: issuer for SAML (IdP ID)
        #[arg(long)]
        entity_id: Option<String>,
        /// A file with a certificate, repeatable
        #[arg(long = "certificate", value_name = "FILE")]
        certificates: Vec<PathBuf>,
        /// A setting and its value, repeatable
        #[arg(value_name = "KEY=VALUE", value_parser = key_value)]
        settings: Vec<(String, String)>,
    },
    /// Changes one; a setting that is null is as it was at first
    Set {
        /// By id or name
        provider: String,
        /// Another name
        #[arg(long)]
        name: Option<String>,
        /// Another issuer for SAML (IdP ID)
        #[arg(long)]
        entity_id: Option<String>,
        /// Which it is in the order, from 0
        #[arg(long)]
        position: Option<u32>,
        /// A file with its metadata anew
        #[arg(long, value_name = "FILE", conflicts_with = "metadata_url")]
        metadata: Option<PathBuf>,
        /// Where its metadata are
        #[arg(long, value_name = "URL")]
        metadata_url: Option<String>,
        /// A setting and its value, repeatable
        #[arg(value_name = "KEY=VALUE", value_parser = key_value)]
        settings: Vec<(String, String)>,
    },
    /// Switches one on that was tested
    Activate {
        /// By id or name
        provider: String,
        /// Although nobody has signed in by a test
        #[arg(long)]
        untested: bool,
    },
    /// Switches one off
    Deactivate {
        /// By id or name
        provider: String,
    },
    /// Removes one with its routes
    Remove {
        /// By id or name
        provider: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Prints the configuration of one as an SSO page exports it, or takes one over
    Configuration {
        /// By id or name
        provider: String,
        /// A file with what an SSO page has exported, as JSON
        #[arg(long, value_name = "FILE")]
        import: Option<PathBuf>,
    },
    /// The certificates of one
    #[command(subcommand)]
    Certificate(CertificateCommand),
}

#[derive(Debug, Subcommand)]
enum CertificateCommand {
    /// Lists them with their ends
    List {
        /// By id or name
        provider: String,
    },
    /// Adds one beside those that are there
    Add {
        /// By id or name
        provider: String,
        /// In PEM or base64
        file: PathBuf,
    },
    /// Removes one
    Remove {
        /// By id or name
        provider: String,
        /// As `list` shows it
        fingerprint: String,
    },
}

#[derive(Debug, Subcommand)]
enum RouteCommand {
    /// Lists the routes in their order
    ///
    /// Without any, everybody of a verified domain goes to the first identity provider.
    List,
    /// Puts these routes in the place of those before; without any, there are none
    #[command(after_help = "Example:\n  instep sso route set domain:example.com=Okta group:Partners=ADFS")]
    Set {
        /// `domain:NAME=PROVIDER` or `group:NAME=PROVIDER`, in order
        #[arg(value_name = "ROUTE", value_parser = key_value)]
        routes: Vec<(String, String)>,
    },
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Lists them, the one that signs first
    List,
    /// Makes the next one, which is in our metadata from then on
    Add(NewKey),
    /// Lets one sign, at once or from a time on
    Promote {
        /// The id, as `key list` shows it
        key: String,
        #[command(flatten)]
        start: Start,
    },
    /// Removes one that does not sign
    Remove {
        /// The id, as `key list` shows it
        key: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(args: SsoArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    match args.command {
        SsoCommand::Trace(args) => trace::run(&client, &args, output).await,
        SsoCommand::Show => {
            let sso = client.get(&["sso"], &[]).await?;
            output.answer(&sso, |sso: &Sso, _| sso_text(sso))
        }
        SsoCommand::Set { settings } => {
            let body = json!({ "settings": values(settings) });
            let sso = client.patch(&["sso"], &body).await?;
            output.answer(&sso, |sso: &Sso, _| sso_text(sso))
        }
        SsoCommand::Activate => {
            let sso = client.post(&["sso", "activate"], &[]).await?;
            output.answer(&sso, |sso: &Sso, _| sso_text(sso))
        }
        SsoCommand::Deactivate { yes } => {
            confirm(yes.into(), "Have everybody sign in with a password?")?;
            let organization = client.get(&["organization"], &[]).await?;
            let name = organization["name"].as_str().unwrap_or_default();
            let path = ["sso", "deactivate"];
            let sso = client.post(&path, &[("confirm", name)]).await?;
            output.answer(&sso, |sso: &Sso, _| sso_text(sso))
        }
        SsoCommand::Metadata => {
            let metadata = client.get(&["sso", "metadata"], &[]).await?;
            output.answer(&metadata, |metadata: &Value, _| {
                format!("{}\n", metadata["xml"].as_str().unwrap_or_default())
            })
        }
        SsoCommand::Test { provider } => {
            let path = ["sso", "providers", &provider, "test"];
            let test = client.post(&path, &[]).await?;
            output.answer(&test, |test: &Value, _| {
                format!(
                    "Open this in a browser, also in a private window; nobody is signed in by it:\n\n  {}\n",
                    test["url"].as_str().unwrap_or_default()
                )
            })
        }
        SsoCommand::Provider(command) => providers(&client, command, output).await,
        SsoCommand::Route(command) => routes(&client, command, output).await,
        SsoCommand::Subject(command) => subject::run(&client, command, output).await,
        SsoCommand::Key(command) => keys(&client, command, output).await,
    }
}

async fn providers(client: &Client, command: ProviderCommand, output: Output) -> anyhow::Result<()> {
    match command {
        ProviderCommand::List => {
            let providers = client.list_all(&["sso", "providers"], &[]).await?;
            let hint = "No identity providers yet: add one with `instep sso provider add`.";
            output.list(&providers, hint, list_text)
        }
        ProviderCommand::Show { provider } => {
            let found = client.get(&["sso", "providers", &provider], &[]).await?;
            output.answer(&found, |one: &Provider, _| provider_text(one))
        }
        ProviderCommand::Add {
            name,
            metadata,
            metadata_url,
            entity_id,
            certificates,
            settings,
        } => {
            let certificates = certificates
                .iter()
                .map(|file| contents(file))
                .collect::<anyhow::Result<Vec<_>>>()?;
            let body = json!({
                "name": name,
                "metadata": metadata.as_deref().map(contents).transpose()?,
                "metadata_url": metadata_url,
                "entity_id": entity_id,
                "certificates": certificates,
                "settings": values(settings),
            });
            let added = client.post_json(&["sso", "providers"], &body).await?;
            output.answer(&added, |one: &Provider, _| imported_text(one))
        }
        ProviderCommand::Set {
            provider,
            name,
            entity_id,
            position,
            metadata,
            metadata_url,
            settings,
        } => {
            let body = json!({
                "name": name,
                "entity_id": entity_id,
                "position": position,
                "metadata": metadata.as_deref().map(contents).transpose()?,
                "metadata_url": metadata_url,
                "settings": values(settings),
            });
            let changed = client.patch(&["sso", "providers", &provider], &body).await?;
            output.answer(&changed, |one: &Provider, _| imported_text(one))
        }
        ProviderCommand::Activate { provider, untested } => {
            let path = ["sso", "providers", &provider, "activate"];
            let active = client.post_json(&path, &json!({ "untested": untested })).await?;
            output.answer(&active, |one: &Provider, _| provider_text(one))
        }
        ProviderCommand::Deactivate { provider } => {
            let path = ["sso", "providers", &provider, "deactivate"];
            let inactive = client.post(&path, &[]).await?;
            output.answer(&inactive, |one: &Provider, _| provider_text(one))
        }
        ProviderCommand::Remove { provider, yes } => {
            confirm(yes.into(), &format!("Remove the identity provider {provider}?"))?;
            client.delete(&["sso", "providers", &provider], &[]).await?;
            output.value(&json!({ "provider": provider, "removed": true }), |_| {
                format!("Removed the identity provider {provider}.\n")
            })
        }
        ProviderCommand::Configuration { provider, import } => {
            let path = ["sso", "providers", &provider, "configuration"];
            match import {
                None => {
                    let configuration = client.get(&path, &[]).await?;
                    output.answer(&configuration, |one: &Value, _| format!("{one:#}\n"))
                }
                Some(file) => {
                    let configuration: Value = serde_json::from_str(&contents(&file)?)
                        .with_context(|| format!("{} is not JSON", file.display()))?;
                    let changed = client.put(&path, &configuration).await?;
                    output.answer(&changed, |one: &Provider, _| provider_text(one))
                }
            }
        }
        ProviderCommand::Certificate(command) => certificates(client, command, output).await,
    }
}

/// One that may come of metadata, of which not everything was taken.
fn imported_text(one: &Provider) -> String {
    for left_out in &one.left_out {
        say(&format!("left out: {left_out}"));
    }
    provider_text(one)
}

async fn certificates(client: &Client, command: CertificateCommand, output: Output) -> anyhow::Result<()> {
    match command {
        CertificateCommand::List { provider } => {
            let found = client.get(&["sso", "providers", &provider], &[]).await?;
            output.answer(&found, |one: &Provider, _| certificates_text(&one.certificates))
        }
        CertificateCommand::Add { provider, file } => {
            let path = ["sso", "providers", &provider, "certificates"];
            let body = json!({ "certificate": contents(&file)? });
            let changed = client.post_json(&path, &body).await?;
            output.answer(&changed, |one: &Provider, _| certificates_text(&one.certificates))
        }
        CertificateCommand::Remove {
            provider,
            fingerprint,
        } => {
            let path = ["sso", "providers", &provider, "certificates", &fingerprint];
            client.delete(&path, &[]).await?;
            output.value(&json!({ "fingerprint": fingerprint, "removed": true }), |_| {
                "Removed the certificate.\n".to_owned()
            })
        }
    }
}

async fn routes(client: &Client, command: RouteCommand, output: Output) -> anyhow::Result<()> {
    let routes = match command {
        RouteCommand::List => client.get(&["sso", "routes"], &[]).await?,
        RouteCommand::Set { routes } => {
            let routes = routes
                .into_iter()
                .map(route)
                .collect::<anyhow::Result<Vec<_>>>()?;
            client
                .put(&["sso", "routes"], &json!({ "routes": routes }))
                .await?
        }
    };
    output.answer(&routes, |routes: &Value, _| routes_text(routes))
}

async fn keys(client: &Client, command: KeyCommand, output: Output) -> anyhow::Result<()> {
    let path = ["sso", "keys"];
    match command {
        KeyCommand::List => saml_keys::list(client, &path, output).await,
        KeyCommand::Add(new) => saml_keys::add(client, &path, &new, output).await,
        KeyCommand::Promote { key, start } => saml_keys::promote(client, &path, &key, &start, output).await,
        KeyCommand::Remove { key, yes } => saml_keys::remove(client, &path, &key, yes, output).await,
    }
}

/// `domain:NAME` or `group:NAME`, and the provider.
fn route((whom, provider): (String, String)) -> anyhow::Result<Value> {
    match whom.split_once(':') {
        Some(("domain", name)) => Ok(json!({ "domain": name, "provider": provider })),
        Some(("group", name)) => Ok(json!({ "group": name, "provider": provider })),
        _ => anyhow::bail!("a route is domain:NAME=PROVIDER or group:NAME=PROVIDER, not {whom}={provider}"),
    }
}

/// What can be read as JSON is that; all else is text.
fn values(settings: Vec<(String, String)>) -> Map<String, Value> {
    let value = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
    settings
        .into_iter()
        .map(|(key, text)| (key, value(text)))
        .collect()
}

fn contents(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_look_like() {
        let pair = |text: &str| key_value(text).expect("a pair");
        let read = values(vec![
            pair("auto_create=true"),
            pair("logout_url=null"),
            pair("target_pages=[\"https://a.example/\"]"),
            pair("login_url=https://idp.example/sso?x=y"),
        ]);
        assert_eq!(
            Value::Object(read),
            json!({
                "auto_create": true, "logout_url": null, "target_pages": ["https://a.example/"],
                "login_url": "https://idp.example/sso?x=y",
            })
        );
    }

    #[test]
    fn routes_are_read_and_shown() {
        let read = route(("group:Staff: all".to_owned(), "Okta".to_owned())).expect("a route");
        assert_eq!(read, json!({ "group": "Staff: all", "provider": "Okta" }));
        assert!(route(("Staff".to_owned(), "Okta".to_owned())).is_err());
        let routes = json!({ "items": [
            { "domain": "example.com", "group": null, "provider": { "id": "1", "name": "Okta" } },
            { "domain": null, "group": { "id": "2", "display_name": "Staff" }, "provider": { "id": "1", "name": "Okta" } },
        ] });
        insta::assert_snapshot!(routes_text(&routes), @r"
        WHOM    NAME         IDENTITY PROVIDER
        domain  example.com  Okta
        group   Staff        Okta
        ");
    }
}
