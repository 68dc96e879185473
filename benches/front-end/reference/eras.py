#!/usr/bin/env python3
"""Compares the dialects of `qapi` with QEMU's own schema compilers, on schemas that are wrong in one or a few places.

usage: QEMU_SCRIPTS_7_2=… QEMU_SCRIPTS_10_0=… QEMU_SCRIPTS_10_2=… eras.py [--rounds N] [--seed N] SCHEMA…

Each round makes a hundred schemas with mistakes from the given ones, which QEMU 10.2 accepts. Of those that it rejects

* the dialect `auto` may accept one only if the compiler of 7.2, 10.0 or 10.2 does, or if it names a release
  older than 7.2, for which there is no compiler to ask (such schemas are counted and listed with --old);
* with --dialects, the dialects 7.2 and 10.0 must agree with the compilers of those releases.

The same seed gives the same schemas. Those with another result are kept in the folder that is printed.
Exit status: 0 all results are as expected, 1 some are not, 2 could not compare.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from mistakes import Mistakes
from peer import Peer

BATCH = 100
RELEASES = ["7.2", "10.0", "10.2"]


def scripts(release):
    return os.environ.get("QEMU_SCRIPTS_" + release.replace(".", "_"))


def judge(folder):
    """In a process of its own: the verdict on each file named on standard input, a line each."""
    peer = Peer(folder)
    for line in sys.stdin:
        verdict = peer.verdict(line.rstrip("\n"))
        print("accepted" if verdict is None else verdict if verdict == Peer.CRASH else "rejected")


def verdicts(release, files):
    run = subprocess.run(
        [sys.executable, __file__, "--judge", scripts(release)],
        input="\n".join(files),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(files, run.stdout.split(), strict=True))


def ours(program, dialect, files):
    """For each file the release it is read as, None for one with errors."""
    run = subprocess.run(
        [program, "check", "--dialect", dialect, "--message-format", "json", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode not in (0, 1, 2):
        raise RuntimeError(f"{program} ended with {run.returncode}: {run.stderr[-500:]}")
    found = dict.fromkeys(files, "newest")
    for line in run.stdout.split("\n"):
        if not line.startswith("{"):
            continue
        one = json.loads(line)
        chain = one["included_from"]
        root = chain[0]["file"] if chain else one["file"]
        if one["severity"] == "error":
            found[root] = None
        elif one["code"] == "OLD-ERA" and found[root]:
            found[root] = one["message"].split()[3]
    return found


def is_older(era):
    return tuple(map(int, era.split("."))) < (7, 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialects", action="store_true")
    parser.add_argument("--old", action="store_true")
    parser.add_argument("--judge")
    parser.add_argument("--qapi", default=str(Path(__file__).parents[3] / "target/release/qapi"))
    parser.add_argument("schemas", nargs="*")
    options = parser.parse_args()
    if options.judge:
        judge(options.judge)
        return 0
    if not all(map(scripts, RELEASES)) or not options.schemas:
        parser.error("schemas, and QEMU_SCRIPTS_7_2, …_10_0 and …_10_2 with the folders `scripts` of QEMU's sources")
    mistakes = Mistakes(options.seed, [Path(name).read_text(encoding="utf-8") for name in options.schemas])
    folder = Path(tempfile.mkdtemp(prefix="qapi-eras-"))
    rejected = accepted = old = wrong = crashed = 0
    for number in range(options.rounds):
        files = []
        for index in range(BATCH):
            file = folder / f"{number:04}-{index:02}.json"
            file.write_text(mistakes.schema(), encoding="utf-8", newline="")
            files.append(str(file))
        peers = {release: verdicts(release, files) for release in RELEASES}
        auto = ours(options.qapi, "auto", files)
        eras = {release: ours(options.qapi, release, files) for release in RELEASES[:2] if options.dialects}
        for file in files:
            complaints = []
            if peers["10.2"][file] != "rejected":
                crashed += peers["10.2"][file] == Peer.CRASH
                if peers["10.2"][file] == "accepted" and auto[file] is None:
                    complaints.append("auto rejects what QEMU 10.2 accepts")
            else:
                rejected += 1
                known = any(peers[release][file] == "accepted" for release in RELEASES)
                if auto[file] and known:
                    accepted += 1
                elif auto[file] and auto[file] != "newest" and is_older(auto[file]):
                    old += 1
                    if options.old:
                        print(f"{file}: read as QEMU {auto[file]}")
                elif auto[file]:
                    complaints.append(f"auto reads it as QEMU {auto[file]}, and all compilers reject it")
                elif known:
                    complaints.append("auto rejects what a compiler accepts")
            for release, found in eras.items():
                verdict = peers[release][file]
                if verdict != Peer.CRASH and (verdict == "accepted") != bool(found[file]):
                    complaints.append(f"QEMU {release}: {verdict}, dialect {release}: {'' if found[file] else 'not '}accepted")
            wrong += bool(complaints)
            for one in complaints:
                print(f"{file}: {one}")
            if not complaints and not (options.old and auto[file]):
                os.remove(file)
    print(
        f"{rejected} schemas that QEMU 10.2 rejects: auto accepts {accepted} that 7.2 or 10.0 accepts, and {old} as"
        f" older releases; {wrong} not as they must be; the compiler gave up on {crashed}"
    )
    if wrong:
        print(f"see {folder}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
