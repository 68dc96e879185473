//! Texts to values and back, and requests to a server.

use std::sync::Arc;

use qapi_runtime::server::{CommandTable, Dispatcher, Service};
use qapi_runtime::wire::Document;
use qapi_runtime::{ClientError, Command, Decode, Encode, Execute, Members, Value, Writer};

/// A value of a reply: unknown members are ignored.
#[track_caller]
pub(crate) fn reply<T: Decode>(text: &str) -> T {
    read(text, |document| T::decode(document.lenient())).expect("the text fits the type")
}

/// Why a text is not a value of a reply.
#[track_caller]
pub(crate) fn reply_error<T: Decode>(text: &str) -> String {
    match read(text, |document| T::decode(document.lenient())) {
        Ok(_) => panic!("{text} should not fit"),
        Err(error) => error,
    }
}

/// A value of an argument: unknown members are errors.
#[track_caller]
pub(crate) fn argument<T: Decode>(text: &str) -> Result<T, String> {
    read(text, |document| T::decode(document.strict()))
}

fn read<T>(
    text: &str,
    decode: impl FnOnce(&Document) -> Result<T, qapi_runtime::DecodeError>,
) -> Result<T, String> {
    let document = Document::parse(text.as_bytes()).expect("the text is JSON");
    decode(&document).map_err(|error| error.to_string())
}

/// The members of an object, as a server gets them.
pub(crate) fn with_members<T>(text: &str, use_them: impl FnOnce(Members<'_>) -> T) -> T {
    let document = Document::parse(text.as_bytes()).expect("the text is JSON");
    let value: Value<'_> = document.lenient();
    use_them(value.object().expect("the text is an object"))
}

/// The text of a value.
pub(crate) fn text(value: &dyn Encode) -> String {
    let mut writer = Writer::new();
    writer.value(value);
    writer.into_string()
}

/// The text of a command's arguments.
pub(crate) fn arguments<C: Command>(command: &C) -> String {
    let mut writer = Writer::new();
    writer.object(|members| command.encode_members(members));
    writer.into_string()
}

/// The text survives reading and writing.
#[track_caller]
pub(crate) fn round_trip<T: Decode + Encode>(json: &str) -> T {
    let value = reply::<T>(json);
    assert_eq!(text(&value), json);
    value
}

/// Answers of a server.
pub(crate) fn respond<S: Service>(service: S, request: &str) -> String {
    let table = Arc::new(CommandTable::new(service.commands()));
    let dispatcher = Dispatcher::new(service, table);
    let document = Document::parse(request.as_bytes()).expect("the request is JSON");
    let mut out = Vec::new();
    dispatcher.respond(&document, &mut out);
    String::from_utf8(out).expect("replies are ASCII")
}

/// Answers every command with one text, and keeps what it was asked.
pub(crate) struct Canned(&'static str, pub(crate) Vec<String>);

impl Canned {
    pub(crate) fn new(reply: &'static str) -> Self {
        Self(reply, Vec::new())
    }
}

impl Execute for Canned {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        self.1.push(format!("{} {}", C::NAME, arguments(command)));
        Ok(reply(self.0))
    }
}
