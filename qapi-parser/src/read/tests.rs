//! The tree of phase 1: its files, their order, and its missing parts.

use std::path::Path;

use crate::diag::{Diagnostic, Diagnostics};
use crate::dialect::Reading;
use crate::source::{Memory, SourceMap};
use crate::syntax::{Item, Tree};

fn read(files: &[(&str, &str)]) -> (Tree, Vec<Diagnostic>) {
    let memory = files.iter().fold(Memory::new(), |memory, (path, text)| {
        memory.with(path, *text)
    });
    let mut cx = Diagnostics::default();
    let root = Path::new(files[0].0);
    let tree = super::schema(
        &mut cx,
        &mut SourceMap::default(),
        root,
        &memory,
        Reading::Strict,
        None,
    );
    (tree, cx.finish())
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|found| found.code.as_str()).collect()
}

/// Items as `module:name` and `module>target`.
fn items(tree: &Tree) -> Vec<String> {
    let show = |item: &Item| match item {
        Item::Include { module, target, .. } => format!("{module}>{target}"),
        Item::Definition(definition) => {
            let name = super::definition_name(&definition.object, Reading::Strict);
            format!("{}:{}", definition.module, name.unwrap_or_default())
        }
    };
    tree.items.iter().map(show).collect()
}

fn modules(tree: &Tree) -> Vec<&str> {
    tree.modules.iter().map(|it| it.name.as_str()).collect()
}

#[test]
fn items_of_an_included_file_stand_after_its_first_directive() {
    let (tree, found) = read(&[
        (
            "dir/root.json",
            "{'event':'A'}\n{'include':'sub/one.json'}\n{'include':'two.json'}\n{'event':'B'}\n",
        ),
        (
            "dir/sub/one.json",
            "{'event':'C'}\n{'include':'../two.json'}\n{'event':'D'}\n",
        ),
        ("dir/sub/../two.json", "{'event':'E'}\n"),
    ]);
    assert_eq!(found, []);
    assert_eq!(modules(&tree), ["root.json", "sub/one.json", "two.json"]);
    assert_eq!(
        items(&tree),
        ["0:A", "0>1", "1:C", "1>2", "2:E", "1:D", "0>2", "0:B"]
    );
}

#[test]
fn module_names_count_from_the_directory_of_the_root() {
    let (tree, found) = read(&[
        (
            "a/b/root.json",
            "{'include':'../c/x.json'}\n{'include':'/y.json'}\n{'include':'./z.json'}\n",
        ),
        ("a/b/../c/x.json", ""),
        ("/y.json", ""),
        ("a/b/./z.json", ""),
    ]);
    assert_eq!(found, []);
    assert_eq!(
        modules(&tree),
        ["root.json", "../c/x.json", "../../y.json", "z.json"]
    );
    let (tree, _) = read(&[("./root.json", "")]);
    assert_eq!(modules(&tree), ["root.json"]);
}

#[test]
fn unreadable_definitions_leave_their_names() {
    let (tree, found) = read(&[(
        "root.json",
        "{ 'struct': 'A', 'data': { 'x': } }\n\
         { 'data': [ ], # comment\n 'enum': # comment\n 'B', 'x': ( }\n\
         { 'command': 'c', 'data': { 'struct': 'not-it' }\n\
         { 'event': 'D' }\n",
    )]);
    assert_eq!(codes(&found), ["SYN-EXPR", "LEX-STRAY", "SYN-OBJ-SEP"]);
    assert_eq!(tree.damaged_names, ["A", "B", "c"]);
    assert!(!tree.incomplete);
    assert_eq!(items(&tree), ["0:D"]);
}

#[test]
fn tree_is_incomplete_if_a_lost_part_has_no_name() {
    for text in [
        "{'include':'gone.json'}\n",
        "{'include':'gone.json','x':'y'}\n",
        "{ 'data': { 'x': } }\n",
        "{ 'struct': 'A }\n",
    ] {
        let (tree, found) = read(&[("root.json", text)]);
        assert_eq!(found.len(), 1, "{text}");
        assert!(tree.incomplete, "{text}");
    }
    for text in ["}\n", "'x\n", "[ 'a' }\n", "?\n"] {
        let (tree, found) = read(&[("root.json", text)]);
        assert_eq!(found.len(), 1, "{text}");
        assert!(!tree.incomplete, "{text}");
    }
}

#[test]
fn mistakes_with_one_remedy_leave_the_definition_in_place() {
    let (tree, found) = read(&[(
        "root.json",
        "{ 'enum': 'A' 'data': [ 'x', ] }\n{ 'event': 'B', 'event': 'C', }\n",
    )]);
    assert_eq!(
        codes(&found),
        ["SYN-OBJ-SEP", "SYN-EXPR", "SYN-DUP-KEY", "SYN-KEY"]
    );
    assert_eq!(items(&tree), ["0:A", "0:C"]);
}

#[test]
fn last_pragma_in_reading_order_wins() {
    let (tree, found) = read(&[
        (
            "root.json",
            "{'pragma':{'doc-required':true,'member-name-exceptions':['A']}}\n\
             {'include':'sub.json'}\n\
             {'pragma':{'command-returns-exceptions':['c'],'documentation-exceptions':['E']}}\n",
        ),
        (
            "sub.json",
            "{'pragma':{'doc-required':false,'command-returns-exceptions':['a','b']}}\n\
             {'pragma':{'command-name-exceptions':['n'],'member-name-exceptions':[]}}\n",
        ),
    ]);
    assert_eq!(found, []);
    let pragmas = tree.pragmas;
    assert!(!pragmas.doc_required);
    assert_eq!(pragmas.command_returns_exceptions, ["c"]);
    assert_eq!(pragmas.command_name_exceptions, ["n"]);
    assert_eq!(pragmas.documentation_exceptions, ["E"]);
    assert!(pragmas.member_name_exceptions.is_empty());
}
