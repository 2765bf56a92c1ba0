use std::collections::BTreeSet;

use super::*;
use crate::Family;
use crate::api::parameters;

#[test]
fn every_endpoint_is_described_and_nothing_else() {
    let described: BTreeSet<_> = book()
        .endpoints
        .iter()
        .map(|one| (one.path.to_owned(), one.method.to_string()))
        .collect();
    let registered: BTreeSet<_> = crate::endpoints()
        .into_iter()
        .filter(|endpoint| endpoint.family == Family::Api)
        .filter_map(|endpoint| {
            let below = endpoint.path.strip_prefix(crate::doors::API)?.to_owned();
            Some((below, endpoint.method.to_string()))
        })
        .collect();
    let missing: Vec<_> = registered.difference(&described).collect();
    let superfluous: Vec<_> = described.difference(&registered).collect();
    assert!(
        missing.is_empty(),
        "say in api/openapi what they are: {missing:?}"
    );
    assert!(superfluous.is_empty(), "they are not there: {superfluous:?}");
}

#[test]
fn every_parameter_and_place_is_described() {
    for endpoint in book().endpoints {
        for parameter in parameters::of(&endpoint.method, endpoint.path) {
            assert!(
                query::of(endpoint.path, parameter).is_some(),
                "{} {parameter}",
                endpoint.path
            );
        }
        for step in endpoint.path.split('/') {
            let place = step.strip_prefix('{').and_then(|step| step.strip_suffix('}'));
            if let Some(place) = place {
                assert!(query::place(place).is_some(), "{place}");
            }
        }
    }
}

#[test]
fn every_endpoint_says_what_it_answers() {
    for endpoint in book().endpoints {
        assert!(
            !endpoint.answers.is_empty(),
            "{} {}",
            endpoint.method,
            endpoint.path
        );
    }
}

#[test]
fn every_shape_that_is_named_is_there() {
    let document: serde_json::Value = serde_json::from_str(&DOCUMENT).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    let text = DOCUMENT.as_str();
    let references = text.split("\"#/components/").skip(1);
    for reference in references {
        let place = reference.split('"').next().unwrap_or_default();
        let pointer = format!("/components/{place}");
        assert!(document.pointer(&pointer).is_some(), "{pointer}");
    }
}
