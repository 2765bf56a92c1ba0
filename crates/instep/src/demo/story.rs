//! The story that the demo tells, step by step.

use std::collections::HashSet;
use std::time::Instant;

use anyhow::{Result, bail};
use base::{OrgId, Secret};
use serde::Serialize;
use serde_json::{Value, json};

use super::compare::{Comparison, compare, folded};
use super::day::{self, Doors};
use super::http::Http;
use super::{POLL, Wanted, staff};
use crate::output::Output;
use crate::progress::{Bar, Progress};

/// The app's name.
const APP: &str = "Webex";

/// Who is who.
pub(super) struct Cast {
    pub(super) url: String,
    pub(super) directory: OrgId,
    pub(super) hub: OrgId,
    /// May use the admin API and SCIM of the directory.
    pub(super) directory_token: Secret,
    /// What an admin would copy into the app's settings.
    pub(super) hub_token: Secret,
    pub(super) admin: String,
}

/// What happened, for scripts.
#[derive(Debug, Default, Serialize)]
struct Summary {
    users: usize,
    created: u64,
    linked: u64,
    updated: u64,
    disabled: u64,
    enabled: u64,
    deleted: u64,
    unchanged: u64,
    errors: u64,
    initial_seconds: f64,
    incremental_seconds: f64,
    hub_matches_directory: bool,
}

struct Stage<'c> {
    cast: &'c Cast,
    api: Http,
    directory: Http,
    hub: Http,
    output: Output,
}

pub(super) async fn tell(cast: &Cast, wanted: Wanted, output: Output) -> Result<()> {
    let Cast {
        url, directory, hub, ..
    } = cast;
    let stage = Stage {
        cast,
        api: Http::new(format!("{url}/api/v1"), cast.directory_token.clone())?,
        directory: Http::new(format!("{url}/v1/scim/{directory}"), cast.directory_token.clone())?,
        hub: Http::new(format!("{url}/v1/scim/{hub}"), cast.hub_token.clone())?,
        output,
    };
    let mut summary = Summary::default();

    stage.say("1. A directory is filled from a staff list.");
    let report = stage.api.import(staff::csv(wanted.users)).await?;
    stage.say(&format!("   {} people came in.", report["created"]));

    stage.say("2. Some of them have an account at the hub already, made by hand.");
    let people = stage.people().await?;
    let by_hand = stage.open_accounts_by_hand(&people).await?;
    stage.say(&format!("   {by_hand} accounts."));

    stage.say("3. The Webex app is added, a group is assigned to it, the connection is tested.");
    let group = stage.assign(&people).await?;
    stage.connect().await?;

    stage.say("4. The plan, before anything is touched:");
    stage.show_plan().await?;

    stage.say("5. The plan is applied over HTTP.");
    let started = Instant::now();
    stage.api.post(&format!("/apps/{APP}/sync"), json!({})).await?;
    stage.in_step().await?;
    summary.initial_seconds = seconds(started);
    stage.say(&format!("   In step after {:.2} s.", summary.initial_seconds));

    stage.say("6. A day of changes. Nobody starts a cycle: each change does.");
    let doors = Doors {
        api: &stage.api,
        scim: &stage.directory,
    };
    let members = stage.active_members(&group).await?;
    let morning = day::morning(&doors, &group, &members).await?;
    let changed = Instant::now();
    stage.in_step().await?;
    summary.incremental_seconds = seconds(changed);
    stage.say(&format!(
        "   In the morning {} came, one took a new name, {} rose, {} left; in step {:.2} s after the last change.",
        morning.hires, morning.promotions, morning.leavers, summary.incremental_seconds
    ));
    day::afternoon(&doors, &morning).await?;
    let changed = Instant::now();
    stage.in_step().await?;
    summary.incremental_seconds = summary.incremental_seconds.max(seconds(changed));
    stage.say("   In the afternoon one is back.");
    stage.count_up(&mut summary).await?;

    stage.say("7. Everybody is looked at once more, and the hub is compared with the directory.");
    let again = stage.look_again().await?;
    let comparison = stage.compare(&group).await?;
    summary.users = comparison.in_scope;
    summary.unchanged = again.unchanged;
    summary.hub_matches_directory = comparison.differences.is_empty() && again.writes == 0;
    for difference in comparison.differences.iter().take(20) {
        stage.say(&format!("   differs: {difference}"));
    }
    stage.say(&format!(
        "   {} people in scope; {} differences; the second look sent {} writes.",
        comparison.in_scope,
        comparison.differences.len(),
        again.writes
    ));

    let matches = summary.hub_matches_directory;
    let errors = summary.errors;
    output.value(&summary, summary_text)?;
    stage.say_goodbye(wanted);
    if !matches || errors > 0 {
        bail!("the hub is not in step with the directory: the lines above say where they differ");
    }
    Ok(())
}

