//! The ids of a group's members, taken out of its document (RFC 7643 §4.2) as it comes in: a group may have a hundred
//! thousand members, and what is said of them need not be in memory to know who they are.

/// The deepest document that is read.
const DEPTH: usize = 32;

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct MemberScan {
    /// The objects and lists that are open.
    open: Vec<Level>,
    /// The string that is being read.
    text: Option<Text>,
    stage: Stage,
    /// Whether there are `members`, empty or not.
    found: bool,
    ids: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Before,
    Within,
    Over,
    /// It is no document of a group.
    Broken,
}

/// The document says nothing whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotWhole;

#[derive(Debug)]
enum Level {
    Object { key: Option<String>, at_key: bool },
    List,
}

#[derive(Debug, Default)]
struct Text {
    raw: Vec<u8>,
    escaped: bool,
    role: Role,
}

/// What a string is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Role {
    #[default]
    Nothing,
    Key,
    Id,
}

impl MemberScan {
    /// Reads on.
    pub(super) fn push(&mut self, piece: &[u8]) {
        for byte in piece {
            if self.stage == Stage::Broken {
                return;
            }
            match &mut self.text {
                Some(text) => {
                    if text.escaped {
                        text.escaped = false;
                    } else if *byte == b'"' {
                        self.end_text();
                        continue;
                    } else {
                        text.escaped = *byte == b'\\';
                    }
                    if text.role != Role::Nothing {
                        text.raw.push(*byte);
                    }
                }
                None => self.outside(*byte),
            }
        }
    }

    /// The ids, in their order; `None`: the document says nothing of members.
    pub(super) fn end(self) -> Result<Option<Vec<String>>, NotWhole> {
        match self.stage {
            Stage::Over => Ok(self.found.then_some(self.ids)),
            Stage::Before | Stage::Within | Stage::Broken => Err(NotWhole),
        }
    }

    fn outside(&mut self, byte: u8) {
        if byte.is_ascii_whitespace() {
            return;
        }
        if self.stage == Stage::Over || (self.stage == Stage::Before && byte != b'{') {
            self.stage = Stage::Broken;
            return;
        }
        self.stage = Stage::Within;
        match byte {
            b'{' => self.push_level(Level::Object {
                key: None,
                at_key: true,
            }),
            b'[' => {
                self.found |= self.is_in_members(1);
                self.push_level(Level::List);
            }
            b'}' | b']' => {
                let fits = matches!(
                    (self.open.pop(), byte),
                    (Some(Level::Object { .. }), b'}') | (Some(Level::List), b']')
                );
                if !fits {
                    self.stage = Stage::Broken;
                } else if self.open.is_empty() {
                    self.stage = Stage::Over;
                }
            }
            b':' => self.at_key(false),
            b',' => self.at_key(true),
            b'"' => {
                let role = self.role();
                self.text = Some(Text {
                    role,
                    ..Text::default()
                });
            }
            // Numbers, true, false and null.
            _ => {}
        }
    }

    fn push_level(&mut self, level: Level) {
        if self.open.len() == DEPTH {
            self.stage = Stage::Broken;
        }
        self.open.push(level);
    }

    fn at_key(&mut self, now: bool) {
        if let Some(Level::Object { at_key, .. }) = self.open.last_mut() {
            *at_key = now;
        }
    }

    /// What the string that begins here is good for.
    fn role(&self) -> Role {
        let key_is = |level: Option<&Level>, name: &str| matches!(level, Some(Level::Object { key: Some(key), .. }) if key.eq_ignore_ascii_case(name));
        match (self.open.len(), self.open.last()) {
            (1, Some(Level::Object { at_key: true, .. })) => Role::Key,
            (3, Some(Level::Object { at_key: true, .. })) if self.is_in_members(2) => Role::Key,
            (3, level @ Some(Level::Object { .. })) if self.is_in_members(2) && key_is(level, "value") => {
                Role::Id
            }
            (2, Some(Level::List)) if self.is_in_members(2) => Role::Id,
            _ => Role::Nothing,
        }
    }

