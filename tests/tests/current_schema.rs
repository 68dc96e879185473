//! The guest agent's interface of today keeps its promises: to clients of old revisions, to
//! clients of QEMU's own agent, and to readers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use qapi_parser::ir::{Doc, Entity, Schema, SectionKind, TypeId, TypeKind};
use qapi_parser::source::Memory;
use qapi_parser::{Dialect, Options};
use qapi_tests::corpus;
use qapi_tests::definitions::{Conditions, describe, is_written, load, name, read};
use qapi_tests::examples::{self, Message};

fn path() -> PathBuf {
    corpus::guest_agent("current")
}

/// The definitions of a schema in reading order.
fn written(schema: &Schema) -> impl Iterator<Item = Entity> {
    let entities = schema.entities.iter().copied();
    entities.filter(|entity| is_written(schema, *entity))
}

/// The documentation of each definition by its name.
fn docs(schema: &Schema) -> BTreeMap<&str, &Doc> {
    let docs = schema.docs.iter();
    docs.filter_map(|doc| Some((doc.symbol.as_deref()?, doc)))
        .collect()
}

/// Facts that clients rely on: a line for each reply, argument, member, value, branch and alternative.
fn facts(schema: &Schema) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for entity in written(schema) {
        match entity {
            Entity::Type(id) => type_facts(schema, id, &schema.ty(id).name, &mut facts),
            Entity::Command(id) => {
                let command = schema.command(id);
                let name = &command.name;
                let returns = command.returns.map_or("nothing", |ty| &schema.ty(ty).name);
                facts.insert(format!("{name} returns {returns}"));
                if !command.success_response {
                    facts.insert(format!("{name} succeeds in silence"));
                }
                if let Some(ty) = command.arguments {
                    type_facts(schema, ty, name, &mut facts);
                }
            }
            Entity::Event(_) | Entity::Include(_) => panic!("no guest agent has {entity:?}"),
        }
    }
    facts
}

fn type_facts(schema: &Schema, ty: TypeId, of: &str, facts: &mut BTreeSet<String>) {
    let type_name = |ty| &schema.ty(ty).name;
    match &schema.ty(ty).kind {
        TypeKind::Enum(enum_) => {
            let values = enum_.values.iter();
            facts.extend(values.map(|value| format!("{of} = {}", value.name)));
        }
        TypeKind::Object(object) => {
            for member in &object.members {
                let optional = if member.optional { "?" } else { "" };
                let ty = type_name(member.ty);
                facts.insert(format!("{of}.{}{optional}: {ty}", member.name));
            }
            for branch in object.union_.iter().flat_map(|union| &union.branches) {
                facts.insert(format!(
                    "{of} for {}: {}",
                    branch.name,
                    type_name(branch.ty)
                ));
            }
        }
        TypeKind::Alternate(alternate) => {
            let alternatives = alternate.alternatives.iter();
            facts.extend(alternatives.map(|each| format!("{of} or {}", type_name(each.ty))));
        }
        TypeKind::Builtin(_) | TypeKind::Array(_) => panic!("nobody writes {of}"),
    }
}

/// Parts of old revisions that today's interface has in another form: the old form, the new
/// one, and why clients of the old one need not mind.
const CHANGED: [(&str, &[&str], &str); 4] = [
    (
        "guest-exec.capture-output?: bool",
        &[
            "guest-exec.capture-output?: GuestExecCaptureOutput",
            "GuestExecCaptureOutput or bool",
        ],
        "a bool is still taken",
    ),
    (
        "guest-file-seek.whence: int",
        &[
            "guest-file-seek.whence: GuestFileWhence",
            "GuestFileWhence or int",
        ],
        "an int is still taken",
    ),
    (
        "guest-fstrim returns nothing",
        &["guest-fstrim returns GuestFilesystemTrimResponse"],
        "nothing was an object without members, and clients ignore members they do not know",
    ),
    (
        "guest-set-time.time: int",
        &["guest-set-time.time?: int"],
        "what may be left out may still be there",
    ),
];

