//! Secrets never reach a recording, wherever they stand and whatever repeats them.

use std::fmt::Write as _;

use qapi_runtime::secrets::PLACES;
use qapi_tests::base64;
use qapi_tests::generate::Random;
use qapi_traffic::recording::Direction;
use qapi_traffic::{Arrival, Masks, Recorder};
use serde_json::{Value, json};

/// Letters that no other part of a message has, some of which JSON writes in several ways.
const LETTERS: [char; 8] = ['Ж', 'Ω', '§', '€', 'Ð', 'þ', '語', '😀'];

/// Something that nobody may see.
struct Secret {
    text: String,
    /// It is made of [`LETTERS`], none of which may be seen.
    is_strange: bool,
}

impl Secret {
    fn new(rng: &mut Random) -> Self {
        let is_strange = rng.below(2) == 0;
        let text = if is_strange {
            let letters = 0..=rng.below(12);
            letters.map(|_| LETTERS[rng.below(LETTERS.len())]).collect()
        } else {
            // Long enough to occur nowhere by chance; any character that a keyboard has.
            let letters = 0..8 + rng.below(12);
            let any = |_| char::from(b' ' + u8::try_from(rng.below(95)).expect("it is small"));
            let text: String = letters.map(any).collect();
            format!("q{}z", text.trim())
        };
        Self { text, is_strange }
    }

    /// Shorter ones are only known to be secret in the error that follows.
    fn is_long(&self) -> bool {
        self.text.len() >= 4
    }

    fn is_in(&self, shown: &Value) -> bool {
        match shown {
            Value::String(text) if self.is_strange => text.contains(LETTERS),
            Value::String(text) => text.contains(&self.text),
            Value::Array(items) => items.iter().any(|it| self.is_in(it)),
            Value::Object(members) => members.values().any(|it| self.is_in(it)),
            _ => false,
        }
    }
}

/// JSON text of a value; letters beyond ASCII are escaped, all or none, as encoders do.
fn written(rng: &mut Random, value: &Value) -> String {
    let text = value.to_string();
    if rng.below(2) == 0 {
        return text;
    }
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").expect("writing to a string cannot fail");
            }
        }
    }
    escaped
}

/// A line for QEMU's monitor for people.
fn line(rng: &mut Random, secret: &str) -> String {
    match rng.below(5) {
        0 => format!("set_password vnc {secret}"),
        1 => format!("object_add secret,id=s,data={}", secret.replace(',', ",,")),
        2 => format!(
            "object_add secret,id=s,format=base64,data={}",
            base64::encode(secret.as_bytes())
        ),
        3 => {
            let quoted = secret.replace('\\', "\\\\").replace('"', "\\\"");
            format!("change vnc password \"{quoted}\"")
        }
        _ => format!("change vnc password {secret}"),
    }
}

/// A request with a secret at a known place.
fn request(rng: &mut Random, secret: &str) -> Value {
    let arguments: Vec<_> = PLACES
        .iter()
        .filter(|it| it.contains(".arguments."))
        .collect();
    let place = arguments[rng.below(arguments.len())];
    let (head, way) = place.split_once(".arguments.").expect("it was chosen so");
    let (command, condition) = head.split_once('[').unwrap_or((head, ""));
    let command = command.replace('*', "add-authorized-keys");
    let is_encoded = matches!(&*command, "guest-set-user-password" | "object-add");
    let mut value = if is_encoded && rng.below(2) == 0 {
        json!(base64::encode(secret.as_bytes()))
    } else {
        json!(secret)
    };
    for name in way.rsplit('.') {
        value = match rng.below(3) {
            0 => json!({ name: [value] }),
            _ => json!({ name: value }),
        };
    }
    let members = value.as_object_mut().expect("the way has a member");
    members.insert("other".to_owned(), json!("words"));
    let condition = condition.trim_end_matches(']');
    if let Some((member, wanted)) = condition.split_once('=')
        && !members.contains_key(member)
        // It counts as given where it is absent.
        && rng.below(4) > 0
    {
        members.insert(member.to_owned(), json!(wanted.replace('*', "x")));
    }
    if let Some(member) = members.get_mut("command-line") {
        *member = json!(line(rng, secret));
    }
    let key = ["execute", "exec-oob", "exeute"][rng.below(3)];
    json!({ key: command, "arguments": value })
}

