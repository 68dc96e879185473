//! Old forms in the tolerant dialect (docs/reference/language.md §10, §11).

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;
#[path = "support/dump.rs"]
mod printing;

use loading::{load_text, tolerated};
use printing::dump;
use qapi_parser::Dialect;
use qapi_parser::diag::Severity;

/// Codes of the warnings, and the dump of everything that is not predefined.
fn old(text: &str) -> (Vec<String>, String) {
    let (schema, codes) = tolerated(text);
    let dump = dump(&schema);
    let start = dump.find("module schema.json\n").expect("the root module");
    let body = dump[start..].split_once('\n').expect("a line").1.to_owned();
    (codes, body)
}

/// The text gives these warnings and means the same as the other, which is of today.
fn same(old_text: &str, codes: &[&str], new_text: &str) {
    let (found, body) = old(old_text);
    assert_eq!(found, codes, "{old_text}");
    let (found, expected) = old(new_text);
    assert_eq!(found, [""; 0], "{new_text}");
    assert_eq!(body, expected, "{old_text}");
}

/// The codes of all errors in the tolerant dialect.
fn rejected(text: &str) -> Vec<&'static str> {
    let loaded = load_text(text, Dialect::Auto);
    assert!(loaded.schema.is_none());
    loaded
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| diagnostic.code.as_str())
        .collect()
}

/// Each text gives these warnings, and no error.
fn warned(cases: &[(&str, &[&str])]) {
    for (text, codes) in cases {
        assert_eq!(tolerated(text).1, *codes, "{text}");
    }
}

#[test]
fn type_was_the_keyword_of_structs() {
    same(
        "{ 'type': 'Foo', 'data': { 'a': 'int' } } { 'type': 'Bar', 'base': 'Foo', 'data': {} }",
        &["OLD-STRUCT-TYPE", "OLD-STRUCT-TYPE"],
        "{ 'struct': 'Foo', 'data': { 'a': 'int' } } { 'struct': 'Bar', 'base': 'Foo', 'data': {} }",
    );
    assert_eq!(rejected("{ 'type': 'Foo' }"), ["META-ONE"]);
}

#[test]
fn flags_were_the_string_no() {
    same(
        "{ 'command': 'c', 'gen': 'no', 'success-response': 'no' }",
        &["OLD-FLAG-NO", "OLD-FLAG-NO"],
        "{ 'command': 'c', 'gen': false, 'success-response': false }",
    );
    assert_eq!(rejected("{ 'command': 'c', 'gen': 'yes' }"), ["FLAG-FALSE"]);
}

#[test]
fn two_stars_are_any_value() {
    same(
        "{ 'command': 'c', 'data': { '*props': '**', 'all': [ '**' ] }, 'gen': false }",
        &["OLD-ANYTHING", "OLD-ANYTHING"],
        "{ 'command': 'c', 'data': { '*props': 'any', 'all': [ 'any' ] }, 'gen': false }",
    );
}

#[test]
fn inline_structs_get_a_name() {
    let (codes, body) = old(
        "{ 'type': 'VersionInfo', 'data': { 'qemu': { 'major': 'int', 'sub': { 'x': 'str' } }, 'package': 'str' } }",
    );
    assert_eq!(
        codes,
        ["OLD-STRUCT-TYPE", "OLD-INLINE-STRUCT", "OLD-INLINE-STRUCT"]
    );
    assert_eq!(
        body,
        "object q_obj_VersionInfo.qemu.sub
    member x: str optional=False
object q_obj_VersionInfo.qemu
    member major: int optional=False
    member sub: q_obj_VersionInfo.qemu.sub optional=False
object VersionInfo
    member qemu: q_obj_VersionInfo.qemu optional=False
    member package: str optional=False
"
    );
}

#[test]
fn object_with_a_member_called_type_is_inline_only_in_old_files() {
    let inline = "{ 'type': 'Foo', 'data': { 'a': { 'type': 'str' } } }";
    assert_eq!(old(inline).0, ["OLD-STRUCT-TYPE", "OLD-INLINE-STRUCT"]);
    let longhand = "{ 'command': 'c', 'data': { 'a': { 'type': 'str' } } }";
    assert_eq!(old(longhand).0, [""; 0]);
    let command = "{ 'command': 'c', 'data': { 'a': { 'type': 'str', 'b': 'int' } } }";
    assert_eq!(old(command).0, ["OLD-INLINE-STRUCT"]);
    let modern = "{ 'struct': 'Foo', 'data': { 'a': { 'b': 'str' } } }";
    assert_eq!(rejected(modern), ["KEY-MISSING"]);
}