#[test]
fn old_revisions_live_on() {
    let current = facts(&load(&path()));
    let mut lost = BTreeSet::new();
    for revision in corpus::GUEST_AGENT_REVISIONS {
        let old = facts(&load(&corpus::guest_agent(revision)));
        assert!(old.len() > 50, "revision {revision}: {old:#?}");
        lost.extend(old.difference(&current).cloned());
    }
    let accounted = CHANGED.iter().map(|(old, ..)| (*old).to_owned());
    assert_eq!(lost, accounted.collect());
    for new in CHANGED.iter().flat_map(|(_, new, _)| *new) {
        assert!(current.contains(*new), "{new}");
    }
}

/// Everything about a definition that is not documentation, its arguments included.
fn definition(schema: &Schema, entity: Entity) -> String {
    let description = describe(schema, entity, Conditions::Ignored);
    let arguments = match entity {
        Entity::Command(id) => schema.command(id).arguments,
        _ => None,
    };
    match arguments {
        Some(ty) => {
            let arguments = describe(schema, Entity::Type(ty), Conditions::Ignored);
            format!("{description}\n{arguments}")
        }
        None => description,
    }
}

#[test]
fn equal_definitions_have_equal_descriptions() {
    let current = load(&path());
    let texts = docs(&current);
    let mut compared = 0;
    for revision in corpus::GUEST_AGENT_REVISIONS {
        let old = load(&corpus::guest_agent(revision));
        let old_texts = docs(&old);
        for entity in written(&old) {
            let name = name(&old, entity).unwrap();
            let now = current.lookup(name).unwrap();
            if definition(&old, entity) != definition(&current, now) {
                continue;
            }
            compared += 1;
            assert_extends(
                texts[name],
                old_texts[name],
                &format!("{name} of {revision}"),
            );
        }
    }
    assert!(compared > 150, "{compared}");
}

/// Returns true if the new text is the old one, to which errors and examples may have been added.
fn assert_extends(new: &Doc, old: &Doc, what: &str) {
    let members = |doc: &Doc| -> Vec<(String, String)> {
        let members = doc.members.iter();
        members
            .map(|member| (member.name.clone(), member.text.clone()))
            .collect()
    };
    assert_eq!(new.body.text, old.body.text, "{what}");
    assert_eq!(members(new), members(old), "{what}");
    let sections = new.sections.iter().filter(|section| {
        let is_example = section.text.starts_with(".. qmp-example::");
        section.kind != SectionKind::Errors && !is_example
    });
    let kept: Vec<_> = sections.map(|each| (each.kind, &each.text)).collect();
    let had: Vec<_> = old
        .sections
        .iter()
        .map(|each| (each.kind, &each.text))
        .collect();
    assert_eq!(kept, had, "{what}");
}

/// Definitions of QEMU 10.2 for its guest agent that we lack, and why.
const LEFT_OUT: [(&str, &str); 5] = [
    ("GuestDeviceType", "only guest-get-devices needs it"),
    ("GuestDeviceIdPCI", "only guest-get-devices needs it"),
    ("GuestDeviceId", "only guest-get-devices needs it"),
    ("GuestDeviceInfo", "only guest-get-devices needs it"),
    (
        "guest-get-devices",
        "lists drivers of Windows; does not exist on Linux",
    ),
];

#[test]
fn definitions_equal_those_of_qemu() {
    let Some(corpus) = corpus::root() else { return };
    let ours = load(&path());
    let theirs = load(&corpus.join("qemu/10.2/qga/qapi-schema.json"));
    let left_out: Vec<_> = LEFT_OUT.iter().map(|(name, _)| *name).collect();
    let (missing, kept): (Vec<_>, Vec<_>) =
        written(&theirs).partition(|entity| left_out.contains(&name(&theirs, *entity).unwrap()));
    let missing: Vec<_> = missing
        .into_iter()
        .map(|entity| name(&theirs, entity).unwrap())
        .collect();
    assert_eq!(missing, left_out);
    let kept: Vec<_> = kept
        .into_iter()
        .map(|entity| definition(&theirs, entity))
        .collect();
    let ours: Vec<_> = written(&ours)
        .map(|entity| definition(&ours, entity))
        .collect();
    for (ours, theirs) in ours.iter().zip(&kept) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.len(), kept.len());
}

