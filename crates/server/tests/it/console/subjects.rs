//! Who somebody is to identity providers.

use super::Desk;
use super::form::Form;
use crate::on_both;
use crate::pages::somebody;
use crate::saml::service_provider::Estate;
use crate::world::World;

on_both!(names_are_seen_and_unlinked);

async fn names_are_seen_and_unlinked(world: &World) {
    let estate = Estate::new(world).await;
    let desk = Desk::new(world, &world.plain).await;
    let address = "anna@northwind.example";
    let anna = somebody(world, &world.plain, address).await;
    desk.get("/sso/subjects")
        .await
        .expect(200, "Who somebody is there");
    desk.get("/sso/subjects?person=nobody@x.example")
        .await
        .expect(404, "There is no person");
    let of_anna = "/sso/subjects?person=anna%40northwind.example";
    desk.get(of_anna)
        .await
        .expect(200, "No identity provider has vouched");
    let user = anna.to_string();
    world
        .link_subject(&world.plain, address, &estate.provider.id.to_string())
        .await;
    let page = desk.get(of_anna).await;
    page.expect(200, &estate.provider.name);
    let known = desk.api(&format!("/people/{user}/sso-subjects")).await;
    let name = known["items"][0]["name_id"].as_str().expect("a name");
    page.expect(200, name);
    let form = Form::with(&page, "name=\"provider\"");
    let unlinked = desk.send("/sso/subjects", &form).await;
    unlinked.expect(
        200,
        "The next name that Example IdP vouches by is anna@northwind.example",
    );
    let known = desk.api(&format!("/people/{user}/sso-subjects")).await;
    assert_eq!(known["items"].as_array().map(Vec::len), Some(0));
    desk.send("/sso/subjects", &form)
        .await
        .expect(404, "role=\"alert\"");
}
