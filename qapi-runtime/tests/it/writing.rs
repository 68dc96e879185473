//! Values into text (docs/reference/agent-behaviour.md §3.7).

use std::process::Command;

use qapi_runtime::{Any, Encode, Null, Object, WriteFault, Writer};
use qapi_test_support::Random;

fn write(value: &dyn Encode) -> String {
    let mut writer = Writer::new();
    writer.value(value);
    assert_eq!(writer.fault(), None);
    writer.into_string()
}

#[test]
fn doubles_look_like_those_of_c() {
    for (value, text) in [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-1.0, "-1"),
        (1.1, "1.1000000000000001"),
        (0.1, "0.10000000000000001"),
        (0.5, "0.5"),
        (100_000.0, "100000"),
        (1e16, "10000000000000000"),
        (12_345_678_901_234_567.0, "12345678901234568"),
        (1e17, "1e+17"),
        (1e22, "1e+22"),
        (1.5e300, "1.5000000000000001e+300"),
        (0.0001, "0.0001"),
        (0.000_244_140_625, "0.000244140625"),
        (0.000_01, "1.0000000000000001e-05"),
        (1e-100, "1e-100"),
        (5e-324, "4.9406564584124654e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
        (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        (0.3, "0.29999999999999999"),
        (2.0 / 3.0, "0.66666666666666663"),
        (9_007_199_254_740_993.0, "9007199254740992"),
        (99_999_999_999_999_999.0, "1e+17"),
        (123_456.789, "123456.789"),
    ] {
        assert_eq!(write(&value), text);
    }
}

#[test]
fn doubles_of_any_size_look_like_those_of_c() {
    let mut random = Random::new(0x2545_F491_4F6C_DD1D);
    let mut values = Vec::new();
    for round in 0..2000 {
        let bits = f64::from_bits(random.number());
        #[expect(clippy::cast_precision_loss, reason = "any number will do")]
        let short = (random.number() % 1_000_000) as f64 / 10_f64.powi(round % 25);
        values.extend([bits, short].into_iter().filter(|value| value.is_finite()));
    }
    // Hexadecimal: exact in whatever type `printf` computes.
    let arguments = values.iter().map(|value| {
        let bits = value.to_bits();
        let sign = if value.is_sign_negative() { "-" } else { "" };
        let (whole, exponent) = match (bits >> 52) & 0x7FF {
            0 => (0, -1022),
            biased => (1, i64::try_from(biased).unwrap() - 1023),
        };
        format!("{sign}0x{whole}.{:013x}p{exponent}", bits & ((1 << 52) - 1))
    });
    let Ok(output) = Command::new("printf")
        .arg("%.17g\\n")
        .args(arguments)
        .output()
    else {
        qapi_test_support::skip("no printf");
        return;
    };
    let theirs = String::from_utf8(output.stdout).unwrap();
    assert_eq!(theirs.lines().count(), values.len());
    for (value, theirs) in values.iter().zip(theirs.lines()) {
        let ours = write(value);
        assert_eq!(ours, theirs);
        assert_eq!(
            ours.parse::<f64>().unwrap().to_bits(),
            value.to_bits(),
            "{ours}"
        );
    }
}

#[test]
fn integers_are_written_in_full() {
    assert_eq!(write(&i64::MIN), "-9223372036854775808");
    assert_eq!(write(&i64::MAX), "9223372036854775807");
    assert_eq!(write(&u64::MAX), "18446744073709551615");
    assert_eq!(write(&0_u8), "0");
    assert_eq!(write(&-1_i8), "-1");
    assert_eq!(write(&10_i32), "10");
}

#[test]
fn text_is_ascii() {
    assert_eq!(write(&"plain / 'text'"), r#""plain / 'text'""#);
    assert_eq!(write(&"\"\\\u{8}\u{C}\n\r\t"), r#""\"\\\b\f\n\r\t""#);
    assert_eq!(
        write(&"\0\u{1}\u{B}\u{1F} \u{7E}\u{7F}\u{80}"),
        r#""\u0000\u0001\u000B\u001F ~\u007F\u0080""#
    );
    assert_eq!(
        write(&"é€\u{FFFD}😀\u{10FFFD}"),
        r#""\u00E9\u20AC\uFFFD\uD83D\uDE00\uDBFF\uDFFD""#
    );
    // Around the size of the blocks that are looked at in one step.
    for length in 0..100 {
        for special in ["\"", "é", "\n", "\u{7F}"] {
            let text = format!(
                "{}{special}{}",
                "a".repeat(length),
                "b".repeat(100 - length)
            );
            assert_eq!(serde_json::from_str::<String>(&write(&text)).unwrap(), text);
        }
    }
}

#[test]
fn containers_have_one_form() {
    assert_eq!(write(&()), "{}");
    assert_eq!(write(&Null), "null");
    assert_eq!(write(&true), "true");
    assert_eq!(write(&Vec::<bool>::new()), "[]");
    assert_eq!(
        write(&vec![vec![1_i64], vec![], vec![2, 3]]),
        "[[1], [], [2, 3]]"
    );
    let mut writer = Writer::new();
    writer.object(|out| {
        assert!(out.is_empty());
        out.optional::<i64>("absent", &None);
        assert!(out.is_empty());
        out.member("a\"", &1_i64);
        out.object_unless_empty("none", &());
        out.optional("b", &Some("x"));
        out.object_unless_empty("some", &Object::new().with("c", Null));
        out.name("list").array(|out| {
            out.element(&false);
            out.slot().null();
        });
    });
    assert_eq!(
        writer.into_string(),
        r#"{"a\"": 1, "b": "x", "some": {"c": null}, "list": [false, null]}"#
    );
}

#[test]
fn numbers_that_json_lacks_are_a_fault() {
    for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        let mut writer = Writer::new();
        writer.value(&vec![1.0, value]);
        assert_eq!(writer.as_bytes(), b"[1, null]");
        assert_eq!(writer.fault(), Some(&WriteFault::NotFinite));
        assert_eq!(Any::Number(value).to_string(), "null");
    }
}
