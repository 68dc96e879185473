//! The examples in a schema's documentation.

use qapi_parser::ir::{Command, Doc, Entity, Schema, SectionKind};
use serde_json::{Map, Value};

use crate::conforms;

/// A message of an example: a line that begins with an arrow, and those that continue it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// `->`: from the client.
    Sent(String),
    /// `<-`: from the server.
    Received(String),
}

/// Returns the examples of a documentation block, in order.
///
/// # Panics
/// If an example begins with something else than an arrow.
pub fn of(doc: &Doc) -> Vec<Vec<Message>> {
    let plain = doc
        .sections
        .iter()
        .filter(|section| section.kind == SectionKind::Plain);
    plain
        .flat_map(|section| section.text.split(".. qmp-example::").skip(1))
        .map(messages)
        .collect()
}

fn messages(example: &str) -> Vec<Message> {
    let mut messages = Vec::new();
    for line in example.lines().filter(|line| !line.trim().is_empty()) {
        let text = line.trim_start();
        if let Some(sent) = text.strip_prefix("-> ") {
            messages.push(Message::Sent(sent.to_owned()));
        } else if let Some(received) = text.strip_prefix("<- ") {
            messages.push(Message::Received(received.to_owned()));
        } else {
            let (Message::Sent(last) | Message::Received(last)) = messages
                .last_mut()
                .unwrap_or_else(|| panic!("an arrow is missing before: {line}"));
            last.push('\n');
            last.push_str(text);
        }
    }
    messages
}

/// Checks an example: each request is one that the schema allows, and has the reply that it
/// allows, or none where success is silent.
///
/// # Errors
/// What is wrong.
pub fn check(schema: &Schema, messages: &[Message]) -> Result<(), String> {
    let mut messages = messages.iter().peekable();
    let mut requests = 0;
    while let Some(message) = messages.next() {
        let Message::Sent(request) = message else {
            return Err(format!("nobody asked for {message:?}"));
        };
        requests += 1;
        let command = check_request(schema, request)?;
        let reply = messages.next_if(|next| matches!(next, Message::Received(_)));
        match (reply, command.success_response) {
            (Some(Message::Received(reply)), true) => check_reply(schema, command, reply)?,
            (None, false) => {}
            (reply, _) => return Err(format!("{} is answered by {reply:?}", command.name)),
        }
    }
    if requests == 0 {
        return Err("it is empty".to_owned());
    }
    Ok(())
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(format!("not an object: {text}")),
        Err(error) => Err(format!("{error}: {text}")),
    }
}

fn check_request<'s>(schema: &'s Schema, text: &str) -> Result<&'s Command, String> {
    let mut request = object(text)?;
    let Some(Value::String(name)) = request.remove("execute") else {
        return Err(format!("no command in {text}"));
    };
    let Some(Entity::Command(id)) = schema.lookup(&name) else {
        return Err(format!("there is no command {name}"));
    };
    let command = schema.command(id);
    let arguments = request.remove("arguments");
    if let Some((key, _)) = request.iter().next() {
        return Err(format!("{key} is unexpected in {text}"));
    }
    let arguments = arguments.unwrap_or_else(|| Value::Object(Map::new()));
    match command.arguments {
        Some(ty) => {
            conforms::check(schema, ty, &arguments).map_err(|error| format!("{name}: {error}"))?;
        }
        None if arguments == Value::Object(Map::new()) => {}
        None => return Err(format!("{name} takes no arguments")),
    }
    Ok(command)
}

fn check_reply(schema: &Schema, command: &Command, text: &str) -> Result<(), String> {
    let mut reply = object(text)?;
    let value = reply.remove("return");
    if let Some((key, _)) = reply.iter().next() {
        return Err(format!("{key} is unexpected in {text}"));
    }
    let value = value.ok_or_else(|| format!("no return in {text}"))?;
    match command.returns {
        Some(ty) => conforms::check(schema, ty, &value),
        None if value == Value::Object(Map::new()) => Ok(()),
        None => Err(format!("returns nothing, not {value}")),
    }
    .map_err(|error| format!("{}: {error}", command.name))
}
