//! `instep log --mails`: what was to be sent by mail, and what came of it.

use serde::Deserialize;

use crate::output::{optional_time, table, time};
use crate::plain::plain;

#[derive(Deserialize)]
pub(super) struct Mail {
    to: String,
    subject: String,
    state: String,
    created_at: String,
    attempts: u64,
    next_attempt: Option<String>,
    error: Option<String>,
}

/// Mails as a table, in the order in which they are given.
pub(super) fn list_text(mails: &[Mail]) -> String {
    let row = |mail: &Mail| {
        let state = match mail.state.as_str() {
            "given_up" => "given up",
            state => state,
        };
        [
            time(&mail.created_at),
            mail.to.clone(),
            mail.subject.clone(),
            state.to_owned(),
            mail.attempts.to_string(),
            optional_time(mail.next_attempt.as_ref()),
            mail.error.as_deref().map(plain).unwrap_or_default().into_owned(),
        ]
    };
    let head = ["at", "to", "subject", "state", "tries", "next try", "error"];
    table(head, mails.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mail_says_what_came_of_it() {
        let mails = [
            json!({"id": "1", "to": "it@example.com", "subject": "Webex is in quarantine", "state": "sent",
                "created_at": "2026-11-21T09:30:00Z", "attempts": 1, "next_attempt": null, "error": null}),
            json!({"id": "2", "to": "it@example.com", "subject": "Webex is disabled", "state": "waiting",
                "created_at": "2026-11-21T09:31:00Z", "attempts": 2, "next_attempt": "2026-11-21T09:33:00Z",
                "error": "connection refused"}),
        ];
        let mails = mails.map(|mail| serde_json::from_value::<Mail>(mail).expect("a mail"));
        insta::assert_snapshot!(list_text(&mails), @r"
        AT                    TO              SUBJECT                 STATE    TRIES  NEXT TRY              ERROR
        2026-11-21 09:30:00Z  it@example.com  Webex is in quarantine  sent     1
        2026-11-21 09:31:00Z  it@example.com  Webex is disabled       waiting  2      2026-11-21 09:33:00Z  connection refused
        ");
    }
}
