//! The differences between two agents, and the list of those that are meant.

use std::collections::BTreeMap;
use std::fs;

use qapi_tests::agents::template::{Bindings, matches};

use crate::observe::{Both, Observation};

/// Stands for an observation that only one side has.
const NOTHING: &str = "(nothing)";

/// A difference that is meant.
#[derive(Default)]
struct Difference {
    /// A pattern for the names of observations.
    name: String,
    reason: String,
    theirs: String,
    ours: String,
}

/// Reads the list, whose form its head describes.
fn differences() -> Vec<Difference> {
    let path = qapi_tests::workspace().join("tests/data/libvirt/differences.txt");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut list: Vec<Difference> = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        if mark == "=" {
            list.push(Difference {
                name: rest.to_owned(),
                theirs: NOTHING.to_owned(),
                ours: NOTHING.to_owned(),
                ..Difference::default()
            });
            continue;
        }
        let last = list.last_mut().expect("a line with `=` comes first");
        let place = match mark {
            "why" => &mut last.reason,
            "-" => &mut last.theirs,
            "+" => &mut last.ours,
            _ => panic!("{line}: begin with `=`, `why`, `-` or `+`"),
        };
        rest.clone_into(place);
    }
    for difference in &list {
        assert!(
            !difference.reason.is_empty(),
            "{}: no reason",
            difference.name
        );
    }
    list
}

fn by_name(observations: &[Observation]) -> BTreeMap<&str, &str> {
    let mut map = BTreeMap::new();
    for (name, text) in observations {
        assert!(
            map.insert(name.as_str(), text.as_str()).is_none(),
            "{name} twice"
        );
    }
    map
}

/// Asserts that the agents differ where the list says so, and nowhere else.
pub(crate) fn compare(both: &Both) {
    let list = differences();
    let mut shown = vec![false; list.len()];
    let (ours, theirs) = (by_name(&both.ours), by_name(&both.theirs));
    let mut names: Vec<_> = ours.keys().chain(theirs.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let mut unexpected = Vec::new();
    for name in names {
        let text =
            |side: &BTreeMap<&str, &str>| side.get(name).map_or(NOTHING, |text| *text).to_owned();
        let (ours, theirs) = (text(&ours), text(&theirs));
        if ours == theirs {
            continue;
        }
        let meant = list.iter().position(|difference| {
            let mut bindings = Bindings::new();
            matches(&difference.name, name, &mut bindings)
                && matches(&difference.theirs, &theirs, &mut bindings)
                && matches(&difference.ours, &ours, &mut bindings)
        });
        match meant {
            Some(position) => shown[position] = true,
            None => unexpected.push(format!("= {name}\n- {theirs}\n+ {ours}")),
        }
    }
    let unused = list.iter().zip(&shown).filter(|(_, shown)| !**shown);
    let unused: Vec<_> = unused.map(|(difference, _)| &difference.name).collect();
    assert!(
        unexpected.is_empty() && unused.is_empty(),
        "not in the list:\n{}\nin the list, and not seen: {unused:?}",
        unexpected.join("\n")
    );
    // An observation that fails with both agents proves nothing.
    assert!(both.ours.len() > 100, "{}", both.ours.len());
}