#[test]
fn simple_union_is_rewritten() {
    let (codes, body) = old(
        "{ 'union': 'Foo', 'data': { 'a': 'Bar', 'b': 'str', 'c': [ 'Bar' ] } } \
         { 'struct': 'Bar', 'data': { 'x': 'int' }, 'if': 'BAR' } \
         { 'union': 'Other', 'data': { 'a': 'Bar' }, 'if': 'OTHER' }",
    );
    assert_eq!(codes, ["OLD-SIMPLE-UNION", "OLD-SIMPLE-UNION"]);
    assert_eq!(
        body,
        "object q_obj_Bar-wrapper
    member data: Bar optional=False
    if BAR
object q_obj_str-wrapper
    member data: str optional=False
array BarList Bar
    if BAR
object q_obj_BarList-wrapper
    member data: BarList optional=False
    if BAR
enum FooKind
    member a
    member b
    member c
object q_obj_Foo-base
    member type: FooKind optional=False
object Foo
    base q_obj_Foo-base
    tag type
    case a: q_obj_Bar-wrapper
    case b: q_obj_str-wrapper
    case c: q_obj_BarList-wrapper
object Bar
    member x: int optional=False
    if BAR
enum OtherKind
    member a
    if OTHER
object q_obj_Other-base
    member type: OtherKind optional=False
    if OTHER
object Other
    base q_obj_Other-base
    tag type
    case a: q_obj_Bar-wrapper
    if OTHER
"
    );
}

#[test]
fn simple_union_with_base_has_the_base_members_first() {
    let (schema, codes) = tolerated(
        "{ 'type': 'Base', 'data': { 'n': 'int' } } { 'union': 'Foo', 'base': 'Base', 'data': { 'a': 'str' } }",
    );
    assert_eq!(codes, ["OLD-STRUCT-TYPE", "OLD-UNION-BASE"]);
    let Some(qapi_parser::ir::Entity::Type(id)) = schema.lookup("Foo") else {
        panic!("there is a union");
    };
    let names = schema
        .flattened(id)
        .into_iter()
        .map(|(_, member)| &*member.name)
        .collect::<Vec<_>>();
    assert_eq!(names, ["n", "type"]);
}

#[test]
fn explicit_enum_of_the_implied_name_is_kept() {
    let (codes, body) = old(
        "{ 'union': 'Foo', 'data': { 'a': 'str' } } { 'enum': 'FooKind', 'data': [ 'a', 'b' ] }",
    );
    assert_eq!(codes, ["OLD-SIMPLE-UNION"]);
    assert!(body.contains("enum FooKind\n    member a\n    member b\n"));
    assert_eq!(body.matches("enum FooKind").count(), 1);
}

#[test]
fn kind_enum_is_made_on_demand() {
    let (codes, body) = old(
        "{ 'alternate': 'Ref', 'data': { 'one': 'int', 'two': 'null' } } \
         { 'struct': 'Foo', 'data': { 'kind': 'RefKind', 'kinds': [ 'RefKind' ] } }",
    );
    assert_eq!(codes, ["OLD-KIND-ENUM", "OLD-KIND-ENUM"]);
    assert!(
        body.starts_with("enum RefKind\n    member one\n    member two\nalternate Ref\n"),
        "{body}"
    );
    assert_eq!(
        rejected(
            "{ 'struct': 'Ref', 'data': {} } { 'struct': 'Foo', 'data': { 'kind': 'RefKind' } }"
        ),
        ["REF-UNKNOWN"]
    );
}

