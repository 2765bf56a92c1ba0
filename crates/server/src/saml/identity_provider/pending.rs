//! What the browser carries of a sign-in that somebody has begun, until it is known who that is: sealed, for one application and
//! for a while.

use std::time::Duration;

use base::{SamlTraceId, Timestamp};
use federation::TracedCheck;
use federation::identity_provider::Asked;
use federation::saml::message::{Comparison, NameId, RequestedContext};
use miniz_oxide::{deflate, inflate};
use serde::{Deserialize, Serialize};

use super::place::Place;
use crate::State;

/// How long somebody may take to sign in.
const PATIENCE: Duration = Duration::from_mins(30);
const PURPOSE: &str = "saml.sign_in";
/// What is longer would not pass every proxy; then the message itself is left out.
const LONGEST: usize = 5_000;
/// Of what is carried, unpacked.
const LARGEST: usize = 512 * 1024;

/// Tells the sign-in pages, which do not see what is sealed, that whoever goes on there has to sign in anew. Whoever leaves
/// it out is not let in: what is sealed says so, too.
const ANEW: &str = "again=true&";

/// Does somebody have to sign in anew who wants to go on at this place?
pub fn wants_anew(place: &str) -> bool {
    let query = place.split_once('?').filter(|(path, _)| super::is_place(path));
    query.is_some_and(|(_, query)| query.starts_with(ANEW))
}

/// A sign-in that somebody has begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    /// When it came in.
    pub(super) at: Timestamp,
    pub(super) relay_state: Option<String>,
    pub(super) force: bool,
    pub(super) passive: bool,
    /// `redirect`, `post`.
    pub(super) binding: String,
    /// The request; none if nobody has asked, or if it is too long to be carried.
    pub(super) xml: Option<String>,
    pub(super) checks: Vec<TracedCheck>,
    pub(super) request_id: Option<String>,
    pub(super) consumer: String,
    pub(super) name_id_format: Option<String>,
    pub(super) may_create: bool,
    pub(super) subject: Option<(String, Option<String>)>,
    pub(super) context: Option<(String, Vec<String>, Vec<String>)>,
    /// The trace of it while it is under way.
    #[serde(default)]
    pub(super) trace: Option<SamlTraceId>,
}

impl Pending {
    pub(super) fn new(at: Timestamp, binding: &str, asked: &Asked) -> Self {
        Self {
            at,
            relay_state: None,
            force: false,
            passive: false,
            binding: binding.to_owned(),
            xml: None,
            checks: Vec::new(),
            request_id: asked.request_id.clone(),
            consumer: asked.consumer.clone(),
            name_id_format: asked.name_id_format.clone(),
            may_create: asked.may_create,
            subject: asked
                .subject
                .as_ref()
                .map(|name| (name.value.clone(), name.format.clone())),
            context: asked.context.as_ref().map(|context| {
                let comparison = context.comparison.as_str().to_owned();
                (comparison, context.classes.clone(), context.declarations.clone())
            }),
            trace: None,
        }
    }

    pub(super) fn asked(&self) -> Asked {
        Asked {
            request_id: self.request_id.clone(),
            consumer: self.consumer.clone(),
            name_id_format: self.name_id_format.clone(),
            may_create: self.may_create,
            subject: self.subject.as_ref().map(|(value, format)| NameId {
                value: value.clone(),
                format: format.clone(),
                name_qualifier: None,
                sp_name_qualifier: None,
                sp_provided_id: None,
            }),
            context: self
                .context
                .as_ref()
                .map(|(comparison, classes, declarations)| RequestedContext {
                    comparison: Comparison::parse(comparison).unwrap_or_default(),
                    classes: classes.clone(),
                    declarations: declarations.clone(),
                }),
        }
    }

    /// The address at which it goes on.
    pub(super) fn address(&self, state: &State, place: &Place) -> String {
        let mut sealed = self.sealed(state, place);
        if sealed.len() > LONGEST && self.xml.is_some() {
            let shorter = Self {
                xml: None,
                ..self.clone()
            };
            sealed = shorter.sealed(state, place);
        }
        let query = if self.force { ANEW } else { "" };
        format!("/saml2/{}/continue?{query}state={sealed}", place.slug)
    }

    fn sealed(&self, state: &State, place: &Place) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let packed = deflate::compress_to_vec(&text, 9);
        let purpose = purpose(place);
        state
            .sealers
            .pages
            .seal(&state.ambient, place.org, &purpose, &packed)
    }

    /// What was sealed for the application.
    pub(super) fn open(state: &State, place: &Place, text: &str) -> Option<Opened> {
        let packed = state.sealers.pages.open(place.org, &purpose(place), text).ok()?;
        let text = inflate::decompress_to_vec_with_limit(&packed, LARGEST).ok()?;
        let pending: Self = serde_json::from_slice(&text).ok()?;
        Some(if state.ambient.now().since(pending.at) <= PATIENCE {
            Opened::InTime(pending)
        } else {
            Opened::TooLate(pending)
        })
    }
}

/// A sign-in that somebody goes on with.
pub(super) enum Opened {
    InTime(Pending),
    TooLate(Pending),
}

fn purpose(place: &Place) -> String {
    format!("{PURPOSE} {}", place.app.id)
}
