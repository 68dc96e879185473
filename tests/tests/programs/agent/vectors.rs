//! Every recorded reply of docs/reference/agent-behaviour.md part 9 that needs no virtual machine, and more of their kind: what QEMU's
//! agent said, our agent says, but for the differences in `data/agent/differences.txt`. What is recorded is
//! checked against the distribution's agent.

mod player;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread;

use qapi_tests::agents::differences::{Differences, Reference};
use qapi_tests::agents::template::{Bindings, matches};
use qapi_tests::agents::{data, vectors};
use qapi_tests::{peer, workspace};

use player::Player;

fn files() -> [PathBuf; 3] {
    [
        workspace().join("qapi-runtime/tests/data/protocol.txt"),
        data("commands.txt"),
        data("system.txt"),
    ]
}

/// Does something with each file at the same time: a conversation is waiting for the most part.
fn at_once<T: Send>(play: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    let files = files();
    thread::scope(|scope| {
        let play = &play;
        let threads: Vec<_> = files
            .iter()
            .map(|file| scope.spawn(move || play(file)))
            .collect();
        let results = threads.into_iter().map(|thread| {
            let result = thread.join();
            result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        results.collect()
    })
}

/// The replies of our agent, and which differences explain them, row by row.
fn differences_of(file: &Path, differences: &Differences) -> BTreeMap<String, BTreeSet<String>> {
    let rows = vectors::read(file);
    let mut player = Player::start(&peer::qapi_agent());
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let (request, ours) = player.play(row, false);
        let theirs = Player::expected(row, false);
        let explained = differences.explain(&request, &theirs, &ours, Reference::Recorded);
        let used = explained.unwrap_or_else(|| {
            panic!(
                "{}: no difference explains our reply\nrecorded {theirs:#?}\nours {ours:#?}",
                row.name
            )
        });
        for name in used {
            let row = row.number().unwrap_or(&row.name).to_owned();
            shown.entry(name.to_owned()).or_default().insert(row);
        }
    }
    shown
}

#[test]
fn our_agent_replies_as_recorded_but_for_the_listed_differences() {
    let differences = Differences::read();
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for of_file in at_once(|file| differences_of(file, &differences)) {
        for (name, rows) in of_file {
            shown.entry(name).or_default().extend(rows);
        }
    }
    for difference in differences.iter() {
        let listed: BTreeSet<String> = difference.rows.iter().cloned().collect();
        let shown = shown.remove(&difference.name).unwrap_or_default();
        assert_eq!(shown, listed, "the rows of `{}`", difference.name);
    }
}

#[test]
fn the_recorded_answers_are_those_of_the_distributions_agent() {
    let Some(program) = peer::qemu_ga() else {
        return;
    };
    at_once(|file| {
        let mut player = Player::start(&program);
        for row in vectors::read(file) {
            if row.reply_of(true) == [b"*"] {
                continue;
            }
            let (_, said) = player.play(&row, true);
            let expected = Player::expected(&row, true);
            let fits = said.len() == expected.len()
                && expected
                    .iter()
                    .zip(&said)
                    .all(|(expected, said)| matches(expected, said, &mut Bindings::new()));
            assert!(fits, "{}\nrecorded {expected:#?}\nsaid {said:#?}", row.name);
        }
    });
}

/// About a quarter of the rows is kept apart, so there are gaps; but none of those that are public is
/// missing here.
#[test]
fn every_public_row_is_here() {
    let path = workspace().join("docs/reference/agent-behaviour.md");
    let text = std::fs::read_to_string(&path).expect("the reference is there");
    let here: BTreeSet<String> = files()
        .iter()
        .flat_map(|file| vectors::read(file))
        .flat_map(|row| {
            let words = row.name.split(' ').map(str::to_owned);
            words.collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .filter(|word| {
            let (letter, digits) = word.split_at_checked(1).unwrap_or_default();
            matches!(letter, "P" | "C" | "V") && digits.len() == 3 && digits.parse::<u16>().is_ok()
        })
        .filter(|number| !number.starts_with('V') || without_machine(number))
        .filter(|number| !here.contains(*number))
        .collect();
    assert_eq!(missing, [] as [&str; 0]);
}

/// Returns true if a row of §9.3 needs no freezing, setting or ending of anything; the others are
/// for the tests in virtual machines.
fn without_machine(number: &str) -> bool {
    matches!(
        number,
        "V001"
            | "V062"
            | "V063"
            | "V064"
            | "V071"
            | "V074"
            | "V077"
            | "V078"
            | "V079"
            | "V086"
            | "V087"
            | "V088"
            | "V089"
            | "V113"
            | "V114"
            | "V119"
    )
}
