//! `qapi.toml`: where it is found, what it says, and that flags, file and builder say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::{Args, Command};
use qapi_codegen::{Conditions, Config, Settings};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor, value};
use serde::{Deserialize, forward_to_deserialize_any};

use crate::harness::{Run, Scratch, command, data, qapi};

/// Runs in a directory.
fn run_in<S: AsRef<std::ffi::OsStr>>(directory: &Path, arguments: &[S]) -> Run {
    command(arguments)
        .current_dir(directory)
        .output()
        .expect("the program runs")
        .into()
}

/// A directory with a `qapi.toml` that names the test schema `clean.json` as `board`, and more.
fn project(more: &str) -> Scratch {
    let scratch = Scratch::new();
    fs::copy(data().join("clean.json"), scratch.join("clean.json")).unwrap();
    let file = format!("[schemas.board]\npath = \"clean.json\"\n{more}");
    fs::write(scratch.join("qapi.toml"), file).unwrap();
    scratch
}

fn contents(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// A deserializer that only collects the names of a struct's fields.
struct Fields<'a>(&'a mut Vec<String>);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(NoEntries)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.extend(fields.iter().map(|&field| field.to_owned()));
        visitor.visit_map(NoEntries)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct NoEntries;

impl<'de> MapAccess<'de> for NoEntries {
    type Error = value::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        _: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("there are no entries"))
    }
}

/// The keys of the section `generate`.
fn keys() -> BTreeSet<String> {
    let mut fields = Vec::new();
    Settings::deserialize(Fields(&mut fields)).unwrap();
    fields.into_iter().collect()
}

/// The flags of the settings.
fn flags() -> BTreeSet<String> {
    let command = Settings::augment_args(Command::new("test"));
    let longs = command.get_arguments().filter_map(|it| it.get_long());
    longs.map(str::to_owned).collect()
}

/// The methods of the builder that change a setting.
fn setters() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../qapi-codegen/src/config");
    let files = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path());
    let texts = files.chain([folder.with_extension("rs")]);
    let texts = texts.map(|path| fs::read_to_string(path).unwrap());
    let mut setters = BTreeSet::new();
    for text in texts {
        let methods = text.split("pub fn ").skip(1);
        let methods = methods.filter_map(|rest| rest.split_once('('));
        let methods = methods.filter(|(_, rest)| rest.trim_start().starts_with("mut self"));
        setters.extend(methods.map(|(name, _)| name.to_owned()));
    }
    setters
}

#[test]
fn every_setter_is_a_key_and_a_flag() {
    let named: BTreeSet<_> = setters()
        .iter()
        // What belongs to the schema is in its own section, and among the flags of every verb.
        .filter(|name| !["define", "dialect"].contains(&name.as_str()))
        .map(|name| match name.as_str() {
            "asynchronous" => "async".to_owned(),
            name => name.replace('_', "-"),
        })
        .collect();
    assert!(named.len() > 15, "{named:?}");
    assert_eq!(keys(), named, "keys and setters");
    assert_eq!(flags(), named, "flags and setters");
}

