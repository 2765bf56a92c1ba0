//! A form on a page, with what a browser would send of it.

use crate::pages::Page;

/// What a box is that is not ticked.
pub(super) const OFF: &str = "off";

#[derive(Debug)]
pub(super) struct Form {
    pub(super) fields: Vec<(String, String)>,
}

impl Form {
    /// The form of one section of settings.
    #[track_caller]
    pub(super) fn section(page: &Page, key: &str) -> Self {
        Self::with(page, &format!("name=\"section\" value=\"{key}\""))
    }

    /// The form in which this stands.
    #[track_caller]
    pub(super) fn with(page: &Page, mark: &str) -> Self {
        let at = page.text.find(mark);
        let at = at.unwrap_or_else(|| panic!("no form with {mark}: {}", page.text));
        let from = page.text[..at].rfind("<form").expect("a form around it");
        let to = from + page.text[from..].find("</form>").expect("it ends");
        assert!(to > at, "{mark} stands in no form");
        Self {
            fields: fields(&page.text[from..to]),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Fills a field in; a box that is to be [`OFF`] is not sent.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(key, _)| key != name);
        if value != OFF {
            self.fields.push((name.to_owned(), value.to_owned()));
        }
    }

    pub(super) fn set_all(&mut self, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            self.set(name, value);
        }
    }
}

/// The controls of a form, as they stand there.
fn fields(form: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = form;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let (tag, behind) = (&rest[..end], &rest[end + 1..]);
        let name = attribute(tag, "name");
        match (tag.split(' ').next(), name) {
            (Some("input"), Some(name)) => {
                let is_box = attribute(tag, "type").as_deref() == Some("checkbox");
                if !is_box || tag.contains(" checked") {
                    found.push((name, attribute(tag, "value").unwrap_or_default()));
                }
            }
            (Some("textarea"), Some(name)) => {
                let text = behind.split("</textarea>").next().unwrap_or_default();
                found.push((name, unescaped(text.strip_prefix('\n').unwrap_or(text))));
            }
            (Some("select"), Some(name)) => {
                let options = behind.split("</select>").next().unwrap_or_default();
                let options: Vec<_> = options.split("<option").skip(1).collect();
                let chosen = options.iter().find(|option| option.contains(" selected"));
                let value = chosen
                    .or(options.first())
                    .and_then(|option| attribute(option, "value"));
                found.push((name, value.unwrap_or_default()));
            }
            _ => {}
        }
        rest = behind;
    }
    found
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

fn unescaped(text: &str) -> String {
    [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (escaped, letter)| {
        text.replace(escaped, letter)
    })
}
