//! The staff of the demo: the bundled list, and as many further people as are asked for.
//!
//! The list is a file as Entra ID's "Download users" writes it, with a column for the manager. Managers stand above
//! their people, so that any first part of it is a company of its own. Beyond its end, people are put together from
//! the list's given names, surnames, places and positions, always the same ones in the same order.

mod company;
mod dice;
mod hiring;

use std::ops::Range;

use csv::StringRecord;

use self::company::COMPANY;
use self::hiring::Hiring;

/// The first `count` people as a staff file.
pub(crate) fn csv(count: usize) -> String {
    csv_of(0..count)
}

/// The people from one place to another, counted from 0, as a staff file. Their managers are among them or before.
pub(crate) fn csv_of(people: Range<usize>) -> String {
    let list = &*COMPANY;
    let bundled = people.start.min(list.people.len())..people.end.min(list.people.len());
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let mut write = |record: &StringRecord| {
        // Writing to memory cannot fail.
        let _ = writer.write_record(record);
    };
    write(&list.header);
    list.people[bundled].iter().for_each(&mut write);
    let mut hiring = Hiring::new(list);
    for index in list.people.len()..people.end {
        let hired = hiring.next(index);
        if index >= people.start {
            write(&hired);
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use directory::csv::{Format, StaffRow};

    use super::*;

    fn read(text: &str) -> Vec<StaffRow> {
        let file = directory::csv::read(text.as_bytes()).expect("a staff file");
        assert_eq!(file.format, Format::EntraId);
        assert_eq!(*file.problems, []);
        assert_eq!(*file.warnings, []);
        file.rows
    }

    fn text<'r>(row: &'r StaffRow, name: &str) -> &'r str {
        row.person
            .get(name)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    }

    #[test]
    fn the_bundled_list_is_a_company() {
        let rows = read(&csv(200));
        assert_eq!(rows.len(), 200);
        let count = |what: &dyn Fn(&StaffRow) -> bool| rows.iter().filter(|row| what(row)).count();
        let surname = |row: &StaffRow| {
            row.person
                .get("name")
                .and_then(|name| name.get("familyName"))
                .is_some()
        };
        assert!(
            count(&|row| !surname(row)) >= 5,
            "people without a surname, and shared mailboxes"
        );
        assert!(
            count(&|row| !row.person.contains_key("name")) >= 3,
            "shared mailboxes"
        );
        assert!(count(&|row| !row.person.contains_key("phoneNumbers")) >= 10);
        assert!(count(&|row| row.person["active"] == false) >= 3);
        assert!(count(&|row| !text(row, "displayName").is_ascii()) >= 40);
        assert_eq!(
            count(&|row| row.manager.is_none() && surname(row)),
            1,
            "one at the top"
        );
        let names: HashSet<&str> = rows.iter().map(|row| text(row, "displayName")).collect();
        assert!(names.len() < rows.len(), "two people of one name");
    }

    #[test]
    fn any_first_part_is_a_company_of_its_own() {
        let rows = read(&csv(3000));
        let mut seen = HashSet::new();
        let mut ids = HashSet::new();
        for row in &rows {
            if let Some(manager) = &row.manager {
                assert!(
                    seen.contains(manager.as_str()),
                    "{manager} comes after {}",
                    text(row, "userName")
                );
            }
            assert!(
                seen.insert(text(row, "userName")),
                "{} twice",
                text(row, "userName")
            );
            assert!(ids.insert(text(row, "externalId")));
        }
        for count in [1, 20, 199, 200, 201, 2000] {
            assert_eq!(read(&csv(count)), rows[..count]);
        }
        let later: Vec<_> = read(&csv_of(2990..3000))
            .into_iter()
            .map(|row| row.person)
            .collect();
        let same: Vec<_> = rows[2990..].iter().map(|row| row.person.clone()).collect();
        assert_eq!(later, same);
    }

    #[test]
    fn new_people_are_plausible() {
        let rows = read(&csv_of(200..2200));
        let distinct: HashSet<&str> = rows.iter().map(|row| text(row, "displayName")).collect();
        assert!(distinct.len() > 1000, "{} names", distinct.len());
        for row in &rows {
            let user_name = text(row, "userName");
            assert!(user_name.ends_with("@aldermoor.example"), "{user_name}");
            assert!(user_name.is_ascii());
            assert!(row.manager.is_some(), "{user_name}");
            assert!(!text(row, "title").is_empty());
        }
    }
}
