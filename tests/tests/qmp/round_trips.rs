//! Random values of every type, command and event of QMP: what generated code makes of them, and what the schema says.
//!
//! Three judges that know nothing of each other: generated code, [`Judge`] and, for whole messages, the wire model of
//! `qapi-diff`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use qapi_diff::{Message, Model, Symbols};
use qapi_parser::ir::{Entity, Schema, TypeId};
use qapi_runtime::Policy;
use qapi_runtime::wire::Document;
use qapi_tests::judge::{Judge, Rules};
use qapi_tests::values::Values;
use qapi_tests::{corpus, golden};
use qapi_traffic::{Build, Severity, Validator};
use serde_json::{Value, json};

use crate::codec::Codec;

/// The code by the names of the schema.
#[allow(deprecated, reason = "all of the schema is meant")]
mod qmp {
    use crate::codec::{Codec, members, reply, value};
    use crate::generated::qmp_10_2::{commands, events, types};

    include!(concat!(env!("OUT_DIR"), "/qmp_10_2/table.rs"));
}

/// Values per type, command or event and question. `QAPI_ROUND_TRIPS` asks for more.
fn rounds() -> u64 {
    let asked = std::env::var("QAPI_ROUND_TRIPS").ok();
    asked.map_or(8, |asked| {
        asked.parse().expect("QAPI_ROUND_TRIPS is a number")
    })
}

fn schema() -> Schema {
    let corpus = corpus::root().expect("it was there when the tests were built");
    let root: PathBuf = corpus.join("qemu/10.2/qapi/qapi-schema.json");
    golden::schema(&root)
}

/// Something that values are made for.
struct Subject {
    name: String,
    codec: Codec,
    ty: TypeId,
    /// Members that are not in the schema are kept.
    is_open: bool,
}

/// All types that have code of their own.
fn types(schema: &Schema) -> Vec<Subject> {
    let codecs = qmp::types();
    let subject = |(name, codec): (&&str, &Codec)| {
        let Some(Entity::Type(ty)) = schema.lookup(name) else {
            panic!("{name} is a type");
        };
        Subject {
            name: (*name).to_owned(),
            codec: *codec,
            ty,
            is_open: false,
        }
    };
    codecs.iter().map(subject).collect()
}

/// Arguments, replies and data.
fn messages(schema: &Schema) -> Vec<Subject> {
    let (arguments, replies, events) = (qmp::arguments(), qmp::replies(), qmp::events());
    let mut subjects = Vec::new();
    let mut add = |name: String, codec, ty: Option<TypeId>, is_open| {
        if let Some(ty) = ty {
            subjects.push(Subject {
                name,
                codec,
                ty,
                is_open,
            });
        }
    };
    for command in &schema.commands {
        let name = &command.name;
        let (takes, gives) = (arguments[name.as_str()], replies[name.as_str()]);
        add(
            format!("arguments of {name}"),
            takes,
            command.arguments,
            !command.gen_,
        );
        add(format!("reply of {name}"), gives, command.returns, false);
    }
    for event in &schema.events {
        let (name, codec) = (&event.name, events[event.name.as_str()]);
        add(format!("data of {name}"), codec, event.arguments, false);
    }
    subjects
}

fn everything(schema: &Schema) -> Vec<Subject> {
    let mut subjects = types(schema);
    subjects.extend(messages(schema));
    assert!(subjects.len() > 900, "{} subjects", subjects.len());
    subjects
}

/// A seed of its own for each subject and round.
fn seed(name: &str, round: u64) -> u64 {
    name.bytes().fold(round, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(byte.into())
    })
}

fn document(value: &Value) -> Document {
    let text = value.to_string();
    Document::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A value as generated code reads and writes it.
fn through(codec: Codec, value: &Value, policy: Policy) -> Result<Value, String> {
    let text = codec(&document(value), policy).map_err(|error| error.explain().to_string())?;
    Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// The same JSON: numbers by what they are worth, whichever way they are written.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_there = |(name, value): (&String, &Value)| {
                other.get(name).is_some_and(|other| same(value, other))
            };
            one.len() == other.len() && one.iter().all(is_there)
        }
        _ => one == other,
    }
}

