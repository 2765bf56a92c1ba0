//! `DefaultDomain()`

use super::{Arguments, Function, Kind};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new("DefaultDomain", &[], Kind::Text, evaluate);

/// The directory's own domain. What made use of a domain that nobody has named would be wrong for everybody.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    match arguments.default_domain() {
        Some(domain) => Ok(Value::text(domain)),
        None => Err("the app's setting default_domain does not say which domain it is".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use crate::function::testing::evaluate;

    #[test]
    fn the_domain_of_the_directory() {
        assert_eq!(evaluate("DefaultDomain()", &[]), "example.com".into());
        let joined = evaluate(
            r#"Join("@", [mailNickname], DefaultDomain())"#,
            &[("mailNickname", "anna")],
        );
        assert_eq!(joined, "anna@example.com".into());
    }
}
