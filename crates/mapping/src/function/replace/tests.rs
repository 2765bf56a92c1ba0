//! The published examples, and what they leave open.

use crate::function::testing::{evaluate, try_evaluate};
use crate::{Expression, Value};

#[test]
fn published_examples() {
    for (expression, attribute, input, output) in [
        (
            r#"Replace([BusinessTitle],"Product Developer", , , "Software Engineer", , )"#,
            "BusinessTitle",
            "Product Developer",
            "Software Engineer",
        ),
        (
            r#"Replace([UserID],"<username>", , , , , "<username>@contoso.com")"#,
            "UserID",
            "jsmith",
            "jsmith@contoso.com",
        ),
        (
            r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )"#,
            "telephoneNumber",
            "+91 9998887777",
            "9998887777",
        ),
        // The documentation prints 19998887777, though its class of characters holds no plus sign.
        (
            r#"Replace([mobile], , "[()\\s-]+", , "", , )"#,
            "mobile",
            "+1 (999) 888-7777",
            "+19998887777",
        ),
        (
            r#"Replace([AddressLineData], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )"#,
            "AddressLineData",
            "545 Tremont Street",
            "888 Tremont Street",
        ),
        (
            r#"Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )"#,
            "userPrincipalName",
            "jsmith@contoso.com",
            "jsmith",
        ),
        (
            r#"Replace([mailNickname], , "[a-zA-Z_]*", , "", , )"#,
            "mailNickname",
            "john_doe72",
            "72",
        ),
        (
            r#"Replace([mail], "@contoso.com", , ,"", ,)"#,
            "mail",
            "john.doe@contoso.com",
            "john.doe",
        ),
    ] {
        assert_eq!(
            evaluate(expression, &[(attribute, input)]),
            output.into(),
            "{expression}"
        );
    }
}

#[test]
fn published_example_of_the_fallback() {
    let expression = r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [mobile], )"#;
    for (attributes, result) in [
        (
            &[("telephoneNumber", ""), ("mobile", "+91 8887779999")][..],
            "8887779999".into(),
        ),
        (&[("mobile", "+91 8887779999")], "8887779999".into()),
        (
            &[("telephoneNumber", "+91 1"), ("mobile", "+91 8887779999")],
            "+91 1".into(),
        ),
        (&[("mobile", "none")], Value::Null),
        (&[], Value::Null),
    ] {
        assert_eq!(evaluate(expression, attributes), result, "{attributes:?}");
    }
}

#[test]
fn without_a_match_the_source_stays() {
    for expression in [
        r#"Replace([x], "b", , , "c")"#,
        r#"Replace([x], "A", , , "c")"#,
        r#"Replace([x], , "\d+", , "c")"#,
        r#"Replace([x], , "(?<n>\d+)", "n", "c")"#,
    ] {
        assert_eq!(evaluate(expression, &[("x", "a")]), "a".into(), "{expression}");
        assert_eq!(evaluate(expression, &[]), Value::Null, "{expression}");
    }
}

#[test]
fn every_occurrence_is_replaced() {
    assert_eq!(evaluate(r#"Replace("a-b-c", "-", , , "+")"#, &[]), "a+b+c".into());
    assert_eq!(evaluate(r#"Replace("x", "?", , , , , "?/?")"#, &[]), "x/x".into());
    assert_eq!(
        evaluate(r#"Replace("a1b22", , "\d+", , "_")"#, &[]),
        "a_b_".into()
    );
    assert_eq!(
        evaluate(r#"Replace("a1b2", , "[a-z](?<n>\d)", "n", "0")"#, &[]),
        "a0b0".into()
    );
}

#[test]
fn references_in_the_replacement() {
    for (replacement, result) in [
        ("${first}.${last}", "Anna.Berg"),
        ("$2, $1", "Berg, Anna"),
        ("$1st", "Annast"),
        ("[$&]", "[Anna Berg]"),
        ("$$1", "$1"),
        ("$9 ${none} $", "$9 ${none} $"),
        ("${open", "${open"),
    ] {
        let expression =
            format!(r#"Replace("Anna Berg", , "(?<first>\w+) (?<last>\w+)", , "{replacement}")"#);
        assert_eq!(evaluate(&expression, &[]), result.into(), "{replacement}");
    }
}

#[test]
fn an_empty_text_is_no_pattern() {
    assert_eq!(
        evaluate(r#"Replace("aba", "b", "", "", "c", , "")"#, &[]),
        "aca".into()
    );
}

#[test]
fn what_cannot_work_is_refused_when_parsed() {
    for (expression, position, part) in [
        ("Replace([x])", 0, "give oldValue"),
        (r#"Replace([x], "a")"#, 0, "give oldValue"),
        (r#"Replace([x], , "(?<n>a)", "n")"#, 0, "give oldValue"),
        (r#"Replace([x], , "(a", , "b")"#, 15, "unclosed group"),
        (r#"Replace([x], , "a(?=b)", , "c")"#, 15, "look-ahead"),
        (r#"Replace([x], , "(a)\1", , "c")"#, 15, "backreferences"),
        (r#"Replace([x], , "(?<n>a)", "m", "c")"#, 26, "no group \"m\""),
        (r#"Replace([x], , "(\w{999}){999}", , "c")"#, 15, "too large"),
    ] {
        let error = Expression::parse(expression).expect_err(expression);
        assert_eq!(error.position, position, "{expression}: {error}");
        assert!(error.message.contains(part), "{expression}: {error}");
        assert!(!error.message.contains('\n'), "{error}");
    }
}

#[test]
fn a_pattern_from_an_attribute_is_judged_for_each_person() {
    let expression = r#"Replace([x], , [pattern], , "-")"#;
    assert_eq!(
        evaluate(expression, &[("x", "a1"), ("pattern", "[0-9]")]),
        "a-".into()
    );
    assert_eq!(
        evaluate(expression, &[("x", "a1")]),
        "a1".into(),
        "no pattern, no change"
    );
    let error = try_evaluate(expression, &[("x", "a1"), ("pattern", "[")]).unwrap_err();
    assert_eq!(error.function, "Replace");
}

#[test]
fn replacements_within_replacements_do_not_grow_without_end() {
    let mut expression = "[x]".to_owned();
    for _ in 0..30 {
        expression = format!(r#"Replace({expression}, "a", , , "aaaaaaaaaa")"#);
    }
    let error = try_evaluate(&expression, &[("x", "a")]).unwrap_err();
    assert!(error.message.contains("longer"), "{error}");
}
