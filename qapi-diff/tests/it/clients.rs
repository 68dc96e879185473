//! Agreement with the comparison that a client makes of itself and its server (docs/decisions/0014): a breaking change is
//! reported by both, at the same place.

use qapi_codegen::introspect::{TypeNames, describe};
use qapi_diff::{Change, ChangeKind, Config, Finding, Level, PathStep, ServerSchema, compare};
use qapi_parser::ir::Schema;
use qapi_runtime::introspect::{Introspection, MetaType, Missing, MissingKind};

use crate::corpus::machine_protocol;
use crate::laws::for_pairs;

/// The introspection of a server with all of the schema, without `deprecated` and `unstable`: a change below a part with
/// such a feature would be reported at that part.
fn description(schema: &Schema) -> Introspection {
    let described = describe(schema, TypeNames::Masked, &|_| true);
    let mut entries = described.entries().to_vec();
    let keep = |features: &mut Option<Vec<Box<str>>>| {
        if let Some(features) = features {
            features.retain(|name| !matches!(&**name, "deprecated" | "unstable"));
        }
    };
    for entry in &mut entries {
        keep(&mut entry.features);
        match &mut entry.meta_type {
            MetaType::Object(object) => {
                let members = object.members.iter_mut();
                members.for_each(|member| keep(&mut member.features));
            }
            MetaType::Enum(values) => values.iter_mut().for_each(|it| keep(&mut it.features)),
            _ => {}
        }
    }
    Introspection::from_entries(entries)
}

/// The level of its rule, whatever was announced.
fn level(finding: &Finding) -> Level {
    finding.rule.level(finding.change.path.direction)
}

/// The place of a change; that of a feature is the part that has it.
fn place(change: &Change) -> String {
    let mut path = change.path.clone();
    path.steps
        .pop_if(|step| matches!(step, PathStep::Feature(_)));
    path.below_root()
}

/// Returns true if both report the same at the same place.
fn agree(missing: &Missing, change: &Change) -> bool {
    use ChangeKind as C;
    use MissingKind as M;
    if *missing.root != change.path.root {
        return false;
    }
    let place = place(change);
    // Replies that are empty now are one change.
    if matches!(change.kind, C::ReplyRemoved { .. }) {
        return missing.path.starts_with(&place);
    }
    // An alternate that became plain lacks its other alternatives.
    if let (C::BecamePlain { removed }, M::Alternative) = (&change.kind, &missing.kind) {
        let mut places = removed.iter().map(|kind| format!("{place}[{kind}]"));
        return places.any(|place| *missing.path == place);
    }
    *missing.path == place
        && match (&missing.kind, &change.kind) {
            (M::Command | M::Event, C::RootRemoved)
            | (M::OutOfBand, C::OobLost)
            | (M::Member { .. }, C::MemberRemoved { .. } | C::MovedToBranches { .. })
            | (
                M::OptionalArgument,
                C::MemberAdded { optional: false }
                | C::MovedToCommon {
                    optional: false, ..
                }
                | C::BecameMandatory,
            )
            | (M::MandatoryReply, C::BecameOptional)
            | (M::Value, C::ValueRemoved)
            | (M::Branch, C::BranchRemoved)
            | (M::Alternative, C::AlternativeRemoved)
            | (M::Discriminator { .. }, C::TagChanged { .. })
            | (
                M::Kind { .. },
                C::TypeChanged { .. } | C::NumberChanged { .. } | C::NoLongerAny { .. },
            ) => true,
            (M::Feature(lost), C::FeatureRemoved(removed)) => **lost == **removed,
            _ => false,
        }
}

/// Compares a client of the older schema with a server of the newer one in both ways. Returns the number of breaking
/// changes.
fn check(old: Introspection, new: Introspection, description: &str) -> usize {
    let missing = new.missing(&old);
    let [old, new] = [old, new].map(|it| ServerSchema::new(it).expect("it can be compared"));
    let changes = compare(&old.model(), &new.model()).changes;
    let findings = Config::default().judge(changes, None).findings;
    let listed = || -> String {
        let findings = findings.iter();
        let lines =
            findings.map(|it| format!("{} {} {:?}\n", level(it), it.change.path, it.change.kind));
        let missing = missing.iter().map(|it| format!("{it}\n"));
        missing.chain(lines).collect()
    };
    for missing in &missing {
        let mut same = findings.iter().filter(|it| agree(missing, &it.change));
        let is_known = if missing.is_breaking() {
            same.any(|it| level(it) == Level::Breaking)
        } else {
            same.next().is_some()
        };
        assert!(
            is_known,
            "only a client finds: {missing}\n{}\n{description}",
            listed()
        );
    }
    let breaking = findings.iter().filter(|it| level(it) == Level::Breaking);
    let mut count = 0;
    for finding in breaking {
        count += 1;
        assert!(
            missing.iter().any(|it| agree(it, &finding.change)),
            "no client finds: {} {:?}\n{}\n{description}",
            finding.change.path,
            finding.change.kind,
            listed()
        );
    }
    count
}

#[test]
fn clients_find_what_is_breaking_in_schemas_made_up_by_chance() {
    let (mut pairs, mut breaking) = (0, 0);
    for_pairs(|old, new, _, text| {
        pairs += 1;
        breaking += check(description(old), description(new), text);
        breaking += check(description(new), description(old), text);
    });
    assert!(
        breaking > pairs,
        "{breaking} breaking changes of {pairs} pairs"
    );
}

#[test]
fn clients_find_what_is_breaking_between_releases() {
    let Some(schemas) = machine_protocol() else {
        return;
    };
    let mut breaking = 0;
    for old in &schemas {
        for new in &schemas {
            breaking += check(description(old), description(new), "");
        }
    }
    assert!(breaking > 400, "{breaking} breaking changes");
}
