//! The builder for build scripts: reads a schema, writes Rust below Cargo's output folder.

mod claims;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use qapi_parser::diag::{Diagnostic, Severity};
use qapi_parser::ir::Schema;
use qapi_parser::load_beside;
use qapi_parser::source::{Disk, SourceMap};

use claims::Taken;

use crate::config::{Conditions, Config, Revisions};
use crate::module_name;
use crate::plan::default_features;
#[cfg(feature = "project")]
use crate::project::{Project, ProjectError};
use crate::publish::{Marks, PublishError, publish};
use crate::{Output, build_log};

/// Generates both sides of a schema with the default settings: [`Config::compile`] of [`Config::new`].
///
/// # Errors
/// See [`Config::compile`].
pub fn compile(schema: impl AsRef<Path>) -> Result<(), BuildError> {
    Config::new().compile(schema)
}

impl Config {
    /// Reads a schema with all that it includes and writes the Rust code to `$OUT_DIR/<module>/`, for
    /// `qapi_runtime::include_schema!`.
    ///
    /// On stdout it tells Cargo to run the build script again when one of the schema's files changes, even if they have
    /// errors. Diagnostics about the schema go to stderr. Either all files are written or none, see [`publish`].
    /// Unchanged files are not touched, so that nothing is compiled again for them. Files of an earlier run that are no
    /// longer generated are removed.
    ///
    /// # Errors
    /// The schema has errors, the folder is not below the output folder or has the code of another schema of this run, or a
    /// file cannot be written.
    pub fn compile(&self, schema: impl AsRef<Path>) -> Result<(), BuildError> {
        self.run(schema.as_ref(), &mut Terminal)
    }

    fn run(&self, root: &Path, console: &mut dyn Console) -> Result<(), BuildError> {
        let folder = self.claim(&[root])?;
        let (mut schemas, sources) = self.load(&[root], console)?;
        let schema = schemas.remove(0);
        let output = self.generate_for(&schema, &folder);
        let output = accept(root, output, &sources, console)?;
        self.deliver(&output, &folder, &[&schema], console)
    }

    /// Reads schemas, and tells Cargo of their files.
    fn load(
        &self,
        roots: &[&Path],
        console: &mut dyn Console,
    ) -> Result<(Vec<Schema>, SourceMap), BuildError> {
        let mut sources = SourceMap::default();
        let mut schemas = Vec::new();
        let mut problem = None;
        for root in roots {
            let loaded = load_beside(sources, root, &Disk, &self.options);
            sources = loaded.sources;
            console.log(&build_log::render(&loaded.diagnostics, &sources));
            match loaded.schema {
                Some(schema) => schemas.push(schema),
                None => problem = problem.or(Some(failed(root, &loaded.diagnostics))),
            }
        }
        for path in watched(roots, &sources) {
            console.cargo(&format!("cargo:rerun-if-changed={path}"));
        }
        match problem {
            Some(problem) => Err(problem),
            None => Ok((schemas, sources)),
        }
    }

    /// Writes what was generated.
    fn deliver(
        &self,
        output: &Output,
        folder: &Path,
        schemas: &[&Schema],
        console: &mut dyn Console,
    ) -> Result<(), BuildError> {
        if self.conditions == Conditions::Cfg {
            declare_features(schemas, self, console);
        }
        let mut waiting = || {
            console.log(&format!(
                "waiting for another run that writes to {}\n",
                folder.display()
            ));
        };
        publish(folder, output, Marks::RUST, &mut waiting)
            .map_err(|error| BuildError(BuildErrorKind::Write(error)))?;
        Ok(())
    }

    /// Returns the folder for the files of a schema, given by its revisions, if there is nothing else in it.
    fn claim(&self, roots: &[&Path]) -> Result<PathBuf, BuildError> {
        let root = roots.last().copied().unwrap_or(Path::new(""));
        let folder = self.folder(root)?;
        let settings = format!("{self:?}");
        claims::claim(&folder, roots, settings).map_err(|by| {
            BuildError(BuildErrorKind::Taken {
                folder: folder.clone(),
                root: root.to_owned(),
                by,
            })
        })?;
        Ok(folder)
    }

