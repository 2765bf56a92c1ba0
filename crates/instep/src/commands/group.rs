//! `instep group`: groups and who is in them.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Client, ServerArgs};
use crate::confirm::confirm;
use crate::output::{Output, count, counted, details, print_json, table, time};

/// Creates and renames groups, and says who is in them
///
/// A group is named by its id or its display name, a person by id or user name.
#[derive(Debug, Args)]
pub(crate) struct GroupArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: GroupCommand,
}

#[derive(Debug, Subcommand)]
enum GroupCommand {
    /// Creates a group
    Create {
        /// The group's display name
        name: String,
        /// The id that another system knows the group by
        #[arg(long, value_name = "ID")]
        external_id: Option<String>,
    },
    /// Lists the groups
    List,
    /// Shows a group and its members
    Show {
        /// Id or display name
        group: String,
    },
    /// Gives a group another display name
    Rename {
        /// Id or display name
        group: String,
        /// The new display name
        name: String,
    },
    /// Adds people and groups to a group
    Add {
        /// Id or display name
        group: String,
        #[command(flatten)]
        members: Members,
    },
    /// Takes people and groups out of a group
    Remove {
        /// Id or display name
        group: String,
        #[command(flatten)]
        members: Members,
    },
    /// Assigns a group to an app: whoever is in it gets an account there
    Assign {
        /// Id or display name
        group: String,
        /// The app, by id or name
        #[arg(long)]
        app: String,
    },
    /// Takes a group out of an app
    Unassign {
        /// Id or display name
        group: String,
        /// The app, by id or name
        #[arg(long)]
        app: String,
    },
    /// Deletes a group; its members stay
    Delete {
        /// Id or display name
        group: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Who comes or goes.
#[derive(Debug, Args)]
struct Members {
    /// Ids or user names
    #[arg(required_unless_present = "groups")]
    users: Vec<String>,

    /// A group's id or display name; repeatable
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
}

impl Members {
    fn json(&self) -> Value {
        let users = self.users.iter().map(|user| json!(user));
        let groups = self.groups.iter().map(|group| json!({ "group": group }));
        users.chain(groups).collect()
    }
}

#[derive(Deserialize)]
struct Group {
    id: String,
    display_name: String,
    external_id: Option<String>,
    created_at: String,
    members: u64,
    /// To which it is assigned; known of one that is shown.
    #[serde(default)]
    apps: Vec<AssignedTo>,
}

#[derive(Deserialize)]
struct AssignedTo {
    name: String,
}

#[derive(Deserialize)]
struct Member {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    user_name: Option<String>,
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct MembersChanged {
    added: u64,
    removed: u64,
}

pub(crate) async fn run(args: GroupArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    match args.command {
        GroupCommand::Create { name, external_id } => {
            let mut body = json!({ "display_name": name });
            if let Some(external_id) = external_id {
                body["external_id"] = Value::String(external_id);
            }
            let group = client.post_json(&["groups"], &body).await?;
            output.answer(&group, |group: &Group, _| {
                format!("Created the group {} ({}).", group.display_name, group.id)
            })
        }
        GroupCommand::List => {
            let groups = client.list_all(&["groups"], &[]).await?;
            output.list(
                &groups,
                "No groups yet: create one with `instep group create NAME`.",
                list_text,
            )
        }
        GroupCommand::Show { group } => show(&client, &group, output).await,
        GroupCommand::Rename { group, name } => {
            let body = json!({ "display_name": name });
            let renamed = client.patch(&["groups", &group], &body).await?;
            output.answer(&renamed, |renamed: &Group, _| {
                format!("{group} is called {} now.", renamed.display_name)
            })
        }
        GroupCommand::Add { group, members } => {
            let change = json!({ "add": members.json(), "remove": [] });
            change_members(&client, &group, &change, output).await
        }
        GroupCommand::Remove { group, members } => {
            let change = json!({ "add": [], "remove": members.json() });
            change_members(&client, &group, &change, output).await
        }
        GroupCommand::Assign { group, app } => {
            let change = json!({ "add": [{ "group": group }], "remove": [] });
            change_assignment(&client, (&app, &group), &change, output).await
        }
        GroupCommand::Unassign { group, app } => {
            let change = json!({ "add": [], "remove": [{ "group": group }] });
            change_assignment(&client, (&app, &group), &change, output).await
        }
        GroupCommand::Delete { group, yes } => {
            confirm(
                yes.into(),
                &format!("Delete the group {group}? Its members stay."),
            )?;
            client.delete(&["groups", &group], &[]).await?;
            output.value(&json!({ "group": group, "deleted": true }), |_| {
                format!("Deleted the group {group}.")
            })
        }
    }
}

async fn show(client: &Client, group: &str, output: Output) -> anyhow::Result<()> {
    let mut found = client.get(&["groups", group], &[]).await?;
    let members = client.list_all(&["groups", group, "members"], &[]).await?;
    if output.is_json() {
        found["members"] = Value::Array(members);
        return print_json(&found);
    }
    let members: Vec<Member> = members
        .iter()
        .map(crate::output::read)
        .collect::<anyhow::Result<_>>()?;
    output.answer(&found, |group: &Group, _| show_text(group, &members))
}

async fn change_members(client: &Client, group: &str, change: &Value, output: Output) -> anyhow::Result<()> {
    let changed = client.post_json(&["groups", group, "members"], change).await?;
    output.answer(&changed, |changed: &MembersChanged, _| {
        format!(
            "{}: {} added, {} removed.",
            group,
            count(changed.added),
            count(changed.removed)
        )
    })
}

async fn change_assignment(
    client: &Client,
    (app, group): (&str, &str),
    change: &Value,
    output: Output,
) -> anyhow::Result<()> {
    let changed = client.post_json(&["apps", app, "assignments"], change).await?;
    output.answer(&changed, |changed: &MembersChanged, _| {
        match (changed.added, changed.removed) {
            (0, 0) => format!("Nothing to do for {group} at {app}."),
            (_, 0) => format!("{group} is assigned to {app}."),
            (..) => format!("{group} is taken out of {app}."),
        }
    })
}

fn list_text(groups: &[Group]) -> String {
    let row = |group: &Group| [group.display_name.clone(), count(group.members), group.id.clone()];
    table(["name", "members", "id"], groups.iter().map(row))
}

fn show_text(group: &Group, members: &[Member]) -> String {
    let head = details(&[
        ("Name", group.display_name.clone()),
        ("Id", group.id.clone()),
        ("External id", group.external_id.clone().unwrap_or_default()),
        ("Created", time(&group.created_at)),
        ("Members", counted(members.len() as u64, "member", "members")),
        (
            "Apps",
            group
                .apps
                .iter()
                .map(|app| &*app.name)
                .collect::<Vec<_>>()
                .join(", "),
        ),
    ]);
    if members.is_empty() {
        return head;
    }
    let row = |member: &Member| {
        let name = [&member.user_name, &member.display_name]
            .into_iter()
            .flatten()
            .next();
        [
            name.cloned().unwrap_or_default(),
            member.kind.to_lowercase(),
            member.id.clone(),
        ]
    };
    format!(
        "{head}\n{}",
        table(["name", "kind", "id"], members.iter().map(row))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group() -> Group {
        let text = r#"{"id":"0193","display_name":"Engineering","external_id":null,
            "created_at":"2026-11-21T09:30:00Z","modified_at":"2026-11-21T09:30:00Z","version":1,"members":1234}"#;
        serde_json::from_str(text).expect("a group")
    }

    #[test]
    fn lists() {
        insta::assert_snapshot!(list_text(&[group()]), @r"
        NAME         MEMBERS  ID
        Engineering  1,234    0193
        ");
    }

    #[test]
    fn shows_members() {
        let members = r#"[{"id":"1","type":"User","user_name":"anna@example.com"},
                          {"id":"2","type":"Group","display_name":"Platform"}]"#;
        let members: Vec<Member> = serde_json::from_str(members).expect("members");
        insta::assert_snapshot!(show_text(&group(), &members), @r"
        Name:     Engineering
        Id:       0193
        Created:  2026-11-21 09:30:00Z
        Members:  2 members

        NAME              KIND   ID
        anna@example.com  user   1
        Platform          group  2
        ");
    }
}
