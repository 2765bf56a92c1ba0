//! `POST /Bulk` (RFC 7644 §3.7).
//!
//! New resources get their ids before anything is written, so that references, circular ones too, are ids already when
//! their bearer is created. Creates that follow each other are written in one transaction; if that fails, in halves,
//! until the one is found that is wrong. People who refer to each other in a circle come in together or not at all; a
//! circle in which there is a group is refused.

use std::collections::HashMap;

use access::Permission;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use base::SubjectId;
use directory::{Groups, Kind, NewGroup, NewUser};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use scim::ResourceType;
use scim::bulk::{BulkRequest, Outcome, Request, Verb};
use scim::discovery::BulkLimits;
use scim::resource::Mode;

use super::body::{Body, MAX_BODY};
use super::failure::{Failure, MEDIA_TYPE};
use super::location::Base;
use super::version::{Preconditions, etag};
use super::{groups, users};
use crate::State;
use crate::middleware::context::{Caller, RequestIds};
use crate::middleware::form::Errors;

/// Announced in ServiceProviderConfig.
pub const LIMITS: BulkLimits = BulkLimits {
    max_operations: 1_000,
    max_payload_size: MAX_BODY as u64,
};

/// How many resources are created in one transaction.
const TOGETHER: usize = 250;

/// `POST /Bulk`.
pub async fn bulk(
    Extract(state): Extract<State>,
    caller: Caller,
    ids: RequestIds,
    base: Base,
    errors: Errors,
    Body(body): Body,
) -> Result<Response, Failure> {
    let request = BulkRequest::parse(body, LIMITS)?;
    let mut run = Run::new(&state, &caller, &base, &request);
    for unit in request.plan() {
        if run.is_over() {
            break;
        }
        run.unit(&unit).await;
    }
    run.flush().await;
    let answer = request.response(&run.outcomes, |error| errors.body(error, &ids.tracking));
    Ok((StatusCode::OK, [(CONTENT_TYPE, MEDIA_TYPE)], answer.to_string()).into_response())
}

/// A bulk request on its way.
struct Run<'r> {
    state: &'r State,
    caller: &'r Caller,
    base: &'r Base,
    request: &'r BulkRequest,
    creators: HashMap<&'r str, usize>,
    /// Of what each operation would create.
    ids: Vec<SubjectId>,
    outcomes: Vec<Option<Outcome>>,
    failures: u64,
    /// What is to be created next.
    pending: Vec<Unit>,
}

/// What is created together or not at all.
type Unit = Vec<New>;

#[derive(Clone)]
struct New {
    /// The number of its operation.
    at: usize,
    /// The operations outside its unit that create what it refers to.
    needs: Vec<usize>,
    what: NewResource,
}

#[derive(Clone)]
enum NewResource {
    User(NewUser),
    Group(NewGroup),
}

impl New {
    fn kind(&self) -> Kind {
        match self.what {
            NewResource::User(_) => Kind::User,
            NewResource::Group(_) => Kind::Group,
        }
    }
}

impl<'r> Run<'r> {
    fn new(state: &'r State, caller: &'r Caller, base: &'r Base, request: &'r BulkRequest) -> Self {
        let operations = request.operations.len();
        let id = || state.ambient.id::<SubjectId>();
        Self {
            state,
            caller,
            base,
            request,
            creators: request.creators(),
            ids: std::iter::repeat_with(id).take(operations).collect(),
            outcomes: vec![None; operations],
            failures: 0,
            pending: Vec::new(),
        }
    }

    /// Have so many operations failed that the rest is not tried?
    fn is_over(&self) -> bool {
        self.request
            .fail_on_errors
            .is_some_and(|limit| self.failures >= limit)
    }

    /// Operations that refer to each other, or one alone.
    async fn unit(&mut self, unit: &[usize]) {
        let mut circle = Unit::new();
        for at in unit {
            match self.read(*at, unit).await {
                Ok(Step::Create(new)) if unit.len() > 1 => circle.push(new),
                Ok(Step::Create(new)) => self.pending.push(vec![new]),
                Ok(Step::Other(request)) => self.other(*at, request).await,
                Err(Failure(error)) => self.refuse(*at, error).await,
            }
        }
        let error = if circle.iter().any(|new| new.kind() == Kind::Group) {
            circle_with_groups()
        } else if circle.len() < unit.len() {
            refers_to_a_failure()
        } else {
            self.pending.push(circle);
            return;
        };
        for new in circle {
            self.refuse(new.at, error.clone()).await;
        }
    }

