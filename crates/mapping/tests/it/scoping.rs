//! Scoping filters: operators, groups, and why.

use std::collections::BTreeMap;

use mapping::Value;
use mapping::scope::{CheckedFilter, Clause, ClauseGroup, Operator, ScopingFilter};
use proptest::prelude::*;

fn person(attributes: &[(&str, Value)]) -> BTreeMap<String, Value> {
    attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

type Row<'a> = (&'a str, Operator, Option<&'a str>);

fn filter(groups: &[(&str, &[Row<'_>])]) -> ScopingFilter {
    let groups = groups.iter().map(|(title, clauses)| ClauseGroup {
        title: (*title).to_owned(),
        clauses: clauses
            .iter()
            .map(|(attribute, operator, value)| Clause::new(*attribute, *operator, *value))
            .collect(),
    });
    ScopingFilter {
        groups: groups.collect(),
    }
}

fn lets_in(operator: Operator, value: Option<&str>, found: Value) -> bool {
    let filter = filter(&[("x", &[("a", operator, value)])]);
    let checked = CheckedFilter::check(filter).expect("a filter");
    checked.decide(&person(&[("a", found)])).in_scope
}

/// For each operator a value that it lets in and one that it keeps out. The list of operators is read from their
/// definition.
#[test]
fn each_operator_lets_in_and_keeps_out() {
    let cases: [(Operator, Option<&str>, Value, Value); 14] = [
        (Operator::In, Some("CH,DE"), "CH".into(), "FR".into()),
        (Operator::NotIn, Some("CH,DE"), "FR".into(), "CH".into()),
        (
            Operator::EndsWith,
            Some("@x.example"),
            "a@x.example".into(),
            "a@X.example".into(),
        ),
        (Operator::Equals, Some("sales"), "sales".into(), "Sales".into()),
        (Operator::GreaterThan, Some("9"), "10".into(), "9".into()),
        (Operator::GreaterThanOrEquals, Some("9"), "9".into(), "8".into()),
        (Operator::Includes, Some("ale"), "sales".into(), "SALES".into()),
        (Operator::IsFalse, None, false.into(), true.into()),
        (Operator::IsNotNull, None, "x".into(), "".into()),
        (Operator::IsNull, None, Value::Null, "x".into()),
        (Operator::IsTrue, None, "True".into(), "False".into()),
        (Operator::NotEquals, Some("sales"), "Sales".into(), "sales".into()),
        (
            Operator::NotRegexMatch,
            Some("^s"),
            "Sales".into(),
            "sales".into(),
        ),
        (
            Operator::RegexMatch,
            Some("([1-9][0-9])"),
            "10".into(),
            "9".into(),
        ),
    ];
    assert_eq!(cases.clone().map(|(operator, ..)| operator), Operator::ALL);
    for (operator, value, inside, outside) in cases {
        assert!(lets_in(operator, value, inside.clone()), "{operator} {inside:?}");
        assert!(
            !lets_in(operator, value, outside.clone()),
            "{operator} {outside:?}"
        );
    }
}

#[test]
fn without_a_value_only_is_null_holds() {
    for operator in Operator::ALL {
        let value = operator.takes_value().then_some("1");
        for nothing in [Value::Null, "".into(), list(&[])] {
            assert_eq!(
                lets_in(operator, value, nothing),
                operator == Operator::IsNull,
                "{operator}"
            );
        }
    }
}

/// Beyond Entra ID, which filters on single values only: one of several that fits is enough, and what is denied must
/// be true of none.
#[test]
fn several_values() {
    let both = || list(&["a", "bb"]);
    for (operator, value, inside) in [
        (Operator::Equals, Some("bb"), true),
        (Operator::NotEquals, Some("bb"), false),
        (Operator::NotEquals, Some("c"), true),
        (Operator::Includes, Some("b"), true),
        (Operator::RegexMatch, Some("^b+$"), true),
        (Operator::NotRegexMatch, Some("^b+$"), false),
        (Operator::In, Some("a,c"), true),
        (Operator::NotIn, Some("a,c"), false),
        (Operator::IsNotNull, None, true),
    ] {
        assert_eq!(lets_in(operator, value, both()), inside, "{operator}");
    }
}

#[test]
fn booleans_equal_their_words_in_any_case() {
    assert!(lets_in(Operator::Equals, Some("true"), true.into()));
    assert!(!lets_in(Operator::Equals, Some("true"), "True".into()));
    assert!(!lets_in(Operator::GreaterThan, Some("1"), "many".into()));
}

/// The published example: New York and Engineering and an id in a range and a title.
fn engineers() -> ScopingFilter {
    filter(&[
        (
            "New York engineers",
            &[
                ("state", Operator::Equals, Some("NY")),
                ("department", Operator::Equals, Some("Engineering")),
                (
                    "employeeId",
                    Operator::RegexMatch,
                    Some("(1[0-9][0-9][0-9][0-9][0-9][0-9])"),
                ),
                ("jobTitle", Operator::IsNotNull, None),
            ],
        ),
        ("Sales", &[("department", Operator::Equals, Some("Sales"))]),
    ])
}

#[test]
fn clauses_are_joined_by_and_groups_by_or() {
    let checked = CheckedFilter::check(engineers()).expect("a filter");
    let engineer = [
        ("state", "NY".into()),
        ("department", "Engineering".into()),
        ("employeeId", "1234567".into()),
        ("jobTitle", "Engineer".into()),
    ];
    let decide = |attributes: &[(&str, Value)]| checked.decide(&person(attributes));
    assert!(decide(&engineer).in_scope);
    for missing in 0..engineer.len() {
        let mut others = engineer.to_vec();
        let (attribute, _) = others.remove(missing);
        let decision = decide(&others);
        assert!(!decision.in_scope, "without {attribute}");
        let message = decision.message();
        assert_eq!(message.code, "scope.filter_out_empty");
        assert_eq!(message.params["attribute"], attribute);
        assert!(!message.params.contains_key("found"));
    }
    let seller = decide(&[("department", "Sales".into())]);
    assert!(seller.in_scope);
    assert_eq!(seller.message().code, "scope.filter_in");
    assert_eq!(seller.message().params["filter"], "Sales");
}

#[test]
fn the_answer_names_clause_and_value() {
    let checked = CheckedFilter::check(engineers()).expect("a filter");
    let decision = checked.decide(&person(&[("department", "Law".into())]));
    let message = decision.message();
    let expected = [
        ("attribute", "department"),
        ("filter", "Sales"),
        ("found", "Law"),
        ("wants", "EQUALS Sales"),
    ];
    let params: Vec<_> = message
        .params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(params, expected);
    let clauses = &decision.groups[0].clauses;
    assert_eq!(
        (clauses[1].found.as_deref(), clauses[1].holds),
        (Some("Law"), false)
    );
}

#[test]
fn no_groups_let_everybody_in() {
    let checked = CheckedFilter::check(ScopingFilter::default()).expect("a filter");
    let decision = checked.decide(&person(&[]));
    assert!(decision.in_scope);
    assert_eq!(decision.message().code, "scope.filter_empty");
}

#[test]
fn what_cannot_be_is_refused() {
    let one = |clause: (&'static str, Operator, Option<&'static str>)| filter(&[("", &[clause])]);
    for (filter, sentence) in [
        (
            one(("", Operator::IsNull, None)),
            "group 1, clause 1: the attribute has no name",
        ),
        (
            one(("a", Operator::Equals, None)),
            "group 1, clause 1: EQUALS needs a value",
        ),
        (
            one(("a", Operator::Equals, Some(""))),
            "group 1, clause 1: EQUALS needs a value; for an empty attribute there is IS NULL",
        ),
        (
            one(("a", Operator::IsTrue, Some("x"))),
            "group 1, clause 1: IS TRUE takes no value",
        ),
        (
            one(("a", Operator::GreaterThan, Some("ten"))),
            "group 1, clause 1: Greater_Than compares whole numbers, and \"ten\" is none",
        ),
        (filter(&[("", &[])]), "group 1: a group has 1 to 100 clauses"),
    ] {
        assert_eq!(
            CheckedFilter::check(filter).expect_err(sentence).to_string(),
            sentence
        );
    }
    let error = CheckedFilter::check(one(("a", Operator::RegexMatch, Some("(a")))).expect_err("open");
    assert!(error.to_string().contains("unclosed group"), "{error}");
    assert!(CheckedFilter::check(one(("a", Operator::IsTrue, Some("")))).is_ok());
}

proptest! {
    #[test]
    fn deciding_never_panics(
        attribute in any::<String>(), value in option_of_text(), found in any::<String>(), which in 0..Operator::ALL.len(),
    ) {
        let clause = Clause { attribute: attribute.clone(), operator: Operator::ALL[which], value };
        let filter = ScopingFilter { groups: vec![ClauseGroup { title: String::new(), clauses: vec![clause] }] };
        if let Ok(checked) = CheckedFilter::check(filter) {
            let person = person(&[(&attribute, found.clone().into())]);
            let decision = checked.decide(&person);
            prop_assert_eq!(decision.in_scope, decision.message().code == "scope.filter_in");
            prop_assert_eq!(decision.groups[0].clauses[0].found.as_ref(), Some(&found));
        }
    }

    #[test]
    fn operators_are_read_or_refused(text in any::<String>()) {
        let _ = text.parse::<Operator>();
    }
}

fn option_of_text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(prop_oneof![any::<String>(), "[a-z(){}+*|\\[\\]^$0-9.]{0,12}"])
}
