//! Addresses as `curl` and scripts send them: with bare quotes, brackets or letters beyond ASCII in their query
//! (`?filter=userName+eq+"anna"`), which are no address (RFC 3986) and which the HTTP library would refuse without a word.
//! They are written as RFC 3986 wants them before the library reads them.
//!
//! This is done in the first line of a connection alone. Where any later request begins only the library knows: a body may
//! hold whatever looks like a request, and to be mistaken about that would let one request be taken for another. So that
//! such an address fares the same each time, its connection ends with the answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are read in one go as long as the first line is under way.
const CHUNK: usize = 1_024;

/// A connection whose first line is mended.
pub struct Mended<S> {
    stream: S,
    place: Place,
    /// What is to be handed out next, and how much of it was.
    ready: Vec<u8>,
    given: usize,
    /// Whether anything had to be written anew.
    changed: Arc<AtomicBool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Method,
    Target,
    Behind,
}

impl<S> Mended<S> {
    pub fn new(stream: S, changed: Arc<AtomicBool>) -> Self {
        Self {
            stream,
            place: Place::Method,
            ready: Vec::new(),
            given: 0,
            changed,
        }
    }

    fn take(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::Method, b'A'..=b'Z') => Place::Method,
            (Place::Method, b' ') => Place::Target,
            // No request line, or its end.
            (Place::Method, _) | (Place::Target, b'\r' | b'\n') => Place::Behind,
            (place, _) => place,
        };
        if self.place == Place::Target && is_strange(byte) {
            self.changed.store(true, Ordering::Relaxed);
            self.ready.extend(format!("%{byte:02X}").bytes());
        } else {
            self.ready.push(byte);
        }
    }

    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let rest = &self.ready[self.given..];
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        self.given += length;
        if self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
        }
    }
}

/// What no address holds, and what clients send nevertheless. A space ends the address.
fn is_strange(byte: u8) -> bool {
    matches!(
        byte,
        b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
    ) || !byte.is_ascii()
}

impl<S: AsyncRead + Unpin> AsyncRead for Mended<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ready.is_empty() {
            if self.place == Place::Behind {
                return Pin::new(&mut self.stream).poll_read(context, buffer);
            }
            let mut chunk = [0; CHUNK];
            let mut read = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut read))?;
            for byte in read.filled() {
                self.take(*byte);
            }
        }
        self.give(buffer);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Mended<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// What the library would read, sent in pieces and read in others.
    async fn mended(sent: &[u8], piece: usize, buffer: usize) -> (Vec<u8>, bool) {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let changed = Arc::new(AtomicBool::new(false));
        let mut server = Mended::new(server, Arc::clone(&changed));
        let (mut read, mut part) = (Vec::new(), vec![0; buffer]);
        let sending = async {
            for some in sent.chunks(piece) {
                client.write_all(some).await.expect("sent");
                tokio::task::yield_now().await;
            }
            client.shutdown().await.expect("ended");
        };
        let reading = async {
            loop {
                match server.read(&mut part).await.expect("read") {
                    0 => return,
                    length => read.extend(&part[..length]),
                }
            }
        };
        tokio::join!(sending, reading);
        (read, changed.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn only_the_first_line_is_mended() {
        for (sent, expected) in [
            ("GET /a?b=c HTTP/1.1\r\n\r\n", None),
            (
                "GET /Users?filter=userName+eq+\"ä<b>\" HTTP/1.1\r\nx: \"y\"\r\n\r\nGET /\"z\" HTTP/1.1\r\n\r\n",
                Some(
                    "GET /Users?filter=userName+eq+%22%C3%A4%3Cb%3E%22 HTTP/1.1\r\nx: \"y\"\r\n\r\nGET /\"z\" HTTP/1.1\r\n\r\n",
                ),
            ),
            ("POST /x HTTP/1.1\r\n\r\nGET /\"z\" HTTP/1.1\r\n{\"a\"}", None),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\"\"", None),
            ("get /\"z\" HTTP/1.1\r\n", None),
            ("\"\" /\"z\" HTTP/1.1\r\n", None),
            ("GET /\"a\\^`{|}\n\"", Some("GET /%22a%5C%5E%60%7B%7C%7D\n\"")),
            ("", None),
        ] {
            for (piece, buffer) in [(1, 1), (7, 2), (4_096, 4_096)] {
                let (read, changed) = mended(sent.as_bytes(), piece, buffer).await;
                assert_eq!(String::from_utf8_lossy(&read), expected.unwrap_or(sent));
                assert_eq!(changed, expected.is_some(), "{sent:?}");
            }
        }
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "\"".repeat(100_000));
        let (read, _) = mended(long.as_bytes(), 5_000, 100).await;
        assert_eq!(read.len(), long.len() + 200_000);
    }
}
