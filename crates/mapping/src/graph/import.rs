//! From Graph's schema to an app's configuration. What would be lost silently is refused or noted.

use serde_json::Value as Json;

use super::shape::{
    AttributeDefinition, Filter, FilterGroup, Mapping, ObjectMapping, Rule, Schema, SourceType,
};
use super::{Configuration, Definition, Groups, tree};
use crate::preset::Switches;
use crate::scope::{Clause, ClauseGroup, ScopingFilter};
use crate::{Apply, AttributeMapping, Source, WhenEmpty, Written, same_target};

/// By which Graph marks attributes that an admin has added.
pub(super) const CUSTOM: &str = "IsCustomerDefined";

/// A configuration that was read, and what of the schema it does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub configuration: Configuration,
    /// Every attribute of the target that the schema knows, for those that turn out not to be known here.
    pub definitions: Vec<Definition>,
    /// One sentence each.
    pub notes: Vec<String>,
}

/// A schema that cannot be brought along.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ImportError {
    /// A JSON pointer to where it is.
    pub pointer: String,
    /// One sentence.
    pub message: String,
}

fn refuse<T>(pointer: impl Into<String>, message: impl Into<String>) -> Result<T, ImportError> {
    Err(ImportError {
        pointer: pointer.into(),
        message: message.into(),
    })
}

/// Reads the mapping of people of a schema, and that of groups if there is one.
pub fn import(schema: &Json) -> Result<Imported, ImportError> {
    let read: Schema = match serde_json::from_value(schema.clone()) {
        Ok(schema) => schema,
        Err(error) => return refuse("", format!("it is no synchronization schema: {error}")),
    };
    let mut notes = Vec::new();
    let (users, groups) = objects(&read, &mut notes)?;
    let mut of_users = definitions(&read, &users);
    let rows = rows(&users, &of_users, &mut notes)?;
    let groups = match groups {
        None => None,
        Some(groups) => {
            let of_groups = definitions(&read, &groups);
            let read = Groups {
                rows: self::rows(&groups, &of_groups, &mut notes)?,
                enabled: groups.mapping.enabled,
            };
            // What every group has need not be declared.
            let others = of_groups.into_iter();
            of_users.extend(others.filter(|one| is_custom(one) || one.name.contains(':')));
            Some(read)
        }
    };
    let definitions = of_users;
    let custom = definitions
        .iter()
        .copied()
        .filter(|one| is_custom(one))
        .map(definition);
    Ok(Imported {
        configuration: Configuration {
            rows,
            filter: match &users.mapping.scope {
                None => ScopingFilter::default(),
                Some(scope) => filter(scope, &format!("{}/scope", users.pointer))?,
            },
            switches: switches(users.mapping),
            custom: custom.collect(),
            groups,
        },
        definitions: definitions.iter().copied().map(definition).collect(),
        notes,
    })
}

/// An object mapping, and where it is.
struct Place<'s> {
    pointer: String,
    rule: &'s Rule,
    mapping: &'s ObjectMapping,
}

/// The first mapping of people to people that is in force, and the first of groups to groups.
fn objects<'s>(
    schema: &'s Schema,
    notes: &mut Vec<String>,
) -> Result<(Place<'s>, Option<Place<'s>>), ImportError> {
    let (mut users, mut groups) = (None, None);
    for (at, rule) in schema.synchronization_rules.iter().enumerate() {
        for (index, mapping) in rule.object_mappings.iter().enumerate() {
            if mapping.attribute_mappings.is_empty() {
                continue;
            }
            let place = Place {
                pointer: format!("/synchronizationRules/{at}/objectMappings/{index}"),
                rule,
                mapping,
            };
            let name = if mapping.name.is_empty() {
                &mapping.source_object_name
            } else {
                &mapping.name
            };
            if users.is_none() && mapping.enabled && goes_between(mapping, "user") {
                users = Some(place);
            } else if groups.is_none() && goes_between(mapping, "group") {
                if mapping.scope.as_ref().is_some_and(is_narrow) {
                    notes.push(format!(
                        "the object mapping {name:?} is left out: groups have no scoping filter here"
                    ));
                } else {
                    groups = Some(place);
                }
            } else {
                notes.push(format!(
                    "the object mapping {name:?} is left out: one of people and one of groups are brought along"
                ));
            }
        }
    }
    let Some(users) = users else {
        return refuse(
            "/synchronizationRules",
            "no object mapping in force goes from User to User, so there is nothing to bring along",
        );
    };
    if let Some(groups) = &groups {
        let (ours, theirs) = (switches(users.mapping), switches(groups.mapping));
        let same = (ours.create, ours.update, ours.delete) == (theirs.create, theirs.update, theirs.delete);
        if groups.mapping.enabled && !same {
            notes.push("the flow types of groups are those of people here".to_owned());
        }
    }
    Ok((users, groups))
}

