//! What RFC 7643, 7644 and 9865 demand and no other test here shows; and whether every test that
//! `docs/src/reference/conformance.md` names is there.

mod http;
mod queries;
mod resources;

use std::fs;
use std::path::Path;

/// Names in the last column of the tables, such as `users::head`: the file below `tests/it/scim` or `tests/it`, and the
/// function in it.
#[test]
fn every_test_that_the_documentation_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = root.join("../../docs/src/reference/conformance.md");
    let page = fs::read_to_string(page).expect("the page");
    let rows = page.lines().filter(|line| line.starts_with("| §"));
    let mut named = 0;
    for row in rows {
        let proof = row
            .trim_end_matches([' ', '|'])
            .rsplit(" | ")
            .next()
            .expect("a cell");
        let names = proof.split('`').skip(1).step_by(2);
        let before = named;
        for name in names {
            let (module, function) = name
                .rsplit_once("::")
                .unwrap_or_else(|| panic!("{name} is no test"));
            let file = module.replace("::", "/");
            let files = ["tests/it/scim", "tests/it"]
                .iter()
                .flat_map(|folder| [format!("{folder}/{file}.rs"), format!("{folder}/{file}/mod.rs")]);
            let mut texts = files.filter_map(|file| fs::read_to_string(root.join(file)).ok());
            let found = texts.any(|text| text.contains(&format!("fn {function}(")));
            assert!(found, "there is no test {name}: {row}");
            named += 1;
        }
        assert!(named > before || proof == "–", "nothing proves it: {row}");
    }
    assert!(named > 100, "only {named} tests are named");
}
