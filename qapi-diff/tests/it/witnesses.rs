//! Every breaking change of the wire has a witness: a message that one side allows and the other
//! does not.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::common::{schemas, wire};
use qapi_diff::{ChangeKind, Level, Model, Symbols, Witnesses, rules};

/// A feature is seen in introspection only, so that no message breaks when it goes.
fn breaks_no_message(kind: &ChangeKind) -> bool {
    matches!(kind, ChangeKind::FeatureRemoved(_))
}

fn has_conditions(rule: &str) -> bool {
    ["old.json", "new.json"].iter().any(|file| {
        let text = std::fs::read_to_string(crate::common::pair(rule).join(file)).unwrap();
        text.contains("'if'")
    })
}

#[test]
fn every_breaking_finding_of_every_pair_has_a_witness() {
    let symbols = Symbols::default();
    let mut shown = String::new();
    let mut proved = BTreeSet::new();
    for rule in rules::all() {
        let (old, new) = schemas(rule.id);
        let old_model = Model::of_schema(&old, &symbols);
        let new_model = Model::of_schema(&new, &symbols);
        let witnesses = Witnesses::new(&old_model, &new_model);
        for finding in wire(&old, &new) {
            if finding.level != Level::Breaking || breaks_no_message(&finding.change.kind) {
                continue;
            }
            let path = &finding.change.path;
            let Some(witness) = witnesses.find(&finding.change) else {
                panic!("{}: no witness for {} at {path}", rule.id, finding.rule.id);
            };
            let (allows, rejects) = if witness.allowed_by_old {
                (&old_model, &new_model)
            } else {
                (&new_model, &old_model)
            };
            // A witness is of a build, which decides the conditions; models without symbols do not.
            if !has_conditions(rule.id) && !witness.is_elided {
                allows.check(&witness.message).expect("one side allows it");
                let violations = rejects.violations(&witness.message);
                assert!(
                    violations.contains(&witness.violation),
                    "the other does not"
                );
            }
            let violation = &witness.violation;
            proved.insert(finding.rule.id);
            if finding.rule.id == rule.id {
                let side = if witness.allowed_by_old { "old" } else { "new" };
                writeln!(
                    shown,
                    "{} at {path}\n  {side} allows {}\n  {violation}",
                    rule.id,
                    witness.message.to_json()
                )
                .unwrap();
            }
        }
    }
    insta::assert_snapshot!("witnesses", shown);
    for rule in rules::all().filter(|rule| rule.lens == qapi_diff::Lens::Wire) {
        let breaking = rule.argument.max(rule.output) == Level::Breaking;
        let exempt = rule.id == "feature-removed";
        assert!(
            !breaking || exempt || proved.contains(rule.id),
            "`{}` is unproved",
            rule.id
        );
    }
}
