//! The address that a browser is sent back to, with the answer: behind the `#` (RFC 6749 §4.2.2), or in the query (§4.1.2).

use url::form_urlencoded::Serializer;

use super::client::Flow;

/// The redirect with these members in this order.
pub fn redirect(flow: Flow, to: &str, members: &[(&str, &str)], state: Option<&str>) -> String {
    let mut answer = Serializer::new(String::new());
    answer.extend_pairs(members);
    if let Some(state) = state {
        answer.append_pair("state", state);
    }
    let answer = answer.finish();
    match flow {
        // A space as %20: whoever reads a fragment by hand need not know that `+` may be one.
        Flow::Implicit => format!("{to}#{}", answer.replace('+', "%20")),
        Flow::Code if to.contains('?') => format!("{to}&{answer}"),
        Flow::Code => format!("{to}?{answer}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_are_escaped() {
        let members = [("access_token", "a_b"), ("token_type", "Bearer")];
        let there = "http://localhost:3000/auth/code";
        let redirect = |flow, to, state| redirect(flow, to, &members, state);
        assert_eq!(
            redirect(Flow::Implicit, there, Some("a b&c=d+e#f")),
            "http://localhost:3000/auth/code#access_token=a_b&token_type=Bearer&state=a%20b%26c%3Dd%2Be%23f"
        );
        assert_eq!(
            redirect(Flow::Implicit, "http://x", None),
            "http://x#access_token=a_b&token_type=Bearer"
        );
        assert_eq!(
            redirect(Flow::Code, there, Some("a b")),
            "http://localhost:3000/auth/code?access_token=a_b&token_type=Bearer&state=a+b"
        );
        assert_eq!(
            redirect(Flow::Code, "https://x/?y=z", None),
            "https://x/?y=z&access_token=a_b&token_type=Bearer"
        );
    }
}
