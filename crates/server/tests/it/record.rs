//! Every SCIM exchange of these tests, and every upload of a schema, as a line of JSON in a file, if the variable
//! [`VARIABLE`] names one. `cargo xtask test` has the answers judged by other authors' models.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Mutex, OnceLock};

use serde_json::json;

use crate::client::Answer;

const VARIABLE: &str = "INSTEP_RECORD_SCIM";

static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();

fn open() -> Option<Mutex<File>> {
    let path = std::env::var_os(VARIABLE)?;
    let file = OpenOptions::new().create(true).append(true).open(path);
    Some(Mutex::new(file.expect("a file to record to")))
}

/// Writes an exchange down.
pub(crate) fn note(answer: &Answer) {
    let asked = &answer.asked;
    let recorded = ["/v1/scim", "/identity/scim", "/api/v1/schemas"];
    if !recorded.iter().any(|door| asked.path.starts_with(door)) {
        return;
    }
    let Some(file) = FILE.get_or_init(open) else {
        return;
    };
    let line = json!({
        "method": asked.method.as_str(),
        "path": asked.path,
        "status": answer.status,
        "media_type": answer.header("content-type"),
        "body": answer.text,
    });
    let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.write_all(format!("{line}\n").as_bytes()).expect("written");
}
