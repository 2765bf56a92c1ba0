//! Webex Calling takes somebody's work number and gives an extension in its place: nobody fights over it.

use provisioning::{AppScope, MissingElement, Reconcile, Sync, WaysChange};
use serde_json::{Value, json};
use testkit::target::Options;

use super::world::{On, World, person};

fn at_work(number: &str) -> Value {
    let mut resource = person("anna");
    resource["phoneNumbers"] =
        json!([{"type": "work", "value": number}, {"type": "mobile", "value": "+41 79 1"}]);
    resource
}

fn numbers(world: &World) -> Vec<String> {
    let account = world.account("anna");
    let phones = account["phoneNumbers"].as_array().cloned().unwrap_or_default();
    let mut numbers: Vec<_> = phones
        .iter()
        .map(|phone| format!("{} {}", phone["type"], phone["value"]).replace('"', ""))
        .collect();
    numbers.sort();
    numbers
}

/// Also a target that takes the number each time and drops it again.
pub async fn nobody_fights_over_the_numbers_of_webex_calling(on: On) {
    for (patch, creates) in [(true, false), (true, true), (false, false)] {
        let options = Options {
            calling: true,
            patch,
            replace_creates: creates,
            ..Options::default()
        };
        let mut world = World::with(on, options, AppScope::All).await;
        if creates {
            let ways = WaysChange {
                missing_element: Some(MissingElement::Path),
                ..WaysChange::default()
            };
            world.set_ways(ways).await;
        }
        let anna = world.hire("anna").await;
        world.change(anna, &at_work("+41 31 1")).await;
        world.initial().await;
        assert_eq!(numbers(&world), ["mobile +41 79 1", "work +41 31 1"]);
        world.at_once().await;

        let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
        let calling =
            json!([{"type": "work_extension", "value": "7001"}, {"type": "mobile", "value": "+41 79 1"}]);
        assert!(world.target.bend(&id, &json!({ "phoneNumbers": calling })));
        world.target.reset_counts();
        assert_eq!(world.reconcile(Reconcile::Correct).await.news, 0);
        for _ in 0..2 {
            world.sync(Sync::Restart).await;
            world.in_step().await;
        }
        assert_eq!(world.target.counts().writes, 0, "patch: {patch}");
        let calls = ["mobile +41 79 1", "work_extension 7001"];
        assert_eq!(numbers(&world), calls);

        // The number changes in the directory, and with it what is still ours.
        let mut resource = at_work("+41 31 2");
        resource["title"] = json!("Head");
        resource["phoneNumbers"][1]["value"] = json!("+41 79 2");
        world.change(anna, &resource).await;
        world.in_step().await;
        assert_eq!(numbers(&world), ["mobile +41 79 2", "work_extension 7001"]);
        assert_eq!(world.account("anna")["title"], "Head");
        world.target.reset_counts();
        world.sync(Sync::Restart).await;
        world.in_step().await;
        assert_eq!(world.target.counts().writes, 0, "patch: {patch}");

        // Without Calling the number is the directory's again.
        let mobile = json!([{"type": "mobile", "value": "+41 79 2"}]);
        assert!(world.target.bend(&id, &json!({ "phoneNumbers": mobile })));
        world.sync(Sync::Restart).await;
        world.in_step().await;
        assert_eq!(numbers(&world), ["mobile +41 79 2", "work +41 31 2"]);
        world.stop().await;
    }
}

/// Who is there already, with Calling, is linked and keeps the numbers.
pub async fn an_account_with_calling_is_linked_as_it_is(on: On) {
    let options = Options {
        calling: true,
        ..Options::default()
    };
    let mut world = World::with(on, options, AppScope::All).await;
    let mut account = person("anna");
    account["phoneNumbers"] = json!([{"type": "work_extension", "value": "7001"}]);
    world.target.plant(&account).expect("an account");
    let anna = world.hire("anna").await;
    world.change(anna, &at_work("+41 31 1")).await;
    world.initial().await;
    assert_eq!(numbers(&world), ["mobile +41 79 1", "work_extension 7001"]);
    world.stop().await;
}

/// Webex writes `en_US` where others write `en-US`.
pub async fn a_language_in_another_spelling_is_no_difference(on: On) {
    let mut world = World::new(on).await;
    let set = world.provisioning.mappings(world.org, world.app).await;
    let mut rows = set.expect("mappings").into_rows();
    for name in ["locale", "preferredLanguage"] {
        let row = json!({"source": {"attribute": name}, "target": name});
        rows.push(serde_json::from_value(row).expect("a row"));
    }
    let types = scim::ResourceTypes::built_in();
    let set = world
        .provisioning
        .set_mappings(world.org, world.app, rows, types, &world.cause);
    set.await.expect("set");
    let anna = world.hire("anna").await;
    let mut resource = person("anna");
    (resource["locale"], resource["preferredLanguage"]) = (json!("en-US"), json!("de-CH"));
    world.change(anna, &resource).await;
    world.initial().await;
    world.at_once().await;
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    let theirs = json!({"locale": "en_US", "preferredLanguage": "de_CH"});
    assert!(world.target.bend(&id, &theirs));
    world.target.reset_counts();
    assert_eq!(world.reconcile(Reconcile::Correct).await.news, 0);
    world.sync(Sync::Restart).await;
    world.in_step().await;
    assert_eq!(world.target.counts().writes, 0);
    resource["locale"] = json!("en-GB");
    world.change(anna, &resource).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["locale"], "en-GB");
    assert_eq!(world.account("anna")["preferredLanguage"], "de_CH");
    world.stop().await;
}
