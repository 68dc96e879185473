//! Corrections of the formatter, and texts that it leaves as they were, case by case.

use qapi_parser::Dialect;
use qapi_parser::diag::Anchor;
use qapi_parser::format::format;

/// Formats `text` to `expected`, and `expected` to itself.
#[track_caller]
fn check_in(dialect: Dialect, text: &str, expected: &str) {
    for text in [text, expected] {
        match format(text, dialect) {
            Ok(formatted) => assert_eq!(formatted, expected),
            Err(errors) => panic!("{errors:#?}"),
        }
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    check_in(Dialect::Strict, text, expected);
}

#[track_caller]
fn errors(dialect: Dialect, text: &str) -> Vec<&'static str> {
    let errors = format(text, dialect).expect_err("it is refused");
    errors.iter().map(|error| error.code.as_str()).collect()
}

#[test]
fn line_breaks_stay_and_blanks_are_corrected() {
    check(
        "{'command':'x','data':{'a' : 'str' ,'b':['int' ]},\n     'returns' : 'Y'}",
        "{'command': 'x', 'data': {'a': 'str', 'b': ['int']},\n 'returns': 'Y'}\n",
    );
    check(
        "{ 'struct': 'Ab', 'data': { } }",
        "{ 'struct': 'Ab', 'data': {} }\n",
    );
    check(
        "{ 'command': 'x', 'gen' : false, 'data': {\n} }",
        "{ 'command': 'x', 'gen': false, 'data': {} }\n",
    );
}

#[test]
fn lines_have_79_columns() {
    let struct_ = |name: &str| format!("{{ 'struct': '{name}', 'data': {{ 'member': 'str' }} }}\n");
    let name = |columns: usize| format!("S{}", "t".repeat(columns - struct_("").len()));
    let (fits, too_long) = (name(79), name(80));
    assert_eq!(struct_(&fits).trim_end().chars().count(), 79);
    check(&struct_(&fits), &struct_(&fits));
    check(
        &struct_(&too_long),
        &format!("{{ 'struct': '{too_long}',\n  'data': {{ 'member': 'str' }} }}\n"),
    );
}

#[test]
fn a_line_that_is_too_long_is_broken_at_keys_and_members() {
    check(
        "{ 'struct': 'BlockNodeInformation', 'base': 'Base', 'data': { 'filename': 'str', \
           '*dirty-flag': 'bool', 'children': ['BlockNodeInformation'], 'size': { \
           'type': 'size', 'if': { 'any': ['CONFIG_LINUX', { 'not': 'CONFIG_WIN32' }] } } } }",
        "\
{ 'struct': 'BlockNodeInformation',
  'base': 'Base',
  'data': { 'filename': 'str',
            '*dirty-flag': 'bool',
            'children': ['BlockNodeInformation'],
            'size': { 'type': 'size',
                      'if': { 'any': ['CONFIG_LINUX',
                                      { 'not': 'CONFIG_WIN32' }] } } } }
",
    );
}

#[test]
fn strings_fill_lines_and_objects_have_their_own() {
    check(
        "{ 'enum': 'Many', 'data': [ 'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', \
           { 'name': 'theta', 'if': 'CONFIG_THETA' }, 'iota', 'kappa' ] }",
        "\
{ 'enum': 'Many',
  'data': [ 'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta',
            { 'name': 'theta', 'if': 'CONFIG_THETA' },
            'iota', 'kappa' ] }
",
    );
}

#[test]
fn closing_brackets_count_for_the_width() {
    let with = |last: &str| {
        format!(
            "{{ 'enum': 'Name',\n  'data': [ '{}', '{last}' ] }}\n",
            "a".repeat(50)
        )
    };
    // Two brackets after two blanks end in column 79, or would in column 80.
    let (fits, too_long) = ("b".repeat(7), "b".repeat(8));
    assert_eq!(with(&fits).lines().last().map(str::len), Some(79));
    check(&with(&fits), &with(&fits));
    check(
        &with(&too_long),
        &with(&too_long).replace("', 'b", "',\n            'b"),
    );
}

#[test]
fn a_bracket_is_closed_as_it_was_opened() {
    check(
        "{ 'command': 'x', 'data': {'a': [ 'str'], 'b': { 'type': ['Ab' ]} }}",
        "{ 'command': 'x', 'data': {'a': [ 'str' ], 'b': { 'type': ['Ab'] }} }\n",
    );
    // Where no entry stands beside the opening bracket, the closing one decides.
    check(
        "{ 'struct': 'Ab', 'data': {\n    'a': 'str'} }\n{ 'struct': 'Cd', 'data': {\n    'a': 'str' }}",
        "{ 'struct': 'Ab', 'data': {\n    'a': 'str'} }\n\n{ 'struct': 'Cd', 'data': {\n    'a': 'str' } }\n",
    );
}

