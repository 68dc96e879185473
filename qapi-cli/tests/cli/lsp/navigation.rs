//! From names to what they stand for: hover, definitions, references, symbols.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::client::{Client, position, scratch, uri};

const SCHEMA: &str = "\
{ 'include': 'base.json' }

##
# @Color:
#
# A color, used in @Pot and `Base`.
#
# @red: like fire
#
# @blue: like water
#
# Since: 1.2
##
{ 'enum': 'Color', 'data': [ 'red', { 'name': 'blue', 'if': 'CONFIG_BLUE' } ] }

##
# @Pot:
#
# A pot.
##
{ 'union': 'Pot', 'base': 'Base', 'discriminator': 'color',
  'data': { 'red': 'RedPot' } }

{ 'struct': 'RedPot', 'data': { '*heat': 'int' } }

##
# @paint:
#
# Paints with @pots.
#
# @pots: the pots
#
# Returns: a color
##
{ 'command': 'paint', 'data': { 'pots': [ 'Pot' ] }, 'returns': 'Pot' }
";

const BASE: &str = "\
##
# @Base:
#
# @color: the color
#
# @size: how much is in it
##
{ 'struct': 'Base', 'data': { 'color': 'Color', 'size': 'int' } }
";

fn start(name: &str) -> (Client, PathBuf) {
    let folder = scratch(name);
    let path = folder.join("main.json");
    fs::write(&path, SCHEMA).unwrap();
    fs::write(folder.join("base.json"), BASE).unwrap();
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&path, SCHEMA);
    assert_eq!(client.diagnostics_of(&path, 1), [] as [Value; 0]);
    (client, path)
}

/// The place of a mark as a definition that is found.
fn place(path: &std::path::Path, text: &str, mark: &str) -> Value {
    json!([{ "uri": uri(path), "start": position(text, mark) }])
}

fn found(answer: &Value) -> Value {
    let all = answer.as_array().unwrap().iter();
    all.map(|it| json!({ "uri": it["uri"], "start": it["range"]["start"] }))
        .collect()
}

#[test]
fn definitions_are_found_from_everywhere() {
    let (mut client, path) = start("definition");
    let base = path.with_file_name("base.json");
    let color = place(&path, SCHEMA, "^Color', 'data'");
    let pots = place(&path, SCHEMA, "^pots': [");
    for (mark, wanted) in [
        ("[ '^Pot' ]", place(&path, SCHEMA, "^Pot', 'base'")),
        ("'base': '^Base'", place(&base, BASE, "'^Base'")),
        ("'^color',\n", place(&base, BASE, "'^color'")),
        ("'^red': 'RedPot'", place(&path, SCHEMA, "^red', {")),
        ("@^Pot and", place(&path, SCHEMA, "^Pot', 'base'")),
        ("`^Base`", place(&base, BASE, "'^Base'")),
        ("@^red: like", place(&path, SCHEMA, "^red', {")),
        ("@^Color:", color.clone()),
        ("with @^pots", pots.clone()),
        ("# @^pots:", pots),
        (
            "'^base.json'",
            json!([{ "uri": uri(&base), "start": { "line": 0, "character": 0 } }]),
        ),
        ("'^enum'", json!([])),
    ] {
        let answer = client.at("textDocument/definition", &path, SCHEMA, mark);
        assert_eq!(found(&answer), wanted, "{mark}");
    }
    let answer = client.at("textDocument/typeDefinition", &path, SCHEMA, "'^color',\n");
    assert_eq!(found(&answer), color);
}

#[test]
fn hover_shows_members_documentation_and_users() {
    let (mut client, path) = start("hover");
    let pages = [
        (
            "[ '^Pot' ]",
            &[
                "A pot.",
                "`'color': 'Color'` (of `Base`)",
                "how much is in it",
                "'red': 'RedPot'",
                "`paint`",
            ][..],
        ),
        (
            "@^Color:",
            &[
                "like fire",
                "**Since:** 1.2",
                "**Used by** `Base`",
                "main.json",
            ],
        ),
        ("'*^heat'", &["'*heat': 'int'", "member of struct `RedPot`"]),
        (
            "'^blue'",
            &["value of enum `Color`, if `'CONFIG_BLUE'`", "like water"],
        ),
        ("'^discriminator'", &["selects the branch"]),
        ("'*heat': '^int'", &["whole number"]),
    ];
    for (mark, wanted) in pages {
        let answer = client.at("textDocument/hover", &path, SCHEMA, mark);
        let text = answer["contents"]["value"].as_str().unwrap_or_default();
        for part in wanted {
            assert!(text.contains(part), "{mark}: no `{part}` in\n{text}");
        }
    }
    let nothing = client.at("textDocument/hover", &path, SCHEMA, "^{ 'enum'");
    assert_eq!(nothing, Value::Null);
}

#[test]
fn references_are_all_names_of_a_thing() {
    let (mut client, path) = start("references");
    for (mark, with, without) in [
        ("'^Pot', 'base'", 5, 4),
        ("'^red', {", 3, 2),
        ("'^color',\n", 3, 2),
        ("'^pots': [", 3, 2),
        ("'^CONFIG_BLUE'", 1, 1),
    ] {
        for (wanted, count) in [(true, with), (false, without)] {
            let params = json!({
                "textDocument": { "uri": uri(&path) },
                "position": position(SCHEMA, mark),
                "context": { "includeDeclaration": wanted },
            });
            let answer = client.request("textDocument/references", params).unwrap();
            assert_eq!(
                answer.as_array().unwrap().len(),
                count,
                "{mark}: {answer:#}"
            );
        }
    }
    let answer = client.at("textDocument/documentHighlight", &path, SCHEMA, "'^red', {");
    assert_eq!(answer.as_array().unwrap().len(), 3);
}

#[test]
fn symbols_are_those_of_the_file_and_of_the_schema() {
    let (mut client, path) = start("symbols");
    let params = json!({ "textDocument": { "uri": uri(&path) } });
    let answer = client
        .request("textDocument/documentSymbol", params)
        .unwrap();
    let names = |list: &Value| -> Vec<String> {
        let all = list.as_array().unwrap().iter();
        all.map(|it| it["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&answer), ["Color", "Pot", "RedPot", "paint"]);
    assert_eq!(names(&answer[0]["children"]), ["red", "blue"]);
    assert_eq!(answer[0]["range"]["start"]["line"], 2);
    let answer = client
        .request("workspace/symbol", json!({ "query": "bas" }))
        .unwrap();
    assert_eq!(names(&answer), ["Base"]);
    let answer = client
        .request("workspace/symbol", json!({ "query": "pot" }))
        .unwrap();
    assert_eq!(names(&answer), ["Pot", "RedPot"]);
}

#[test]
fn lenses_show_the_uses_of_a_type() {
    let (mut client, path) = start("lenses");
    let params = json!({ "textDocument": { "uri": uri(&path) } });
    let lenses = client.request("textDocument/codeLens", params).unwrap();
    let mut titles = Vec::new();
    for lens in lenses.as_array().unwrap() {
        let resolved = client.request("codeLens/resolve", lens.clone()).unwrap();
        assert_eq!(resolved["range"], lens["range"]);
        let name = &lens["data"]["name"];
        titles.push(format!("{name}: {}", resolved["command"]["title"]));
    }
    // `Color` is part of the command through the base of the union that it takes.
    assert_eq!(
        titles,
        [
            r#""Color": "used by 1 command""#,
            r#""Pot": "used by 1 command""#,
            r#""RedPot": "used by 1 command""#,
        ]
    );
}
