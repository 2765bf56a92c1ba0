//! Ids or names in paths and bodies.

use base::OrgId;
use provisioning::App;
use store::groups::Group;
use store::users::User;

use super::Problem;
use crate::State;

/// The person of an id or userName, which may look like an id.
pub async fn person(state: &State, org: OrgId, name: &str) -> Result<User, Problem> {
    refuse_nul(name, "person.unknown")?;
    if let Ok(id) = name.parse() {
        match state.directory.user(org, id).await {
            Err(directory::Error::UnknownUser { .. }) => {}
            found => return Ok(found?),
        }
    }
    match state.directory.user_by_name(org, name).await? {
        Some(user) => Ok(user),
        None => Err(Problem::not_found(
            "person.unknown",
            format!("There is no person with the userName {name:?}"),
        )),
    }
}

/// The group of an id or display name, which may look like an id.
pub async fn group(state: &State, org: OrgId, name: &str) -> Result<Group, Problem> {
    refuse_nul(name, "group.unknown")?;
    if let Ok(id) = name.parse() {
        match state.directory.group(org, id).await {
            Err(directory::Error::UnknownGroup { .. }) => {}
            found => return Ok(found?),
        }
    }
    let mut found = state.directory.groups_by_name(org, name).await?;
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(Problem::not_found(
            "group.unknown",
            format!("There is no group called {name:?}"),
        )),
        (Some(group), true) => Ok(group),
        (Some(_), false) => {
            let detail = format!("Several groups are called {name:?}: say which by its id");
            Err(Problem::conflict("group.ambiguous", detail))
        }
    }
}

/// The app of an id or name.
pub async fn app(state: &State, org: OrgId, name: &str) -> Result<App, Problem> {
    refuse_nul(name, "app.unknown")?;
    let found = match name.parse() {
        Ok(id) => state.provisioning.app(org, id).await,
        Err(_) => state.provisioning.app_by_name(org, name).await,
    };
    found.map_err(|error| match error {
        provisioning::Error::UnknownApp => {
            Problem::not_found("app.unknown", format!("There is no app {name:?}"))
        }
        other => other.into(),
    })
}

/// The same, if people are provisioned there.
pub async fn provisioned_app(state: &State, org: OrgId, name: &str) -> Result<App, Problem> {
    let app = app(state, org, name).await?;
    if app.template.provisions() {
        return Ok(app);
    }
    let error = provisioning::Error::NoProvisioning {
        template: app.template,
        what: "provisioning",
    };
    Err(Problem::not_found(error.code(), error.to_string()))
}

/// No database is asked for what none can hold.
fn refuse_nul(name: &str, code: &str) -> Result<(), Problem> {
    base::canonical::refuse_nul(name)
        .map(drop)
        .map_err(|error| Problem::not_found(code, format!("Nothing is called {name:?}: {error}")))
}