#[test]
fn the_build_script_has_found_every_definition() {
    let schema = schema();
    // Branches hold what wrappers wrap, so there are none in Rust.
    let defined = schema
        .types
        .iter()
        .filter(|ty| ty.span.is_some() && !ty.implicit && !ty.name.ends_with("Wrapper"));
    let arrays =
        |ty: &&qapi_parser::ir::TypeDef| matches!(ty.kind, qapi_parser::ir::TypeKind::Array(_));
    let defined = defined.filter(|ty| !arrays(ty)).count();
    assert_eq!(qmp::types().len(), defined);
    assert_eq!(qmp::arguments().len(), schema.commands.len());
    assert_eq!(qmp::events().len(), schema.events.len());
    assert!(defined > 600, "{defined} types");
}

#[test]
fn values_of_every_type_come_back_as_they_were() {
    let schema = schema();
    let mut values = Values::new(&schema);
    let mut count = 0;
    for Subject {
        name, codec, ty, ..
    } in everything(&schema)
    {
        for round in 0..rounds() {
            let Some(value) = values.seed(seed(&name, round)).value(ty) else {
                continue;
            };
            for policy in [Policy::Strict, Policy::Lenient] {
                match through(codec, &value, policy) {
                    Ok(back) => assert!(same(&back, &value), "{name}:\n{value}\n{back}"),
                    Err(error) => panic!("{name}, {policy:?}: {error}\n{value}"),
                }
            }
            count += 1;
        }
    }
    assert!(count > 5000, "{count} values");
}

/// The judge of recorded traffic has no complaint about what generated code writes.
#[test]
fn requests_of_a_generated_client_are_valid() {
    let schema = schema();
    let symbols = schema.symbols().into_iter().map(str::to_owned).collect();
    let validator = Validator::new(&schema, &Build::new(symbols, BTreeSet::new()));
    let arguments = qmp::arguments();
    let mut values = Values::new(&schema);
    let mut count = 0;
    for command in &schema.commands {
        let name = command.name.as_str();
        let Some(ty) = command.arguments else {
            continue;
        };
        for round in 0..rounds() {
            let Some(value) = values.seed(seed(name, round)).value(ty) else {
                continue;
            };
            let sent = through(arguments[name], &value, Policy::Lenient);
            let sent = sent.unwrap_or_else(|error| panic!("{name}: {error}"));
            let request = json!({ "execute": name, "arguments": sent });
            let remarks = validator.request(document(&request).strict());
            let mut errors = remarks
                .iter()
                .filter(|it| it.problem.severity() == Severity::Error);
            assert_eq!(errors.next(), None, "{request}");
            count += 1;
        }
    }
    assert!(count > 500, "{count} requests");
}

#[test]
fn news_from_a_newer_server_are_passed_over_or_kept() {
    let schema = schema();
    let judge = Judge::new(&schema, Rules::CLIENT);
    let mut values = Values::new(&schema).with_news();
    let (mut refused, mut changed, mut kept) = (0, 0, 0);
    for Subject {
        name,
        codec,
        ty,
        is_open,
    } in everything(&schema)
    {
        for round in 0..rounds() {
            let Some(value) = values.seed(seed(&name, round)).value(ty) else {
                continue;
            };
            let expected = if is_open {
                Ok(value.clone())
            } else {
                judge.read(ty, &value)
            };
            match (through(codec, &value, Policy::Lenient), expected) {
                (Ok(back), Ok(expected)) => {
                    assert!(
                        same(&back, &expected),
                        "{name}:\n{value}\n{expected}\n{back}"
                    );
                    if same(&back, &value) {
                        kept += 1;
                    } else {
                        changed += 1;
                    }
                }
                (Err(_), Err(_)) => refused += 1,
                (back, expected) => panic!("{name}: {value}\n{back:?}\n{expected:?}"),
            }
        }
    }
    // News in types that only clients send are refused: no reader of replies meets them.
    assert!(
        refused > 100 && changed > 100 && kept > 1000,
        "{refused} {changed} {kept}"
    );
}

