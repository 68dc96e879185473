//! Messages that say what to do: one per mistake, with the change that would mend it.

use qapi_parser::Dialect;
use qapi_parser::diag::{Applicability, Diagnostic, Severity};

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::load_text;

/// The one error of a text, the same in both dialects.
#[track_caller]
fn one(text: &str) -> Diagnostic {
    let [auto, strict] = [Dialect::Auto, Dialect::Strict].map(|dialect| {
        let mut found = load_text(text, dialect).diagnostics;
        found.retain(|it| it.severity == Severity::Error);
        assert_eq!(found.len(), 1, "{dialect}: {text}\n{found:#?}");
        found.remove(0)
    });
    assert_eq!(auto.code, strict.code, "{text}");
    strict
}

/// The text after the first suggestion of its one error.
#[track_caller]
fn mended(text: &str) -> String {
    let error = one(text);
    let change = error
        .suggestions
        .first()
        .unwrap_or_else(|| panic!("{error:#?}"));
    let (start, end) = (change.span.start as usize, change.span.end as usize);
    let mended = format!("{}{}{}", &text[..start], change.replacement, &text[end..]);
    let left = load_text(&mended, Dialect::Strict).diagnostics;
    assert_eq!(left, [], "{mended}");
    mended
}

#[test]
fn a_comment_line_without_its_mark_is_one_error() {
    for line in [
        "Text without it.",
        "don't",
        "@a: it",
        "a, b: [c] {d}",
        "'x'",
    ] {
        let text = format!(
            "##\n# @Foo:\n#\n# Some text.\n{line}\n# More of it.\n#\n# @b: it\n#\n# Since: 1.0\n##\n{{ 'struct': 'Foo', 'data': {{ 'b': 'int' }} }}\n"
        );
        let error = one(&text);
        assert_eq!(
            error.message, "this line continues the comment; `#` is missing",
            "{line}"
        );
        let change = &error.suggestions[0];
        assert_eq!(change.applicability, Applicability::MachineApplicable);
        assert_eq!(change.replacement, "# ");
    }
    mended("##\n# @Foo:\n#\n# Some text.\nmore\n# and more\n##\n{ 'enum': 'Foo', 'data': [] }\n");
    mended("##\n# @Foo:\n#\n# Some text.\nmore\n##\n{ 'enum': 'Foo', 'data': [] }\n");
}

#[test]
fn lines_without_their_mark_in_one_place_are_one_error() {
    let foo = "{ 'struct': 'Foo', 'data': { 'a': 'int' } }\n";
    for (block, line) in [
        ("# @Foo:\n#\nText.\nMore of it.\n#\n# @a: it", "Text."),
        (
            "# @Foo:\n#\n# @a: it,\n    which is\n    long\n    indeed\n#\n# Since: 1",
            "which",
        ),
        ("@Foo:\n#\n# @a: it", "@Foo:"),
        ("# @Foo:\n#\n# @a: it\nto the end", "to"),
    ] {
        let text =
            format!("##\n{block}\n##\n{foo}\n##\n# @Bar:\n##\n{{ 'enum': 'Bar', 'data': [] }}\n");
        let error = one(&text);
        assert_eq!(
            error.message, "this line continues the comment; `#` is missing",
            "{text}"
        );
        let place = error.primary.as_ref().expect("it has a place").span;
        assert!(text[place.start as usize..].starts_with(line), "{text}");
    }
    // A `##` that ends something, and another block right after what is not a comment.
    let text = format!("# text\n##\nwrong\n##\n# @Foo:\n#\n# @a: it\n##\n{foo}");
    let found = load_text(&text, Dialect::Strict).diagnostics;
    assert!(
        found.iter().all(|it| !it.message.contains("continues")),
        "{found:#?}"
    );
}

#[test]
fn conditions_and_arrays_of_other_languages_are_understood() {
    for (written, meant) in [("and", "all"), ("or", "any"), ("al", "all")] {
        let text = format!("{{ 'command': 'c', 'if': {{ '{written}': [ 'A', 'B' ] }} }}\n");
        assert!(mended(&text).contains(&format!("'{meant}': [ 'A', 'B' ]")));
    }
    for name in ["[]", "[Gone]", "["] {
        let text = format!("{{ 'struct': 'Foo', 'data': {{ 'a': '{name}' }} }}\n");
        let help = one(&text).help.unwrap_or_default();
        assert!(help.contains("`[ 'TYPE' ]`"), "{name}: {help}");
    }
}

#[test]
fn a_lost_bracket_is_one_error() {
    for text in [
        "{ 'enum': 'Foo', 'data': 'a', 'b', 'c', 'd' ] }\n",
        "{ 'enum': 'Foo',\n  'data': 'a',\n 'b',\n 'c' ] }\n",
    ] {
        let error = one(text);
        assert_eq!(error.code.as_str(), "SYN-COLON");
        assert!(
            error
                .help
                .as_deref()
                .is_some_and(|help| help.contains("`[` missing")),
            "{error:#?}"
        );
    }
}

#[test]
fn a_merge_conflict_is_one_error() {
    let conflict = "<<<<<<< HEAD\n{ 'enum': 'Foo', 'data': [ 'a' ] }\n=======\n{ 'enum': 'Foo', 'data': [ 'b' ] }\n>>>>>>> branch 'it's\n";
    let inside = "{ 'enum': 'Foo', 'data': [\n<<<<<<< HEAD\n  'a'\n=======\n  'b', 'c'\n>>>>>>> other\n ] }\n";
    let comment = "##\n# @Foo:\n#\n<<<<<<< HEAD\n# Text.\n=======\n# Other.\n>>>>>>> x\n# More.\n##\n{ 'enum': 'Foo', 'data': [] }\n";
    for text in [conflict, inside, comment] {
        assert_eq!(one(text).message, "unresolved merge conflict", "{text}");
    }
}

