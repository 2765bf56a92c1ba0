//! A DNS server that answers what a test says, over UDP and TCP at one port: an independent reading of RFC 1035, sharing no code
//! with the resolver that asks it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What is answered for a name.
#[derive(Debug, Clone)]
pub enum Act {
    /// TXT records, each of several strings of up to 255 bytes.
    Records(Vec<Vec<String>>),
    /// Another name, and nothing about it.
    Alias(String),
    /// The name is there, and has no such records.
    Nothing,
    NoSuchName,
    ServerFailure,
    Refused,
    Silence,
    /// Over UDP cut short, over TCP these.
    OnlyOverTcp(Vec<Vec<String>>),
    /// What is no answer.
    Garbage,
}

impl Act {
    /// One record of one string each.
    pub fn txt(records: &[&str]) -> Self {
        Self::Records(records.iter().map(|&record| vec![record.to_owned()]).collect())
    }
}

/// A question that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub name: String,
    pub over_tcp: bool,
}

#[derive(Default)]
struct State {
    acts: HashMap<String, Act>,
    asked: Vec<Asked>,
}

/// A running server; what it is not told of has no name.
#[derive(Clone)]
pub struct DnsServer {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl DnsServer {
    pub async fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
            let address = udp.local_addr().expect("its address");
            // Somebody else may have the same port over TCP.
            if let Ok(tcp) = TcpListener::bind(address).await {
                break (udp, tcp);
            }
        };
        let server = Self {
            address: udp.local_addr().expect("its address"),
            state: Arc::default(),
        };
        tokio::spawn(server.clone().serve_udp(udp));
        tokio::spawn(server.clone().serve_tcp(tcp));
        server
    }

    /// From now on answers this for a name.
    pub fn set(&self, name: &str, act: Act) {
        self.locked().acts.insert(name.to_lowercase(), act);
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.locked().asked.clone()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve_udp(self, socket: UdpSocket) {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            if let Some(answer) = self.answer(&buffer[..length], false) {
                socket.send_to(&answer, from).await.unwrap_or_default();
            }
        }
    }

    async fn serve_tcp(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(self.clone().serve_stream(stream));
        }
    }

    async fn serve_stream(self, mut stream: TcpStream) {
        while let Ok(length) = stream.read_u16().await {
            let mut question = vec![0; usize::from(length)];
            if stream.read_exact(&mut question).await.is_err() {
                return;
            }
            if let Some(answer) = self.answer(&question, true) {
                let length = u16::try_from(answer.len()).expect("a short answer");
                let framed = [&length.to_be_bytes()[..], &answer].concat();
                stream.write_all(&framed).await.unwrap_or_default();
            }
        }
    }

    fn answer(&self, message: &[u8], over_tcp: bool) -> Option<Vec<u8>> {
        let question = Question::read(message)?;
        let act = {
            let mut state = self.locked();
            let name = question.name.clone();
            state.asked.push(Asked { name, over_tcp });
            state.acts.get(&question.name).cloned().unwrap_or(Act::NoSuchName)
        };
        let records = |records: &[Vec<String>]| records.iter().map(|record| txt(record)).collect();
        let (flags, answers): (u16, Vec<Vec<u8>>) = match act {
            Act::Silence => return None,
            Act::Garbage => return Some(message[..12].iter().map(|byte| byte | 0x80).collect()),
            Act::NoSuchName => (3, Vec::new()),
            Act::ServerFailure => (2, Vec::new()),
            Act::Refused => (5, Vec::new()),
            Act::Nothing => (0, Vec::new()),
            Act::OnlyOverTcp(_) if !over_tcp => (0x0200, Vec::new()),
            Act::Records(all) | Act::OnlyOverTcp(all) => (0, records(&all)),
            Act::Alias(name) => (0, vec![alias(&name)]),
        };
        // A response, with recursion wanted and available.
        let flags = 0x8180 | flags;
        let count = u16::try_from(answers.len()).expect("few records");
        let mut answer = message[..2].to_vec();
        for number in [flags, 1, count, 0, 0] {
            answer.extend(number.to_be_bytes());
        }
        answer.extend(question.bytes);
        for record in answers {
            answer.extend(record);
        }
        Some(answer)
    }
}

struct Question<'m> {
    /// In lower case.
    name: String,
    bytes: &'m [u8],
}

impl<'m> Question<'m> {
    fn read(message: &'m [u8]) -> Option<Self> {
        let body = message.get(12..)?;
        let (mut labels, mut at) = (Vec::new(), 0);
        loop {
            let length = usize::from(*body.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            let label = body.get(at..at + length)?;
            labels.push(String::from_utf8_lossy(label).to_lowercase());
            at += length;
        }
        Some(Self {
            name: labels.join("."),
            bytes: body.get(..at + 4)?,
        })
    }
}

/// A record about the name of the question: type, class IN, a minute to live.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut record = vec![0xc0, 12];
    record.extend(kind.to_be_bytes());
    record.extend([0, 1, 0, 0, 0, 60]);
    record.extend(u16::try_from(data.len()).expect("a short record").to_be_bytes());
    record.extend(data);
    record
}

fn txt(strings: &[String]) -> Vec<u8> {
    let mut data = Vec::new();
    for string in strings {
        data.push(u8::try_from(string.len()).expect("a short string"));
        data.extend(string.as_bytes());
    }
    record(16, &data)
}

fn alias(name: &str) -> Vec<u8> {
    let mut data = Vec::new();
    for label in name.split('.') {
        data.push(u8::try_from(label.len()).expect("a short label"));
        data.extend(label.as_bytes());
    }
    data.push(0);
    record(5, &data)
}