#[test]
fn string_discriminator_becomes_an_enum() {
    let (codes, body) = old(
        "{ 'type': 'Base', 'data': { 'driver': 'str' } } { 'type': 'A1a', 'data': {} } \
         { 'union': 'Foo', 'base': 'Base', 'discriminator': 'driver', 'data': { 'a': 'A1a', 'b': 'A1a' } } \
         { 'union': 'Bar', 'base': 'Base', 'discriminator': 'driver', 'data': { 'b': 'A1a', 'c': 'A1a' } }",
    );
    assert_eq!(
        codes,
        ["OLD-STRUCT-TYPE", "OLD-STRUCT-TYPE", "OLD-STRING-TAG"]
    );
    assert!(
        body.contains("member driver: FooKind optional=False"),
        "{body}"
    );
    assert!(
        body.contains("enum FooKind\n    member a\n    member b\n    member c\n"),
        "{body}"
    );
    assert!(
        body.contains("case b: A1a\n    case c: A1a\n    case a: q_empty\n"),
        "{body}"
    );
    let modern = "{ 'struct': 'Base', 'data': { 'driver': 'str' } } \
                  { 'union': 'Foo', 'base': 'Base', 'discriminator': 'driver', 'data': {} }";
    assert_eq!(rejected(modern), ["TAG-ENUM"]);
}

#[test]
fn anonymous_union_is_an_alternate() {
    same(
        "{ 'union': 'Ref', 'discriminator': {}, 'data': { 'name': 'str', 'list': [ 'int' ] } }",
        &["OLD-ANON-UNION"],
        "{ 'alternate': 'Ref', 'data': { 'name': 'str', 'list': [ 'int' ] } }",
    );
}

#[test]
fn union_arguments_are_boxed() {
    let common = "{ 'enum': 'Ee', 'data': [ 'x' ] } { 'struct': 'Bb', 'data': { 't': 'Ee' } } \
        { 'union': 'Uu', 'base': 'Bb', 'discriminator': 't', 'data': {} } ";
    same(
        &format!("{common} {{ 'command': 'c', 'data': 'Uu' }} {{ 'event': 'E', 'data': 'Uu' }}"),
        &["OLD-ARG-UNION", "OLD-ARG-UNION"],
        &format!(
            "{common} {{ 'command': 'c', 'data': 'Uu', 'boxed': true }} {{ 'event': 'E', 'data': 'Uu', 'boxed': true }}"
        ),
    );
}

#[test]
fn commands_returned_anything() {
    warned(&[
        ("{ 'command': 'c', 'returns': 'int' }", &["OLD-RETURN-TYPE"]),
        (
            "{ 'command': 'c', 'returns': [ 'str' ] }",
            &["OLD-RETURN-TYPE"],
        ),
        (
            "{ 'pragma': { 'command-returns-exceptions': [ 'c' ] } } { 'command': 'c', 'returns': 'int' }",
            &[],
        ),
    ]);
    let (codes, body) = old("{ 'command': 'c', 'returns': { 'a': 'int' } }");
    assert_eq!(codes, ["OLD-RETURN-INLINE"]);
    assert!(body.contains("command c None -> q_obj_c-ret\n"), "{body}");
}

#[test]
fn names_were_free() {
    warned(&[
        (
            "{ 'struct': 'foo_bar', 'data': { 'A_b': 'int', 'u': 'int', 'has_x': 'int' } }",
            &["OLD-NAME"; 4],
        ),
        ("{ 'struct': 'FooList', 'data': {} }", &["OLD-NAME"]),
        ("{ 'event': 'foo-bar' }", &["OLD-NAME"]),
        (
            "{ 'command': 'q_x', 'data': { 'q-y': 'int' } }",
            &["OLD-NAME"; 2],
        ),
        ("{ 'enum': 'Ee', 'data': [ 'A', 'b_c' ] }", &["OLD-NAME"; 2]),
    ]);
    assert_eq!(rejected("{ 'command': 'foo bar' }"), ["NAME-INVALID"]);
    let loaded = load_text(
        "{ 'struct': 'Foo', 'data': { 'a_b': 'int' } }",
        Dialect::Auto,
    );
    let help = loaded.diagnostics[0].help.as_deref().unwrap_or_default();
    assert!(
        help.contains("list `Foo` in the pragma `member-name-exceptions`"),
        "{help}"
    );
}

#[test]
fn type_with_the_name_of_an_array_is_not_the_array() {
    let (_, body) = old(
        "{ 'struct': 'FooList', 'data': { 'x': 'int' } } { 'struct': 'Foo', 'data': { 'a': [ 'Foo' ], 'b': 'FooList' } }",
    );
    assert!(body.contains("object FooList\n"), "{body}");
    assert!(body.contains("array FooList Foo\n"), "{body}");
}

