//! What can be wrong with a staff file, and with one row of it.

use std::fmt;

use base::Message;

/// A file that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    #[error("the file is empty")]
    Empty,
    #[error("the file is {what}")]
    OtherKind { what: &'static str },
    #[error("the file has a header but nobody below it")]
    NoRows,
    #[error(
        "no column holds the userName: expected userPrincipalName (Entra ID), User ID/Email (Control Hub), \
         username (JumpCloud) or userName (SCIM) in the first line, found {found}"
    )]
    NoUserName { found: String },
    #[error("the file has more than {most} rows; split it")]
    TooManyRows { most: usize },
    #[error("the first line has {columns} columns, more than any staff file has")]
    TooManyColumns { columns: usize },
    #[error("the columns {first:?} and {second:?} both hold the same attribute; remove one of them")]
    SameColumn { first: String, second: String },
}

/// A row, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RowProblem {
    /// The line on which the row starts, counted from 1.
    pub line: u64,
    pub message: Message,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, sentence(&self.message))
    }
}

/// Problems as they come up. Of very many only the first are kept, of the others how many they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Problems {
    kept: Vec<RowProblem>,
    more: usize,
    /// The first line of those that are not kept.
    more_from: u64,
}

/// So many are kept.
const MOST: usize = 1_000;

impl Problems {
    pub fn push(&mut self, problem: RowProblem) {
        if self.kept.len() < MOST {
            self.kept.push(problem);
            return;
        }
        self.more_from = match self.more {
            0 => problem.line,
            _ => self.more_from.min(problem.line),
        };
        self.more += 1;
    }

    /// How many there are, kept or not.
    pub fn count(&self) -> usize {
        self.kept.len() + self.more
    }

    /// Those that were kept in the order of their lines, and one that says how many more there are.
    pub fn into_list(mut self) -> Vec<RowProblem> {
        self.kept.sort_by_key(|problem| problem.line);
        if self.more > 0 {
            self.kept.push(RowProblem {
                line: self.more_from,
                message: Message::new("csv.more").with("count", self.more),
            });
        }
        self.kept
    }
}

/// Those that were kept.
impl std::ops::Deref for Problems {
    type Target = [RowProblem];

    fn deref(&self) -> &[RowProblem] {
        &self.kept
    }
}

/// The sentences of every code that reading and importing a staff file can give.
const SENTENCES: [(&str, &str); 15] = [
    ("csv.unclosed_quote", "a quote is opened here and never closed"),
    ("csv.too_few_cells", "{cells} cells, but the header has {columns}"),
    (
        "csv.too_many_cells",
        "{cells} cells, but the header has {columns}; a delimiter in a value needs quotes",
    ),
    ("csv.no_user_name", "the column {column} is blank"),
    (
        "csv.duplicate_user_name",
        "{user_name} is already on line {first_line}",
    ),
    (
        "csv.not_a_boolean",
        "{column} must be TRUE or FALSE, not \"{value}\"",
    ),
    (
        "csv.not_a_state",
        "{column} must be Active or Inactive, not \"{value}\"",
    ),
    (
        "csv.not_a_country_code",
        "{column} must be a country's two letters, not \"{value}\"; it was left out",
    ),
    (
        "csv.unknown_country",
        "{column} is no country that is known here: \"{value}\"; it was left out",
    ),
    ("csv.control_character", "{column} holds a control character"),
    (
        "csv.unknown_manager",
        "the manager {manager} is neither in the file nor in the directory",
    ),
    ("csv.user_name_taken", "the userName belongs to somebody else"),
    (
        "csv.user_name_not_email",
        "{user_name} is no e-mail address, as this organization wants its userNames",
    ),
    ("csv.refused", "refused: {reason}"),
    ("csv.more", "and {count} more from here on"),
];

/// A message of a staff file as an English sentence.
pub fn sentence(message: &Message) -> String {
    match SENTENCES.iter().find(|(code, _)| *code == message.code) {
        Some((_, template)) => message.fill(template),
        None => message.to_string(),
    }
}
