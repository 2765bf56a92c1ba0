//! The members of a group, which are kept apart from its document.

use serde_json::Value;

use crate::patch::is_members;
use crate::path::{self, AttributePath};
use crate::schema::GROUP;
use crate::{Error, Object, dialect};

/// A member as a client names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// The id.
    pub value: String,
    /// What the client says it is, if it says so.
    pub kind: Option<MemberKind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberKind {
    User,
    Group,
}

impl MemberKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// In any case of letters.
    pub fn read(text: &str) -> Option<Self> {
        [Self::User, Self::Group]
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(text))
    }
}

/// Takes the members out of a group's body. `None` if the body does not speak of them.
pub fn take_members(body: &mut Value) -> Result<Option<Vec<Member>>, Error> {
    let Value::Object(body) = body else {
        return Ok(None);
    };
    match take(body)? {
        None => Ok(None),
        Some((path, _)) if path.filter.is_some() => Err(Error::invalid_syntax(
            "members are chosen by a filter only in the path of a PATCH",
        )),
        Some((_, value)) => Ok(Some(member_list(&value)?)),
    }
}

/// Refuses members in a group's document, where nobody would look for them: the last guard, whatever spelling they came
/// in by.
pub fn refuse_members(resource: &Object) -> Result<(), Error> {
    match dialect::key(resource, "members") {
        None => Ok(()),
        Some(_) => Err(Error::invalid_syntax(
            "The members are not named in a way that is understood",
        )),
    }
}

/// Takes out what speaks of the members: `members` or `members.value`, with the schema's URN before it or within an
/// object under that URN. Two of them are refused: which of them counts would be a guess.
pub(crate) fn take(body: &mut Object) -> Result<Option<(AttributePath, Value)>, Error> {
    dialect::refuse_twins(body)?;
    let mut found = take_here(body);
    let group = body.keys().find(|key| key.eq_ignore_ascii_case(GROUP)).cloned();
    if let Some(Value::Object(within)) = group.as_ref().and_then(|key| body.get_mut(key)) {
        found.extend(take(within)?);
        if within.is_empty() {
            body.retain(|key, _| Some(key) != group.as_ref());
        }
    }
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(Error::invalid_syntax(
            "The members are there twice, in differing spelling",
        )),
    }
}

fn take_here(body: &mut Object) -> Vec<(AttributePath, Value)> {
    let mut found = Vec::new();
    let named = |key: &String| {
        let path = path::parse(key).ok()?;
        is_members(&path).then(|| (key.clone(), path))
    };
    let all: Vec<_> = body
        .keys()
        .filter(|key| may_name(key))
        .filter_map(named)
        .collect();
    for (key, path) in all {
        if let Some(value) = body.shift_remove(&key) {
            found.push((path, value));
        }
    }
    found
}

/// Cheaper than reading a path.
fn may_name(key: &str) -> bool {
    key.to_ascii_lowercase().contains("members")
}

/// Members in any of the forms in which clients send them: objects, bare ids, one alone without a list.
pub(crate) fn member_list(value: &Value) -> Result<Vec<Member>, Error> {
    if dialect::is_no_value(value) {
        return Ok(Vec::new());
    }
    let values = match value {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    values
        .iter()
        .filter(|value| !value.is_null())
        .map(member)
        .collect()
}

fn member(value: &Value) -> Result<Member, Error> {
    let (id, kind) = match value {
        Value::String(_) | Value::Number(_) => (Some(value), None),
        Value::Object(fields) => {
            dialect::refuse_twins(fields)?;
            (dialect::key(fields, "value"), kind(fields)?)
        }
        _ => return Err(Error::invalid_value("members must be objects with a value")),
    };
    let id = match id {
        Some(Value::String(id)) if !id.trim().is_empty() => id.trim().to_owned(),
        Some(Value::Number(id)) => id.to_string(),
        _ => {
            return Err(Error::invalid_value(
                "members.value must be the id of a user or group",
            ));
        }
    };
    match base::canonical::refuse_nul(&id) {
        Ok(_) => Ok(Member { value: id, kind }),
        Err(error) => Err(Error::invalid_value(format!("members.value: {error}"))),
    }
}

/// From `type`, or else from the address in `$ref`.
fn kind(fields: &Object) -> Result<Option<MemberKind>, Error> {
    let kind = match dialect::key(fields, "type") {
        None | Some(Value::Null) => return Ok(kind_of_reference(fields)),
        Some(Value::String(kind)) if kind.is_empty() => return Ok(kind_of_reference(fields)),
        Some(kind) => kind.as_str().unwrap_or_default(),
    };
    MemberKind::read(kind)
        .map(Some)
        .ok_or_else(|| Error::invalid_value("members.type must be User or Group"))
}

fn kind_of_reference(fields: &Object) -> Option<MemberKind> {
    let address = dialect::key(fields, "$ref")?.as_str()?;
    let (collection, _) = address.trim_end_matches('/').rsplit_once('/')?;
    if collection.ends_with("Groups") {
        Some(MemberKind::Group)
    } else if collection.ends_with("Users") {
        Some(MemberKind::User)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids(value: &Value) -> Vec<(String, Option<MemberKind>)> {
        let members = member_list(value).expect("members");
        members
            .into_iter()
            .map(|member| (member.value, member.kind))
            .collect()
    }

    #[test]
    fn members_in_every_form() {
        for (value, expected) in [
            (json!([{"value": "1", "$ref": null}]), vec![("1", None)]),
            (
                json!([{"VALUE": "1", "type": "user", "display": "Anna"}]),
                vec![("1", Some(MemberKind::User))],
            ),
            (
                json!([{"value": "2", "$ref": "https://x.example/v2/Groups/2"}]),
                vec![("2", Some(MemberKind::Group))],
            ),
            (json!(["1", {"value": 2}, null]), vec![("1", None), ("2", None)]),
            (json!("1"), vec![("1", None)]),
            (json!({"value": " 1 "}), vec![("1", None)]),
            (json!([]), vec![]),
            (json!(null), vec![]),
            (json!(""), vec![]),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(id, kind)| (id.to_owned(), kind))
                .collect();
            assert_eq!(ids(&value), expected, "{value}");
        }
    }

    #[test]
    fn members_without_an_id_are_refused() {
        for value in [
            json!([{}]),
            json!([{"value": ""}]),
            json!([true]),
            json!([[1]]),
            json!([{"value": "1", "type": "Machine"}]),
            json!(["a\u{0}"]),
            json!([{"value": "1", "VALUE": "2"}]),
        ] {
            assert!(member_list(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn are_taken_out_of_a_body() {
        let mut body = json!({"displayName": "Staff", "Members": [{"value": "1"}]});
        assert_eq!(
            take_members(&mut body).expect("members").map(|all| all.len()),
            Some(1)
        );
        assert_eq!(body, json!({"displayName": "Staff"}));
        assert_eq!(take_members(&mut body), Ok(None));
        assert!(take_members(&mut json!({"members": [], "MEMBERS": []})).is_err());
    }
}
