//! The ways of a target as they are shown: what counts, and where it is known from.

use base::Timestamp;
use serde::Serialize;
use store::ways::Origin as Known;

use super::super::way_settings::{Filters, MissingElement, Switch, Update};
use super::{ALONE, BULK, ETAG, LOOK_UPS, MISSING_ELEMENT, NO, PAGE_SIZE, PATCH, PUT, TOGETHER, Ways, YES};

/// Where it is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nothing says otherwise.
    Assumed,
    Announced,
    Observed,
    /// A setting of the app.
    Set,
}

/// One way, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WayView {
    pub name: String,
    pub value: String,
    pub origin: Origin,
    pub seen_at: Option<Timestamp>,
}

impl Ways {
    /// Everything that is known, as it counts.
    pub(crate) fn view(&self) -> Vec<WayView> {
        let known = self.known().clone();
        let seen = |name: &str| {
            known.get(name).map(|way| WayView {
                name: name.to_owned(),
                value: way.value.clone(),
                origin: match way.origin {
                    Known::Announced => Origin::Announced,
                    Known::Observed => Origin::Observed,
                },
                seen_at: Some(way.seen),
            })
        };
        let counted = |name: &str, value: &str, set: bool, from: &[&str]| {
            let from = from.iter().find_map(|name| seen(name));
            WayView {
                name: name.to_owned(),
                value: value.to_owned(),
                origin: match &from {
                    _ if set => Origin::Set,
                    Some(way) => way.origin,
                    None => Origin::Assumed,
                },
                seen_at: from.filter(|_| !set).and_then(|way| way.seen_at),
            }
        };
        let update = match self.update() {
            Update::Put => counted("update", PUT, self.set.update != Update::Auto, &[PATCH]),
            _ => counted("update", PATCH, self.set.update != Update::Auto, &[PATCH, PUT]),
        };
        let etag = if self.etag() { YES } else { NO };
        let bulk = if self.bulk().is_some() { YES } else { NO };
        let mut views = vec![
            update,
            counted(ETAG, etag, self.set.etag != Switch::Auto, &[ETAG]),
            counted(BULK, bulk, self.set.bulk != Switch::Auto, &[BULK]),
        ];
        if self.set.filters == Filters::All {
            views.push(counted("filters", "all", true, &[]));
        }
        if self.set.look_ups != Switch::Auto {
            let look_ups = if self.set.look_ups == Switch::On {
                TOGETHER
            } else {
                ALONE
            };
            views.push(counted(LOOK_UPS, look_ups, true, &[]));
        }
        if self.set.page_size > 0 {
            views.push(counted(PAGE_SIZE, &self.set.page_size.to_string(), true, &[]));
        }
        if self.set.missing_element == MissingElement::Path {
            views.push(counted(MISSING_ELEMENT, "path", true, &[]));
        }
        let shown: Vec<_> = views.iter().map(|way| way.name.clone()).collect();
        views.extend(
            known
                .keys()
                .filter(|name| !shown.contains(name))
                .filter_map(|name| seen(name)),
        );
        views
    }
}
