//! Whatever account is found and whoever the person is: once the plan's request was carried out by a strict server,
//! the next plan has nothing to do, and what is then known of the account is what stands in it.

use base::Message;
use mapping::WhenEmpty;
use proptest::option;
use proptest::prelude::*;
use scim::Object;
use scim::patch::{MissingTarget, PatchOptions, PatchRequest, apply};
use scim::schema::ResourceType;
use serde_json::{Value, json};

use super::*;
use crate::desired::{Mappings, Worked};
use crate::settings::Switches;
use crate::target::MissingElement;

const ALL: Switches = Switches {
    create: true,
    update: true,
    deactivate: true,
    delete: true,
};

fn mappings() -> Mappings {
    let preset = mapping::preset::find("webex-entra").expect("the preset");
    let mut rows = preset.mapping_set().expect("a set").into_rows();
    rows.push(mapping::AttributeMapping::direct(
        "department",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ));
    let set = mapping::MappingSet::check(rows).expect("a set");
    Mappings::new(set.with_when_empty(WhenEmpty::Clear)).expect("places")
}

fn text() -> impl Strategy<Value = Option<String>> {
    option::of(prop::sample::select(vec![
        "a".to_owned(),
        "b".to_owned(),
        "Zoë \"Z\"".to_owned(),
    ]))
}

prop_compose! {
    fn elements(kinds: Vec<&'static str>, subs: Vec<&'static str>)(
        chosen in prop::collection::vec((any::<bool>(), prop::collection::vec(text(), subs.len())), kinds.len())
    ) -> Value {
        let elements: Vec<_> = kinds.iter().zip(chosen).filter(|(_, (there, _))| *there).map(|(kind, (_, values))| {
            let mut element = json!({"type": kind});
            for (sub, value) in subs.iter().zip(values) {
                if let Some(value) = value {
                    element[*sub] = json!(value);
                }
            }
            element
        }).collect();
        json!(elements)
    }
}

prop_compose! {
    /// A person of the directory, or an account with values of its own.
    fn resource()(
        display_name in text(), title in text(), family in text(), given in text(), department in text(),
        nick in text(), active in option::of(any::<bool>()),
        // Without a `display`: some servers, ours too, take it along when the number goes, and others leave it there.
        phones in elements(vec!["work", "mobile", "fax", "home"], vec!["value"]),
        addresses in elements(vec!["work", "home"], vec!["country", "locality", "streetAddress", "region", "formatted"]),
    ) -> Object {
        let mut object = Object::new();
        object.insert("userName".into(), json!("anna@example.com"));
        let mut put = |name: &str, value: Value| {
            if !value.is_null() && value != json!([]) && value != json!({}) {
                object.insert(name.to_owned(), value);
            }
        };
        put("displayName", json!(display_name));
        put("title", json!(title));
        put("nickName", json!(nick));
        put("active", json!(active));
        let mut name = Object::new();
        name.extend(family.map(|family| ("familyName".to_owned(), json!(family))));
        name.extend(given.map(|given| ("givenName".to_owned(), json!(given))));
        put("name", Value::Object(name));
        put("phoneNumbers", phones);
        put("addresses", addresses);
        if let Some(department) = department {
            put("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", json!({"department": department}));
        }
        object
    }
}

fn planned(mappings: &Mappings, person: &Object, active: bool, account: Account<'_>) -> Plan {
    plan(&Input {
        person: Person::Present {
            resource: person,
            id: "p1",
            active,
            around: mapping::Around::default(),
            references: &References::default(),
        },
        scope: &Scope::In(Message::new("scope.all")),
        mappings,
        switches: ALL,
        account,
        writing: Writing::Patch(MissingElement::Add),
        kind: SubjectKind::User,
        members: &Members::default(),
        leaving: Leaving::Disable,
        ambient: &mapping::Still::default(),
        worked: &Worked::default(),
        choices: &Choices::new(),
    })
    .expect("a plan")
}

/// What a strict server makes of the request.
fn carried_out(account: &Object, request: Option<&Request>) -> Object {
    let mut account = account.clone();
    match request {
        Some(request @ Request::Patch { .. }) => {
            let body = request.body().expect("a body");
            let request = PatchRequest::parse(body).expect("a PATCH");
            let options = PatchOptions {
                missing_target: MissingTarget::Error,
            };
            apply(&mut account, &request, ResourceType::user(), options).expect("carried out");
        }
        Some(Request::Create { body }) => account.clone_from(body),
        _ => {}
    }
    account
}

proptest! {
    #[test]
    fn an_account_that_is_found_is_in_step_after_one_request(
        person in resource(), account in resource(), active: bool,
    ) {
        let mappings = mappings();
        let known = Known::read(&account, mappings.paths());
        let first = planned(&mappings, &person, true, Account::Found { target: "a1", known: &known });
        let account = carried_out(&account, first.request.as_ref());
        let known = Known::read(&account, mappings.paths());
        prop_assert_eq!(&first.known, &known);
        let second = planned(&mappings, &person, true, Account::Linked { target: "a1", known: &known });
        prop_assert_eq!(second.action, Action::Unchanged);
        prop_assert_eq!(second.request, None);

        let third = planned(&mappings, &person, active, Account::Linked { target: "a1", known: &first.known });
        let account = carried_out(&account, third.request.as_ref());
        prop_assert_eq!(&third.known, &Known::read(&account, mappings.paths()));
        prop_assert_eq!(account.get("active"), Some(&json!(active)));
    }

    #[test]
    fn a_new_account_is_in_step_at_once(person in resource()) {
        let mappings = mappings();
        let first = planned(&mappings, &person, true, Account::Absent);
        let account = carried_out(&Object::new(), first.request.as_ref());
        prop_assert_eq!(&first.known, &Known::read(&account, mappings.paths()));
        let second = planned(&mappings, &person, true, Account::Linked { target: "a1", known: &first.known });
        prop_assert_eq!(second.action, Action::Unchanged);
    }

    #[test]
    fn a_changed_person_is_in_step_after_one_request(before in resource(), after in resource()) {
        let mappings = mappings();
        let created = planned(&mappings, &before, true, Account::Absent);
        let account = carried_out(&Object::new(), created.request.as_ref());
        let change = planned(&mappings, &after, true, Account::Linked { target: "a1", known: &created.known });
        let account = carried_out(&account, change.request.as_ref());
        prop_assert_eq!(&change.known, &Known::read(&account, mappings.paths()));
        let again = planned(&mappings, &after, true, Account::Linked { target: "a1", known: &change.known });
        prop_assert_eq!(again.action, Action::Unchanged);
    }
}
