//! Tokens that an authorization server gives.

use std::time::Duration;

use base::{Ambient, ManualClock, Secret, SystemEntropy};
use provisioning::{
    AppChange, ClientAuth, LogStatus, NewApp, NewOAuth, Provisioning, SettingsChange, Sync, Template,
};
use testkit::authorization::{Grants, TokenServer};
use testkit::target::{Fault, Rule};

use super::world::{On, World};

pub fn oauth(server: &TokenServer) -> NewOAuth {
    NewOAuth {
        token_url: server.url(),
        client_id: "instep".to_owned(),
        client_secret: Secret::new("a secret: 100%"),
        scope: String::new(),
        refresh_token: None,
        client_auth: ClientAuth::Basic,
    }
}

fn refreshing(server: &TokenServer) -> NewOAuth {
    NewOAuth {
        refresh_token: Some(Secret::new("refresh-0")),
        ..oauth(server)
    }
}

type Change = fn(&mut NewOAuth);

impl World {
    pub async fn set_oauth(&self, oauth: NewOAuth) -> Result<(), provisioning::Error> {
        let change = AppChange {
            oauth: Some(oauth),
            ..AppChange::default()
        };
        let updated = self
            .provisioning
            .update_app(self.org, self.app, change, &self.cause);
        updated.await.map(drop)
    }

    fn accepts(&self, token: &str) {
        self.target.adjust(|options| token.clone_into(&mut options.token));
    }

    async fn verdict(&self) -> (bool, String) {
        let verdict = self.provisioning.test_connection(self.org, self.app).await;
        let verdict = verdict.expect("a verdict");
        (verdict.ok, verdict.message.code)
    }

    async fn works_for_all(&self, provisioning: &Provisioning) {
        provisioning.work_once(self.org, self.app).await.expect("worked");
    }
}

/// Another process of the same house, whose time moves when it is told to.
async fn elsewhere(world: &World) -> (Provisioning, ManualClock) {
    let clock = ManualClock::at(world.store.ambient().now() + Duration::from_secs(1));
    let ambient = Ambient::new(clock.clone(), SystemEntropy);
    (world.elsewhere_at(ambient).await, clock)
}

pub async fn tokens_are_asked_for_kept_and_renewed(on: On) {
    let world = World::new(on).await;
    let server = TokenServer::start(Grants::default()).await.expect("a server");
    world.set_oauth(oauth(&server)).await.expect("set");
    world.accepts("access-1");
    world.hire_many(20).await;
    let (provisioning, clock) = elsewhere(&world).await;
    let sync = provisioning.sync(world.org, world.app, Sync::Continue, &world.cause);
    sync.await.expect("a cycle");
    world.works_for_all(&provisioning).await;
    assert_eq!(world.target.accounts().len(), 20);
    assert_eq!((server.given(), world.target.counts().unauthorized), (1, 0));
    let asked = server.asked().remove(0);
    assert!(
        asked
            .authorization
            .is_some_and(|basic| basic.starts_with("Basic "))
    );
    assert_eq!(asked.form["grant_type"], "client_credentials");

    // Another process finds it where the first one has put it.
    let (other, _) = elsewhere(&world).await;
    let verdict = other
        .test_connection(world.org, world.app)
        .await
        .expect("a verdict");
    assert!(verdict.ok);
    assert_eq!(server.given(), 1);

    // Before it expires there is another one.
    clock.advance(Duration::from_secs(3600 - 30));
    world.accepts("access-2");
    world.hire("anna").await;
    world.works_for_all(&provisioning).await;
    assert_eq!((server.given(), world.target.accounts().len()), (2, 21));
    assert_eq!(world.target.counts().unauthorized, 0);
}

pub async fn a_token_that_is_refused_is_renewed_once(on: On) {
    let world = World::new(on).await;
    let server = TokenServer::start(Grants::default()).await.expect("a server");
    world.set_oauth(oauth(&server)).await.expect("set");
    world.accepts("access-1");
    assert_eq!(world.verdict().await, (true, "test.ok".to_owned()));
    world.accepts("access-2");
    assert_eq!(world.verdict().await, (true, "test.ok".to_owned()));
    assert_eq!((server.given(), world.target.counts().unauthorized), (2, 1));
    world.accepts("something else");
    world.target.reset_counts();
    assert_eq!(world.verdict().await, (false, "test.token".to_owned()));
    assert_eq!(
        (server.given(), world.target.counts().unauthorized),
        (3, 2),
        "once more, and not again"
    );
}

