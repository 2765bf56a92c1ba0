//! Accounts that come with a sign-in: made of what the assertion says, and changed when it says something newer. By the same
//! rules as through any other door.

use base::{Cause, GroupId, OrgId, Timestamp};
use directory::{Change, Concurrency, NewUser, PeopleSource, Source};
use saml::update_time::parse_update_time;
use saml::webex_error::WebexError;
use scim::resource::Mode;
use serde_json::{Value, json};
use store::users::User;

use super::attributes::Said;
use super::person::is_address;
use super::way::Way;
use super::{Error, Fault, Provider};
use crate::{Federation, TracedCheck};

/// Of whom it is said, and under which name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account<'a> {
    pub said: &'a Said,
    pub user_name: &'a str,
}

/// What `updateTimeStamp` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UpdateTime {
    Missing,
    Unreadable,
    At(Timestamp),
}

impl UpdateTime {
    pub fn read(text: Option<&str>) -> Self {
        match text.map(parse_update_time) {
            None => Self::Missing,
            Some(None) => Self::Unreadable,
            Some(Some(time)) => Self::At(time),
        }
    }

    pub fn time(self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::Missing | Self::Unreadable => None,
        }
    }
}

impl Federation {
    /// Makes somebody whom nobody has been found for, in the group that is said, if it is one that may be joined so. In a test it
    /// is only tried, and nobody is made.
    pub(super) async fn create_account(
        &self,
        cause: &Cause,
        org: OrgId,
        provider: &Provider,
        account: Account<'_>,
        way: &mut Way,
    ) -> Result<Result<Option<User>, Fault>, Error> {
        let failed = |reason: String| Ok(Err(Fault::new(WebexError::AccountCreation, reason)));
        let settings = self.directory.settings(org).await?;
        if settings.source != PeopleSource::None {
            return failed(format!(
                "users.source is {}: people come in that way only",
                source_name(settings.source)
            ));
        }
        let missing = account.said.missing();
        if !missing.is_empty() {
            return failed(format!("the assertion does not say: {}", missing.join(", ")));
        }
        let email = account.said.get("email").unwrap_or_default();
        let user_name = if settings.user_name_is_email && !is_address(account.user_name) {
            email
        } else {
            account.user_name
        };
        for address in [user_name, email] {
            if (address == email || is_address(address))
                && let Some(reason) = self
                    .refuse_address(org, way.voucher(provider), None, address)
                    .await?
            {
                return failed(reason);
            }
        }
        let types = self.directory.resource_types(org, i64::MAX).await?;
        let kind = &types.user;
        let body = json!({ "schemas": [kind.core_urn()], "userName": user_name });
        let made = scim::resource::read(body, kind, Mode::Create)
            .and_then(|mut user| account.said.write(&mut user, kind).map(|()| user));
        let resource = match made {
            Ok(resource) => resource,
            Err(error) => return failed(error.detail),
        };
        let change = Change {
            cause,
            source: Source::Saml,
            types: &types,
            settings,
        };
        let new = NewUser {
            id: self.ambient().id(),
            resource,
        };
        let group = match account.said.get("group") {
            Some(said) => {
                let joinable = &provider.settings.joinable_groups;
                let group = self.joinable(org, said, joinable).await?;
                way.checks.push(TracedCheck {
                    check: "account.group".to_owned(),
                    outcome: if group.is_some() {
                        "passed"
                    } else {
                        "not_applicable"
                    }
                    .to_owned(),
                    detail: if group.is_some() {
                        said.to_owned()
                    } else {
                        format!("{said} is none of the groups in joinable_groups")
                    },
                });
                group
            }
            None => None,
        };
        let groups = group.as_slice();
        let made = if way.test {
            let tried = self.directory.try_user_in(&change, org, new, groups).await;
            tried.map(|()| None)
        } else {
            let made = self.directory.create_user_in(&change, org, new, groups).await;
            made.map(Some)
        };
        match made {
            Ok(user) => Ok(Ok(user)),
            Err(error) => refused(error, WebexError::AccountCreation),
        }
    }

    /// The one group that is named, by its name or id, if it is one that may be joined by a sign-in.
    async fn joinable(&self, org: OrgId, said: &str, joinable: &[GroupId]) -> Result<Option<GroupId>, Error> {
        let found = if let Ok(id) = said.parse() {
            match self.directory.group(org, id).await {
                Ok(group) => Some(group),
                Err(directory::Error::UnknownGroup { .. }) => None,
                Err(error) => return Err(error.into()),
            }
        } else {
            let mut groups = self.directory.groups_by_name(org, said).await?;
            let last = groups.pop();
            last.filter(|_| groups.is_empty())
        };
        Ok(found.map(|group| group.id).filter(|id| joinable.contains(id)))
    }

    /// Changes somebody to what the assertion says. What it does not speak of stays. In a test it is only tried, and nobody is
    /// changed.
    pub(super) async fn update_account(
        &self,
        cause: &Cause,
        org: OrgId,
        provider: &Provider,
        user: User,
        (account, way): (Account<'_>, &Way),
    ) -> Result<Result<User, Fault>, Error> {
        let failed = |reason: String| Ok(Err(Fault::new(WebexError::AccountUpdate, reason)));
        let settings = self.directory.settings(org).await?;
        let types = self.directory.resource_types(org, i64::MAX).await?;
        let change = Change {
            cause,
            source: Source::Saml,
            types: &types,
            settings,
        };
        let voucher = way.voucher(provider);
        // Somebody who is called otherwise by now, if that is said, and a name that the identity provider may give.
        let is_said = account.said.get("userName").is_some() && !account.user_name.is_empty();
        let renamed = is_said
            && account.user_name != user.user_name
            && if is_address(account.user_name) {
                self.refuse_address(org, voucher, Some(user.id), account.user_name)
                    .await?
                    .is_none()
            } else {
                !settings.user_name_is_email
            };
        let document = directory::document(&user)?;
        if let Some(address) = account.said.get("email")
            && directory::email(&document) != Some(address)
            && let Some(reason) = self.refuse_address(org, voucher, Some(user.id), address).await?
        {
            return failed(reason);
        }
        let edit = |object: &mut scim::Object| {
            if renamed {
                object.insert("userName".to_owned(), Value::from(account.user_name));
            }
            account.said.write(object, &types.user)
        };
        let edited = if way.test {
            let tried = self.directory.try_edit(&change, org, user.clone(), edit).await;
            tried.map(|()| user)
        } else {
            self.directory
                .edit_user(&change, org, user, Concurrency::Retry, edit)
                .await
        };
        match edited {
            Ok(user) => Ok(Ok(user)),
            Err(error) => refused(error, WebexError::AccountUpdate),
        }
    }
}

/// What the rules refuse is said to whoever signs in; what is our trouble is an error.
fn refused<T>(error: directory::Error, code: WebexError) -> Result<Result<T, Fault>, Error> {
    match error {
        directory::Error::Store(_)
        | directory::Error::Damaged { .. }
        | directory::Error::DamagedSchema { .. }
        | directory::Error::Contended
        | directory::Error::SchemasChanged
        | directory::Error::UnknownOrganization => Err(error.into()),
        directory::Error::Scim(inner) if inner.status >= 500 => {
            Err(Error::Directory(directory::Error::Scim(inner)))
        }
        other => Ok(Err(Fault::new(code, other.to_string()))),
    }
}

pub(super) fn source_name(source: PeopleSource) -> &'static str {
    match source {
        PeopleSource::None => "none",
        PeopleSource::Scim => "scim",
        PeopleSource::Connector => "connector",
    }
}
