//! A server with two organizations, one plain and one like Webex, on a database of its own.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use access::{Access, NewToken, Owner, Role, Scope, Scopes};
use base::{
    Actor, Ambient, Cause, Clock, Field, Keyring, MailId, ManualClock, OrgId, SamlTraceId, SubjectId,
    SystemEntropy, Timestamp, TokenId, UserId,
};
use directory::domains::{NoAnswer, TxtAnswer, TxtRecords};
use directory::{Admin, Directory, Mailing, NewOrganization, Preset};
use federation::Federation;
use outbound::{Dns, DnsServer, Outbound, Rules, TxtError};
use provisioning::Provisioning;
use server::{Config, Proxy, Sealers, State};
use store::{Database, Store, Tx, Write};
use testkit::postgres::PostgresServer;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::client::{Client, SCIM};

/// What Webex's own clients send in these tests.
pub(crate) const TRACKING_ID: &str = "SIMPLE_4f7c2d1a-9b0e-4c3d-8a6f-2e5b7c9d0a11";

/// A clock that tests push on, and that never shows one time twice.
#[derive(Clone)]
pub(crate) struct Ticking(ManualClock);

impl Ticking {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.advance(by);
    }
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_millis(1));
        self.0.now()
    }
}

/// An organization and a token of its operator with every scope.
pub(crate) struct Organization {
    pub(crate) id: OrgId,
    pub(crate) token: String,
    address: String,
}

pub(crate) struct World {
    pub(crate) plain: Organization,
    pub(crate) webex: Organization,
    pub(crate) clock: Ticking,
    pub(crate) store: Store,
    pub(crate) access: Access,
    pub(crate) directory: Directory,
    pub(crate) provisioning: Provisioning,
    pub(crate) federation: Federation,
    /// Such as `http://127.0.0.1:1234`.
    pub(crate) address: String,
    pub(crate) state: State,
    /// What the DNS says.
    pub(crate) dns: testkit::dns::DnsServer,
    database: Database,
    keyring: Arc<Keyring>,
    _stop: oneshot::Sender<()>,
    _data: Option<tempfile::TempDir>,
}

/// A server on a database.
pub(crate) struct Process {
    pub(crate) store: Store,
    access: Access,
    directory: Directory,
    provisioning: Provisioning,
    federation: Federation,
    pub(crate) address: String,
    pub(crate) state: State,
    dns: testkit::dns::DnsServer,
    keyring: Arc<Keyring>,
    stop: oneshot::Sender<()>,
}

/// The DNS as the directory asks it.
struct Records(Dns);

impl TxtRecords for Records {
    fn txt<'a>(&'a self, name: &'a str) -> TxtAnswer<'a> {
        Box::pin(async move {
            self.0.txt(name).await.map_err(|error| match error {
                TxtError::NoSuchName => NoAnswer::NoSuchName,
                TxtError::ServerFailed(reason) => NoAnswer::ServerFailed(reason),
                TxtError::TimedOut => NoAnswer::TimedOut,
                TxtError::Unusable(reason) => NoAnswer::Unusable(reason),
            })
        })
    }
}

/// What sets one server apart from another.
struct Kind<'k> {
    host: &'k str,
    /// So many of a token a minute.
    requests: Option<NonZeroU32>,
    /// Of its own if left out.
    keyring: Option<Arc<Keyring>>,
}

impl<'k> Kind<'k> {
    fn named(host: &'k str) -> Self {
        Self {
            host,
            requests: None,
            keyring: None,
        }
    }
}

impl Process {
    async fn start(database: &Database, clock: &Ticking, kind: Kind<'_>) -> Self {
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let store = Store::open(database, ambient.clone()).await.expect("opens");
        let outbound = Outbound::new(Rules::default()).expect("a client");
        let keyring = kind
            .keyring
            .unwrap_or_else(|| Arc::new(Keyring::generate(&ambient)));
        let dns = testkit::dns::DnsServer::start().await;
        let records = Dns::patient(DnsServer::At(dns.address), Duration::from_millis(200));
        let directory = Directory::new(store.clone(), ambient.clone())
            .with_invitations(Arc::clone(&keyring), Mailing::Configured)
            .with_dns(Arc::new(Records(records)));
        let access = Access::new(store.clone(), ambient.clone(), Arc::clone(&keyring));
        let sealers = Sealers::new(&keyring);
        let federation = Federation::new(
            store.clone(),
            directory.clone(),
            Arc::clone(&keyring),
            outbound.clone(),
        );
        let provisioning = Provisioning::new(store.clone(), Arc::clone(&keyring), outbound)
            .with_newcomers(Arc::new(server::Newcomers(directory.clone())));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let port = listener.local_addr().expect("an address").port();
        let config = Config {
            public_url: format!("http://{}:{port}", kind.host),
            proxy: Proxy::None,
            requests_per_minute: kind.requests,
        };
        let state = State::new(
            config,
            ambient,
            directory.clone(),
            access.clone(),
            provisioning.clone(),
            federation.clone(),
            sealers,
        );
        let (stop, stopped) = oneshot::channel();
        let served = state.clone();
        tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or_default() };
            server::serve(listener, &served, stopped).await.expect("serves");
        });
        Self {
            store,
            access,
            directory,
            provisioning,
            federation,
            address,
            state,
            dns,
            keyring,
            stop,
        }
    }
}

