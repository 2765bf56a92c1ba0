//! Carries a plan out: sends its one request and says what the answer means for the link.
//!
//! What can go wrong on the way is answered here as far as it can be at once: a conflict by looking the account up,
//! a missing element by planning anew on what the account really holds, a missing account by asking for it.

use std::sync::Arc;

use base::{Message, Timestamp};
use store::lanes::Lease;

use super::combiner;
use super::config::Config;
use super::doubt::{Note, Noted};
use super::gate::Gate;
use super::ledger::Ledger;
use super::mandate::{Denied, Mandate};
use super::resolve::{Keys, Match, Unresolved, look_up, read_account, resolve};
use super::source::Source;
use crate::account::Known;
use crate::plan::{Action, Plan, Request};
use crate::plans::item;
use crate::provisioning::Provisioning;
use crate::target::ways::MISSING_ELEMENT;
use crate::target::{Answer, Exchange, Failure, Kind, Unsent, Update};

/// What is to be remembered of the account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LinkChange {
    Keep,
    Put(Match),
    Remove,
}

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Done {
    pub(crate) plan: Plan,
    pub(crate) link: LinkChange,
}

/// What was not done.
#[derive(Debug)]
pub(crate) struct Undone {
    /// What was meant to be done, as far as that was known.
    pub(crate) plan: Option<Plan>,
    pub(crate) why: Why,
    /// What is to be remembered of the account all the same.
    pub(crate) link: LinkChange,
    /// By which keys an account may be found whose creation is in doubt.
    pub(crate) doubt: Keys,
}

impl Undone {
    /// Whether the target would not have what was sent, and will not either when it is sent again.
    pub(super) fn is_refusal(&self) -> bool {
        let sent = self.plan.as_ref().is_some_and(|plan| plan.changes_members);
        matches!(&self.why, Why::Unresolved(Unresolved::Target(failure))
            if sent && !failure.is_passing() && !failure.is_everybodys())
    }
}

#[derive(Debug)]
pub(crate) enum Why {
    Unresolved(Unresolved),
    /// A create whose answer never came.
    InDoubt(Failure),
    /// A change whose answer never came: the account must be read before the next one.
    Uncertain(Failure),
    /// Somebody else's create, which may have made the very account, is in doubt.
    Contested,
    /// Said to exist, and not found.
    Hidden,
    /// Found, and not found.
    Unstable,
    /// The lease is over, or will be before a request could be answered.
    LeaseOver,
    Denied(Denied),
}

impl From<Unresolved> for Why {
    fn from(unresolved: Unresolved) -> Self {
        Self::Unresolved(unresolved)
    }
}

impl From<Failure> for Why {
    fn from(failure: Failure) -> Self {
        match failure.kind {
            Kind::Unsent(Unsent::TooLate) => Self::LeaseOver,
            _ => Self::Unresolved(failure.into()),
        }
    }
}

/// How often a plan is made anew within one lease.
const ROUNDS: usize = 4;

/// Works for one person under one lease.
pub(super) struct Carrier<'a> {
    pub(super) provisioning: &'a Provisioning,
    pub(super) notes: &'a Ledger<Note>,
    pub(crate) config: &'a Config,
    pub(crate) gate: &'a Gate,
    pub(crate) lease: &'a Lease,
    pub(crate) source: &'a Source,
    /// Since when the target is asked.
    pub(crate) started: Timestamp,
    pub(crate) log: Vec<Exchange>,
    /// Keys of a create that is or was in doubt.
    pub(crate) doubt: Keys,
    /// When the link was made.
    pub(crate) linked_at: Option<Timestamp>,
    pub(crate) mandate: Mandate,
    /// A create whose answer never came turned out to have been carried out.
    pub(crate) adopted: bool,
    /// How often an element was not there.
    pub(crate) no_target: u32,
}

