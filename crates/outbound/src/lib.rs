//! All that leaves the process: requests over HTTP, mail over SMTP, questions to the DNS.
//!
//! One HTTP client, guarded: addresses are judged after they were resolved, redirects are never followed, every
//! request has a deadline, every answer a greatest size, and credentials are not logged.

mod address;
mod client;
mod dns;
mod error;
mod guard;
mod mail;
mod wire;

pub use address::{Class, classify};
pub use client::{Opened, Outbound, Request, Response};
pub use dns::{Dns, DnsServer, TxtError};
pub use error::{Error, Sent};
pub use guard::{PlainHttp, PrivateAddresses, Rules};
pub use mail::{Letter, MailError, MailServer, Mailer, Tls};

pub use http::{HeaderMap, Method, StatusCode, header};
pub use url::Url;
