//! `instep org reset-factors`: lets somebody in again whose second factor is lost, in the database itself.

use base::{Actor, OrgId};
use serde::Serialize;

use super::database::DatabaseArgs;
use super::reset_password::person_of;
use crate::wiring::House;

/// What `org reset-factors` answers.
#[derive(Debug, Serialize)]
pub(super) struct Reset {
    user_name: String,
    /// Whether there was any.
    removed: bool,
}

pub(super) async fn reset(database: &DatabaseArgs, org: OrgId, user: &str) -> anyhow::Result<Reset> {
    let house = House::open(&database.place()?).await?;
    let person = person_of(&house, org, user).await?;
    let cause = house.ambient.cause(Actor::operator());
    let had = house.access.reset_factors(&cause, org, person.id).await?;
    Ok(Reset {
        user_name: person.user_name,
        removed: had.any(),
    })
}

pub(super) fn reset_text(reset: &Reset) -> String {
    if reset.removed {
        format!(
            "{} has no second factor any more: the password alone lets in. All of the user's sessions have ended.\n",
            reset.user_name
        )
    } else {
        format!(
            "{} had no second factor. All of the user's sessions have ended.\n",
            reset.user_name
        )
    }
}
