//! Filters through the door (RFC 7644 §3.4.2.2): what an index serves and what it does not give the same answers.

use serde_json::{Value, json};

use super::{ENTERPRISE, USER, found, hire, id, modified, names};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::world::World;

on_both!(
    people,
    spellings_in_the_query_string,
    times,
    groups_of_people_and_people_of_groups,
    what_is_no_filter,
    long_filters,
    long_values,
);

async fn staff(scim: &Client) -> [Value; 4] {
    let anna = json!({
        "userName": "Anna@Example.com", "externalId": "A-1", "displayName": "Anna Äpfel", "title": "Engineer",
        "name": { "givenName": "Anna", "familyName": "Äpfel" }, "active": true,
        "emails": [
            { "value": "anna@work.example", "type": "work", "primary": true },
            { "value": "anna@home.example", "type": "home" },
        ],
        ENTERPRISE: { "department": "Research", "employeeNumber": "0017" },
    });
    let bert = json!({
        "userName": "bert", "externalId": "a-1", "displayName": "Bert", "active": false,
        "emails": [{ "value": "bert@work.example", "type": "work" }],
        "phoneNumbers": [{ "value": "+49 30 1234", "type": "mobile" }],
    });
    let carla = json!({
        "userName": "carla+test", "displayName": "Carla \"CJ\" 100%_x", "title": "Engineer",
        "emails": [{ "value": "carla@home.example", "type": "home", "primary": true }],
        ENTERPRISE: { "department": "Sales" },
    });
    let dora = json!({ "userName": "дора", "displayName": "Дора", "nickName": "D\\o" });
    [
        hire(scim, &anna).await,
        hire(scim, &bert).await,
        hire(scim, &carla).await,
        hire(scim, &dora).await,
    ]
}

