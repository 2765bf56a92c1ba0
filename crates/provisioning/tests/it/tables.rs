//! Mapping tables as they are edited: row by row, against what people and the target have.

use mapping::{AttributeMapping, Source, WhenEmpty};
use provisioning::{
    AppChange, CustomAttribute, CustomKind, Error, MappingEdit, NewApp, SettingsChange, SubjectKind, Template,
};
use serde_json::{Map, Value, json};

use super::world::{On, World};

async fn edit(world: &World, edit: MappingEdit) -> Result<Vec<AttributeMapping>, Error> {
    let types = scim::ResourceTypes::built_in();
    let edited = world.provisioning.edit_mappings(
        world.org,
        (world.app, SubjectKind::User),
        &edit,
        types,
        &world.cause,
    );
    edited.await.map(mapping::MappingSet::into_rows)
}

fn add(source: Source, target: &str) -> MappingEdit {
    MappingEdit::Add {
        row: AttributeMapping::new(source, target),
        number: None,
    }
}

fn direct(name: &str, target: &str) -> MappingEdit {
    add(Source::Attribute(name.to_owned()), target)
}

fn members(members: Value) -> Map<String, Value> {
    serde_json::from_value(members).expect("an object")
}

async fn declare(world: &World, custom: Vec<CustomAttribute>) -> Result<(), Error> {
    let change = AppChange {
        settings: SettingsChange {
            custom_attributes: Some(custom),
            ..SettingsChange::default()
        },
        ..AppChange::default()
    };
    let changed = world
        .provisioning
        .update_app(world.org, world.app, change, &world.cause);
    changed.await.map(drop)
}

