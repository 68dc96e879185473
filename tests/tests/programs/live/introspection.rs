//! `qapi introspect` prints what a server built from the schema returns (docs/reference/language.md §8).

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use qapi_codegen::introspect::{TypeNames, describe};
use qapi_parser::ir::Schema;
use qapi_runtime::introspect::{Introspection, MetaType};
use qapi_runtime::{Client, Object, Options};
use qapi_tests::qmp_server::QmpServer;
use qapi_tests::{corpus, golden, peer};
use serde_json::Value;

/// Symbols that the distribution's build for PCs defines; [`search`] finds them. The rest is not defined.
pub(super) const MACHINE: &[&str] = &[
    "CONFIG_CURSES",
    "CONFIG_DBUS_DISPLAY",
    "CONFIG_FDT",
    "CONFIG_FUSE",
    "CONFIG_GBM",
    "CONFIG_GTK",
    "CONFIG_LIBPMEM",
    "CONFIG_LINUX",
    "CONFIG_LINUX_IO_URING",
    "CONFIG_OPENGL",
    "CONFIG_POSIX",
    "CONFIG_REPLICATION",
    "CONFIG_SDL",
    "CONFIG_SECRET_KEYRING",
    "CONFIG_SPICE",
    "CONFIG_SPICE_PROTOCOL",
    "CONFIG_TCG",
    "CONFIG_TPM",
    "CONFIG_VDUSE_BLK_EXPORT",
    "CONFIG_VHOST_CRYPTO",
    "CONFIG_VHOST_USER_BLK_SERVER",
    "CONFIG_VNC",
    "CONFIG_ZSTD",
    "HAVE_HOST_BLOCK_DEVICE",
    "HAVE_IPPROTO_MPTCP",
    "TARGET_I386",
];

/// Architectures that the schema names only beside the one of [`MACHINE`], in conditions of the form "any of these": so
/// the reply does not tell whether they are defined. A build has one architecture.
const UNDECIDED: &[&str] = &["TARGET_LOONGARCH64", "TARGET_MIPS", "TARGET_PPC"];

/// Symbols of the storage daemon: the same, as far as its schema asks.
pub(super) const STORAGE_DAEMON: &[&str] = &[
    "CONFIG_DBUS_DISPLAY",
    "CONFIG_FUSE",
    "CONFIG_LIBPMEM",
    "CONFIG_LINUX",
    "CONFIG_LINUX_IO_URING",
    "CONFIG_POSIX",
    "CONFIG_REPLICATION",
    "CONFIG_SECRET_KEYRING",
    "CONFIG_SPICE",
    "CONFIG_SPICE_PROTOCOL",
    "CONFIG_VDUSE_BLK_EXPORT",
    "CONFIG_VHOST_CRYPTO",
    "CONFIG_VHOST_USER_BLK_SERVER",
    "CONFIG_ZSTD",
    "HAVE_HOST_BLOCK_DEVICE",
    "HAVE_IPPROTO_MPTCP",
];

fn root(corpus: &Path, folder: &str) -> PathBuf {
    corpus
        .join("qemu/7.2")
        .join(folder)
        .join("qapi-schema.json")
}

/// Introspection of a server.
fn live(server: &QmpServer) -> Vec<Value> {
    let stream = UnixStream::connect(server.socket()).expect("the server listens");
    let mut client = Client::qmp(stream, Options::default()).expect("the server negotiates");
    let reply = client.call("query-qmp-schema", &Object::new());
    let text = reply.expect("every server has the command").to_string();
    serde_json::from_str(&text).expect("the reply is an array")
}

/// Output of the command.
fn printed(root: &Path, defined: &[&str]) -> Vec<Value> {
    let mut command = Command::new(peer::qapi());
    command.args(["introspect", "--quiet"]);
    command.args(defined.iter().flat_map(|symbol| ["-D", symbol]));
    let output = command.arg(root).output().expect("the command runs");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("it prints an array")
}

/// Both arrays, order included: that of their elements and, inside them, of members, values, branches and features.
#[track_caller]
fn assert_same(ours: &[Value], theirs: &[Value]) {
    for (place, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(ours, theirs, "entry {place}");
    }
    assert_eq!(ours.len(), theirs.len());
}

#[test]
fn a_machine_returns_what_is_printed_for_its_schema() {
    let Some(corpus) = corpus::root() else { return };
    let Some(server) = QmpServer::machine() else {
        return;
    };
    let theirs = live(&server);
    assert!(theirs.len() > 1000, "{} entries", theirs.len());
    assert_same(&printed(&root(&corpus, "qapi"), MACHINE), &theirs);
}

