//! `instep user list`

use std::num::NonZeroUsize;

use clap::Args;
use serde::Deserialize;

use crate::client::Client;
use crate::failure::say;
use crate::output::{Output, count, table};

/// Lists people
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep user list --state pending
  instep user list --role any
  instep user list --filter 'emails.value ew \"@example.com\" and title pr' --limit 1000")]
pub(crate) struct ListArgs {
    /// Only those that a SCIM filter lets through (RFC 7644 §3.4.2.2)
    #[arg(long)]
    filter: Option<String>,

    /// Only those in a state: active, verified, pending, not_verified, inactive
    #[arg(long)]
    state: Option<String>,

    /// Only those with a role: id_full_admin, id_user_admin, id_group_admin, id_support_admin, id_readonly_admin,
    /// id_compliance_officer, or any
    #[arg(long)]
    role: Option<String>,

    /// How many people to list at most
    #[arg(long, value_name = "N", default_value = "100")]
    limit: NonZeroUsize,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    user_name: String,
    display_name: Option<String>,
    state: String,
    /// Servers before there was one in the list do not say.
    role: Option<String>,
    title: Option<String>,
}

pub(super) async fn run(client: &Client, args: &ListArgs, output: Output) -> anyhow::Result<()> {
    let query: Vec<(&str, &str)> = args
        .filter
        .iter()
        .map(|filter| ("filter", filter.as_str()))
        .chain(args.state.iter().map(|state| ("state", state.as_str())))
        .chain(args.role.iter().map(|role| ("role", role.as_str())))
        .collect();
    let people = client.list(&["people"], &query, args.limit.get()).await?;
    let when_empty = match (&args.filter, &args.state, &args.role) {
        (Some(_), None, None) => "Nobody fits the filter.",
        (None, Some(_), None) => "Nobody is in this state.",
        (None, None, Some(_)) => "Nobody has this role.",
        (None, None, None) => "Nobody yet: bring people in with `instep user import FILE`.",
        _ => "Nobody fits all of it.",
    };
    output.list(&people.items, when_empty, list_text)?;
    if people.has_more && !output.is_json() {
        let shown = count(people.items.len() as u64);
        match people.total {
            Some(total) => say(&format!(
                "{shown} of {} are shown: ask for more with --limit.",
                count(total)
            )),
            None => say(&format!(
                "{shown} are shown, and there may be more: ask for them with --limit."
            )),
        }
    }
    Ok(())
}

fn list_text(people: &[Person]) -> String {
    let row = |person: &Person| {
        [
            person.user_name.clone(),
            person.display_name.clone().unwrap_or_default(),
            person.state.replace('_', " "),
            person
                .role
                .clone()
                .filter(|role| role != "none")
                .unwrap_or_default(),
            person.title.clone().unwrap_or_default(),
            person.id.clone(),
        ]
    };
    table(
        ["user name", "name", "state", "role", "title", "id"],
        people.iter().map(row),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_without_a_name_or_title_have_their_line_too() {
        let people = r#"[{"id":"1","user_name":"anna@example.com","display_name":"Anna Lindqvist","active":true,"state":"not_verified","role":"id_full_admin",
                          "email":"anna@example.com","title":"Engineer","external_id":null},
                         {"id":"2","user_name":"print-room","display_name":null,"active":false,"state":"inactive","role":"none","title":null}]"#;
        let people: Vec<Person> = serde_json::from_str(people).expect("people");
        insta::assert_snapshot!(list_text(&people), @r"
        USER NAME         NAME            STATE         ROLE           TITLE     ID
        anna@example.com  Anna Lindqvist  not verified  id_full_admin  Engineer  1
        print-room                        inactive                               2
        ");
    }
}
