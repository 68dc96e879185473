//! Laws that hold for all pairs of schemas, tried on many made up by random.

use std::collections::BTreeMap;

use qapi_diff::{
    ChangeKind, Comparison, Config, Direction, Finding, Lens, Level, Message, Model, PathStep,
    Symbols, Witnesses, compare,
};
use qapi_parser::ir::{Schema, TypeId};
use qapi_test_support::Random;
use serde_json::{Map, Value};

use crate::common::{findings, lines, parse};
use crate::random::{Spec, document, mutate};

/// The number of pairs; `QAPI_DIFF_PAIRS=COUNT` tries another number, `FROM..TO` others.
fn seeds() -> std::ops::Range<u64> {
    let Ok(wanted) = std::env::var("QAPI_DIFF_PAIRS") else {
        return 0..400;
    };
    let (from, to) = wanted.split_once("..").unwrap_or(("0", &wanted));
    let number = |text: &str| text.parse().expect("QAPI_DIFF_PAIRS is COUNT or FROM..TO");
    number(from)..number(to)
}

/// Calls `law` with pairs of schemas and a description for when it fails.
pub(crate) fn for_pairs(mut law: impl FnMut(&Schema, &Schema, &mut Random, &str)) {
    for seed in seeds() {
        let mut random = Random::of_run(seed);
        let spec = Spec::new(&mut random);
        let (old, new) = (spec.to_text(), mutate(&spec, &mut random).to_text());
        let description = format!("seed {seed}\nold:\n{old}\nnew:\n{new}");
        law(&parse(&old), &parse(&new), &mut random, &description);
    }
}

fn model(schema: &Schema) -> Model<'_> {
    Model::of_schema(schema, &Symbols::default())
}

fn judged(comparison: Comparison) -> Vec<Finding> {
    Config::default().judge(comparison.changes, None).findings
}

fn wire(old: &Schema, new: &Schema) -> Vec<Finding> {
    judged(compare(&model(old), &model(new)))
}

#[test]
fn nothing_differs_from_itself() {
    for_pairs(|old, _, _, description| {
        let found = findings(old, old);
        assert!(found.is_empty(), "{}\n{description}", lines(&found));
    });
}

#[test]
fn every_change_is_judged_once() {
    for_pairs(|old, new, _, description| {
        let comparison = compare(&model(old), &model(new));
        let mut places = BTreeMap::new();
        let changes = comparison.changes.len();
        for finding in judged(comparison) {
            let key = format!("{} {:?}", finding.change.path, finding.change.kind);
            places
                .entry(key)
                .or_insert_with(Vec::new)
                .push(finding.rule.id);
        }
        assert_eq!(places.len(), changes, "{description}");
        for (path, rules) in places {
            assert_eq!(rules.len(), 1, "{path}: {rules:?}\n{description}");
        }
    });
}

/// The same change, seen from the other side.
fn mirrored(kind: &ChangeKind) -> ChangeKind {
    use ChangeKind as K;
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    match kind.clone() {
        K::RootAdded => K::RootRemoved,
        K::RootRemoved => K::RootAdded,
        K::OobGained => K::OobLost,
        K::OobLost => K::OobGained,
        K::PreconfigGained => K::PreconfigLost,
        K::PreconfigLost => K::PreconfigGained,
        K::ReplySuppressed => K::ReplyRestored,
        K::ReplyRestored => K::ReplySuppressed,
        K::ArgumentsChecked => K::ArgumentsUnchecked,
        K::ArgumentsUnchecked => K::ArgumentsChecked,
        K::ReplyAdded => K::ReplyRemoved { promised: true },
        K::ReplyRemoved { .. } => K::ReplyAdded,
        K::MemberAdded { optional } => K::MemberRemoved { optional },
        K::MemberRemoved { optional } => K::MemberAdded { optional },
        K::BecameOptional => K::BecameMandatory,
        K::BecameMandatory => K::BecameOptional,
        K::MovedToBranches { optional, without } => K::MovedToCommon {
            optional,
            without: sorted(&without),
        },
        K::MovedToCommon { optional, without } => K::MovedToBranches {
            optional,
            without: sorted(&without),
        },
        K::ValueAdded => K::ValueRemoved,
        K::ValueRemoved => K::ValueAdded,
        K::BranchAdded => K::BranchRemoved,
        K::BranchRemoved => K::BranchAdded,
        K::TagChanged { old, new } => K::TagChanged { old: new, new: old },
        K::AlternativeAdded => K::AlternativeRemoved,
        K::AlternativeRemoved => K::AlternativeAdded,
        K::BecameAlternate { added } => K::BecamePlain { removed: added },
        K::BecamePlain { removed } => K::BecameAlternate { added: removed },
        K::NumberChanged { old, new } => K::NumberChanged { old: new, new: old },
        K::StrBecameEnum => K::EnumBecameStr,
        K::EnumBecameStr => K::StrBecameEnum,
        K::BecameAny { old } => K::NoLongerAny { new: old },
        K::NoLongerAny { new } => K::BecameAny { old: new },
        K::TypeChanged { old, new } => K::TypeChanged { old: new, new: old },
        K::FeatureAdded(name) => K::FeatureRemoved(name),
        K::FeatureRemoved(name) => K::FeatureAdded(name),
        other => panic!("{other:?} is not on the wire"),
    }
}

