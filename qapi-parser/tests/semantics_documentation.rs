//! Documentation against what exists (docs/reference/language.md §7.6).

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::{accepted, errors, only};

const TAG: &str = "{ 'enum': 'Tag', 'data': [ 'one', 'two' ] } \
    { 'struct': 'Base', 'data': { 'tag': 'Tag', 'n': 'int' } }\n";

#[test]
fn documentation_covers_members_and_features() {
    for (text, expected) in [
        (
            "##\n# @Ee:\n##\n{ 'enum': 'Ee', 'data': [ 'a' ] }",
            "DOC-MEMBER-MISSING 5 enum Ee",
        ),
        (
            "##\n# @Ss:\n##\n{ 'struct': 'Ss', 'data': { '*a': 'int' } }",
            "DOC-MEMBER-MISSING 5 struct Ss",
        ),
        (
            "##\n# @Aa:\n##\n{ 'alternate': 'Aa', 'data': { 'a': 'int' } }",
            "DOC-MEMBER-MISSING 5 alternate Aa",
        ),
        (
            "##\n# @c:\n##\n{ 'command': 'c', 'data': { 'a': 'int' } }",
            "DOC-MEMBER-MISSING 5 command c",
        ),
        (
            "##\n# @Uu:\n##\n{ 'union': 'Uu', 'base': { 't': 'Tag' }, 'discriminator': 't', 'data': {} }",
            "DOC-MEMBER-MISSING 5 union Uu",
        ),
        (
            "##\n# @c:\n##\n{ 'command': 'c', 'features': [ 'f' ] }",
            "DOC-FEATURE-MISSING 5 command c",
        ),
        (
            "##\n# @c:\n#\n# @a: x\n##\n{ 'command': 'c', 'data': { 'a': { 'type': 'int', 'features': [ 'f' ] } } }",
            "DOC-FEATURE-MISSING 7 command c",
        ),
        (
            "##\n# @Ee:\n#\n# @a: x\n##\n{ 'enum': 'Ee', 'data': [ { 'name': 'a', 'features': [ 'f' ] } ] }",
            "DOC-FEATURE-MISSING 7 enum Ee",
        ),
        (
            "##\n# @Ss:\n#\n# @n: inherited\n##\n{ 'struct': 'Ss', 'base': 'Base', 'data': {} }",
            "DOC-BOGUS 5",
        ),
        (
            "##\n# @Uu:\n#\n# @one: branch\n##\n{ 'union': 'Uu', 'base': 'Base', 'discriminator': 'tag', 'data': {} }",
            "DOC-BOGUS 5",
        ),
        (
            "##\n# @c:\n#\n# @n: of a named type\n##\n{ 'command': 'c', 'data': 'Base' }",
            "DOC-BOGUS 5",
        ),
        (
            "##\n# @c:\n#\n# Features:\n# @f: x\n##\n{ 'command': 'c' }",
            "DOC-BOGUS 6",
        ),
    ] {
        assert_eq!(errors(&format!("{TAG}{text}")), [expected], "{text}");
    }
    accepted(
        "##\n# @Ss:\n#\n# @a: x\n#\n# Features:\n# @f: for both\n##\n{ 'struct': 'Ss', 'features': [ 'f' ], 'data': { 'a': { 'type': 'int', 'features': [ 'f' ] } } }",
    );
}

#[test]
fn undocumented_parts_are_missed_in_order() {
    let text = "##\n# @Ss:\n##\n{ 'struct': 'Ss', 'features': [ 'z' ],\n  'data': { 'a': { 'type': 'int', 'features': [ 'y' ] }, 'b': 'int' } }";
    assert_eq!(
        errors(text),
        [
            "DOC-FEATURE-MISSING 4 struct Ss",
            "DOC-MEMBER-MISSING 4 struct Ss",
            "DOC-FEATURE-MISSING 4 struct Ss",
            "DOC-MEMBER-MISSING 4 struct Ss",
        ]
    );
}

#[test]
fn misspelt_description_is_one_mistake() {
    let error =
        only("##\n# @Ss:\n#\n# @colour: x\n##\n{ 'struct': 'Ss', 'data': { 'color': 'int' } }");
    assert_eq!(error.code.as_str(), "DOC-MEMBER-MISSING");
    assert_eq!(
        error.help.as_deref(),
        Some("write `@color` instead of `@colour`")
    );
}

#[test]
fn bogus_descriptions_are_all_named_members_before_features() {
    let text = "##\n# @c:\n#\n# Features:\n# @f: x\n##\n{ 'command': 'c' }\n\n##\n# @d:\n#\n# @x: x\n# @y: x\n#\n# Features:\n# @g: x\n##\n{ 'command': 'd' }";
    assert_eq!(
        errors(text),
        ["DOC-BOGUS 5", "DOC-BOGUS 12", "DOC-BOGUS 16"]
    );
}

#[test]
fn exceptions_get_stubs_even_at_the_end() {
    let text = "{ 'pragma': { 'documentation-exceptions': [ 'Ss' ] } }\n##\n# @Ss:\n#\n# @b: x\n##\n{ 'struct': 'Ss', 'data': { 'a': 'int', 'b': 'int', 'c': 'int' } }";
    let schema = accepted(text);
    let names = schema.docs[0].members.iter().map(|member| &*member.name);
    assert_eq!(names.collect::<Vec<_>>(), ["b", "a", "c"]);
    assert!(schema.docs[0].members[1].text.is_empty());
    let feature = text.replace("'b': 'int'", "'b': { 'type': 'int', 'features': [ 'f' ] }");
    assert_eq!(
        errors(&feature),
        ["DOC-FEATURE-MISSING 7 struct Ss"],
        "no pragma excepts features"
    );
}
