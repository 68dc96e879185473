//! `qapi diff`: the changes between two revisions, with levels.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use qapi_diff::config::Date;
use qapi_diff::{Comparison, Config, Lens, Level, Model, Witnesses, api, compare, docs};
use qapi_parser::ir::Schema;
use qapi_parser::source::Files;

use crate::console::{Console, one_line};
use crate::program_use::ProgramUseArgs;
use crate::project::{ProjectArgs, ProjectFile};
use crate::report::diff::{DiffReport, github, json, markdown, sarif, text};
use crate::revision::{Loader, Revision};
use crate::schema::SchemaArgs;
use crate::standard_input::Input;
use crate::status::{Failure, Status};

/// Compare two revisions and report what each change breaks
///
/// The messages of commands and events are compared, so names of types, files and order make no difference. Each
/// change is classified by a rule, which `qapi explain RULE` describes. A breaking change is shown with a message
/// that one revision allows and the other does not.
///
/// Conditions are compared by the builds in which they are true. Conditions that --define and --undefine do not
/// decide are kept, so that no change is missed.
///
/// OLD and NEW are each a schema file, `git:REV:PATH`, a JSON file with the reply to `query-qmp-schema`, or the
/// socket of a QMP server: a path or `tcp:HOST:PORT`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi diff old/schema.json new/schema.json
  qapi diff git:v9.0.0:qapi/qapi-schema.json qapi/qapi-schema.json
  qapi diff --format github --config compatibility.json git:origin/main:api.json api.json
  qapi diff git:v9.0.0:api.json api.json --used-by session.jsonl
  qapi diff --lens rust --fail-on never 1.json 2.json
  qapi diff -D CONFIG_LINUX schema.json /run/vm1/qmp.sock

Exit status:
  0  nothing at or above the level of --fail-on
  1  changes at or above that level
  2  wrong usage, errors in a schema, or a revision that cannot be read")]
pub(crate) struct DiffOpts {
    /// Older revision
    #[arg(value_name = "OLD")]
    old: String,
    /// Newer revision
    #[arg(value_name = "NEW")]
    new: String,
    /// Format of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: DiffFormat,
    /// Exit with status 1 on changes of this level and above
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t)]
    fail_on: FailOn,
    /// Aspect to compare: wire, rust or docs
    #[arg(long, value_enum, value_name = "LENS", default_value_t)]
    lens: LensName,
    /// Show only changes of this level and above
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t)]
    at_least: LevelName,
    /// Print the counts of changes by command and event only (with --format text)
    #[arg(long)]
    summary: bool,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    usage: ProgramUseArgs,
    #[command(flatten)]
    schema: SchemaArgs,
}

/// Options of judging changes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
struct RuleArgs {
    /// Read levels of rules and places to ignore from a JSON file; may be repeated, the last one takes precedence. A
    /// FILE that ends in .toml replaces the nearest qapi.toml
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// Read no qapi.toml
    #[arg(long)]
    no_config: bool,
    /// Set the level of a rule, after all files; in RULE, `*` stands for any text; may be repeated
    #[arg(long, value_name = "RULE=LEVEL", value_parser = level)]
    level: Vec<(String, Level)>,
    /// Date on which to judge if ignored places have expired; without it, none has
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
}

/// Formats of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum DiffFormat {
    /// Text, by command and event
    #[default]
    Text,
    /// JSON
    Json,
    /// Markdown, for a release note
    Markdown,
    /// Annotations of a GitHub workflow
    Github,
    /// SARIF 2.1.0
    Sarif,
}

/// Lowest levels of changes that are findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum FailOn {
    /// Changes that break a program which worked
    #[default]
    Breaking,
    /// Also changes that may break a program that relies on more than the schema promises
    Risky,
    /// Every change
    Any,
    /// Nothing
    Never,
}

/// Aspects of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum LensName {
    /// Messages between client and server
    #[default]
    Wire,
    /// The generated Rust interface, by semantic versioning
    Rust,
    /// Documentation, order, files
    Docs,
}

impl From<LensName> for Lens {
    fn from(name: LensName) -> Self {
        match name {
            LensName::Wire => Self::Wire,
            LensName::Rust => Self::Rust,
            LensName::Docs => Self::Docs,
        }
    }
}

/// Levels of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum LevelName {
    #[default]
    Compatible,
    Risky,
    Breaking,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Compatible => Self::Compatible,
            LevelName::Risky => Self::Risky,
            LevelName::Breaking => Self::Breaking,
        }
    }
}

fn level(text: &str) -> Result<(String, Level), String> {
    let (rule, level) = text
        .split_once('=')
        .ok_or("expected RULE=LEVEL, such as value-added=compatible")?;
    let level = level
        .parse()
        .map_err(|error: qapi_diff::UnknownLevel| error.to_string())?;
    Ok((rule.to_owned(), level))
}

