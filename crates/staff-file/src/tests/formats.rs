//! What is made of each program's columns.

use serde_json::json;

use super::super::{Delimiter, Encoding, Format};
use super::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn entra_id_download() {
    let file = file(ENTRA_DOWNLOAD);
    assert_eq!(
        (file.format, file.delimiter, file.encoding),
        (Format::EntraId, Delimiter::Comma, Encoding::Utf8)
    );
    assert_eq!(problems(&file), [""; 0]);
    assert_eq!(warnings(&file), [""; 0]);
    assert_eq!(
        people(&file),
        [
            json!({
                "userName": "zoe.lindqvist@fjordglas.example",
                "displayName": "Zoë Lindqvist",
                "name": { "familyName": "Lindqvist", "givenName": "Zoë" },
                "emails": [
                    { "value": "zoe.lindqvist@fjordglas.example", "type": "work", "primary": true },
                    { "value": "zoe@home.example", "type": "other" }
                ],
                "externalId": "5c0d2f0e-7d8f-4a57-9d1e-1b1f6f1f7a01",
                "userType": "Member",
                "title": "Kiln Master",
                "active": true,
                "addresses": [
                    {
                        "type": "work", "streetAddress": "Hyttgatan 4\nPlan 2", "locality": "Kosta",
                        "region": "Kronobergs län", "postalCode": "365 43", "country": "SE"
                    },
                    { "type": "other", "formatted": "Kosta" }
                ],
                "phoneNumbers": [
                    { "value": "+46 478 555 010", "type": "work" },
                    { "value": "+46 70 555 0110", "type": "mobile" }
                ],
                ENTERPRISE: { "department": "Production", "organization": "Fjordglas AB" }
            }),
            json!({
                "userName": "suparman@fjordglas.example",
                "displayName": "Suparman",
                "name": { "givenName": "Suparman" },
                "externalId": "5c0d2f0e-7d8f-4a57-9d1e-1b1f6f1f7a02",
                "userType": "Member",
                "title": "Buyer, glass sand",
                "active": true,
                "addresses": [{ "type": "work", "locality": "Surabaya", "postalCode": "60271", "country": "ID" }],
                ENTERPRISE: { "department": "Purchasing" }
            }),
            json!({
                "userName": "post@fjordglas.example",
                "displayName": "Fjordglas post",
                "emails": [{ "value": "post@fjordglas.example", "type": "work", "primary": true }],
                "externalId": "5c0d2f0e-7d8f-4a57-9d1e-1b1f6f1f7a03",
                "userType": "Member",
                "active": false
            }),
        ]
    );
    let lines: Vec<u64> = file.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 4, 5], "the first person's address has a line break");
    assert_eq!(
        file.ignored_columns,
        [
            "ageGroup",
            "consentProvidedForMinor",
            "legalAgeGroupClassification",
            "creationType",
            "directorySynced",
            "invitationState",
            "identityIssuer",
            "createdDateTime"
        ]
    );
}

#[test]
fn entra_id_template() {
    let file = file(ENTRA_TEMPLATE);
    assert_eq!(file.format, Format::EntraId);
    assert_eq!(problems(&file), [""; 0]);
    assert_eq!(
        file.ignored_columns,
        ["Initial password [passwordProfile] Required"],
        "passwords are not read"
    );
    assert_eq!(
        people(&file),
        [
            json!({
                "displayName": "Ines Duarte",
                "userName": "ines.duarte@fjordglas.example",
                "name": { "givenName": "Ines", "familyName": "Duarte" },
                "title": "Designer",
                ENTERPRISE: { "department": "Studio" },
                "addresses": [
                    {
                        "type": "work", "streetAddress": "Rua da Vidreira 12", "region": "Leiria",
                        "locality": "Marinha Grande", "postalCode": "2430-000", "country": "PT"
                    },
                    { "type": "other", "formatted": "Atelier 3" }
                ],
                "phoneNumbers": [
                    { "value": "+351 244 555 019", "type": "work" },
                    { "value": "+351 91 555 0119", "type": "mobile" }
                ],
                "active": true
            }),
            json!({
                "displayName": "Olav Berg",
                "userName": "olav.berg@fjordglas.example",
                "name": { "givenName": "Olav", "familyName": "Berg" },
                "addresses": [{ "type": "work", "locality": "Oslo", "country": "NO" }],
                "active": false
            }),
        ]
    );
    assert_eq!(file.rows[0].line, 4);
}

#[test]
fn control_hub() {
    let file = file(CONTROL_HUB);
    assert_eq!(file.format, Format::ControlHub);
    assert_eq!(problems(&file), [""; 0]);
    assert_eq!(
        people(&file),
        [
            json!({
                "userName": "renee.dubois@atelier-nord.example",
                "emails": [{ "value": "renee.dubois@atelier-nord.example", "type": "work", "primary": true }],
                "name": { "givenName": "Renée", "familyName": "Dubois" },
                "displayName": "Renée Dubois",
                "active": true,
                "title": "Head of Sales",
                "phoneNumbers": [{ "value": "+33 1 55 55 01 07", "type": "work" }],
                "preferredLanguage": "fr_FR",
                "timezone": "Europe/Paris",
                "addresses": [{
                    "type": "work", "streetAddress": "3 rue du Métier", "locality": "Lille",
                    "region": "Hauts-de-France", "postalCode": "59000", "country": "FR"
                }],
                ENTERPRISE: { "department": "Sales" }
            }),
            json!({
                "userName": "paul.martin@atelier-nord.example",
                "emails": [{ "value": "paul.martin@atelier-nord.example", "type": "work", "primary": true }],
                "name": { "givenName": "Paul", "familyName": "Martin" },
                "displayName": "Paul Martin",
                "active": true,
                "title": "Director",
                "preferredLanguage": "fr_FR",
                "timezone": "Europe/Paris"
            }),
            json!({
                "userName": "desk@atelier-nord.example",
                "emails": [{ "value": "desk@atelier-nord.example", "type": "work", "primary": true }],
                "displayName": "Meeting desk",
                "active": false
            }),
        ]
    );
    assert_eq!(
        file.rows[0].manager.as_deref(),
        Some("paul.martin@atelier-nord.example")
    );
    assert_eq!(file.rows[1].manager, None);
}

