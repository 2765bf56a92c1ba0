//! What a target really does: announced by it, observed in its answers, or set by hand. What is known is kept with the
//! app; what an answer shows counts at once.
//!
//! | way | value | from |
//! |---|---|---|
//! | `discovery` | which documents of RFC 7644 §4 there are | the documents |
//! | `patch`, `put` | whether the method is there | `patch` announced; 405 and 501 to a change |
//! | `etag` | whether `If-Match` is understood | announced |
//! | `filter` | whether lists can be filtered | announced; the question of the test |
//! | `filter.ATTRIBUTE` | `refused` or `ignored` | answers to look-ups |
//! | `look_ups` | `together`, `alone`: whether an `or` of several look-ups is answered as it should be | answers to it |
//! | `sort` | for lists | announced |
//! | `page_size` | how many accounts a page of a list holds, at most | announced |
//! | `cursor` | whether lists go by cursor | announced; a first page that was refused |
//! | `bulk`, `bulk_operations`, `bulk_payload` | bulk requests and their limits | announced; answers to them |
//! | `concurrency` | how many requests at a time, and why not more: `4 throttled` | 429s, the time that answers take |
//! | `rate` | how many requests a second, since it asked to be sent less: `5 throttled`; else `unlimited` | 429s |
//! | `missing_element` | `refused`: an operation on an element that is not there | `noTarget` |
//! | `read_only` | attributes that a replacement leaves out | `Schemas` |
//! | `groups` | whether there are groups | `ResourceTypes` |
//! | `members` | `yes`: it shows who is in a group | documents of groups |
//! | `member_pages` | `no`: it does not give members page by page, as Webex does | answers to the question |

mod view;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::Timestamp;
use store::ways::{Origin as Known, Way};

use super::way_settings::{Filters, MissingElement, Switch, Update, WaySettings};
use crate::account::TargetPath;
use crate::engine::Why;
use crate::settings::Template;

pub use view::{Origin, WayView};

pub(crate) const YES: &str = "yes";
pub(crate) const NO: &str = "no";
pub(crate) const DISCOVERY: &str = "discovery";
pub(crate) const PATCH: &str = "patch";
pub(crate) const PUT: &str = "put";
pub(crate) const ETAG: &str = "etag";
pub(crate) const FILTER: &str = "filter";
pub(crate) const LOOK_UPS: &str = "look_ups";
pub(crate) const TOGETHER: &str = "together";
pub(crate) const ALONE: &str = "alone";
pub(crate) const CURSOR: &str = "cursor";
pub(crate) const BULK: &str = "bulk";
pub(crate) const BULK_OPERATIONS: &str = "bulk_operations";
pub(crate) const BULK_PAYLOAD: &str = "bulk_payload";
pub(crate) const READ_ONLY: &str = "read_only";
pub(crate) const CONCURRENCY: &str = "concurrency";
pub(crate) const GROUPS: &str = "groups";
pub(crate) const MEMBERS: &str = "members";
pub(crate) const MEMBER_PAGES: &str = "member_pages";
pub(crate) const RATE: &str = "rate";
pub(crate) const MISSING_ELEMENT: &str = "missing_element";
pub(crate) const PAGE_SIZE: &str = "page_size";

/// After so long a target is asked again, and what its answers showed may be tried again.
const STALE: Duration = Duration::from_hours(24);
const AGAIN: Duration = Duration::from_mins(10);
const FORGOTTEN: Duration = Duration::from_hours(24 * 7);

/// How much of it a bulk request may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BulkLimits {
    pub(crate) operations: usize,
    /// In bytes.
    pub(crate) payload: usize,
}

/// No bulk request is larger, whatever the target takes.
const PAYLOAD: usize = 1 << 20;

/// The ways of one target.
#[derive(Debug, Default)]
pub struct Ways {
    set: WaySettings,
    template: Option<Template>,
    known: Mutex<BTreeMap<String, Way>>,
    /// What is not written down yet.
    news: Mutex<Vec<Way>>,
    /// When this process asked last, whatever was answered.
    asked: Mutex<Option<Timestamp>>,
}

impl Ways {
    pub(crate) fn new(set: WaySettings, known: Vec<Way>) -> Self {
        Self {
            set,
            template: None,
            known: Mutex::new(known.into_iter().map(|way| (way.name.clone(), way)).collect()),
            ..Self::default()
        }
    }

    /// The same of an app of this template.
    #[must_use]
    pub(crate) fn of(mut self, template: Template) -> Self {
        self.template = Some(template);
        self
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Way>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.known().get(name).is_some_and(|way| way.value == value)
    }