impl Carrier<'_> {
    /// Brings the account into step with the person.
    pub(crate) async fn run(&mut self, mut link: Option<Match>) -> Result<Done, Undone> {
        let mut change = LinkChange::Keep;
        if link.is_none() && !self.doubt.is_empty() {
            link = self.find_doubtful().await.map_err(|why| self.undone(None, why))?;
            self.adopted = link.is_some();
            // Found or not, after the wait the matter is settled.
            if !self.adopted {
                self.doubt.clear();
            }
        } else if let Some(known) = &link
            && self.lease.verify == store::lanes::Verify::Yes
        {
            link = self.verify(known).await.map_err(|why| self.undone(None, why))?;
            if link.is_none() {
                change = LinkChange::Remove;
            }
        }
        if let (Some(link), false) = (&link, change == LinkChange::Remove) {
            change = LinkChange::Put(link.clone());
        }
        for _ in 0..ROUNDS {
            let plan = self.resolve(link.as_ref()).await;
            let mut plan = match plan {
                Ok(plan) => plan,
                Err(why) => return Err(self.undone_with(None, why, change)),
            };
            if self.adopted && matches!(plan.action, Action::Unchanged | Action::Update) {
                plan.action = Action::Link;
                plan.reason = Message::new("link.after_doubt");
            }
            match self.send(&plan, link.as_ref()).await {
                Ok(link) => {
                    // An account that is gone at the target and is not made anew is forgotten.
                    let link = match link {
                        LinkChange::Keep => change,
                        link => link,
                    };
                    return Ok(Done { plan, link });
                }
                Err(Next::Again(found)) => {
                    change = match &found {
                        Some(found) => LinkChange::Put(found.clone()),
                        None => LinkChange::Remove,
                    };
                    link = found;
                }
                Err(Next::Stop(why)) => return Err(self.undone_with(Some(plan), why, change)),
            }
        }
        Err(self.undone_with(None, Why::Unstable, change))
    }

    async fn resolve(&mut self, link: Option<&Match>) -> Result<Plan, Why> {
        let mut reader = self.provisioning.store.reader();
        let resolved = resolve(
            &mut reader,
            self.config,
            self.gate,
            self.source,
            link,
            &mut self.log,
        )
        .await;
        Ok(resolved?)
    }

    /// The account that a create made whose answer never came, if there is one.
    async fn find_doubtful(&mut self) -> Result<Option<Match>, Why> {
        // What became somebody else's account meanwhile was not the one that was created.
        let keys = self.doubt.clone();
        self.find(&keys).await
    }

    /// The account as the target shows it now; `None` when it is gone.
    async fn verify(&mut self, link: &Match) -> Result<Option<Match>, Why> {
        let shown = read_account(self.config, self.gate, &link.target, &mut self.log).await?;
        match shown {
            Some(Match { target, known }) => Ok(Some(Match {
                target,
                known: known.with_kept_of(&link.known),
            })),
            None if self.is_young() => Err(Why::Unstable),
            None => self.look_again(link).await,
        }
    }

    /// A single "not found" is no proof that an account is gone: the address may be wrong, or the target in trouble.
    /// It must also answer a search, and not find it; what it finds instead is the account under another id.
    async fn look_again(&mut self, link: &Match) -> Result<Option<Match>, Why> {
        let keys = self.config.mappings.keys_of(&link.known);
        if keys.is_empty() {
            return Err(Why::Unstable);
        }
        self.find(&keys).await
    }

    /// The account that these keys find, unless it is somebody else's.
    async fn find(&mut self, keys: &Keys) -> Result<Option<Match>, Why> {
        let mut reader = self.provisioning.store.reader();
        let subject = self.source.subject;
        match look_up(&mut reader, self.config, self.gate, subject, keys, &mut self.log).await {
            Err(Unresolved::Match(message)) if message.code == "match.taken" => Ok(None),
            other => Ok(other?),
        }
    }

    /// Whether the link is so new that the target may not show its account yet.
    fn is_young(&self) -> bool {
        let now = self.provisioning.ambient().now();
        self.linked_at
            .is_some_and(|at| now.since(at) < self.config.settings.in_doubt())
    }

    async fn send(&mut self, plan: &Plan, link: Option<&Match>) -> Result<LinkChange, Next> {
        // To note whose account it is that was created already needs nobody's leave.
        if item::does_something(plan) && !(self.adopted && plan.request.is_none()) {
            self.mandate
                .allows(self.provisioning, self.config, self.source, plan)
                .map_err(|why| Next::Stop(Why::Denied(why)))?;
        }
        let Some(request) = &plan.request else {
            return Ok(match (plan.action, &plan.target) {
                (Action::Link, Some(target)) => put(target, plan),
                // Read anew, the account turned out to be in step.
                (Action::Unchanged, Some(target)) if link.is_some_and(|link| link.known != plan.known) => {
                    put(target, plan)
                }
                _ => LinkChange::Keep,
            });
        };
        if let Request::Create { .. } = request {
            return self.create(plan, request).await;
        }
        if self.adopted && matches!(request, Request::Patch { .. } | Request::Put { .. }) {
            // Nothing but the keys leads to this account yet, and what is sent may change them.
            self.note_keys().await?;
            self.doubt.clear();
        }
        let version = match request {
            Request::Put { version, .. } => version.as_deref().filter(|_| self.config.ways.etag()),
            _ => None,
        };
        let sent = self.transmit(request, version).await?;
        let target = plan.target.as_deref().unwrap_or_default();
        match sent.map_err(Failure::of_one) {
            Ok(_) if plan.action == Action::Delete => Ok(LinkChange::Remove),
            Ok(answer) => Ok(LinkChange::Put(Match {
                target: target.to_owned(),
                known: self.known_after(plan, answer.resource(target)),
            })),
            Err(failure) => self.change_failed(plan, target, link, failure).await,
        }
    }

    /// Sends a request, alone or with others.
    async fn transmit(
        &mut self,
        request: &Request,
        version: Option<&str>,
    ) -> Result<Result<Answer, Failure>, Next> {
        let change = self.config.target.change(request, version);
        // Boxed: it is large, and everybody's work holds one.
        let sent = combiner::send((self.config, self.gate), self.lease, change, &mut self.log);
        Box::pin(sent).await.map_err(Next::Stop)
    }

    /// What is known of an account once a PATCH was carried out, whose answer may show it: what was to be cleared and is
    /// there all the same, the target keeps.
    fn known_after(&self, plan: &Plan, shown: Option<&scim::Object>) -> Known {
        let mut known = plan.known.clone();
        let Some(shown) = shown else { return known };
        let shown = Known::read(shown, self.config.mappings.paths());
        for path in self.config.mappings.paths() {
            let cleared = plan.changes.iter().any(|change| {
                change.attribute == path.as_str() && change.old.is_some() && change.new.is_none()
            });
            if let (true, Some(value)) = (cleared, shown.get(path)) {
                known.keep(path, value.clone());
            }
        }
        known
    }

    async fn change_failed(
        &mut self,
        plan: &Plan,
        target: &str,
        link: Option<&Match>,
        failure: Failure,
    ) -> Result<LinkChange, Next> {
        let now = self.provisioning.ambient().now();
        match failure.kind {
            Kind::Unsupported => {
                let method = match &plan.request {
                    Some(Request::Patch { .. }) => Update::Patch,
                    Some(Request::Put { .. }) => Update::Put,
                    _ => return Err(Next::Stop(failure.into())),
                };
                if self.config.ways.refused(method, now) {
                    return Err(Next::Again(link.cloned()));
                }
                Err(Next::Stop(failure.into()))
            }
            // Somebody else was quicker: on what they made of it.
            Kind::Changed => Err(Next::Again(link.cloned())),
            Kind::NotFound | Kind::NoTarget => {
                if failure.kind == Kind::NoTarget {
                    self.config.ways.observe(MISSING_ELEMENT, "refused", now);
                    self.no_target += 1;
                }
                let shown = read_account(self.config, self.gate, target, &mut self.log)
                    .await
                    .map_err(|unresolved| Next::Stop(unresolved.into()))?;
                match shown {
                    None if self.is_young() => Err(Next::Stop(Why::Unstable)),
                    None => {
                        let found = match link {
                            Some(link) => self.look_again(link).await.map_err(Next::Stop)?,
                            None => None,
                        };
                        if plan.action == Action::Delete {
                            return Ok(LinkChange::Remove);
                        }
                        Err(Next::Again(found))
                    }
                    Some(_) if failure.kind == Kind::NotFound => Err(Next::Stop(Why::Unstable)),
                    // What it shows and then does not find is added.
                    Some(mut shown) if self.no_target > 1 => {
                        shown.known.forget_elements();
                        Err(Next::Again(Some(shown)))
                    }
                    Some(shown) => Err(Next::Again(Some(shown))),
                }
            }
            // To be asked for less often is a nuisance, and no reason to read everything anew.
            _ if failure.in_doubt() && failure.status != Some(429) => {
                Err(Next::Stop(Why::Uncertain(failure)))
            }
            _ => Err(Next::Stop(failure.into())),
        }
    }

    async fn create(&mut self, plan: &Plan, request: &Request) -> Result<LinkChange, Next> {
        self.note_keys().await?;
        let sent = self.transmit(request, None).await?;
        let failure = match sent.and_then(|answer| answer.created()) {
            Ok(target) => {
                let look_ups = self.gate.look_ups(self.config.kind);
                for (path, value) in self.doubt.drain(..) {
                    look_ups.is_there(&path, &value);
                }
                return Ok(put(&target, plan));
            }
            Err(failure) => failure.of_one(),
        };
        match failure.kind {
            Kind::Conflict => {
                let found = self.find_doubtful().await.map_err(Next::Stop)?;
                // It is certain that nothing was created: whose account that is, only the matching attributes tell.
                self.doubt.clear();
                match found {
                    // The next round finds it by the matching attributes and links it.
                    Some(_) => Err(Next::Again(None)),
                    None => Err(Next::Stop(Why::Hidden)),
                }
            }
            _ if failure.in_doubt() => Err(Next::Stop(Why::InDoubt(failure))),
            _ => {
                // Nothing was created: there is nothing to doubt.
                self.doubt.clear();
                Err(Next::Stop(failure.into()))
            }
        }
    }

    /// Notes the keys that the account has once the request is carried out, beside those that it may have.
    async fn note_keys(&mut self) -> Result<(), Next> {
        let keys = self.source.keys(self.config);
        for key in keys.map_err(|message| Next::Stop(Unresolved::Mapping(message).into()))? {
            if !self.doubt.contains(&key) {
                self.doubt.push(key);
            }
        }
        self.note_doubt().await
    }

    /// Writes down, before a create leaves, by which keys to look for the account if its answer never comes.
    async fn note_doubt(&self) -> Result<(), Next> {
        let settings = &self.config.settings;
        let note = Note {
            org: self.config.org,
            app: self.config.app,
            lease: self.lease.clone(),
            keys: self.doubt.clone(),
            looked_at: self.started,
            due: self.lease.until + settings.in_doubt(),
        };
        match self.notes.write(&self.provisioning.store, Arc::new(note)).await {
            Ok(Noted::Yes) => Ok(()),
            Ok(Noted::LeaseOver) => Err(Next::Stop(Why::LeaseOver)),
            Ok(Noted::Contested) => Err(Next::Stop(Why::Contested)),
            Err(error) => Err(Next::Stop(Unresolved::from(error).into())),
        }
    }

    pub(super) fn undone(&self, plan: Option<Plan>, why: Why) -> Undone {
        self.undone_with(plan, why, LinkChange::Keep)
    }

    fn undone_with(&self, plan: Option<Plan>, why: Why, link: LinkChange) -> Undone {
        // Nothing that failed is a reason to forget an account.
        let link = if link == LinkChange::Remove {
            LinkChange::Keep
        } else {
            link
        };
        // Whose account it is gets written down now: there is nothing to look for.
        let doubt = match link {
            LinkChange::Put(_) => Keys::new(),
            LinkChange::Keep | LinkChange::Remove => self.doubt.clone(),
        };
        Undone {
            plan,
            why,
            link,
            doubt,
        }
    }
}

/// Why a request did not end the matter.
enum Next {
    /// Plan anew: the account is this one, or there is none.
    Again(Option<Match>),
    Stop(Why),
}

fn put(target: &str, plan: &Plan) -> LinkChange {
    LinkChange::Put(Match {
        target: target.to_owned(),
        known: plan.known.clone(),
    })
}
