//! Exchanges as Entra ID, Okta, JumpCloud and Webex's own clients have them: their shapes, our values.
//!
//! Each file under `fixtures/` is one request; the README there says what its members mean, and which habit of which
//! client each stands for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use scim::patch::{self, Member, MemberOp, PatchOptions, PatchRequest};
use scim::resource::{self, Mode};
use scim::{Object, ResourceType, filter};
use serde_json::{Value, json};

use crate::object;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures")
}

fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for vendor in fs::read_dir(root()).expect("the fixtures") {
        let vendor = vendor.expect("a folder").path();
        if !vendor.is_dir() {
            continue;
        }
        files.extend(
            fs::read_dir(vendor)
                .expect("a folder")
                .map(|file| file.expect("a file").path()),
        );
    }
    files.sort();
    files
}

#[test]
fn every_exchange_is_understood() {
    let files = files();
    assert!(files.len() > 100, "only {} fixtures found", files.len());
    for file in files {
        let fixture: Value = serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON");
        let name = file.display();
        let kind = ResourceType::all()
            .into_iter()
            .find(|kind| fixture["kind"] == kind.id.as_str());
        let kind = kind.unwrap_or_else(|| panic!("{name}: no such kind"));
        let outcome = match fixture["method"].as_str() {
            Some("POST") => post(&fixture, kind),
            Some("PUT") => put(&fixture, kind),
            Some("PATCH") => patch(&fixture, kind),
            Some("GET") => get(&fixture, kind),
            // There is nothing in it to understand; it is sent to the whole service.
            Some("DELETE") => continue,
            other => panic!("{name}: {other:?}"),
        };
        let (found, expected) = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn every_fixture_stands_for_a_habit_in_the_list() {
    let list = fs::read_to_string(root().join("README.md")).expect("the list");
    let vendors = ["entra/", "okta/", "jumpcloud/", "webex/"];
    let named: BTreeSet<&str> = list
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| vendors.iter().any(|vendor| name.starts_with(vendor)))
        .collect();
    let files: Vec<String> = files()
        .iter()
        .map(|file| {
            file.strip_prefix(root())
                .expect("below")
                .with_extension("")
                .display()
                .to_string()
        })
        .collect();
    let files: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    let unnamed: Vec<_> = files.difference(&named).collect();
    assert!(unnamed.is_empty(), "not in the list: {unnamed:?}");
    let missing: Vec<_> = named.difference(&files).collect();
    assert!(missing.is_empty(), "no such fixture: {missing:?}");
}

#[test]
fn every_habit_in_the_list_has_a_fixture() {
    let list = fs::read_to_string(root().join("README.md")).expect("the list");
    let (_, habits) = list.split_once("## Entra ID").expect("the habits");
    let (habits, _) = habits.split_once("## More than one").expect("what is none");
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| habit");
    let rows: Vec<&str> = habits.lines().filter(is_row).collect();
    assert!(rows.len() > 40, "{rows:?}");
    let vendors = ["`entra/", "`okta/", "`jumpcloud/", "`webex/"];
    for row in rows {
        let named = vendors.iter().any(|vendor| row.contains(vendor));
        assert!(named, "no fixture: {row}");
    }
}

type Compared = Result<(Value, Value), scim::Error>;

fn ids(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.value.as_str()).collect()
}

fn read(fixture: &Value, kind: &ResourceType, mode: Mode) -> Result<(Object, Value), scim::Error> {
    let mut body = fixture["body"].clone();
    let members = resource::take_members(&mut body)?;
    let members = members.map_or(Value::Null, |members| json!(ids(&members)));
    Ok((resource::read(body, kind, mode)?, members))
}

fn post(fixture: &Value, kind: &ResourceType) -> Compared {
    let (resource, members) = read(fixture, kind, Mode::Create)?;
    Ok((
        json!([resource, members]),
        json!([fixture["stored"], fixture["members"]]),
    ))
}

fn put(fixture: &Value, kind: &ResourceType) -> Compared {
    let (resource, members) = read(fixture, kind, Mode::Replace)?;
    let stored = resource::replace(&object(fixture["before"].clone()), resource, kind)?;
    Ok((
        json!([stored, members]),
        json!([fixture["stored"], fixture["members"]]),
    ))
}

fn patch(fixture: &Value, kind: &ResourceType) -> Compared {
    let mut request = PatchRequest::parse(fixture["body"].clone())?;
    let members: Vec<Value> = patch::split_members(&mut request)?
        .iter()
        .map(|op| match op {
            MemberOp::Add(members) => json!({"add": ids(members)}),
            MemberOp::Remove(members) => json!({"remove": ids(members)}),
            MemberOp::RemoveKind(kind) => json!({"removeKind": kind.as_str()}),
            MemberOp::Replace(members) => json!({"replace": ids(members)}),
            MemberOp::RemoveAll => json!({"removeAll": true}),
            MemberOp::RemoveWhere(filter) => json!({"removeWhere": filter.to_string()}),
            MemberOp::RestateWhere(filter, _) => json!({"restateWhere": filter.to_string()}),
        })
        .collect();
    let mut stored = object(fixture["before"].clone());
    let outcome = patch::apply(&mut stored, &request, kind, PatchOptions::default())?;
    assert_eq!(outcome.changed, fixture["before"] != fixture["stored"]);
    let expected = fixture.get("members").cloned().unwrap_or_else(|| json!([]));
    Ok((json!([stored, members]), json!([fixture["stored"], expected])))
}

fn get(fixture: &Value, kind: &ResourceType) -> Compared {
    // One resource, and a list of everything, are asked of the whole service only.
    let Some(text) = fixture["filter"].as_str() else {
        let asks = fixture["one"] == true || fixture["matches"] == true;
        return Ok((json!(asks), json!(true)));
    };
    let filter = filter::parse(text).map_err(|error| scim::Error::filter_syntax(&error))?;
    let matches = filter::evaluate(&filter, &object(fixture["resource"].clone()), kind);
    let lookup =
        filter::lookups(&filter).and_then(|all| all.first().map(|lookup| format!("{:?}", lookup.attribute)));
    Ok((
        json!([matches, lookup]),
        json!([fixture["matches"], fixture["lookup"]]),
    ))
}
