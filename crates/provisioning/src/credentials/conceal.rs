//! Takes credentials out of what a target or an authorization server answers, before anybody reads it: some repeat what
//! they were sent, and answers are logged, stored, mailed and shown.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use outbound::Response;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::account::REDACTED;

/// Shorter ones could be anything: no part of an account is taken for one, and
const SHORTEST: usize = 8;
/// of what is an error no shorter ones.
const SHORTEST_IN_ERRORS: usize = 3;

/// Every spelling of what must not be shown.
#[derive(Default)]
pub(crate) struct Concealed {
    spellings: Vec<String>,
}

impl Concealed {
    pub(crate) fn add(&mut self, secret: &str) {
        let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let percent = form.replace('+', "%20");
        let escaped = Value::from(secret).to_string();
        let escaped = escaped.trim_matches('"').to_owned();
        let slashed = escaped.replace('/', "\\/");
        for spelling in [secret.to_owned(), form, percent, escaped, slashed] {
            if !self.spellings.contains(&spelling) {
                self.spellings.push(spelling);
            }
        }
        // The longest first, lest a part of it be left.
        self.spellings
            .sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    }

    /// Who a client says it is, as the header has it (RFC 7617).
    pub(crate) fn add_pair(&mut self, id: &str, secret: &str) {
        self.add(secret);
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        for pair in [
            format!("{id}:{secret}"),
            format!("{}:{}", encoded(id), encoded(secret)),
        ] {
            self.add(&BASE64_STANDARD.encode(pair));
        }
    }

    /// Takes them out of an answer.
    pub(crate) fn mask(&self, response: &mut Response) {
        let least = if response.status.is_success() {
            SHORTEST
        } else {
            SHORTEST_IN_ERRORS
        };
        let spellings: Vec<_> = self
            .spellings
            .iter()
            .filter(|spelling| spelling.len() >= least)
            .collect();
        let Ok(text) = std::str::from_utf8(&response.body) else {
            let mut text = String::from_utf8_lossy(&response.body).into_owned();
            if mask_text(&mut text, &spellings) {
                response.body = text.into();
            }
            return;
        };
        let respelt = ["\\u", "\\/"].into_iter().any(|escape| text.contains(escape));
        if !respelt && !spellings.iter().any(|spelling| text.contains(spelling.as_str())) {
            return;
        }
        let mut text = text.to_owned();
        let mut found = mask_text(&mut text, &spellings);
        // JSON can spell every character in another way; quotes and the like in no other than was looked for.
        if respelt
            && let Ok(mut body) = serde_json::from_str(&text)
            && mask_value(&mut body, &spellings)
        {
            text = body.to_string();
            found = true;
        }
        if found {
            response.body = text.into();
        }
    }
}

/// Whether there was something to mask.
fn mask_text(text: &mut String, spellings: &[&String]) -> bool {
    let mut found = false;
    for spelling in spellings {
        if text.contains(spelling.as_str()) {
            *text = text.replace(spelling.as_str(), REDACTED);
            found = true;
        }
    }
    found
}

fn mask_value(value: &mut Value, spellings: &[&String]) -> bool {
    match value {
        Value::String(text) => mask_text(text, spellings),
        Value::Array(items) => {
            let mut found = false;
            for item in items {
                found |= mask_value(item, spellings);
            }
            found
        }
        Value::Object(object) => {
            let mut found = false;
            let masked: Map<_, _> = std::mem::take(object)
                .into_iter()
                .map(|(mut name, mut value)| {
                    found |= mask_text(&mut name, spellings);
                    found |= mask_value(&mut value, spellings);
                    (name, value)
                })
                .collect();
            *object = masked;
            found
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outbound::{HeaderMap, StatusCode};

    fn masked(status: u16, body: &str) -> String {
        let mut concealed = Concealed::default();
        concealed.add("to/ken+1==");
        concealed.add("brief");
        concealed.add_pair("a b", "s%cret: 100");
        let mut response = Response {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.to_owned().into(),
        };
        concealed.mask(&mut response);
        String::from_utf8_lossy(&response.body).into_owned()
    }

    #[test]
    fn every_spelling_is_taken_out() {
        for (body, shown) in [
            (
                r#"{"detail":"Bearer to/ken+1=="}"#,
                r#"{"detail":"Bearer [Redact]"}"#,
            ),
            (r#"{"to/ken+1==":1}"#, r#"{"[Redact]":1}"#),
            (r#""to\/ken+1==""#, r#""[Redact]""#),
            (r#""to\u002fken+1\u003d\u003D""#, r#""[Redact]""#),
            ("<p>to%2Fken%2B1%3D%3D</p>", "<p>[Redact]</p>"),
            ("client_secret=s%25cret%3A+100&x=1", "client_secret=[Redact]&x=1"),
            ("s%25cret%3A%20100", "[Redact]"),
            ("Basic YSBiOnMlY3JldDogMTAw", "Basic [Redact]"),
            ("Basic YStiOnMlMjVjcmV0JTNBKzEwMA==", "Basic [Redact]"),
            (r#"{"userName":"anna"}"#, r#"{"userName":"anna"}"#),
        ] {
            for status in [200, 401] {
                assert_eq!(masked(status, body), shown);
            }
        }
    }

    #[test]
    fn short_ones_are_taken_out_of_errors_only() {
        assert_eq!(masked(500, "briefly"), "[Redact]ly");
        assert_eq!(masked(200, "briefly"), "briefly");
    }
}
