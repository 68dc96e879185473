//! `qapi.toml`: the schemas of a project and the settings for them, for the command line and for build scripts.
//!
//! The keys are described in `qapi-cli/docs/config.md`.

mod document;
mod error;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use qapi_parser::Dialect;
use serde::de::DeserializeOwned;

use document::{Document, SchemaEntry};
pub use error::ProjectError;

use crate::config::Config;
use crate::module_name;
use crate::settings::Settings;

/// The name of the file.
pub const FILE_NAME: &str = "qapi.toml";

/// The schemas of a project and the settings for them, as `qapi.toml` has them.
#[derive(Debug, Clone)]
pub struct Project {
    path: PathBuf,
    text: String,
    schemas: Vec<ProjectSchema>,
    settings: Settings,
}

/// A schema that a project names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectSchema {
    /// Its name: the module of its code, unless another is given.
    pub name: String,
    /// Its revisions, oldest first, with their names; one without a name if it has no revisions.
    pub revisions: Vec<(Option<String>, PathBuf)>,
    /// The accepted forms of the language, if the file sets them.
    pub dialect: Option<Dialect>,
    /// Symbols that are defined in conditions.
    pub define: Vec<String>,
    /// Symbols that are not defined in conditions.
    pub undefine: Vec<String>,
    /// The settings of the generator: those for this schema, and those for all.
    pub settings: Settings,
}

impl ProjectSchema {
    /// Returns the main file, of the newest revision if there are several.
    pub fn path(&self) -> &Path {
        self.revisions
            .last()
            .map_or(Path::new(""), |(_, path)| path)
    }

    /// Returns the configuration of the generator. Symbols are used if conditions are resolved.
    pub fn config(&self) -> Config {
        let mut config = self.settings.apply(Config::new().module(&self.name));
        if let Some(dialect) = self.dialect {
            config = config.dialect(dialect);
        }
        if config.resolves_conditions() {
            for symbol in &self.define {
                config = config.define(symbol);
            }
        }
        config
    }
}

impl Project {
    /// Reads a file. Relative paths in it are relative to its directory.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has keys or values that mean nothing.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ProjectError> {
        let path = path.as_ref();
        let text = read(path).map_err(|error| ProjectError::unreadable(path, &error))?;
        let document: Document = parse(path, &text)?;
        let directory = path.parent().unwrap_or(Path::new(""));
        let settings = document.generate.below(directory);
        let mut schemas = Vec::new();
        for (name, entry) in document.schemas {
            let (name, span) = (name.get_ref().clone(), name.span());
            let schema = schema(name, entry, directory, &settings);
            let schema = schema.map_err(|message| ProjectError::at(path, &text, span, message))?;
            schemas.push(schema);
        }
        Ok(Self {
            path: path.to_owned(),
            text,
            schemas,
            settings,
        })
    }

    /// Finds and reads the file that is nearest: in a directory or in one above it.
    ///
    /// # Errors
    /// See [`Project::read`].
    pub fn find(directory: impl AsRef<Path>) -> Result<Option<Self>, ProjectError> {
        let directory = directory.as_ref();
        let directory = if directory.as_os_str().is_empty() {
            Path::new(".")
        } else {
            directory
        };
        let here = directory.join(FILE_NAME);
        if here.is_file() {
            let here = here.strip_prefix(".").map(Path::to_owned).unwrap_or(here);
            return Self::read(here).map(Some);
        }
        let Ok(absolute) = directory.canonicalize() else {
            return Ok(None);
        };
        let above = absolute.ancestors().skip(1);
        let found = above.map(|it| it.join(FILE_NAME)).find(|it| it.is_file());
        found.map(Self::read).transpose()
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the directory of the file, from which relative paths in it start.
    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Returns the schemas, in the order of their names.
    pub fn schemas(&self) -> &[ProjectSchema] {
        &self.schemas
    }

    /// Returns the settings of the generator for schemas that the file does not name.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Reads the whole file as something else, such as a type with the sections of another program.
    ///
    /// # Errors
    /// The file has other keys or values.
    pub fn read_as<T: DeserializeOwned>(&self) -> Result<T, ProjectError> {
        parse(&self.path, &self.text)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a project is a file, not part of a schema"
)]
fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
}

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ProjectError> {
    toml::from_str(text).map_err(|error| ProjectError::syntax(path, text, &error))
}

fn schema(
    name: String,
    entry: SchemaEntry,
    directory: &Path,
    settings: &Settings,
) -> Result<ProjectSchema, String> {
    if let Some(fault) = module_name::fault(&name) {
        return Err(fault);
    }
    let revisions = match (entry.path, entry.revisions) {
        (Some(path), revisions) if revisions.is_empty() => vec![(None, directory.join(path))],
        (None, revisions) if !revisions.is_empty() => revisions
            .into_iter()
            .map(|it| (Some(it.name), directory.join(it.path)))
            .collect(),
        (Some(_), _) => return Err(format!("schema `{name}` has both `path` and `revisions`")),
        (None, _) => {
            return Err(format!(
                "schema `{name}` has neither `path` nor `revisions`"
            ));
        }
    };
    if let Some(symbol) = entry.define.iter().find(|it| entry.undefine.contains(it)) {
        return Err(format!(
            "`{symbol}` is in both `define` and `undefine` of schema `{name}`"
        ));
    }
    Ok(ProjectSchema {
        name,
        revisions,
        dialect: entry.dialect.map(Dialect::from),
        define: entry.define,
        undefine: entry.undefine,
        settings: entry.generate.below(directory).or(settings),
    })
}