/// The time that somebody waits to be let out is none of the time for the request, and whoever is let out behind the
/// one who found the token refused does not find that too.
pub async fn whoever_had_to_wait_may_renew_a_token_too(on: On) {
    let world = World::new(on).await;
    let server = TokenServer::start(Grants::default()).await.expect("a server");
    world.set_oauth(oauth(&server)).await.expect("set");
    let one_at_a_time = SettingsChange {
        concurrency: Some(1),
        request_timeout_seconds: Some(1),
        ..SettingsChange::default()
    };
    world.set(one_at_a_time).await;
    world.accepts("access-1");
    let slow = Fault::SlowAnswer { millis: 200 };
    world.target.inject(Rule::on("POST", "/Users").then(slow));
    world.hire_many(12).await;
    let sync = world
        .provisioning
        .sync(world.org, world.app, Sync::Continue, &world.cause);
    sync.await.expect("a cycle");
    let withdrawn = async {
        world
            .until("most have an account", async || world.target.accounts().len() > 7)
            .await;
        world.accepts("access-2");
    };
    tokio::join!(world.works_for_all(&world.provisioning), withdrawn);
    assert_eq!(world.target.accounts().len(), 12);
    assert_eq!((server.given(), world.target.counts().unauthorized), (2, 1));
    let log = world.log().await;
    assert!(
        log.iter()
            .all(|entry| entry.status == LogStatus::Success && entry.attempt == 1)
    );
}

pub async fn refresh_tokens_that_change_are_kept_before_use(on: On) {
    let world = World::new(on).await;
    let grants = Grants {
        rotates: true,
        refresh_expires_in: Some(90 * 86_400),
        ..Grants::default()
    };
    let server = TokenServer::start(grants).await.expect("a server");
    world.set_oauth(refreshing(&server)).await.expect("set");
    for round in 1..=3 {
        world.accepts(&format!("access-{round}"));
        // Nothing but what stands in the database is known to it.
        let (process, clock) = elsewhere(&world).await;
        clock.advance(Duration::from_secs(3600 * round));
        let verdict = process
            .test_connection(world.org, world.app)
            .await
            .expect("a verdict");
        assert!(verdict.ok, "{round}");
        assert_eq!(server.given(), round);
    }
    let sent: Vec<_> = server
        .asked()
        .into_iter()
        .map(|asked| asked.form["refresh_token"].clone())
        .collect();
    assert_eq!(sent, ["refresh-0", "refresh-1", "refresh-2"]);
    let app = world
        .provisioning
        .app(world.org, world.app)
        .await
        .expect("the app");
    let left = app
        .token_expires
        .expect("known")
        .since(world.store.ambient().now());
    assert!(
        left > Duration::from_hours(24 * 89),
        "as the server said of the refresh token"
    );
    // Other credentials begin anew.
    server.adjust(|grants| "refresh-0".clone_into(&mut grants.refresh_token));
    world.set_oauth(refreshing(&server)).await.expect("set");
    world.accepts("access-4");
    assert!(world.verdict().await.0);
}