#[test]
fn invalid_messages_are_rejected_exactly_where_they_violate_the_schema() {
    let schema = schema();
    let judges = [
        (Policy::Strict, Judge::new(&schema, Rules::SERVER)),
        (Policy::Lenient, Judge::new(&schema, Rules::CLIENT)),
    ];
    let mut values = Values::new(&schema);
    let (mut accepted, mut refused) = (0, 0);
    for Subject {
        name,
        codec,
        ty,
        is_open,
    } in everything(&schema)
    {
        if is_open {
            continue;
        }
        for round in 0..rounds() {
            values.seed(seed(&name, round) ^ 1 << 63);
            let Some(mut value) = values.value(ty) else {
                continue;
            };
            values.spoil(&mut value);
            for (policy, judge) in &judges {
                match (through(codec, &value, *policy), judge.read(ty, &value)) {
                    (Ok(back), Ok(expected)) => {
                        assert!(
                            same(&back, &expected),
                            "{name}:\n{value}\n{expected}\n{back}"
                        );
                        accepted += 1;
                    }
                    (Err(error), Err(_)) => {
                        assert!(
                            !error.is_empty() && !error.contains("did not match"),
                            "{error}"
                        );
                        refused += 1;
                    }
                    (back, expected) => {
                        panic!("{name}, {policy:?}: {value}\n{back:?}\n{expected:?}")
                    }
                }
            }
        }
    }
    assert!(
        accepted > 1000 && refused > 5000,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn the_wire_model_checks_messages_alike() {
    let schema = schema();
    let model = Model::of_schema(&schema, &Symbols::default());
    // In the model, all that the schema has is there, and nothing else is sent.
    let server = Rules {
        unlisted: false,
        conditions: false,
        ..Rules::SERVER
    };
    let client = Rules {
        wrap: false,
        unknown_members: true,
        ..server
    };
    let (server, client) = (Judge::new(&schema, server), Judge::new(&schema, client));
    let (mut accepted, mut refused) = (0, 0);
    let mut compare =
        |message: &Message, ours: Result<Value, String>| match (model.check(message), ours) {
            (Ok(()), Ok(_)) => accepted += 1,
            (Err(_), Err(_)) => refused += 1,
            (theirs, ours) => panic!("{message:?}\n{theirs:?}\n{ours:?}"),
        };
    let mut random = Values::new(&schema);
    let mut values = |name: &str, ty: Option<TypeId>| {
        let Some(ty) = ty else { return Vec::new() };
        let rounds = (0..rounds()).filter_map(|round| {
            random.seed(seed(name, round));
            let mut value = random.value(ty)?;
            if round % 2 == 1 {
                random.spoil(&mut value);
            }
            Some(value)
        });
        rounds.collect()
    };
    for command in &schema.commands {
        let name = || command.name.clone();
        for arguments in values(&command.name, command.arguments) {
            if command.gen_ {
                let verdict = server.read_arguments(command.arguments, &arguments);
                let (out_of_band, before_configuration) = (false, false);
                compare(
                    &Message::Request {
                        command: name(),
                        arguments,
                        out_of_band,
                        before_configuration,
                    },
                    verdict,
                );
            }
        }
        for value in values(&command.name, command.returns) {
            if let Some(ty) = command.returns.filter(|_| command.success_response) {
                let verdict = client.read(ty, &value);
                compare(
                    &Message::Reply {
                        command: name(),
                        value,
                    },
                    verdict,
                );
            }
        }
    }
    for event in &schema.events {
        for data in values(&event.name, event.arguments) {
            let verdict = client.read_arguments(event.arguments, &data);
            compare(
                &Message::Event {
                    event: event.name.clone(),
                    data,
                },
                verdict,
            );
        }
    }
    assert!(
        accepted > 1000 && refused > 400,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn a_repeated_member_is_rejected() {
    let schema = schema();
    let mut values = Values::new(&schema);
    let mut count = 0;
    for Subject { name, ty, .. } in everything(&schema) {
        let Some(value) = values.seed(seed(&name, 0)).value(ty) else {
            continue;
        };
        let Some((first, inner)) = value.as_object().and_then(|it| it.iter().next()) else {
            continue;
        };
        let first = Value::from(first.as_str());
        let text = value
            .to_string()
            .replacen('{', &format!("{{{first}: {inner}, "), 1);
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
        let error = Document::parse(text.as_bytes())
            .expect_err("it stands twice")
            .to_string();
        assert!(error.contains("duplicate"), "{error}");
        count += 1;
    }
    assert!(count > 500, "{count} objects");
}
