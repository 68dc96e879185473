//! The source of options besides the command line: the configuration file (docs/reference/agent-behaviour.md
//! §1.2).

pub(crate) mod key_file;

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use self::key_file::{Entry, SyntaxError};
use crate::platform::own_file;
use crate::platform::places::CONFIGURATION;

/// The only group with meaning.
const GROUP: &str = "general";

/// More than any configuration; a device or a log given by mistake must not fill the memory.
const SIZE_LIMIT: u64 = 1024 * 1024;

/// Values of options from one source; `None` or empty if not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) daemon: Option<bool>,
    pub(crate) method: Option<String>,
    pub(crate) path: Option<PathBuf>,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) pid_file: Option<PathBuf>,
    pub(crate) freeze_hook: Option<PathBuf>,
    /// In seconds, as are the next two; 0 is forever.
    pub(crate) max_freeze_time: Option<u32>,
    pub(crate) max_hook_time: Option<u32>,
    pub(crate) max_idle_time: Option<u32>,
    /// As it was written.
    pub(crate) vsock_peers: Option<String>,
    pub(crate) policy: Option<PathBuf>,
    pub(crate) policy_dry_run: Option<bool>,
    pub(crate) state_directory: Option<PathBuf>,
    pub(crate) verbose: Option<bool>,
    pub(crate) retry_path: Option<bool>,
    /// One text per occurrence, as it was written.
    pub(crate) block: Vec<String>,
    pub(crate) allow: Vec<String>,
    /// Warnings for the administrator about this source.
    pub(crate) warnings: Vec<String>,
}

impl Options {
    /// These options, overridden by those of a stronger source. Lists are joined.
    pub(crate) fn overridden_by(self, stronger: Self) -> Self {
        let joined = |mut ours: Vec<String>, theirs| {
            ours.extend::<Vec<_>>(theirs);
            ours
        };
        Self {
            daemon: stronger.daemon.or(self.daemon),
            method: stronger.method.or(self.method),
            path: stronger.path.or(self.path),
            log_file: stronger.log_file.or(self.log_file),
            pid_file: stronger.pid_file.or(self.pid_file),
            freeze_hook: stronger.freeze_hook.or(self.freeze_hook),
            max_freeze_time: stronger.max_freeze_time.or(self.max_freeze_time),
            max_hook_time: stronger.max_hook_time.or(self.max_hook_time),
            max_idle_time: stronger.max_idle_time.or(self.max_idle_time),
            vsock_peers: stronger.vsock_peers.or(self.vsock_peers),
            policy: stronger.policy.or(self.policy),
            policy_dry_run: stronger.policy_dry_run.or(self.policy_dry_run),
            state_directory: stronger.state_directory.or(self.state_directory),
            verbose: stronger.verbose.or(self.verbose),
            retry_path: stronger.retry_path.or(self.retry_path),
            block: joined(self.block, stronger.block),
            allow: joined(self.allow, stronger.allow),
            warnings: joined(self.warnings, stronger.warnings),
        }
    }
}

/// The configuration file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    /// True if its absence is an error.
    required: bool,
}

impl ConfigFile {
    /// Returns the file named with `--config`, or else by the environment variable `QGA_CONF`, or else the
    /// system's. Only the first must exist.
    pub(crate) fn new(option: Option<PathBuf>, variable: Option<OsString>) -> Self {
        match option {
            Some(path) => Self {
                path,
                required: true,
            },
            None => Self {
                path: variable.map_or_else(|| CONFIGURATION.into(), PathBuf::from),
                required: false,
            },
        }
    }

    /// Reads it. Returns a text for the administrator.
    pub(crate) fn load(&self) -> Result<Options, String> {
        let failed = |reason: String| {
            let path = self.path.display();
            format!("error loading configuration from path: {path}, {reason}")
        };
        match read(&self.path) {
            Ok(text) => parse(&text, &self.path).map_err(|error| failed(error.to_string())),
            Err((ErrorKind::NotFound, _)) if !self.required => Ok(Options::default()),
            Err((_, reason)) => Err(failed(reason)),
        }
    }
}

