//! `instep app mappings`

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::file;
use crate::client::Client;
use crate::failure::say;
use crate::output::{Output, read, table};

/// Shows an app's attribute mappings, or sets them from a file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app mappings Webex
  instep app mappings Webex --output json > mappings.json
  instep app mappings Webex --set mappings.json
  instep app mappings Webex --kind group")]
pub(crate) struct MappingsArgs {
    /// Id or name
    app: String,

    /// A JSON file with the mappings to have from now on, as --output json prints them; - for standard input
    #[arg(long = "set", value_name = "FILE")]
    file: Option<PathBuf>,

    /// Of people or of groups
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,
}

/// Whose mappings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Kind {
    #[default]
    User,
    Group,
}

impl Kind {
    /// As the API is asked for it.
    pub(super) fn query(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::User => &[],
            Self::Group => &[("kind", "group")],
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Mappings {
    mappings: Vec<Mapping>,
}

#[derive(Deserialize)]
pub(super) struct Mapping {
    pub(super) source: Source,
    target: String,
    matching: Option<u8>,
    apply: Option<String>,

    when_empty: Option<String>,

    default_value: Option<String>,
}

/// `"none"`, or one of three, the last of them maybe with its language.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Source {
    Word(String),
    From {
        attribute: Option<String>,
        constant: Option<String>,
        expression: Option<String>,
        language: Option<String>,
    },
}

pub(super) async fn run(client: &Client, args: &MappingsArgs, output: Output) -> anyhow::Result<()> {
    let path = ["apps", &args.app, "mappings"];
    let query = args.kind.query();
    let Some(path_of_file) = &args.file else {
        let mappings = client.get(&path, query).await?;
        return output.answer(&mappings, |found: &Mappings, _| mappings_text(found));
    };
    let wanted = request(&file::contents(path_of_file)?)
        .with_context(|| format!("cannot use {}", path_of_file.display()))?;
    let answer = client.json(Method::PUT, &path, query, &wanted).await?;
    let mappings = if answer.is_null() {
        client.get(&path, query).await?
    } else {
        answer
    };
    let found: Mappings = read(&mappings)?;
    say(&format!(
        "{} has {} mappings from now on.",
        args.app,
        found.mappings.len()
    ));
    output.answer(&mappings, |found: &Mappings, _| mappings_text(found))
}

/// The rows that a file holds.
pub(super) fn from_file(path: &Path) -> anyhow::Result<Value> {
    let read = request(&file::contents(path)?);
    let mut read = read.with_context(|| format!("cannot use {}", path.display()))?;
    Ok(read["mappings"].take())
}

/// The rows alone will do as well as the object around them.
pub(super) fn request(text: &str) -> anyhow::Result<Value> {
    match serde_json::from_str(text).context("it is not JSON")? {
        Value::Array(rows) => Ok(json!({ "mappings": rows })),
        Value::Object(object) if object.get("mappings").is_some_and(Value::is_array) => {
            Ok(Value::Object(object))
        }
        _ => anyhow::bail!(
            "it holds no mappings: it should be {{\"mappings\": […]}}, as --output json prints it"
        ),
    }
}

pub(super) fn mappings_text(all: &Mappings) -> String {
    rows_text(&all.mappings)
}

pub(super) fn rows_text(mappings: &[Mapping]) -> String {
    let row = |mapping: &Mapping| {
        [
            source_text(&mapping.source),
            mapping.target.clone(),
            mapping
                .matching
                .map(|precedence| precedence.to_string())
                .unwrap_or_default(),
            apply_text(mapping.apply.as_deref()),
            mapping.when_empty.clone().unwrap_or_default(),
            mapping.default_value.clone().unwrap_or_default(),
        ]
    };
    table(
        ["source", "target", "matching", "apply", "when empty", "default"],
        mappings.iter().map(row),
    )
}

fn apply_text(apply: Option<&str>) -> String {
    match apply {
        None => "always".to_owned(),
        Some("only_on_create") => "only on create".to_owned(),
        Some(other) => other.to_owned(),
    }
}

pub(super) fn source_text(source: &Source) -> String {
    match source {
        Source::Word(word) => format!("({word})"),
        Source::From {
            attribute: Some(name),
            ..
        } => name.clone(),
        Source::From {
            constant: Some(text), ..
        } => format!("{text:?}"),
        Source::From {
            expression, language, ..
        } => {
            let text = format!("= {}", expression.as_deref().unwrap_or_default());
            match language {
                Some(language) => format!("{text} ({language})"),
                None => text,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_where_values_come_from_and_go() {
        let all = json!({"mappings": [
            {"source": {"attribute": "userPrincipalName"}, "target": "userName", "matching": 1, "apply": "always",
             "when_empty": "leave", "default_value": null},
            {"source": {"expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")"},
             "target": "active", "apply": "always", "when_empty": "leave"},
            {"source": {"constant": "work"}, "target": "userType", "apply": "only_on_create", "when_empty": "clear"},
            {"source": {"expression": "user.login", "language": "okta"}, "target": "nickName"},
            {"source": "none", "target": "title"}]});
        let all: Mappings = serde_json::from_value(all).expect("mappings");
        insta::assert_snapshot!(mappings_text(&all), @r#"
        SOURCE                                                         TARGET    MATCHING  APPLY           WHEN EMPTY  DEFAULT
        userPrincipalName                                              userName  1         always          leave
        = Switch([IsSoftDeleted], , "False", "True", "True", "False")  active              always          leave
        "work"                                                         userType            only on create  clear
        = user.login (okta)                                            nickName            always
        (none)                                                         title               always
        "#);
    }

    #[test]
    fn a_file_may_hold_the_rows_alone() {
        assert_eq!(request("[]").expect("rows"), json!({"mappings": []}));
        assert_eq!(
            request(r#"{"mappings": []}"#).expect("an object"),
            json!({"mappings": []})
        );
        for wrong in ["{}", "7", "{"] {
            assert!(request(wrong).is_err(), "{wrong}");
        }
    }
}