    /// Whether the target is to be asked what it announces; if so, not again for a while.
    pub(crate) fn are_stale(&self, now: Timestamp) -> bool {
        let stale = self
            .known()
            .get(DISCOVERY)
            .is_none_or(|way| now.since(way.seen) >= STALE);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = asked.is_some_and(|at| now.since(at) < AGAIN);
        if stale && !lately {
            *asked = Some(now);
        }
        stale && !lately
    }

    /// Notes what an answer has shown.
    pub(crate) fn observe(&self, name: &str, value: &str, now: Timestamp) {
        self.note(name, value, Known::Observed, now);
    }

    /// Notes what the target says of itself. What its answers have shown lately counts more.
    pub(crate) fn announce(&self, name: &str, value: &str, now: Timestamp) {
        let seen = self.known().get(name).cloned();
        match seen {
            Some(way) if way.origin == Known::Observed && now.since(way.seen) < FORGOTTEN => {}
            _ => self.note(name, value, Known::Announced, now),
        }
    }

    fn note(&self, name: &str, value: &str, origin: Known, now: Timestamp) {
        let way = Way {
            name: name.to_owned(),
            value: value.to_owned(),
            origin,
            seen: now,
        };
        let before = self.known().insert(way.name.clone(), way.clone());
        let same = before.is_some_and(|before| {
            before.value == way.value && before.origin == origin && now.since(before.seen) < STALE / 2
        });
        if !same {
            self.news.lock().unwrap_or_else(PoisonError::into_inner).push(way);
        }
    }