#[test]
fn additions_in_one_direction_are_removals_in_the_other() {
    // Any of several shortest paths to a place may be reported, so only their ends are compared.
    let end = |change: &qapi_diff::Change, kind: &ChangeKind| {
        let path = &change.path;
        let last = path.steps.last();
        format!("{} {:?} {last:?} {kind:?}", path.root, path.direction)
    };
    for_pairs(|old, new, _, description| {
        let (old, new) = (model(old), model(new));
        let mut there: Vec<_> = compare(&old, &new)
            .changes
            .iter()
            .map(|change| end(change, &mirrored(&mirrored(&change.kind))))
            .collect();
        let mut back: Vec<_> = compare(&new, &old)
            .changes
            .iter()
            .map(|change| end(change, &mirrored(&change.kind)))
            .collect();
        // A reply may be removed by two changes, in different builds, and be added by one.
        for ends in [&mut there, &mut back] {
            ends.sort();
            ends.dedup();
        }
        assert_eq!(there, back, "{description}");
    });
}

#[test]
fn an_intermediate_revision_never_hides_a_breaking_change() {
    for seed in seeds() {
        let mut random = Random::of_run(seed);
        let first = Spec::new(&mut random);
        let second = mutate(&first, &mut random);
        let third = mutate(&second, &mut random);
        let texts = [&first, &second, &third].map(Spec::to_text);
        let schemas = texts.each_ref().map(|text| parse(text));
        let steps = [
            wire(&schemas[0], &schemas[1]),
            wire(&schemas[1], &schemas[2]),
        ];
        for finding in wire(&schemas[0], &schemas[2]) {
            let path = &finding.change.path;
            let mut told = steps.iter().flatten();
            let warned =
                told.any(|it| it.change.path.root == path.root && it.level >= Level::Risky);
            assert!(
                finding.level < Level::Breaking || warned,
                "seed {seed}: {path} {}\n{}",
                finding.rule.id,
                texts.join("\n---\n")
            );
        }
    }
}

/// Returns true if one of many random messages, which its side allows in a build with the difference, is refused by the
/// other side at its place.
fn is_shown_by_chance(
    finding: &Finding,
    (old, new): (&Schema, &Schema),
    random: &mut Random,
) -> bool {
    let path = &finding.change.path;
    let is_request = path.direction == Some(Direction::Argument);
    let last = path.steps.iter().rev().find_map(|step| match step {
        PathStep::Member(name) => Some(name.as_str()),
        _ => None,
    });
    builds().any(|symbols| {
        let sides = [old, new].map(|schema| Model::of_schema(schema, &symbols));
        // In other builds something else may differ there.
        let differs = compare(&sides[0], &sides[1]).changes.iter().any(|change| {
            let ends = (
                &change.path.root,
                change.path.direction,
                change.path.steps.last(),
            );
            change.kind == finding.change.kind
                && ends == (&path.root, path.direction, path.steps.last())
        });
        if !differs {
            return false;
        }
        // A member that is refused as a whole shows nothing about its values.
        let takes_away = matches!(
            finding.change.kind,
            ChangeKind::MemberRemoved { .. } | ChangeKind::MovedToBranches { .. }
        );
        let (allowing, other) = if is_request {
            (&sides[0], &sides[1])
        } else {
            (&sides[1], &sides[0])
        };
        let sender = if is_request { old } else { new };
        (0..4).any(|_| {
            messages(sender, random).iter().any(|(way, root, message)| {
                Some(*way) == path.direction
                    && *root == path.root
                    && allowing.check(message).is_ok()
                    && other
                        .violations(message)
                        .iter()
                        .filter(|it| takes_away || it.problem != "unexpected")
                        .any(|it| it.path.rsplit(['.', '[']).next() == last)
            })
        })
    })
}

