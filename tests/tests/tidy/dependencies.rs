//! Dependencies are as `deny.toml` allows them: licences, and one version of each crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use qapi_tests::{skip, workspace};
use serde_json::Value;
use toml::Table;

/// Everything that the workspace is built from, as Cargo has it in its lock file; none if that cannot be had.
#[expect(clippy::print_stderr, reason = "it tells why the tests are skipped")]
fn packages() -> Option<Vec<Value>> {
    let cargo = std::env::var_os("CARGO").expect("Cargo runs tests");
    let metadata = |options: &[&str]| {
        let mut command = Command::new(&cargo);
        command.args(["metadata", "--format-version", "1", "--locked"]);
        let output = command.args(options).current_dir(workspace()).output();
        output.expect("Cargo can be run")
    };
    let mut output = metadata(&["--offline"]);
    if !output.status.success() {
        // A build downloads only the crates for its own system.
        output = metadata(&[]);
    }
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        skip("no crates for other systems");
        return None;
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata are JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    // Our own come from nowhere.
    let foreign = packages.iter().filter(|it| !it["source"].is_null());
    Some(foreign.cloned().collect())
}

fn rules() -> Table {
    let text = fs::read_to_string(workspace().join("deny.toml")).expect("there is a deny.toml");
    text.parse().expect("it is TOML")
}

/// Returns true if a licence expression offers terms that are all allowed. `AND` binds tighter than `OR`, which
/// older crates write as a slash; braces are around alternatives only.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let mut all = true;
    for part in expression.split(" AND ") {
        let part = part.trim_matches(['(', ')']).replace('/', " OR ");
        all &= part.split(" OR ").any(|name| allowed.contains(name.trim()));
    }
    all
}

#[test]
fn licences_are_allowed() {
    let Some(packages) = packages() else { return };
    let rules = rules();
    let allowed = rules["licenses"]["allow"].as_array().expect("a list");
    let allowed: BTreeSet<_> = allowed.iter().filter_map(|it| it.as_str()).collect();
    let mut unused = allowed.clone();
    let mut wrong = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        if !is_allowed(licence, &allowed) {
            wrong.push(format!("{}: {licence}", package["name"]));
        }
        unused.retain(|name| !licence.contains(name));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(unused.is_empty(), "no crate has these terms: {unused:?}");
}

#[test]
fn there_is_one_version_of_each_crate() {
    let Some(packages) = packages() else { return };
    let rules = rules();
    let skipped = rules["bans"]["skip"].as_array().expect("a list");
    let skipped: BTreeSet<_> = skipped
        .iter()
        .map(|it| {
            (
                it["name"].as_str().expect("a name"),
                it["version"].as_str().expect("a version"),
            )
        })
        .collect();
    let mut versions = BTreeMap::<String, BTreeSet<String>>::new();
    for package in packages {
        let text = |key: &str| package[key].as_str().expect("it is a text").to_owned();
        versions
            .entry(text("name"))
            .or_default()
            .insert(text("version"));
    }
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        let left = versions.iter().filter(|version| {
            let known = skipped.iter().find(|(skipped, prefix)| {
                skipped == name
                    && version
                        .strip_prefix(prefix)
                        .is_some_and(|rest| rest.starts_with('.'))
            });
            seen.extend(known);
            known.is_none()
        });
        if left.count() > 1 {
            wrong.push(format!("{name}: {versions:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let unused: Vec<_> = skipped.difference(&seen).collect();
    assert!(
        unused.is_empty(),
        "there is one version of these: {unused:?}"
    );
}

#[test]
fn licence_expressions_are_read() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0", "Unicode-3.0"]);
    for right in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/Apache-2.0",
        "(MIT OR GPL-2.0) AND Unicode-3.0",
    ] {
        assert!(is_allowed(right, &allowed), "{right}");
    }
    for wrong in [
        "GPL-3.0",
        "none",
        "MIT AND GPL-2.0",
        "(MIT OR Apache-2.0) AND Zlib",
    ] {
        assert!(!is_allowed(wrong, &allowed), "{wrong}");
    }
}
