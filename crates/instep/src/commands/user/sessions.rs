//! `instep user sessions`, `end-session` and `role`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::output::{Output, print, table, time};
use crate::plain::plain;

#[derive(Deserialize)]
struct Session {
    id: String,
    person: Person,
    created_at: String,
    last_used_at: String,
    client_ip: String,
    user_agent: String,
}

#[derive(Deserialize)]
struct Person {
    user_name: String,
}

pub(super) async fn list(client: &Client, user: Option<&str>, output: Output) -> anyhow::Result<()> {
    let query: Vec<(&str, &str)> = user.iter().map(|user| ("person", *user)).collect();
    let sessions = client.list_all(&["sessions"], &query).await?;
    output.list(&sessions, "Nobody is signed in.", list_text)
}

pub(super) async fn end(client: &Client, sessions: &[String], output: Output) -> anyhow::Result<()> {
    for session in sessions {
        client.delete(&["sessions", session], &[]).await?;
        if !output.is_json() {
            print(&format!("Ended the session {}.", plain(session)))?;
        }
    }
    if output.is_json() {
        crate::output::print_json(&json!({ "ended": sessions }))?;
    }
    Ok(())
}

pub(super) async fn give_role(client: &Client, user: &str, role: &str, output: Output) -> anyhow::Result<()> {
    let given: Value = client
        .put(&["people", user, "role"], &json!({ "role": role }))
        .await?;
    output.value(&given, |_| format!("{}: {}\n", plain(user), plain(role)))
}

fn list_text(sessions: &[Session]) -> String {
    let row = |session: &Session| {
        [
            session.person.user_name.clone(),
            time(&session.created_at),
            time(&session.last_used_at),
            session.client_ip.clone(),
            plain(&session.user_agent).chars().take(40).collect(),
            session.id.clone(),
        ]
    };
    let head = ["user", "since", "last used", "from", "browser", "id"];
    table(head, sessions.iter().map(row))
}
