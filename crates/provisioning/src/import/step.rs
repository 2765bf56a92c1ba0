//! The steps of an import: a page of accounts, a few that were named, or a few people.

use base::{Message, OrgId, SubjectId, UserId};
use serde_json::Value;
use store::assignments::SubjectKind;
use store::import_items::{Item, State};
use store::jobs::Lease;
use store::links::{Draft, State as LinkState};
use store::log::{Entry, Status};

use super::find::Owner;
use super::newcomers::Newcomer;
use super::written::{Settled, Step};
use super::{Chosen, Options, Progress, Stage, reverse};
use crate::account::{Known, TargetPath, member};
use crate::apps::revision::to_json;
use crate::engine::errands::{Halt, Next, cause, read, until};
use crate::engine::{Config, Gate, Source, enter};
use crate::error::Error;
use crate::explanation::{Explanation, Found};
use crate::provisioning::Provisioning;
use crate::target::{Found as Account, Kind};

/// Accounts asked for by name in one step, and people made in one.
const FEW: usize = 20;
const SOME: u32 = 50;

impl Provisioning {
    pub(crate) async fn import_step(
        &self,
        config: &Config,
        gate: &Gate,
        lease: &Lease,
    ) -> Result<Next, Halt> {
        let mut progress: Progress = read(&lease.job.progress)?;
        let options: Options = read(&lease.job.options)?;
        let mut step = Step {
            org: config.org,
            app: config.app,
            name: config.name.clone(),
            lease: lease.clone(),
            progress: progress.clone(),
            tell: options.tell.clone(),
            fresh: Vec::new(),
            planned: Vec::new(),
            settled: Vec::new(),
            until: until(config, self.ambient().now()),
        };
        match (&progress.stage, &options.chosen) {
            (Stage::Begin, Chosen::Named(_)) => progress.stage = Stage::Named(0),
            (Stage::Begin, Chosen::All | Chosen::New) => {
                let _slot = enter(config, gate).await?;
                progress.stage = Stage::Listing(config.target.listing(&config.ways).await?);
            }
            (Stage::Listing(place), chosen) => {
                let page = {
                    let _slot = enter(config, gate).await?;
                    config.target.page(place, &config.ways).await?
                };
                step.fresh = self.wanted(config, chosen, &page.accounts).await?;
                progress.listed = place.listed + page.accounts.len() as u64;
                progress.stage = page.next.map_or(Stage::People, Stage::Listing);
            }
            (Stage::Named(at), Chosen::Named(names)) => {
                let names: Vec<_> = names.iter().skip(*at).take(FEW).collect();
                for name in &names {
                    step.fresh.push(self.named(config, gate, name).await?);
                }
                progress.listed += names.len() as u64;
                progress.stage = match names.len() {
                    FEW => Stage::Named(at + FEW),
                    _ => Stage::People,
                };
            }
            (Stage::People, _) => {
                let key = (config.org, config.app, lease.job.id);
                let items = store::import_items::waiting(&mut self.reader(), key, SOME).await?;
                if items.is_empty() {
                    progress.stage = Stage::Over;
                }
                step.settled = self.make_people(config, &step, items).await?;
            }
            (Stage::Named(_), _) => progress.stage = Stage::People,
            (Stage::Over, _) => return Ok(Next::Over),
        }
        step.progress = progress;
        Ok(self.store.write(step).await?)
    }

    /// Those of a page that are to be imported.
    async fn wanted(
        &self,
        config: &Config,
        chosen: &Chosen,
        accounts: &[Account],
    ) -> Result<Vec<Item>, Halt> {
        let owners = self.owners(config, accounts).await?;
        let mut items = Vec::new();
        for account in accounts {
            if owners.contains_key(account.id.as_str()) {
                continue;
            }
            if *chosen == Chosen::New && self.find_owner(config, account).await? != Owner::Nobody {
                continue;
            }
            items.push(waiting(account)?);
        }
        Ok(items)
    }

    /// The account of an id or a userName.
    async fn named(&self, config: &Config, gate: &Gate, name: &str) -> Result<Item, Halt> {
        let mut found = Vec::new();
        // What looks like an address is asked for as one first: it is hardly an id.
        let by_name_first = name.contains('@');
        for by_name in [by_name_first, !by_name_first] {
            let _slot = enter(config, gate).await?;
            let mut log = Vec::new();
            let asked = if by_name {
                let path = TargetPath::parse("userName").map_err(Error::from)?;
                config.target.lookup(None, (&path, &name.into()), &mut log).await
            } else {
                let asked = config.target.get(name, &mut log).await;
                asked.map(|found| found.into_iter().collect())
            };
            found = match asked {
                // Some refuse what is no id of theirs.
                Err(failure) if failure.kind == Kind::Rejected => Vec::new(),
                asked => asked?,
            };
            if !found.is_empty() {
                break;
            }
        }
        let missing = |code: &str| Item {
            remote_id: name.to_owned(),
            name: name.to_owned(),
            doc: String::new(),
            subject: None,
            state: State::Failed,
            error: serde_json::to_string(&Message::new(code).with("name", name)).ok(),
        };
        match found.as_slice() {
            [] => Ok(missing("import.unknown_account")),
            [account] => waiting(account),
            [_, ..] => Ok(missing("import.ambiguous_account")),
        }
    }

