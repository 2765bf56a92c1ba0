//! Whether `docs/src/operation/asvs.md` answers every requirement of levels 1 and 2 of OWASP ASVS 5.0.0, and whether every
//! file and function that it names is there. `SECURITY.md` at the top tells of the gaps that are open there, and of no others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The sections of the standard, and how many requirements of levels 1 and 2 are in each: they are numbered from 1, and
/// those of level 3 come behind them.
const SECTIONS: &[(&str, usize)] = &[
    ("1.1", 2),
    ("1.2", 9),
    ("1.3", 11),
    ("1.4", 3),
    ("1.5", 2),
    ("2.1", 3),
    ("2.2", 3),
    ("2.3", 4),
    ("2.4", 1),
    ("3.2", 2),
    ("3.3", 4),
    ("3.4", 6),
    ("3.5", 5),
    ("3.7", 2),
    ("4.1", 3),
    ("4.2", 1),
    ("4.3", 2),
    ("4.4", 4),
    ("5.1", 1),
    ("5.2", 3),
    ("5.3", 2),
    ("5.4", 3),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("9.1", 3),
    ("9.2", 4),
    ("10.1", 2),
    ("10.2", 2),
    ("10.3", 4),
    ("10.4", 11),
    ("10.5", 5),
    ("10.6", 2),
    ("10.7", 3),
    ("11.1", 2),
    ("11.2", 3),
    ("11.3", 3),
    ("11.4", 4),
    ("11.5", 1),
    ("11.6", 1),
    ("12.1", 3),
    ("12.2", 2),
    ("12.3", 4),
    ("13.1", 1),
    ("13.2", 5),
    ("13.3", 2),
    ("13.4", 5),
    ("14.1", 2),
    ("14.2", 4),
    ("14.3", 3),
    ("15.1", 3),
    ("15.2", 3),
    ("15.3", 7),
    ("16.1", 1),
    ("16.2", 5),
    ("16.3", 4),
    ("16.4", 3),
    ("16.5", 3),
    ("17.1", 1),
    ("17.2", 4),
    ("17.3", 2),
];

const ANSWERS: [&str; 3] = ["holds", "not applicable", "open"];

/// How the files begin that rows name.
const PLACES: [&str; 8] = [
    "crates/",
    "docs/",
    "fuzz/",
    "tests/",
    "xtask/",
    "Cargo.toml",
    "Cargo.lock",
    "deny.toml",
];

struct Row<'p> {
    numbers: Vec<&'p str>,
    answer: &'p str,
    /// What shows it, or why.
    why: &'p str,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> String {
    fs::read_to_string(root().join("docs/src/operation/asvs.md")).expect("the page")
}

/// The rows that begin with a number.
fn rows(page: &str) -> Vec<Row<'_>> {
    page.lines().filter(|line| is_row(line)).map(row).collect()
}

fn is_row(line: &str) -> bool {
    let rest = line.strip_prefix("| ").unwrap_or_default();
    rest.starts_with(|first: char| first.is_ascii_digit())
}

fn row(line: &str) -> Row<'_> {
    let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
    let [numbers, _level, _about, answer, why] = cells[..] else {
        panic!("a row has five cells: {line}");
    };
    Row {
        numbers: numbers.split(", ").collect(),
        answer,
        why,
    }
}

#[test]
fn every_requirement_is_answered_once() {
    let page = page();
    let (mut answered, mut counts) = (BTreeMap::<&str, usize>::new(), BTreeMap::<&str, usize>::new());
    for row in rows(&page) {
        assert!(ANSWERS.contains(&row.answer), "{:?}: {}", row.numbers, row.answer);
        *counts.entry(row.answer).or_default() += row.numbers.len();
        for number in row.numbers {
            *answered.entry(number).or_default() += 1;
        }
    }
    for (section, many) in SECTIONS {
        for number in 1..=*many {
            let number = format!("{section}.{number}");
            assert_eq!(answered.remove(number.as_str()), Some(1), "{number}");
        }
    }
    assert!(answered.is_empty(), "of no such level: {answered:?}");
    for answer in ANSWERS {
        let told = format!("| `{answer}` | {} |", counts[answer]);
        assert!(page.contains(&told), "the beginning of the page must say {told}");
    }
}

/// In backquotes in the last column: files, and behind each the functions in it.
#[test]
fn what_is_named_is_there() {
    let page = page();
    let mut named = 0;
    for row in rows(&page) {
        let found = found(row.why);
        assert!(
            found.files > 0 || row.answer != "holds",
            "nothing shows it: {:?}",
            row.numbers
        );
        named += found.functions;
    }
    assert!(named > 200, "only {named} functions are named");
}

/// How much a text names, all of which is there.
struct Found {
    files: usize,
    functions: usize,
}

fn found(text: &str) -> Found {
    let mut found = Found {
        files: 0,
        functions: 0,
    };
    let mut file: Option<(&str, String)> = None;
    for name in text.split('`').skip(1).step_by(2) {
        if PLACES.iter().any(|place| name.starts_with(*place)) {
            let text = fs::read_to_string(root().join(name));
            file = Some((name, text.unwrap_or_else(|error| panic!("{name}: {error}"))));
            found.files += 1;
        } else if let Some((file, code)) = &file
            && is_function(file, name)
        {
            let begins = [format!("fn {name}("), format!("fn {name}<")];
            let is_there = begins.iter().any(|begin| code.contains(begin.as_str()));
            assert!(is_there, "there is no {name} in {file}: {text}");
            found.functions += 1;
        }
    }
    found
}

fn is_function(file: &str, name: &str) -> bool {
    let is_rust = Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "rs");
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    is_rust && name.bytes().all(is_plain)
}

/// The entries of a list in `SECURITY.md`, each in one line.
fn entries(heading: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("SECURITY.md")).expect("the page");
    let begin = format!("### {heading}\n");
    let list = text.split(&begin).nth(1).expect("the heading");
    let list = list.split("\n#").next().unwrap_or_default();
    let entries = list.split("\n- ").skip(1);
    let entries: Vec<_> = entries.map(|entry| entry.replace("\n ", "")).collect();
    assert!(!entries.is_empty(), "{heading}");
    entries
}

/// A number of the standard's, such as `12.1.1`.
fn is_number(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok())
}

#[test]
fn the_known_gaps_are_those_that_are_open() {
    let page = page();
    let open = rows(&page).into_iter().filter(|row| row.answer == "open");
    let open: BTreeSet<String> = open.flat_map(|row| row.numbers).map(str::to_owned).collect();
    let mut told = BTreeSet::new();
    for gap in entries("Known gaps") {
        let words = gap.split(|sign: char| !sign.is_ascii_digit() && sign != '.');
        let numbers: Vec<_> = words.map(|word| word.trim_end_matches('.')).collect();
        let numbers: Vec<_> = numbers.into_iter().filter(|word| is_number(word)).collect();
        assert!(!numbers.is_empty(), "of which requirement? {gap}");
        told.extend(numbers.into_iter().map(str::to_owned));
    }
    assert_eq!(told, open);
}

#[test]
fn the_known_limits_are_there() {
    for limit in entries("Known limits") {
        assert!(found(&limit).functions > 0, "what shows it? {limit}");
    }
}
