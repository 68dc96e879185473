//! The initial file system of a machine: busybox, modules, programs, and what runs at boot.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cpio::Archive;
use super::{PORT, Parts};

/// Printed on the console when the shell is ready for commands.
pub(super) const READY: &str = "@@ the guest is ready @@";

const FOLDERS: [&str; 14] = [
    "bin", "sbin", "etc", "dev", "proc", "sys", "run", "tmp", "var", "root", "mnt", "lib", "lib64",
    "modules",
];

/// Puts an archive together. `programs` are host files with the paths they get in the guest;
/// shared libraries that they need come along. `files` are texts with their paths. `then` is what follows in the script of
/// the first process when the modules are loaded.
pub(super) fn build(
    parts: &Parts,
    programs: &[(PathBuf, String)],
    files: &[(String, String)],
    then: &str,
) -> Vec<u8> {
    let mut archive = Archive::default();
    let mut folders: Vec<String> = FOLDERS.iter().map(|&folder| folder.to_owned()).collect();
    for folder in &folders {
        archive.folder(folder);
    }

    let mut contents: Vec<(String, Vec<u8>)> =
        vec![("bin/busybox".to_owned(), read(&parts.busybox))];
    let mut modules = Vec::new();
    for module in &parts.modules {
        let name = module
            .file_name()
            .expect("a module is a file")
            .to_string_lossy()
            .into_owned();
        contents.push((format!("modules/{name}"), read(module)));
        modules.push(name);
    }
    for (program, path) in programs {
        contents.push((path.trim_start_matches('/').to_owned(), read(program)));
        for library in libraries(program) {
            let path = library.to_string_lossy().trim_start_matches('/').to_owned();
            if contents.iter().all(|(known, _)| *known != path) {
                contents.push((path, read(&library)));
            }
        }
    }
    for (path, text) in files {
        contents.push((
            path.trim_start_matches('/').to_owned(),
            text.clone().into_bytes(),
        ));
    }
    contents.push(("init".to_owned(), init(&modules, then).into_bytes()));

    for (path, content) in &contents {
        for ancestor in Path::new(path)
            .ancestors()
            .skip(1)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            let folder = ancestor.to_string_lossy().into_owned();
            if !folder.is_empty() && !folders.contains(&folder) {
                archive.folder(&folder);
                folders.push(folder);
            }
        }
        archive.program(path, content);
    }
    for applet in ["sh", "mount", "insmod"] {
        archive.link(&format!("bin/{applet}"), "busybox");
    }
    archive.finish()
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the shared objects a program loads, its loader included; none for a static one.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let Ok(output) = Command::new("ldd").arg(program).output() else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')))
        .map(PathBuf::from)
        .collect()
}

/// Returns the script of the first process: mounts and modules, then the rest.
fn init(modules: &[String], then: &str) -> String {
    let modules = modules.join(" ");
    format!(
        r#"#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in {modules}; do insmod "/modules/$module"; done
{then}"#
    )
}

/// Names of ports, then a shell on the console that runs
/// what the host sends. Its output goes through a pipe, so that it is not interactive: changing the
/// terminal's mode back and forth for editing lines, it now and then reads an end of file and ends.
/// The first process itself must never end: the kernel panics then.
pub(super) fn shell() -> String {
    format!(
        r#"mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /var /mnt/n /mnt/a /mnt/b /dev/virtio-ports
ln -s /run /var/run
echo 'root:x:0:0:root:/root:/bin/sh' > /etc/passwd
echo 'root:x:0:' > /etc/group
echo 'root:*:19000:0:99999:7:::' > /etc/shadow
for port in /sys/class/virtio-ports/*; do
    [ -e "$port/name" ] && ln -s "/dev/${{port##*/}}" "/dev/virtio-ports/$(cat "$port/name")"
done
[ -e "/dev/virtio-ports/{PORT}" ] || echo "no port"
for attempt in 1 2 3 4 5 6 7 8 9; do
    [ -d /sys/class/nvme/nvme0 ] && [ ! -b /dev/nvme0n1 ] && sleep 0.2
done
[ -b /dev/nvme0n1 ] && mount -t ext4 /dev/nvme0n1 /mnt/n
[ -b /dev/vda ] && mount -t ext4 /dev/vda /mnt/a
[ -b /dev/vdb ] && mount -t ext4 /dev/vdb /mnt/b
stty raw -echo
echo '{READY}'
while :; do /bin/sh 2>&1 | cat; done
"#
    )
}

/// The system on the first disk takes over. Its own shell on the console tells when it is ready.
pub(super) const SYSTEM: &str = "mkdir /system
mount -t ext4 /dev/vda /system
for folder in dev sys proc; do mount --move /$folder /system/$folder; done
exec switch_root /system /sbin/init
";
