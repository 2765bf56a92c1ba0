//! An organization is never left without an active full administrator, whoever asks by whichever door.

use access::Role;
use serde_json::{Value, json};

use crate::on_both;
use crate::pages::{Browser, PASSWORD, give_password};
use crate::world::{Organization, World};

on_both!(
    the_last_one_stays,
    the_last_one_keeps_the_role,
    of_two_who_leave_at_once_one_stays,
    nobody_reaches_above_themselves,
    who_administers_is_listed,
);

async fn first_admin(org: &Organization) -> String {
    let people = org
        .scim()
        .get("/Users?filter=userName%20sw%20%22admin%40%22")
        .await;
    let people = people.expect(200);
    people["Resources"][0]["id"].as_str().expect("an id").to_owned()
}

fn disabled() -> Value {
    json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] })
}

async fn the_last_one_stays(world: &World) {
    let org = &world.plain;
    let (scim, api) = (org.scim(), org.api());
    let admin = first_admin(org).await;
    let (user, person) = (format!("/Users/{admin}"), format!("/people/{admin}"));
    let detail = scim.delete(&user).await.scim_error(403, "");
    assert!(detail.contains("last active full administrator"), "{detail}");
    scim.patch(&user, &disabled()).await.scim_error(403, "");
    let put = json!({ "userName": "admin@northwind.example", "active": false });
    scim.put(&user, &put).await.scim_error(403, "");
    api.delete(&person).await.problem(409, "person.last_admin");
    let off = json!({ "active": false });
    api.patch(&person, &off).await.problem(409, "person.last_admin");
    // Everything else may be changed, and the file that would disable the admin goes on with its other rows.
    let title = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Founder" }] });
    assert_eq!(scim.patch(&user, &title).await.expect(200)["active"], true);
    let file = "userName,active\nadmin@northwind.example,false\nbert@northwind.example,true\n";
    let import = api
        .call(http::Method::POST, "/people/import")
        .body("text/csv", file);
    let report = import.send().await.expect(200);
    assert_eq!(
        (&report["created"], &report["problems"][0]["code"]),
        (&json!(1), &json!("csv.refused")),
        "{report}"
    );

    // Who is disabled, or has another role, is no help.
    let (helper, _) = world.token_of(org, Role::FullAdmin).await;
    world.token_of(org, Role::UserAdmin).await;
    scim.patch(&format!("/Users/{helper}"), &disabled())
        .await
        .expect(200);
    scim.delete(&user).await.scim_error(403, "");
    scim.delete(&format!("/Users/{helper}")).await.expect(204);
    scim.delete(&user).await.scim_error(403, "");
}

async fn of_two_who_leave_at_once_one_stays(world: &World) {
    for org in [&world.plain, &world.webex] {
        let (scim, api) = (org.scim(), org.api());
        let first = first_admin(org).await;
        let (second, _) = world.token_of(org, Role::FullAdmin).await;
        let (first, second) = (format!("/Users/{first}"), format!("/people/{second}"));
        let off = json!({ "active": false });
        let (one, two) = tokio::join!(scim.delete(&first), api.patch(&second, &off));
        match (one.status, two.status) {
            (204, 409) => two.problem(409, "person.last_admin"),
            (403, 200) => Value::from(one.scim_error(403, "")),
            neither => panic!("{neither:?}"),
        };
    }
}

async fn the_last_one_keeps_the_role(world: &World) {
    let org = &world.plain;
    let place = format!("/people/{}/role", first_admin(org).await);
    for role in ["id_user_admin", "id_readonly_admin", "none"] {
        let body = json!({ "role": role });
        org.api()
            .put(&place, &body)
            .await
            .problem(409, "person.last_admin");
    }
    // Once there is another one the role goes, and with it what tokens of before could do.
    let (second, token) = world.token_of(org, Role::FullAdmin).await;
    let theirs = org.api().with(&token);
    let same = json!({ "role": "id_full_admin" });
    theirs.put(&place, &same).await.expect(200);
    let less = json!({ "role": "id_group_admin" });
    let own = format!("/people/{second}/role");
    theirs.put(&own, &less).await.expect(200);
    theirs.put(&own, &same).await.problem(403, "forbidden");
    theirs
        .post("/groups", &json!({ "display_name": "Made by a group admin" }))
        .await
        .expect(201);
    org.api()
        .put(&place, &less)
        .await
        .problem(409, "person.last_admin");
}

