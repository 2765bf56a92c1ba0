//! An app's attribute mappings.

use base::{AppId, Cause, OrgId};
use mapping::scope::ScopingFilter;
use mapping::{AttributeMapping, MappingSet, Preset, UserSchema, WhenEmpty};
use scim::ResourceTypes;
use scim::schema::ResourceType;
use serde_json::{Map, Value, json};
use store::assignments::SubjectKind;
use store::{Tx, Write};

use crate::app::App;
use crate::apps::revision::{Attempts, rows, to_json};
use crate::attempts::Attempt;
use crate::cycles::{Everybody, begin_initial};
use crate::desired::Mappings;
use crate::error::Error;
use crate::events::{self, Note};
use crate::group_table::GroupTable;
use crate::provisioning::Provisioning;
use crate::settings::{GroupScope, Settings, Switches, Template};
use crate::target_attributes::{self, CustomAttribute, UnknownTarget, refuse_unknown_targets};

/// A change of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum MappingEdit {
    /// Other rows in place of all.
    Replace(Vec<AttributeMapping>),
    /// One more row, as the one of this number, counted from 1; behind the others if none is said.
    Add {
        row: AttributeMapping,
        number: Option<usize>,
    },
    /// Other members of the row with this target. Null takes a member back to its default.
    Change {
        target: String,
        members: Map<String, Value>,
    },
    Remove {
        target: String,
    },
    /// Other rows in place of all, with what goes with them.
    Import {
        rows: Vec<AttributeMapping>,
        filter: ScopingFilter,
        custom_attributes: Vec<CustomAttribute>,
        switches: Switches,
        /// The rows of groups, and which groups are provisioned then.
        groups: Option<(Vec<AttributeMapping>, GroupScope)>,
    },
    /// The rows of a preset, of the app's own if none is named.
    Restore {
        preset: Option<String>,
        when_empty: Option<WhenEmpty>,
    },
}

impl Provisioning {
    pub async fn mappings(&self, org: OrgId, id: AppId) -> Result<MappingSet, Error> {
        let app = self.app(org, id).await?;
        Ok(self.mapping_table(org, &app).await?.set().clone())
    }

    pub(crate) async fn mapping_table(&self, org: OrgId, app: &App) -> Result<Mappings, Error> {
        let rows = self.mapping_rows(org, app.id, SubjectKind::User).await?;
        let custom = &app.settings.custom_attributes;
        Ok(Mappings::declared(MappingSet::check(rows)?, custom)?)
    }

    /// The table of groups.
    pub async fn group_mappings(&self, org: OrgId, id: AppId) -> Result<MappingSet, Error> {
        let app = self.app(org, id).await?;
        Ok(self.group_table(org, &app).await?.set)
    }

    pub(crate) async fn mapping_rows(
        &self,
        org: OrgId,
        id: AppId,
        kind: SubjectKind,
    ) -> Result<Vec<AttributeMapping>, Error> {
        let docs = store::mappings::all(&mut self.reader(), org, id, kind).await?;
        if docs.is_empty() {
            return Err(Error::UnknownApp);
        }
        docs.iter()
            .map(|doc| serde_json::from_str(doc).map_err(|error| Error::damaged("mapping", &error)))
            .collect()
    }

    /// Changes the table of people or of groups. A started app begins anew with everybody; links stay. `types` are the
    /// organization's.
    pub async fn edit_mappings(
        &self,
        org: OrgId,
        table: (AppId, SubjectKind),
        edit: &MappingEdit,
        types: &ResourceTypes,
        cause: &Cause,
    ) -> Result<MappingSet, Error> {
        let attempt = Attempt {
            org,
            app: Some(table.0),
            name: None,
            note: Note::Update,
            cause,
        };
        let set = self.edited(org, table, edit, types, cause).await;
        self.attempted(attempt, set).await
    }

    /// Puts other mappings in place of all.
    pub async fn set_mappings(
        &self,
        org: OrgId,
        id: AppId,
        rows: Vec<AttributeMapping>,
        types: &ResourceTypes,
        cause: &Cause,
    ) -> Result<MappingSet, Error> {
        let edit = MappingEdit::Replace(rows);
        self.edit_mappings(org, (id, SubjectKind::User), &edit, types, cause)
            .await
    }

    async fn edited(
        &self,
        org: OrgId,
        (id, kind): (AppId, SubjectKind),
        edit: &MappingEdit,
        types: &ResourceTypes,
        cause: &Cause,
    ) -> Result<MappingSet, Error> {
        let mut attempts = Attempts::default();
        let mut set = None;
        loop {
            let tried = self.try_edit(org, (id, kind), edit, types, cause).await;
            let done = tried.map(|edited| set = Some(edited));
            if !attempts.outrun(done)? {
                break;
            }
        }
        self.waker.wake(org);
        set.ok_or(Error::UnknownApp)
    }