async fn people(world: &World) {
    const ADMIN: &str = "admin@northwind.example";
    const ANNA: &str = "Anna@Example.com";
    let scim = world.plain.scim();
    let [anna, ..] = staff(&scim).await;
    let by_id = format!("id eq \"{}\"", id(&anna));
    let by_loud_id = format!("id eq \"{}\"", id(&anna).to_uppercase());
    let urn = format!("{USER}:userName eq \"bert\"");
    let department = format!("{ENTERPRISE}:department eq \"research\"");
    let both = format!("{ENTERPRISE}:department pr and title eq \"engineer\"");
    for (filter, expected) in [
        ("userName eq \"anna@example.com\"", &[ANNA][..]),
        ("userName eq \"ANNA@EXAMPLE.COM\"", &[ANNA]),
        ("USERNAME EQ \"bert\"", &["bert"]),
        ("userName eq bert", &["bert"]),
        ("userName eq \"carla+test\"", &["carla+test"]),
        ("userName eq \"ДОРА\"", &["дора"]),
        ("userName eq \"nobody\"", &[]),
        ("userName eq \"\"", &[]),
        ("userName eq null", &[]),
        ("userName ne \"bert\"", &[ADMIN, ANNA, "carla+test", "дора"]),
        ("userName sw \"AN\"", &[ANNA]),
        ("userName sw \"a\" and userName co \"example\"", &[ADMIN, ANNA]),
        ("userName ew \"EXAMPLE.COM\"", &[ANNA]),
        ("userName co \"ERT\"", &["bert"]),
        ("userName gt \"b\"", &["bert", "carla+test", "дора"]),
        (&urn, &["bert"]),
        (&by_id, &[ANNA]),
        (&by_loud_id, &[]),
        ("id eq \"nobody\"", &[]),
        ("externalId eq \"A-1\"", &[ANNA]),
        ("externalId eq \"a-1\"", &["bert"]),
        ("externalId eq A-1", &[ANNA]),
        ("externalId sw \"A\"", &[ANNA]),
        ("externalId pr", &[ANNA, "bert"]),
        ("not (externalId pr)", &[ADMIN, "carla+test", "дора"]),
        ("displayName eq \"anna äPFEL\"", &[ANNA]),
        ("displayName eq \"Carla \\\"CJ\\\" 100%_x\"", &["carla+test"]),
        ("displayName sw \"carla \\\"cj\\\" 100%\"", &["carla+test"]),
        ("displayName co \"%\"", &["carla+test"]),
        ("nickName eq \"D\\\\o\"", &["дора"]),
        ("emails.value eq \"ANNA@home.example\"", &[ANNA]),
        ("emails eq \"anna@home.example\"", &[ANNA]),
        ("emails.value sw \"carla@\"", &["carla+test"]),
        ("emails[type eq \"work\"].value eq \"anna@home.example\"", &[]),
        ("emails[type eq \"work\"].value eq \"anna@work.example\"", &[ANNA]),
        (
            "emails[type eq \"home\" and value co \"@home\"]",
            &[ANNA, "carla+test"],
        ),
        ("emails[type eq \"home\" and not (primary eq true)]", &[ANNA]),
        ("emails[primary eq \"True\"]", &[ADMIN, ANNA, "carla+test"]),
        ("emails.type eq \"work\" and emails.value co \"home\"", &[ANNA]),
        ("not (emails pr)", &["дора"]),
        ("phoneNumbers[type eq \"mobile\"]", &["bert"]),
        ("name.familyName eq \"äpfel\"", &[ANNA]),
        ("name pr", &[ANNA]),
        (&department, &[ANNA]),
        (&both, &[ANNA, "carla+test"]),
        ("active eq false", &["bert"]),
        ("active eq \"False\"", &["bert"]),
        ("active eq true and title pr", &[ANNA, "carla+test"]),
        (
            "title eq \"Engineer\" or userName eq \"bert\"",
            &[ANNA, "bert", "carla+test"],
        ),
        (
            "title eq \"Engineer\" and userName sw \"c\" or active eq false",
            &["bert", "carla+test"],
        ),
        (
            "title eq \"Engineer\" and (userName sw \"c\" or active eq false)",
            &["carla+test"],
        ),
        ("userName eq \"bert\" and externalId eq \"A-1\"", &[]),
        (
            "not (title eq \"Engineer\") and not (userName sw \"admin\")",
            &["bert", "дора"],
        ),
        ("unknownAttribute eq \"x\"", &[]),
        ("unknownAttribute pr", &[]),
        (
            "meta.resourceType eq \"User\" and userName eq \"bert\"",
            &["bert"],
        ),
        (
            "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
            &[ANNA, "carla+test"],
        ),
    ] {
        assert_eq!(names(&scim, "Users", filter).await, expected, "{filter}");
    }
}

async fn spellings_in_the_query_string(world: &World) {
    let scim = world.plain.scim();
    staff(&scim).await;
    for query in [
        "filter=userName+eq+\"bert\"",
        "filter=userName%20eq%20%22bert%22",
        "filter=userName+eq+%22BERT%22&startIndex=1&count=100",
        "FILTER=userName%20eq%20bert",
        "filter=userName eq \"carla%2Btest\"&x=1",
        "filter=externalId eq A-1 and userName eq \"anna%40example.com\"&attributes=id",
        "aadOptscim062020&filter=userName eq \"bert\"",
    ] {
        let list = scim.get(&format!("/Users?{query}")).await.expect(200);
        assert_eq!(list["totalResults"], 1, "{query}");
    }
}

async fn times(world: &World) {
    let scim = world.plain.scim();
    let [anna, bert, carla, _] = staff(&scim).await;
    let (first, second, third) = (modified(&anna), modified(&bert), modified(&carla));
    assert!(first < second && second < third);
    for (filter, expected) in [
        (
            format!("meta.lastModified ge \"{second}\""),
            &["bert", "carla+test", "дора"][..],
        ),
        (
            format!("meta.lastModified gt \"{second}\""),
            &["carla+test", "дора"],
        ),
        (
            format!("meta.lastModified le \"{second}\" and userName sw \"b\""),
            &["bert"],
        ),
        (
            format!("meta.lastModified gt \"{first}\" and meta.lastModified lt \"{third}\""),
            &["bert"],
        ),
        (
            format!("meta.lastModified ge \"{first}\" and meta.lastModified le \"{third}\" and title pr"),
            &["Anna@Example.com", "carla+test"],
        ),
        (format!("meta.lastModified eq \"{second}\""), &["bert"]),
        (format!("meta.created ge \"{third}\""), &["carla+test", "дора"]),
        ("meta.lastModified gt \"2099-01-01T00:00:00Z\"".to_owned(), &[]),
        (
            "meta.lastModified lt \"2099-01-01\" and userName eq \"bert\"".to_owned(),
            &["bert"],
        ),
    ] {
        assert_eq!(names(&scim, "Users", &filter).await, expected, "{filter}");
    }
}