    /// The folder for the files.
    #[expect(
        clippy::disallowed_methods,
        reason = "Cargo tells build scripts their folder that way"
    )]
    fn folder(&self, root: &Path) -> Result<PathBuf, BuildError> {
        let module = match &self.module {
            Some(name) => match module_name::fault(name) {
                None => PathBuf::from(name),
                Some(fault) => return Err(BuildError(BuildErrorKind::Module(fault))),
            },
            None => root.file_stem().map(PathBuf::from).unwrap_or_default(),
        };
        let folder = match &self.out_dir {
            Some(folder) => folder.clone(),
            None => std::env::var_os("OUT_DIR")
                .map(PathBuf::from)
                .ok_or(BuildError(BuildErrorKind::NoFolder))?,
        };
        Ok(folder.join(module))
    }
}

#[cfg(feature = "project")]
impl Project {
    /// Reads the schemas that a `qapi.toml` names, and writes the code of each as [`Config::compile`] does: to the folder
    /// that is named after the schema, for `include_schema!("name")`. Tells Cargo to run the build script again when the
    /// file changes.
    ///
    /// ```no_run
    /// fn main() -> Result<(), qapi_codegen::BuildError> {
    ///     qapi_codegen::Project::compile("qapi.toml")
    /// }
    /// ```
    ///
    /// # Errors
    /// The file cannot be used, see [`Project::read`], or one of its schemas, see [`Config::compile`].
    pub fn compile(path: impl AsRef<Path>) -> Result<(), BuildError> {
        let path = path.as_ref();
        let console = &mut Terminal;
        console.cargo(&format!("cargo:rerun-if-changed={}", path.display()));
        let project =
            Self::read(path).map_err(|error| BuildError(BuildErrorKind::Project(error)))?;
        if project.schemas().is_empty() {
            return Err(BuildError(BuildErrorKind::NoSchemas(path.to_owned())));
        }
        for schema in project.schemas() {
            let config = schema.config();
            match schema.revisions.as_slice() {
                [(None, path)] => config.run(path, console)?,
                revisions => {
                    let named = revisions.iter().map(|(name, path)| {
                        let name = name.clone().unwrap_or_default();
                        (name, path.clone())
                    });
                    config.revisions(named).run(console)?;
                }
            }
        }
        Ok(())
    }
}

impl Revisions {
    /// Reads all revisions and writes the code of one client for them, as [`Config::compile`] does. The folder is named after
    /// the file of the newest revision, unless [`Config::module`] says otherwise.
    ///
    /// # Errors
    /// A schema has errors, the revisions cannot be merged, or a file cannot be written.
    pub fn compile(&self) -> Result<(), BuildError> {
        self.run(&mut Terminal)
    }

    fn run(&self, console: &mut dyn Console) -> Result<(), BuildError> {
        let roots: Vec<_> = self
            .revisions
            .iter()
            .map(|(_, path)| path.as_path())
            .collect();
        let Some(newest) = roots.last() else {
            return Err(BuildError(BuildErrorKind::NoRevisions));
        };
        let folder = self.config.claim(&roots)?;
        let (schemas, sources) = self.config.load(&roots, console)?;
        let names = self.revisions.iter().map(|(name, _)| name.as_str());
        let named: Vec<_> = names.zip(&schemas).collect();
        let output = self.config.generate_revisions_for(&named, &folder);
        let output = accept(newest, output, &sources, console)?;
        let schemas: Vec<_> = schemas.iter().collect();
        self.config.deliver(&output, &folder, &schemas, console)
    }
}

/// The reason why a build script has generated no code; `main` can return it.
///
/// For errors in a schema or a setting, the diagnostics have been printed already, and this gives their number. For all
/// others it describes the error itself: there is no `OUT_DIR`, a folder is outside of it or has the code of another
/// schema, a file cannot be written or is in the way, a `qapi.toml` has a mistake. No file of that schema has been
/// written then.
pub struct BuildError(BuildErrorKind);

