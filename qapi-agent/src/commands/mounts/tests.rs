//! Tables as kernels print them, and opening on a real one.

use super::*;

const MOUNTINFO: &[u8] = b"\
22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 253:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 28 253:2 / /mnt/a\\040b rw shared:2 master:3 - ext4 /dev/vda2 rw
31 30 253:3 / /mnt/a\\040b/sub rw - xfs /dev/vda3 rw
32 28 253:2 /inner /bind\\134\\011x rw - ext4 /dev/vda2 rw
33 28 0:44 / /pool rw - btrfs /dev/vdb rw
34 28 0:45 /x /pool2 rw - btrfs /dev/gone rw
35 28 0:46 / /share rw - nfs4 server:/x rw
36 28 7:0 / /loop rw - ext4 /dev/loop0 rw
short line
37 28 x:y / /bad rw - ext4 /dev/vdz rw
38 28 8:1 / /cut rw -
";

fn directories(table: &[Mount]) -> Vec<String> {
    let shown = |mount: &Mount| mount.directory().display().to_string();
    table.iter().map(shown).collect()
}

#[test]
fn a_device_appears_once_at_its_first_place_and_others_not_at_all() {
    let btrfs = |node: &Path| (node == Path::new("/dev/vdb")).then_some((253, 16));
    let table = parse_mountinfo(MOUNTINFO, btrfs);
    assert_eq!(
        directories(&table),
        ["/", "/mnt/a b", "/mnt/a b/sub", "/pool", "/loop"]
    );
    assert_eq!(table[1].places[1].directory, Path::new("/bind\\\tx"));
    assert_eq!(table[1].places[1].mount_id, Some(32));
    assert_eq!(table[2].kind, "xfs");
    assert_eq!(table[3].device, (253, 16));
}

#[test]
fn the_older_table_drops_what_is_not_a_device_and_binds() {
    let text = b"\
proc /proc proc rw 0 0
/dev/vda / ext4 rw 0 0
/srv/data /bind none rw,bind 0 0
/share /smb cifs rw 0 0
/gone /one fuse rw 0 0
/gone2 /two fuse rw 0 0
/dev/vda /again ext4 rw 0 0
";
    let source = |path: &Path| match path.to_str().unwrap() {
        "/dev/vda" => MountSource::Block((253, 0)),
        "/srv/data" => MountSource::Directory,
        _ => MountSource::Other,
    };
    let table = parse_mounts(text, source);
    assert_eq!(directories(&table), ["/", "/one"]);
}

#[test]
fn escapes_are_octal_and_anything_else_stays() {
    assert_eq!(unescape(b"a\\040b\\134"), Path::new("a b\\"));
    assert_eq!(unescape(b"a\\09\\4\\"), Path::new("a\\09\\4\\"));
    assert_eq!(unescape(b"\\777"), Path::new("\\777"));
}

#[test]
fn the_running_system_s_table_is_read() {
    let text = fs::read("/proc/self/mountinfo").unwrap();
    let lines = text.split(|&byte| byte == b'\n').count();
    let table = read(Path::new("/")).unwrap();
    assert!(table.len() < lines);
    let failure = read(Path::new("/nonexistent")).unwrap_err().to_string();
    assert_eq!(
        failure, "failed to open mtab file: '/proc/self/mounts'",
        "nothing else is taken for the table"
    );
    assert!(table.iter().all(|mount| mount.device.0 != 0));
}

#[test]
fn a_directory_of_another_mount_is_not_taken_for_a_hidden_one() {
    let id = mount_id_of(&File::open("/proc").unwrap()).unwrap();
    let at = |directory: &str, mount_id| Place {
        directory: directory.into(),
        mount_id,
    };
    let mount = |places| Mount {
        device: (1, 1),
        kind: "x".to_owned(),
        places,
    };
    assert!(mount(vec![at("/proc", Some(id))]).open().is_ok());
    assert!(mount(vec![at("/proc", None)]).open().is_ok());
    let hidden = mount(vec![at("/proc", Some(id + 100_000))]);
    assert_eq!(
        hidden.open().unwrap_err(),
        NotOpened::Unreachable(Errno::ENOENT)
    );
    let elsewhere = mount(vec![at("/nonexistent/x", Some(1)), at("/proc", Some(id))]);
    assert!(elsewhere.open().is_ok());
}

#[test]
fn request_and_path_are_compared_letter_by_letter() {
    assert!(is_path("/mnt/a", Path::new("/mnt/a")));
    assert!(!is_path("/mnt/a/", Path::new("/mnt/a")));
    assert!(!is_path("/mnt//a", Path::new("/mnt/a")));
}
