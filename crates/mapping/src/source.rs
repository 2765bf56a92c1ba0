//! Where the value of a mapping comes from.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Language;

/// Where a value comes from. In JSON `{"attribute": …}`, `{"constant": …}`, `{"expression": …}`, the last one with
/// `"language": "okta"` if it is written in Okta's, or `"none"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An attribute of the person, by a vendor's name or as a SCIM path.
    Attribute(String),
    /// Always this text.
    Constant(String),
    Expression(Written),
    /// From nowhere: the attribute is left as it is. Where it has no value it gets the default, if there is one.
    None,
}

/// An expression, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    pub language: Language,
}

impl Source {
    /// An expression in Entra ID's language.
    pub fn entra(text: impl Into<String>) -> Self {
        Self::written(Language::Entra, text)
    }

    /// An expression in Okta's language.
    pub fn okta(text: impl Into<String>) -> Self {
        Self::written(Language::Okta, text)
    }

    fn written(language: Language, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Expression(Written { text, language })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    constant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
}

const NOTHING: Form = Form {
    attribute: None,
    constant: None,
    expression: None,
    language: None,
};

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Word(String),
    Form(serde_json::Map<String, serde_json::Value>),
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match self {
            Self::None => return serializer.serialize_str("none"),
            Self::Attribute(name) => Form {
                attribute: Some(name.clone()),
                ..NOTHING
            },
            Self::Constant(text) => Form {
                constant: Some(text.clone()),
                ..NOTHING
            },
            Self::Expression(Written { text, language }) => Form {
                expression: Some(text.clone()),
                language: Some(*language).filter(|language| *language != Language::default()),
                ..NOTHING
            },
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Given::deserialize(deserializer).map_err(|_| D::Error::custom(SHAPE))?;
        let form = match given {
            Given::Word(word) if word == "none" => return Ok(Self::None),
            Given::Word(_) => return Err(D::Error::custom(SHAPE)),
            Given::Form(form) => form,
        };
        let form = Form::deserialize(serde_json::Value::Object(form))
            .map_err(|error| D::Error::custom(format!("a source: {error}")))?;
        match form {
            Form {
                attribute: Some(name),
                constant: None,
                expression: None,
                language: None,
            } => Ok(Self::Attribute(name)),
            Form {
                attribute: None,
                constant: Some(text),
                expression: None,
                language: None,
            } => Ok(Self::Constant(text)),
            Form {
                attribute: None,
                constant: None,
                expression: Some(text),
                language,
            } => Ok(Self::written(language.unwrap_or_default(), text)),
            Form { .. } => Err(D::Error::custom(SHAPE)),
        }
    }
}

const SHAPE: &str = "a source is {\"attribute\": NAME}, {\"constant\": TEXT}, {\"expression\": TEXT} with \"language\" \
                     beside it if it is not Entra ID's, or \"none\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_form() {
        for (source, text) in [
            (Source::Attribute("surname".into()), r#"{"attribute":"surname"}"#),
            (Source::Constant("x".into()), r#"{"constant":"x"}"#),
            (Source::entra("[a]"), r#"{"expression":"[a]"}"#),
            (
                Source::okta("user.a"),
                r#"{"expression":"user.a","language":"okta"}"#,
            ),
            (Source::None, r#""none""#),
        ] {
            assert_eq!(serde_json::to_string(&source).expect("JSON"), text);
            assert_eq!(serde_json::from_str::<Source>(text).expect(text), source);
        }
        let named = r#"{"expression":"[a]","language":"entra"}"#;
        assert_eq!(
            serde_json::from_str::<Source>(named).expect(named),
            Source::entra("[a]")
        );
    }

    #[test]
    fn what_is_no_source_is_refused() {
        for text in [
            "{}",
            "7",
            r#""nothing""#,
            r#"{"attribute":"a","constant":"b"}"#,
            r#"{"attribute":"a","language":"okta"}"#,
            r#"{"language":"okta"}"#,
            r#"{"expression":"a","language":"basic"}"#,
            r#"{"attribut":"a"}"#,
        ] {
            assert!(serde_json::from_str::<Source>(text).is_err(), "{text}");
        }
    }
}