#[test]
fn a_storage_daemon_returns_what_is_printed_for_its_schema() {
    let Some(corpus) = corpus::root() else { return };
    let Some(server) = QmpServer::storage_daemon() else {
        return;
    };
    let theirs = live(&server);
    assert!(theirs.len() > 400, "{} entries", theirs.len());
    assert_same(
        &printed(&root(&corpus, "storage-daemon/qapi"), STORAGE_DAEMON),
        &theirs,
    );
}

/// The description of the build with these symbols.
fn build(schema: &Schema, defined: &dyn Fn(&str) -> bool) -> Introspection {
    describe(schema, TypeNames::Masked, &|condition| {
        condition.holds(defined)
    })
}

/// The symbols that conditions ask for. With all defined every part of an `all` is looked at, with none every part of
/// an `any`.
fn symbols(schema: &Schema) -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    for answer in [true, false] {
        build(schema, &|symbol| {
            asked.borrow_mut().insert(symbol.to_owned());
            answer
        });
    }
    asked.into_inner()
}

/// The symbols that the conditions of a schema ask for.
pub(super) fn symbols_of(root: &Path) -> BTreeSet<String> {
    symbols(&golden::schema(root))
}

/// Entries as facts, one for each member, value, branch and so on.
fn facts(described: &Introspection) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for entry in described.entries() {
        let name = &entry.name;
        facts.insert(format!("{name} {:?}", entry.features));
        match &entry.meta_type {
            MetaType::Object(object) => {
                facts.insert(format!("{name} {:?}", object.tag));
                facts.extend(object.members.iter().map(|it| format!("{name} {it:?}")));
                facts.extend(object.variants.iter().map(|it| format!("{name} {it:?}")));
            }
            MetaType::Enum(values) => {
                facts.extend(values.iter().map(|it| format!("{name} {it:?}")));
            }
            MetaType::Alternate(types) => {
                facts.extend(types.iter().map(|it| format!("{name} {it}")));
            }
            other => {
                facts.insert(format!("{name} {other:?}"));
            }
        }
    }
    facts
}

/// Finds the symbols that a server was built with from its introspection. Starting with all symbols, one is removed or
/// added as long as that leaves fewer facts that differ. Returns the symbols, and those that make no difference.
fn search(schema: &Schema, theirs: &Introspection) -> (BTreeSet<String>, BTreeSet<String>) {
    let theirs = facts(theirs);
    let symbols = symbols(schema);
    let difference = |defined: &BTreeSet<String>| {
        let ours = build(schema, &|symbol| defined.contains(symbol));
        facts(&ours).symmetric_difference(&theirs).count()
    };
    let with_the_other = |defined: &BTreeSet<String>, symbol: &String| {
        let mut defined = defined.clone();
        if !defined.remove(symbol) {
            defined.insert(symbol.clone());
        }
        defined
    };
    let mut found = symbols.clone();
    let mut best = difference(&found);
    loop {
        let before = best;
        for symbol in &symbols {
            let changed = with_the_other(&found, symbol);
            let now = difference(&changed);
            if now < best {
                (found, best) = (changed, now);
            }
        }
        if best == before {
            break;
        }
    }
    let is_undecided = |symbol: &&String| difference(&with_the_other(&found, symbol)) == best;
    let undecided = symbols.iter().filter(is_undecided).cloned().collect();
    (found, undecided)
}

/// Starts a server, if it is installed.
type Start = fn() -> Option<QmpServer>;

#[test]
fn the_symbols_of_a_build_follow_from_what_it_returns() {
    let Some(corpus) = corpus::root() else { return };
    let builds: [(Start, _, _, _); 2] = [
        (QmpServer::machine, "qapi", MACHINE, UNDECIDED),
        (
            QmpServer::storage_daemon,
            "storage-daemon/qapi",
            STORAGE_DAEMON,
            &[],
        ),
    ];
    for (start, folder, defined, undecided) in builds {
        let Some(server) = start() else { return };
        let schema = golden::schema(&root(&corpus, folder));
        let theirs = serde_json::Value::from(live(&server)).to_string();
        let theirs = theirs.parse().expect("it is a schema");
        let (found, open) = search(&schema, &theirs);
        assert_eq!(
            open.iter().collect::<Vec<_>>(),
            undecided.iter().collect::<Vec<_>>()
        );
        let decided: Vec<_> = found.difference(&open).collect();
        assert_eq!(decided, defined.iter().collect::<Vec<_>>());
    }
}
