//! Targets that cannot do everything, and settings that say so.

use base::UserId;
use mapping::AttributeMapping;
use provisioning::{AppChange, AppScope, MissingElement, SettingsChange, WayOrigin, WaysChange};
use provisioning::{Filters, WaySwitch, WayUpdate};
use serde_json::{Value, json};
use testkit::target::{Fault, Options, Rule};

use super::world::{On, World, person, user_name};

fn without_patch() -> Options {
    Options {
        patch: false,
        ..Options::default()
    }
}

impl World {
    pub async fn set_ways(&self, ways: WaysChange) {
        let change = AppChange {
            settings: SettingsChange {
                ways,
                ..SettingsChange::default()
            },
            ..AppChange::default()
        };
        let updated = self
            .provisioning
            .update_app(self.org, self.app, change, &self.cause);
        updated.await.expect("set");
    }

    async fn status_now(&self) -> provisioning::Status {
        let status = self.provisioning.status(self.org, self.app).await;
        status.expect("a status")
    }

    /// `update=put (observed)`.
    pub async fn way(&self, name: &str) -> Option<(String, WayOrigin)> {
        let ways = self.provisioning.ways(self.org, self.app).await.expect("ways");
        let way = ways.into_iter().find(|way| way.name == name)?;
        Some((way.value, way.origin))
    }

    fn sent(&self, method: &str) -> Vec<testkit::target::Exchange> {
        let mut journal = self.target.journal();
        journal.retain(|request| request.method == method);
        journal
    }

    fn asked_by(&self, attribute: &str) -> usize {
        let asked = self.sent("GET");
        let queries = asked.iter().filter_map(|request| request.query.as_deref());
        queries.filter(|query| query.contains(attribute)).count()
    }

    async fn retitled(&self, id: UserId, name: &str, title: &Value) {
        let mut resource = person(name);
        resource["title"] = title.clone();
        self.change(id, &resource).await;
        self.in_step().await;
    }
}

pub async fn what_is_mapped_is_sent_whatever_is_said_of_it(on: On) {
    let options = Options {
        says_read_only: vec!["title".to_owned(), "nickName".to_owned()],
        ..without_patch()
    };
    let mut world = World::with(on, options, AppScope::All).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    world.retitled(anna, "anna", &json!("Head")).await;
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    assert!(world.target.bend(&id, &json!({"nickName": "Nana"})));
    let mut resource = person("anna");
    resource["title"] = json!("Head");
    resource["phoneNumbers"] = json!([{"type": "work", "value": "1"}]);
    world.change(anna, &resource).await;
    world.in_step().await;
    let put = world.sent("PUT").pop().and_then(|put| put.body).expect("a PUT");
    assert_eq!(put["title"], json!("Head"), "left out, it would be cleared");
    assert_eq!(put["nickName"], Value::Null, "what is not mapped is the target's");
    world.stop().await;
}

pub async fn where_patch_is_missing_the_whole_account_is_sent(on: On) {
    let mut world = World::with(on, without_patch(), AppScope::All).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    let theirs =
        json!({"nickName": "Nana", "emails": [{"type": "home", "value": "a@home"}], "locale": "de-CH"});
    assert!(world.target.bend(&id, &theirs));
    let kept = |account: &Value| {
        for (name, value) in theirs.as_object().expect("an object") {
            assert_eq!(&account[name], value, "{name}");
        }
        assert_eq!(account["userName"], json!(user_name("anna")));
    };

    world.stop().await;
    let mut resource = person("anna");
    resource["title"] = json!("Physicist");
    world.change(anna, &resource).await;
    let planned = world
        .provisioning
        .preview_person(world.org, world.app, anna)
        .await
        .expect("a preview");
    let request = planned.request.expect("a request");
    assert_eq!(
        (request.method.as_str(), request.path),
        ("PUT", format!("/Users/{id}"))
    );
    world.start();
    world.in_step().await;
    let put = world.sent("PUT").pop().expect("a PUT");
    assert_eq!(put.body, request.body, "what was shown is what was sent");
    assert!(
        put.body
            .is_some_and(|body| body["meta"].is_null() && body["id"].is_null())
    );
    kept(&world.account("anna"));
    assert_eq!(world.account("anna")["title"], json!("Physicist"));

    resource["title"] = Value::Null;
    resource["phoneNumbers"] = json!([]);
    world.change(anna, &resource).await;
    world.in_step().await;
    let cleared = world.account("anna");
    assert_eq!(
        (&cleared["title"], &cleared["phoneNumbers"]),
        (&Value::Null, &Value::Null)
    );
    kept(&cleared);

    world.deactivate(anna, &resource).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["active"], json!(false));
    world.change(anna, &resource).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["active"], json!(true));
    kept(&world.account("anna"));

    assert!(world.sent("PATCH").is_empty(), "it announced that there is none");
    let counts = world.target.counts();
    assert_eq!(
        world.way("update").await,
        Some(("put".to_owned(), WayOrigin::Announced))
    );
    let restarted = world.restart().await;
    assert_eq!(
        (restarted.unchanged, world.target.counts().writes),
        (1, counts.writes)
    );
    world.stop().await;
}

