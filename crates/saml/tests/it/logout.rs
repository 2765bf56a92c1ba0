//! Single logout: requests and answers, by either way.

use std::time::Duration;

use saml::binding::{Incoming, Kind, Outgoing, Way, post, redirect, send};
use saml::message::{LogoutRequest, LogoutResponse, NameId, Status};
use saml::names::{logout_reason, name_id_format, status_code};
use saml::profile::CheckCode;
use saml::profile::logout::{Peer, judge_request, judge_response};
use saml::security::Credential;

use crate::world::{NAME, SLO, SP, World, head, now, world};

pub fn request() -> LogoutRequest {
    LogoutRequest {
        head: head("_logout", SP, SLO),
        not_on_or_after: Some(now() + Duration::from_mins(1)),
        reason: Some(logout_reason::USER.to_owned()),
        name_id: NameId::new(NAME, name_id_format::EMAIL_ADDRESS),
        session_indexes: vec!["_session".to_owned(), "_other".to_owned()],
    }
}

pub fn response() -> LogoutResponse {
    LogoutResponse {
        head: head("_answer", SP, SLO),
        in_response_to: Some("_logout".to_owned()),
        status: Status::failure(
            status_code::RESPONDER,
            status_code::PARTIAL_LOGOUT,
            "one is still there",
        ),
    }
}

fn received(way: Way, kind: Kind, element: &saml::Element, credential: Option<&Credential>) -> Incoming {
    match send(way, SLO, kind, element, None, credential).expect("sent") {
        Outgoing::Redirect(url) => redirect::decode(url.split_once('?').expect("a query").1),
        Outgoing::Post { fields, .. } => {
            post::decode(fields.iter().map(|(name, value)| (*name, value.as_str())))
        }
    }
    .expect("received")
}

fn peer() -> Peer<'static> {
    Peer {
        clock: World::clock(),
        entity_id: SP,
        certificates: std::slice::from_ref(&world().sp.certificate),
        algorithms: &world().algorithms,
        location: SLO,
        signed: true,
        longest_age: Duration::from_mins(10),
    }
}

#[test]
fn both_are_understood_by_either_way() {
    let credential = world().sp.credential();
    for way in [Way::Redirect, Way::Post] {
        let incoming = received(way, Kind::Request, &request().to_element(), Some(&credential));
        assert_eq!(judge_request(&incoming, peer()).result, Ok(request()));
        let incoming = received(way, Kind::Response, &response().to_element(), Some(&credential));
        assert_eq!(
            judge_response(&incoming, peer(), "_logout").result,
            Ok(response())
        );
    }
}

#[test]
fn what_should_not_be_is_refused() {
    type Change = fn(&mut LogoutRequest);
    let cases: &[(Change, CheckCode)] = &[
        (|own| own.head.issuer = None, CheckCode::Issuer),
        (
            |own| own.head.issuer = Some("https://other.example".into()),
            CheckCode::Issuer,
        ),
        (
            |own| own.head.destination = Some("https://other.example".into()),
            CheckCode::Destination,
        ),
        (|own| own.head.destination = None, CheckCode::Destination),
        (
            |own| own.head.issued = now() - Duration::from_hours(1),
            CheckCode::Issued,
        ),
        (
            |own| own.not_on_or_after = Some(now() - Duration::from_mins(1)),
            CheckCode::NotOnOrAfter,
        ),
    ];
    for way in [Way::Redirect, Way::Post] {
        for (change, code) in cases {
            let mut changed = request();
            change(&mut changed);
            let incoming = received(
                way,
                Kind::Request,
                &changed.to_element(),
                Some(&world().sp.credential()),
            );
            let refused = judge_request(&incoming, peer()).result.expect_err("refused");
            assert_eq!(refused.code, *code);
        }
        let unsigned = received(way, Kind::Request, &request().to_element(), None);
        let code = |incoming: &Incoming, peer| {
            judge_request(incoming, peer)
                .result
                .err()
                .map(|refusal| refusal.code)
        };
        assert_eq!(code(&unsigned, peer()), Some(CheckCode::MessageSigned));
        assert_eq!(
            code(
                &unsigned,
                Peer {
                    signed: false,
                    ..peer()
                }
            ),
            None
        );
        let strange = received(
            way,
            Kind::Request,
            &request().to_element(),
            Some(&world().stranger.credential()),
        );
        assert_eq!(code(&strange, peer()), Some(CheckCode::Signature));
        assert_eq!(
            code(
                &strange,
                Peer {
                    signed: false,
                    ..peer()
                }
            ),
            Some(CheckCode::Signature)
        );
        // A request is no response, and the other way round.
        let other = received(
            way,
            Kind::Response,
            &response().to_element(),
            Some(&world().sp.credential()),
        );
        assert_eq!(code(&other, peer()), Some(CheckCode::Form));
        let refused = judge_response(&other, peer(), "_another")
            .result
            .expect_err("refused");
        assert_eq!(refused.code, CheckCode::InResponseTo);
    }
}
