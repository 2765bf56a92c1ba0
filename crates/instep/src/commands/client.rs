//! `instep client`: clients of the authorization server that the organization registers.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::client::{Client, ServerArgs};
use crate::confirm::confirm;
use crate::failure::Usage;
use crate::output::{Output, details, table, time};

/// Registers the programs that people let in, or that get tokens for themselves, by OAuth
#[derive(Debug, Args)]
pub(crate) struct ClientArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: ClientCommand,
}

#[derive(Debug, Subcommand)]
enum ClientCommand {
    /// Registers a client and prints its secret, this once
    #[command(after_help = "\
Examples:
  instep client add \"Staff portal\" --redirect https://portal.example/callback
  instep client add \"Desktop app\" --public --redirect http://localhost:8400/
  instep client add \"Nightly job\" --scope instep:read")]
    Add {
        /// What people are shown
        name: String,
        /// Where it may be answered, repeatable; without one it only gets tokens for itself
        #[arg(long = "redirect", value_name = "URL")]
        redirects: Vec<String>,
        /// What it may ask for, repeatable [default: Identity:SCIM spark:people_read spark:people_write]
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ' ')]
        scopes: Vec<String>,
        /// By which grant it gets tokens, repeatable: authorization_code, refresh_token, client_credentials [default: the first
        /// two with a redirect, else the last]
        #[arg(long = "grant", value_name = "GRANT", value_delimiter = ' ')]
        grants: Vec<String>,
        /// It can keep no secret: an app on somebody's machine or in a browser
        #[arg(long)]
        public: bool,
    },
    /// Changes a client: its name, redirects, scopes or grants
    ///
    /// What is given replaces what was there. What the client may ask for no more is gone at once from all that people have
    /// allowed it, and from its tokens; what it may ask for anew people have to allow.
    #[command(after_help = "\
Examples:
  instep client set ID --name \"Staff portal\" --redirect https://portal.example/callback
  instep client set ID --scope instep:read --grant authorization_code")]
    Set {
        /// The id, as `client list` shows it
        client: String,
        /// What people are shown
        #[arg(long)]
        name: Option<String>,
        /// Where it may be answered from now on, repeatable; empty: nowhere, it only gets tokens for itself
        #[arg(long = "redirect", value_name = "URL")]
        redirects: Option<Vec<String>>,
        /// What it may ask for from now on, repeatable
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ' ')]
        scopes: Option<Vec<String>>,
        /// By which grant it gets tokens from now on, repeatable
        #[arg(long = "grant", value_name = "GRANT", value_delimiter = ' ')]
        grants: Option<Vec<String>>,
    },
    /// Gives a client another secret and prints it, this once
    RotateSecret {
        /// The id, as `client list` shows it
        client: String,
        /// How long the secret that it has is good yet, up to 720; 0: it ends now
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap_hours: u32,
    },
    /// Lists the clients
    List,
    /// Shows a client
    Show {
        /// The id, as `client list` shows it
        client: String,
    },
    /// Removes a client: all of its tokens open nothing from then on
    Remove {
        /// The id, as `client list` shows it
        client: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Deserialize)]
struct Registered {
    id: String,
    client_id: String,
    client_secret: Option<String>,
    name: String,
    kind: String,
    redirects: Vec<String>,
    scopes: Vec<String>,
    grant_types: Vec<String>,
    former_secret_expires_at: Option<String>,
    created_at: String,
}

