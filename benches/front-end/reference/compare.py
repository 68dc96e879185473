#!/usr/bin/env python3
"""Compares `qapi` with QEMU's own schema compiler, on schemas that are wrong in one or a few places.

usage: QEMU_SCRIPTS=…/scripts compare.py [--rounds N] [--seed N] SCHEMA…

Each round takes a hundred of the given schemas, or a few definitions of them, makes one to three
random mistakes in each, and asks both programs. They must agree on the verdict and on the file,
line, column and definition of the first error. Introspection and the dump of what both accept must
be the same, too. The scripts must be those of QEMU 10.2, which the strict dialect follows.

The same seed gives the same schemas. What they disagree on is kept in the folder that is printed.
Exit status: 0 no difference, 1 differences, 2 could not compare.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from mistakes import Mistakes
from peer import Peer

BATCH = 100


class Ours:
    """The `qapi` command."""

    def __init__(self, program):
        self.program = program

    def first_errors(self, files):
        """The first error of each file that has one."""
        run = subprocess.run(
            [self.program, "check", "--dialect", "strict", "--message-format", "json", *files],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode not in (0, 1, 2):
            raise RuntimeError(f"{self.program} ended with {run.returncode}: {run.stderr[-500:]}")
        first = {}
        for line in (run.stdout + run.stderr).split("\n"):
            if not line.startswith("{"):
                continue
            found = json.loads(line)
            chain = found["included_from"]
            root = chain[0]["file"] if chain else found["file"]
            if found["severity"] == "error":
                entity = found["entity"]
                first.setdefault(
                    root,
                    {
                        "file": found["file"],
                        "line": found["qemu_line"],
                        "column": found["qemu_column"],
                        "entity": entity and [entity["kind"], entity["name"]],
                        "code": found["code"],
                    },
                )
        return first

    def json(self, verb, file, *options):
        run = subprocess.run(
            [self.program, verb, "--dialect", "strict", *options, file],
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(run.stdout)


def place(error):
    return error and {key: error[key] for key in ("file", "line", "column", "entity")}


def differences(ours, peer, file, error):
    """The differences of the two about one schema; None if the peer crashes."""
    verdict = peer.verdict(file)
    if verdict == peer.CRASH:
        return None
    if place(verdict) != place(error):
        return [f"first error: theirs {verdict}, ours {error}"]
    if verdict is not None:
        return []
    found = []
    symbols = random.Random(file).sample(peer.symbols(file), len(peer.symbols(file)) // 2)
    defines = [word for symbol in symbols for word in ("-D", symbol)]
    if peer.introspection(file, symbols) != ours.json("introspect", file, *defines):
        found.append(f"introspection with {symbols}")
    if peer.entities(file) != peer.entities_of_dump(ours.json("dump", file)):
        found.append("dump")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--qapi", default=str(Path(__file__).parents[3] / "target/release/qapi"))
    parser.add_argument("schemas", nargs="+")
    options = parser.parse_args()
    scripts = os.environ.get("QEMU_SCRIPTS")
    if not scripts:
        parser.error("QEMU_SCRIPTS must name the folder `scripts` of QEMU's sources")
    peer, ours = Peer(scripts), Ours(options.qapi)
    mistakes = Mistakes(options.seed, [Path(name).read_text(encoding="utf-8") for name in options.schemas])
    folder = Path(tempfile.mkdtemp(prefix="qapi-compare-"))
    asked = given_up = rejected = different = 0
    for number in range(options.rounds):
        files = []
        for index in range(BATCH):
            file = folder / f"{number:04}-{index:02}.json"
            file.write_text(mistakes.schema(), encoding="utf-8", newline="")
            files.append(str(file))
        errors = ours.first_errors(files)
        for file in files:
            asked += 1
            rejected += file in errors
            found = differences(ours, peer, file, errors.get(file))
            if found is None:
                given_up += 1
            for one in found or []:
                different += 1
                print(f"{file}: {one}")
            if not found:
                os.remove(file)
    print(f"{asked} schemas, {rejected} with errors; {different} differences; the peer gave up on {given_up}")
    if different:
        print(f"see {folder}")
        return 1
    folder.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
