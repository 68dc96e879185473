//! Thousands of generated requests to our agent and to the distribution's, side by side: the replies are the
//! same, in the same order and framing, but for what `data/agent/differences.txt` lists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use qapi_parser::ir::Schema;
use qapi_tests::agents::conversation::Conversation;
use qapi_tests::agents::differences::{Differences, Reference};
use qapi_tests::agents::requests::{Kind, Requests, Sending};
use qapi_tests::agents::template::{canonical, show};
use qapi_tests::raw::Agent;
use qapi_tests::{corpus, definitions, peer};
use serde_json::Value;

/// Commands that change nothing but what is in the agents' folders, whatever their arguments.
const SAFE: &[&str] = &[
    "guest-sync-delimited",
    "guest-sync",
    "guest-ping",
    "guest-info",
    "guest-get-time",
    "guest-file-open",
    "guest-file-close",
    "guest-file-read",
    "guest-file-write",
    "guest-file-seek",
    "guest-file-flush",
    "guest-fsfreeze-status",
    "guest-network-get-interfaces",
    "guest-get-vcpus",
    "guest-get-fsinfo",
    "guest-get-memory-blocks",
    "guest-get-memory-block-info",
    "guest-exec-status",
    "guest-exec",
    "guest-get-host-name",
    "guest-get-users",
    "guest-get-timezone",
    "guest-get-osinfo",
    "guest-ssh-get-authorized-keys",
    "guest-get-diskstats",
    "guest-get-cpustats",
    "guest-get-load",
    "guest-network-get-route",
    "guest-get-disks",
];

/// Commands of whose replies only the form is compared: what they measure goes on.
const MEASURED: &[&str] = &[
    "guest-get-time",
    "guest-network-get-interfaces",
    "guest-get-fsinfo",
    "guest-get-diskstats",
    "guest-get-cpustats",
    // The number of a program.
    "guest-exec",
];

/// Fresh agents after so many sendings, so that a difference in their state does not last.
const BATCH: usize = 400;

const BATCHES: u64 = 10;

/// Both agents, in folders of the same content.
struct Pair {
    theirs: Side,
    ours: Side,
}

impl Pair {
    fn start(theirs: &Path, blocked: &[&str]) -> Self {
        Self {
            theirs: Side::start(theirs, &blocked.join(",")),
            ours: Side::start(&peer::qapi_agent(), &blocked.join(",")),
        }
    }
}

struct Side {
    conversation: Conversation,
    agent: Agent,
}

impl Side {
    fn start(program: &Path, blocked: &str) -> Self {
        let agent = Agent::start_with(program, &["-b", blocked]);
        let folder = agent.folder();
        fs::write(folder.join("text"), "line\n".repeat(2000))
            .expect("a scratch folder is writable");
        fs::create_dir(folder.join("folder")).expect("a scratch folder is writable");
        fs::write(folder.join("say"), "#!/bin/sh\necho \"$@\"\n")
            .expect("a scratch folder is writable");
        fs::set_permissions(folder.join("say"), fs::Permissions::from_mode(0o755))
            .expect("our file");
        Self {
            conversation: Conversation::new(&agent),
            agent,
        }
    }

    /// The lines that come of a sending.
    fn ask(&mut self, sending: &Sending, differences: &Differences) -> Vec<String> {
        let pieces: Vec<&[u8]> = sending.pieces.iter().map(Vec::as_slice).collect();
        let folder = self
            .agent
            .folder()
            .to_str()
            .expect("a scratch path is text");
        let lines = self.conversation.ask(&pieces);
        lines
            .iter()
            .map(|line| comparable(line, &sending.commands, differences).replace(folder, "$D"))
            .collect()
    }
}

/// A reply in canonical form, without what may differ.
fn comparable(line: &[u8], commands: &[String], differences: &Differences) -> String {
    let sentinel = line.starts_with(b"\xFF");
    let Ok(mut reply) = serde_json::from_slice::<Value>(line.strip_prefix(b"\xFF").unwrap_or(line))
    else {
        return canonical(line);
    };
    if reply.get("return").is_some() && !sentinel {
        for command in commands {
            if command == "guest-info" {
                level_information(&mut reply);
            }
            differences.level(command, &mut reply);
            if MEASURED.contains(&command.as_str()) {
                forget_numbers(&mut reply["return"]);
            }
        }
    }
    format!("{}{}", if sentinel { "\\xff" } else { "" }, show(&reply))
}

/// Leaves out the version, and the commands that one of the versions does not have.
fn level_information(reply: &mut Value) {
    const OF_ONE: [&str; 3] = [
        "guest-get-devices",
        "guest-get-load",
        "guest-network-get-route",
    ];
    let Some(information) = reply["return"].as_object_mut() else {
        return;
    };
    if information.remove("version").is_none() {
        return;
    }
    if let Some(commands) = information
        .get_mut("supported_commands")
        .and_then(Value::as_array_mut)
    {
        commands.retain(|command| !OF_ONE.iter().any(|name| command["name"] == *name));
        let commands = std::mem::take(commands);
        reply["return"] = Value::Array(commands);
    }
}

