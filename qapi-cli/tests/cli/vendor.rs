//! `qapi vendor`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};

use crate::harness::{Run, Scratch, qapi};

/// Sources as QEMU has them: three schemas that share a file, and what does not belong to any.
const SOURCES: [(&str, &str); 10] = [
    ("VERSION", "9.9.1\n"),
    ("COPYING", "the licence"),
    ("LICENSE", "about the licence"),
    ("configure", "#!/bin/sh"),
    (
        "qapi/qapi-schema.json",
        "{ 'include': 'common.json' }\n{ 'command': 'stop' }\n",
    ),
    (
        "qapi/common.json",
        "{ 'enum': 'OnOff', 'data': [ 'on', 'off' ] }\n",
    ),
    ("qapi/unused.json", "{ 'struct': 'Unused', 'data': {} }\n"),
    ("qga/qapi-schema.json", "{ 'command': 'guest-ping' }\n"),
    (
        "storage-daemon/qapi/qapi-schema.json",
        "{ 'include': '../../qapi/common.json' }\n{ 'command': 'quit' }\n",
    ),
    ("tests/qapi-schema/test.json", "{ 'command': 'no' }\n"),
];

const WANTED: [&str; 7] = [
    "COPYING",
    "LICENSE",
    "NOTICE.md",
    "qapi/common.json",
    "qapi/qapi-schema.json",
    "qga/qapi-schema.json",
    "storage-daemon/qapi/qapi-schema.json",
];