    /// The operation with ids in the place of references.
    async fn read(&self, at: usize, unit: &[usize]) -> Result<Step, Failure> {
        let mut request = self.request.operations[at].request.clone()?;
        let kind = kind(request.resource_type);
        if kind == Kind::Group
            && let Err(refusal) = self.caller.principal.may(Permission::ScimWriteGroups)
        {
            return Err(Failure(scim::Error::new(403, refusal.to_string())));
        }
        let needs = self.needs(&request, unit);
        request.resolve(&|name| Some(self.ids[*self.creators.get(name)?].to_string()))?;
        if request.verb != Verb::Create {
            return Ok(Step::Other(request));
        }
        let what = match kind {
            Kind::User => {
                let resource = scim::resource::read(request.data, &self.caller.types.user, Mode::Create)?;
                let name = resource.get("userName").and_then(|name| name.as_str());
                self.refuse_taken(name.unwrap_or_default()).await?;
                let id = self.ids[at].as_user();
                NewResource::User(NewUser { id, resource })
            }
            Kind::Group => {
                let (resource, members) = groups::read_new(&self.caller.types, request.data)?;
                let id = self.ids[at].as_group();
                NewResource::Group(NewGroup {
                    id,
                    resource,
                    members,
                })
            }
        };
        Ok(Step::Create(New { at, needs, what }))
    }

    fn needs(&self, request: &Request, unit: &[usize]) -> Vec<usize> {
        let known = request.references().into_iter();
        known
            .filter_map(|name| self.creators.get(name).copied())
            .filter(|creator| !unit.contains(creator))
            .collect()
    }

    /// Spares a transaction that would fail; the database has the last word.
    async fn refuse_taken(&self, user_name: &str) -> Result<(), Failure> {
        let org = self.caller.principal.org;
        match self.state.directory.user_by_name(org, user_name).await? {
            None => Ok(()),
            Some(_) => Err(taken(user_name)),
        }
    }

    /// An operation that fails before it is carried out. With a limit to failures those before it come first.
    async fn refuse(&mut self, at: usize, error: scim::Error) {
        if self.request.fail_on_errors.is_some() {
            self.flush().await;
        }
        self.fail(at, error);
    }

    /// Notes a failure, if it is still one that counts.
    fn fail(&mut self, at: usize, error: scim::Error) {
        if self.is_over() {
            return;
        }
        let location = self.location(at);
        self.failures += 1;
        self.outcomes[at] = Some(Outcome::Failed { error, location });
    }

    /// Where what an operation changes is; `None` for a creation.
    fn location(&self, at: usize) -> Option<String> {
        let id = |name: &str| Some(self.ids[*self.creators.get(name)?].to_string());
        let below = self.request.operations[at].target(&id)?;
        Some(format!("{}{below}", self.base.url))
    }

    fn has_failed(&self, at: usize) -> bool {
        matches!(self.outcomes[at], Some(Outcome::Failed { .. }))
    }

    /// A change of something that is there.
    async fn other(&mut self, at: usize, request: Request) {
        self.flush().await;
        if self.is_over() {
            return;
        }
        let sent = self.request.operations[at].request.as_ref();
        let needs = sent.map(|request| self.needs(request, &[])).unwrap_or_default();
        if needs.into_iter().any(|at| self.has_failed(at)) {
            self.fail(at, refers_to_a_failure());
            return;
        }
        let location = self.location(at);
        match self.carry_out(at, request).await {
            Ok((status, version)) => {
                self.outcomes[at] = Some(Outcome::Done {
                    status,
                    location: location.unwrap_or_default(),
                    version: version.map(etag),
                });
            }
            Err(Failure(error)) => self.fail(at, error),
        }
    }

    async fn carry_out(&self, at: usize, request: Request) -> Result<(u16, Option<i64>), Failure> {
        let (state, caller) = (self.state, self.caller);
        let version = self.request.operations[at].version.as_deref();
        let conditions = Preconditions::of_version(version);
        let Request { verb, id, data, .. } = request;
        Ok(match kind(request.resource_type) {
            Kind::User => {
                let one = users::One::of(id);
                match verb {
                    Verb::Delete => {
                        users::remove(state, caller, one, &conditions).await?;
                        (204, None)
                    }
                    Verb::Patch => {
                        let edited =
                            users::change_by_patch(state, caller, one, &conditions, data, Groups::Unasked);
                        (200, Some(edited.await?.user.version))
                    }
                    Verb::Replace | Verb::Create => {
                        let edited = users::put(state, caller, one, &conditions, data, Groups::Unasked);
                        (200, Some(edited.await?.user.version))
                    }
                }
            }
            Kind::Group => {
                let id = groups::One::of(id).group()?;
                match verb {
                    Verb::Delete => {
                        groups::remove(state, caller, id, &conditions).await?;
                        (204, None)
                    }
                    Verb::Patch => {
                        let group =
                            groups::change_by_patch(state, caller, self.base, id, &conditions, data).await?;
                        (200, Some(group.version))
                    }
                    Verb::Replace | Verb::Create => {
                        let group = groups::put(state, caller, id, &conditions, data).await?;
                        (200, Some(group.version))
                    }
                }
            }
        })
    }

