//! Whose account it is, by the matching attributes: the other way round than the engine looks.

use base::{UserId, canonical};
use serde_json::Value;
use store::{Attribute, Lookup, Match as Key, Start};

use super::reverse::direct;
use crate::account::{Known, TargetPath, member, same_key};
use crate::desired::matching;
use crate::engine::{Config, Source};
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::target::Found as Account;

/// People looked at for one key.
const FEW: u32 = 5;

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    Nobody,
    Person {
        id: UserId,
        name: String,
    },
    /// The matching attributes fit several people.
    Several,
}

impl Provisioning {
    pub(crate) async fn find_owner(&self, config: &Config, account: &Account) -> Result<Owner, Error> {
        let known = Known::read(&account.resource, config.mappings.paths());
        let direct: Vec<_> = direct(&config.mappings).collect();
        for (path, value) in config.mappings.keys_of(&known) {
            let place = direct.iter().find(|(_, to)| **to == path).map(|(from, _)| from);
            let candidates = match (place, value.as_str()) {
                (Some(place), Some(text)) => self.candidates(config, place, text).await?,
                _ => self.namesakes(config, account).await?,
            };
            let mut fitting = Vec::new();
            for user in candidates {
                if self.fits(config, user.id, &path, &value).await? {
                    fitting.push(user);
                }
            }
            match (fitting.pop(), fitting.is_empty()) {
                (None, _) => {}
                (Some(user), true) => {
                    return Ok(Owner::Person {
                        id: user.id,
                        name: user.user_name,
                    });
                }
                (Some(_), false) => return Ok(Owner::Several),
            }
        }
        Ok(Owner::Nobody)
    }

    /// People who have this value at a place that an index knows.
    async fn candidates(
        &self,
        config: &Config,
        place: &TargetPath,
        value: &str,
    ) -> Result<Vec<store::users::User>, Error> {
        let mut lookups = Vec::new();
        if place.is("userName") {
            lookups.push(Lookup::UserName(Key::Equal(canonical::user_name(value))));
        } else if place.is("externalId") {
            lookups.push(Lookup::Key(Attribute::ExternalId, Key::Equal(value.to_owned())));
        } else if place.is("displayName") {
            lookups.push(Lookup::Key(
                Attribute::DisplayName,
                Key::Equal(canonical::text(value)),
            ));
        } else if place.attribute.eq_ignore_ascii_case("emails") {
            let email = canonical::email(value);
            for attribute in [Attribute::Email, Attribute::OtherEmail] {
                lookups.push(Lookup::Key(attribute, Key::Equal(email.clone())));
            }
        }
        let mut found: Vec<store::users::User> = Vec::new();
        for lookup in lookups {
            let page = store::users::page(&mut self.reader(), config.org, &lookup, Start::FIRST, FEW).await?;
            for user in page {
                if found.iter().all(|known| known.id != user.id) {
                    found.push(user);
                }
            }
        }
        Ok(found)
    }

    /// The person of the account's userName, where no index knows the matching attribute.
    async fn namesakes(&self, config: &Config, account: &Account) -> Result<Vec<store::users::User>, Error> {
        let Some(name) = member(&account.resource, "userName").and_then(Value::as_str) else {
            return Ok(Vec::new());
        };
        let user = store::users::by_user_name(&mut self.reader(), config.org, name).await?;
        Ok(user.into_iter().collect())
    }

    /// Whether the mappings would look for this person's account by this key.
    async fn fits(
        &self,
        config: &Config,
        user: UserId,
        path: &TargetPath,
        value: &Value,
    ) -> Result<bool, Error> {
        let source = Source::read(&mut self.reader(), config, user.into()).await?;
        let Ok(wants) = source.wants(config) else {
            return Ok(false);
        };
        let keys = matching(&wants);
        Ok(keys
            .into_iter()
            .any(|(other, wanted)| other == path && same_key(path, wanted, value)))
    }
}
