//! `instep user disable`, `enable`, `invite` and `delete`: one person after the other, so that one who cannot be
//! changed does not keep the others from it.

use serde_json::{Value, json};

use crate::client::{Client, Error};
use crate::confirm::{Consent, confirm};
use crate::failure::{Reported, report};
use crate::output::{Output, counted, print, print_json};
use crate::plain::plain;

pub(super) async fn disable(client: &Client, users: &[String], output: Output) -> anyhow::Result<()> {
    each(users, output, "Disabled", async |user| {
        set_active(client, user, false).await
    })
    .await
}

pub(super) async fn enable(client: &Client, users: &[String], output: Output) -> anyhow::Result<()> {
    each(users, output, "Enabled", async |user| {
        set_active(client, user, true).await
    })
    .await
}

pub(super) async fn invite(client: &Client, users: &[String], output: Output) -> anyhow::Result<()> {
    each(users, output, "Invited", async |user| {
        client.post(&["people", user, "invitation"], &[]).await
    })
    .await
}

pub(super) async fn delete(
    client: &Client,
    users: &[String],
    consent: Consent,
    output: Output,
) -> anyhow::Result<()> {
    confirm(consent, &question(users))?;
    each(users, output, "Deleted", async |user| {
        client.delete(&["people", user], &[]).await?;
        Ok(json!({ "person": user, "deleted": true }))
    })
    .await
}

async fn set_active(client: &Client, user: &str, active: bool) -> Result<Value, Error> {
    client
        .patch(&["people", user], &json!({ "active": active }))
        .await
}

async fn each(
    users: &[String],
    output: Output,
    done: &str,
    change: impl AsyncFn(&str) -> Result<Value, Error>,
) -> anyhow::Result<()> {
    let mut answers = Vec::new();
    let mut has_failed = false;
    for user in users {
        match change(user).await {
            Ok(answer) if output.is_json() => answers.push(answer),
            Ok(_) => print(&format!("{done} {}.", plain(user)))?,
            Err(error @ Error::Problem { .. }) => {
                has_failed = true;
                report(&anyhow::Error::new(error).context(user.clone()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    if output.is_json() {
        print_json(&answers)?;
    }
    if has_failed { Err(Reported.into()) } else { Ok(()) }
}

fn question(users: &[String]) -> String {
    match users {
        [one] => format!("Delete {one} for good?"),
        many => format!(
            "Delete {} for good ({})?",
            counted(many.len() as u64, "person", "people"),
            many.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_says_who() {
        assert_eq!(question(&["anna".to_owned()]), "Delete anna for good?");
        assert_eq!(
            question(&["anna".to_owned(), "bo".to_owned()]),
            "Delete 2 people for good (anna, bo)?"
        );
    }
}
