//! An entry of the log with everything that is known of it, step by step.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::diff::{self, Change, shown};
use crate::output::time;
use crate::plain::plain;

#[derive(Deserialize)]
pub(super) struct Entry {
    id: String,
    at: String,
    app: Option<String>,
    subject: Option<Subject>,
    action: String,
    status: String,
    source: Option<Source>,
    scope: Option<Scope>,
    #[serde(rename = "match")]
    found: Option<Found>,
    #[serde(default)]
    mappings: Vec<Mapping>,
    #[serde(default)]
    changes: Vec<Change>,
    #[serde(default)]
    exchanges: Vec<Exchange>,
    #[serde(default)]
    attempt: u64,
    next_attempt: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Subject {
    id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Source {
    active: bool,
    #[serde(default)]
    attributes: Map<String, Value>,
}

#[derive(Deserialize)]
struct Scope {
    in_scope: bool,
    text: String,
}

#[derive(Deserialize)]
struct Found {
    result: String,
    remote_id: Option<String>,
}

#[derive(Deserialize)]
struct Mapping {
    target: String,
    source: String,
    value: Value,
}

#[derive(Deserialize)]
struct Exchange {
    method: String,
    url: String,
    request: Option<Value>,
    status: Option<u16>,
    response: Option<Value>,
    #[serde(default)]
    duration_ms: u64,
    /// How many operations the bulk request had in which it travelled.
    bulk: Option<u64>,
    /// How many were looked for in the request of which this is a part.
    look_ups: Option<u64>,
}

pub(super) fn list_text(entries: &[Entry]) -> String {
    let texts: Vec<_> = entries.iter().map(text).collect();
    texts.join("\n")
}

pub(super) fn text(entry: &Entry) -> String {
    let mut text = String::new();
    // Writing into a text does not fail.
    let mut line = |indent: usize, words: &str| {
        let _ = writeln!(text, "{:indent$}{words}", "");
    };
    line(0, &heading(entry));
    if let Some(source) = &entry.source {
        let state = if source.active { "active" } else { "inactive" };
        line(2, &format!("Read: {state}"));
        for (name, value) in source.attributes.iter().filter(|(_, value)| !value.is_null()) {
            line(4, &format!("{}: {}", plain(name), shown(value)));
        }
    }
    if let Some(scope) = &entry.scope {
        let verdict = if scope.in_scope {
            "in scope"
        } else {
            "not in scope"
        };
        line(2, &format!("Scope: {verdict}: {}", plain(&scope.text)));
    }
    if let Some(found) = &entry.found {
        line(2, &format!("Account: {}", account(found)));
    }
    if !entry.mappings.is_empty() {
        line(2, "Mapped:");
    }
    for mapping in &entry.mappings {
        let source = match mapping.source.as_str() {
            "" => String::new(),
            source => format!("  (from {})", plain(source)),
        };
        line(
            4,
            &format!("{}: {}{source}", plain(&mapping.target), shown(&mapping.value)),
        );
    }
    if !entry.changes.is_empty() {
        line(2, "Different:");
    }
    for change in &entry.changes {
        line(4, &diff::change(change));
    }
    for exchange in &entry.exchanges {
        let answer = exchange
            .status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let together = match (exchange.bulk, exchange.look_ups) {
            (Some(operations), _) => format!(", in a bulk request of {operations}"),
            (None, Some(look_ups)) => format!(", in one request for {look_ups} people or groups"),
            (None, None) => String::new(),
        };
        let Exchange { method, url, .. } = exchange;
        line(
            2,
            &format!(
                "{method} {} → {answer}, {} ms{together}",
                plain(url),
                exchange.duration_ms
            ),
        );
        for (sign, body) in [("→", &exchange.request), ("←", &exchange.response)] {
            if let Some(body) = body {
                line(4, &format!("{sign} {}", plain(&body.to_string())));
            }
        }
    }
    text
}

/// When, what, whose, and how it ended.
fn heading(entry: &Entry) -> String {
    let who = entry.subject.as_ref();
    let who = who.map(|who| who.name.as_ref().unwrap_or(&who.id).as_str());
    let mut heading = format!(
        "{}  {}  {} {}: {}",
        time(&entry.at),
        plain(entry.app.as_deref().unwrap_or_default()),
        entry.action,
        plain(who.unwrap_or_default()),
        entry.status
    );
    if let Some(text) = entry.text.as_deref().filter(|text| !text.is_empty()) {
        heading.push_str(": ");
        heading.push_str(&plain(text));
    }
    if entry.attempt > 1 || entry.status != "success" {
        let _ = write!(heading, "; attempt {}", entry.attempt);
    }
    if let Some(next) = &entry.next_attempt {
        let _ = write!(heading, ", the next one {}", time(next));
    }
    let _ = write!(heading, "  [{}]", entry.id);
    heading
}

fn account(found: &Found) -> String {
    let id = found.remote_id.as_deref().map(plain).unwrap_or_default();
    match found.result.as_str() {
        "linked" => format!("known to be {id}"),
        "found" => format!("{id}, found by the matching attributes"),
        "absent" => "none was found by the matching attributes".to_owned(),
        _ => "could not be told".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn step_by_step() {
        let entry = json!({
            "id": "e-1", "at": "2026-11-21T09:30:00Z", "app": "Webex", "action": "update", "status": "failure",
            "subject": {"kind": "user", "id": "9", "name": "anna@example.com"},
            "source": {"version": 3, "active": true, "attributes": {"jobTitle": "Lead", "mobile": null}},
            "scope": {"in_scope": true, "code": "scope.group", "text": "a member of the assigned group Staff"},
            "match": {"result": "linked", "remote_id": "4711"},
            "mappings": [{"target": "title", "source": "[jobTitle]", "value": "Lead"},
                         {"target": "nickName", "source": "Redact([nickName])", "value": "[Redact]"}],
            "changes": [{"attribute": "title", "old": "Engineer", "new": "Lead"}],
            "exchanges": [{"method": "PATCH", "url": "https://h/Users/4711", "request": {"Operations": []},
                           "status": 503, "response": {"detail": "down"}, "duration_ms": 12},
                          {"method": "PATCH", "url": "https://h/Users/4711", "status": 503, "duration_ms": 12, "bulk": 7}],
            "attempt": 2, "next_attempt": "2026-11-21T09:31:00Z", "text": "the target failed"});
        let entry: Entry = serde_json::from_value(entry).expect("an entry");
        insta::assert_snapshot!(text(&entry), @r#"
        2026-11-21 09:30:00Z  Webex  update anna@example.com: failure: the target failed; attempt 2, the next one 2026-11-21 09:31:00Z  [e-1]
          Read: active
            jobTitle: Lead
          Scope: in scope: a member of the assigned group Staff
          Account: known to be 4711
          Mapped:
            title: Lead  (from [jobTitle])
            nickName: [Redact]  (from Redact([nickName]))
          Different:
            title: Engineer → Lead
          PATCH https://h/Users/4711 → 503, 12 ms
            → {"Operations":[]}
            ← {"detail":"down"}
          PATCH https://h/Users/4711 → 503, 12 ms, in a bulk request of 7
        "#);
    }

    #[test]
    fn little_is_known_of_an_old_one() {
        let entry =
            json!({"id": "e-1", "at": "2026-11-21T09:30:00Z", "action": "create", "status": "success"});
        let entry: Entry = serde_json::from_value(entry).expect("an entry");
        assert!(
            text(&entry).starts_with("2026-11-21 09:30:00Z"),
            "{}",
            text(&entry)
        );
    }
}
