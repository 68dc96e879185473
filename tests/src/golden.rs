//! Generated files that are kept beside their schema: compared, or rewritten with `BLESS=1`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use qapi_codegen::{Config, Output};
use qapi_parser::diag::Severity;
use qapi_parser::ir::Schema;
use qapi_parser::source::Disk;

/// Returns the folder of a golden schema.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data/golden")
        .join(name)
}

/// Reads a schema that has no errors.
///
/// # Panics
/// If it has.
pub fn schema(path: &Path) -> Schema {
    let loaded = qapi_parser::load(path, &Disk, &qapi_parser::Options::default());
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| format!("{}: {}", diagnostic.code, diagnostic.message))
        .collect();
    assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    loaded.schema.expect("there is a schema without errors")
}

/// Returns the code for a schema.
///
/// # Panics
/// If the generator complains.
pub fn generate(schema: &Schema, config: &Config) -> Output {
    config.generate(schema).unwrap_or_else(|diagnostics| {
        let texts: Vec<_> = diagnostics.iter().map(|it| &it.message).collect();
        panic!("{texts:#?}");
    })
}

/// Compares what comes of `<name>/schema.json` with `<name>/generated/`.
///
/// # Panics
/// If they differ; with `BLESS=1` the files are rewritten instead.
pub fn check(name: &str, config: &Config) {
    let schema = schema(&folder(name).join("schema.json"));
    compare(name, &generate(&schema, config));
}

/// Compares an output with `<name>/generated/`.
///
/// # Panics
/// If they differ; with `BLESS=1` the files are rewritten instead.
pub fn compare(name: &str, output: &Output) {
    let generated = folder(name).join("generated");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        write(output, &generated);
        return;
    }
    let expected: BTreeSet<_> = output.files().map(|(path, _)| path.to_owned()).collect();
    let found: BTreeSet<_> = fs::read_dir(&generated)
        .unwrap_or_else(|error| panic!("{}: {error}", generated.display()))
        .map(|entry| entry.expect("the folder is readable").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    assert_eq!(found, expected, "files of {name}; run with BLESS=1");
    for (path, text) in output.files() {
        let kept = fs::read_to_string(generated.join(path)).expect("it was just listed");
        if let Some((line, (kept, made))) = difference(&kept, text) {
            panic!(
                "{name}/generated/{path}:{line} differs; run with BLESS=1 and review\n  kept: {kept}\n  made: {made}"
            );
        }
    }
}

/// Returns the first line in which two texts differ.
fn difference<'t>(kept: &'t str, made: &'t str) -> Option<(usize, (&'t str, &'t str))> {
    if kept == made {
        return None;
    }
    let (mut kept, mut made) = (kept.lines(), made.lines());
    (1..).find_map(|line| {
        let pair = (kept.next(), made.next());
        match pair {
            (None, None) => Some((line, ("(line ends)", "(line ends)"))),
            (one, other) if one != other => {
                Some((line, (one.unwrap_or("(end)"), other.unwrap_or("(end)"))))
            }
            _ => None,
        }
    })
}

/// Writes the files of an output, and removes others of the folder.
///
/// # Panics
/// If the folder cannot be written.
pub fn write(output: &Output, folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("the folder is writable");
    for (path, text) in output.files() {
        fs::write(folder.join(path), text).expect("the folder is writable");
    }
}