/// Whether anything is kept out.
fn is_narrow(scope: &Filter) -> bool {
    let all = [
        &scope.groups,
        &scope.input_filter_groups,
        &scope.category_filter_groups,
    ];
    all.into_iter().flatten().any(|group| !group.clauses.is_empty())
}

/// Some jobs name a target's objects by the URN of their schema, or in the plural.
fn goes_between(mapping: &ObjectMapping, kind: &str) -> bool {
    let is = |name: &str| {
        let last = name.rsplit(':').next().unwrap_or_default().to_lowercase();
        last.strip_suffix('s').unwrap_or(&last) == kind
    };
    is(&mapping.source_object_name) && is(&mapping.target_object_name)
}

fn rows(
    place: &Place<'_>,
    definitions: &[&AttributeDefinition],
    notes: &mut Vec<String>,
) -> Result<Vec<AttributeMapping>, ImportError> {
    let mappings = &place.mapping.attribute_mappings;
    let mut rows = Vec::with_capacity(mappings.len());
    for (index, mapping) in mappings.iter().enumerate() {
        if mapping.target_attribute_name.is_empty() {
            notes.push(format!(
                "attribute mapping {} names no target and is left out",
                index + 1
            ));
            continue;
        }
        let pointer = format!("{}/attributeMappings/{index}", place.pointer);
        rows.push(row(mapping, &pointer, definitions, notes)?);
    }
    Ok(rows)
}

fn definitions<'s>(schema: &'s Schema, place: &Place<'_>) -> Vec<&'s AttributeDefinition> {
    let directories = schema.directories.iter();
    directories
        .filter(|directory| directory.name == place.rule.target_directory_name)
        .flat_map(|directory| &directory.objects)
        .filter(|object| object.name == place.mapping.target_object_name)
        .flat_map(|object| &object.attributes)
        .filter(|attribute| !attribute.name.is_empty())
        .collect()
}

fn is_custom(attribute: &AttributeDefinition) -> bool {
    let mut metadata = attribute.metadata.iter();
    metadata.any(|pair| pair.key == CUSTOM && pair.value.eq_ignore_ascii_case("true"))
}

fn definition(attribute: &AttributeDefinition) -> Definition {
    Definition {
        name: attribute.name.clone(),
        kind: attribute.kind,
        multi_valued: attribute.multivalued,
    }
}

fn switches(users: &ObjectMapping) -> Switches {
    let named = |name: &str| {
        let mut all = users.flow_types.split(',');
        all.any(|one| one.trim().eq_ignore_ascii_case(name))
    };
    let update = named("Update");
    Switches {
        create: named("Add"),
        update,
        deactivate: users.deactivate.unwrap_or(update),
        delete: named("Delete"),
    }
}

