//! Effect of the builder's settings for parts of a schema.

use qapi_runtime::base64::Base64;
use qapi_runtime::{
    Decode, DecodeError, DecodeMembers, EncodeMembers, Error, Members, ObjectWriter,
};

use crate::golden::settings::server::{Handler, Server};
use crate::golden::settings::{
    Blob, Colour, File, FileMandatory, Hidden, Level, Old, OldBranch, Place, PlaceBranch, State,
    StateBranch, commands, introspect,
};
use crate::support::{argument, arguments, reply, reply_error, respond, round_trip, text};

/// The user's own type: an address is its text in lower case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Address(pub(crate) String);

impl DecodeMembers for Address {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        let text: String = members.required("text")?;
        Ok(Self(text.to_lowercase()))
    }
}

impl EncodeMembers for Address {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("text", &self.0);
    }
}

fn file(name: &str, content: &[u8]) -> File {
    File::new(FileMandatory {
        name: name.to_owned(),
        content: content.to_owned(),
    })
}

#[test]
fn members_in_base64_are_bytes() {
    let read: File = round_trip(r#"{"name": "a", "content": "AP8=", "versions": ["", "QQ=="]}"#);
    let expected = file("a", &[0, 255]).with_versions(vec![Vec::new(), b"A".to_vec()]);
    assert_eq!(read, expected);
    let read: File = round_trip(r#"{"name": "a", "content": ""}"#);
    assert_eq!(read, file("a", b"").clone());
    assert_eq!(
        argument::<File>(r#"{"name": "a", "content": "*"}"#),
        Err("Base64 data contains invalid characters".to_owned())
    );
}

#[test]
fn alternatives_branches_and_replies_can_be_bytes() {
    assert_eq!(round_trip::<Blob>(r#""QQ==""#), Blob::Raw(b"A".to_vec()));
    let old: Old = round_trip(r#"{"type": "text", "data": "QQ=="}"#);
    assert_eq!(old.type_, OldBranch::Text(b"A".to_vec()));
    let old: Old = round_trip(r#"{"type": "number", "data": 3}"#);
    assert_eq!(old.type_, OldBranch::Number(3));
    let fetched: <commands::Fetch as qapi_runtime::Command>::Reply = reply(r#""QUI=""#);
    assert_eq!(fetched, Base64(b"AB".to_vec()));
}

/// Stores nothing, but looks at everything.
struct Store;

impl Handler for Store {
    fn store(&self, arguments: commands::Store) -> Result<File, Error> {
        let Blob::Raw(raw) = arguments.blob else {
            return Err(Error::generic("no file, please"));
        };
        let content = arguments.content.unwrap_or_default();
        Ok(file("old", &[raw, content].concat()))
    }

    fn fetch(&self) -> Result<Base64<Vec<u8>>, Error> {
        Ok(b"A".to_vec().into())
    }
}

#[test]
fn a_server_decodes_arguments_and_encodes_replies() {
    for (request, expected) in [
        (
            r#"{"execute": "store", "arguments": {"blob": "QQ==", "content": "Qg==", "colour": "blue"}}"#,
            r#"{"return": {"name": "old", "content": "QUI="}}"#,
        ),
        // The enumeration is open, but not to a server.
        (
            r#"{"execute": "store", "arguments": {"blob": "QQ==", "content": "Qg==", "colour": "mauve"}}"#,
            r#"{"error": {"class": "GenericError", "desc": "Parameter 'colour' does not accept value 'mauve'"}}"#,
        ),
        (
            r#"{"execute": "store", "arguments": {"blob": "QQ==", "content": "Q"}}"#,
            r#"{"error": {"class": "GenericError", "desc": "Base64 data contains invalid characters"}}"#,
        ),
        (r#"{"execute": "fetch"}"#, r#"{"return": "QQ=="}"#),
    ] {
        assert_eq!(respond(Server(Store), request).trim_end(), expected);
    }
    let command = commands::Store::new(Blob::Raw(vec![0])).with_content("B");
    assert_eq!(
        arguments(&command),
        r#"{"blob": "AA==", "content": "Qg=="}"#
    );
}

#[test]
fn an_error_in_base64_names_the_member() {
    let text = r#"{"name": "a", "content": "QQ==", "versions": ["QQ==", "?"]}"#;
    let document = qapi_runtime::wire::Document::parse(text.as_bytes()).expect("it is JSON");
    let error = File::decode(document.lenient()).expect_err("`?` is no base64");
    assert_eq!(
        error.explain().to_string(),
        "member `versions[1]` is not accepted: Base64 data contains invalid characters"
    );
}

#[test]
fn openness_can_be_chosen() {
    assert_eq!(Colour::from_wire("mauve"), Colour::Unlisted("mauve".into()));
    assert_eq!(
        reply_error::<Level>(r#""middle""#),
        "Parameter 'value' does not accept value 'middle'"
    );
    let state: State = round_trip(r#"{"colour": "blue"}"#);
    assert_eq!(state.colour, StateBranch::Blue);
    assert_eq!(
        (state.colour.as_str(), state.colour.tag()),
        ("blue", Colour::Blue)
    );
    assert_eq!(
        reply_error::<State>(r#"{"colour": "mauve"}"#),
        "Parameter 'colour' does not accept value 'mauve'"
    );
}

#[test]
fn traits_can_be_derived_and_attributes_given() {
    assert!(Colour::Red < Colour::Blue);
    let hidden = Hidden::new("x", Level::Low);
    assert_eq!(hidden.text, "x", "bases of the user's type are copied in");
    assert_eq!(text(&hidden), r#"{"text": "x", "secret": "low"}"#);
}

#[test]
fn types_of_the_user_stand_wherever_the_schema_has_theirs() {
    let json =
        r#"{"colour": "blue", "home": {"text": "a"}, "others": [{"text": "b"}], "text": "c"}"#;
    let place: Place = round_trip(json);
    assert_eq!(place.home, Address("a".to_owned()));
    assert_eq!(place.others, [Address("b".to_owned())]);
    assert_eq!(place.colour, PlaceBranch::Blue(Address("c".to_owned())));
    let command: commands::Move = argument(r#"{"text": "UP"}"#).expect("it is an address");
    assert_eq!(command.0, Address("up".to_owned()));
}

#[test]
fn the_schema_is_there_as_data() {
    let schema: qapi_runtime::introspect::Introspection =
        introspect::SCHEMA.parse().expect("it is a schema");
    assert_eq!(
        schema.commands().collect::<Vec<_>>(),
        ["store", "fetch", "move", "query-state"]
    );
    assert_eq!(schema.events().collect::<Vec<_>>(), ["MOVED"]);
    assert_eq!(schema.missing(&schema), []);
}
