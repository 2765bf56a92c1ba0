//! What the target was asked and what it did.

use http::Method;
use serde::Serialize;
use serde_json::Value;

/// One request, in the order of arrival.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// From 1.
    pub number: u64,
    /// Milliseconds since the target was started.
    pub at_millis: u64,
    pub method: String,
    /// As sent, without the query.
    pub path: String,
    /// As sent, undecoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The version that the request was conditional on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_match: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The name of the fault that struck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
    /// What the target made of it, whether or not that was answered; nothing if it was never carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer was handed to the connection.
    pub answered: bool,
    /// The number of the bulk request that this was an operation of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk: Option<u64>,
}

impl Exchange {
    /// Whether something is to be changed by it; of a bulk request its operations are.
    pub fn is_write(&self) -> bool {
        self.method != Method::GET.as_str() && !self.path.ends_with("/.search") && !self.is_bulk()
    }

    pub fn is_bulk(&self) -> bool {
        self.path.ends_with("/Bulk")
    }

    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// How many requests of each kind arrived, and what came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub requests: u64,
    pub reads: u64,
    /// Bulk requests.
    pub bulks: u64,
    /// The most operations in one of them.
    pub most_in_bulk: u64,
    /// All but GET and `.search`, also those that failed; of bulk requests their operations.
    pub writes: u64,
    /// Writes that changed something for good.
    pub commits: u64,
    /// Of the commits: accounts and groups created.
    pub creates: u64,
    /// Of the commits: PATCH and PUT.
    pub updates: u64,
    pub deletes: u64,
    /// Answers of 401.
    pub unauthorized: u64,
    /// Answers of 409.
    pub conflicts: u64,
    /// Requests that a fault struck.
    pub faults: u64,
    /// The most requests that were under way at one time.
    pub most_at_once: u64,
    /// Writes that began while another write to the same resource (for creates: the same userName) was under way.
    pub overlaps: u64,
}
