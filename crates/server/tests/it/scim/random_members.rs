//! Random PATCHes of members, over HTTP, beside what a naive reading of the RFC makes of them.

use std::collections::BTreeSet;

use oracle::patch::members::{Known, MemberOperation, apply, member_operations};
use oracle::random::{Effort, one};
use serde_json::{Value, json};

use super::{found, hire, id, patch_op, place};
use crate::on_both;
use crate::world::World;

on_both!(as_a_naive_reading_has_it);

const CASES: u32 = 250;

fn inside(group: &Value) -> BTreeSet<String> {
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let ids = members.iter().map(|one| one["value"].as_str().expect("an id"));
    ids.map(str::to_owned).collect()
}

async fn as_a_naive_reading_has_it(world: &World) {
    let scim = world.plain.scim();
    let mut known = Vec::new();
    for name in ["Anna", "Bert", "Berta", "Carl"] {
        let person = hire(&scim, &json!({ "userName": name, "displayName": name })).await;
        let address = format!("{}{}", scim.url, place(&person));
        let (id, display) = (id(&person).to_owned(), name.to_owned());
        known.push(Known {
            id,
            kind: "User",
            display,
            address,
        });
    }
    for name in ["Alpha", "Beta"] {
        let group = found(&scim, &json!({ "displayName": name })).await;
        let address = format!("{}{}", scim.url, place(&group));
        let (id, display) = (id(&group).to_owned(), name.to_owned());
        known.push(Known {
            id,
            kind: "Group",
            display,
            address,
        });
    }
    let group = found(&scim, &json!({ "displayName": "All" })).await;
    let mut runner = Effort::Cases(CASES).runner(17);
    let operations = member_operations(&known);
    let (mut changed, mut refused) = (0, 0);
    for _ in 0..CASES {
        let before = scim.get(&place(&group)).await.expect(200);
        let operations = one(&operations, &mut runner);
        let sent: Vec<Value> = operations.iter().map(MemberOperation::to_json).collect();
        let answer = scim.patch(&place(&group), &patch_op(json!(sent))).await;
        let after = scim.get(&place(&group)).await.expect(200);
        let what = || json!({ "operations": sent, "before": inside(&before), "known": format!("{known:?}") });
        match apply(&inside(&before), &operations, &known) {
            Ok(expected) => {
                assert_eq!(answer.status, 204, "{} {}", answer.text, what());
                assert_eq!(inside(&after), expected, "{}", what());
                let is_new = expected != inside(&before);
                assert_eq!(
                    after["meta"]["version"] != before["meta"]["version"],
                    is_new,
                    "{}",
                    what()
                );
                changed += u32::from(is_new);
            }
            Err(kind) => {
                assert_eq!(answer.status, 400, "{} {}", answer.text, what());
                assert_eq!(after, before, "all or none: {}", what());
                // Of several that are wrong, any may be named.
                if operations.len() == 1 {
                    assert_eq!(answer.json()["scimType"], kind, "{} {}", answer.text, what());
                }
                refused += 1;
            }
        }
    }
    assert!(
        changed > CASES / 5 && refused > CASES / 10,
        "{changed} changed, {refused} refused"
    );
}
