//! The program's own log, on stderr: what is for operators, not for admins.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

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
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(ansi)
        .try_init();
}
