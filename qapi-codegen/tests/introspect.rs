//! Introspection of a schema that has one of everything, against what QEMU answers for it
//! (docs/reference/language.md §8.5).

use std::path::Path;

use qapi_codegen::introspect::{TypeNames, describe};
use qapi_parser::ir::Schema;
use qapi_parser::source::Memory;
use qapi_parser::{Dialect, Options};
use qapi_runtime::introspect::Introspection;

const PAINT: &str = "
{ 'enum': 'Color', 'data': [ 'red', { 'name': 'blue', 'if': 'HAVE_BLUE' } ] }
{ 'struct': 'Base', 'data': { 'color': 'Color', '*n': 'int32' } }
{ 'struct': 'Blue', 'data': { 'shade': [ 'uint8' ] } }
{ 'union': 'Paint', 'base': 'Base', 'discriminator': 'color',
  'data': { 'blue': { 'type': 'Blue', 'if': 'HAVE_BLUE' } } }
{ 'alternate': 'Ref', 'data': { 'p': 'Paint', 'name': 'str' } }
{ 'command': 'mix', 'data': { 'a': 'Ref', '*b': [ 'Ref' ] }, 'returns': [ 'Paint' ] }
{ 'event': 'DONE' }
";

fn schema(text: &str) -> Schema {
    let files = Memory::new().with("schema.json", text);
    let mut options = Options::default();
    options.dialect = Dialect::Strict;
    let loaded = qapi_parser::load(Path::new("schema.json"), &files, &options);
    loaded
        .schema
        .unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

/// The description with everything that exists under any condition.
fn introspect(text: &str, names: TypeNames) -> Introspection {
    describe(&schema(text), names, &|_| true)
}

/// The description of the build with these symbols.
fn introspect_build(text: &str, names: TypeNames, defined: &dyn Fn(&str) -> bool) -> Introspection {
    describe(&schema(text), names, &|condition| condition.holds(defined))
}

#[track_caller]
fn check(introspection: &Introspection, expected: &[&str]) {
    let expected = format!("[\n  {}\n]\n", expected.join(",\n  "));
    assert_eq!(introspection.to_json(), expected);
}

#[test]
fn every_entry_is_there_in_order_under_all_conditions() {
    check(
        &introspect(PAINT, TypeNames::Masked),
        &[
            r#"{"name": "mix", "meta-type": "command", "arg-type": "0", "ret-type": "[1]"}"#,
            r#"{"name": "DONE", "meta-type": "event", "arg-type": "2"}"#,
            r#"{"name": "0", "meta-type": "object", "members": [{"name": "a", "type": "3"}, {"name": "b", "type": "[3]", "default": null}]}"#,
            r#"{"name": "[1]", "meta-type": "array", "element-type": "1"}"#,
            r#"{"name": "1", "meta-type": "object", "members": [{"name": "color", "type": "4"}, {"name": "n", "type": "int", "default": null}], "tag": "color", "variants": [{"case": "blue", "type": "5"}, {"case": "red", "type": "2"}]}"#,
            r#"{"name": "2", "meta-type": "object", "members": []}"#,
            r#"{"name": "3", "meta-type": "alternate", "members": [{"type": "1"}, {"type": "str"}]}"#,
            r#"{"name": "[3]", "meta-type": "array", "element-type": "3"}"#,
            r#"{"name": "4", "meta-type": "enum", "members": [{"name": "red"}, {"name": "blue"}], "values": ["red", "blue"]}"#,
            r#"{"name": "int", "meta-type": "builtin", "json-type": "int"}"#,
            r#"{"name": "5", "meta-type": "object", "members": [{"name": "shade", "type": "[int]"}]}"#,
            r#"{"name": "str", "meta-type": "builtin", "json-type": "string"}"#,
            r#"{"name": "[int]", "meta-type": "array", "element-type": "int"}"#,
        ],
    );
}

#[test]
fn defined_symbols_keep_what_depends_on_them() {
    let built = introspect_build(PAINT, TypeNames::Masked, &|symbol| symbol == "HAVE_BLUE");
    assert_eq!(built, introspect(PAINT, TypeNames::Masked));
}

#[test]
fn undefined_symbols_drop_elements_but_leave_the_numbers() {
    check(
        &introspect_build(PAINT, TypeNames::Masked, &|_| false),
        &[
            r#"{"name": "mix", "meta-type": "command", "arg-type": "0", "ret-type": "[1]"}"#,
            r#"{"name": "DONE", "meta-type": "event", "arg-type": "2"}"#,
            r#"{"name": "0", "meta-type": "object", "members": [{"name": "a", "type": "3"}, {"name": "b", "type": "[3]", "default": null}]}"#,
            r#"{"name": "[1]", "meta-type": "array", "element-type": "1"}"#,
            r#"{"name": "1", "meta-type": "object", "members": [{"name": "color", "type": "4"}, {"name": "n", "type": "int", "default": null}], "tag": "color", "variants": [{"case": "red", "type": "2"}]}"#,
            r#"{"name": "2", "meta-type": "object", "members": []}"#,
            r#"{"name": "3", "meta-type": "alternate", "members": [{"type": "1"}, {"type": "str"}]}"#,
            r#"{"name": "[3]", "meta-type": "array", "element-type": "3"}"#,
            r#"{"name": "4", "meta-type": "enum", "members": [{"name": "red"}], "values": ["red"]}"#,
            r#"{"name": "int", "meta-type": "builtin", "json-type": "int"}"#,
            r#"{"name": "5", "meta-type": "object", "members": [{"name": "shade", "type": "[int]"}]}"#,
            r#"{"name": "str", "meta-type": "builtin", "json-type": "string"}"#,
            r#"{"name": "[int]", "meta-type": "array", "element-type": "int"}"#,
        ],
    );
}

#[test]
fn unmasked_types_have_their_own_names() {
    check(
        &introspect(PAINT, TypeNames::Real),
        &[
            r#"{"name": "mix", "meta-type": "command", "arg-type": "q_obj_mix-arg", "ret-type": "[Paint]"}"#,
            r#"{"name": "DONE", "meta-type": "event", "arg-type": "q_empty"}"#,
            r#"{"name": "q_obj_mix-arg", "meta-type": "object", "members": [{"name": "a", "type": "Ref"}, {"name": "b", "type": "[Ref]", "default": null}]}"#,
            r#"{"name": "[Paint]", "meta-type": "array", "element-type": "Paint"}"#,
            r#"{"name": "Paint", "meta-type": "object", "members": [{"name": "color", "type": "Color"}, {"name": "n", "type": "int", "default": null}], "tag": "color", "variants": [{"case": "blue", "type": "Blue"}, {"case": "red", "type": "q_empty"}]}"#,
            r#"{"name": "q_empty", "meta-type": "object", "members": []}"#,
            r#"{"name": "Ref", "meta-type": "alternate", "members": [{"type": "Paint"}, {"type": "str"}]}"#,
            r#"{"name": "[Ref]", "meta-type": "array", "element-type": "Ref"}"#,
            r#"{"name": "Color", "meta-type": "enum", "members": [{"name": "red"}, {"name": "blue"}], "values": ["red", "blue"]}"#,
            r#"{"name": "int", "meta-type": "builtin", "json-type": "int"}"#,
            r#"{"name": "Blue", "meta-type": "object", "members": [{"name": "shade", "type": "[int]"}]}"#,
            r#"{"name": "str", "meta-type": "builtin", "json-type": "string"}"#,
            r#"{"name": "[int]", "meta-type": "array", "element-type": "int"}"#,
        ],
    );
}

#[test]
fn conditions_of_definitions_reach_what_they_imply() {
    let text = "
        { 'struct': 'St', 'data': { 'm': 'bool' }, 'if': 'HAVE_S' }
        { 'command': 'c', 'data': { 'a': [ 'St' ] }, 'if': { 'not': 'NO_C' } }
        { 'event': 'E', 'data': 'St' }
    ";
    check(
        &introspect_build(text, TypeNames::Masked, &|symbol| symbol == "NO_C"),
        &[
            r#"{"name": "E", "meta-type": "event", "arg-type": "2"}"#,
            r#"{"name": "1", "meta-type": "object", "members": []}"#,
            r#"{"name": "bool", "meta-type": "builtin", "json-type": "boolean"}"#,
        ],
    );
}

#[test]
fn features_that_are_compiled_out_leave_an_empty_list() {
    let text = "
        { 'enum': 'Vl', 'data': [ { 'name': 'v', 'features': [ 'unstable' ] } ] }
        { 'command': 'c', 'allow-oob': true, 'boxed': true, 'data': 'Ar',
          'features': [ { 'name': 'deprecated', 'if': 'OLD' } ] }
        { 'struct': 'Ar', 'features': [],
          'data': { '*v': { 'type': 'Vl', 'features': [ 'f', { 'name': 'g', 'if': 'OLD' } ] } } }
    ";
    check(
        &introspect_build(text, TypeNames::Real, &|_| false),
        &[
            r#"{"name": "c", "meta-type": "command", "arg-type": "Ar", "ret-type": "q_empty", "allow-oob": true, "features": []}"#,
            r#"{"name": "Ar", "meta-type": "object", "members": [{"name": "v", "type": "Vl", "default": null, "features": ["f"]}]}"#,
            r#"{"name": "q_empty", "meta-type": "object", "members": []}"#,
            r#"{"name": "Vl", "meta-type": "enum", "members": [{"name": "v", "features": ["unstable"]}], "values": ["v"]}"#,
        ],
    );
}

#[test]
fn integers_are_one_type_and_so_are_their_arrays() {
    let text = "
        { 'event': 'E', 'data': { 'a': 'size', 'b': [ 'int8' ], 'c': 'uint64', 'd': [ 'int' ],
                                  'e': 'number', 'f': [ 'number' ], 'g': 'any', 'h': 'null' } }
    ";
    check(
        &introspect(text, TypeNames::Real),
        &[
            r#"{"name": "E", "meta-type": "event", "arg-type": "q_obj_E-arg"}"#,
            r#"{"name": "q_obj_E-arg", "meta-type": "object", "members": [{"name": "a", "type": "int"}, {"name": "b", "type": "[int]"}, {"name": "c", "type": "int"}, {"name": "d", "type": "[int]"}, {"name": "e", "type": "number"}, {"name": "f", "type": "[number]"}, {"name": "g", "type": "any"}, {"name": "h", "type": "null"}]}"#,
            r#"{"name": "int", "meta-type": "builtin", "json-type": "int"}"#,
            r#"{"name": "[int]", "meta-type": "array", "element-type": "int"}"#,
            r#"{"name": "number", "meta-type": "builtin", "json-type": "number"}"#,
            r#"{"name": "[number]", "meta-type": "array", "element-type": "number"}"#,
            r#"{"name": "any", "meta-type": "builtin", "json-type": "value"}"#,
            r#"{"name": "null", "meta-type": "builtin", "json-type": "null"}"#,
        ],
    );
}
