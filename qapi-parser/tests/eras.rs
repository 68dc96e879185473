//! Dialects are eras: what each release accepts, and the one that `auto` settles on.

use qapi_parser::Dialect;
use qapi_parser::diag::explain::explain;
use qapi_parser::diag::{Code, Severity};
use qapi_parser::era::Era;
use qapi_parser::era_rules::OLD_FORMS;

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::{load_files, load_text};

fn era(text: &str) -> Era {
    text.parse().expect("a release")
}

/// The release that `auto` reads a text as, or the codes of the errors.
fn auto(text: &str) -> Result<String, Vec<&'static str>> {
    let loaded = load_text(text, Dialect::Auto);
    if loaded.schema.is_some() {
        return Ok(loaded.era.to_string());
    }
    let errors = loaded.diagnostics.iter();
    let errors = errors.filter(|it| it.severity == Severity::Error);
    Err(errors.map(|it| it.code.as_str()).collect())
}

#[test]
fn auto_settles_on_the_newest_release_that_accepts_everything() {
    for (text, expected) in [
        ("{ 'command': 'c' }", "10.2"),
        ("{ 'command': 'c' 'data': { 'a': 'int', } }", "1.5"),
        ("{ 'type': 'Aa', 'data': {} }", "2.3"),
        ("{ 'type': 'Aa', 'data': {} } { 'event': 'E' }", "2.3"),
        (
            "{ 'command': 'c', 'data': { 'a': '**' }, 'gen': 'no' }",
            "2.3",
        ),
        (
            "{ 'command': 'c', 'data': { 'a': '**' }, 'gen': false }",
            "2.4",
        ),
        ("{ 'command': 'guest-sync', 'returns': 'int' }", "2.8"),
        ("{ 'command': 'c', 'returns': 'int' }", "2.3"),
        ("{ 'union': 'Uu', 'data': { 'a': 'int' } }", "6.1"),
        ("{ 'command': 'c', 'if': 'defined(X)' }", "6.1"),
        ("{ 'command': 'c_d' }", "5.2"),
        ("{ 'enum': 'Ee', 'data': [ '\\u0061' ] }", "4.1"),
        (
            "{ 'command': 'c', 'data': { 'a': { 'type': 'int', 'if': 'X' } } }",
            "7.2",
        ),
    ] {
        assert_eq!(auto(text), Ok(expected.to_owned()), "{text}");
    }
    let style = format!(
        "##\n# @c:\n#\n# {}\n##\n{{ 'command': 'c' }}",
        "x ".repeat(40)
    );
    assert_eq!(auto(&style), Ok("10.1".to_owned()));
}

#[test]
fn implicit_types_were_excepted_under_their_own_names() {
    let body = "{ 'enum': 'Kk', 'data': [ 'a' ] } \
                { 'union': 'Uu', 'base': { 'CPU': 'Kk' }, 'discriminator': 'CPU', 'data': {} } \
                { 'command': 'c', 'data': { 'X': 'int' } }";
    let pragma =
        |name: &str, listed: &str| format!("{{ 'pragma': {{ '{name}': [ {listed} ] }} }} {body}");
    let implicit = "'q_obj_Uu-base', 'q_obj_c-arg'";
    assert_eq!(
        auto(&pragma("name-case-whitelist", implicit)),
        Ok("5.2".to_owned())
    );
    for wrong in [
        pragma("member-name-exceptions", implicit),
        pragma("name-case-whitelist", "'q_obj_Uu', 'q_obj_c'"),
    ] {
        let loaded = load_text(&wrong, Dialect::Era(era("5.2")));
        assert!(loaded.schema.is_none(), "{wrong}");
    }
}

