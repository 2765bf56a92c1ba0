//! A page as it fills: bounded in resources, and in the bytes of their documents.

use store::Amount;

use super::Following;
use super::place::Place;
use crate::resource::Resource;

/// So many bytes of documents end a page: the resource with which it has them is its last, so there is always one at
/// least.
pub const PAGE_BYTES: u64 = 4 << 20;

pub struct Page {
    limit: u32,
    items: Vec<(Place, Resource)>,
    bytes: u64,
}

impl Page {
    pub fn of(limit: u32) -> Self {
        Self {
            limit,
            items: Vec::new(),
            bytes: 0,
        }
    }

    pub fn is_full(&self) -> bool {
        let Amount { rows, bytes } = self.room();
        rows == 0 || bytes == 0
    }

    /// What it can still hold.
    pub fn room(&self) -> Amount {
        let filled = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        Amount {
            rows: self.limit.saturating_sub(filled),
            bytes: PAGE_BYTES.saturating_sub(self.bytes),
        }
    }

    pub fn push(&mut self, place: Place, resource: Resource) {
        self.bytes += resource.bytes();
        self.items.push((place, resource));
    }

    /// The place of the last one.
    pub fn last(&self) -> Option<Place> {
        self.items.last().map(|(place, _)| place.clone())
    }

    /// The page, and behind which place the next one begins.
    pub fn followed_by(self, next: Option<Place>) -> Following {
        Following {
            items: self.items,
            next,
        }
    }

    pub fn into_resources(self) -> Vec<Resource> {
        self.items.into_iter().map(|(_, resource)| resource).collect()
    }
}
