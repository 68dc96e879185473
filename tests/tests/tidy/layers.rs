//! Layers inside the crates: ARCHITECTURE.md has a table of each crate's modules, and none may use one of its own line
//! or below. Nor may files, whatever their folder, use each other in a circle.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use super::modules::{ModulePath, Modules};
use qapi_tests::workspace;

const CRATES: [&str; 9] = [
    "qapi-parser",
    "qapi-codegen",
    "qapi-diff",
    "qapi-ide",
    "qapi-runtime",
    "qapi-traffic",
    "qapi-lint",
    "qapi-agent",
    "qapi-cli",
];

/// The number of its layer by module.
type Layers = BTreeMap<String, usize>;

/// The tables of ARCHITECTURE.md: blocks of lines of modules, with the crate's name in the first.
fn tables() -> BTreeMap<String, Layers> {
    let text = fs::read_to_string(workspace().join("ARCHITECTURE.md")).expect("there is a map");
    let blocks = text.split("\n```layers\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("\n```").next().unwrap_or_default());
    blocks
        .map(|block| {
            let (name, lines) = block
                .split_once('\n')
                .expect("layers follow a crate's name");
            let mut layers = Layers::new();
            for (number, line) in lines.lines().enumerate() {
                for module in line.split_whitespace() {
                    let before = layers.insert(module.to_owned(), number);
                    assert!(before.is_none(), "{name}: `{module}` is in two layers");
                }
            }
            (name.to_owned(), layers)
        })
        .collect()
}

fn shown(module: &ModulePath) -> String {
    if module.is_empty() {
        "the crate's root".to_owned()
    } else {
        format!("`{}`", module.join("::"))
    }
}

/// Everything that is against the layers of a crate, a line each.
fn violations(modules: &Modules, layers: &Layers) -> String {
    let mut text = String::new();
    let mut complain = |line: String| writeln!(text, "{line}").expect("it is a string");
    let folders: Vec<_> = modules
        .uses
        .keys()
        .filter_map(|module| module.first())
        .collect();
    for module in &folders {
        if !layers.contains_key(*module) {
            complain(format!("`{module}` is in no layer"));
        }
    }
    for module in layers.keys().filter(|module| !folders.contains(module)) {
        complain(format!("there is no module `{module}`"));
    }
    for (user, used) in &modules.uses {
        let Some(above) = user.first() else { continue };
        for (target, path) in used {
            let Some(below) = target.first() else {
                complain(format!("{} uses the crate's root by `{path}`", shown(user)));
                continue;
            };
            if above != below && layers.get(below) >= layers.get(above) {
                complain(format!(
                    "{} uses {} by `{path}`",
                    shown(user),
                    shown(target)
                ));
            }
        }
    }
    for knot in modules.knots() {
        let members: Vec<_> = knot.iter().map(shown).collect();
        complain(format!("in a circle: {}", members.join(", ")));
    }
    text
}

#[test]
fn modules_use_only_layers_below() {
    let tables = tables();
    let names: Vec<_> = tables.keys().map(String::as_str).collect();
    let mut crates = CRATES;
    crates.sort_unstable();
    assert_eq!(names, crates, "the crates with layers");
    let mut report = String::new();
    for (name, layers) in &tables {
        let modules = Modules::read(&workspace().join(name).join("src"));
        let text = violations(&modules, layers);
        if !text.is_empty() {
            write!(report, "{name}:\n{text}").expect("it is a string");
        }
    }
    assert!(
        report.is_empty(),
        "see the layers in ARCHITECTURE.md\n{report}"
    );
}
