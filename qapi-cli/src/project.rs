//! `qapi.toml` for the command line: its search, its sections, and the flags that take precedence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use qapi_codegen::{Project, ProjectSchema};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::schema::SchemaArgs;
use crate::status::Failure;

mod sections;

pub(crate) use sections::{DiffSection, DocsFormat, DocsSection};
use sections::{LintCode, LintLevel};

/// Options of finding the settings.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ProjectArgs {
    /// Read settings from FILE instead of the qapi.toml in the schema's directory or above it
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Read no qapi.toml
    #[arg(long)]
    pub(crate) no_config: bool,
}

impl ProjectArgs {
    /// Returns the project of these schemas, or of the current directory if there are none.
    pub(crate) fn load(&self, roots: &[PathBuf]) -> Result<ProjectFile, Failure> {
        let project = match &self.config {
            Some(path) => Some(Project::read(path).map_err(Failure::new)?),
            None if self.no_config => None,
            // The last one is the newest, if they are revisions.
            None => {
                let file = roots.iter().rev().find(|path| path.is_file());
                let directory = file.and_then(|file| file.parent());
                Project::find(directory.unwrap_or(Path::new(""))).map_err(Failure::new)?
            }
        };
        let Some(project) = project else {
            return Ok(ProjectFile::default());
        };
        let sections: Sections = project.read_as().map_err(Failure::new)?;
        Ok(ProjectFile {
            project: Some(project),
            sections,
        })
    }
}

/// A `qapi.toml`, or nothing.
#[derive(Debug, Default)]
pub(crate) struct ProjectFile {
    project: Option<Project>,
    sections: Sections,
}

/// The sections that are for the command line only.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sections {
    #[serde(rename = "schemas")]
    _schemas: IgnoredAny,
    #[serde(rename = "generate")]
    _generate: IgnoredAny,
    docs: DocsSection,
    diff: DiffSection,
    lints: BTreeMap<LintCode, LintLevel>,
}

/// A schema to process: named in the file, or by its path.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Its section of the file.
    pub(crate) schema: Option<ProjectSchema>,
    /// Its revisions, oldest first; one if it has none.
    pub(crate) roots: Vec<PathBuf>,
    /// The names of the revisions; empty if there are none.
    pub(crate) names: Vec<String>,
    /// Flags, completed with settings of the file.
    pub(crate) args: SchemaArgs,
}

impl ProjectFile {
    pub(crate) fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// Returns the section about the reference, with paths relative to the current directory.
    pub(crate) fn docs(&self) -> DocsSection {
        let mut docs = self.sections.docs.clone();
        if let (Some(directory), Some(project)) = (&mut docs.out_dir, &self.project) {
            *directory = project.directory().join(&*directory);
        }
        docs
    }

    pub(crate) fn diff(&self) -> &DiffSection {
        &self.sections.diff
    }

    /// Returns the schemas that arguments name, each on its own; all of the file if there are no arguments.
    pub(crate) fn targets(
        &self,
        roots: &[PathBuf],
        args: &SchemaArgs,
    ) -> Result<Vec<Target>, Failure> {
        if roots.is_empty() {
            let schemas = self.project.iter().flat_map(Project::schemas);
            let targets: Vec<_> = schemas.map(|it| self.listed(it, args)).collect();
            if targets.is_empty() {
                return Err(Failure::new(match &self.project {
                    Some(project) => format!(
                        "no SCHEMA is given, and {} has none in `schemas`",
                        project.path().display()
                    ),
                    None => "no SCHEMA is given, and no qapi.toml names one".to_owned(),
                }));
            }
            return Ok(targets);
        }
        Ok(roots.iter().map(|root| self.target(root, args)).collect())
    }

    /// Returns the schema that an argument names, by its name in the file or by its path.
    pub(crate) fn target(&self, root: &Path, args: &SchemaArgs) -> Target {
        match self.find(root) {
            Some(schema) => self.listed(schema, args),
            None => Target {
                schema: None,
                roots: vec![root.to_owned()],
                names: Vec::new(),
                args: self.merged(args, None),
            },
        }
    }

    /// Returns the path of the newest main file of a schema that is named in the file; other names as they are.
    pub(crate) fn file_of(&self, name: &str) -> String {
        let schemas = self.project.iter().flat_map(Project::schemas);
        let mut named = schemas.filter(|schema| schema.name == name);
        let path = named
            .next()
            .map(|schema| schema.path().display().to_string());
        path.unwrap_or_else(|| name.to_owned())
    }

    fn find(&self, root: &Path) -> Option<&ProjectSchema> {
        let schemas = self.project.as_ref()?.schemas();
        let by_name = schemas.iter().find(|it| Path::new(&it.name) == root);
        by_name.or_else(|| {
            let real = root.canonicalize().ok()?;
            let is_same = |it: &&ProjectSchema| {
                it.revisions.len() == 1 && it.path().canonicalize().is_ok_and(|path| path == real)
            };
            schemas.iter().find(is_same)
        })
    }

    fn listed(&self, schema: &ProjectSchema, args: &SchemaArgs) -> Target {
        let revisions = schema.revisions.iter();
        Target {
            roots: revisions.clone().map(|(_, path)| path.clone()).collect(),
            names: revisions.filter_map(|(name, _)| name.clone()).collect(),
            args: self.merged(args, Some(schema)),
            schema: Some(schema.clone()),
        }
    }

    /// Flags, completed with settings of the file.
    pub(crate) fn merged(&self, args: &SchemaArgs, schema: Option<&ProjectSchema>) -> SchemaArgs {
        let mut merged = args.clone();
        merged.lints = self
            .sections
            .lints
            .iter()
            .map(|(code, level)| (code.0.clone(), (*level).into()))
            .collect();
        let Some(schema) = schema else {
            return merged;
        };
        merged.dialect.dialect = args.dialect.dialect.or(schema.dialect);
        let symbols = &mut merged.symbols;
        let free = |symbol: &&String| {
            !args.symbols.define.contains(symbol) && !args.symbols.undefine.contains(symbol)
        };
        symbols
            .define
            .extend(schema.define.iter().filter(free).cloned());
        symbols
            .undefine
            .extend(schema.undefine.iter().filter(free).cloned());
        merged
    }
}
