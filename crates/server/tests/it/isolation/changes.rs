//! What names a thing in a request that changes something: bodies, PATCH paths, Bulk, versions that must hold.

use serde_json::{Value, json};

use super::attempts::{Body, Row, Table};
use crate::scim::{ENTERPRISE, patch_op};

pub(super) fn table() -> Table {
    let mut table = preconditions();
    table.extend(people());
    table.extend(groups());
    table.push(("POST /Bulk", bulk()));
    table.extend(api_writes());
    table
}

/// What the versions of others refuse.
fn preconditions() -> Table {
    let user = || Some(json!({ "userName": "«own.user_name»" }));
    let group = || Some(json!({ "displayName": "«own.group_name»" }));
    let patch = || {
        Some(patch_op(json!([
            { "op": "replace", "path": "displayName", "value": "Changed" }
        ])))
    };
    let row = |tag, body| vec![Row::header("if-match", tag, body)];
    vec![
        ("PUT /Users/{id}", row("«etag_user»", user())),
        ("PATCH /Users/{id}", row("«etag_user»", patch())),
        ("DELETE /Users/{id}", row("«etag_user»", None)),
        ("PUT /Me", row("«etag_user»", user())),
        ("PATCH /Me", row("«etag_user»", patch())),
        ("PUT /Groups/{id}", row("«etag_group»", group())),
        ("PATCH /Groups/{id}", row("«etag_group»", patch())),
        ("DELETE /Groups/{id}", row("«etag_group»", None)),
    ]
}

const WEBEX_USER: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User";
const WEBEX_GROUP: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group";

/// What a body of a person can name.
fn person_bodies(name: &str) -> Vec<Value> {
    [
        json!({ "id": "«user»" }),
        json!({ "externalId": "«external_id»" }),
        json!({ "emails": [{ "value": "«email»", "type": "home" }] }),
        json!({ "groups": [{ "value": "«group»" }] }),
        json!({ "meta": { "location": "/Users/«user»", "version": "«etag_user»" } }),
        json!({ ENTERPRISE: { "manager": { "value": "«manager»" } } }),
        json!({ ENTERPRISE: { "manager": { "$ref": "../Users/«manager»" } } }),
        json!({ ENTERPRISE: { "manager": "«manager»" } }),
        json!({ WEBEX_USER: { "managedOrgs": [{ "orgId": "«org»", "role": "id_full_admin" }] } }),
        json!({ WEBEX_USER: { "managedGroups": [{ "orgId": "«org»", "groupId": "«group»", "role": "x" }] } }),
        json!({ WEBEX_USER: { "meta": { "organizationId": "«org»" } } }),
        json!({ "«schema»": { "badge": "mine" } }),
    ]
    .into_iter()
    .map(|mut body| {
        body["userName"] = name.into();
        body
    })
    .collect()
}

fn person_patches() -> Vec<Value> {
    let manager = format!("{ENTERPRISE}:manager");
    [
        json!({ "op": "replace", "path": "id", "value": "«user»" }),
        json!({ "op": "replace", "value": { "id": "«user»", "displayName": "Same" } }),
        json!({ "op": "add", "path": manager, "value": { "value": "«manager»" } }),
        json!({ "op": "add", "path": manager, "value": { "$ref": "../Users/«manager»" } }),
        json!({ "op": "add", "path": manager, "value": "«manager»" }),
        json!({ "op": "replace", "path": format!("{manager}.value"), "value": "«manager»" }),
        json!({ "op": "replace", "path": format!("{manager}.$ref"), "value": "../Users/«manager»" }),
        json!({ "op": "add", "path": "groups", "value": [{ "value": "«group»" }] }),
        json!({ "op": "remove", "path": "groups[value eq \"«group»\"]" }),
        json!({ "op": "remove", "path": "emails[value eq \"«email»\"]" }),
        json!({ "op": "replace", "path": "emails[value eq \"«email»\"].display", "value": "x" }),
        json!({ "op": "add", "value": { "«schema»:badge": "mine" } }),
        json!({ "op": "add", "path": "«schema»:badge", "value": "mine" }),
        json!({ "op": "replace", "path": "externalId", "value": "«external_id»" }),
        json!({ "op": "replace", "path": "userName", "value": "«user_name»" }),
    ]
    .into_iter()
    .map(|operation| patch_op(json!([operation])))
    .collect()
}

