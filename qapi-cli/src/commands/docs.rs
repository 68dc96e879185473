//! `qapi docs`: the reference of a schema, for readers.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use qapi_codegen::Output;
use qapi_codegen::docgen::{self, Format, Presence, ReferencePrinter};
use qapi_codegen::documentation::{Links, UnknownMarkup};
use qapi_diff::matrix::{REPLY, State};
use qapi_diff::{Definitions, Matrix, Model, Symbols};
use qapi_parser::ir::Schema;
use qapi_parser::source::SourceMap;

use crate::console::{Console, counted};
use crate::directory;
use crate::project::{DocsFormat, ProjectArgs, ProjectFile, Target};
use crate::revision::{Loader, Revision, labels};
use crate::schema::{self, SchemaArgs};
use crate::status::{Failure, Status};

/// Write the reference documentation of a schema, as HTML, Markdown or a manual page
///
/// The HTML site needs no server and no network: open index.html in DIR. Unknown markup is shown as it is, and
/// counted on standard error.
///
/// Several SCHEMAs are revisions of one interface, oldest first; each may be `git:REV:PATH`. The site then opens at
/// the newest, with a menu for the others, and shows in which revisions each definition and member exists, as `qapi
/// matrix` does.
///
/// With --interface, repeated, one site documents several interfaces of a program. Several SCHEMAs with the same NAME
/// are revisions of that interface.
///
/// Files that an earlier run wrote to DIR and this one does not are removed; all others are left alone. Only files
/// whose content changes are written, all of them or none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi docs schema.json --out-dir site
  qapi docs schema.json --out-dir site --title 'Our protocol'
  qapi docs schema.json --out-dir docs --format markdown --check
  qapi docs schema.json --out-dir . --format man && man -l schema.7
  qapi docs api-1.json api-2.json api-3.json --out-dir site --names 1.0,1.5,2.0
  qapi docs --interface QMP=qapi/qapi-schema.json --interface 'Guest agent=qga/qapi-schema.json' --out-dir site

Exit status:
  0  written, or nothing to do
  1  errors in the schema; nothing is written. With --check: files are out of date
  2  wrong usage, or a file that cannot be read or written")]
pub(crate) struct DocsOpts {
    /// Main file of the schema; `-` is standard input. Several revisions: oldest first
    #[arg(value_name = "SCHEMA")]
    roots: Vec<PathBuf>,
    /// An interface of the site; the same NAME again adds a newer revision; may be repeated
    #[arg(long = "interface", value_name = "NAME=SCHEMA", value_parser = pair, conflicts_with_all = ["roots", "names"])]
    interfaces: Vec<(String, String)>,
    /// Target of `:ref:` and `:doc:` references to NAME outside of the schema; a NAME that ends in `/` stands for a
    /// folder
    #[arg(long = "link", value_name = "NAME=URL", value_parser = pair)]
    links: Vec<(String, String)>,
    /// Directory for the files; made if it does not exist
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// Format of the reference [default: html]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<DocsFormat>,
    /// Title of the reference; by default, the name of the schema's main file
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Names of the revisions, if there are several; by default, the part of each SCHEMA that differs
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    names: Vec<String>,
    /// Write nothing; list the files that are out of date
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    schema: SchemaArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

/// Reads a name and what it stands for.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("expected `NAME=VALUE`".to_owned()),
    }
}

pub(crate) fn run(opts: &DocsOpts, console: &mut Console) -> Result<Status, Failure> {
    let project = opts.project.load(&opts.roots)?;
    if !opts.interfaces.is_empty() {
        let target = Target {
            schema: None,
            roots: Vec::new(),
            names: Vec::new(),
            args: project.merged(&opts.schema, None),
        };
        return DocsJob::new(opts, target, &project)?.interfaces(&opts.interfaces, console);
    }
    let targets = match opts.roots.as_slice() {
        roots @ ([] | [_]) => project.targets(roots, &opts.schema)?,
        roots => vec![Target {
            schema: None,
            roots: roots.to_vec(),
            names: opts.names.clone(),
            args: project.merged(&opts.schema, None),
        }],
    };
    if !opts.names.is_empty() && opts.roots.len() < 2 {
        return Err(Failure::new("--names is for several revisions"));
    }
    if targets.len() > 1 && opts.out_dir.is_some() {
        return Err(Failure::new(
            "--out-dir is for one schema: name one, or set `out-dir` in qapi.toml",
        ));
    }
    let jobs = targets
        .into_iter()
        .map(|target| DocsJob::new(opts, target, &project));
    let jobs = jobs.collect::<Result<Vec<_>, _>>()?;
    let mut worst = Status::Clean;
    for job in &jobs {
        worst = worst.max(job.run(console)?);
    }
    Ok(worst)
}