    /// Creates what is pending.
    async fn flush(&mut self) {
        let mut pending = std::mem::take(&mut self.pending).into_iter().peekable();
        while let Some(first) = pending.next() {
            let (kind, mut size) = (first[0].kind(), first.len());
            let mut units = vec![first];
            while let Some(next) =
                pending.next_if(|unit| unit[0].kind() == kind && size + unit.len() <= TOGETHER)
            {
                size += next.len();
                units.push(next);
            }
            self.create(units).await;
        }
    }

    /// Creates units of one kind, in one transaction if it can be.
    async fn create(&mut self, units: Vec<Unit>) {
        let mut todo = vec![units];
        while let Some(units) = todo.pop() {
            if self.is_over() {
                return;
            }
            let mut units = self.without_orphans(units);
            if units.is_empty() {
                continue;
            }
            match self.try_to_create(&units).await {
                Ok(()) => {}
                Err(Failure(error)) if error.status >= 500 => {
                    for new in units.iter().flatten() {
                        self.fail(new.at, error.clone());
                    }
                }
                Err(Failure(error)) if units.len() == 1 => self.fail_together(&units[0], error).await,
                Err(_) => {
                    let rest = units.split_off(units.len() / 2);
                    todo.extend([rest, units]);
                }
            }
        }
    }

    /// Those that refer to nothing that has failed.
    fn without_orphans(&mut self, units: Vec<Unit>) -> Vec<Unit> {
        let mut good = Vec::with_capacity(units.len());
        for unit in units {
            let needs = unit.iter().flat_map(|new| &new.needs);
            if needs.copied().any(|at| self.has_failed(at)) {
                for new in unit {
                    self.fail(new.at, refers_to_a_failure());
                }
            } else {
                good.push(unit);
            }
        }
        good
    }

    async fn try_to_create(&mut self, units: &[Unit]) -> Result<(), Failure> {
        let (change, org) = (users::change(self.caller), self.caller.principal.org);
        let (mut people, mut groups) = (Vec::new(), Vec::new());
        for new in units.iter().flatten() {
            match new.what.clone() {
                NewResource::User(user) => people.push(user),
                NewResource::Group(group) => groups.push(group),
            }
        }
        let mut made: Vec<(String, i64)> = Vec::new();
        if !people.is_empty() {
            let users = self.state.directory.create_users(&change, org, people).await?;
            made.extend(users.iter().map(|user| (self.base.user(user.id), user.version)));
        }
        if !groups.is_empty() {
            let groups = self.state.directory.create_groups(&change, org, groups).await?;
            made.extend(
                groups
                    .iter()
                    .map(|group| (self.base.group(group.id), group.version)),
            );
        }
        for (new, (location, version)) in units.iter().flatten().zip(made) {
            self.outcomes[new.at] = Some(Outcome::Done {
                status: 201,
                location,
                version: Some(etag(version)),
            });
        }
        Ok(())
    }

    /// One that is wrong, or a circle in which somebody is.
    async fn fail_together(&mut self, unit: &Unit, error: scim::Error) {
        if let [new] = unit.as_slice() {
            self.fail(new.at, error);
            return;
        }
        let mut culprits = Vec::new();
        for new in unit {
            if let NewResource::User(user) = &new.what
                && let Some(error) = self.what_is_wrong(user).await
            {
                culprits.push((new.at, error));
            }
        }
        for new in unit {
            let own = culprits.iter().find(|(at, _)| *at == new.at);
            let error = match own {
                Some((_, own)) => own.clone(),
                None if culprits.is_empty() && error.status == 409 => {
                    scim::Error::uniqueness("Two of those who refer to each other have one userName")
                }
                None if culprits.is_empty() => error.clone(),
                None => refers_to_a_failure(),
            };
            self.fail(new.at, error);
        }
    }

    async fn what_is_wrong(&self, user: &NewUser) -> Option<scim::Error> {
        let name = user.resource.get("userName").and_then(|name| name.as_str());
        let taken = self.refuse_taken(name.unwrap_or_default()).await;
        taken.err().map(|Failure(error)| error)
    }
}

/// What an operation comes to once it is read.
enum Step {
    Create(New),
    Other(Request),
}

fn kind(resource_type: &ResourceType) -> Kind {
    if resource_type.id == ResourceType::group().id {
        Kind::Group
    } else {
        Kind::User
    }
}

fn taken(user_name: &str) -> Failure {
    Failure::from(directory::Error::UserNameTaken {
        user_name: user_name.to_owned(),
    })
}

/// RFC 7644 §3.7.1: 409 for a circle that cannot be.
fn circle_with_groups() -> scim::Error {
    let detail = "It is in a circle of bulkIds with a group: people can refer to each other so, \
                  but a group cannot contain itself, be it through others";
    scim::Error::new(409, detail)
}

fn refers_to_a_failure() -> scim::Error {
    scim::Error::new(409, "It refers to a bulkId whose own operation failed")
}
