//! Filters (RFC 7644 §3.4.2.2).

use base::{Timestamp, canonical};
use scim::filter::{self, Filter, Lookup, LookupAttribute, LookupOp};
use scim::{Object, ResourceType};
use serde_json::Value;

use crate::sample;

/// An error says where it is; what parses prints as itself; what an index would be asked for includes whatever the
/// filter holds for.
///
/// # Panics
/// If one of these does not hold.
pub fn filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match filter::parse(text) {
        Err(error) => assert!(error.position <= text.chars().count(), "{error}"),
        Ok(parsed) => check(&parsed),
    }
}

pub(crate) fn check(parsed: &Filter) {
    let printed = parsed.to_string();
    // Values without quotation marks get some, so that it may be longer than what was read.
    if printed.chars().count() <= filter::MAX_LENGTH {
        assert_eq!(filter::parse(&printed).as_ref(), Ok(parsed), "{printed}");
    }
    let lookups = filter::lookups(parsed);
    for (object, resource_type) in sample::both() {
        let _ = filter::check(parsed, resource_type);
        let holds = filter::evaluate(parsed, &object, resource_type);
        if holds && let Some(lookups) = &lookups {
            let found = |lookup: &Lookup| finds(lookup, &object, resource_type);
            assert!(lookups.iter().any(found), "{printed}: {lookups:?} miss it");
        }
    }
}

/// Would an index find the resource?
fn finds(lookup: &Lookup, object: &Object, resource_type: &ResourceType) -> bool {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let parts = |name: &str| -> Vec<String> {
        let elements = object.get(name).and_then(Value::as_array);
        let values = elements
            .into_iter()
            .flatten()
            .filter_map(|one| one["value"].as_str());
        values.map(str::to_owned).collect()
    };
    let fits = |values: Vec<String>, key: fn(&str) -> String| {
        values.iter().any(|value| match &lookup.op {
            LookupOp::Eq(wanted) => key(value) == key(wanted),
            LookupOp::Sw(wanted) => key(value).starts_with(&key(wanted)),
            LookupOp::Range { .. } => false,
        })
    };
    match lookup.attribute {
        LookupAttribute::Id => fits(vec![text("id").to_owned()], str::to_owned),
        LookupAttribute::UserName => {
            resource_type.id == "User" && fits(vec![text("userName").to_owned()], canonical::user_name)
        }
        LookupAttribute::ExternalId => fits(vec![text("externalId").to_owned()], str::to_owned),
        LookupAttribute::Email => fits(parts("emails"), canonical::email),
        LookupAttribute::DisplayName => fits(vec![text("displayName").to_owned()], canonical::text),
        LookupAttribute::MemberValue => fits(parts("members"), str::to_owned),
        LookupAttribute::GroupValue => fits(parts("groups"), str::to_owned),
        LookupAttribute::LastModified => {
            let modified: Timestamp = object["meta"]["lastModified"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .unwrap_or_default();
            match lookup.op {
                LookupOp::Range { from, to } => {
                    from.is_none_or(|from| from <= modified) && to.is_none_or(|to| modified <= to)
                }
                LookupOp::Eq(_) | LookupOp::Sw(_) => false,
            }
        }
    }
}
