//! `instep org reset-password`: lets somebody in again whose password is lost, in the database itself.

use base::{Actor, OrgId};
use serde::Serialize;
use store::users::User;

use super::database::DatabaseArgs;
use crate::output::details;
use crate::secrets::Disclosed;
use crate::wiring::House;

/// What `org reset-password` answers.
#[derive(Debug, Serialize)]
pub(super) struct Recovered {
    user_name: String,
    /// What to sign in with; nothing for somebody without an e-mail address.
    address: Option<String>,
    password: Disclosed,
}

pub(super) async fn reset(database: &DatabaseArgs, org: OrgId, user: &str) -> anyhow::Result<Recovered> {
    let house = House::open(&database.place()?).await?;
    let person = person_of(&house, org, user).await?;
    let cause = house.ambient.cause(Actor::operator());
    let reset = house.access.reset_password(&cause, org, person.id).await?;
    Ok(Recovered {
        user_name: reset.user_name,
        address: reset.address,
        password: Disclosed(reset.password),
    })
}

/// Somebody of an organization, by id or user name.
pub(super) async fn person_of(house: &House, org: OrgId, user: &str) -> anyhow::Result<User> {
    house.directory.organization(org).await?;
    let person = match user.parse() {
        Ok(id) => house.directory.user(org, id).await.ok(),
        Err(_) => house.directory.user_by_name(org, user).await?,
    };
    person.ok_or_else(|| anyhow::anyhow!("there is nobody with the id or user name {user:?}"))
}

pub(super) fn recovered_text(recovered: &Recovered) -> String {
    let address = recovered
        .address
        .clone()
        .unwrap_or_else(|| "none: without an e-mail address nobody can sign in".to_owned());
    let lines = details(&[
        ("User", recovered.user_name.clone()),
        ("Signs in with", address),
        ("Password", recovered.password.0.expose().to_owned()),
    ]);
    lines
        + "The password is shown this once, and is to be changed at the next sign-in. All of the user's sessions have ended, and \
           so has what the user let clients do or made by signing in.\n"
}
