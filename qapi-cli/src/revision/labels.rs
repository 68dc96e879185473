//! Names of revisions in the output.

use std::collections::HashSet;

use crate::status::Failure;

/// Labels of revisions: those that the user gave, or else what tells the names apart.
pub(crate) fn labels(names: &[&str], given: &[String]) -> Result<Vec<String>, Failure> {
    if given.is_empty() {
        return Ok(made_up(names));
    }
    if given.len() != names.len() {
        return Err(Failure::new(format_args!(
            "--names has {} names for {} revisions",
            given.len(),
            names.len()
        )));
    }
    Ok(given.to_vec())
}

/// Short names that tell revisions apart: `1.1` for `agent/1.1.json`, `v9.0` for
/// `git:v9.0:api.json`, `7.2` for `qemu/7.2/api.json` beside `qemu/8.0/api.json`.
fn made_up(names: &[&str]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = names.iter().map(|name| parts(name)).collect();
    let shared = |at: &dyn Fn(&[&str]) -> Option<usize>| {
        let mut first = None;
        parts.iter().all(|parts| {
            let part = at(parts).map(|index| parts[index]);
            let same = first.is_none() || first == Some(part);
            first = Some(part);
            same && part.is_some()
        })
    };
    if names.len() < 2 {
        let last = parts.iter().map(|parts| parts[parts.len() - 1].to_owned());
        return last.collect();
    }
    let mut front = 0;
    while shared(&|parts| Some(front).filter(|index| *index < parts.len())) {
        front += 1;
    }
    let mut back = 0;
    while shared(&|parts| {
        parts
            .len()
            .checked_sub(back + 1)
            .filter(|index| *index >= front)
    }) {
        back += 1;
    }
    let middle = |parts: &Vec<&str>| -> Vec<String> {
        let middle = &parts[front.min(parts.len())..parts.len().max(front + back) - back];
        middle.iter().map(|part| (*part).to_owned()).collect()
    };
    let middles: Vec<Vec<String>> = parts.iter().map(middle).collect();
    if let Some(labels) = single_parts(&middles) {
        return without_common_words(&labels);
    }
    let labels: Vec<String> = middles.iter().map(|middle| middle.join("/")).collect();
    if labels.iter().any(String::is_empty) {
        // The same revision twice, or one whose name is part of another's.
        return names.iter().map(|name| (*name).to_owned()).collect();
    }
    labels
}

/// Returns the parts at one place, counted from the front or from the back, if they tell all names apart: the shortest such.
fn single_parts(names: &[Vec<String>]) -> Option<Vec<String>> {
    let shortest = names.iter().map(Vec::len).min()?;
    let places = (0..shortest).flat_map(|place| [(place, false), (place, true)]);
    let candidates = places.filter_map(|(place, from_back)| {
        let part = |name: &Vec<String>| {
            let index = if from_back {
                name.len() - 1 - place
            } else {
                place
            };
            name[index].clone()
        };
        let labels: Vec<String> = names.iter().map(part).collect();
        let different: HashSet<&str> = labels.iter().map(String::as_str).collect();
        (different.len() == labels.len()).then_some(labels)
    });
    let has_no_digit = |label: &&String| !label.contains(|c: char| c.is_ascii_digit());
    candidates.min_by_key(|labels| {
        let length: usize = labels.iter().map(String::len).sum();
        // Numbers of versions say most.
        (labels.iter().filter(has_no_digit).count(), length)
    })
}

/// Drops the words, ending in `-` or `_`, with which all labels begin.
fn without_common_words(labels: &[String]) -> Vec<String> {
    let first = &labels[0];
    let ends = first.match_indices(['-', '_']).map(|(index, _)| index + 1);
    let common = ends
        .filter(|end| {
            let mut all = labels.iter();
            all.all(|label| label.starts_with(&first[..*end]) && label.len() > *end)
        })
        .max()
        .unwrap_or(0);
    labels
        .iter()
        .map(|label| label[common..].to_owned())
        .collect()
}

/// Folders and file of a path, or revision and path in git; the ending of a schema is no part.
fn parts(name: &str) -> Vec<&str> {
    let stem = name.strip_suffix(".json").unwrap_or(name);
    match stem
        .strip_prefix("git:")
        .and_then(|rest| rest.split_once(':'))
    {
        Some((revision, path)) => std::iter::once(revision).chain(path.split('/')).collect(),
        None => stem.split('/').collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::made_up;

    #[test]
    fn labels_are_the_parts_in_which_names_differ() {
        for (names, expected) in [
            (
                &["agent/1.1.json", "agent/1.5.json"][..],
                &["1.1", "1.5"][..],
            ),
            (&["q/7.2/a.json", "q/8.0/a.json"], &["7.2", "8.0"]),
            (&["git:v1:a.json", "git:v2:a.json"], &["v1", "v2"]),
            (
                &["git:v1:q/a.json", "git:origin/main:q/a.json"],
                &["v1", "origin/main"],
            ),
            (&["a.json", "a.json"], &["a.json", "a.json"]),
            (&["a.json", "b/a.json"], &["a.json", "b/a.json"]),
            (&["x/a.json"], &["a"]),
            (&["old/7.2/qapi/a.json", "git:v8:a.json"], &["old", "v8"]),
            (
                &["vendor/old/q-7.2/api.json", "vendor/new/q-8.0/api.json"],
                &["7.2", "8.0"],
            ),
            (
                &[
                    "a/qmp-0.1/q/x.json",
                    "b/qmp-0.1/q/x.json",
                    "b/qmp-0.2/q/x.json",
                ],
                &["a/qmp-0.1", "b/qmp-0.1", "b/qmp-0.2"],
            ),
            (
                &["peers/1/qmp-0.4/qapi/x.json", "peers/2/qmp-0.5/api/x.json"],
                &["1", "2"],
            ),
            (&["", "a"], &["", "a"]),
        ] {
            assert_eq!(made_up(names), expected, "{names:?}");
        }
    }
}
