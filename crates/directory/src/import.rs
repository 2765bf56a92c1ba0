//! Importing a staff file: who is new comes in, who differs is updated, everybody else stays as he or she is.
//!
//! What the file says of a person replaces what was there; what it does not speak of stays. Elements of e-mails,
//! phone numbers and addresses are told apart by their type. Importing the same file twice changes nothing.

use std::collections::HashMap;

use base::{Message, OrgId, UserId, canonical};
use futures_util::future::join_all;
use scim::Object;
use scim::resource::Mode;
use serde_json::{Value, json};
use store::users::User;

use crate::csv::{Problems, RowProblem, StaffFile, StaffRow};
use crate::{Change, Concurrency, Difference, Directory, Error, owned, rendering, rules};

/// Rows under way at once: the database commits them together.
const AT_ONCE: usize = 64;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What an import did, or would do.
#[derive(Debug, Default)]
pub struct ImportReport {
    pub dry_run: bool,
    pub rows: usize,
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    /// In the order of their lines: rows that could not be read, and rows that the directory refused. Of very many only
    /// the first, and last how many more there are.
    pub problems: Vec<RowProblem>,
    /// Rows that went in, but for one value that means nothing.
    pub warnings: Vec<RowProblem>,
    pub people: Vec<ImportedPerson>,
}

/// What happened to one row.
#[derive(Debug, serde::Serialize)]
pub struct ImportedPerson {
    pub line: u64,
    pub user_name: String,
    pub action: Action,
    pub changes: Vec<Difference>,
}

/// What a row leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Update,
    Unchanged,
}

impl Directory {
    /// Imports a staff file. `progress` hears how many of how many rows are done.
    pub async fn import(
        &self,
        change: &Change<'_>,
        org: OrgId,
        file: StaffFile,
        dry_run: bool,
        progress: &mut (dyn FnMut(usize, usize) + Send),
    ) -> Result<ImportReport, Error> {
        let StaffFile {
            rows,
            mut problems,
            warnings,
            ..
        } = file;
        let mut report = ImportReport {
            dry_run,
            rows: rows.len() + problems.count(),
            warnings: warnings.into_list(),
            ..ImportReport::default()
        };
        let mut people = People::default();
        let mut done = 0;
        for chunk in rows.chunks(AT_ONCE) {
            let results = join_all(chunk.iter().map(|row| self.import_row(change, org, row, dry_run))).await;
            for (row, result) in chunk.iter().zip(results) {
                match result {
                    Ok((user, person)) => {
                        people.add(row, &person.user_name, user.map(|user| user.id));
                        report.people.push(person);
                    }
                    Err(error) => problems.push(refused(row, error)?),
                }
                done += 1;
            }
            progress(done, rows.len());
        }
        self.import_managers(change, org, &rows, &people, &mut report, &mut problems)
            .await?;
        report.count();
        report.problems = problems.into_list();
        Ok(report)
    }

    async fn import_row(
        &self,
        change: &Change<'_>,
        org: OrgId,
        row: &StaffRow,
        dry_run: bool,
    ) -> Result<(Option<User>, ImportedPerson), Error> {
        let read = |mode| {
            let body = Value::Object(row.person.clone());
            scim::resource::read(body, &change.types.user, mode)
        };
        let wanted = read(Mode::Part)?;
        let user_name = rules::user_name(&wanted).to_owned();
        let person = |action, changes| ImportedPerson {
            line: row.line,
            user_name: user_name.clone(),
            action,
            changes,
        };
        let Some(current) = self.user_by_name(org, &user_name).await? else {
            let mut wanted = read(Mode::Create)?;
            rules::apply(change.settings, &mut wanted)?;
            let nothing = Object::new();
            let changes = rendering::touched(&nothing, &wanted);
            let changes = rendering::differences(&changes, &change.types.user);
            let user = if dry_run {
                None
            } else {
                Some(self.create_user(change, org, wanted).await?)
            };
            return Ok((user, person(Action::Create, changes)));
        };
        let before = rendering::document(&current)?;
        let mut after = before.clone();
        merge(&mut after, &wanted);
        rules::apply_to_change(change.settings, &before, &mut after)?;
        let changes = rendering::touched(&before, &after);
        owned::refuse_changes(change, &current, &changes)?;
        let action = if changes.is_empty() {
            Action::Unchanged
        } else {
            Action::Update
        };
        let changes = rendering::differences(&changes, &change.types.user);
        if dry_run || action == Action::Unchanged {
            return Ok((Some(current), person(action, changes)));
        }
        let edit = |object: &mut Object| {
            merge(object, &wanted);
            Ok(())
        };
        let user = self
            .edit_user(change, org, current, Concurrency::Retry, edit)
            .await?;
        Ok((Some(user), person(action, changes)))
    }