#[test]
fn entries_that_start_lines_stand_below_the_first() {
    check(
        "\
{ 'struct': 'Ab',
   'base': 'Base',
  'data': {'a': 'str',
            'b': 'int', 'c': 'int',
\t  'd': 'int' } }
{ 'struct': 'Cd',
  'data': {
     'a': 'str',
    'b': {
      'type': 'str'
    },

    'c': 'str'
  }
}",
        "\
{ 'struct': 'Ab',
  'base': 'Base',
  'data': {'a': 'str',
           'b': 'int', 'c': 'int',
           'd': 'int'} }

{ 'struct': 'Cd',
  'data': {
     'a': 'str',
     'b': {
       'type': 'str'
     },

     'c': 'str'
  }
}
",
    );
}

#[test]
fn a_closing_bracket_that_starts_a_line_stands_at_one_of_three_columns() {
    for column in [2, 10, 12] {
        let text = format!(
            "{{ 'struct': 'Ab',\n  'data': {{ 'a': 'str',\n            'b': 'str'\n{}}} }}\n",
            " ".repeat(column)
        );
        check(&text, &text);
        check(
            &text.replace("\n    ", "\n     "),
            &if column == 2 {
                text.clone()
            } else {
                text.replace(&format!("\n{}}}", " ".repeat(column)), "\n  }")
            },
        );
    }
}

#[test]
fn values_in_one_column_stay_there() {
    let text = "\
{ 'struct': 'Ab',
  'data': { 'a'    : 'str',
            'long' : 'int',
            'other':
              { 'type': 'int',
                'if': 'CONFIG_OTHER' },
            'x':        'int',
            'longest':  'int' } }
";
    check(text, text);
    check(
        "{ 'struct': 'Ab',\n  'data': { 'a' :  'str',\n            'bcd' : 'int',\n            'ef':     'int' } }",
        "{ 'struct': 'Ab',\n  'data': { 'a': 'str',\n            'bcd': 'int',\n            'ef': 'int' } }\n",
    );
}

#[test]
fn an_entry_beyond_the_width_starts_a_line() {
    let name = "n".repeat(30);
    check(
        &format!("{{ 'enum': 'Ab',\n  'data': [ '{name}', '{name}', 'x',\n            'y' ] }}\n"),
        &format!(
            "{{ 'enum': 'Ab',\n  'data': [ '{name}', '{name}',\n            'x',\n            'y' ] }}\n"
        ),
    );
}

#[test]
fn members_called_like_keys_are_members() {
    check(
        "{ 'struct': 'Ab', 'data': { 'data': ['Ab'], 'features': ['Ab'], 'returns': ['Ab'] } }",
        "{ 'struct': 'Ab',\n  'data': { 'data': ['Ab'], 'features': ['Ab'], 'returns': ['Ab'] } }\n",
    );
}

#[test]
fn entries_too_far_right_hang_below_their_line() {
    let long = "T".repeat(60);
    check(
        &format!("{{ 'struct': 'Ab', 'data': {{ 'member': '{long}' }} }}"),
        &format!("{{ 'struct': 'Ab',\n  'data': {{\n      'member': '{long}' }} }}\n"),
    );
}

#[test]
fn pragma_lists_have_a_name_per_line() {
    check(
        "{ 'pragma': { 'doc-required': true } }
         { 'pragma': { # all of them
           'command-name-exceptions': [ 'a_b', 'c_d' ],
           # types
           'member-name-exceptions': [ 'Ab' # one
           ] } }",
        "\
{ 'pragma': { 'doc-required': true } }
{ 'pragma': {  # all of them
  'command-name-exceptions': [ 'a_b', 'c_d' ],
  # types
  'member-name-exceptions': [ 'Ab'  # one
  ] } }
",
    );
    let names = [
        "long_name_number_one",
        "long_name_number_two",
        "long_name_number_three",
    ];
    check(
        &format!(
            "{{ 'pragma': {{ 'command-name-exceptions': ['{}'] }} }}",
            names.join("','")
        ),
        "\
{ 'pragma': {
    'command-name-exceptions': [
        'long_name_number_one',
        'long_name_number_two',
        'long_name_number_three'] } }
",
    );
}

#[test]
fn comments_inside_expressions_keep_their_places() {
    check(
        "{ 'struct': 'Ab', # the name
           # before the data
           'data': { 'a' : 'str' , # first
             'bcd': # of a kind
               'int' # second
                     # and more of it
             # at the end
             } # closed
         } # behind",
        "\
{ 'struct': 'Ab',  # the name
  # before the data
  'data': { 'a': 'str',  # first
            # of a kind
            'bcd': 'int'  # second
                          # and more of it
            # at the end
  }  # closed
}    # behind
",
    );
}

#[test]
fn empty_brackets_keep_their_comments() {
    check(
        "{ 'struct': 'Ab', 'data': { # none\n } }\n{ 'enum': 'Cd', 'data': [\n# none\n ] }",
        "\
{ 'struct': 'Ab', 'data': {  # none
} }

{ 'enum': 'Cd', 'data': [
    # none
] }
",
    );
}

