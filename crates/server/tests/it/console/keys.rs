//! Keys, at either end.

use serde_json::json;

use super::Desk;
use super::form::Form;
use crate::on_both;
use crate::world::World;

on_both!(
    keys_of_our_own_follow_each_other,
    keys_of_an_app_follow_each_other
);

async fn keys_of_our_own_follow_each_other(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    follow_each_other(&desk, "/sso/keys").await;
}

async fn keys_of_an_app_follow_each_other(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let made = json!({ "template": "saml", "name": "Wiki" });
    let app = desk.org.api().post("/apps", &made).await.expect(201);
    let place = format!("/apps/{}/sso/keys", app["id"].as_str().expect("an id"));
    desk.get(&place).await.expect(409, "metadata or keys");
    let set = json!({ "slug": "wiki" });
    desk.org.api().put("/apps/Wiki/sso", &set).await.expect(201);
    follow_each_other(&desk, &place).await;
    let link = json!({ "template": "bookmark", "name": "Link" });
    let link = desk.org.api().post("/apps", &link).await.expect(201);
    let place = format!("/apps/{}/sso/keys", link["id"].as_str().expect("an id"));
    desk.get(&place).await.expect(409, "metadata or keys");
}

async fn follow_each_other(desk: &Desk<'_>, place: &str) {
    let standings = async || {
        let keys = desk.api(place).await;
        let keys = keys["items"].as_array().expect("keys").clone();
        let all = keys.iter().map(|key| {
            (
                key["id"].clone(),
                key["standing"].clone(),
                key["signs_from"].clone(),
            )
        });
        all.collect::<Vec<_>>()
    };
    desk.press(place, "add", &[])
        .await
        .expect(200, "published from now on");
    let first = standings().await;
    assert_eq!(first.len(), 1);
    for (field, wrong, said) in [
        ("days", "0", "1 to 3650 days"),
        ("days", "many", "days"),
        ("from", "tomorrow", "is no day"),
        ("kind", "dsa", "There is no kind of key"),
    ] {
        let page = desk.press(place, "add", &[(field, wrong)]).await;
        page.expect(400, said);
        if field != "kind" {
            assert_eq!(Form::with(&page, "name=\"days\"").get(field), Some(wrong));
        }
    }
    let next = [("kind", "ec_p256"), ("days", "400"), ("from", "2037-01-31")];
    desk.press(place, "add", &next)
        .await
        .expect(409, "role=\"alert\"");
    let next = [("kind", "rsa_3072"), ("days", "3650"), ("from", "2027-01-31")];
    let page = desk.press(place, "add", &next).await;
    page.expect(200, "signs from 31 January 2027");
    let both = standings().await;
    assert_eq!(both.len(), 2, "{both:?}");
    assert_eq!(both[1].1, "next");
    assert_eq!(both[1].2, "2027-01-31T00:00:00Z");
    // At once.
    let id = both[1].0.as_str().expect("an id");
    let mut form = Form::with(&page, &format!("name=\"key\" value=\"{id}\""));
    form.set("do", "promote");
    let page = desk.send(place, &form).await;
    page.expect(200, "The key signs from now on");
    let now = standings().await;
    assert_eq!((&now[0].0, &now[0].1), (&both[1].0, &json!("current")));
    assert_eq!((&now[1].0, &now[1].1), (&first[0].0, &json!("previous")));
    let former = first[0].0.as_str().expect("an id");
    let mut form = Form::with(&page, &format!("name=\"key\" value=\"{former}\""));
    form.set("do", "remove");
    desk.send(place, &form).await.expect(200, "The key is removed");
    form.set("key", id);
    desk.send(place, &form).await.expect(409, "is the one that signs");
    assert_eq!(standings().await.len(), 1);
}
