//! Accounts that are looked for at the same time are looked for in one request, where the target can be trusted with that.

use provisioning::{AppScope, LogEntry, SettingsChange, WayOrigin, WaySwitch, WaysChange};
use serde_json::json;
use testkit::target::{Fault, Options, Or, Rule};

use super::world::{On, World, user_name};

const PEOPLE: usize = 160;
/// Every third one has an account already.
const THIRD: usize = 3;

fn target(or: Or) -> Options {
    Options {
        or,
        ..Options::default().without_uniqueness()
    }
}

impl World {
    /// With few slots, so that there is always somebody waiting.
    async fn with_accounts(on: On, or: Or) -> Self {
        let world = Self::with(on, target(or), AppScope::All).await;
        world
            .set(SettingsChange {
                concurrency: Some(2),
                retry_longest_seconds: Some(1),
                ..SettingsChange::default()
            })
            .await;
        world.hire_many(PEOPLE).await;
        for number in (0..PEOPLE).step_by(THIRD) {
            let account = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": user_name(&format!("p{number:05}")).to_uppercase(),
            });
            world.target.plant(&account).expect("an account");
        }
        world
    }

    /// How many look-ups were sent: for one account, and for several.
    fn look_ups(&self) -> (usize, usize) {
        let mut journal = self.target.journal();
        journal.retain(|sent| sent.method == "GET" && sent.path.ends_with("/Users"));
        let several = |query: &String| query.contains("%20or%20");
        let together = journal
            .iter()
            .filter(|sent| sent.query.as_ref().is_some_and(several))
            .count();
        (journal.len() - together, together)
    }

    /// Nobody has two accounts, whatever the target made of the filters.
    async fn each_has_one(&mut self, what: &str) {
        let counts = self.initial().await;
        let linked = PEOPLE.div_ceil(THIRD) as u64;
        assert_eq!(
            (counts.linked, counts.created),
            (linked, PEOPLE as u64 - linked),
            "{what}"
        );
        assert_eq!(self.target.accounts().len(), PEOPLE, "{what}");
        self.stop().await;
    }
}

fn found_with_others(entry: &LogEntry) -> bool {
    entry.exchanges.iter().any(|sent| sent.look_ups.is_some())
}

pub async fn many_are_looked_for_at_once(on: On) {
    let mut world = World::with_accounts(on, Or::Right).await;
    world.each_has_one("a target as it should be").await;
    let (alone, together) = world.look_ups();
    assert!(
        together > 0 && alone + together < PEOPLE * 3 / 4,
        "{alone} {together}"
    );
    let seen = ("together".to_owned(), WayOrigin::Observed);
    assert_eq!(world.way("look_ups").await, Some(seen));

    // Each person's entry shows what was asked and answered about them, and nothing of anybody else.
    let log = world.log().await;
    assert_eq!(log.len(), PEOPLE);
    let together: Vec<_> = log.iter().filter(|entry| found_with_others(entry)).collect();
    assert!(together.len() > PEOPLE / 4, "{}", together.len());
    for entry in together {
        let sent = &entry.exchanges[0];
        assert_eq!((sent.method.as_str(), sent.status), ("GET", Some(200)));
        let text = serde_json::to_string(&entry.exchanges)
            .expect("JSON")
            .to_lowercase();
        let others = (0..PEOPLE).map(|number| user_name(&format!("p{number:05}")));
        for other in others.filter(|name| *name != entry.subject.name) {
            assert!(!text.contains(&other), "{other} in {text}");
        }
        let found = &sent.response.as_ref().expect("an answer")["Resources"];
        let linked = entry.action != "create";
        assert_eq!(
            found.as_array().map(Vec::len),
            Some(usize::from(linked)),
            "{entry:?}"
        );
    }
}

pub async fn an_answer_that_does_not_prove_itself_is_not_believed(on: On) {
    for or in [Or::Refused, Or::First, Or::Last, Or::Ignored, Or::Two] {
        let what = format!("{or:?}");
        let mut world = World::with_accounts(on, or).await;
        world.each_has_one(&what).await;
        let (alone, together) = world.look_ups();
        // Three in a row that prove nothing, and what was under way meanwhile.
        assert!(
            (1..=8).contains(&together),
            "{what}: tried, and given up: {together}"
        );
        assert!(alone >= PEOPLE, "{what}: {alone}");
        let seen = ("alone".to_owned(), WayOrigin::Observed);
        assert_eq!(world.way("look_ups").await, Some(seen), "{what}");
    }
}

/// Who is known to be there may be gone by the next look.
pub async fn who_has_gone_proves_nothing(on: On) {
    let mut world = World::with_accounts(on, Or::Right).await;
    let gone = Rule::on("GET", "%20or%20").every(2).then(Fault::Empty);
    world.target.inject(gone);
    world.each_has_one("every other answer is empty").await;
}

pub async fn trouble_is_one_persons_to_report(on: On) {
    for fault in [
        Fault::status(503),
        Fault::throttled(1),
        Fault::DropBeforeCommit,
        Fault::Garbage,
    ] {
        let mut world = World::with_accounts(on, Or::Right).await;
        let what = format!("{fault:?}");
        world
            .target
            .inject(Rule::on("GET", "%20or%20").nth(1).then(fault));
        world.each_has_one(&what).await;
        // Whoever reports it shows what was asked about them alone.
        let log = world.log().await;
        let mut sent = log.iter().flat_map(|entry| &entry.exchanges);
        assert!(sent.all(|sent| !sent.url.contains("%20or%20")), "{what}");
    }
}

pub async fn whether_they_are_is_a_setting(on: On) {
    for (switch, or, asked) in [
        (WaySwitch::Auto, Or::Right, true),
        (WaySwitch::On, Or::Right, true),
        (WaySwitch::Off, Or::Right, false),
    ] {
        let mut world = World::with_accounts(on, or).await;
        world
            .set_ways(WaysChange {
                look_ups: Some(switch),
                ..WaysChange::default()
            })
            .await;
        world.each_has_one(&format!("{switch:?}")).await;
        assert_eq!(world.look_ups().1 > 0, asked, "{switch:?}");
        let (value, origin) = world.way("look_ups").await.expect("a way");
        assert_eq!(value, if asked { "together" } else { "alone" });
        assert_eq!(origin == WayOrigin::Set, switch != WaySwitch::Auto);
    }
    // What was learnt is not asked again, unless that is set.
    for (switch, again) in [(WaySwitch::Auto, false), (WaySwitch::On, true)] {
        let mut world = World::with_accounts(on, Or::Refused).await;
        world
            .set_ways(WaysChange {
                look_ups: Some(switch),
                ..WaysChange::default()
            })
            .await;
        world.each_has_one(&format!("{switch:?}")).await;
        assert_eq!(world.look_ups().1 > 2, again, "{switch:?}");
    }
}
