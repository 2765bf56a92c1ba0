//! `Split(source, delimiter)`

use super::{Arguments, Function, Kind, Parameter, Prepared, Refusal};
use crate::Value;
use crate::expression::{Argument, Node};

pub(super) static FUNCTION: Function = Function::new(
    "Split",
    &[Parameter::required("source"), Parameter::required("delimiter")],
    Kind::List,
    evaluate,
)
.preparing(prepare);

fn prepare(arguments: &[Argument]) -> Result<Prepared, Refusal> {
    match arguments.get(1) {
        Some(Some(delimiter)) if Node::constant_text(delimiter) == Some("") => {
            Err(Refusal::at(1, "the delimiter is empty"))
        }
        _ => Ok(Prepared::Nothing),
    }
}

/// White space around the parts goes, and so do empty parts.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (source, delimiter) = (arguments.text(0), arguments.text(1).unwrap_or_default());
    let Some(source) = source else {
        return Ok(Value::Null);
    };
    let parts: Vec<String> = if delimiter.is_empty() {
        vec![source.trim().to_owned()]
    } else {
        source
            .split(&*delimiter)
            .map(|part| part.trim().to_owned())
            .collect()
    };
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(if parts.is_empty() {
        Value::Null
    } else {
        Value::List(parts)
    })
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, refusal};

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn published_example() {
        assert_eq!(
            evaluate(
                r#"Split([extensionAttribute5], ",")"#,
                &[("extensionAttribute5", "PermissionSetOne, PermissionSetTwo")]
            ),
            list(&["PermissionSetOne", "PermissionSetTwo"])
        );
    }

    #[test]
    fn empty_parts_go() {
        assert_eq!(evaluate(r#"Split(";a;;b;", ";")"#, &[]), list(&["a", "b"]));
        assert_eq!(evaluate(r#"Split("a::b", "::")"#, &[]), list(&["a", "b"]));
        assert_eq!(evaluate(r#"Split(" ; ", ";")"#, &[]), Value::Null);
        assert_eq!(evaluate(r#"Split([absent], ";")"#, &[]), Value::Null);
        assert_eq!(evaluate(r#"Split("a b", [absent])"#, &[]), list(&["a b"]));
        assert_eq!(refusal(r#"Split([x], "")"#).0, 11);
    }
}