    /// Makes people of accounts, or finds whose they are.
    async fn make_people(
        &self,
        config: &Config,
        step: &Step,
        mut items: Vec<Item>,
    ) -> Result<Vec<Settled>, Halt> {
        let mut settled = Vec::new();
        let mut newcomers = Vec::new();
        let mut planned = Vec::new();
        for item in &mut items {
            let account = account(item)?;
            match self.judge_item(config, item, &account).await? {
                Verdict::Settled(state, subject, reason) => {
                    settled.push(
                        self.settle(config, item, &account, (state, subject, reason))
                            .await?,
                    );
                }
                Verdict::Create(id) => {
                    if item.subject.is_none() {
                        planned.push((item.remote_id.clone(), SubjectId::from(id)));
                    }
                    item.subject = Some(id.into());
                    let resource = reverse::person(&config.mappings, &account.resource);
                    newcomers.push((item.clone(), account, Newcomer { id, resource }));
                }
            }
        }
        if newcomers.is_empty() {
            return Ok(settled);
        }
        // Before anybody is made, it is noted under which id: whoever takes over finds them.
        self.store.write(step.note(planned)).await?;
        let Some(directory) = &self.newcomers else {
            return Err(Halt::Failed(Message::new("import.no_directory")));
        };
        let people: Vec<_> = newcomers.iter().map(|(.., newcomer)| newcomer.clone()).collect();
        let results = directory
            .create(config.org, people, &cause(&step.lease.job))
            .await?;
        for ((item, account, newcomer), result) in newcomers.into_iter().zip(results) {
            let outcome = match result {
                Ok(()) => (State::Created, Some(newcomer.id.into()), None),
                // Somebody else may have been at the same job.
                Err(_) if self.is_there(config.org, newcomer.id).await? => {
                    (State::Created, Some(newcomer.id.into()), None)
                }
                Err(reason) => (State::Failed, None, Some(reason)),
            };
            settled.push(self.settle(config, &item, &account, outcome).await?);
        }
        Ok(settled)
    }

    async fn is_there(&self, org: OrgId, id: UserId) -> Result<bool, Error> {
        Ok(store::users::by_id(&mut self.reader(), org, id).await?.is_some())
    }

    async fn judge_item(&self, config: &Config, item: &Item, account: &Account) -> Result<Verdict, Error> {
        let accounts = std::slice::from_ref(account);
        if let Some(owner) = self.owners(config, accounts).await?.get(account.id.as_str()) {
            // It may be the one that was made before the work was interrupted.
            let state = if item.subject == Some(*owner) {
                State::Created
            } else {
                State::Known
            };
            return Ok(Verdict::Settled(state, Some(*owner), None));
        }
        if let Some(subject) = item.subject {
            return Ok(if self.is_there(config.org, subject.as_user()).await? {
                Verdict::Settled(State::Created, Some(subject), None)
            } else {
                Verdict::Create(subject.as_user())
            });
        }
        Ok(match self.find_owner(config, account).await? {
            Owner::Nobody => Verdict::Create(self.ambient().id()),
            Owner::Several => {
                let reason = Message::new("import.ambiguous_person");
                Verdict::Settled(State::Failed, None, Some(reason))
            }
            Owner::Person { id, name } => {
                let link =
                    store::links::by_subject(&mut self.reader(), config.org, config.app, id.into()).await?;
                match link {
                    None => Verdict::Settled(State::Linked, Some(id.into()), None),
                    Some(link) => {
                        let reason = Message::new("import.has_another")
                            .with("name", name)
                            .with("target", link.remote_id);
                        Verdict::Settled(State::Failed, None, Some(reason))
                    }
                }
            }
        })
    }

    async fn settle(
        &self,
        config: &Config,
        item: &Item,
        account: &Account,
        (state, subject, reason): (State, Option<SubjectId>, Option<Message>),
    ) -> Result<Settled, Error> {
        let (mut link, mut entry) = (None, None);
        if let (Some(subject), State::Created | State::Linked) = (subject, state) {
            link = Some(Draft {
                kind: SubjectKind::User,
                remote_id: account.id.clone(),
                state: LinkState::Imported,
                known: to_json(&Known::read(&account.resource, config.mappings.paths()))?,
            });
            let source = Source::read(&mut self.reader(), config, subject).await?;
            entry = Some(logged(config, &source, account, state)?);
        }
        Ok(Settled {
            item: Item {
                subject,
                state,
                error: reason.as_ref().map(to_json).transpose()?,
                ..item.clone()
            },
            link,
            entry,
        })
    }
}

enum Verdict {
    Settled(State, Option<SubjectId>, Option<Message>),
    Create(UserId),
}

fn waiting(account: &Account) -> Result<Item, Halt> {
    let mut resource = account.resource.clone();
    resource.retain(|name, _| !name.eq_ignore_ascii_case("password"));
    let text = |name: &str| member(&resource, name).and_then(Value::as_str);
    let name = text("userName")
        .or_else(|| text("displayName"))
        .unwrap_or(&account.id);
    Ok(Item {
        remote_id: account.id.clone(),
        name: name.to_owned(),
        doc: to_json(&resource)?,
        subject: None,
        state: State::Waiting,
        error: None,
    })
}

fn account(item: &Item) -> Result<Account, Error> {
    let resource = serde_json::from_str(&item.doc).map_err(|error| Error::damaged("account", &error))?;
    Ok(Account {
        id: item.remote_id.clone(),
        resource,
    })
}

fn logged(config: &Config, source: &Source, account: &Account, state: State) -> Result<Entry, Error> {
    Ok(Entry {
        app: config.app,
        app_name: config.name.clone(),
        cycle: None,
        subject: source.subject,
        kind: SubjectKind::User,
        subject_name: source.name.clone(),
        action: "import".to_owned(),
        status: Status::Success,
        duration: 0,
        remote_id: Some(account.id.clone()),
        changes: "[]".to_owned(),
        exchanges: "[]".to_owned(),
        explanation: to_json(&Explanation::of(config, source, None, Found::Found))?,
        attempt: 1,
        next_attempt: None,
        message: Message::new(format!("import.{}", state.as_str())),
    })
}