fn people() -> Table {
    let rows = |bodies: Vec<Value>| bodies.into_iter().map(Row::json).collect::<Vec<_>>();
    let with = |mut bodies: Vec<Value>| {
        bodies.push(json!({ "userName": "«user_name»" }));
        rows(bodies)
    };
    vec![
        ("POST /Users", with(person_bodies("new@far.example"))),
        ("PUT /Users/{id}", with(person_bodies("«own.user_name»"))),
        ("PATCH /Users/{id}", rows(person_patches())),
        ("PUT /Me", rows(person_bodies("«own.me_name»"))),
        ("PATCH /Me", rows(person_patches()[..14].to_vec())),
    ]
}

fn member_lists() -> Vec<Value> {
    vec![
        json!([{ "value": "«user»" }]),
        json!([{ "value": "«user»", "type": "User" }]),
        json!([{ "value": "«own.user»" }, { "value": "«user»" }]),
        json!([{ "value": "«team»" }]),
        json!([{ "value": "«team»", "type": "Group" }]),
        json!([{ "value": "«own.user»", "$ref": "../Users/«user»" }]),
        json!([{ "$ref": "../Users/«user»" }]),
    ]
}

fn groups() -> Table {
    let bodies = |name: &str| -> Vec<Row> {
        let mut bodies = vec![
            json!({ "id": "«group»" }),
            json!({ "externalId": "«group_external_id»" }),
            json!({ WEBEX_GROUP: { "owners": [{ "value": "«user»" }] } }),
            json!({ WEBEX_GROUP: { "managedBy": [{ "orgId": "«org»", "type": "user", "id": "«user»" }] } }),
            json!({ WEBEX_GROUP: { "meta": { "organizationID": "«org»" } } }),
            json!({ "displayName": "«group_name»" }),
        ];
        bodies.extend(member_lists().into_iter().map(|list| json!({ "members": list })));
        let named = |mut body: Value| {
            if body["displayName"].is_null() {
                body["displayName"] = name.into();
            }
            Row::json(body)
        };
        bodies.into_iter().map(named).collect()
    };
    let mut patches = vec![
        json!({ "op": "remove", "path": "members[value eq \"«user»\"]" }),
        json!({ "op": "remove", "path": "members[value eq \"«team»\" and type eq \"Group\"]" }),
        json!({ "op": "add", "path": "members.value", "value": "«user»" }),
        json!({ "op": "replace", "path": "id", "value": "«group»" }),
        json!({ "op": "replace", "value": { "id": "«group»", "displayName": "«group_name»" } }),
        json!({ "op": "add", "path": format!("{WEBEX_GROUP}:owners"), "value": [{ "value": "«user»" }] }),
        json!({ "op": "remove", "path": format!("{WEBEX_GROUP}:owners[value eq \"«user»\"]") }),
    ];
    for list in member_lists() {
        for op in ["add", "replace", "remove"] {
            patches.push(json!({ "op": op, "path": "members", "value": list }));
        }
        patches.push(json!({ "op": "add", "value": { "members": list } }));
    }
    let patches = patches.into_iter().map(|one| Row::json(patch_op(json!([one]))));
    vec![
        ("POST /Groups", bodies("New")),
        ("PATCH /Groups/{id}", patches.collect()),
        ("PUT /Groups/{id}", bodies("«own.group_name»")),
    ]
}