#[test]
fn little_was_checked_before_2_4() {
    warned(&[
        ("{ 'command': 'c', 'comment': 'x' }", &["OLD-UNKNOWN-KEY"]),
        (
            "{ 'command': 'c' } { 'command': 'c', 'data': { 'a': 'int' } }",
            &["OLD-DEF-DUP"],
        ),
        (
            "{ 'enum': 'Ee', 'data': [ 'a', 'a' ] }",
            &["OLD-MEMBER-CLASH"],
        ),
        (
            "{ 'command': 'c', 'data': { 'a': 'int', '*a': 'str' } }",
            &["OLD-MEMBER-CLASH"],
        ),
        (
            "{ 'type': 'Foo', 'data': { 'a': 'Nope', 'b': [ 'Nope' ] } }",
            &["OLD-STRUCT-TYPE", "OLD-REF-UNKNOWN", "OLD-REF-UNKNOWN"],
        ),
        (
            "{ 'type': 'Foo', 'data': { 'a': 'int' } } { 'type': 'Bar', 'base': 'Foo', 'data': { 'a': 'str' } }",
            &["OLD-STRUCT-TYPE", "OLD-STRUCT-TYPE", "OLD-MEMBER-CLASH"],
        ),
        (
            "{ 'enum': 'Ee', 'data': [ 'a' ] } { 'type': 'Foo', 'data': { 't': 'Ee' } } \
             { 'union': 'Uu', 'base': 'Foo', 'discriminator': 't', 'data': { 'z': 'Foo' } }",
            &["OLD-STRUCT-TYPE", "OLD-BRANCH-VALUE"],
        ),
    ]);
    let (_, body) = old("{ 'command': 'c', 'data': { 'a': 'int', '*a': 'str', 'b': 'bool' } }");
    assert!(
        body.contains("member a: int optional=False\n    member b: bool"),
        "{body}"
    );
    let (_, body) = old("{ 'command': 'c' } { 'command': 'c', 'data': { 'a': 'int' } }");
    assert!(
        body.contains("command c None -> None"),
        "the first definition is kept"
    );
}

#[test]
fn unknown_types_are_any_value_where_that_can_be() {
    let (codes, body) = old("{ 'type': 'Foo', 'data': { 'a': 'Nope', 'b': [ 'Nope' ] } }");
    assert_eq!(
        codes,
        ["OLD-STRUCT-TYPE", "OLD-REF-UNKNOWN", "OLD-REF-UNKNOWN"]
    );
    assert_eq!(
        body,
        "object Foo\n    member a: any optional=False\n    member b: anyList optional=False\n"
    );
    let foo = "{ 'type': 'Foo', 'data': {} }";
    for text in [
        "{ 'type': 'Bar', 'base': 'Nope', 'data': {} }",
        "{ 'command': 'c', 'data': 'Nope' }",
        "{ 'union': 'Uu', 'discriminator': {}, 'data': { 'a': 'Nope' } }",
    ] {
        assert_eq!(
            rejected(&format!("{foo} {text}")),
            ["REF-UNKNOWN"],
            "{text}"
        );
    }
}

#[test]
fn null_stands_for_an_absent_key() {
    same(
        "{ 'command': 'c', 'data': null, 'zzz': null, 'if': null, 'event': null }",
        &["OLD-NULL"; 4],
        "{ 'command': 'c' }",
    );
    let union_ = "{ 'struct': 'Ss', 'data': { 'a': null, 'b': 'int' } }";
    assert!(old(union_).1.contains("object Ss\n    member b: int"));
    assert_eq!(rejected("{ 'struct': 'Ss', 'data': null }"), ["LEX-STRAY"]);
}

