//! `instep partner`: people of other organizations who administer this one.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::json;

use crate::client::{Client, ServerArgs};
use crate::confirm::confirm;
use crate::output::{Output, details, table, time};

/// Lets people of other organizations administer yours, as full administrators
#[derive(Debug, Args)]
pub(crate) struct PartnerArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: PartnerCommand,
}

#[derive(Debug, Subcommand)]
enum PartnerCommand {
    /// Offers somebody to be a full administrator; it can be taken up for 30 days
    ///
    /// The answer is the same whether there are such an organization and such a person or not. Whoever signs in there
    /// under this name finds the offer on the account's page, and takes it up or declines it.
    #[command(after_help = "\
Example:
  instep partner offer 0193c2b0-7a1e-7000-8000-5f2d9c1b4e6a anna@partner.example")]
    Offer {
        /// The id of the organization that the person belongs to
        organization: String,
        /// The person's user name there
        user: String,
    },
    /// Lists the partners, and offers that nobody has taken up
    List,
    /// Shows a partner or an offer
    Show {
        /// The id, as `partner list` shows it
        partner: String,
    },
    /// Withdraws an offer, or a partner's role with all tokens that came of it
    Withdraw {
        /// The id, as `partner list` shows it
        partner: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Deserialize)]
struct Partner {
    id: String,
    organization: Organization,
    user_name: String,
    role: String,
    state: String,
    offered_at: String,
    lapses_at: String,
    taken_up_at: Option<String>,
}

#[derive(Deserialize)]
struct Organization {
    id: String,
    /// Of a partner who has taken it up.
    name: Option<String>,
}

impl Organization {
    fn text(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.id),
            None => self.id.clone(),
        }
    }
}

pub(crate) async fn run(args: PartnerArgs, output: Output) -> anyhow::Result<()> {
    let server = Client::new(&args.server)?;
    match args.command {
        PartnerCommand::Offer { organization, user } => {
            let body = json!({ "organization_id": organization, "user_name": user });
            let partner = server.post_json(&["partners"], &body).await?;
            output.answer(&partner, |partner: &Partner, _| show_text(partner))
        }
        PartnerCommand::List => {
            let partners = server.list_all(&["partners"], &[]).await?;
            output.list(
                &partners,
                "No partners: offer somebody to be one with `instep partner offer ORGANIZATION USER`.",
                list_text,
            )
        }
        PartnerCommand::Show { partner } => {
            let partner = server.get(&["partners", &partner], &[]).await?;
            output.answer(&partner, |partner: &Partner, _| show_text(partner))
        }
        PartnerCommand::Withdraw { partner, yes } => {
            let question = format!(
                "Withdraw what was offered to the partner {partner}? All tokens that came of it open nothing from then on."
            );
            confirm(yes.into(), &question)?;
            server.delete(&["partners", &partner], &[]).await?;
            output.value(&json!({ "partner": partner, "withdrawn": true }), |_| {
                format!("Withdrew what was offered to the partner {partner}.\n")
            })
        }
    }
}

fn show_text(partner: &Partner) -> String {
    let mut lines = vec![
        ("Id", partner.id.clone()),
        ("User", partner.user_name.clone()),
        ("Organization", partner.organization.text()),
        ("Role", partner.role.clone()),
        ("State", partner.state.clone()),
        ("Offered", time(&partner.offered_at)),
    ];
    lines.push(match &partner.taken_up_at {
        Some(at) => ("Taken up", time(at)),
        None => ("Lapses", time(&partner.lapses_at)),
    });
    details(&lines)
}

fn list_text(partners: &[Partner]) -> String {
    let row = |partner: &Partner| {
        [
            partner.user_name.clone(),
            partner.organization.text(),
            partner.state.clone(),
            time(&partner.offered_at),
            partner.id.clone(),
        ]
    };
    table(
        ["user", "organization", "state", "offered", "id"],
        partners.iter().map(row),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_says_until_when_and_a_partner_since_when() {
        let text = r#"{"id":"0193","organization":{"id":"0194","name":null},"user_name":"anna@partner.example",
            "user_id":null,"role":"id_full_admin","state":"offered","offered_at":"2026-11-21T09:30:00Z",
            "lapses_at":"2026-12-21T09:30:00Z","taken_up_at":null}"#;
        let mut partner: Partner = serde_json::from_str(text).expect("a partner");
        let offered = show_text(&partner);
        assert!(
            offered.contains("Lapses") && !offered.contains("Taken up"),
            "{offered}"
        );
        partner.organization.name = Some("Partner".to_owned());
        partner.taken_up_at = Some("2026-11-22T09:30:00Z".to_owned());
        let taken = show_text(&partner);
        assert!(
            taken.contains("Taken up") && taken.contains("Partner (0194)"),
            "{taken}"
        );
        assert!(list_text(&[partner]).contains("anna@partner.example"));
    }
}
