//! Queries (RFC 7644 §3.4.2, §3.4.3, §3.9, §3.10, §4; RFC 9865).

use serde_json::{Value, json};

use crate::client::{Client, encoded};
use crate::on_both;
use crate::scim::{ENTERPRISE, GROUP, USER, found, hire, place};
use crate::world::World;

on_both!(
    wanted_and_unwanted_at_once,
    names_with_their_schema_in_any_case,
    the_root_by_type_and_by_schema,
    a_search_with_everything,
    orders_that_are_none,
    index_and_cursor,
    documents_are_not_queried,
    where_values_are_missing,
);

fn keys(resource: &Value) -> Vec<&str> {
    let keys = resource.as_object().expect("an object").keys();
    let mut keys: Vec<&str> = keys.map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn names(list: &Value) -> Vec<&str> {
    let resources = list["Resources"].as_array().expect("Resources").iter();
    let name = |one: &'_ Value| one["displayName"].as_str().map(str::len);
    assert!(resources.clone().all(|one| name(one).is_some()), "{list}");
    resources.filter_map(|one| one["displayName"].as_str()).collect()
}

async fn four(scim: &Client) {
    for (name, title) in [
        ("Ada", json!("Head")),
        ("Ben", json!(null)),
        ("Cleo", json!("Clerk")),
    ] {
        let manager = json!({ "department": "Sales" });
        let user = json!({ "userName": name, "displayName": name, "title": title, (ENTERPRISE): manager });
        hire(scim, &user).await;
    }
    found(scim, &json!({ "displayName": "Dames" })).await;
}

/// §3.9 leaves open what both mean together: what is wanted, less what is not.
async fn wanted_and_unwanted_at_once(world: &World) {
    let scim = world.plain.scim();
    let name = json!({ "givenName": "B", "familyName": "O" });
    let user = json!({ "userName": "both", "title": "T", "name": name, (ENTERPRISE): { "department": "D" } });
    let user = hire(&scim, &user).await;
    for (attributes, excluded, expected) in [
        ("userName,title", "title", vec!["id", "schemas", "userName"]),
        ("userName", "userName,id,schemas", vec!["id", "schemas"]),
        ("title", "nickName", vec!["id", "schemas", "title"]),
        (ENTERPRISE, "title", vec!["id", "schemas", ENTERPRISE]),
    ] {
        let query = format!("attributes={attributes}&excludedAttributes={excluded}");
        let one = scim.get(&format!("{}?{query}", place(&user))).await.expect(200);
        assert_eq!(keys(&one), expected, "{query}");
        let filter = encoded("userName eq \"both\"");
        let list = scim
            .get(&format!("/Users?filter={filter}&{query}"))
            .await
            .expect(200);
        assert_eq!(list["Resources"][0], one, "{query}");
        let search = json!({ "filter": "userName eq \"both\"", "attributes": attributes, "excludedAttributes": [excluded] });
        let search = if excluded.contains(',') {
            json!(null)
        } else {
            search
        };
        if search.is_object() {
            let list = scim.post("/Users/.search", &search).await.expect(200);
            assert_eq!(list["Resources"][0], one, "{query}");
        }
    }
    let parts = format!(
        "{}?attributes=name&excludedAttributes=name.givenName",
        place(&user)
    );
    let one = scim.get(&parts).await.expect(200);
    assert_eq!(one["name"], json!({ "familyName": "O" }));
}

/// §3.10, RFC 7643 §2.1: names and URNs in any case of letters.
async fn names_with_their_schema_in_any_case(world: &World) {
    let scim = world.plain.scim();
    four(&scim).await;
    let everybody = scim.get("/Users?filter=title+eq+%22head%22").await.expect(200);
    let ada = &everybody["Resources"][0];
    for urn in [USER.to_owned(), USER.to_uppercase(), USER.to_lowercase()] {
        for filter in [
            format!("{urn}:userName eq \"ada\""),
            format!(
                "{urn}:DISPLAYNAME eq \"ada\" and {}:Department eq \"sales\"",
                ENTERPRISE.to_uppercase()
            ),
        ] {
            let list = scim
                .get(&format!("/Users?filter={}", encoded(&filter)))
                .await
                .expect(200);
            assert_eq!(list["Resources"], json!([ada]), "{filter}");
        }
        let query = format!(
            "attributes={urn}:USERNAME,{}:department",
            ENTERPRISE.to_uppercase()
        );
        let one = scim.get(&format!("{}?{query}", place(ada))).await.expect(200);
        assert_eq!(keys(&one), ["id", "schemas", ENTERPRISE, "userName"], "{query}");
        let query = format!(
            "excludedAttributes={urn}:title,{},meta",
            ENTERPRISE.to_uppercase()
        );
        let one = scim.get(&format!("{}?{query}", place(ada))).await.expect(200);
        assert_eq!(
            keys(&one),
            ["active", "displayName", "id", "schemas", "userName"],
            "{query}"
        );
        let by = format!("{urn}:displayname");
        let list = scim
            .get(&format!("/Users?sortBy={by}&filter=title%20pr"))
            .await
            .expect(200);
        assert_eq!(names(&list), ["Ada", "Cleo"], "{by}");
    }
}

/// §3.4.2.1.
async fn the_root_by_type_and_by_schema(world: &World) {
    four(&world.plain.scim()).await;
    for client in [world.plain.scim(), world.plain.identity()] {
        for (filter, expected) in [
            (
                "displayName pr and meta.resourceType eq \"User\" and not (userName sw \"admin\")".to_owned(),
                vec!["Ada", "Ben", "Cleo"],
            ),
            ("meta.resourceType eq \"Group\"".to_owned(), vec!["Dames"]),
            (format!("schemas eq \"{GROUP}\""), vec!["Dames"]),
            (format!("schemas eq \"{}\"", ENTERPRISE.to_uppercase()), vec![]),
            (format!("schemas eq \"{ENTERPRISE}\""), vec!["Ada", "Ben", "Cleo"]),
            (
                "(meta.resourceType eq \"User\" and title pr) or (meta.resourceType eq \"Group\")".to_owned(),
                vec!["Ada", "Cleo", "Dames"],
            ),
            ("meta.resourceType eq \"Robot\"".to_owned(), vec![]),
        ] {
            let list = client
                .get(&format!("?filter={}", encoded(&filter)))
                .await
                .expect(200);
            assert_eq!(names(&list), expected, "{filter}");
            let list = client
                .post("/.search", &json!({ "filter": filter }))
                .await
                .expect(200);
            assert_eq!(names(&list), expected, "{filter}");
        }
    }
}

/// §3.4.3: every member of a SearchRequest, at every place where there is one.
async fn a_search_with_everything(world: &World) {
    let scim = world.plain.scim();
    four(&scim).await;
    for (path, of, expected) in [
        (
            "/Users/.search",
            "title pr or userName eq \"ben\"",
            vec!["Cleo", "Ben"],
        ),
        ("/Groups/.search", "displayName pr", vec![]),
        (
            "/.search",
            "displayName sw \"d\" or title pr or userName eq \"ben\"",
            vec!["Cleo", "Ben"],
        ),
    ] {
        let request = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": of, "attributes": ["displayName", "title", "meta"], "excludedAttributes": ["meta.version"],
            "sortBy": "displayName", "sortOrder": "descending", "startIndex": 2, "count": 2,
        });
        let list = scim.post(path, &request).await.expect(200);
        assert_eq!(list["startIndex"], 2, "{path}");
        let sorted = match path {
            "/.search" => ["Cleo", "Ben"].to_vec(),
            "/Users/.search" => ["Ben", "Ada"].to_vec(),
            _ => expected,
        };
        assert_eq!(names(&list), sorted, "{path}");
        assert_eq!(list["itemsPerPage"], sorted.len(), "{path}");
        for one in list["Resources"].as_array().expect("Resources") {
            assert_eq!(one.get("userName"), None, "{path}");
            assert!(
                one["meta"]["location"].is_string() && one["meta"].get("version").is_none(),
                "{one}"
            );
        }
        let mut by_cursor = request.clone();
        by_cursor["cursor"] = json!("");
        let first = scim.post(path, &by_cursor).await.expect(200);
        assert_eq!(first["totalResults"], list["totalResults"], "{path}");
    }
    scim.post("/Schemas/.search", &json!({}))
        .await
        .scim_error(405, "");
}

