//! Traces: kept without what lets people in, found by who and where, each organization's own.

use base::Cause;
use federation::{Action, Direction, End, NewTrace, Outcome, Peer, TraceFilter, TracedCheck, TracedMessage};

use crate::house::House;
use crate::on_both;

on_both! {
    a_trace_is_kept_without_secrets,
    traces_are_found_by_what_they_tell,
    strangers_cannot_fill_the_database,
    what_others_have_sent_is_cut_off,
}

fn from(last: u8, house: &House) -> Cause {
    Cause {
        client_ip: Some([192, 0, 2, last].into()),
        ..house.cause()
    }
}

async fn strangers_cannot_fill_the_database(house: &House) {
    let keep = async |last, user| {
        let new = NewTrace {
            user,
            subject: None,
            ..trace()
        };
        let kept = house
            .federation
            .keep_trace(&from(last, house), house.org, new)
            .await;
        kept.expect("asked").is_some()
    };
    let told = async || {
        let filter = store::events::Filter {
            event_type: Some("saml_left_out".to_owned()),
            ..store::events::Filter::default()
        };
        let events = store::events::page(&mut house.store.reader(), house.org, &filter, 10).await;
        let docs = events.expect("events").into_iter().map(|event| event.doc);
        docs.map(|doc| serde_json::from_str::<serde_json::Value>(&doc).expect("JSON")["left_out"].clone())
            .collect::<Vec<_>>()
    };
    for _ in 0..50 {
        assert!(keep(1, None).await);
    }
    assert!(!keep(1, None).await, "enough from one address");
    for last in 2..5 {
        for _ in 0..50 {
            assert!(keep(last, None).await);
        }
    }
    assert!(!keep(9, None).await, "enough from all of them");
    assert!(keep(1, Some(house.ambient.id())).await, "somebody known");
    let test = NewTrace {
        action: Action::Test,
        subject: None,
        ..trace()
    };
    let kept = house
        .federation
        .keep_trace(&from(1, house), house.org, test)
        .await;
    assert!(kept.expect("asked").is_some(), "a test");
    assert_eq!(told().await, Vec::<serde_json::Value>::new());
    house.clock.advance(std::time::Duration::from_hours(2));
    assert!(keep(1, None).await);
    assert_eq!(told().await, [2]);
    house.federation.tell_left_out(house.org).await.expect("told");
    assert_eq!(told().await, [2], "once");
}

async fn what_others_have_sent_is_cut_off(house: &House) {
    let long = "é".repeat(100_000);
    let new = NewTrace {
        subject: None,
        message: Some(long.clone()),
        messages: vec![TracedMessage {
            direction: Direction::Received,
            binding: "post".to_owned(),
            xml: long.clone(),
            relay_state: Some(long.clone()),
        }],
        checks: vec![TracedCheck {
            detail: long,
            ..trace().checks.remove(0)
        }],
        ..trace()
    };
    let kept = house.federation.keep_trace(&house.cause(), house.org, new).await;
    let id = kept.expect("asked").expect("kept");
    let kept = house.federation.trace(house.org, id).await.expect("read");
    let kept = kept.expect("a trace");
    let short = Some(format!("{}…", "é".repeat(500)));
    assert_eq!(kept.message, short);
    assert_eq!(kept.messages[0].relay_state, short);
    assert_eq!(Some(kept.checks[0].detail.clone()), short);
    assert_eq!(kept.messages[0].xml.len(), 16 * 1024);
}

fn trace() -> NewTrace {
    NewTrace {
        end: End::ServiceProvider,
        action: Action::SignIn,
        outcome: Outcome::Failed,
        peer: None,
        user: None,
        subject: Some("pat@northwind.example".to_owned()),
        code: Some("audience".to_owned()),
        message: Some("The audience is another one".to_owned()),
        messages: Vec::new(),
        checks: vec![TracedCheck {
            check: "audience".to_owned(),
            outcome: "failed".to_owned(),
            detail: "https://elsewhere.example".to_owned(),
        }],
    }
}

