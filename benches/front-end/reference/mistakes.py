"""Mistakes that people make in schemas, at random."""

import random
import re

TOKEN = re.compile(r"'(?:[^'\\\n]|\\.)*'|true|false|[][{}:,]|#[^\n]*|\s+|.", re.S)
CHARACTERS = "{}[]:,'#\\ \n\"xA_-.\u00a0\u00e9\x1f\x7f\x85\u2028@=0\r\x0c"

STRINGS = """'str' 'int' 'any' 'null' 'number' 'bool' 'size' 'QType' 'Base' 'strList' 'q_empty' '' '*a'
'a' 'A' 'u' 'has-x' 'x-a' '__org.a_b' '__a-b_c' 'q-x' 'all' 'not' 'if' 'name' 'type' 'data' 'base'
'features' 'deprecated' 'boxed' 'gen' 'struct' 'enum' 'union' 'alternate' 'command' 'event' 'returns'
'discriminator' 'CONFIG_X' 'allow-oob' 'coroutine' 'success-response' 'prefix' 'include' 'pragma'
'doc-required' 'FooList' 'a_b' 'a-b' 'on' '1' '-1' 'x-1a' 'EVENT' '__com.ex_Foo'""".split()

VALUES = [
    "true",
    "false",
    "[]",
    "{}",
    "[ 'str' ]",
    "[ 'int', 'str' ]",
    "{ 'type': 'str' }",
    "{ 'all': [ 'A', 'B' ] }",
    "{ 'not': 'A' }",
    "{ 'any': [] }",
    "{ 'type': 'int', 'if': 'A' }",
    "{ 'name': 'a', 'features': [ 'deprecated' ] }",
    "{ 'type': [ 'QType' ], 'features': [ 'x' ] }",
]

MEMBERS = [
    "'if': 'A'",
    "'if': [ 'A' ]",
    "'if': { 'all': [ 'A', { 'not': 'B' } ] }",
    "'features': [ 'x' ]",
    "'features': [ 'deprecated' ]",
    "'features': [ 'x', 'x' ]",
    "'boxed': true",
    "'gen': false",
    "'base': 'Base'",
    "'base': { 'e': 'QType' }",
    "'discriminator': 'e'",
    "'data': 'Base'",
    "'data': {}",
    "'returns': 'Base'",
    "'returns': [ 'QType' ]",
    "'allow-oob': true",
    "'coroutine': true",
    "'allow-preconfig': true",
    "'success-response': false",
    "'prefix': 'P'",
    "'foo': 'bar'",
    "'*b': 'str'",
    "'c': { 'type': 'str', 'if': 'A' }",
]

DOC_LINES = [
    *("##", "# ##", "## x", "###", "#", "# ", "# text", "#text", "# @a: text", "# @a:", "# @:"),
    *("# @A b: x", "# @a : x", "# @foo", "# Returns: x", "# Returns:", "# Returns::", "# Errors: e"),
    *("# Since: 1.0", "# Since 1.0", "# Since:", "# Since:1.5", "# TODO: x", "# Note: x", "# Notes:"),
    *("# Example::", "# Examples:", "# Features:", "# @deprecated: d", "# @x: d", "#     indented"),
    *("#   less", "#  one", "# .. qmp-example::", "# ::", "# One. Two", "# One.  Two", "# e.g. Two"),
    *("# 1. Two", "# 10. Two", "# x! (y", "# = Title", "# " + "x" * 69, "# " + "x" * 68),
    *("# http://" + "x" * 90, "# see http://" + "x" * 90, "# " + "\u00e4" * 68),
    *("# Errors:\n#     - x", "# @member: x\n# more", "#      deep\n#   not"),
]


class Mistakes:
    """Makes schemas with mistakes from sound ones."""

    def __init__(self, seed, schemas):
        self.random = random.Random(seed)
        self.schemas = [text for text in schemas if len(text) < 10_000]
        self.definitions = [
            one
            for text in schemas
            for one in re.split(r"(?m)^(?=##\n# @)", text)
            if len(one) < 2_500
        ]

    def schema(self):
        """A schema with one to three mistakes, some of them harmless."""
        pick = self.random
        if self.schemas and pick.random() < 0.75:
            text = pick.choice(self.schemas)
        else:
            text = "\n".join(pick.sample(self.definitions, min(3, len(self.definitions))))
        for _ in range(pick.choice([1, 1, 1, 2, 3])):
            text = pick.choice([self.character, self.token, self.token, self.line, self.doc])(text)
        return text

    def character(self, text):
        start = self.random.randrange(len(text) + 1)
        if self.random.random() < 0.6:
            end = start + self.random.choice([0, 1])
            return text[:start] + self.random.choice(CHARACTERS) + text[end:]
        return text[:start] + text[start + self.random.randrange(1, 12) :]

    def token(self, text):
        pick = self.random
        tokens = TOKEN.findall(text)
        places = [
            index for index, one in enumerate(tokens) if not one.isspace() and not one.startswith("#")
        ]
        if not places:
            return text
        place = pick.choice(places)
        openers = [index for index in places if tokens[index] == "{"]
        kind = pick.random()
        if kind < 0.4 and tokens[place].startswith("'"):
            tokens[place] = pick.choice(
                [pick.choice(STRINGS), pick.choice(VALUES), tokens[pick.choice(places)]]
            )
        elif kind < 0.5:
            del tokens[place]
        elif kind < 0.6:
            tokens.insert(place, pick.choice(STRINGS + VALUES + list("{}[]:,")))
        elif kind < 0.7:
            other = pick.choice(places)
            tokens[place], tokens[other] = tokens[other], tokens[place]
        elif openers:
            tokens.insert(pick.choice(openers) + 1, f" {pick.choice(MEMBERS)},")
        return "".join(tokens)

    def line(self, text):
        pick = self.random
        lines = text.split("\n")
        place, other = pick.randrange(len(lines)), pick.randrange(len(lines))
        kind = pick.randrange(6)
        if kind == 0:
            del lines[place]
        elif kind == 1:
            lines.insert(place, lines[other])
        elif kind == 2:
            lines[place], lines[other] = lines[other], lines[place]
        elif kind == 3:
            lines[place] = lines[place].replace("# ", "# " + " " * pick.randrange(1, 6), 1)
        elif kind == 4:
            lines[place] = lines[place].replace(":", "", 1)
        else:
            lines[place] += pick.choice([". X", ". x", "! (", " @a: b", ":", "::", "   ", ". 1", " ##"])
        return "\n".join(lines)

    def doc(self, text):
        lines = text.split("\n")
        places = [index for index, one in enumerate(lines) if one.startswith("#")]
        place = self.random.choice(places or range(len(lines)))
        lines.insert(place + self.random.choice([0, 1]), self.random.choice(DOC_LINES))
        return "\n".join(lines)
