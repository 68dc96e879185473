//! After any edit the server reports what `qapi check` reports about the same text, and its memory stays bounded.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use qapi_test_support::Random;
use serde_json::{Value, json};

use super::client::{Client, position, scratch, uri};
use super::corpus;

/// An edit: the range of bytes to replace, and the new text.
fn edit(text: &str, random: &mut Random) -> (usize, usize, String) {
    const PIECES: [&str; 10] = [
        "'",
        "{",
        "}",
        "[",
        ",",
        ":",
        "##\n",
        "# @x: y\n",
        "\n",
        "int",
    ];
    let start = random.below(text.len());
    let length = match random.below(10) {
        0 => random.below(text.len() / 2),
        1..=3 => random.below(80),
        _ => random.below(4),
    };
    let end = (start + length).min(text.len());
    let new = match random.below(8) {
        0 => {
            let from = random.below(text.len());
            let to = (from + random.below(4_000)).min(text.len());
            text[from..to].to_owned()
        }
        1..=3 => String::new(),
        _ => PIECES[random.below(PIECES.len())].to_owned(),
    };
    (start, end, new)
}

fn place(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let column = at - before.rfind('\n').map_or(0, |it| it + 1);
    json!({ "line": before.matches('\n').count(), "character": column })
}

type Findings = BTreeMap<(String, String, String), usize>;

fn count(findings: impl Iterator<Item = (String, String, String)>) -> Findings {
    let mut counted = Findings::new();
    for finding in findings {
        *counted.entry(finding).or_default() += 1;
    }
    counted
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The findings of the command line about a schema.
fn checked(root: &Path) -> Findings {
    let output = Command::new(env!("CARGO_BIN_EXE_qapi"))
        .args(["check", "--message-format", "json"])
        .arg(root)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    count(lines.map(|it| {
        (
            uri(Path::new(&text_of(&it["file"]))),
            text_of(&it["code"]),
            text_of(&it["message"]),
        )
    }))
}

/// The findings that the server has sent.
fn sent(client: &Client) -> Findings {
    let all = client.diagnostics.iter().flat_map(|(uri, list)| {
        list.as_array()
            .unwrap()
            .iter()
            .map(move |it| (uri.clone(), it))
    });
    let coded = all.filter(|(_, it)| it["code"].is_string());
    count(coded.map(|(uri, it)| {
        let message = text_of(&it["message"]);
        let first = message.lines().next().unwrap_or_default().to_owned();
        (uri, text_of(&it["code"]), first)
    }))
}

#[test]
fn diagnostics_are_those_of_check_after_any_edit() {
    let Some(from) = corpus::qemu("10.2") else {
        return;
    };
    for (schema, file, edits) in [
        ("qapi", "block-core.json", 25),
        ("qga", "qapi-schema.json", 25),
    ] {
        let folder = scratch(&format!("random-{schema}"));
        for entry in fs::read_dir(from.join(schema)).unwrap() {
            let entry = entry.unwrap();
            fs::write(
                folder.join(entry.file_name()),
                fs::read(entry.path()).unwrap(),
            )
            .unwrap();
        }
        let path = folder.join(file);
        let whole = fs::read_to_string(&path).unwrap();
        assert!(whole.is_ascii(), "places are counted in bytes");
        let mut text = whole.clone();
        let mut random = Random::new(7);
        let mut client = Client::start(&folder, &json!({}), &Value::Null);
        client.open(&path, &text);
        client.diagnostics_of(&path, 1);
        for version in 2..edits + 2 {
            // Now and then the author undoes everything.
            if version % 6 == 0 {
                text.clone_from(&whole);
                client.replace(&path, version, &text);
            } else {
                let (start, end, new) = edit(&text, &mut random);
                let range = json!({ "start": place(&text, start), "end": place(&text, end) });
                client.change(&path, version, json!([{ "range": range, "text": new }]));
                text.replace_range(start..end, &new);
            }
            client.diagnostics_of(&path, version);
            // The diagnostics of all files come before the answer to a later request.
            client
                .request("workspace/symbol", json!({ "query": "no such name" }))
                .unwrap();
            fs::write(&path, &text).unwrap();
            assert_eq!(
                sent(&client),
                checked(&folder.join("qapi-schema.json")),
                "{file} {version}"
            );
        }
    }
}

#[test]
fn incomplete_text_is_handled() {
    let folder = scratch("prefixes");
    let path = folder.join("a.json");
    let text = "{ 'include': 'b.json' }\n##\n# @Pot:\n#\n# A @pot, `Pot`.\n#\n# @a: x\n#\n# Features:\n#\n# @f: x\n#\n# Returns: y\n##\n\
        { 'union': 'Pot', 'base': { 'é': 'Kind', '*a': ['int'] }, 'discriminator': 'é',\n  'data': { 'x': { 'type': 'A', 'if': { 'not': 'B' } } },\n\
        \x20 'features': [ 'f', { 'name': 'g', 'if': 'C' } ], 'boxed': true }\n";
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&path, "");
    let document = json!({ "uri": uri(&path) });
    for (version, (end, _)) in (2..).zip(text.char_indices()) {
        let prefix = &text[..end];
        client.replace(&path, version, prefix);
        let place = place(prefix, end);
        let at = json!({ "textDocument": document, "position": place });
        for method in [
            "hover",
            "definition",
            "completion",
            "prepareRename",
            "prepareCallHierarchy",
        ] {
            client
                .request(&format!("textDocument/{method}"), at.clone())
                .unwrap();
        }
        let whole = json!({ "textDocument": document, "range": { "start": { "line": 0, "character": 0 }, "end": place } });
        for method in [
            "documentSymbol",
            "foldingRange",
            "documentLink",
            "inlayHint",
            "semanticTokens/full",
        ] {
            client
                .request(&format!("textDocument/{method}"), whole.clone())
                .unwrap();
        }
        let params = json!({ "textDocument": document, "range": { "start": place, "end": place }, "context": { "diagnostics": [] } });
        client.request("textDocument/codeAction", params).unwrap();
        let params = json!({ "textDocument": document, "positions": [place] });
        client
            .request("textDocument/selectionRange", params)
            .unwrap();
    }
    assert_eq!(client.finish(), 0);
}

