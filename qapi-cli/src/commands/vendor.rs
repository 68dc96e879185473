//! `qapi vendor`: the schema files of QEMU's sources, for use in another project.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use qapi_parser::Loaded;
use qapi_parser::diag::Code;

use crate::console::{Console, counted};
use crate::qemu_source::{QemuSource, normalized};
use crate::status::{Failure, Status};

/// Copy the schema files out of QEMU's sources
///
/// SOURCE is a release tarball of QEMU (.tar.xz, .tar.gz, .tar) or an unpacked source tree. The schema files are
/// copied unchanged, under the same paths, together with QEMU's licence texts. NOTICE.md records the version and the
/// licence.
///
/// All of DIR is replaced. It must be new, empty, or written by an earlier run of this command.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi vendor qemu-10.2.2.tar.xz --out schemas/qemu
  qapi vendor ~/src/qemu --out schemas/qemu --interface qmp
  qapi generate schemas/qemu/qapi/qapi-schema.json --out-dir src/qmp

Exit status:
  0  done
  2  wrong usage, a SOURCE that is not QEMU's, or a file that cannot be read or written")]
pub(crate) struct VendorOpts {
    /// A release tarball or source tree of QEMU
    #[arg(value_name = "SOURCE")]
    source: PathBuf,
    /// Directory for the files; created if it does not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Schemas to copy; by default, all that the sources have
    #[arg(
        long = "interface",
        value_enum,
        value_name = "NAME,…",
        value_delimiter = ','
    )]
    interfaces: Vec<Interface>,
}

/// A schema of QEMU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Interface {
    /// The machine protocol
    Qmp,
    /// The guest agent
    GuestAgent,
    /// The storage daemon
    StorageDaemon,
}

impl Interface {
    const ALL: [Self; 3] = [Self::Qmp, Self::GuestAgent, Self::StorageDaemon];

    fn title(self) -> &'static str {
        match self {
            Self::Qmp => "QMP",
            Self::GuestAgent => "guest agent",
            Self::StorageDaemon => "storage daemon",
        }
    }

    /// Returns the main file: where it is today, then where older releases had it.
    fn roots(self) -> &'static [&'static str] {
        match self {
            Self::Qmp => &["qapi/qapi-schema.json", "qapi-schema.json"],
            Self::GuestAgent => &["qga/qapi-schema.json", "qapi-schema-guest.json"],
            Self::StorageDaemon => &["storage-daemon/qapi/qapi-schema.json"],
        }
    }

    fn root(self, source: &QemuSource) -> Result<Option<&'static str>, Failure> {
        for root in self.roots() {
            if source.file(root)?.is_some() {
                return Ok(Some(root));
            }
        }
        Ok(None)
    }
}

/// The first line of the notice, which marks a directory that may be replaced.
const NOTICE_TITLE: &str = "# Schemas of QEMU";
const NOTICE: &str = "NOTICE.md";

/// Copies the files.
pub(crate) fn run(opts: &VendorOpts, console: &mut Console) -> Result<Status, Failure> {
    let source = QemuSource::open(&opts.source)?;
    let roots = roots(&source, opts)?;
    let mut files = BTreeMap::new();
    for root in roots.values() {
        for path in schema_files(&source, root)? {
            let bytes = source.file(&path)?.unwrap_or_default();
            files.insert(path, bytes);
        }
    }
    let count = files.len();
    for name in ["COPYING", "LICENSE"] {
        files.extend(source.file(name)?.map(|text| (name.to_owned(), text)));
    }
    let version = version(&source)?;
    files.insert(NOTICE.to_owned(), notice(version.as_deref(), &roots).into());
    replace(&opts.out, &files)?;
    if !console.quiet {
        let version = version.as_deref().unwrap_or("of an unknown version");
        writeln!(
            console.stderr,
            "copied {} of QEMU {version} to {}",
            counted(count, "schema file"),
            opts.out.display()
        )?;
    }
    for root in roots.values() {
        writeln!(console.stdout, "{}", opts.out.join(root).display())?;
    }
    Ok(Status::Clean)
}

/// Returns the main file of each schema that is wanted.
fn roots(
    source: &QemuSource,
    opts: &VendorOpts,
) -> Result<BTreeMap<Interface, &'static str>, Failure> {
    let mut roots = BTreeMap::new();
    for interface in Interface::ALL {
        roots.extend(interface.root(source)?.map(|root| (interface, root)));
    }
    let path = opts.source.display();
    if roots.is_empty() {
        return Err(Failure::new(format_args!(
            "{path} does not contain QEMU's sources: it has no {}",
            Interface::Qmp.roots()[0]
        )));
    }
    if let Some(missing) = opts.interfaces.iter().find(|it| !roots.contains_key(it)) {
        let titles: Vec<_> = roots.keys().map(|interface| interface.title()).collect();
        return Err(Failure::new(format_args!(
            "{path} has no schema of the {}; it has: {}",
            missing.title(),
            titles.join(", ")
        )));
    }
    if !opts.interfaces.is_empty() {
        roots.retain(|interface, _| opts.interfaces.contains(interface));
    }
    Ok(roots)
}

