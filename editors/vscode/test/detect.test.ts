import assert from "node:assert";
import { test } from "node:test";
import { isSchema, serverCommand } from "../src/detect";

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
