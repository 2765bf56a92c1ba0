//! `instep app retry`

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use crate::client::Client;
use crate::output::{Output, counted};

/// Tries at once what has failed, instead of when it is due
///
/// Everybody who has failed, or one of them; and the target itself, if it could not be used. A create whose answer
/// never came waits on, and so does a time that the target itself has asked for.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    /// Id or name
    app: String,

    /// Id or user name; everybody who has failed, if left out
    user: Option<String>,
}

#[derive(Deserialize)]
struct Retried {
    retried: u64,
    hold_lifted: bool,
}

pub(super) async fn run(client: &Client, args: &RetryArgs, output: Output) -> anyhow::Result<()> {
    let body = match &args.user {
        Some(user) => json!({ "user": user }),
        None => json!({}),
    };
    let answer = client.post_json(&["apps", &args.app, "retry"], &body).await?;
    output.answer(&answer, |retried: &Retried, _| text(retried))
}

fn text(retried: &Retried) -> String {
    let target = if retried.hold_lifted {
        "; the target is tried again, too"
    } else {
        ""
    };
    match retried.retried {
        0 => format!("Nobody is waiting for another try{target}."),
        people => format!(
            "{} tried again now{target}.",
            counted(people, "person is", "people are")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_tried() {
        for (retried, hold_lifted, expected) in [
            (0, false, "Nobody is waiting for another try."),
            (
                0,
                true,
                "Nobody is waiting for another try; the target is tried again, too.",
            ),
            (1, false, "1 person is tried again now."),
            (
                2,
                true,
                "2 people are tried again now; the target is tried again, too.",
            ),
        ] {
            assert_eq!(text(&Retried { retried, hold_lifted }), expected);
        }
    }
}
