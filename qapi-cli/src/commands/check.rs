//! `qapi check`: diagnostics, and nothing else.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use qapi_parser::Loaded;
use qapi_parser::diag::{Anchor, Code, Diagnostic, Severity};
use qapi_parser::roots::Roots;
use qapi_parser::source::Files;

use crate::console::{Console, counted};
use crate::diagnostics::{Limits, Lint, Lints, MessageFormat, Report, folded, lint_code};
use crate::fixes;
use crate::history::GitHistory;
use crate::project::{ProjectArgs, ProjectFile};
use crate::rewrite::{patch, rewrite};
use crate::schema::{self, SchemaArgs, tell_loaded};
use crate::standard_input::Input;
use crate::status::{Failure, Status};

/// Report all errors and warnings in schemas
///
/// If FILE is the main file of a schema, the whole schema is checked, with all files that it includes. For any other
/// FILE the main file is looked up, in its directory and those above it, and only diagnostics about FILE are
/// reported. Diagnostics go to standard output. Conditional definitions are always checked, so --define and
/// --undefine have no effect.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi check schema.json
  qapi check --dialect strict --message-format short qapi/*.json
  qapi check --root qapi/qapi-schema.json qapi/block.json
  qapi check --fix --diff schema.json
  qapi check --lint --allow LINT-ERRORS schema.json
  git show HEAD:schema.json | qapi check -

Exit status:
  0  no errors (and no warnings, with --deny-warnings)
  1  errors
  2  wrong usage, or a FILE that cannot be read")]
pub(crate) struct CheckOpts {
    /// File of a schema; `-` is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Main file of the schema that each FILE is part of
    #[arg(long, value_name = "SCHEMA")]
    root: Option<PathBuf>,
    /// Path of the file whose new content is on standard input
    #[arg(long, value_name = "FILE")]
    stdin_filename: Option<PathBuf>,
    /// Apply the fixes that are certain to be right
    #[arg(long)]
    fix: bool,
    /// With --fix: print the changes as a patch, and write nothing
    #[arg(long, requires = "fix")]
    diff: bool,
    /// Also report matters of style: all warnings `LINT-…`. Without it, only those that --warn, --deny or qapi.toml
    /// name
    #[arg(long)]
    lint: bool,
    #[command(flatten)]
    levels: LevelArgs,
    #[command(flatten)]
    schema: SchemaArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

/// Levels of warnings, and limits on what is printed.
#[derive(Debug, Args)]
struct LevelArgs {
    /// Do not report warnings with this code; may be repeated
    #[arg(long, value_name = "CODE", value_parser = lint_code)]
    allow: Vec<String>,
    /// Report warnings with this code as warnings, whatever qapi.toml says; may be repeated
    #[arg(long, value_name = "CODE", value_parser = lint_code)]
    warn: Vec<String>,
    /// Report warnings with this code as errors; may be repeated
    #[arg(long, value_name = "CODE", value_parser = lint_code)]
    deny: Vec<String>,
    /// Print at most NUMBER errors; the others are counted
    #[arg(long, value_name = "NUMBER")]
    max_errors: Option<usize>,
    /// Print at most NUMBER diagnostics of each code; the others are counted
    #[arg(long, value_name = "NUMBER")]
    max_per_code: Option<usize>,
}

impl LevelArgs {
    fn add_to(&self, lints: &mut Lints) {
        let levels = [
            (&self.allow, Lint::Allow),
            (&self.warn, Lint::Warn),
            (&self.deny, Lint::Deny),
        ];
        for (codes, lint) in levels {
            lints.extend(codes.iter().map(|code| (code.clone(), lint)));
        }
    }
}

/// A schema to check.
struct CheckJob {
    root: PathBuf,
    args: SchemaArgs,
    /// The files that are reported on; none for all of the schema.
    only: Option<BTreeSet<PathBuf>>,
}

pub(crate) fn run(opts: &CheckOpts, console: &mut Console) -> Result<Status, Failure> {
    opts.schema.symbols.defined()?;
    let project = opts.project.load(&opts.files)?;
    let input = Input::standing_for(opts.stdin_filename.clone());
    let jobs = jobs(opts, &project, &input)?;
    let mut args = project.merged(&opts.schema, None);
    opts.levels.add_to(&mut args.lints);
    let report = args.report(console.quiet, console.stdout.color);
    let mut report = report.with_limits(Limits {
        errors: opts.levels.max_errors,
        per_code: opts.levels.max_per_code,
    });
    let mut parts = Vec::new();
    for job in &jobs {
        let needs_schema = console.verbose || has_lints(opts.lint, &args.lints);
        let mut loaded = load(opts, job, &input, needs_schema, console)?;
        add_lints(&mut loaded, opts.lint, &args.lints);
        let hidden = check(job, loaded, &input, &mut report, console)?;
        if let Some(only) = &job.only {
            parts.push((job.root.display().to_string(), only.len(), hidden));
        }
    }
    report.finish(&mut console.stdout)?;
    if opts.schema.message_format == MessageFormat::Human && !console.quiet {
        for (root, files, hidden) in parts {
            tell_part(&root, files, hidden, console)?;
        }
    }
    Ok(report.status())
}

/// Returns the schemas that the arguments name, each once.
fn jobs(opts: &CheckOpts, project: &ProjectFile, input: &Input) -> Result<Vec<CheckJob>, Failure> {
    let standard = |file: &PathBuf| match &opts.stdin_filename {
        Some(path) if file == Path::new("-") => path.clone(),
        _ => file.clone(),
    };
    let files: Vec<PathBuf> = opts.files.iter().map(standard).collect();
    let mut roots = Roots::new(input);
    let mut jobs: Vec<CheckJob> = Vec::new();
    for target in project.targets(&files, &opts.schema)? {
        let is_named = target.schema.is_some();
        for file in target.roots {
            let root = match &opts.root {
                Some(root) => Some(root.clone()),
                None if is_named || file == Path::new("-") => None,
                None => roots.find(&file),
            };
            let root = root.filter(|root| input.absolute(root) != input.absolute(&file));
            let (root, part) = match root {
                Some(root) => (root, Some(input.absolute(&file))),
                None => (file, None),
            };
            match jobs.iter_mut().find(|job| job.root == root) {
                Some(job) => match (&mut job.only, part) {
                    (Some(only), Some(part)) => drop(only.insert(part)),
                    (only, None) => *only = None,
                    (None, Some(_)) => {}
                },
                None => jobs.push(CheckJob {
                    args: project.target(&root, &opts.schema).args,
                    root,
                    only: part.map(|part| BTreeSet::from([part])),
                }),
            }
        }
    }
    input.keep(roots.into_contents());
    Ok(jobs)
}

/// Loads a schema, after the changes that were asked for.
fn load(
    opts: &CheckOpts,
    job: &CheckJob,
    input: &Input,
    needs_schema: bool,
    console: &mut Console,
) -> Result<Loaded, Failure> {
    /// Most rounds of changes: one change may uncover the next.
    const ROUNDS: usize = 8;
    let options = job.args.options();
    let read = if needs_schema {
        schema::read
    } else {
        schema::check
    };
    let mut loaded = read(&job.root, input, &options)?;
    if !opts.fix {
        return Ok(loaded);
    }
    for _ in 0..ROUNDS {
        let mut diagnostics = loaded.diagnostics.clone();
        diagnostics.retain(|it| is_wanted(it, &loaded, job, input));
        let fixed = fixes::apply(&loaded.sources, &diagnostics)?;
        for fix in &fixed {
            if opts.diff {
                let patch = patch(&fix.path, &fix.before, &fix.after);
                console.stdout.write_all(patch.as_bytes())?;
            } else {
                rewrite(&fix.path, &fix.after)?;
                let changes = counted(fix.count, "change");
                console.tell(|| format!("made {changes} in {}", fix.path.display()))?;
            }
        }
        if fixed.is_empty() || opts.diff {
            break;
        }
        loaded = read(&job.root, input, &options)?;
    }
    Ok(loaded)
}

/// Returns whether the warnings of a rule are wanted: as those of all, or by a treatment of its own.
fn wants(code: Code, all: bool, lints: &Lints) -> bool {
    match lints.get(code.as_str()) {
        Some(lint) => *lint != Lint::Allow,
        None => all,
    }
}

fn has_lints(all: bool, lints: &Lints) -> bool {
    let mut rules = qapi_lint::RULES.iter();
    rules.any(|rule| wants(rule.code, all, lints))
}

/// Adds the warnings of the rules that are wanted.
fn add_lints(loaded: &mut Loaded, all: bool, lints: &Lints) {
    let Some(schema) = loaded.schema.as_ref().filter(|_| has_lints(all, lints)) else {
        return;
    };
    let history = GitHistory::default();
    let wanted = |code| wants(code, all, lints);
    let warnings = qapi_lint::lint(schema, &loaded.sources, Some(&history), wanted);
    loaded.diagnostics.extend(warnings);
}

/// Prints the diagnostics of a schema, those of the wanted files. Returns the number of errors in others.
fn check(
    job: &CheckJob,
    mut loaded: Loaded,
    input: &Input,
    report: &mut Report,
    console: &mut Console,
) -> Result<usize, Failure> {
    if let Some(only) = &job.only {
        let read: BTreeSet<PathBuf> = loaded
            .sources
            .files()
            .map(|(_, file)| folded(&input.absolute(Path::new(&file.path))))
            .collect();
        let absent = only.iter().find(|file| !read.contains(&folded(file)));
        if let Some(absent) = absent.filter(|_| !read.is_empty()) {
            return Err(Failure::new(format_args!(
                "{} is not part of the schema of {}",
                absent.display(),
                job.root.display()
            )));
        }
    }
    let all = std::mem::take(&mut loaded.diagnostics);
    let (wanted, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|it| is_wanted(it, &loaded, job, input));
    loaded.diagnostics = wanted;
    report.print_schema(&mut console.stdout, &job.root, &loaded, console.verbose)?;
    tell_loaded(&loaded, console)?;
    let errors = others.iter().filter(|it| it.severity == Severity::Error);
    Ok(errors.count())
}

/// Returns whether a diagnostic is about one of the files that are reported on.
fn is_wanted(diagnostic: &Diagnostic, loaded: &Loaded, job: &CheckJob, input: &Input) -> bool {
    let (Some(only), Anchor::Point(span) | Anchor::Line(span)) = (&job.only, &diagnostic.anchor)
    else {
        return true;
    };
    let path = &loaded.sources.file(span.file).path;
    let path = folded(&input.absolute(Path::new(path)));
    only.iter().any(|file| folded(file) == path)
}

fn tell_part(
    root: &str,
    files: usize,
    hidden: usize,
    console: &mut Console,
) -> Result<(), Failure> {
    let verb = if files == 1 { "is" } else { "are" };
    let files = counted(files, "file");
    write!(
        console.stdout,
        "{files} {verb} part of the schema of {root}"
    )?;
    if hidden > 0 {
        let errors = counted(hidden, "error");
        write!(console.stdout, ", which has {errors} elsewhere")?;
    }
    writeln!(console.stdout)?;
    Ok(())
}
