//! Arguments that the schema of a command does not have.

use qapi_runtime::testing::{Expect, MockServer, Script};
use qapi_runtime::{
    Any, Client, Command, Encode, EncodeMembers, Execute, Object, ObjectWriter, Options, WithExtra,
    WriteFault, Writer,
};
use qapi_test_support::Random;

/// A command that sets these arguments.
#[derive(Clone)]
struct Set(Object);

impl EncodeMembers for Set {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        self.0.encode_members(out);
    }
}

impl Command for Set {
    const NAME: &'static str = "set";
    type Reply = Any;
}

fn written(value: &impl Encode) -> (String, Option<WriteFault>) {
    let mut out = Writer::new();
    out.value(value);
    let fault = out.fault().cloned();
    (out.into_string(), fault)
}

#[test]
fn further_arguments_come_after_those_of_the_schema() {
    let command = Set(Object::new().with("a", 1)).with_extra("b", "text");
    let command = command.with_extra("c", Object::new()).with_extra("b", 2);
    assert_eq!(
        written(&command),
        ("{\"a\": 1, \"b\": 2, \"c\": {}}".to_owned(), None)
    );
    let none = WithExtra::new(Set(Object::new().with("a", 1)));
    assert_eq!(written(&none), ("{\"a\": 1}".to_owned(), None));
    let alone = Set(Object::new()).with_extra("b", 2);
    assert_eq!(written(&alone), ("{\"b\": 2}".to_owned(), None));
}

#[test]
fn an_argument_that_is_set_already_is_refused_before_anything_is_sent() {
    let sent = Expect::command("set").with_exactly(Object::new().with("a", 1));
    let server = MockServer::qmp(Script::in_order([sent.replies(&7)]));
    let mut client = Client::qmp(server.connect(), Options::default()).unwrap();
    let set = Set(Object::new().with("a", 1));
    let error = client.execute(&set.clone().with_extra("a", 2)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`set`"), "{text}");
    assert!(text.contains("a further member is called `a`"), "{text}");
    assert_eq!(client.execute(&set).unwrap(), Any::from(7));
    server.script().verify().unwrap();
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn on_tokio_too() {
    use qapi_runtime::AsyncExecute as _;
    use qapi_runtime::client::tokio::Client;

    let sent = Expect::command("set").with_exactly(Object::new().with("a", 1).with("b", 2));
    let server = MockServer::guest(Script::in_order([sent.replies(&7)]));
    let client = Client::guest(server.connect_async(), Options::default());
    let client = client.await.unwrap();
    let set = Set(Object::new().with("a", 1));
    let error = client.execute(&set.clone().with_extra("a", 2)).await;
    let text = error.unwrap_err().to_string();
    assert!(text.contains("a further member is called `a`"), "{text}");
    let reply = client.execute(&set.with_extra("b", 2)).await.unwrap();
    assert_eq!(reply, Any::from(7));
}

/// Names, and texts that look like them.
const NAMES: [&str; 8] = ["a", "b", "a\"", "\\", "a\\\"", "\": ", "{", "é"];

fn value(random: &mut Random, depth: usize) -> Any {
    match random.below(if depth == 0 { 2 } else { 4 }) {
        0 => Any::from(NAMES[random.below(NAMES.len())]),
        1 => Any::from(1),
        2 => Any::Array(
            (0..random.below(3))
                .map(|_| value(random, depth - 1))
                .collect(),
        ),
        _ => Any::Object(object(random, depth - 1)),
    }
}

fn object(random: &mut Random, depth: usize) -> Object {
    let members = (0..random.below(4)).map(|_| {
        let name = NAMES[random.below(NAMES.len())];
        (name.to_owned(), value(random, depth))
    });
    members.collect()
}

#[test]
fn a_member_is_never_written_twice() {
    let mut random = Random::new(12);
    let mut refused = 0;
    for _ in 0..5000 {
        let (own, extra) = (object(&mut random, 3), object(&mut random, 3));
        let repeated = extra.iter().any(|(name, _)| own.get(name).is_some());
        let set = WithExtra::new(Set(own.clone()));
        let add =
            |set: WithExtra<Set>, (name, value): (&str, &Any)| set.with_extra(name, value.clone());
        let command = extra.iter().fold(set, add);
        let (text, fault) = written(&command);
        assert_eq!(fault.is_some(), repeated, "{text}");
        refused += usize::from(repeated);
        let read: Object = text.parse::<Any>().unwrap().as_object().unwrap().clone();
        let mut expected = extra;
        expected.extend(own.clone());
        for (name, value) in &expected {
            assert_eq!(read.get(name), Some(value), "{text}");
        }
        assert_eq!(read.len(), expected.len());
    }
    assert!((500..4500).contains(&refused), "{refused}");
}
