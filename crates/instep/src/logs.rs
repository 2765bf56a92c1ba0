//! The program's own log, on stderr: what is for operators, not for admins.

use std::io::IsTerminal as _;

use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use crate::plain::plain;

/// Starts logging; `INSTEP_LOG` (or `RUST_LOG`) says how much, `info` if neither does.
pub(crate) fn start() {
    let filter = std::env::var("INSTEP_LOG")
        .or_else(|_| std::env::var("RUST_LOG"))
        .ok()
        .and_then(|text| EnvFilter::try_new(text).ok())
        .unwrap_or_else(|| EnvFilter::new("info"));
    let ansi = std::io::stderr().is_terminal();
    // Already started only where tests run several commands in one process.
    let _ = tracing_subscriber::fmt()
        .fmt_fields(fields())
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(ansi)
        .try_init();
}

/// How whatever is logged is written: on one line, with line breaks and other control characters made visible, whoever the
/// texts are from.
fn fields() -> impl for<'writer> FormatFields<'writer> + Send + Sync + 'static {
    debug_fn(
        |writer: &mut Writer<'_>, field: &Field, value: &dyn std::fmt::Debug| {
            let text = format!("{value:?}");
            let text = plain(&text);
            match field.name() {
                "message" => write!(writer, "{text}"),
                // From where a library logs, which the line says by itself.
                name if name.starts_with("log.") => Ok(()),
                name => write!(writer, "{name}={text}"),
            }
        },
    )
    .delimited(" ")
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("whole").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_writes_lines_of_their_own() {
        let forged = "no\r\n2026-11-22T00:00:00Z  INFO \u{1b}[31mall is well\u{2028}\u{85}";
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(fields())
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let error = io::Error::other(forged);
        tracing::subscriber::with_default(subscriber, || {
            let _inside = tracing::info_span!("request", by = %forged).entered();
            tracing::error!(%error, text = forged, shown = ?forged, "it failed: {forged}");
        });
        let text = String::from_utf8(lines.0.lock().expect("whole").clone()).expect("a text");
        let (line, rest) = text.split_once('\n').expect("a line");
        assert_eq!(rest, "", "one line for one event");
        assert!(
            !line.contains(|letter: char| letter.is_control() || letter == '\u{2028}'),
            "{line:?}"
        );
        assert!(
            line.contains("error=no\\r\\n2026") && line.contains("it failed: no\\r\\n2026"),
            "{line}"
        );
    }
}
