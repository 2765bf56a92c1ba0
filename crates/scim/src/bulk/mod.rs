//! Bulk requests (RFC 7644 §3.7): reading them, and in which order their operations can be carried out.

mod circles;
mod read;
mod references;

use std::collections::HashMap;

use circles::Circles;
use read::{fail_on_errors, operation, refuse_second_bulk_ids};
use references::reference;
use serde_json::{Value, json};

use crate::discovery::BulkLimits;
use crate::message::BULK_RESPONSE;
use crate::{Error, ResourceType, dialect};

/// A bulk request whose operations may still be wrong one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkRequest {
    /// After so many failures nothing more is tried.
    pub fail_on_errors: Option<u64>,
    pub operations: Vec<Operation>,
    /// As the client spells it: `Operations` or `operations`; the answer does the same.
    spelling: String,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// As it was sent, in capitals: one of the four.
    pub method: String,
    /// As it was sent.
    path: String,
    pub bulk_id: Option<String>,
    /// What `If-Match` would say.
    pub version: Option<String>,
    pub request: Result<Request, Error>,
}

/// What an operation wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub verb: Verb,
    pub resource_type: &'static ResourceType,
    /// Of which resource, unless it is to be created: an id, or a reference to a bulkId.
    pub id: String,
    /// The body of the request.
    pub data: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Create,
    Replace,
    Patch,
    Delete,
}

/// What came of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done {
        status: u16,
        location: String,
        version: Option<String>,
    },
    Failed {
        error: Error,
        /// Of a resource that was there before.
        location: Option<String>,
    },
}

impl BulkRequest {
    /// From a body. What is wrong with one operation is left to it; more operations than allowed are 413.
    pub fn parse(body: Value, limits: BulkLimits) -> Result<Self, Error> {
        let Value::Object(mut body) = body else {
            return Err(Error::invalid_syntax("The body must be a JSON object"));
        };
        dialect::refuse_twins(&body)?;
        let fail_on_errors = fail_on_errors(&body)?;
        let spelling = body
            .keys()
            .find(|key| key.eq_ignore_ascii_case("Operations"))
            .cloned();
        let Some(spelling) = spelling else {
            return Err(Error::invalid_syntax("A bulk request has Operations"));
        };
        let Some(Value::Array(operations)) = body.shift_remove(&spelling) else {
            return Err(Error::invalid_syntax("Operations must be a list"));
        };
        if operations.len() as u64 > limits.max_operations {
            return Err(Error::new(
                413,
                format!(
                    "The request has {} operations; up to {} are allowed (maxOperations)",
                    operations.len(),
                    limits.max_operations
                ),
            ));
        }
        let mut operations = operations
            .into_iter()
            .map(operation)
            .collect::<Result<Vec<_>, _>>()?;
        refuse_second_bulk_ids(&mut operations);
        Ok(Self {
            fail_on_errors,
            operations,
            spelling,
        })
    }

    /// Which operation creates what is called by a bulkId.
    pub fn creators(&self) -> HashMap<&str, usize> {
        self.operations
            .iter()
            .enumerate()
            .filter(|(_, operation)| operation.creates())
            .filter_map(|(at, operation)| Some((operation.bulk_id.as_deref()?, at)))
            .collect()
    }

    /// The operations, by their numbers, in an order in which each comes behind those that create what it refers to;
    /// else as they were sent. Those that refer to each other in a circle are together, all others alone.
    pub fn plan(&self) -> Vec<Vec<usize>> {
        let creators = self.creators();
        let edges = self.operations.iter().map(|operation| match &operation.request {
            Ok(request) => {
                let known = |name| creators.get(name).copied();
                request.references().into_iter().filter_map(known).collect()
            }
            Err(_) => Vec::new(),
        });
        Circles::find(edges.collect())
    }