/// Makes the tables of a database.
async fn migrate(url: String) {
    let opened = Store::open(&Database::Postgres(url), Ambient::system()).await;
    drop(opened.expect("opens"));
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let database = Database::Sqlite(data.path().join("instep.db"));
        Self::open(database, Some(data)).await
    }

    pub(crate) async fn postgres() -> Self {
        let url = PostgresServer::shared().await.database_like(migrate).await;
        Self::open(Database::Postgres(url), None).await
    }

    async fn open(database: Database, data: Option<tempfile::TempDir>) -> Self {
        let clock = Ticking(ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000)));
        let Process {
            store,
            access,
            directory,
            provisioning,
            federation,
            address,
            state,
            dns,
            keyring,
            stop,
        } = Process::start(&database, &clock, Kind::named("127.0.0.1")).await;
        let plain = found(&directory, &access, &address, "Northwind", Preset::Plain).await;
        let webex = found(&directory, &access, &address, "Hub", Preset::Webex).await;
        Self {
            plain,
            webex,
            clock,
            store,
            access,
            directory,
            provisioning,
            federation,
            address,
            state,
            dns,
            keyring,
            database,
            _stop: stop,
            _data: data,
        }
    }

    /// Another server on the same database, as another process would be.
    pub(crate) async fn neighbour(&self) -> Process {
        self.neighbour_named("127.0.0.1").await
    }

    /// The same, known to the world by a name.
    pub(crate) async fn neighbour_named(&self, host: &str) -> Process {
        Process::start(&self.database, &self.clock, Kind::named(host)).await
    }

    /// The same, with the same key file.
    pub(crate) async fn neighbour_named_with_our_keys(&self, host: &str) -> Process {
        let kind = Kind {
            keyring: Some(Arc::clone(&self.keyring)),
            ..Kind::named(host)
        };
        Process::start(&self.database, &self.clock, kind).await
    }

    /// The same with the same key file.
    pub(crate) async fn neighbour_with_our_keys(&self) -> Process {
        self.neighbour_named_with_our_keys("127.0.0.1").await
    }

    /// The same that takes so many requests of a token a minute.
    pub(crate) async fn limited_neighbour(&self, requests: u32) -> Process {
        let kind = Kind {
            requests: NonZeroU32::new(requests),
            ..Kind::named("127.0.0.1")
        };
        Process::start(&self.database, &self.clock, kind).await
    }

    pub(crate) fn is_on_postgres(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// The whole service, as nobody.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(self.address.clone(), None, SCIM)
    }

    /// A token of the organization's operator.
    pub(crate) async fn token(&self, org: &Organization, scopes: &[Scope], days: u32) -> (TokenId, String) {
        token(&self.access, org.id, Owner::Operator, scopes, days).await
    }

    /// A token with every scope, of somebody with a role.
    pub(crate) async fn token_of(&self, org: &Organization, role: Role) -> (UserId, String) {
        let name = format!("{role}@example.com");
        let body = serde_json::json!({ "userName": name, "displayName": "Somebody" });
        let user = org.scim().post("/Users", &body).await.expect(201);
        let user = user["id"].as_str().expect("an id");
        let token = self.token_for(org, user, role).await;
        (user.parse().expect("an id"), token)
    }

    /// The same for somebody who is there.
    pub(crate) async fn token_for(&self, org: &Organization, user: &str, role: Role) -> String {
        let user: UserId = user.parse().expect("an id");
        if role != Role::None {
            self.store
                .write(Grant {
                    org: org.id,
                    user,
                    role,
                    cause: cause(),
                })
                .await
                .expect("granted");
        }
        let (_, token) = token(&self.access, org.id, Owner::User(user), &Scope::ALL, 365).await;
        token
    }

    /// Takes a role.
    pub(crate) async fn demote(&self, org: &Organization, user: UserId, role: Role) {
        let write = Demote(Grant {
            org: org.id,
            user,
            role,
            cause: cause(),
        });
        assert!(self.store.write(write).await.expect("taken"), "there to be taken");
    }

    /// What the housekeeping does: how many tokens were warned of.
    pub(crate) async fn warn_of_expiry(&self, org: &Organization) -> u64 {
        self.access.warn_of_expiry(org.id).await.expect("warned")
    }

    pub(crate) async fn set(&self, org: &Organization, key: &str, value: &str) {
        let changes = [(key.to_owned(), value.to_owned())];
        self.directory
            .set_settings(&cause(), org.id, &changes)
            .await
            .expect("a setting");
    }

    /// Somebody is known to an identity provider, without anybody having signed in.
    pub(crate) async fn link_subject(&self, org: &Organization, user: &str, provider: &str) {
        let user = self.directory.user_by_name(org.id, user).await.expect("read");
        let provider = self
            .federation
            .provider(org.id, provider)
            .await
            .expect("a provider");
        let subject = store::sso::subjects::Subject {
            provider: provider.id,
            user: user.expect("somebody").id,
            subject: Some(vec![7; 32]),
            name: Some("p-7".to_owned()),
            format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
            updated: None,
        };
        let write = Known { org: org.id, subject };
        self.store.write(write).await.expect("written");
    }

    /// A trace of a sign-in, without anybody having signed in.
    pub(crate) async fn trace(&self, org: &Organization) -> SamlTraceId {
        let trace = federation::NewTrace {
            end: federation::End::IdentityProvider,
            action: federation::Action::SignIn,
            outcome: federation::Outcome::Failed,
            peer: None,
            user: None,
            subject: None,
            code: None,
            message: None,
            messages: Vec::new(),
            checks: Vec::new(),
        };
        let kept = self.federation.keep_trace(&cause(), org.id, trace).await;
        kept.expect("asked").expect("kept")
    }

    /// An entry of the provisioning log, without anything having been done.
    pub(crate) async fn mail(&self, org: &Organization, recipient: &str) -> MailId {
        let write = Mail {
            org: org.id,
            draft: store::outbox::Draft {
                recipient: recipient.to_owned(),
                subject: "Subject".to_owned(),
                text: "Text".to_owned(),
            },
            cause: cause(),
        };
        self.store.write(write).await.expect("written")
    }

    /// Takes what is due out of the outbox, as the post does.
    pub(crate) async fn letters(&self, org: &Organization) -> Vec<Letter> {
        let mut letters = Vec::new();
        while let Some(lease) = self.store.write(Take(org.id)).await.expect("taken") {
            let field = Field {
                org: org.id,
                name: store::outbox::SECRET_FIELD,
            };
            let secret = lease.secret.map(|sealed| self.keyring.open(field, &sealed));
            let secret = secret.map(|secret| secret.expect("opens").expose().to_owned());
            let text = lease.mail.text.replace(store::outbox::PUBLIC_URL, "");
            letters.push(Letter {
                to: lease.mail.recipient,
                subject: lease.mail.subject,
                text: text.replace(store::outbox::SECRET, secret.as_deref().unwrap_or_default()),
                secret,
            });
        }
        letters
    }

    pub(crate) async fn log(&self, org: &Organization, subject: SubjectId, name: &str) {
        let entry = store::log::Entry {
            app: self.store.ambient().id(),
            app_name: "Gone".to_owned(),
            cycle: None,
            subject,
            kind: store::assignments::SubjectKind::User,
            subject_name: name.to_owned(),
            action: "create".to_owned(),
            status: store::log::Status::Success,
            duration: 0,
            remote_id: None,
            changes: "[]".to_owned(),
            exchanges: "[]".to_owned(),
            explanation: serde_json::json!({
                "source": null, "in_scope": false, "scope": { "code": "plan.gone" }, "match": "linked", "mappings": [],
            })
            .to_string(),
            attempt: 1,
            next_attempt: None,
            message: base::Message::new("plan.gone"),
        };
        let cause = cause();
        let write = Log {
            org: org.id,
            entry,
            cause,
        };
        self.store.write(write).await.expect("written");
    }

    pub(crate) async fn revoke(&self, org: &Organization, token: TokenId) {
        self.store
            .write(Revoke {
                org: org.id,
                token,
                cause: cause(),
            })
            .await
            .expect("revoked");
    }
}