#[test]
fn every_breaking_change_breaks_a_message() {
    let (mut proved, mut shown) = (0, 0);
    for_pairs(|old, new, random, description| {
        let (old_model, new_model) = (model(old), model(new));
        let witnesses = Witnesses::new(&old_model, &new_model);
        for finding in wire(old, new) {
            let exempt = matches!(finding.change.kind, ChangeKind::FeatureRemoved(_));
            if finding.level < Level::Breaking || exempt {
                continue;
            }
            let is_shown = |random: &mut Random| is_shown_by_chance(&finding, (old, new), random);
            if witnesses.find(&finding.change).is_some() {
                // Tried on some, so that the other way to find a message is known to find them.
                if matches!(finding.change.path.steps.last(), Some(PathStep::Member(_)))
                    && proved < 20
                {
                    proved += 1;
                    shown += usize::from(is_shown(random));
                }
                continue;
            }
            // Without a witness no message may break: a type has no value in the builds in question, or a
            // branch is selected by a member that the other side does not have.
            let path = &finding.change.path;
            assert!(
                !is_shown(random),
                "no witness: {path} {}\n{description}",
                finding.rule.id
            );
        }
    });
    assert!(
        proved == 20 && shown > 10,
        "{shown} of {proved} shown by random"
    );
}

