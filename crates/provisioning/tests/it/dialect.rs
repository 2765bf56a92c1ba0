//! What Webex's services answer and want to be sent, by recorded shapes: `fixtures/webex/README.md`.

use provisioning::{
    AccountFilter, AppScope, GroupScope, LogEntry, LogStatus, NewApp, SettingsChange, Sync, Template,
    WaySwitch, WaysChange,
};
use serde_json::{Value, json};
use testkit::recorded::{Asked, Recorded, RecordedTarget};
use testkit::target::Options;

use super::world::{On, World, person};

const SECOND: (&str, &str) = ("/identity/scim/o1/v2", "webex-v2");
const FIRST: (&str, &str) = ("/v1/scim/o1", "webex-entra");

macro_rules! recorded {
    ($name:literal) => {
        serde_json::from_str::<Vec<Recorded>>(include_str!(concat!("fixtures/webex/", $name, ".json")))
            .expect("exchanges")
    };
}

/// A world whose app is at a target that answers as recorded.
struct Webex {
    world: World,
    target: RecordedTarget,
}

impl Webex {
    async fn new(on: On, (path, preset): (&str, &str), exchanges: Vec<Recorded>) -> Self {
        let mut world = World::with(on, Options::default(), AppScope::All).await;
        let target = RecordedTarget::start(exchanges).await.expect("a target");
        let new = NewApp {
            name: Some("Webex 2".to_owned()),
            preset: Some(preset.to_owned()),
            base_url: Some(target.url(path)),
            token: Some(base::Secret::new("a-token")),
            change: SettingsChange {
                scope: Some(AppScope::All),
                in_doubt_seconds: Some(1),
                concurrency: Some(1),
                retry_longest_seconds: Some(1),
                ..SettingsChange::default()
            },
            ..NewApp::new(Template::Webex)
        };
        let added = world.provisioning.add_app(world.org, new, &world.cause).await;
        world.app = added.expect("an app").id;
        Self { world, target }
    }

    /// The same with anna in the directory, and in step.
    async fn with_anna(on: On, at: (&str, &str), exchanges: Vec<Recorded>) -> (Self, base::UserId) {
        let mut webex = Box::pin(Self::new(on, at, exchanges)).await;
        let anna = webex.world.hire("anna").await;
        webex.world.initial().await;
        (webex, anna)
    }

    fn sent(&self, method: &str) -> Vec<Asked> {
        let mut asked = self.target.asked();
        asked.retain(|request| request.method == method);
        asked
    }

    /// From now on the account is shown with the externalId that it was created with, and changed like this.
    fn shown(&self, mut account: Recorded, change: impl FnOnce(&mut Value)) {
        let created = self
            .sent("POST")
            .pop()
            .and_then(|request| request.body)
            .expect("a body");
        let body = account.body.as_mut().expect("an account");
        body["externalId"] = created["externalId"].clone();
        change(body);
        self.target.record(vec![account]);
    }

    fn writes(&self) -> usize {
        self.target
            .asked()
            .iter()
            .filter(|request| request.method != "GET")
            .count()
    }

    async fn retitle(&self, anna: base::UserId) {
        let mut resource = person("anna");
        resource["title"] = json!("Physicist");
        self.world.change(anna, &resource).await;
        self.world.in_step().await;
    }

    /// The first entry of the log that says what failed.
    async fn failure(&mut self) -> LogEntry {
        self.world.hire("anna").await;
        self.world.start();
        self.world.sync(Sync::Continue).await;
        let failed = async || {
            let log = self.world.log().await;
            log.into_iter().find(|entry| entry.status == LogStatus::Failure)
        };
        self.world
            .until("failed", async || failed().await.is_some())
            .await;
        let entry = failed().await.expect("a failure");
        self.world.stop().await;
        entry
    }

    /// Why nothing is sent to it.
    async fn held(&mut self) -> base::Message {
        self.world.hire("anna").await;
        self.world.start();
        self.world.sync(Sync::Continue).await;
        let hold = async || {
            let status = self
                .world
                .provisioning
                .status(self.world.org, self.world.app)
                .await;
            status.expect("a status").hold
        };
        self.world.until("held", async || hold().await.is_some()).await;
        hold().await.expect("a hold").reason
    }
}

fn operations(request: &Asked) -> &Value {
    &request.body.as_ref().expect("a body")["Operations"]
}

