//! What is told as a code and a sentence.

use base::Message;
use serde_json::{Value, json};

pub fn all(messages: &[Message]) -> Value {
    messages.iter().map(render).collect()
}

pub fn render(message: &Message) -> Value {
    json!({ "code": message.code, "text": provisioning::text(message) })
}
