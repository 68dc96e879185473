//! The formatter on real schemas: nothing of what they say changes, and little of how they look.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use qapi_parser::format::format;
use qapi_parser::source::{Disk, Files};
use qapi_parser::{Dialect, Loaded, Options};
use qapi_tests::corpus;
use qapi_tests::meaning::meaning;

/// The file system as it would be with all schemas formatted.
struct Formatted(Dialect);

impl Files for Formatted {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let text = String::from_utf8(Disk.read(path)?).map_err(io::Error::other)?;
        let once = format(&text, self.0)
            .unwrap_or_else(|errors| panic!("{}: {errors:#?}", path.display()));
        let twice = format(&once, self.0).expect("formatted text is well-formed");
        assert_eq!(once, twice, "{}", path.display());
        Ok(once.into_bytes())
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        Disk.absolute(path)
    }
}

fn load(root: &Path, files: &dyn Files, dialect: Dialect) -> Loaded {
    let mut options = Options::default();
    options.dialect = dialect;
    qapi_parser::load(root, files, &options)
}

#[track_caller]
fn check(root: &Path, dialect: Dialect) {
    let before = load(root, &Disk, dialect);
    let after = load(root, &Formatted(dialect), dialect);
    let codes = |loaded: &Loaded| -> Vec<_> {
        loaded
            .diagnostics
            .iter()
            .map(|it| (it.code, it.message.clone()))
            .collect()
    };
    match (&before.schema, &after.schema) {
        (Some(before), Some(after)) => {
            assert_eq!(meaning(before), meaning(after), "{}", root.display());
        }
        (before, after) => assert_eq!(before.is_some(), after.is_some(), "{}", root.display()),
    }
    if dialect == Dialect::Strict {
        assert_eq!(codes(&before), codes(&after), "{}", root.display());
    }
}

#[test]
fn formatting_keeps_the_meaning_of_the_schemas_of_qemu() {
    let Some(corpus) = corpus::root() else { return };
    for version in ["7.2", "10.0", "10.2"] {
        for root in corpus::roots(&corpus, version) {
            check(&root, Dialect::Auto);
        }
    }
    for root in corpus::roots(&corpus, "10.2") {
        check(&root, Dialect::Strict);
    }
}

#[test]
fn formatting_keeps_the_meaning_of_old_schemas() {
    for revision in corpus::GUEST_AGENT_REVISIONS {
        check(&corpus::guest_agent(revision), Dialect::Auto);
        let Some(corpus) = corpus::root() else { return };
        check(
            &corpus.join(format!("seeds/qga-{revision}.json")),
            Dialect::Auto,
        );
    }
}

#[test]
fn formatting_keeps_what_the_conformance_suite_says() {
    let Some(corpus) = corpus::root() else { return };
    let folder = std::fs::read_dir(corpus.join("conformance")).expect("the corpus is readable");
    let mut tried = 0;
    for entry in folder {
        let path = entry.expect("the corpus is readable").path();
        let text = std::fs::read(&path).expect("the corpus is readable");
        let is_form = |text: &str| format(text, Dialect::Strict).is_ok();
        let is_schema = path.extension().is_some_and(|it| it == "json");
        // What is not a well-formed text is refused, and so is what includes such a file.
        if is_schema
            && std::str::from_utf8(&text).is_ok_and(is_form)
            && !path.ends_with("include-nested-err.json")
        {
            check(&path, Dialect::Strict);
            tried += 1;
        }
    }
    assert!(tried > 80, "{tried} schemas");
}

#[test]
fn our_own_schemas_and_those_of_qemu_look_much_as_before() {
    let mut lines = 0;
    let mut changed = 0;
    // The schemas have files in common.
    let mut seen = BTreeSet::new();
    let Some(corpus) = corpus::root() else { return };
    for root in corpus::roots(&corpus, "10.2") {
        let loaded = load(&root, &Disk, Dialect::Strict);
        for (_, file) in loaded.sources.files() {
            if !seen.insert(file.text.clone()) {
                continue;
            }
            let after = format(&file.text, Dialect::Strict).expect("it is well-formed");
            let mut left: BTreeMap<&str, i64> = BTreeMap::new();
            for line in file.text.lines() {
                *left.entry(line).or_default() += 1;
            }
            for line in after.lines() {
                *left.entry(line).or_default() -= 1;
            }
            lines += file.text.lines().count();
            changed += left.values().filter(|count| **count > 0).sum::<i64>();
        }
    }
    let changed = usize::try_from(changed).expect("only positive numbers were added");
    assert!(lines > 25_000, "{lines} lines");
    assert!(changed < 500, "{changed} of {lines} lines");
    for revision in corpus::GUEST_AGENT_REVISIONS {
        let path = corpus::guest_agent(revision);
        let text = std::fs::read_to_string(&path).expect("it is ours");
        format(&text, Dialect::Auto).expect("it is well-formed");
    }
}