pub async fn what_the_second_service_adds_by_itself_is_no_difference(on: On) {
    let (mut webex, anna) = Webex::with_anna(on, SECOND, recorded!("v2-create")).await;
    let created = webex.sent("POST");
    assert_eq!(created.len(), 1);
    assert_eq!(created[0].content_type.as_deref(), Some("application/scim+json"));
    let body = created[0].body.as_ref().expect("a body");
    assert_eq!(
        (&body["userType"], &body["active"]),
        (&json!("user"), &json!(true))
    );
    assert_eq!(body["userName"], json!("anna@example.com"));
    let schemas = body["schemas"].as_array().expect("schemas");
    assert!(
        schemas.contains(&json!("urn:ietf:params:scim:schemas:core:2.0:User")),
        "it is demanded"
    );
    webex.shown(recorded!("v2-create").remove(0), |_| {});
    webex.world.restart().await;
    assert_eq!(webex.writes(), 1, "in step already: {:?}", webex.sent("PATCH"));
    // PATCH answered 200 with the account.
    webex.retitle(anna).await;
    let changes = webex.sent("PATCH");
    let expected = json!([{"op": "replace", "path": "title", "value": "Physicist"}]);
    assert_eq!(operations(&changes[0]), &expected, "in small letters, typed");
    assert_eq!(webex.writes(), 2);
    webex.world.stop().await;
}

pub async fn the_first_service_answers_a_change_with_nothing(on: On) {
    let (mut webex, anna) = Webex::with_anna(on, FIRST, recorded!("legacy-create")).await;
    webex.retitle(anna).await;
    assert_eq!((webex.sent("POST").len(), webex.sent("PATCH").len()), (1, 1));
    webex.world.deactivate(anna, &person("anna")).await;
    webex.world.in_step().await;
    let last = webex.sent("PATCH").pop().expect("a change");
    let denied = json!({"op": "replace", "path": "active", "value": false});
    assert!(
        operations(&last)
            .as_array()
            .expect("operations")
            .contains(&denied),
        "a boolean, not a text"
    );
    webex.world.stop().await;
}

pub async fn who_is_there_already_is_linked(on: On) {
    for (at, exchanges) in [
        (SECOND, recorded!("v2-conflict")),
        (FIRST, recorded!("legacy-conflict")),
    ] {
        let (mut webex, _) = Webex::with_anna(on, at, exchanges).await;
        assert_eq!(
            (webex.sent("POST").len(), webex.sent("PATCH").len()),
            (1, 1),
            "{at:?}"
        );
        let status = webex
            .world
            .provisioning
            .status(webex.world.org, webex.world.app)
            .await;
        assert_eq!(status.expect("a status").linked, 1, "{at:?}");
        webex.world.stop().await;
    }
}

pub async fn their_own_words_are_shown(on: On) {
    for (at, exchanges, words) in [
        (
            SECOND,
            recorded!("v2-invalid"),
            "The domain example.com is not authorized for this organization.",
        ),
        (
            FIRST,
            recorded!("legacy-invalid"),
            "The request could not be understood by the server due to malformed syntax.: \
             One (or more) of the arguments is invalid.",
        ),
    ] {
        let mut webex = Webex::new(on, at, exchanges).await;
        let entry = webex.failure().await;
        assert_eq!(entry.message.code, "target.rejected", "{at:?}");
        assert_eq!(entry.message.params["detail"], words, "{at:?}");
    }
}

pub async fn refused_credentials_say_why(on: On) {
    let mut webex = Webex::new(on, FIRST, recorded!("legacy-unauthorized")).await;
    let reason = webex.held().await;
    assert_eq!(reason.code, "target.refused");
    assert_eq!(reason.params["detail"], "The access token has expired.");
    webex.world.stop().await;
}

pub async fn locked_and_throttled_are_waited_for(on: On) {
    for exchanges in [recorded!("v2-locked"), recorded!("v2-throttled")] {
        let mut webex = Webex::new(on, SECOND, exchanges).await;
        let reason = webex.held().await;
        assert_eq!(reason.code, "target.throttled");
        webex.world.in_step().await;
        assert_eq!(webex.sent("POST").len(), 2, "once it is over");
        webex.world.stop().await;
    }
}

pub async fn an_element_that_it_does_not_find_is_added(on: On) {
    let (mut webex, anna) = Webex::with_anna(on, SECOND, recorded!("v2-no-target")).await;
    // Somebody has taken the telephone away there.
    webex.shown(recorded!("v2-no-target").remove(0), |account| {
        account["phoneNumbers"] = json!([]);
    });
    let mut resource = person("anna");
    resource["phoneNumbers"][0]["value"] = json!("+41 31 111 11 11");
    webex.world.change(anna, &resource).await;
    webex.world.in_step().await;
    let sent = webex.sent("PATCH");
    let of = |at: usize| {
        (
            operations(&sent[at])[0]["op"].clone(),
            operations(&sent[at])[0]["path"].clone(),
        )
    };
    assert_eq!(
        of(0),
        (json!("replace"), json!("phoneNumbers[type eq \"work\"].value"))
    );
    assert_eq!(of(1), (json!("add"), json!("phoneNumbers")));
    webex.world.stop().await;
}

