//! A snapshot that the agent quiesces, while programs in the guest write.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::daemon::Daemon;
use crate::domain::Domain;

/// Writes to one file system and then to the other, forever, as fast as it gets: each number to a file on each.
const LOAD: &str = "(i=0; while :; do i=$((i+1)); echo $i >>/mnt/a/numbers; echo $i >>/mnt/b/numbers; done) & \
                    echo $! >/run/load";

pub(crate) fn has_all_that_was_written_before(daemon: &Daemon, domain: &mut Domain) {
    let folder = daemon.image(domain.name);
    domain.shell(LOAD);
    domain.shell("sleep 2");
    // A copy without further ado is not good: what follows can fail.
    let careless = folder.join("careless");
    fs::copy(folder.join("disk0"), &careless).expect("a copy");
    assert!(needs_recovery(&careless));

    let before: u64 = number(&domain.shell("tail -n 1 /mnt/b/numbers"));
    assert!(before > 0);
    let overlay = |disk: &str, file: &str| {
        format!(
            "{disk},snapshot=external,file={}",
            folder.join(file).display()
        )
    };
    let [first, second] = [overlay("vda", "overlay0"), overlay("vdb", "overlay1")];
    let options = ["--name", "s", "--disk-only", "--quiesce", "--atomic"];
    let specs = ["--diskspec", &first, "--diskspec", &second];
    domain.run(
        daemon,
        "snapshot-create-as",
        &[&options[..], &specs[..]].concat(),
    );
    // The guest goes on, on top of the copy.
    let then = number(&domain.shell("tail -n 1 /mnt/b/numbers"));
    domain.shell("sleep 2");
    assert!(number(&domain.shell("tail -n 1 /mnt/b/numbers")) > then);
    domain.shell("kill $(cat /run/load); mkdir -p /mnt/copy0 /mnt/copy1");

    let mut last = Vec::new();
    for (disk, device) in ["vdc", "vdd"].into_iter().enumerate() {
        let copy = folder.join(format!("copy{disk}"));
        fs::copy(folder.join(format!("disk{disk}")), &copy).expect("a copy");
        assert!(!needs_recovery(&copy), "{disk}");
        assert_sound(&copy);
        daemon.hand_over();
        let source = copy.to_string_lossy();
        domain.run(
            daemon,
            "attach-disk",
            &[&source, device, "--mode", "readonly", "--live"],
        );
        domain.wait_until(
            &format!("ls /dev/{device} 2>/dev/null"),
            &format!("/dev/{device}"),
        );
        // Without `noload` the journal would be replayed, which a copy that is sound has no need of.
        let mount = format!("mount -t ext4 -o ro,noload /dev/{device} /mnt/copy{disk} && echo ok");
        assert_eq!(domain.shell(&mount), "ok");
        // All numbers from 1 on, one a line, nothing torn.
        let check = format!(
            "awk '$0 != NR {{ print \"line\", NR, $0; exit }} END {{ print NR }}' /mnt/copy{disk}/numbers"
        );
        last.push(number(&domain.shell(&check)));
    }
    let [first, second] = last[..] else {
        panic!("{last:?}");
    };
    // The order in which they were written is kept across the file systems.
    assert!(second >= before, "{second} {before}");
    assert!(first == second || first == second + 1, "{first} {second}");
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("no number: {text}"))
}

/// True if the copy looks like that of a machine whose power was cut.
fn needs_recovery(image: &Path) -> bool {
    let output = Command::new("/usr/sbin/dumpe2fs")
        .arg("-h")
        .arg(image)
        .output()
        .expect("dumpe2fs comes with mkfs.ext4");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Filesystem features:"), "{output:?}");
    text.contains("needs_recovery")
}

/// Asserts that there is nothing to repair.
fn assert_sound(image: &Path) {
    let output = Command::new("/usr/sbin/e2fsck")
        .arg("-fn")
        .arg(image)
        .output()
        .expect("e2fsck comes with mkfs.ext4");
    assert!(output.status.success(), "{output:?}");
}
