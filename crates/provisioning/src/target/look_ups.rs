//! Several accounts looked for in one request: `userName eq "a" or userName eq "b"` (RFC 7644 §3.4.2.2).
//!
//! Not every target evaluates such a filter, and some that do not say nothing of it: whoever is not in the answer might be
//! there all the same, and would get a second account. So an answer has to prove itself: the first and the last that are
//! looked for are known to be there, and nobody may be in it who was not looked for, nor more than it shows. Even then it
//! may have been cut off, by a target that counts what it shows; that is for whoever knows how many it has shown before.

use std::collections::{HashMap, HashSet};

use outbound::Method;
use serde_json::{Value, json};

use super::answer;
use super::client::Target;
use super::exchange::{Exchange, Found};
use super::failure::Failure;
use crate::account::{TargetPath, key};

/// What came of it.
pub(crate) enum LookedUp {
    /// For each of them, in their order, and how many accounts the answer shows.
    Each(Vec<(Exchange, Vec<Found>)>, usize),
    /// The answer does not prove itself.
    Unproved,
}

/// How an account is looked for.
fn comparison(path: &TargetPath, value: &Value) -> String {
    format!("{path} eq {value}")
}

/// How much of a filter it takes to look for this value too.
pub(crate) fn length(path: &TargetPath, value: &Value) -> usize {
    comparison(path, value).len() + " or ".len()
}

impl Target {
    /// The accounts for which an attribute has one of these values. Those of the `proof` are there; it has two at least.
    pub(crate) async fn lookup_together(
        &self,
        path: &TargetPath,
        values: &[Value],
        proof: &[Value],
    ) -> (Exchange, Result<LookedUp, Failure>) {
        let (first, last) = proof.split_at(1.min(proof.len()));
        let all = || first.iter().chain(values).chain(last);
        let filter: Vec<_> = all().map(|value| comparison(path, value)).collect();
        let url = self.base.search(self.resources, &filter.join(" or "));
        let mut log = Vec::new();
        let answer = self.send(Method::GET, url.clone(), None, &mut log).await;
        let mut exchange = log.pop().unwrap_or_else(|| Exchange::new(&Method::GET, &url));
        exchange.look_ups = Some(values.len() as u64);
        if let Some(value) = values.first() {
            // It is theirs to report if it fails, and nobody else's name belongs there.
            exchange.url = self.search_for(path, value);
        }
        let listed = answer.and_then(|answer| answer::list(answer.status, answer.body));
        let looked_up = listed.map(|listed| {
            let shown = listed.0.len();
            let Some(found) = told_apart(path, (values, proof), listed) else {
                return LookedUp::Unproved;
            };
            // Without the answer, which is everybody's and long.
            let response = exchange.response.take();
            let bare = exchange.clone();
            exchange.response = response;
            let each = values.iter().zip(found).map(|(value, found)| {
                let alone = self.shown_alone(&bare, (path, value), &found);
                (alone, found)
            });
            LookedUp::Each(each.collect(), shown)
        });
        (exchange, looked_up)
    }

    /// The request and its answer as far as they are about one of many.
    fn shown_alone(
        &self,
        exchange: &Exchange,
        (path, value): (&TargetPath, &Value),
        found: &[Found],
    ) -> Exchange {
        let resources: Vec<_> = found.iter().map(|found| &found.resource).collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": found.len(),
            "Resources": resources,
        });
        Exchange {
            url: self.search_for(path, value),
            response: self.logged(Some(&body), "", &mut Vec::new()),
            ..exchange.clone()
        }
    }

    fn search_for(&self, path: &TargetPath, value: &Value) -> String {
        let url = self.base.search(self.resources, &comparison(path, value));
        url.to_string()
    }
}

/// What was found for each of the values; nothing, if the answer does not prove itself.
fn told_apart(
    path: &TargetPath,
    (values, proof): (&[Value], &[Value]),
    (listed, total): (answer::Resources, Option<u64>),
) -> Option<Vec<Vec<Found>>> {
    if total != Some(listed.len() as u64) {
        return None;
    }
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, value) in values.iter().chain(proof).enumerate() {
        places.entry(key(path, value)).or_default().push(at);
    }
    let mut found: Vec<Vec<Found>> = vec![Vec::new(); values.len() + proof.len()];
    let mut ids = HashSet::new();
    for (id, resource) in listed {
        // One that is shown twice says nothing of how many an answer can show.
        if !ids.insert(id.clone()) {
            return None;
        }
        let asked = places.get(&key(path, path.get(&resource)?))?;
        for at in asked {
            let (id, resource) = (id.clone(), resource.clone());
            found[*at].push(Found { id, resource });
        }
    }
    let proved = found.split_off(values.len());
    proved.iter().all(|found| !found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(names: &[&str]) -> answer::Resources {
        names
            .iter()
            .map(|name| {
                let resource = json!({ "id": name, "userName": name });
                let resource = resource.as_object().cloned().unwrap_or_default();
                ((*name).to_owned(), resource)
            })
            .collect()
    }

    #[test]
    fn only_what_proves_itself_counts() {
        let path = TargetPath::parse("userName").expect("a path");
        let values = ["anna", "berta"].map(Value::from);
        let proof = ["first", "last"].map(Value::from);
        let told = |names: &[&str], total: Option<u64>| {
            let found = told_apart(&path, (&values, &proof), (listed(names), total))?;
            Some(found.iter().map(Vec::len).collect::<Vec<_>>())
        };
        let all = |names: &[&str]| told(names, Some(names.len() as u64));
        assert_eq!(all(&["first", "last"]), Some(vec![0, 0]));
        assert_eq!(all(&["last", "ANNA", "first"]), Some(vec![1, 0]));
        assert_eq!(
            all(&["last", "anna", "anna", "first"]),
            None,
            "one is there twice"
        );
        assert_eq!(all(&["last", "anna", "berta", "Anna", "first"]), Some(vec![2, 1]));
        for (names, why) in [
            (&["first", "anna"][..], "only the beginning was looked at"),
            (&["last", "anna"], "only the end was"),
            (&[], "nothing was"),
            (&["first", "carla", "last"], "everybody is shown"),
        ] {
            assert_eq!(all(names), None, "{why}");
        }
        assert_eq!(told(&["first", "last"], Some(3)), None, "there are more");
        assert_eq!(told(&["first", "last"], None), None, "there may be more");
    }
}
