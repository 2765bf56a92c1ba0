//! An app's configuration in the form of Microsoft Graph's `synchronizationSchema`, so that one that works in Entra ID
//! can be brought along, and taken there.

use base::{AppId, Cause, OrgId};
use mapping::graph::{AttributeType, Configuration, Definition, Imported};
use mapping::scope::ScopingFilter;
use mapping::{AttributeMapping, MappingSet, graph};
use scim::ResourceTypes;
use serde_json::Value;
use store::assignments::SubjectKind;

use crate::app::App;
use crate::desired::Mappings;
use crate::error::Error;
use crate::mapping_table::{MappingEdit, check_filter, checked};
use crate::provisioning::Provisioning;
use crate::settings::{Settings, Switches, Template};
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
        let configuration = Configuration {
            rows: table.set().rows().cloned().collect(),
            filter: app.settings.filter.clone(),
            switches: app.settings.switches,
            custom: app.settings.custom_attributes.iter().map(definition).collect(),
        };
        Ok(graph::export(&configuration, table.set(), &app.name))
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
        let imported = graph::import(schema)?;
        let (settings, mappings, notes) = fit(&app, imported, unfit, types)?;
        let brought = Brought {
            mappings: mappings.set().clone(),
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
fn fit(
    app: &App,
    imported: Imported,
    unfit: Unfit,
    types: &ResourceTypes,
) -> Result<(Settings, Mappings, Vec<String>), Error> {
    let Imported {
        configuration,
        definitions,
        mut notes,
    } = imported;
    let mut settings = app.settings.clone();
    settings.filter = configuration.filter;
    settings.switches = configuration.switches;
    settings.custom_attributes = declared(
        app.template,
        configuration.custom,
        definitions,
        &configuration.rows,
    );
    target_attributes::check(app.template, &settings.custom_attributes)?;
    settings.checked_filter()?;
    check_filter(&settings.filter, types)?;
    let mut rows = configuration.rows;
    loop {
        let error = match checked(rows.clone(), app.template, &settings, types) {
            Ok(mappings) => return Ok((settings, mappings, notes)),
            Err(error) => error,
        };
        match (unfit, wrong_row(&error, &rows)) {
            (Unfit::LeaveOut, Some(index)) => {
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
