//! Where one comes in: which organization, and how its single sign-on stands.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{CONSOLE, Console, Said, is_for};
use crate::State;
use crate::api::Problem;
use crate::middleware::context::SignedIn;
use crate::pages::{acting, page};

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage<'a> {
    console: &'a Console,
    said: &'a Said,
    sso_active: bool,
    providers: usize,
    providers_active: usize,
    apps: usize,
    apps_active: usize,
}

/// `GET /console`: to the own organization's, unless somebody administers others.
pub async fn choose(Extract(state): Extract<State>, SignedIn(visitor): SignedIn) -> Response {
    let own = is_for(visitor.role);
    let address = |org| format!("{CONSOLE}/{org}");
    let text = "Which organization do you want to administer?";
    match acting::choose(&state, &visitor, text, own, &address).await {
        Ok(Some(choice)) => choice,
        Ok(None) => page::see_other(&address(visitor.org)),
        Err(error) => page::troubled(&error),
    }
}

/// `GET /console/{org}`.
pub async fn show(Extract(state): Extract<State>, console: Console) -> Response {
    match read(&state, &console).await {
        Ok(page) => console.page(page.said, &page),
        Err(problem) => console.failure(problem),
    }
}

async fn read<'a>(state: &State, console: &'a Console) -> Result<OverviewPage<'a>, Problem> {
    let (org, federation) = (console.org, &state.federation);
    let providers = federation.providers(org).await?;
    let apps = federation.all_sso(&state.config.public_url, org).await?;
    Ok(OverviewPage {
        console,
        said: &Said::Nothing,
        sso_active: federation.sso(org).await?.active,
        providers: providers.len(),
        providers_active: providers.iter().filter(|one| one.active).count(),
        apps: apps.len(),
        apps_active: apps.iter().filter(|one| one.active).count(),
    })
}