#[test]
fn implicit_bases_and_branches_equal_those_of_qemu() {
    let Some(corpus) = corpus::root() else { return };
    let ours = load(&path());
    let theirs = load(&corpus.join("qemu/10.2/qga/qapi-schema.json"));
    let mut implicit = 0;
    for entity in ours.entities.iter().copied() {
        let name = name(&ours, entity).unwrap();
        implicit += usize::from(!is_written(&ours, entity));
        let theirs = describe(&theirs, theirs.lookup(name).unwrap(), Conditions::Ignored);
        assert_eq!(describe(&ours, entity, Conditions::Ignored), theirs);
    }
    assert!(implicit > 40, "{implicit}");
}

#[test]
fn nothing_is_conditional() {
    let schema = load(&path());
    for entity in schema.entities.iter().copied() {
        assert_eq!(
            describe(&schema, entity, Conditions::Kept),
            describe(&schema, entity, Conditions::Ignored)
        );
    }
}

#[test]
fn strict_dialect_reports_nothing() {
    let loaded = read(&path(), Dialect::Strict);
    assert!(loaded.diagnostics.is_empty(), "{:#?}", loaded.diagnostics);
    let schema = loaded.schema.unwrap();
    assert!(schema.pragmas.doc_required);
    assert!(schema.pragmas.documentation_exceptions.is_empty());
    let text = fs::read_to_string(path()).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 70, "{line}");
    }
}

#[test]
fn each_exception_of_the_pragma_is_needed() {
    let pragmas = read(&path(), Dialect::Strict).schema.unwrap().pragmas;
    let exceptions = pragmas
        .command_returns_exceptions
        .iter()
        .chain(&pragmas.member_name_exceptions)
        .chain(&pragmas.command_name_exceptions);
    let text = fs::read_to_string(path()).unwrap();
    let mut strict = Options::default();
    strict.dialect = Dialect::Strict;
    let mut count = 0;
    for exception in exceptions {
        count += 1;
        // The pragma stands before every definition.
        let without = text.replacen(&format!("'{exception}'"), "'nothing'", 1);
        let files = Memory::new().with("a.json", without);
        let loaded = qapi_parser::load(Path::new("a.json"), &files, &strict);
        assert!(loaded.schema.is_none(), "{exception}");
    }
    assert_eq!(count, 10);
}

#[test]
fn every_definition_says_since_when_it_exists() {
    let schema = load(&path());
    for (name, doc) in docs(&schema) {
        let mut sections = doc.sections.iter();
        let since = sections.find(|section| section.kind == SectionKind::Since);
        let version = since.map_or("", |section| section.text.as_str());
        let numbers: Vec<_> = version.split('.').collect();
        assert_eq!(numbers.len(), 2, "{name}: {version}");
        assert!(
            numbers.iter().all(|number| number.parse::<u8>().is_ok()),
            "{name}: {version}"
        );
    }
}

#[test]
fn every_example_is_a_valid_conversation() {
    let schema = load(&path());
    let mut shown = BTreeSet::new();
    for (name, doc) in docs(&schema) {
        for example in examples::of(doc) {
            if let Err(error) = examples::check(&schema, &example) {
                panic!("{name}: {error}");
            }
            shown.insert(name);
        }
    }
    let commands = schema.commands.iter().map(|command| command.name.as_str());
    let without: Vec<_> = commands.filter(|name| !shown.contains(name)).collect();
    assert_eq!(without, ["guest-suspend-hybrid", "guest-get-memory-blocks"]);
}