#[test]
fn files_may_vanish_and_come_back() {
    let folder = scratch("vanish");
    let (main, part) = (folder.join("main.json"), folder.join("part.json"));
    let text = "{ 'include': 'part.json' }\n";
    fs::write(&main, text).unwrap();
    fs::write(&part, "").unwrap();
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&main, text);
    assert_eq!(client.diagnostics_of(&main, 1), [] as [Value; 0]);
    fs::remove_file(&part).unwrap();
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    client.replace(&main, 2, text);
    assert_eq!(client.diagnostics_of(&main, 2)[0]["code"], "INC-READ");
    // An unsaved file is a file.
    client.open(&part, "{ 'struct': 'Part', 'data': {} }\n");
    client.replace(&main, 3, text);
    assert_eq!(client.diagnostics_of(&main, 3), [] as [Value; 0]);
}

#[test]
fn requests_that_are_taken_back_are_answered_once() {
    let folder = scratch("cancel");
    let path = folder.join("a.json");
    let text = "{ 'struct': 'Pot', 'data': { 'x': 'int' } }\n".repeat(2_000);
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&path, &text);
    let params =
        json!({ "textDocument": { "uri": uri(&path) }, "position": position(&text, "'^Pot'") });
    let ids: Vec<_> = (0..100)
        .map(|_| client.ask("textDocument/hover", params.clone()))
        .collect();
    for id in &ids {
        client.notify("$/cancelRequest", json!({ "id": id }));
    }
    for id in ids {
        if let Err(error) = client.answer(id) {
            assert_eq!(error["code"], -32800);
        }
    }
    assert_eq!(client.finish(), 0);
}

