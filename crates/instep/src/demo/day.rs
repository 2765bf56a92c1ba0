//! A day in the life of a directory.

use anyhow::Result;
use serde_json::{Value, json};

use super::http::Http;

/// What the morning brings, in numbers.
#[derive(Debug, Default)]
pub(super) struct Morning {
    pub(super) hires: usize,
    pub(super) promotions: usize,
    pub(super) leavers: usize,
    /// Who leaves in the morning and is back in the afternoon.
    pub(super) returner: Option<String>,
    /// Who is gone for good.
    pub(super) gone: Vec<String>,
}

/// Who starts today, as the staff system writes it down.
const HIRES: &str = "\
userPrincipalName,displayName,givenName,surname,jobTitle,department,accountEnabled,usageLocation,city,telephoneNumber
noor.haddad@newcomers.example,Noor Haddad,Noor,Haddad,Data Engineer,Engineering,True,NL,Utrecht,+31 30 555 0142
tomas.ribeiro@newcomers.example,Tomás Ribeiro,Tomás,Ribeiro,Account Manager,Sales,True,PT,Porto,+351 22 555 0188
ingrid.solheim@newcomers.example,Ingrid Solheim,Ingrid,Solheim,Controller,Finance,True,NO,Bergen,
";

/// Both ways into the directory.
pub(super) struct Doors<'d> {
    pub(super) api: &'d Http,
    pub(super) scim: &'d Http,
}

/// The morning: people come, marry, rise, and leave in each of the three ways. `people` are active and in the group.
pub(super) async fn morning(doors: &Doors<'_>, group: &str, people: &[Value]) -> Result<Morning> {
    let mut morning = Morning::default();
    let share = |percent: usize| (people.len() * percent / 100).max(1);
    let mut rest = people.iter();
    let mut next = |count: usize| rest.by_ref().take(count).collect::<Vec<_>>();

    doors.api.import(HIRES.to_owned()).await?;
    let hired: Vec<_> = HIRES
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    doors
        .api
        .post(&format!("/groups/{group}/members"), json!({ "add": hired }))
        .await?;
    morning.hires = hired.len();

    for person in next(1) {
        let user_name = person["userName"].as_str().unwrap_or_default();
        let renamed = match user_name.split_once('@') {
            Some((_, domain)) => format!("{}.newname@{domain}", first_letters(user_name)),
            None => format!("{user_name}.newname"),
        };
        let changes = [
            ("userName", json!(renamed)),
            ("name.familyName", json!("Newname")),
        ];
        doors
            .scim
            .replace(&format!("/Users/{}", id(person)), &changes)
            .await?;
    }
    for person in next(share(2)) {
        let title = format!("Senior {}", person["title"].as_str().unwrap_or("Colleague"));
        doors
            .scim
            .replace(&format!("/Users/{}", id(person)), &[("title", json!(title))])
            .await?;
        morning.promotions += 1;
    }
    for person in next(share(1)) {
        doors
            .api
            .patch(&format!("/people/{}", id(person)), json!({ "active": false }))
            .await?;
        morning.leavers += 1;
    }
    for person in next(share(1)) {
        let leaves = json!({ "remove": [id(person)] });
        doors
            .api
            .post(&format!("/groups/{group}/members"), leaves)
            .await?;
        morning.leavers += 1;
    }
    for person in next(1) {
        doors.api.delete(&format!("/people/{}", id(person))).await?;
        morning
            .gone
            .push(person["userName"].as_str().unwrap_or_default().to_owned());
        morning.leavers += 1;
    }
    for person in next(1) {
        doors
            .api
            .patch(&format!("/people/{}", id(person)), json!({ "active": false }))
            .await?;
        morning.returner = Some(id(person).to_owned());
        morning.leavers += 1;
    }
    Ok(morning)
}

/// The afternoon: somebody is back.
pub(super) async fn afternoon(doors: &Doors<'_>, morning: &Morning) -> Result<()> {
    if let Some(returner) = &morning.returner {
        doors
            .api
            .patch(&format!("/people/{returner}"), json!({ "active": true }))
            .await?;
    }
    Ok(())
}

fn id(person: &Value) -> &str {
    person["id"].as_str().unwrap_or_default()
}

fn first_letters(user_name: &str) -> &str {
    user_name.split(['.', '@']).next().unwrap_or(user_name)
}
