//! An app's configuration in the form of Microsoft Graph's `synchronizationSchema`, so that one that works in Entra ID
//! can be brought along, and taken there.

use base::{AppId, Cause, OrgId};
use mapping::graph::{AttributeType, Configuration, Definition, Groups, Imported};
use mapping::scope::ScopingFilter;
use mapping::{AttributeMapping, MappingSet, graph};
use scim::ResourceTypes;
use serde_json::Value;
use store::assignments::SubjectKind;

use crate::app::App;
use crate::attempts::Attempt;
use crate::desired::Mappings;
use crate::error::Error;
use crate::events::Note;
use crate::group_table::GroupTable;
use crate::mapping_table::{MappingEdit, check_filter, checked};
use crate::provisioning::Provisioning;
use crate::settings::{AppScope, GroupScope, Settings, Switches, Template};
use crate::target_attributes::{self, CustomAttribute, CustomKind};

/// What is done with mappings that cannot be here, as they read or fill what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unfit {
    #[default]
    Refuse,
    /// They are left out, with a note for each.
    LeaveOut,
}

/// Whether it is only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Run {
    #[default]
    Real,
    Dry,
}

/// What was brought along.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    pub mappings: MappingSet,
    /// The table of groups, and which groups are provisioned; `None`: the schema says nothing of them, and what is here stays.
    pub groups: Option<(MappingSet, GroupScope)>,
    pub filter: ScopingFilter,
    pub custom_attributes: Vec<CustomAttribute>,
    pub switches: Switches,
    /// What was understood otherwise, or left out; one sentence each.
    pub notes: Vec<String>,
}

impl Provisioning {
    /// Writes an app's configuration down.
    pub async fn synchronization_schema(&self, org: OrgId, id: AppId) -> Result<Value, Error> {
        let app = self.app(org, id).await?;
        let table = self.mapping_table(org, &app).await?;
        let groups = self.group_table(org, &app).await?.set;
        let configuration = Configuration {
            groups: Some(Groups {
                rows: groups.rows().cloned().collect(),
                enabled: app.settings.groups != GroupScope::Off,
            }),
            rows: table.set().rows().cloned().collect(),
            filter: app.settings.filter.clone(),
            switches: app.settings.switches,
            custom: app.settings.custom_attributes.iter().map(definition).collect(),
        };
        Ok(graph::export(
            &configuration,
            (table.set(), Some(&groups)),
            &app.name,
        ))
    }

    /// Takes mappings, filter, switches and declared attributes over from a schema, in place of the app's own.
    pub async fn import_synchronization_schema(
        &self,
        org: OrgId,
        id: AppId,
        schema: &Value,
        (unfit, run): (Unfit, Run),
        types: &ResourceTypes,
        cause: &Cause,
    ) -> Result<Brought, Error> {
        let app = self.app(org, id).await?;
        let read = graph::import(schema).map_err(Error::from);
        let fitting = read.and_then(|imported| fit(&app, imported, unfit, types));
        let fitting = match run {
            Run::Real => {
                let attempt = Attempt {
                    org,
                    app: Some(id),
                    name: Some(&app.name),
                    note: Note::Update,
                    cause,
                };
                self.attempted(attempt, fitting).await
            }
            Run::Dry => fitting,
        };
        let Fitting {
            settings,
            mappings,
            groups,
            notes,
        } = fitting?;
        let groups = groups.map(|set| (set, settings.groups));
        let brought = Brought {
            mappings: mappings.set().clone(),
            groups: groups.clone(),
            filter: settings.filter.clone(),
            custom_attributes: settings.custom_attributes.clone(),
            switches: settings.switches,
            notes,
        };
        if run == Run::Real {
            let edit = MappingEdit::Import {
                rows: mappings.set().rows().cloned().collect(),
                filter: settings.filter,
                custom_attributes: settings.custom_attributes,
                switches: settings.switches,
                groups: groups.map(|(set, scope)| (set.rows().cloned().collect(), scope)),
            };
            self.edit_mappings(org, (id, SubjectKind::User), &edit, types, cause)
                .await?;
        }
        Ok(brought)
    }
}

fn definition(custom: &CustomAttribute) -> Definition {
    Definition {
        name: custom.name.clone(),
        kind: match custom.kind {
            CustomKind::String => AttributeType::String,
            CustomKind::Boolean => AttributeType::Boolean,
            CustomKind::Integer => AttributeType::Integer,
            CustomKind::Decimal => AttributeType::Decimal,
            CustomKind::DateTime => AttributeType::DateTime,
            CustomKind::Reference => AttributeType::Reference,
            CustomKind::Binary => AttributeType::Binary,
        },
        multi_valued: custom.multi_valued,
    }
}

