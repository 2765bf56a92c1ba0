//! `instep user import`

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde::Deserialize;

use crate::client::Client;
use crate::diff::{Change, changes};
use crate::failure::{Reported, say};
use crate::output::{Output, count, counted, read, table};
use crate::plain::plain;
use crate::progress::Bar;

/// As many problems as are said one by one; all of them are in the JSON.
const PROBLEMS_SHOWN: usize = 50;

/// Brings people in from a CSV file
///
/// Reads the files that admins have, by their headers: Entra ID's "Download users", Control Hub's and
/// JumpCloud's exports, and columns named as SCIM names them; in any order, with commas or semicolons,
/// in UTF-8 or Windows-1252. A row with a problem is named with its line, and the others go in. Importing
/// the same file twice changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep user import staff.csv --dry-run
  instep user import - < staff.csv")]
pub(crate) struct ImportArgs {
    /// The CSV file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Deserialize)]
struct Report {
    dry_run: bool,
    format: String,
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    #[serde(default)]
    problems: Vec<Problem>,
    #[serde(default)]
    warnings: Vec<Problem>,
    #[serde(default)]
    ignored_columns: Vec<String>,
    #[serde(default)]
    people: Vec<Person>,
}

#[derive(Debug, Deserialize)]
struct Problem {
    line: u64,
    message: String,
}

#[derive(Debug, Deserialize)]
struct Person {
    line: u64,
    user_name: String,
    action: String,
    #[serde(default)]
    changes: Vec<Change>,
}

impl Report {
    fn has_taken_nothing(&self) -> bool {
        !self.problems.is_empty() && self.created + self.updated + self.unchanged == 0
    }
}

pub(super) async fn run(client: &Client, args: &ImportArgs, output: Output) -> anyhow::Result<()> {
    let file = contents(&args.file)?;
    let dry_run = if args.dry_run { "true" } else { "false" };
    let bar = Bar::start("importing");
    let answer = client
        .import(file, &[("dry_run", dry_run)], |progress| bar.set(progress))
        .await;
    drop(bar);
    let answer = answer?;

    let report: Report = read(&answer)?;
    output.answer(&answer, |report, _| report_text(report))?;
    for line in complaints(&report) {
        say(&line);
    }
    if report.has_taken_nothing() {
        Err(Reported.into())
    } else {
        Ok(())
    }
}

fn contents(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn report_text(report: &Report) -> String {
    let verb = if report.dry_run { "would be " } else { "" };
    let summary = format!(
        "{}, read as {}: {} {verb}created, {} {verb}updated, {} unchanged, {}.\n",
        counted(report.rows, "row", "rows"),
        format_name(&report.format),
        count(report.created),
        count(report.updated),
        count(report.unchanged),
        counted(
            report.problems.len() as u64,
            "row with a problem",
            "rows with problems"
        ),
    );
    let ignored = match report.ignored_columns.as_slice() {
        [] => String::new(),
        columns => format!("Columns that were not read: {}.\n", plain(&columns.join(", "))),
    };
    people_text(&report.people) + &summary + &ignored
}

fn people_text(people: &[Person]) -> String {
    let mut rows = people
        .iter()
        .filter(|person| person.action != "unchanged")
        .peekable();
    if rows.peek().is_none() {
        return String::new();
    }
    let row = |person: &Person| {
        [
            person.line.to_string(),
            person.action.clone(),
            person.user_name.clone(),
            changes_text(person),
        ]
    };
    table(["line", "action", "user name", "changes"], rows.map(row)) + "\n\n"
}

/// Of someone new there is nothing to compare with.
fn changes_text(person: &Person) -> String {
    if person.action == "create" {
        String::new()
    } else {
        changes(&person.changes)
    }
}

fn format_name(format: &str) -> &str {
    match format {
        "entra_id" => "Entra ID",
        "control_hub" => "Control Hub",
        "jump_cloud" => "JumpCloud",
        "scim" => "SCIM",
        other => other,
    }
}

fn complaints(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report
        .problems
        .iter()
        .take(PROBLEMS_SHOWN)
        .map(|problem| format!("line {}: {}", problem.line, problem.message))
        .collect();
    if report.problems.len() > PROBLEMS_SHOWN {
        let more = counted(
            (report.problems.len() - PROBLEMS_SHOWN) as u64,
            "problem",
            "problems",
        );
        lines.push(format!("and {more} more: see them all with --output json"));
    }
    let warnings = report.warnings.iter().take(PROBLEMS_SHOWN);
    lines.extend(warnings.map(|warning| {
        format!(
            "line {}: {} (the rest of the row went in)",
            warning.line, warning.message
        )
    }));
    if report.has_taken_nothing() {
        lines.push(
            "error: nothing could be imported: put the rows right and import the file again".to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn report(with: Value) -> Report {
        let mut report = json!({"dry_run": false, "format": "entra_id", "rows": 1200, "created": 1100,
            "updated": 40, "unchanged": 59, "problems": [], "ignored_columns": []});
        for (key, value) in with.as_object().cloned().unwrap_or_default() {
            report[key] = value;
        }
        serde_json::from_value(report).expect("a report")
    }

    #[test]
    fn says_what_went_in() {
        insta::assert_snapshot!(report_text(&report(json!({"ignored_columns": ["shoeSize", "desk"]}))), @r"
        1,200 rows, read as Entra ID: 1,100 created, 40 updated, 59 unchanged, 0 rows with problems.
        Columns that were not read: shoeSize, desk.
        ");
    }

    #[test]
    fn a_dry_run_shows_a_table_of_what_would_happen() {
        let people = json!([
            {"line": 2, "user_name": "anna@example.com", "action": "create",
             "changes": [{"attribute": "title", "old": null, "new": "Engineer"}]},
            {"line": 3, "user_name": "bo@example.com", "action": "update",
             "changes": [{"attribute": "title", "old": "Engineer", "new": "Senior Engineer"},
                         {"attribute": "name.familyName", "old": "Ek", "new": null}]},
            {"line": 4, "user_name": "cia@example.com", "action": "unchanged", "changes": []}]);
        let counts =
            json!({"dry_run": true, "rows": 3, "created": 1, "updated": 1, "unchanged": 1, "people": people});
        insta::assert_snapshot!(report_text(&report(counts)), @r"
        LINE  ACTION  USER NAME         CHANGES
        2     create  anna@example.com
        3     update  bo@example.com    title: Engineer → Senior Engineer; name.familyName: Ek → (empty)

        3 rows, read as Entra ID: 1 would be created, 1 would be updated, 1 unchanged, 0 rows with problems.
        ");
    }

    #[test]
    fn problems_have_their_line_and_reason() {
        let problems = json!([{"line": 17, "code": "import.user_name", "params": {}, "message": "The user name is missing."}]);
        assert_eq!(
            complaints(&report(json!({ "problems": problems }))),
            ["line 17: The user name is missing."]
        );
    }

    #[test]
    fn many_problems_are_cut_short() {
        let problem = json!({"line": 2, "message": "No."});
        let many: Vec<Value> = std::iter::repeat_n(problem, PROBLEMS_SHOWN + 1).collect();
        let lines = complaints(&report(json!({ "problems": many })));
        assert_eq!(lines.len(), PROBLEMS_SHOWN + 1);
        assert_eq!(
            lines.last().map(String::as_str),
            Some("and 1 problem more: see them all with --output json")
        );
    }

    #[test]
    fn nothing_taken_is_a_failure_only_where_there_are_problems() {
        let nothing = json!({"rows": 1, "created": 0, "updated": 0, "unchanged": 0});
        assert!(!report(nothing.clone()).has_taken_nothing());
        let mut with_problem = nothing;
        with_problem["problems"] = json!([{"line": 2, "message": "No."}]);
        assert!(report(with_problem).has_taken_nothing());
    }
}
