//! `instep sso subject`: who somebody is to identity providers.

use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;

use crate::client::Client;
use crate::confirm::confirm;
use crate::output::{Output, table, time, yes_no};

#[derive(Debug, Subcommand)]
pub(super) enum SubjectCommand {
    /// Lists the name that each identity provider has vouched by
    List {
        /// By id, userName or e-mail address
        person: String,
    },
    /// Forgets the name: the next one that comes is the person's
    ///
    /// Whoever comes by another persistent name than the one that is linked is not let in.
    Remove {
        /// By id, userName or e-mail address
        person: String,
        /// By id or name
        provider: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Deserialize)]
struct Subject {
    provider: Provider,
    name_id: String,
    format: String,
    finds: bool,
    linked_at: String,
}

#[derive(Deserialize)]
struct Provider {
    name: String,
}

pub(super) async fn run(client: &Client, command: SubjectCommand, output: Output) -> anyhow::Result<()> {
    match command {
        SubjectCommand::List { person } => {
            let found = client.list_all(&["people", &person, "sso-subjects"], &[]).await?;
            let hint = "No identity provider has vouched for this person yet.";
            output.list(&found, hint, list_text)
        }
        SubjectCommand::Remove {
            person,
            provider,
            yes,
        } => {
            let question = format!("Let {provider} vouch for {person} by another name?");
            confirm(yes.into(), &question)?;
            let path = ["people", &person, "sso-subjects", &provider];
            client.delete(&path, &[]).await?;
            let gone = json!({ "person": person, "provider": provider, "removed": true });
            output.value(&gone, |_| {
                format!("{provider} knows {person} by no name any more.\n")
            })
        }
    }
}

fn list_text(subjects: &[Subject]) -> String {
    let row = |one: &Subject| {
        let kind = one.format.rsplit(':').next().unwrap_or_default();
        [
            one.provider.name.clone(),
            one.name_id.clone(),
            kind.to_owned(),
            yes_no(one.finds),
            time(&one.linked_at),
        ]
    };
    table(
        ["identity provider", "name", "kind", "finds", "linked"],
        subjects.iter().map(row),
    )
}