#[test]
fn no_release_accepted_a_mixture() {
    for (text, code) in [
        (
            "{ 'command': 'c' 'features': [ 'deprecated' ], 'if': { 'all': [ 'A' ] } }",
            "SYN-OBJ-SEP",
        ),
        ("{ 'struct': 'Aa', 'data': { 'a': 'int', } }", "SYN-KEY"),
        ("{ 'struct': 'Aa', 'data': {}, 'data': {} }", "SYN-DUP-KEY"),
        (
            "{ 'command': 'c', 'if': { 'not': 'defined(X)' } }",
            "COND-IDENT",
        ),
        (
            "{ 'struct': 'Aa', 'data': { 'a': { 'b': 'int' } } }",
            "KEY-MISSING",
        ),
        (
            "{ 'pragma': { 'doc-required': false } } { 'command': 'c', 'returns': 'int' }",
            "RET-KIND",
        ),
    ] {
        assert_eq!(auto(text), Err(vec![code]), "{text}");
    }
    let text = "{ 'command': 'c' 'features': [ 'deprecated' ] }";
    let loaded = load_text(text, Dialect::Auto);
    let notes = &loaded.diagnostics[0].notes;
    let expected = "QEMU until 1.5 accepted this, but `features` of a command came with QEMU 4.2";
    assert_eq!(notes, &[expected]);
}

#[test]
fn documentation_alone_makes_no_schema_older_than_its_reader() {
    let union_ = "##\n# @Ee:\n#\n# @a: x\n##\n{ 'enum': 'Ee', 'data': [ 'a' ] }\n\
        ##\n# @Ss:\n##\n{ 'struct': 'Ss', 'data': {} }\n\
        ##\n# @Uu:\n#\n# @t: tag\n#\n# @a: branch\n##\n\
        { 'union': 'Uu', 'base': { 't': 'Ee' }, 'discriminator': 't', 'data': { 'a': 'Ss' } }\n";
    assert_eq!(auto(union_), Err(vec!["DOC-BOGUS"]));
    assert!(load_text(union_, Dialect::Era(era("2.8"))).schema.is_some());
    for accepted in ["7.2", "9.1"] {
        let text = "##\n# @c:\n#\n# Note: x\n##\n{ 'command': 'c' }";
        assert!(
            load_text(text, Dialect::Era(era(accepted)))
                .schema
                .is_some()
        );
    }
}

/// For QEMU 7.2 a member's description started at any line of a block, for the newest release it is text.
#[test]
fn a_description_below_text_was_a_description() {
    for block in [
        "# Text.\n# @on: yes\n#\n# @off: no",
        "# Text.\n# @on: yes\n# @off: no",
    ] {
        let text =
            format!("##\n# @Ee:\n#\n{block}\n##\n{{ 'enum': 'Ee', 'data': [ 'on', 'off' ] }}\n");
        assert_eq!(auto(&text), Ok("9.2".to_owned()), "{text}");
        // What the definition does not have was wrong then, too.
        let other = text.replace("@on:", "@other:");
        assert!(auto(&other).is_err(), "{other}");
    }
}

/// Indented text before the first feature did not end a list of features for QEMU 7.2; other text did.
#[test]
fn a_list_of_features_began_with_indented_text() {
    let feature = "# @deprecated: Old.";
    let text = |list: &str| {
        format!(
            "##\n# @c:\n#\n# Text.\n#\n# Features:\n{list}\n##\n{{ 'command': 'c', 'features': [ 'deprecated' ] }}\n"
        )
    };
    for list in [
        format!("#  Text.\n{feature}"),
        format!("#\n#   Text.\n#\n#  More.\n{feature}"),
        format!("#  Text.\n# More.\n{feature}"),
    ] {
        assert_eq!(auto(&text(&list)), Ok("9.2".to_owned()), "{list}");
        let found = load_text(&text(&list), Dialect::Strict).diagnostics;
        let found: Vec<_> = found.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(found, ["DOC-NO-FEATURES"], "{list}");
    }
    for list in [
        format!("# Text.\n{feature}"),
        format!("#  Text.\n#\n# More.\n{feature}"),
        "#  Text.".to_owned(),
    ] {
        assert!(auto(&text(&list)).is_err(), "{list}");
    }
}