impl Stage<'_> {
    /// Goes to stderr where stdout is for programs.
    fn say(&self, text: &str) {
        if self.output.is_json() {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    }

    async fn people(&self) -> Result<Vec<Value>> {
        let people = self.directory.all_users().await?;
        Ok(people
            .into_iter()
            .filter(|person| folded(person) != self.cast.admin)
            .collect())
    }

    /// Every twentieth, with a title of its own and without an externalId.
    async fn open_accounts_by_hand(&self, people: &[Value]) -> Result<usize> {
        let mut count = 0;
        for person in people
            .iter()
            .step_by(20)
            .filter(|person| person["active"] == true)
        {
            let account = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": person["userName"],
                "displayName": person["displayName"],
                "title": "(made by hand)",
            });
            self.hub.post("/Users", account).await?;
            count += 1;
        }
        Ok(count)
    }

    /// Of every ten, eight are in the group, one is assigned in person, and one has no access. Returns the group's id.
    async fn assign(&self, people: &[Value]) -> Result<String> {
        let group = self
            .api
            .post("/groups", json!({ "display_name": "Webex users" }))
            .await?;
        let group = group["id"].as_str().unwrap_or_default().to_owned();
        let ids = |wanted: fn(usize) -> bool| -> Vec<&str> {
            let those = people.iter().enumerate().filter(|(at, _)| wanted(at % 10));
            those.filter_map(|(_, person)| person["id"].as_str()).collect()
        };
        for some in ids(|at| at < 8).chunks(1_000) {
            self.api
                .post(&format!("/groups/{group}/members"), json!({ "add": some }))
                .await?;
        }
        let app = json!({
            "template": "webex",
            "name": APP,
            "base_url": format!("{}/v1/scim/{}", self.cast.url, self.cast.hub),
            "token": self.cast.hub_token.expose(),
            "when_empty": "clear",
        });
        self.api.post("/apps", app).await?;
        let mut add = vec![json!({ "group": group })];
        add.extend(ids(|at| at == 8).iter().map(|id| json!({ "user": id })));
        for some in add.chunks(1_000) {
            self.api
                .post(&format!("/apps/{APP}/assignments"), json!({ "add": some }))
                .await?;
        }
        Ok(group)
    }

    async fn connect(&self) -> Result<()> {
        let verdict = self.api.post(&format!("/apps/{APP}/test"), json!({})).await?;
        let text = verdict["text"].as_str().unwrap_or_default();
        if verdict["ok"] != true {
            bail!("the connection does not work: {text}");
        }
        self.say(&format!("   {text}"));
        Ok(())
    }

    async fn show_plan(&self) -> Result<()> {
        let plan = self.api.post(&format!("/apps/{APP}/plan"), json!({})).await?;
        let text = crate::commands::app::plan_text(&plan, APP, self.output)?;
        for line in text.lines().take(24) {
            self.say(&format!("   {line}"));
        }
        let more = text.lines().count().saturating_sub(24);
        if more > 0 {
            self.say(&format!("   … and {more} lines more"));
        }
        Ok(())
    }

    /// Waits until everything that the directory says is at the hub.
    async fn in_step(&self) -> Result<()> {
        let bar = Bar::start("provisioning");
        loop {
            let status = self.api.get(&format!("/apps/{APP}/status")).await?;
            let number = |name: &str| status["progress"][name].as_u64().unwrap_or_default();
            bar.set(Progress {
                done: number("done"),
                total: number("total"),
            });
            if status["in_step"] == true {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The active people of the group, as the directory's SCIM service shows them.
    async fn active_members(&self, group: &str) -> Result<Vec<Value>> {
        let members = self.member_ids(group).await?;
        let is_member = |person: &Value| person["id"].as_str().is_some_and(|id| members.contains(id));
        let people = self.people().await?;
        Ok(people
            .into_iter()
            .filter(|person| is_member(person) && person["active"] == true)
            .collect())
    }

    async fn member_ids(&self, group: &str) -> Result<HashSet<String>> {
        let members = self.api.all_items(&format!("/groups/{group}/members")).await?;
        Ok(members
            .iter()
            .filter_map(|member| member["id"].as_str())
            .map(ToOwned::to_owned)
            .collect())
    }

    /// What all cycles of the day came to.
    async fn count_up(&self, summary: &mut Summary) -> Result<()> {
        for cycle in self.api.all_items(&format!("/apps/{APP}/cycles")).await? {
            let count = |name: &str| cycle["counts"][name].as_u64().unwrap_or_default();
            summary.created += count("created");
            summary.linked += count("linked");
            summary.updated += count("updated");
            summary.disabled += count("disabled");
            summary.enabled += count("enabled");
            summary.deleted += count("deleted");
            summary.errors += count("errors");
        }
        Ok(())
    }

    async fn look_again(&self) -> Result<Again> {
        let started = self
            .api
            .post(&format!("/apps/{APP}/sync"), json!({ "restart": true }))
            .await?;
        self.in_step().await?;
        let id = started["cycle"]["id"].as_str().unwrap_or_default();
        let cycle = self.api.get(&format!("/apps/{APP}/cycles/{id}")).await?;
        let count = |name: &str| cycle["counts"][name].as_u64().unwrap_or_default();
        let names = [
            "created", "linked", "updated", "disabled", "enabled", "deleted", "errors",
        ];
        Ok(Again {
            unchanged: count("unchanged"),
            writes: names.into_iter().map(count).sum(),
        })
    }

    async fn compare(&self, group: &str) -> Result<Comparison> {
        let mut in_scope = self.member_ids(group).await?;
        for assignment in self.api.all_items(&format!("/apps/{APP}/assignments")).await? {
            if assignment["kind"] == "user" {
                in_scope.extend(assignment["id"].as_str().map(ToOwned::to_owned));
            }
        }
        // The hub's own admin, and accounts that were made by hand for people who have no access.
        let mut strangers = HashSet::from([self.cast.admin.clone()]);
        for person in self.people().await? {
            if !in_scope.contains(person["id"].as_str().unwrap_or_default()) {
                let linked = self
                    .api
                    .get(&format!("/people/{}", person["id"].as_str().unwrap_or_default()))
                    .await?;
                if linked["accounts"].as_array().is_none_or(Vec::is_empty) {
                    strangers.insert(folded(&person));
                }
            }
        }
        compare(&self.directory, &self.hub, &in_scope, &strangers).await
    }

    fn say_goodbye(&self, wanted: Wanted) {
        if wanted.leave {
            return;
        }
        self.say(&format!(
            "\nThe admin API is at {}/api/v1. Look around with",
            self.cast.url
        ));
        self.say(&format!(
            "  export INSTEP_URL={} INSTEP_TOKEN={}",
            self.cast.url,
            self.cast.directory_token.expose()
        ));
        self.say(&format!(
            "  instep app status {APP};  instep log --limit 5;  instep user list --limit 10"
        ));
        self.say("Ctrl-C ends it; nothing is left behind.");
    }
}

/// What a second look at everybody did.
struct Again {
    unchanged: u64,
    writes: u64,
}

fn seconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0
}

fn summary_text(summary: &Summary) -> String {
    let verdict = if summary.hub_matches_directory {
        "The hub matches the directory."
    } else {
        "The hub differs."
    };
    format!(
        "{verdict} {} people; created {}, linked {}, updated {}, disabled {}, enabled {}, deleted {}, unchanged {}, errors {}.",
        summary.users,
        summary.created,
        summary.linked,
        summary.updated,
        summary.disabled,
        summary.enabled,
        summary.deleted,
        summary.unchanged,
        summary.errors
    )
}