pub async fn each_part_of_the_credentials_counts(on: On) {
    let world = World::new(on).await;
    let server = TokenServer::start(Grants::default()).await.expect("a server");
    let elsewhere = TokenServer::start(Grants::default()).await.expect("a server");
    let scoped = NewOAuth {
        scope: "scim:write".to_owned(),
        ..oauth(&server)
    };
    server.adjust(|grants| "scim:write".clone_into(&mut grants.scope));
    world
        .target
        .adjust(|options| "access-1".clone_into(&mut options.token));
    world.set_oauth(scoped.clone()).await.expect("set");
    assert!(world.verdict().await.0);
    // `grant` follows from whether there is a refresh token.
    let flipped: [(&str, Change); 4] = [
        ("client_id", |oauth| "other".clone_into(&mut oauth.client_id)),
        ("client_secret", |oauth| {
            oauth.client_secret = Secret::new("other");
        }),
        ("scope", |oauth| "scim:read".clone_into(&mut oauth.scope)),
        ("refresh_token", |oauth| {
            oauth.refresh_token = Some(Secret::new("unknown"));
        }),
    ];
    for (name, flip) in flipped {
        let mut oauth = scoped.clone();
        flip(&mut oauth);
        world.set_oauth(oauth).await.expect("set");
        assert_eq!(
            world.verdict().await,
            (false, "token.refused".to_owned()),
            "{name}"
        );
    }
    let moved = NewOAuth {
        token_url: elsewhere.url(),
        ..scoped.clone()
    };
    world.set_oauth(moved).await.expect("set");
    assert!(world.verdict().await.0);
    assert_eq!(elsewhere.given(), 1);
    let in_body = NewOAuth {
        client_auth: ClientAuth::Post,
        ..scoped.clone()
    };
    world.set_oauth(in_body).await.expect("set");
    world.accepts("access-2");
    assert!(world.verdict().await.0);
    let asked = server.asked().pop().expect("asked");
    assert_eq!(
        (asked.authorization, asked.form["client_id"].as_str()),
        (None, "instep")
    );

    let both = AppChange {
        token: Some(Secret::new("t")),
        oauth: Some(scoped.clone()),
        ..AppChange::default()
    };
    let refused = world
        .provisioning
        .update_app(world.org, world.app, both, &world.cause)
        .await;
    assert_eq!(
        refused.expect_err("one or the other").code(),
        "app.two_credentials"
    );
    let nowhere = NewOAuth {
        token_url: "token".to_owned(),
        ..scoped
    };
    assert_eq!(
        world.set_oauth(nowhere).await.expect_err("no URL").code(),
        "app.settings"
    );
    // A token takes their place.
    let token = Secret::new("plain");
    let set = world
        .provisioning
        .set_token(world.org, world.app, token, None, &world.cause);
    assert!(set.await.expect("set").settings.oauth.is_none());
    world.accepts("plain");
    assert!(world.verdict().await.0);
}

pub async fn what_gives_no_token_says_why_and_heals(on: On) {
    let world = World::new(on).await;
    let server = TokenServer::start(Grants::default()).await.expect("a server");
    let wrong = NewOAuth {
        client_secret: Secret::new("wrong-secret"),
        ..oauth(&server)
    };
    world.set_oauth(wrong).await.expect("set");
    world.accepts("access-1");
    world.hire_many(5).await;
    let (provisioning, clock) = elsewhere(&world).await;
    let sync = provisioning.sync(world.org, world.app, Sync::Continue, &world.cause);
    sync.await.expect("a cycle");
    world.works_for_all(&provisioning).await;
    let status = provisioning.status(world.org, world.app).await.expect("a status");
    let quarantine = status.quarantine.expect("a quarantine");
    assert_eq!(quarantine.reason.code, "quarantine.credentials");
    let said = provisioning::text(&quarantine.reason);
    assert!(said.contains("invalid_client"), "{said}");
    assert!(!format!("{status:?}", status = status.app).contains("wrong-secret"));
    assert_eq!(
        world.target.counts().requests,
        0,
        "nothing is sent without a token"
    );

    world.set_oauth(oauth(&server)).await.expect("set");
    clock.advance(Duration::from_mins(20));
    world.works_for_all(&provisioning).await;
    clock.advance(Duration::from_mins(20));
    world.works_for_all(&provisioning).await;
    assert_eq!(world.target.accounts().len(), 5);
    let status = provisioning.status(world.org, world.app).await.expect("a status");
    assert_eq!((status.quarantine, status.hold), (None, None));

    // One that is broken for a while is no reason for quarantine.
    server.adjust(|grants| grants.failure = Some(500));
    clock.advance(Duration::from_hours(2));
    world.hire("anna").await;
    world.works_for_all(&provisioning).await;
    let status = provisioning.status(world.org, world.app).await.expect("a status");
    let hold = status.hold.expect("a hold");
    assert_eq!(
        (hold.reason.code.as_str(), status.quarantine),
        ("token.broken", None)
    );
    server.adjust(|grants| grants.failure = None);
    world.accepts("access-2");
    clock.advance(Duration::from_mins(20));
    world.works_for_all(&provisioning).await;
    clock.advance(Duration::from_mins(20));
    world.works_for_all(&provisioning).await;
    assert_eq!(world.target.accounts().len(), 6);
    for entry in world.log().await {
        let shown = format!("{entry:?}");
        assert!(
            !shown.contains("wrong-secret") && !shown.contains("access-1"),
            "{shown}"
        );
    }
}

