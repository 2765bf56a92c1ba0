//! What is there is in the documentation.

use mapping::Language;

#[test]
fn every_function_has_its_paragraph() {
    let page = include_str!("../../../../docs/src/reference/expressions.md");
    for shape in Language::Entra.functions() {
        let heading = format!("### `{}(", shape.name);
        assert!(page.contains(&heading), "no paragraph {heading}");
    }
}

#[test]
fn every_function_of_oktas_is_named() {
    let page = include_str!("../../../../docs/src/reference/okta-expressions.md");
    for shape in Language::Okta.functions() {
        assert!(
            page.contains(&format!("`{}", shape.name)),
            "{} is not documented",
            shape.name
        );
    }
}
