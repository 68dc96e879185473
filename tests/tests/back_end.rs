//! The order in which a back end is driven over a schema, on real schemas and on made-up ones.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use qapi_codegen::{Backend, Context, Output, drive};
use qapi_parser::ir::{
    Alternate, Command, CommandId, DocId, Entity, Enum, Event, EventId, Module, ModuleId, Object,
    Origin, Schema, TypeDef, TypeId, Union,
};
use qapi_parser::source::Disk;
use qapi_tests::generate::{self, FilesInMemory, Settings};
use qapi_tests::{corpus, workspace};

/// Schemas of our generator that are tried.
const SEEDS: u64 = 60;

/// A call of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Begin,
    BeginModule(ModuleId),
    Text(DocId),
    /// A definition, and the keyword that defines it.
    Definition(Entity, &'static str),
    Nameless(TypeId),
    EndModule(ModuleId),
    Finish,
}

/// Notes the calls in the order in which they come, and fails in one of them.
struct Recorder<'c> {
    calls: &'c mut Vec<Call>,
    /// The number of the call that fails, from 1.
    failing: usize,
}

/// The error of the call that fails.
#[derive(Debug, PartialEq, Eq)]
struct Failed;

impl Recorder<'_> {
    fn note(&mut self, call: Call) -> Result<(), Failed> {
        self.calls.push(call);
        if self.calls.len() == self.failing {
            Err(Failed)
        } else {
            Ok(())
        }
    }

    fn ty(&mut self, id: TypeId, keyword: &'static str) -> Result<(), Failed> {
        self.note(Call::Definition(Entity::Type(id), keyword))
    }
}

impl Backend for Recorder<'_> {
    type Error = Failed;

    fn begin(&mut self, _: &Context<'_>) -> Result<(), Failed> {
        self.note(Call::Begin)
    }

    fn begin_module(&mut self, _: &Context<'_>, id: ModuleId, _: &Module) -> Result<(), Failed> {
        self.note(Call::BeginModule(id))
    }

    fn text(&mut self, _: &Context<'_>, id: DocId) -> Result<(), Failed> {
        self.note(Call::Text(id))
    }

    fn predefined(&mut self, _: &Context<'_>, id: TypeId, _: &TypeDef) -> Result<(), Failed> {
        self.note(Call::Nameless(id))
    }

    fn implicit(&mut self, _: &Context<'_>, id: TypeId, _: &TypeDef) -> Result<(), Failed> {
        self.note(Call::Nameless(id))
    }

    fn enumeration(&mut self, _: &Context<'_>, id: TypeId, _: &Enum) -> Result<(), Failed> {
        self.ty(id, "enum")
    }

    fn structure(&mut self, _: &Context<'_>, id: TypeId, _: &Object) -> Result<(), Failed> {
        self.ty(id, "struct")
    }

    fn union(&mut self, _: &Context<'_>, id: TypeId, _: &Object, _: &Union) -> Result<(), Failed> {
        self.ty(id, "union")
    }

    fn alternate(&mut self, _: &Context<'_>, id: TypeId, _: &Alternate) -> Result<(), Failed> {
        self.ty(id, "alternate")
    }

    fn command(&mut self, _: &Context<'_>, id: CommandId, _: &Command) -> Result<(), Failed> {
        self.note(Call::Definition(Entity::Command(id), "command"))
    }

    fn event(&mut self, _: &Context<'_>, id: EventId, _: &Event) -> Result<(), Failed> {
        self.note(Call::Definition(Entity::Event(id), "event"))
    }

    fn end_module(&mut self, _: &Context<'_>, id: ModuleId, _: &Module) -> Result<(), Failed> {
        self.note(Call::EndModule(id))
    }

    fn finish(mut self, _: &Context<'_>) -> Result<Output, Failed> {
        self.note(Call::Finish)?;
        Ok(Output::default())
    }
}