pub async fn what_an_answer_shows_is_remembered(on: On) {
    let mut world = World::with(on, without_patch(), AppScope::All).await;
    world
        .target
        .inject(Rule::on("GET", "/ServiceProviderConfig").then(Fault::status(404)));
    let anna = world.hire("anna").await;
    world.initial().await;
    assert_eq!(
        world.way("update").await,
        Some(("patch".to_owned(), WayOrigin::Assumed))
    );
    world.retitled(anna, "anna", &json!("Physicist")).await;
    assert_eq!((world.sent("PATCH").len(), world.sent("PUT").len()), (1, 1));
    assert_eq!(world.account("anna")["title"], json!("Physicist"));
    assert_eq!(
        world.way("update").await,
        Some(("put".to_owned(), WayOrigin::Observed))
    );
    world.stop().await;
    let elsewhere = world.elsewhere().await;
    let ways = elsewhere.ways(world.org, world.app).await.expect("ways");
    assert!(ways.iter().any(|way| way.name == "patch" && way.value == "no"));
    world.start();
    world.retitled(anna, "anna", &json!("Botanist")).await;
    assert_eq!((world.sent("PATCH").len(), world.sent("PUT").len()), (1, 2));
    world.stop().await;
}

pub async fn each_way_of_changing_can_be_set(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    for (update, title, method) in [
        (WayUpdate::Auto, "a", "PATCH"),
        (WayUpdate::Put, "b", "PUT"),
        (WayUpdate::Patch, "c", "PATCH"),
    ] {
        let before = world.sent(method).len();
        let update = Some(update);
        world
            .set_ways(WaysChange {
                update,
                ..WaysChange::default()
            })
            .await;
        world.retitled(anna, "anna", &json!(title)).await;
        assert_eq!(world.sent(method).len(), before + 1, "{update:?}");
        assert_eq!(world.account("anna")["title"], json!(title));
    }
    assert_eq!(world.target.counts().updates, 3);
    // What is set is not given up, whatever the target answers.
    world.target.adjust(|options| options.patch = false);
    let mut resource = person("anna");
    resource["title"] = json!("d");
    world.change(anna, &resource).await;
    world
        .until("failed", async || {
            let log = world.log().await;
            log.last()
                .is_some_and(|entry| entry.message.code == "target.unsupported")
        })
        .await;
    assert_eq!(world.sent("PUT").len(), 1);
    world.stop().await;
}

pub async fn a_replacement_names_the_version_that_it_is_made_on(on: On) {
    let mut world = World::with(on, without_patch(), AppScope::All).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    for (etag, conditional) in [
        (WaySwitch::Auto, true),
        (WaySwitch::Off, false),
        (WaySwitch::On, true),
    ] {
        world
            .set_ways(WaysChange {
                etag: Some(etag),
                ..WaysChange::default()
            })
            .await;
        world.retitled(anna, "anna", &json!(format!("{etag:?}"))).await;
        let put = world.sent("PUT").pop().expect("a PUT");
        assert_eq!(put.if_match.is_some(), conditional, "{etag:?}");
    }
    // Somebody else was quicker.
    let before = world.sent("GET").len();
    world
        .target
        .inject(Rule::on("PUT", "/Users").nth(1).then(Fault::status(412)));
    world.retitled(anna, "anna", &json!("quick")).await;
    assert_eq!(world.account("anna")["title"], json!("quick"));
    assert_eq!(world.sent("GET").len(), before + 2, "it is read again");
    world.stop().await;
}