async fn orders_that_are_none(world: &World) {
    let scim = world.plain.scim();
    let detail = scim.get("/Users?sortBy=userName&sortOrder=sideways").await;
    assert!(detail.scim_error(400, "invalidValue").contains("sideways"));
    scim.get("/Users?sortBy=userName&sortOrder=DESCENDING")
        .await
        .expect(200);
    scim.get("/Users?sortBy=emails%5Btype")
        .await
        .scim_error(400, "invalidValue");
    scim.get("/Users?sortBy=name")
        .await
        .scim_error(400, "invalidValue");
}

/// RFC 9865 does not say what both mean together: the cursor counts.
async fn index_and_cursor(world: &World) {
    let scim = world.plain.scim();
    four(&scim).await;
    let query = "/Users?filter=title+pr+or+userName+eq+%22ben%22&count=2";
    let first = scim
        .get(&format!("{query}&cursor=&startIndex=3"))
        .await
        .expect(200);
    assert_eq!(names(&first), ["Ada", "Ben"]);
    assert_eq!(
        (first.get("startIndex"), first.get("previousCursor")),
        (None, None)
    );
    let cursor = first["nextCursor"].as_str().expect("there is more");
    let last = scim
        .get(&format!("{query}&startIndex=1&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(names(&last), ["Cleo"]);
    assert_eq!((last.get("nextCursor"), last.get("previousCursor")), (None, None));
    let by_index = scim.get(&format!("{query}&startIndex=3")).await.expect(200);
    assert_eq!(names(&by_index), ["Cleo"]);
    assert_eq!(
        (by_index.get("nextCursor"), &by_index["startIndex"]),
        (None, &json!(3))
    );
}

/// §4: what is asked beside the document is passed over, but for a filter.
async fn documents_are_not_queried(world: &World) {
    let scim = world.plain.scim();
    for path in [
        "/ServiceProviderConfig",
        "/ResourceTypes",
        "/ResourceTypes/User",
        "/Schemas",
        &format!("/Schemas/{USER}"),
    ] {
        let whole = scim.get(path).await.expect(200);
        let query = "startIndex=2&count=1&sortBy=id&sortOrder=descending&cursor=x";
        assert_eq!(
            scim.get(&format!("{path}?{query}")).await.expect(200),
            whole,
            "{path}"
        );
        let filtered = scim.get(&format!("{path}?filter=id%20pr")).await;
        filtered.scim_error(403, "");
    }
}

/// §3.4.2.2 and §3.4.2.3: who has no value fits no comparison, and stands last, or first when descending.
async fn where_values_are_missing(world: &World) {
    let scim = world.plain.scim();
    four(&scim).await;
    let three = "not (userName sw \"admin\")";
    for (sort, expected) in [
        ("sortBy=title", ["Cleo", "Ada", "Ben"]),
        ("sortBy=title&sortOrder=ascending", ["Cleo", "Ada", "Ben"]),
        ("sortBy=title&sortOrder=descending", ["Ben", "Ada", "Cleo"]),
        ("sortOrder=descending", ["Ada", "Ben", "Cleo"]),
    ] {
        let list = scim
            .get(&format!("/Users?{sort}&filter={}", encoded(three)))
            .await
            .expect(200);
        assert_eq!(names(&list), expected, "{sort}");
    }
    for (filter, expected) in [
        ("title eq null", vec!["Ben"]),
        ("title pr", vec!["Ada", "Cleo"]),
        ("not (title pr)", vec!["Ben"]),
        ("title gt \"a\"", vec!["Ada", "Cleo"]),
        ("title co \"\"", vec!["Ada", "Cleo"]),
    ] {
        let filter = format!("{three} and {filter}");
        let list = scim
            .get(&format!("/Users?filter={}", encoded(&filter)))
            .await
            .expect(200);
        assert_eq!(names(&list), expected, "{filter}");
    }
}
