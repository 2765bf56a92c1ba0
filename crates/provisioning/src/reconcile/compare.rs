//! Whether an account is as it should be, and if not, what the target has changed in it. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::{Known, REDACTED, TargetPath, same};
use crate::desired::Mappings;
use crate::desired::Want;
use crate::plan::{AttributeChange, difference};
use mapping::Apply;

pub use store::drift::Kind as DriftKind;

/// What is to be brought back to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Extent {
    /// All that the mappings say.
    Everything,
    /// Nothing but whether it may sign in: its person is out of scope, or gone.
    SignInOnly,
}

/// Whether the target shows something else than what we know of the account, where mappings always apply.
pub(crate) fn differs(mappings: &Mappings, known: &Known, shown: &Known) -> bool {
    let rows = mappings.set().rows().zip(mappings.paths());
    rows.filter(|(row, _)| row.apply == Apply::Always)
        .any(|(_, path)| !shown.is_callings(path) && !same(path, known.get(path), shown.get(path)))
}

/// What the target has changed that should not be so: ours, then theirs. What we have not sent yet is not the target's
/// doing.
pub(crate) fn changes(
    mappings: &Mappings,
    wants: &[Want<'_>],
    extent: Extent,
    (known, shown): (&Known, &Known),
) -> Option<(DriftKind, Vec<AttributeChange>)> {
    let active = mappings.active();
    let mut found = difference(shown, wants);
    found.retain(|one| {
        let concerns = extent == Extent::Everything || Some(one.path) == active;
        concerns && !same(one.path, known.get(one.path), shown.get(one.path))
    });
    let sign_in = found
        .iter()
        .find(|one| Some(one.path) == active)
        .map(|one| one.new == Some(Value::Bool(false)));
    let kind = match sign_in {
        _ if found.is_empty() => return None,
        Some(true) => DriftKind::Enabled,
        Some(false) => DriftKind::Disabled,
        None => DriftKind::Changed,
    };
    let changes = found
        .into_iter()
        .map(|one| AttributeChange {
            attribute: one.path.as_str().to_owned(),
            old: shown_value(mappings, one.path, one.new),
            new: shown_value(mappings, one.path, one.old),
            waits_for: None,
        })
        .collect();
    Some((kind, changes))
}

fn shown_value(mappings: &Mappings, path: &TargetPath, value: Option<Value>) -> Option<Value> {
    let hidden = mappings.active() != Some(path) && mappings.secrets().contains(path);
    if hidden {
        value.map(|_| REDACTED.into())
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use mapping::{AttributeMapping, MappingSet, Person};
    use serde_json::json;

    use super::*;

    fn mappings() -> Mappings {
        let rows = json!([
            {"source": {"attribute": "userName"}, "target": "userName", "matching": 1},
            {"source": {"attribute": "active"}, "target": "active"},
            {"source": {"attribute": "title"}, "target": "title"},
            {"source": {"attribute": "nickName"}, "target": "nickName", "when_empty": "leave"},
            {"source": {"attribute": "displayName"}, "target": "displayName", "apply": "only_on_create"},
        ]);
        let rows: Vec<AttributeMapping> = serde_json::from_value(rows).expect("rows");
        Mappings::new(MappingSet::check(rows).expect("a set")).expect("places")
    }

    fn account(mappings: &Mappings, value: Value) -> Known {
        let Value::Object(resource) = value else {
            unreachable!("tests pass objects")
        };
        Known::read(&resource, mappings.paths())
    }

    /// The attribute, what we want, and what is there.
    type Texts = Vec<(String, Value, Value)>;

    fn found(known: Value, shown: Value, extent: Extent) -> Option<(DriftKind, Texts)> {
        let mappings = mappings();
        let person = json!({"userName": "anna", "active": true, "title": "Head", "displayName": "Anna"});
        let resource = person.as_object().expect("an object");
        let wants = mappings.desired(&Person::new(resource, "1"), &mapping::Still::default());
        let (known, shown) = (account(&mappings, known), account(&mappings, shown));
        let changes = changes(&mappings, &wants.expect("wants"), extent, (&known, &shown));
        changes.map(|(kind, changes)| {
            let texts = changes.into_iter().map(|change| {
                (
                    change.attribute,
                    change.old.unwrap_or_default(),
                    change.new.unwrap_or_default(),
                )
            });
            (kind, texts.collect())
        })
    }

    #[test]
    fn only_what_the_target_changed_and_we_keep_is_drift() {
        let ours = json!({"userName": "anna", "active": true, "title": "Head", "displayName": "Anna"});
        let with = |name: &str, value: Value| {
            let mut account = ours.clone();
            account[name] = value;
            account
        };
        let one = |kind, name: &str, old: Value, new: Value| Some((kind, vec![(name.to_owned(), old, new)]));
        let all = Extent::Everything;
        assert_eq!(found(ours.clone(), ours.clone(), all), None);
        assert_eq!(
            found(ours.clone(), with("title", json!("Boss")), all),
            one(DriftKind::Changed, "title", json!("Head"), json!("Boss"))
        );
        assert_eq!(
            found(ours.clone(), with("title", Value::Null), all),
            one(DriftKind::Changed, "title", json!("Head"), Value::Null)
        );
        assert_eq!(
            found(ours.clone(), with("active", json!(false)), all),
            one(DriftKind::Disabled, "active", json!(true), json!(false))
        );
        // What only new accounts get, what is left where we have nothing, and what no mapping names, is the target's.
        assert_eq!(
            found(ours.clone(), with("displayName", json!("A. M.")), all),
            None
        );
        assert_eq!(found(ours.clone(), with("nickName", json!("Ann")), all), None);
        assert_eq!(found(ours.clone(), with("locale", json!("de")), all), None);
        // We have not sent it yet.
        let before = with("title", json!("Chemist"));
        assert_eq!(found(before.clone(), before, all), None);
        // Of somebody who is to go, nothing but the right to sign in counts.
        assert_eq!(
            found(ours.clone(), with("title", json!("Boss")), Extent::SignInOnly),
            None
        );
    }

    #[test]
    fn an_account_that_shows_what_we_know_is_looked_at_no_further() {
        let mappings = mappings();
        let ours = json!({"userName": "anna", "title": "Head", "displayName": "Anna"});
        let known = account(&mappings, ours.clone());
        for (name, value, expected) in [
            ("title", "Head", false),
            ("title", "Boss", true),
            ("displayName", "Other", false),
            ("locale", "de", false),
        ] {
            let mut shown = ours.clone();
            shown[name] = json!(value);
            let shown = account(&mappings, shown);
            assert_eq!(differs(&mappings, &known, &shown), expected, "{name} {value}");
        }
    }
}
