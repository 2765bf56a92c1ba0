//! `instep app ways`

use serde::Deserialize;

use crate::client::Client;
use crate::output::{Output, optional_time, table};

#[derive(Debug, Deserialize)]
struct App {
    #[serde(default)]
    ways: Vec<Way>,
}

#[derive(Debug, Deserialize)]
struct Way {
    name: String,
    value: String,
    origin: String,
    seen_at: Option<String>,
}

pub(super) async fn run(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    let answer = client.get(&["apps", app], &[]).await?;
    output.answer(&answer, |app: &App, _| ways_text(&app.ways))
}

fn ways_text(ways: &[Way]) -> String {
    let row = |way: &Way| {
        [
            way.name.clone(),
            way.value.clone(),
            way.origin.clone(),
            optional_time(way.seen_at.as_ref()),
        ]
    };
    table(["way", "value", "from", "seen"], ways.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn value_and_origin_are_shown() {
        let ways = json!([
            {"name": "update", "value": "put", "origin": "observed", "seen_at": "2026-11-21T09:30:00Z"},
            {"name": "etag", "value": "no", "origin": "assumed", "seen_at": null}
        ]);
        let ways: Vec<Way> = serde_json::from_value(ways).expect("ways");
        let text = ways_text(&ways);
        for word in ["update", "put", "observed", "etag", "assumed"] {
            assert!(text.contains(word), "{word} in {text}");
        }
    }
}
