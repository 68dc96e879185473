//! Guest agents in virtual machines.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qapi_tests::peer;
use qapi_tests::vm::{PORT, Setup};

#[test]
fn the_distributions_agent_answers_over_virtio_serial() {
    let Some(program) = peer::qemu_ga() else {
        return;
    };
    let Some(mut machine) = Setup::new()
        .program(program, "/usr/sbin/qemu-ga")
        .disks(1)
        .boot()
    else {
        return;
    };
    assert!(
        machine
            .shell("grep ' /mnt/a ' /proc/mounts")
            .contains("ext4")
    );
    machine.shell(&format!(
        "/usr/sbin/qemu-ga -p /dev/virtio-ports/{PORT} -t /run </dev/null >/run/ga.log 2>&1 &"
    ));
    let mut stream = UnixStream::connect(machine.agent_socket()).expect("the emulator listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a time-out above zero");
    stream
        .write_all(b"{\"execute\":\"guest-ping\"}\n")
        .expect("the emulator reads");
    let mut reply = [0; 13];
    stream.read_exact(&mut reply).expect("the agent answers");
    assert_eq!(&reply, b"{\"return\": {}");
}