#[test]
fn a_release_knows_nothing_that_came_later() {
    for (text, since) in [
        ("{ 'event': 'E' }", "2.1"),
        (
            "{ 'command': 'c', 'boxed': true, 'data': 'Aa' } { 'struct': 'Aa', 'data': {} }",
            "2.7",
        ),
        ("{ 'command': 'c', 'if': 'X' }", "3.0"),
        ("{ 'command': 'c', 'features': [ 'unstable' ] }", "4.2"),
        ("{ 'command': 'c', 'if': { 'all': [ 'X' ] } }", "6.2"),
    ] {
        let since = era(since);
        for era in Era::ALL {
            let loaded = load_text(text, Dialect::Era(*era));
            let later = loaded
                .diagnostics
                .iter()
                .any(|it| it.code == Code::ERA_LATER);
            assert_eq!(later, *era < since, "{text} as of {era}");
            assert_eq!(loaded.schema.is_some(), *era >= since, "{text} as of {era}");
        }
    }
}

/// The wrong examples of a page, those of one file.
fn examples(code: Code) -> Vec<&'static str> {
    let examples = explain(code).split("```qapi wrong\n").skip(1);
    let examples = examples.filter_map(|rest| rest.split_once("```"));
    examples
        .map(|(text, _)| text)
        .filter(|text| !text.contains("# file:"))
        .collect()
}

#[test]
fn old_forms_are_errors_after_their_last_release() {
    for form in OLD_FORMS.iter().filter(|form| form.old != form.today) {
        for text in examples(form.old) {
            let last = load_text(text, Dialect::Era(form.eras.until));
            let found = |code| last.diagnostics.iter().any(|it| it.code == code);
            assert!(found(form.old), "{} as of {}", form.old, form.eras.until);
            let newest = load_text(text, Dialect::Strict);
            assert!(newest.schema.is_none(), "{}", form.old);
        }
    }
}

#[test]
fn a_list_of_features_began_right_below_text() {
    let block = |list: &str, features: &str| {
        format!(
            "##\n# @c:\n#\n# Does it.\n{list}##\n{{ 'command': 'c', 'features': [ {features} ] }}"
        )
    };
    for list in [
        "# Features:\n# @deprecated: Use another.\n",
        "# Features:\n# @deprecated:\n#     Use another.\n",
    ] {
        let text = block(list, "'deprecated'");
        assert_eq!(auto(&text), Ok("9.2".to_owned()), "{text}");
        assert_era_accepts(&text);
        let earlier = load_text(&text, Dialect::Era(era("7.2")));
        assert!(earlier.schema.is_some(), "{text}{:?}", earlier.diagnostics);
        let newest = load_text(&text, Dialect::Strict);
        assert!(newest.schema.is_none(), "{text}");
        // Another feature is described nowhere.
        let more = block(list, "'deprecated', 'unstable'");
        assert!(auto(&more).is_err(), "{more}");
        assert!(
            load_text(&more, Dialect::Era(era("7.2"))).schema.is_none(),
            "{more}"
        );
    }
}

/// Style is no mistake unless the newest release is asked for.
#[test]
fn a_mistake_is_an_error_or_the_form_of_an_earlier_release() {
    for (code, _) in Code::ALL {
        for text in examples(*code) {
            let strict = load_text(text, Dialect::Strict).diagnostics;
            let style = [Code::DOC_LONG, Code::DOC_SPACING];
            if strict.iter().any(|it| !style.contains(&it.code)) {
                assert_ne!(auto(text), Ok("10.2".to_owned()), "{code}: {text}");
            }
        }
    }
}

#[test]
fn documentation_that_a_pragma_asks_for_is_missed_by_every_release() {
    let text = "{ 'pragma': { 'doc-required': true } } { 'command': 'c' }";
    assert_eq!(auto(text), Err(vec!["DOC-REQUIRED"]));
    for release in Era::ALL {
        let loaded = load_text(text, Dialect::Era(*release));
        assert!(loaded.schema.is_none(), "{release}");
    }
}

#[test]
fn the_newest_release_is_the_strict_dialect() {
    let texts = [
        "{ 'command': 'c_d' }",
        "{ 'enum': 'Ee', 'data': [] }",
        "{ 'type': 'Aa' }",
    ];
    for text in texts {
        let [strict, newest] = [Dialect::Strict, Dialect::Era(Era::NEWEST)]
            .map(|dialect| load_text(text, dialect).diagnostics);
        assert_eq!(strict, newest, "{text}");
    }
}

