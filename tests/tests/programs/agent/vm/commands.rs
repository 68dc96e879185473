//! Commands that change the guest or tell how it is, with a look at what became of it.

use qapi_tests::vm::Setup;
use serde_json::{Value, json};

use super::guest::Guest;

pub(crate) fn processors_go_off_and_come_back(guest: &mut Guest) {
    let all = |second: bool| {
        json!([
            { "logical-id": 0, "online": true, "can-offline": false },
            { "logical-id": 1, "online": second, "can-offline": true },
        ])
    };
    let one = |id: i64, online: bool| json!({ "vcpus": [{ "logical-id": id, "online": online }] });
    assert_eq!(
        guest.agent.run("guest-get-vcpus", &json!({})),
        all(true),
        "V067"
    );
    assert_eq!(
        guest.agent.run("guest-set-vcpus", &one(1, false)),
        1,
        "V068"
    );
    assert_eq!(
        guest.agent.run("guest-get-vcpus", &json!({})),
        all(false),
        "V069"
    );
    assert_eq!(guest.shell("cat /sys/devices/system/cpu/online"), "0");
    assert_eq!(guest.agent.run("guest-set-vcpus", &one(1, true)), 1, "V070");
    assert_eq!(guest.shell("cat /sys/devices/system/cpu/online"), "0-1");
    assert_eq!(
        guest.agent.fail("guest-set-vcpus", &one(0, false)),
        "logical processor #0 can't be offlined",
        "V072"
    );
    assert_eq!(guest.agent.run("guest-set-vcpus", &one(0, true)), 1, "V073");
    let partly = json!({ "vcpus": [
        { "logical-id": 1, "online": true, "can-offline": false },
        { "logical-id": 77, "online": true },
    ] });
    assert_eq!(guest.agent.run("guest-set-vcpus", &partly), 1, "V075, V076");
}

pub(crate) fn memory_blocks_are_those_of_the_kernel(guest: &mut Guest) {
    let size = guest.shell("cat /sys/devices/system/memory/block_size_bytes");
    let size = u64::from_str_radix(&size, 16).expect("a hexadecimal number");
    assert_eq!(
        guest.agent.run("guest-get-memory-block-info", &json!({})),
        json!({ "size": size })
    );
    let count = guest.shell("ls -d /sys/devices/system/memory/memory[0-9]* | wc -l");
    let blocks = guest.agent.run("guest-get-memory-blocks", &json!({}));
    let blocks = blocks.as_array().expect("a list");
    assert_eq!(blocks.len().to_string(), count);
    assert!(blocks.iter().all(|block| block["online"] == true));
    // V082: the kernel needs the first block.
    let wanted = json!({ "mem-blks": [
        { "phys-index": 0, "online": true },
        { "phys-index": 999, "online": false },
        { "phys-index": 0, "online": false },
    ] });
    let answers = guest.agent.run("guest-set-memory-blocks", &wanted);
    assert_eq!(
        answers[0],
        json!({ "phys-index": 0, "response": "success" })
    );
    assert_eq!(
        answers[1],
        json!({ "phys-index": 999, "response": "not-found", "error-code": 2 })
    );
    assert_eq!(answers[2]["response"], "operation-failed", "{answers}");

    // A block that the kernel says can go does so and comes back.
    let Some(block) = blocks
        .iter()
        .rev()
        .find(|block| block["can-offline"] == true)
    else {
        panic!("no block can be taken away: {blocks:?}");
    };
    let index = &block["phys-index"];
    let set = |guest: &mut Guest, online: bool| {
        let wanted = json!({ "mem-blks": [{ "phys-index": index, "online": online }] });
        guest.agent.run("guest-set-memory-blocks", &wanted)[0].take()
    };
    let state = format!("cat /sys/devices/system/memory/memory{index}/state");
    let gone = set(guest, false);
    if gone["response"] == "success" {
        assert_eq!(guest.shell(&state), "offline");
        assert_eq!(set(guest, true)["response"], "success");
    } else {
        // Whether it can is known to the kernel only when it tries.
        assert_eq!(gone["response"], "operation-failed", "{gone}");
    }
    assert_eq!(guest.shell(&state), "online");
}

