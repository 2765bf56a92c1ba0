//! Metadata of the other side: pasted in, or fetched from the address at which it publishes them.

use std::time::Duration;

use outbound::{Method, Request, Url};
use saml::metadata::{EntityDescriptor, import};

use crate::{Error, Federation};

/// The greatest size of metadata, in bytes. (A federation's aggregate is larger; it is not what is asked for here.)
pub const LARGEST: usize = 2 << 20;
/// Somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(15);

/// Metadata as they came, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    pub xml: String,
    pub entity: EntityDescriptor,
}

/// Reads metadata; of several entities the one called `wanted`.
pub fn read(xml: &str, wanted: Option<&str>) -> Result<Metadata, Error> {
    if xml.len() > LARGEST {
        return Err(Error::Metadata(format!("they are larger than {LARGEST} bytes")));
    }
    let entity = import(xml, wanted).map_err(|error| Error::Metadata(error.to_string()))?;
    Ok(Metadata {
        xml: xml.to_owned(),
        entity,
    })
}

impl Federation {
    /// Fetches metadata, guarded like all that leaves the process; redirections are not followed.
    pub async fn fetch_metadata(&self, url: &str, wanted: Option<&str>) -> Result<Metadata, Error> {
        let url: Url = url
            .parse()
            .map_err(|error| Error::Metadata(format!("{url:?} is not an address: {error}")))?;
        let request = Request {
            timeout: PATIENCE,
            largest_answer: LARGEST,
            ..Request::new(Method::GET, url)
        };
        let answer = self
            .outbound
            .send(request)
            .await
            .map_err(|error| Error::Metadata(error.to_string()))?;
        if !answer.status.is_success() {
            return Err(Error::Metadata(format!("the address answered {}", answer.status)));
        }
        let xml = std::str::from_utf8(&answer.body)
            .map_err(|_| Error::Metadata("they are not text in UTF-8".to_owned()))?;
        read(xml, wanted)
    }
}