    async fn try_edit(
        &self,
        org: OrgId,
        (id, kind): (AppId, SubjectKind),
        edit: &MappingEdit,
        types: &ResourceTypes,
        cause: &Cause,
    ) -> Result<MappingSet, Error> {
        let row = self.app_row(org, id).await?;
        let mut app = App::read(&row)?;
        let before = self.mapping_rows(org, id, kind).await?;
        let mut changes = Vec::new();
        let settings_before = serde_json::to_value(&app.settings).unwrap_or_default();
        let rows_before = before.clone();
        let after = match (kind, edit) {
            (SubjectKind::Group, MappingEdit::Restore { when_empty, .. }) => group_rows(*when_empty),
            _ => edit.apply(before, &mut app.settings)?,
        };
        app.settings.check()?;
        target_attributes::check(app.template, &app.settings.custom_attributes)?;
        app.settings.checked_filter()?;
        let set = match kind {
            SubjectKind::User => checked(after, app.template, &app.settings, types)?.set().clone(),
            SubjectKind::Group => GroupTable::checked(after, &app.settings, types)?.set,
        };
        let settings_after = serde_json::to_value(&app.settings).unwrap_or_default();
        changes.extend(events::differences(&settings_before, &settings_after));
        changes.extend(row_differences(&rows_before, set.rows()));
        let mut tables = vec![(kind, rows(&set)?)];
        if let MappingEdit::Import {
            groups: Some((of_groups, _)),
            ..
        } = edit
        {
            let groups = GroupTable::checked(of_groups.clone(), &app.settings, types)?;
            let groups_before = self.mapping_rows(org, id, SubjectKind::Group).await?;
            changes.extend(row_differences(&groups_before, groups.set.rows()));
            tables.push((SubjectKind::Group, rows(&groups.set)?));
        }
        let write = Replace {
            org,
            settings: to_json(&app.settings)?,
            everybody: self.everybody(org, &app, &app.settings, true).await?,
            app: row,
            tables,
            changes,
            cause: cause.clone(),
        };
        self.store.write(write).await?;
        Ok(set)
    }

    /// Refuses another list of the target's attributes if the table writes to what would be gone.
    pub(crate) async fn refuse_orphans(
        &self,
        org: OrgId,
        app: &App,
        custom: &[CustomAttribute],
    ) -> Result<(), Error> {
        let set = MappingSet::check(self.mapping_rows(org, app.id, SubjectKind::User).await?)?;
        let mappings = Mappings::declared(set, custom)?;
        Ok(refuse_unknown_targets(mappings.paths(), app.template, custom)?)
    }
}

impl MappingEdit {
    fn apply(
        &self,
        mut rows: Vec<AttributeMapping>,
        settings: &mut Settings,
    ) -> Result<Vec<AttributeMapping>, Error> {
        match self {
            Self::Replace(rows) => return Ok(rows.clone()),
            Self::Import {
                rows,
                filter,
                custom_attributes,
                switches,
                groups,
            } => {
                if let Some((_, scope)) = groups {
                    settings.groups = *scope;
                }
                settings.filter = filter.clone();
                settings.custom_attributes.clone_from(custom_attributes);
                settings.switches = *switches;
                return Ok(rows.clone());
            }
            Self::Add { row, number } => {
                let at = number.map_or(rows.len(), |number| number.saturating_sub(1).min(rows.len()));
                rows.insert(at, row.clone());
            }
            Self::Change { target, members } => {
                let at = position(&rows, target)?;
                rows[at] = changed(&rows[at], members)?;
            }
            Self::Remove { target } => {
                rows.remove(position(&rows, target)?);
            }
            Self::Restore { preset, when_empty } => {
                let preset = find(preset.as_deref().unwrap_or(&settings.preset))?;
                settings.preset.clone_from(&preset.name);
                return Ok(match when_empty {
                    Some(when_empty) => preset.clone().with_when_empty(*when_empty).mappings,
                    None => preset.mappings.clone(),
                });
            }
        }
        Ok(rows)
    }
}

/// `[{"field", "from", "to"}]`, a line for each row that is another, by its target; null where there is none.
fn row_differences<'r>(
    before: &[AttributeMapping],
    after: impl Iterator<Item = &'r AttributeMapping>,
) -> Vec<Value> {
    let mut gone: Vec<_> = before.iter().collect();
    let mut found = Vec::new();
    for row in after {
        let same = gone
            .iter()
            .position(|old| mapping::same_target(&old.target, &row.target));
        let old = same.map(|at| gone.remove(at));
        if old != Some(row) {
            found.push(json!({ "field": format!("mapping {}", row.target), "from": old, "to": row }));
        }
    }
    let gone = gone
        .into_iter()
        .map(|old| json!({ "field": format!("mapping {}", old.target), "from": old, "to": null }));
    found.extend(gone);
    found
}

