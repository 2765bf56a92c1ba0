//! What lists are asked for (RFC 7644 §3.4.2, §3.4.3): projection, sorting, filter.

use scim::message::{self, SearchRequest};
use scim::projection::Projection;
use scim::sort::Sort;
use scim::{Object, ResourceType, filter};

use crate::sample;

/// `schemas` and `id` are always shown, what is never returned is not, and nothing is made up.
///
/// # Panics
/// If one of these does not hold.
pub fn query(data: &[u8]) {
    let Ok(body) = message::parse(data) else {
        return;
    };
    let Ok(search) = SearchRequest::from_value(&body) else {
        return;
    };
    if let Some(Ok(parsed)) = search.filter.as_deref().map(filter::parse) {
        crate::filter::check(&parsed);
    }
    if let Ok(Some(sort)) = Sort::parse(search.sort_by.as_deref(), search.sort_order.as_deref()) {
        for (object, resource_type) in sample::both() {
            if sort.check(resource_type).is_ok() {
                let key = sort.key(&object, resource_type);
                assert!(sort.compare((key.as_ref(), 0), (key.as_ref(), 0)).is_eq());
            }
        }
    }
    let (attributes, excluded) = (
        search.attributes.as_deref(),
        search.excluded_attributes.as_deref(),
    );
    if let Ok(projection) = Projection::parse(attributes, excluded) {
        for (object, resource_type) in sample::both() {
            check(&projection, object, resource_type);
        }
    }
}

fn check(projection: &Projection, mut object: Object, resource_type: &ResourceType) {
    object.insert("password".to_owned(), "secret".into());
    let shown = projection.apply(&object, resource_type);
    assert!(
        !shown.contains_key("password") || resource_type.id == "Group",
        "{shown:?}"
    );
    assert!(
        shown.contains_key("schemas") && shown.contains_key("id"),
        "{shown:?}"
    );
    for (name, value) in &shown {
        assert!(object.contains_key(name), "{name}");
        assert!(!value.is_null(), "{name}");
    }
    let again = projection.apply(&shown, resource_type);
    assert_eq!(again, shown, "shown once or twice");
}
