//! What kind of target it is when nothing goes wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bulk::BulkManners;

/// A target's manners. The default is strict RFC 7644 with unique user names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each set by its name"
)]
pub struct Options {
    /// The bearer token that every SCIM request must carry.
    pub token: String,
    /// A second account of one userName is 409 `uniqueness`.
    pub unique_user_names: bool,
    /// So is a second group of one displayName.
    pub unique_group_names: bool,
    /// `"True"` and `"False"` are taken for booleans, `op` in any case.
    pub lenient: bool,
    /// Lists may be filtered by `externalId`; otherwise that is 400 `invalidFilter`.
    pub external_id_filter: bool,
    /// What becomes of an `or` in a filter.
    pub or: Or,
    /// PATCH is there; otherwise 501, and PUT must be used.
    pub patch: bool,
    /// PATCH answers 200 with the resource; otherwise 204.
    pub patch_answers_resource: bool,
    /// `replace` on a filtered path without a match creates the element; otherwise 400 `noTarget` (RFC 7644 §3.5.2.3).
    pub replace_creates: bool,
    /// `add` on a filtered path without a match creates the element; otherwise 400 `noTarget`.
    pub add_creates: bool,
    /// `remove` on a filtered path without a match changes nothing; otherwise 400 `noTarget`.
    pub remove_ignores: bool,
    /// Whoever has no title gets one: a value that cannot be cleared, as the work e-mail in a Webex organization.
    pub gives_titles: bool,
    /// Whoever has a `work_extension` has no `work` number beside it, as with Webex Calling.
    pub calling: bool,
    /// Most resources in one page.
    pub page_size: usize,
    /// Cursors (RFC 9865) are there, and announced.
    pub cursors: bool,
    /// How pages by index go wrong.
    pub paging: Paging,
    pub bulk: BulkManners,
    /// `GET …/Groups/{id}/Members` gives members page by page, as Webex does; otherwise that is 404.
    pub member_pages: bool,
    /// Groups are shown without their members.
    pub hides_members: bool,
    /// `/ResourceTypes` says nothing of groups.
    pub denies_groups: bool,
    /// Attributes of people of which `/Schemas` says that they are read-only, whether they are or not.
    pub says_read_only: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "fake-target-token".to_owned(),
            unique_user_names: true,
            unique_group_names: false,
            lenient: false,
            external_id_filter: true,
            or: Or::default(),
            patch: true,
            patch_answers_resource: true,
            replace_creates: false,
            add_creates: true,
            remove_ignores: true,
            gives_titles: false,
            calling: false,
            page_size: 100,
            cursors: false,
            paging: Paging::default(),
            bulk: BulkManners::default(),
            member_pages: false,
            hides_members: false,
            denies_groups: false,
            says_read_only: Vec::new(),
        }
    }
}

impl Options {
    /// A target that takes the same userName twice.
    #[must_use]
    pub fn without_uniqueness(mut self) -> Self {
        self.unique_user_names = false;
        self
    }

    /// A target that takes bulk requests.
    #[must_use]
    pub fn with_bulk(mut self, bulk: BulkManners) -> Self {
        self.bulk = bulk;
        self
    }

    /// A target that understands what the vendors' clients send.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.lenient = true;
        self.replace_creates = true;
        self
    }
}

/// What a target makes of `a eq "1" or a eq "2"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Or {
    /// 400 `invalidFilter`.
    #[default]
    Refused,
    /// As RFC 7644 §3.4.2.2 has it.
    Right,
    /// Only what comes first counts.
    First,
    /// Only what comes last counts.
    Last,
    /// There might as well be no filter.
    Ignored,
    /// As it should be, but no more than two are found, and it says that these are all.
    Two,
}

/// How a target pages by index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// As RFC 7644 §3.4.2.4 has it.
    #[default]
    Right,
    /// Every page but the first begins with the last resource of the page before, as when one was added meanwhile.
    Repeats,
    /// Every page but the first leaves out its first resource, as when one was removed meanwhile.
    Skips,
    /// It says how many there are on the page, not in all.
    CountsThePage,
    /// It does not say how many there are.
    DoesNotCount,
    /// Every page is the first one.
    IgnoresTheStart,
}

/// How far reads lag behind: an answer leaves out what was written in the last `millis` or by the last `requests`
/// requests, whichever hides more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Staleness {
    pub millis: u64,
    pub requests: u64,
}

impl Staleness {
    pub fn lagging(lag: Duration) -> Self {
        Self {
            millis: u64::try_from(lag.as_millis()).unwrap_or(u64::MAX),
            requests: 0,
        }
    }
}
