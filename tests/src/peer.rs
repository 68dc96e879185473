//! Other people's programs that ours are tested against, and our own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the distribution's guest agent, or none where it is not installed.
///
/// # Panics
/// If it is absent and `CI` is `true`.
pub fn qemu_ga() -> Option<PathBuf> {
    installed("qemu-ga", "/usr/sbin/qemu-ga")
}

/// Returns the distribution's machine emulator, or none where it is not installed.
///
/// # Panics
/// If it is absent and `CI` is `true`.
pub fn qemu_system() -> Option<PathBuf> {
    installed("qemu-system-x86_64", "/usr/bin/qemu-system-x86_64")
}

/// QEMU 10.0's machine emulator, as `.ci/qemu-10` unpacks it with its libraries; or none where that was not run. The
/// command has no arguments of the emulator's yet.
///
/// # Panics
/// If it is absent and `CI` is `true`.
pub fn qemu_system_10() -> Option<Command> {
    let top = crate::workspace().join("target/qemu-10/usr");
    let libraries = top.join("lib/x86_64-linux-gnu");
    let loader = installed("QEMU 10.0", libraries.join("ld-linux-x86-64.so.2"))?;
    let mut command = Command::new(loader);
    command.arg("--library-path").arg(libraries);
    command.arg(top.join("bin/qemu-system-x86_64"));
    command.arg("-L").arg(top.join("share/qemu"));
    command.arg("-L").arg(top.join("share/seabios"));
    Some(command)
}

/// Returns the distribution's storage daemon, or none where it is not installed.
///
/// # Panics
/// If it is absent and `CI` is `true`.
pub fn qemu_storage_daemon() -> Option<PathBuf> {
    installed("qemu-storage-daemon", "/usr/bin/qemu-storage-daemon")
}

/// Returns a Python that has QEMU's library for its protocol: the one that `.ci/run` sets up in `target/peers`, or
/// the system's.
///
/// # Panics
/// If there is none and `CI` is `true`.
pub fn python_with_qmp() -> Option<PathBuf> {
    python_with("qemu.qmp")
}

/// Returns a Python that has a type checker, from the same places.
///
/// # Panics
/// If there is none and `CI` is `true`.
pub fn python_with_mypy() -> Option<PathBuf> {
    python_with("mypy")
}

/// Returns a Python that reads YAML, from the same places.
///
/// # Panics
/// If there is none and `CI` is `true`.
pub fn python_with_yaml() -> Option<PathBuf> {
    python_with("yaml")
}

fn python_with(module: &str) -> Option<PathBuf> {
    let own = crate::workspace().join("target/peers/bin/python3");
    let candidates = [own, PathBuf::from("/usr/bin/python3")];
    let found = candidates.into_iter().find(|python| {
        let mut command = Command::new(python);
        let output = command.args(["-c", &format!("import {module}")]).output();
        output.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        crate::skip(&format!("no Python with {module}"));
    }
    found
}

/// Returns the script of axe, which checks the accessibility of pages; `npm ci` fetches it into `tests/browser-tools`.
///
/// # Panics
/// If it is not there and `CI` is `true`.
pub fn axe() -> Option<PathBuf> {
    let modules = crate::workspace().join("tests/browser-tools/node_modules");
    installed("axe-core", modules.join("axe-core/axe.min.js"))
}

/// libvirt's command line, or none where it is not installed together with its driver of QEMU.
///
/// # Panics
/// If it is absent and `CI` is `true`.
pub fn virsh() -> Option<PathBuf> {
    installed("libvirt", "/usr/sbin/libvirtd")?;
    installed("virsh", "/usr/bin/virsh")
}

/// Returns the other crate for QMP, `qapi`, as a program that asks a few questions and prints the answers: built if it was
/// not, or none where its sources cannot be had.
///
/// # Panics
/// If there is none and `CI` is `true`.
pub fn rust_client() -> Option<PathBuf> {
    let workspace = crate::workspace();
    let manifest = workspace.join("tests/data/traffic/peer-client/Cargo.toml");
    let target = workspace.join("target/peer-client");
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--locked", "--manifest-path"]);
    command.arg(manifest).arg("--target-dir").arg(&target);
    let status = command.status().expect("cargo runs the tests, so it runs");
    if status.success() {
        return Some(target.join("debug/peer-client"));
    }
    crate::skip("no crate qapi");
    None
}

/// Returns the program that stands in for a host with vsock, where the kernel has none; `.ci/vsock` builds it.
///
/// # Panics
/// If it is absent and `CI` is `true`.
pub fn vhost_device_vsock() -> Option<PathBuf> {
    let path = crate::workspace().join("target/tools/bin/vhost-device-vsock");
    installed("vhost-device-vsock (`.ci/vsock` builds it)", path)
}

/// Returns a published crate, unpacked by `.ci/crates`: the peer's carry schemas of many versions of QEMU.
///
/// # Panics
/// If it is not there and `CI` is `true`.
pub fn published_crate(name: &str, version: &str) -> Option<PathBuf> {
    let path = crate::workspace().join(format!("target/peers/crates/{name}-{version}"));
    if path.is_dir() {
        return Some(path);
    }
    crate::skip(&format!("no crate {name} {version}"));
    None
}

fn installed(name: &str, path: impl AsRef<Path>) -> Option<PathBuf> {
    let path = path.as_ref();
    if path.is_file() {
        return Some(path.to_owned());
    }
    crate::skip(&format!("no {name}"));
    None
}

/// Our guest agent, built if it was not; or the one that `QAPI_TEST_AGENT` names, for instance in the
/// form in which it is to be installed.
///
/// # Panics
/// If it cannot be built.
pub fn qapi_agent() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let named = || std::env::var_os("QAPI_TEST_AGENT").map(PathBuf::from);
    PROGRAM
        .get_or_init(|| named().unwrap_or_else(|| build("qapi-agent", "--bin", "qapi-agent")))
        .clone()
}

/// Our command line, built if it was not.
///
/// # Panics
/// If it cannot be built.
pub fn qapi() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM
        .get_or_init(|| build("qapi-cli", "--bin", "qapi"))
        .clone()
}

/// Returns an example of one of our packages, built if it was not.
///
/// # Panics
/// If it cannot be built.
pub fn example(package: &str, name: &str) -> PathBuf {
    build(package, "--example", name)
}

/// Cargo hands a test only the programs of its own package, so ask it for the others. The
/// result lies in the folder this test itself was built into.
fn build(package: &str, kind: &str, program: &str) -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["build", "--quiet", "--package", package, kind, program])
        .current_dir(crate::workspace());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command.status().expect("cargo runs the tests, so it runs");
    assert!(status.success(), "cannot build {program}");
    let test = std::env::current_exe().expect("a test knows its program");
    let program = match kind {
        "--example" => format!("examples/{program}"),
        _ => program.to_owned(),
    };
    let folder = test
        .ancestors()
        .find(|folder| folder.join(&program).is_file())
        .expect("cargo puts programs above the tests");
    folder.join(program)
}