pub async fn two_processes_ask_once(on: On) {
    let world = World::new(on).await;
    let server = TokenServer::start(Grants::default()).await.expect("a server");
    world.set_oauth(oauth(&server)).await.expect("set");
    world.accepts("access-1");
    let mut asking = Vec::new();
    for _ in 0..6 {
        let (process, _) = elsewhere(&world).await;
        let (org, app) = (world.org, world.app);
        asking.push(tokio::spawn(async move {
            process.test_connection(org, app).await.expect("a verdict").ok
        }));
    }
    for asked in asking {
        assert!(asked.await.expect("no panic"));
    }
    assert_eq!((server.given(), server.asked().len()), (1, 1));
}

pub async fn the_expiry_is_asked_where_it_can_be(on: On) {
    let at: base::Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
    for known in [false, true] {
        let world = World::new(on).await;
        let grants = Grants {
            exp: 1_893_456_000_000,
            ..Grants::default()
        };
        let server = TokenServer::start(grants).await.expect("a server");
        let change = |token| AppChange {
            token,
            settings: SettingsChange {
                token_expiry_url: known.then(|| server.url()),
                ..SettingsChange::default()
            },
            ..AppChange::default()
        };
        let set = async |change| {
            let updated = world
                .provisioning
                .update_app(world.org, world.app, change, &world.cause);
            updated.await.map(drop).map_err(|error| error.code())
        };
        let needed = if known { Err("app.token_needed") } else { Ok(()) };
        assert_eq!(set(change(None)).await, needed, "another address gets no token");
        let token = Secret::new(world.target.token());
        assert_eq!(set(change(Some(token))).await, Ok(()));
        assert_eq!(set(AppChange::default()).await, Ok(()));
        assert!(world.verdict().await.0);
        let app = world
            .provisioning
            .app(world.org, world.app)
            .await
            .expect("the app");
        assert_eq!(app.token_expires, known.then_some(at));
    }
}

pub async fn an_app_is_not_added_to_show_its_token_elsewhere(on: On) {
    let world = World::new(on).await;
    let add = async |token| {
        let new = NewApp {
            name: Some("Another".to_owned()),
            base_url: Some(world.target.base_url()),
            token,
            change: SettingsChange {
                token_expiry_url: Some("https://elsewhere.example/expiry".to_owned()),
                ..SettingsChange::default()
            },
            ..NewApp::new(Template::Webex)
        };
        let added = world.provisioning.add_app(world.org, new, &world.cause);
        added.await.map(drop).map_err(|error| error.code())
    };
    assert_eq!(add(None).await, Err("app.token_needed"));
    assert_eq!(add(Some(Secret::new("a token"))).await, Ok(()));
}

/// What the other side repeats of our credentials stands nowhere.
pub async fn credentials_that_are_repeated_are_kept_nowhere(on: On) {
    let world = World::new(on).await;
    world.hire("anna").await;
    world.target.inject(
        Rule::on("POST", "/Users")
            .nth(1)
            .then(Fault::Echo { status: 400 }),
    );
    world.target.inject(
        Rule::on("POST", "/Users")
            .nth(2)
            .then(Fault::Echo { status: 503 }),
    );
    let (provisioning, clock) = elsewhere(&world).await;
    let sync = provisioning.sync(world.org, world.app, Sync::Continue, &world.cause);
    sync.await.expect("a cycle");
    let token = world.target.token();
    let mut kept = Vec::new();
    for _ in 0..3 {
        world.works_for_all(&provisioning).await;
        let status = provisioning.status(world.org, world.app).await.expect("a status");
        kept.push(format!("{status:?}"));
        clock.advance(Duration::from_mins(5));
    }
    kept.push(format!("{:?}", world.log().await));
    let kept = kept.join("\n");
    assert!(kept.contains("I was sent Bearer [Redact]"), "{kept}");
    assert!(!kept.contains(&token), "{kept}");

    let grants = Grants {
        failure: Some(400),
        echoes: true,
        ..Grants::default()
    };
    let server = TokenServer::start(grants).await.expect("a server");
    for client_auth in [ClientAuth::Basic, ClientAuth::Post] {
        let oauth = NewOAuth {
            client_auth,
            ..refreshing(&server)
        };
        world.set_oauth(oauth).await.expect("set");
        let verdict = provisioning.test_connection(world.org, world.app).await;
        world.works_for_all(&provisioning).await;
        let status = provisioning.status(world.org, world.app).await.expect("a status");
        let kept = format!("{verdict:?} {status:?} {:?}", world.log().await);
        assert!(kept.contains("[Redact]"), "{kept}");
        for secret in ["a secret", "a+secret", "refresh-0", "aW5zdGVw"] {
            assert!(!kept.contains(secret), "{secret}: {kept}");
        }
    }
}