pub(crate) fn both_clocks_are_set(guest: &mut Guest) {
    let time = json!({ "time": 1_700_000_000_123_456_789_i64 });
    let half = guest.agent.fail("guest-set-time", &time);
    assert_eq!(
        half,
        "child process has failed to set hardware clock to system time: failed to exec \
         '/sbin/hwclock': No such file or directory\n (the system clock has been set)",
        "V065, D28"
    );
    let is_set = |nanoseconds: &Value| {
        let since = nanoseconds.as_i64().expect("a number") - 1_700_000_000_123_456_000;
        assert!((0..120_000_000_000).contains(&since), "{since}");
    };
    is_set(&guest.agent.run("guest-get-time", &json!({})));

    guest.shell("ln -s /bin/busybox /sbin/hwclock");
    assert_eq!(guest.agent.run("guest-set-time", &time), json!({}), "V056");
    is_set(&guest.agent.run("guest-get-time", &json!({})));
    // The system clock is set wrong; the hardware clock has been set before.
    guest.shell("date -s @1500000000");
    assert_eq!(
        guest.agent.run("guest-set-time", &json!({})),
        json!({}),
        "V058"
    );
    let seconds = guest.agent.run("guest-get-time", &json!({}));
    let since = seconds.as_i64().expect("a number") / 1_000_000_000 - 1_700_000_000;
    assert!((-2..240).contains(&since), "{since}");
    for refused in [-1, 0] {
        assert_eq!(
            guest
                .agent
                .fail("guest-set-time", &json!({ "time": refused })),
            "Failed to set time to guest: Invalid argument",
            "V060, V061"
        );
    }
}

/// Makes the user `u`, who has a home and no password.
pub(crate) const ADD_USER: &str = "echo 'u:x:1000:1000::/home/u:/bin/sh' >> /etc/passwd; \
    echo 'u:*:19000:0:99999:7:::' >> /etc/shadow; mkdir -p /home/u; chown 1000:1000 /home/u";

/// Disks, and what changes passwords; none where that is missing.
pub(crate) fn setup() -> Option<Setup> {
    Setup::new().disks(2).nvme().chpasswd()
}

pub(crate) fn passwords_are_changed(guest: &mut Guest) {
    guest.shell(ADD_USER);
    let password = |user: &str, password: &str, crypted: bool| json!({ "username": user, "password": password, "crypted": crypted });
    guest
        .agent
        .run("guest-set-user-password", &password("u", "bmV3cHc=", false));
    let shadow = guest.shell("grep ^u: /etc/shadow | cut -d: -f2");
    assert!(shadow.starts_with("$6$"), "V083: {shadow}");
    guest.agent.run(
        "guest-set-user-password",
        &password("u", "JDYkYWJjJGRlZg==", true),
    );
    assert_eq!(
        guest.shell("grep ^u: /etc/shadow | cut -d: -f2"),
        "$6$abc$def",
        "V084"
    );
    let error = guest.agent.fail(
        "guest-set-user-password",
        &password("nosuch", "c2VjcmV0", false),
    );
    assert!(
        error.starts_with("child process has failed to set user password: ")
            && error.contains("nosuch"),
        "V085: {error}"
    );
    let log = guest.shell("cat /run/log");
    for secret in ["bmV3cHc=", "newpw", "$6$abc", "secret", "c2VjcmV0"] {
        assert!(!log.contains(secret) && !error.contains(secret), "{log}");
    }
}

pub(crate) fn keys_are_changed(guest: &mut Guest) {
    guest.shell(ADD_USER);
    let who = json!({ "username": "u" });
    assert!(
        guest
            .agent
            .fail("guest-ssh-get-authorized-keys", &who)
            .ends_with("No such file or directory"),
        "V092"
    );
    let keys = |keys: &[&str]| json!({ "username": "u", "keys": keys });
    guest.agent.run(
        "guest-ssh-add-authorized-keys",
        &keys(&["ssh-rsa AAAA one", "ssh-rsa BBBB two"]),
    );
    guest.agent.run(
        "guest-ssh-add-authorized-keys",
        &keys(&["ssh-rsa AAAA one", "ssh-rsa CCCC three"]),
    );
    assert_eq!(
        guest.agent.run("guest-ssh-get-authorized-keys", &who),
        json!({ "keys": ["ssh-rsa CCCC three", "ssh-rsa BBBB two", "ssh-rsa AAAA one"] }),
        "V095"
    );
    guest.agent.run(
        "guest-ssh-remove-authorized-keys",
        &keys(&["ssh-rsa BBBB two", "nope"]),
    );
    assert_eq!(
        guest.shell("cat /home/u/.ssh/authorized_keys; echo; stat -c '%a %u:%g' /home/u/.ssh /home/u/.ssh/authorized_keys"),
        "ssh-rsa AAAA one\nssh-rsa CCCC three\n700 1000:1000\n600 1000:1000",
        "V097"
    );
}

