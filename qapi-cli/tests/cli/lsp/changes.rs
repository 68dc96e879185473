//! Changes over the protocol: the texts that result, and that they are right.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::client::{Client, position, scratch, uri};

/// The text after the changes of one file, whose places are counted in UTF-16 of ASCII.
fn applied(text: &str, edits: &Value) -> String {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let offset = |place: &Value| {
        let line = place["line"].as_u64().unwrap() as usize;
        starts[line] + place["character"].as_u64().unwrap() as usize
    };
    let mut edits: Vec<_> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let range = &it["range"];
            (
                offset(&range["start"]),
                offset(&range["end"]),
                it["newText"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}

fn start(name: &str, files: &[(&str, &str)]) -> (Client, PathBuf) {
    let folder = scratch(name);
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    let path = folder.join(files[0].0);
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&path, files[0].1);
    client.diagnostics_of(&path, 1);
    (client, path)
}

fn actions(
    client: &mut Client,
    path: &Path,
    text: &str,
    mark: &str,
    only: &str,
) -> BTreeMap<String, Value> {
    let place = position(text, mark);
    let params = json!({
        "textDocument": { "uri": uri(path) },
        "range": { "start": place, "end": place },
        "context": { "diagnostics": [], "only": [only] },
    });
    let answer = client.request("textDocument/codeAction", params).unwrap();
    let all = answer.as_array().unwrap().iter();
    let edits = |it: &Value| it["edit"]["changes"][uri(path)].clone();
    all.map(|it| (it["title"].as_str().unwrap().to_owned(), edits(it)))
        .collect()
}

const POT: &str = "\
{ 'include': 'color.json' }
##
# @Pot:
#
# Has a @lid, unlike @Color and `Color`.
#
# @size: how large
#
# @lid: what is on it
##
{ 'struct': 'Pot', 'data': { 'lid': 'Color', '*size': 'int' } }
{ 'union': 'Lid', 'base': { 'color': 'Color' }, 'discriminator': 'color', 'data': { 'red': 'Pot' } }
";

const COLOR: &str = "{ 'enum': 'Color', 'data': [ 'red', 'blue' ] }\n";

#[test]
fn renaming_reaches_all_uses_in_all_files_and_the_schema_stays_right() {
    for (mark, new, of_pot, of_color) in [
        ("'lid': '^Color'", "Paint", 4, 1),
        ("'^lid': 'Color'", "cover", 3, 0),
        ("# @^lid: what", "cover", 3, 0),
        ("'^red': 'Pot'", "crimson", 1, 1),
        ("'^color', 'data'", "kind", 2, 0),
    ] {
        let (mut client, path) = start("rename", &[("pot.json", POT), ("color.json", COLOR)]);
        let color = path.with_file_name("color.json");
        let place = position(POT, mark);
        let params = json!({
            "textDocument": { "uri": uri(&path) }, "position": place, "newName": new,
        });
        let range = client.at("textDocument/prepareRename", &path, POT, mark);
        assert_eq!(range["start"], place);
        let answer = client.request("textDocument/rename", params).unwrap();
        let changes = &answer["changes"];
        let count = |path: &Path| changes[uri(path)].as_array().map_or(0, Vec::len);
        assert_eq!(
            (count(&path), count(&color)),
            (of_pot, of_color),
            "{mark}: {answer:#}"
        );
        if of_color > 0 {
            fs::write(&color, applied(COLOR, &changes[uri(&color)])).unwrap();
        }
        client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
        let renamed = applied(POT, &changes[uri(&path)]);
        client.replace(&path, 2, &renamed);
        assert_eq!(
            client.diagnostics_of(&path, 2),
            [] as [Value; 0],
            "{renamed}"
        );
    }
}

#[test]
fn names_that_cannot_be_are_refused() {
    let (mut client, path) = start(
        "rename-refused",
        &[("pot.json", POT), ("color.json", COLOR)],
    );
    for (mark, new, reason) in [
        ("'lid': '^Color'", "Pot", "there is a `Pot` already"),
        ("'lid': '^Color'", "a b", "is not a valid name"),
        ("'^lid': 'Color'", "size", "there is a `size` already"),
        ("'*size': '^int'", "number", "nothing here can be renamed"),
    ] {
        let params = json!({
            "textDocument": { "uri": uri(&path) }, "position": position(POT, mark), "newName": new,
        });
        let error = client.request("textDocument/rename", params).unwrap_err();
        let text = error["message"].as_str().unwrap();
        assert!(text.contains(reason), "{text}");
    }
}

#[test]
fn suggestions_are_quick_fixes_and_certain_ones_are_made_together() {
    let text = "{ 'struct': 'Pot' 'data': { 'x': 'sttr' } }\n{ 'struct': 'Lid' 'data': {} }\n";
    let (mut client, path) = start("fixes", &[("pot.json", text)]);
    let fixes = actions(&mut client, &path, text, "'data': { 'x'", "quickfix");
    let (title, edits) = fixes.first_key_value().expect("there is a comma to add");
    assert!(title.contains("comma"), "{title}");
    let fixed = applied(text, edits);
    assert!(fixed.starts_with("{ 'struct': 'Pot', 'data'"), "{fixed}");
    let all = actions(&mut client, &path, text, "{ 'struct'", "source.fixAll");
    let fixed = applied(text, all.values().next().unwrap());
    assert_eq!(fixed.matches("', 'data'").count(), 2, "{fixed}");
}

#[test]
fn documentation_is_written_completed_sorted_and_moved() {
    let (mut client, path) = start("rewrite", &[("pot.json", POT), ("color.json", COLOR)]);
    let all = actions(&mut client, &path, POT, "{ 'struct'", "refactor");
    let sorted = applied(POT, &all["sort the descriptions as the members are"]);
    let (lid, size) = (
        sorted.find("# @lid:").unwrap(),
        sorted.find("# @size:").unwrap(),
    );
    assert!(
        lid < size && sorted.contains("# @size: how large\n##\n"),
        "{sorted}"
    );
    let all = actions(&mut client, &path, POT, "{ 'union'", "refactor");
    let written = applied(POT, &all["write documentation for `Lid`"]);
    client.replace(&path, 2, &written);
    assert_eq!(
        client.diagnostics_of(&path, 2),
        [] as [Value; 0],
        "{written}"
    );
    let extracted = applied(POT, &all["extract the members as struct `LidBase`"]);
    client.replace(&path, 3, &extracted);
    assert_eq!(
        client.diagnostics_of(&path, 3),
        [] as [Value; 0],
        "{extracted}"
    );
    // One description of two is there: the other is put in front.
    let partly = POT
        .replace("# @lid: what is on it\n", "")
        .replace("# @size: how large\n#\n", "# @size: how large\n");
    client.replace(&path, 4, &partly);
    let codes: Vec<_> = client
        .diagnostics_of(&path, 4)
        .iter()
        .map(|it| it["code"].clone())
        .collect();
    assert_eq!(codes, ["OLD-ERA"]);
    let all = actions(&mut client, &path, &partly, "{ 'struct'", "refactor");
    let complete = applied(&partly, &all["describe the missing members"]);
    client.replace(&path, 5, &complete);
    assert_eq!(
        client.diagnostics_of(&path, 5),
        [] as [Value; 0],
        "{complete}"
    );
    assert!(
        complete.contains("# @lid: to be described\n#\n# @size"),
        "{complete}"
    );
}

#[test]
fn formatting_changes_only_lines_that_differ() {
    let text = "{ 'struct': 'Pot', 'data': {} }\r\n\r\n{'struct':'Lid','data':{}}\r\n\r\n{'struct':'Cup','data':{}}\r\n";
    let (mut client, path) = start("format", &[("pot.json", text)]);
    let document = json!({ "uri": uri(&path) });
    let params =
        json!({ "textDocument": document, "options": { "tabSize": 2, "insertSpaces": true } });
    let edits = client.request("textDocument/formatting", params).unwrap();
    let edits = edits.as_array().unwrap();
    assert_eq!(
        edits[0]["range"]["start"],
        json!({ "line": 2, "character": 0 })
    );
    assert_eq!(edits[0]["newText"], "{'struct': 'Lid', 'data': {}}\r\n");
    assert_eq!(edits.len(), 2);
    let place = json!({ "line": 4, "character": 3 });
    let params = json!({
        "textDocument": document, "range": { "start": place, "end": place },
        "options": { "tabSize": 2, "insertSpaces": true },
    });
    let edits = client
        .request("textDocument/rangeFormatting", params)
        .unwrap();
    assert_eq!(edits.as_array().unwrap().len(), 1);
    assert_eq!(edits[0]["range"]["start"]["line"], 4);
    // What is not well-formed is left alone.
    client.replace(&path, 2, "{ 'struct'\n");
    let params =
        json!({ "textDocument": document, "options": { "tabSize": 2, "insertSpaces": true } });
    assert_eq!(
        client.request("textDocument/formatting", params),
        Ok(Value::Null)
    );
}

#[test]
fn files_have_structure() {
    let (mut client, path) = start("structure", &[("pot.json", POT), ("color.json", COLOR)]);
    let document = json!({ "textDocument": { "uri": uri(&path) } });
    let folds = client
        .request("textDocument/foldingRange", document.clone())
        .unwrap();
    assert_eq!(
        folds,
        json!([{ "startLine": 1, "endLine": 9, "kind": "comment" }])
    );
    let links = client
        .request("textDocument/documentLink", document.clone())
        .unwrap();
    assert_eq!(links[0]["target"], uri(&path.with_file_name("color.json")));
    let place = position(POT, "'^lid': 'Color'");
    let params = json!({ "textDocument": { "uri": uri(&path) }, "positions": [place] });
    let mut range = client
        .request("textDocument/selectionRange", params)
        .unwrap()[0]
        .clone();
    let mut widths = 0;
    while !range["parent"].is_null() {
        range = range["parent"].clone();
        widths += 1;
    }
    assert!(
        widths >= 5,
        "name, string, member, object, definition, file"
    );
    assert_eq!(
        range["range"]["start"],
        json!({ "line": 0, "character": 0 })
    );
    let whole =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri(&path) }, "range": whole });
    let hints = client.request("textDocument/inlayHint", params).unwrap();
    let labels: Vec<_> = hints
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["label"].clone())
        .collect();
    assert_eq!(labels, [": Color", " { lid, *size }"]);
    let tokens = client
        .request("textDocument/semanticTokens/full", document)
        .unwrap();
    let data = tokens["data"].as_array().unwrap();
    // The keyword of the directive, then the name in the header: a struct in documentation.
    assert_eq!(data[..10], [0, 3, 7, 0, 0, 2, 3, 3, 2, 2].map(Value::from));
}