#[test]
fn flags_file_and_builder_give_the_same_bytes() {
    let file = r##"
        [generate]
        out-dir = "out"
        async = true
        module-per-file = true
        introspection = true
        conditions = "cfg"
        bytes = ["."]
        open = ["Shape"]
        lenient = ["."]
        exhaustive = ["Drawn"]
        skip-docs = [".Point"]
        predicate = { HAVE_POWER = "unix" }
        extern-type = { Circle = "crate::Circle" }

        [generate.rename]
        "Point.x" = "left"
        Point = "Spot"

        [generate.derive]
        Point = ["PartialOrd", "Hash"]

        [generate.attribute]
        Point = "#[must_use]"
        "Point.y" = ["#[doc(alias = \"down\")]", "#[doc(alias = \"depth\")]"]
    "##;
    let flags = [
        "--async",
        "--module-per-file=true",
        "--introspection",
        "--conditions=cfg",
        "--bytes=.",
        "--open=Shape",
        "--lenient=.",
        "--exhaustive=Drawn",
        "--skip-docs=.Point",
        "--predicate=HAVE_POWER=unix",
        "--extern-type=Circle=crate::Circle",
        "--rename=Point.x=left",
        "--rename=Point=Spot",
        "--derive=Point=PartialOrd",
        "--derive=Point=Hash",
        "--attribute=Point=#[must_use]",
        "--attribute=Point.y=#[doc(alias = \"down\")]",
        "--attribute=Point.y=#[doc(alias = \"depth\")]",
    ];
    let builder = Config::new()
        .asynchronous(true)
        .module_per_file(true)
        .introspection(true)
        .conditions(Conditions::Cfg)
        .bytes(".")
        .open("Shape")
        .lenient(".")
        .exhaustive("Drawn")
        .skip_docs(".Point")
        .predicate("HAVE_POWER", "unix")
        .extern_type("Circle", "crate::Circle")
        .rename("Point.x", "left")
        .rename("Point", "Spot")
        .derive("Point", "PartialOrd")
        .derive("Point", "Hash")
        .attribute("Point", "#[must_use]")
        .attribute("Point.y", "#[doc(alias = \"down\")]")
        .attribute("Point.y", "#[doc(alias = \"depth\")]");
    let scratch = project(file);
    let run = run_in(scratch.path(), &["generate"]);
    assert_eq!(run.to_string(), "status: 0");
    let by_file = tree(&scratch.join("out/board"));
    let out = scratch.join("flags");
    let mut arguments = vec!["generate", "clean.json", "--no-config", "--out-dir"];
    arguments.push(out.to_str().unwrap());
    arguments.extend(flags);
    let run = run_in(scratch.path(), &arguments);
    assert_eq!(run.to_string(), "status: 0");
    builder
        .module("builder")
        .out_dir(scratch.path())
        .compile(scratch.join("clean.json"))
        .unwrap();
    assert!(by_file["types.rs"].contains("pub mod clean"));
    assert_eq!(tree(&out), by_file, "flags");
    assert_eq!(tree(&scratch.join("builder")), by_file, "builder");
}

/// The files of a directory and of those in it.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            let below = contents(&path).into_iter();
            files.extend(below.map(|(below, text)| (format!("{name}/{below}"), text)));
        } else {
            files.insert(name, fs::read_to_string(path).unwrap());
        }
    }
    files
}

#[test]
fn flags_win() {
    let scratch =
        project("[generate]\nout-dir = \"out\"\nclient = true\nrename = { Point = \"Spot\" }\n");
    let run = run_in(scratch.path(), &["generate"]);
    assert_eq!(run.to_string(), "status: 0");
    let files = contents(&scratch.join("out/board"));
    assert!(files.contains_key("client.rs") && !files.contains_key("server.rs"));
    assert!(files["types.rs"].contains("pub struct Spot"));
    let run = run_in(
        scratch.path(),
        &[
            "generate",
            "board",
            "--server",
            "--rename",
            "Point=Place",
            "--out-dir",
            "here",
        ],
    );
    assert_eq!(run.to_string(), "status: 0");
    let files = contents(&scratch.join("here"));
    assert!(!files.contains_key("client.rs") && files.contains_key("server.rs"));
    assert!(files["types.rs"].contains("pub struct Place"));
    let run = run_in(
        scratch.path(),
        &["generate", "board", "--client=false", "--server=false"],
    );
    assert_eq!(run.to_string(), "status: 0");
    let files = contents(&scratch.join("out/board"));
    assert!(!files.contains_key("client.rs") && !files.contains_key("server.rs"));
}

#[test]
fn settings_of_a_schema_win_over_those_of_all() {
    let scratch = project(
        "[schemas.board.generate]\nserver = false\nmodule = \"own\"\n\
         [generate]\nout-dir = \"out\"\nserver = true\nintrospection = true\n",
    );
    assert_eq!(
        run_in(scratch.path(), &["generate"]).to_string(),
        "status: 0"
    );
    let files = contents(&scratch.join("out/own"));
    assert!(!files.contains_key("server.rs") && files.contains_key("introspect.rs"));
}

