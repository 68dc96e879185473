//! The matrix of many revisions.

use std::path::{Path, PathBuf};

use qapi_diff::matrix::State;
use qapi_diff::{Definitions, Matrix, Model, Symbols};
use qapi_parser::source::Disk;

use crate::common::{load, parse};

fn matrix(texts: &[&str]) -> Vec<String> {
    let schemas: Vec<_> = texts.iter().map(|text| parse(text)).collect();
    let symbols = Symbols::default();
    let models: Vec<_> = schemas
        .iter()
        .map(|schema| Model::of_schema(schema, &symbols))
        .collect();
    let matrix = Matrix::new(&models);
    let rows = matrix.rows.iter().map(|row| {
        let cells: String = row
            .cells
            .iter()
            .map(|cell| match cell {
                None => '-',
                Some(cell) if cell.optional == Some(true) => 'o',
                Some(_) => 'x',
            })
            .collect();
        let news = if matrix.is_news(row) { "!" } else { "" };
        format!("{cells} {}{news}", row.path)
    });
    rows.collect()
}

#[test]
fn members_and_values_come_and_go() {
    let rows = matrix(&[
        "{ 'command': 'a', 'data': { 'x': 'int' } }",
        "{ 'enum': 'E', 'data': [ 'p' ] }
         { 'command': 'a', 'data': { '*x': 'int', '*y': 'E' } }
         { 'event': 'B' }",
        "{ 'enum': 'E', 'data': [ 'p', 'q' ] }
         { 'command': 'a', 'data': { '*y': 'E' } }",
    ]);
    assert_eq!(
        rows,
        [
            "xxx a!",
            "xxx a arguments",
            "xo- a arguments.x!",
            "-oo a arguments.y!",
            "-xx a arguments.y=p",
            "--x a arguments.y=q!",
            "-x- B!",
        ]
    );
}

#[test]
fn recursive_types_come_to_an_end() {
    let rows = matrix(&[
        "{ 'struct': 'Tree', 'data': { '*left': 'Tree', '*right': [ 'Tree' ] } }
         { 'command': 'grow', 'data': { 'tree': 'Tree' } }",
        "{ 'struct': 'Bush', 'data': { '*left': 'Bush', '*right': [ 'Bush' ], '*leaf': 'str' } }
         { 'command': 'grow', 'data': { 'tree': 'Bush' } }",
    ]);
    assert_eq!(
        rows,
        [
            "xx grow!",
            "xx grow arguments",
            "xx grow arguments.tree",
            "oo grow arguments.tree.left",
            "oo grow arguments.tree.right",
            "-o grow arguments.tree.leaf!",
        ]
    );
}

#[test]
fn a_type_that_becomes_an_alternate_stays_in_its_row() {
    let rows = matrix(&[
        "{ 'struct': 'S', 'data': { 'a': 'int' } } { 'command': 'go', 'data': { 'to': 'S' } }",
        "{ 'struct': 'S', 'data': { 'a': 'int' } }
         { 'alternate': 'A', 'data': { 's': 'S', 'n': 'str' } }
         { 'command': 'go', 'data': { 'to': 'A' } }",
    ]);
    assert_eq!(
        rows,
        [
            "xx go!",
            "xx go arguments",
            "xx go arguments.to!",
            "xx go arguments.to[object]",
            "xx go arguments.to[object].a",
            "-x go arguments.to[string]!",
        ]
    );
}

#[test]
fn branches_tell_the_values_of_the_discriminator() {
    let union = |values: &str, data: &str| {
        format!(
            "{{ 'enum': 'E', 'data': [ {values} ] }}
             {{ 'struct': 'S', 'data': {{ 'm': 'int' }} }}
             {{ 'union': 'U', 'base': {{ 'e': 'E' }}, 'discriminator': 'e', 'data': {{ {data} }} }}
             {{ 'command': 'go', 'data': 'U', 'boxed': true }}"
        )
    };
    let (old, new) = (union("'p'", "'p': 'S'"), union("'p', 'q'", "'q': 'S'"));
    assert_eq!(
        matrix(&[&old, &new]),
        [
            "xx go!",
            "xx go arguments",
            "xx go arguments.e",
            "xx go arguments[=p]",
            "x- go arguments[=p].m!",
            "-x go arguments[=q]!",
            "-x go arguments[=q].m",
        ]
    );
}

/// The folder of our schemas of the guest agent.
fn guest_agent(revision: &str) -> PathBuf {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/guest-agent");
    schemas.join(format!("{revision}.json"))
}

