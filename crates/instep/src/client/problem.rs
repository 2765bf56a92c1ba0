//! `application/problem+json` (RFC 9457) as one sentence.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Problem {
    title: Option<String>,
    detail: Option<String>,
    code: Option<String>,
    /// What `Retry-After` says.
    #[serde(skip)]
    pub(super) wait: Option<Duration>,
}

impl Problem {
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// What the server said; where the token is at fault, also how to get a better one.
    pub(crate) fn sentence(&self, status: StatusCode) -> String {
        let said = [&self.detail, &self.title]
            .into_iter()
            .flatten()
            .find(|text| !text.is_empty());
        let said = said.map_or_else(|| format!("the server answered {status}"), Clone::clone);
        if status == StatusCode::UNAUTHORIZED {
            let said = said.trim_end_matches('.');
            return format!(
                "{said}: make a token with `instep token create --org ID --name cli --scope instep:admin`, \
                 then set INSTEP_TOKEN"
            );
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(status: u16, body: &str) -> String {
        let problem: Problem = serde_json::from_str(body).expect("a problem");
        problem.sentence(StatusCode::from_u16(status).expect("a status"))
    }

    #[test]
    fn the_detail_is_the_sentence() {
        let cases = [
            (
                404,
                r#"{"title":"Not Found","detail":"No app is called x."}"#,
                "No app is called x.",
            ),
            (503, r#"{"title":"Service Unavailable"}"#, "Service Unavailable"),
            (
                500,
                r#"{"detail":""}"#,
                "the server answered 500 Internal Server Error",
            ),
        ];
        for (status, body, expected) in cases {
            assert_eq!(sentence(status, body), expected);
        }
    }

    #[test]
    fn a_rejected_token_comes_with_the_way_to_a_new_one() {
        let text = sentence(401, r#"{"detail":"The token has expired."}"#);
        assert!(
            text.starts_with("The token has expired: make a token with `instep token create"),
            "{text}"
        );
    }
}