/// What lets somebody in is changed by whoever may do at least as much as that person, by whichever door.
async fn nobody_reaches_above_themselves(world: &World) {
    let org = &world.plain;
    let (manager, token) = world.token_of(org, Role::UserAdmin).await;
    let (scim, api) = (org.scim().with(&token), org.api().with(&token));
    let renamed =
        |name: &str| json!({ "Operations": [{ "op": "replace", "path": "userName", "value": name }] });
    for (role, is_above) in [
        (Role::FullAdmin, true),
        (Role::GroupAdmin, true),
        (Role::SupportAdmin, true),
        (Role::ReadOnlyAdmin, false),
        (Role::ComplianceOfficer, false),
        (Role::None, false),
    ] {
        let (target, _) = world.token_of(org, role).await;
        let (user, person) = (format!("/Users/{target}"), format!("/people/{target}"));
        give_password(world, org.id, target).await;
        let browser = Browser::new(world);
        browser
            .sign_in(&format!("{role}@example.com"), PASSWORD)
            .await
            .leads_to("/account");
        let sessions = api.get(&format!("/sessions?person={target}")).await.expect(200);
        let session = format!(
            "/sessions/{}",
            sessions["items"][0]["id"].as_str().expect("an id")
        );
        let title = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Founder" }] });
        scim.patch(&user, &title).await.expect(200);
        let off = json!({ "active": false });
        if !is_above {
            api.delete(&session).await.expect(204);
            scim.patch(&user, &renamed(&format!("other-{role}@example.com")))
                .await
                .expect(200);
            scim.patch(&user, &disabled()).await.expect(200);
            api.delete(&person).await.expect(204);
            continue;
        }
        let before = org.api().get(&person).await.expect(200)["version"].clone();
        let mail = json!({ "Operations": [{ "op": "add", "path": "emails",
                           "value": [{ "value": "mine@example.com", "type": "work", "primary": true }] }] });
        // Not the address that one signs in by here, but the one that letters go to.
        for change in [mail, disabled(), renamed("x@example.com"), renamed("x")] {
            let detail = scim.patch(&user, &change).await.scim_error(403, "");
            assert!(detail.contains("allows more than yours"), "{detail}");
        }
        let put = json!({ "userName": format!("{role}@example.com"), "active": false });
        scim.put(&user, &put).await.scim_error(403, "");
        scim.delete(&user).await.scim_error(403, "");
        let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                           "Operations": [{ "method": "DELETE", "path": user }] });
        let bulk = scim.post("/Bulk", &bulk).await.expect(200);
        assert_eq!(bulk["Operations"][0]["status"], "403", "{bulk}");
        api.patch(&person, &off).await.problem(403, "person.higher_role");
        api.delete(&person).await.problem(403, "person.higher_role");
        api.delete(&session).await.problem(403, "person.higher_role");
        let file = format!("userName,active\n{role}@example.com,false\n");
        let import = api
            .call(http::Method::POST, "/people/import")
            .body("text/csv", file);
        let report = import.send().await.expect(200);
        assert_eq!(report["problems"][0]["code"], "csv.refused", "{report}");
        let after = org.api().get(&person).await.expect(200);
        assert_eq!(
            (&after["active"], &after["version"]),
            (&json!(true), &before),
            "{after}"
        );
        // Whoever it is signs out.
        let account = browser.get("/account").await;
        account.expect(200, role.title());
        browser
            .submit(&account, "/sign-out", &[])
            .await
            .leads_to("/signed-out");
    }
    // Oneself, and with a full administrator's token everybody.
    let own = format!("/Users/{manager}");
    scim.patch(&own, &renamed("manager@example.com"))
        .await
        .expect(200);
    org.scim().patch(&own, &disabled()).await.expect(200);
}

/// The userNames of all pages.
async fn all(org: &Organization, query: &str) -> Vec<String> {
    let (api, mut names, mut after) = (org.api(), Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/people?{query}{after}")).await.expect(200);
        assert!(page.get("total").is_none(), "{page}");
        for person in page["items"].as_array().expect("items") {
            names.push(person["user_name"].as_str().expect("a name").to_owned());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return names,
        }
    }
}

async fn who_administers_is_listed(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    for (name, role) in [
        ("a@x.example", "id_user_admin"),
        ("b@x.example", "none"),
        ("c@x.example", "id_readonly_admin"),
        ("d@x.example", "id_user_admin"),
        ("e@x.example", "none"),
    ] {
        let body = json!({ "userName": name, "displayName": "Somebody" });
        org.scim().post("/Users", &body).await.expect(201);
        let place = format!("/people/{name}/role");
        api.put(&place, &json!({ "role": role })).await.expect(200);
    }
    api.patch("/people/d@x.example", &json!({ "active": false }))
        .await
        .expect(200);
    for (query, expected) in [
        ("role=id_full_admin", &["admin@northwind.example"][..]),
        ("role=id_user_admin", &["a@x.example", "d@x.example"]),
        ("role=id_user_admin&state=inactive", &["d@x.example"]),
        ("role=id_group_admin", &[]),
        (
            "role=any",
            &[
                "admin@northwind.example",
                "a@x.example",
                "c@x.example",
                "d@x.example",
            ],
        ),
        (
            "role=any&filter=userName ew \"x.example\" and not (userName sw \"c\")",
            &["a@x.example", "d@x.example"],
        ),
        ("role=any&state=inactive&filter=userName sw \"a\"", &[]),
    ] {
        for limit in [1, 2, 100] {
            let query = format!("{query}&limit={limit}");
            assert_eq!(all(org, &query).await, expected, "{query}");
        }
    }
    let everybody = api.get("/people").await.expect(200);
    let items = everybody["items"].as_array().expect("items");
    let roles: Vec<_> = items.iter().map(|person| person["role"].clone()).collect();
    assert_eq!(
        roles,
        [
            "id_full_admin",
            "id_user_admin",
            "none",
            "id_readonly_admin",
            "id_user_admin",
            "none"
        ]
    );
    // Whoever has lost the role is not among them; nor is anybody of another organization.
    api.put("/people/a@x.example/role", &json!({ "role": "none" }))
        .await
        .expect(200);
    assert_eq!(all(org, "role=id_user_admin").await, ["d@x.example"]);
    assert_eq!(all(&world.webex, "role=any").await, ["admin@hub.example"]);
    for wrong in ["none", "admin", "Any"] {
        let path = format!("/people?role={wrong}");
        let told = api.get(&path).await.problem(400, "role.unknown");
        assert!(told["detail"].to_string().contains("id_user_admin"), "{told}");
    }
}
