//! `instep user show`

use serde::Deserialize;

use crate::client::Client;
use crate::commands::licence::{OfPerson, of_person_text};
use crate::output::{Output, details, optional_time, table, time};
use crate::said::Said;

#[derive(Deserialize)]
struct Person {
    id: String,
    user_name: String,
    display_name: Option<String>,
    state: String,
    email: Option<String>,
    title: Option<String>,
    external_id: Option<String>,
    created_at: String,
    modified_at: String,
    invited_at: Option<String>,
    verified_at: Option<String>,
    last_sign_in_at: Option<String>,
    inactive_since: Option<String>,
    #[serde(default)]
    groups: Vec<GroupName>,
    #[serde(default)]
    licences: Vec<OfPerson>,
    #[serde(default)]
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct GroupName {
    display_name: String,
}

#[derive(Deserialize)]
struct Account {
    app: String,
    state: String,
    remote_id: Option<String>,
    error: Option<Said>,
    next_attempt: Option<String>,
}

pub(super) async fn run(client: &Client, user: &str, output: Output) -> anyhow::Result<()> {
    let person = client.get(&["people", user], &[]).await?;
    output.answer(&person, |person, _| show_text(person))
}

fn show_text(person: &Person) -> String {
    let groups: Vec<&str> = person
        .groups
        .iter()
        .map(|group| group.display_name.as_str())
        .collect();
    let head = details(&[
        ("Name", person.display_name.clone().unwrap_or_default()),
        ("User name", person.user_name.clone()),
        ("State", person.state.replace('_', " ")),
        ("E-mail", person.email.clone().unwrap_or_default()),
        ("Title", person.title.clone().unwrap_or_default()),
        ("External id", person.external_id.clone().unwrap_or_default()),
        ("Id", person.id.clone()),
        ("Created", time(&person.created_at)),
        ("Modified", time(&person.modified_at)),
        ("Invited", optional_time(person.invited_at.as_ref())),
        ("Verified", optional_time(person.verified_at.as_ref())),
        ("Last sign-in", optional_time(person.last_sign_in_at.as_ref())),
        ("Inactive since", optional_time(person.inactive_since.as_ref())),
        ("Groups", groups.join(", ")),
    ]);
    let head = if person.licences.is_empty() {
        head
    } else {
        format!("{head}\n{}", of_person_text(&person.licences))
    };
    if person.accounts.is_empty() {
        return head;
    }
    let row = |account: &Account| {
        [
            account.app.clone(),
            account.state.clone(),
            account.remote_id.clone().unwrap_or_default(),
            account
                .error
                .as_ref()
                .map(|error| error.text().to_owned())
                .unwrap_or_default(),
            optional_time(account.next_attempt.as_ref()),
        ]
    };
    let header = ["account in", "state", "id there", "error", "next attempt"];
    format!("{head}\n{}", table(header, person.accounts.iter().map(row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_groups_and_accounts() {
        let person = r#"{"id":"0193","user_name":"anna@example.com","display_name":"Anna Lindqvist","active":true,"state":"active",
            "email":"anna@example.com","title":null,"external_id":null,"version":3,
            "verified_at":"2026-11-21T10:00:00Z","last_sign_in_at":"2026-11-22T08:00:00Z",
            "created_at":"2026-11-21T09:30:00Z","modified_at":"2026-11-22T10:00:00.5Z",
            "resource":{},"groups":[{"id":"1","display_name":"Engineering"},{"id":"2","display_name":"Stockholm"}],
            "accounts":[{"app":"Webex","app_id":"7","state":"failing","remote_id":null,
                         "error":"The target answered 500.","next_attempt":"2026-11-22T10:05:00Z"}]}"#;
        let person: Person = serde_json::from_str(person).expect("a person");
        insta::assert_snapshot!(show_text(&person), @r"
        Name:          Anna Lindqvist
        User name:     anna@example.com
        State:         active
        E-mail:        anna@example.com
        Id:            0193
        Created:       2026-11-21 09:30:00Z
        Modified:      2026-11-22 10:00:00Z
        Verified:      2026-11-21 10:00:00Z
        Last sign-in:  2026-11-22 08:00:00Z
        Groups:        Engineering, Stockholm

        ACCOUNT IN  STATE    ID THERE  ERROR                     NEXT ATTEMPT
        Webex       failing            The target answered 500.  2026-11-22 10:05:00Z
        ");
    }
}