#[test]
fn items_are_an_empty_line_apart() {
    check(
        "\n\n{ 'event': 'A' } { 'event': 'B' }\n{ 'event': 'C' }\n\n\n\n{ 'event': 'D' }\n\n\n",
        "{ 'event': 'A' }\n\n{ 'event': 'B' }\n\n{ 'event': 'C' }\n\n{ 'event': 'D' }\n",
    );
}

#[test]
fn directives_stand_in_groups() {
    check(
        "{ 'include': 'a.json' }\n{'include':'b.json'}\n\n\n{ 'include': 'c.json' }\n{ 'event': 'A' }",
        "\
{ 'include': 'a.json' }
{'include': 'b.json'}

{ 'include': 'c.json' }

{ 'event': 'A' }
",
    );
}

#[test]
fn documentation_sticks_to_its_definition() {
    check(
        "{ 'event': 'A' } ##\n  # @B:\n\n#   indented text  \t\n#\n   ##\n\n\n{ 'event': 'B' }
##
# Free-form
##
##
# @C:
##
# a comment
{ 'event': 'C' }",
        "\
{ 'event': 'A' }

##
# @B:
#   indented text
#
##
{ 'event': 'B' }

##
# Free-form
##

##
# @C:
##
# a comment
{ 'event': 'C' }
",
    );
}

#[test]
fn free_comments_stay_where_they_are() {
    check(
        "# -*- Mode: Python -*-\n#\n\n\n   # indented   \n\n{ 'event': 'A' }\n# below\n\n\n# above\n{ 'event': 'B' }",
        "\
# -*- Mode: Python -*-
#

# indented

{ 'event': 'A' }
# below

# above
{ 'event': 'B' }
",
    );
}

#[test]
fn line_ends_become_plain() {
    check(
        "# a\r\n{ 'event': 'A' }\r\r# b\r\n",
        "# a\n{ 'event': 'A' }\n\n# b\n",
    );
}

#[test]
fn nothing_stays_nothing() {
    check("", "");
    check("\n \n\t\u{a0}", "");
}

#[test]
fn tolerant_dialect_repairs_commas_and_keeps_words() {
    check_in(
        Dialect::Auto,
        "{ 'type': 'Ab' 'data': { 'a': 'str', 'b': [ 'int', ], } }
         { 'command': 'c' 'success-response': 'no', 'data': null }",
        "\
{ 'type': 'Ab', 'data': { 'a': 'str', 'b': [ 'int' ] } }

{ 'command': 'c', 'success-response': 'no', 'data': null }
",
    );
    assert_eq!(
        errors(Dialect::Strict, "{ 'a': 'b' 'c': 'd' }"),
        ["SYN-OBJ-SEP"]
    );
}

#[test]
fn duplicate_keys_stay_in_the_tolerant_dialect() {
    let text = "{ 'event': 'A', 'boxed': 'x', 'boxed': true }\n";
    check_in(Dialect::Auto, text, text);
}

#[test]
fn broken_text_is_refused() {
    assert_eq!(errors(Dialect::Auto, "{ 'event': 'A' "), ["SYN-OBJ-SEP"]);
    assert_eq!(errors(Dialect::Auto, "{ 'event': \"A\" }"), ["LEX-STRAY"]);
    assert_eq!(
        errors(Dialect::Strict, "##\n# text\n{ 'event': 'A' }"),
        ["DOC-UNTERMINATED"]
    );
    assert_eq!(
        errors(Dialect::Auto, "'text' { 'event': 'A' }"),
        ["TOP-NOT-OBJECT"]
    );
    let deep = "[".repeat(100_000);
    assert_eq!(errors(Dialect::Auto, &deep), ["LIMIT-DEPTH"]);
}

#[test]
fn refusals_say_where() {
    let errors =
        format("{ 'event': 'A' }\r\n\r\n{ 'event' }\n", Dialect::Strict).expect_err("no colon");
    let Anchor::Point(span) = errors[0].anchor else {
        panic!("{:?}", errors[0].anchor);
    };
    // In the text with plain line ends.
    assert_eq!((span.start, span.end), (28, 29));
}

#[test]
fn style_and_meaning_are_not_checked() {
    check(
        "##\n# @wrong: One. Two\n##\n{ 'event': 'bad name', 'bad key': [ true ] }",
        "##\n# @wrong: One. Two\n##\n{ 'event': 'bad name', 'bad key': [ true ] }\n",
    );
}

#[test]
fn deep_nesting_and_long_keys_do_not_blow_up() {
    let key = "k".repeat(2000);
    let mut text = "'x'".to_owned();
    for _ in 0..400 {
        text = format!("{{ '{key}': {text}, 'z': [ 'y' ] }}");
    }
    let formatted = format(&text, Dialect::Strict).expect("it is well-formed");
    assert!(
        formatted.len() < text.len() * 2,
        "{} bytes of {}",
        formatted.len(),
        text.len()
    );
    assert_eq!(
        format(&formatted, Dialect::Strict).as_deref(),
        Ok(formatted.as_str())
    );
}