pub(crate) fn memory_that_is_plugged_in_can_be_used_and_given_back(guest: &mut Guest) {
    let blocks = |guest: &mut Guest| {
        let blocks = guest.agent.run("guest-get-memory-blocks", &json!({}));
        blocks.as_array().expect("a list").clone()
    };
    let before = blocks(guest);
    let mut qmp = guest.qmp();
    qmp.run(
        "object-add",
        &json!({ "qom-type": "memory-backend-ram", "id": "more", "size": 128 << 20 }),
    );
    qmp.run(
        "device_add",
        &json!({ "driver": "pc-dimm", "id": "dimm", "memdev": "more" }),
    );
    guest.wait_until(
        "ls -d /sys/devices/system/memory/memory[0-9]* | wc -l",
        &(before.len() + 1).to_string(),
    );
    let after = blocks(guest);
    let added: Vec<_> = after
        .iter()
        .filter(|block| {
            before
                .iter()
                .all(|old| old["phys-index"] != block["phys-index"])
        })
        .collect();
    assert_eq!(added.len(), 1, "{after:?}");
    let index = &added[0]["phys-index"];
    let state = format!("cat /sys/devices/system/memory/memory{index}/state");
    for online in [true, false, true] {
        let wanted = json!({ "mem-blks": [{ "phys-index": index, "online": online }] });
        assert_eq!(
            guest.agent.run("guest-set-memory-blocks", &wanted),
            json!([{ "phys-index": index, "response": "success" }])
        );
        let expected = if online { "online" } else { "offline" };
        assert_eq!(guest.shell(&state), expected);
        let now = blocks(guest);
        let block = now.iter().find(|block| block["phys-index"] == *index);
        assert_eq!(block.expect("it is still there")["online"], online);
    }
}

pub(crate) fn disks_are_described_and_trimmed(guest: &mut Guest) {
    let list = guest.agent.run("guest-get-fsinfo", &json!({}));
    let find = |list: &Value, key: &str, name: &str| {
        let found = list.as_array().expect("a list").iter();
        let mut found = found.filter(|element| element[key] == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no {name}: {list}"))
            .clone()
    };
    for (mountpoint, name, bus) in [
        ("/mnt/n", "nvme0n1", "nvme"),
        ("/mnt/a", "vda", "virtio"),
        ("/mnt/b", "vdb", "virtio"),
    ] {
        let system = find(&list, "mountpoint", mountpoint);
        assert_eq!(system["name"], name);
        assert_eq!(system["type"], "ext4");
        let [used, total, privileged] = ["used-bytes", "total-bytes", "total-bytes-privileged"]
            .map(|key| system[key].as_u64().expect("a number"));
        assert!(0 < used && used < total && total < privileged && privileged < 64 << 20);
        let disk = &system["disk"][0];
        assert_eq!(disk["bus-type"], bus, "{disk}");
        assert_eq!(disk["dev"], format!("/dev/{name}"));
        assert!(disk["pci-controller"]["slot"].as_i64() > Some(0), "{disk}");
    }

    let disks = guest.agent.run("guest-get-disks", &json!({}));
    let disk = find(&disks, "name", "/dev/vda");
    assert_eq!(disk["partition"], false);
    assert_eq!(disk["address"]["bus-type"], "virtio");
    assert_eq!(disk.get("smart"), None);
    let disk = find(&disks, "name", "/dev/nvme0n1");
    assert_eq!(disk["address"]["bus-type"], "nvme");
    let smart = &disk["smart"];
    assert_eq!(smart["type"], "nvme", "{disk}");
    // The emulator's disk is at 50 degrees and has never had a problem.
    for (key, expected) in [
        ("critical-warning", 0),
        ("temperature", 323),
        ("available-spare", 0),
        ("available-spare-threshold", 0),
        ("percentage-used", 0),
        ("unsafe-shutdowns-lo", 0),
        ("media-errors-lo", 0),
        ("media-errors-hi", 0),
    ] {
        assert_eq!(smart[key], expected, "{key}: {smart}");
    }
    // It counts what was written by mounting.
    assert!(
        smart["host-write-commands-lo"].as_u64() > Some(0),
        "{smart}"
    );

    guest.shell(
        "dd if=/dev/urandom of=/mnt/a/big bs=1M count=8 2>/dev/null; sync; rm /mnt/a/big; sync",
    );
    let trimmed = guest.agent.run("guest-fstrim", &json!({}));
    let paths: Vec<_> = trimmed["paths"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|path| path["path"].as_str().expect("a path"))
        .collect();
    assert_eq!(paths, ["/mnt/b", "/mnt/a", "/mnt/n"]);
    let bytes = trimmed["paths"][1]["trimmed"].as_u64().expect("a number");
    assert!(bytes >= 8 << 20, "{trimmed}");
}
