import assert from "node:assert";
import { test } from "node:test";
import { isConfigured, isSchema, schemasOf, serverCommand } from "../src/detect";

test("schemas are told from JSON", () => {
  for (const [text, wanted] of [
    ["{ 'include': 'a.json' }", true],
    ["# -*- Mode: Python -*-\n\n##\n# = Title\n##\n", true],
    ["# a comment\n{ 'struct': 'A', 'data': {} }", true],
    ["\r\n{'pragma': {}}\r\n", true],
    ['{ "include": "a.json" }', false],
    ["[1, 2]", false],
    ["", false],
    ["# only a comment", false],
    ["{ 'other': 1 }", false],
  ] as const) {
    assert.equal(isSchema(text), wanted, text);
  }
});

test("the server is found by name or by path", () => {
  assert.equal(serverCommand(undefined, undefined), "qapi");
  assert.equal(serverCommand(" ", "/w"), "qapi");
  assert.equal(serverCommand("${workspaceFolder}/bin/qapi", "/w"), "/w/bin/qapi");
});

test("settings name schemas", () => {
  const toml = `
[schemas.agent]
path = "agent/main.json" # path = "no.json"
[schemas.machine]
revisions = [ { name = "7 # 2", path = 'old/main.json' }, { path="new/main.json" } ]
# path = "gone.json"
[[diff.ignore]]
path = "query-machine reply.*"
`;
  assert.deepEqual(schemasOf(toml), ["agent/main.json", "old/main.json", "new/main.json"]);
  const mains = ["/w/agent/main.json"];
  for (const [path, text, wanted] of [
    ["/w/agent/main.json", "", true],
    ["/w/agent/main.json", "{}", true],
    ["/w/agent/part.json", "", true],
    ["/w/agent/more/part.json", "{ 'struct'", true],
    ["/w/agent/package.json", '{ "name": "x" }', false],
    ["/w/agent/list.json", "[1]", false],
    ["/w/agents.json", "", false],
    ["/w/other.json", "{ 'struct'", false],
  ] as const) {
    assert.equal(isConfigured(path, mains, text), wanted, path);
  }
});
