//! Schemas made from introspection describe the same messages, entry for entry.

use std::collections::HashMap;
use std::path::Path;

use qapi_codegen::introspect::{TypeNames, describe};
use qapi_diff::reconstruct::reconstruct;
use qapi_parser::ir::{Condition, Schema};
use qapi_parser::source::Memory;
use qapi_runtime::introspect::Introspection;
use qapi_tests::{corpus, golden};
use serde_json::Value;

fn load(text: &str) -> Schema {
    let files = Memory::new().with("s.json", text);
    let loaded = qapi_parser::load(
        Path::new("s.json"),
        &files,
        &qapi_parser::Options::default(),
    );
    let complaints: Vec<_> = loaded.diagnostics.iter().map(|it| &it.message).collect();
    loaded
        .schema
        .unwrap_or_else(|| panic!("{complaints:?}\n{text}"))
}

/// Two descriptions whose types are named differently.
struct Pairing<'v> {
    old: HashMap<&'v str, &'v Value>,
    new: HashMap<&'v str, &'v Value>,
    /// The name on the other side.
    names: HashMap<String, String>,
    back: HashMap<String, String>,
}

/// Members of an entry that name types.
const REFERENCES: [&str; 5] = ["arg-type", "ret-type", "element-type", "type", "name"];

impl<'v> Pairing<'v> {
    fn types(entries: &'v [Value]) -> HashMap<&'v str, &'v Value> {
        let types = entries.iter().filter(|it| !is_root(it));
        types
            .map(|it| (it["name"].as_str().expect("types have names"), it))
            .collect()
    }

    /// Fails unless the types are the same, and no other pair has one of them.
    fn types_are_same(&mut self, old: &str, new: &str) {
        let known = self.names.insert(old.to_owned(), new.to_owned());
        let back = self.back.insert(new.to_owned(), old.to_owned());
        if known.is_some() || back.is_some() {
            assert_eq!(known.as_deref(), Some(new), "{old}");
            assert_eq!(back.as_deref(), Some(old), "{new}");
            return;
        }
        let (old, new) = (self.old[old], self.new[new]);
        self.are_same(old, new, true);
    }

    fn are_same(&mut self, old: &Value, new: &Value, is_type: bool) {
        match (old, new) {
            (Value::Object(one), Value::Object(two)) => {
                let names: Vec<_> = one.keys().collect();
                assert_eq!(names, two.keys().collect::<Vec<_>>(), "{old} {new}");
                for (name, one) in one {
                    let two = &two[name];
                    match (one.as_str(), two.as_str()) {
                        (Some(_), Some(_)) if name == "name" && is_type => {}
                        (Some(one), Some(two))
                            if name != "name" && REFERENCES.contains(&name.as_str()) =>
                        {
                            self.types_are_same(one, two);
                        }
                        _ => self.are_same(one, two, false),
                    }
                }
            }
            (Value::Array(one), Value::Array(two)) => {
                assert_eq!(one.len(), two.len(), "{old} {new}");
                for (one, two) in one.iter().zip(two) {
                    self.are_same(one, two, false);
                }
            }
            _ => assert_eq!(old, new),
        }
    }
}

fn is_root(entry: &Value) -> bool {
    matches!(entry["meta-type"].as_str(), Some("command" | "event"))
}

/// Fails unless a schema made from a description has the same.
pub(crate) fn same_after_reconstruction(description: &str, others: &[&Schema]) {
    let introspection = Introspection::parse(description.as_bytes()).expect("it is introspection");
    let made = reconstruct(&introspection, others).expect("it can be written");
    let schema = load(&made.text);
    let none = |condition: &Condition| condition.holds(&|_| false);
    let again = describe(&schema, TypeNames::Masked, &none).to_json();
    let old: Vec<Value> = serde_json::from_str(description).expect("it is JSON");
    let new: Vec<Value> = serde_json::from_str(&again).expect("it is JSON");
    assert_eq!(old.len(), new.len());
    let mut pairing = Pairing {
        old: Pairing::types(&old),
        new: Pairing::types(&new),
        names: HashMap::new(),
        back: HashMap::new(),
    };
    let roots = |entries: &[Value]| {
        entries
            .iter()
            .filter(|it| is_root(it))
            .cloned()
            .collect::<Vec<_>>()
    };
    let (old_roots, new_roots) = (roots(&old), roots(&new));
    assert_eq!(old_roots.len(), new_roots.len());
    for (one, two) in old_roots.iter().zip(&new_roots) {
        assert_eq!(one["name"], two["name"]);
        pairing.are_same(one, two, false);
    }
    // Types of commands that are not built: nothing leads to them.
    let unmet = |types: &HashMap<&str, &Value>, met: &HashMap<String, String>| {
        let unmet = types.iter().filter(|(name, _)| !met.contains_key(**name));
        let shown = unmet.map(|(_, it)| {
            let members = it["members"].as_array().into_iter().flatten();
            let names: Vec<_> = members.map(|it| it["name"].to_string()).collect();
            format!("{} {}", it["meta-type"], names.join(" "))
        });
        let mut shown: Vec<_> = shown.collect();
        shown.sort();
        shown
    };
    assert_eq!(
        unmet(&pairing.old, &pairing.names),
        unmet(&pairing.new, &pairing.back)
    );
}

#[test]
fn real_schemas_survive_their_description() {
    let Some(root) = corpus::root() else { return };
    let newest = golden::schema(&root.join("qemu/10.2/qapi/qapi-schema.json"));
    for version in ["7.2", "10.0", "10.2"] {
        for path in corpus::roots(&root, version) {
            let schema = golden::schema(&path);
            for symbols in [true, false] {
                let holds = |condition: &Condition| condition.holds(&|_| symbols);
                let description = describe(&schema, TypeNames::Masked, &holds).to_json();
                same_after_reconstruction(&description, &[]);
                same_after_reconstruction(&description, &[&newest]);
            }
        }
    }
}
