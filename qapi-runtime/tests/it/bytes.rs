//! Members that hold bytes: base64 on the wire.

use qapi_runtime::base64::{Base64, Bytes};
use qapi_runtime::wire::Document;
use qapi_runtime::{Decode, DecodeError, Members, Writer};

fn members<T>(
    text: &str,
    read: impl FnOnce(&mut Members<'_>) -> Result<T, DecodeError>,
) -> Result<T, String> {
    let document = Document::parse(text.as_bytes()).expect("the text is JSON");
    let mut members = document.strict().object().expect("the text is an object");
    read(&mut members).map_err(|error| error.explain().to_string())
}

#[test]
fn bytes_are_read_wherever_a_member_may_be() {
    let one = members(r#"{"a": "AP9/"}"#, |it| it.required_bytes::<Vec<u8>>("a"));
    assert_eq!(one, Ok(vec![0, 255, 127]));
    let none = members("{}", |it| it.optional_bytes::<Vec<u8>>("a"));
    assert_eq!(none, Ok(None));
    let some = members(r#"{"a": ""}"#, |it| it.optional_bytes::<Vec<u8>>("a"));
    assert_eq!(some, Ok(Some(Vec::new())));
    let list = members(r#"{"a": ["QQ==", "QkM="]}"#, |it| {
        it.required_bytes::<Vec<Vec<u8>>>("a")
    });
    assert_eq!(list, Ok(vec![b"A".to_vec(), b"BC".to_vec()]));
}

#[test]
fn invalid_base64_is_an_error_with_its_place() {
    let required = |text| members(text, |it| it.required_bytes::<Vec<Vec<u8>>>("a"));
    for (text, expected) in [
        ("{}", "member `a` is missing"),
        (
            r#"{"a": "QQ=="}"#,
            "member `a` should be `array`, found `string`",
        ),
        (
            r#"{"a": ["QQ==", 1]}"#,
            "member `a[1]` should be `string`, found `integer`",
        ),
        (
            r#"{"a": ["QQ==", "?"]}"#,
            "member `a[1]` is not accepted: Base64 data contains invalid characters",
        ),
    ] {
        assert_eq!(required(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn bytes_are_written_as_they_are_read() {
    let value = vec![b"A".to_vec(), Vec::new(), vec![0xff; 4]];
    let mut out = Writer::new();
    out.object(|out| {
        out.bytes("a", &value);
        out.optional_bytes("b", &Some(b"BC".to_vec()));
        out.optional_bytes::<Vec<u8>>("c", &None);
    });
    let text = out.into_string();
    assert_eq!(text, r#"{"a": ["QQ==", "", "/////w=="], "b": "QkM="}"#);
    let read = members(&text, |it| it.required_bytes::<Vec<Vec<u8>>>("a"));
    assert_eq!(read, Ok(value));
}

#[test]
fn a_reply_can_be_bytes() {
    let document = Document::parse(br#""QkM=""#).expect("the text is JSON");
    let reply = Base64::<Vec<u8>>::decode(document.lenient()).expect("it is base64");
    assert_eq!(reply, Base64::from(b"BC".to_vec()));
    let mut out = Writer::new();
    out.value(&reply);
    reply.0.to_base64(&mut out);
    assert_eq!(out.into_string(), r#""QkM=""QkM=""#);
}