fn row(
    mapping: &Mapping,
    pointer: &str,
    definitions: &[&AttributeDefinition],
    notes: &mut Vec<String>,
) -> Result<AttributeMapping, ImportError> {
    let target = &mapping.target_attribute_name;
    let matching = match u8::try_from(mapping.matching_priority) {
        Ok(0) => None,
        Ok(priority) => Some(priority),
        Err(_) => {
            return refuse(
                format!("{pointer}/matchingPriority"),
                format!("{target}: the matching priority must lie between 0 and 255"),
            );
        }
    };
    let is_nullable = |one: &&&AttributeDefinition| one.flow_null_values && same_target(&one.name, target);
    let nulls = definitions.iter().find(is_nullable).is_some();
    let mut row = AttributeMapping {
        source: source(mapping, pointer)?,
        target: target.clone(),
        matching,
        apply: Apply::Always,
        default_value: mapping.default_value.clone().filter(|text| !text.is_empty()),
        when_empty: match mapping.when_empty {
            Some(when_empty) => when_empty,
            None if nulls => WhenEmpty::Clear,
            None => WhenEmpty::Leave,
        },
    };
    match mapping.flow_type.to_lowercase().as_str() {
        "" | "always" => {}
        "objectaddonly" => row.apply = Apply::OnlyOnCreate,
        "attributeaddonly" => {
            row.apply = Apply::OnlyOnCreate;
            notes.push(format!(
                "{target}: AttributeAddOnly becomes only on create, so an account that exists is not filled in"
            ));
        }
        "valueaddonly" | "multivalueaddonly" => {
            row.when_empty = WhenEmpty::Leave;
            notes.push(format!(
                "{target}: {} becomes always, where an empty source leaves what is there",
                mapping.flow_type
            ));
        }
        other => {
            return refuse(
                format!("{pointer}/flowType"),
                format!("{target}: {other:?} is no flow type"),
            );
        }
    }
    if mapping.flow_behavior.eq_ignore_ascii_case("FlowAlways") {
        notes.push(format!(
            "{target}: FlowAlways has no meaning here, as whatever differs is sent"
        ));
    }
    Ok(row)
}

fn source(mapping: &Mapping, pointer: &str) -> Result<Source, ImportError> {
    let Some(source) = &mapping.source else {
        return Ok(Source::None);
    };
    if let Some(language) = source.language {
        return Ok(Source::Expression(Written {
            text: source.expression.clone(),
            language,
        }));
    }
    let is_blank = source.name.is_empty() && source.expression.is_empty();
    match source.kind {
        SourceType::Attribute if is_blank => Ok(Source::None),
        // A name may be missing beside its expression.
        SourceType::Attribute if source.name.is_empty() => Ok(Source::entra(tree::text(source))),
        SourceType::Attribute => Ok(Source::Attribute(source.name.clone())),
        SourceType::Constant => Ok(Source::Constant(source.name.clone())),
        SourceType::Function if is_blank => refuse(
            format!("{pointer}/source"),
            format!("{}: the function has no name", mapping.target_attribute_name),
        ),
        SourceType::Function => Ok(Source::entra(tree::text(source))),
    }
}

fn filter(scope: &Filter, pointer: &str) -> Result<ScopingFilter, ImportError> {
    for (name, groups) in [
        ("inputFilterGroups", &scope.input_filter_groups),
        ("categoryFilterGroups", &scope.category_filter_groups),
    ] {
        if groups.iter().any(|group| !group.clauses.is_empty()) {
            return refuse(
                format!("{pointer}/{name}"),
                format!("{name} are not understood; without them more people would be in scope"),
            );
        }
    }
    let groups = scope.groups.iter().enumerate();
    let groups = groups.map(|(index, group)| clauses(group, &format!("{pointer}/groups/{index}")));
    Ok(ScopingFilter {
        groups: groups.collect::<Result<_, _>>()?,
    })
}

fn clauses(group: &FilterGroup, pointer: &str) -> Result<ClauseGroup, ImportError> {
    let mut clauses = Vec::with_capacity(group.clauses.len());
    for (index, clause) in group.clauses.iter().enumerate() {
        let pointer = format!("{pointer}/clauses/{index}");
        let operator = match clause.operator_name.parse() {
            Ok(operator) => operator,
            Err(error) => return refuse(format!("{pointer}/operatorName"), format!("{error}")),
        };
        let values = clause
            .target_operand
            .as_ref()
            .map_or(&[][..], |operand| &operand.values);
        if values.len() > 1 {
            return refuse(
                format!("{pointer}/targetOperand"),
                format!("{}: a clause compares with one value", clause.source_operand_name),
            );
        }
        let value = values.first().map(String::as_str);
        clauses.push(Clause::new(&clause.source_operand_name, operator, value));
    }
    Ok(ClauseGroup {
        title: group.name.clone(),
        clauses,
    })
}
