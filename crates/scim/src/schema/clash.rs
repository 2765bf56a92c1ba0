//! Whether the URNs of two schemas can be told apart in a path.

/// Whether one is the other, in any case, or stands before it: in `urn:example:hr:User` the last part would be the
/// attribute `User` of `urn:example:hr`.
pub fn clash(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    one == other || stands_before(&one, &other) || stands_before(&other, &one)
}

fn stands_before(short: &str, long: &str) -> bool {
    long.strip_prefix(short).is_some_and(|rest| rest.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urns_that_could_be_taken_for_each_other() {
        for (one, other, expected) in [
            ("urn:example:hr:User", "URN:Example:HR:user", true),
            ("urn:example:hr", "urn:example:hr:User", true),
            ("urn:example:hr:User", "urn:example:hr", true),
            ("urn:example:hr:User", "urn:example:hr:Users", false),
            ("urn:example:hr:User", "urn:example:hr:Group", false),
        ] {
            assert_eq!(clash(one, other), expected, "{one} {other}");
        }
    }
}