/// The reference of one schema, to be written to one directory.
struct DocsJob {
    target: Target,
    directory: PathBuf,
    format: Format,
    title: Option<String>,
    links: Links,
    check: bool,
}

impl DocsJob {
    fn new(opts: &DocsOpts, target: Target, project: &ProjectFile) -> Result<Self, Failure> {
        let docs = project.docs();
        let below = |directory: PathBuf| match &target.schema {
            Some(schema) => directory.join(&schema.name),
            None => directory,
        };
        let directory = opts.out_dir.clone().or(docs.out_dir.map(below));
        let directory = directory.ok_or_else(|| {
            Failure::new("no directory for the files: give --out-dir, or set `out-dir` in the section `docs` of qapi.toml")
        })?;
        let mut links = docs.links.0;
        for (name, url) in &opts.links {
            links.insert(name, url).map_err(Failure::new)?;
        }
        Ok(Self {
            target,
            directory,
            links,
            format: opts.format.or(docs.format).unwrap_or_default().into(),
            title: opts.title.clone().or(docs.title),
            check: opts.check,
        })
    }

    fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let Target { roots, args, .. } = &self.target;
        let of_git = |root: &PathBuf| root.to_string_lossy().starts_with("git:");
        if let [root] = roots.as_slice()
            && !of_git(root)
        {
            let loading = schema::load(root, args, console)?;
            let Some(schema) = loading.schema() else {
                return loading.finish(console);
            };
            loading.finish(console)?;
            return self.one(schema, &loading.loaded.sources, console);
        }
        let names: Vec<_> = roots.iter().map(|root| root.to_string_lossy()).collect();
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        let labels = labels(&names, &self.target.names)?;
        let (revisions, status) = Loader::new(args)?.load(&names, console)?;
        match revisions.as_deref() {
            None => Ok(status),
            Some([revision]) => {
                let (schema, sources) = documented(revision)?;
                self.one(schema, sources, console)
            }
            Some(revisions) => self.several(revisions, &labels, console),
        }
    }

    /// Writes the reference of one schema.
    fn one(
        &self,
        schema: &Schema,
        sources: &SourceMap,
        console: &mut Console,
    ) -> Result<Status, Failure> {
        let printed = self.reference().print(schema).map_err(Failure::new)?;
        let status = self.update(&printed.output, console)?;
        summary(&printed.unknown, sources, console)?;
        Ok(status)
    }

    /// Writes the site of several revisions.
    fn several(
        &self,
        revisions: &[Revision],
        labels: &[String],
        console: &mut Console,
    ) -> Result<Status, Failure> {
        let format = self.format;
        if format != Format::Html {
            return Err(Failure::new(
                "several revisions make a site: leave out --format, or name one schema only",
            ));
        }
        let documented: Vec<_> = revisions.iter().map(documented).collect::<Result<_, _>>()?;
        let editions = doc_revisions(&documented, labels);
        let (output, unknown) = self
            .reference()
            .print_revisions(&editions)
            .map_err(Failure::new)?;
        let status = self.update(&output, console)?;
        for ((_, sources), unknown) in documented.iter().zip(&unknown) {
            summary(unknown, sources, console)?;
        }
        Ok(status)
    }

    /// Writes the site of several interfaces.
    fn interfaces(
        &self,
        given: &[(String, String)],
        console: &mut Console,
    ) -> Result<Status, Failure> {
        if self.format != Format::Html {
            return Err(Failure::new(
                "several interfaces make a site: leave out --format",
            ));
        }
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in given {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let (mut loaded, mut worst) = (Vec::new(), Status::Clean);
        for name in &names {
            let roots = given.iter().filter(|(of, _)| of == name);
            let roots: Vec<&str> = roots.map(|(_, root)| root.as_str()).collect();
            let labels = labels(&roots, &[])?;
            let (revisions, status) = Loader::new(&self.target.args)?.load(&roots, console)?;
            worst = worst.max(status);
            loaded.extend(revisions.map(|revisions| (revisions, labels)));
        }
        if loaded.len() < names.len() {
            return Ok(worst);
        }
        let documented: Vec<Vec<_>> = loaded
            .iter()
            .map(|(revisions, _)| revisions.iter().map(documented).collect())
            .collect::<Result<_, _>>()?;
        let interfaces: Vec<_> = names
            .iter()
            .zip(documented.iter().zip(&loaded))
            .map(|(name, (documented, (_, labels)))| {
                docgen::Interface::new(name, doc_revisions(documented, labels))
            })
            .collect();
        let (output, unknown) = self
            .reference()
            .print_interfaces(&interfaces)
            .map_err(Failure::new)?;
        let status = self.update(&output, console)?;
        for ((_, sources), unknown) in documented.iter().flatten().zip(unknown.iter().flatten()) {
            summary(unknown, sources, console)?;
        }
        Ok(status)
    }

    fn reference(&self) -> ReferencePrinter<'_> {
        let reference = ReferencePrinter::new(self.format).links(&self.links);
        match &self.title {
            Some(title) => reference.title(title),
            None => reference,
        }
    }

    /// Writes the files, or compares them.
    fn update(&self, output: &Output, console: &mut Console) -> Result<Status, Failure> {
        let marks = self.format.marks();
        directory::update(&self.directory, output, marks, self.check, console)
    }
}

