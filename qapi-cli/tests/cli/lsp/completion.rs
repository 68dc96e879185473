//! Completion over the protocol: what is offered, and the text that results.

use std::fs;

use serde_json::{Value, json};

use super::client::{Client, position, scratch};

const SCHEMA: &str = "\
{ 'enum': 'Color', 'data': [ 'red', 'blue' ] }
{ 'struct': 'Base', 'data': { 'color': 'Color', 'size': 'int' } }
{ 'struct': 'RedPot', 'data': {}, 'features': [ 'deprecated' ] }

";

/// The labels that are offered where `^` stands after the schema, and the text after choosing the one with this label.
fn complete(
    client: &mut Client,
    path: &std::path::Path,
    text: &str,
    choice: &str,
) -> (Vec<String>, String) {
    let text = format!("{SCHEMA}{text}");
    let plain = text.replacen('^', "", 1);
    client.open(path, &plain);
    let mark = &text[text.find('^').unwrap() - 8..];
    let answer = client.at("textDocument/completion", path, &plain, mark);
    client.notify(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": super::client::uri(path) } }),
    );
    let items = answer["items"].as_array().unwrap();
    let labels = items
        .iter()
        .map(|it| it["label"].as_str().unwrap().to_owned())
        .collect();
    let Some(item) = items.iter().find(|it| it["label"] == choice) else {
        return (labels, String::new());
    };
    let edit = &item["textEdit"];
    let line = edit["range"]["start"]["line"].as_u64().unwrap() as usize;
    let column = |end: &str| edit["range"][end]["character"].as_u64().unwrap() as usize;
    let line = plain.lines().nth(line).unwrap_or_default();
    let new = edit["newText"].as_str().unwrap();
    let result = format!(
        "{}{new}{}",
        &line[..column("start")],
        &line[column("end")..]
    );
    (labels, result)
}

#[test]
fn the_text_is_right_after_choosing() {
    let folder = scratch("completion");
    let path = folder.join("main.json");
    fs::write(folder.join("other.json"), "").unwrap();
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    for (text, choice, wanted) in [
        (
            "{ 'command': 'a', 'returns': '^' }\n",
            "Color",
            "{ 'command': 'a', 'returns': 'Color' }",
        ),
        (
            "{ 'command': 'a', 'returns': ^ }\n",
            "Color",
            "{ 'command': 'a', 'returns': 'Color' }",
        ),
        (
            "{ 'command': 'a', 'returns': 'Co^\n",
            "Color",
            "{ 'command': 'a', 'returns': 'Color'",
        ),
        (
            "{ 'command': 'a', 'data': 'RedP^ot' }\n",
            "Base",
            "{ 'command': 'a', 'data': 'Base' }",
        ),
        (
            "{ 'command': 'a', ^\n",
            "returns",
            "{ 'command': 'a', 'returns': ",
        ),
        (
            "{ 'command': 'a', 'ret^': 'Color' }\n",
            "returns",
            "{ 'command': 'a', 'returns': 'Color' }",
        ),
        (
            "{ 'command': 'a', 'boxed': ^ }\n",
            "true",
            "{ 'command': 'a', 'boxed': true }",
        ),
        (
            "{ 'union': 'Pot', 'base': 'Base', 'discriminator': '^'\n",
            "color",
            "{ 'union': 'Pot', 'base': 'Base', 'discriminator': 'color'",
        ),
        (
            "{ 'union': 'Pot', 'base': 'Base', 'discriminator': 'color', 'data': { '^ } }\n",
            "red",
            "{ 'union': 'Pot', 'base': 'Base', 'discriminator': 'color', 'data': { 'red':  } }",
        ),
        (
            "{ 'struct': 'A', 'features': [ '^' ] }\n",
            "unstable",
            "{ 'struct': 'A', 'features': [ 'unstable' ] }",
        ),
        (
            "{ 'include': '^' }\n",
            "other.json",
            "{ 'include': 'other.json' }",
        ),
        (
            "##\n# @Some:\n#\n# Like @Co^\n##\n",
            "Color",
            "# Like @Color",
        ),
        (
            "##\n# @Some:\n#\n# @x^\n##\n{ 'struct': 'Some', 'data': { 'xyz': 'int' } }\n",
            "xyz",
            "# @xyz: ",
        ),
        (
            "##\n# @^\n##\n{ 'struct': 'Some', 'data': { 'xyz': 'int' } }\n",
            "Some",
            "# @Some:",
        ),
        (
            "##\n# @Some:\n#\n# Ret^\n##\n",
            "Returns:",
            "# Returns: the reply",
        ),
    ] {
        let (labels, result) = complete(&mut client, &path, text, choice);
        assert_eq!(result, wanted, "{text}{labels:?}");
    }
}

