//! Sessions: opening, diagnostics, positions, and all that may go wrong.

use std::fs;

use serde_json::{Value, json};

use super::client::{Client, scratch, uri};
use crate::broken::{BYTES_EACH, FIXED_BYTES, broken_schemas};

const MAIN: &str = "{ 'include': 'a.json' }\n{ 'include': 'b.json' }\n";
const A: &str = "{ 'struct': 'Apple', 'data': { 'x': 'int' } }\n";
const B: &str = "{ 'struct': 'Bowl', 'data': { 'a': 'Apple' } }\n";

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    let codes = diagnostics.iter().filter_map(|it| it["code"].as_str());
    codes.collect()
}

#[test]
fn diagnostics_come_and_go_in_all_files_of_the_schema() {
    let folder = scratch("come-and-go");
    for (name, text) in [("main.json", MAIN), ("a.json", A), ("b.json", B)] {
        fs::write(folder.join(name), text).unwrap();
    }
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    let (a, b) = (folder.join("a.json"), folder.join("b.json"));
    client.open(&a, A);
    assert_eq!(client.diagnostics_of(&a, 1), [] as [Value; 0]);
    // The type is gone, and the file that uses it is not even open.
    client.replace(&a, 2, "{ 'struct': 'Cherry', 'data': { 'x': 'int' } }\n");
    assert_eq!(client.diagnostics_of(&a, 2), [] as [Value; 0]);
    let of_b = client
        .wait(|it| it["params"]["uri"] == uri(&b) && it["params"]["diagnostics"] != json!([]));
    let found = &of_b["params"]["diagnostics"][0];
    assert_eq!(found["code"], "REF-UNKNOWN");
    assert_eq!(
        found["codeDescription"]["href"],
        "qapi-explain:/REF-UNKNOWN.md"
    );
    assert_eq!(
        found["range"]["start"],
        json!({ "line": 0, "character": 35 })
    );
    client.replace(&a, 3, A);
    client.wait(|it| it["params"]["uri"] == uri(&b) && it["params"]["diagnostics"] == json!([]));
    // Two definitions of one name: each other's related place.
    client.open(&b, "{ 'struct': 'Apple', 'data': {} }\n");
    let found = client.diagnostics_of(&b, 1);
    assert_eq!(codes(&found), ["DEF-DUP"]);
    assert_eq!(
        found[0]["relatedInformation"][0]["location"]["uri"],
        uri(&a)
    );
    assert_eq!(client.finish(), 0);
}

#[test]
fn files_alone_are_checked_alone_and_say_so() {
    let folder = scratch("alone");
    let path = folder.join("new.json");
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&path, "{ 'struct': 'Apple', 'data': { 'x': 'Gone' } }\n");
    let found = client.diagnostics_of(&path, 1);
    assert_eq!(codes(&found), ["REF-UNKNOWN"]);
    assert_eq!(found[1]["severity"], 3);
    let text = found[1]["message"].as_str().unwrap();
    assert!(text.contains("checked as a schema by itself"), "{text}");
}

#[test]
fn positions_are_counted_as_negotiated() {
    for (offered, unit, column) in [
        (json!(null), "utf-16", 19),
        (json!(["utf-16"]), "utf-16", 19),
        (json!(["utf-32"]), "utf-32", 18),
        (json!(["utf-16", "utf-8"]), "utf-8", 21),
    ] {
        let folder = scratch(&format!("positions-{unit}"));
        let path = folder.join("a.json");
        let mut client = Client::raw();
        let params = json!({
            "rootUri": uri(&folder),
            "capabilities": { "general": { "positionEncodings": offered } },
        });
        let opened = client.request("initialize", params).unwrap();
        assert_eq!(opened["capabilities"]["positionEncoding"], unit);
        client.notify("initialized", json!({}));
        // The stray character comes after one of four bytes; lines end as on Windows.
        client.open(&path, "# x\r\n{ 'struct': 'S😀', ? 'data': {} }\r\n");
        let found = client.diagnostics_of(&path, 1);
        let stray = found.iter().find(|it| it["code"] == "LEX-STRAY").unwrap();
        assert_eq!(
            stray["range"]["start"],
            json!({ "line": 1, "character": column })
        );
        let from = json!({ "line": 1, "character": column });
        let to = json!({ "line": 1, "character": column + 2 });
        let change = json!([{ "range": { "start": from, "end": to }, "text": "" }]);
        client.change(&path, 2, change);
        let found = client.diagnostics_of(&path, 2);
        assert!(!codes(&found).contains(&"LEX-STRAY"), "{found:?}");
    }
}

