//! Clients of others through `qapi record` to QEMU, and at `qapi mock`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use qapi_tests::Scratch;
use qapi_tests::qmp_server::QmpServer;
use qapi_tests::{peer, workspace};

use serde_json::{Value, json};

use super::live::QUERIES;
use super::programs::{Mock, Proxy, judge, schema_of, text};

fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Asks by QEMU's library for Python, and prints the replies.
fn ask_from_python(python: &Path, socket: &Path) -> String {
    let program = "
import asyncio, json, sys
from qemu.qmp import QMPClient
from qemu.qmp.qmp_client import ExecuteError
async def main():
    client = QMPClient('test')
    await client.connect(sys.argv[1])
    for query in sys.argv[2:]:
        print(query, json.dumps(await client.execute(query)))
    try:
        await client.execute('device_del', {'id': 'absent'})
        print('device_del taken')
    except ExecuteError:
        print('device_del refused')
    await client.disconnect()
asyncio.run(main())
";
    let said = run(Command::new(python)
        .args(["-c", program, text(socket)])
        .args(QUERIES));
    for query in QUERIES {
        assert!(said.contains(&format!("{query} ")), "{said}");
    }
    said
}

#[test]
fn the_library_for_python_is_recorded() {
    let (Some(server), Some(python)) = (QmpServer::machine(), peer::python_with_qmp()) else {
        return;
    };
    let schema = schema_of(&server);
    let proxy = Proxy::start(&server);
    let said = ask_from_python(&python, &proxy.listen);
    assert!(said.contains("device_del refused"), "{said}");
    let recording = proxy.finish(&schema);
    for query in QUERIES {
        assert!(
            recording.contains(&format!("\"execute\": \"{query}\"")),
            "{query}"
        );
    }
}

#[test]
fn the_library_for_python_talks_to_a_mock() {
    let (Some(server), Some(python)) = (QmpServer::machine(), peer::python_with_qmp()) else {
        return;
    };
    let schema = schema_of(&server);
    let mock = Mock::start(&schema, &["--qemu-version", "7.2.1"]);
    let proxy = Proxy::between(&mock.socket(), mock.folder());
    let said = ask_from_python(&python, &proxy.listen);
    assert!(said.contains("device_del taken"), "{said}");
    assert!(said.contains(r#""micro": 1"#), "{said}");
    // What the mock made up is what the schema allows.
    proxy.finish(&schema);
}

/// Commands that the peer's client asks, in this order.
const OF_PEER: [&str; 8] = [
    "QMP",
    "query-version",
    "query-name",
    "query-chardev",
    "query-block-jobs",
    "query-named-block-nodes",
    "device_del",
    "query-kvm",
];

fn ask_from_peer(client: &Path, socket: &Path) -> Vec<String> {
    let said = run(Command::new(client).arg(socket));
    let lines: Vec<_> = said.lines().map(str::to_owned).collect();
    let names = lines.iter().map(|line| line.split(' ').next());
    assert!(names.eq(OF_PEER.map(Some)), "{said}");
    lines
}

#[test]
fn the_peers_client_is_recorded() {
    let (Some(server), Some(client)) = (QmpServer::machine(), peer::rust_client()) else {
        return;
    };
    let schema = schema_of(&server);
    let proxy = Proxy::start(&server);
    let said = ask_from_peer(&client, &proxy.listen);
    assert!(said.contains(&"device_del refused".to_owned()), "{said:?}");
    let recording = proxy.finish(&schema);
    assert_eq!(recording.matches("\"to-server\", \"message\"").count(), 8);
}

#[test]
fn the_peers_client_talks_to_a_mock() {
    let Some(client) = peer::rust_client() else {
        return;
    };
    let Some(source) = peer::published_crate("qapi-qmp", "0.15.0") else {
        return;
    };
    let schema = source.join("schema/qapi/qapi-schema.json");
    for seed in ["0", "1", "2"] {
        let mock = Mock::start(&schema, &["--seed", seed]);
        let proxy = Proxy::between(&mock.socket(), mock.folder());
        let said = ask_from_peer(&client, &proxy.listen);
        assert!(said.contains(&"device_del taken".to_owned()), "{said:?}");
        proxy.finish(&schema);
    }
}

/// A domain of libvirt whose emulator is a program of ours.
const DOMAIN: &str = "<domain type='qemu'>
  <name>recorded</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <emulator>EMULATOR</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <video><model type='none'/></video>
  </devices>
</domain>
";

/// libvirt without its daemon: the driver in `virsh` itself, with all files in one folder.
const DRIVER: &str = "user = \"root\"
group = \"root\"
dynamic_ownership = 0
remember_owner = 0
security_driver = \"none\"
namespaces = []
cgroup_controllers = []
stdio_handler = \"file\"
";

#[test]
fn the_monitor_of_libvirt_is_recorded() {
    let (Some(virsh), Some(server)) = (peer::virsh(), QmpServer::machine()) else {
        return;
    };
    let qemu = peer::qemu_system().expect("the server runs it");
    let schema = schema_of(&server);
    let scratch = Scratch::new();
    let folder = text(scratch.path());
    let relay = workspace().join("tests/data/traffic/emulator.py");
    let relay = fs::read_to_string(relay).expect("it is ours");
    let emulator = scratch.join("emulator");
    let constants = format!(
        "#!/usr/bin/python3\nEMULATOR = {:?}\nQAPI = {:?}\nFOLDER = {folder:?}\n",
        text(&qemu),
        text(&peer::qapi())
    );
    fs::write(&emulator, constants + &relay).expect("the folder is writable");
    fs::set_permissions(&emulator, fs::Permissions::from_mode(0o755)).expect("it is ours");
    fs::create_dir_all(scratch.join("root/etc")).expect("the folder is writable");
    fs::write(scratch.join("root/etc/qemu.conf"), DRIVER).expect("the folder is writable");
    let domain = scratch.join("domain.xml");
    fs::write(&domain, DOMAIN.replace("EMULATOR", text(&emulator))).expect("it is writable");
    // Where the driver lives in the client, the domain ends with it: all is asked in one run, which takes one argument.
    let domain = text(&domain);
    let question = r#"qemu-monitor-command recorded '{"execute": "query-name"}'"#;
    let script = format!("create --paused {domain}; {question}; destroy recorded");
    let driver = format!("qemu:///embed?root={folder}/root");
    let said = run(Command::new(virsh).args(["-q", "-c", &driver, &script]));
    let reply = said.lines().find(|line| line.starts_with("{\"return\""));
    let reply: Value = serde_json::from_str(reply.unwrap_or_default()).expect(&said);
    assert_eq!(reply["return"], json!({"name": "recorded"}), "{said}");
    let recording = scratch.join("recording.jsonl");
    let recorded = fs::read_to_string(&recording).expect("the emulator has recorded");
    let mut lines = recorded.lines().map(|line| -> Value {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
    });
    assert!(lines.any(|line| line["message"] == reply), "{reply}");
    // Much more than the one command is asked: libvirt looks the machine over.
    assert!(recorded.lines().count() > 100, "{recorded}");
    judge(&schema, &recording);
}