/// A mail as it is sent.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) secret: Option<String>,
}

impl Letter {
    /// Where the link in it leads.
    pub(crate) fn link(&self) -> String {
        let line = self.text.lines().find(|line| line.starts_with("/invitation"));
        line.expect("a link").to_owned()
    }
}

struct Take(OrgId);

impl Write for Take {
    type Out = Option<store::outbox::Lease>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out, store::Error> {
        let now = tx.ambient().now();
        let until = now + Duration::from_mins(5);
        let lease = store::outbox::claim(tx, self.0, (now, until)).await?;
        if let Some(lease) = &lease {
            store::outbox::complete(tx, self.0, lease, &store::outbox::Outcome::Sent).await?;
        }
        Ok(lease)
    }
}

impl Organization {
    /// The gallery apps' base.
    pub(crate) fn scim(&self) -> Client {
        self.client(&format!("/v1/scim/{}", self.id), SCIM)
    }

    /// The same organization at another server.
    pub(crate) fn at(&self, process: &Process) -> Self {
        Self {
            id: self.id,
            token: self.token.clone(),
            address: process.address.clone(),
        }
    }

    /// Webex's own base.
    pub(crate) fn identity(&self) -> Client {
        self.client(&format!("/identity/scim/{}/v2", self.id), SCIM)
    }

