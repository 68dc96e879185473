//! Every rule has an old and a new schema that it tells apart, and all rules look at all pairs,
//! so that false alarms show in the snapshots.

use std::collections::BTreeSet;
use std::fs;

use crate::common::{findings, lines, schemas};
use qapi_diff::rules;

#[test]
fn every_rule_finds_what_its_pair_shows() {
    for rule in rules::all() {
        let (old, new) = schemas(rule.id);
        let findings = findings(&old, &new);
        assert!(
            findings.iter().any(|finding| finding.rule.id == rule.id),
            "`{}` does not find it",
            rule.id
        );
        insta::assert_snapshot!(rule.id, lines(&findings));
    }
}

#[test]
fn every_change_is_judged_by_a_rule_of_its_lens() {
    for rule in rules::all() {
        let (old, new) = schemas(rule.id);
        for change in crate::common::changes(&old, &new) {
            assert!(
                rules::all().any(|rule| rule.matches(&change)),
                "nothing judges {change:?}"
            );
        }
    }
}

#[test]
fn nothing_differs_from_itself() {
    for rule in rules::all() {
        let (old, new) = schemas(rule.id);
        for schema in [old, new] {
            let findings = findings(&schema, &schema);
            assert!(findings.is_empty(), "{}: {}", rule.id, lines(&findings));
        }
    }
}

#[test]
fn every_pair_belongs_to_a_rule_and_ids_are_unique() {
    let mut ids = BTreeSet::new();
    for rule in rules::all() {
        assert!(ids.insert(rule.id), "two rules are called `{}`", rule.id);
    }
    let folder = crate::common::pair("");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(ids.contains(name.as_str()), "no rule is called `{name}`");
    }
}

#[test]
fn pages_say_what_why_and_show_the_pair() {
    for rule in rules::all() {
        let page = rule.explanation();
        assert!(page.starts_with(&format!("# {}: {}\n", rule.id, rule.title)));
        assert!(page.contains("\nLevel: ") && page.contains("Before:") && page.contains("After:"));
        let about = page.split("\n\nLevel: ").next().unwrap_or_default();
        let about = about.split_once('\n').map_or("", |(_, about)| about).trim();
        assert!(about.len() > 40, "`{}` says too little: {about}", rule.id);
    }
}
