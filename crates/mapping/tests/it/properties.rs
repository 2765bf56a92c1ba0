//! What must hold of any text.

use std::collections::BTreeMap;

use mapping::{AttributeMapping, Expression, Language, MappingSet, Source, Still, Value};
use proptest::prelude::*;

/// Expressions of every form, though seldom sensible ones.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-zA-Z_.]{1,8}".prop_map(|name| format!("[{name}]")),
        any::<String>().prop_map(|text| format!("{:?}", text.replace(['\\', '"'], "\\\""))),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u16>().prop_map(|number| format!("&H{number:X}")),
        prop_oneof![Just("vbTextCompare"), Just("true"), Just("FALSE")].prop_map(String::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let operator = prop_oneof![
            Just("="),
            Just("<>"),
            Just("<="),
            Just(">"),
            Just("<"),
            Just(">=")
        ];
        let condition = (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a}{op}{b}"));
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("Append({a}, {b})")),
            (condition, inner.clone(), inner.clone()).prop_map(|(c, a, b)| format!("IIF({c},{a} , {b})")),
            prop::collection::vec(inner.clone(), 2..5).prop_map(|all| format!("join({})", all.join(","))),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("Switch({a}, ,{b},{c})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("Replace({a},{b},,,{c},,)")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("Mid({a},{b},{c})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("Replace({a},,{b},,{c})")),
            (any::<prop::sample::Index>(), prop::collection::vec(inner, 0..6)).prop_map(|(which, all)| {
                let shapes = Language::Entra.functions();
                format!("{}({})", which.get(&shapes).name, all.join(","))
            }),
        ]
    })
}

/// Texts that come near to being expressions.
fn scrap() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Switch("),
        Just("Replace("),
        Just("IIF("),
        Just("Left("),
        Just(")"),
        Just(","),
        Just("\""),
        Just("\\"),
        Just("["),
        Just("]"),
        Just("="),
        Just("<>"),
        Just("&H"),
        Just("-"),
        Just("9"),
        Just(" "),
        Just("é"),
        Just("x"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Okta's expressions of every form, though seldom sensible ones.
fn okta() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-zA-Z_]{1,8}".prop_map(|name| format!("user.{name}")),
        any::<String>().prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        any::<i32>().prop_map(|number| number.to_string()),
        prop_oneof![
            Just("true"),
            Just("null"),
            Just("3.5"),
            Just("getManagerUser('x').email")
        ]
        .prop_map(String::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let operators = vec![
            "+",
            "-",
            "*",
            "/",
            "%",
            "==",
            "!=",
            "<",
            ">=",
            " AND ",
            " or ",
            "||",
            "?:",
            " matches ",
        ];
        prop_oneof![
            (inner.clone(), prop::sample::select(operators), inner.clone())
                .prop_map(|(a, op, b)| format!("({a}{op}{b})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
            inner.clone().prop_map(|a| format!("!{a}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{{a}, {b}}}[{b}]")),
            (any::<prop::sample::Index>(), prop::collection::vec(inner, 0..5)).prop_map(|(which, all)| {
                let functions = Language::Okta.functions();
                format!("{}({})", which.get(&functions).name, all.join(","))
            }),
        ]
    })
}

/// Texts that come near to being such.
fn okta_scrap() -> impl Strategy<Value = String> {
    let pieces = vec![
        "user.",
        "String.len(",
        "(",
        ")",
        ",",
        "'",
        "\"",
        "{",
        "}",
        "[",
        "]",
        "?",
        ":",
        "?:",
        "!",
        "=",
        "==",
        "<",
        "+",
        "-",
        "1",
        ".5",
        " and ",
        "OR",
        " ",
        "é",
        "x",
        "null",
        "&&",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn oktas_parsing_and_evaluation_never_panic(text in prop_oneof![any::<String>(), okta_scrap(), okta()], a in any::<String>()) {
        match Expression::parse_as(Language::Okta, &text) {
            Ok(expression) => {
                let attributes: BTreeMap<String, Value> =
                    expression.attributes().into_iter().map(|name| (name.to_owned(), a.as_str().into())).collect();
                let _ = expression.evaluate(&attributes, &Still::default(), "x");
            }
            Err(error) => prop_assert!(error.position <= text.chars().count()),
        }
    }

    #[test]
    fn what_is_printed_of_oktas_parses_to_the_same(text in prop_oneof![okta_scrap(), okta()]) {
        if let Ok(expression) = Expression::parse_as(Language::Okta, &text) {
            let printed = expression.to_string();
            // Parentheses that printing adds may be too many.
            if let Ok(again) = Expression::parse_as(Language::Okta, &printed) {
                prop_assert_eq!(&again, &expression, "{}", &printed);
                prop_assert_eq!(again.to_string(), printed);
            } else {
                prop_assert!(text.matches(['-', '*', '/', '%', '[']).count() > 20, "{}", printed);
            }
        }
    }

    #[test]
    fn parsing_never_panics(text in prop_oneof![any::<String>(), scrap(), expression()]) {
        match Expression::parse(&text) {
            Ok(expression) => {
                let _ = expression.evaluate(&BTreeMap::new(), &Still::default(), "x");
            }
            Err(error) => prop_assert!(error.position <= text.chars().count()),
        }
    }

    #[test]
    fn what_is_printed_parses_to_the_same(text in prop_oneof![scrap(), expression()]) {
        if let Ok(expression) = Expression::parse(&text) {
            let printed = expression.to_string();
            let again = Expression::parse(&printed);
            prop_assert!(again.is_ok(), "{printed}: {again:?}");
            prop_assert_eq!(again.as_ref(), Ok(&expression));
            prop_assert_eq!(again.map(|again| again.to_string()), Ok(printed));
        }
    }

    #[test]
    fn evaluation_never_panics(text in expression(), a in any::<String>()) {
        if let Ok(expression) = Expression::parse(&text) {
            let attributes: BTreeMap<String, Value> =
                expression.attributes().into_iter().map(|name| (name.to_owned(), a.as_str().into())).collect();
            let _ = expression.evaluate(&attributes, &Still::default(), "x");
        }
    }

    #[test]
    fn checking_never_panics(target in any::<String>(), text in any::<String>()) {
        let mut row = AttributeMapping::new(Source::entra(text), target);
        row.matching = Some(1);
        let _ = MappingSet::check(vec![row]);
    }
}