    /// Managers are people of the file or of the directory, so they come when everybody is there.
    async fn import_managers(
        &self,
        change: &Change<'_>,
        org: OrgId,
        rows: &[StaffRow],
        people: &People,
        report: &mut ImportReport,
        problems: &mut Problems,
    ) -> Result<(), Error> {
        let dry_run = report.dry_run;
        let mut persons: HashMap<u64, &mut ImportedPerson> = report
            .people
            .iter_mut()
            .map(|person| (person.line, person))
            .collect();
        for row in rows {
            let (Some(manager), Some(person)) = (&row.manager, persons.remove(&row.line)) else {
                continue;
            };
            let Some(known) = self.find_manager(org, people, manager).await? else {
                let message = Message::new("csv.unknown_manager").with("manager", manager);
                problems.push(RowProblem {
                    line: row.line,
                    message,
                });
                continue;
            };
            let set = self.import_manager(change, org, person, (manager, known), dry_run);
            if let Err(error) = set.await {
                problems.push(refused(row, error)?);
            }
        }
        Ok(())
    }

    async fn find_manager(&self, org: OrgId, people: &People, manager: &str) -> Result<Option<Known>, Error> {
        if let Some(known) = people.find(manager) {
            return Ok(Some(known));
        }
        let user = match self.user_by_name(org, manager).await? {
            Some(user) => Some(user),
            None => self.user_by_email(org, manager).await?,
        };
        Ok(user.map(|user| Known::There(user.id)))
    }

    async fn import_manager(
        &self,
        change: &Change<'_>,
        org: OrgId,
        person: &mut ImportedPerson,
        (manager, known): (&str, Known),
        dry_run: bool,
    ) -> Result<(), Error> {
        let wanted = match known {
            Known::There(id) => Some(id.to_string()),
            Known::Planned => None,
        };
        let current = self.user_by_name(org, &person.user_name).await?;
        let present = match &current {
            Some(user) => manager_of(&rendering::document(user)?),
            None => None,
        };
        if wanted.is_some() && present == wanted {
            return Ok(());
        }
        if let Some(user) = &current {
            owned::refuse_change_of(change, user, ENTERPRISE)?;
        }
        if person.action == Action::Unchanged {
            person.action = Action::Update;
        }
        if person.action == Action::Update {
            person.changes.push(Difference {
                attribute: "manager".to_owned(),
                old: present.map_or(Value::Null, Value::String),
                new: wanted.clone().map_or_else(|| manager.into(), Value::String),
            });
        }
        let (Some(user), Some(wanted), false) = (current, wanted, dry_run) else {
            return Ok(());
        };
        let edit = |object: &mut Object| {
            set_manager(object, &wanted);
            Ok(())
        };
        self.edit_user(change, org, user, Concurrency::Retry, edit)
            .await
            .map(drop)
    }
}

/// Somebody of the file.
#[derive(Clone, Copy)]
enum Known {
    There(UserId),
    /// A dry run: he or she would be created.
    Planned,
}

/// The people of the file, by userName and by e-mail address.
#[derive(Default)]
struct People {
    user_names: HashMap<String, Known>,
    emails: HashMap<String, Known>,
}

impl People {
    fn add(&mut self, row: &StaffRow, user_name: &str, id: Option<UserId>) {
        let known = id.map_or(Known::Planned, Known::There);
        self.user_names.insert(canonical::user_name(user_name), known);
        let emails = row.person.get("emails").and_then(Value::as_array);
        for email in emails
            .into_iter()
            .flatten()
            .filter_map(|email| email["value"].as_str())
        {
            self.emails.entry(canonical::email(email)).or_insert(known);
        }
    }