fn bulk() -> Vec<Row> {
    let manager = format!("{ENTERPRISE}:manager");
    let team = |member: &str| json!({ "displayName": "New", "members": [{ "value": member }] });
    let mut rows = vec![
        json!([{ "method": "PUT", "path": "/Users/«user»", "data": { "userName": "new@far.example" } }]),
        json!([{ "method": "PATCH", "path": "/Users/«user»",
            "data": patch_op(json!([{ "op": "replace", "path": "title", "value": "x" }])) }]),
        json!([{ "method": "DELETE", "path": "/Users/«user»" }]),
        json!([{ "method": "DELETE", "path": "/Users/«user»", "version": "«etag_user»" }]),
        json!([{ "method": "DELETE", "path": "/Users/«own.user»", "version": "W/\"987653\"" },
            { "method": "PATCH", "path": "/Users/«own.user»", "version": "«etag_user»",
            "data": patch_op(json!([{ "op": "replace", "path": "title", "value": "x" }])) }]),
        json!([{ "method": "PUT", "path": "/Groups/«group»", "data": { "displayName": "New" } }]),
        json!([{ "method": "PATCH", "path": "/Groups/«group»",
            "data": patch_op(json!([{ "op": "remove", "path": "members" }])) }]),
        json!([{ "method": "DELETE", "path": "/Groups/«group»" }]),
        json!([{ "method": "DELETE", "path": "/Groups/«user»" }]),
        json!([{ "method": "POST", "path": "/Groups", "bulkId": "a", "data": team("«user»") }]),
        json!([{ "method": "POST", "path": "/Groups", "bulkId": "a", "data": team("«team»") }]),
        json!([{ "method": "POST", "path": "/Groups", "bulkId": "a", "data": team("bulkId:«user»") }]),
        json!([{ "method": "PATCH", "path": "/Groups/«own.group»",
            "data": patch_op(json!([{ "op": "add", "path": "members", "value": [{ "value": "«user»" }] }])) }]),
        json!([{ "method": "PATCH", "path": "/Groups/«own.group»",
            "data": patch_op(json!([{ "op": "remove", "path": "members[value eq \"«user»\"]" }])) }]),
        json!([{ "method": "PATCH", "path": "/Users/«own.user»",
            "data": patch_op(json!([{ "op": "add", "path": manager, "value": { "value": "«manager»" } }])) }]),
        json!([{ "method": "DELETE", "path": "/Users/bulkId:«user»" }]),
    ];
    // A bulkId is the client's own word: also when it is somebody's id.
    rows.push(json!([
        { "method": "POST", "path": "/Users", "bulkId": "«user»", "data": { "userName": "new@far.example" } },
        { "method": "POST", "path": "/Groups", "bulkId": "«group»", "data": team("bulkId:«user»") },
    ]));
    for mut body in person_bodies("new@far.example") {
        rows.push(json!([{ "method": "POST", "path": "/Users", "bulkId": "a", "data": body }]));
        body["userName"] = "«own.user_name»".into();
        rows.push(json!([{ "method": "PUT", "path": "/Users/«own.user»", "data": body }]));
    }
    let request = |operations: Value| Row::json(json!({ "Operations": operations }));
    rows.into_iter().map(request).collect()
}

const DOMAIN_ACTIONS: [&str; 5] = [
    "POST /identity/organizations/{org}/actions/getDomainVerificationToken",
    "POST /identity/organizations/{org}/actions/verifyDomain",
    "POST /identity/organizations/{org}/actions/claimDomain",
    "POST /identity/organizations/{org}/actions/unclaimDomain",
    "POST /identity/organizations/{org}/actions/unverifyDomain",
];

