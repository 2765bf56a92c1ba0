//! Mail over SMTP (RFC 5321, 8314), to the one server that the operator names.

use std::path::PathBuf;
use std::time::Duration;

use base::Secret;
use lettre::message::{Mailbox, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use serde::Deserialize;

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// How long one command may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The server that takes our mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    /// A name or an address, with a port if it is not the usual one.
    pub server: String,
    #[serde(default)]
    pub tls: Tls,
    /// `Instep <instep@example.com>`, or only the address.
    pub from: String,
    pub user: Option<String>,
    pub password_file: Option<PathBuf>,
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Begun in plain text, usually at port 587; nothing is sent to a server that does not offer it.
    #[default]
    Starttls,
    /// From the first byte, usually at port 465.
    Implicit,
    /// For a server on this machine, usually at port 25.
    None,
}

/// A letter in plain text.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Stays the same however often it is sent.
    pub id: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
}

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server may take it later.
    #[error("{0}")]
    Later(String),
    /// Nobody will ever take it as it is.
    #[error("{0}")]
    Never(String),
    #[error("mail: {0}")]
    Setup(String),
}

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    transport: Smtp,
    from: Mailbox,
    /// What comes behind the @ in ids.
    domain: String,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl Mailer {
    pub fn new(server: &MailServer, password: Option<&Secret>) -> Result<Self, MailError> {
        let setup = |text: &str| MailError::Setup(text.to_owned());
        let from: Mailbox = server
            .from
            .parse()
            .map_err(|_| MailError::Setup(format!("from: {:?} is no address of mail", server.from)))?;
        let (host, port) = host_and_port(&server.server).ok_or_else(|| {
            MailError::Setup(format!("server: {:?} is no host, or host:port", server.server))
        })?;
        let mut builder = match server.tls {
            Tls::Starttls => Smtp::starttls_relay(host),
            Tls::Implicit => Smtp::relay(host),
            Tls::None => Ok(Smtp::builder_dangerous(host)),
        }
        .map_err(|error| MailError::Setup(error.to_string()))?
        .timeout(Some(TIMEOUT));
        if let Some(port) = port {
            builder = builder.port(port);
        }
        match (&server.user, password) {
            (None, None) => {}
            (Some(_), Some(_)) if server.tls == Tls::None => {
                return Err(setup("a password is not sent without TLS: set tls"));
            }
            (Some(user), Some(password)) => {
                let credentials = Credentials::new(user.clone(), password.expose().to_owned());
                builder = builder.credentials(credentials);
            }
            _ => return Err(setup("user and password_file belong together")),
        }
        Ok(Self {
            transport: builder.build(),
            domain: from.email.domain().to_owned(),
            from,
        })
    }

    /// Hands a letter to the server.
    pub async fn send(&self, letter: Letter<'_>) -> Result<(), MailError> {
        let to: Mailbox = letter
            .to
            .parse()
            .map_err(|_| MailError::Never(format!("{:?} is no address of mail", letter.to)))?;
        let message = Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.domain)))
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject)
            // Nobody's out-of-office reply is wanted (RFC 3834).
            .raw_header(header::HeaderValue::new(
                header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(header::ContentType::TEXT_PLAIN)
            .body(letter.text.to_owned())
            .map_err(|error| MailError::Never(error.to_string()))?;
        match self.transport.send(message).await {
            Ok(_taken) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Never(explained(&error))),
            Err(error) => Err(MailError::Later(explained(&error))),
        }
    }
}

/// An error with its causes.
fn explained(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let deeper = error.to_string();
        if !text.contains(&deeper) {
            text = format!("{text}: {deeper}");
        }
        cause = error.source();
    }
    text
}

/// `host`, `host:port`, `[::1]:port`.
fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.starts_with('[') => {
            (host, Some(port.parse().ok()?))
        }
        _ => (text, None),
    };
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    let good = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c == '/' || c == '@');
    good.then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> MailServer {
        MailServer {
            server: "mail.example.com".to_owned(),
            tls: Tls::Starttls,
            from: "Instep <instep@example.com>".to_owned(),
            user: None,
            password_file: None,
        }
    }

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (text, expected) in [
            ("mail.example.com", Some(("mail.example.com", None))),
            ("mail.example.com:587", Some(("mail.example.com", Some(587)))),
            ("127.0.0.1:2525", Some(("127.0.0.1", Some(2525)))),
            ("[::1]:25", Some(("::1", Some(25)))),
            ("::1", Some(("::1", None))),
            ("mail.example.com:smtp", None),
            ("smtp://mail.example.com", None),
            (":25", None),
            ("", None),
        ] {
            assert_eq!(host_and_port(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_at_once() {
        let password = Secret::new("p");
        let user = Some("instep".to_owned());
        let from = "nobody".to_owned();
        for (server, password) in [
            (MailServer { from, ..server() }, None),
            (
                MailServer {
                    user: user.clone(),
                    ..server()
                },
                None,
            ),
            (server(), Some(&password)),
            (
                MailServer {
                    user: user.clone(),
                    tls: Tls::None,
                    ..server()
                },
                Some(&password),
            ),
        ] {
            assert!(matches!(Mailer::new(&server, password), Err(MailError::Setup(_))));
        }
        let whole = MailServer { user, ..server() };
        let mailer = Mailer::new(&whole, Some(&password)).expect("a mailer");
        assert!(!format!("{mailer:?}").contains("\"p\""));
    }
}