    /// What is to be written down.
    pub(crate) fn take_news(&self) -> Vec<Way> {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many requests at a time it bore last, and why not more.
    pub(crate) fn concurrency(&self) -> Option<(usize, Option<String>)> {
        let value = self.known().get(CONCURRENCY)?.value.clone();
        let mut words = value.split(' ');
        let width = words.next()?.parse().ok()?;
        Some((width, words.next().map(str::to_owned)))
    }

    /// Notes how many requests at a time it bears, and why not more. As long as it never was fewer, nothing is noted.
    pub(crate) fn note_concurrency(&self, width: usize, why: Option<Why>, now: Timestamp) {
        let value = match why {
            Some(why) => format!("{width} {}", why.as_str()),
            None => width.to_string(),
        };
        if why.is_some() || self.known().contains_key(CONCURRENCY) {
            self.observe(CONCURRENCY, &value, now);
        }
    }

    /// How many requests a second it bore last, if it asked to be sent less.
    pub(crate) fn rate(&self) -> Option<u32> {
        let value = self.known().get(RATE)?.value.clone();
        value.split(' ').next()?.parse().ok().filter(|rate| *rate > 0)
    }

    /// Notes how many requests a second it bears. As long as it never asked to be sent less, nothing is noted.
    pub(crate) fn note_rate(&self, limited: Option<u64>, now: Timestamp) {
        match limited {
            Some(rate) => self.observe(RATE, &format!("{rate} throttled"), now),
            None if self.known().contains_key(RATE) => self.observe(RATE, "unlimited", now),
            None => {}
        }
    }

    /// How an account is changed: PATCH, or PUT.
    pub(crate) fn update(&self) -> Update {
        match self.set.update {
            Update::Auto if self.is(PATCH, NO) && !self.is(PUT, NO) => Update::Put,
            Update::Auto => Update::Patch,
            set => set,
        }
    }

    /// Notes that the target has no such method; says whether there is another way to change an account.
    pub(crate) fn refused(&self, method: Update, now: Timestamp) -> bool {
        let (this, other) = match method {
            Update::Put => (PUT, PATCH),
            Update::Auto | Update::Patch => (PATCH, PUT),
        };
        self.observe(this, NO, now);
        self.set.update == Update::Auto && !self.is(other, NO)
    }

    pub(crate) fn etag(&self) -> bool {
        match self.set.etag {
            Switch::Auto => self.is(ETAG, YES),
            set => set == Switch::On,
        }
    }

    /// How much a bulk request may hold; `None`: everything is sent alone.
    pub(crate) fn bulk(&self) -> Option<BulkLimits> {
        let takes = match self.set.bulk {
            Switch::Auto => self.is(BULK, YES),
            set => set == Switch::On,
        };
        let known = |name: &str| self.known().get(name)?.value.parse::<usize>().ok();
        let most = usize::try_from(self.set.bulk_operations).unwrap_or(usize::MAX);
        let operations = known(BULK_OPERATIONS).map_or(most, |known| known.min(most));
        (takes && operations > 1).then(|| BulkLimits {
            operations,
            payload: known(BULK_PAYLOAD).map_or(PAYLOAD, |known| known.min(PAYLOAD)),
        })
    }

    /// Whether lists go by cursor; `None`: as the target announces it.
    pub(crate) fn cursors(&self) -> Option<bool> {
        let refused = |known: &BTreeMap<String, Way>| {
            let way = known.get(CURSOR);
            way.is_some_and(|way| way.origin == Known::Observed && way.value == NO)
        };
        match self.set.cursor {
            Switch::Auto => refused(&self.known()).then_some(false),
            set => Some(set == Switch::On),
        }
    }

    /// How many accounts are asked for at a time where its kind of target is known for so many.
    pub(crate) fn page_size(&self, usual: u64) -> u64 {
        match self.set.page_size {
            0 => self.announced_page_size().map_or(usual, |most| most.min(usual)),
            set => set.into(),
        }
    }

    fn announced_page_size(&self) -> Option<u64> {
        let announced = self.known().get(PAGE_SIZE)?.value.parse().ok();
        announced.filter(|most| *most > 0)
    }

    /// How a value comes into an element that the account does not have.
    pub(crate) fn missing_element(&self) -> MissingElement {
        self.set.missing_element
    }

    /// Notes that a cursor was refused, whatever the target says.
    pub(crate) fn refuses_cursors(&self, now: Timestamp) {
        self.observe(CURSOR, NO, now);
    }

    /// Notes that the target takes no bulk requests, whatever it says.
    pub(crate) fn refuses_bulk(&self, now: Timestamp) {
        self.observe(BULK, NO, now);
    }

    /// Notes that so many operations were too many.
    pub(crate) fn bulk_was_too_large(&self, operations: usize, now: Timestamp) {
        self.observe(BULK_OPERATIONS, &(operations / 2).to_string(), now);
    }

    /// Whether lists can be filtered by this attribute, as far as is known.
    pub(crate) fn takes_filter(&self, path: &TargetPath) -> bool {
        self.set.filters == Filters::All || !self.known().contains_key(&filter_by(path))
    }

    pub(crate) fn filter_failed(&self, path: &TargetPath, how: &str, now: Timestamp) {
        self.observe(&filter_by(path), how, now);
    }

    /// Whether several accounts may be looked for in one request.
    pub(crate) fn combines_look_ups(&self, now: Timestamp) -> bool {
        let failed_lately = || {
            let known = self.known();
            let way = known.get(LOOK_UPS);
            way.is_some_and(|way| way.value == ALONE && now.since(way.seen) < STALE)
        };
        match self.set.look_ups {
            Switch::Auto => !failed_lately(),
            set => set == Switch::On,
        }
    }

    /// Notes whether that was answered as it should be.
    pub(crate) fn found_together(&self, well: bool, now: Timestamp) {
        self.observe(LOOK_UPS, if well { TOGETHER } else { ALONE }, now);
    }

    /// Attributes that a replacement leaves out: those that the target keeps to itself, as it says. What is mapped is sent
    /// all the same, as it is in a PATCH: left out, it would be cleared where the target says so wrongly.
    pub(crate) fn read_only_but(&self, mapped: &[TargetPath]) -> Vec<String> {
        let known = self.known();
        let announced = known.get(READ_ONLY).map_or("", |way| way.value.as_str());
        let left_out = |announced: &&str| !mapped.iter().any(|path| path.is_of(announced));
        announced
            .split(' ')
            .filter(|announced| !announced.is_empty())
            .filter(left_out)
            .map(str::to_owned)
            .collect()
    }

    /// Whether members may be asked for page by page.
    pub(crate) fn gives_member_pages(&self) -> bool {
        self.template == Some(Template::Webex) && !self.is(MEMBER_PAGES, NO)
    }

    /// Whether the target says that it has no groups.
    pub(crate) fn denies_groups(&self) -> bool {
        self.is(GROUPS, NO)
    }

    /// Whether it says that it has some.
    pub(crate) fn has_groups(&self) -> bool {
        self.is(GROUPS, YES)
    }

    /// Whether documents of groups say who is in them.
    pub(crate) fn shows_members(&self) -> bool {
        self.is(MEMBERS, YES)
    }
}

fn filter_by(path: &TargetPath) -> String {
    format!("filter.{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(set: WaySettings) -> Ways {
        Ways::new(set, Vec::new())
    }

    fn later(hours: u64) -> Timestamp {
        Timestamp::default() + Duration::from_hours(hours)
    }

    #[test]
    fn patch_is_meant_until_the_target_shows_otherwise() {
        let ways = ways(WaySettings::default());
        assert_eq!(ways.update(), Update::Patch);
        assert!(ways.refused(Update::Patch, later(0)));
        assert_eq!(ways.update(), Update::Put);
        assert!(!ways.refused(Update::Put, later(0)), "neither is there");
        assert_eq!(ways.update(), Update::Patch);
    }

    #[test]
    fn what_is_set_counts_whatever_was_seen() {
        let set = WaySettings {
            update: Update::Put,
            etag: Switch::On,
            filters: Filters::All,
            ..WaySettings::default()
        };
        let set = ways(set);
        let path = TargetPath::parse("externalId").expect("a path");
        set.announce(PATCH, YES, later(0));
        set.announce(ETAG, NO, later(0));
        set.filter_failed(&path, "refused", later(0));
        assert_eq!((set.update(), set.etag()), (Update::Put, true));
        assert!(set.takes_filter(&path));
        assert!(!set.refused(Update::Put, later(0)), "there is no other way then");
        let auto = ways(WaySettings::default());
        auto.announce(ETAG, YES, later(0));
        auto.filter_failed(&path, "refused", later(0));
        assert_eq!((auto.update(), auto.etag()), (Update::Patch, true));
        assert!(!auto.takes_filter(&path));
    }

    #[test]
    fn pages_are_as_large_as_both_sides_like() {
        let auto = ways(WaySettings::default());
        assert_eq!(auto.page_size(200), 200);
        auto.announce(PAGE_SIZE, "50", later(0));
        assert_eq!(auto.page_size(200), 50);
        auto.announce(PAGE_SIZE, "1000", later(0));
        assert_eq!(auto.page_size(200), 200);
        let set = ways(WaySettings {
            page_size: 500,
            ..WaySettings::default()
        });
        set.announce(PAGE_SIZE, "50", later(0));
        assert_eq!(set.page_size(200), 500, "what is set counts");
        let shown: Vec<_> = set
            .view()
            .into_iter()
            .filter(|way| way.name == PAGE_SIZE)
            .collect();
        assert_eq!((shown.len(), shown[0].value.as_str()), (1, "500"));
        assert_eq!(shown[0].origin, Origin::Set);
    }

    #[test]
    fn answers_count_more_than_announcements_for_a_week() {
        let ways = ways(WaySettings::default());
        ways.announce(PATCH, YES, later(0));
        ways.observe(PATCH, NO, later(1));
        ways.announce(PATCH, YES, later(2));
        assert_eq!(ways.update(), Update::Put);
        ways.announce(PATCH, YES, later(1 + 24 * 7));
        assert_eq!(ways.update(), Update::Patch);
    }

    #[test]
    fn bulk_requests_are_sent_where_they_are_offered() {
        let limits = |ways: &Ways| ways.bulk().map(|limits| limits.operations);
        let auto = ways(WaySettings::default());
        assert_eq!(limits(&auto), None, "nobody said so");
        auto.announce(BULK, YES, later(0));
        assert_eq!(limits(&auto), Some(100));
        auto.announce(BULK_OPERATIONS, "7", later(0));
        assert_eq!(limits(&auto), Some(7));
        auto.bulk_was_too_large(7, later(0));
        assert_eq!(limits(&auto), Some(3));
        auto.announce(BULK_OPERATIONS, "1", later(24 * 8));
        assert_eq!(limits(&auto), None, "one is no company");
        auto.announce(BULK_OPERATIONS, "1000", later(24 * 8));
        auto.announce(BULK_PAYLOAD, "2000", later(0));
        let all = auto.bulk().expect("bulk requests");
        assert_eq!((all.operations, all.payload), (100, 2000));
        auto.refuses_bulk(later(24 * 8));
        assert_eq!(limits(&auto), None);
        for (bulk, expected) in [(Switch::On, Some(5)), (Switch::Off, None)] {
            let set = ways(WaySettings {
                bulk,
                bulk_operations: 5,
                ..WaySettings::default()
            });
            set.announce(BULK, if bulk == Switch::On { NO } else { YES }, later(0));
            assert_eq!(limits(&set), expected, "what is set counts");
        }
    }

    #[test]
    fn only_news_are_written_down() {
        let ways = ways(WaySettings::default());
        assert!(ways.are_stale(later(0)));
        assert!(!ways.are_stale(later(0)), "it was asked just now");
        ways.announce(DISCOVERY, "none", later(0));
        ways.announce(DISCOVERY, "none", later(1));
        assert_eq!(ways.take_news().len(), 1);
        assert!(ways.take_news().is_empty());
        assert!(!ways.are_stale(later(2)));
        assert!(ways.are_stale(later(30)));
        ways.announce(DISCOVERY, "none", later(30));
        assert_eq!(ways.take_news().len(), 1, "seen again long after");
    }
}
