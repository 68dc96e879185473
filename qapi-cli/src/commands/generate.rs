//! `qapi generate`: writes Rust code for a schema into a directory.

use std::path::PathBuf;

use clap::Args;
use qapi_codegen::publish::Marks;
use qapi_codegen::{Conditions, Config, Settings};

use crate::console::Console;
use crate::directory;
use crate::project::{ProjectArgs, ProjectFile, Target};
use crate::revision::labels;
use crate::schema::{self, SchemaArgs};
use crate::status::{Failure, Status};

/// Write Rust types, a client and a server for a schema
///
/// SCHEMA is the main file of a schema, `-` for standard input, or the name of a schema in qapi.toml; without it, all
/// schemas of qapi.toml are generated. Several SCHEMAs are revisions of one schema, oldest first; one client is
/// generated for all of them.
///
/// Every setting can also be in qapi.toml; flags take precedence. Files are written to DIR. Without --out-dir they
/// are written to a directory named after the schema, in the output directory of qapi.toml.
///
/// Files that an earlier run wrote to DIR and this one does not are removed; all others are left alone. Only files
/// whose content changes are written, all of them or none.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --client and --server, both are generated.

Examples:
  qapi generate schema.json --out-dir src/schema
  qapi generate schema.json --out-dir src/schema --client --async
  qapi generate schema.json --out-dir src/schema --formatter rustfmt
  qapi generate schema.json --out-dir src/schema --bytes GuestFileRead.buf-b64
  qapi generate schema.json --out-dir src/schema --check
  qapi generate --check
  qapi generate 7.2.json 10.0.json --out-dir src/schema --client
  qapi generate schema.json --out-dir src/schema --conditions resolve -D CONFIG_LINUX

Exit status:
  0  written, or nothing to do
  1  errors in the schema; nothing is written. With --check: files are out of date
  2  wrong usage, or a file that cannot be read or written")]
pub(crate) struct GenerateOpts {
    /// Main file of the schema, or its name in qapi.toml; `-` is standard input. Several revisions: oldest first
    #[arg(value_name = "SCHEMA")]
    roots: Vec<PathBuf>,
    /// Names of the revisions, if there are several; by default, the part of each SCHEMA that differs
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    names: Vec<String>,
    /// Write nothing; list the files that are out of date
    #[arg(long)]
    check: bool,
    #[command(flatten, next_help_heading = "Settings")]
    settings: Settings,
    #[command(flatten)]
    schema: SchemaArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

pub(crate) fn run(opts: &GenerateOpts, console: &mut Console) -> Result<Status, Failure> {
    let project = opts.project.load(&opts.roots)?;
    let targets = match opts.roots.as_slice() {
        roots @ ([] | [_]) => project.targets(roots, &opts.schema)?,
        roots => vec![revisions(roots, opts, &project)?],
    };
    if targets.len() > 1 && (opts.settings.out_dir.is_some() || opts.settings.module.is_some()) {
        return Err(Failure::new(
            "--out-dir and --module are for one schema: name one, or set `out-dir` in qapi.toml",
        ));
    }
    let jobs: Vec<_> = targets
        .into_iter()
        .map(|target| GenerateJob::new(opts, target, &project))
        .collect::<Result<_, _>>()?;
    let mut worst = Status::Clean;
    for job in &jobs {
        worst = worst.max(job.run(opts.check, console)?);
    }
    Ok(worst)
}

/// Several roots, which are revisions of one schema.
fn revisions(
    roots: &[PathBuf],
    opts: &GenerateOpts,
    project: &ProjectFile,
) -> Result<Target, Failure> {
    let texts: Vec<_> = roots.iter().map(|root| root.to_string_lossy()).collect();
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    let names = labels(&texts, &opts.names)?;
    let newest = roots.last().map(|root| project.target(root, &opts.schema));
    let newest = newest.ok_or_else(|| Failure::new("there is no SCHEMA"))?;
    Ok(Target {
        roots: roots.to_vec(),
        names,
        ..newest
    })
}

/// The code of one schema, to be written to one directory.
struct GenerateJob {
    roots: Vec<PathBuf>,
    names: Vec<String>,
    args: SchemaArgs,
    config: Config,
    directory: PathBuf,
}

impl GenerateJob {
    fn new(opts: &GenerateOpts, target: Target, project: &ProjectFile) -> Result<Self, Failure> {
        if !opts.names.is_empty() && opts.roots.len() < 2 {
            return Err(Failure::new("--names is for several revisions"));
        }
        let general = project.project().map(|it| it.settings().clone());
        let others = target.schema.as_ref().map(|it| it.settings.clone());
        let others = others.or(general).unwrap_or_default();
        let directory = directory_of(&opts.settings, &others, &target)?;
        let settings = opts.settings.clone().or(&others);
        let resolves = settings.conditions == Some(Conditions::Resolve);
        let symbols = &opts.schema.symbols;
        let has_symbols = !symbols.define.is_empty() || !symbols.undefine.is_empty();
        if has_symbols && !resolves {
            return Err(Failure::new(
                "--define and --undefine need --conditions resolve: without it, conditions are not decided",
            ));
        }
        // rustfmt uses the directory of the files to find its configuration.
        let mut config = settings.apply(Config::new()).out_dir(&directory);
        if resolves {
            for symbol in target.args.symbols.defined()? {
                config = config.define(symbol);
            }
        }
        Ok(Self {
            roots: target.roots,
            names: target.names,
            args: target.args,
            config: config.out_dir(&directory),
            directory,
        })
    }

    fn run(&self, check: bool, console: &mut Console) -> Result<Status, Failure> {
        let (schemas, sources, mut report) =
            schema::load_revisions(&self.roots, &self.args, console)?;
        if report.status() != Status::Clean {
            report.finish(&mut console.stderr)?;
            return Ok(report.status());
        }
        let output = match schemas.as_slice() {
            [schema] if self.names.is_empty() => self.config.generate(schema),
            schemas => {
                let names = self.names.iter().map(String::as_str);
                let revisions: Vec<_> = names.zip(schemas).collect();
                self.config.generate_revisions(&revisions)
            }
        };
        let output = match output {
            Ok(output) => output,
            Err(diagnostics) => {
                report.print(&mut console.stderr, &sources, &diagnostics)?;
                report.finish(&mut console.stderr)?;
                return Ok(report.status());
            }
        };
        report.finish(&mut console.stderr)?;
        directory::update(&self.directory, &output, Marks::RUST, check, console)
    }
}

/// Returns the directory that the flags name, or else the one that the file names for this schema.
fn directory_of(flags: &Settings, file: &Settings, target: &Target) -> Result<PathBuf, Failure> {
    if let Some(directory) = &flags.out_dir {
        return Ok(match &flags.module {
            Some(module) => directory.join(module),
            None => directory.clone(),
        });
    }
    let Some(directory) = &file.out_dir else {
        return Err(Failure::new(
            "no directory for the files: give --out-dir, or set `out-dir` in qapi.toml",
        ));
    };
    let module = flags.module.as_ref().or(file.module.as_ref());
    let name = target.schema.as_ref().map(|schema| &schema.name);
    let stem = target.roots.last().and_then(|root| root.file_stem());
    Ok(match (module.or(name), stem) {
        (Some(name), _) => directory.join(name),
        (None, Some(stem)) => directory.join(stem),
        (None, None) => directory.clone(),
    })
}
