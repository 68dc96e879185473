//! Agreement with the generator: an order of members matters where its constructor takes them by position.

use std::collections::BTreeSet;

use qapi_codegen::{Config, Formatter};
use qapi_diff::{ApiChange, ChangeKind, api};

use crate::common::parse;

/// Types of members, some of which a caller could take for each other.
const TYPES: [&str; 7] = [
    "'int'",
    "'uint8'",
    "'str'",
    "'bool'",
    "'any'",
    "'E'",
    "[ 'str' ]",
];

/// All sequences of two to four types.
fn sequences() -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&str>> = vec![vec![]];
    for _ in 0..4 {
        let longer = all.iter().flat_map(|types| {
            let longer = |ty| types.iter().copied().chain([ty]).collect();
            TYPES.into_iter().map(longer)
        });
        let longer: Vec<_> = longer.collect();
        all.extend(longer);
        all.sort();
        all.dedup();
    }
    all.retain(|types| types.len() > 1);
    all
}

fn definition(name: &str, members: &[(usize, &str)]) -> String {
    let member = |(index, ty): &(usize, &str)| format!("'m{index}': {ty}");
    let members: Vec<_> = members.iter().map(member).collect();
    format!(
        "{{ 'struct': '{name}', 'data': {{ {} }} }}\n{{ 'command': 'run-{name}', 'data': {{ 'it': '{name}' }} }}\n",
        members.join(", ")
    )
}

#[test]
fn an_order_matters_where_values_have_no_names() {
    let sequences = sequences();
    let text = |backwards: bool| {
        let mut text = "{ 'enum': 'E', 'data': [ 'a' ] }\n".to_owned();
        for (number, types) in sequences.iter().enumerate() {
            let mut members: Vec<_> = types.iter().copied().enumerate().collect();
            if backwards {
                members.reverse();
            }
            text += &definition(&format!("Subject{number}"), &members);
        }
        text
    };
    let (old, new) = (parse(&text(false)), parse(&text(true)));
    let generated = |schema| {
        let output = Config::new().formatter(Formatter::None).generate(schema);
        let output = output.unwrap();
        let files = output.files().map(|(_, text)| text.split("pub struct "));
        let names = files
            .flatten()
            .filter_map(|item| item.split_once("Mandatory "));
        names
            .map(|(name, _)| name.to_owned())
            .collect::<BTreeSet<_>>()
    };
    let (before, after) = (generated(&old), generated(&new));
    let changes = api::compare(&old, &new, &[]).into_iter();
    let changes = changes.filter(|it| it.kind == ChangeKind::Api(ApiChange::ConstructorReordered));
    let found: BTreeSet<_> = changes.map(|change| change.path.to_string()).collect();
    for (number, types) in sequences.iter().enumerate() {
        let name = format!("Subject{number}");
        let is_named = before.contains(&name) && after.contains(&name);
        assert_eq!(found.contains(&name), !is_named, "{types:?}");
    }
    let count = found.len();
    assert!((20..sequences.len() / 2).contains(&count), "{count}");
}
