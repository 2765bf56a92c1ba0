//! Every SQL text of the store is bound to one organization.

use std::fs;
use std::path::{Path, PathBuf};

/// What may look across organizations: organizations themselves, the look-ups of a token's hash, of the address that
/// somebody signs in by, of who has verified a domain and of the application at an address, and what has failed before it
/// is known whose it was.
const ALLOWED: &[&str] = &[
    "organizations",
    "token_lookup l JOIN tokens t ON t.org = l.org",
    "sign_in_lookup l JOIN users u ON u.org = l.org",
    "sign_in_failures",
    "domain_lookup",
    "sso_addresses",
];

#[test]
fn every_statement_is_bound_to_an_organization() {
    let tables = tables();
    let mut statements = 0;
    for file in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let code = fs::read_to_string(&file).expect("a source file");
        for text in texts(&code) {
            if !tables.iter().any(|table| names(&text, table)) {
                continue;
            }
            statements += 1;
            let bound = ["org = ?1", "(org, ", ", org, "]
                .iter()
                .any(|bond| text.contains(bond))
                || text.contains("{conditions}") && CONDITIONS.iter().any(|begin| code.contains(begin));
            let allowed = ALLOWED.iter().any(|allowed| text.contains(allowed));
            assert!(
                bound || allowed,
                "{}: not bound to an organization: {text}",
                file.display()
            );
        }
    }
    assert!(
        statements > 50,
        "the lint still finds the statements: {statements}"
    );
}

/// How conditions begin that are put together.
const CONDITIONS: &[&str] = &["Conditions::of(org)", "\"org = ?1"];

/// Whether a text reads or changes a table.
fn names(text: &str, table: &str) -> bool {
    ["FROM ", "INTO ", "UPDATE ", "JOIN "].iter().any(|verb| {
        text.split(verb).skip(1).any(|rest| {
            rest.strip_prefix(table)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ')']))
        })
    })
}

/// The tables of the first migration, and the places where a statement is made for one of two.
fn tables() -> Vec<String> {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut tables = vec!["{rows}".to_owned(), "{keys}".to_owned(), "{}".to_owned()];
    for file in sources(&migrations) {
        let sql = fs::read_to_string(file).expect("a migration");
        let made = sql.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
        tables.extend(made.filter_map(|line| line.split(' ').next()).map(str::to_owned));
    }
    tables
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// The string literals of Rust code before its tests, with continued lines joined.
fn texts(code: &str) -> Vec<String> {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code
        .split_inclusive('\n')
        .filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.collect();
    code.split('"')
        .skip(1)
        .step_by(2)
        .map(|text| text.split("\\\n").map(str::trim_start).collect())
        .collect()
}