async fn groups_of_people_and_people_of_groups(world: &World) {
    let scim = world.plain.scim();
    let [anna, bert, ..] = staff(&scim).await;
    let members = json!([{ "value": anna["id"] }, { "value": bert["id"] }]);
    let all = found(
        &scim,
        &json!({ "displayName": "All Staff", "externalId": "g-1", "members": members }),
    )
    .await;
    let members = json!([{ "value": anna["id"] }]);
    found(&scim, &json!({ "displayName": "Engineers", "members": members })).await;
    found(&scim, &json!({ "displayName": "Nobody" })).await;
    let at = |resource: &Value| {
        resource["meta"]["location"]
            .as_str()
            .expect("an address")
            .to_owned()
    };
    let (anna_at, all_at) = (at(&anna), at(&all));
    let (anna, all) = (id(&anna), id(&all));
    for (filter, expected) in [
        ("displayName eq \"all staff\"".to_owned(), &["All Staff"][..]),
        ("displayName sw \"EN\"".to_owned(), &["Engineers"]),
        ("displayName eq Nobody".to_owned(), &["Nobody"]),
        ("externalId eq \"g-1\"".to_owned(), &["All Staff"]),
        (format!("id eq \"{all}\""), &["All Staff"]),
        (
            format!("members.value eq \"{anna}\""),
            &["All Staff", "Engineers"],
        ),
        (format!("members eq \"{anna}\""), &["All Staff", "Engineers"]),
        (
            format!("members[value eq \"{anna}\"] and displayName sw \"e\""),
            &["Engineers"],
        ),
        (format!("not (members.value eq \"{anna}\")"), &["Nobody"]),
        (
            format!("id eq \"{all}\" and members.value eq \"{anna}\""),
            &["All Staff"],
        ),
        ("members pr".to_owned(), &["All Staff", "Engineers"]),
        ("members.value eq \"nobody\"".to_owned(), &[]),
        (
            "members.type eq \"User\" and displayName co \"staff\"".to_owned(),
            &["All Staff"],
        ),
        ("displayName pr".to_owned(), &["All Staff", "Engineers", "Nobody"]),
        (
            format!("members.$ref eq \"{anna_at}\""),
            &["All Staff", "Engineers"],
        ),
        (format!("members.$ref ew \"/Groups/{anna}\""), &[]),
        (format!("meta.location eq \"{all_at}\""), &["All Staff"]),
        (format!("meta.location ew \"/{all}\""), &["All Staff"]),
        ("meta.location co \"/Users/\"".to_owned(), &[]),
    ] {
        assert_eq!(names(&scim, "Groups", &filter).await, expected, "{filter}");
    }
    for (filter, expected) in [
        (
            format!("groups.value eq \"{all}\""),
            &["Anna@Example.com", "bert"][..],
        ),
        (
            format!("groups.$ref eq \"{all_at}\""),
            &["Anna@Example.com", "bert"],
        ),
        (format!("meta.location eq \"{anna_at}\""), &["Anna@Example.com"]),
        (
            "groups.display eq \"engineers\"".to_owned(),
            &["Anna@Example.com"],
        ),
        ("groups pr and active eq false".to_owned(), &["bert"]),
    ] {
        assert_eq!(names(&scim, "Users", &filter).await, expected, "{filter}");
    }
}

