//! `instep app presets`

use clap::Args;
use serde::Deserialize;

use super::mappings::{Mapping, rows_text};
use crate::client::Client;
use crate::output::{Output, table};

/// Lists the presets of attribute mappings, or shows one
#[derive(Debug, Args)]
pub(crate) struct PresetsArgs {
    /// Its name, such as webex-okta
    preset: Option<String>,
}

#[derive(Deserialize)]
struct Presets {
    items: Vec<Preset>,
}

#[derive(Deserialize)]
struct Preset {
    name: String,
    title: String,
    users_only: bool,
    why_no_others: Option<String>,
    mappings: Vec<Mapping>,
}

pub(super) async fn run(client: &Client, args: &PresetsArgs, output: Output) -> anyhow::Result<()> {
    match &args.preset {
        None => {
            let all = client.get(&["presets"], &[]).await?;
            output.answer(&all, |all: &Presets, _| list_text(&all.items))
        }
        Some(name) => {
            let one = client.get(&["presets", name], &[]).await?;
            output.answer(&one, |one: &Preset, _| preset_text(one))
        }
    }
}

fn list_text(presets: &[Preset]) -> String {
    let row = |preset: &Preset| {
        [
            preset.name.clone(),
            preset.title.clone(),
            preset.mappings.len().to_string(),
            if preset.users_only {
                "people"
            } else {
                "people, groups"
            }
            .to_owned(),
            if preset.why_no_others.is_some() {
                "no"
            } else {
                "yes"
            }
            .to_owned(),
        ]
    };
    table(
        ["name", "title", "mappings", "for", "can be extended"],
        presets.iter().map(row),
    )
}

fn preset_text(preset: &Preset) -> String {
    let rows = rows_text(&preset.mappings);
    match &preset.why_no_others {
        Some(why) => format!("{rows}\n\nNo other attribute can be mapped: {why}."),
        None => rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_there_are_no_others() {
        let preset = r#"{"name":"webex-okta","title":"Webex, as from Okta","users_only":true,"why_no_others":"six only",
            "switches":{},"mappings":[{"source":{"attribute":"user.title"},"target":"title","when_empty":"leave"}]}"#;
        let preset: Preset = serde_json::from_str(preset).expect("a preset");
        insta::assert_snapshot!(preset_text(&preset), @r"
        SOURCE      TARGET  MATCHING  APPLY   WHEN EMPTY  DEFAULT
        user.title  title             always  leave

        No other attribute can be mapped: six only.
        ");
        insta::assert_snapshot!(list_text(&[preset]), @r"
        NAME        TITLE                MAPPINGS  FOR     CAN BE EXTENDED
        webex-okta  Webex, as from Okta  1         people  no
        ");
    }
}