/// Revisions of an interface with what each of them has.
fn doc_revisions<'r>(
    documented: &[(&'r Schema, &SourceMap)],
    labels: &'r [String],
) -> Vec<docgen::Revision<'r>> {
    let schemas: Vec<&Schema> = documented.iter().map(|(schema, _)| *schema).collect();
    // The reference documents all builds, so no symbol is known.
    let symbols = Symbols::default();
    let models: Vec<_> = schemas
        .iter()
        .map(|schema| Model::of_schema(schema, &symbols))
        .collect();
    let matrix = Matrix::new(&models);
    (0..schemas.len())
        .map(|number| {
            let presence = presence(&Definitions::new(&matrix, &schemas, number));
            docgen::Revision::new(&labels[number], documented[number].0, presence)
        })
        .collect()
}

/// Schema and sources of a revision.
fn documented(revision: &Revision) -> Result<(&Schema, &SourceMap), Failure> {
    revision.schema().zip(revision.sources()).ok_or_else(|| {
        Failure::new(format_args!(
            "{}: a reference needs a schema, and this is a server's introspection",
            revision.name
        ))
    })
}

/// Converts the matrix for the reference.
fn presence(definitions: &Definitions<'_>) -> Presence {
    let mut presence = Presence::default();
    for (definition, part, states) in definitions.iter() {
        let part = if part == REPLY { Presence::REPLY } else { part };
        let states = states.iter().map(|state| match state {
            State::Absent => docgen::State::Absent,
            State::Present => docgen::State::Present,
            State::Optional => docgen::State::Optional,
        });
        presence.insert(definition, part, states.collect());
    }
    presence
}

/// Reports unknown markup with its places.
fn summary(
    unknown: &UnknownMarkup,
    sources: &SourceMap,
    console: &mut Console,
) -> Result<(), Failure> {
    if unknown.count() == 0 || console.quiet {
        return Ok(());
    }
    let (pieces, verb) = match unknown.count() {
        1 => ("1 piece".to_owned(), "is"),
        count => (counted(count, "piece"), "are"),
    };
    writeln!(
        console.stderr,
        "note: {pieces} of markup {verb} not understood, and shown as written:"
    )?;
    for kind in unknown.kinds() {
        let places = kind.places.iter().map(|place| {
            let section = place.section;
            let line = sources.position(section).line + place.line;
            format!("{}:{line}", sources.file(section.file).path)
        });
        let mut shown: Vec<_> = places.take(3).collect();
        if kind.places.len() > shown.len() {
            shown.push("...".to_owned());
        }
        writeln!(
            console.stderr,
            "  {} x {}: {}",
            kind.places.len(),
            kind.what,
            shown.join(", ")
        )?;
    }
    Ok(())
}
