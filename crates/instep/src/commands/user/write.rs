//! `instep user create` and `set`: somebody new, and what is known of people.

use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::arguments::key_value;
use crate::client::Client;
use crate::output::Output;

/// Brings somebody in
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  instep user create anna@example.com first_name=Anna last_name=Lind title=Engineer email=anna@example.com

Attributes: display_name, first_name, middle_name, last_name, email, title, department, employee_number, cost_center, manager
(id or user name), work_phone, mobile_phone, preferred_language, locale, timezone, external_id, active (true or false).")]
pub(super) struct CreateArgs {
    /// The user name
    user_name: String,

    /// Attributes, such as title=Engineer
    #[arg(value_name = "ATTRIBUTE=VALUE", value_parser = key_value)]
    attributes: Vec<(String, String)>,
}

/// Changes attributes of somebody; the apps follow
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep user set anna@example.com title=\"Lead engineer\" manager=bo@example.com
  instep user set anna@example.com mobile_phone=

An attribute without a value is cleared. Attributes: user_name, and those of `user create`.")]
pub(super) struct SetArgs {
    /// Id or user name
    user: String,

    /// Attributes, such as title=Engineer; title= clears
    #[arg(required = true, value_name = "ATTRIBUTE=VALUE", value_parser = key_value)]
    attributes: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    user_name: String,
}

pub(super) async fn create(client: &Client, args: &CreateArgs, output: Output) -> anyhow::Result<()> {
    let mut body = body(&args.attributes);
    body.insert("user_name".to_owned(), args.user_name.as_str().into());
    let person = client.post_json(&["people"], &body).await?;
    output.answer(&person, |person: &Person, _| {
        format!("Created {} ({}).\n", person.user_name, person.id)
    })
}

pub(super) async fn set(client: &Client, args: &SetArgs, output: Output) -> anyhow::Result<()> {
    let person = client
        .patch(&["people", &args.user], &body(&args.attributes))
        .await?;
    output.answer(&person, |person: &Person, _| {
        format!("Changed {}.\n", person.user_name)
    })
}

fn body(attributes: &[(String, String)]) -> Map<String, Value> {
    let value = |(name, text): &(String, String)| {
        let value = match (name.as_str(), text.as_str()) {
            (_, "") => Value::Null,
            ("active", "true") => true.into(),
            ("active", "false") => false.into(),
            _ => text.as_str().into(),
        };
        (name.clone(), value)
    };
    attributes.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_no_value_is_cleared() {
        let pairs = [
            ("title", ""),
            ("active", "false"),
            ("first_name", "true"),
            ("locale", "sv_SE"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let expected = json!({ "title": null, "active": false, "first_name": "true", "locale": "sv_SE" });
        assert_eq!(Value::Object(body(&pairs)), expected);
    }
}
