//! The bundled list, and what new people are made of.

use std::collections::HashSet;
use std::sync::LazyLock;

use csv::StringRecord;

static LIST: &str = include_str!("../../../data/staff.csv");

/// Names must be borne by so many people of a country for new ones to be made of them.
const ENOUGH_NAMES: usize = 5;

pub(super) static COMPANY: LazyLock<Company> = LazyLock::new(Company::read);

/// The bundled list, and what new people are made of.
pub(super) struct Company {
    pub(super) header: StringRecord,
    pub(super) people: Vec<StringRecord>,
    pub(super) countries: Vec<Country>,
    /// Surnames in Latin letters, of every country.
    pub(super) surnames: Vec<Name>,
    /// For each position that new people can have, its country and who holds it in the list.
    pub(super) positions: Vec<(usize, usize)>,
}

/// The names of one country.
#[derive(Default)]
pub(super) struct Country {
    pub(super) given_names: Vec<Name>,
    pub(super) surnames: Vec<Name>,
    pub(super) is_latin: bool,
}

/// A name, and how it is written in a userName.
#[derive(Clone)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) latin: String,
}

impl Company {
    fn read() -> Self {
        let mut reader = csv::Reader::from_reader(LIST.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let people = reader.records().filter_map(Result::ok).collect();
        let mut company = Self {
            header,
            people,
            countries: Vec::new(),
            surnames: Vec::new(),
            positions: Vec::new(),
        };
        company.survey();
        company
    }

    fn column(&self, title: &str) -> usize {
        self.header
            .iter()
            .position(|known| known == title)
            .unwrap_or_default()
    }

    pub(super) fn cell<'p>(&self, person: &'p StringRecord, title: &str) -> &'p str {
        person.get(self.column(title)).unwrap_or_default()
    }

    /// Finds the countries with enough names, and the positions that can be held twice.
    fn survey(&mut self) {
        let managers: HashSet<&str> = self
            .people
            .iter()
            .map(|person| self.cell(person, "manager"))
            .collect();
        let mut codes: Vec<&str> = Vec::new();
        let mut countries: Vec<Country> = Vec::new();
        let mut positions = Vec::new();
        for (index, person) in self.people.iter().enumerate() {
            let code = self.cell(person, "usageLocation");
            let country = codes.iter().position(|known| *known == code).unwrap_or_else(|| {
                codes.push(code);
                countries.push(Country::default());
                codes.len() - 1
            });
            if let Some((given_name, surname)) = self.names(person) {
                countries[country].is_latin = is_latin(&given_name.text);
                countries[country].given_names.push(given_name);
                countries[country].surnames.push(surname);
            }
            let is_manager = managers.contains(self.cell(person, "userPrincipalName"));
            let is_staff =
                !self.cell(person, "jobTitle").is_empty() && !self.cell(person, "manager").is_empty();
            if is_staff && !is_manager && self.cell(person, "accountEnabled") == "True" {
                positions.push((country, index));
            }
        }
        positions.retain(|(country, _)| countries[*country].given_names.len() >= ENOUGH_NAMES);
        let latin = countries.iter().filter(|country| country.is_latin);
        self.surnames = latin.flat_map(|country| country.surnames.clone()).collect();
        self.countries = countries;
        self.positions = positions;
    }

    /// Given name and surname, of people whose userName is `given.surname@…`.
    fn names(&self, person: &StringRecord) -> Option<(Name, Name)> {
        let (local, _) = self.cell(person, "userPrincipalName").split_once('@')?;
        let (given, surname) = local.split_once('.')?;
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
        let (given_name, family_name) = (self.cell(person, "givenName"), self.cell(person, "surname"));
        if given_name.is_empty() || family_name.is_empty() || !plain(given) || !plain(surname) {
            return None;
        }
        let name = |text: &str, latin: &str| Name {
            text: text.to_owned(),
            latin: latin.to_owned(),
        };
        Some((name(given_name, given), name(family_name, surname)))
    }
}

fn is_latin(text: &str) -> bool {
    text.chars()
        .filter(|letter| letter.is_alphabetic())
        .all(|letter| u32::from(letter) < 0x250 || ('Ḁ'..='ỿ').contains(&letter))
}
