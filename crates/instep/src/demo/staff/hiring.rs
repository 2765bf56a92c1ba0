//! People beyond the end of the list.

use std::collections::HashMap;

use csv::StringRecord;

use super::company::{Company, Country, Name};
use super::dice::Dice;

/// How many people report to one manager.
const SPAN: usize = 8;
/// One surname in so many comes from another country, where the script is the same.
const MOVED: u64 = 4;
/// One account in so many is disabled.
const DISABLED: u64 = 60;

/// New people, one after the other.
pub(super) struct Hiring<'c> {
    company: &'c Company,
    /// How often each userName has been wanted.
    taken: HashMap<String, usize>,
    /// The new people under each manager of the list.
    teams: HashMap<String, Vec<String>>,
}

impl<'c> Hiring<'c> {
    pub(super) fn new(company: &'c Company) -> Self {
        let user_names = company
            .people
            .iter()
            .map(|person| company.cell(person, "userPrincipalName"));
        Self {
            company,
            taken: user_names.map(|name| (name.to_owned(), 1)).collect(),
            teams: HashMap::new(),
        }
    }

    pub(super) fn next(&mut self, index: usize) -> StringRecord {
        let mut dice = Dice::thrown_for(index);
        let (country_index, position) = *dice.choose(&self.company.positions);
        let country = &self.company.countries[country_index];
        let model = &self.company.people[position];
        let (given_name, surname) = self.name(country, &mut dice);
        let user_name = self.user_name(&format!("{}.{}", given_name.latin, surname.latin));
        let manager = self.manager(self.company.cell(model, "manager"), &user_name);
        let started = dice.choose(&self.company.people);
        let record = self.company.header.iter().enumerate().map(|(column, title)| {
            let same = model.get(column).unwrap_or_default();
            match title {
                "userPrincipalName" => user_name.clone(),
                "displayName" => display_name(
                    self.company.cell(model, "usageLocation"),
                    &given_name.text,
                    &surname.text,
                ),
                "givenName" => given_name.text.clone(),
                "surname" => surname.text.clone(),
                "mail" if !same.is_empty() => user_name.clone(),
                "id" => dice.uuid(),
                "accountEnabled" => if dice.roll(DISABLED) == 0 { "False" } else { "True" }.to_owned(),
                "telephoneNumber" | "mobilePhone" => neighbour(same, &mut dice),
                "alternateEmailAddress" => String::new(),
                "createdDateTime" => self.company.cell(started, title).to_owned(),
                "manager" => manager.clone(),
                _ => same.to_owned(),
            }
        });
        record.collect()
    }

    fn name(&self, country: &Country, dice: &mut Dice) -> (Name, Name) {
        let given_name = dice.choose(&country.given_names).clone();
        let from_elsewhere = country.is_latin && dice.roll(MOVED) == 0;
        let surnames = if from_elsewhere {
            &self.company.surnames
        } else {
            &country.surnames
        };
        let first = dice.place(surnames.len());
        let fitting = (0..surnames.len())
            .map(|step| &surnames[(first + step) % surnames.len()])
            .find(|surname| fits(&given_name.text, &surname.text));
        (given_name, fitting.unwrap_or(&surnames[first]).clone())
    }

    /// The first is `anna.berg`, the second `anna.berg2`.
    fn user_name(&mut self, local: &str) -> String {
        let domain = self
            .company
            .people
            .first()
            .map(|first| self.company.cell(first, "userPrincipalName"));
        let domain = domain
            .and_then(|name| name.split_once('@'))
            .map(|(_, domain)| domain)
            .unwrap_or_default();
        let plain = format!("{local}@{domain}");
        loop {
            let times = self.taken.entry(plain.clone()).or_default();
            *times += 1;
            let wanted = if *times == 1 {
                plain.clone()
            } else {
                format!("{local}{times}@{domain}")
            };
            if *times == 1 || !self.taken.contains_key(&wanted) {
                return wanted;
            }
        }
    }

    /// The model's manager gets so many new people, then those of them who came first get theirs.
    fn manager(&mut self, of_model: &str, newcomer: &str) -> String {
        let team = self.teams.entry(of_model.to_owned()).or_default();
        let manager = match (team.len() / SPAN).checked_sub(1) {
            None => of_model.to_owned(),
            Some(place) => team[place].clone(),
        };
        team.push(newcomer.to_owned());
        manager
    }
}

/// As people write their names where they live.
fn display_name(country: &str, given_name: &str, surname: &str) -> String {
    match country {
        "CN" | "KR" => format!("{surname}{given_name}"),
        "JP" | "VN" => format!("{surname} {given_name}"),
        _ => format!("{given_name} {surname}"),
    }
}

/// Polish, Bulgarian and Greek surnames that are a man's or a woman's go with such a given name.
fn fits(given_name: &str, surname: &str) -> bool {
    let is_womans = given_name.ends_with(['a', 'а', 'я', 'α', 'η']);
    let ends = |endings: &[&str]| endings.iter().any(|ending| surname.ends_with(ending));
    if ends(&["ova", "ová", "ова", "ева", "άκη", "πούλου", "dóttir"]) {
        return is_womans;
    }
    !(ends(&["ski", "ов", "ев"]) && is_womans)
}

/// A telephone number of the same office: the last two digits are others.
fn neighbour(number: &str, dice: &mut Dice) -> String {
    match number.len().checked_sub(2).and_then(|end| number.get(..end)) {
        Some(start) => format!("{start}{:02}", dice.roll(100)),
        None => String::new(),
    }
}