fn custom(definition: Definition) -> CustomAttribute {
    CustomAttribute {
        name: definition.name,
        kind: match definition.kind {
            AttributeType::String => CustomKind::String,
            AttributeType::Boolean => CustomKind::Boolean,
            AttributeType::Integer => CustomKind::Integer,
            AttributeType::Decimal => CustomKind::Decimal,
            AttributeType::DateTime => CustomKind::DateTime,
            AttributeType::Reference => CustomKind::Reference,
            AttributeType::Binary => CustomKind::Binary,
        },
        multi_valued: definition.multi_valued,
    }
}

/// What was read, as it can be here.
struct Fitting {
    settings: Settings,
    mappings: Mappings,
    groups: Option<MappingSet>,
    notes: Vec<String>,
}

fn fit(app: &App, imported: Imported, unfit: Unfit, types: &ResourceTypes) -> Result<Fitting, Error> {
    let Imported {
        configuration,
        definitions,
        mut notes,
    } = imported;
    let mut settings = app.settings.clone();
    settings.filter = configuration.filter;
    settings.switches = configuration.switches;
    let of_groups = configuration.groups.as_ref();
    let all: Vec<_> = configuration
        .rows
        .iter()
        .chain(of_groups.into_iter().flat_map(|groups| &groups.rows))
        .cloned()
        .collect();
    settings.custom_attributes = declared(app.template, configuration.custom, definitions, &all);
    settings.groups = match of_groups {
        None => settings.groups,
        Some(groups) => chosen(groups.enabled, &settings, &mut notes),
    };
    target_attributes::check(app.template, &settings.custom_attributes)?;
    settings.checked_filter()?;
    check_filter(&settings.filter, types)?;
    let (rows, groups) = (configuration.rows, configuration.groups);
    let mappings = fitting(rows, unfit, &mut notes, |rows| {
        checked(rows, app.template, &settings, types)
    })?;
    let groups = groups
        .map(|groups| {
            fitting(groups.rows, unfit, &mut notes, |rows| {
                GroupTable::checked(rows, &settings, types)
            })
        })
        .transpose()?;
    Ok(Fitting {
        settings,
        mappings,
        groups: groups.map(|table| table.set),
        notes,
    })
}

/// Which groups are provisioned: those that were, or all or the assigned ones, as it is with people.
fn chosen(enabled: bool, settings: &Settings, notes: &mut Vec<String>) -> GroupScope {
    let users_only = mapping::preset::find(&settings.preset).is_some_and(|preset| preset.users_only);
    match settings.groups {
        _ if !enabled => GroupScope::Off,
        _ if users_only => {
            notes.push(format!(
                "groups stay off: the preset {} is for people only",
                settings.preset
            ));
            GroupScope::Off
        }
        GroupScope::Off if settings.scope == AppScope::All => GroupScope::All,
        GroupScope::Off => GroupScope::Assigned,
        on => on,
    }
}

/// A table without the rows that cannot be here, if they may be left out.
fn fitting<T>(
    mut rows: Vec<AttributeMapping>,
    unfit: Unfit,
    notes: &mut Vec<String>,
    check: impl Fn(Vec<AttributeMapping>) -> Result<T, Error>,
) -> Result<T, Error> {
    loop {
        let error = match check(rows.clone()) {
            Ok(table) => return Ok(table),
            Err(error) => error,
        };
        match (unfit, wrong_row(&error, &rows)) {
            (Unfit::LeaveOut, Some(index)) if index < rows.len() => {
                let row = rows.remove(index);
                notes.push(format!("the mapping to {} is left out: {error}", row.target));
            }
            _ => return Err(error),
        }
    }
}

/// What an admin has added there, and what else the schema knows of targets that are not known here.
fn declared(
    template: Template,
    custom_there: Vec<Definition>,
    definitions: Vec<Definition>,
    rows: &[AttributeMapping],
) -> Vec<CustomAttribute> {
    let is_mapped = |one: &Definition| {
        let mut rows = rows.iter();
        rows.any(|row| mapping::same_target(&row.target, &one.name))
    };
    let mapped = definitions.into_iter().filter(is_mapped);
    let mut all: Vec<CustomAttribute> = Vec::new();
    for one in custom_there.into_iter().chain(mapped) {
        let is_there = all
            .iter()
            .any(|other| mapping::same_target(&other.name, &one.name));
        if !is_there && target_attributes::can_be_declared(template, &one.name) {
            all.push(custom(one));
        }
    }
    all
}

/// Which row it is that is refused.
fn wrong_row(error: &Error, rows: &[AttributeMapping]) -> Option<usize> {
    match error {
        Error::Mapping(error) => error.row.checked_sub(1),
        Error::UnknownSource(error) => error.row.checked_sub(1),
        Error::UnknownTarget(error) => error.row.checked_sub(1),
        Error::Path(error) => rows.iter().position(|row| row.target == error.path),
        _ => None,
    }
}
