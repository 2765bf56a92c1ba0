//! `POST /api/v1/people/import`.

use http::Method;
use serde_json::{Value, json};

use super::{column, text};
use crate::client::{Answer, Client};
use crate::on_both;
use crate::world::World;

on_both!(
    entra_ids_download,
    twice_changes_nothing,
    a_dry_run_changes_nothing,
    bad_rows_are_reported,
    progress_as_lines,
    what_is_no_staff_file,
    rules_of_the_organization,
    large_files,
    managers,
);

const STAFF: &str = "userPrincipalName,displayName,surname,givenName,mail,id,jobTitle,accountEnabled,usageLocation,ageGroup\n\
    mei@example.com,Mei Tan,Tan,Mei,mei@example.com,0e1,Buyer,true,SG,\n\
    omar@example.com,\"Omar \"\"Oz\"\" Haddad\",Haddad,Omar,omar@example.com,0e2,\"Clerk,\nsenior\",true,JO,\n\
    post@example.com,Post room,,,post@example.com,0e3,,false,,\n";

async fn import(api: &Client, query: &str, file: impl Into<reqwest::Body>) -> Answer {
    api.call(Method::POST, &format!("/people/import{query}"))
        .body("text/csv", file)
        .send()
        .await
}

async fn entra_ids_download(world: &World) {
    let api = world.plain.api();
    let report = import(&api, "", STAFF).await.expect(200);
    assert_eq!(
        report,
        json!({
            "dry_run": false, "format": "entra_id", "rows": 3, "created": 3, "updated": 0, "unchanged": 0,
            "problems": [], "warnings": [], "ignored_columns": ["ageGroup"],
        })
    );
    let omar = api.get("/people/omar@example.com").await.expect(200);
    let resource = &omar["resource"];
    assert_eq!(resource["displayName"], "Omar \"Oz\" Haddad");
    assert_eq!(resource["title"], "Clerk,\nsenior");
    assert_eq!(
        (&resource["externalId"], &resource["active"]),
        (&json!("0e2"), &json!(true))
    );
    assert_eq!(resource["addresses"][0]["country"], "JO");
    assert_eq!(
        api.get("/people/post@example.com").await.expect(200)["active"],
        false
    );
    let through_scim = world
        .plain
        .scim()
        .get("/Users?filter=externalId eq \"0e1\"")
        .await
        .expect(200);
    assert_eq!(
        through_scim["Resources"][0]["name"],
        json!({ "givenName": "Mei", "familyName": "Tan" })
    );
}

async fn twice_changes_nothing(world: &World) {
    let api = world.plain.api();
    import(&api, "", STAFF).await.expect(200);
    let before = world.plain.scim().get("/Users").await.expect(200);
    let again = import(&api, "", STAFF).await.expect(200);
    assert_eq!(
        (&again["created"], &again["updated"], &again["unchanged"]),
        (&json!(0), &json!(0), &json!(3))
    );
    assert_eq!(world.plain.scim().get("/Users").await.expect(200), before);

    // What the file does not speak of stays; what differs changes.
    let phone = json!({ "Operations": [{ "op": "add", "value": { "nickName": "Oz", "title": "Chief" } }] });
    let omar = text(&api.get("/people/omar@example.com").await.expect(200)["id"]).to_owned();
    world
        .plain
        .scim()
        .patch(&format!("/Users/{omar}"), &phone)
        .await
        .expect(200);
    let third = import(&api, "", STAFF.replace("OMAR", "omar")).await.expect(200);
    assert_eq!((&third["updated"], &third["unchanged"]), (&json!(1), &json!(2)));
    let omar = api.get("/people/omar@example.com").await.expect(200);
    assert_eq!(
        (&omar["resource"]["nickName"], &omar["title"]),
        (&json!("Oz"), &json!("Clerk,\nsenior"))
    );
}

