//! From an app's configuration to Graph's schema.

use serde_json::Value as Json;

use super::shape::{
    AttributeDefinition, Directory, Filter, FilterClause, FilterGroup, Mapping, MappingSource,
    ObjectDefinition, ObjectMapping, Operand, Pair, Rule, Schema, SourceType,
};
use super::{AttributeType, Configuration, Definition, tree};
use crate::scope::ScopingFilter;
use crate::{
    Apply, AttributeMapping, Expression, Language, MappingSet, Source, WhenEmpty, Written, same_target,
};

const SOURCE: &str = "Azure Active Directory";
const USER: &str = "User";
const GROUP: &str = "Group";

/// What is written of one kind of objects.
struct Side<'a> {
    object: &'static str,
    rows: &'a [AttributeMapping],
    set: &'a MappingSet,
    custom: &'a [Definition],
}

/// Writes a configuration down; the sets are those of its rows. `target` is the app's name.
pub fn export(
    configuration: &Configuration,
    (users, groups): (&MappingSet, Option<&MappingSet>),
    target: &str,
) -> Json {
    let Configuration { custom, switches, .. } = configuration;
    let users = Side {
        object: USER,
        rows: &configuration.rows,
        set: users,
        custom,
    };
    let groups = configuration.groups.as_ref().zip(groups).map(|(groups, set)| {
        let side = Side {
            object: GROUP,
            rows: &groups.rows,
            set,
            custom: &[],
        };
        (side, groups.enabled)
    });
    let of_users = ObjectMapping {
        scope: filter(&configuration.filter),
        deactivate: Some(switches.deactivate).filter(|deactivate| *deactivate != switches.update),
        ..users.mapping(configuration, target)
    };
    let of_groups = groups.as_ref().map(|(groups, enabled)| ObjectMapping {
        enabled: *enabled,
        ..groups.mapping(configuration, target)
    });
    let sides: Vec<_> = std::iter::once(&users)
        .chain(groups.as_ref().map(|(groups, _)| groups))
        .collect();
    let directory = |name: &str, attributes: &dyn Fn(&Side<'_>) -> Vec<AttributeDefinition>| Directory {
        name: name.to_owned(),
        objects: sides
            .iter()
            .map(|side| ObjectDefinition {
                name: side.object.to_owned(),
                attributes: attributes(side),
            })
            .collect(),
    };
    let schema = Schema {
        directories: vec![
            directory(SOURCE, &|side| {
                side.set.attributes().into_iter().map(source_definition).collect()
            }),
            directory(target, &target_definitions),
        ],
        synchronization_rules: vec![Rule {
            name: "USER_TO_USER".to_owned(),
            editable: true,
            priority: 1,
            source_directory_name: SOURCE.to_owned(),
            target_directory_name: target.to_owned(),
            object_mappings: std::iter::once(of_users).chain(of_groups).collect(),
        }],
    };
    serde_json::to_value(schema).unwrap_or_default()
}

impl Side<'_> {
    fn mapping(&self, configuration: &Configuration, target: &str) -> ObjectMapping {
        let rows = self.set.rows().zip(self.set.expressions());
        ObjectMapping {
            name: format!("Synchronize {SOURCE} {}s to {target}", self.object),
            enabled: true,
            flow_types: flow_types(configuration),
            source_object_name: self.object.to_owned(),
            target_object_name: self.object.to_owned(),
            scope: None,
            attribute_mappings: rows.map(|(row, expression)| mapping(row, expression)).collect(),
            deactivate: None,
        }
    }
}

fn source_definition(name: &str) -> AttributeDefinition {
    AttributeDefinition {
        name: name.to_owned(),
        ..AttributeDefinition::default()
    }
}

