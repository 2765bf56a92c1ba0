//! Records and cells (RFC 4180), each with the line on which it starts.
//!
//! Cells may be quoted, and hold delimiters, line breaks and doubled quotes then. A quote that is never closed
//! costs its own line, not the rest of the file; that, and exact line numbers, is why this is done here.

use super::Delimiter;

/// Lines with an open quote after which the rest of a file is given up.
const MAX_UNCLOSED: usize = 100;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Counted from 1.
    pub(super) line: u64,
    pub(super) cells: Result<Vec<String>, Unclosed>,
}

/// A quote was opened and never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed;

/// The records of a text whose line ends are LF. Blank lines are passed over.
pub(super) struct Records<'t> {
    rest: &'t str,
    line: u64,
    delimiter: char,
    unclosed: usize,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str, delimiter: Delimiter) -> Self {
        Self {
            rest: text,
            line: 1,
            delimiter: delimiter.character(),
            unclosed: 0,
        }
    }

    /// The line on which the next record is looked for.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Without the lines before this one.
    pub(super) fn skip_to(mut self, line: u64) -> Self {
        while self.line < line && self.skip_line() {}
        self
    }

    /// Whether there was a line to skip.
    fn skip_line(&mut self) -> bool {
        let Some(end) = self.rest.find('\n') else {
            self.rest = "";
            return false;
        };
        self.rest = &self.rest[end + 1..];
        self.line += 1;
        true
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            let first_line = self.rest.split('\n').next().unwrap_or_default();
            let blank = first_line
                .chars()
                .all(|c| c.is_whitespace() && c != self.delimiter || c == '\x1a');
            if !blank {
                break;
            }
            if !self.skip_line() {
                return None;
            }
        }
        let line = self.line;
        if let Some((cells, length)) = split(self.rest, self.delimiter) {
            let (taken, rest) = self.rest.split_at(length);
            self.line += taken.matches('\n').count() as u64 + u64::from(!taken.ends_with('\n'));
            self.rest = rest;
            return Some(Record {
                line,
                cells: Ok(cells),
            });
        }
        self.unclosed += 1;
        if self.unclosed > MAX_UNCLOSED {
            self.rest = "";
        } else {
            self.skip_line();
        }
        Some(Record {
            line,
            cells: Err(Unclosed),
        })
    }
}

/// The cells of the first record and its length with its line end; nothing if a quote stays open.
fn split(text: &str, delimiter: char) -> Option<(Vec<String>, usize)> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut characters = text.char_indices().peekable();
    let mut at_start = true;
    while let Some((at, character)) = characters.next() {
        if quoted {
            match character {
                '"' if characters.peek().is_some_and(|(_, next)| *next == '"') => {
                    characters.next();
                    cell.push('"');
                }
                '"' => quoted = false,
                other => cell.push(other),
            }
            continue;
        }
        match character {
            '"' if at_start => quoted = true,
            '\n' => {
                cells.push(cell);
                return Some((cells, at + 1));
            }
            _ if character == delimiter => {
                cells.push(std::mem::take(&mut cell));
                at_start = true;
                continue;
            }
            // A space before the quote does not count as the cell's start.
            ' ' if at_start => continue,
            other => cell.push(other),
        }
        at_start = false;
    }
    if quoted {
        return None;
    }
    cells.push(cell);
    Some((cells, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Option<Vec<String>>)> {
        Records::new(text, Delimiter::Comma)
            .map(|record| (record.line, record.cells.ok()))
            .collect()
    }

    fn cells<const N: usize>(cells: &[&str; N]) -> Option<Vec<String>> {
        (N > 0).then(|| cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let text = "a,b\n\n\"1\n2\n3\",x\n  \ny,\"z \"\"q\"\"\"\n";
        assert_eq!(
            read(text),
            [
                (1, cells(&["a", "b"])),
                (3, cells(&["1\n2\n3", "x"])),
                (7, cells(&["y", "z \"q\""])),
            ]
        );
    }

    #[test]
    fn quotes_inside_a_cell_are_text() {
        assert_eq!(read("5\" pipe,x"), [(1, cells(&["5\" pipe", "x"]))]);
        assert_eq!(read("\"a\"b,c"), [(1, cells(&["ab", "c"]))]);
        assert_eq!(read("a, \"b,c\""), [(1, cells(&["a", "b,c"]))]);
        assert_eq!(read(",,"), [(1, cells(&["", "", ""]))]);
    }

    #[test]
    fn an_open_quote_costs_its_line_only() {
        assert_eq!(
            read("a,b\n\"x,y\nc,d\n"),
            [(1, cells(&["a", "b"])), (2, None), (3, cells(&["c", "d"]))]
        );
    }

    #[test]
    fn open_quotes_without_end_are_given_up() {
        let text = "x\"y,\"\n".repeat(10_001);
        assert!(read(&text).len() <= MAX_UNCLOSED + 1);
    }

    proptest::proptest! {
        /// The `csv` crate reads well-formed text alike.
        #[test]
        fn written_and_read_again(
            rows in proptest::collection::vec(proptest::collection::vec("[ -~é\n]{1,6}", 3), 1..5)
        ) {
            let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).expect("memory");
            }
            let text = String::from_utf8(writer.into_inner().expect("memory")).expect("UTF-8");
            let found: Vec<_> = read(&text).into_iter().filter_map(|(_, cells)| cells).collect();
            proptest::prop_assert_eq!(found, rows);
        }
    }
}
