//! One value against one literal, by the attribute's type.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{Literal, Operator};
use crate::schema::{Attribute, Kind};
use crate::{dialect, effort};

/// Whether the comparison holds; types that do not fit are unequal.
pub(super) fn holds(value: &Value, leaf: &Attribute, operator: Operator, literal: &Literal) -> bool {
    match leaf.kind {
        Kind::Boolean => booleans(value, operator, literal),
        Kind::Integer | Kind::Decimal => numbers(value, operator, literal),
        Kind::DateTime => times(value, operator, literal),
        Kind::String | Kind::Reference | Kind::Binary | Kind::Complex => {
            texts(value, operator, literal, leaf.is_case_exact())
        }
    }
}

fn booleans(value: &Value, operator: Operator, literal: &Literal) -> bool {
    let (Some(value), Some(literal)) = (
        dialect::boolean(value),
        literal.as_text().and_then(dialect::boolean_text),
    ) else {
        return operator == Operator::Ne;
    };
    match operator {
        Operator::Eq => value == literal,
        Operator::Ne => value != literal,
        _ => false,
    }
}

fn numbers(value: &Value, operator: Operator, literal: &Literal) -> bool {
    let value = match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => dialect::number(text),
        _ => None,
    };
    let literal = literal.as_text().and_then(dialect::number);
    let (Some(value), Some(literal)) = (value, literal) else {
        return operator == Operator::Ne;
    };
    number_order(&value, &literal).is_some_and(|order| ordered(order, operator))
}

fn number_order(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn times(value: &Value, operator: Operator, literal: &Literal) -> bool {
    if matches!(operator, Operator::Co | Operator::Sw | Operator::Ew) {
        return texts(value, operator, literal, true);
    }
    let value = value.as_str().and_then(dialect::moment);
    let literal = literal.as_text().and_then(dialect::moment);
    let (Some(value), Some(literal)) = (value, literal) else {
        return operator == Operator::Ne;
    };
    ordered(value.cmp(&literal), operator)
}

fn texts(value: &Value, operator: Operator, literal: &Literal, case_exact: bool) -> bool {
    let value = match value {
        Value::String(text) => Cow::from(text.as_str()),
        Value::Number(number) => Cow::from(number.to_string()),
        Value::Bool(boolean) => Cow::from(boolean.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => return operator == Operator::Ne,
    };
    let Some(literal) = literal.as_text() else {
        return false;
    };
    if case_exact {
        return texts_as_they_are(&value, operator, literal);
    }
    if matches!(operator, Operator::Eq | Operator::Ne) && value.is_ascii() && literal.is_ascii() {
        return value.eq_ignore_ascii_case(literal) == (operator == Operator::Eq);
    }
    texts_as_they_are(&effort::fold(&value), operator, &effort::fold(literal))
}

fn texts_as_they_are(value: &str, operator: Operator, literal: &str) -> bool {
    match operator {
        Operator::Co => value.contains(literal),
        Operator::Sw => value.starts_with(literal),
        Operator::Ew => value.ends_with(literal),
        _ => ordered(value.cmp(literal), operator),
    }
}

fn ordered(order: Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

/// Whether two numbers are one.
pub(crate) fn same_number(a: &Number, b: &Number) -> bool {
    number_order(a, b).is_some_and(Ordering::is_eq)
}

/// Whether two texts are one value of the attribute.
pub(crate) fn same_text(a: &str, b: &str, attribute: &Attribute) -> bool {
    if a == b || attribute.is_case_exact() {
        return a == b;
    }
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    effort::fold(a) == effort::fold(b)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn leaf(kind: Kind) -> Attribute {
        let mut leaf = crate::schema::ResourceType::user()
            .core
            .attribute("title")
            .cloned()
            .expect("title");
        leaf.kind = kind;
        leaf
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (value, operator, literal, expected) in [
            (json!(9), Operator::Lt, "10", true),
            (json!("9"), Operator::Lt, "10", true),
            (json!(9), Operator::Eq, "9.0", true),
            (json!(2.5), Operator::Ge, "2.5", true),
            (
                json!(9_007_199_254_740_993_i64),
                Operator::Ne,
                "9007199254740992",
                true,
            ),
            (json!(9), Operator::Eq, "nine", false),
            (json!(9), Operator::Ne, "nine", true),
            (json!(9), Operator::Co, "9", false),
        ] {
            let literal = Literal::Number(literal.into());
            assert_eq!(
                holds(&value, &leaf(Kind::Integer), operator, &literal),
                expected,
                "{value} {operator:?}"
            );
        }
    }

    #[test]
    fn texts_fold_beyond_ascii() {
        let literal = Literal::Text("STRASSE".into());
        assert!(holds(
            &json!("Straße 5"),
            &leaf(Kind::String),
            Operator::Sw,
            &literal
        ));
    }
}