#[test]
fn only_what_fits_is_offered() {
    let folder = scratch("completion-fits");
    let path = folder.join("main.json");
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    for (text, wanted) in [
        (
            "{ 'struct': 'A', 'base': '^' }\n",
            &["A", "Base", "RedPot"][..],
        ),
        (
            "{ 'enum': 'A', ^ }\n",
            &["data", "prefix", "features", "if"],
        ),
        (
            "{ 'struct': 'A', 'data': { 'x': { 'type': 'int', '^' } } }\n",
            &["if", "features"],
        ),
        ("{ 'enum': 'A', 'data': [ '^' ] }\n", &[]),
    ] {
        let (labels, _) = complete(&mut client, &path, text, "");
        assert_eq!(labels, wanted, "{text}");
    }
    let (labels, _) = complete(
        &mut client,
        &path,
        "{ 'struct': 'A', 'data': { 'x': '^' } }\n",
        "",
    );
    assert!(labels.contains(&"Color".to_owned()) && labels.contains(&"uint8".to_owned()));
    let (labels, _) = complete(&mut client, &path, "\n\n\n\n\n\n\n\n^", "");
    assert!(labels.contains(&"command".to_owned()), "{labels:?}");
}

#[test]
fn the_chosen_one_is_described_when_looked_at() {
    let folder = scratch("completion-resolve");
    let path = folder.join("main.json");
    let snippets = json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
    let mut client = Client::start(&folder, &snippets, &Value::Null);
    let text = format!("{SCHEMA}{{ 'command': 'a', 'returns': '' }}\n\n");
    client.open(&path, &text);
    let answer = client.at("textDocument/completion", &path, &text, "'returns': '^'");
    let items = answer["items"].as_array().unwrap();
    let item = |label: &str| items.iter().find(|it| it["label"] == label).unwrap();
    assert_eq!(item("RedPot")["tags"], json!([1]));
    let resolved = client
        .request("completionItem/resolve", item("Color").clone())
        .unwrap();
    let page = resolved["documentation"]["value"].as_str().unwrap();
    assert!(
        page.contains("'red'") && page.contains("**Used by** `Base`"),
        "{page}"
    );
    let answer = client.at("textDocument/completion", &path, &text, "}\n^\n");
    let items = answer["items"].as_array().unwrap();
    let command = items.iter().find(|it| it["label"] == "command").unwrap();
    assert_eq!(command["insertTextFormat"], 2);
    assert!(
        command["textEdit"]["newText"]
            .as_str()
            .unwrap()
            .contains("${1:verb-noun}")
    );
}

#[test]
fn common_parts_are_sent_once_to_editors_that_support_it() {
    let folder = scratch("shared-items");
    let path = folder.join("a.json");
    let text = "##\n# @Pot:\n#\n# A pot.\n##\n{ 'struct': 'Pot', 'data': { 'x': 'Po' } }\n";
    let list = json!({ "itemDefaults": ["commitCharacters", "editRange", "data"] });
    let capabilities = json!({ "textDocument": { "completion": { "completionList": list } } });
    let mut client = Client::start(&folder, &capabilities, &Value::Null);
    client.open(&path, text);
    let found = client.at("textDocument/completion", &path, text, "'^Po' }");
    let defaults = &found["itemDefaults"];
    assert_eq!(defaults["editRange"]["start"], position(text, "'^Po' }"));
    let items = found["items"].as_array().unwrap();
    let pot = items.iter().find(|it| it["label"] == "Pot").unwrap();
    assert!(
        pot.get("textEdit").is_none() && pot.get("data").is_none(),
        "{pot}"
    );
    // The editor inserts the common parts before it asks for more.
    let mut asked = pot.clone();
    asked["data"] = defaults["data"].clone();
    let resolved = client.request("completionItem/resolve", asked).unwrap();
    let page = resolved["documentation"]["value"].as_str().unwrap();
    assert!(page.contains("A pot."), "{page}");
}