async fn a_dry_run_changes_nothing(world: &World) {
    let api = world.plain.api();
    let report = import(&api, "?dry_run=true", STAFF).await.expect(200);
    assert_eq!(
        (&report["dry_run"], &report["created"]),
        (&json!(true), &json!(3))
    );
    let people = report["people"].as_array().expect("people");
    assert_eq!(people.len(), 3);
    assert_eq!(
        (&people[0]["user_name"], &people[0]["action"]),
        (&json!("mei@example.com"), &json!("create"))
    );
    assert_eq!((&people[0]["line"], &people[2]["line"]), (&json!(2), &json!(5)));
    assert_eq!(api.get("/people").await.expect(200)["total"], 1);
    assert_eq!(
        column(&api.get("/events").await.expect(200), "type"),
        [
            "token_create",
            "user_admin_granted",
            "user_create",
            "organization_create"
        ],
        "of before"
    );

    import(&api, "?dry_run=false", STAFF).await.expect(200);
    let changed = STAFF.replace("Buyer", "Chief buyer");
    let report = import(&api, "?dry_run=true", changed).await.expect(200);
    let actions: Vec<_> = report["people"]
        .as_array()
        .expect("people")
        .iter()
        .map(|one| &one["action"])
        .collect();
    assert_eq!(actions, ["update", "unchanged", "unchanged"]);
    let change = json!([{ "attribute": "title", "old": "Buyer", "new": "Chief buyer" }]);
    assert_eq!(report["people"][0]["changes"], change);
    assert_eq!(
        api.get("/people/mei@example.com").await.expect(200)["title"],
        "Buyer"
    );
    import(&api, "?dry_run=perhaps", STAFF)
        .await
        .problem(400, "dry_run");
}

async fn bad_rows_are_reported(world: &World) {
    let api = world.plain.api();
    let file = "userName,displayName,active\n\
        good,Good,true\n\
        ,Nameless,true\n\
        odd,Odd,perhaps\n\
        GOOD,Again,true\n\
        short\n\
        last,Last,false\n";
    let report = import(&api, "", file).await.expect(200);
    assert_eq!((&report["rows"], &report["created"]), (&json!(6), &json!(2)));
    let problems = report["problems"].as_array().expect("problems");
    let found: Vec<_> = problems
        .iter()
        .map(|one| (one["line"].as_u64().unwrap_or(0), text(&one["code"])))
        .collect();
    assert_eq!(
        found,
        [
            (3, "csv.no_user_name"),
            (4, "csv.not_a_boolean"),
            (5, "csv.duplicate_user_name"),
            (6, "csv.too_few_cells")
        ]
    );
    for problem in problems {
        assert!(problem["params"].is_object(), "{problem}");
        assert!(!text(&problem["message"]).contains('{'), "a sentence: {problem}");
    }
    // Rows are written side by side, so either may have come first.
    let mut people = column(&api.get("/people").await.expect(200), "user_name");
    people.sort();
    assert_eq!(people, ["admin@northwind.example", "good", "last"]);
}

async fn progress_as_lines(world: &World) {
    let api = world.plain.api();
    let rows: Vec<_> = (0..150).map(|number| format!("person{number}")).collect();
    let file = format!("userName\n{}\n", rows.join("\n"));
    let call = api
        .call(Method::POST, "/people/import")
        .header("accept", "application/x-ndjson");
    let answer = call.body("text/csv", file).send().await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/x-ndjson")
    );
    let lines: Vec<Value> = answer
        .text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (last, progress) = lines.split_last().expect("lines");
    assert!(progress.len() >= 2, "{}", answer.text);
    let mut before = 0;
    for line in progress {
        let done = line["progress"]["done"].as_u64().expect("a number");
        assert!(done > before);
        assert_eq!(line["progress"]["total"], 150);
        before = done;
    }
    assert_eq!(before, 150);
    assert_eq!(last["report"]["created"], 150);

    let call = api
        .call(Method::POST, "/people/import")
        .header("accept", "application/x-ndjson");
    call.body("text/csv", "not,a,staff\nfile,at,all\n")
        .send()
        .await
        .problem(400, "csv.not_csv");
}

