//! Findings that matter to a program have a message that shows it, and those that do not have none.

use std::collections::HashSet;

use qapi_diff::impact::Impact;
use qapi_diff::{ChangeKind, Config, Message, Model, Origin, Symbols, compare};
use qapi_tests::values::Values;
use qapi_tests::{corpus, golden};
use serde_json::json;

#[test]
fn kept_findings_have_a_message_that_fails_and_refused_messages_a_finding() {
    let Some(root) = corpus::root() else { return };
    let schema =
        |version: &str| golden::schema(&root.join(format!("qemu/{version}/qapi/qapi-schema.json")));
    let (older, newer) = (schema("7.2"), schema("10.0"));
    let symbols = Symbols::default();
    let (old, new) = (
        Model::of_schema(&older, &symbols),
        Model::of_schema(&newer, &symbols),
    );
    let findings = Config::default()
        .judge(compare(&old, &new).changes, None)
        .findings;
    let mut values = Values::new(&older);
    let mut messages = Vec::new();
    for seed in 0..4 {
        for command in &older.commands {
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
        for event in &older.events {
            let data = event
                .arguments
                .map_or_else(|| Some(json!({})), |ty| values.value(ty));
            messages.extend(data.map(|data| Message::Event {
                event: event.name.clone(),
                data,
            }));
        }
    }
    messages.retain(|message| old.violations(message).is_empty());
    let mut impact = Impact::new(&old, &new, &findings);
    for (line, message) in (1..).zip(&messages) {
        let file = "random".to_owned();
        impact.see(message, &Origin { file, line });
    }
    let (witnesses, unexplained) = impact.finish();
    let mut explained = HashSet::new();
    let mut kept = 0;
    for (finding, witness) in findings.iter().zip(&witnesses) {
        let Some(witness) = witness else { continue };
        kept += 1;
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
    assert!(kept > 30, "{kept} of {}", findings.len());
    explained.extend(unexplained.iter().map(|it| it.message.root().to_owned()));
    let requests = messages
        .iter()
        .filter(|it| matches!(it, Message::Request { .. }));
    for message in requests.filter(|it| !new.violations(it).is_empty()) {
        assert!(explained.contains(message.root()), "{message:?}");
    }
}