#[test]
fn revisions_of_the_guest_agent_have_what_they_had() {
    let symbols = Symbols::default();
    let schemas = ["1.1", "1.5", "2.3", "2.4", "2.5"].map(|it| load(&guest_agent(it), &Disk));
    let models: Vec<_> = schemas
        .iter()
        .map(|schema| Model::of_schema(schema, &symbols))
        .collect();
    let matrix = Matrix::new(&models);
    let commands = |revision: usize| {
        let rows = matrix.rows.iter();
        rows.filter(|row| row.parent.is_none() && row.is_in(revision))
            .count()
    };
    assert_eq!([0, 1, 2, 3, 4].map(commands), [18, 23, 29, 29, 31]);
    let find = |path: &str| {
        let mut rows = matrix.rows.iter();
        let row = rows.find(|row| row.path.to_string() == path).unwrap();
        let runs = row.runs().into_iter();
        let runs = runs.map(|run| (run.first, run.last, run.cell.optional));
        runs.collect::<Vec<_>>()
    };
    assert_eq!(find("guest-get-time"), [(1, 4, None)]);
    assert_eq!(find("guest-exec"), [(4, 4, None)]);
    assert_eq!(find("guest-fstrim reply"), [(3, 4, None)]);
    assert_eq!(
        find("guest-set-time arguments.time"),
        [(1, 1, Some(false)), (2, 4, Some(true))]
    );
}

/// Shows the definitions of one of the revisions: `x` for a revision that has something, `o` for one where it is optional, `-` for one that
/// does not have it.
fn definitions(texts: &[&str], revision: usize) -> Vec<String> {
    let schemas: Vec<_> = texts.iter().map(|text| parse(text)).collect();
    let symbols = Symbols::default();
    let models: Vec<_> = schemas
        .iter()
        .map(|schema| Model::of_schema(schema, &symbols))
        .collect();
    let schemas: Vec<_> = schemas.iter().collect();
    let definitions = Definitions::new(&Matrix::new(&models), &schemas, revision);
    let lines = definitions.iter().map(|(definition, part, states)| {
        let states = states.iter().map(|state| match state {
            State::Absent => '-',
            State::Present => 'x',
            State::Optional => 'o',
        });
        let states: String = states.collect();
        format!("{states} {definition} {part}")
            .trim_end()
            .to_owned()
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by(|a, b| a[texts.len()..].cmp(&b[texts.len()..]));
    lines
}

#[test]
fn the_history_of_a_definition_is_collected_from_all_its_places() {
    let revisions = [
        "{ 'struct': 'Old', 'data': { 'a': 'int' } }
         { 'command': 'get', 'data': { 'x': 'int' } }
         { 'command': 'list', 'returns': [ 'Old' ] }",
        "{ 'enum': 'Kind', 'data': [ 'p', 'q' ] }
         { 'struct': 'Base', 'data': { 'a': 'int' } }
         { 'struct': 'Some', 'base': 'Base', 'data': { '*b': 'Use' } }
         { 'union': 'Use', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': {} }
         { 'struct': 'Unused', 'data': { 'w': 'int' } }
         { 'command': 'get', 'data': { 'x': 'int', '*y': 'int' }, 'returns': 'Some' }
         { 'command': 'list', 'returns': [ 'Some' ] }",
        "{ 'enum': 'Kind', 'data': [ 'q' ] }
         { 'struct': 'Some', 'data': { 'b': 'Use' } }
         { 'union': 'Use', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': {} }
         { 'struct': 'Unused', 'data': { 'w': 'int', 'v': 'int' } }
         { 'command': 'list', 'returns': [ 'Some' ] }
         { 'event': 'SEEN', 'data': 'Some' }",
    ];
    assert_eq!(
        definitions(&revisions, 1),
        [
            "xxx Base",
            "xx- Base a",
            "-xx Kind",
            "-x- Kind p",
            "-xx Kind q",
            "xxx Some",
            "-ox Some b",
            "-xx Unused",
            "-xx Unused w",
            "-xx Use",
            "-xx Use kind",
            "xx- get",
            "-x- get :reply",
            "xx- get x",
            "-o- get y",
            "xxx list",
            "xxx list :reply",
        ]
    );
    let newest = definitions(&revisions, 2);
    assert!(newest.contains(&"--x SEEN b".to_owned()), "{newest:#?}");
    assert!(newest.contains(&"--x Unused v".to_owned()), "{newest:#?}");
}

/// A server reports neither widths of integers nor conditions; nothing else differs between it and its schema.
#[test]
fn a_schema_and_its_server_do_not_seem_to_differ() {
    let schema = parse(
        "{ 'command': 'go', 'data': { 'a': { 'type': 'uint8', 'if': 'X' }, 'b': [ 'int16' ], 'c': 'size' } }",
    );
    let said = br#"[ { "name": "go", "meta-type": "command", "arg-type": "1", "ret-type": "0" },
        { "name": "0", "meta-type": "object", "members": [] },
        { "name": "int", "meta-type": "builtin", "json-type": "int" },
        { "name": "[int]", "meta-type": "array", "element-type": "int" },
        { "name": "1", "meta-type": "object", "members": [
            { "name": "a", "type": "int" }, { "name": "b", "type": "[int]" },
            { "name": "c", "type": "int" } ] } ]"#;
    let introspection = qapi_diff::ServerSchema::parse(said).unwrap();
    let models = [
        Model::of_schema(&schema, &Symbols::default()),
        introspection.model(),
    ];
    let matrix = Matrix::new(&models);
    let rows = matrix.rows.iter().filter(|row| row.parent.is_some());
    let news: Vec<_> = rows
        .filter(|row| matrix.is_news(row))
        .map(|row| row.path.to_string())
        .collect();
    assert_eq!(news, Vec::<String>::new());
}
