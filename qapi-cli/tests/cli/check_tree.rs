//! `qapi check` of a whole tree, as the maintainers of QEMU's schemas would run it: it is clean, and a mistake is one
//! message at its place.

use std::fs;
use std::path::{Path, PathBuf};

use qapi_test_support::Random;
use serde_json::Value;

use crate::harness::{Run, Scratch, command};

/// A copy of the schemas of QEMU 10.2, in folders as in its tree; none where there is no corpus.
pub(crate) struct Tree {
    pub(crate) folder: Scratch,
    /// All files, as paths in the tree.
    files: Vec<String>,
}

impl Tree {
    pub(crate) fn new() -> Option<Self> {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/qemu/10.2");
        if !corpus.is_dir() {
            qapi_test_support::skip("there are no schemas of QEMU beside the project");
            return None;
        }
        let folder = Scratch::new();
        fs::create_dir(folder.join(".git")).unwrap();
        let mut files = Vec::new();
        for part in ["qapi", "qga", "storage-daemon/qapi"] {
            fs::create_dir_all(folder.join(part)).unwrap();
            let entries = fs::read_dir(corpus.join(part)).unwrap();
            let mut names: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
            names.sort();
            for name in names
                .iter()
                .filter(|it| it.extension().is_some_and(|it| it == "json"))
            {
                let file = format!("{part}/{}", name.file_name().unwrap().to_str().unwrap());
                fs::write(folder.join(&file), fs::read(name).unwrap()).unwrap();
                files.push(file);
            }
        }
        Some(Self { folder, files })
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    /// `qapi check qapi/*.json qga/*.json storage-daemon/qapi/*.json`
    fn check(&self, format: &str) -> Run {
        let mut command = command(["check", "--message-format", format]);
        command.args(&self.files).current_dir(self.folder.path());
        command.output().unwrap().into()
    }

    /// The messages as file, line and code.
    fn messages(&self, format: &str) -> Vec<(String, u64, String)> {
        let run = self.check(format);
        assert_eq!(run.status, 1, "{run}");
        match format {
            "json" => run.stdout.lines().map(of_json).collect(),
            "short" => run.stdout.lines().map(of_short).collect(),
            "github" => run.stdout.lines().map(of_github).collect(),
            _ => of_sarif(&run.stdout),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn of_json(line: &str) -> (String, u64, String) {
    let found: Value = serde_json::from_str(line).unwrap();
    (
        text(&found["file"]),
        found["line"].as_u64().unwrap(),
        text(&found["code"]),
    )
}

/// `FILE:LINE:COLUMN: error[CODE]: …`
fn of_short(line: &str) -> (String, u64, String) {
    let mut parts = line.splitn(4, ':');
    let (file, at) = (parts.next().unwrap(), parts.next().unwrap());
    let code = line
        .split_once("error[")
        .unwrap()
        .1
        .split(']')
        .next()
        .unwrap();
    (file.to_owned(), at.parse().unwrap(), code.to_owned())
}

/// `::error file=FILE,line=LINE,…,title=CODE::…`
fn of_github(line: &str) -> (String, u64, String) {
    let value = |key: &str| {
        let rest = line.split_once(&format!("{key}=")).unwrap().1;
        rest.split([',', ':']).next().unwrap().to_owned()
    };
    (
        value("file"),
        value("line").parse().unwrap(),
        value("title"),
    )
}

fn of_sarif(text_of_log: &str) -> Vec<(String, u64, String)> {
    let log: Value = serde_json::from_str(text_of_log).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let found = results.map(|result| {
        let place = &result["locations"][0]["physicalLocation"];
        let line = place["region"]["startLine"].as_u64().unwrap();
        (
            text(&place["artifactLocation"]["uri"]),
            line,
            text(&result["ruleId"]),
        )
    });
    found.collect()
}

/// A kind of mistake.
struct Mistake {
    name: &'static str,
    /// Returns the line with the mistake; none if it cannot be made in this line.
    make: fn(&str) -> Option<String>,
    codes: &'static [&'static str],
}

/// Each is made in one line; the message has to name that line or the next.
const MISTAKES: [Mistake; 8] = [
    Mistake {
        name: "a misspelt type",
        make: |line| is_code(line).then(|| line.replacen(": 'str'", ": 'sttr'", 1)),
        codes: &["REF-UNKNOWN"],
    },
    Mistake {
        name: "a lost comma between keys",
        make: |line| {
            line.starts_with("{ 'struct':")
                .then(|| line.trim_end_matches(',').to_owned())
        },
        codes: &["SYN-OBJ-SEP"],
    },
    Mistake {
        name: "a lost mark of a comment",
        make: |line| Some(line.strip_prefix("#     ")?.to_owned()),
        codes: &["DOC-UNTERMINATED"],
    },
    Mistake {
        name: "a lost bracket",
        make: |line| is_code(line).then(|| line.replacen("'features': [ ", "'features': ", 1)),
        codes: &["SYN-COLON", "SYN-OBJ-SEP"],
    },
    Mistake {
        name: "a key that there is not",
        make: |line| is_code(line).then(|| line.replacen("'features':", "'featurs':", 1)),
        codes: &["KEY-UNKNOWN"],
    },
    Mistake {
        name: "double quotes",
        make: |line| is_code(line).then(|| line.replacen("'int'", "\"int\"", 1)),
        codes: &["LEX-STRAY"],
    },
    Mistake {
        name: "a list by the name that the compiler gives it",
        make: |line| {
            let (before, after) = line.split_once("'returns': ['")?;
            let (element, rest) = after.split_once("']")?;
            Some(format!("{before}'returns': '{element}List'{rest}"))
        },
        codes: &["REF-UNKNOWN"],
    },
    Mistake {
        name: "a feature that is not documented",
        make: |line| {
            is_code(line).then(|| line.replacen("'features': [ ", "'features': [ 'extra', ", 1))
        },
        codes: &["DOC-FEATURE-MISSING"],
    },
];

fn is_code(line: &str) -> bool {
    !line.trim_start().starts_with('#')
}

#[test]
fn a_tree_is_clean() {
    let Some(tree) = Tree::new() else {
        return;
    };
    for format in ["short", "json", "github"] {
        let run = tree.check(format);
        assert_eq!(
            (run.status, run.stdout.as_str(), run.stderr.as_str()),
            (0, "", ""),
            "{format}"
        );
    }
    let run = tree.check("sarif");
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(of_sarif(&run.stdout), []);
}

#[test]
fn a_mistake_in_a_tree_is_one_message_at_its_place() {
    let Some(tree) = Tree::new() else {
        return;
    };
    let mut random = Random::new(5);
    for mistake in &MISTAKES {
        let mut places = Vec::new();
        for file in &tree.files {
            for (number, line) in tree.read(file).lines().enumerate() {
                let made = (mistake.make)(line).filter(|it| it != line);
                places.extend(made.map(|made| (file, number, made)));
            }
        }
        assert!(
            places.len() > 10,
            "{}: {} places",
            mistake.name,
            places.len()
        );
        for round in 0..3 {
            let (file, number, made) = places.swap_remove(random.below(places.len()));
            let sound = tree.read(file);
            let mut lines: Vec<_> = sound.lines().collect();
            lines[number] = &made;
            fs::write(tree.folder.join(file), lines.join("\n") + "\n").unwrap();
            let formats = if round == 0 {
                &["json", "short", "sarif", "github"][..]
            } else {
                &["json"]
            };
            for format in formats {
                let found = tree.messages(format);
                let [(at, line, code)] = &found[..] else {
                    panic!("{} in {file}:{}: {found:#?}", mistake.name, number + 1);
                };
                let expected = number as u64 + 1..=number as u64 + 2;
                assert_eq!(at, file, "{}", mistake.name);
                assert!(
                    expected.contains(line),
                    "{} in {file}:{}: {found:?}",
                    mistake.name,
                    number + 1
                );
                assert!(
                    mistake.codes.contains(&code.as_str()),
                    "{}: {found:?}",
                    mistake.name
                );
            }
            fs::write(tree.folder.join(file), sound).unwrap();
        }
    }
}
