//! What is answered when an app is activated: whether its target can be worked with, and what should be so before.

use serde_json::{Value, json};

use super::{add_hub, column, hire, text};
use crate::on_both;
use crate::world::World;

on_both!(
    activating_verifies,
    guides_want_something_before,
    groups_where_there_are_none_are_warned_of,
    who_would_be_created_anew_is_counted,
    an_offer_without_an_address,
);

const CONFIRMED: &str = "the Identity Management integration has been successfully verified";

async fn activating_verifies(world: &World) {
    let api = world.plain.api();
    let made = add_hub(world, "Hub").await;
    assert_eq!(
        made["verified"],
        json!({ "ok": true, "code": "activate.ok", "params": {}, "text": CONFIRMED })
    );
    for verb in ["pause", "deactivate"] {
        let rests = api
            .post(&format!("/apps/Hub/{verb}"), &json!({}))
            .await
            .expect(200);
        assert!(rests["verified"].is_null(), "{verb}");
        let works = api.post("/apps/Hub/activate", &json!({})).await.expect(200);
        assert_eq!(
            (&works["state"], &works["verified"]["text"]),
            (&json!("active"), &json!(CONFIRMED))
        );
    }
    api.patch("/apps/Hub", &json!({ "token": "wrong", "activate": false }))
        .await
        .expect(200);
    let works = api.post("/apps/Hub/activate", &json!({})).await.expect(200);
    assert_eq!(works["state"], "active", "{works}");
    assert_eq!(
        (&works["verified"]["ok"], &works["verified"]["code"]),
        (&json!(false), &json!("test.token"))
    );
    let trail = api
        .get("/events?type=idm_integration_activate&limit=1")
        .await
        .expect(200);
    let last = &trail["items"][0];
    assert_eq!(
        (&last["success"], &last["detail"]["error"]["code"]),
        (&json!(false), &json!("test.token")),
        "{trail}"
    );
    let works = api
        .patch(
            "/apps/Hub",
            &json!({ "token": world.webex.token, "activate": true }),
        )
        .await
        .expect(200);
    assert_eq!(works["verified"]["ok"], true);
    let later = json!({ "template": "scim", "name": "Later", "base_url": world.webex.scim().url,
        "token": world.webex.token, "activate": false });
    let later = api.post("/apps", &later).await.expect(201);
    assert!(
        later["verified"].is_null(),
        "nothing is asked of a target that is added paused"
    );
}

async fn guides_want_something_before(world: &World) {
    let api = world.plain.api();
    for (preset, expected) in [
        ("webex-entra", None),
        ("webex-okta", Some("activate.licence_template")),
        ("webex-jumpcloud", Some("activate.saml_first")),
    ] {
        let body = json!({ "template": "webex", "name": preset, "preset": preset,
            "base_url": world.webex.scim().url, "token": world.webex.token });
        let expected: Vec<_> = expected.into_iter().collect();
        let path = format!("/apps/{preset}");
        let codes = |answer: &Value| -> Vec<String> {
            let warnings = answer["warnings"].as_array().expect("warnings").iter();
            warnings
                .map(|warning| text(&warning["code"]).to_owned())
                .collect()
        };
        assert_eq!(
            codes(&api.post("/apps", &body).await.expect(201)),
            expected,
            "{preset}"
        );
        let works = api
            .post(&format!("{path}/activate"), &json!({}))
            .await
            .expect(200);
        assert_eq!(codes(&works), expected, "{preset}");
        let plan = api.post(&format!("{path}/plan"), &json!({})).await.expect(200);
        assert_eq!(codes(&plan), expected, "{preset}");
        let status = async || api.get(&format!("{path}/status")).await.expect(200);
        assert_eq!(codes(&status().await), expected, "{preset}");
        api.post(&format!("{path}/sync"), &json!({})).await.expect(202);
        assert_eq!(codes(&status().await), Vec::<String>::new(), "it has begun");
    }
}

async fn groups_where_there_are_none_are_warned_of(world: &World) {
    let api = world.plain.api();
    for (preset, groups, expected) in [
        ("webex-entra", "off", None),
        ("webex-entra", "assigned", Some("groups.undocumented")),
        ("webex-entra", "all", Some("groups.undocumented")),
        ("webex-v2", "assigned", None),
    ] {
        let name = format!("{preset} {groups}");
        let body = json!({ "template": "webex", "name": name, "preset": preset, "org_id": "o", "token": "t",
            "activate": false, "settings": { "groups": groups } });
        let app = api.post("/apps", &body).await.expect(201);
        let codes = |answer: &Value| -> Vec<String> {
            let warnings = answer["warnings"].as_array().expect("warnings").iter();
            warnings
                .map(|warning| text(&warning["code"]).to_owned())
                .collect()
        };
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(codes(&app), expected, "{name}");
        let path = format!("/apps/{}", text(&app["id"]));
        assert_eq!(codes(&api.get(&path).await.expect(200)), expected, "{name}");
        let off = json!({ "settings": { "groups": "off" } });
        assert_eq!(
            codes(&api.patch(&path, &off).await.expect(200)),
            Vec::<String>::new()
        );
        let set = json!({ "settings": { "groups": groups } });
        assert_eq!(
            codes(&api.patch(&path, &set).await.expect(200)),
            expected,
            "{name}"
        );
    }
}

async fn who_would_be_created_anew_is_counted(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    let named = async || {
        let works = api.post("/apps/Hub/activate", &json!({})).await.expect(200);
        let warnings = works["warnings"].as_array().expect("warnings");
        warnings
            .iter()
            .map(|warning| text(&warning["text"]).to_owned())
            .collect::<Vec<_>>()
    };
    add_hub(world, "Hub").await;
    hire(&world.plain, &["nobody-writes-to-me"]).await;
    for (name, mail) in [
        ("anna@example.com", "ANNA@example.com"),
        ("bert@example.com", "b.meier@example.com"),
        ("carl@corp.example.com", "carl@example.com"),
    ] {
        let person =
            json!({ "userName": name, "emails": [{ "value": mail, "type": "work", "primary": true }] });
        scim.post("/Users", &person).await.expect(201);
    }
    let found = named().await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("their e-mail address: 2."), "{found:?}");
    api.delete("/people/bert@example.com").await.expect(204);
    assert!(named().await[0].contains("their e-mail address: 1."));
    // A table that reads the e-mail address finds everybody.
    let row = json!({ "source": { "attribute": "mail" } });
    api.patch("/apps/Hub/mappings/userName", &row).await.expect(200);
    assert_eq!(named().await, Vec::<String>::new());
}

async fn an_offer_without_an_address(world: &World) {
    let api = world.plain.api();
    let body = json!({ "template": "webex", "preset": "webex-v2", "org_id": "o", "offer": "government",
        "token": "t", "activate": false });
    let problem = api
        .post("/apps", &body)
        .await
        .problem(400, "app.no_address_for_offer");
    let detail = text(&problem["detail"]);
    assert!(
        detail.contains("webex-v2") && detail.contains("government"),
        "{detail}"
    );
    assert_eq!(
        column(&api.get("/apps").await.expect(200), "name"),
        Vec::<String>::new()
    );
}
