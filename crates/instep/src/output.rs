//! What goes to stdout: tables for people, or JSON and nothing else.

use std::io::{IsTerminal, Write};

use anyhow::Context;
use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{OutputClosed, say};
use crate::plain::plain;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs: one JSON text on one line
    Json,
}

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Colored,
}

impl Paint {
    fn detect() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if is_set("NO_COLOR") || is_dumb || !std::io::stdout().is_terminal() {
            return Self::Plain;
        }
        Self::Colored
    }

    pub(crate) fn color(self, color: AnsiColor, text: &str) -> String {
        self.style(color.on_default(), text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.style(Style::new().bold(), text)
    }

    fn style(self, style: Style, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colored => format!("{style}{text}{style:#}"),
        }
    }
}

/// Where results go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    format: Format,
    paint: Paint,
}

impl Output {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            paint: Paint::detect(),
        }
    }

    pub(crate) fn paint(self) -> Paint {
        self.paint
    }

    pub(crate) fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Prints what a server answered: as it came, or as `text` renders the shape it should have.
    pub(crate) fn answer<T: DeserializeOwned>(
        self,
        answer: &Value,
        text: impl FnOnce(&T, Paint) -> String,
    ) -> anyhow::Result<()> {
        match self.format {
            Format::Json => print_json(answer),
            Format::Table => print(&text(&read(answer)?, self.paint)),
        }
    }

    /// Prints a list that a server answered; an empty one is said on stderr, in words.
    pub(crate) fn list<T: DeserializeOwned>(
        self,
        items: &[Value],
        when_empty: &str,
        text: impl FnOnce(&[T]) -> String,
    ) -> anyhow::Result<()> {
        if self.is_json() {
            return print_json(items);
        }
        if items.is_empty() {
            say(when_empty);
            return Ok(());
        }
        let items: Vec<T> = items.iter().map(read).collect::<anyhow::Result<_>>()?;
        print(&text(&items))
    }

    /// Prints a result of our own.
    pub(crate) fn value<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        match self.format {
            Format::Json => print_json(value),
            Format::Table => print(&text(value)),
        }
    }
}

/// One JSON text on one line.
pub(crate) fn print_json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<()> {
    print(&serde_json::to_string(value).context("cannot write the result as JSON")?)
}

/// The answer in the shape that this version expects.
pub(crate) fn read<T: DeserializeOwned>(answer: &Value) -> anyhow::Result<T> {
    T::deserialize(answer)
        .context("the server's answer is not what this version of instep expects: use the same version as the server's, or --output json")
}

/// Writes a text and a line break to stdout.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    let written = writeln!(stdout, "{}", text.trim_end_matches('\n')).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(OutputClosed.into()),
        other => other.context("cannot write to standard output"),
    }
}

/// Columns without a frame, so that other programs can read them too.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.map(str::to_uppercase));
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell).into_owned()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// `Label:  value` lines, the values aligned; pairs without a value are left out.
pub(crate) fn details(pairs: &[(&str, String)]) -> String {
    let pairs = || pairs.iter().filter(|(_, value)| !value.is_empty());
    let width = pairs()
        .map(|(label, _)| label.len() + 1)
        .max()
        .unwrap_or_default();
    let line =
        |(label, value): &(&str, String)| format!("{:width$}  {}\n", format!("{label}:"), plain(value));
    pairs().map(line).collect()
}

/// `12,345`
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 person`, `12,345 people`
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// An RFC 3339 time in UTC, to the second: `2026-11-21 09:30:00Z`.
pub(crate) fn time(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(11..19)) {
        (Some(date), Some(time)) if rfc3339.ends_with('Z') => format!("{date} {time}Z"),
        _ => rfc3339.to_owned(),
    }
}

pub(crate) fn optional_time(rfc3339: Option<&String>) -> String {
    rfc3339.map(|text| time(text)).unwrap_or_default()
}

pub(crate) fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_no_frame() {
        let text = table(
            ["name", "active"],
            [["Anna Lindqvist".to_owned(), "yes".to_owned()]],
        );
        insta::assert_snapshot!(text, @r"
        NAME            ACTIVE
        Anna Lindqvist  yes
        ");
    }

    #[test]
    fn details_are_aligned_and_leave_out_what_is_empty() {
        let text = details(&[
            ("Name", "Anna".into()),
            ("Title", String::new()),
            ("User name", "anna".into()),
        ]);
        insta::assert_snapshot!(text, @r"
        Name:       Anna
        User name:  anna
        ");
    }

    #[test]
    fn numbers_and_times() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "person", "people"), "1 person");
        assert_eq!(time("2026-11-21T09:30:00.25Z"), "2026-11-21 09:30:00Z");
        assert_eq!(time("soon"), "soon");
    }

    #[test]
    fn colour_only_where_asked_for() {
        assert_eq!(Paint::Plain.color(AnsiColor::Green, "+"), "+");
        assert_eq!(
            Paint::Colored.color(AnsiColor::Green, "+"),
            "\u{1b}[32m+\u{1b}[0m"
        );
    }
}
