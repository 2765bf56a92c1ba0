//! Names: attributes, functions with their arguments, and what is written like a function but is an attribute.

use super::{Parsed, Parser};
use crate::Value;
use crate::expression::{Argument, Node, ParseError};
use crate::okta;

impl Parser<'_> {
    /// A word, an attribute or a function.
    pub(super) fn name(&mut self) -> Parsed {
        let start = self.cursor.at;
        let mut parts = vec![self.part()];
        while self.cursor.peek() == Some('.')
            && self
                .cursor
                .characters
                .get(self.cursor.at + 1)
                .is_some_and(|c| c.is_alphabetic() || *c == '_')
        {
            self.cursor.at += 1;
            parts.push(self.part());
        }
        self.cursor.skip_space();
        if self.cursor.peek() == Some('(') {
            return self.call(start, &parts);
        }
        if let [word] = parts.as_slice() {
            match word.to_lowercase().as_str() {
                "true" => return Ok(Node::Constant(Value::Boolean(true))),
                "false" => return Ok(Node::Constant(Value::Boolean(false))),
                "null" => return Ok(Node::Constant(Value::Null)),
                _ => {}
            }
        }
        attribute(&parts)
            .map(Node::Attribute)
            .map_err(|message| ParseError::at(start, message))
    }

    fn part(&mut self) -> String {
        let end = self.word_end();
        let part = self.cursor.characters[self.cursor.at..end].iter().collect();
        self.cursor.at = end;
        part
    }

    fn call(&mut self, start: usize, parts: &[String]) -> Parsed {
        let name = parts.join(".");
        if let Some(node) = self.about_people(start, &name)? {
            return Ok(node);
        }
        let function = okta::find(&name).ok_or_else(|| ParseError::at(start, unknown_function(&name)))?;
        let (arguments, positions) = self.arguments(function.name)?;
        if let Some(refusal) = function.refusal(&arguments) {
            let position = refusal.argument.and_then(|index| positions.get(index)).copied();
            return Err(ParseError::at(position.unwrap_or(start), refusal.message));
        }
        let prepared = (function.prepare)(&arguments).map_err(|refusal| {
            let position = refusal.argument.and_then(|index| positions.get(index)).copied();
            ParseError::at(
                position.unwrap_or(start),
                format!("{}: {}", function.name, refusal.message),
            )
        })?;
        if function.name.starts_with("find") {
            // An attribute of nobody.
            self.member();
        }
        Ok(Node::Call {
            function,
            arguments,
            prepared,
        })
    }

    /// What is written like a function and is an attribute of the person or of somebody else.
    fn about_people(&mut self, start: usize, name: &str) -> Result<Option<Node>, ParseError> {
        let lower = name.to_lowercase();
        let is_internal = lower == "user.getinternalproperty";
        let is_linked = lower == "user.getlinkedobject";
        let is_manager = lower == "getmanageruser";
        if !(is_internal || is_linked || is_manager) {
            return match lower.as_str() {
                "getmanagerappuser" | "getassistantappuser" | "getassistantuser" => Err(ParseError::at(
                    start,
                    format!(
                        "{name} is not there: of other people only the manager is known, by getManagerUser"
                    ),
                )),
                "user.getgroups" | "groups.contains" | "groups.startswith" | "groups.endswith" => {
                    Err(ParseError::at(
                        start,
                        format!("{name} is not there; use getFilteredGroups or isMemberOfGroupName"),
                    ))
                }
                _ => Ok(None),
            };
        }
        let (arguments, positions) = self.arguments(name)?;
        let [Some(Node::Text(what))] = arguments.as_slice() else {
            return Err(ParseError::at(start, format!("{name} takes one text")));
        };
        let position = positions.first().copied().unwrap_or(start);
        if is_internal {
            return match what.as_str() {
                "id" => Ok(Some(Node::Attribute("id".to_owned()))),
                "status" => Ok(Some(Node::Attribute("user.status".to_owned()))),
                _ => Err(ParseError::at(
                    position,
                    "there are the internal properties \"id\" and \"status\"",
                )),
            };
        }
        if is_linked && what != "manager" {
            return Err(ParseError::at(position, "the only linked object is \"manager\""));
        }
        let Some(member) = self.member() else {
            return Err(ParseError::at(
                start,
                format!("say which attribute of the manager: {name}(…).firstName"),
            ));
        };
        Ok(Some(Node::Attribute(format!("manager:user.{member}"))))
    }

    /// `.name` behind a call.
    fn member(&mut self) -> Option<String> {
        if self.cursor.peek() != Some('.') {
            return None;
        }
        self.cursor.at += 1;
        let member = self.part();
        self.cursor.skip_space();
        (!member.is_empty()).then_some(member)
    }

    /// The arguments, and where each starts.
    fn arguments(&mut self, name: &str) -> Result<(Vec<Argument>, Vec<usize>), ParseError> {
        let open = self.cursor.at;
        self.takes("(");
        let (mut arguments, mut positions) = (Vec::new(), Vec::new());
        if self.takes(")") {
            return Ok((arguments, positions));
        }
        loop {
            positions.push(self.cursor.at);
            arguments.push(Some(self.expression()?));
            if self.takes(")") {
                return Ok((arguments, positions));
            }
            if !self.takes(",") {
                return Err(match self.cursor.peek() {
                    None => ParseError::at(open, format!("the ( of {name} is not closed with a )")),
                    Some(_) => ParseError::at(
                        self.cursor.at,
                        format!("expected a comma or ) after this argument of {name}"),
                    ),
                });
            }
        }
    }
}

/// `user.firstName`, also with `source` in front, as older expressions have it, or with nothing.
fn attribute(parts: &[String]) -> Result<String, String> {
    match parts {
        [name] => Ok(format!("user.{name}")),
        [root, name] if matches!(root.as_str(), "user" | "source") => Ok(format!("user.{name}")),
        [root, ..] => Err(format!(
            "{root:?} is not known here: there is the person's own profile, such as user.firstName"
        )),
        [] => Err("an attribute has a name".to_owned()),
    }
}

fn unknown_function(name: &str) -> String {
    match okta::nearest(name) {
        Some(nearest) => format!("there is no function {name:?}; did you mean {}?", nearest.name),
        None => format!(
            "there is no function {name:?}; there are {}",
            okta::all().map(|known| known.name).collect::<Vec<_>>().join(", ")
        ),
    }
}
