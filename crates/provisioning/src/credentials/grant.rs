//! The request for a token and its answer (RFC 6749 §4.4.2, §5, §6). Pure.

use std::time::Duration;

use base::{Message, Secret, Timestamp};
use outbound::{Method, Request, Response, Url, header};
use serde_json::Value;
use url::form_urlencoded;

use super::{ClientAuth, ClientSecrets, Grant, OAuthSettings};
use crate::target::{Failure, Kind, retry_after};

/// What the authorization server gave.
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) expires: Option<Timestamp>,
    /// In place of the one that was sent, if it gave another.
    pub(super) refresh_token: Option<String>,
    pub(super) refresh_expires: Option<Timestamp>,
}

pub(super) fn request(
    settings: &OAuthSettings,
    secrets: &ClientSecrets,
    refresh_token: Option<&str>,
    timeout: Duration,
) -> Result<Request, Failure> {
    let url: Url = settings
        .token_url
        .parse()
        .map_err(|_| refused("the token URL cannot be read"))?;
    let mut form = form_urlencoded::Serializer::new(String::new());
    match settings.grant {
        Grant::ClientCredentials => form.append_pair("grant_type", "client_credentials"),
        Grant::RefreshToken => form
            .append_pair("grant_type", "refresh_token")
            .append_pair("refresh_token", refresh_token.unwrap_or_default()),
    };
    if !settings.scope.is_empty() {
        form.append_pair("scope", &settings.scope);
    }
    let mut request = Request::new(Method::POST, url)
        .header(
            header::ACCEPT,
            header::HeaderValue::from_static("application/json"),
        )
        .header(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
    match settings.client_auth {
        ClientAuth::Basic => {
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!(
                "{}:{}",
                encoded(&settings.client_id),
                encoded(&secrets.client_secret)
            );
            request.basic = Some(Secret::new(pair));
        }
        ClientAuth::Post => {
            form.append_pair("client_id", &settings.client_id)
                .append_pair("client_secret", &secrets.client_secret);
        }
    }
    request.body = Some(form.finish().into());
    request.timeout = timeout;
    request.largest_answer = 256 << 10;
    Ok(request)
}

/// What an answer gives, or why it gives nothing. Nothing of what the answer holds but its error is repeated.
pub(super) fn read(response: &Response, now: Timestamp) -> Result<Granted, Failure> {
    let status = response.status.as_u16();
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
    if !response.status.is_success() {
        let detail = [text("error"), text("error_description")];
        let detail: Vec<_> = detail.into_iter().flatten().collect();
        let detail: String = detail.join(": ").chars().take(300).collect();
        let wait = retry_after(&response.headers, now);
        let message = |code: &str| {
            let message = Message::new(code).with("status", status);
            message.with(
                "detail",
                if detail.is_empty() {
                    "it gives no reason"
                } else {
                    &detail
                },
            )
        };
        return Err(match status {
            429 | 503 if wait.is_some() || status == 429 => {
                failure(Kind::Throttled, message("token.throttled"), wait)
            }
            408 | 425 | 500.. => failure(Kind::Unreachable, message("token.broken"), None),
            _ => failure(Kind::Refused, message("token.refused"), None),
        });
    }
    let token = text("access_token").filter(|token| token.bytes().all(|byte| (0x21..0x7f).contains(&byte)));
    let kind = text("token_type").unwrap_or("Bearer");
    let Some(token) = token.filter(|_| kind.eq_ignore_ascii_case("bearer")) else {
        let message = Message::new("token.none").with("status", status);
        return Err(failure(Kind::Unreachable, message, None));
    };
    let after = |name: &str| {
        let seconds = match &body[name] {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        };
        // Ten years are for ever.
        seconds.map(|seconds| now + Duration::from_secs(seconds.min(10 * 365 * 86_400)))
    };
    Ok(Granted {
        access_token: token.to_owned(),
        expires: after("expires_in"),
        refresh_token: text("refresh_token").map(str::to_owned),
        refresh_expires: after("refresh_token_expires_in"),
    })
}

/// No answer: nothing was sent to the target, whatever became of the question.
pub(super) fn unanswered(error: &outbound::Error) -> Failure {
    Failure {
        kind: Kind::Unreachable,
        status: None,
        message: Message::new("token.unreachable").with("detail", error),
        retry_after: None,
    }
}

pub(super) fn refused(detail: &str) -> Failure {
    Failure {
        kind: Kind::Refused,
        status: None,
        message: Message::new("token.unusable").with("detail", detail),
        retry_after: None,
    }
}

/// The status is in the message: it is none of the target's.
fn failure(kind: Kind, message: Message, retry_after: Option<Duration>) -> Failure {
    Failure {
        kind,
        status: None,
        message,
        retry_after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outbound::{HeaderMap, StatusCode};
    use serde_json::json;

    fn settings(client_auth: ClientAuth, grant: Grant) -> OAuthSettings {
        OAuthSettings {
            token_url: "https://h/token".to_owned(),
            client_id: "a b".to_owned(),
            scope: "x y".to_owned(),
            grant,
            client_auth,
        }
    }

    fn sent(settings: &OAuthSettings) -> (String, Option<String>) {
        let secrets = ClientSecrets {
            client_secret: "s:%".to_owned(),
            refresh_token: None,
        };
        let request = request(settings, &secrets, Some("r"), Duration::from_secs(1)).expect("a request");
        let body = String::from_utf8(request.body.unwrap_or_default().to_vec()).expect("text");
        (body, request.basic.map(|basic| basic.expose().to_owned()))
    }

    #[test]
    fn both_grants_and_both_ways_of_saying_who_one_is() {
        let basic = sent(&settings(ClientAuth::Basic, Grant::ClientCredentials));
        let expected = "grant_type=client_credentials&scope=x+y";
        assert_eq!(basic, (expected.to_owned(), Some("a+b:s%3A%25".to_owned())));
        let post = sent(&settings(ClientAuth::Post, Grant::RefreshToken));
        let expected =
            "grant_type=refresh_token&refresh_token=r&scope=x+y&client_id=a+b&client_secret=s%3A%25";
        assert_eq!(post, (expected.to_owned(), None));
    }

    fn answer(status: u16, body: &Value) -> Result<Granted, Failure> {
        let response = Response {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.to_string().into(),
        };
        read(&response, Timestamp::default())
    }

    #[test]
    fn what_is_given() {
        let given = answer(
            200,
            &json!({"access_token": "t", "token_type": "bearer", "expires_in": 60, "refresh_token": "r",
                    "refresh_token_expires_in": "120"}),
        )
        .expect("given");
        let after = |seconds| Some(Timestamp::default() + Duration::from_secs(seconds));
        assert_eq!((given.access_token.as_str(), given.expires), ("t", after(60)));
        assert_eq!(
            (given.refresh_token.as_deref(), given.refresh_expires),
            (Some("r"), after(120))
        );
        let plain = answer(200, &json!({"access_token": "t"})).expect("given");
        assert_eq!((plain.expires, plain.refresh_token), (None, None));
    }

    #[test]
    fn what_is_not_given() {
        for (status, body, kind, code) in [
            (
                400,
                json!({"error": "invalid_grant"}),
                Kind::Refused,
                "token.refused",
            ),
            (
                401,
                json!({"error": "invalid_client"}),
                Kind::Refused,
                "token.refused",
            ),
            (404, json!("?"), Kind::Refused, "token.refused"),
            (429, json!({}), Kind::Throttled, "token.throttled"),
            (500, json!({}), Kind::Unreachable, "token.broken"),
            (503, json!({}), Kind::Unreachable, "token.broken"),
            (200, json!({}), Kind::Unreachable, "token.none"),
            (
                200,
                json!({"access_token": "a b"}),
                Kind::Unreachable,
                "token.none",
            ),
            (
                200,
                json!({"access_token": "a", "token_type": "mac"}),
                Kind::Unreachable,
                "token.none",
            ),
        ] {
            let failure = answer(status, &body).err().expect("a failure");
            assert_eq!(
                (failure.kind, failure.message.code.as_str()),
                (kind, code),
                "{status} {body}"
            );
        }
    }
}