async fn what_is_no_filter(world: &World) {
    for (filter, position) in [
        ("userName eq", "11"),
        ("userName xx \"a\"", "9"),
        ("userName eq \"a", "12"),
        ("userName eq \"a\" and", "19"),
        ("(userName pr", "12"),
        ("userName eq \"a\" \"b\"", "16"),
        ("emails[type eq \"work\"", "21"),
        ("userName eq \"bert\\u0000\"", "12"),
        ("nickName eq \"\0\"", "13"),
    ] {
        for kind in ["Users", "Groups"] {
            let path = format!("/{kind}?filter={}", encoded(filter));
            let detail = world
                .plain
                .scim()
                .get(&path)
                .await
                .scim_error(400, "invalidFilter");
            assert!(
                detail.contains(position),
                "{filter:?} is wrong at {position}: {detail}"
            );
        }
    }
}

async fn long_filters(world: &World) {
    let scim = world.plain.scim();
    staff(&scim).await;
    let many: Vec<_> = (0..60)
        .map(|number| format!("userName eq \"bert{number}\""))
        .collect();
    let filter = format!("{} or userName eq \"bert\"", many.join(" or "));
    assert_eq!(names(&scim, "Users", &filter).await, ["bert"]);
    let deep = format!("{}userName pr{}", "(".repeat(500), ")".repeat(500));
    scim.get(&format!("/Users?filter={}", encoded(&deep)))
        .await
        .scim_error(400, "invalidFilter");
    let long = format!("userName eq \"{}\"", "x".repeat(20_000));
    scim.get(&format!("/Users?filter={}", encoded(&long)))
        .await
        .scim_error(400, "invalidFilter");
}

/// Letters of no pattern, so that no database can compress them: the same ones for the same seed.
fn noise(seed: u32, length: usize) -> String {
    let mut state = seed;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(u32::from(b'a') + (state >> 24) % 26).unwrap_or('a')
    };
    (0..length).map(letter).collect()
}

async fn long_values(world: &World) {
    let scim = world.plain.scim();
    let start = noise(1, 2_000);
    let values = [noise(2, 4_000), noise(3, 4_000)].map(|end| format!("{start}{end}"));
    for (number, value) in values.iter().enumerate() {
        let user = json!({
            "userName": format!("long{number}"), "displayName": value, "externalId": value,
            "emails": [{ "value": value, "type": "work" }],
        });
        hire(&scim, &user).await;
        found(
            &scim,
            &json!({ "displayName": format!("{value}{number}"), "externalId": value }),
        )
        .await;
    }
    for (number, value) in values.iter().enumerate() {
        for attribute in ["displayName", "externalId", "emails.value"] {
            let filter = format!("{attribute} eq \"{value}\"");
            assert_eq!(
                names(&scim, "Users", &filter).await,
                [format!("long{number}")],
                "{attribute}"
            );
            let filter = format!("{attribute} sw \"{}\"", &value[..3_000]);
            assert_eq!(
                names(&scim, "Users", &filter).await,
                [format!("long{number}")],
                "{attribute}"
            );
            let filter = format!("{attribute} sw \"{}\"", &value[..1_500]);
            assert_eq!(names(&scim, "Users", &filter).await.len(), 2, "{attribute}");
        }
        let filter = format!("displayName eq \"{value}{number}\"");
        assert_eq!(names(&scim, "Groups", &filter).await.len(), 1);
        let group = world
            .plain
            .api()
            .get(&format!("/groups/{value}{number}"))
            .await
            .expect(200);
        assert_eq!(group["external_id"], Value::from(value.as_str()));
    }
    for name in [noise(4, 257), noise(5, 50_000), "\u{fdfa}".repeat(50)] {
        let detail = scim
            .post("/Users", &json!({ "userName": name }))
            .await
            .scim_error(400, "invalidValue");
        assert!(detail.contains("userName"), "{detail}");
        let path = format!("/people/{}", encoded(&name[..name.len().min(6_000)]));
        assert_eq!(world.plain.api().get(&path).await.status, 404);
    }
    let file = format!("userName\n{}\nshort\n", noise(4, 300));
    let import = world
        .plain
        .api()
        .call(http::Method::POST, "/people/import")
        .body("text/csv", file);
    let report = import.send().await.expect(200);
    assert_eq!(
        (&report["created"], &report["problems"][0]["code"]),
        (&json!(1), &json!("csv.refused"))
    );
    hire(&scim, &json!({ "userName": noise(4, 256) })).await;
}
