//! Staff files: the CSV that admins really have, read into SCIM Users. Pure; nothing is written here.
//!
//! The format is recognised by its header: Entra ID's "Download users" and its bulk template, the export of Webex
//! Control Hub, JumpCloud's, or columns with SCIM's names. A row that cannot be used is reported with its line
//! while the others are read.

mod boolean;
mod build;
mod column;
mod country;
mod delimiter;
mod encoding;
mod format;
mod problem;
mod records;
#[cfg(test)]
mod tests;

use scim::Object;

pub use self::delimiter::Delimiter;
pub use self::encoding::Encoding;
pub use self::format::Format;
pub use self::problem::{CsvError, Problems, RowProblem, sentence};

/// A staff file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffFile {
    pub format: Format,
    pub delimiter: Delimiter,
    pub encoding: Encoding,
    pub rows: Vec<StaffRow>,
    /// Rows that were left out, and why; in the order of their lines.
    pub problems: Problems,
    /// Rows that are among `rows`, but without a value that could not be used.
    pub warnings: Problems,
    /// The headers of columns that hold nothing of use, as written.
    pub ignored_columns: Vec<String>,
}

/// One person of a staff file.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffRow {
    /// The line on which the record starts, counted from 1.
    pub line: u64,
    /// The SCIM User, with what the file says: a blank cell is an attribute that is not there.
    pub person: Object,
    /// The manager's userName or e-mail address.
    pub manager: Option<String>,
}

/// Reads a staff file.
pub fn read(bytes: &[u8]) -> Result<StaffFile, CsvError> {
    let (text, encoding) = encoding::decode(bytes)?;
    let header = format::recognise(&text)?;
    let ignored_columns = header
        .columns
        .iter()
        .filter(|(_, column)| column.is_none())
        .map(|(title, _)| title.clone())
        .filter(|title| !title.is_empty())
        .collect();
    let mut file = StaffFile {
        format: header.format,
        delimiter: header.delimiter,
        encoding,
        rows: Vec::new(),
        problems: Problems::default(),
        warnings: Problems::default(),
        ignored_columns,
    };
    build::read_rows(&text, &header, &mut file)?;
    if file.rows.is_empty() && file.problems.is_empty() {
        return Err(CsvError::NoRows);
    }
    Ok(file)
}
