//! `instep app set`

use clap::Args;
use serde_json::{Map, Value, json};

use super::credentials::CredentialArgs;
use super::list::App;
use super::warned::say_warnings;
use crate::arguments::key_value;
use crate::client::Client;
use crate::failure::Usage;
use crate::output::Output;

/// Changes an app: its name, its settings, the token that the target accepts
///
/// A change of scope or switches looks at everyone anew; links stay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app set Webex concurrency=16 delete=false
  instep app set Webex --target-token-file new-token.txt")]
pub(crate) struct SetArgs {
    /// Id or name
    app: String,

    /// Settings, such as concurrency=8, scope=all or base_url=https://…
    #[arg(value_name = "KEY=VALUE", value_parser = key_value)]
    settings: Vec<(String, String)>,

    /// What to call it from now on
    #[arg(long)]
    name: Option<String>,

    #[command(flatten)]
    credentials: CredentialArgs,
}

pub(super) async fn run(client: &Client, args: &SetArgs, output: Output) -> anyhow::Result<()> {
    let body = request(args, args.credentials.members()?);
    if body.is_empty() {
        return Err(Usage::error(
            "nothing to change was given: say KEY=VALUE, --name or --target-token-file",
        ));
    }
    let app = client.patch(&["apps", &args.app], &Value::Object(body)).await?;
    say_warnings(&app)?;
    output.answer(&app, |app: &App, _| format!("{} is changed.", app.name))
}

fn request(args: &SetArgs, credentials: Map<String, Value>) -> Map<String, Value> {
    let mut body = credentials;
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(key.to_owned(), value);
        }
    };
    put("name", args.name.as_ref().map(|name| json!(name)));
    put(
        "settings",
        (!args.settings.is_empty()).then(|| super::add::settings(&args.settings)),
    );
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: SetArgs,
    }

    #[test]
    fn only_what_was_said_is_sent() {
        let line = Line::try_parse_from(["set", "Webex", "concurrency=16", "scope=all"]).expect("parses");
        let expected = json!({"settings": {"concurrency": 16, "scope": "all"}});
        assert_eq!(Value::Object(request(&line.args, Map::new())), expected);
        let line = Line::try_parse_from(["set", "Webex"]).expect("parses");
        assert_eq!(
            request(
                &line.args,
                json!({"token": "t"}).as_object().expect("an object").clone()
            ),
            *json!({"token": "t"}).as_object().expect("an object")
        );
    }
}
