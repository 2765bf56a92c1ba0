//! The console: what an administrator sets in a browser is what the API says afterwards.

mod apps;
mod entry;
mod form;
mod keys;
mod organization;
mod provider;
mod routes;
mod subjects;
mod traces;

use serde_json::Value;

use self::form::Form;
use crate::pages::{Browser, PASSWORD, Page, administrator};
use crate::world::{Organization, World};

/// An administrator in front of an organization's console.
struct Desk<'w> {
    org: &'w Organization,
    browser: Browser,
}

impl<'w> Desk<'w> {
    async fn new(world: &'w World, org: &'w Organization) -> Self {
        let address = administrator(world, org).await;
        Self::of(world, org, &address).await
    }

    /// Of whoever signs in with that address.
    async fn of(world: &'w World, org: &'w Organization, address: &str) -> Self {
        let browser = Browser::new(world);
        browser.sign_in(address, PASSWORD).await;
        Self { org, browser }
    }

    fn path(&self, rest: &str) -> String {
        format!("/console/{}{rest}", self.org.id)
    }

    async fn get(&self, rest: &str) -> Page {
        self.browser.get(&self.path(rest)).await
    }

    /// Sends a form to the page that it is on, and goes on to that page if something was done.
    async fn send(&self, rest: &str, form: &Form) -> Page {
        let answer = self.post(rest, form).await;
        if answer.status == 303 && answer.header("location") == self.path(rest) {
            return self.get(rest).await;
        }
        answer
    }

    /// The same without going on.
    async fn post(&self, rest: &str, form: &Form) -> Page {
        let headers = [("origin", self.browser.address())];
        self.browser.post(&self.path(rest), &form.fields, &headers).await
    }

    /// Presses a button of a page, beside these fields.
    async fn press(&self, rest: &str, button: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(rest).await;
        let mut form = Form::with(&page, &format!("value=\"{button}\""));
        form.set_all(fields);
        form.set("do", button);
        self.send(rest, &form).await
    }

    /// Fills in fields of one section of settings, and saves it.
    async fn save(&self, rest: &str, section: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(rest).await;
        let mut form = Form::section(&page, section);
        form.set_all(fields);
        form.set("do", "save");
        self.send(rest, &form).await
    }

    async fn api(&self, path: &str) -> Value {
        self.org.api().get(path).await.expect(200)
    }
}

/// One setting, what is filled in for it, and what it is afterwards.
struct Try {
    section: &'static str,
    setting: &'static str,
    fields: &'static [(&'static str, &'static str)],
    expected: Value,
}

/// Saves one setting after the other, each on a page as it is, and sees by the API that it alone has changed.
async fn each_alone(desk: &Desk<'_>, page: &str, api: &str, tries: &[Try]) {
    let mut before = desk.api(api).await["settings"].clone();
    let all = before.as_object().expect("settings");
    let mut untried: Vec<_> = all.keys().cloned().collect();
    let mut sections = Vec::new();
    for one in tries {
        untried.retain(|name| name != one.setting);
        sections.push(one.section);
        let fields: Vec<_> = one
            .fields
            .iter()
            .map(|(part, value)| (format!("settings.{}{part}", one.setting), *value))
            .collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, *value)).collect();
        let saved = desk.save(page, one.section, &fields).await;
        saved.expect(200, "role=\"status\"");
        assert_ne!(before[one.setting], one.expected, "{} shows nothing", one.setting);
        before[one.setting] = one.expected.clone();
        assert_eq!(desk.api(api).await["settings"], before, "{}", one.setting);
        // And the page shows what it is.
        let form = Form::section(&desk.get(page).await, one.section);
        for (name, value) in fields {
            assert_eq!(
                form.get(name),
                Some(value).filter(|value| *value != form::OFF),
                "{name}"
            );
        }
    }
    assert!(untried.is_empty(), "left: {untried:?}");
    // A form that nobody has touched changes nothing.
    sections.dedup();
    for section in sections {
        desk.save(page, section, &[]).await.expect(200, "role=\"status\"");
        assert_eq!(desk.api(api).await["settings"], before, "{section}");
    }
}