pub async fn a_filter_that_is_refused_is_asked_no_more(on: On) {
    let options = Options {
        external_id_filter: false,
        ..Options::default()
    };
    let mut world = World::with(on, options, AppScope::All).await;
    let mut rows: Vec<AttributeMapping> = world
        .provisioning
        .mappings(world.org, world.app)
        .await
        .expect("mappings")
        .into_rows();
    for row in &mut rows {
        match row.target.as_str() {
            "externalId" => row.matching = Some(1),
            "userName" => row.matching = Some(2),
            _ => {}
        }
    }
    let types = scim::ResourceTypes::built_in();
    let set = world
        .provisioning
        .set_mappings(world.org, world.app, rows, types, &world.cause);
    set.await.expect("set");
    let planted = world
        .target
        .plant(&json!({"userName": user_name("anna")}))
        .expect("planted");
    world.hire("anna").await;
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    world.in_step().await;
    assert_eq!(world.asked_by("externalId"), 1);
    assert_eq!(
        world.account("anna")["id"],
        json!(planted),
        "found by the other attribute"
    );
    world.hire("berta").await;
    world.in_step().await;
    assert_eq!(world.asked_by("externalId"), 1);
    let refused = Some(("refused".to_owned(), WayOrigin::Observed));
    assert_eq!(world.way("filter.externalId").await, refused);
    let filters = Some(Filters::All);
    world
        .set_ways(WaysChange {
            filters,
            ..WaysChange::default()
        })
        .await;
    world.hire("carla").await;
    world.in_step().await;
    assert_eq!(world.asked_by("externalId"), 2);
    assert_eq!(world.target.accounts().len(), 3);
    world.stop().await;
}

pub async fn an_element_that_is_not_found_is_added(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    assert!(world.target.bend(&id, &json!({"phoneNumbers": null})));
    let mut resource = person("anna");
    resource["phoneNumbers"][0]["value"] = json!("+41 31 111 11 11");
    world.change(anna, &resource).await;
    world.in_step().await;
    let sent: Vec<_> = world
        .sent("PATCH")
        .into_iter()
        .map(|request| request.body)
        .collect();
    let op = |at: usize| sent[at].as_ref().map(|body| body["Operations"][0]["op"].clone());
    assert_eq!((op(0), op(1)), (Some(json!("replace")), Some(json!("add"))));
    assert_eq!(
        world.account("anna")["phoneNumbers"][0]["value"],
        json!("+41 31 111 11 11")
    );
    let refused = Some(("refused".to_owned(), WayOrigin::Observed));
    assert_eq!(world.way("missing_element").await, refused);
    world.stop().await;
}

pub async fn how_a_value_comes_into_a_missing_element_is_set(on: On) {
    for (set, lenient, expected) in [
        (MissingElement::Add, false, "phoneNumbers"),
        (MissingElement::Add, true, "phoneNumbers"),
        (
            MissingElement::Path,
            true,
            r#"phoneNumbers[type eq "mobile"].value"#,
        ),
        (
            MissingElement::Path,
            false,
            r#"phoneNumbers[type eq "mobile"].value"#,
        ),
    ] {
        let options = Options {
            add_creates: lenient,
            ..Options::default()
        };
        let mut world = World::with(on, options, AppScope::All).await;
        let anna = world.hire("anna").await;
        world.initial().await;
        world
            .set_ways(WaysChange {
                missing_element: Some(set),
                ..WaysChange::default()
            })
            .await;
        let mut resource = person("anna");
        let phones = resource["phoneNumbers"].as_array_mut().expect("a list");
        phones.push(json!({"type": "mobile", "value": "+41 31 222 22 22"}));
        world.change(anna, &resource).await;
        let works = lenient || set == MissingElement::Add;
        if works {
            world.in_step().await;
        } else {
            world
                .until("it is refused", async || {
                    !world.status_now().await.failing.is_empty()
                })
                .await;
        }
        let sent = world.sent("PATCH").pop().and_then(|request| request.body);
        let operation = sent.expect("a PATCH")["Operations"][0].clone();
        assert_eq!(
            (&operation["op"], &operation["path"]),
            (&json!("add"), &json!(expected))
        );
        let phones = world.account("anna")["phoneNumbers"].clone();
        assert_eq!(phones.to_string().contains("222"), works, "{set:?} {phones}");
        let way = world.way("missing_element").await;
        match set {
            MissingElement::Path => assert_eq!(way, Some(("path".to_owned(), WayOrigin::Set))),
            MissingElement::Add => assert_eq!(way, None),
        }
        world.stop().await;
    }
}

