//! `instep app add`

use clap::{ArgGroup, Args, ValueEnum};
use serde_json::{Map, Value, json};
use url::Url;

use super::credentials::CredentialArgs;
use super::list::App;
use super::warned::{Verified, say_warnings};
use crate::arguments::key_value;
use crate::client::{Client, server_url};
use crate::failure::Usage;
use crate::output::Output;

/// Adds an app from a template
///
/// The target is given by --base-url, or by --org-id where the template knows the address, as `webex` does.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("target").args(["base_url", "org_id"]).multiple(true),
    after_help = "\
Examples:
  instep app add webex --org-id ORG --target-token-file token.txt --preset webex-entra
  instep app add scim --name Lab --base-url http://127.0.0.1:9000/v2 --target-token-file token.txt \\
      --scope all --set concurrency=8
  instep app add saml --name Wiki
  instep app add bookmark --name Canteen"
)]
pub(crate) struct AddArgs {
    /// What kind of app: webex, webex-government, scim, saml or bookmark; nobody is provisioned to the latter two
    template: String,

    /// What to call it [default: the template's title]
    #[arg(long)]
    name: Option<String>,

    /// The target's SCIM address
    #[arg(long, value_name = "URL", help_heading = "Target", value_parser = server_url)]
    base_url: Option<Url>,

    /// The organization's id at the target, where the template knows the address
    #[arg(long, value_name = "ID", help_heading = "Target")]
    org_id: Option<String>,

    /// Which of the target's offers the organization is in
    #[arg(long, value_enum, help_heading = "Target")]
    offer: Option<Offer>,

    #[command(flatten)]
    credentials: CredentialArgs,

    /// The attribute mappings to begin with [default: the template's]
    #[arg(long)]
    preset: Option<String>,

    /// Who is provisioned [default: assigned]
    #[arg(long, value_enum)]
    scope: Option<Scope>,

    /// What an empty attribute does to the target's [default: as the preset says]
    #[arg(long, value_enum, value_name = "WHAT")]
    when_empty: Option<WhenEmpty>,

    /// Add it paused
    #[arg(long)]
    no_activate: bool,

