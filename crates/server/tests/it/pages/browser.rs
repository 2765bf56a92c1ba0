//! A browser without script: cookies, forms, and redirects that a test follows by itself.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;

use reqwest::redirect::Policy;

use crate::client::without_certificates;
use crate::world::World;

pub(crate) struct Browser {
    http: reqwest::Client,
    address: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A page, or a redirect.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new(world: &World) -> Self {
        Self::at(&world.address)
    }

    pub(crate) fn at(address: &str) -> Self {
        Self::coming_from(None, address)
    }

    /// One whose requests come from another address than those of others.
    pub(crate) fn elsewhere(from: [u8; 4], address: &str) -> Self {
        Self::coming_from(Some(from.into()), address)
    }

    fn coming_from(from: Option<IpAddr>, address: &str) -> Self {
        Self {
            http: without_certificates()
                .local_address(from)
                .redirect(Policy::none())
                .user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
                .build()
                .expect("a client"),
            address: address.to_owned(),
            cookies: Mutex::default(),
        }
    }

    /// Where its server is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("whole").get(name).cloned()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().expect("whole");
        cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(self.http.get(format!("{}{path}", self.address))).await
    }

    /// Sends the first form of a page with this action, with its hidden fields and these.
    pub(crate) async fn submit(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let mut all = page.hidden(action);
        all.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post(action, &all, &[("origin", &self.address)]).await
    }

    /// Sends the first form of a page with this action, with one of its hidden fields filled in, as a script does.
    pub(crate) async fn submit_as(&self, page: &Page, action: &str, field: &str, value: &str) -> Page {
        let mut all = page.hidden(action);
        all.retain(|(name, _)| name != field);
        all.push((field.to_owned(), value.to_owned()));
        self.post(action, &all, &[("origin", &self.address)]).await
    }

    /// Another window of the same browser.
    pub(crate) fn twin(&self) -> Self {
        self.twin_at(&self.address)
    }

    /// The same at another server, which goes by the same name.
    pub(crate) fn twin_at(&self, address: &str) -> Self {
        let twin = Self::at(address);
        twin.cookies
            .lock()
            .expect("whole")
            .clone_from(&self.cookies.lock().expect("whole"));
        twin
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> Page {
        let body = url_encoded(fields);
        let mut request = self
            .http
            .post(format!("{}{path}", self.address))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<_> = self
            .cookies
            .lock()
            .expect("whole")
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let text = cookie.to_str().expect("a text");
            let (name, rest) = text.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            let mut jar = self.cookies.lock().expect("whole");
            if text.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = response.text().await.expect("a text");
        Page {
            status,
            headers,
            text,
        }
    }

    /// The sign-in page filled in.
    pub(crate) async fn sign_in(&self, address: &str, password: &str) -> Page {
        self.sign_in_for("/account", address, password).await
    }

    /// The same on the way to a place.
    pub(crate) async fn sign_in_for(&self, to: &str, address: &str, password: &str) -> Page {
        let query = url_encoded(&[("to".to_owned(), to.to_owned())]);
        let page = self.get(&format!("/sign-in?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let fields = [("address", address), ("password", password)];
        self.submit(&page, "/sign-in", &fields).await
    }
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn expect(&self, status: u16, said: &str) -> &Self {
        assert_eq!(self.status, status, "{}", self.text);
        assert!(self.text.contains(said), "{said}: {}", self.text);
        self.check();
        self
    }

    #[track_caller]
    pub(crate) fn leads_to(&self, to: &str) {
        assert_eq!((self.status, self.header("location")), (303, to), "{}", self.text);
    }

    /// What holds for every page.
    #[track_caller]
    pub(crate) fn check(&self) {
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(self.header("cache-control"), "no-store");
        let policy = self.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self';"),
            "{policy}"
        );
        for said in ["base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
            assert!(policy.contains(said), "{said}: {policy}");
        }
        assert_eq!(self.header("referrer-policy"), "same-origin");
        assert_eq!(self.header("x-frame-options"), "DENY");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        // The scripts there are, where the policy lets them run.
        let runs = self
            .header("content-security-policy")
            .ends_with("; script-src 'self'");
        let bare = ["passkeys", "saml-post", "read-file"]
            .iter()
            .fold(self.text.clone(), |text, name| {
                text.replace(&format!("<script src=\"/assets/{name}.js\" defer></script>"), "")
            });
        assert_eq!(runs, bare.len() < self.text.len(), "{}", self.text);
        for never in ["<script", " style=", " onclick", "javascript:"] {
            assert!(!bare.contains(never), "{never}: {bare}");
        }
    }

    /// The hidden fields of the first form with this action.
    #[track_caller]
    pub(crate) fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let begin = self.text.find(&format!("action=\"{action}\""));
        let rest = &self.text[begin.unwrap_or_else(|| panic!("no form {action}: {}", self.text))..];
        let form = &rest[..rest.find("</form>").expect("it ends")];
        let hidden = form.split("<input type=\"hidden\" name=\"").skip(1);
        hidden
            .map(|field| {
                let (name, rest) = field.split_once("\" value=\"").expect("a value");
                let value = rest.split('"').next().unwrap_or_default();
                (
                    name.to_owned(),
                    value.replace("&#38;", "&").replace("&#x27;", "'"),
                )
            })
            .collect()
    }
}

fn url_encoded(fields: &[(String, String)]) -> String {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}