#[test]
fn diagnostics_can_be_asked_for() {
    let folder = scratch("pull");
    let path = folder.join("a.json");
    let capabilities = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    let mut client = Client::start(&folder, &capabilities, &Value::Null);
    client.open(&path, "{ 'struct': 'Apple', 'data': { 'x': 'Gone' } }\n");
    client.wait(|it| it["method"] == "workspace/diagnostic/refresh");
    let document = json!({ "uri": uri(&path) });
    let params = json!({ "textDocument": document });
    let report = client.request("textDocument/diagnostic", params).unwrap();
    assert_eq!(report["kind"], "full");
    assert_eq!(codes(report["items"].as_array().unwrap()), ["REF-UNKNOWN"]);
    let params = json!({ "textDocument": document, "previousResultId": report["resultId"] });
    let again = client.request("textDocument/diagnostic", params).unwrap();
    assert_eq!(again["kind"], "unchanged");
    let params = json!({ "previousResultIds": [] });
    let all = client.request("workspace/diagnostic", params).unwrap();
    assert_eq!(all["items"][0]["uri"], uri(&path));
    assert_eq!(all["items"][0]["items"], report["items"]);
}

#[test]
fn settings_come_from_the_editor_and_from_files() {
    let folder = scratch("settings");
    let path = folder.join("a.json");
    let old = "{ 'type': 'Apple', 'data': {} }\n";
    fs::write(&path, old).unwrap();
    let mut client = Client::start(&folder, &json!({}), &json!({ "dialect": "strict" }));
    client.open(&path, old);
    assert_eq!(codes(&client.diagnostics_of(&path, 1)), ["META-ONE"]);
    let settings = json!({ "settings": { "qapi": { "dialect": "auto" } } });
    client.notify("workspace/didChangeConfiguration", settings);
    client.replace(&path, 2, old);
    assert_eq!(codes(&client.diagnostics_of(&path, 2)), ["OLD-ERA"]);
    let settings = json!({ "settings": { "qapi": { "showOldForms": true } } });
    client.notify("workspace/didChangeConfiguration", settings);
    client.replace(&path, 3, old);
    let found = client.diagnostics_of(&path, 3);
    assert_eq!(codes(&found), ["OLD-STRUCT-TYPE"]);
    assert_eq!(found[0]["tags"], json!([2]));
    fs::write(
        folder.join("qapi.toml"),
        "[lints]\nOLD-STRUCT-TYPE = 'allow'\n",
    )
    .unwrap();
    client.replace(&path, 4, old);
    assert_eq!(codes(&client.diagnostics_of(&path, 4)), [] as [&str; 0]);
    fs::write(folder.join("qapi.toml"), "[lints]\nNO-SUCH = 'allow'\n").unwrap();
    client.replace(&path, 5, old);
    let shown = client.wait(|it| it["method"] == "window/showMessage");
    let text = shown["params"]["message"].as_str().unwrap();
    assert!(text.contains("NO-SUCH"), "{text}");
}

#[test]
fn wrong_messages_end_no_connection() {
    let folder = scratch("wrong");
    let mut client = Client::raw();
    let error = client.request("textDocument/hover", json!({})).unwrap_err();
    assert_eq!(error["code"], -32002);
    client
        .request(
            "initialize",
            json!({ "rootUri": uri(&folder), "capabilities": {} }),
        )
        .unwrap();
    client.send_bytes(b"noise\r\n\r\nContent-Length: 3\r\n\r\n{]}");
    client.wait(|it| it["method"] == "window/logMessage");
    let error = client
        .request("textDocument/hover", json!({ "textDocument": 1 }))
        .unwrap_err();
    assert_eq!(error["code"], -32602);
    let error = client.request("no/such", json!({})).unwrap_err();
    assert_eq!(error["code"], -32601);
    let gone = json!({ "textDocument": { "uri": "file:///gone.json" }, "position": { "line": 0, "character": 0 } });
    assert_eq!(
        client.request("textDocument/hover", gone).unwrap_err()["code"],
        -32602
    );
    client.notify("textDocument/didChange", json!({ "textDocument": {} }));
    client.wait(|it| it["method"] == "window/logMessage");
    client.request("shutdown", Value::Null).unwrap();
    let error = client.request("shutdown", Value::Null).unwrap_err();
    assert_eq!(error["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.vanish(), 0);
}

#[test]
fn an_editor_may_go_away() {
    let folder = scratch("away");
    let client = Client::start(&folder, &json!({}), &Value::Null);
    assert_eq!(client.vanish(), 1);
}

#[test]
fn diagnostics_of_broken_schemas_are_short() {
    let folder = scratch("broken");
    let path = folder.join("broken.json");
    let mut client = Client::start(&folder, &json!({}), &Value::Null);
    client.open(&path, "");
    for ((name, text), version) in broken_schemas().into_iter().zip(2..) {
        client.replace(&path, version, &text);
        let found = client.diagnostics_of(&path, version);
        let size = json!(found).to_string().len();
        assert!(!found.is_empty(), "{name}");
        let limit = FIXED_BYTES + BYTES_EACH * found.len();
        assert!(size <= limit, "{name}: {size} bytes for {}", found.len());
    }
    assert_eq!(client.finish(), 0);
}