#[test]
fn jumpcloud() {
    let file = file(JUMPCLOUD);
    assert_eq!(file.format, Format::JumpCloud);
    assert_eq!(problems(&file), [""; 0]);
    assert_eq!(
        people(&file),
        [
            json!({
                "userName": "kasante",
                "emails": [{ "value": "kwame.asante@savanna-labs.example", "type": "work", "primary": true }],
                "name": { "givenName": "Kwame", "familyName": "Asante" },
                "displayName": "Kwame Asante",
                "title": "Field engineer",
                "userType": "Contractor",
                "active": true,
                "phoneNumbers": [
                    { "value": "+233 30 255 5017", "type": "work" },
                    { "value": "+233 24 555 0117", "type": "mobile" }
                ],
                "addresses": [
                    { "type": "other", "formatted": "Accra HQ" },
                    {
                        "type": "work", "locality": "Accra", "streetAddress": "14 Ring Road East",
                        "region": "Greater Accra", "postalCode": "GA-012", "country": "GH"
                    }
                ],
                ENTERPRISE: {
                    "department": "Operations", "employeeNumber": "E-0107", "organization": "Savanna Labs",
                    "costCenter": "CC-40"
                }
            }),
            json!({
                "userName": "abena.owusu@savanna-labs.example",
                "emails": [{ "value": "abena.owusu@savanna-labs.example", "type": "work", "primary": true }],
                "name": { "givenName": "Abena", "familyName": "Owusu" },
                "active": false,
                "addresses": [{ "type": "work", "country": "GH" }],
                ENTERPRISE: { "department": "Operations" }
            }),
            json!({
                "userName": "yaw@savanna-labs.example",
                "emails": [{ "value": "yaw@savanna-labs.example", "type": "work", "primary": true }],
                "name": { "givenName": "Yaw" },
                "active": true
            }),
        ]
    );
    assert_eq!(
        file.rows[0].manager.as_deref(),
        Some("abena.owusu@savanna-labs.example")
    );
    assert_eq!(file.ignored_columns, ["mfaConfigured"]);
}

#[test]
fn scim_names() {
    let file = file(SCIM);
    assert_eq!(file.format, Format::Scim);
    assert_eq!(problems(&file), [""; 0]);
    assert_eq!(
        people(&file),
        [
            json!({
                "userName": "mei.tan",
                "name": { "givenName": "Mei", "familyName": "Tan" },
                "displayName": "Mei Tan 陈美",
                "emails": [
                    { "value": "mei.tan@harbourworks.example", "type": "work", "primary": true },
                    { "value": "mei@home.example", "type": "home" }
                ],
                "active": true,
                "phoneNumbers": [{ "value": "+65 8555 0112", "type": "mobile" }],
                "addresses": [{ "type": "work", "locality": "Singapore", "country": "SG" }],
                "title": "Analyst",
                "externalId": "hr-2207",
                "preferredLanguage": "en-SG",
                "locale": "en_SG",
                "timezone": "Asia/Singapore",
                ENTERPRISE: { "department": "Risk", "employeeNumber": "2207" }
            }),
            json!({
                "userName": "r.nair",
                "name": { "givenName": "Ravi", "familyName": "Nair" },
                "displayName": "Ravi Nair",
                "emails": [{ "value": "ravi.nair@harbourworks.example", "type": "work", "primary": true }],
                "active": false,
                "addresses": [{ "type": "work", "country": "SG" }]
            }),
        ]
    );
    assert_eq!(file.rows[0].manager.as_deref(), Some("r.nair"));
    assert_eq!(file.ignored_columns, ["shoeSize"]);
}

#[test]
fn titles_are_read_tolerantly() {
    for (header, format) in [
        ("USERPRINCIPALNAME,DISPLAYNAME", Format::EntraId),
        ("User Principal Name,Display_Name", Format::EntraId),
        ("displayName , userPrincipalName", Format::EntraId),
        ("user id/email,first name", Format::ControlHub),
        ("User ID/Email (Required),User Status", Format::ControlHub),
        (
            "First_Name,Last_Name,User_ID/Email_(Required)",
            Format::ControlHub,
        ),
        ("LastName,FirstName,Username", Format::JumpCloud),
        ("email,firstname", Format::JumpCloud),
        ("username,displayname", Format::Scim),
        ("USERNAME,NAME.FAMILYNAME", Format::Scim),
    ] {
        let cells = "a@x.example,".repeat(header.matches(',').count()) + "b@x.example";
        assert_eq!(file(&format!("{header}\n{cells}\n")).format, format, "{header}");
    }
}

/// What is read is what RFC 7643 knows: `scim` drops nothing of it.
#[test]
fn every_person_is_a_scim_user() {
    for text in [ENTRA_DOWNLOAD, ENTRA_TEMPLATE, CONTROL_HUB, JUMPCLOUD, SCIM] {
        for row in file(text).rows {
            let body = Value::Object(row.person.clone());
            let read = scim::resource::read(body, scim::ResourceType::user(), scim::resource::Mode::Create);
            let mut read = read.expect("a User");
            read.remove("schemas");
            assert_eq!(Value::Object(read), Value::Object(row.person));
        }
    }
}
