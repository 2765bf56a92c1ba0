//! The English sentences of the message codes.

mod sentences;

use base::Message;

use sentences::TEXTS;

/// The sentence of a message; the code and its parameters where there is none.
pub fn text(message: &Message) -> String {
    match TEXTS.iter().find(|(code, _)| *code == message.code) {
        Some((_, template)) => tidy(&message.fill(template)),
        None => message.to_string(),
    }
}

/// Without what is left of a place that has no value.
fn tidy(text: &str) -> String {
    match text.find(": {") {
        Some(at) if text.ends_with('}') => text[..at].to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_filled_and_never_ragged() {
        let message = Message::new("target.refused").with("status", 401);
        assert_eq!(text(&message), "the target refuses the credentials (status 401)");
        assert_eq!(
            text(&message.with("detail", "expired")),
            "the target refuses the credentials (status 401): expired"
        );
        assert_eq!(text(&Message::new("x.y").with("a", 1)), "x.y a=\"1\"");
    }

    /// What is missing is printed as it has to stand there.
    #[test]
    fn each_code_is_documented() {
        let page = include_str!("../../../docs/src/reference/log-and-events.md");
        let line =
            |(code, template): &(&str, &str)| format!("| `{code}` | {} |", template.replace('|', "\\|"));
        let lines = TEXTS.iter().map(line);
        let missing: Vec<_> = lines.filter(|line| !page.contains(line.as_str())).collect();
        assert!(
            missing.is_empty(),
            "log-and-events.md lacks\n{}",
            missing.join("\n")
        );
    }

    #[test]
    fn each_code_has_one_sentence() {
        for (index, (code, _)) in TEXTS.iter().enumerate() {
            assert!(!TEXTS[..index].iter().any(|(other, _)| other == code), "{code}");
        }
    }
}
