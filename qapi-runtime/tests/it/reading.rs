//! Documents into types: kinds, ranges, paths, order, policies, depth.

use std::thread;

use qapi_runtime::wire::Document;
use qapi_runtime::{
    Any, Decode, DecodeError, DecodeMembers, Encode, Kind, Members, Null, Object, Value, Writer,
};
use qapi_test_support::Random;

use crate::demo::{Block, Tree};
use crate::{generic, replies};

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

fn strict<T: Decode>(text: &str) -> Result<T, String> {
    T::decode(parse(text).strict()).map_err(|error| error.to_string())
}

fn lenient<T: Decode>(text: &str) -> Result<T, String> {
    T::decode(parse(text).lenient()).map_err(|error| error.explain().to_string())
}

/// The answer of command `numbers` to one argument.
fn number(name: &str, value: &str) -> String {
    replies(format!(
        "{{\"execute\":\"numbers\",\"arguments\":{{\"{name}\":{value}}}}}"
    ))
}

#[test]
fn integers_have_the_ranges_of_their_types() {
    for (name, low, high, expected) in [
        ("i8", "-128", "127", "int8_t"),
        ("i16", "-32768", "32767", "int16_t"),
        ("i32", "-2147483648", "2147483647", "int32_t"),
        ("u8", "0", "255", "uint8_t"),
        ("u16", "0", "65535", "uint16_t"),
        ("u32", "0", "4294967295", "uint32_t"),
    ] {
        for value in [low, high] {
            assert_eq!(
                number(name, value),
                format!("{{\"return\": {{\"{name}\": {value}}}}}\n")
            );
        }
        let below = low.parse::<i64>().unwrap() - 1;
        let above = high.parse::<i64>().unwrap() + 1;
        for value in [below, above] {
            let error = generic(&format!("Parameter '{name}' expects {expected}"));
            assert_eq!(number(name, &value.to_string()), error);
        }
        let wrong_kind = match name.as_bytes()[0] {
            b'i' => generic(&format!(
                "Invalid parameter type for '{name}', expected: integer"
            )),
            _ => generic(&format!("Parameter '{name}' expects uint64")),
        };
        for value in ["\"1\"", "1.0", "null", "true", "[]"] {
            assert_eq!(number(name, value), wrong_kind, "{value}");
        }
    }
}

#[test]
fn uint64_wraps_negative_integers() {
    assert_eq!(
        number("u64", "-1"),
        "{\"return\": {\"u64\": 18446744073709551615}}\n"
    );
    assert_eq!(
        number("u64", "18446744073709551615"),
        "{\"return\": {\"u64\": 18446744073709551615}}\n"
    );
    assert_eq!(
        number("u64", "18446744073709551616"),
        generic("Parameter 'u64' expects uint64")
    );
    assert_eq!(lenient::<u64>("-9223372036854775808"), Ok(1 << 63));
}

#[test]
fn numbers_accept_integers() {
    assert_eq!(strict("3"), Ok(3.0));
    assert_eq!(
        strict("18446744073709551615"),
        Ok(18_446_744_073_709_551_615.0)
    );
    assert_eq!(strict("-0.5e1"), Ok(-5.0));
    assert_eq!(
        number("number", "\"1\""),
        generic("Invalid parameter type for 'number', expected: number")
    );
}

#[test]
fn null_is_a_value() {
    assert_eq!(strict("null"), Ok(Null));
    assert_eq!(number("null", "null"), "{\"return\": {\"null\": null}}\n");
    assert_eq!(
        number("null", "0"),
        generic("Invalid parameter type for 'null', expected: null")
    );
    assert_eq!(number("any", "null"), "{\"return\": {\"any\": null}}\n");
    assert_eq!(
        number("i64", "null"),
        generic("Invalid parameter type for 'i64', expected: integer")
    );
}

#[test]
fn integers_keep_their_value_at_any_size() {
    for text in [
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
    ] {
        assert_eq!(
            number("any", text),
            format!("{{\"return\": {{\"any\": {text}}}}}\n")
        );
        let any: Any = text.parse().unwrap();
        assert_eq!(any.as_u64(), Some(text.parse().unwrap()));
        assert_eq!(any.as_i64(), text.parse().ok());
        assert_eq!(any.to_string(), text);
    }
    assert_eq!(Any::from(1_u64 << 63), Any::Unsigned(1 << 63));
    assert_eq!(Any::from(5_u64), Any::Integer(5));
}