    /// The answer: what came of those operations that were tried, in the order in which they were sent.
    pub fn response(&self, outcomes: &[Option<Outcome>], write_error: impl Fn(&Error) -> Value) -> Value {
        let tried = self.operations.iter().zip(outcomes);
        let tried =
            tried.filter_map(|(operation, outcome)| Some(answer(operation, outcome.as_ref()?, &write_error)));
        let mut response = json!({ "schemas": [BULK_RESPONSE] });
        response[&self.spelling] = tried.collect();
        response
    }
}

impl Operation {
    /// Below the base URL, where what the operation changes is or would be, with ids in the places of references; `None`
    /// for a POST. RFC 7644 §3.7 wants it in the answer also if the operation failed.
    pub fn target(&self, id: &impl Fn(&str) -> Option<String>) -> Option<String> {
        if self.method == "POST" {
            return None;
        }
        let path = self.path.trim_matches('/');
        let (head, last) = path.rsplit_once('/').unwrap_or(("", path));
        Some(match reference(last).and_then(id) {
            Some(id) => format!("/{head}/{id}"),
            None => format!("/{path}"),
        })
    }

    fn creates(&self) -> bool {
        self.request
            .as_ref()
            .is_ok_and(|request| request.verb == Verb::Create)
    }
}

fn answer(operation: &Operation, outcome: &Outcome, write_error: &impl Fn(&Error) -> Value) -> Value {
    let mut answer = json!({ "method": operation.method });
    if let Some(name) = &operation.bulk_id {
        answer["bulkId"] = name.as_str().into();
    }
    match outcome {
        Outcome::Done {
            status,
            location,
            version,
        } => {
            if let Some(version) = version {
                answer["version"] = version.as_str().into();
            }
            answer["location"] = location.as_str().into();
            answer["status"] = status.to_string().into();
        }
        Outcome::Failed { error, location } => {
            if let Some(location) = location {
                answer["location"] = location.as_str().into();
            }
            answer["status"] = error.status.to_string().into();
            answer["response"] = write_error(error);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BulkLimits = BulkLimits {
        max_operations: 10,
        max_payload_size: 1_000,
    };

    fn bulk(operations: Value) -> BulkRequest {
        BulkRequest::parse(json!({ "Operations": operations }), LIMITS).expect("a bulk request")
    }

    fn user(name: &str, manager: &str) -> Value {
        json!({ "method": "post", "path": "/Users", "bulkId": name, "data": { "manager": { "value": manager } } })
    }

    #[test]
    fn operations_are_read_one_by_one() {
        let request = bulk(json!([
            { "METHOD": "Post", "path": "Users/", "bulkId": "a", "data": {} },
            { "method": "PATCH", "path": "/Groups/7", "version": "W/\"3\"", "data": [{ "op": "remove" }] },
            { "method": "DELETE", "path": "/Users/bulkId:a" },
            { "method": "POST", "path": "/Users", "bulkId": 7, "data": {} },
        ]));
        let read: Vec<_> = request
            .operations
            .iter()
            .map(|one| one.request.clone().expect("fine"))
            .collect();
        assert_eq!(
            (read[0].verb, read[0].resource_type.id.as_str()),
            (Verb::Create, "User")
        );
        assert_eq!((read[1].verb, read[1].id.as_str()), (Verb::Patch, "7"));
        assert_eq!(read[1].data, json!({ "Operations": [{ "op": "remove" }] }));
        assert_eq!(request.operations[1].version.as_deref(), Some("W/\"3\""));
        assert_eq!(
            request.operations[3].bulk_id.as_deref(),
            Some("7"),
            "a number is a name, too"
        );
        assert_eq!((read[2].verb, read[2].references()), (Verb::Delete, vec!["a"]));
        for (operation, status) in [
            (json!({ "method": "POST", "path": "/Users" }), 400),
            (json!({ "method": "POST", "path": "/Users/1", "data": {} }), 405),
            (json!({ "method": "DELETE", "path": "/Users" }), 405),
            (json!({ "method": "POST", "path": "/Robots", "data": {} }), 404),
            (json!({ "method": "DELETE", "path": "/Users/1/2" }), 404),
            (
                json!({ "method": "DELETE", "METHOD": "DELETE", "path": "/Users/1" }),
                400,
            ),
        ] {
            let request = bulk(json!([operation]));
            let error = request.operations[0].request.clone().expect_err("wrong");
            assert_eq!(error.status, status, "{operation}");
        }
        let id = |name: &str| (name == "a").then(|| "7".to_owned());
        let targets: Vec<_> = request.operations.iter().map(|one| one.target(&id)).collect();
        assert_eq!(
            targets,
            [
                None,
                Some("/Groups/7".to_owned()),
                Some("/Users/7".to_owned()),
                None
            ]
        );
        let unknown = bulk(json!([{ "method": "PUT", "path": "/Users/bulkId:b" }]));
        assert_eq!(
            unknown.operations[0].target(&id).as_deref(),
            Some("/Users/bulkId:b")
        );
        let twice = bulk(json!([user("a", ""), user("a", "")]));
        assert!(twice.operations[0].request.is_ok() && twice.operations[1].request.is_err());
    }

    #[test]
    fn what_is_wrong_with_the_whole_is_refused() {
        for (body, status) in [
            (json!([]), 400),
            (json!({}), 400),
            (json!({ "Operations": {} }), 400),
            (json!({ "Operations": [1] }), 400),
            (json!({ "Operations": [{}] }), 400),
            (
                json!({ "Operations": [{ "method": "GET", "path": "/Users/1" }] }),
                400,
            ),
            (json!({ "Operations": [], "operations": [] }), 400),
            (json!({ "Operations": [], "failOnErrors": 0 }), 400),
            (json!({ "Operations": [], "failOnErrors": "some" }), 400),
            (json!({ "Operations": vec![json!({}); 11] }), 413),
        ] {
            let error = BulkRequest::parse(body.clone(), LIMITS).expect_err("wrong");
            assert_eq!(error.status, status, "{body}");
        }
        let read =
            BulkRequest::parse(json!({ "operations": [], "failonerrors": "3" }), LIMITS).expect("fine");
        assert_eq!(read.fail_on_errors, Some(3));
        assert_eq!(read.response(&[], Error::to_json)["operations"], json!([]));
    }

    #[test]
    fn creators_come_first_and_circles_together() {
        for (references, plan) in [
            (vec!["", "", ""], vec![vec![0], vec![1], vec![2]]),
            (vec!["bulkId:2", "", ""], vec![vec![2], vec![0], vec![1]]),
            (vec!["bulkId:1", "bulkId:2", ""], vec![vec![2], vec![1], vec![0]]),
            (vec!["bulkId:1", "BULKID:0", ""], vec![vec![0, 1], vec![2]]),
            (
                vec!["bulkId:0", "bulkId:0", "bulkId:4", "bulkId:2", "bulkId:3"],
                vec![vec![0], vec![1], vec![2, 3, 4]],
            ),
            (vec!["bulkId:nobody", "7"], vec![vec![0], vec![1]]),
        ] {
            let users = references
                .iter()
                .enumerate()
                .map(|(at, manager)| user(&at.to_string(), manager));
            assert_eq!(bulk(users.collect()).plan(), plan, "{references:?}");
        }
        let long: Vec<_> = (0..1_000)
            .map(|at| user(&at.to_string(), &format!("bulkId:{}", at + 1)))
            .collect();
        let limits = BulkLimits {
            max_operations: 1_000,
            ..LIMITS
        };
        let long = BulkRequest::parse(json!({ "Operations": long }), limits)
            .expect("fine")
            .plan();
        assert_eq!((long.len(), &long[0], &long[999]), (1_000, &vec![999], &vec![0]));
    }
}
