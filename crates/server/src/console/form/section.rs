//! Fields that are saved together.

use serde_json::{Map, Value};

use super::{Control, Field};
use crate::console::Said;
use crate::pages::{Fields, Filled};

/// Fields with a heading.
#[derive(Debug)]
pub struct Section {
    pub key: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub fields: &'static [Field],
}

/// A section with its values.
#[derive(Debug)]
pub struct Sheet {
    pub key: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub controls: Vec<Control>,
    /// What the form brings along: the values that it has shown.
    pub was: String,
    /// Whether it is the one that was not saved.
    pub open: bool,
}

impl Section {
    /// The section with values as the API gives them.
    pub fn show(&self, values: &Value) -> Sheet {
        self.sheet(&self.as_filled(values), None)
    }

    /// The section as it has come in, and could not be saved.
    pub fn show_again(&self, filled: &Fields, wrong: Option<&str>) -> Sheet {
        let values = self.read(filled);
        let mut sheet = self.sheet(&values, wrong);
        filled.text("was").clone_into(&mut sheet.was);
        sheet.open = true;
        sheet
    }

    fn sheet(&self, values: &Value, wrong: Option<&str>) -> Sheet {
        let control = |field: &Field| Control::new(field, &place(field), &values[field.name], wrong);
        Sheet {
            key: self.key,
            title: self.title,
            about: self.about,
            controls: self.fields.iter().map(control).collect(),
            was: values.to_string(),
            open: false,
        }
    }

    fn as_filled(&self, values: &Value) -> Value {
        self.each(|field| field.as_filled(&values[field.name]))
    }

    fn read(&self, filled: &Fields) -> Value {
        self.each(|field| field.read(&place(field), filled))
    }

    fn each(&self, value: impl Fn(&Field) -> Value) -> Value {
        let members = self
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), value(field)));
        Value::Object(members.collect())
    }
}

fn place(field: &Field) -> String {
    format!("settings.{}", field.name)
}

impl Sheet {
    /// A section as it is, or as it was filled in if just that could not be saved.
    pub fn after(section: &Section, values: &Value, said: &Said, filled: Option<&Filled>) -> Self {
        let is_this = |filled: &&Filled| filled.text("do") == "save" && filled.text("section") == section.key;
        match filled.filter(is_this) {
            Some(filled) if said.is_refused() => section.show_again(filled, said.wrong()),
            _ => section.show(values),
        }
    }
}

/// What somebody has changed in a section: none if the form names none of them.
pub fn changes(
    sections: &'static [Section],
    filled: &Fields,
) -> Option<(&'static Section, Map<String, Value>)> {
    let section = sections.iter().find(|one| one.key == filled.text("section"))?;
    let was: Value = serde_json::from_str(filled.text("was")).unwrap_or_default();
    let mut found = Map::new();
    if let Value::Object(values) = section.read(filled) {
        let changed = values.into_iter().filter(|(name, value)| was[name] != *value);
        found.extend(changed);
    }
    Some((section, found))
}

/// The names of the fields of some sections.
#[cfg(test)]
pub fn names_of(sections: &[Section]) -> Vec<&'static str> {
    let fields = sections.iter().flat_map(|section| section.fields);
    fields.map(|field| field.name).collect()
}
