//! One way in at a time: what came in by the source that an organization names (`users.source`) is changed there, and
//! neither through the API nor by a staff file: people, and names of groups. Roles, licences and memberships are no attributes,
//! and stay free.

use store::groups::Group;
use store::users::User;

use crate::rendering::{Provenance, Touched};
use crate::{Change, Error, PeopleSource, Source};

/// Refuses to change what the source owns.
pub(crate) fn refuse_changes(change: &Change<'_>, user: &User, touched: &[Touched<'_>]) -> Result<(), Error> {
    refuse(change, user, touched.iter().map(|one| one.attribute))
}

/// The same of one attribute.
pub(crate) fn refuse_change_of(change: &Change<'_>, user: &User, attribute: &str) -> Result<(), Error> {
    refuse(change, user, std::iter::once(attribute))
}

/// Refuses to remove somebody whose name the source owns.
pub(crate) fn refuse_removal(change: &Change<'_>, user: &User) -> Result<(), Error> {
    match refuse_change_of(change, user, "userName") {
        Err(Error::AttributeOwned { user_name, owner, .. }) => Err(Error::PersonOwned { user_name, owner }),
        other => other,
    }
}

/// Refuses to change what the source owns of a group; who is in it is no attribute.
pub(crate) fn refuse_group_changes(
    change: &Change<'_>,
    group: &Group,
    touched: &[Touched<'_>],
) -> Result<(), Error> {
    let attributes = touched.iter().map(|one| one.attribute);
    match find(change, &group.provenance, attributes) {
        Some((attribute, owner)) => Err(Error::GroupAttributeOwned {
            display_name: group.display_name.clone(),
            attribute: attribute.to_owned(),
            owner,
        }),
        None => Ok(()),
    }
}

/// Refuses to remove a group whose name the source owns.
pub(crate) fn refuse_group_removal(change: &Change<'_>, group: &Group) -> Result<(), Error> {
    match find(change, &group.provenance, std::iter::once("displayName")) {
        Some((_, owner)) => Err(Error::GroupOwned {
            display_name: group.display_name.clone(),
            owner,
        }),
        None => Ok(()),
    }
}

fn refuse<'a>(
    change: &Change<'_>,
    user: &User,
    attributes: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    match find(change, &user.provenance, attributes) {
        Some((attribute, owner)) => Err(Error::AttributeOwned {
            user_name: user.user_name.clone(),
            attribute: attribute.to_owned(),
            owner,
        }),
        None => Ok(()),
    }
}

/// The first of these attributes that the change must keep away from, and what owns it.
fn find<'a>(
    change: &Change<'_>,
    provenance: &str,
    mut attributes: impl Iterator<Item = &'a str>,
) -> Option<(&'a str, &'static str)> {
    let owner = owner(change)?;
    let provenance: Provenance = serde_json::from_str(provenance).unwrap_or_default();
    let is_owned = |attribute: &&str| provenance.get(*attribute).is_some_and(|door| door == owner);
    attributes.find(is_owned).map(|attribute| (attribute, owner))
}

/// The door that owns what came in by it, if the change comes by one that has to keep away from that.
fn owner(change: &Change<'_>) -> Option<&'static str> {
    match change.source {
        Source::Api | Source::Csv | Source::Saml => {}
        Source::Scim | Source::Import | Source::Operator | Source::Retention => return None,
    }
    match change.settings.source {
        PeopleSource::None => None,
        PeopleSource::Scim => Some(Source::Scim.name()),
        PeopleSource::Connector => Some(CONNECTOR),
    }
}

/// The door of a directory connector.
const CONNECTOR: &str = "connector";

#[cfg(test)]
mod tests {
    use base::{Actor, Ambient};
    use scim::ResourceTypes;

    use super::*;
    use crate::Settings;

    #[test]
    fn only_what_came_in_by_the_source_is_its_own() {
        let ambient = Ambient::system();
        let cause = ambient.cause(Actor::operator());
        let user = User {
            id: ambient.id(),
            version: 1,
            created: ambient.now(),
            modified: ambient.now(),
            active: true,
            user_name: "anna".to_owned(),
            display_name: None,
            doc: "{}".to_owned(),
            rendering: 1,
            provenance: r#"{"userName":"scim","title":"connector","nickName":"csv"}"#.to_owned(),
            in_groups: false,
        };
        for (setting, door, refused) in [
            (PeopleSource::None, Source::Api, [false, false, false]),
            (PeopleSource::Scim, Source::Api, [true, false, false]),
            (PeopleSource::Scim, Source::Csv, [true, false, false]),
            (PeopleSource::Scim, Source::Saml, [true, false, false]),
            (PeopleSource::Scim, Source::Scim, [false, false, false]),
            (PeopleSource::Scim, Source::Retention, [false, false, false]),
            (PeopleSource::Connector, Source::Api, [false, true, false]),
        ] {
            let change = Change {
                cause: &cause,
                source: door,
                types: ResourceTypes::built_in(),
                settings: Settings {
                    source: setting,
                    ..Settings::default()
                },
            };
            let found = ["userName", "title", "nickName"]
                .map(|attribute| refuse_change_of(&change, &user, attribute).is_err());
            assert_eq!(found, refused, "{setting:?} {door:?}");
            assert_eq!(
                refuse_removal(&change, &user).is_err(),
                refused[0],
                "{setting:?} {door:?}"
            );
        }
    }
}
