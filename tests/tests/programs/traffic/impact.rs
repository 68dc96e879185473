//! Findings that matter to a program have a message that shows it, and those that do not have none.

use std::collections::{HashMap, HashSet};

use qapi_diff::impact::Impact;
use qapi_diff::{
    Change, ChangeKind, Config, Direction, Level, Message, Model, Origin, PathStep, Symbols,
    Violation, compare,
};
use qapi_parser::ir::Schema;
use qapi_tests::values::Values;
use qapi_tests::{corpus, golden};
use serde_json::json;

/// Random messages of a schema, of each command and event.
fn messages(schema: &Schema) -> Vec<Message> {
    let mut values = Values::new(schema);
    let mut messages = Vec::new();
    for seed in 0..4 {
        for command in &schema.commands {
            values.seed(seed);
            let mut value = |ty| match ty {
                Some(ty) => values.value(ty),
                None => Some(json!({})),
            };
            messages.extend(value(command.arguments).map(|arguments| Message::Request {
                command: command.name.clone(),
                arguments,
                out_of_band: false,
                before_configuration: false,
            }));
            if command.success_response {
                messages.extend(value(command.returns).map(|value| Message::Reply {
                    command: command.name.clone(),
                    value,
                }));
            }
        }
        for event in &schema.events {
            let data = event
                .arguments
                .map_or_else(|| Some(json!({})), |ty| values.value(ty));
            messages.extend(data.map(|data| Message::Event {
                event: event.name.clone(),
                data,
            }));
        }
    }
    messages
}

/// The kind, name and place of a message's part, for all elements of its arrays. Told apart from the impact's own notion.
type Place = (Option<Direction>, String, String);

fn place_of_change(change: &Change) -> Place {
    let mut place = String::new();
    for step in &change.path.steps {
        match step {
            PathStep::Member(name) if place.is_empty() => place.push_str(name),
            PathStep::Member(name) => {
                place.push('.');
                place.push_str(name);
            }
            PathStep::Element => place.push_str("[]"),
            _ => {}
        }
    }
    (change.path.direction, change.path.root.clone(), place)
}

fn place_of_violation(message: &Message, violation: &Violation) -> Place {
    let direction = match message {
        Message::Request { .. } => Direction::Argument,
        Message::Reply { .. } => Direction::Reply,
        Message::Event { .. } => Direction::Event,
    };
    let mut parts = violation.path.split('[');
    let mut place = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        place.push_str("[]");
        place.push_str(part.split_once(']').map_or("", |(_, rest)| rest));
    }
    (Some(direction), message.root().to_owned(), place)
}

/// Returns whether a change shows in other messages than those that were recorded, or in none.
fn shows_elsewhere(kind: &ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::FeatureAdded(_)
            | ChangeKind::ValueAdded
            | ChangeKind::BranchAdded
            | ChangeKind::AlternativeAdded
            | ChangeKind::BecameAlternate { .. }
            | ChangeKind::BecameOptional
            | ChangeKind::EnumBecameStr
            | ChangeKind::BecameAny { .. }
    )
}

/// Judges a recording of everything that the older schema allows. Returns the numbers of findings that are kept, and of those
/// that are not.
fn check(older: &Schema, newer: &Schema) -> (usize, usize) {
    let symbols = Symbols::default();
    let (old, new) = (
        Model::of_schema(older, &symbols),
        Model::of_schema(newer, &symbols),
    );
    let findings = Config::default()
        .judge(compare(&old, &new).changes, None)
        .findings;
    let mut messages = messages(older);
    messages.retain(|message| old.violations(message).is_empty());
    let mut impact = Impact::new(&old, &new, &findings);
    for (line, message) in (1..).zip(&messages) {
        let file = "random".to_owned();
        impact.see(message, &Origin::new(file, line));
    }
    let (witnesses, unexplained) = impact.finish();
    let mut explained = HashSet::new();
    let mut kept_places = HashSet::new();
    let mut kept = 0;
    for (finding, witness) in findings.iter().zip(&witnesses) {
        let Some(witness) = witness else { continue };
        kept += 1;
        kept_places.insert(place_of_change(&finding.change));
        let message = &witness.message;
        if matches!(finding.change.kind, ChangeKind::FeatureAdded(_)) {
            continue;
        }
        let path = &finding.change.path;
        explained.insert(path.root.clone());
        if witness.allowed_by_old {
            assert!(old.violations(message).is_empty(), "{path}: {message:?}");
            assert!(!new.deviations(message).is_empty(), "{path}: {message:?}");
        } else {
            assert!(new.violations(message).is_empty(), "{path}: {message:?}");
            assert!(!old.violations(message).is_empty(), "{path}: {message:?}");
        }
    }
    explained.extend(unexplained.iter().map(|it| it.message.root().to_owned()));
    // Places at which the newer revision refuses a message, or a client of it does not read one.
    let mut refused = HashMap::new();
    for message in &messages {
        let violations = new.violations(message);
        if matches!(message, Message::Request { .. }) && !violations.is_empty() {
            assert!(explained.contains(message.root()), "{message:?}");
        }
        for violation in violations {
            refused.insert(place_of_violation(message, &violation), message);
        }
    }
    let mut dropped = 0;
    for (finding, witness) in findings.iter().zip(&witnesses) {
        let change = &finding.change;
        let is_dropped = witness.is_none() && finding.level > Level::Compatible;
        if !is_dropped || shows_elsewhere(&change.kind) {
            continue;
        }
        dropped += 1;
        let place = place_of_change(change);
        let message = refused
            .get(&place)
            .filter(|_| !kept_places.contains(&place));
        assert!(
            message.is_none(),
            "{}: {change:?}\n{message:?}",
            change.path
        );
    }
    (kept, dropped)
}

#[test]
fn kept_findings_have_a_message_that_fails_and_dropped_ones_have_none() {
    let Some(root) = corpus::root() else { return };
    let schema =
        |path: &str| golden::schema(&root.join("qemu").join(path).join("qapi-schema.json"));
    let mut counts = (0, 0);
    for [older, newer] in [
        ["7.2/qapi", "10.0/qapi"],
        ["10.0/qapi", "7.2/qapi"],
        ["10.2/qapi", "10.0/qapi"],
        ["10.2/qga", "7.2/qga"],
        ["7.2/storage-daemon/qapi", "10.2/storage-daemon/qapi"],
    ] {
        let (kept, dropped) = check(&schema(older), &schema(newer));
        counts = (counts.0 + kept, counts.1 + dropped);
    }
    assert!(counts.0 > 100 && counts.1 > 20, "{counts:?}");
}
