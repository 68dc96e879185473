//! The code of small schemas is what is kept beside them. `BLESS=1` rewrites it; `generated_code` compiles and runs it.

use qapi_codegen::{Conditions, Config};
use qapi_tests::golden::{self, check};

#[test]
fn structs_enumerations_and_commands() {
    check("basics", &Config::new());
}

#[test]
fn sides_that_do_not_block() {
    check("asynchronous", &Config::new().asynchronous(true));
}

#[test]
fn a_server_that_may_put_off_replies() {
    check(
        "deferring",
        &Config::new().client(false).deferred_replies(true),
    );
}

#[test]
fn unions_closed_open_and_nested() {
    check("unions", &Config::new().closed("ShapeKind"));
}

#[test]
fn types_that_travel_both_ways() {
    check("sides", &Config::new());
}

#[test]
fn alternates_and_recursion() {
    check("choices", &Config::new());
}

#[test]
fn events_and_features() {
    check("events", &Config::new());
}

#[test]
fn conditions_as_attributes() {
    let config = Config::new()
        .conditions(Conditions::Cfg)
        .predicate("CONFIG_LINUX", "target_os = \"linux\"")
        .predicate("CONFIG_WINDOWS", "windows");
    check("conditions", &config);
}

#[test]
fn names_that_mean_something_to_rust() {
    check("names", &Config::new());
}

#[test]
fn settings_for_parts() {
    let config = Config::new()
        .introspection(true)
        .bytes("File.content")
        .bytes("versions")
        .bytes(".Blob")
        .bytes("Old.text")
        .bytes(".store")
        .bytes("fetch")
        .open("Colour")
        .closed("Level")
        .closed("State")
        .derive("Colour", "PartialOrd, Ord")
        .attribute("Colour.red", "#[doc(alias = \"rouge\")]")
        .attribute("State", "#[must_use]")
        .attribute("File.name", "#[doc(alias = \"title\")]")
        .extern_type("Address", "crate::settings::Address")
        .skip_docs(".Hidden");
    check("settings", &config);
}

#[test]
fn one_client_for_two_revisions() {
    let [old, new] = ["1.0", "2.0"].map(|revision| {
        let path = golden::folder("revisions").join(format!("{revision}.json"));
        golden::schema(&path)
    });
    let config = Config::new().server(false);
    let output = config.generate_revisions(&[("1.0", &old), ("2.0", &new)]);
    golden::compare("revisions", &output.expect("the revisions can be merged"));
}