#[test]
fn arrays_are_written_in_brackets() {
    let info = "{ 'struct': 'Info', 'data': {} }\n";
    for name in ["InfoList", "[Info]", "[ Info ]"] {
        let text = format!("{info}{{ 'command': 'c', 'returns': '{name}' }}\n");
        assert!(mended(&text).contains("'returns': [ 'Info' ]"));
    }
}

#[test]
fn builtin_types_by_their_names_elsewhere_are_understood() {
    for (name, meant) in [
        ("integer", "int"),
        ("string", "str"),
        ("boolean", "bool"),
        ("double", "number"),
        ("object", "any"),
    ] {
        let text = format!("{{ 'command': 'c', 'data': {{ 'a': '{name}' }} }}\n");
        assert!(mended(&text).contains(&format!("'a': '{meant}'")), "{name}");
    }
}

#[test]
fn optional_members_begin_with_a_star() {
    let text = "{ 'struct': 'Foo', 'data': { 'mode?': 'str' } }\n";
    assert!(mended(text).contains("'*mode': 'str'"));
}

#[test]
fn conditions_are_not_lists_and_flags_no_strings() {
    let one = "{ 'command': 'c', 'if': [ 'A' ] }\n";
    let error = &load_text(one, Dialect::Strict).diagnostics[0];
    assert_eq!(error.suggestions[0].replacement, "'A'");
    let two = "{ 'pragma': {} } { 'command': 'c', 'if': [ 'A', 'B' ], 'coroutine': true }\n";
    let error = &load_text(two, Dialect::Strict).diagnostics[0];
    assert_eq!(error.suggestions[0].replacement, "{ 'all': [ 'A', 'B' ] }");
    assert!(mended("{ 'command': 'c', 'gen': 'false' }\n").contains("'gen': false"));
    assert!(mended("{ 'command': 'c', 'coroutine': 'true' }\n").contains("'coroutine': true"));
}

#[test]
fn an_inline_struct_gets_the_advice_to_name_it() {
    let text =
        "{ 'pragma': {} }\n{ 'struct': 'Foo', 'data': { 'a': { 'b': 'int', 'c': 'str' } } }\n";
    let error = one(text);
    assert!(
        error
            .help
            .as_deref()
            .is_some_and(|help| help.starts_with("define a struct")),
        "{error:#?}"
    );
}

#[test]
fn a_description_within_text_needs_a_blank_line() {
    let text = "##\n# @Foo:\n#\n# Some text\n# @a: it\n##\n{ 'struct': 'Foo', 'data': { '*a': 'int', '*b': 'int' } }\n".replace(", '*b': 'int'", "");
    let found = load_text(&text, Dialect::Strict).diagnostics;
    let help = found[0].help.as_deref().unwrap_or_default();
    assert!(help.ends_with("put an empty line before it"), "{found:#?}");
}

#[test]
fn the_compilers_own_empty_type_is_neither_base_nor_alternative() {
    for text in [
        "{ 'struct': 'Foo', 'base': 'q_empty', 'data': {} }\n",
        "{ 'alternate': 'Foo', 'data': { 'a': 'q_empty' } }\n",
    ] {
        assert_eq!(one(text).code.as_str(), "REF-UNKNOWN", "{text}");
    }
}

#[test]
fn types_that_the_compiler_makes_have_no_values_of_their_own() {
    let command = "{ 'command': 'd', 'data': { 'x': 'int' } }\n";
    let union = "{ 'enum': 'Ee', 'data': [ 'a' ] }\n{ 'union': 'Uu', 'base': { 't': 'Ee' }, \
                 'discriminator': 't', 'data': {} }\n";
    for (before, name) in [
        ("", "q_empty"),
        (command, "q_obj_d-arg"),
        (union, "q_obj_Uu-base"),
    ] {
        for wrong in [
            format!("{{ 'struct': 'Ss', 'data': {{ 'a': '{name}' }} }}"),
            format!("{{ 'struct': 'Ss', 'data': {{ 'a': [ '{name}' ] }} }}"),
            format!("{{ 'command': 'c', 'data': {{ 'a': {{ 'type': '{name}' }} }} }}"),
            format!("{{ 'command': 'c', 'data': '{name}', 'boxed': true }}"),
            format!("{{ 'event': 'C', 'data': '{name}', 'boxed': true }}"),
            format!("{{ 'command': 'c', 'returns': '{name}' }}"),
            format!("{{ 'command': 'c', 'returns': [ '{name}' ] }}"),
        ] {
            let text = format!("{before}{wrong}\n");
            let error = one(&text);
            assert_eq!(error.code.as_str(), "REF-UNKNOWN", "{text}");
            assert!(error.notes[0].contains("the compiler generates"), "{text}");
        }
        // Members are taken over from them, as QEMU's compiler has it.
        for right in [
            format!("{{ 'command': 'c', 'data': '{name}' }}"),
            format!("{{ 'event': 'C', 'data': '{name}' }}"),
        ] {
            let text = format!("{before}{right}\n");
            assert_eq!(load_text(&text, Dialect::Strict).diagnostics, [], "{text}");
        }
    }
}

#[test]
fn a_digit_of_any_script_starts_a_list() {
    let text = "##\n# @c:\n#\n# \u{661}. Bar.\n##\n{ 'command': 'c' }\n";
    assert_eq!(load_text(text, Dialect::Strict).diagnostics, []);
}