    /// The same as Webex's own clients use it: they send plain JSON and a TrackingID.
    pub(crate) fn webex(&self) -> Client {
        let client = self.client(&format!("/identity/scim/{}/v2", self.id), "application/json");
        client.tracked(TRACKING_ID)
    }

    pub(crate) fn api(&self) -> Client {
        self.client("/api/v1", "application/json")
    }

    fn client(&self, path: &str, media_type: &'static str) -> Client {
        Client::new(format!("{}{path}", self.address), Some(&self.token), media_type)
    }
}

pub(crate) fn cause() -> Cause {
    Ambient::system().cause(Actor::operator())
}

async fn found(
    directory: &Directory,
    access: &Access,
    address: &str,
    name: &str,
    preset: Preset,
) -> Organization {
    let admin = Admin {
        email: format!("admin@{}.example", name.to_lowercase()),
        password_hash: "$argon2id$of-nobody".to_owned(),
        must_change_password: false,
    };
    let new = NewOrganization {
        name: name.to_owned(),
        preset,
        admin,
    };
    let made = directory
        .create_organization(&cause(), new)
        .await
        .expect("an organization");
    let (_, token) = token(access, made.id, Owner::Operator, &Scope::ALL, 365).await;
    Organization {
        id: made.id,
        token,
        address: address.to_owned(),
    }
}

async fn token(access: &Access, org: OrgId, owner: Owner, scopes: &[Scope], days: u32) -> (TokenId, String) {
    let new = NewToken {
        org,
        name: "Test token".to_owned(),
        owner,
        scopes: Scopes::new(scopes.iter().copied()),
        days,
    };
    let issued = access.create_token(&cause(), new).await.expect("a token");
    (issued.id, issued.token.expose().to_owned())
}

struct Grant {
    org: OrgId,
    user: UserId,
    role: Role,
    cause: Cause,
}

impl Write for Grant {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        store::roles::grant(tx, self.org, self.user, self.role.name(), &self.cause).await
    }
}

struct Demote(Grant);

impl Write for Demote {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let Grant {
            org,
            user,
            role,
            cause,
        } = &self.0;
        store::roles::revoke(tx, *org, *user, role.name(), cause).await
    }
}

struct Known {
    org: OrgId,
    subject: store::sso::subjects::Subject,
}

impl Write for Known {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::sso::subjects::set(tx, self.org, &self.subject).await
    }
}

struct Mail {
    org: OrgId,
    draft: store::outbox::Draft,
    cause: Cause,
}

impl Write for Mail {
    type Out = MailId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<MailId, store::Error> {
        store::outbox::insert(tx, self.org, &self.draft, &self.cause).await
    }
}

struct Log {
    org: OrgId,
    entry: store::log::Entry,
    cause: Cause,
}

impl Write for Log {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::log::append(tx, self.org, &[(&self.entry, &self.cause)])
            .await
            .map(drop)
    }
}

struct Revoke {
    org: OrgId,
    token: TokenId,
    cause: Cause,
}

impl Write for Revoke {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        store::tokens::revoke(tx, self.org, self.token, &self.cause).await
    }
}
