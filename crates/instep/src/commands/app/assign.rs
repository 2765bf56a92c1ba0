//! `instep app assign`

use clap::{ArgGroup, Args};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::output::{Output, count, table, time};

/// Says who is in an app: people and groups (their direct members)
///
/// Without --user and --group it lists who is assigned. Who is taken out is disabled in the app.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("who").args(["users", "groups"]).multiple(true),
    after_help = "\
Examples:
  instep app assign Webex --group Engineering --user anna@example.com
  instep app assign Webex --group Engineering --remove
  instep app assign Webex"
)]
pub(crate) struct AssignArgs {
    /// The app's id or name
    app: String,

    /// A person's id or user name; repeatable
    #[arg(long = "user", value_name = "USER")]
    users: Vec<String>,

    /// A group's id or display name; repeatable
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,

    /// Their role at the app, which mappings read as appRoleAssignments; an empty one takes it away
    #[arg(long, requires = "who", conflicts_with = "remove")]
    role: Option<String>,

    /// Take them out instead
    #[arg(long, requires = "who")]
    remove: bool,
}

#[derive(Deserialize)]
struct Changed {
    added: u64,
    removed: u64,
}

#[derive(Deserialize)]
struct Assignment {
    kind: String,
    id: String,
    name: Option<String>,
    role: Option<String>,
    created_at: String,
}

pub(super) async fn run(client: &Client, args: &AssignArgs, output: Output) -> anyhow::Result<()> {
    let path = ["apps", &args.app, "assignments"];
    if args.users.is_empty() && args.groups.is_empty() {
        let assignments = client.list_all(&path, &[]).await?;
        let when_empty = "Nobody is assigned: say who with --user or --group.";
        return output.list(&assignments, when_empty, list_text);
    }
    let changed = client.post_json(&path, &request(args)).await?;
    output.answer(&changed, |changed: &Changed, _| {
        format!(
            "{}: {} assigned, {} taken out.",
            args.app,
            count(changed.added),
            count(changed.removed)
        )
    })
}

fn request(args: &AssignArgs) -> Value {
    let users = args.users.iter().map(|user| json!({ "user": user }));
    let groups = args.groups.iter().map(|group| json!({ "group": group }));
    let mut who: Vec<Value> = users.chain(groups).collect();
    if let Some(role) = &args.role {
        for one in &mut who {
            one["role"] = json!(role);
        }
    }
    if args.remove {
        json!({ "add": [], "remove": who })
    } else {
        json!({ "add": who, "remove": [] })
    }
}

fn list_text(assignments: &[Assignment]) -> String {
    let row = |one: &Assignment| {
        [
            one.name.clone().unwrap_or_default(),
            one.kind.clone(),
            one.role.clone().unwrap_or_default(),
            time(&one.created_at),
            one.id.clone(),
        ]
    };
    table(
        ["name", "kind", "role", "since", "id"],
        assignments.iter().map(row),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(remove: bool) -> AssignArgs {
        let (users, groups) = (vec!["anna".to_owned()], vec!["Engineering".to_owned()]);
        AssignArgs {
            app: "Webex".to_owned(),
            users,
            groups,
            role: None,
            remove,
        }
    }

    #[test]
    fn people_and_groups_go_in_or_out() {
        let who = json!([{"user": "anna"}, {"group": "Engineering"}]);
        assert_eq!(request(&args(false)), json!({"add": who, "remove": []}));
        assert_eq!(request(&args(true)), json!({"add": [], "remove": who}));
    }

    #[test]
    fn a_role_goes_with_each() {
        let with_role = AssignArgs {
            role: Some("Admin".to_owned()),
            ..args(false)
        };
        let who = json!([{"user": "anna", "role": "Admin"}, {"group": "Engineering", "role": "Admin"}]);
        assert_eq!(request(&with_role)["add"], who);
    }

    #[test]
    fn lists() {
        let one = r#"[{"kind":"group","id":"3","name":"Engineering","role":"Admin","created_at":"2026-11-21T09:30:00Z"}]"#;
        let assignments: Vec<Assignment> = serde_json::from_str(one).expect("assignments");
        insta::assert_snapshot!(list_text(&assignments), @r"
        NAME         KIND   ROLE   SINCE                 ID
        Engineering  group  Admin  2026-11-21 09:30:00Z  3
        ");
    }
}