#[test]
fn file_is_found_above_the_schema_and_paths_in_it_are_relative_to_it() {
    let scratch =
        project("[generate]\nout-dir = \"out\"\n[docs]\nout-dir = \"site\"\ntitle = \"Boards\"\n");
    let below = scratch.join("deep/er");
    fs::create_dir_all(&below).unwrap();
    for (directory, argument) in [
        (below.as_path(), None),
        (below.as_path(), Some("../../clean.json")),
        (below.as_path(), Some("board")),
        (
            Path::new("/"),
            Some(scratch.join("clean.json").to_str().unwrap()),
        ),
    ] {
        for (verb, made) in [
            ("generate", "out/board/mod.rs"),
            ("docs", "site/board/index.html"),
        ] {
            let arguments: Vec<_> = [verb].into_iter().chain(argument).collect();
            let run = run_in(directory, &arguments);
            assert_eq!(run.to_string(), "status: 0", "{arguments:?}");
            let text = fs::read_to_string(scratch.join(made)).unwrap();
            assert!(verb == "generate" || text.contains("Boards"), "{made}");
            fs::remove_file(scratch.join(made)).unwrap();
        }
    }
    let config = scratch.join("qapi.toml");
    let config = config.to_str().unwrap();
    let run = qapi(["generate", "board", "--config", config]);
    assert_eq!(run.to_string(), "status: 0");
    assert!(scratch.join("out/board/mod.rs").is_file());
    let run = run_in(scratch.path(), &["generate", "--no-config"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("no SCHEMA is given"), "{run}");
}

#[test]
fn schemas_have_a_dialect_and_symbols() {
    let scratch = project(
        "define = [\"HAVE_POWER\"]\n[schemas.old]\npath = \"old.json\"\n\
         [generate]\nout-dir = \"out\"\nconditions = \"resolve\"\n",
    );
    fs::copy(data().join("old.json"), scratch.join("old.json")).unwrap();
    let run = run_in(scratch.path(), &["generate", "board"]);
    assert_eq!(run.to_string(), "status: 0");
    assert!(contents(&scratch.join("out/board"))["commands.rs"].contains("pub struct Wipe"));
    let run = run_in(scratch.path(), &["generate", "board", "-U", "HAVE_POWER"]);
    assert_eq!(run.to_string(), "status: 0");
    assert!(!contents(&scratch.join("out/board"))["commands.rs"].contains("pub struct Wipe"));
    assert_eq!(run_in(scratch.path(), &["check"]).status, 0);
    let file = fs::read_to_string(scratch.join("qapi.toml")).unwrap();
    let file = file.replace("\"old.json\"", "\"old.json\"\ndialect = \"strict\"");
    fs::write(scratch.join("qapi.toml"), file).unwrap();
    assert_eq!(run_in(scratch.path(), &["check"]).status, 1);
    assert_eq!(run_in(scratch.path(), &["check", "board"]).status, 0);
    assert_eq!(
        run_in(scratch.path(), &["check", "--dialect", "auto"]).status,
        0
    );
}

#[test]
fn revisions_of_a_schema_have_one_client() {
    let scratch = Scratch::new();
    fs::write(scratch.join("1.json"), "{ 'command': 'old' }\n").unwrap();
    fs::write(scratch.join("2.json"), "{ 'command': 'new' }\n").unwrap();
    let file = "[schemas.machine]\nrevisions = [{ name = \"one\", path = \"1.json\" }, { name = \"two\", path = \"2.json\" }]\n\
                [generate]\nout-dir = \"out\"\nclient = true\n";
    fs::write(scratch.join("qapi.toml"), file).unwrap();
    assert_eq!(
        run_in(scratch.path(), &["generate"]).to_string(),
        "status: 0"
    );
    let by_file = tree(&scratch.join("out/machine"));
    assert!(by_file["commands.rs"].contains("Only in revision one"));
    let run = run_in(
        scratch.path(),
        &[
            "generate",
            "1.json",
            "2.json",
            "--names",
            "one,two",
            "--client",
            "--out-dir",
            "flags",
        ],
    );
    assert_eq!(run.to_string(), "status: 0");
    assert_eq!(tree(&scratch.join("flags")), by_file);
}

#[test]
fn warnings_can_be_allowed_and_denied() {
    let scratch = Scratch::new();
    fs::copy(data().join("old.json"), scratch.join("old.json")).unwrap();
    let check = |lints: &str| {
        let file = format!("[schemas.old]\npath = \"old.json\"\n[lints]\n{lints}");
        fs::write(scratch.join("qapi.toml"), file).unwrap();
        run_in(scratch.path(), &["check", "--message-format", "short"])
    };
    let plain = check("");
    assert_eq!(plain.status, 0, "{plain}");
    let codes: BTreeSet<_> = plain
        .stdout
        .split("warning[")
        .skip(1)
        .filter_map(|rest| rest.split(']').next())
        .collect();
    assert!(!codes.is_empty(), "{plain}");
    let all = |level: &str| {
        let mut lints = String::new();
        for code in &codes {
            writeln!(lints, "{code} = \"{level}\"").unwrap();
        }
        check(&lints)
    };
    assert_eq!(all("allow").to_string(), "status: 0");
    assert_eq!(all("warn").to_string(), plain.to_string());
    let denied = all("deny");
    assert_eq!(denied.status, 1);
    assert_eq!(denied.stdout, plain.stdout.replace("warning[", "error["));
}

#[test]
fn changes_are_judged_by_the_file() {
    let scratch = Scratch::new();
    fs::write(scratch.join("1.json"), "{ 'command': 'old' }\n").unwrap();
    fs::write(scratch.join("2.json"), "{ 'command': 'new' }\n").unwrap();
    let diff = |file: &str, more: &[&str]| {
        fs::write(scratch.join("qapi.toml"), file).unwrap();
        let arguments: Vec<_> = ["diff", "1.json", "2.json"].iter().chain(more).collect();
        run_in(scratch.path(), &arguments)
    };
    assert_eq!(diff("", &[]).status, 1);
    let level = "[[diff.levels]]\nrule = \"command-removed\"\nlevel = \"compatible\"\n";
    assert_eq!(diff(level, &[]).status, 0);
    assert_eq!(diff(level, &["--no-config"]).status, 1);
    assert_eq!(
        diff(level, &["--level", "command-removed=breaking"]).status,
        1
    );
    let ignore =
        "[[diff.ignore]]\npath = \"old*\"\nreason = \"nobody used it\"\nuntil = \"2030-01-31\"\n";
    assert_eq!(diff(ignore, &[]).status, 0);
    assert_eq!(diff(ignore, &["--today", "2031-01-01"]).status, 1);
    fs::write(scratch.join("other.toml"), level).unwrap();
    assert_eq!(diff("", &["--config", "other.toml"]).status, 0);
    fs::write(scratch.join("rules.json"), "{\"levels\": []}").unwrap();
    assert_eq!(diff(level, &["--config", "rules.json"]).status, 0);
    let run = diff(&level.replace("command-removed", "command-remove"), &[]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("qapi.toml: diff: `command-remove` fits no rule"),
        "{run}"
    );
}

#[test]
fn mistakes_have_a_place_and_a_suggestion() {
    for (file, place, message) in [
        (
            "[generate]\nasnyc = true\n",
            "2:1",
            "unknown key `asnyc`; did you mean `async`?",
        ),
        (
            "[generat]\n",
            "1:2",
            "unknown key `generat`; did you mean `generate`?",
        ),
        (
            "[schemas.a]\npth = \"a\"\n",
            "2:1",
            "unknown key `pth`; did you mean `path`?",
        ),
        (
            "[schemas.a]\npath = \"a\"\n[schemas.a.generate]\nserve = true\n",
            "4:1",
            "unknown key `serve`; did you mean `server`?",
        ),
        (
            "[generate]\nconditions = \"resolv\"\n",
            "2:14",
            "did you mean `resolve`?",
        ),
        ("[docs]\nformat = \"htm\"\n", "2:10", "did you mean `html`?"),
        ("[diff]\nlevel = []\n", "2:1", "did you mean `levels`?"),
        (
            "[lints]\nDOC-UNKNWON = \"allow\"\n",
            "2:1",
            "there is no diagnostic `DOC-UNKNWON`",
        ),
        (
            "[generate]\nclient = \"yes\"\n",
            "2:10",
            "expected a boolean",
        ),
        (
            "[generate]\nrename = [\"a\"]\n",
            "2:10",
            "expected a table of names and values",
        ),
        (
            "[generate]\nderive = { A = 1 }\n",
            "2:16",
            "expected a string or a list of strings",
        ),
        (
            "[schemas.a]\n",
            "1:10",
            "has neither `path` nor `revisions`",
        ),
        (
            "[schemas.a]\npath = \"a\"\ndefine = [\"A\"]\nundefine = [\"A\"]\n",
            "1:10",
            "in both `define` and `undefine`",
        ),
        (
            "[schemas.\"../a\"]\npath = \"a\"\n",
            "1:10",
            "`../a` is not a valid name for a folder in the output folder",
        ),
        (
            "[generate]\nmodule = \"/a\"\n",
            "2:10",
            "`/a` is not a valid name for a folder in the output folder",
        ),
        ("a = = 1\n", "1:5", ""),
    ] {
        let scratch = Scratch::new();
        fs::write(scratch.join("qapi.toml"), file).unwrap();
        let run = run_in(scratch.path(), &["check"]);
        assert_eq!(run.status, 2, "{file}: {run}");
        let start = format!("error: qapi.toml:{place}: ");
        assert!(
            run.stderr.starts_with(&start) && run.stderr.contains(message),
            "{file}: {run}"
        );
        assert_eq!(run.stderr.lines().count(), 1, "{run}");
    }
    let run = qapi(["check", "--config", "absent.toml"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("absent.toml: cannot be read: "),
        "{run}"
    );
}

#[test]
fn several_schemas_need_directories_of_their_own() {
    let scratch =
        project("[schemas.other]\npath = \"clean.json\"\n[generate]\nout-dir = \"out\"\n");
    for flag in ["--out-dir", "--module"] {
        let run = run_in(scratch.path(), &["generate", flag, "x"]);
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stderr.contains("for one schema"), "{run}");
    }
    assert_eq!(
        run_in(scratch.path(), &["generate"]).to_string(),
        "status: 0"
    );
    for name in ["out/board/mod.rs", "out/other/mod.rs"] {
        assert!(scratch.join(name).is_file(), "{name}");
    }
    assert_eq!(
        run_in(scratch.path(), &["generate", "--check"]).to_string(),
        "status: 0"
    );
}

/// A file of the documentation.
fn documentation(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    fs::read_to_string(path).unwrap()
}

/// The JSON Schema of `qapi.toml`.
fn json_schema() -> serde_json::Value {
    serde_json::from_str(&documentation("schemas/qapi-toml.json")).unwrap()
}

/// The keys of a section, from the error about an unknown one.
fn known_keys(section: &str) -> BTreeSet<String> {
    let scratch = Scratch::new();
    let file = format!("{section}\nzzzzzzzz = 1\n");
    fs::write(scratch.join("qapi.toml"), file).unwrap();
    let run = run_in(scratch.path(), &["check"]);
    let known = run.stderr.split_once("known here: ");
    let (_, known) = known.unwrap_or_else(|| panic!("{section}: {run}"));
    known.trim_end().split(", ").map(str::to_owned).collect()
}

#[test]
fn every_key_is_documented_and_in_the_json_schema() {
    let schema = json_schema();
    let text = documentation("config.md");
    for (section, pointer, heading) in [
        ("", "", None),
        ("[generate]", "/$defs/generate", Some("## `generate`")),
        (
            "[schemas.a]",
            "/properties/schemas/additionalProperties",
            Some("## `schemas.NAME`"),
        ),
        ("[docs]", "/properties/docs", Some("## `docs`")),
        ("[diff]", "/properties/diff", Some("## `diff`")),
    ] {
        let object = schema.pointer(&format!("{pointer}/properties")).unwrap();
        let described: BTreeSet<_> = object.as_object().unwrap().keys().cloned().collect();
        let known = known_keys(section);
        assert_eq!(described, known, "{section}");
        let Some(heading) = heading else {
            for key in known {
                assert!(text.contains(&format!("\n## `{key}")), "{key}");
            }
            continue;
        };
        let (_, rest) = text.split_once(heading).unwrap();
        let table = rest.split("\n## ").next().unwrap();
        let rows: BTreeSet<_> = table
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .map(str::to_owned)
            .collect();
        assert_eq!(rows, known, "{section}");
    }
}

#[test]
fn documented_files_are_valid() {
    let validator = jsonschema::draft202012::new(&json_schema()).unwrap();
    let text = documentation("config.md");
    let examples: Vec<_> = text
        .split("\n```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect();
    assert!(!examples.is_empty());
    for example in examples {
        let scratch = Scratch::new();
        fs::write(scratch.join("qapi.toml"), example).unwrap();
        fs::write(scratch.join("1.json"), "{ 'command': 'go' }\n").unwrap();
        let run = run_in(scratch.path(), &["diff", "1.json", "1.json", "-q"]);
        assert_eq!(run.status, 0, "{run}");
        let project = qapi_codegen::Project::read(scratch.join("qapi.toml")).unwrap();
        let value: serde_json::Value = project.read_as().unwrap();
        let faults: Vec<_> = validator
            .iter_errors(&value)
            .map(|it| it.to_string())
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    for wrong in [
        "{\"generat\": {}}",
        "{\"generate\": {\"asnyc\": true}}",
        "{\"schemas\": {\"a\": {}}}",
    ] {
        let value = serde_json::from_str(wrong).unwrap();
        assert!(!validator.is_valid(&value), "{wrong}");
    }
}
