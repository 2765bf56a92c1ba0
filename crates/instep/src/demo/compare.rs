//! Does the hub have what the directory says? Asked of both through their SCIM services, with a table of its own.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use serde_json::Value;

use super::http::Http;

/// What must be equal: the hub's attribute and the directory's, in the order of the guides' table.
const TABLE: [(&str, &str); 15] = [
    ("userName", "userName"),
    ("displayName", "displayName"),
    ("name.familyName", "name.familyName"),
    ("name.givenName", "name.givenName"),
    ("externalId", "id"),
    ("title", "title"),
    ("addresses.work.country", "addresses.work.country"),
    ("addresses.work.locality", "addresses.work.locality"),
    ("addresses.work.streetAddress", "addresses.work.streetAddress"),
    ("addresses.work.region", "addresses.work.region"),
    ("addresses.work.postalCode", "addresses.work.postalCode"),
    ("phoneNumbers.work.value", "phoneNumbers.work.value"),
    ("phoneNumbers.mobile.value", "phoneNumbers.mobile.value"),
    ("phoneNumbers.fax.value", "phoneNumbers.fax.value"),
    ("active", "active"),
];

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// Active people who are to have an account.
    pub(super) in_scope: usize,
    /// One sentence for each difference.
    pub(super) differences: Vec<String>,
}

/// Compares the whole hub with the whole directory. `in_scope` are the ids of the people who are assigned,
/// `strangers` the userNames of accounts that the directory has nothing to do with.
pub(super) async fn compare(
    directory: &Http,
    hub: &Http,
    in_scope: &HashSet<String>,
    strangers: &HashSet<String>,
) -> Result<Comparison> {
    let people = directory.all_users().await?;
    let mut accounts: HashMap<String, Vec<Value>> = HashMap::new();
    for account in hub.all_users().await? {
        accounts.entry(folded(&account)).or_default().push(account);
    }
    let mut comparison = Comparison::default();
    for person in &people {
        let found = accounts.remove(&folded(person)).unwrap_or_default();
        let assigned = in_scope.contains(person["id"].as_str().unwrap_or_default());
        if assigned && person["active"] == true {
            comparison.in_scope += 1;
            comparison.active(person, &found);
        } else {
            comparison.inactive(person, &found, strangers);
        }
    }
    for account in accounts.into_values().flatten() {
        if !strangers.contains(&folded(&account)) {
            comparison
                .differences
                .push(format!("{}: an account of nobody", account["userName"]));
        }
    }
    Ok(comparison)
}

impl Comparison {
    fn active(&mut self, person: &Value, accounts: &[Value]) {
        let who = &person["userName"];
        let [account] = accounts else {
            self.differences
                .push(format!("{who}: {} accounts instead of one", accounts.len()));
            return;
        };
        for (ours, theirs) in TABLE {
            let (has, should) = (attribute(account, ours), attribute(person, theirs));
            if has != should {
                self.differences
                    .push(format!("{who}: {ours} is {has:?} and should be {should:?}"));
            }
        }
    }

    fn inactive(&mut self, person: &Value, accounts: &[Value], strangers: &HashSet<String>) {
        let is_open = |account: &&Value| account["active"] != false && !strangers.contains(&folded(account));
        if let Some(account) = accounts.iter().find(is_open) {
            self.differences
                .push(format!("{}: the account is still active", account["userName"]));
        }
        if accounts.len() > 1 {
            self.differences
                .push(format!("{}: {} accounts", person["userName"], accounts.len()));
        }
    }
}

/// A value by a dotted path, in which elements of a list go by their type; nothing, "" and null are one.
fn attribute(resource: &Value, path: &str) -> Option<Value> {
    let mut at = resource;
    for part in path.split('.') {
        at = match at {
            Value::Array(elements) => elements.iter().find(|element| element["type"] == part)?,
            other => other.get(part)?,
        };
    }
    let is_nothing = at.is_null() || at.as_str() == Some("");
    (!is_nothing).then(|| at.clone())
}

pub(super) fn folded(resource: &Value) -> String {
    resource["userName"].as_str().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_are_seen() {
        let person = json!({ "id": "1", "userName": "a@x.example", "active": true, "title": "Engineer",
            "phoneNumbers": [{ "type": "work", "value": "5" }] });
        let same = json!({ "id": "9", "externalId": "1", "userName": "a@x.example", "active": true,
            "title": "Engineer", "phoneNumbers": [{ "type": "fax", "value": "" }, { "type": "work", "value": "5" }] });
        let mut comparison = Comparison::default();
        comparison.active(&person, std::slice::from_ref(&same));
        assert_eq!(comparison.differences, [""; 0]);
        let mut other = same.clone();
        other["phoneNumbers"] = json!([]);
        comparison.active(&person, &[other]);
        comparison.active(&person, &[]);
        comparison.inactive(&person, &[same], &HashSet::new());
        assert_eq!(comparison.differences.len(), 3, "{:?}", comparison.differences);
    }
}
