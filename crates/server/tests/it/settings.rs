//! Every setting, flipped alone to each of its values, makes a difference that a client sees. Which there are is read off
//! the definitions: a setting that is not looked at here fails.

use std::collections::BTreeMap;
use std::time::Duration;

use base::SubjectId;
use directory::{Settings, Values};
use serde_json::{Value, json};
use store::changes::Kind;

use crate::on_both;
use crate::scim::{USER, hire, patch_op, place};
use crate::world::World;

on_both!(each_makes_a_difference);

/// For each setting its values, the default first; read off the definitions. Of numbers of days one other is tried.
fn known() -> BTreeMap<&'static str, Vec<String>> {
    let defaults: BTreeMap<_, _> = Settings::default().list().collect();
    Settings::known()
        .map(|(key, values)| {
            let default = defaults[key].to_string();
            let others = match values {
                Values::OneOf(names) => names.split(", "),
                Values::Days | Values::Delay | Values::Lifetime => "1".split(", "),
                Values::Span { .. } => "5".split(", "),
            };
            let others = others.filter(|value| **value != *default).map(str::to_owned);
            (key, std::iter::once(default.clone()).chain(others).collect())
        })
        .collect()
}

/// What a client sees that depends on settings, for each setting.
async fn seen(world: &World, marker: &str) -> BTreeMap<&'static str, Value> {
    let one_way_in = crate::api::sources::depends_on_settings(world, marker).await;
    // The others are looked at through every door.
    let present = world.directory.settings(world.plain.id).await.expect("settings");
    let source = present.list().find(|(key, _)| *key == "users.source");
    let source = source.expect("a setting").1.into_owned();
    world.set(&world.plain, "users.source", "none").await;
    let scim = world.plain.scim();
    let user = hire(&scim, &json!({ "userName": format!("{marker}@example.com") })).await;
    let group = crate::scim::found(&scim, &json!({ "displayName": "G" })).await;
    let change = patch_op(json!([{ "op": "replace", "path": "displayName", "value": "Changed" }]));
    let responses = [
        scim.patch(&place(&user), &change).await,
        scim.patch(&place(&group), &change).await,
    ];
    let responses = responses.map(|answer| (answer.status, answer.text.contains("Changed")));
    let schema = scim
        .get(&format!("/Schemas/{USER}"))
        .await
        .expect(200)
        .to_string();
    let list = scim.get("/Schemas").await.expect(200).to_string();
    let missing =
        patch_op(json!([{ "op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "1" }]));
    let missing = scim.patch(&place(&user), &missing).await;
    let refusal = if missing.status == 400 {
        missing.json()["scimType"].clone()
    } else {
        Value::Null
    };
    let phones = scim.get(&place(&user)).await.expect(200)["phoneNumbers"].clone();
    let free_name = scim.post("/Users", &json!({ "userName": marker })).await.status;
    let [log, events, tombstone, inactive, trace] = two_days_later(world, marker).await;
    let second_factor = crate::pages::own_factors::depends_on_settings(world, marker).await;
    // Nobody else is asked for a factor meanwhile.
    let present = world.directory.settings(world.plain.id).await.expect("settings");
    let demanded = present.list().find(|(key, _)| *key == "sign_in.second_factor");
    let demanded = demanded.expect("a setting").1.into_owned();
    world.set(&world.plain, "sign_in.second_factor", "optional").await;
    let [guide_client, token_days] = crate::oauth::depends_on_settings(world, marker).await;
    let [access_token, refresh_token, session, idle] =
        crate::oauth_lifetimes::depends_on_settings(world, marker).await;
    world.set(&world.plain, "sign_in.second_factor", &demanded).await;
    let [precedence, leaving] = crate::api::licences::depends_on_settings(world, marker).await;
    let invited = crate::pages::invitations::depends_on_settings(world, marker).await;
    world.set(&world.plain, "users.source", &source).await;
    BTreeMap::from([
        ("users.source", one_way_in),
        ("users.invite", invited),
        ("licences.precedence", precedence),
        ("licences.leaving_group", leaving),
        ("oauth.guide_client", guide_client),
        ("oauth.token_days", token_days),
        ("oauth.access_token_minutes", access_token),
        ("oauth.refresh_token_days", refresh_token),
        ("sign_in.session_hours", session),
        ("sign_in.idle_minutes", idle),
        ("sign_in.second_factor", second_factor),
        ("log.retention_days", log),
        ("events.retention_days", events),
        ("tombstones.retention_days", tombstone),
        ("saml.traces_retention_days", trace),
        ("users.remove_inactive_after_days", inactive),
        ("scim.patch_response", json!(responses)),
        (
            "scim.schemas",
            json!([
                schema.contains("\"password\""),
                list.contains("\"password\""),
                list.contains("\"userName\"")
            ]),
        ),
        ("scim.patch_missing_target", json!([refusal, phones])),
        ("users.user_name_is_email", json!([free_name, user["emails"]])),
    ])
}

/// What is left after two days of a log entry, an event, somebody deleted and somebody disabled.
async fn two_days_later(world: &World, marker: &str) -> [Value; 5] {
    let (org, api) = (world.plain.id, world.plain.api());
    let gone = hire(
        &world.plain.scim(),
        &json!({ "userName": format!("{marker}.gone@example.com") }),
    )
    .await;
    world.plain.scim().delete(&place(&gone)).await.expect(204);
    let subject: SubjectId = gone["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let off = format!("{marker}.off@example.com");
    let off = json!({ "userName": off, "active": false });
    let off = hire(&world.plain.scim(), &off).await;
    world.log(&world.plain, subject, marker).await;
    let trace = world.trace(&world.plain).await;
    world.clock.advance(Duration::from_hours(48));
    world.directory.forget_old(org).await.expect("forgotten");
    world.directory.remove_long_inactive(org).await.expect("removed");
    let entries = api.get(&format!("/log?user={subject}")).await.expect(200)["items"].clone();
    let events = api.get("/events?type=user_delete&limit=100").await.expect(200);
    let mut events = events["items"].as_array().expect("items").iter();
    let event = events.any(|event| event["resource"]["id"] == gone["id"]);
    let tombstone = store::tombstones::by_id(&mut world.store.reader(), org, Kind::User, subject).await;
    let trace = world.federation.trace(org, trace).await.expect("read");
    [
        json!(entries.as_array().map(Vec::len)),
        json!(event),
        json!(tombstone.expect("read").is_some()),
        json!(world.plain.scim().get(&place(&off)).await.status),
        json!(trace.is_some()),
    ]
}

async fn each_makes_a_difference(world: &World) {
    let known = known();
    let usual = seen(world, "m-default").await;
    let looked_at: Vec<_> = usual.keys().collect();
    assert_eq!(
        looked_at,
        known.keys().collect::<Vec<_>>(),
        "every setting is looked at here"
    );
    assert_eq!(usual["scim.patch_response"], json!([[200, true], [204, false]]));
    assert_eq!(
        usual["scim.patch_missing_target"],
        json!([null, [{ "type": "work", "value": "1" }]])
    );
    for (key, values) in &known {
        let mut differing = vec![usual[key].clone()];
        for value in &values[1..] {
            world.set(&world.plain, key, value).await;
            let marker = format!("m-{}-{value}", key.replace('.', "-"));
            let mut now = seen(world, &marker).await;
            // A PATCH that is answered with nothing hides nothing else: the others stay as they were.
            let own = now.remove(key).expect("every setting is looked at");
            let address = format!("{marker}@example.com");
            for (other, unlike) in now.iter().filter(|(other, now)| &&usual[**other] != now) {
                assert!(
                    unlike.to_string().contains(&address),
                    "{key}={value} also changes {other}: {unlike}"
                );
            }
            assert!(
                !differing.contains(&own),
                "{key}={value} is seen as another value is: {own}"
            );
            differing.push(own);
        }
        world.set(&world.plain, key, &values[0]).await;
    }
    let refused = [("scim.colour".to_owned(), "red".to_owned())];
    assert!(
        world
            .directory
            .set_settings(&crate::world::cause(), world.plain.id, &refused)
            .await
            .is_err()
    );
}