#[test]
fn wrong_examples_are_noticed() {
    let schema = load(&path());
    let sent = |text: &str| Message::Sent(text.to_owned());
    let received = |text: &str| Message::Received(text.to_owned());
    let check = |messages: &[Message]| examples::check(&schema, messages).unwrap_err();
    let ping = || sent(r#"{"execute": "guest-ping"}"#);
    let sync = |arguments: &str| {
        let request = format!(r#"{{"execute": "guest-sync", "arguments": {arguments}}}"#);
        [sent(&request), received(r#"{"return": 1}"#)]
    };
    assert_eq!(check(&[]), "it is empty");
    assert!(check(&[received("{}")]).starts_with("nobody asked"));
    assert!(check(&[ping()]).contains("answered by None"));
    assert!(check(&[ping(), received(r#"{"return": 1}"#)]).contains("returns nothing"));
    assert!(check(&[ping(), received(r#"{"return": {}, "x": 1}"#)]).contains("x is unexpected"));
    assert!(check(&[ping(), received(r#"{"return": {}"#)]).contains("EOF"));
    assert!(check(&[sent(r#"{"execute": "guest-pong"}"#)]).contains("no command guest-pong"));
    assert!(check(&sync("{}")).contains(".id is missing"));
    assert!(check(&sync(r#"{"id": "1"}"#)).contains(".id is not int"));
    assert!(check(&sync(r#"{"id": 1, "no": 2}"#)).contains(".no is unexpected"));
    let silent = [
        sent(r#"{"execute": "guest-shutdown"}"#),
        received(r#"{"return": {}}"#),
    ];
    assert!(check(&silent).contains("is answered by"));
    let bus = |kind: &str| {
        let reply = format!(
            r#"{{"return": [{{"name": "a", "partition": false, "smart": {{"type": "{kind}"}}}}]}}"#
        );
        let request = sent(r#"{"execute": "guest-get-disks"}"#);
        examples::check(&schema, &[request, received(&reply)])
    };
    assert_eq!(bus("usb"), Ok(()));
    assert!(
        bus("nvme")
            .unwrap_err()
            .contains("[0].smart.critical-warning is missing")
    );
    assert!(
        bus("none")
            .unwrap_err()
            .contains("[0].smart.type is not GuestDiskBusType")
    );
}

/// The words of each run of comment lines.
fn comments(path: &Path) -> Vec<Vec<String>> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut comments = vec![Vec::new()];
    for line in text.lines() {
        match (line.trim_start().strip_prefix('#'), comments.last_mut()) {
            (Some(line), Some(comment)) => {
                let words = line.split(|c: char| !c.is_ascii_alphanumeric());
                comment.extend(words.filter(|word| !word.is_empty()).map(str::to_lowercase));
            }
            _ => comments.push(Vec::new()),
        }
    }
    comments
}

#[test]
fn no_six_words_in_a_row_are_taken_from_the_originals() {
    const WORDS: usize = 6;
    let Some(corpus) = corpus::root() else { return };
    let mut originals: Vec<_> = corpus::GUEST_AGENT_REVISIONS
        .map(|revision| corpus.join(format!("seeds/qga-{revision}.json")))
        .into();
    for version in ["7.2", "10.0", "10.2"] {
        originals.push(
            corpus
                .join("qemu")
                .join(version)
                .join("qga/qapi-schema.json"),
        );
    }
    let theirs: Vec<_> = originals.iter().flat_map(|path| comments(path)).collect();
    let theirs: BTreeSet<_> = theirs
        .iter()
        .flat_map(|words| words.windows(WORDS))
        .collect();
    assert!(theirs.len() > 4000, "{}", theirs.len());
    for revision in corpus::GUEST_AGENT_REVISIONS.iter().chain(&["current"]) {
        for comment in comments(&corpus::guest_agent(revision)) {
            for words in comment.windows(WORDS) {
                assert!(!theirs.contains(words), "{revision}: {}", words.join(" "));
            }
        }
    }
}
