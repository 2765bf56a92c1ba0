//! Parsing: what is an expression, what is not, and what is said about it.

use std::collections::BTreeMap;

use mapping::expression::{MAX_DEPTH, MAX_LENGTH};
use mapping::{Expression, Still, Value};

fn parse(text: &str) -> Expression {
    Expression::parse(text).expect(text)
}

fn value(text: &str) -> Value {
    parse(text)
        .evaluate(&BTreeMap::new(), &Still::default(), "test")
        .expect(text)
        .value
}

#[test]
fn printed_in_one_way() {
    for (text, printed) in [
        (
            r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
            r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
        ),
        (" tolower ( [ mail ] ) ", "ToLower([mail])"),
        (r#"Replace([x],"a",,,"b",,)"#, r#"Replace([x], "a", , , "b", , )"#),
        (r#"IIF([a]="b",&HFF,-1)"#, r#"IIF([a] = "b", 255, -1)"#),
        (r#"Append("\"\\ \d", "“x”")"#, r#"Append("\"\\ \\d", "“x”")"#),
        ("Coalesce(VBTEXTCOMPARE, true)", "Coalesce(vbTextCompare, True)"),
        ("[mail]", "[mail]"),
        (
            r#"Not([phoneNumbers[type eq "work"].value])"#,
            r#"Not([phoneNumbers[type eq "work"].value])"#,
        ),
    ] {
        let expression = parse(text);
        assert_eq!(expression.to_string(), printed);
        assert_eq!(parse(printed), expression);
    }
}

#[test]
fn escapes_are_read_leniently() {
    assert_eq!(
        value(r#"Append("Company name: \"Contoso\"", "")"#),
        r#"Company name: "Contoso""#.into()
    );
    assert_eq!(value(r#"Append("a\\b", "\d\n")"#), r"a\b\d\n".into());
    assert_eq!(value("Append(\"two\nlines\", \"\")"), "two\nlines".into());
}

#[test]
fn attributes_are_listed_once() {
    let expression = parse(r#"IIF([a]=[B], Join(" ", [c], [A]), ToLower([d]))"#);
    assert_eq!(expression.attributes(), ["a", "B", "c", "d"]);
}

#[test]
fn errors_say_where_and_what() {
    for (text, position, part) in [
        ("", 0, "empty"),
        ("   ", 3, "empty"),
        ("ToLowr([mail])", 0, "did you mean ToLower?"),
        ("Not(Swich([a], , \"b\", \"c\"))", 4, "did you mean Switch?"),
        ("Frobnicate([a])", 0, "there are Append, AppRole"),
        ("ToLower", 0, "ToLower(source, culture)"),
        ("mail", 0, "[mail]"),
        ("ToLower([mail)", 8, "closed"),
        ("ToLower([])", 8, "no name"),
        ("ToLower([mail]", 7, "( of ToLower"),
        ("ToLower(", 7, "( of ToLower"),
        ("ToLower([mail]))", 15, "closes nothing"),
        ("ToLower([mail]) x", 16, "one function"),
        ("ToLower([mail]) & \"x\"", 16, "Append or Join"),
        ("ToLower([a] & [b])", 12, "Append or Join"),
        ("Append([a]; \"b\")", 10, "commas"),
        ("Append([a] \"b\")", 11, "comma or )"),
        ("Append([a], \"b)", 12, "not closed"),
        ("Append([a], “b”)", 12, "straight double quotes"),
        ("Append([a], 'b')", 12, "straight double quotes"),
        ("Append([a])", 0, "1 argument do"),
        ("Append([a], \"b\", \"c\")", 0, "Append(source, suffix)"),
        ("Append(, \"b\")", 7, "argument 1 of Append, source"),
        ("Not()", 0, "Not(source)"),
        ("Switch([a], , \"b\")", 0, "Switch"),
        ("Switch([a], , \"b\", \"c\", \"d\")", 0, "key and value"),
        ("Switch([a], , , \"c\")", 14, "key"),
        ("[a] = \"b\"", 4, "IIF"),
        ("IIF([a] = [b] = [c], 1, 2)", 14, "one comparison"),
        ("IIF([a] = , 1, 2)", 10, "unexpected ','"),
        ("IIF(([a]), 1, 2)", 4, "name is missing"),
        ("Left([a], 1.5)", 11, "whole numbers"),
        ("Left([a], --1)", 10, "in front of its digits"),
        ("Left([a], &HG)", 10, "hexadecimal"),
        ("Left([a], 99999999999999999999)", 10, "too large"),
        ("Left([a], €)", 10, "unexpected"),
        ("é[", 0, "means nothing"),
        ("Append(\"ÄÖÜ\", [x)", 14, "closed"),
    ] {
        let error = Expression::parse(text).expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
}

#[test]
fn limits() {
    let nested = |depth: usize| format!("{}[a]{}", "Not(".repeat(depth), ")".repeat(depth));
    parse(&nested(MAX_DEPTH));
    let error = Expression::parse(&nested(MAX_DEPTH + 1)).expect_err("too deep");
    assert_eq!(error.position, MAX_DEPTH * 4);

    let long = |length: usize| format!("Not(\"{}\")", "é".repeat(length - 7));
    parse(&long(MAX_LENGTH));
    let error = Expression::parse(&long(MAX_LENGTH + 1)).expect_err("too long");
    assert_eq!(error.position, MAX_LENGTH);
}