    /// Whom a manager's userName or e-mail address means.
    fn find(&self, name: &str) -> Option<Known> {
        let by_name = self.user_names.get(&canonical::user_name(name));
        by_name
            .or_else(|| self.emails.get(&canonical::email(name)))
            .copied()
    }
}

impl ImportReport {
    fn count(&mut self) {
        let count = |action| {
            self.people
                .iter()
                .filter(|person| person.action == action)
                .count()
        };
        (self.created, self.updated, self.unchanged) = (
            count(Action::Create),
            count(Action::Update),
            count(Action::Unchanged),
        );
    }
}

/// A row that the directory or the database refuses is reported; what would meet every row ends the import.
fn refused(row: &StaffRow, error: Error) -> Result<RowProblem, Error> {
    use store::Error::{Busy, InUse, Internal, Unavailable};
    let message = match &error {
        Error::Store(Busy | Unavailable(_) | InUse(_) | Internal(_)) => return Err(error),
        Error::Scim(inner) if inner.status >= 500 => return Err(error),
        Error::UserNameTaken { .. } => Message::new("csv.user_name_taken"),
        Error::UserNameNotEmail { user_name } => {
            Message::new("csv.user_name_not_email").with("user_name", user_name)
        }
        other => Message::new("csv.refused").with("reason", other),
    };
    Ok(RowProblem {
        line: row.line,
        message,
    })
}

/// Lays what the file says over what is there.
fn merge(target: &mut Object, wanted: &Object) {
    for (name, value) in wanted {
        match (target.get_mut(name), value) {
            (_, Value::Array(_)) if name == "schemas" => {}
            (Some(Value::Object(inner)), Value::Object(more)) => merge(inner, more),
            (Some(Value::Array(elements)), Value::Array(more)) => merge_elements(elements, more),
            _ => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
    name_schemas(target);
}

/// Names every extension that the resource has in its `schemas`.
fn name_schemas(resource: &mut Object) {
    let extensions: Vec<Value> = resource
        .keys()
        .filter(|name| name.starts_with("urn:"))
        .map(|name| name.as_str().into())
        .collect();
    if let Some(Value::Array(schemas)) = resource.get_mut("schemas") {
        for urn in extensions {
            if !schemas.contains(&urn) {
                schemas.push(urn);
            }
        }
    }
}

/// Elements of one type are one: the file's values go over it.
fn merge_elements(elements: &mut Vec<Value>, more: &[Value]) {
    for element in more {
        let same = elements
            .iter_mut()
            .find(|present| present["type"] == element["type"]);
        match (same, element) {
            (Some(Value::Object(present)), Value::Object(element)) => {
                for (name, value) in element {
                    present.insert(name.clone(), value.clone());
                }
            }
            _ => elements.push(element.clone()),
        }
    }
}

fn manager_of(user: &Object) -> Option<String> {
    user.get(ENTERPRISE)?
        .get("manager")?
        .get("value")?
        .as_str()
        .map(ToOwned::to_owned)
}

fn set_manager(user: &mut Object, id: &str) {
    let extension = user.entry(ENTERPRISE).or_insert_with(|| json!({}));
    extension["manager"] = json!({ "value": id });
    name_schemas(user);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Object {
        let Value::Object(object) = value else {
            unreachable!("tests pass objects")
        };
        object
    }

    #[test]
    fn what_the_file_does_not_speak_of_stays() {
        let mut person = object(json!({
            "userName": "a", "title": "Engineer", "name": { "givenName": "A", "middleName": "B" },
            "phoneNumbers": [{ "type": "work", "value": "1" }, { "type": "mobile", "value": "2" }],
        }));
        let row = object(json!({
            "userName": "a", "name": { "givenName": "Anna" },
            "phoneNumbers": [{ "type": "work", "value": "3" }, { "type": "fax", "value": "4" }],
        }));
        merge(&mut person, &row);
        assert_eq!(
            Value::Object(person.clone()),
            json!({
                "userName": "a", "title": "Engineer", "name": { "givenName": "Anna", "middleName": "B" },
                "phoneNumbers": [{ "type": "work", "value": "3" }, { "type": "mobile", "value": "2" }, { "type": "fax", "value": "4" }],
            })
        );
        let once = person.clone();
        merge(&mut person, &row);
        assert_eq!(person, once);
    }
}
