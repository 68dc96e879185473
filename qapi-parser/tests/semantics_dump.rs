//! The IR holds everything that the reference's dump shows (docs/reference/language.md §13).

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;
#[path = "support/dump.rs"]
mod printing;

use loading::{accepted, load_files};
use printing::dump;
use qapi_parser::Dialect;

/// The beginning of every dump.
const PREDEFINED: &str = "module ./builtin
object q_empty
enum QType
    member none
    member qnull
    member qnum
    member qstring
    member qdict
    member qlist
    member qbool
";

fn assert_dump(found: &str, expected: &str) {
    assert_eq!(found, format!("{PREDEFINED}{expected}"));
}

#[test]
fn empty_schema_has_the_predefined_module_and_its_own() {
    assert_dump(&dump(&accepted("")), "module schema.json\n");
}

#[test]
fn types_commands_and_events_are_dumped_with_all_they_have() {
    let schema = accepted(
        "{ 'enum': 'Ee', 'prefix': 'E_E', 'if': { 'any': [ 'A', { 'not': 'B' } ] },
           'data': [ 'x', { 'name': 'y', 'if': 'Y', 'features': [ 'old' ] } ] }
         { 'struct': 'Base', 'data': { 'e': 'Ee', '*q': [ 'QType' ] }, 'features': [ { 'name': 'f', 'if': 'F' } ] }
         { 'struct': 'Leaf', 'base': 'Base2', 'data': { 'n': { 'type': 'int', 'if': { 'all': [ 'A', 'B' ] }, 'features': [ 'm' ] } } }
         { 'struct': 'Base2', 'data': {} }
         { 'union': 'Uu', 'base': 'Base', 'discriminator': 'e', 'data': { 'x': { 'type': 'Leaf', 'if': 'X' } } }
         { 'alternate': 'Aa', 'data': { 'u': 'Uu', 'l': { 'type': [ 'int' ], 'if': 'L' } } }
         { 'command': 'go-there', 'data': { 'a': 'Aa', '*list': [ 'Aa' ] }, 'returns': [ 'Uu' ], 'if': 'C',
           'gen': false, 'coroutine': true, 'allow-preconfig': true, 'features': [ 'deprecated' ] }
         { 'event': 'STOPPED', 'data': 'Uu', 'boxed': true }
         { 'event': 'GONE', 'data': {} }",
    );
    assert_dump(
        &dump(&schema),
        "array QTypeList QType
module schema.json
enum Ee
    prefix E_E
    member x
    member y
        if Y
        feature old
    if {'any': ['A', {'not': 'B'}]}
object Base
    member e: Ee optional=False
    member q: QTypeList optional=True
    feature f
        if F
object Leaf
    base Base2
    member n: int optional=False
        if {'all': ['A', 'B']}
        feature m
object Base2
object Uu
    base Base
    tag e
    case x: Leaf
        if X
    case y: q_empty
        if Y
alternate Aa
    tag type
    case u: Uu
    case l: intList
        if L
array AaList Aa
object q_obj_go-there-arg
    member a: Aa optional=False
    member list: AaList optional=True
    if C
array UuList Uu
command go-there q_obj_go-there-arg -> UuList
    gen=False success_response=True boxed=False oob=False preconfig=True coroutine=True
    if C
    feature deprecated
event STOPPED Uu
    boxed=True
event GONE None
    boxed=False
",
    );
}

#[test]
fn arrays_belong_to_the_module_of_their_element() {
    let files = [
        (
            "d/root.json",
            "{ 'struct': 'Aa', 'data': { 'b': [ 'Bb' ], 's': [ 'str' ] } }\n{ 'include': 'sub/b.json' }\n{ 'include': 'sub/../sub/b.json' }",
        ),
        (
            "d/sub/b.json",
            "{ 'include': '../c.json' }\n{ 'struct': 'Bb', 'data': { 'c': [ 'Cc' ] } }",
        ),
        ("d/sub/../c.json", "{ 'struct': 'Cc', 'data': {} }"),
    ];
    let loaded = load_files(&files, Dialect::Strict);
    assert_eq!(loaded.diagnostics, []);
    assert_dump(
        &dump(&loaded.schema.expect("the schema has no errors")),
        "module root.json
object Aa
    member b: BbList optional=False
    member s: strList optional=False
include sub/b.json
include sub/b.json
module sub/b.json
array BbList Bb
include c.json
object Bb
    member c: CcList optional=False
module c.json
object Cc
array CcList Cc
",
    );
}

#[test]
fn documentation_is_dumped_in_reading_order_with_stubs_last() {
    let schema = accepted(
        "{ 'pragma': { 'documentation-exceptions': [ 'Ss' ] } }
##
# Introduction.
##

##
# @Ss:
#
# First paragraph.
#
# Second one.
#
# @b: described
#     here
#
# Features:
# @f: a feature
#
# Remarks.
#
# TODO: something
#
# Since: 1.0
##
{ 'struct': 'Ss', 'data': { 'a': 'int', 'b': 'int' }, 'features': [ 'f' ] }

##
# @c:
#
# Returns: an Ss
##
{ 'command': 'c', 'returns': 'Ss' }",
    );
    let dump = dump(&schema);
    let start = dump.find("doc freeform").expect("there are docs");
    assert_eq!(
        &dump[start..],
        "doc freeform
    body=
Introduction.
doc symbol=Ss
    body=
First paragraph.

Second one.
    arg=b
described
    here
    arg=a

    feature=f
a feature
    section=Plain
Remarks.
    section=Todo
something
    section=Since
1.0
doc symbol=c
    body=

    section=Returns
an Ss
"
    );
}
