//! The same requests to our agent and to the distribution's, in machines that are alike, and where
//! their replies differ: the rows of docs/reference/agent-behaviour.md §9.3.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::commands::ADD_USER;
use super::freeze;
use super::guest::Guest;

/// Actions in the machine and questions to the agent, in this order.
enum Step {
    /// A command of the guest's shell.
    Shell(&'static str),
    /// A row: its number and a request.
    Ask(u32, &'static str),
    /// A row with a command that has an `arguments` object.
    Call(u32, &'static str, &'static str),
    /// The agent is killed and started again.
    Kill,
}

use Step::{Ask, Call, Kill, Shell};

const FREEZE: &str = "guest-fsfreeze-freeze";
const LIST: &str = "guest-fsfreeze-freeze-list";
const STATUS: &str = "guest-fsfreeze-status";
const THAW: &str = "guest-fsfreeze-thaw";
const TRIM: &str = "guest-fstrim";
const SET_TIME: &str = "guest-set-time";
const VCPUS: &str = "guest-set-vcpus";
const PASSWORD: &str = "guest-set-user-password";
const KEYS: &str = "guest-ssh-get-authorized-keys";
const ADD_KEYS: &str = "guest-ssh-add-authorized-keys";
const REMOVE_KEYS: &str = "guest-ssh-remove-authorized-keys";
const SHUTDOWN: &str = "guest-shutdown";

/// The root of the table's machine is a memory file system here, and `/mnt/n` stands in for it. Rows
/// that are missing end the machine, or need what a minimal guest has not; others of this suite have
/// them.
const STEPS: &[Step] = &[
    Ask(1, STATUS),
    Ask(2, FREEZE),
    Ask(3, STATUS),
    Ask(4, "guest-get-time"),
    Ask(5, FREEZE),
    Ask(6, "guest-ping"),
    Call(7, "guest-exec", r#"{"path":"true"}"#),
    Ask(8, SHUTDOWN),
    Call(9, "guest-file-open", r#"{"path":"/x"}"#),
    Ask(10, THAW),
    Ask(11, THAW),
    Call(12, LIST, r#"{"mountpoints":["/mnt/a"]}"#),
    Ask(13, THAW),
    Call(14, LIST, r#"{"mountpoints":["/nonexistent"]}"#),
    Ask(15, STATUS),
    Call(16, LIST, r#"{"mountpoints":[]}"#),
    Ask(17, STATUS),
    Call(18, LIST, r#"{"mountpoints":["/mnt/a/bind dir"]}"#),
    Ask(19, STATUS),
    Call(20, LIST, "{}"),
    Ask(21, THAW),
    Call(22, LIST, r#"{"mountpoints":["/run","/proc"]}"#),
    Ask(23, STATUS),
    Call(24, LIST, r#"{"mountpoints":["/mnt/a/"]}"#),
    Ask(25, STATUS),
    Shell("fsfreeze --freeze /mnt/a/sub"),
    Ask(26, FREEZE),
    Ask(27, THAW),
    Shell("touch /run/hook-fails-freeze"),
    Ask(28, FREEZE),
    Ask(29, STATUS),
    Shell("mv /run/hook-fails-freeze /run/hook-fails-thaw"),
    Ask(30, FREEZE),
    Ask(31, THAW),
    Ask(32, STATUS),
    Shell("rm /run/hook-fails-thaw; mkdir /mnt/empty; mount -t tmpfs tmpfs /mnt/empty"),
    Ask(33, FREEZE),
    Ask(34, STATUS),
    Ask(35, THAW),
    Shell("umount /mnt/empty"),
    Ask(36, FREEZE),
    Ask(37, STATUS),
    Kill,
    Ask(38, STATUS),
    Ask(39, "guest-get-time"),
    Ask(40, THAW),
    Ask(41, STATUS),
    Shell(
        "dd if=/dev/zero of=/mnt/a/image bs=1M count=8 2>/dev/null; mke2fs -q -F /mnt/a/image; \
         mkdir -p /mnt/c; mount -o loop /mnt/a/image /mnt/c",
    ),
    Ask(43, FREEZE),
    Ask(44, THAW),
    Call(45, LIST, r#"{"mountpoints":["/mnt/c"]}"#),
    Ask(46, THAW),
    Shell("mount -t tmpfs tmpfs /mnt"),
    Ask(47, FREEZE),
    Ask(48, STATUS),
    Ask(49, TRIM),
    Shell("umount /mnt"),
    Ask(50, FREEZE),
    Ask(51, THAW),
    Shell("umount /mnt/c"),
    Call(54, TRIM, r#"{"minimum":-1}"#),
    Call(65, SET_TIME, r#"{"time":1763650000000000000}"#),
    Ask(66, SET_TIME),
    Shell("ln -s /bin/busybox /sbin/hwclock"),
    // The reference of 7.2 remembers that it was not there.
    Kill,
    Call(60, SET_TIME, r#"{"time":-1}"#),
    Call(61, SET_TIME, r#"{"time":0}"#),
    Call(62, SET_TIME, r#"{"time":3155760000000000000}"#),
    Call(63, SET_TIME, r#"{"time":3160000000000000000}"#),
    Call(64, SET_TIME, r#"{"time":9223372036854775807}"#),
    Call(56, SET_TIME, r#"{"time":1700000000123456789}"#),
    Ask(58, SET_TIME),
    Ask(67, "guest-get-vcpus"),
    Call(68, VCPUS, r#"{"vcpus":[{"logical-id":1,"online":false}]}"#),
    Ask(69, "guest-get-vcpus"),
    Call(70, VCPUS, r#"{"vcpus":[{"logical-id":1,"online":true}]}"#),
    Call(71, VCPUS, r#"{"vcpus":[]}"#),
    Call(72, VCPUS, r#"{"vcpus":[{"logical-id":0,"online":false}]}"#),
    Call(73, VCPUS, r#"{"vcpus":[{"logical-id":0,"online":true}]}"#),
    Call(74, VCPUS, r#"{"vcpus":[{"logical-id":77,"online":true}]}"#),
    Call(
        75,
        VCPUS,
        r#"{"vcpus":[{"logical-id":1,"online":true},{"logical-id":77,"online":true}]}"#,
    ),
    Call(
        76,
        VCPUS,
        r#"{"vcpus":[{"logical-id":1,"online":true,"can-offline":false}]}"#,
    ),
    Call(77, VCPUS, r#"{"vcpus":[{"logical-id":-1,"online":true}]}"#),
    Call(78, VCPUS, "{}"),
    Call(79, VCPUS, r#"{"vcpus":[{"logical-id":1}]}"#),
    Ask(80, "guest-get-memory-block-info"),
    Ask(81, "guest-get-memory-blocks"),
    Call(
        82,
        "guest-set-memory-blocks",
        r#"{"mem-blks":[{"phys-index":0,"online":true},{"phys-index":999,"online":false},{"phys-index":0,"online":false}]}"#,
    ),
    Shell(ADD_USER),
    Call(
        83,
        PASSWORD,
        r#"{"username":"u","password":"bmV3cHc=","crypted":false}"#,
    ),
    Call(
        84,
        PASSWORD,
        r#"{"username":"u","password":"JDYkYWJjJGRlZg==","crypted":true}"#,
    ),
    Call(
        85,
        PASSWORD,
        r#"{"username":"nosuch","password":"eA==","crypted":false}"#,
    ),
    Call(
        86,
        PASSWORD,
        r#"{"username":"u","password":"YQpi","crypted":false}"#,
    ),
    Call(
        87,
        PASSWORD,
        r#"{"username":"u:x","password":"YQ==","crypted":false}"#,
    ),
    Call(
        88,
        PASSWORD,
        r#"{"username":"u\nx","password":"YQ==","crypted":false}"#,
    ),
    Call(
        89,
        PASSWORD,
        r#"{"username":"u","password":"%%","crypted":false}"#,
    ),
    Call(92, KEYS, r#"{"username":"u"}"#),
    Call(
        93,
        ADD_KEYS,
        r#"{"username":"u","keys":["ssh-rsa AAAA one","ssh-rsa BBBB two"]}"#,
    ),
    Call(
        94,
        ADD_KEYS,
        r#"{"username":"u","keys":["ssh-rsa AAAA one","ssh-rsa CCCC three"]}"#,
    ),
    Call(95, KEYS, r#"{"username":"u"}"#),
    Call(
        96,
        REMOVE_KEYS,
        r#"{"username":"u","keys":["ssh-rsa BBBB two","nope"]}"#,
    ),
    Call(97, KEYS, r#"{"username":"u"}"#),
    Call(
        98,
        ADD_KEYS,
        r#"{"username":"u","keys":["ssh-rsa ONLY"],"reset":true}"#,
    ),
    Call(99, KEYS, r#"{"username":"u"}"#),
    Call(100, ADD_KEYS, r#"{"username":"u","keys":[]}"#),
    Call(101, ADD_KEYS, r#"{"username":"u","keys":[""]}"#),
    Call(102, ADD_KEYS, r#"{"username":"u","keys":[],"reset":true}"#),
    Shell(
        "printf 'ssh-rsa X x\n# not a key\n\nssh-rsa Y y\n' >/home/u/.ssh/authorized_keys; \
         chown 1000:1000 /home/u/.ssh/authorized_keys",
    ),
    Call(103, KEYS, r#"{"username":"u"}"#),
    Call(104, ADD_KEYS, r#"{"username":"u","keys":["ssh-rsa Z"]}"#),
    Call(
        105,
        REMOVE_KEYS,
        r#"{"username":"u","keys":["ssh-rsa X x"]}"#,
    ),
    Call(106, REMOVE_KEYS, r#"{"username":"u","keys":["k"]}"#),
    Ask(107, "guest-suspend-hybrid"),
    Ask(109, "guest-get-timezone"),
    Ask(110, "guest-get-host-name"),
    Shell("hostname newname"),
    Ask(111, "guest-get-host-name"),
    Call(113, SHUTDOWN, r#"{"mode":"bogus"}"#),
    Call(114, SHUTDOWN, r#"{"mode":""}"#),
    Call(119, SHUTDOWN, r#"{"mode":"reboot","x":1}"#),
];

/// Rows to which the distribution's agent, of release 7.2, replies otherwise, and why.
const DIFFERENCES: &[(&[u32], &str)] = &[
    (
        &[18, 19, 20, 21],
        "a file system has one mount point, its first, as in release 10.2",
    ),
    (&[28], "a hook's output is told, as in release 10.2"),
    (
        &[31],
        "D13: the error tells how many file systems were thawed",
    ),
    (
        &[47],
        "D22: what cannot be reached does not keep the rest from being frozen",
    ),
    (
        &[49, 54],
        "a file system has one mount point, its first, as in release 10.2",
    ),
    (
        &[65, 66],
        "without a program for the hardware clock the system clock is set nevertheless, as in \
         release 10.2; D28",
    ),
    (
        &[67, 69, 81],
        "processors and memory blocks come in the order of their numbers",
    ),
    (&[85], "the output of programs is told, as in release 10.2"),
];

/// Rows to which our agent replies otherwise than release 10.2 in the table, and why.
const DELIBERATE: &[(&[u32], &str)] = &[
    (
        &[4, 5, 7, 8, 9, 39],
        "a command that is disabled in the frozen state says so, in the words of release 7.2",
    ),
    (
        &[31],
        "D13: the error tells how many file systems were thawed",
    ),
    (
        &[47],
        "D22: what cannot be reached does not keep the rest from being frozen",
    ),
    (&[49], "`/mnt/n` is hidden, too, and `/` is not"),
    (&[65], "D28: the error tells that the system clock was set"),
];

/// A row with its request and reply.
pub(crate) type Row = (u32, String, Value);

/// A machine for the steps.
pub(crate) fn guest(program: &Path) -> Option<Guest> {
    Guest::boot(freeze::setup().chpasswd()?, program, OPTIONS)
}

/// Runs all steps in a fresh machine.
pub(crate) fn replies(mut guest: Guest) -> Vec<Row> {
    freeze::prepare(&mut guest);
    let mut rows = Vec::new();
    for step in STEPS {
        let (row, request) = match *step {
            Shell(command) => {
                guest.shell(command);
                continue;
            }
            Kill => {
                guest.shell("kill -9 $(cat /run/pid); wait $(cat /run/pid)");
                guest.start(OPTIONS);
                continue;
            }
            Ask(row, command) => (row, json!({ "execute": command })),
            Call(row, command, arguments) => {
                let arguments: Value = serde_json::from_str(arguments).expect("a row is JSON");
                (row, json!({ "execute": command, "arguments": arguments }))
            }
        };
        guest.agent.send(&request);
        let reply = guest.agent.receive();
        rows.push((row, request.to_string(), reply));
    }
    rows
}

const OPTIONS: &str = "-v -F -m virtio-serial -p /dev/virtio-ports/org.qemu.guest_agent.0 -t /run";

/// The reason why a row may differ.
fn reason(list: &[(&[u32], &'static str)], row: u32) -> Option<&'static str> {
    let found = list.iter().find(|(rows, _)| rows.contains(&row));
    found.map(|(_, reason)| *reason)
}

/// Compares replies, prints those that differ, and asserts that these are the ones with a reason.
#[expect(
    clippy::print_stdout,
    reason = "the differences are for whoever runs the suite"
)]
fn assert_differences<'a>(
    name: &str,
    list: &[(&[u32], &'static str)],
    rows: impl Iterator<Item = (&'a Row, &'a Value, Value)>,
) {
    let mut wrong = Vec::new();
    for ((row, request, ours), theirs, normal) in rows {
        let reason = reason(list, *row);
        let differs = normal != *theirs;
        if differs {
            let reason = reason.unwrap_or("NOT KNOWN");
            println!("V{row:03} {request}\n  ours: {ours}\n  {name}: {theirs}\n  {reason}");
        }
        if differs != reason.is_some() {
            wrong.push(*row);
        }
    }
    assert_eq!(
        wrong, [0; 0],
        "rows that differ from {name} without a reason, or have a reason and do not differ"
    );
}

/// Our agent and the distribution's in the same machine.
pub(crate) fn compare(ours: &[Row], theirs: &[Row]) {
    let rows = ours.iter().zip(theirs);
    let rows = rows.map(|(our, their)| (our, &their.2, our.2.clone()));
    assert_differences("the distribution's agent", DIFFERENCES, rows);
}

/// Our agent and the table, where it is there.
pub(crate) fn compare_with_table(ours: &[Row]) {
    let path = qapi_tests::workspace().join("docs/reference/agent-behaviour.md");
    let Ok(text) = std::fs::read_to_string(path) else {
        qapi_tests::skip("no docs/reference/agent-behaviour.md");
        return;
    };
    let table: BTreeMap<u32, Value> = text.lines().filter_map(table_row).collect();
    let rows: Vec<_> = ours
        .iter()
        .filter_map(|our| Some((our, table.get(&our.0)?, in_table_s_terms(&our.2))))
        .collect();
    assert!(rows.len() > 100, "{} rows of the table", rows.len());
    assert_differences("release 10.2", DELIBERATE, rows.into_iter());
}

/// Number and reply in a line like `| V001 | step | request | reply | that of 7.2 |`, if the reply is
/// one for comparison.
fn table_row(line: &str) -> Option<(u32, Value)> {
    let mut cells = line.strip_prefix("| V")?.split(" | ");
    let number = cells.next()?.trim().parse().ok()?;
    let reply = cells.nth(2)?.trim().trim_matches('`');
    let reply = reply.strip_suffix("\\n")?;
    let reply = reply.replace("\\x7c", "|").replace("\\\\", "\\");
    let reply: Value = serde_json::from_str(&reply).ok()?;
    Some((number, in_table_s_terms(&reply)))
}

/// Lists in the order of numbers, which is not the reference's, and `/mnt/n` for what the table has
/// at `/`.
fn in_table_s_terms(reply: &Value) -> Value {
    match reply {
        Value::Array(elements) => {
            let mut elements: Vec<_> = elements.iter().map(in_table_s_terms).collect();
            elements.sort_by_key(|element| element["logical-id"].as_i64());
            elements.sort_by_key(|element| element["phys-index"].as_i64());
            elements.into()
        }
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), in_table_s_terms(value)))
            .collect(),
        Value::String(text) if text == "/mnt/n" => "/".into(),
        other => other.clone(),
    }
}