/// The release that a schema is read as accepts it where it is asked for, too.
fn assert_era_accepts(text: &str) {
    let loaded = load_text(text, Dialect::Auto);
    if loaded.schema.is_some() {
        let era = load_text(text, Dialect::Era(loaded.era));
        assert!(
            era.schema.is_some(),
            "{}: {text}{:?}",
            loaded.era,
            era.diagnostics
        );
    }
}

/// From 9.2 to 10.1, a line that starts with `=` was a heading only where it does not continue a paragraph.
#[test]
fn headings_were_checked_where_paragraphs_start() {
    for (lines, accepted) in [
        ("# = Title\n#\n# @a: x\n", false),
        ("#\n# = Title\n#\n# @a: x\n", false),
        ("#\n# More.\n# = Title\n#\n# @a: x\n", true),
        ("#\n# @a: x\n#\n# = Title\n", false),
        ("#\n# @a: x\n#     = y\n", true),
    ] {
        let text =
            format!("##\n# @c:\n{lines}##\n{{ 'command': 'c', 'data': {{ '*a': 'int' }} }}\n");
        for release in ["10.0", "10.1"] {
            let loaded = load_text(&text, Dialect::Era(era(release)));
            assert_eq!(loaded.schema.is_some(), accepted, "{release}: {text}");
        }
        assert!(load_text(&text, Dialect::Strict).schema.is_some(), "{text}");
    }
}

/// QEMU 7.2 accepts the code, but not the documentation, which the newest release accepts.
#[test]
fn no_release_is_chosen_that_reads_only_the_code() {
    let text = "##\n# @Ss:\n#\n# @a: x\n##\n{ 'struct': 'Ss', 'data': { 'a': { 'type': 'str', 'if': 'A' } } }\n\
        ##\n# @c:\n#\n# Does it.\n#\n# Returns: the answer\n#\n# Errors:\n#     - It fails.\n##\n\
        { 'command': 'c', 'data': 'Ss', 'returns': 'Ss' }\n";
    assert!(load_text(text, Dialect::Auto).schema.is_none());
    let documented = text.replace("# Errors:\n", "#\n");
    assert!(load_text(&documented, Dialect::Auto).schema.is_none());
    let aligned = text.replace("# Errors:\n#     - It fails.\n", "#          It fails.\n");
    let loaded = load_text(&aligned, Dialect::Auto);
    assert!(loaded.schema.is_some(), "{:?}", loaded.diagnostics);
    assert_eq!(loaded.era, era("7.2"));
}

/// Lines of documentation that meant something to an earlier release, anywhere in the documentation of today.
#[test]
fn schemas_that_the_newest_release_accepts_are_read_by_its_rules() {
    let schema = "##\n# @Kind:\n#\n# Kinds.\n#\n# @one: 1\n#\n# @two: 2\n#\n# Features:\n#\n# @odd: no\n#\n# Since: 9.1\n##\n\
        { 'enum': 'Kind', 'data': [ 'one', 'two' ], 'features': [ 'odd' ] }\n\
        ##\n# @do-it:\n#\n# Does it.\n#\n# @size: its size\n#\n# Errors:\n#     - It fails.\n#\n# TODO: more\n##\n\
        { 'command': 'do-it', 'data': { '*size': 'int' } }\n\
        ##\n# @DONE:\n#\n# @what: it\n#     is\n##\n\
        { 'event': 'DONE', 'data': { 'what': 'str' } }\n";
    let lines: Vec<&str> = schema.split_inclusive('\n').collect();
    let inserted = [
        "# Since 1.0\n",
        "# Since 1.0\n#\n",
        "#\n# Since 1.0\n#\n",
        "#\n# Since 1.0\n# More.\n#\n",
        "#\n# Since 1.0\n#    More.\n#\n",
        "#  Since 1.0\n",
        "#     Since 1.0\n",
        "#\n# #optional\n#\n",
        "#\n# Note that.\n",
        "#\n# Note\n#\n",
        "#\n# Notes:: x\n#\n",
        "#\n# Features::\n#\n",
        "#\n# Since\n#\n",
        "#\n# @size\n#\n",
        "#\n# More.\n#\n",
        "#\n# More.\n#\n# Since 1.0\n#\n",
        "#\n",
        "# 1. More.\n",
        "#\n# 1. More.\n#\n",
    ];
    let mut accepted = 0;
    for at in 1..lines.len() {
        for first in inserted {
            for second in [0, 3, 7] {
                let mut text = lines[..at].concat() + first;
                let end = (at + second).min(lines.len());
                text += &lines[at..end].concat();
                if second > 0 {
                    text += inserted[(at + second) % inserted.len()];
                }
                text += &lines[end..].concat();
                if load_text(&text, Dialect::Strict).schema.is_none() {
                    assert_era_accepts(&text);
                    continue;
                }
                accepted += 1;
                for dialect in [Dialect::Auto, Dialect::Era(era("10.1"))] {
                    let loaded = load_text(&text, dialect);
                    assert!(
                        loaded.diagnostics.is_empty(),
                        "{dialect:?}: {text}{:?}",
                        loaded.diagnostics
                    );
                }
            }
        }
    }
    assert!(accepted >= 300, "{accepted}");
}

