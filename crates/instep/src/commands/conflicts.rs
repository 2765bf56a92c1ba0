//! `instep org conflicts`: who has an address of a domain that another organization has claimed, for whoever runs the server.

use serde::Serialize;

use super::database::DatabaseArgs;
use crate::output::table;
use crate::wiring::House;

const PAGE: u32 = 1_000;

#[derive(Debug, Serialize)]
pub(crate) struct Conflict {
    domain: String,
    claimed_by: Option<String>,
    organization_id: String,
    user_id: String,
    user_name: String,
}

pub(crate) async fn find(database: &DatabaseArgs) -> anyhow::Result<Vec<Conflict>> {
    let house = House::open(&database.place()?).await?;
    let mut all = Vec::new();
    for organization in house.directory.organizations().await? {
        let mut after = None;
        loop {
            let org = organization.id;
            let people = house.directory.people_claimed_elsewhere(org, after, PAGE).await?;
            after = people.last().map(|one| one.user);
            for one in people {
                let holder = house.directory.domain_holder(&one.domain).await?;
                all.push(Conflict {
                    domain: one.domain,
                    claimed_by: holder.map(|holder| holder.to_string()),
                    organization_id: org.to_string(),
                    user_id: one.user.to_string(),
                    user_name: one.user_name,
                });
            }
            if after.is_none() {
                break;
            }
        }
    }
    Ok(all)
}

pub(crate) fn text(all: &[Conflict]) -> String {
    if all.is_empty() {
        return "Nobody has an address of a domain that another organization has claimed.\n".to_owned();
    }
    let row = |one: &Conflict| {
        [
            one.domain.clone(),
            one.claimed_by.clone().unwrap_or_default(),
            one.user_name.clone(),
            one.organization_id.clone(),
            one.user_id.clone(),
        ]
    };
    table(
        ["domain", "claimed by", "user name", "in", "user id"],
        all.iter().map(row),
    )
}