#[test]
fn strings_may_hold_nul() {
    for text in ["\"a\\u0000b\"", "\"a\u{0}b\""] {
        if let Ok(document) = Document::parse(text.as_bytes()) {
            assert_eq!(document.strict().str().unwrap(), "a\0b");
        }
    }
    assert_eq!(
        Document::parse(b"\"a\xC0\x80b\"")
            .unwrap()
            .strict()
            .str()
            .unwrap(),
        "a\0b"
    );
}

/// Takes its members in the order they are declared.
#[derive(Debug, PartialEq)]
struct Abc(i64, Option<i64>, i64);

impl DecodeMembers for Abc {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self(
            members.required("a")?,
            members.optional("b")?,
            members.required("c")?,
        ))
    }
}

#[test]
fn members_are_found_in_any_order() {
    for text in [
        r#"{"a":1,"b":2,"c":3}"#,
        r#"{"a":1,"c":3,"b":2}"#,
        r#"{"b":2,"a":1,"c":3}"#,
        r#"{"b":2,"c":3,"a":1}"#,
        r#"{"c":3,"a":1,"b":2}"#,
        r#"{"c":3,"b":2,"a":1}"#,
    ] {
        assert_eq!(strict(text), Ok(Abc(1, Some(2), 3)), "{text}");
    }
    assert_eq!(strict(r#"{"c":3,"a":1}"#), Ok(Abc(1, None, 3)));
}

#[test]
fn problems_are_reported_in_schema_order_and_leftovers_last() {
    assert_eq!(
        strict::<Abc>("{}"),
        Err("Parameter 'a' is missing".to_owned())
    );
    assert_eq!(
        strict::<Abc>(r#"{"x":1,"c":3}"#),
        Err("Parameter 'a' is missing".to_owned())
    );
    let wrong = r#"{"x":1,"c":"3","b":null,"a":1}"#;
    assert_eq!(
        strict::<Abc>(wrong),
        Err("Invalid parameter type for 'b', expected: integer".to_owned())
    );
    assert_eq!(
        strict::<Abc>(r#"{"a":1,"x":1,"c":3}"#),
        Err("Parameter 'x' is unexpected".to_owned())
    );
    assert_eq!(
        strict::<Abc>(r#"{"c":1,"x":1,"a":3,"y":1}"#),
        Err("Parameter 'x' is unexpected".to_owned())
    );
    assert_eq!(
        strict::<Abc>("[]"),
        Err("Invalid parameter type for 'value', expected: object".to_owned())
    );
}

#[test]
fn lenient_readers_ignore_leftovers_but_nothing_else() {
    assert_eq!(
        lenient(r#"{"x":{"y":[1]},"c":3,"z":0,"a":1}"#),
        Ok(Abc(1, None, 3))
    );
    assert_eq!(
        lenient::<Abc>(r#"{"c":3}"#),
        Err("member `a` is missing".to_owned())
    );
    let expected = "member `a` should be `integer`, found `number`";
    assert_eq!(
        lenient::<Abc>(r#"{"a":1.5,"c":3}"#),
        Err(expected.to_owned())
    );
    assert_eq!(lenient::<()>(r#"{"new":1}"#), Ok(()));
    assert_eq!(
        strict::<()>(r#"{"new":1}"#),
        Err("Parameter 'new' is unexpected".to_owned())
    );
}

#[test]
fn paths_name_members_and_elements() {
    let text = r#"{"list":[{},{"inner":{"list":[{"name":1}]}}]}"#;
    let error = Tree::decode(parse(text).strict()).err().unwrap();
    assert_eq!(error.path(), "list[1].inner.list[0].name");
    assert_eq!(
        error.to_string(),
        "Invalid parameter type for 'list[1].inner.list[0].name', expected: string"
    );
    assert_eq!(
        error.explain().to_string(),
        "member `list[1].inner.list[0].name` should be `string`, found `integer`"
    );
    assert_eq!(
        strict::<Vec<Vec<u8>>>("[[1],[2,256]]"),
        Err("Parameter '[1][1]' expects uint8_t".to_owned())
    );
    assert_eq!(
        strict::<Tree>(r#"{"list":[{"x":1}]}"#).err().unwrap(),
        "Parameter 'list[0].x' is unexpected"
    );
}

#[test]
fn many_members_out_of_order_are_all_taken_once() {
    let count = 200;
    let names: Vec<&'static str> = (0..count)
        .map(|number| &*format!("m{number}").leak())
        .collect();
    let text: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(place, name)| format!("\"{name}\":{place}"))
        .collect();
    let document = parse(&format!("{{{}}}", text.join(",")));
    // 7 and 200 have no common divisor: every member, in a scattered order.
    let scattered = (0..count).map(|step| (step * 7 + 3) % count);
    let mut members = document.strict().object().unwrap();
    for place in scattered {
        assert_eq!(
            members.required::<i64>(names[place]),
            Ok(i64::try_from(place).unwrap())
        );
        assert!(members.take(names[place]).is_none() && members.peek(names[place]).is_none());
    }
    members.finish().unwrap();
}

/// Against a list: whatever the order in which members are looked at, taken by name and taken in turn, each comes once,
/// and what is left is left in the order of the document.
#[test]
fn a_cursor_does_what_a_list_would() {
    let mut random = Random::new(1);
    let names: Vec<String> = (0..120).map(|index| format!("m{}", index * 37)).collect();
    for length in [0, 1, 2, 7, 20, 47, 48, 49, 100].repeat(20) {
        let mut left: Vec<usize> = (0..length).collect();
        let members = left
            .iter()
            .map(|&index| format!("\"{}\":[{index},{{\"a\":0}}]", names[index]));
        let document = parse(&format!("{{{}}}", members.collect::<Vec<_>>().join(",")));
        let mut cursor = document.strict().object().unwrap();
        let number = |value: Value<'_>| {
            let first = value.array().unwrap().next().unwrap();
            usize::try_from(first.integer().unwrap()).unwrap()
        };
        for _ in 0..length {
            // Sometimes the next one, sometimes one that is taken or never was.
            let wanted = match random.below(3) {
                0 => left.first().copied().unwrap_or(0),
                _ => random.below(names.len()),
            };
            let place = left.iter().position(|&index| index == wanted);
            let expected = place.map(|_| wanted);
            assert_eq!(cursor.peek(&names[wanted]).map(number), expected);
            if random.one_in(8) {
                let next = (!left.is_empty()).then(|| left.remove(0));
                let found = cursor.next_member().map(|(_, value)| number(value));
                assert_eq!(found, next);
            } else {
                assert_eq!(cursor.take(&names[wanted]).map(number), expected);
                left.retain(|&index| index != wanted);
            }
        }
        let expected = left.first().map(|&index| {
            let name = &names[index];
            format!("Parameter '{name}' is unexpected")
        });
        let found = cursor.finish().err().map(|error| error.to_string());
        assert_eq!(found, expected);
    }
}

#[test]
fn rest_holds_what_was_not_taken_in_order() {
    let document = parse(r#"{"a":1,"b":{"x":[null]},"c":3,"d":"e"}"#);
    let mut members = document.strict().object().unwrap();
    assert_eq!(members.peek("c").map(Value::kind), Some(Kind::Integer));
    assert_eq!(members.required("c"), Ok(3_i64));
    let rest = members.rest();
    assert_eq!(
        rest.to_string(),
        r#"{"a": 1, "b": {"x": [null]}, "d": "e"}"#
    );
    assert_eq!(members.rest(), Object::new());
    members.finish().unwrap();
}

#[test]
fn absent_arguments_are_empty() {
    let mut members = Members::empty();
    assert!(members.is_strict() && members.peek("a").is_none());
    assert_eq!(members.optional::<i64>("a"), Ok(None));
    members.finish().unwrap();
}

#[test]
fn custom_errors_keep_their_text_on_the_wire() {
    let error = DecodeError::custom("Base64 data contains invalid characters").in_member("buf-b64");
    assert_eq!(error.to_string(), "Base64 data contains invalid characters");
    let explained = "member `buf-b64` is not accepted: Base64 data contains invalid characters";
    assert_eq!(error.explain().to_string(), explained);
}

#[test]
fn any_survives_the_way_there_and_back() {
    let text = r#"{"a": [], "b": {}, "c": [[], {}, [1, {"d": [null, true, -1.5, "\u00E9\n"]}], 2], "": {"e": {}}}"#;
    let any: Any = text.parse().unwrap();
    assert_eq!(any.to_string(), text);
    let object: Object = strict(text).unwrap();
    assert_eq!(Any::from(object), any);
    let document = parse(text);
    let mut writer = Writer::new();
    document.strict().encode(&mut writer);
    assert_eq!(writer.into_string(), text);
    let inner = document.strict().object().unwrap().peek("c").unwrap();
    assert_eq!(
        format!("{inner:?}"),
        r#"[[], {}, [1, {"d": [null, true, -1.5, "\u00E9\n"]}], 2]"#
    );
    assert_eq!(Any::from(inner), *any.get("c").unwrap());
}

#[test]
fn objects_keep_order_and_names_apart() {
    let mut object = Object::new()
        .with("z", 1_i64)
        .with("a", "text")
        .with("m", true);
    assert_eq!(object.insert("a", 2_i64), Some(Any::from("text")));
    assert_eq!(object.remove("z"), Some(Any::Integer(1)));
    object.extend([
        ("m".to_owned(), Any::Null),
        ("z".to_owned(), Any::from(0.5)),
    ]);
    assert_eq!(object.to_string(), r#"{"a": 2, "m": null, "z": 0.5}"#);
    assert_eq!(
        (object.len(), object.get("m"), object.get("x")),
        (3, Some(&Any::Null), None)
    );
    *object.get_mut("a").unwrap() = Any::Bool(false);
    let names: Vec<String> = object.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "m", "z"]);
}

/// A type of the size that schemas have, containing itself.
struct Wide {
    text: [Option<String>; 40],
    inner: Option<Box<Wide>>,
}

const WIDE: [&str; 40] = [
    "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b0", "b1", "b2", "b3", "b4", "b5",
    "b6", "b7", "b8", "b9", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "d0", "d1",
    "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9",
];

impl DecodeMembers for Wide {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        let mut text = [const { None }; 40];
        for (place, name) in text.iter_mut().zip(WIDE) {
            *place = members.optional(name)?;
        }
        Ok(Self {
            text,
            inner: members.optional("inner")?,
        })
    }
}

/// A type whose reading takes more stack than any thread has by default.
struct Fat {
    inner: Option<Box<Fat>>,
}

impl DecodeMembers for Fat {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        #[expect(clippy::large_stack_arrays, reason = "reading is to take much stack")]
        let scratch = std::hint::black_box([0_u8; 64 << 10]);
        let inner = members.optional("inner")?;
        assert_eq!(std::hint::black_box(&scratch)[17], 0);
        Ok(Self { inner })
    }
}

/// The deepest documents there are, on the stack that threads have by default; in this build profile, too.
#[test]
fn the_deepest_documents_fit_a_small_stack() {
    let small = |work: fn()| {
        let thread = thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(work)
            .unwrap();
        thread.join().unwrap();
    };
    small(|| {
        let text = format!("{}{{}}{}", "{\"inner\":".repeat(1023), "}".repeat(1023));
        let mut depth = 0;
        let tree: Tree = strict(&text).unwrap();
        let mut next = Some(&tree);
        while let Some(tree) = next {
            depth += 1;
            next = tree.inner.as_deref();
        }
        assert_eq!(depth, 1024);
        let mut writer = Writer::new();
        writer.value(&tree);
        assert_eq!(writer.into_string().len(), text.len() + 1023);
    });
    small(|| {
        let text = format!("{}{{}}{}", "{\"list\":[".repeat(511), "]}".repeat(511));
        let tree: Tree = strict(&text).unwrap();
        let mut writer = Writer::new();
        writer.value(&tree);
        assert_eq!(writer.into_string().len(), text.len() + 511);
    });
    small(|| {
        let text = format!("{}{{}}{}", "{\"inner\":".repeat(1023), "}".repeat(1023));
        let wide: Wide = strict(&text).unwrap();
        assert!(wide.inner.is_some() && wide.text[0].is_none());
    });
    small(|| {
        let text = |core: &str| format!("{}{core}{}", "{\"inner\":".repeat(1023), "}".repeat(1023));
        let fat: Fat = strict(&text("{}")).unwrap();
        assert!(fat.inner.is_some());
        let error = strict::<Fat>(&text("[]")).err().unwrap();
        assert!(
            error.starts_with("Invalid parameter type for 'inner.inner."),
            "{error}"
        );
        // The use of the stack is no longer counted: the next value has all of it again.
        assert!(strict::<Fat>("{\"inner\":{}}").is_ok());
    });
    small(|| {
        for (open, close) in [("[", "]"), ("{\"a\": ", "}")] {
            let text = format!("{}null{}", open.repeat(1024), close.repeat(1024));
            let any: Any = text.parse().unwrap();
            assert_eq!(any.to_string(), text);
            assert_eq!(any.clone(), any);
            assert!(format!("{any:?}").len() > 1024);
            let object = Object::new().with("any", any);
            assert_eq!(object.to_string().len(), text.len() + 9);
        }
    });
}

#[test]
fn blocks_read_alike_in_both_policies() {
    for text in [
        r#"{"phys-index":7,"online":true}"#,
        r#"{"online":true,"phys-index":7}"#,
    ] {
        let (one, other) = (
            strict::<Block>(text).unwrap(),
            lenient::<Block>(text).unwrap(),
        );
        assert_eq!((one.index, one.online), (other.index, other.online));
    }
}
