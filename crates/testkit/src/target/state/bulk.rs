//! Bulk requests: each operation stands in the journal behind its bulk request, and is counted, as a request of its own.

use http::Method;
use serde_json::{Value, json};

use super::super::bulk::{Mishap, Operation};
use super::super::fault;
use super::super::journal::Exchange;
use super::super::memory::AsOf;
use super::super::protocol::{Answer, Refusal};
use super::super::request::{Request, split};
use super::{State, subject};

/// An operation that has arrived.
pub(super) struct Arrived {
    operation: Operation,
    request: Request,
    mishap: Option<Mishap>,
}

impl State {
    /// Writes the operations of a bulk request down, if it is one that will be carried out.
    pub(super) fn arrive_in_bulk(&mut self, number: u64, request: &Request) {
        let (prefix, endpoint, _) = split(&request.path);
        if endpoint != "Bulk" || request.method != Method::POST {
            return;
        }
        self.counts.bulks += 1;
        let Ok(operations) = self.options.bulk.operations(request) else {
            return;
        };
        let mut arrived = Vec::new();
        for operation in operations {
            let alone = operation.alone(request, prefix);
            let fault = fault::strike(&mut self.rules, &alone.method, &alone.path, &alone.body);
            let exchange = Exchange {
                number: self.journal.len() as u64 + 1,
                at_millis: self.at_millis(),
                method: alone.method.to_string(),
                path: alone.path.clone(),
                query: None,
                if_match: alone.if_match.clone(),
                body: operation.data.clone(),
                fault: fault.as_ref().map(fault::Fault::name),
                status: None,
                answered: false,
                bulk: Some(number),
            };
            self.counts.writes += 1;
            self.counts.faults += u64::from(fault.is_some());
            self.begin_write(&exchange);
            self.journal.push(exchange);
            arrived.push(Arrived {
                mishap: fault.as_ref().and_then(Mishap::of),
                operation,
                request: alone,
            });
        }
        self.counts.most_in_bulk = self.counts.most_in_bulk.max(arrived.len() as u64);
        self.bulks.insert(number, arrived);
    }

    pub(super) fn leave_in_bulk(&mut self, number: u64, answered: bool) {
        let behind = usize::try_from(number).unwrap_or(usize::MAX);
        let parts = self.journal.iter_mut().skip(behind);
        let mut subjects = Vec::new();
        for part in parts.take_while(|part| part.bulk == Some(number)) {
            part.answered = answered && part.status.is_some();
            subjects.extend(subject(part));
        }
        for subject in subjects {
            self.end_write(&subject);
        }
    }

    /// Carries all of it out, in order.
    pub(super) fn bulk(&mut self, number: u64, request: &Request) -> Result<Answer, Refusal> {
        let (prefix, ..) = split(&request.path);
        // Those that cannot be read are refused as a whole.
        self.options.bulk.operations(request)?;
        let arrived = self.bulks.remove(&number).unwrap_or_default();
        let mut outcomes = Vec::new();
        for (at, one) in (number + 1..).zip(arrived) {
            let refused = match one.mishap {
                Some(Mishap::Lost) => continue,
                Some(Mishap::Refused(status)) => Some(Refusal::plain(status, "refused on purpose")),
                _ => None,
            };
            let answer = if let Some(refusal) = refused {
                Answer::from(refusal)
            } else {
                let now = AsOf::now(std::time::Instant::now(), self.journal.len() as u64);
                let answer = self.dispatch(0, &one.request, now).unwrap_or_else(Answer::from);
                self.count(&one.request.method, &answer);
                answer
            };
            if let Some(exchange) = self.exchange(at) {
                exchange.status = Some(answer.status);
            }
            let path = format!("http://{}{prefix}{}", request.host, one.operation.path);
            let mut outcome = self.options.bulk.outcome(&one.operation, (&path, &answer));
            match one.mishap {
                Some(Mishap::Unanswered) => continue,
                Some(Mishap::Bare) => bare(&mut outcome),
                _ => {}
            }
            outcomes.push(outcome);
            if self.options.bulk.stops_at_failure && answer.status >= 400 {
                break;
            }
        }
        Ok(Answer::read(self.options.bulk.answer(outcomes)))
    }
}

fn bare(outcome: &mut Value) {
    *outcome = json!({"method": outcome["method"], "bulkId": outcome["bulkId"]});
}
