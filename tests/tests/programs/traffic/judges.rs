//! The validator beside the wire model of `qapi-diff`: two judges that share no code, on random messages of QMP.

use qapi_diff::{Message, Model, Symbols};
use qapi_parser::ir::{Schema, TypeId};
use qapi_runtime::wire::Document;
use qapi_tests::values::Values;
use qapi_tests::{corpus, golden};
use qapi_traffic::{Build, Problem, Remark, ServerModel, Severity, Validator};
use serde_json::{Value, json};

/// Messages for each command and event, of each kind.
const ROUNDS: u64 = 12;

fn errors(remarks: Vec<Remark>) -> Vec<Remark> {
    let is_error = |it: &Remark| it.problem.severity() == Severity::Error;
    remarks.into_iter().filter(is_error).collect()
}

fn document(value: &Value) -> Document {
    Document::parse(value.to_string().as_bytes()).expect("serde writes JSON")
}

/// The whole message as a server or client sends it.
fn sent(message: &Message) -> Value {
    let mut value = message.to_json();
    if matches!(message, Message::Event { .. }) {
        value["timestamp"] = json!({"seconds": 1, "microseconds": 2});
    }
    value
}

struct Judges<'s> {
    validator: Validator,
    model: Model<'s>,
    values: Values<'s>,
    judged: u64,
    refused: u64,
}

impl Judges<'_> {
    /// Makes messages with a value of a type, right ones and wrong ones, and has both judge them.
    fn compare(&mut self, seed: u64, ty: Option<TypeId>, message: impl Fn(Value) -> Message) {
        for round in 0..ROUNDS {
            self.values.seed(seed * ROUNDS + round);
            let value = ty.map_or_else(|| Some(json!({})), |ty| self.values.value(ty));
            let Some(mut value) = value else { return };
            if round % 2 == 1 {
                self.values.spoil(&mut value);
            }
            let message = message(value);
            let whole = sent(&message);
            let document = document(&whole);
            let remarks = match &message {
                Message::Request { .. } => self.validator.request(document.strict()),
                Message::Reply { command, .. } => self.validator.reply(command, document.lenient()),
                Message::Event { .. } => self.validator.event(document.lenient()),
            };
            let mut remarks = errors(remarks);
            if !matches!(message, Message::Request { .. }) {
                // To clients it does not matter.
                remarks.retain(|it| it.problem != Problem::UnknownMember);
            }
            let violations = self.model.violations(&message);
            assert_eq!(
                remarks.is_empty(),
                violations.is_empty(),
                "{whole}\n{remarks:#?}\n{violations:#?}"
            );
            self.judged += 1;
            self.refused += u64::from(!remarks.is_empty());
            if round % 2 == 0 {
                assert!(remarks.is_empty(), "{whole}\n{remarks:#?}");
            }
        }
    }

    fn all(&mut self, schema: &Schema) {
        for (seed, command) in (0..).zip(&schema.commands) {
            let name = || command.name.clone();
            self.compare(3 * seed, command.arguments, |arguments| Message::Request {
                command: name(),
                arguments,
                out_of_band: command.allow_oob,
                before_configuration: false,
            });
            if command.success_response {
                self.compare(3 * seed + 1, command.returns, |value| Message::Reply {
                    command: name(),
                    value,
                });
            }
        }
        for (seed, event) in (0..).zip(&schema.events) {
            self.compare(3 * seed + 2, event.arguments, |data| Message::Event {
                event: event.name.clone(),
                data,
            });
        }
    }
}

#[test]
fn random_messages_of_qmp_are_checked_as_the_wire_model_checks_them() {
    let Some(corpus) = corpus::root() else {
        return;
    };
    let schema = golden::schema(&corpus.join("qemu/10.2/qapi/qapi-schema.json"));
    let mut judges = Judges {
        // What hangs on a condition is taken to exist by the model, so it is here.
        validator: Validator::new(&schema, &everything(&schema)),
        model: Model::of_schema(&schema, &Symbols::default()),
        values: Values::new(&schema),
        judged: 0,
        refused: 0,
    };
    judges.all(&schema);
    assert!(judges.judged > 5000, "{}", judges.judged);
    assert!(judges.refused > judges.judged / 5, "{}", judges.refused);
}

/// A mock of a real schema answers what its judge accepts, whatever the seed.
#[test]
fn made_up_replies_of_real_schemas_are_valid() {
    let Some(corpus) = corpus::root() else {
        return;
    };
    let mut judged = 0;
    for version in ["7.2", "10.0", "10.2"] {
        for path in corpus::roots(&corpus, version) {
            let schema = golden::schema(&path);
            let build = Build::default();
            let validator = Validator::new(&schema, &build);
            for seed in 0..6 {
                let model = ServerModel::new(&schema, &build, seed);
                for command in model.commands() {
                    let Some(reply) = model.reply(command) else {
                        continue;
                    };
                    if model.is_silent(command) {
                        continue;
                    }
                    let text = format!("{{\"return\": {reply}}}");
                    let document = Document::parse(text.as_bytes()).expect("it is JSON");
                    let remarks = errors(validator.reply(command, document.strict()));
                    assert!(remarks.is_empty(), "{command}: {text}\n{remarks:#?}");
                    judged += 1;
                }
            }
        }
    }
    assert!(judged > 3000, "{judged}");
}

/// The build in which all conditions of QMP hold.
fn everything(schema: &Schema) -> Build {
    let symbols = schema.symbols().into_iter().map(str::to_owned).collect();
    let build = Build::new(symbols, std::collections::BTreeSet::new());
    let holds = |symbol: &str| build.defined.contains(symbol);
    let all = schema.conditions().all(|condition| condition.holds(&holds));
    assert!(all, "no condition excludes another");
    build
}
