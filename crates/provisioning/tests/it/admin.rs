//! What admins do and are told.

use base::Secret;
use mapping::{AttributeMapping, Source};
use provisioning::{AppChange, Error, NewApp, SettingsChange, Sync, Template};
use serde_json::json;
use testkit::target::{Fault, Rule};

use super::world::{On, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_test_gives_a_plain_verdict() {
    let world = World::new(On::Sqlite).await;
    let verdict = async || {
        let verdict = world.provisioning.test_connection(world.org, world.app).await;
        verdict.expect("a verdict")
    };
    let good = verdict().await;
    assert!(good.ok);
    assert!(provisioning::text(&good.message).contains("authorized to enable user provisioning"));
    let asked = world.target.journal().remove(0);
    assert!(
        asked
            .query
            .expect("a query")
            .starts_with("filter=userName%20eq%20%22")
    );

    for (fault, code) in [
        (Fault::status(403), "test.forbidden"),
        (Fault::status(404), "test.unknown_organization"),
        (Fault::Html { status: 200 }, "test.not_scim"),
        (Fault::status(500), "target.broken"),
    ] {
        world.target.inject(Rule::always(fault));
        assert_eq!(verdict().await.message.code, code);
        world.target.heal();
    }
    world.target.adjust(|options| options.token = "other".to_owned());
    assert_eq!(verdict().await.message.code, "test.token");
    world.target.go_down().await;
    assert_eq!(verdict().await.message.code, "target.down");

    let elsewhere = |token: Option<&str>| AppChange {
        settings: SettingsChange {
            base_url: Some("https://nowhere.invalid/scim".to_owned()),
            ..SettingsChange::default()
        },
        token: token.map(Secret::new),
        ..AppChange::default()
    };
    let refused = world
        .provisioning
        .update_app(world.org, world.app, elsewhere(None), &world.cause)
        .await;
    assert_eq!(
        refused
            .expect_err("the old target's token is not sent to a new one")
            .code(),
        "app.token_needed"
    );
    let change = elsewhere(Some("another"));
    world
        .provisioning
        .update_app(world.org, world.app, change, &world.cause)
        .await
        .expect("changed");
    assert_eq!(verdict().await.message.code, "target.dns");
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_checked_when_they_are_added() {
    let world = World::new(On::Sqlite).await;
    let add = async |new| world.provisioning.add_app(world.org, new, &world.cause).await;
    let webex = || NewApp {
        name: Some("Second".to_owned()),
        org_id: Some("123".to_owned()),
        ..NewApp::new(Template::Webex)
    };
    let app = add(webex()).await.expect("an app");
    assert_eq!(app.settings.base_url, "https://api.ciscospark.com/v1/scim/123");
    assert!(!app.has_token && !app.started);
    assert_eq!(add(webex()).await.expect_err("taken").code(), "app.name_taken");
    let nowhere = NewApp::new(Template::Scim);
    assert_eq!(
        add(nowhere).await.expect_err("no URL").code(),
        "app.base_url_missing"
    );
    let preset = NewApp {
        preset: Some("nonsense".to_owned()),
        name: Some("Third".to_owned()),
        ..webex()
    };
    assert_eq!(add(preset).await.expect_err("unknown").code(), "preset.unknown");
    let plain = NewApp {
        base_url: Some("nonsense".to_owned()),
        ..NewApp::new(Template::Scim)
    };
    assert!(matches!(add(plain).await, Err(Error::Settings(_))));
    let verdict = world.provisioning.test_connection(world.org, app.id).await;
    assert_eq!(verdict.expect("a verdict").message.code, "test.no_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn mappings_are_checked_when_they_are_saved() {
    let world = World::new(On::Sqlite).await;
    let set = async |rows| {
        let set = world.provisioning.set_mappings(
            world.org,
            world.app,
            rows,
            scim::ResourceTypes::built_in(),
            &world.cause,
        );
        set.await
    };
    let user_name = AttributeMapping {
        matching: Some(1),
        ..AttributeMapping::direct("userName", "userName")
    };
    let broken = AttributeMapping::new(Source::entra("Switch([a], "), "title");
    let error = set(vec![user_name.clone(), broken]).await.expect_err("broken");
    assert_eq!(error.code(), "mapping.expression");
    let vague = AttributeMapping::direct("mobile", "phoneNumbers.value");
    let error = set(vec![user_name.clone(), vague]).await.expect_err("vague");
    assert_eq!(error.code(), "mapping.target");
    let saved = set(vec![user_name]).await.expect("saved");
    assert_eq!(
        world
            .provisioning
            .mappings(world.org, world.app)
            .await
            .expect("the same"),
        saved
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_mappings_reach_everybody() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(5).await;
    world.initial().await;
    let mut rows = world
        .provisioning
        .mappings(world.org, world.app)
        .await
        .expect("mappings")
        .into_rows();
    rows.push(AttributeMapping::new(
        Source::Constant("de".to_owned()),
        "preferredLanguage",
    ));
    world
        .provisioning
        .set_mappings(
            world.org,
            world.app,
            rows,
            scim::ResourceTypes::built_in(),
            &world.cause,
        )
        .await
        .expect("saved");
    world.in_step().await;
    let speaks = |account: &serde_json::Value| account["preferredLanguage"] == json!("de");
    assert!(world.target.accounts().iter().all(speaks));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_app_sends_nothing_and_catches_up() {
    let mut world = World::new(On::Sqlite).await;
    world.hire("anna").await;
    world.initial().await;
    let (org, app) = (world.org, world.app);
    world
        .provisioning
        .pause(org, app, &world.cause)
        .await
        .expect("paused");
    let refused = world
        .provisioning
        .sync(org, app, Sync::Continue, &world.cause)
        .await;
    assert!(matches!(refused, Err(Error::Paused { .. })));
    world.hire("berta").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(world.target.accounts().len(), 1);
    world
        .provisioning
        .resume(org, app, &world.cause)
        .await
        .expect("resumed");
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_goes_with_its_name_said_and_its_accounts_stay() {
    let mut world = World::new(On::Sqlite).await;
    world.hire("anna").await;
    world.initial().await;
    let remove = async |name| {
        world
            .provisioning
            .remove_app(world.org, world.app, name, &world.cause)
            .await
    };
    assert_eq!(
        remove("webex").await.expect_err("not its name").code(),
        "app.not_confirmed"
    );
    remove("Webex").await.expect("removed");
    assert!(matches!(
        world.provisioning.app(world.org, world.app).await,
        Err(Error::UnknownApp)
    ));
    assert_eq!(world.target.accounts().len(), 1);
    assert_eq!(world.log().await.len(), 1, "the log stays");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_never_shown() {
    let world = World::new(On::Sqlite).await;
    let app = world
        .provisioning
        .set_token(world.org, world.app, Secret::new("hush"), None, &world.cause)
        .await
        .expect("set");
    assert!(app.has_token);
    assert!(!format!("{app:?}").contains("hush"));
    let rows = world
        .store
        .query("SELECT credentials FROM apps", &[])
        .await
        .expect("rows");
    let sealed = rows[0].bytes(0).expect("sealed");
    assert!(!sealed.windows(4).any(|window| window == b"hush"));
}