fn forget_numbers(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(forget_numbers),
        Value::Object(members) => members.values_mut().for_each(forget_numbers),
        Value::Number(_) => *value = Value::from(0),
        _ => {}
    }
}

fn schema() -> Schema {
    definitions::load(&corpus::guest_agent("current"))
}

/// All other commands, which both agents are told to block.
fn blocked(schema: &Schema) -> Vec<&str> {
    let commands = schema.commands.iter().map(|command| command.name.as_str());
    commands.filter(|name| !SAFE.contains(name)).collect()
}

/// Result of the comparison.
#[derive(Default)]
struct Findings {
    sendings: usize,
    /// Sendings of each kind of which something succeeded.
    successes: BTreeMap<Kind, usize>,
    used: BTreeSet<String>,
    /// The replies of both, by what was sent.
    unexplained: BTreeMap<String, String>,
}

/// Compares the answers to a sending; whether the agents may be in different states now.
fn compare(
    pair: &mut Pair,
    sending: &Sending,
    differences: &Differences,
    findings: &mut Findings,
) -> bool {
    let Pair { theirs, ours } = pair;
    let (theirs, ours) = std::thread::scope(|scope| {
        let theirs = scope.spawn(|| theirs.ask(sending, differences));
        let ours = ours.ask(sending, differences);
        (theirs.join().expect("the other agent answers"), ours)
    });
    let request = sending.bytes();
    findings.sendings += 1;
    if theirs.iter().any(|line| line.contains("\"return\": ")) {
        *findings.successes.entry(sending.kind).or_default() += 1;
    }
    let Some(used) = differences.explain(&request, &theirs, &ours, Reference::Live) else {
        let replies = format!("theirs {theirs:#?}\nours {ours:#?}");
        let request = request.escape_ascii().to_string();
        findings.unexplained.insert(request, replies);
        return true;
    };
    let parted = differences
        .iter()
        .any(|difference| difference.parts_states() && used.contains(&difference.name.as_str()));
    findings.used.extend(used.into_iter().map(str::to_owned));
    parted
}

/// Sends the requests of a seed to both agents.
fn send_batch(
    qemu_ga: &Path,
    (schema, seed): (&Schema, u64),
    differences: &Differences,
    findings: &mut Findings,
) {
    let blocked = blocked(schema);
    // Blocked ones are asked for, too: they must be refused alike.
    let asked: Vec<&str> = SAFE.iter().chain(SAFE).chain(&blocked).copied().collect();
    let mut pair = Pair::start(qemu_ga, &blocked);
    let mut requests = Requests::new(schema, &asked, seed);
    for _ in 0..BATCH {
        if compare(&mut pair, &requests.sending(), differences, findings) {
            pair = Pair::start(qemu_ga, &blocked);
        }
    }
}

#[test]
fn both_agents_answer_generated_requests_alike() {
    /// On a loaded machine, a command may take so long that our agent serves others meanwhile. Other differences come
    /// each time that the same is sent.
    const ATTEMPTS: usize = 3;
    let Some(qemu_ga) = peer::qemu_ga() else {
        return;
    };
    let schema = schema();
    let differences = Differences::read();
    let mut findings = Findings::default();
    let mut unexplained = BTreeMap::new();
    for seed in 0..BATCHES {
        send_batch(&qemu_ga, (&schema, seed), &differences, &mut findings);
        let mut found = std::mem::take(&mut findings.unexplained);
        for _ in 1..ATTEMPTS {
            if found.is_empty() {
                break;
            }
            let mut again = Findings::default();
            send_batch(&qemu_ga, (&schema, seed), &differences, &mut again);
            found.retain(|request, _| again.unexplained.contains_key(request));
        }
        unexplained.append(&mut found);
    }
    let some: Vec<String> = unexplained
        .iter()
        .take(10)
        .map(|(request, replies)| format!("{request}\n{replies}"))
        .collect();
    assert!(
        some.is_empty(),
        "{} of {} sendings, such as\n{}",
        unexplained.len(),
        findings.sendings,
        some.join("\n\n")
    );
    for (kind, least) in [
        (Kind::Valid, 1000),
        (Kind::Broken, 30),
        (Kind::Malformed, 300),
    ] {
        let successes = findings.successes.get(&kind).copied().unwrap_or_default();
        assert!(successes >= least, "{kind:?}: only {successes} had success");
    }
    let idle: Vec<&str> = differences
        .iter()
        .filter(|difference| difference.rows.is_empty() && !difference.is_of_whole_replies())
        .map(|difference| difference.name.as_str())
        .filter(|name| !findings.used.contains(*name))
        .collect();
    assert_eq!(idle, [] as [&str; 0], "differences that nothing shows");
}