#[test]
fn slips_in_schemas_of_today_are_errors_in_both_dialects() {
    let modern = "{ 'struct': 'Ss', 'data': { 'x': 'int' } } ";
    for (text, code) in [
        ("{ 'command': 'c', 'comment': 'x' }", "KEY-UNKNOWN"),
        ("{ 'command': 'c' } { 'command': 'c' }", "DEF-DUP"),
        ("{ 'enum': 'Ee', 'data': [ 'a', 'a' ] }", "CLASH"),
        ("{ 'command': 'c', 'data': { 'a': 'Nope' } }", "REF-UNKNOWN"),
        (
            "{ 'command': 'c', 'data': { 'a': { 'tpye': 'int' } } }",
            "KEY-MISSING",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ 'a' ] } { 'union': 'Uu', 'base': { 't': 'Ee' }, 'discriminator': 't', 'data': { 'z': 'Ss' } }",
            "BRANCH-VALUE",
        ),
    ] {
        assert_eq!(rejected(&format!("{modern}{text}")), [code], "{text}");
    }
    // Nor is an unknown type accepted without a form of an old release.
    assert_eq!(
        rejected("{ 'command': 'c', 'data': { 'a': 'Nope' } }"),
        ["REF-UNKNOWN"]
    );
}

#[test]
fn old_conditions_are_lists_and_c_expressions() {
    let (codes, body) = old("{ 'event': 'A', 'if': [ 'defined(X)', 'Y' ] } \
         { 'event': 'B', 'if': 'defined(X) && !(defined(Y) || Z)' } \
         { 'event': 'C', 'if': 'defined(CONFIG_X)' } \
         { 'event': 'D', 'if': '!defined(_WIN32)' } \
         { 'event': 'E', 'if': [ 'X' ] }");
    assert_eq!(codes, ["OLD-CONDITION"; 6]);
    for condition in [
        "if {'all': ['X', 'Y']}",
        "if {'all': ['X', {'not': {'any': ['Y', 'Z']}}]}",
        "if CONFIG_X",
        "if {'not': '_WIN32'}",
        "if X",
    ] {
        assert!(body.contains(condition), "{condition}\n{body}");
    }
    assert_eq!(
        rejected("{ 'event': 'A', 'if': 'defined(' }"),
        ["COND-IDENT"]
    );
    assert_eq!(rejected("{ 'event': 'A', 'if': [] }"), ["COND-TYPE"]);
}

#[test]
fn later_limits_do_not_reject() {
    let features = (0..70)
        .map(|n| format!("'f{n}'"))
        .collect::<Vec<_>>()
        .join(", ");
    warned(&[
        (
            &format!("{{ 'command': 'c', 'features': [ {features} ] }}"),
            &["FEAT-LIMIT"],
        ),
        (
            "{ 'command': 'c', 'data': { 'a': { 'type': 'int', 'if': 'A' } } }",
            &["ARG-UNBOXED-COND"],
        ),
    ]);
}

#[test]
fn documentation_never_rejects() {
    warned(&[
        ("##\n# @C:\n##\n{ 'command': 'c' }", &["OLD-DOC-SYMBOL"]),
        (
            "##\n# @c:\n#\n# Returns: nothing on success\n##\n{ 'command': 'c' }",
            &["OLD-DOC-RETURNS-NONE"],
        ),
        (
            "##\n# @E:\n#\n# Errors: none\n##\n{ 'event': 'E' }",
            &["OLD-DOC-SECTION-KIND"],
        ),
        (
            "##\n# @c:\n#\n# @x: bogus\n##\n{ 'command': 'c' }",
            &["OLD-DOC-BOGUS"],
        ),
        (
            "##\n# @c:\n##\n{ 'command': 'c', 'data': { 'a': 'int', 'b': 'int' } }",
            &["OLD-DOC-MEMBER-MISSING"],
        ),
        (
            "##\n# @c:\n##\n{ 'command': 'c', 'features': [ 'f' ] }",
            &["OLD-DOC-FEATURE-MISSING"],
        ),
        (
            "##\n# @c:\n#\n# @filepath: x\n##\n{ 'command': 'c', 'data': { 'path': 'str' } }",
            &["OLD-DOC-MEMBER-MISSING", "OLD-DOC-BOGUS"],
        ),
    ]);
    let (schema, _) = tolerated(
        "##\n# @C:\n#\n# Returns: nothing\n##\n{ 'command': 'c', 'data': { 'a': 'int' } }",
    );
    let doc = &schema.docs[0];
    assert_eq!(
        doc.symbol.as_deref(),
        Some("c"),
        "the definition's name is used"
    );
    assert_eq!(doc.sections[0].kind, qapi_parser::ir::SectionKind::Plain);
    assert_eq!(doc.sections[0].text, "Returns: nothing");
    assert_eq!(doc.members[0].name, "a", "there is a stub");
}
