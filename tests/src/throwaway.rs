//! A crate made for a test: generated modules, checked by the tools that users run on them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use qapi_codegen::Output;

/// A library of generated modules below the workspace's target folder, which keeps its builds from one run to the next.
#[derive(Debug)]
pub struct Throwaway {
    folder: PathBuf,
    edition: &'static str,
    root: String,
    files: Vec<PathBuf>,
    features: BTreeSet<String>,
    runtime_features: &'static [&'static str],
}

impl Throwaway {
    /// Creates an empty library in a folder of that name.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn new(name: &str, edition: &'static str) -> Self {
        let folder = target().join("generated-code").join(name);
        // The workspace's settings must not count: users have their own.
        keep(&folder.join("rustfmt.toml"), "");
        keep(&folder.join("clippy.toml"), "");
        let lock = crate::workspace().join("Cargo.lock");
        let lock = fs::read_to_string(lock).expect("the workspace has a lock file");
        if !folder.join("Cargo.lock").exists() {
            keep(&folder.join("Cargo.lock"), &lock);
        }
        Self {
            folder,
            edition,
            root: "//! Generated modules.\n#![deny(warnings, missing_docs)]\n".to_owned(),
            files: Vec::new(),
            features: BTreeSet::new(),
            runtime_features: &[],
        }
    }

    /// Returns the same library, with features of the runtime: generated code can call more of it then.
    #[must_use]
    pub fn with_runtime_features(self, runtime_features: &'static [&'static str]) -> Self {
        Self {
            runtime_features,
            ..self
        }
    }

    /// Adds a module. Every other one is private: what is not exported is linted by other rules.
    pub fn add(&mut self, module: &str, output: &Output) {
        self.add_uncompiled(module, output);
        for (_, text) in output.files() {
            let features = text.split("feature = \"").skip(1);
            let names = features.filter_map(|rest| rest.split('"').next());
            self.features.extend(names.map(str::to_owned));
        }
        let visibility = if self.root.matches("mod ").count().is_multiple_of(2) {
            "pub "
        } else {
            ""
        };
        let _ = write!(self.root, "\n/// Generated.\n{visibility}mod {module};\n");
    }

    /// Adds code that uses the modules.
    pub fn add_user(&mut self, code: &str) {
        let _ = write!(self.root, "\n{code}");
    }

    /// Adds the files of a module whose format is checked, but which is no part of the library.
    pub fn add_uncompiled(&mut self, module: &str, output: &Output) {
        for (path, text) in output.files() {
            let file = self.source(module).join(path);
            keep(&file, text);
            self.files.push(file);
        }
    }

    /// Returns the folder of a module.
    pub fn source(&self, module: &str) -> PathBuf {
        self.folder.join("src").join(module)
    }

    /// `cargo fmt --check`, and `rustfmt --check` of every file of a module by itself, as editors run it.
    ///
    /// # Panics
    /// If either would change anything.
    pub fn check_format(&self) {
        run(self
            .cargo_in_folder("fmt")
            .args(["--", "--check", "--color", "never"]));
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--check", "--color", "never", "--edition", self.edition]);
        run(rustfmt.args(&self.files));
    }

    /// Clippy with the lints of a new project, as errors, under those features for which `chosen` is true of their number.
    ///
    /// # Panics
    /// If it complains.
    pub fn clippy(&self, chosen: impl Fn(usize) -> bool) {
        let features = self.features.iter().enumerate();
        let features: Vec<_> = features
            .filter(|(number, _)| chosen(*number))
            .map(|(_, name)| name.as_str())
            .collect();
        run(self
            .cargo("clippy")
            .args(["--features", &features.join(",")]));
    }

    /// Builds a program of the library's package.
    ///
    /// # Panics
    /// If it does not compile.
    pub fn program(&self, code: &str) -> PathBuf {
        keep(&self.folder.join("src/main.rs"), code);
        run(&mut self.cargo("build"));
        let name = self.folder.file_name().unwrap_or_default();
        self.target().join("debug").join(name)
    }

    /// Rustdoc with warnings as errors, of private items also.
    ///
    /// # Panics
    /// If it complains.
    pub fn doc(&self) {
        let mut cargo = self.cargo("doc");
        cargo.args(["--no-deps", "--document-private-items"]);
        run(cargo.env("RUSTDOCFLAGS", "-D warnings"));
    }

    fn cargo(&self, verb: &str) -> Command {
        let mut cargo = self.cargo_in_folder(verb);
        cargo
            .args(["--offline", "--quiet", "--target-dir"])
            .arg(self.target())
            .env_remove("RUSTFLAGS");
        cargo
    }

    /// Cargo lets one build at a time into a folder for build results. With one folder for each edition there can be two.
    fn target(&self) -> PathBuf {
        target().join("generated-code/target").join(self.edition)
    }

    fn cargo_in_folder(&self, verb: &str) -> Command {
        keep(&self.folder.join("src/lib.rs"), &self.root);
        keep(&self.folder.join("Cargo.toml"), &self.manifest());
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args([verb, "--manifest-path"])
            .arg(self.folder.join("Cargo.toml"));
        cargo
    }
}

impl Throwaway {
    fn manifest(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default().display();
        let runtime = crate::workspace().join("qapi-runtime");
        let mut manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"{}\"\n\n\
             [dependencies]\nqapi-runtime = {{ path = \"{}\", features = {:?} }}\n\n[workspace]\n\n[features]\n",
            self.edition,
            runtime.display(),
            self.runtime_features,
        );
        for feature in &self.features {
            let _ = writeln!(manifest, "{feature} = []");
        }
        manifest
    }
}

/// Returns the folder for build results of this run.
fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => crate::workspace().join(folder),
        None => crate::workspace().join("target"),
    }
}

/// Writes a file unless it has that text already: unchanged files are not compiled again.
fn keep(path: &Path, text: &str) {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return;
    }
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder is writable");
    fs::write(path, text).expect("the folder is writable");
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        shortened(&out),
        shortened(&err)
    );
}

/// Returns the first lines: thousands help nobody.
fn shortened(text: &str) -> String {
    text.lines().take(120).collect::<Vec<_>>().join("\n")
}