#[test]
fn large_buffers_are_served() {
    let folder = scratch("large");
    let path = folder.join("a.json");
    let mut text = String::new();
    for number in 0.. {
        let line = format!("{{ 'struct': 'Pot{number}', 'data': {{ 'y': 'Pot0' }} }}\n");
        text.push_str(&line);
        if text.len() > 5 << 20 {
            break;
        }
    }
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&path, &text);
    client.diagnostics_of(&path, 1);
    let hover = client.at("textDocument/hover", &path, &text, "'^Pot7'");
    assert!(text_of(&hover["contents"]["value"]).contains("Pot7"));
    assert_eq!(client.finish(), 0);
}

/// An editor that sends and never reads: the server neither hangs nor grows.
#[test]
fn an_editor_may_never_read() {
    use std::io::Write;
    use std::process::Stdio;
    let mut process = Command::new(env!("CARGO_BIN_EXE_qapi"))
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut send = |message: Value| {
        let text = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    };
    let path = scratch("never-reads").join("a.json");
    send(json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
    let document = json!({ "uri": uri(&path), "languageId": "qapi", "version": 1, "text": "" });
    send(json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }));
    let wrong = "{ 'struct': 'Pot', 'data': { 'x': 'Gone' } }\n".repeat(50);
    for version in 2..2_000 {
        let document = json!({ "uri": uri(&path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": wrong }] });
        send(json!({ "method": "textDocument/didChange", "params": params }));
    }
    send(json!({ "method": "exit" }));
    let status = process.wait().unwrap();
    assert_eq!(
        status.code(),
        Some(1),
        "it exits although nobody reads its last messages"
    );
}

/// Thousands of edits leave nothing behind. The schema has parts of its own, an error most of the time, and files that are
/// included and forgotten again.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_edits() {
    /// Edits until memory has the size that it needs, and all of them.
    const WARM: i64 = 1_000;
    const ALL: i64 = 10_000;
    /// In KiB: less than the texts alone would take if each edit left one behind.
    const MARGIN: u64 = 8 * 1024;
    let folder = scratch("memory");
    let part = |number: usize| {
        let members = 0..25;
        let structs = members.map(|member| {
            let name = format!("Pot{number}x{member}");
            format!(
                "##\n# @{name}:\n#\n# @y: the pot\n##\n{{ 'struct': '{name}', 'data': {{ 'y': 'int' }} }}\n"
            )
        });
        structs.collect::<Vec<_>>().join("\n")
    };
    for number in 0..4 {
        fs::write(folder.join(format!("part{number}.json")), part(number)).unwrap();
    }
    let path = folder.join("main.json");
    let whole = format!("{{ 'include': 'part0.json' }}\n{}", part(9));
    let mut text = whole.clone();
    let mut random = Random::new(3);
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&path, &text);
    let mut warm = 0;
    for version in 2..ALL {
        if version % 20 == 0 {
            let include = format!("'part{}.json'", random.below(4));
            text = whole.replace("'part0.json'", &include);
            client.replace(&path, version, &text);
        } else {
            let (start, end, new) = edit(&text, &mut random);
            let (end, new) = (end.min(start + 80), &new[..new.len().min(200)]);
            let range = json!({ "start": place(&text, start), "end": place(&text, end) });
            client.change(&path, version, json!([{ "range": range, "text": new }]));
            text.replace_range(start..end, new);
        }
        client.diagnostics_of(&path, version);
        if version == WARM {
            warm = resident(&client);
        }
    }
    let last = resident(&client);
    assert!(last < warm + MARGIN, "{warm} KiB, then {last} KiB");
    assert_eq!(client.finish(), 0);
}

/// Resident memory of the server, in KiB.
#[cfg(target_os = "linux")]
fn resident(client: &Client) -> u64 {
    let path = format!("/proc/{}/status", client.process.id());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let digits = line.unwrap().trim().trim_end_matches(" kB");
    digits.parse().unwrap()
}