/// Returns the files of a schema: its main file and all included ones.
fn schema_files(source: &QemuSource, root: &str) -> Result<BTreeSet<String>, Failure> {
    let loaded = qapi_parser::load(Path::new(root), source, &qapi_parser::Options::default());
    if let Some(missing) = unreadable_include(&loaded) {
        return Err(Failure::new(missing));
    }
    let files = loaded.sources.files();
    let paths = files.filter_map(|(_, file)| normalized(Path::new(&file.path)));
    Ok(paths.collect())
}

/// Returns the error about the first file that a schema includes and that cannot be read. Other errors are for
/// `qapi check`: they do not make the copy incomplete.
fn unreadable_include(loaded: &Loaded) -> Option<String> {
    let is_unreadable = |code| [Code::FILE_READ, Code::INC_READ].contains(&code);
    let problem = loaded.diagnostics.iter().find(|it| is_unreadable(it.code));
    problem.map(|it| it.message.clone())
}

/// Returns the version that the sources say they are.
fn version(source: &QemuSource) -> Result<Option<String>, Failure> {
    let text = source.file("VERSION")?;
    let text = text.as_deref().map(String::from_utf8_lossy);
    let line = text
        .as_deref()
        .and_then(|text| text.lines().next())
        .map(str::trim);
    let is_version = |line: &&str| {
        !line.is_empty() && line.len() < 64 && line.bytes().all(|byte| byte.is_ascii_graphic())
    };
    Ok(line.filter(is_version).map(str::to_owned))
}

/// Returns the text that tells readers of another project's tree where these files are from.
fn notice(version: Option<&str>, roots: &BTreeMap<Interface, &str>) -> String {
    let mut text = String::from(NOTICE_TITLE);
    if let Some(version) = version {
        let _ = write!(text, " {version}");
    }
    text.push_str(
        "\n\nCopied unchanged by `qapi vendor`, which replaces this directory as a whole: do not edit.\n\n\
         | interface | main file |\n|---|---|\n",
    );
    for (interface, root) in roots {
        let _ = writeln!(text, "| {} | `{root}` |", interface.title());
    }
    text.push_str(
        "\nThese files are part of QEMU. Each is under the licence that it names. One that names none is under the GNU General \
         Public License, version 2 or later. `LICENSE` and `COPYING` are QEMU's own texts on that.\n",
    );
    text
}

/// Makes a directory hold these files and nothing else: they are written beside it, and replace it when all are
/// complete.
fn replace(out: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::cannot("write", out, &error);
    // Without a slash at the end, and with links resolved.
    let target = fs::canonicalize(out).unwrap_or_else(|_| out.components().collect());
    let staging = Staging::new(&target)?;
    check_replaceable(&target)?;
    for (name, bytes) in files {
        let path = staging.new.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&staging.new)).map_err(failed)?;
        fs::write(&path, bytes).map_err(failed)?;
    }
    staging.publish(&target).map_err(failed)
}

/// A directory beside the one to replace, which also keeps other runs from replacing it.
struct Staging {
    new: PathBuf,
    old: PathBuf,
}

impl Staging {
    fn new(target: &Path) -> Result<Self, Failure> {
        let beside = |end: &str| {
            let mut path = target.as_os_str().to_owned();
            path.push(end);
            PathBuf::from(path)
        };
        let (new, old) = (beside(".vendor-new"), beside(".vendor-old"));
        let failed = |error: io::Error| {
            Failure::new(format_args!("cannot create {}: {error}", new.display()))
        };
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        match fs::create_dir(&new) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Failure::new(format_args!(
                    "{} exists: another run is at work, or was killed; in that case remove it",
                    new.display()
                )));
            }
            Err(error) => return Err(failed(error)),
        }
        // A run was killed between removing the old directory and moving the new one.
        if old.exists() && !target.exists() {
            fs::rename(&old, target).map_err(failed)?;
        }
        Ok(Self { new, old })
    }

    fn publish(&self, target: &Path) -> io::Result<()> {
        let existed = target.exists();
        if existed {
            fs::rename(target, &self.old)?;
        }
        if let Err(error) = fs::rename(&self.new, target) {
            if existed {
                fs::rename(&self.old, target)?;
            }
            return Err(error);
        }
        if existed {
            fs::remove_dir_all(&self.old)?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // It no longer exists if it was published.
        let _ = fs::remove_dir_all(&self.new);
    }
}

/// Fails if a directory has anything in it that this command did not write.
fn check_replaceable(out: &Path) -> Result<(), Failure> {
    let is_ours = match fs::read_dir(out) {
        Ok(mut entries) => {
            let notice = fs::read(out.join(NOTICE)).unwrap_or_default();
            entries.next().is_none() || notice.starts_with(NOTICE_TITLE.as_bytes())
        }
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if is_ours {
        return Ok(());
    }
    Err(Failure::new(format_args!(
        "{} exists and was not written by `qapi vendor`; choose another directory, or remove it",
        out.display()
    )))
}
