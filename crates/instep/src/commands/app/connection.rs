//! `instep app test`

use serde::Deserialize;

use crate::client::Client;
use crate::failure::{Reported, say};
use crate::output::{Output, print, print_json, read};

#[derive(Deserialize)]
struct Test {
    ok: bool,
    text: String,
}

pub(super) async fn run(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    let answer = client.post(&["apps", app, "test"], &[]).await?;
    let test: Test = read(&answer)?;
    if output.is_json() {
        print_json(&answer)?;
    } else if test.ok {
        print(&test.text)?;
    }
    if test.ok {
        return Ok(());
    }
    say(&format!("error: {}", test.text));
    Err(Reported.into())
}
