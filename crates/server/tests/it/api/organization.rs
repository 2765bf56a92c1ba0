//! `/api/v1/organization`.

use super::text;
use crate::on_both;
use crate::world::World;

on_both!(the_tokens_own);

async fn the_tokens_own(world: &World) {
    for (org, name, is_email) in [
        (&world.plain, "Northwind", "false"),
        (&world.webex, "Hub", "true"),
    ] {
        let organization = org.api().get("/organization").await.expect(200);
        assert_eq!(text(&organization["id"]), org.id.to_string());
        assert_eq!(organization["name"], name);
        assert!(text(&organization["created_at"]).ends_with('Z'));
        let settings = organization["settings"].as_object().expect("settings");
        let all = directory::Settings::default();
        assert!(
            all.list().all(|(key, _)| settings.contains_key(key)),
            "{settings:?}"
        );
        assert_eq!(settings["users.user_name_is_email"], is_email);
    }
    world.set(&world.plain, "scim.schemas", "entra").await;
    let organization = world.plain.api().get("/organization/").await.expect(200);
    assert_eq!(organization["settings"]["scim.schemas"], "entra");
    let other = world.webex.api().get("/organization").await.expect(200);
    assert_eq!(other["settings"]["scim.schemas"], "full");
}
