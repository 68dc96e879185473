//! Conditions, judged as presence in some builds: every kind of change, in both directions.

use qapi_diff::{Level, Model, Symbols, Witnesses};

use crate::common::{parse, wire};

/// Compares two members of the arguments and of the reply; the levels there, and the messages.
fn members(old: &str, new: &str) -> (Option<Level>, Option<Level>, Vec<String>) {
    let text = |member: &str| {
        format!(
            "{{ 'struct': 'Part', 'data': {{ {member} }} }}
             {{ 'command': 'go', 'data': 'Part', 'returns': 'Part' }}"
        )
    };
    let (old, new) = (parse(&text(old)), parse(&text(new)));
    let symbols = Symbols::default();
    let models = (
        Model::of_schema(&old, &symbols),
        Model::of_schema(&new, &symbols),
    );
    let witnesses = Witnesses::new(&models.0, &models.1);
    let found = wire(&old, &new);
    for finding in found
        .iter()
        .filter(|finding| finding.level == Level::Breaking)
    {
        let witness = witnesses.find(&finding.change);
        assert!(witness.is_some(), "{}", finding.message());
    }
    let level = |is_argument: bool| {
        let there = found.iter().filter(|finding| {
            (finding.change.path.direction == Some(qapi_diff::Direction::Argument)) == is_argument
        });
        there.map(|finding| finding.level).max()
    };
    let messages = found.iter().map(qapi_diff::Finding::message).collect();
    (level(true), level(false), messages)
}

#[test]
fn a_member_with_a_condition_is_one_that_some_builds_lack() {
    const INT: &str = "'z': 'int', 'a': 'int'";
    const IF_X: &str = "'z': 'int', 'a': { 'type': 'int', 'if': 'X' }";
    const IF_NOT_X: &str = "'z': 'int', 'a': { 'type': 'int', 'if': { 'not': 'X' } }";
    const OPTIONAL: &str = "'z': 'int', '*a': 'int'";
    const OPTIONAL_IF_X: &str = "'z': 'int', '*a': { 'type': 'int', 'if': 'X' }";
    const X_AND_Y: &str = "'z': 'int', 'a': { 'type': 'int', 'if': { 'all': [ 'X', 'Y' ] } }";
    let (none, compatible, risky, breaking) = (
        None,
        Some(Level::Compatible),
        Some(Level::Risky),
        Some(Level::Breaking),
    );
    for (old, new, argument, reply, builds) in [
        (IF_X, INT, breaking, compatible, "in builds without `X`"),
        (INT, IF_X, breaking, breaking, "in builds without `X`"),
        (IF_NOT_X, INT, breaking, compatible, "in builds with `X`"),
        (
            OPTIONAL_IF_X,
            OPTIONAL,
            compatible,
            compatible,
            "in builds without `X`",
        ),
        (
            OPTIONAL,
            OPTIONAL_IF_X,
            breaking,
            risky,
            "in builds without `X`",
        ),
        (
            IF_X,
            X_AND_Y,
            breaking,
            breaking,
            "in builds where `X && !Y`",
        ),
        (
            X_AND_Y,
            IF_X,
            breaking,
            compatible,
            "in builds where `X && !Y`",
        ),
        (IF_X, IF_NOT_X, breaking, breaking, "in builds with `X`"),
        (IF_X, IF_X, none, none, ""),
    ] {
        let (in_arguments, in_reply, messages) = members(old, new);
        assert_eq!(in_arguments, argument, "{old} to {new}: {messages:?}");
        assert_eq!(in_reply, reply, "{old} to {new}: {messages:?}");
        let told = |message: &String| message.ends_with(builds);
        assert!(
            messages.is_empty() || messages.iter().any(told),
            "{messages:?}"
        );
    }
}

#[test]
fn builds_that_have_the_one_have_the_other_if_the_command_has_the_condition() {
    let text = |condition: &str| {
        format!(
            "{{ 'command': 'go', 'data': {{ 'a': {{ 'type': 'int'{condition} }} }}, 'if': 'X' }}"
        )
    };
    let (with, without) = (parse(&text(", 'if': 'X'")), parse(&text("")));
    assert_eq!(crate::common::lines(&wire(&with, &without)), "");
    assert_eq!(crate::common::lines(&wire(&without, &with)), "");
}

#[test]
fn marks_cover_what_is_reached_only_through_them() {
    let text = |features: &str, stable: &str, ty: &str| {
        format!(
            "{{ 'struct': 'Part', 'data': {{ 'm': '{ty}' }} }}
             {{ 'struct': 'Whole', 'data': {{ '*s': {{ 'type': 'Part'{features} }}{stable} }} }}
             {{ 'command': 'go', 'data': 'Whole' }}"
        )
    };
    let level = |features: &str, stable: &str| {
        let (old, new) = (text(features, stable, "int"), text(features, stable, "str"));
        let found = wire(&parse(&old), &parse(&new));
        assert_eq!(found.len(), 1);
        let announced = found[0]
            .change
            .announced
            .map(qapi_diff::Announcement::as_str);
        (found[0].level, announced)
    };
    let unstable = ", 'features': [ 'unstable' ]";
    let deprecated = ", 'features': [ 'deprecated' ]";
    assert_eq!(level("", ""), (Level::Breaking, None));
    assert_eq!(level(unstable, ""), (Level::Risky, Some("unstable")));
    assert_eq!(level(deprecated, ""), (Level::Breaking, Some("deprecated")));
    // The second way is longer, and not marked.
    assert_eq!(
        level(unstable, ", '*other': [ 'Part' ]"),
        (Level::Breaking, None)
    );
}
