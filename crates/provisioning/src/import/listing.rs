//! The accounts of a target as it shows them now, and what an import would make of each.

use std::collections::HashMap;

use base::{AppId, Message, OrgId, SubjectId};
use serde_json::Value;
use store::assignments::SubjectKind;

use super::find::Owner;
use crate::account::member;
use crate::app::App;
use crate::engine::{Config, Ready, enter, gate_of};
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::status::SubjectRef;
use crate::target::{Failure, Found as Account, Place};

/// Pages read in vain, at most, before an answer is given that holds nothing.
const PATIENCE: usize = 50;

/// Which accounts are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountFilter {
    #[default]
    All,
    /// Of which an import would make people.
    New,
}

/// What an import would make of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A new person.
    New,
    /// It would be linked to this person, whom the matching attributes find.
    Matches(SubjectRef),
    /// The matching attributes fit several people.
    Ambiguous,
    /// It is this person's already.
    Imported(SubjectRef),
}

impl Standing {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Matches(_) => "matches",
            Self::Ambiguous => "ambiguous",
            Self::Imported(_) => "imported",
        }
    }
}

/// An account of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    pub remote_id: String,
    pub user_name: Option<String>,
    pub display_name: Option<String>,
    /// `None`: the target does not say.
    pub active: Option<bool>,
    pub standing: Standing,
}

/// A page of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountsPage {
    pub accounts: Vec<ListedAccount>,
    /// How many the target has in all, if it says so.
    pub total: Option<u64>,
    /// Where the next page begins; `None`: this is the last one.
    pub next: Option<String>,
}

impl Provisioning {
    /// A page of the target's accounts, asked for now.
    pub async fn accounts_at(
        &self,
        org: OrgId,
        id: AppId,
        filter: AccountFilter,
        after: Option<&str>,
    ) -> Result<AccountsPage, Error> {
        let row = self.app_row(org, id).await?;
        App::read(&row)?.refuse_unless_active()?;
        let config = match self.config(org, &row).await? {
            Ready::Yes(config) => *config,
            Ready::No(reason) => return Err(Error::Target(reason)),
        };
        let gate = gate_of(&row);
        let shut = |_| Error::Target(Message::new("target.throttled"));
        let failed = |failure: Failure| Error::Target(failure.message);
        let mut place = if let Some(text) = after {
            serde_json::from_str(text).map_err(|_| Error::Place)?
        } else {
            let _slot = enter(&config, &gate).await.map_err(shut)?;
            config.target.listing(&config.ways).await.map_err(failed)?
        };
        for _ in 0..PATIENCE {
            let page = {
                let _slot = enter(&config, &gate).await.map_err(shut)?;
                config.target.page(&place, &config.ways).await.map_err(failed)?
            };
            let mut accounts = self.standing(&config, &page.accounts).await?;
            if filter == AccountFilter::New {
                accounts.retain(|account| account.standing == Standing::New);
            }
            let Some(next) = page.next else {
                return Ok(AccountsPage {
                    accounts,
                    total: page.total,
                    next: None,
                });
            };
            if !accounts.is_empty() {
                return Ok(AccountsPage {
                    accounts,
                    total: page.total,
                    next: Some(write(&next)?),
                });
            }
            place = next;
        }
        Ok(AccountsPage {
            accounts: Vec::new(),
            total: None,
            next: Some(write(&place)?),
        })
    }

    async fn standing(&self, config: &Config, accounts: &[Account]) -> Result<Vec<ListedAccount>, Error> {
        let owners = self.owners(config, accounts).await?;
        let mut listed = Vec::with_capacity(accounts.len());
        for account in accounts {
            let standing = match owners.get(account.id.as_str()) {
                Some(subject) => Standing::Imported(
                    self.subject_ref(config.org, (SubjectKind::User, *subject))
                        .await?,
                ),
                None => match self.find_owner(config, account).await? {
                    Owner::Nobody => Standing::New,
                    Owner::Person { id, name } => Standing::Matches(SubjectRef {
                        id: id.into(),
                        kind: SubjectKind::User,
                        name,
                    }),
                    Owner::Several => Standing::Ambiguous,
                },
            };
            let text = |name: &str| member(&account.resource, name).and_then(Value::as_str);
            listed.push(ListedAccount {
                remote_id: account.id.clone(),
                user_name: text("userName").map(str::to_owned),
                display_name: text("displayName").map(str::to_owned),
                active: member(&account.resource, "active").and_then(Value::as_bool),
                standing,
            });
        }
        Ok(listed)
    }

    /// Whose those of these accounts are that are somebody's.
    pub(super) async fn owners<'a>(
        &self,
        config: &Config,
        accounts: &'a [Account],
    ) -> Result<HashMap<&'a str, SubjectId>, Error> {
        let ids: Vec<_> = accounts.iter().map(|account| account.id.as_str()).collect();
        let links =
            store::links::of_accounts(&mut self.reader(), config.org, config.app, config.kind, &ids).await?;
        let owner = |id: &'a str| {
            let link = links.iter().find(|link| link.remote_id == id)?;
            Some((id, link.subject))
        };
        Ok(ids.into_iter().filter_map(owner).collect())
    }
}

fn write(place: &Place) -> Result<String, Error> {
    crate::apps::revision::to_json(place)
}