/// A way to refer to what a finding is about, whichever shortest path leads there.
type Subject = (String, Option<Direction>, &'static str);

fn worst(findings: Vec<Finding>) -> BTreeMap<Subject, Level> {
    let mut worst = BTreeMap::new();
    for finding in findings {
        let path = finding.change.path;
        let subject = (path.root, path.direction, finding.rule.id);
        let level = worst.entry(subject).or_insert(finding.level);
        *level = finding.level.max(*level);
    }
    worst
}

/// All assignments of the symbols of the random schemas.
fn builds() -> impl Iterator<Item = Symbols> {
    const NAMES: [&str; 3] = ["HAVE_A", "HAVE_B", "HAVE_C"];
    (0..1_u32 << NAMES.len()).map(|assignment| {
        let mut symbols = Symbols::default();
        for (index, name) in NAMES.iter().enumerate() {
            let side = if assignment >> index & 1 == 1 {
                &mut symbols.defined
            } else {
                &mut symbols.undefined
            };
            side.insert((*name).to_owned());
        }
        symbols
    })
}

#[test]
fn conditions_are_judged_by_the_worst_of_all_builds() {
    for_pairs(|old, new, _, description| {
        let found = worst(wire(old, new));
        let mut expected = BTreeMap::new();
        for symbols in builds() {
            let old = Model::of_schema(old, &symbols);
            let new = Model::of_schema(new, &symbols);
            for (subject, level) in worst(judged(compare(&old, &new))) {
                let known = expected.entry(subject).or_insert(level);
                *known = level.max(*known);
            }
        }
        // Where a whole reply comes or goes with the conditions of its members, one build tells it
        // as a reply, and all builds together as members. Their levels are alike.
        let by_place = |levels: &BTreeMap<Subject, Level>| {
            let mut by_place = BTreeMap::new();
            for ((root, direction, _), level) in levels {
                let known = by_place.entry((root.clone(), *direction)).or_insert(*level);
                *known = (*level).max(*known);
            }
            by_place
        };
        assert_eq!(by_place(&found), by_place(&expected), "{description}");
        let whole = |(_, _, rule): &&Subject| {
            !rule.contains("reply") && !rule.contains("member") && !rule.contains("alternat")
        };
        let rules = |levels: &BTreeMap<Subject, Level>| {
            let subjects = levels.iter().filter(|(subject, _)| whole(subject));
            let subjects = subjects.map(|(subject, level)| (subject.clone(), *level));
            subjects.collect::<BTreeMap<_, _>>()
        };
        assert_eq!(rules(&found), rules(&expected), "{description}");
    });
}

#[test]
fn nothing_below_an_unstable_command_or_member_breaks() {
    for_pairs(|old, new, random, description| {
        let text = |what: &str| {
            let (_, rest) = description.split_once(what).expect("it is described");
            rest.split("new:\n").next().unwrap_or_default().to_owned()
        };
        let (old_text, new_text) = (text("old:\n"), text("new:\n"));
        let command = &random.choose(&old.commands).name;
        let mark = |text: &str| {
            let start = format!("{{ 'command': '{command}'");
            let lines = text.lines().map(|line| {
                if !line.starts_with(&start) {
                    return line.to_owned();
                }
                let bare = line.replace(", 'features': [ 'fast' ]", "");
                if bare.contains("'features'") {
                    return bare;
                }
                bare.replacen(&start, &format!("{start}, 'features': [ 'unstable' ]"), 1)
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        let marked = parse(&mark(&old_text));
        let is_unstable = marked.commands.iter().any(|it| {
            it.name == *command && it.features.iter().any(|feature| feature.name == "unstable")
        });
        let conditional = marked.commands.iter().any(|it| {
            it.name == *command
                && it
                    .features
                    .iter()
                    .any(|feature| feature.condition.is_some())
        });
        let _ = new;
        if !is_unstable || conditional {
            return;
        }
        for finding in wire(&marked, &parse(&new_text)) {
            if finding.change.path.root == *command {
                let path = &finding.change.path;
                assert!(
                    finding.level < Level::Breaking,
                    "{path} {}\n{description}",
                    finding.rule.id
                );
                assert!(finding.change.announced.is_some(), "{path}\n{description}");
            }
        }
    });
}

/// Random messages that a schema allows, with the direction in which they are sent.
fn messages(schema: &Schema, random: &mut Random) -> Vec<(Direction, String, Message)> {
    let value = |ty: Option<TypeId>, random: &mut Random| match ty {
        Some(ty) => document(schema, ty, random, 8),
        None => Some(Value::Object(Map::new())),
    };
    let mut messages = Vec::new();
    for command in &schema.commands {
        let name = command.name.clone();
        for _ in 0..6 {
            if let Some(mut arguments) = value(command.arguments, random) {
                if !command.gen_ && random.one_in(2) {
                    arguments["x-unknown"] = true.into();
                }
                let message = Message::Request {
                    command: name.clone(),
                    arguments,
                    out_of_band: command.allow_oob && random.one_in(2),
                    before_configuration: command.allow_preconfig && random.one_in(2),
                };
                messages.push((Direction::Argument, name.clone(), message));
            }
            if command.success_response
                && let Some(value) = value(command.returns, random)
            {
                let message = Message::Reply {
                    command: name.clone(),
                    value,
                };
                messages.push((Direction::Reply, name.clone(), message));
            }
        }
    }
    for event in &schema.events {
        for _ in 0..6 {
            if let Some(data) = value(event.arguments, random) {
                let message = Message::Event {
                    event: event.name.clone(),
                    data,
                };
                messages.push((Direction::Event, event.name.clone(), message));
            }
        }
    }
    messages
}

#[test]
fn messages_that_a_schema_allows_pass_its_own_check() {
    for_pairs(|old, _, random, description| {
        let model = model(old);
        for (_, _, message) in messages(old, random) {
            let verdict = model.check(&message);
            assert_eq!(verdict, Ok(()), "{}\n{description}", message.to_json());
        }
    });
}

#[test]
fn every_change_that_breaks_a_message_is_reported() {
    for_pairs(|old, new, random, description| {
        let (old_model, new_model) = (model(old), model(new));
        let found = wire(old, new);
        let told = |root: &str, direction: Direction| {
            found.iter().any(|finding| {
                let path = &finding.change.path;
                let same_way = path.direction.is_none_or(|it| it == direction);
                path.root == root && same_way && finding.level >= Level::Risky
            })
        };
        let requests = messages(old, random).into_iter();
        let requests = requests.filter(|(way, ..)| *way == Direction::Argument);
        for (way, root, message) in requests {
            if let Err(violation) = new_model.check(&message) {
                let sent = message.to_json();
                assert!(told(&root, way), "{sent}: {violation}\n{description}");
            }
        }
        for (way, root, message) in messages(new, random) {
            // What a client of the older revision does not know it neither asks for nor heeds.
            let known = old_model.violations(&message);
            let unknown = known.iter().any(|it| it.problem.starts_with("there is no"));
            if way == Direction::Argument || known.is_empty() || unknown {
                continue;
            }
            let sent = message.to_json();
            assert!(told(&root, way), "{sent}: {}\n{description}", known[0]);
        }
    });
}

#[test]
fn the_pairs_try_every_rule_of_the_wire() {
    let mut seen = BTreeMap::new();
    // Some changes are rare.
    for seed in 0..1500 {
        let mut random = Random::of_run(seed);
        let spec = Spec::new(&mut random);
        let (old, new) = (spec.to_text(), mutate(&spec, &mut random).to_text());
        let (old, new) = (parse(&old), parse(&new));
        for finding in wire(&old, &new).into_iter().chain(wire(&new, &old)) {
            *seen.entry(finding.rule.id).or_insert(0) += 1;
        }
    }
    // The random changes never exchange a discriminator.
    let exempt = ["tag-changed"];
    for rule in qapi_diff::rules::all().filter(|rule| rule.lens == Lens::Wire) {
        let tried = seen.contains_key(rule.id) || exempt.contains(&rule.id);
        assert!(tried, "`{}` was never met: {seen:#?}", rule.id);
    }
}

/// Every pair of number types in both directions, against what the edges of the types say themselves.
#[test]
fn numbers_are_judged_by_what_travels() {
    const TYPES: [&str; 11] = [
        "int", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "size",
        "number",
    ];
    let text = |ty: &str| {
        format!(
            "{{ 'struct': 'R', 'data': {{ 'n': '{ty}' }} }}\n\
             {{ 'command': 'c', 'data': {{ 'n': '{ty}' }}, 'returns': 'R' }}\n"
        )
    };
    let mut edges: Vec<Value> = vec![0.5.into()];
    for bits in [7, 8, 15, 16, 31, 32, 63] {
        let edge = 1_u64 << bits;
        edges.extend([Value::from(edge), Value::from(edge - 1)]);
        if let Ok(edge) = i64::try_from(edge) {
            edges.extend([Value::from(-edge), Value::from(-edge - 1)]);
        }
    }
    edges.extend([Value::from(i64::MIN), Value::from(u64::MAX)]);
    for (old_type, new_type) in TYPES.iter().flat_map(|old| TYPES.map(|new| (*old, new))) {
        let (old, new) = (parse(&text(old_type)), parse(&text(new_type)));
        let (old_model, new_model) = (model(&old), model(&new));
        let level = |direction| {
            let found = wire(&old, &new).into_iter();
            let found = found.filter(|it| it.change.path.direction == Some(direction));
            found.map(|it| it.level).max().unwrap_or(Level::Compatible)
        };
        let breaks = |direction: Direction, allows: &Model<'_>, rejects: &Model<'_>| {
            edges.iter().any(|edge| {
                let value = serde_json::json!({ "n": edge });
                let message = match direction {
                    Direction::Argument => Message::Request {
                        command: "c".to_owned(),
                        arguments: value,
                        out_of_band: false,
                        before_configuration: false,
                    },
                    _ => Message::Reply {
                        command: "c".to_owned(),
                        value,
                    },
                };
                allows.check(&message).is_ok() && rejects.check(&message).is_err()
            })
        };
        let pair = format!("{old_type} to {new_type}");
        let refused = breaks(Direction::Argument, &old_model, &new_model);
        assert_eq!(
            level(Direction::Argument) == Level::Breaking,
            refused,
            "{pair}"
        );
        let unexpected = breaks(Direction::Reply, &new_model, &old_model);
        assert_eq!(
            level(Direction::Reply) == Level::Risky,
            unexpected,
            "{pair}"
        );
    }
}