/// Mutations of a schema that only releases from 6.2 on can have written.
#[test]
fn schemas_that_the_newest_release_rejects_are_accepted_only_by_the_rules_of_an_earlier_one() {
    let schema = "##\n# @Kind:\n#\n# Kinds.\n#\n# @one: 1\n#\n# @two: 2\n#\n# Since: 9.1\n##\n\
        { 'enum': 'Kind', 'data': [ 'one', { 'name': 'two', 'if': { 'not': 'X' } } ] }\n\
        ##\n# @Part:\n#\n# A part.\n#\n# @size: its size\n##\n\
        { 'struct': 'Part', 'data': { '*size': 'int', 'more': [ 'Kind' ] } }\n\
        { 'union': 'Whole', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': { 'one': 'Part' } }\n\
        { 'command': 'do-it', 'data': 'Part', 'returns': 'Whole', 'features': [ 'unstable' ] }\n\
        { 'event': 'DONE', 'data': { 'what': 'str' } }\n";
    let schema = schema.replace("#\n# @size", "#\n# @more: x\n#\n# @size");
    let inserted = [
        "'",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "#",
        "\n",
        "'x'",
        "\\",
        " ",
        "A",
        "*",
        "# @z: z\n",
        "## ",
    ];
    let mut rejected = 0;
    for at in 0..schema.len() {
        let deleted = format!("{}{}", &schema[..at], &schema[at + 1..]);
        let insert = inserted[at % inserted.len()];
        let changed = format!("{}{insert}{}", &schema[..at], &schema[at..]);
        for text in [deleted, changed] {
            if load_text(&text, Dialect::Strict).schema.is_some() {
                continue;
            }
            rejected += 1;
            let loaded = load_text(&text, Dialect::Auto);
            let oldest = if text.contains("'not'") && text.contains("'if'") {
                "6.2"
            } else {
                "4.2"
            };
            assert!(
                loaded.schema.is_none() || loaded.era >= era(oldest),
                "read as {}: {text}",
                loaded.era
            );
            assert!(
                loaded.schema.is_none() || loaded.era < Era::NEWEST,
                "{text}"
            );
            assert_era_accepts(&text);
        }
    }
    assert!(rejected >= 300, "{rejected}");
}

#[test]
fn files_of_a_second_pass_are_those_of_the_first() {
    let files = [
        (
            "schema.json",
            "{ 'include': 'sub.json' } { 'struct': 'Aa', 'data': { 'a': 'int', } }",
        ),
        ("sub.json", "{ 'enum': 'Ee', 'data': [] }"),
    ];
    let loaded = load_files(&files, Dialect::Auto);
    let names: Vec<_> = loaded
        .sources
        .files()
        .map(|(_, file)| &*file.path)
        .collect();
    assert_eq!(names, ["schema.json", "sub.json"]);
    assert_eq!(loaded.diagnostics[0].code, Code::SYN_KEY);
}