/// What the table fills, and what is declared.
fn target_definitions(side: &Side<'_>) -> Vec<AttributeDefinition> {
    let Side { rows, custom, .. } = side;
    let is_custom = |name: &str| custom.iter().any(|one| same_target(&one.name, name));
    let mapped = rows.iter().filter(|row| !is_custom(&row.target));
    let mapped = mapped.map(|row| {
        let is_members = side.object == GROUP && same_target(&row.target, "members");
        Definition {
            name: row.target.clone(),
            kind: if is_members {
                AttributeType::Reference
            } else {
                AttributeType::String
            },
            multi_valued: is_members,
        }
    });
    let nulls = |name: &str| {
        let mut rows = rows.iter();
        rows.any(|row| row.when_empty == WhenEmpty::Clear && same_target(&row.target, name))
    };
    let definition = |one: Definition, metadata: Vec<Pair>| AttributeDefinition {
        flow_null_values: nulls(&one.name),
        kind: one.kind,
        multivalued: one.multi_valued,
        name: one.name,
        metadata,
    };
    let declared = Pair {
        key: super::import::CUSTOM.to_owned(),
        value: "true".to_owned(),
    };
    let own = custom
        .iter()
        .map(|one| definition(one.clone(), vec![declared.clone()]));
    mapped.map(|one| definition(one, Vec::new())).chain(own).collect()
}

fn flow_types(configuration: &Configuration) -> String {
    let switches = configuration.switches;
    let all = [
        (switches.create, "Add"),
        (switches.update, "Update"),
        (switches.delete, "Delete"),
    ];
    let names: Vec<&str> = all
        .into_iter()
        .filter(|(on, _)| *on)
        .map(|(_, name)| name)
        .collect();
    if names.is_empty() {
        return "None".to_owned();
    }
    names.join(", ")
}

fn filter(filter: &ScopingFilter) -> Option<Filter> {
    if filter.is_empty() {
        return None;
    }
    let groups = filter.groups.iter().map(|group| FilterGroup {
        name: group.title.clone(),
        clauses: group
            .clauses
            .iter()
            .map(|clause| FilterClause {
                operator_name: clause.operator.as_str().to_owned(),
                source_operand_name: clause.attribute.clone(),
                target_operand: Some(Operand {
                    values: clause.value.iter().cloned().collect(),
                }),
            })
            .collect(),
    });
    Some(Filter {
        groups: groups.collect(),
        ..Filter::default()
    })
}

fn mapping(row: &AttributeMapping, expression: Option<&Expression>) -> Mapping {
    Mapping {
        default_value: row.default_value.clone(),
        export_missing_references: false,
        flow_behavior: "FlowWhenChanged".to_owned(),
        flow_type: match row.apply {
            Apply::Always => "Always",
            Apply::OnlyOnCreate => "ObjectAddOnly",
        }
        .to_owned(),
        matching_priority: row.matching.map_or(0, i64::from),
        source: source(&row.source, expression),
        target_attribute_name: row.target.clone(),
        when_empty: Some(row.when_empty).filter(|when_empty| *when_empty == WhenEmpty::Default),
    }
}

fn source(source: &Source, expression: Option<&Expression>) -> Option<MappingSource> {
    Some(match (source, expression) {
        (Source::None, _) => return None,
        (Source::Attribute(name), _) => MappingSource {
            expression: format!("[{name}]"),
            name: name.clone(),
            kind: SourceType::Attribute,
            ..MappingSource::default()
        },
        (Source::Constant(text), _) => MappingSource {
            expression: format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\"")),
            name: text.clone(),
            kind: SourceType::Constant,
            ..MappingSource::default()
        },
        (Source::Expression(Written { text, language }), Some(parsed)) if *language == Language::Entra => {
            MappingSource {
                expression: text.clone(),
                kind: SourceType::Function,
                ..tree::of(parsed)
            }
        }
        (Source::Expression(Written { text, language }), _) => MappingSource {
            expression: text.clone(),
            kind: SourceType::Function,
            language: Some(*language),
            ..MappingSource::default()
        },
    })
}