/// A message of a server that repeats a secret.
fn answer(rng: &mut Random, secret: &Secret) -> Value {
    let text = &secret.text;
    let error = json!({"error": {"class": "GenericError", "desc": format!("bad '{text}'!")}});
    if !secret.is_long() {
        return error;
    }
    match rng.below(5) {
        0 => error,
        1 => json!({"return": {"list": [{"text": format!("<{text}>")}]}}),
        2 => event(text),
        3 => {
            let output = format!("it is {text}.");
            json!({"return": {"out-data": base64::encode(output.as_bytes())}})
        }
        _ => json!({"return": text}),
    }
}

fn event(text: &str) -> Value {
    let timestamp = json!({"seconds": 1, "microseconds": 1});
    json!({"event": "E", "data": {"text": text}, "timestamp": timestamp})
}

/// A recorder, and all that it was given.
struct Stream {
    rng: Random,
    recorder: Recorder<Vec<u8>>,
    sent: String,
}

impl Stream {
    /// Sends a message as JSON.
    fn send(&mut self, way: Way, value: &Value) {
        let text = written(&mut self.rng, value);
        self.send_text(way, &text);
    }

    /// Sends text in pieces of any length.
    fn send_text(&mut self, (client, direction): Way, text: &str) {
        let line = format!("{text}\r\n");
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(1 + self.rng.below(rest.len()));
            let arrival = Arrival {
                time: None,
                client,
                direction,
            };
            let taken = self.recorder.bytes(arrival, piece, 0);
            taken.expect("writing to memory cannot fail");
            rest = more;
        }
        self.sent += &line;
    }
}

type Way = (u64, Direction);
const REQUEST: Way = (1, Direction::ToServer);
const ANSWER: Way = (1, Direction::ToClient);
/// Events are for all clients.
const OTHER_CLIENT: Way = (2, Direction::ToClient);

/// Spoils a request now and then: the client is cut off in the middle, or writes what is not JSON.
fn spoil(rng: &mut Random, text: &mut String) {
    match rng.below(8) {
        0 => *text = text.replacen(':', " ", 1),
        1 => text.insert(0, '\u{1}'),
        2 => {
            let middle = text.find("\"arguments\"").unwrap_or_default();
            text.insert(middle, '\u{1}');
        }
        3 => {
            text.pop();
            text.push('\u{1}');
        }
        _ => {}
    }
}

#[test]
fn no_recording_has_a_secret() {
    for seed in 0..6000 {
        let mut rng = Random::new(seed);
        let secret = Secret::new(&mut rng);
        let mut stream = Stream {
            rng,
            recorder: Recorder::new(Vec::new(), Masks::default()),
            sent: String::new(),
        };
        for _ in 0..=stream.rng.below(4) {
            if stream.rng.below(8) == 0 && secret.is_long() {
                // Some are told by the server first.
                let question = json!({"execute": "guest-ssh-get-authorized-keys"});
                stream.send(REQUEST, &question);
                stream.send(ANSWER, &json!({"return": {"keys": [secret.text]}}));
            }
            let request = request(&mut stream.rng, &secret.text);
            let mut text = written(&mut stream.rng, &request);
            spoil(&mut stream.rng, &mut text);
            stream.send_text(REQUEST, &text);
            let answer = answer(&mut stream.rng, &secret);
            stream.send(ANSWER, &answer);
            if secret.is_long() {
                stream.send(OTHER_CLIENT, &event(&format!("({})", secret.text)));
            }
        }
        let bytes = stream.recorder.into_inner();
        let recorded = String::from_utf8(bytes).expect("recordings are text");
        for line in recorded.lines() {
            let value: Value = serde_json::from_str(line).expect("each line is JSON");
            let (text, sent) = (&secret.text, &stream.sent);
            let has = secret.is_in(&value);
            assert!(!has, "seed {seed}, {text}:\n{sent}\n{recorded}");
        }
    }
}