pub async fn members_have_their_type(on: On) {
    let mut webex = Webex::new(on, SECOND, recorded!("v2-groups")).await;
    webex
        .world
        .set(SettingsChange {
            groups: Some(GroupScope::All),
            ..SettingsChange::default()
        })
        .await;
    let anna = webex.world.hire("anna").await;
    let staff = webex.world.group("Staff", &[anna]).await;
    webex.world.initial().await;
    webex.world.in_step().await;
    let group = webex
        .sent("POST")
        .into_iter()
        .find(|one| one.path.ends_with("/Groups"));
    let group = group.and_then(|one| one.body).expect("a group");
    assert_eq!(group["displayName"], json!("Staff"));
    let id = "5f0a2b1c-8d3e-4f60-9a71-0c2d4e6f8a1b";
    let came = webex.sent("PATCH").pop().expect("a member");
    let added = json!([{"op": "add", "path": "members", "value": [{"value": id, "type": "User"}]}]);
    assert_eq!(operations(&came), &added);
    let gone = super::world::GroupChange::Remove(staff, anna.into());
    webex.world.group_change(gone).await;
    webex.world.in_step().await;
    let went = webex.sent("PATCH").pop().expect("one less");
    let removed = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    assert_eq!(operations(&went), &removed);
    webex.world.stop().await;
}

pub async fn lists_are_read_a_hundred_at_a_time(on: On) {
    let webex = Webex::new(on, SECOND, recorded!("v2-pages")).await;
    let world = &webex.world;
    let mut after = None;
    let mut names = Vec::new();
    loop {
        let page = world
            .provisioning
            .accounts_at(world.org, world.app, AccountFilter::All, after.as_deref())
            .await
            .expect("a page");
        names.extend(page.accounts.iter().map(|account| account.user_name.clone()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names.len(), 3);
    let pages: Vec<_> = webex
        .sent("GET")
        .into_iter()
        .filter(|request| request.query.contains("startIndex"))
        .map(|request| (request.query, request.known))
        .collect();
    let expected = ["startIndex=1&count=100", "startIndex=3&count=100"];
    assert_eq!(
        pages,
        expected.map(|query| (query.to_owned(), true)),
        "it ends with the last one"
    );
}

pub async fn bulk_requests_are_sent_as_the_second_service_wants_them(on: On) {
    let operation: Value =
        serde_json::from_str(include_str!("fixtures/webex/v2-bulk-operation.json")).expect("an operation");
    let operations: Vec<Value> = (0..100)
        .map(|at| {
            let text = operation
                .to_string()
                .replace("/operations/0/", &format!("/operations/{at}/"));
            serde_json::from_str(&text).expect("an operation")
        })
        .collect();
    let mut exchanges = recorded!("v2-create");
    // Of those who are sent alone.
    for exchange in &mut exchanges {
        if exchange.method == "POST" {
            exchange.headers.clear();
            exchange.body = Some(json!({"id": "{{/userName}}"}));
        }
    }
    let bulk = json!({"method": "POST", "path": "/Bulk", "status": 200, "body": {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"], "operations": operations,
    }});
    exchanges.push(serde_json::from_value(bulk).expect("an exchange"));
    let mut webex = Webex::new(on, SECOND, exchanges).await;
    webex.world.hire_many(30).await;
    let bulk_on = WaysChange {
        bulk: Some(WaySwitch::On),
        ..WaysChange::default()
    };
    webex.world.set_ways(bulk_on).await;
    assert_eq!(webex.world.initial().await.created, 30);
    let bulks: Vec<_> = webex
        .sent("POST")
        .into_iter()
        .filter(|one| one.path.ends_with("/Bulk"))
        .collect();
    assert!(!bulks.is_empty());
    let mut names = Vec::new();
    for bulk in bulks {
        let body = bulk.body.expect("a body");
        let operations = body["operations"].as_array().expect("in small letters");
        assert_eq!(body["failOnErrors"], json!(operations.len()), "all are tried");
        assert!(body.get("Operations").is_none());
        for operation in operations {
            assert_eq!(
                (&operation["method"], &operation["path"]),
                (&json!("POST"), &json!("/Users"))
            );
            assert_eq!(operation["data"]["userType"], json!("user"));
            names.push(operation["data"]["userName"].clone());
        }
    }
    let log = webex.world.log().await;
    for name in names {
        let entry = log
            .iter()
            .find(|entry| json!(entry.subject.name) == name)
            .expect("an entry");
        assert_eq!(json!(entry.remote_id), name, "its own location");
    }
    webex.world.stop().await;
}

pub async fn a_target_that_says_it_has_no_groups_is_warned_of(on: On) {
    for (denies_groups, expected) in [(false, None), (true, Some("groups.denied"))] {
        let options = Options {
            denies_groups,
            ..Options::default()
        };
        let mut world = World::with(on, options, AppScope::All).await;
        world
            .set(SettingsChange {
                groups: Some(GroupScope::Assigned),
                ..SettingsChange::default()
            })
            .await;
        world.initial().await;
        let app = world
            .provisioning
            .app(world.org, world.app)
            .await
            .expect("an app");
        let warnings = world.provisioning.warnings(world.org, &app).await;
        let codes: Vec<_> = warnings
            .expect("warnings")
            .into_iter()
            .map(|warning| warning.code)
            .collect();
        assert_eq!(codes, Vec::from_iter(expected));
        world.stop().await;
    }
}
