//! What a plan or a preview may suppose of an app: it shows what a change would do before the change is made. Nothing of it is
//! saved.

use base::{AppId, OrgId};
use mapping::AttributeMapping;
use mapping::scope::ScopingFilter;
use scim::ResourceTypes;

use crate::app::App;
use crate::apps::revision::to_json;
use crate::engine::{Config, Ready, Tables};
use crate::error::Error;
use crate::group_table::GroupTable;
use crate::mapping_table::{check_filter, checked};
use crate::provisioning::Provisioning;
use crate::settings::Removal;

/// What is supposed.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Proposal {
    /// Nothing: the app as it is.
    #[default]
    Nothing,
    /// Other tables, of people or of groups, or another scoping filter.
    Change {
        mappings: Option<Vec<AttributeMapping>>,
        group_mappings: Option<Vec<AttributeMapping>>,
        filter: Option<ScopingFilter>,
    },
    /// That the app is removed, and this becomes of its accounts and groups.
    Removal(Removal),
}

impl Provisioning {
    /// The app as it would be worked for.
    pub(crate) async fn supposed(
        &self,
        org: OrgId,
        id: AppId,
        (proposal, types): (&Proposal, &ResourceTypes),
    ) -> Result<Box<Config>, Error> {
        let mut row = self.app_row(org, id).await?;
        let mut tables = Tables::default();
        match proposal {
            Proposal::Nothing => {}
            Proposal::Change {
                mappings: rows,
                group_mappings,
                filter,
            } => {
                let App {
                    template,
                    mut settings,
                    ..
                } = App::read(&row)?;
                if let Some(filter) = filter {
                    check_filter(filter, types)?;
                    settings.filter = filter.clone();
                    settings.checked_filter()?;
                    row.settings = to_json(&settings)?;
                }
                let table = rows.clone().map(|rows| checked(rows, template, &settings, types));
                tables.people = table.transpose()?;
                let groups = group_mappings.clone();
                let table = groups.map(|rows| GroupTable::checked(rows, &settings, types));
                tables.groups = table.transpose()?;
            }
            Proposal::Removal(removal) => {
                if let Ready::Yes(config) = self.config(org, &row).await? {
                    removal.refuse_if_switched_off(&config)?;
                }
                row.removal = Some(removal.stored());
            }
        }
        match self.config_with(org, &row, tables).await? {
            Ready::Yes(config) => Ok(config),
            Ready::No(reason) => Err(Error::Target(reason)),
        }
    }
}