fn tree(top: &Path) {
    for (name, text) in SOURCES {
        let path = top.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        // The name as it is: `append_data` would refuse what hostile archives have.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn release() -> Vec<u8> {
    let names = SOURCES.map(|(name, text)| (format!("qemu-9.9.1/{name}"), text));
    packed(&names.each_ref().map(|(name, text)| (name.as_str(), *text)))
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(0)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn vendor(source: &Path, out: &Path, more: &[&str]) -> Run {
    let paths = [source.to_str().unwrap(), "--out", out.to_str().unwrap()];
    qapi(["vendor"].iter().chain(&paths).chain(more))
}

/// Every file below a directory, by its path.
fn files(top: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn trees_and_tarballs_give_the_files_of_the_schemas_and_no_others() {
    let scratch = Scratch::new();
    let source = scratch.join("source");
    tree(&source);
    let tar = release();
    for (name, bytes) in [
        ("q.tar", tar.clone()),
        ("q.tar.gz", gzip(&tar)),
        ("q.tar.xz", xz(&tar)),
    ] {
        fs::write(scratch.join(name), bytes).unwrap();
    }
    for form in ["source", "q.tar", "q.tar.gz", "q.tar.xz"] {
        let out = scratch.join(format!("out/{form}"));
        let run = vendor(&scratch.join(form), &out, &[]);
        assert_eq!(run.status, 0, "{run}");
        let files = files(&out);
        assert_eq!(files.keys().collect::<Vec<_>>(), WANTED, "{form}");
        for (name, text) in SOURCES.iter().filter(|(name, _)| files.contains_key(*name)) {
            assert_eq!(files[*name], text.as_bytes(), "{form}: {name}");
        }
        let notice = String::from_utf8(files["NOTICE.md"].clone()).unwrap();
        assert!(notice.starts_with("# Schemas of QEMU 9.9.1\n"), "{notice}");
        for root in run.stdout.lines() {
            assert_eq!(qapi(["check", "-q", root]).status, 0, "{root}");
        }
    }
}

#[test]
fn own_directory_is_replaced_whole_and_any_other_is_left_alone() {
    let scratch = Scratch::new();
    let source = scratch.join("source");
    tree(&source);
    let out = scratch.join("out");
    assert_eq!(vendor(&source, &out, &[]).status, 0);
    // A slash at the end, a link, and fewer files than before.
    let link = scratch.join("link");
    std::os::unix::fs::symlink(&out, &link).unwrap();
    for path in [PathBuf::from(format!("{}/", out.display())), link] {
        let run = vendor(&source, &path, &["--interface", "guest-agent"]);
        assert_eq!(run.status, 0, "{run}");
        let names: Vec<_> = files(&out).into_keys().collect();
        assert_eq!(
            names,
            ["COPYING", "LICENSE", "NOTICE.md", "qga/qapi-schema.json"]
        );
    }
    fs::remove_file(out.join("NOTICE.md")).unwrap();
    let before = files(scratch.path());
    let run = vendor(&source, &out, &[]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("was not written by `qapi vendor`"),
        "{run}"
    );
    assert_eq!(
        files(scratch.path()),
        before,
        "nothing changes, nothing is left over"
    );
}

#[test]
fn a_killed_run_loses_nothing() {
    let scratch = Scratch::new();
    let source = scratch.join("source");
    tree(&source);
    let out = scratch.join("out");
    assert_eq!(vendor(&source, &out, &[]).status, 0);
    // Killed while it wrote: the next run says what to do.
    fs::create_dir(scratch.join("out.vendor-new")).unwrap();
    let run = vendor(&source, &out, &[]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("out.vendor-new exists"), "{run}");
    assert_eq!(files(&out).len(), WANTED.len());
    fs::remove_dir(scratch.join("out.vendor-new")).unwrap();
    // Killed between the two steps of replacing.
    fs::rename(&out, scratch.join("out.vendor-old")).unwrap();
    let run = vendor(&source, &out, &["--interface", "qmp"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(!scratch.join("out.vendor-old").exists());
    assert_eq!(files(&out).len(), 5);
}

#[test]
fn a_missing_file_is_named_and_nothing_is_written() {
    let scratch = Scratch::new();
    let source = scratch.join("source");
    let out = scratch.join("out");
    fs::create_dir_all(source.join("qapi")).unwrap();
    let failing = |text: &str, more: &[&str]| {
        let run = vendor(&source, &out, more);
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stderr.contains(text), "{run}");
        assert!(!out.exists());
    };
    failing("does not contain QEMU's sources", &[]);
    let root = source.join("qapi/qapi-schema.json");
    fs::write(&root, "{ 'include': 'gone.json' }\n").unwrap();
    failing("gone.json", &[]);
    fs::write(&root, "{ 'include': '../../above.json' }\n").unwrap();
    fs::write(scratch.join("above.json"), "{ 'command': 'stop' }\n").unwrap();
    failing("above.json", &[]);
    fs::write(&root, "{ 'command': 'stop' }\n").unwrap();
    failing(
        "no schema of the guest agent; it has: QMP",
        &["--interface", "guest-agent"],
    );
}

#[test]
fn hostile_tarballs_cost_an_error_at_most() {
    let scratch = Scratch::new();
    let source = scratch.join("q.tar");
    let out = scratch.join("out");
    let schema = "{ 'command': 'stop' }\n";
    // Paths that lead out of the sources are not taken for schema files.
    let files_of = |name: &str| packed(&[("q/qapi/qapi-schema.json", schema), (name, "no")]);
    for name in [
        "../../qapi/evil.json",
        "/qapi/evil.json",
        "q/../../evil.json",
        "qapi",
    ] {
        fs::write(&source, files_of(name)).unwrap();
        assert_eq!(vendor(&source, &out, &[]).status, 0, "{name}");
        assert_eq!(files(&out).len(), 2, "{name}");
    }
    fs::remove_dir_all(&out).unwrap();
    let whole = release();
    let large = " ".repeat(17 << 20);
    let without_last = |bytes: Vec<u8>| bytes[..bytes.len() - 1].to_vec();
    let mut spoilt = gzip(&whole);
    let checksum = spoilt.len() - 8;
    spoilt[checksum] ^= 1;
    for (what, bytes) in [
        ("cut", xz(&whole)[..200].to_vec()),
        ("cut behind the last file", without_last(xz(&whole))),
        ("cut behind the last file, too", without_last(gzip(&whole))),
        ("another checksum", spoilt),
        ("no archive behind xz", xz(b"text")),
        ("cut in an entry", whole[..700].to_vec()),
        ("empty", Vec::new()),
        ("bzip2", b"BZh91AY&SY".to_vec()),
        (
            "a large file",
            gzip(&packed(&[("q/qapi/qapi-schema.json", &large)])),
        ),
    ] {
        fs::write(&source, bytes).unwrap();
        let run = vendor(&source, &out, &[]);
        assert_eq!(run.status, 2, "{what}: {run}");
        assert!(run.stderr.starts_with("error: "), "{what}: {run}");
        assert!(!out.exists(), "{what}");
    }
}

#[test]
fn real_trees_are_copied_byte_for_byte() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/qemu");
    if !corpus.is_dir() {
        qapi_test_support::skip("no corpus");
        return;
    }
    for version in ["7.2", "10.0", "10.2"] {
        let scratch = Scratch::new();
        let (source, out) = (corpus.join(version), scratch.join("out"));
        let run = vendor(&source, &out, &[]);
        assert_eq!(run.status, 0, "{run}");
        let mut copied = files(&out);
        copied.remove("NOTICE.md").unwrap();
        assert!(!copied.is_empty());
        let original = files(&source);
        for (name, bytes) in copied {
            assert_eq!(Some(&bytes), original.get(&name), "{version}: {name}");
        }
    }
}
