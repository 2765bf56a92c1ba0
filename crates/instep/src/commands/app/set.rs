//! `instep app set`

use std::path::PathBuf;

use base::Secret;
use clap::Args;
use serde_json::{Map, Value, json};

use super::list::App;
use crate::cli::key_value;
use crate::client::Client;
use crate::failure::Usage;
use crate::output::Output;
use crate::secrets;

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

    /// The token that the target accepts; it shows in the list of processes, so a file is better
    #[arg(long, value_name = "TOKEN", help_heading = "Target", value_parser = secrets::parser())]
    target_token: Option<Secret>,

    /// A file that holds the token that the target accepts
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    target_token_file: Option<PathBuf>,

    /// When that token expires, such as 2027-11-21T00:00:00Z
    #[arg(long, value_name = "TIME", help_heading = "Target")]
    target_token_expires_at: Option<base::Timestamp>,
}

pub(super) async fn run(client: &Client, args: &SetArgs, output: Output) -> anyhow::Result<()> {
    let token = secrets::resolve(args.target_token.as_ref(), args.target_token_file.as_deref())?;
    let body = request(args, token.as_ref());
    if body.is_empty() {
        return Err(Usage::error(
            "nothing to change was given: say KEY=VALUE, --name or --target-token-file",
        ));
    }
    let app = client.patch(&["apps", &args.app], &Value::Object(body)).await?;
    output.answer(&app, |app: &App, _| format!("{} is changed.", app.name))
}

fn request(args: &SetArgs, token: Option<&Secret>) -> Map<String, Value> {
    let mut body = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(key.to_owned(), value);
        }
    };
    put("name", args.name.as_ref().map(|name| json!(name)));
    put("token", token.map(|token| json!(token.expose())));
    put(
        "token_expires_at",
        args.target_token_expires_at.map(|time| json!(time)),
    );
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
        assert_eq!(Value::Object(request(&line.args, None)), expected);
        let line = Line::try_parse_from(["set", "Webex"]).expect("parses");
        assert_eq!(
            request(&line.args, Some(&Secret::new("t"))),
            *json!({"token": "t"}).as_object().expect("an object")
        );
    }
}
