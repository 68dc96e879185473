//! Values of `serde_json` as values of any kind, and back.

use qapi_runtime::{Any, Object};
use serde_json::{Value, json};

#[test]
fn values_of_every_kind_go_there_and_back() {
    for (value, any) in [
        (Value::Null, Any::Null),
        (json!(true), Any::Bool(true)),
        (json!(i64::MIN), Any::Integer(i64::MIN)),
        (json!(i64::MAX), Any::Integer(i64::MAX)),
        (json!(u64::MAX), Any::Unsigned(u64::MAX)),
        (json!(1.0), Any::Number(1.0)),
        (json!(1e300), Any::Number(1e300)),
        (json!("a\0\u{1F600}"), Any::from("a\0\u{1F600}")),
        (
            json!([1, [], {}]),
            Any::Array(vec![
                Any::Integer(1),
                Any::Array(Vec::new()),
                Any::Object(Object::new()),
            ]),
        ),
        (
            json!({"a": {"b": null}}),
            Any::Object(Object::new().with("a", Object::new().with("b", qapi_runtime::Null))),
        ),
    ] {
        assert_eq!(Any::from(value.clone()), any);
        assert_eq!(Value::from(any), value);
    }
}

#[test]
fn values_agree_with_those_of_serde_json() {
    for text in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "-9223372036854775808",
        "18446744073709551616",
        "1.5",
        "1e2",
        "0.1",
        "\"\\u0000\"",
        "{\"a\": [1, {\"b\": -2.5}], \"c\": \"d\"}",
    ] {
        let value: Value = serde_json::from_str(text).expect("it is JSON");
        let document = qapi_runtime::wire::Document::parse(text.as_bytes()).expect("it is JSON");
        let any: Any = qapi_runtime::Decode::decode(document.lenient()).expect("anything will do");
        assert_eq!(Any::from(value), any, "{text}");
    }
}

#[test]
fn numbers_that_json_lacks_are_null() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(Value::from(Any::Number(number)), Value::Null);
    }
}

#[test]
fn objects_of_members_convert_alone() {
    let Value::Object(members) = json!({"b": 1, "a": 2}) else {
        panic!("it is an object");
    };
    let object = Object::from(members.clone());
    assert_eq!(object.len(), 2);
    assert_eq!(serde_json::Map::from(object), members);
    // Whatever takes a value takes one of serde_json's.
    let mut object = Object::new();
    object.insert("x", json!([1]));
    assert_eq!(object.get("x"), Some(&Any::Array(vec![Any::Integer(1)])));
}