fn position(rows: &[AttributeMapping], target: &str) -> Result<usize, Error> {
    let found = rows
        .iter()
        .position(|row| mapping::same_target(&row.target, target));
    found.ok_or_else(|| Error::UnknownMapping {
        target: target.to_owned(),
    })
}

fn changed(row: &AttributeMapping, members: &Map<String, Value>) -> Result<AttributeMapping, Error> {
    let mut all = match serde_json::to_value(row) {
        Ok(Value::Object(all)) => all,
        Ok(_) => Map::new(),
        Err(error) => return Err(Error::damaged("mapping", &error)),
    };
    for (name, value) in members {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    serde_json::from_value(Value::Object(all)).map_err(|error| Error::Row {
        message: error.to_string(),
    })
}

/// The rows of groups that an app begins with.
pub(crate) fn group_rows(when_empty: Option<WhenEmpty>) -> Vec<AttributeMapping> {
    let mut rows = mapping::preset::groups().to_vec();
    if let Some(when_empty) = when_empty {
        for row in &mut rows {
            row.when_empty = when_empty;
        }
    }
    rows
}

/// The preset of that name.
pub(crate) fn find(name: &str) -> Result<&'static Preset, Error> {
    mapping::preset::find(name).ok_or_else(|| Error::UnknownPreset {
        name: name.to_owned(),
    })
}

/// A table as it may be saved: whatever it reads and writes is there.
pub(crate) fn checked(
    rows: Vec<AttributeMapping>,
    template: Template,
    settings: &Settings,
    types: &ResourceTypes,
) -> Result<Mappings, Error> {
    let custom = &settings.custom_attributes;
    let mappings = Mappings::declared(MappingSet::check(rows)?, custom)?;
    mappings.set().refuse_unknown_sources(&People(&types.user))?;
    refuse_unknown_targets(mappings.paths(), template, custom)?;
    if let Some(preset) = mapping::preset::find(&settings.preset)
        && let Some(why) = &preset.why_no_others
    {
        refuse_others(&mappings, preset, why)?;
    }
    Ok(mappings)
}

fn refuse_others(mappings: &Mappings, preset: &Preset, why: &str) -> Result<(), UnknownTarget> {
    let is_there = |target: &str| {
        let mut known = preset.mappings.iter();
        known.any(|row| mapping::same_target(&row.target, target))
    };
    let mut others = mappings.set().rows().enumerate();
    match others.find(|(_, row)| !is_there(&row.target)) {
        None => Ok(()),
        Some((index, row)) => Err(UnknownTarget {
            row: index + 1,
            target: row.target.clone(),
            message: why.to_owned(),
        }),
    }
}

/// Refuses a scoping filter that asks for what nobody can have: nobody would be in scope.
pub fn check_filter(filter: &ScopingFilter, types: &ResourceTypes) -> Result<(), Error> {
    Ok(filter.refuse_unknown_attributes(&People(&types.user))?)
}

/// The people of an organization, by its User schemas.
struct People<'t>(&'t ResourceType);

impl UserSchema for People<'_> {
    fn has(&self, schema: Option<&str>, attribute: &str, sub: Option<&str>) -> bool {
        self.0.stores(schema, attribute, sub)
    }

    fn names(&self) -> Vec<String> {
        self.0.paths()
    }
}

struct Replace {
    org: OrgId,
    app: store::apps::App,
    settings: String,
    tables: Vec<(SubjectKind, Vec<String>)>,
    everybody: Option<Everybody>,
    /// What has changed, for the trail.
    changes: Vec<Value>,
    cause: Cause,
}

impl Write for Replace {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, cause, .. } = self;
        // The app's version tells the engine to read them anew.
        let draft = store::apps::Draft {
            name: app.name.clone(),
            template: app.template.clone(),
            state: app.state,
            settings: self.settings.clone(),
        };
        store::apps::update(tx, *org, app.id, app.version, &draft, cause).await?;
        for (kind, rows) in &self.tables {
            store::mappings::replace(tx, *org, app.id, *kind, rows, cause).await?;
        }
        if let Some(everybody) = self.everybody {
            begin_initial(tx, *org, app.id, everybody, cause).await?;
        }
        events::note_changes(tx, (*org, app.id), &app.name, Note::Update, &self.changes, cause).await
    }
}