    /// A setting, such as concurrency=8 or delete=false; repeatable
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    settings: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Offer {
    Default,
    Government,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scope {
    /// People and groups that are assigned to the app
    Assigned,
    /// The same, and groups within those
    AssignedNested,
    /// Everyone
    All,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WhenEmpty {
    /// The target's attribute is cleared
    Clear,
    /// The target's attribute stays as it is
    Leave,
}

pub(super) async fn run(client: &Client, args: &AddArgs, output: Output) -> anyhow::Result<()> {
    let credentials = args.credentials.members()?;
    if !NOT_PROVISIONED.contains(&args.template.as_str()) {
        refuse_without_target(args, &credentials)?;
    }
    let app = client.post_json(&["apps"], &request(args, credentials)).await?;
    output.answer(&app, |app: &App, _| {
        let confirmation = Verified::confirmation(app.verified.as_ref());
        let next = if NOT_PROVISIONED.contains(&app.template.as_str()) {
            format!("Say how people sign in with `instep app sso set {}`", app.id)
        } else if confirmation.is_empty() {
            format!("Test it with `instep app test {}`", app.id)
        } else {
            format!("Say who is in it with `instep app assign {}`", app.id)
        };
        format!(
            "Added {} ({}), which is {}{confirmation}. {next}.",
            app.name, app.id, app.state
        )
    })?;
    say_warnings(&app)
}

/// The template `webex`, as it is offered to the government.
const GOVERNMENT: &str = "webex-government";
/// Templates of apps that people only sign in to.
const NOT_PROVISIONED: [&str; 2] = ["saml", "bookmark"];

fn refuse_without_target(args: &AddArgs, credentials: &Map<String, Value>) -> anyhow::Result<()> {
    if args.base_url.is_none() && args.org_id.is_none() {
        return Err(Usage::error(
            "no target was given: say --base-url URL, or --org-id ID where the template knows the address",
        ));
    }
    if !["token", "oauth"]
        .iter()
        .any(|name| credentials.contains_key(*name))
    {
        return Err(Usage::error(
            "no token for the target was given: put it into a file and say --target-token-file FILE, or say \
             --token-url",
        ));
    }
    Ok(())
}

/// The body of the request: what was left out is left to the server.
fn request(args: &AddArgs, credentials: Map<String, Value>) -> Value {
    let mut body = credentials;
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(key.to_owned(), value);
        }
    };
    // The same app at another offer of the target's.
    let is_government = args.template == GOVERNMENT;
    let template = if is_government { "webex" } else { &args.template };
    let title = is_government.then(|| "Webex for Government".to_owned());
    let offer = args.offer.or(is_government.then_some(Offer::Government));
    put("template", Some(json!(template)));
    put("name", args.name.clone().or(title).map(|name| json!(name)));
    put("base_url", args.base_url.as_ref().map(|url| json!(url.as_str())));
    put("org_id", args.org_id.as_ref().map(|id| json!(id)));
    put("offer", offer.map(word));
    put("preset", args.preset.as_ref().map(|preset| json!(preset)));
    put("scope", args.scope.map(word));
    put("when_empty", args.when_empty.map(word));
    put("activate", args.no_activate.then_some(json!(false)));
    put(
        "settings",
        (!args.settings.is_empty()).then(|| settings(&args.settings)),
    );
    Value::Object(body)
}

/// As the API spells it.
fn word<T: ValueEnum>(value: T) -> Value {
    value
        .to_possible_value()
        .map_or(Value::Null, |value| json!(value.get_name().replace('-', "_")))
}

/// Numbers, switches and other JSON as such, anything else as text; `ways.update` is `update` within `ways`.
pub(super) fn settings(pairs: &[(String, String)]) -> Value {
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    let mut settings = Map::new();
    for (key, value) in pairs {
        match key.split_once('.') {
            Some((group, key)) => {
                let group = settings.entry(group).or_insert_with(|| json!({}));
                if let Value::Object(group) = group {
                    group.insert(key.to_owned(), read(value));
                }
            }
            None => {
                settings.insert(key.clone(), read(value));
            }
        }
    }
    Value::Object(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: AddArgs,
    }

    fn body(words: &[&str]) -> Value {
        let line =
            Line::try_parse_from(["add"].iter().chain(words)).unwrap_or_else(|error| panic!("{error}"));
        request(&line.args, line.args.credentials.members().expect("credentials"))
    }

    #[test]
    fn what_is_left_out_is_left_to_the_server() {
        let body = body(&["webex", "--org-id", "o"]);
        assert_eq!(body, json!({"template": "webex", "org_id": "o"}));
    }

    #[test]
    fn webex_for_government_is_webex_at_another_offer() {
        let expected = json!({
            "template": "webex", "name": "Webex for Government", "org_id": "o", "offer": "government",
        });
        assert_eq!(body(&["webex-government", "--org-id", "o"]), expected);
        let own = body(&["webex-government", "--name", "Base", "--org-id", "o"]);
        assert_eq!(own["name"], "Base");
    }

    #[test]
    fn everything_that_was_said_is_sent() {
        let body = body(&[
            "scim",
            "--name",
            "Lab",
            "--base-url",
            "http://h:9/v2",
            "--preset",
            "plain",
            "--scope",
            "all",
            "--when-empty",
            "clear",
            "--no-activate",
            "--set",
            "concurrency=8",
            "--set",
            "delete=false",
            "--set",
            "greeting=a=b",
            "--set",
            "ways.update=put",
            "--set",
            "ways.etag=off",
            "--target-token-expires-at",
            "2027-11-21T00:00:00Z",
            "--offer",
            "government",
        ]);
        let expected = json!({
            "template": "scim", "name": "Lab", "base_url": "http://h:9/v2", "offer": "government",
            "token_expires_at": "2027-11-21T00:00:00Z", "preset": "plain", "scope": "all", "when_empty": "clear",
            "activate": false, "settings": {"concurrency": 8, "delete": false, "greeting": "a=b",
            "ways": {"update": "put", "etag": "off"}}});
        assert_eq!(body, expected);
    }

    #[test]
    fn words_are_spelt_as_the_api_spells_them() {
        let body = body(&["webex", "--org-id", "o", "--scope", "assigned-nested"]);
        assert_eq!(body["scope"], "assigned_nested");
    }

    #[test]
    fn a_target_is_needed_where_people_are_provisioned() {
        let line = Line::try_parse_from(["add", "webex"]).expect("parses");
        assert!(refuse_without_target(&line.args, &Map::new()).is_err());
        assert_eq!(
            body(&["saml", "--name", "Wiki"]),
            json!({"template": "saml", "name": "Wiki"})
        );
    }
}
