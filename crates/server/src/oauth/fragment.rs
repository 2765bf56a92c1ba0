//! The address that a browser is sent back to, with the answer behind the `#` (RFC 6749 §4.2.2).

use url::form_urlencoded::Serializer;

/// The redirect with these members in this order.
pub fn redirect(to: &str, members: &[(&str, &str)], state: Option<&str>) -> String {
    let mut answer = Serializer::new(String::new());
    answer.extend_pairs(members);
    if let Some(state) = state {
        answer.append_pair("state", state);
    }
    // A space as %20: whoever reads a fragment by hand need not know that `+` may be one.
    format!("{to}#{}", answer.finish().replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_are_escaped() {
        let members = [("access_token", "a_b"), ("token_type", "Bearer")];
        assert_eq!(
            redirect("http://localhost:3000/auth/code", &members, Some("a b&c=d+e#f")),
            "http://localhost:3000/auth/code#access_token=a_b&token_type=Bearer&state=a%20b%26c%3Dd%2Be%23f"
        );
        assert_eq!(
            redirect("http://x", &members[..1], None),
            "http://x#access_token=a_b"
        );
    }
}
