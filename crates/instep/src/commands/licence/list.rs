//! Licences, and who has them.

use serde::Deserialize;

use crate::client::Client;
use crate::output::{Output, count, details, print_json, read, table, time};

/// As many people as are shown by name; all of them are in the JSON.
const SHOWN: usize = 50;

#[derive(Deserialize)]
pub(super) struct Licence {
    id: String,
    name: String,
    total: Option<u64>,
    consumed: u64,
    available: Option<u64>,
    waiting: u64,
    created_at: String,
}

#[derive(Deserialize)]
struct Holder {
    user_name: String,
    since: String,
}

/// A licence as a person's page shows it.
#[derive(Deserialize)]
pub(crate) struct OfPerson {
    name: String,
    state: String,
    text: Option<String>,
    #[serde(default)]
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct Source {
    kind: String,
    display_name: Option<String>,
}

pub(super) async fn list(client: &Client, output: Output) -> anyhow::Result<()> {
    let licences = client.list_all(&["licences"], &[]).await?;
    let hint = "No licences yet: add one with `instep licence add NAME`.";
    output.list(&licences, hint, list_text)
}

fn list_text(licences: &[Licence]) -> String {
    let row = |one: &Licence| {
        [
            one.name.clone(),
            many(one.total),
            count(one.consumed),
            many(one.available),
            count(one.waiting),
            one.id.clone(),
        ]
    };
    table(
        ["name", "total", "used", "left", "waiting", "id"],
        licences.iter().map(row),
    )
}

fn many(number: Option<u64>) -> String {
    number.map_or_else(|| "unlimited".to_owned(), count)
}

pub(super) async fn show(client: &Client, licence: &str, output: Output) -> anyhow::Result<()> {
    let mut answer = client.get(&["licences", licence], &[]).await?;
    let people = ["licences", licence, "people"];
    let given = client.list_all(&people, &[("state", "given")]).await?;
    let waiting = client.list_all(&people, &[("state", "waiting")]).await?;
    if output.is_json() {
        answer["given"] = given.into();
        answer["in_line"] = waiting.into();
        return print_json(&answer);
    }
    let mut text = licence_text(&read(&answer)?);
    for (title, people) in [("given to", given), ("waits", waiting)] {
        let holders: Vec<Holder> = people.iter().map(read).collect::<anyhow::Result<_>>()?;
        if !holders.is_empty() {
            let rows = holders.iter().take(SHOWN);
            let rows = rows.map(|one| [one.user_name.clone(), time(&one.since)]);
            text = format!("{text}\n{}\n", table([title, "since"], rows));
        }
        if holders.len() > SHOWN {
            let more = (holders.len() - SHOWN) as u64;
            text = format!(
                "{text}and {} more: see them all with --output json\n",
                count(more)
            );
        }
    }
    crate::output::print(&text)
}

pub(super) fn licence_text(one: &Licence) -> String {
    details(&[
        ("Name", one.name.clone()),
        ("Total", many(one.total)),
        ("Used", count(one.consumed)),
        ("Left", many(one.available)),
        ("Waiting", count(one.waiting)),
        ("Id", one.id.clone()),
        ("Created", time(&one.created_at)),
    ])
}

/// The licences of a person, with from where they come or why they do not.
pub(crate) fn of_person_text(licences: &[OfPerson]) -> String {
    let from = |one: &Source| match one.kind.as_str() {
        "direct" => "given directly".to_owned(),
        "organization" => "the organization's template".to_owned(),
        _ => format!(
            "the template of {}",
            one.display_name.as_deref().unwrap_or("a group that is gone")
        ),
    };
    let row = |one: &OfPerson| {
        let sources: Vec<_> = one.sources.iter().map(from).collect();
        [
            one.name.clone(),
            one.state.clone(),
            sources.join(", "),
            one.text.clone().unwrap_or_default(),
        ]
    };
    if licences.is_empty() {
        return "No licences.\n".to_owned();
    }
    table(["licence", "state", "from", "why"], licences.iter().map(row)) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_people() {
        let licences = r#"[{"id":"1","name":"Calling","total":250,"consumed":250,"available":0,"waiting":3,
            "created_at":"2026-11-21T09:30:00Z"},{"id":"2","name":"Messaging","total":null,"consumed":1200,
            "available":null,"waiting":0,"created_at":"2026-11-21T09:30:00Z"}]"#;
        let licences: Vec<Licence> = serde_json::from_str(licences).expect("licences");
        insta::assert_snapshot!(list_text(&licences), @r"
        NAME       TOTAL      USED   LEFT       WAITING  ID
        Calling    250        250    0          3        1
        Messaging  unlimited  1,200  unlimited  0        2
        ");
        let of_person = r#"[{"id":"1","name":"Calling","state":"waiting","text":"none is left",
            "sources":[{"kind":"group","id":"7","display_name":"Staff"}]}]"#;
        let of_person: Vec<OfPerson> = serde_json::from_str(of_person).expect("licences");
        insta::assert_snapshot!(of_person_text(&of_person), @r"
        LICENCE  STATE    FROM                   WHY
        Calling  waiting  the template of Staff  none is left
        ");
    }
}