/// Fails if one of the promises that are written at the trait is not kept.
fn check(schema: &Schema, name: &str) {
    let cx = Context::new(schema);
    let record = |failing| {
        let mut calls = Vec::new();
        let recorder = Recorder {
            calls: &mut calls,
            failing,
        };
        (drive(&cx, recorder).err(), calls)
    };
    let (error, calls) = record(0);
    assert_eq!(error, None, "{name}");
    for failing in [1, calls.len() / 2, calls.len()] {
        let expected = (Some(Failed), calls[..failing].to_vec());
        assert_eq!(
            record(failing),
            expected,
            "{name}: it goes on after an error"
        );
    }
    assert_eq!(calls.first(), Some(&Call::Begin), "{name}");
    assert_eq!(calls.last(), Some(&Call::Finish), "{name}");
    let mut modules = (0..).map(ModuleId).take(schema.modules.len());
    let mut module = None;
    let mut before = 0;
    let mut seen = HashSet::new();
    for call in &calls[1..calls.len() - 1] {
        let mut visit = |entity: Entity| {
            assert!(seen.insert(entity), "{name}: {entity:?} comes twice");
            let home = schema.module_of(entity);
            assert_eq!(module, Some(home), "{name}: {entity:?} in another module");
        };
        match *call {
            Call::BeginModule(id) => {
                assert_eq!((module, Some(id)), (None, modules.next()), "{name}");
                module = Some(id);
                before = 0;
            }
            Call::EndModule(id) => assert_eq!(module.take(), Some(id), "{name}"),
            Call::Text(id) => {
                let span = schema.doc(id).span;
                let file = module.and_then(|id| schema.module(id).file);
                assert_eq!(file, Some(span.file), "{name}");
                assert!(before <= span.start, "{name}: text out of order");
                before = span.start;
            }
            Call::Definition(entity, keyword) => {
                visit(entity);
                let definition = cx.documentation().of(entity);
                let definition = definition.expect("all definitions are in the documentation");
                assert_eq!(
                    definition.kind.word(),
                    keyword,
                    "{name}: {}",
                    definition.name
                );
                let span = schema.span_of(entity).expect("somebody wrote it");
                assert!(before <= span.start, "{name}: {} too late", definition.name);
                before = span.start;
            }
            Call::Nameless(id) => visit(Entity::Type(id)),
            Call::Begin | Call::Finish => panic!("{name}: {call:?} in between"),
        }
        // What was made for a definition comes before it.
        if let Call::Nameless(id) = *call {
            let owner = schema.ty(id).origin.and_then(Origin::definition);
            let is_shared = matches!(schema.ty(id).origin, Some(Origin::Branch(_)));
            let is_late = owner.is_some_and(|owner| seen.contains(&owner)) && !is_shared;
            assert!(!is_late, "{name}: {} comes late", schema.ty(id).name);
        }
    }
    assert_eq!(modules.next(), None, "{name}");
    let entities = schema.entities.iter();
    let expected = entities.filter(|it| !matches!(it, Entity::Include(_)));
    assert_eq!(seen.len(), expected.count(), "{name}");
    let texts = calls.iter().filter(|call| matches!(call, Call::Text(_)));
    let free = schema.docs.iter().filter(|doc| doc.symbol.is_none());
    assert_eq!(texts.count(), free.count(), "{name}");
}

/// Paths that begin with `crate::` in the sources of a folder.
fn paths(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of ours").flatten() {
        let path = entry.path();
        if path.is_dir() {
            paths(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a file of ours");
            for rest in text.split("crate::").skip(1) {
                // `{Backend, Context}` or `documentation::…`
                let group = rest
                    .strip_prefix('{')
                    .and_then(|rest| rest.split('}').next());
                let names =
                    group
                        .unwrap_or(rest)
                        .split(',')
                        .take(if group.is_some() { 99 } else { 1 });
                let first = |name: &str| {
                    let is_end = |c: char| !(c.is_alphanumeric() || c == '_');
                    name.trim()
                        .split(is_end)
                        .next()
                        .unwrap_or_default()
                        .to_owned()
                };
                found.extend(names.map(first).filter(|name| !name.is_empty()));
            }
        }
    }
}

/// The reference in all its formats is made through what others can use as well.
#[test]
fn our_own_documentation_uses_only_the_public_interface() {
    let sources = workspace().join("qapi-codegen/src");
    let mut found = BTreeSet::new();
    paths(&sources.join("docgen"), &mut found);
    let library = fs::read_to_string(sources.join("lib.rs")).expect("a file of ours");
    let public: String = library
        .lines()
        .filter(|line| line.starts_with("pub "))
        .collect();
    let public: BTreeSet<&str> = public
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .collect();
    assert!(found.contains("documentation") && found.contains("Backend"));
    for name in &found {
        assert!(
            public.contains(name.as_str()),
            "`crate::{name}` is not public"
        );
    }
    let mut inner = String::new();
    for file in ["documentation.rs", "backend.rs"] {
        inner += &fs::read_to_string(sources.join(file)).expect("a file of ours");
    }
    assert!(!inner.contains("pub(crate)"));
}

#[test]
fn real_schemas_are_walked_as_promised() {
    let Some(root) = corpus::root() else {
        return;
    };
    let versions = ["7.2", "10.0", "10.2"];
    let real = versions
        .iter()
        .flat_map(|version| corpus::roots(&root, version));
    let own = corpus::GUEST_AGENT_REVISIONS.map(corpus::guest_agent);
    for path in real.chain(own) {
        let loaded = qapi_parser::load(&path, &Disk, &qapi_parser::Options::default());
        let schema = loaded.schema.expect("the schema has no errors");
        check(&schema, &path.display().to_string());
    }
}

#[test]
fn any_schema_is_walked_as_promised() {
    for seed in 0..SEEDS {
        let settings = Settings {
            definitions: 20,
            docs: seed % 2 == 0,
            includes: seed % 3 != 0,
            ..Settings::default()
        };
        let files = FilesInMemory::new(&generate::schema(seed, &settings));
        let options = qapi_parser::Options::default();
        let loaded = qapi_parser::load(Path::new("schema.json"), &files, &options);
        let schema = loaded.schema.expect("the generator makes no mistakes");
        check(&schema, &format!("seed {seed}"));
    }
}
