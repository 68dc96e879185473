//! Objects as generated code reads and shows them: errors that wait in the cursor, `Debug` from the members.

use qapi_runtime::wire::Document;
use qapi_runtime::{Any, Decode, DecodeError, DecodeMembers, EncodeMembers, Members, ObjectWriter};

mod shop {
    use super::*;

    #[derive(Clone, PartialEq)]
    pub(super) struct Paint {
        pub(super) name: String,
        pub(super) litres: i64,
        pub(super) label: Option<String>,
        pub(super) lid: Lid,
        pub(super) extra: Option<Any>,
    }

    #[derive(Clone, PartialEq)]
    pub(super) struct Lid {
        pub(super) tight: bool,
    }
}

use shop::{Lid, Paint};

impl DecodeMembers for Paint {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: members.value("name"),
            litres: members.value("litres"),
            label: members.option("label"),
            lid: members.required("lid")?,
            extra: members.option("extra"),
        })
    }
}

impl EncodeMembers for Paint {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("name", &self.name);
        out.member("litres", &self.litres);
        out.optional("label", &self.label);
        out.member("lid", &self.lid);
        out.optional("extra", &self.extra);
    }
}

impl DecodeMembers for Lid {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            tight: members.value("tight"),
        })
    }
}

impl EncodeMembers for Lid {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("tight", &self.tight);
    }
}

qapi_runtime::impl_debug!(
    shop::Paint,
    #[cfg(all())]
    shop::Lid,
    #[cfg(any())]
    shop::Absent
);

fn strict(text: &str) -> Result<Paint, String> {
    let document = Document::parse(text.as_bytes()).unwrap();
    Paint::decode(document.strict()).map_err(|error| error.to_string())
}

#[test]
fn the_first_error_in_the_order_of_the_members_is_reported() {
    for (text, error) in [
        ("{}", "Parameter 'name' is missing"),
        (
            r#"{"name":1,"litres":"x","lid":{"tight":2}}"#,
            "Invalid parameter type for 'name', expected: string",
        ),
        (
            r#"{"name":"a","litres":1.5,"lid":{}}"#,
            "Invalid parameter type for 'litres', expected: integer",
        ),
        (
            r#"{"name":"a","litres":1,"label":null,"x":1}"#,
            "Invalid parameter type for 'label', expected: string",
        ),
        (
            r#"{"name":"a","litres":1,"lid":{},"extra":1,"x":1}"#,
            "Parameter 'lid.tight' is missing",
        ),
        (
            r#"{"name":"a","litres":1,"lid":{"tight":true,"loose":1},"x":1}"#,
            "Parameter 'lid.loose' is unexpected",
        ),
        (
            r#"{"name":"a","litres":1,"lid":{"tight":true},"x":1}"#,
            "Parameter 'x' is unexpected",
        ),
    ] {
        assert_eq!(strict(text), Err(error.to_owned()), "{text}");
    }
}

#[test]
fn a_cursor_with_an_error_returns_it_at_the_next_call() {
    let document = Document::parse(br#"{"a":"x","b":2}"#).unwrap();
    let cursor = || {
        let mut members = document.lenient().object().unwrap();
        assert_eq!(members.value::<i64>("a"), 0);
        assert_eq!(members.option::<i64>("b"), None, "nothing more is read");
        members
    };
    let expected = "Invalid parameter type for 'a', expected: integer";
    let text = |error: DecodeError| error.to_string();
    assert_eq!(
        cursor().required::<i64>("b").map_err(text),
        Err(expected.to_owned())
    );
    assert_eq!(
        cursor().optional::<i64>("c").map_err(text),
        Err(expected.to_owned())
    );
    assert_eq!(cursor().finish().map_err(text), Err(expected.to_owned()));
    assert_eq!(
        cursor().decode::<()>().map_err(text),
        Err(expected.to_owned())
    );
    // Once handed out, it is gone, and so are the members.
    let mut members = cursor();
    assert!(members.required::<i64>("b").is_err());
    assert_eq!(
        members.required::<i64>("b").map_err(text),
        Err("Parameter 'b' is missing".to_owned())
    );
    assert!(members.next_member().is_none());
}

#[test]
fn debug_shows_the_name_and_the_members_of_the_wire() {
    let paint = Paint {
        name: "r\u{e9}d".to_owned(),
        litres: 2,
        label: None,
        lid: Lid { tight: true },
        extra: Some(Any::Array(vec![1.into(), Any::Null])),
    };
    assert_eq!(
        format!("{paint:?}"),
        r#"Paint { name: "r\u00E9d", litres: 2, lid: {"tight": true}, extra: [1, null] }"#
    );
    let lines = "Paint {
    name: \"r\\u00E9d\",
    litres: 2,
    lid: {
        \"tight\": true,
    },
    extra: [
        1,
        null,
    ],
}";
    assert_eq!(format!("{paint:#?}"), lines);
    assert_eq!(
        format!("{:?}", Lid { tight: false }),
        "Lid { tight: false }"
    );
}

#[test]
fn debug_copes_with_what_is_too_deep_for_a_message() {
    let mut extra = Any::Null;
    for _ in 0..1500 {
        extra = Any::Array(vec![extra]);
    }
    let paint = Paint {
        name: String::new(),
        litres: 0,
        label: None,
        lid: Lid { tight: true },
        extra: Some(extra),
    };
    let text = format!("{paint:?}");
    assert!(text.starts_with("Paint{\"name\": ") && text.contains(&"[".repeat(1500)));
}

#[test]
fn after_an_error_there_are_no_members_any_more() {
    // Around the numbers of members at which places are found in other ways.
    for count in [2, 3, 8, 9, 20, 64, 65, 300] {
        let names: Vec<&'static str> = (0..count)
            .map(|number| &*format!("m{number}").leak())
            .collect();
        let members = names.iter().map(|name| format!("\"{name}\": 1"));
        let text = format!("{{{}}}", members.collect::<Vec<_>>().join(", "));
        let document = Document::parse(text.as_bytes()).unwrap();
        for has_moved in [false, true] {
            let mut cursor = document.strict().object().unwrap();
            if has_moved {
                assert_eq!(cursor.value::<i64>(names[count - 1]), 1);
            }
            cursor.value::<i64>("absent");
            assert!(!cursor.value::<bool>(names[0]));
            assert_eq!(cursor.option::<bool>(names[1]), None);
            assert!(cursor.take(names[0]).is_none());
            assert!(cursor.peek(names[0]).is_none());
            assert!(cursor.next_member().is_none());
            let error = cursor.finish().unwrap_err();
            assert_eq!(
                error.to_string(),
                "Parameter 'absent' is missing",
                "{count}"
            );
        }
    }
}
