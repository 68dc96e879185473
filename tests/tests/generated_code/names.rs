//! Names that mean something to Rust.

use qapi_runtime::{Any, Command};

use crate::golden::names::{self, Processor, Union, UnionBranch, commands};
use crate::support::{arguments, round_trip};

#[test]
fn types_may_be_called_as_those_of_std() {
    let text: names::QapiString =
        round_trip(r#"{"text": "x", "list": [{"text": "y", "list": []}]}"#);
    let inner = names::QapiString::new("y", Vec::new());
    assert_eq!(text, names::QapiString::new("x", vec![inner]));
    let vec: names::QapiVec = round_trip(r#"{"some": ["a"]}"#);
    assert_eq!(vec.some, Some(vec!["a".to_owned()]));
    let outer: names::QapiBox = round_trip(r#"{"box": {}}"#);
    assert_eq!(outer.box_, Some(Box::new(names::QapiBox::new())));
    let option = names::QapiOption::new(names::QapiSome::None).with_kvm_thing(1);
    assert_eq!(option.kvm_thing, Some(Any::from(1)));
}

#[test]
fn keywords_get_an_underscore() {
    assert_eq!(commands::Type::NAME, "type");
    let command = commands::Type::new("f").with_loop(names::QapiVec::new());
    assert_eq!(arguments(&command), r#"{"fn": "f", "loop": {}}"#);
    assert_eq!(
        Processor::VALUES,
        [Processor::X86_64, Processor::_8086, Processor::Self_]
    );
    let union: Union = round_trip(r#"{"type": "self", "any": 1}"#);
    assert_eq!(union.type_, UnionBranch::Self_(names::QapiObject::new(1)));
}

#[test]
fn a_command_may_be_called_command() {
    assert_eq!(<commands::QapiCommand as Command>::NAME, "command");
}
