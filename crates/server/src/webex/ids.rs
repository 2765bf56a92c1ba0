//! The ids of Webex's REST APIs: `ciscospark://us/KIND/ID` in base64, without padding. The ID of a person is the one that SCIM
//! knows. Whoever sends the bare ID is understood, too.

use std::str::FromStr;

use base::{LicenceId, OrgId, UserId};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;

/// As the ids of persons, licences and organizations are called.
const PEOPLE: &str = "PEOPLE";
const LICENSE: &str = "LICENSE";
const ORGANIZATION: &str = "ORGANIZATION";
/// What a licence is, where Webex has the short name of an offer.
const KIND: &str = "LIC";

pub fn person(id: UserId) -> String {
    encoded(PEOPLE, &id.to_string())
}

pub fn organization(id: OrgId) -> String {
    encoded(ORGANIZATION, &id.to_string())
}

/// With the organization, as clients take it apart: `<organization>:<kind>_<id>`.
pub fn licence(org: OrgId, id: LicenceId) -> String {
    encoded(LICENSE, &format!("{org}:{KIND}_{id}"))
}

pub fn read_person(text: &str) -> Option<UserId> {
    read(PEOPLE, text)
}

pub fn read_organization(text: &str) -> Option<OrgId> {
    read(ORGANIZATION, text)
}

/// A licence of this organization.
pub fn read_licence(org: OrgId, text: &str) -> Option<LicenceId> {
    if let Ok(id) = text.parse() {
        return Some(id);
    }
    let inner = inner(LICENSE, text)?;
    let (of, id) = inner.split_once(':')?;
    let id = id.strip_prefix(KIND)?.strip_prefix('_')?;
    (of.parse() == Ok(org)).then(|| id.parse().ok()).flatten()
}

fn encoded(kind: &str, id: &str) -> String {
    BASE64_STANDARD_NO_PAD.encode(format!("ciscospark://us/{kind}/{id}"))
}

fn read<T: FromStr>(kind: &str, text: &str) -> Option<T> {
    if let Ok(id) = text.parse() {
        return Some(id);
    }
    inner(kind, text)?.parse().ok()
}

/// What stands behind the kind; wherever the id says that it is kept.
fn inner(kind: &str, text: &str) -> Option<String> {
    if text.len() > 400 {
        return None;
    }
    let bytes = BASE64_STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    let whole = String::from_utf8(bytes).ok()?;
    let (_, rest) = whole.strip_prefix("ciscospark://")?.split_once('/')?;
    let (of, id) = rest.split_once('/')?;
    (of == kind).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0193c2b0-7a1e-7000-8000-5f2d9c1b4e6a";

    #[test]
    fn ids_go_there_and_back() {
        let (org, user, one): (OrgId, UserId, LicenceId) = (
            ID.parse().expect("an id"),
            ID.parse().expect("an id"),
            ID.parse().expect("an id"),
        );
        assert_eq!(read_person(&person(user)), Some(user));
        assert_eq!(read_person(ID), Some(user));
        assert_eq!(read_organization(&organization(org)), Some(org));
        assert_eq!(read_licence(org, &licence(org, one)), Some(one));
        assert_eq!(read_licence(org, ID), Some(one));
        // As `ciscospark://us/PEOPLE/f5b36187-c8dd-4727-8b2f-f9c447f29046` stands in Webex's documentation.
        let documented = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY";
        let id = "f5b36187-c8dd-4727-8b2f-f9c447f29046";
        assert_eq!(
            read_person(documented).map(|id| id.to_string()).as_deref(),
            Some(id)
        );
        assert_eq!(person(id.parse().expect("an id")), documented);
    }

    #[test]
    fn what_is_something_else_is_nothing() {
        let org: OrgId = ID.parse().expect("an id");
        let other: OrgId = "0193c2b0-7a1e-7000-8000-5f2d9c1b4e6b".parse().expect("an id");
        let one: LicenceId = ID.parse().expect("an id");
        assert_eq!(read_licence(other, &licence(org, one)), None);
        assert_eq!(read_person(&organization(org)), None);
        for text in ["", "x", "====", "Y2lzY29zcGFyazovL3Vz", &"A".repeat(1_000)] {
            assert_eq!(read_person(text), None, "{text:?}");
            assert_eq!(read_licence(org, text), None, "{text:?}");
        }
    }
}
