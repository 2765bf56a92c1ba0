//! The target's whole state, and what a request does to it.

mod behind;
mod bulk;
mod documents;
mod members;

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use documents::{render, resource_types, schemas};

use super::Object;
use super::behaviour::{Options, Or, Staleness};
use super::chaos::Dice;
use super::fault::{self, Armed, Fault};
use super::filter::{self, Operator};
use super::groups;
use super::journal::{Counts, Exchange};
use super::memory::{AsOf, Collection};
use super::paging;
use super::patch;
use super::protocol::{Answer, Refusal, list};
use super::request::{Query, Request, split};
use super::users;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Users,
    Groups,
}

impl Kind {
    fn endpoint(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Groups => "Groups",
        }
    }
}

pub(super) struct State {
    pub(super) options: Options,
    pub(super) staleness: Staleness,
    pub(super) rules: Vec<Armed>,
    pub(super) dice: Option<Dice>,
    pub(super) journal: Vec<Exchange>,
    pub(super) counts: Counts,
    users: Collection,
    groups: Collection,
    started: Instant,
    made: u64,
    under_way: u64,
    busy: HashMap<String, u64>,
    /// Bulk requests under way, by number.
    bulks: HashMap<u64, Vec<bulk::Arrived>>,
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            staleness: Staleness::default(),
            rules: Vec::new(),
            dice: None,
            journal: Vec::new(),
            counts: Counts::default(),
            users: Collection::default(),
            groups: Collection::default(),
            started: Instant::now(),
            made: 0,
            under_way: 0,
            busy: HashMap::new(),
            bulks: HashMap::new(),
        }
    }

    /// Writes the request down; gives its number and the fault that strikes it.
    pub(super) fn arrive(&mut self, request: &Request) -> (u64, Option<Fault>) {
        let target = request.target();
        let fault = fault::strike(&mut self.rules, &request.method, &target, &request.body)
            .or_else(|| self.dice.as_mut().and_then(|dice| dice.throw(&request.method)));
        let number = self.journal.len() as u64 + 1;
        let exchange = Exchange {
            number,
            at_millis: self.at_millis(),
            method: request.method.to_string(),
            path: request.path.clone(),
            query: request.query.clone(),
            if_match: request.if_match.clone(),
            body: serde_json::from_str(&request.body).ok(),
            fault: fault.as_ref().map(Fault::name),
            status: None,
            answered: false,
            bulk: None,
        };
        self.counts.requests += 1;
        if exchange.is_write() {
            self.counts.writes += 1;
        } else if !exchange.is_bulk() {
            self.counts.reads += 1;
        }
        self.counts.faults += u64::from(fault.is_some());
        self.under_way += 1;
        self.counts.most_at_once = self.counts.most_at_once.max(self.under_way);
        self.begin_write(&exchange);
        self.journal.push(exchange);
        self.arrive_in_bulk(number, request);
        (number, fault)
    }

    fn at_millis(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn begin_write(&mut self, exchange: &Exchange) {
        if let Some(subject) = subject(exchange) {
            let busy = self.busy.entry(subject).or_default();
            *busy += 1;
            self.counts.overlaps += u64::from(*busy > 1);
        }
    }

    fn end_write(&mut self, subject: &str) {
        if let Some(busy) = self.busy.get_mut(subject) {
            *busy = busy.saturating_sub(1);
        }
    }

    /// The request is over, answered or given up.
    pub(super) fn leave(&mut self, number: u64, answered: bool) {
        self.under_way = self.under_way.saturating_sub(1);
        let Some(exchange) = self.exchange(number) else {
            return;
        };
        exchange.answered = answered;
        if exchange.is_bulk() {
            self.leave_in_bulk(number, answered);
        } else if let Some(subject) = subject(exchange) {
            self.end_write(&subject);
        }
    }

    fn exchange(&mut self, number: u64) -> Option<&mut Exchange> {
        self.journal
            .get_mut(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// Carries the request out.
    pub(super) fn carry_out(&mut self, number: u64, request: &Request) -> Answer {
        let now = AsOf::now(Instant::now(), self.journal.len() as u64);
        let answer = self.dispatch(number, request, now).unwrap_or_else(Answer::from);
        if let Some(exchange) = self.exchange(number) {
            exchange.status = Some(answer.status);
        }
        self.count(&request.method, &answer);
        answer
    }

    fn count(&mut self, method: &Method, answer: &Answer) {
        self.counts.commits += u64::from(answer.committed);
        self.counts.unauthorized += u64::from(answer.status == 401);
        self.counts.conflicts += u64::from(answer.status == 409);
        if answer.committed {
            match *method {
                Method::POST => self.counts.creates += 1,
                Method::DELETE => self.counts.deletes += 1,
                _ => self.counts.updates += 1,
            }
        }
    }

    fn dispatch(&mut self, number: u64, request: &Request, now: AsOf) -> Result<Answer, Refusal> {
        let wanted = format!("Bearer {}", self.options.token);
        if request.authorization.as_deref() != Some(wanted.as_str()) {
            return Err(Refusal::plain(401, "the bearer token is missing or wrong"));
        }
        let (prefix, endpoint, id) = split(&request.path);
        let base = format!("http://{}{prefix}", request.host);
        let kind = match endpoint {
            "Users" => Kind::Users,
            "Groups" => Kind::Groups,
            "Bulk" if request.method == Method::POST => return self.bulk(number, request),
            "ServiceProviderConfig" => return Ok(Answer::read(self.service_provider_config())),
            "ResourceTypes" => return Ok(Answer::read(resource_types(&base, &self.options))),
            "Schemas" => return Ok(Answer::read(schemas(&self.options.says_read_only))),
            _ => return Err(Refusal::plain(404, "there is nothing at this address")),
        };
        let id = id.map(|id| percent_decode_str(id).decode_utf8_lossy().into_owned());
        let seen = now.stale(self.staleness);
        match (request.method.as_str(), id.as_deref()) {
            ("GET", None) => self.search(kind, &base, seen, &Query::of_url(request)),
            ("POST", Some(".search")) => self.search(kind, &base, seen, &Query::of_body(&request.json()?)),
            ("GET", Some(path)) if kind == Kind::Groups && path.ends_with("/Members") => {
                self.member_page(path.trim_end_matches("/Members"), seen, &Query::of_url(request))
            }
            ("GET", Some(id)) => {
                let resource = self
                    .collection(kind)
                    .get(id, seen)
                    .ok_or_else(|| Refusal::not_found(id))?;
                Ok(Answer::read(render(
                    kind,
                    &base,
                    id,
                    &resource,
                    &self.shown(Query::of_url(request)),
                )))
            }
            ("POST", None) => self.create(kind, &base, now, request),
            ("PUT", Some(id)) => self.replace(kind, &base, now, id, request),
            ("PATCH", Some(id)) => self.patch(kind, &base, now, id, request),
            ("DELETE", Some(id)) => {
                self.existing(kind, id, now, request)?;
                self.collection_mut(kind).delete(id, now);
                Ok(Answer::written(204, None))
            }
            _ => Err(Refusal::plain(405, "this method is not allowed here")),
        }
    }

    fn collection(&self, kind: Kind) -> &Collection {
        match kind {
            Kind::Users => &self.users,
            Kind::Groups => &self.groups,
        }
    }

    fn collection_mut(&mut self, kind: Kind) -> &mut Collection {
        match kind {
            Kind::Users => &mut self.users,
            Kind::Groups => &mut self.groups,
        }
    }

    /// The resource as it is now; 412 if `If-Match` names another version.
    fn existing(&self, kind: Kind, id: &str, now: AsOf, request: &Request) -> Result<Object, Refusal> {
        let resource = self
            .collection(kind)
            .get(id, now)
            .ok_or_else(|| Refusal::not_found(id))?;
        let version = resource["meta"]["version"].as_str().unwrap_or_default();
        match request.if_match.as_deref() {
            Some(wanted) if wanted != "*" && wanted != version => {
                Err(Refusal::plain(412, format!("the version is {version}")))
            }
            _ => Ok((*resource).clone()),
        }
    }

    fn check(&self, kind: Kind, document: &Object) -> Result<Object, Refusal> {
        match kind {
            Kind::Users => users::check(document, &self.options),
            Kind::Groups => groups::check(document),
        }
    }

    fn require_unique(&self, kind: Kind, id: &str, document: &Object, now: AsOf) -> Result<(), Refusal> {
        let (attribute, is_unique) = match kind {
            Kind::Users => ("userName", self.options.unique_user_names),
            Kind::Groups => ("displayName", self.options.unique_group_names),
        };
        let Some(name) = document.get(attribute).and_then(Value::as_str) else {
            return Ok(());
        };
        if !is_unique {
            return Ok(());
        }
        let all = self.collection(kind);
        let others = match all.candidates(attribute, name) {
            Some(others) => others.to_vec(),
            None => all.all(now).map(|(id, _)| id.clone()).collect(),
        };
        let taken = others.iter().filter(|other| *other != id).any(|other| {
            all.get(other, now).is_some_and(|found| {
                found[attribute]
                    .as_str()
                    .is_some_and(|known| known.to_lowercase() == name.to_lowercase())
            })
        });
        if taken {
            Err(Refusal::new(
                409,
                "uniqueness",
                format!("{attribute} {name} is taken"),
            ))
        } else {
            Ok(())
        }
    }

    fn create(&mut self, kind: Kind, base: &str, now: AsOf, request: &Request) -> Result<Answer, Refusal> {
        let body = request.json()?;
        let document = body
            .as_object()
            .ok_or_else(|| Refusal::new(400, "invalidSyntax", "expected an object"))?;
        let document = self.check(kind, document)?;
        let id = self.next_id();
        self.require_unique(kind, &id, &document, now)?;
        let kept = self.keep(kind, &id, document, None, now);
        Ok(Answer::written(
            201,
            Some(render(kind, base, &id, &kept, &Query::default())),
        ))
    }

    fn replace(
        &mut self,
        kind: Kind,
        base: &str,
        now: AsOf,
        id: &str,
        request: &Request,
    ) -> Result<Answer, Refusal> {
        let old = self.existing(kind, id, now, request)?;
        let body = request.json()?;
        let document = body
            .as_object()
            .ok_or_else(|| Refusal::new(400, "invalidSyntax", "expected an object"))?;
        let document = self.check(kind, document)?;
        self.require_unique(kind, id, &document, now)?;
        let kept = self.keep(kind, id, document, Some(&old), now);
        Ok(Answer::written(
            200,
            Some(render(kind, base, id, &kept, &Query::default())),
        ))
    }

    fn patch(
        &mut self,
        kind: Kind,
        base: &str,
        now: AsOf,
        id: &str,
        request: &Request,
    ) -> Result<Answer, Refusal> {
        if !self.options.patch {
            return Err(Refusal::plain(501, "PATCH is not supported"));
        }
        let old = self.existing(kind, id, now, request)?;
        let document = self.check(kind, &patch::apply(&old, &request.json()?, &self.options)?)?;
        self.require_unique(kind, id, &document, now)?;
        let kept = self.keep(kind, id, document, Some(&old), now);
        if !self.options.patch_answers_resource {
            return Ok(Answer::written(204, None));
        }
        Ok(Answer::written(
            200,
            Some(render(kind, base, id, &kept, &Query::default())),
        ))
    }

    fn keep(
        &mut self,
        kind: Kind,
        id: &str,
        mut document: Object,
        old: Option<&Object>,
        now: AsOf,
    ) -> Object {
        let time = jiff::Timestamp::now().to_string();
        let number = old
            .and_then(|old| {
                old["meta"]["version"]
                    .as_str()?
                    .trim_matches(|c: char| !c.is_ascii_digit())
                    .parse()
                    .ok()
            })
            .unwrap_or(0_u64)
            + 1;
        let created = old.map_or_else(|| time.clone().into(), |old| old["meta"]["created"].clone());
        document.insert(
            "meta".to_owned(),
            json!({"created": created, "lastModified": time, "version": format!("W/\"{number}\"")}),
        );
        (*self.collection_mut(kind).put(id, document, now)).clone()
    }

    fn next_id(&mut self) -> String {
        self.made += 1;
        format!("fake-{:06}", self.made)
    }

    fn search(&self, kind: Kind, base: &str, seen: AsOf, query: &Query) -> Result<Answer, Refusal> {
        let alternatives = filter::alternatives(query.filter.as_deref(), self.options.or)?;
        if !self.options.external_id_filter
            && alternatives
                .iter()
                .flatten()
                .any(|clause| clause.attribute.eq_ignore_ascii_case("externalId"))
        {
            return Err(Refusal::new(
                400,
                "invalidFilter",
                "externalId cannot be filtered by",
            ));
        }
        let collection = self.collection(kind);
        let fits = |id: &str, resource: &Object| {
            alternatives.is_empty() || {
                let mut whole = resource.clone();
                whole.insert("id".to_owned(), id.into());
                let matches = |clauses: &Vec<_>| filter::matches(clauses, &whole);
                alternatives.iter().any(matches)
            }
        };
        let narrowed: Option<Vec<_>> = alternatives
            .iter()
            .map(|clauses| self.narrowed(kind, clauses))
            .collect();
        let found = narrowed.filter(|narrowed| !narrowed.is_empty()).map_or_else(
            || {
                collection
                    .all(seen)
                    .map(|(id, resource)| (id.clone(), resource))
                    .collect::<Vec<_>>()
            },
            |ids| {
                let mut once = BTreeSet::new();
                ids.into_iter()
                    .flatten()
                    .filter(|id| once.insert(id.clone()))
                    .filter_map(|id| Some((id.clone(), collection.get(&id, seen)?)))
                    .collect()
            },
        );
        let mut found: Vec<_> = found
            .into_iter()
            .filter(|(id, resource)| fits(id, resource))
            .collect();
        if self.options.or == Or::Two && alternatives.len() > 1 {
            found.truncate(2);
        }
        let count = query.count.unwrap_or(self.options.page_size);
        let count = count.min(self.options.page_size);
        let cursor = query.cursor.as_deref().filter(|_| self.options.cursors);
        let start = match cursor {
            None => paging::start(self.options.paging, query.start),
            Some("") => 1,
            Some(cursor) => paging::read_cursor(cursor)?,
        };
        let page: Vec<_> = found
            .iter()
            .skip(start - 1)
            .take(count)
            .map(|(id, resource)| render(kind, base, id, resource, query))
            .collect();
        let behind = start + page.len();
        let mut answer = list(found.len(), start, page);
        if cursor.is_some() && behind <= found.len() {
            answer["nextCursor"] = paging::cursor(behind).into();
        } else if cursor.is_none() {
            paging::spoil(self.options.paging, &mut answer);
        }
        Ok(Answer::read(answer))
    }

    /// The ids among which all matches are, if an index knows.
    fn narrowed(&self, kind: Kind, clauses: &[filter::Clause]) -> Option<Vec<String>> {
        clauses
            .iter()
            .filter(|clause| clause.operator == Operator::Eq)
            .find_map(|clause| {
                let value = clause.value.as_str()?;
                if clause.attribute == "id" {
                    return Some(vec![value.to_owned()]);
                }
                self.collection(kind)
                    .candidates(&clause.attribute, value)
                    .map(<[String]>::to_vec)
            })
    }

    pub(super) fn users(&self) -> Vec<Value> {
        self.snapshot(Kind::Users)
    }

    pub(super) fn groups(&self) -> Vec<Value> {
        self.snapshot(Kind::Groups)
    }

    fn snapshot(&self, kind: Kind) -> Vec<Value> {
        let now = AsOf::now(Instant::now(), u64::MAX);
        let whole = Query::default();
        self.collection(kind)
            .all(now)
            .map(|(id, resource)| render(kind, "", id, &resource, &whole))
            .collect()
    }
}

/// Whose turn a write is: the resource's, or that of the userName to be created.
fn subject(exchange: &Exchange) -> Option<String> {
    if !exchange.is_write() {
        return None;
    }
    let name = exchange
        .body
        .as_ref()
        .and_then(|body| body["userName"].as_str())
        .filter(|_| exchange.method == "POST");
    Some(name.map_or_else(|| exchange.path.clone(), str::to_lowercase))
}