fn badge(kind: CustomKind) -> CustomAttribute {
    CustomAttribute {
        name: "urn:example:2.0:User:badge".to_owned(),
        kind,
        multi_valued: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_change_and_go() {
    let world = World::new(On::Sqlite).await;
    let before = edit(&world, MappingEdit::Replace(Vec::new())).await;
    assert_eq!(before.expect_err("none").code(), "mapping.invalid");
    let first = MappingEdit::Add {
        row: AttributeMapping::direct("nickName", "nickName"),
        number: Some(1),
    };
    let rows = edit(&world, first).await.expect("added");
    assert_eq!((rows.len(), rows[0].target.as_str()), (16, "nickName"));
    let twice = edit(&world, direct("displayName", "NICKNAME")).await;
    assert_eq!(twice.expect_err("twice").code(), "mapping.invalid");

    let change = |target: &str, changed: Value| MappingEdit::Change {
        target: target.to_owned(),
        members: members(changed),
    };
    let leave = change("nickname", json!({"when_empty": "leave", "default_value": "x"}));
    let rows = edit(&world, leave).await.expect("changed");
    assert_eq!(rows[0].when_empty, WhenEmpty::Leave);
    assert_eq!(rows[0].default_value.as_deref(), Some("x"));
    let back = change(
        "nickName",
        json!({"when_empty": null, "default_value": null, "target": "locale"}),
    );
    let rows = edit(&world, back).await.expect("changed");
    assert_eq!(rows[0], AttributeMapping::direct("nickName", "locale"));
    for (wrong, code) in [
        (change("nothing", json!({})), "mapping.unknown"),
        (change("locale", json!({"when": "leave"})), "mapping.invalid"),
        (change("locale", json!({"source": null})), "mapping.invalid"),
        (change("locale", json!({"matching": 1})), "mapping.invalid"),
    ] {
        assert_eq!(
            edit(&world, wrong.clone()).await.expect_err("wrong").code(),
            code,
            "{wrong:?}"
        );
    }

    let remove = |target: &str| MappingEdit::Remove {
        target: target.to_owned(),
    };
    assert_eq!(edit(&world, remove("locale")).await.expect("removed").len(), 15);
    assert_eq!(
        edit(&world, remove("locale")).await.expect_err("gone").code(),
        "mapping.unknown"
    );
    let only_key = edit(&world, remove("userName"))
        .await
        .expect_err("the only matching one");
    assert_eq!(only_key.code(), "mapping.invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_is_refused() {
    let world = World::new(On::Sqlite).await;
    for (source, message) in [
        (
            Source::Attribute("jobTitel".to_owned()),
            r#"mapping 16 (nickName): people have no attribute "jobTitel"; did you mean jobTitle?"#,
        ),
        (
            Source::entra("Append([jobTitle], [departmnt])"),
            r#"mapping 16 (nickName): at character 20: people have no attribute "departmnt"; did you mean department?"#,
        ),
        (
            Source::okta("user.firstName + user.logon"),
            r#"mapping 16 (nickName): at character 17: people have no attribute "user.logon"; did you mean user.login?"#,
        ),
        (
            Source::Attribute("name.surname".to_owned()),
            r#"mapping 16 (nickName): people have no attribute "name.surname"; an attribute"#,
        ),
        (Source::Attribute("urn:example:2.0:User:shoe".to_owned()), ""),
    ] {
        let error = edit(&world, add(source, "nickName")).await.expect_err("unknown");
        assert_eq!(error.code(), "mapping.source");
        assert!(error.to_string().contains(message), "{error}");
    }
    for source in [
        "nickName",
        "emails.value",
        "manager:mail",
        "user.costCenter",
        "externalId",
        "user.name.formatted",
    ] {
        edit(&world, direct(source, "nickName")).await.expect(source);
        let remove = MappingEdit::Remove {
            target: "nickName".to_owned(),
        };
        edit(&world, remove).await.expect(source);
    }
}

/// An organization's own schemas are sources, too.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_organization_adds_can_be_read() {
    let world = World::new(On::Sqlite).await;
    let schema = json!({
        "id": "urn:example:2.0:User", "name": "Own", "attributes": [{"name": "shoe", "type": "string"}]
    });
    let extension = scim::schema::Extension {
        schema: serde_json::from_value(schema).expect("a schema"),
        required: false,
        origin: scim::schema::Origin::Organization,
    };
    let types = scim::ResourceTypes::extended(1, vec![extension], Vec::new());
    for (source, is_there) in [
        ("urn:example:2.0:User:shoe", true),
        ("urn:example:2.0:User:sock", false),
    ] {
        let edit = direct(source, "nickName");
        let edited = world
            .provisioning
            .edit_mappings(
                world.org,
                (world.app, SubjectKind::User),
                &edit,
                &types,
                &world.cause,
            )
            .await;
        assert_eq!(edited.is_ok(), is_there, "{source}");
    }
}

#[tokio::test(flavor = "multi_thread")]
pub async fn what_the_target_has_not_is_refused_until_it_is_declared() {
    let mut world = World::new(On::Sqlite).await;
    for (target, part) in [
        ("nickNam", "did you mean nickName?"),
        (
            r#"phoneNumbers[type eq "work"].valu"#,
            r#"did you mean phoneNumbers[type eq "work"].value?"#,
        ),
        ("urn:example:2.0:User:badge", "declare it"),
        ("meta.created", "target's own"),
        ("groups", "target's own"),
    ] {
        let error = edit(&world, direct("jobTitle", target)).await.expect_err(target);
        assert_eq!(error.code(), "mapping.target", "{error}");
        let has = error.to_string().contains(part);
        assert!(has || target == "meta.created" || target == "groups", "{error}");
    }

    declare(&world, vec![badge(CustomKind::Integer)])
        .await
        .expect("declared");
    let number = add(Source::Constant("7".to_owned()), "urn:example:2.0:User:badge");
    edit(&world, number).await.expect("added");
    world.hire("anna").await;
    world.initial().await;
    assert_eq!(
        world.account("anna")["urn:example:2.0:User"]["badge"],
        7,
        "a number, as declared"
    );

    let error = declare(&world, Vec::new()).await.expect_err("still mapped");
    assert_eq!(error.code(), "mapping.target");
    declare(&world, vec![badge(CustomKind::String)])
        .await
        .expect("declared");
    world.in_step().await;
    assert_eq!(world.account("anna")["urn:example:2.0:User"]["badge"], "7");
    let listed = world.provisioning.target_attributes(world.org, world.app).await;
    let listed = listed.expect("a list");
    assert!(
        listed
            .last()
            .is_some_and(|last| last.custom && last.name.ends_with("badge"))
    );
    assert!(
        listed
            .iter()
            .any(|one| one.name == r#"addresses[type eq "work"].country"#)
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn declarations_are_checked() {
    let world = World::new(On::Sqlite).await;
    let named = |name: &str| CustomAttribute {
        name: name.to_owned(),
        ..badge(CustomKind::String)
    };
    for wrong in [
        vec![named("nickName")],
        vec![named("not a path")],
        vec![named("password")],
        vec![named("x"), named("X")],
        (0..201).map(|number| named(&format!("x{number}"))).collect(),
    ] {
        assert_eq!(
            declare(&world, wrong).await.expect_err("wrong").code(),
            "app.settings"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presets_are_restored_and_say_why_there_are_no_others() {
    let world = World::new(On::Sqlite).await;
    let restore = |preset: Option<&str>| MappingEdit::Restore {
        preset: preset.map(str::to_owned),
        when_empty: None,
    };
    edit(&world, direct("nickName", "nickName")).await.expect("added");
    let rows = edit(&world, restore(None)).await.expect("restored");
    assert_eq!(rows, mapping::preset::find("webex-entra").expect("it").mappings);
    let rows = edit(&world, restore(Some("webex-okta"))).await.expect("restored");
    assert_eq!(rows.len(), 7);
    let app = world
        .provisioning
        .app(world.org, world.app)
        .await
        .expect("the app");
    assert_eq!(app.settings.preset, "webex-okta");
    let phone = direct("mobile", r#"phoneNumbers[type eq "mobile"].value"#);
    let error = edit(&world, phone.clone()).await.expect_err("not from Okta");
    assert_eq!(error.code(), "mapping.target");
    assert!(
        error
            .to_string()
            .contains("phone numbers and addresses are not supported there"),
        "{error}"
    );
    edit(&world, restore(Some("webex-jumpcloud")))
        .await
        .expect("restored");
    edit(&world, phone).await.expect("JumpCloud's can be extended");
    let error = edit(&world, restore(Some("nothing"))).await.expect_err("unknown");
    assert_eq!(error.code(), "preset.unknown");
}

/// What each preset does can be saved again as it is, and works at the address that it knows.
#[tokio::test(flavor = "multi_thread")]
async fn every_preset_passes_its_own_checks() {
    let world = World::new(On::Sqlite).await;
    for preset in mapping::preset::all() {
        let template = if preset.name == "scim" {
            Template::Scim
        } else {
            Template::Webex
        };
        let new = NewApp {
            name: Some(preset.name.clone()),
            preset: Some(preset.name.clone()),
            base_url: (template == Template::Scim).then(|| "https://example.com/scim".to_owned()),
            org_id: Some("o-1".to_owned()),
            ..NewApp::new(template)
        };
        let app = world
            .provisioning
            .add_app(world.org, new, &world.cause)
            .await
            .expect("an app");
        let expected = match preset.name.as_str() {
            "scim" => "https://example.com/scim",
            "webex-v2" => "https://webexapis.com/identity/scim/o-1/v2",
            _ => "https://api.ciscospark.com/v1/scim/o-1",
        };
        assert_eq!(app.settings.base_url, expected);
        let types = scim::ResourceTypes::built_in();
        let rows = preset.mappings.clone();
        let set = world
            .provisioning
            .set_mappings(world.org, app.id, rows, types, &world.cause);
        set.await
            .unwrap_or_else(|error| panic!("{}: {error}", preset.name));
    }
}