pub(crate) fn run(opts: &DiffOpts, console: &mut Console) -> Result<Status, Failure> {
    let (project, rules) = opts.project()?;
    let config = opts.rules.config(&project, &rules)?;
    let newest = project.target(Path::new(&opts.new), &opts.schema);
    let loader = Loader::new(&newest.args)?;
    let names = [&opts.old, &opts.new].map(|name| project.file_of(name));
    let names = [names[0].as_str(), names[1].as_str()];
    let (revisions, status) = loader.load(&names, console)?;
    let Some([old, new]) = revisions.as_deref() else {
        // A failed comparison has no findings.
        return Ok(Status::Failed);
    };
    let lens = Lens::from(opts.lens);
    let models = (old.model(&loader.symbols), new.model(&loader.symbols));
    let comparison = changes(lens, (old, new), (&models.0, &models.1))?;
    let today = opts.rules.today.map_or_else(today, Ok)?;
    let mut judgement = config.judge(comparison.changes, Some(today));
    if !console.quiet {
        for stale in &judgement.stale {
            writeln!(console.stderr, "note: {}", one_line(&stale.to_string()))?;
        }
    }
    if lens == Lens::Wire {
        judgement.prove(&Witnesses::new(&models.0, &models.1));
    } else if opts.usage.is_told() {
        return Err(Failure::new(
            "messages are on the wire: a program's use goes with --lens wire",
        ));
    }
    let usage = opts.usage.keep(&mut judgement, &models.0, &models.1)?;
    let report = DiffReport::new(
        (old, new),
        lens,
        &judgement,
        &comparison.renamed,
        opts.at_least.into(),
    );
    let report = report.with_usage(usage.as_ref());
    let options = text::TextOptions {
        color: console.stdout.color,
        verbose: console.verbose,
        quiet: console.quiet,
        summary: opts.summary,
    };
    let out = &mut console.stdout;
    match opts.format {
        DiffFormat::Text => text::write(&report, out, &options)?,
        DiffFormat::Json => json::write(&report, out)?,
        DiffFormat::Markdown => markdown::write(&report, out)?,
        DiffFormat::Github => {
            github::write(&report, out)?;
            github::write_job_summary(&report)?;
        }
        DiffFormat::Sarif => sarif::write(&report, out)?,
    }
    let refused = usage
        .as_ref()
        .is_some_and(|usage| !usage.unexplained.is_empty());
    let worst = judgement.worst().max(refused.then_some(Level::Breaking));
    let failed = worst.is_some_and(|worst| match opts.fail_on {
        FailOn::Breaking => worst >= Level::Breaking,
        FailOn::Risky => worst >= Level::Risky,
        FailOn::Any => true,
        FailOn::Never => false,
    });
    Ok(if failed { Status::Findings } else { status })
}

impl DiffOpts {
    /// Returns the project, and the files that have rules only.
    fn project(&self) -> Result<(ProjectFile, Vec<&Path>), Failure> {
        let is_project = |path: &&PathBuf| path.extension().is_some_and(|it| it == "toml");
        let (projects, rules): (Vec<_>, Vec<_>) = self.rules.config.iter().partition(is_project);
        let args = match projects.as_slice() {
            [_, second, ..] => {
                return Err(Failure::new(format_args!(
                    "{}: there can be only one qapi.toml",
                    second.display()
                )));
            }
            [_] if self.rules.no_config => {
                return Err(Failure::new(
                    "--no-config and a qapi.toml exclude each other",
                ));
            }
            found => ProjectArgs {
                config: found.first().map(|&path| path.clone()),
                no_config: self.rules.no_config,
            },
        };
        let roots = [&self.old, &self.new].map(PathBuf::from);
        let rules = rules.into_iter().map(PathBuf::as_path).collect();
        Ok((args.load(&roots)?, rules))
    }
}

/// Returns the system's date, in universal time.
fn today() -> Result<Date, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = now.map_err(Failure::new)?.as_secs() / 86_400;
    // The era of 400 years that begins with March, so that the leap day comes last (proleptic
    // Gregorian calendar).
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + carry;
    format!("{year:04}-{month:02}-{day:02}")
        .parse()
        .map_err(Failure::new)
}

impl RuleArgs {
    fn config(&self, project: &ProjectFile, files: &[&Path]) -> Result<Config, Failure> {
        let mut config = Config::default();
        if let Some(file) = project.project() {
            let diff = project.diff().clone();
            let result = config.add_entries(diff.levels, diff.ignore);
            result.map_err(|error| {
                Failure::new(format_args!("{}: diff: {error}", file.path().display()))
            })?;
        }
        let input = Input::default();
        for path in files {
            let failure = |reason: &dyn fmt::Display| {
                Failure::new(format_args!("{}: {reason}", path.display()))
            };
            let document = input.read(path).map_err(|error| failure(&error))?;
            config.add(&document).map_err(|error| failure(&error))?;
        }
        for (rule, level) in &self.level {
            let result = config.set_level(rule, *level);
            result.map_err(|error| Failure::new(format_args!("--level: {error}")))?;
        }
        Ok(config)
    }
}

/// Compares with one lens.
fn changes(
    lens: Lens,
    revisions: (&Revision, &Revision),
    models: (&Model<'_>, &Model<'_>),
) -> Result<Comparison, Failure> {
    let mut comparison = Comparison::default();
    match lens {
        Lens::Rust => {
            let (old, new) = (schema(revisions.0, lens)?, schema(revisions.1, lens)?);
            comparison.renamed = compare(models.0, models.1).renamed;
            comparison.changes = api::compare(old, new, &comparison.renamed);
        }
        Lens::Docs => {
            let (old, new) = (schema(revisions.0, lens)?, schema(revisions.1, lens)?);
            comparison.changes = docs::compare(old, new);
        }
        _ => comparison = compare(models.0, models.1),
    }
    Ok(comparison)
}

fn schema(revision: &Revision, lens: Lens) -> Result<&Schema, Failure> {
    revision.schema().ok_or_else(|| {
        Failure::new(format_args!(
            "{}: the lens `{}` needs a schema, and this is a server's introspection",
            revision.name,
            lens.as_str()
        ))
    })
}
