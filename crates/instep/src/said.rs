//! What the server says to people: a text, or a message with its code.

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Said {
    Text(String),
    Message {
        code: String,
        #[serde(default)]
        text: Option<String>,
    },
}

impl Said {
    /// The text; the code where there is none.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Message { text: Some(text), .. } => text,
            Self::Message { code, text: None } => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_or_a_message() {
        let cases = [
            (r#""Unassigned.""#, "Unassigned."),
            (
                r#"{"code":"plan.unassigned","text":"Unassigned."}"#,
                "Unassigned.",
            ),
            (r#"{"code":"plan.unassigned","params":{}}"#, "plan.unassigned"),
        ];
        for (json, expected) in cases {
            let said: Said = serde_json::from_str(json).expect("fits");
            assert_eq!(said.text(), expected);
        }
    }
}