enum BuildErrorKind {
    Schema {
        path: PathBuf,
        errors: usize,
    },
    NoFolder,
    NoRevisions,
    Module(String),
    Taken {
        folder: PathBuf,
        root: PathBuf,
        by: Taken,
    },
    Write(PublishError),
    #[cfg(feature = "project")]
    Project(ProjectError),
    #[cfg(feature = "project")]
    NoSchemas(PathBuf),
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BuildErrorKind::Schema { path, errors: 1 } => {
                write!(formatter, "one error in the schema `{}`, shown above", path.display())
            }
            BuildErrorKind::Schema { path, errors } => {
                write!(formatter, "{errors} errors in the schema `{}`, shown above", path.display())
            }
            BuildErrorKind::NoFolder => formatter.write_str(
                "no output folder: `OUT_DIR` is set for build scripts only; elsewhere use `Config::out_dir`",
            ),
            BuildErrorKind::NoRevisions => formatter.write_str("no revision is given to generate code for"),
            BuildErrorKind::Module(fault) => write!(formatter, "`Config::module`: {fault}"),
            BuildErrorKind::Taken { folder, root, by } => {
                let (folder, root) = (folder.display(), root.display());
                match by {
                    Taken::ByOther(by) => {
                        let by = by.display();
                        write!(formatter, "`{root}` would replace the code of `{by}` in `{folder}`")?;
                    }
                    Taken::WithOtherSettings => {
                        write!(formatter, "`{root}` would replace its code with other settings in `{folder}`")?;
                    }
                }
                formatter.write_str("; give one of them a folder of its own with `.module(\"…\")`")
            }
            BuildErrorKind::Write(error) => write!(formatter, "{error}"),
            #[cfg(feature = "project")]
            BuildErrorKind::Project(error) => write!(formatter, "{error}"),
            #[cfg(feature = "project")]
            BuildErrorKind::NoSchemas(path) => {
                write!(formatter, "{} has no schema in `schemas`", path.display())
            }
        }
    }
}

/// Same as [`Display`](fmt::Display), because a `main` that returns the error prints this form.
impl fmt::Debug for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The message says everything, so there is no further source.
impl std::error::Error for BuildError {}

/// Returns the output, or what is wrong, which has been said then.
fn accept(
    root: &Path,
    output: Result<Output, Vec<Diagnostic>>,
    sources: &SourceMap,
    console: &mut dyn Console,
) -> Result<Output, BuildError> {
    output.map_err(|diagnostics| {
        console.log(&build_log::render(&diagnostics, sources));
        failed(root, &diagnostics)
    })
}

fn failed(root: &Path, diagnostics: &[Diagnostic]) -> BuildError {
    let errors = diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error)
        .count();
    BuildError(BuildErrorKind::Schema {
        path: root.to_owned(),
        errors,
    })
}

/// Receives the lines that a build script prints.
trait Console {
    /// Prints an instruction for Cargo.
    fn cargo(&mut self, line: &str);
    /// Text for people, with line breaks.
    fn log(&mut self, text: &str);
}

struct Terminal;

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "that is how Cargo listens to build scripts"
)]
impl Console for Terminal {
    fn cargo(&mut self, line: &str) {
        println!("{line}");
    }

    fn log(&mut self, text: &str) {
        eprint!("{text}");
    }
}

/// Returns the files that the result depends on: the roots even if they cannot be read, and every file that was opened.
fn watched(roots: &[&Path], sources: &SourceMap) -> Vec<String> {
    let mut paths: Vec<_> = roots
        .iter()
        .map(|root| root.display().to_string())
        .collect();
    for (_, file) in sources.files() {
        if !paths.contains(&file.path) {
            paths.push(file.path.clone());
        }
    }
    paths
}

/// Tells Cargo that features named by conditions are meant, even where the manifest does not have them.
fn declare_features(schemas: &[&Schema], config: &Config, console: &mut dyn Console) {
    let features = schemas
        .iter()
        .flat_map(|schema| default_features(schema, config));
    for feature in features.collect::<BTreeSet<_>>() {
        console.cargo(&format!(
            "cargo:rustc-check-cfg=cfg(feature, values(\"{feature}\"))"
        ));
    }
}