    /// Whether the first levels are the group and its list of members; of one level, whether the list begins.
    fn is_in_members(&self, levels: usize) -> bool {
        let named = matches!(self.open.first(),
            Some(Level::Object { key: Some(key), .. }) if key.eq_ignore_ascii_case("members"));
        match levels {
            1 => named && self.open.len() == 1,
            _ => named && matches!(self.open.get(1), Some(Level::List)),
        }
    }

    fn end_text(&mut self) {
        let Some(text) = self.text.take() else { return };
        if text.role == Role::Nothing {
            return;
        }
        let mut quoted = Vec::with_capacity(text.raw.len() + 2);
        quoted.push(b'"');
        quoted.extend(text.raw);
        quoted.push(b'"');
        let Ok(read) = serde_json::from_slice::<String>(&quoted) else {
            self.stage = Stage::Broken;
            return;
        };
        match (text.role, self.open.last_mut()) {
            (Role::Key, Some(Level::Object { key, .. })) => *key = Some(read),
            (Role::Id, _) => self.ids.push(read),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn scanned(text: &[u8], piece: usize) -> Result<Option<Vec<String>>, NotWhole> {
        let mut scan = MemberScan::default();
        for piece in text.chunks(piece) {
            scan.push(piece);
        }
        scan.end()
    }

    #[test]
    fn the_members_are_found_however_the_document_comes() {
        let ids = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        for (document, expected) in [
            (json!({"id": "g", "displayName": "members"}), None),
            (json!({"id": "g", "members": null}), None),
            (json!({"members": []}), ids(&[])),
            (
                json!({"members": [{"value": "a", "display": "value", "type": "User"}, {"$ref": "x", "value": "b"}]}),
                ids(&["a", "b"]),
            ),
            (
                json!({"Members": [{"Value": "a\"]}\\ü"}], "id": "g"}),
                ids(&["a\"]}\\ü"]),
            ),
            (json!({"members": ["a", "b"]}), ids(&["a", "b"])),
            // What is called so elsewhere is not meant.
            (
                json!({"urn:x": {"members": [{"value": "no"}]}, "members": [{"value": "a", "more": {"value": "no"}},
                       {"more": [{"value": "no"}], "value": "b"}], "value": "no"}),
                ids(&["a", "b"]),
            ),
        ] {
            let text = document.to_string();
            for piece in [1, 2, 7, 4_096] {
                assert_eq!(scanned(text.as_bytes(), piece), Ok(expected.clone()), "{text}");
            }
            let spaced = serde_json::to_string_pretty(&document).expect("JSON");
            assert_eq!(scanned(spaced.as_bytes(), 3), Ok(expected), "{spaced}");
        }
    }

    #[test]
    fn what_is_no_whole_document_is_told_apart() {
        for text in [
            "",
            "[]",
            "<html>",
            r#"{"members": [{"value": "a"}"#,
            r#"{"members": [}]"#,
            r#"{"members": []} {}"#,
            r#"{"members": ["\q"]}"#,
        ] {
            assert_eq!(scanned(text.as_bytes(), 5), Err(NotWhole), "{text}");
        }
        let deep = format!("{{\"a\":{}", "[".repeat(1_000));
        assert_eq!(scanned(deep.as_bytes(), 100), Err(NotWhole));
    }

    #[test]
    fn a_large_group_is_read_whole() {
        let members: Vec<Value> = (0..10_000)
            .map(|number| json!({"value": format!("id-{number}")}))
            .collect();
        let text = json!({ "members": members }).to_string();
        let read = scanned(text.as_bytes(), 1_000).expect("whole");
        let read = read.expect("members");
        assert_eq!((read.len(), read[9_999].as_str()), (10_000, "id-9999"));
    }
}