fn api_writes() -> Table {
    let rows = |bodies: Vec<Value>| bodies.into_iter().map(Row::json).collect::<Vec<_>>();
    let mut members = Vec::new();
    let mut assignments = Vec::new();
    for side in ["add", "remove"] {
        for who in [
            json!("«user»"),
            json!("«team»"),
            json!("«user_name»"),
            json!({ "user": "«user»" }),
            json!({ "user": "«user_name»" }),
            json!({ "group": "«team»" }),
            json!({ "group": "«team_name»" }),
        ] {
            if who.is_object() {
                assignments.push(json!({ side: [who] }));
            }
            members.push(json!({ side: [who] }));
        }
    }
    let app = |body: Value| {
        let mut whole = json!({
            "template": "scim", "name": "New", "base_url": "http://127.0.0.1:9/scim", "token": "t", "activate": false,
        });
        for (name, value) in body.as_object().expect("an object") {
            whole[name] = value.clone();
        }
        whole
    };
    let clauses = |clause: &str| json!({ "groups": [{ "clauses": [clause] }] });
    let schema = |urn: &str| {
        json!({ "resource_type": "User", "schema": {
            "id": urn, "name": "Hr", "attributes": [{ "name": "badge" }],
        } })
    };
    let file = |lines: &str| Row {
        body: Some(Body::Csv(lines.to_owned())),
        ..Row::default()
    };
    let named = || rows(vec![json!({ "domain": "«domain»" })]);
    let listed = json!({ "data": [{ "domain": "«domain»" }] });
    vec![
        ("POST /domains", named()),
        ("PUT /sso/routes", rows(sso_routes())),
        (DOMAIN_ACTIONS[0], named()),
        (DOMAIN_ACTIONS[1], named()),
        (DOMAIN_ACTIONS[2], rows(vec![listed])),
        (DOMAIN_ACTIONS[3], named()),
        (DOMAIN_ACTIONS[4], named()),
        (
            "POST /people/import",
            vec![
                file("userName,manager\n«own.user_name»,«manager_name»\n"),
                file("userName,manager\n«own.user_name»,«manager»\n"),
                file("userName,manager\n«own.user_name»,«email»\n"),
                file("userName,externalId\n«own.user_name»,«external_id»\n"),
                file("id,userName\n«user»,«own.user_name»\n"),
            ],
        ),
        (
            "POST /people",
            rows(vec![
                json!({ "user_name": "«user_name»" }),
                json!({ "user_name": "new@far.example", "external_id": "«external_id»" }),
                json!({ "user_name": "new@far.example", "manager": "«user»" }),
                json!({ "user_name": "new@far.example", "manager": "«user_name»" }),
            ]),
        ),
        (
            "PATCH /people/{person}",
            rows(vec![
                json!({ "external_id": "«external_id»" }),
                json!({ "manager": "«user»" }),
                json!({ "manager": "«user_name»" }),
                json!({ "user_name": "«user_name»" }),
            ]),
        ),
        (
            "PATCH /groups/{group}",
            rows(vec![
                json!({ "display_name": "«group_name»" }),
                json!({ "external_id": "«group_external_id»" }),
            ]),
        ),
        (
            "POST /groups",
            rows(vec![
                json!({ "display_name": "«group_name»" }),
                json!({ "display_name": "New", "external_id": "«group_external_id»" }),
            ]),
        ),
        ("POST /groups/{group}/members", rows(members)),
        (
            "POST /people/{person}/licences",
            rows(vec![
                json!({ "add": ["«licence»"] }),
                json!({ "add": ["«licence_name»"] }),
                json!({ "remove": ["«licence»"] }),
            ]),
        ),
        (
            "PUT /licence-templates/organization",
            rows(vec![
                json!({ "licences": ["«licence»"] }),
                json!({ "licences": ["«own.licence»", "«licence_name»"] }),
            ]),
        ),
        (
            "PUT /licence-templates/groups/{group}",
            rows(vec![
                json!({ "licences": ["«licence»"] }),
                json!({ "licences": ["«own.licence»", "«licence_name»"] }),
            ]),
        ),
        ("POST /licences", rows(vec![json!({ "name": "«licence_name»" })])),
        (
            "PATCH /licences/{licence}",
            rows(vec![json!({ "name": "«licence_name»" })]),
        ),
        (
            "PATCH /v1/licenses/users",
            rows(vec![
                json!({ "personId": "«user»", "licenses": [{ "id": "«own.licence»" }] }),
                json!({ "email": "«user_name»", "licenses": [{ "id": "«own.licence»" }] }),
                json!({ "email": "«email»", "licenses": [{ "id": "«own.licence»" }] }),
                json!({ "personId": "«own.user»", "licenses": [{ "id": "«licence»" }] }),
                json!({ "personId": "«own.user»", "orgId": "«org»", "licenses": [{ "id": "«own.licence»" }] }),
            ]),
        ),
        (
            "POST /partners",
            rows(vec![
                json!({ "organization_id": "«org»", "user_name": "«user_name»" }),
                json!({ "organization_id": "«org»", "user_name": "«own.user_name»" }),
            ]),
        ),
        ("POST /apps/{app}/assignments", rows(assignments)),
        (
            "POST /apps",
            rows(vec![
                app(json!({ "name": "«app_name»" })),
                app(json!({ "template": "webex", "org_id": "«org»" })),
            ]),
        ),
        ("PATCH /apps/{app}", rows(vec![json!({ "name": "«app_name»" })])),
        (
            "POST /apps/{app}/mappings",
            rows(vec![
                json!({ "mapping": { "source": "none", "target": "«attribute»" } }),
            ]),
        ),
        (
            "PUT /apps/{app}/attributes",
            rows(vec![
                json!({ "custom": [{ "name": "«own.attribute»" }, { "name": "«attribute»" }] }),
                json!({ "custom": [{ "name": "«own.attribute»" }] }),
            ]),
        ),
        (
            "POST /apps/{app}/preview",
            rows(vec![
                json!({ "person": "«user»" }),
                json!({ "person": "«user_name»" }),
            ]),
        ),
        ("PUT /apps/{app}/sso", rows(vec![json!({ "slug": "«slug»" })])),
        ("PATCH /apps/{app}/sso", rows(vec![json!({ "slug": "«slug»" })])),
        (
            "POST /apps/{app}/sso/preview",
            rows(vec![
                json!({ "person": "«user»" }),
                json!({ "person": "«user_name»" }),
            ]),
        ),
        (
            "POST /apps/{app}/provision-on-demand",
            rows(vec![
                json!({ "person": "«user»" }),
                json!({ "person": "«user_name»" }),
            ]),
        ),
        (
            "POST /apps/{app}/retry",
            rows(vec![
                json!({ "user": "«user»" }),
                json!({ "user": "«user_name»" }),
                json!({ "user": "«team»" }),
            ]),
        ),
        (
            "DELETE /apps/{app}",
            vec![
                Row::query("confirm", "«app_name»"),
                Row::query("confirm", "«app»"),
            ],
        ),
        (
            "POST /apps/{app}/sso/deactivate",
            vec![
                Row::query("confirm", "«app_name»"),
                Row::query("confirm", "«app»"),
            ],
        ),
        (
            "PUT /apps/{app}/filter",
            rows(vec![
                clauses("manager EQUALS «manager»"),
                clauses("objectId EQUALS «user»"),
                json!({ "groups": [] }),
            ]),
        ),
        (
            "PUT /schemas/{urn}",
            rows(vec![schema("«schema»"), schema("«own.schema»")]),
        ),
    ]
}

fn sso_routes() -> Vec<Value> {
    let route = |route: Value| json!({ "routes": [route] });
    vec![
        route(json!({ "group": "«group»", "provider": "«own.provider»" })),
        route(json!({ "group": "«group_name»", "provider": "«own.provider»" })),
        route(json!({ "domain": "«domain»", "provider": "«own.provider»" })),
        route(json!({ "group": "«own.group»", "provider": "«provider»" })),
        route(json!({ "group": "«own.group»", "provider": "«provider_name»" })),
    ]
}
