//! The target's base URL, kept as the admin wrote it: with or without a trailing slash, with its query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::exchange::Resources;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Flags that admins append for Entra ID's client; they ask for what is always done here, and no server reads them.
const CLIENT_FLAGS: [&str; 2] = ["aadOptscim062020", "AzureAdScimPatch2017"];

/// Where a target's resources are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseUrl(Url);

impl BaseUrl {
    pub(super) fn parse(text: &str) -> Result<Self, url::ParseError> {
        let mut url: Url = text.trim().parse()?;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        url.set_fragment(None);
        let kept: Vec<_> = url
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|part| {
                !part.is_empty() && !CLIENT_FLAGS.iter().any(|flag| part.eq_ignore_ascii_case(flag))
            })
            .map(str::to_owned)
            .collect();
        url.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
        Ok(Self(url))
    }

    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(super) fn path(&self) -> &str {
        self.0.path()
    }

    /// `{base}/{endpoint}`, or one resource there.
    pub(super) fn resource(&self, endpoint: &str, id: Option<&str>) -> Url {
        let mut url = self.0.clone();
        let mut path = format!("{}/{endpoint}", url.path().trim_end_matches('/'));
        if let Some(id) = id {
            path.push('/');
            path.extend(utf8_percent_encode(id, UNRESERVED));
        }
        url.set_path(&path);
        url
    }

    /// One resource, to be read.
    pub(super) fn read(&self, resources: Resources, id: &str) -> Url {
        let url = self.resource(resources.endpoint(), Some(id));
        match resources.excluded() {
            Some(excluded) => with_query(url, &format!("excludedAttributes={excluded}")),
            None => url,
        }
    }

    /// `{base}/Users?…`
    pub(super) fn list(&self, resources: Resources, query: &str) -> Url {
        let url = self.resource(resources.endpoint(), None);
        match resources.excluded() {
            Some(excluded) => with_query(url, &format!("excludedAttributes={excluded}&{query}")),
            None => with_query(url, query),
        }
    }

    /// `{base}/Groups/{id}?attributes=members`
    pub(super) fn members(&self, id: &str) -> Url {
        let url = self.resource(Resources::Groups.endpoint(), Some(id));
        with_query(url, "attributes=members")
    }

    /// `{base}/Groups/{id}/Members?…`, as Webex has it.
    pub(super) fn member_page(&self, id: &str, query: &str) -> Url {
        let mut url = self.resource(Resources::Groups.endpoint(), Some(id));
        let path = format!("{}/Members", url.path());
        url.set_path(&path);
        with_query(url, query)
    }

    /// `{base}/Users?filter=…`, spaces as `%20`: some servers do not read `+`.
    pub(super) fn search(&self, resources: Resources, filter: &str) -> Url {
        let filter = utf8_percent_encode(filter, UNRESERVED);
        let url = self.resource(resources.endpoint(), None);
        with_query(
            url,
            &match resources.excluded() {
                Some(excluded) => format!("excludedAttributes={excluded}&filter={filter}"),
                None => format!("filter={filter}"),
            },
        )
    }
}

fn with_query(mut url: Url, query: &str) -> Url {
    let query = match url.query() {
        Some(own) => format!("{own}&{query}"),
        None => query.to_owned(),
    };
    url.set_query(Some(&query));
    url
}

/// A value as it stands in a query.
pub(super) fn encode(value: &str) -> String {
    utf8_percent_encode(value, UNRESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_it() {
        for (base, user) in [
            ("https://h/v1/scim/o", "https://h/v1/scim/o/Users/a%2Fb"),
            ("https://h/v1/scim/o/", "https://h/v1/scim/o/Users/a%2Fb"),
            ("https://h", "https://h/Users/a%2Fb"),
            ("https://h/scim?aadOptscim062020", "https://h/scim/Users/a%2Fb"),
            (
                " https://h/scim/?v=2&aadoptscim062020#x",
                "https://h/scim/Users/a%2Fb?v=2",
            ),
        ] {
            let url = BaseUrl::parse(base)
                .expect("a URL")
                .resource("Users", Some("a/b"));
            assert_eq!(url.as_str(), user, "{base}");
        }
    }

    #[test]
    fn filters_are_encoded_and_the_query_stays() {
        let url = BaseUrl::parse("https://h/scim?v=2")
            .expect("a URL")
            .search(Resources::Users, r#"userName eq "a+b@h""#);
        assert_eq!(
            url.as_str(),
            "https://h/scim/Users?v=2&filter=userName%20eq%20%22a%2Bb%40h%22"
        );
    }
}
