//! Names: attributes, functions with their arguments, and what is written like a function but is an attribute.

use super::{Parsed, Parser, error};
use crate::Value;
use crate::expression::{Argument, Node, ParseError};
use crate::okta;

impl Parser<'_> {
    /// A word, an attribute or a function.
    pub(super) fn name(&mut self) -> Parsed {
        let start = self.at;
        let mut parts = vec![self.part()];
        while self.peek() == Some('.')
            && self
                .characters
                .get(self.at + 1)
                .is_some_and(|c| c.is_alphabetic() || *c == '_')
        {
            self.at += 1;
            parts.push(self.part());
        }
        self.skip_space();
        if self.peek() == Some('(') {
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
            .map_err(|message| error(start, message))
    }

    fn part(&mut self) -> String {
        let end = self.word_end();
        let part = self.characters[self.at..end].iter().collect();
        self.at = end;
        part
    }

    fn call(&mut self, start: usize, parts: &[String]) -> Parsed {
        let name = parts.join(".");
        if let Some(node) = self.about_people(start, &name)? {
            return Ok(node);
        }
        let function = okta::find(&name).ok_or_else(|| error(start, unknown_function(&name)))?;
        let (arguments, positions) = self.arguments(function.name)?;
        if let Some(refusal) = function.refusal(&arguments) {
            let position = refusal.argument.and_then(|index| positions.get(index)).copied();
            return Err(error(position.unwrap_or(start), refusal.message));
        }
        let prepared = (function.prepare)(&arguments).map_err(|refusal| {
            let position = refusal.argument.and_then(|index| positions.get(index)).copied();
            error(
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
                "getmanagerappuser" | "getassistantappuser" | "getassistantuser" => Err(error(
                    start,
                    format!(
                        "{name} is not there: of other people only the manager is known, by getManagerUser"
                    ),
                )),
                "user.getgroups" | "groups.contains" | "groups.startswith" | "groups.endswith" => Err(error(
                    start,
                    format!("{name} is not there; use getFilteredGroups or isMemberOfGroupName"),
                )),
                _ => Ok(None),
            };
        }
        let (arguments, positions) = self.arguments(name)?;
        let [Some(Node::Text(what))] = arguments.as_slice() else {
            return Err(error(start, format!("{name} takes one text")));
        };
        let position = positions.first().copied().unwrap_or(start);
        if is_internal {
            return match what.as_str() {
                "id" => Ok(Some(Node::Attribute("id".to_owned()))),
                "status" => Ok(Some(Node::Attribute("user.status".to_owned()))),
                _ => Err(error(
                    position,
                    "there are the internal properties \"id\" and \"status\"",
                )),
            };
        }
        if is_linked && what != "manager" {
            return Err(error(position, "the only linked object is \"manager\""));
        }
        let Some(member) = self.member() else {
            return Err(error(
                start,
                format!("say which attribute of the manager: {name}(…).firstName"),
            ));
        };
        Ok(Some(Node::Attribute(format!("manager:user.{member}"))))
    }

    /// `.name` behind a call.
    fn member(&mut self) -> Option<String> {
        if self.peek() != Some('.') {
            return None;
        }
        self.at += 1;
        let member = self.part();
        self.skip_space();
        (!member.is_empty()).then_some(member)
    }

    /// The arguments, and where each starts.
    fn arguments(&mut self, name: &str) -> Result<(Vec<Argument>, Vec<usize>), ParseError> {
        let open = self.at;
        self.takes("(");
        let (mut arguments, mut positions) = (Vec::new(), Vec::new());
        if self.takes(")") {
            return Ok((arguments, positions));
        }
        loop {
            positions.push(self.at);
            arguments.push(Some(self.expression()?));
            if self.takes(")") {
                return Ok((arguments, positions));
            }
            if !self.takes(",") {
                return Err(match self.peek() {
                    None => error(open, format!("the ( of {name} is not closed with a )")),
                    Some(_) => error(
                        self.at,
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
