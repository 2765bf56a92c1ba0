//! Many clients at once, all of them changing the same few people and groups: nothing fails that should not, and what
//! was acknowledged is there.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{found, hire, id, patch_op, place};
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(sixteen_clients);

const CLIENTS: usize = 16;
const ROUNDS: usize = 8;

/// What one client does; answers the people that it leaves there.
async fn client(scim: Client, number: usize, groups: [String; 2], shared: String) -> Vec<String> {
    let mut left = Vec::new();
    for round in 0..ROUNDS {
        let user = hire(&scim, &json!({ "userName": format!("c{number}-{round}") })).await;
        let member = json!([{ "value": user["id"] }, { "value": shared }]);
        let (one, other) = (&groups[(number + round) % 2], &groups[(number + round + 1) % 2]);
        let add = patch_op(json!([{ "op": "add", "path": "members", "value": member }]));
        for group in [one, other] {
            scim.patch(group, &add).await.expect(204);
        }
        let title =
            patch_op(json!([{ "op": "replace", "path": "title", "value": format!("{number}-{round}") }]));
        scim.patch(&format!("/Users/{shared}"), &title).await.expect(200);
        let remove =
            patch_op(json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", id(&user)) }]));
        scim.patch(other, &remove).await.expect(204);
        scim.get(&format!("/Users?filter=userName sw \"c{number}-\"&count=3"))
            .await
            .expect(200);
        if round % 3 == 2 {
            scim.delete(&place(&user)).await.expect(204);
        } else {
            scim.patch(
                &place(&user),
                &patch_op(json!([{ "op": "replace", "path": "active", "value": false }])),
            )
            .await
            .expect(200);
            left.push(id(&user).to_owned());
        }
    }
    left
}

async fn sixteen_clients(world: &World) {
    let scim = world.plain.scim();
    let shared = id(&hire(&scim, &json!({ "userName": "shared" })).await).to_owned();
    let groups = [
        place(&found(&scim, &json!({ "displayName": "One" })).await),
        place(&found(&scim, &json!({ "displayName": "Two" })).await),
    ];
    let clients =
        (0..CLIENTS).map(|number| tokio::spawn(client(scim.clone(), number, groups.clone(), shared.clone())));
    let mut left = BTreeSet::from([shared.clone()]);
    for done in join_all(clients).await {
        left.extend(done.expect("no client failed"));
    }
    let all = scim.get("/Users?count=1000").await.expect(200);
    let all = all["Resources"].as_array().expect("Resources").iter();
    let there: BTreeSet<_> = all
        .filter(|user| user["userName"] != "admin@northwind.example")
        .collect::<Vec<_>>()
        .iter()
        .map(|user| id(user).to_owned())
        .collect();
    assert_eq!(there, left);
    let mut members = BTreeSet::new();
    for group in &groups {
        let group = scim.get(group).await.expect(200);
        let values = group["members"].as_array().expect("members").iter();
        members.extend(values.map(|member| member["value"].as_str().expect("an id").to_owned()));
    }
    assert_eq!(
        members, left,
        "whoever is left is in the group that was not taken away again"
    );
    let inactive = scim
        .get("/Users?filter=active eq false&count=0")
        .await
        .expect(200);
    assert_eq!(inactive["totalResults"], Value::from(left.len() - 1));
}
