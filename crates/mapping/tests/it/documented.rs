//! What is there is in the documentation.

use mapping::expression;

#[test]
fn every_function_has_its_paragraph() {
    let page = include_str!("../../../../docs/src/reference/expressions.md");
    for shape in expression::shapes() {
        let heading = format!("### `{}(", shape.name);
        assert!(page.contains(&heading), "no paragraph {heading}");
    }
}
