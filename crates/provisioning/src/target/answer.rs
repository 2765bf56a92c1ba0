//! What stands in the target's answers: resources and lists. Errors are read in `dialect`.

use base::Message;
use scim::Object;
use serde_json::Value;

use super::failure::Failure;
use crate::account::member;

/// A resource with an id.
pub(super) fn resource(status: u16, body: Option<Value>) -> Result<(String, Object), Failure> {
    let Some(Value::Object(resource)) = body else {
        return Err(Failure::garbage(status, Message::new("target.not_scim")));
    };
    match id(&resource) {
        Some(id) => Ok((id, resource)),
        None => Err(Failure::garbage(status, Message::new("target.no_id"))),
    }
}

pub(super) fn id(resource: &Object) -> Option<String> {
    match member(resource, "id")? {
        Value::String(id) if is_segment(id) => Some(id.clone()),
        // Seen at home-made servers.
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// Whether an id can be a part of addresses: some would name other resources than the account.
pub(super) fn is_segment(id: &str) -> bool {
    !matches!(id, "" | "." | "..")
}

/// The resource with this id, which was asked for.
pub(super) fn resource_of(status: u16, body: Option<Value>, asked: &str) -> Result<Object, Failure> {
    let (id, resource) = resource(status, body)?;
    if id == asked {
        Ok(resource)
    } else {
        Err(Failure::garbage(status, Message::new("target.unexpected")))
    }
}

/// Resources by their ids.
pub(super) type Resources = Vec<(String, Object)>;

/// The resources of a ListResponse (RFC 7644 §3.4.2), and how many there are in all.
pub(super) fn list(status: u16, body: Option<Value>) -> Result<(Resources, Option<u64>), Failure> {
    let (resources, body) = resources(status, body)?;
    let listed = resources.into_iter().map(|found| resource(status, Some(found)));
    let total = member(&body, "totalResults").and_then(Value::as_u64);
    Ok((listed.collect::<Result<_, _>>()?, total))
}

/// What is listed, and the rest of the body.
fn resources(status: u16, body: Option<Value>) -> Result<(Vec<Value>, Object), Failure> {
    let no_list = || Failure::garbage(status, Message::new("target.not_scim"));
    let Some(Value::Object(mut body)) = body else {
        return Err(no_list());
    };
    let number = |name: &str| member(&body, name).and_then(Value::as_u64);
    let is_empty = number("totalResults") == Some(0) || number("itemsPerPage") == Some(0);
    let key = body
        .keys()
        .find(|key| key.eq_ignore_ascii_case("Resources"))
        .cloned();
    match key.and_then(|key| body.remove(&key)) {
        Some(Value::Array(resources)) => Ok((resources, body)),
        // RFC 7644 lets it be left out when nothing was found.
        None | Some(Value::Null) if is_empty => Ok((Vec::new(), body)),
        _ => Err(no_list()),
    }
}

/// A page of a list.
pub(super) struct Listed {
    /// Those that have an id.
    pub(super) accounts: Resources,
    /// All that came.
    pub(super) count: u64,
    pub(super) total: Option<u64>,
    /// RFC 9865 §2.
    pub(super) next_cursor: Option<String>,
}

/// The same as a page of a long list: what has no id is passed over.
pub(super) fn page(status: u16, body: Option<Value>) -> Result<Listed, Failure> {
    let (resources, body) = resources(status, body)?;
    Ok(Listed {
        count: resources.len() as u64,
        accounts: resources
            .into_iter()
            .filter_map(|found| resource(status, Some(found)).ok())
            .collect(),
        total: member(&body, "totalResults").and_then(Value::as_u64),
        next_cursor: member(&body, "nextCursor")
            .and_then(Value::as_str)
            .filter(|cursor| !cursor.is_empty())
            .map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_account_than_the_one_that_was_asked_for_is_none() {
        for (id, code) in [("1", None), ("2", Some("target.unexpected"))] {
            let found = resource_of(200, Some(json!({"id": id})), "1");
            let failed = found.err().map(|failure| failure.message.code);
            assert_eq!(failed.as_deref(), code, "{id}");
        }
        assert!(resource_of(200, Some(json!({"id": 1})), "1").is_ok());
    }

    #[test]
    fn lists_are_recognized_and_nothing_else_is() {
        for (body, found) in [
            (json!({"totalResults": 0, "Resources": []}), Some(0)),
            (json!({"totalResults": 0}), Some(0)),
            (json!({"totalresults": 1, "resources": [{"id": "1"}]}), Some(1)),
            (json!({"totalResults": 1}), None),
            (json!({"totalResults": 1, "Resources": [{"userName": "x"}]}), None),
            (json!({"id": "1", "userName": "x"}), None),
            (json!([]), None),
        ] {
            let answer = list(200, Some(body.clone())).map(|(found, _)| found.len()).ok();
            assert_eq!(answer, found, "{body}");
        }
    }
}
