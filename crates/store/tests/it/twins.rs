//! The migrations of both databases make the same tables.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Table → its columns, keys and indexes, in one spelling; what stands outside of tables, such as what changes one, has no name.
type Tables = BTreeMap<String, Vec<String>>;

#[test]
fn twins_make_the_same_tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |kind: &str| {
        let entries = fs::read_dir(folder.join(kind)).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for name in names("sqlite") {
        let read = |kind: &str| fs::read_to_string(folder.join(kind).join(&name)).expect("a migration");
        let (sqlite, postgres) = (tables(&read("sqlite")), tables(&read("postgres")));
        assert!(!sqlite.is_empty());
        assert_eq!(
            sqlite.keys().collect::<Vec<_>>(),
            postgres.keys().collect::<Vec<_>>()
        );
        for (table, lines) in &sqlite {
            assert_eq!(lines, &postgres[table], "{table} in {}", name.display());
        }
    }
}

#[test]
fn texts_sort_by_bytes_on_postgresql() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    for entry in fs::read_dir(folder).expect("a folder") {
        let sql = fs::read_to_string(entry.expect("an entry").path()).expect("a migration");
        for line in sql
            .lines()
            .filter(|line| !line.starts_with("--") && line.contains(" TEXT"))
        {
            assert!(line.contains("TEXT COLLATE \"C\""), "{line}");
        }
    }
}

/// Every key and index begins with the organization.
#[test]
fn keys_begin_with_the_organization() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let migrations = fs::read_dir(folder).expect("a folder").map(|entry| {
        let sql = fs::read_to_string(entry.expect("an entry").path());
        tables(&sql.expect("a migration"))
    });
    for (table, lines) in migrations.flatten() {
        let keys = lines.iter().filter(|line| {
            ["PRIMARY", "UNIQUE", "INDEX"]
                .iter()
                .any(|word| line.starts_with(word))
        });
        for key in keys {
            let reference = [
                "organizations",
                "token_lookup",
                "sign_in_failures",
                "domain_lookup",
                "sso_addresses",
            ]
            .contains(&table.as_str())
                || key.starts_with("PRIMARY KEY (address, org, ");
            assert!(
                reference || key.contains("(org, ") || key.contains("(org)"),
                "{table}: {key}"
            );
        }
    }
}

fn tables(sql: &str) -> Tables {
    let mut tables = Tables::new();
    let mut table = String::new();
    for line in sql.lines().filter(|line| !line.starts_with("--")) {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            rest.trim_end_matches(" (").clone_into(&mut table);
            tables.insert(table.clone(), Vec::new());
            continue;
        }
        let index = line
            .strip_prefix("CREATE UNIQUE INDEX ")
            .or_else(|| line.strip_prefix("CREATE INDEX "));
        // The feed is numbered by each database in its own way, and has its key accordingly.
        if line.contains(" INDEX changes_org ") {
            continue;
        }
        if let Some((name, rest)) = index.and_then(|rest| rest.split_once(" ON ")) {
            let (on, columns) = rest.split_once(' ').expect("columns");
            // Of a table in the same file, or of one from before.
            let lines = tables.entry(on.to_owned()).or_default();
            lines.push(format!("INDEX {name} {columns}"));
            continue;
        }
        if line.starts_with(')') {
            table.clear();
            continue;
        }
        let line = line.trim().trim_end_matches(',');
        if line.is_empty() || line.starts_with("seq ") || line == "PRIMARY KEY (org, seq)" {
            continue;
        }
        let line = line
            .replace(" BIGINT", " INTEGER")
            .replace(" BYTEA", " BLOB")
            .replace(" COLLATE \"C\"", "");
        tables.entry(table.clone()).or_default().push(line);
    }
    tables
}
