//! serde's traits on types in the shape of generated code, in a text format and in a binary one.

use std::fmt::Debug;
use std::thread;

use qapi_runtime::{
    Any, Decode, DecodeError, DecodeMembers, Encode, EncodeMembers, Members, Object, ObjectWriter,
    Value, Writer,
};

#[derive(Debug, Clone, PartialEq)]
struct Paint {
    colour: Colour,
    litres: Option<f64>,
    serial: u64,
    level: i64,
    labels: Vec<String>,
    extra: Option<Any>,
}

impl DecodeMembers for Paint {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            colour: members.required("colour")?,
            litres: members.optional("litres")?,
            serial: members.required("serial")?,
            level: members.required("level")?,
            labels: members.required("labels")?,
            extra: members.optional("extra")?,
        })
    }
}

impl EncodeMembers for Paint {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("colour", &self.colour);
        out.optional("litres", &self.litres);
        out.member("serial", &self.serial);
        out.member("level", &self.level);
        out.member("labels", &self.labels);
        out.optional("extra", &self.extra);
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Colour {
    DarkBlue,
    Unlisted(Box<str>),
}

impl Decode for Colour {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Ok(match value.str()? {
            "dark-blue" => Self::DarkBlue,
            other => Self::Unlisted(other.into()),
        })
    }
}

impl Encode for Colour {
    fn encode(&self, out: &mut Writer) {
        out.string(match self {
            Self::DarkBlue => "dark-blue",
            Self::Unlisted(name) => name,
        });
    }
}

qapi_runtime::impl_serde!(
    Paint,
    #[cfg(all())]
    Colour,
);

fn paint() -> Paint {
    Paint {
        colour: Colour::Unlisted("ultra\u{0}marine \u{1F3A8} \u{FFFE}".into()),
        litres: Some(0.1),
        serial: u64::MAX,
        level: i64::MIN,
        labels: vec![String::new(), "plain".to_owned(), "\"\\\n".to_owned()],
        extra: Some(Any::Object(
            Object::new()
                .with("a", Any::Null)
                .with("b", (1_u64 << 53) + 1)
                .with(
                    "list",
                    vec![Any::from(-1_i64), Any::from(true), Any::from(1.5)],
                ),
        )),
    }
}

/// Through a text format and a binary one.
fn round_trip<T>(value: &T)
where
    T: serde_core::Serialize + serde_core::de::DeserializeOwned + PartialEq + Debug,
{
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    let tree = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(tree).unwrap(), value, "{text}");
    let bytes = cbor4ii::serde::to_vec(Vec::new(), value).unwrap();
    assert_eq!(
        &cbor4ii::serde::from_slice::<T>(&bytes).unwrap(),
        value,
        "{text}"
    );
}

#[test]
fn values_survive_every_format() {
    round_trip(&paint());
    round_trip(&Paint {
        colour: Colour::DarkBlue,
        litres: None,
        serial: (1 << 53) + 1,
        level: i64::MAX,
        labels: Vec::new(),
        extra: None,
    });
}

#[test]
fn any_survives_every_format() {
    for value in [
        Any::Null,
        Any::from(u64::MAX),
        Any::from(i64::MIN),
        Any::from((1_u64 << 53) + 1),
        Any::from(1e300),
        Any::from("\u{0}\u{10FFFF}"),
        Any::from(vec![Any::from(Object::new()), Any::from(Vec::new())]),
    ] {
        round_trip(&value);
    }
    round_trip(&Object::new().with("a", 1).with("b", "x"));
    let ordered = Object::new().with("b", 1).with("a", "x");
    let text = serde_json::to_string(&ordered).unwrap();
    assert_eq!(text, r#"{"b":1,"a":"x"}"#);
    assert_eq!(serde_json::from_str::<Object>(&text).unwrap(), ordered);
}

#[test]
fn members_keep_the_order_of_the_wire() {
    let text = serde_json::to_string(&paint()).unwrap();
    let places: Vec<_> = ["colour", "litres", "serial", "level", "labels", "extra"]
        .iter()
        .map(|name| text.find(&format!("\"{name}\":")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("18446744073709551615") && text.contains("-9223372036854775808"));
}

#[test]
fn duplicate_members_are_rejected() {
    for text in [
        r#"{"colour": "a", "serial": 1, "level": 1, "labels": [], "serial": 2}"#,
        r#"{"colour": "a", "serial": 1, "level": 1, "labels": [], "extra": {"x": 1, "x": 1}}"#,
    ] {
        let error = serde_json::from_str::<Paint>(text).unwrap_err().to_string();
        assert!(error.contains("occurs twice"), "{error}");
    }
    let error = serde_json::from_str::<Object>(r#"{"a": 1, "a": 1}"#).unwrap_err();
    assert!(
        error.to_string().contains("member `a` occurs twice"),
        "{error}"
    );
}

#[test]
fn reading_is_lenient_and_errors_name_the_member() {
    let text = r#"{"colour": "new", "serial": 1, "level": 1, "labels": [], "later": {}}"#;
    let paint = serde_json::from_str::<Paint>(text).unwrap();
    assert_eq!(paint.colour, Colour::Unlisted("new".into()));
    let text = r#"{"colour": "new", "serial": 1, "level": 1, "labels": ["a", 7]}"#;
    let error = serde_json::from_str::<Paint>(text).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("member `labels[1]` should be `string`, found `integer`"),
        "{error}"
    );
}

#[test]
fn numbers_that_json_lacks_are_errors() {
    let value = Paint {
        litres: Some(f64::NAN),
        ..paint()
    };
    let error = serde_json::to_string(&value).unwrap_err();
    assert!(error.to_string().contains("infinite"), "{error}");
    let infinity = cbor4ii::serde::to_vec(Vec::new(), &f64::INFINITY).unwrap();
    let error = cbor4ii::serde::from_slice::<Any>(&infinity).unwrap_err();
    assert!(error.to_string().contains("infinite"), "{error}");
}

#[test]
fn bytes_are_not_json_values() {
    // A byte string of CBOR.
    let error = cbor4ii::serde::from_slice::<Any>(&[0x41, 0x00]).unwrap_err();
    assert!(
        error.to_string().contains("a value that JSON can express"),
        "{error}"
    );
}

/// On the stack that threads have by default, in a build without optimisation.
#[test]
fn nesting_is_bounded_and_leaves_the_stack_alone() {
    let nested = |levels: usize| {
        let mut value = Any::from(1);
        for _ in 0..levels {
            value = Any::from(vec![value]);
        }
        value
    };
    let run = move || {
        let deepest = nested(qapi_runtime::serde::MAX_NESTING);
        let tree = serde_json::to_value(&deepest).unwrap();
        assert_eq!(
            serde_json::from_value::<Any>(tree.clone()).unwrap(),
            deepest
        );
        let deeper = nested(qapi_runtime::serde::MAX_NESTING + 1);
        let error = serde_json::to_string(&deeper).unwrap_err();
        assert!(error.to_string().contains("nested"), "{error}");
        let tree = serde_json::Value::Array(vec![tree]);
        let error = serde_json::from_value::<Any>(tree).unwrap_err();
        assert!(error.to_string().contains("nested"), "{error}");
        let deepest = nested(1 << 20);
        assert!(serde_json::to_string(&deepest).is_err());
        // Values are dropped by recursion.
        std::mem::forget(deepest);
    };
    let thread = thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(run)
        .unwrap();
    thread.join().unwrap();
}