async fn what_is_no_staff_file(world: &World) {
    let api = world.plain.api();
    for file in [
        b"".to_vec(),
        b"   \n\n".to_vec(),
        b"just some words".to_vec(),
        b"colour,size\nblue,5\n".to_vec(),
        b"userName,displayName\n".to_vec(),
        b"{\"userName\": \"x\"}".to_vec(),
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00".to_vec(),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj".to_vec(),
        vec![0; 5_000],
    ] {
        let shown = String::from_utf8_lossy(&file[..file.len().min(20)]).into_owned();
        for query in ["", "?dry_run=true"] {
            let answer = import(&api, query, file.clone()).await;
            assert_eq!(answer.status, 400, "{shown:?}: {}", answer.text);
            answer.problem(400, "csv.not_csv");
        }
    }
    assert_eq!(api.get("/people").await.expect(200)["total"], 1);
}

async fn rules_of_the_organization(world: &World) {
    let api = world.webex.api();
    let report = import(&api, "", "userName\nanna@example.com\nbert\n")
        .await
        .expect(200);
    assert_eq!(report["created"], 1);
    assert_eq!(report["problems"][0]["code"], "csv.user_name_not_email");
    assert_eq!(report["problems"][0]["line"], 3);
    let anna = api.get("/people/anna@example.com").await.expect(200);
    assert_eq!(anna["email"], "anna@example.com");
    let again = import(&api, "", "userName\nANNA@example.com\n").await.expect(200);
    assert_eq!(again["created"], 0, "another spelling is the same person");
}

async fn large_files(world: &World) {
    let api = world.plain.api();
    let notes = "x".repeat(40_000);
    let rows: Vec<_> = (0..60).map(|number| format!("person{number},{notes}")).collect();
    let file = format!("userName,notes\n{}\n", rows.join("\n"));
    assert!(file.len() > 2 * 1024 * 1024);
    assert_eq!(import(&api, "", file).await.expect(200)["created"], 60);
}

/// Managers may come below those whom they lead, be in the directory already, and be named by either name.
async fn managers(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    let chief =
        json!({ "userName": "chief", "emails": [{ "value": "the.chief@example.com", "type": "work" }] });
    let chief = scim.post("/Users", &chief).await.expect(201);
    let file = "userName,emails.value,manager\n\
        anna,anna@example.com,BERT\n\
        bert,bert@example.com,chief\n\
        carl,carl@example.com,Anna@Example.com\n\
        dora,dora@example.com,the.chief@example.com\n\
        emil,emil@example.com,nobody\n";
    let dry = import(&api, "?dry_run=true", file).await.expect(200);
    let report = import(&api, "", file).await.expect(200);
    for report in [&dry, &report] {
        assert_eq!(
            (&report["rows"], &report["created"]),
            (&json!(5), &json!(5)),
            "{report}"
        );
        let problems = report["problems"].as_array().expect("problems");
        assert_eq!(problems.len(), 1, "{report}");
        assert_eq!(
            (&problems[0]["line"], &problems[0]["code"]),
            (&json!(6), &json!("csv.unknown_manager"))
        );
    }
    let id = async |name: &str| api.get(&format!("/people/{name}")).await.expect(200)["id"].clone();
    let manager = async |name: &str| {
        let person = api.get(&format!("/people/{name}")).await.expect(200);
        person["resource"][crate::scim::ENTERPRISE]["manager"]["value"].clone()
    };
    assert_eq!(manager("anna").await, id("bert").await);
    assert_eq!(manager("bert").await, chief["id"]);
    assert_eq!(manager("carl").await, id("anna").await);
    assert_eq!(manager("dora").await, chief["id"]);
    assert_eq!(manager("emil").await, Value::Null);
    let before = scim.get("/Users").await.expect(200);
    let again = import(&api, "", file).await.expect(200);
    assert_eq!(
        (&again["updated"], &again["unchanged"]),
        (&json!(0), &json!(5)),
        "{again}"
    );
    assert_eq!(scim.get("/Users").await.expect(200), before);
    let moved = import(&api, "?dry_run=true", file.replace("BERT", "carl"))
        .await
        .expect(200);
    assert_eq!(
        (&moved["updated"], &moved["people"][0]["action"]),
        (&json!(1), &json!("update"))
    );
    assert_eq!(moved["people"][0]["changes"][0]["new"], id("carl").await);
}