/// Reads a file of settings, if it is one and of a size that one may have.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, (ErrorKind, String)> {
    let failed = |error: std::io::Error| (error.kind(), error.to_string());
    let unfit = |reason: &str| Err((ErrorKind::InvalidInput, reason.to_owned()));
    let kind = std::fs::metadata(path).map_err(failed)?.file_type();
    // Opening a FIFO would wait for a writer.
    if !own_file::is_read_at_once(kind) {
        return unfit("it is not a regular file");
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(SIZE_LIMIT + 1)
        .read_to_end(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > SIZE_LIMIT {
        return unfit("it is larger than 1 MiB");
    }
    Ok(text)
}

fn parse(text: &[u8], path: &Path) -> Result<Options, SyntaxError> {
    let mut options = Options::default();
    // Of several values of one key the last counts, for lists, too.
    let (mut block, mut old_block, mut allow) = (None, None, None);
    for entry in key_file::parse(text)? {
        let mut warn = |what: String| {
            let warning = format!("{}, line {}: {what}", path.display(), entry.line);
            options.warnings.push(warning);
        };
        if entry.group != GROUP {
            warn(format!(
                "`{}` in group `{}` has no effect: only group `{GROUP}` is read",
                entry.key, entry.group
            ));
            continue;
        }
        let file = |entry: &Entry<'_>| entry.string().map(|path| Some(PathBuf::from(path)));
        match entry.key {
            "daemon" => options.daemon = Some(entry.boolean()?),
            "method" => options.method = Some(entry.string()?),
            "path" => options.path = file(&entry)?,
            "logfile" => options.log_file = file(&entry)?,
            "pidfile" => options.pid_file = file(&entry)?,
            "fsfreeze-hook" => options.freeze_hook = file(&entry)?,
            "max-freeze-time" => options.max_freeze_time = Some(entry.seconds()?),
            "max-hook-time" => options.max_hook_time = Some(entry.seconds()?),
            "max-idle-time" => options.max_idle_time = Some(entry.seconds()?),
            "vsock-peers" => options.vsock_peers = Some(entry.string()?),
            "policy" => options.policy = file(&entry)?,
            "policy-dry-run" => options.policy_dry_run = Some(entry.boolean()?),
            "statedir" => options.state_directory = file(&entry)?,
            "verbose" => options.verbose = Some(entry.boolean()?),
            "retry-path" => options.retry_path = Some(entry.boolean()?),
            "block-rpcs" => block = Some(entry.string()?),
            "allow-rpcs" => allow = Some(entry.string()?),
            "blacklist" => {
                old_block = Some(entry.string()?);
                warn("`blacklist` is an old spelling of `block-rpcs`".to_owned());
            }
            "daemonize" => warn("`daemonize` has no effect: the key is `daemon`".to_owned()),
            key => warn(format!("`{key}` is not a known key: it has no effect")),
        }
    }
    options.block = old_block.into_iter().chain(block).collect();
    options.allow = allow.into_iter().collect();
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Options {
        parse(text.as_bytes(), Path::new("conf")).unwrap()
    }

    #[test]
    fn every_key_has_its_option() {
        let text = "[general]\ndaemon=1\nmethod=isa-serial\npath=/p\nlogfile=/l\npidfile=/i\n\
                    fsfreeze-hook=/h\nstatedir=/s\nverbose=true\nretry-path=true\n\
                    block-rpcs=a;b\nallow-rpcs=c,d\nmax-freeze-time=60\nmax-hook-time=7\n\
                    max-idle-time=9\nvsock-peers=2,3\npolicy=/o\npolicy-dry-run=1\n";
        let expected = Options {
            daemon: Some(true),
            method: Some("isa-serial".to_owned()),
            path: Some("/p".into()),
            log_file: Some("/l".into()),
            pid_file: Some("/i".into()),
            freeze_hook: Some("/h".into()),
            max_freeze_time: Some(60),
            max_hook_time: Some(7),
            max_idle_time: Some(9),
            vsock_peers: Some("2,3".to_owned()),
            policy: Some("/o".into()),
            policy_dry_run: Some(true),
            state_directory: Some("/s".into()),
            verbose: Some(true),
            retry_path: Some(true),
            block: vec!["a;b".to_owned()],
            allow: vec!["c,d".to_owned()],
            warnings: Vec::new(),
        };
        assert_eq!(parsed(text), expected);
        assert_eq!(parsed("# nothing\n"), Options::default());
    }

    #[test]
    fn the_last_value_of_a_key_counts() {
        let options =
            parsed("[general]\nblock-rpcs=a\nverbose=1\n[general]\nverbose=0\nblock-rpcs=b");
        assert_eq!(options.block, ["b"]);
        assert_eq!(options.verbose, Some(false));
    }

    #[test]
    fn options_without_effect_cause_warnings_and_old_spellings_count() {
        let options =
            parsed("[general]\nblacklist=a\nblock-rpcs=b\ndaemonize=1\nblock_rpcs=c\n[x]\npath=y");
        assert_eq!(options.block, ["a", "b"]);
        assert_eq!(options.daemon, None);
        assert_eq!(options.path, None);
        assert_eq!(
            options.warnings,
            [
                "conf, line 2: `blacklist` is an old spelling of `block-rpcs`",
                "conf, line 4: `daemonize` has no effect: the key is `daemon`",
                "conf, line 5: `block_rpcs` is not a known key: it has no effect",
                "conf, line 7: `path` in group `x` has no effect: only group `general` is read",
            ]
        );
    }

    #[test]
    fn stronger_sources_override_values_and_extend_lists() {
        let file = parsed("[general]\nmethod=isa-serial\npath=/p\nverbose=true\nblock-rpcs=a");
        let line = Options {
            path: Some("/q".into()),
            daemon: Some(true),
            block: vec!["b".to_owned()],
            ..Options::default()
        };
        let options = file.overridden_by(line);
        assert_eq!(options.method.as_deref(), Some("isa-serial"));
        assert_eq!(options.path, Some("/q".into()));
        assert_eq!((options.daemon, options.verbose), (Some(true), Some(true)));
        assert_eq!(options.block, ["a", "b"]);
    }

    #[test]
    fn only_the_file_of_the_option_must_exist() {
        let missing = PathBuf::from("/nonexistent/conf");
        let by_variable = ConfigFile::new(None, Some(missing.clone().into()));
        assert_eq!(by_variable.load(), Ok(Options::default()));
        let error = ConfigFile::new(Some(missing), Some("/dev/null".into()))
            .load()
            .unwrap_err();
        let start = "error loading configuration from path: /nonexistent/conf, ";
        assert!(error.starts_with(start), "{error}");
        assert_eq!(ConfigFile::new(None, None).path, Path::new(CONFIGURATION));
    }

    #[test]
    fn folders_devices_and_endless_files_are_rejected() {
        for (path, reason) in [
            ("/", "not a regular file"),
            ("/dev/zero", "larger than 1 MiB"),
        ] {
            let error = ConfigFile::new(None, Some(path.into())).load().unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        let nothing = ConfigFile::new(Some("/dev/null".into()), None);
        assert_eq!(nothing.load(), Ok(Options::default()));
    }
}
