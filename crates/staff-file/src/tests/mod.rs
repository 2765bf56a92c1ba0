//! Staff files as they are found: one fixture for each program, and every way of writing them.

mod formats;
mod properties;
mod refusals;
mod rows;
mod writings;

use serde_json::Value;

use super::{StaffFile, read};

const ENTRA_DOWNLOAD: &str = include_str!("../fixtures/entra-download.csv");
const ENTRA_TEMPLATE: &str = include_str!("../fixtures/entra-template.csv");
const CONTROL_HUB: &str = include_str!("../fixtures/control-hub.csv");
const JUMPCLOUD: &str = include_str!("../fixtures/jumpcloud.csv");
const SCIM: &str = include_str!("../fixtures/scim.csv");

fn file(text: &str) -> StaffFile {
    read(text.as_bytes()).expect("a staff file")
}

/// The people as JSON, to be compared whatever the order of their attributes.
fn people(file: &StaffFile) -> Vec<Value> {
    file.rows
        .iter()
        .map(|row| Value::Object(row.person.clone()))
        .collect()
}

/// `line: sentence` of each problem.
fn problems(file: &StaffFile) -> Vec<String> {
    file.problems.iter().map(ToString::to_string).collect()
}

fn warnings(file: &StaffFile) -> Vec<String> {
    file.warnings.iter().map(ToString::to_string).collect()
}
