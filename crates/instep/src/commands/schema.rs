//! `instep schema`: attributes that the organization adds to its people and groups.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};

use super::app::file;
use crate::client::{Client, ServerArgs};
use crate::confirm::confirm;
use crate::output::{Output, count, counted, details, table, time, yes_no};

/// Adds attributes of your own to people and groups
///
/// A schema is named by its URN.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
enum SchemaCommand {
    /// Lists the schemas that the organization has added
    List,
    /// Shows a schema and its attributes
    Show {
        /// The schema's URN
        urn: String,
    },
    /// Adds a schema, or changes the one of its URN
    #[command(after_help = "\
Examples:
  instep schema add hr.json
  instep schema add team.json --resource-type group --required")]
    Add {
        /// A JSON file with the schema as RFC 7643 section 7 has it, or as `schema show --output json` prints it; -
        /// for standard input
        file: PathBuf,
        /// Which resources it extends: user unless the file says otherwise
        #[arg(long, value_enum, value_name = "TYPE")]
        resource_type: Option<ResourceType>,
        /// Every such resource must have it
        #[arg(long)]
        required: bool,
    },
    /// Removes a schema that no resource has values of
    Remove {
        /// The schema's URN
        urn: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ResourceType {
    User,
    Group,
}

#[derive(Deserialize)]
struct Summary {
    urn: String,
    name: String,
    resource_type: String,
    required: bool,
    attributes: u64,
    resources: u64,
}

#[derive(Deserialize)]
struct Shown {
    urn: String,
    name: String,
    resource_type: String,
    required: bool,
    resources: u64,
    created_at: String,
    modified_at: String,
    schema: Definition,
}

#[derive(Deserialize)]
struct Definition {
    description: String,
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    multi_valued: bool,
    required: bool,
    case_exact: bool,
    mutability: String,
    returned: String,
    uniqueness: String,
    #[serde(default)]
    sub_attributes: Vec<Attribute>,
}

pub(crate) async fn run(args: SchemaArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    match args.command {
        SchemaCommand::List => {
            let schemas = client.list_all(&["schemas"], &[]).await?;
            output.list(
                &schemas,
                "No schemas yet: add one with `instep schema add FILE`.",
                list_text,
            )
        }
        SchemaCommand::Show { urn } => {
            let schema = client.get(&["schemas", &urn], &[]).await?;
            output.answer(&schema, |schema: &Shown, _| show_text(schema))
        }
        SchemaCommand::Add {
            file,
            resource_type,
            required,
        } => {
            let read = file::json(&file)?;
            let (urn, wanted) = request(&read, resource_type, required)
                .with_context(|| format!("cannot use {}", file.display()))?;
            let schema = client.put(&["schemas", &urn], &wanted).await?;
            output.answer(&schema, |schema: &Summary, _| {
                format!(
                    "{}s have the schema {} with {} from now on.",
                    schema.resource_type,
                    schema.urn,
                    counted(schema.attributes, "attribute", "attributes")
                )
            })
        }
        SchemaCommand::Remove { urn, yes } => {
            confirm(yes.into(), &format!("Remove the schema {urn}?"))?;
            client.delete(&["schemas", &urn], &[]).await?;
            output.value(&json!({ "schema": urn, "removed": true }), |_| {
                format!("Removed the schema {urn}.")
            })
        }
    }
}

/// The URN and the body of the upload: from a definition alone, or from what this command prints.
fn request(
    read: &Value,
    resource_type: Option<ResourceType>,
    required: bool,
) -> anyhow::Result<(String, Value)> {
    let (definition, around) = match read.get("schema") {
        Some(definition) if definition.is_object() => (definition, Some(read)),
        _ => (read, None),
    };
    let Some(urn) = definition.get("id").and_then(Value::as_str) else {
        anyhow::bail!("it holds no schema: it should have an id, the schema's URN");
    };
    let said = around
        .and_then(|around| around.get("resource_type"))
        .and_then(Value::as_str);
    let resource_type = match resource_type {
        Some(ResourceType::User) => "User",
        Some(ResourceType::Group) => "Group",
        None => said.unwrap_or("User"),
    };
    let required = required
        || around
            .and_then(|around| around.get("required"))
            .and_then(Value::as_bool)
            .unwrap_or_default();
    let body = json!({ "resource_type": resource_type, "required": required, "schema": definition });
    Ok((urn.to_owned(), body))
}

fn list_text(schemas: &[Summary]) -> String {
    let row = |schema: &Summary| {
        [
            schema.urn.clone(),
            schema.name.clone(),
            schema.resource_type.to_lowercase(),
            yes_no(schema.required),
            count(schema.attributes),
            count(schema.resources),
        ]
    };
    table(
        ["urn", "name", "of", "required", "attributes", "in use by"],
        schemas.iter().map(row),
    )
}

fn show_text(schema: &Shown) -> String {
    let head = details(&[
        ("URN", schema.urn.clone()),
        ("Name", schema.name.clone()),
        ("Description", schema.schema.description.clone()),
        ("Of", schema.resource_type.to_lowercase()),
        ("Required", yes_no(schema.required)),
        ("In use by", counted(schema.resources, "resource", "resources")),
        ("Added", time(&schema.created_at)),
        ("Changed", time(&schema.modified_at)),
    ]);
    let attributes = schema.schema.attributes.iter().flat_map(|attribute| {
        let own = (attribute.name.clone(), attribute);
        let subs = attribute.sub_attributes.iter();
        let subs = subs.map(|sub| (format!("{}.{}", attribute.name, sub.name), sub));
        std::iter::once(own).chain(subs)
    });
    let row = |(name, attribute): (String, &Attribute)| {
        [
            name,
            if attribute.multi_valued {
                format!("{}, several", attribute.kind)
            } else {
                attribute.kind.clone()
            },
            unusual(attribute),
        ]
    };
    format!(
        "{head}\n{}",
        table(["attribute", "type", ""], attributes.map(row))
    )
}

/// What is said of an attribute beyond the usual.
fn unusual(attribute: &Attribute) -> String {
    let mut said = Vec::new();
    if attribute.required {
        said.push("required".to_owned());
    }
    if attribute.uniqueness != "none" {
        said.push("unique".to_owned());
    }
    if attribute.case_exact {
        said.push("case exact".to_owned());
    }
    if attribute.mutability != "readWrite" {
        said.push(attribute.mutability.clone());
    }
    if attribute.returned != "default" {
        said.push(format!("returned {}", attribute.returned));
    }
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_is_for_and_flags_say_it_louder() {
        let plain = json!({"id": "urn:example:hr:User", "attributes": []});
        let shown = json!({"urn": "urn:example:hr:User", "resource_type": "Group", "required": true, "version": 3,
                           "schema": plain});
        for (read, resource_type, required, expected) in [
            (&plain, None, false, ("User", false)),
            (&plain, Some(ResourceType::Group), true, ("Group", true)),
            (&shown, None, false, ("Group", true)),
            (&shown, Some(ResourceType::User), false, ("User", true)),
        ] {
            let (urn, body) = request(read, resource_type, required).expect("a schema");
            assert_eq!(urn, "urn:example:hr:User");
            assert_eq!(
                body,
                json!({ "resource_type": expected.0, "required": expected.1,
                        "schema": { "id": "urn:example:hr:User", "attributes": [] } })
            );
        }
        for read in [json!([]), json!({}), json!({"schema": {}}), json!({"id": 7})] {
            assert!(request(&read, None, false).is_err(), "{read}");
        }
    }

    #[test]
    fn shows_what_is_unusual() {
        let schema = json!({
            "urn": "urn:example:hr:User", "name": "HR", "resource_type": "User", "required": false, "resources": 1200,
            "attributes": 2, "version": 2, "created_at": "2026-11-21T09:30:00Z", "modified_at": "2026-11-22T09:30:00Z",
            "schema": { "id": "urn:example:hr:User", "name": "HR", "description": "", "attributes": [
                { "name": "badge", "type": "integer", "multiValued": false, "required": true, "caseExact": false,
                  "mutability": "immutable", "returned": "default", "uniqueness": "server" },
                { "name": "desks", "type": "complex", "multiValued": true, "required": false, "caseExact": false,
                  "mutability": "readWrite", "returned": "default", "uniqueness": "none", "subAttributes": [
                    { "name": "value", "type": "string", "multiValued": false, "required": false, "caseExact": true,
                      "mutability": "readWrite", "returned": "request", "uniqueness": "none" }] }] },
        });
        let shown: Shown = serde_json::from_value(schema.clone()).expect("a schema");
        insta::assert_snapshot!(show_text(&shown), @r"
        URN:        urn:example:hr:User
        Name:       HR
        Of:         user
        Required:   no
        In use by:  1,200 resources
        Added:      2026-11-21 09:30:00Z
        Changed:    2026-11-22 09:30:00Z

        ATTRIBUTE    TYPE
        badge        integer           required, unique, immutable
        desks        complex, several
        desks.value  string            case exact, returned request
        ");
        let listed: Summary = serde_json::from_value(schema).expect("a schema");
        insta::assert_snapshot!(list_text(&[listed]), @r"
        URN                  NAME  OF    REQUIRED  ATTRIBUTES  IN USE BY
        urn:example:hr:User  HR    user  no        2           1,200
        ");
    }
}
