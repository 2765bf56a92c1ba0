//! From records to people.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use base::{Message, canonical};
use scim::Object;

use super::column::{Column, Place};
use super::format::Header;
use super::records::{Record, Records};
use super::{CsvError, Format, RowProblem, StaffFile, StaffRow, boolean, country};

/// Rows of a file at most.
pub(super) const MAX_ROWS: usize = 1_000_000;

/// Reads every record below the header into `file`.
pub(super) fn read_rows(text: &str, header: &Header, file: &mut StaffFile) -> Result<(), CsvError> {
    let mut seen: HashMap<String, u64> = HashMap::new();
    let records = Records::new(text, header.delimiter).skip_to(header.first_line);
    for (before, record) in records.enumerate() {
        if before == MAX_ROWS {
            return Err(CsvError::TooManyRows { most: MAX_ROWS });
        }
        let line = record.line;
        if is_example(header, &record) {
            continue;
        }
        match read_row(header, record) {
            Err(message) => file.problems.push(RowProblem { line, message }),
            Ok((row, warnings)) => {
                let user_name = row.person.get("userName").and_then(|name| name.as_str());
                let user_name = user_name.unwrap_or_default();
                match seen.entry(canonical::user_name(user_name)) {
                    Entry::Occupied(first) => {
                        let message = Message::new("csv.duplicate_user_name")
                            .with("user_name", user_name)
                            .with("first_line", first.get());
                        file.problems.push(RowProblem { line, message });
                        continue;
                    }
                    Entry::Vacant(free) => free.insert(line),
                };
                for message in warnings {
                    file.warnings.push(RowProblem { line, message });
                }
                file.rows.push(row);
            }
        }
    }
    Ok(())
}

/// The third line of Entra ID's template.
fn is_example(header: &Header, record: &Record) -> bool {
    let first = record.cells.as_ref().ok().and_then(|cells| cells.first());
    header.format == Format::EntraId && first.is_some_and(|cell| cell.starts_with("Example:"))
}

/// A person being put together.
#[derive(Default)]
struct Draft {
    person: Object,
    active: Option<bool>,
    country_code: Option<String>,
    /// With the title of its column.
    country_name: Option<(String, String)>,
    manager: Option<String>,
    warnings: Vec<Message>,
}

fn read_row(header: &Header, record: Record) -> Result<(StaffRow, Vec<Message>), Message> {
    let cells = record.cells.map_err(|_| Message::new("csv.unclosed_quote"))?;
    let cells = check_width(cells, header.columns.len())?;
    let mut draft = Draft::default();
    for (cell, (title, column)) in cells.iter().zip(&header.columns) {
        let Some(column) = column else { continue };
        let text = cell.trim();
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(Message::new("csv.control_character").with("column", title));
        }
        draft.take(column, title, text)?;
    }
    draft.finish(header, record.line)
}

/// Blank cells beyond the header are no cells.
fn check_width(mut cells: Vec<String>, columns: usize) -> Result<Vec<String>, Message> {
    let count = cells.len();
    while cells.len() > columns && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    let code = match cells.len().cmp(&columns) {
        std::cmp::Ordering::Equal => return Ok(cells),
        std::cmp::Ordering::Less => "csv.too_few_cells",
        std::cmp::Ordering::Greater => "csv.too_many_cells",
    };
    Err(Message::new(code).with("cells", count).with("columns", columns))
}

impl Draft {
    fn take(&mut self, column: &Column, title: &str, text: &str) -> Result<(), Message> {
        let wrong = |code: &str| Message::new(code).with("column", title).with("value", text);
        match column {
            Column::Active if text.is_empty() => self.active = Some(true),
            Column::Active => {
                self.active = Some(boolean::parse(text).ok_or_else(|| wrong("csv.not_a_boolean"))?);
            }
            _ if text.is_empty() => {}
            Column::At(place) => place.write(&mut self.person, text),
            Column::Blocked => {
                let blocked = boolean::parse(text).ok_or_else(|| wrong("csv.not_a_boolean"))?;
                self.active = Some(!blocked && self.active != Some(false));
            }
            Column::State => {
                let active = boolean::parse_state(text).ok_or_else(|| wrong("csv.not_a_state"))?;
                self.active = Some(active && self.active != Some(false));
            }
            Column::CountryCode => match country::code(text) {
                Some(code) => self.country_code = Some(code),
                None => self.warnings.push(wrong("csv.not_a_country_code")),
            },
            Column::CountryName => self.country_name = Some((title.to_owned(), text.to_owned())),
            Column::Manager => self.manager = Some(text.to_owned()),
        }
        Ok(())
    }

    fn finish(mut self, header: &Header, line: u64) -> Result<(StaffRow, Vec<Message>), Message> {
        if let Some(country) = self.country() {
            self.write("addresses.country", &country);
        }
        if let Some(active) = self.active {
            self.person.insert("active".to_owned(), active.into());
        }
        let user_name = self
            .person
            .get("userName")
            .and_then(|name| name.as_str())
            .map(ToOwned::to_owned);
        match (header.format, user_name) {
            (Format::ControlHub, Some(user_name)) => self.write("emails.work", &user_name),
            (_, Some(_)) => {}
            (Format::JumpCloud, None) => {
                let mail = self.work_mail().ok_or_else(|| no_user_name(header))?;
                self.write("userName", &mail);
            }
            (_, None) => return Err(no_user_name(header)),
        }
        let row = StaffRow {
            line,
            person: self.person,
            manager: self.manager,
        };
        Ok((row, self.warnings))
    }

    /// By the code, else by the name.
    fn country(&mut self) -> Option<String> {
        if self.country_code.is_some() {
            return self.country_code.take();
        }
        let (title, text) = self.country_name.take()?;
        let code = country::code_or_name(&text);
        if code.is_none() {
            let message = Message::new("csv.unknown_country")
                .with("column", title)
                .with("value", text);
            self.warnings.push(message);
        }
        code
    }

    fn write(&mut self, path: &str, text: &str) {
        if let Some(place) = Place::parse(path) {
            place.write(&mut self.person, text);
        }
    }

    fn work_mail(&self) -> Option<String> {
        let emails = self.person.get("emails")?.as_array()?;
        let work = emails.iter().find(|email| email["type"] == "work")?;
        work["value"].as_str().map(ToOwned::to_owned)
    }
}

/// Named by the column that should have held it.
fn no_user_name(header: &Header) -> Message {
    let is_user_name =
        |column: &Option<Column>| matches!(column, Some(Column::At(place)) if place.is_user_name());
    let titles = header.columns.iter().filter(|(_, column)| is_user_name(column));
    let title = titles.map(|(title, _)| title.as_str()).next().unwrap_or("email");
    Message::new("csv.no_user_name").with("column", title)
}
