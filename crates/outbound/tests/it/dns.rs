//! The resolver against a DNS server of our own.

use std::time::Duration;

use outbound::{Dns, DnsServer, TxtError};
use testkit::dns::{Act, Asked, DnsServer as Server};

async fn server() -> (Server, Dns) {
    let server = Server::start().await;
    let dns = Dns::new(DnsServer::At(server.address));
    (server, dns)
}

#[tokio::test]
async fn every_record_comes_whole() {
    let (server, dns) = server().await;
    let long = ["a".repeat(255), "b".repeat(255), "c".to_owned()];
    server.set(
        "example.com",
        Act::Records(vec![
            vec!["v=spf1 -all".to_owned()],
            vec![
                "instep-domain-".to_owned(),
                "verification=".to_owned(),
                "0a1b".to_owned(),
            ],
            long.to_vec(),
        ]),
    );
    let mut found = dns.txt("example.com").await.expect("records");
    found.sort();
    assert_eq!(
        found,
        [
            long.concat(),
            "instep-domain-verification=0a1b".to_owned(),
            "v=spf1 -all".to_owned()
        ]
    );
    // In whichever case, and under no other name.
    assert_eq!(dns.txt("Example.COM").await.expect("records").len(), 3);
    let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.name).collect();
    assert_eq!(asked, ["example.com", "example.com"], "asked anew each time");
}

#[tokio::test]
async fn an_answer_that_was_cut_short_is_asked_for_over_tcp() {
    let (server, dns) = server().await;
    let records: Vec<Vec<String>> = (0..40).map(|number| vec![format!("{number:0>200}")]).collect();
    server.set("example.com", Act::OnlyOverTcp(records));
    assert_eq!(dns.txt("example.com").await.expect("records").len(), 40);
    let over_tcp = |asked: &Asked| asked.over_tcp;
    let ways: Vec<bool> = server.asked().iter().map(over_tcp).collect();
    assert_eq!(ways, [false, true]);
}

#[tokio::test]
async fn an_alias_leads_to_the_records_of_its_name() {
    let (server, dns) = server().await;
    server.set("example.com", Act::Alias("elsewhere.example".to_owned()));
    server.set("elsewhere.example", Act::txt(&["there"]));
    assert_eq!(dns.txt("example.com").await, Ok(vec!["there".to_owned()]));
    // One that leads to itself ends, with nothing.
    server.set("circle.example", Act::Alias("circle.example".to_owned()));
    assert_eq!(dns.txt("circle.example").await, Ok(Vec::new()));
}

#[tokio::test]
async fn what_is_not_there_is_told_from_what_cannot_be_asked() {
    let (server, dns) = server().await;
    let dns_that_gives_up = Dns::patient(DnsServer::At(server.address), Duration::from_millis(50));
    for (name, act, expected) in [
        ("nothing.example", Act::Nothing, Ok(Vec::new())),
        ("none.example", Act::NoSuchName, Err(TxtError::NoSuchName)),
        (
            "broken.example",
            Act::ServerFailure,
            Err(TxtError::ServerFailed("SERVFAIL".to_owned())),
        ),
        (
            "refused.example",
            Act::Refused,
            Err(TxtError::ServerFailed("REFUSED".to_owned())),
        ),
    ] {
        server.set(name, act);
        assert_eq!(dns.txt(name).await, expected, "{name}");
    }
    for (name, act) in [
        ("silent.example", Act::Silence),
        ("garbage.example", Act::Garbage),
    ] {
        server.set(name, act);
        let error = dns_that_gives_up.txt(name).await.expect_err("no answer");
        let is_certain = matches!(error, TxtError::NoSuchName);
        assert!(!is_certain, "{name}: {error}");
    }
    assert_eq!(
        dns_that_gives_up.txt("silent.example").await,
        Err(TxtError::TimedOut)
    );
}
