//! Each function alone makes a difference. The list of functions is read from their definitions: one that has no
//! pair here fails the test.

use std::collections::BTreeMap;

use mapping::expression::shapes;
use mapping::{Expression, Still, Value};

/// The function's name, an expression with it, and the same without.
const PAIRS: [(&str, &str, &str); 44] = [
    ("Append", r#"Append([a], "x")"#, "[a]"),
    (
        "AppRoleAssignmentsComplex",
        "AppRoleAssignmentsComplex([list])",
        "[list]",
    ),
    (
        "AssertiveAppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex([list])",
        "[list]",
    ),
    ("BitAnd", "BitAnd(6, 3)", "6"),
    ("CBool", "CBool(6)", "6"),
    ("CDate", "CDate([date])", "[date]"),
    ("Coalesce", "Coalesce([none], [a])", "[none]"),
    ("ConvertToBase64", "ConvertToBase64([a])", "[a]"),
    ("ConvertToUTF8Hex", "ConvertToUTF8Hex([a])", "[a]"),
    ("Count", "Count([list])", "[list]"),
    ("CStr", "CStr([list])", "[list]"),
    ("DateAdd", r#"DateAdd("d", 1, [date])"#, "CDate([date])"),
    ("DateDiff", r#"DateDiff("d", [date], Now())"#, "[date]"),
    ("DateFromNum", "DateFromNum(0)", "0"),
    (
        "FormatDateTime",
        r#"FormatDateTime([date], , "yyyy-MM-dd", "d.M.yyyy")"#,
        "[date]",
    ),
    ("Guid", "Guid()", r#""""#),
    (
        "IgnoreFlowIfNullOrEmpty",
        "IgnoreFlowIfNullOrEmpty([none])",
        "[none]",
    ),
    ("IIF", r#"IIF(True, "yes", "no")"#, "True"),
    ("InStr", r#"InStr([a], "n")"#, "[a]"),
    ("IsNull", "IsNull([none])", "[none]"),
    ("IsNullOrEmpty", "IsNullOrEmpty([empty])", "IsNull([empty])"),
    ("IsPresent", "IsPresent([a])", "[a]"),
    ("IsString", "IsString([a])", "[a]"),
    ("Item", "Item([list], 2)", "[list]"),
    ("Join", r#"Join("-", [list], [a])"#, "[list]"),
    ("Left", "Left([a], 2)", "[a]"),
    ("Mid", "Mid([a], 2, 2)", "[a]"),
    ("NormalizeDiacritics", "NormalizeDiacritics([a])", "[a]"),
    ("Not", "Not(True)", "True"),
    ("Now", "Now()", r#""""#),
    ("NumFromDate", "NumFromDate([date])", "[date]"),
    ("PCase", "PCase([a])", "[a]"),
    ("RandomString", "RandomString(8,1,1,1,1)", r#""""#),
    ("Redact", "Redact([a])", "[a]"),
    ("RemoveDuplicates", "RemoveDuplicates([list])", "[list]"),
    ("Replace", r#"Replace([a], "n", , , "m")"#, "[a]"),
    ("SelectUniqueValue", r#"SelectUniqueValue([a], "x")"#, "[a]"),
    (
        "SingleAppRoleAssignment",
        "SingleAppRoleAssignment([single])",
        "[single]",
    ),
    ("Split", r#"Split([a], "n")"#, "[a]"),
    ("StripSpaces", "StripSpaces([spaced])", "[spaced]"),
    ("Switch", r#"Switch([a], "other", "x", "y")"#, "[a]"),
    ("ToLower", "ToLower([a])", "[a]"),
    ("ToUpper", "ToUpper([a])", "[a]"),
    ("Word", r#"Word([spaced], 2, " ")"#, "[spaced]"),
];

/// All that can be seen of an expression: what it gives, and what is made of that.
fn outcome(text: &str) -> impl PartialEq + std::fmt::Debug {
    let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
    let person = BTreeMap::from([
        ("a".to_owned(), Value::from("aNnä")),
        ("empty".to_owned(), "".into()),
        ("spaced".to_owned(), "one two".into()),
        ("date".to_owned(), "2026-11-21".into()),
        ("list".to_owned(), list(&["x", "y", "x"])),
        ("single".to_owned(), list(&["x"])),
    ]);
    let expression = Expression::parse(text).expect(text);
    let evaluated = expression
        .evaluate(&person, &Still::default(), "title")
        .expect(text);
    (evaluated, expression.is_secret())
}

#[test]
fn each_function_makes_a_difference() {
    let names: Vec<_> = PAIRS.iter().map(|(name, ..)| *name).collect();
    let defined: Vec<_> = shapes().iter().map(|shape| shape.name).collect();
    assert_eq!(names, defined);
    for (name, with, without) in PAIRS {
        assert!(with.starts_with(name), "{with}");
        assert_ne!(outcome(with), outcome(without), "{with}");
    }
}