pub async fn what_a_target_says_of_itself_is_shown(on: On) {
    let world = World::new(on).await;
    assert!(world.way("discovery").await.is_none());
    let verdict = world.provisioning.test_connection(world.org, world.app).await;
    assert!(verdict.expect("a verdict").ok);
    let announced = |value: &str| Some((value.to_owned(), WayOrigin::Announced));
    assert_eq!(
        world.way("discovery").await,
        announced("ServiceProviderConfig ResourceTypes")
    );
    assert_eq!(world.way("page_size").await, announced("100"));
    assert_eq!(world.way("groups").await, announced("yes"));
    assert_eq!(world.way("bulk").await, announced("no"));
    let seen = Some(("yes".to_owned(), WayOrigin::Observed));
    assert_eq!(world.way("filter").await, seen);
    assert_eq!(world.target.counts().writes, 0);
    // Another target has other ways.
    let change = AppChange {
        settings: SettingsChange {
            base_url: Some("https://nowhere.invalid/scim".to_owned()),
            ..SettingsChange::default()
        },
        token: Some(base::Secret::new("another")),
        ..AppChange::default()
    };
    let moved = world
        .provisioning
        .update_app(world.org, world.app, change, &world.cause);
    moved.await.expect("moved");
    assert!(world.way("discovery").await.is_none());
}

pub async fn a_target_that_asks_for_it_is_sent_less_at_once(on: On) {
    // Halved, and one more for a round of look-ups that were under way.
    for (least, expected) in [(1, 1..=5), (6, 6..=7)] {
        let mut world = World::new(on).await;
        world
            .set(SettingsChange {
                concurrency: Some(8),
                concurrency_least: Some(least),
                ..SettingsChange::default()
            })
            .await;
        world.hire_many(40).await;
        world
            .target
            .inject(Rule::on("POST", "/Users").then(Fault::throttled(3600)));
        world.start();
        world.sync(provisioning::Sync::Continue).await;
        world
            .until("held", async || {
                let status = world.status_now().await;
                status.hold.is_some() && status.concurrency.why.is_some()
            })
            .await;
        let held = world.status_now().await;
        let concurrency = held.concurrency;
        // More than one may have been told to wait by then.
        assert!(expected.contains(&concurrency.now), "{concurrency:?}");
        assert_eq!(concurrency.most, 8);
        // On a machine that has little time for the target, that it was slow may be the last that was seen of it.
        assert!(concurrency.why.is_some(), "{concurrency:?}");
        // It bears more again.
        world.target.heal();
        world.stop().await;
        world
            .provisioning
            .pause(world.org, world.app, &world.cause)
            .await
            .expect("paused");
        world
            .provisioning
            .resume(world.org, world.app, &world.cause)
            .await
            .expect("resumed");
        world.target.reset_counts();
        world.start();
        world.in_step().await;
        assert_eq!(world.target.accounts().len(), 40);
        let counts = world.target.counts();
        assert!(counts.most_at_once <= 8, "{counts:?}");
        let mut recovered = world.status_now().await.concurrency;
        for more in 0..100 {
            if recovered.now > concurrency.now {
                break;
            }
            world.hire(&format!("more{more}")).await;
            world.in_step().await;
            recovered = world.status_now().await.concurrency;
        }
        assert!(recovered.now > concurrency.now, "{recovered:?}");
        world.stop().await;
    }
}