pub(crate) async fn run(args: ClientArgs, output: Output) -> anyhow::Result<()> {
    let server = Client::new(&args.server)?;
    match args.command {
        ClientCommand::Add {
            name,
            redirects,
            scopes,
            grants,
            public,
        } => {
            let kind = if public { "public" } else { "confidential" };
            let mut body = json!({ "name": name, "kind": kind, "redirects": redirects });
            if !scopes.is_empty() {
                body["scopes"] = json!(scopes);
            }
            if !grants.is_empty() {
                body["grant_types"] = json!(grants);
            }
            let client = server.post_json(&["clients"], &body).await?;
            output.answer(&client, |client: &Registered, _| added_text(client))
        }
        ClientCommand::List => {
            let clients = server.list_all(&["clients"], &[]).await?;
            output.list(
                &clients,
                "No clients yet: register one with `instep client add NAME`.",
                list_text,
            )
        }
        ClientCommand::Show { client } => {
            let client = server.get(&["clients", &client], &[]).await?;
            output.answer(&client, |client: &Registered, _| show_text(client))
        }
        ClientCommand::Set {
            client,
            name,
            redirects,
            scopes,
            grants,
        } => {
            let redirects =
                redirects.map(|all| all.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>());
            let lists = [
                ("redirects", redirects),
                ("scopes", scopes),
                ("grant_types", grants),
            ];
            let lists = lists
                .into_iter()
                .filter_map(|(field, list)| Some((field.to_owned(), json!(list?))));
            let name = name.map(|name| ("name".to_owned(), json!(name)));
            let body: Map<String, Value> = lists.chain(name).collect();
            if body.is_empty() {
                return Err(Usage::error(
                    "say what to change: --name, --redirect, --scope or --grant",
                ));
            }
            let client = server.patch(&["clients", &client], &body).await?;
            output.answer(&client, |client: &Registered, _| show_text(client))
        }
        ClientCommand::RotateSecret {
            client,
            overlap_hours,
        } => {
            let body = json!({ "overlap_hours": overlap_hours });
            let client = server.post_json(&["clients", &client, "secret"], &body).await?;
            output.answer(&client, |client: &Registered, _| added_text(client))
        }
        ClientCommand::Remove { client, yes } => {
            let question =
                format!("Remove the client {client}? All of its tokens open nothing from then on.");
            confirm(yes.into(), &question)?;
            server.delete(&["clients", &client], &[]).await?;
            output.value(&json!({ "client": client, "removed": true }), |_| {
                format!("Removed the client {client}.\n")
            })
        }
    }
}

fn added_text(client: &Registered) -> String {
    let Some(secret) = &client.client_secret else {
        return show_text(client);
    };
    let secret = details(&[("Secret", secret.clone())]);
    show_text(client) + &secret + "The secret is shown this once.\n"
}

fn show_text(client: &Registered) -> String {
    let mut rows = vec![
        ("Id", client.id.clone()),
        ("Name", client.name.clone()),
        ("Kind", client.kind.clone()),
        ("client_id", client.client_id.clone()),
        ("Redirects", client.redirects.join(" ")),
        ("Scopes", client.scopes.join(" ")),
        ("Grants", client.grant_types.join(" ")),
        ("Registered", time(&client.created_at)),
    ];
    if let Some(expires) = &client.former_secret_expires_at {
        rows.push(("Former secret good until", time(expires)));
    }
    details(&rows)
}

fn list_text(clients: &[Registered]) -> String {
    let row = |client: &Registered| {
        [
            client.name.clone(),
            client.kind.clone(),
            client.scopes.join(" "),
            time(&client.created_at),
            client.id.clone(),
        ]
    };
    table(
        ["name", "kind", "scopes", "registered", "id"],
        clients.iter().map(row),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_shown_with_what_is_new() {
        let text = r#"{"id":"0193","client_id":"C0193","client_secret":"s","name":"Portal","kind":"confidential",
            "redirects":["https://portal.example/"],"scopes":["instep:read"],"grant_types":["authorization_code"],
            "former_secret_expires_at":null,"created_at":"2026-11-21T09:30:00Z"}"#;
        let mut client: Registered = serde_json::from_str(text).expect("a client");
        assert!(added_text(&client).ends_with("The secret is shown this once.\n"));
        assert!(!added_text(&client).contains("Former"));
        client.former_secret_expires_at = Some("2026-11-22T09:30:00Z".to_owned());
        assert!(show_text(&client).contains("Former secret good until"));
        client.former_secret_expires_at = None;
        client.client_secret = None;
        assert!(!added_text(&client).contains("ecret"));
        let list = list_text(&[client]);
        assert!(list.contains("Portal") && list.contains("instep:read"), "{list}");
    }
}