#[test]
fn uses_have_a_hierarchy() {
    let (mut client, path) = start("calls", &[("pot.json", POT), ("color.json", COLOR)]);
    let item = client.at(
        "textDocument/prepareCallHierarchy",
        &path,
        POT,
        "'lid': '^Color'",
    );
    assert_eq!(item[0]["name"], "Color");
    let params = json!({ "item": item[0] });
    let incoming = client
        .request("callHierarchy/incomingCalls", params)
        .unwrap();
    let names: Vec<_> = incoming
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["from"]["name"].clone())
        .collect();
    assert_eq!(names, ["Pot", "Lid"]);
    let params = json!({ "item": incoming[1]["from"] });
    let outgoing = client
        .request("callHierarchy/outgoingCalls", params)
        .unwrap();
    let names: Vec<_> = outgoing
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["to"]["name"].clone())
        .collect();
    assert_eq!(names, ["Color", "Pot"]);
}

#[test]
fn parts_that_are_not_built_are_greyed_out() {
    let folder = scratch("unbuilt");
    let path = folder.join("a.json");
    let text = "{ 'struct': 'Pot', 'data': { 'x': { 'type': 'int', 'if': 'CONFIG_X' } }, 'if': 'CONFIG_Y' }\n";
    let mut client = Client::start(&folder, &json!({}), &json!({ "define": ["CONFIG_Y"] }));
    client.open(&path, text);
    let found = client.diagnostics_of(&path, 1);
    assert_eq!(found[0]["tags"], json!([1]));
    assert_eq!(found[0]["severity"], 4);
    assert_eq!(found[0]["range"]["start"], position(text, "'x': {"));
}

#[test]
fn pages_about_codes_have_addresses() {
    let (mut client, _) = start("pages", &[("color.json", COLOR)]);
    let params = json!({ "uri": "qapi-explain:/TAG-ENUM.md" });
    let page = client
        .request("workspace/textDocumentContent", params)
        .unwrap();
    assert!(
        page["text"].as_str().unwrap().starts_with("# TAG-ENUM: "),
        "{page}"
    );
    let params = json!({ "uri": "qapi-explain:/NO.md" });
    assert_eq!(
        client
            .request("workspace/textDocumentContent", params)
            .unwrap_err()["code"],
        -32602
    );
}
