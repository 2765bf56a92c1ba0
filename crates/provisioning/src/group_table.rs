//! An app's mappings of groups: a table like that of people, in which one row may stand for the members.

use base::OrgId;
use mapping::{AttributeMapping, MappingError, MappingSet, Source, nearest};
use scim::ResourceTypes;
use scim::schema::ResourceType;
use store::assignments::SubjectKind;

use crate::account::TargetPath;
use crate::app::App;
use crate::desired::Mappings;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::settings::Settings;
use crate::target_attributes::CustomAttribute;

/// The members, as source and as target.
const MEMBERS: &str = "members";
/// What a group answers to besides the attributes of its schemas.
const NAMES: [&str; 5] = ["displayName", "objectId", "id", "externalId", MEMBERS];

/// A table of groups.
#[derive(Debug, Clone)]
pub(crate) struct GroupTable {
    /// All rows.
    pub(crate) set: MappingSet,
    /// The rows that are attributes.
    pub(crate) mappings: Mappings,
    /// Whether members are provisioned.
    pub(crate) members: bool,
}

impl Provisioning {
    pub(crate) async fn group_table(&self, org: OrgId, app: &App) -> Result<GroupTable, Error> {
        let rows = self.mapping_rows(org, app.id, SubjectKind::Group).await?;
        GroupTable::new(rows, &app.settings.custom_attributes)
    }
}

impl GroupTable {
    pub(crate) fn new(rows: Vec<AttributeMapping>, custom: &[CustomAttribute]) -> Result<Self, Error> {
        let set = MappingSet::check(rows)?;
        let attributes: Vec<_> = set.rows().filter(|row| !is_members(row)).cloned().collect();
        let members = attributes.len() < set.rows().count();
        Ok(Self {
            mappings: Mappings::declared(MappingSet::check(attributes)?, custom)?,
            members,
            set,
        })
    }

    /// A table as it may be saved: whatever it reads and writes is there.
    pub(crate) fn checked(
        rows: Vec<AttributeMapping>,
        settings: &Settings,
        types: &ResourceTypes,
    ) -> Result<Self, Error> {
        let custom = &settings.custom_attributes;
        let table = Self::new(rows, custom)?;
        for (index, (row, expression)) in table.set.rows().zip(table.set.expressions()).enumerate() {
            let refuse = |message: String| {
                Err(Error::Mapping(MappingError {
                    row: index + 1,
                    target: row.target.clone(),
                    position: None,
                    message,
                }))
            };
            if is_members(row) {
                if !matches!(&row.source, Source::Attribute(name) if name.eq_ignore_ascii_case(MEMBERS)) {
                    return refuse("members come from the attribute members".to_owned());
                }
                if row.matching.is_some() {
                    return refuse("no group is found by its members".to_owned());
                }
                continue;
            }
            let names = match (&row.source, expression) {
                (Source::Attribute(name), _) => vec![name.as_str()],
                (_, Some(expression)) => expression.attributes(),
                _ => Vec::new(),
            };
            if let Some(name) = names.into_iter().find(|name| !is_known(name, &types.group)) {
                let hint = nearest(name, NAMES)
                    .map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
                return refuse(format!("groups have no attribute {name:?}{hint}"));
            }
            if !can_be_written(&row.target, custom) {
                return refuse(
                    "groups at the target have no such attribute: it may be displayName, externalId, members, one \
                     of a schema's that is declared, or of Webex's own"
                        .to_owned(),
                );
            }
        }
        Ok(table)
    }
}

fn is_members(row: &AttributeMapping) -> bool {
    mapping::same_target(&row.target, MEMBERS)
}

fn is_known(name: &str, groups: &ResourceType) -> bool {
    let name = name.trim();
    if name.eq_ignore_ascii_case(MEMBERS) {
        // As a whole they go to the members and nowhere else.
        return false;
    }
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) || is_in(name, groups)
}

fn is_in(path: &str, groups: &ResourceType) -> bool {
    let Ok(path) = TargetPath::parse(path) else {
        return false;
    };
    groups
        .resolve(path.schema.as_deref(), &path.attribute, path.sub.as_deref())
        .is_some()
}

fn can_be_written(target: &str, custom: &[CustomAttribute]) -> bool {
    let declared = custom
        .iter()
        .any(|custom| mapping::same_target(&custom.name, target));
    let known = ["displayName", "externalId"];
    declared
        || known.iter().any(|known| mapping::same_target(known, target))
        || TargetPath::parse(target).is_ok_and(|path| path.schema.is_some())
            && is_in(target, ResourceType::group())
}
