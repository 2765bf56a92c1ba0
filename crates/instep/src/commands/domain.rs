//! `instep domain`: which e-mail domains are the organization's.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::json;

use crate::client::{Client, ServerArgs};
use crate::confirm::confirm;
use crate::output::{Output, count, details, optional_time, table, yes_no};

/// Shows that e-mail domains are yours, and claims them
///
/// A domain is yours when the DNS has the TXT record that `add` prints. People with addresses of it are verified then. A domain
/// that is claimed is nobody else's on this server.
#[derive(Debug, Args)]
pub(crate) struct DomainArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: DomainCommand,
}

#[derive(Debug, Subcommand)]
enum DomainCommand {
    /// Lists the domains, and how they stand
    List,
    /// Shows a domain, its record, and how many people have addresses of it
    Show {
        /// Such as example.com
        domain: String,
    },
    /// Asks for a domain, and prints the TXT record that it is to have
    #[command(after_help = "Example:\n  instep domain add example.com\n  instep domain verify example.com")]
    Add {
        /// Such as example.com
        domain: String,
    },
    /// Prints the TXT record that a domain is to have
    Token {
        /// Such as example.com
        domain: String,
        /// Makes another one; the one before counts no more
        #[arg(long)]
        renew: bool,
    },
    /// Asks the DNS whether the record is there
    Verify {
        /// Such as example.com
        domain: String,
    },
    /// Claims a verified domain: no other organization gives an address of it
    Claim {
        /// Such as example.com
        domain: String,
    },
    /// Releases a claim; the domain stays verified
    Release {
        /// Such as example.com
        domain: String,
    },
    /// Removes a domain that is not claimed
    Remove {
        /// Such as example.com
        domain: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Lists people whose addresses are in domains that other organizations have claimed
    Conflicts,
}

#[derive(Deserialize)]
struct View {
    domain: String,
    shown: String,
    state: String,
    claimed: bool,
    record: Record,
    problem: Option<String>,
    verified_at: Option<String>,
    claimed_at: Option<String>,
    checked_at: Option<String>,
    lapses_at: Option<String>,
    people: Option<People>,
}

#[derive(Deserialize)]
struct Record {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct People {
    here: u64,
    elsewhere: Option<u64>,
}

#[derive(Deserialize)]
struct Conflict {
    id: String,
    user_name: String,
    domain: String,
}

pub(crate) async fn run(args: DomainArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    match args.command {
        DomainCommand::List => {
            let domains = client.list_all(&["domains"], &[]).await?;
            let hint = "No domains yet: ask for one with `instep domain add DOMAIN`.";
            output.list(&domains, hint, list_text)
        }
        DomainCommand::Show { domain } => {
            let found = client.get(&["domains", &domain], &[]).await?;
            output.answer(&found, |one: &View, _| details_text(one))
        }
        DomainCommand::Add { domain } => {
            let added = client
                .post_json(&["domains"], &json!({ "domain": domain }))
                .await?;
            output.answer(&added, |one: &View, _| record_text(one))
        }
        DomainCommand::Token { domain, renew } => {
            let found = if renew {
                client.post(&["domains", &domain, "token"], &[]).await?
            } else {
                client.get(&["domains", &domain], &[]).await?
            };
            output.answer(&found, |one: &View, _| record_text(one))
        }
        DomainCommand::Verify { domain } => {
            let verified = client.post(&["domains", &domain, "verify"], &[]).await?;
            output.answer(&verified, |one: &View, _| details_text(one))
        }
        DomainCommand::Claim { domain } => {
            let claimed = client.post(&["domains", &domain, "claim"], &[]).await?;
            output.answer(&claimed, |one: &View, _| details_text(one))
        }
        DomainCommand::Release { domain } => {
            client.delete(&["domains", &domain, "claim"], &[]).await?;
            output.value(&json!({ "domain": domain, "claimed": false }), |_| {
                format!("Released {domain}; it stays verified.\n")
            })
        }
        DomainCommand::Remove { domain, yes } => {
            confirm(yes.into(), &format!("Remove the domain {domain}?"))?;
            client.delete(&["domains", &domain], &[]).await?;
            output.value(&json!({ "domain": domain, "removed": true }), |_| {
                format!("Removed the domain {domain}.\n")
            })
        }
        DomainCommand::Conflicts => {
            let people = client.list_all(&["claimed-people"], &[]).await?;
            let hint = "Nobody has an address of a domain that another organization has claimed.";
            output.list(&people, hint, conflicts_text)
        }
    }
}

fn record_text(one: &View) -> String {
    format!(
        "Add this TXT record in the DNS, beside those that are there:\n\n  {}  TXT  \"{}\"\n\nThen:  instep domain verify {}\n",
        one.record.name, one.record.value, one.domain
    )
}

fn details_text(one: &View) -> String {
    let people = one.people.as_ref();
    details(&[
        ("Domain", one.domain.clone()),
        (
            "Reads",
            if one.shown == one.domain {
                String::new()
            } else {
                one.shown.clone()
            },
        ),
        ("State", one.state.clone()),
        ("Verified", optional_time(one.verified_at.as_ref())),
        ("Claimed", optional_time(one.claimed_at.as_ref())),
        ("Looked for", optional_time(one.checked_at.as_ref())),
        ("Problem", one.problem.clone().unwrap_or_default()),
        ("Lapses", optional_time(one.lapses_at.as_ref())),
        (
            "People here",
            people.map(|people| count(people.here)).unwrap_or_default(),
        ),
        (
            "Elsewhere",
            people
                .and_then(|people| people.elsewhere)
                .map(count)
                .unwrap_or_default(),
        ),
        ("TXT record", one.record.value.clone()),
    ])
}

fn list_text(domains: &[View]) -> String {
    let row = |one: &View| {
        [
            one.domain.clone(),
            one.state.clone(),
            yes_no(one.claimed),
            optional_time(one.checked_at.as_ref()),
            one.problem.clone().unwrap_or_default(),
        ]
    };
    table(
        ["domain", "state", "claimed", "looked for", "problem"],
        domains.iter().map(row),
    )
}

fn conflicts_text(people: &[Conflict]) -> String {
    let row = |one: &Conflict| [one.user_name.clone(), one.domain.clone(), one.id.clone()];
    table(["user name", "claimed domain", "id"], people.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_and_its_record() {
        let domain = r#"{"domain":"xn--bcher-kva.example","shown":"bücher.example","state":"verified","claimed":false,
            "record":{"type":"TXT","name":"xn--bcher-kva.example","value":"instep-domain-verification=0a1b"},
            "problem":"no_record","verified_at":"2026-11-21T09:30:00Z","claimed_at":null,
            "checked_at":"2026-11-22T09:30:00Z","lapses_at":"2026-12-06T09:30:00Z","people":{"here":12,"elsewhere":0}}"#;
        let domain: View = serde_json::from_str(domain).expect("a domain");
        insta::assert_snapshot!(details_text(&domain), @r"
        Domain:       xn--bcher-kva.example
        Reads:        bücher.example
        State:        verified
        Verified:     2026-11-21 09:30:00Z
        Looked for:   2026-11-22 09:30:00Z
        Problem:      no_record
        Lapses:       2026-12-06 09:30:00Z
        People here:  12
        Elsewhere:    0
        TXT record:   instep-domain-verification=0a1b
        ");
        insta::assert_snapshot!(record_text(&domain), @r#"
        Add this TXT record in the DNS, beside those that are there:

          xn--bcher-kva.example  TXT  "instep-domain-verification=0a1b"

        Then:  instep domain verify xn--bcher-kva.example
        "#);
        insta::assert_snapshot!(list_text(&[domain]), @r"
        DOMAIN                 STATE     CLAIMED  LOOKED FOR            PROBLEM
        xn--bcher-kva.example  verified  no       2026-11-22 09:30:00Z  no_record
        ");
    }
}