async fn a_trace_is_kept_without_secrets(house: &House) {
    let mut new = trace();
    new.messages.push(TracedMessage {
        direction: Direction::Received,
        binding: "post".to_owned(),
        xml: "<Response><SignatureValue>c2VjcmV0</SignatureValue>\0</Response>".to_owned(),
        relay_state: Some("/here".to_owned()),
    });
    new.messages.push(TracedMessage {
        direction: Direction::Sent,
        binding: "redirect".to_owned(),
        xml: "é".repeat(200_000),
        relay_state: None,
    });
    let id = house
        .federation
        .keep_trace(&house.cause(), house.org, new.clone())
        .await
        .expect("asked")
        .expect("kept");
    let kept = house
        .federation
        .trace(house.org, id)
        .await
        .expect("read")
        .expect("a trace");
    assert_eq!(
        (kept.role.as_str(), kept.action.as_str(), kept.outcome.as_str()),
        ("service_provider", "sign_in", "failed")
    );
    assert_eq!(
        (&kept.subject, &kept.code, &kept.message, &kept.checks),
        (&new.subject, &new.code, &new.message, &new.checks)
    );
    assert!(
        kept.messages[0]
            .xml
            .starts_with("<Response><SignatureValue>(left out)</SignatureValue>")
    );
    assert_eq!(kept.messages[0].relay_state.as_deref(), Some("/here"));
    assert_eq!(kept.messages[1].xml.len(), 100 * 1024);
    assert_eq!(house.federation.trace(house.other, id).await.expect("read"), None);
}

async fn traces_are_found_by_what_they_tell(house: &House) {
    let (app, user) = (house.ambient.id(), house.ambient.id());
    let mut ids = Vec::new();
    for (peer, user, outcome) in [
        (None, None, Outcome::Failed),
        (Some(Peer::App(app)), Some(user), Outcome::Succeeded),
        (Some(Peer::App(app)), None, Outcome::Failed),
    ] {
        house.clock.advance(std::time::Duration::from_secs(1));
        let new = NewTrace {
            peer,
            user,
            outcome,
            ..trace()
        };
        ids.push(
            house
                .federation
                .keep_trace(&house.cause(), house.org, new)
                .await
                .expect("asked")
                .expect("kept"),
        );
    }
    let [first, second, third] = ids[..] else {
        panic!("three")
    };
    let found = async |filter: TraceFilter| -> Vec<_> {
        let found = house
            .federation
            .traces(house.org, &filter, 10)
            .await
            .expect("read");
        found.into_iter().map(|trace| trace.id).collect()
    };
    let any = TraceFilter::default();
    assert_eq!(found(any.clone()).await, [third, second, first]);
    assert_eq!(
        found(TraceFilter {
            peer: Some(Peer::App(app).into()),
            ..any.clone()
        })
        .await,
        [third, second]
    );
    assert_eq!(
        found(TraceFilter {
            user: Some(user),
            ..any.clone()
        })
        .await,
        [second]
    );
    assert_eq!(
        found(TraceFilter {
            outcome: Some("failed".to_owned()),
            ..any.clone()
        })
        .await,
        [third, first]
    );
    assert_eq!(
        found(TraceFilter {
            role: Some("identity_provider".to_owned()),
            ..any.clone()
        })
        .await,
        []
    );
    assert_eq!(
        found(TraceFilter {
            after: Some(third),
            ..any.clone()
        })
        .await,
        [second, first]
    );
    let at = house
        .federation
        .trace(house.org, third)
        .await
        .expect("read")
        .expect("a trace")
        .at;
    assert_eq!(
        found(TraceFilter {
            from: Some(at),
            ..any.clone()
        })
        .await,
        [third]
    );
    assert_eq!(
        found(TraceFilter {
            until: Some(at),
            ..any.clone()
        })
        .await,
        [second, first]
    );
    let others = house
        .federation
        .traces(house.other, &any, 10)
        .await
        .expect("read");
    assert_eq!(others, []);
}
