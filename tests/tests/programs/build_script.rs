//! Build scripts as users have them: a crate of its own, built by cargo.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use qapi_tests::workspace;

/// A crate whose build script makes code of schemas.
struct Crate(PathBuf);

impl Crate {
    /// A crate in a folder of that name, which keeps its builds from one run to the next.
    fn new(name: &str) -> Self {
        let folder = target().join("generated-code").join(name);
        let _ = fs::remove_dir_all(&folder);
        let made = Self(folder);
        let [codegen, runtime] = ["qapi-codegen", "qapi-runtime"]
            .map(|name| workspace().join(name).display().to_string());
        made.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                 [dependencies]\nqapi-runtime = {{ path = {runtime:?} }}\n\n\
                 [build-dependencies]\nqapi-codegen = {{ path = {codegen:?}, features = [\"project\"] }}\n"
            ),
        );
        fs::copy(workspace().join("Cargo.lock"), made.file("Cargo.lock")).unwrap();
        made.write(
            "schemas/qga/qapi-schema.json",
            "{ 'command': 'guest-ping' }\n",
        );
        made.write(
            "schemas/qmp/qapi-schema.json",
            "{ 'command': 'stop', 'if': 'CONFIG_STOP' }\n{ 'event': 'STOP' }\n",
        );
        made
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Builds with this build script and this library. Gives the output folder of the build script, or what cargo said.
    fn build(&self, script: &str, library: &str) -> Result<PathBuf, String> {
        let main = format!(
            "use qapi_codegen::{{BuildError, Conditions, Config, Project}};\n\
             fn main() -> Result<(), BuildError> {{\n    let _ = (Config::new(), Conditions::Cfg, Project::schemas);\n\
             println!(\"cargo:rustc-env=FOLDER={{}}\", std::env::var(\"OUT_DIR\").unwrap());\n{script}\n}}\n"
        );
        self.write("build.rs", &main);
        let library = format!(
            "{library}\n/// The folder.\npub const FOLDER: &str = env!(\"FOLDER\");\n\
             #[test]\nfn shown() {{ println!(\"folder={{FOLDER}}\"); }}\n"
        );
        self.write("src/lib.rs", &library);
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let output = Command::new(cargo)
            .args(["test", "--lib", "--offline", "--quiet", "--manifest-path"])
            .arg(self.file("Cargo.toml"))
            .arg("--target-dir")
            .arg(target().join("generated-code/target"))
            .args(["--", "--nocapture"])
            .env_remove("RUSTFLAGS")
            .env_remove("OUT_DIR")
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let folder = out.lines().find_map(|line| line.split_once("folder="));
        match folder {
            Some((_, folder)) if output.status.success() => Ok(PathBuf::from(folder)),
            _ => Err(format!("{out}\n{err}")),
        }
    }
}

fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => workspace().join(folder),
        None => workspace().join("target"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const QGA: &str = "schemas/qga/qapi-schema.json";
const QMP: &str = "schemas/qmp/qapi-schema.json";

#[test]
fn two_schemas_of_one_name_need_modules_and_modules_stay_in_the_output_folder() {
    let made = Crate::new("build-script-modules");
    let both = format!("Config::new().compile({QGA:?})?;\nConfig::new().compile({QMP:?})");
    let error = made.build(&both, "").unwrap_err();
    assert!(
        error.contains(&format!("`{QMP}` would replace the code of `{QGA}`"))
            && error.contains(".module(\"…\")"),
        "{error}"
    );
    let twice = format!(
        "Config::new().server(false).compile({QGA:?})?;\nConfig::new().client(false).compile({QGA:?})"
    );
    let error = made.build(&twice, "").unwrap_err();
    assert!(
        error.contains("would replace its code with other settings"),
        "{error}"
    );
    for module in ["../outside", "/outside", ""] {
        let script = format!("Config::new().module({module:?}).compile({QGA:?})");
        let error = made.build(&script, "").unwrap_err();
        assert!(
            error.contains(&format!("`{module}` is not a valid name for a folder")),
            "{error}"
        );
    }
    let script = format!(
        "Config::new().module(\"qga\").compile({QGA:?})?;\nConfig::new().module(\"qga\").compile({QGA:?})?;\n\
         Config::new().module(\"vm/qmp\").compile({QMP:?})"
    );
    let library = "pub mod qga { qapi_runtime::include_schema!(\"qga\"); }\n\
                   pub mod qmp { qapi_runtime::include_schema!(\"vm/qmp\"); }\n";
    let folder = made.build(&script, library).unwrap();
    assert!(folder.join("qga/mod.rs").is_file() && folder.join("vm/qmp/mod.rs").is_file());
}

#[test]
fn files_that_are_no_longer_made_are_removed_and_others_stay() {
    let made = Crate::new("build-script-stale");
    let own = "let own = std::path::PathBuf::from(std::env::var(\"OUT_DIR\").unwrap()).join(\"qmp/own.rs\");\n\
               std::fs::write(own, \"// by hand\\n\").unwrap();\nOk(())";
    let all =
        format!("Config::new().module(\"qmp\").module_per_file(true).compile({QMP:?})?;\n{own}");
    let folder = made.build(&all, "").unwrap().join("qmp");
    assert!(
        names(&folder).contains(&"server.rs".to_owned()),
        "{:?}",
        names(&folder)
    );
    let before = fs::metadata(folder.join("commands.rs"))
        .unwrap()
        .modified()
        .unwrap();
    let less = format!("Config::new().module(\"qmp\").server(false).compile({QMP:?})");
    let again = made.build(&less, "").unwrap().join("qmp");
    assert_eq!(again, folder, "the same crate");
    assert_eq!(
        names(&folder),
        [
            "client.rs",
            "commands.rs",
            "events.rs",
            "marshal.rs",
            "mod.rs",
            "own.rs"
        ]
    );
    let after = fs::metadata(folder.join("commands.rs"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(after, before, "it has not changed");
}

#[test]
fn symbols_that_mean_nothing_are_errors() {
    let made = Crate::new("build-script-symbols");
    for (settings, message) in [
        (
            ".conditions(Conditions::Resolve).define(\"CONFIG_STPO\")",
            "did you mean `CONFIG_STOP`?",
        ),
        (".define(\"CONFIG_STOP\")", "where that has no effect"),
        (
            ".predicate(\"CONFIG_STOP\", \"unix\")",
            "where that has no effect",
        ),
    ] {
        let script = format!("Config::new(){settings}.compile({QMP:?})");
        let error = made.build(&script, "").unwrap_err();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_build_script_reads_qapi_toml() {
    let made = Crate::new("build-script-project");
    made.write(
        "qapi.toml",
        &format!(
            "[schemas.qga]\npath = {QGA:?}\n[schemas.qga.generate]\nserver = false\n\n\
             [schemas.qmp]\npath = {QMP:?}\ndefine = [\"CONFIG_STOP\"]\n\n[generate]\nconditions = \"resolve\"\n"
        ),
    );
    let library = "pub mod qga { qapi_runtime::include_schema!(\"qga\"); }\n\
                   pub mod qmp { qapi_runtime::include_schema!(\"qmp\"); }\n\
                   pub use qmp::commands::Stop;\n";
    let folder = made
        .build("Project::compile(\"qapi.toml\")", library)
        .unwrap();
    assert!(!folder.join("qga/server.rs").exists() && folder.join("qmp/server.rs").exists());
    made.write("qapi.toml", "[generate]\nasnyc = true\n");
    let error = made
        .build("Project::compile(\"qapi.toml\")", "")
        .unwrap_err();
    assert!(
        error.contains("qapi.toml:2:1: unknown key `asnyc`; did you mean `async`?"),
        "{error}"
    );
}
