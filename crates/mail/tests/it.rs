//! Mail that nobody takes is tried again, and given up in the end. That it arrives is shown from outside, with a real sink.

use std::sync::Arc;
use std::time::Duration;

use base::{Actor, Ambient, Keyring, ManualClock, OrgId, SystemEntropy, Timestamp};
use mail::Post;
use outbound::{MailServer, Mailer, Tls};
use store::outbox::{self, Draft, Mail};
use store::{Database, Store, Tx, Write};

struct World {
    store: Store,
    clock: ManualClock,
    org: OrgId,
    _dir: tempfile::TempDir,
}

impl World {
    async fn with_a_mail_to(recipient: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let store = Store::open(&Database::Sqlite(dir.path().join("instep.db")), ambient.clone()).await;
        let store = store.expect("a store");
        let org = ambient.id();
        let put = Put {
            org,
            recipient: recipient.to_owned(),
        };
        store.write(put).await.expect("a mail");
        Self {
            store,
            clock,
            org,
            _dir: dir,
        }
    }

    async fn mail(&self) -> Mail {
        let mails = outbox::page(&mut self.store.reader(), self.org, None, 1).await;
        mails.expect("read").remove(0)
    }

    /// Rounds, a day long in steps of a minute, until the mail is done with.
    async fn days(&self, post: &Post, days: u32) -> Mail {
        for _ in 0..days * 24 * 60 {
            post.round("https://directory.example.com")
                .await
                .expect("a round");
            let mail = self.mail().await;
            if mail.due.is_none() {
                return mail;
            }
            self.clock.advance(Duration::from_mins(1));
        }
        self.mail().await
    }
}

struct Put {
    org: OrgId,
    recipient: String,
}

impl Write for Put {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let cause = tx.ambient().cause(Actor::operator());
        store::organizations::insert(tx, self.org, "Example", &cause).await?;
        let draft = Draft {
            recipient: self.recipient.clone(),
            subject: "Subject".to_owned(),
            text: "Text".to_owned(),
        };
        outbox::insert(tx, self.org, &draft, &cause).await.map(drop)
    }
}

fn keyring() -> Arc<Keyring> {
    Arc::new(Keyring::generate(&Ambient::system()))
}

/// Nobody listens there.
fn nobody() -> Mailer {
    let server = MailServer {
        server: "127.0.0.1:9".to_owned(),
        tls: Tls::None,
        from: "instep@example.com".to_owned(),
        user: None,
        password_file: None,
    };
    Mailer::new(&server, None).expect("a mailer")
}

#[tokio::test]
async fn what_nobody_takes_is_tried_for_three_days() {
    let world = World::with_a_mail_to("it@example.com").await;
    let post = Post::new(world.store.clone(), keyring(), Some(nobody()));
    let mail = world.days(&post, 2).await;
    assert_eq!(mail.state().as_str(), "waiting");
    assert!((40..200).contains(&mail.attempts), "{}", mail.attempts);
    let mail = world.days(&post, 2).await;
    assert_eq!(mail.state().as_str(), "given_up");
    assert!(mail.error.is_some());
}

#[tokio::test]
async fn without_a_mail_server_it_waits_and_is_given_up() {
    let world = World::with_a_mail_to("it@example.com").await;
    let post = Post::new(world.store.clone(), keyring(), None);
    let mail = world.days(&post, 4).await;
    assert_eq!(mail.state().as_str(), "given_up");
    assert_eq!(mail.error.as_deref(), Some("no mail server is configured"));
}

#[tokio::test]
async fn what_can_never_arrive_is_given_up_at_once() {
    let world = World::with_a_mail_to("nobody").await;
    let post = Post::new(world.store.clone(), keyring(), Some(nobody()));
    post.round("https://directory.example.com")
        .await
        .expect("a round");
    assert_eq!(world.mail().await.state().as_str(), "given_up");
}
