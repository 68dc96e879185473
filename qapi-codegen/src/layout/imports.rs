//! `use` declarations in rustfmt's form.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::rustfmt::MAX_WIDTH;
use crate::rust::Imports;

/// The declarations of a file: std, the runtime, our own modules.
pub(super) fn print(imports: &Imports) -> String {
    let mut std = String::new();
    for path in &imports.std {
        let _ = writeln!(std, "use {path};");
    }
    let runtime = group("qapi_runtime", &imports.runtime);
    let modules = group("super", &imports.modules);
    let groups = [std, runtime, modules];
    let groups: Vec<_> = groups
        .into_iter()
        .filter(|group| !group.is_empty())
        .collect();
    groups.join("\n")
}

fn group(path: &str, names: &BTreeSet<&'static str>) -> String {
    let names: Vec<_> = names.iter().copied().collect();
    match names.as_slice() {
        [] => String::new(),
        [name] => format!("use {path}::{name};\n"),
        _ => {
            let line = format!("use {path}::{{{}}};\n", names.join(", "));
            if line.len() <= MAX_WIDTH {
                line
            } else {
                filled(path, &names)
            }
        }
    }
}

/// As many names on a line as fit.
fn filled(path: &str, names: &[&str]) -> String {
    let mut out = format!("use {path}::{{\n");
    let mut line = String::from("   ");
    for name in names {
        if line.len() + name.len() + 2 > MAX_WIDTH {
            let _ = writeln!(out, "{line}");
            line = String::from("   ");
        }
        let _ = write!(line, " {name},");
    }
    let _ = writeln!(out, "{line}\n}};");
    out
}

impl Imports {
    pub(super) fn add(&mut self, other: Self) {
        self.runtime.extend(other.runtime);
        self.std.extend(other.std);
        self.modules.extend(other.modules);
    }
}
