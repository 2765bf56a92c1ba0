//! `instep app list`, and the shape of an app.

use serde::Deserialize;

use super::warned::Verified;
use crate::client::Client;
use crate::output::{Output, table};

#[derive(Debug, Deserialize)]
pub(super) struct App {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) template: String,
    pub(super) state: String,
    pub(super) scope: String,
    #[serde(default)]
    pub(super) base_url: Option<String>,
    /// What was found of the target when the app was activated.
    #[serde(default)]
    pub(super) verified: Option<Verified>,
}

pub(super) async fn run(client: &Client, output: Output) -> anyhow::Result<()> {
    let apps = client.list_all(&["apps"], &[]).await?;
    output.list(
        &apps,
        "No apps yet: add one with `instep app add webex --org-id ID`.",
        list_text,
    )
}

fn list_text(apps: &[App]) -> String {
    let row = |app: &App| {
        [
            app.name.clone(),
            app.template.clone(),
            app.state.clone(),
            app.scope.clone(),
            app.base_url.clone().unwrap_or_default(),
            app.id.clone(),
        ]
    };
    table(
        ["name", "template", "state", "scope", "base url", "id"],
        apps.iter().map(row),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let app = r#"[{"id":"7","name":"Webex","template":"webex","preset":"webex-entra","state":"active",
            "base_url":"https://webexapis.com/identity/scim/o/v2","scope":"assigned","settings":{},"has_token":true}]"#;
        let apps: Vec<App> = serde_json::from_str(app).expect("apps");
        insta::assert_snapshot!(list_text(&apps), @r"
        NAME   TEMPLATE  STATE   SCOPE     BASE URL                                  ID
        Webex  webex     active  assigned  https://webexapis.com/identity/scim/o/v2  7
        ");
    }
}
